/*
 * An instance (設置): the directory in which a branch, a host or both keep everything, and instance.conf, which says
 * what it is. Where a file lies and who may read it is one table. Never holds a secret; instance.conf may be read by
 * every account of the machine.
 */
#ifndef APP_INSTANCE_H
#define APP_INSTANCE_H

#include "base/err.h"

enum place {
    PLACE_CONF,        /* instance.conf */
    PLACE_BRANCH,      /* everything of the branch */
    PLACE_STORE,       /* 保存庫 */
    PLACE_INCARNATION, /* side file of the random incarnation */
    PLACE_BRANCH_KEYS,
    PLACE_BRANCH_RUN,
    PLACE_SOCKET, /* of the service */
    PLACE_BRANCH_PID,
    PLACE_CHECK_KEY, /* of the check codes of certificates */
    PLACE_SEAL,      /* 公印: pictures of this municipality */
    PLACE_SPOOL,     /* print jobs on their way */
    PLACE_OUT,       /* what the directory printer made */
    PLACE_BACKUP,    /* copies of the store with their manifests */
    PLACE_BRANCH_CLOCK,
    PLACE_BRANCH_LOG,
    PLACE_HOST, /* everything of the host */
    PLACE_HOST_STORE,
    PLACE_HOST_KEYS,
    PLACE_HOST_CA,
    PLACE_HOST_RUN,
    PLACE_HOST_SOCKET, /* of the host's administration */
    PLACE_HOST_PID,
    PLACE_HOST_CLOCK,
    PLACE_HOST_LOG,
    PLACES
};

/* Values of parameters that this office sets itself (form/catalog.h); need not be there. */
#define INSTANCE_PARAMETERS "parameters.conf"

struct place_facts {
    const char *path; /* within the instance */
    unsigned type;    /* S_IFDIR, S_IFREG or S_IFSOCK */
    unsigned mode;    /* with which it is made */
    unsigned widest;  /* more permissions than these are a finding of `madoguchi-ctl verify` */
};
const struct place_facts *place_facts(enum place);
/* Full path; caller frees. */
char *place_path(const char *dir, enum place) __attribute__((returns_nonnull));
/* Makes a directory of the table with its mode; nothing when it is there. */
enum err place_make(const char *dir, enum place, struct errinfo *) NODISCARD;
/* Is the directory ours, and can nobody else put files into it? E_DENIED otherwise. */
enum err place_safe(const char *dir, enum place, struct errinfo *) NODISCARD;
/* Where an instance is when nobody says: ~/.local/share/madoguchi. Caller frees. */
char *instance_default_dir(void) __attribute__((returns_nonnull));

/* instance.conf, "key = value". No member is NULL; what a machine does not need is empty. */
struct instance {
    char *city_code;   /* 全国地方公共団体コード without its check digit: 5 digits, as CITY_CODE */
    char *city_name;   /* 市区町村名 */
    char *office;      /* 支所コード; also the name in the branch's certificate */
    char *office_name; /* 支所名 */
    char *terminal;    /* 端末番号 */
    bool trial;        /* 試行環境: settable clock, own authority, SPECIMEN on every paper */
    char *host_url;    /* https://… of the host */
    char *host_name;   /* name in the host's certificate, or empty: any host of this authority */
    char *host_listen; /* address:port on which madoguchi-hostd listens */
};

/* Strict: an unknown or repeated key, a missing one that every instance has (city_code, trial) and a value of another
 * form are E_INVALID with file and line. E_NOTFOUND: there is no instance in dir. */
enum err instance_load(const char *dir, struct instance *ret, struct errinfo *) NODISCARD;
/* Writes DIR/instance.conf whole or not at all; refuses (E_INVALID) what instance_load would. NULL members are empty.
 */
enum err instance_save(const char *dir, const struct instance *, struct errinfo *) NODISCARD;
void instance_done(struct instance *);

#endif
