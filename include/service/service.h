/*
 * The branch's service (業務サービス): every use case of the counter, with one gate in front. Whatever asks — the
 * counter, madoguchi-ctl, a test — comes through service_call: session, permission, state of the counter, parameter
 * types, transaction, handler, log row, commit, answer. No socket and no process in it: the daemon owns those.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "base/clock.h"
#include "domain/outage.h"
#include "domain/rulebook.h"
#include "service/backupport.h"
#include "service/paperport.h"
#include "service/proofport.h"
#include "store/db.h"
#include "store/oplog.h"
#include <jansson.h>
#include <sys/types.h>

struct cert_desk;
struct session;
struct manual;
struct permissions;
struct usage;
struct waiting;
struct commit_hook;
struct common_passwords;

struct service_identity { /* of this instance; borrowed for its life */
    const char *city_code, *office, *office_name, *terminal;
    bool trial; /* 試行: shown everywhere, clock may be set */
};

/* Password work as functions, so that neither the gate nor its tests depend on how verifiers are made. */
struct password_ops {
    enum err (*make)(const char *password, int iterations, char **ret_verifier, struct errinfo *);
    enum err (*check)(const char *password, const char *verifier, int iterations, bool *ret_ok, struct errinfo *);
    enum err (*random)(void *ret, size_t n, struct errinfo *);
};

struct service_options {
    struct db *db; /* open and migrated; stays the caller's */
    const struct rulebook *book;
    const char *data_dir; /* holds permissions.tsv and common-passwords.txt */
    struct service_identity identity;
    struct clock clock;
    struct password_ops passwords;
    uint8_t catalogue[DB_HASH]; /* digest of forms/ and data/: the rules in force */
};

/* Handlers read the members; only the framework changes them. */
struct service {
    struct db *db;
    const struct rulebook *book;
    struct clock clock;
    struct service_identity id;
    struct password_ops passwords;
    uint8_t catalogue[DB_HASH];
    uint8_t boot[OPLOG_BOOT]; /* drawn at every start */
    enum log_trust trust;     /* of the clock; the link sets it when the host's time was compared */
    int64_t last_log_ms;      /* wall clock of the last log row */
    struct manual *manual;
    struct permissions *permissions;
    struct common_passwords *common;
    struct session *sessions;  /* list */
    struct usage *usage;       /* list: what each operator has asked for lately */
    struct waiting *waiting;   /* answers that wait for the host */
    struct service_plug *plug; /* what the daemon's parts bring, below */
    struct commit_hook *hooks; /* list */
    struct cert_desk *certs;   /* rules of certificates, print jobs on their way */
};

/* What the daemon's parts bring; members may be NULL. `self` is that of the part that knows the host. */
struct engine;
struct service_plug {
    void *self;
    struct engine *engine;            /* carries news to and from the host: service/engine.h */
    const char *(*host)(void *self);  /* "ok", "down", "unknown" */
    const struct paper_port *paper;   /* draws and prints: service/paperport.h */
    const struct proof_port *proof;   /* works out passwords; NULL: password_ops, at once */
    const struct backup_port *backup; /* makes copies of the store */
    int64_t cert_until_ms;            /* end of the branch's certificate; 0: it has none */
};

/* Writes the start into the log. */
enum err service_open(const struct service_options *, struct service **ret, struct errinfo *) NODISCARD;
/* Ends every session without an answer. NULL allowed. */
void service_close(struct service *);
void service_plug(struct service *, struct service_plug *); /* borrowed */
/* Calls back after every commit of a method that changes something: the outbox or the print journal may hold news. */
void service_on_commit(struct service *, void (*cb)(void *arg), void *arg);

struct service_peer { /* of the socket: SO_PEERCRED */
    uid_t uid;
    pid_t pid;
};
/* One connection is one session (接続), first without an operator. */
struct session *session_open(struct service *, const struct service_peer *);
bool session_in_use(const struct session *); /* somebody has logged in */
/* Logs the operator out; answers that still wait are dropped. NULL allowed. */
void session_close(struct session *);

/* Takes {"id","method","params"} and answers exactly once, now or later, through `reply` (which owns the answer),
 * unless the session is closed before. */
void service_call(struct session *, const json_t *request, void (*reply)(void *arg, json_t *answer), void *arg);

/* Appends an answer as compact JSON text. */
void service_text(const json_t *answer, struct buf *ret);

/* Idle locks, ends of sessions, deadlines of waiting answers. Call every second. */
void service_tick(struct service *);
/* Something arrived from the host: answers that wait for it look again. */
void service_poke(struct service *);

/* From the store (meta "counter.state"); an unknown one counts as COUNTER_SUSPECT. */
enum counter_state service_counter_state(struct service *);

#endif
