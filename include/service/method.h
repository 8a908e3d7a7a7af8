/*
 * Methods of the service: one table per noun (m_NOUN.c in its folder), collected in src/service/methods.def. A row
 * says who may (data/permissions.tsv, by its name), in which state of the counter, with which parameters, and how it is
 * logged; the handler is the use case and nothing else. docs/service-api.md is printed from the rows.
 */
#ifndef SERVICE_METHOD_H
#define SERVICE_METHOD_H

#include "base/mem.h"
#include "service/service.h"
#include "store/operator.h"

enum param_type {
    P_TEXT,   /* max: characters (1..); forbidden characters are refused */
    P_SECRET, /* as P_TEXT; never logged, not even as a digest */
    P_ID,     /* letters, digits, '-', '_', '.'; max: bytes */
    P_INT,    /* 0..max */
    P_BOOL,
    P_DAY,    /* "2026-07-01" */
    P_LIST,   /* max: elements, each as the first of `of` */
    P_OBJECT, /* members as `of`; max unused */
    P_MAP,    /* any names (P_ID), texts of at most max characters */
    P_TYPES
};
struct param_spec { /* lists end with name NULL */
    const char *name;
    enum param_type type;
    bool required;
    int64_t max;
    const struct param_spec *of;
};

/* States of the counter in which a method is allowed: 1 << enum counter_state. */
enum in_state {
    IN_NORMAL = 1,      /* 通常 */
    IN_SUSPECT = 2,     /* 障害疑い(暫定停止) */
    IN_OUTAGE = 4,      /* 作動停止中 */
    IN_RECOVERING = 8,  /* 復旧処理中 */
    IN_RECONCILED = 16, /* 照合済 */
    IN_ANY = 31
};

enum method_flag {
    M_BEFORE_LOGIN = 1, /* anybody who may connect */
    M_LOOKUP = 2,       /* shows personal data: the log row is durable before the answer leaves */
    M_QUIET = 4,        /* shows none and changes nothing: logged only when refused; no transaction */
    M_BACKGROUND = 8,   /* asked by the program itself: does not count as activity of the operator */
    M_LOCKED = 16,      /* allowed while the screen is locked */
    M_EXPIRED = 32,     /* allowed while the password must be changed first */
    M_SEARCH = 64       /* counted against SEARCH_PER_MIN and SEARCH_PER_H of the operator */
};

struct call;

struct method {
    const char *name;    /* "resident.get": also the row of data/permissions.tsv */
    const char *summary; /* Japanese, one line */
    const char *result;  /* members of the result, for the reference */
    const char *action;  /* word of the log: view, list, print, add, change, delete, login, config, export … */
    unsigned states, flags;
    const struct param_spec *params; /* NULL: none */
    enum err (*run)(struct call *, struct errinfo *);
    /* The answer may wait for the host: asked after the commit, on every service_poke, and at last with `late` when
     * call->wait_ms is over. True lets it go; it may change the result. NULL: at once. */
    bool (*ready)(struct call *, bool late);
};

struct method_table {
    const struct method *m;
    size_t n;
};
#define METHOD_TABLE(name) const struct method_table name = { name##_rows, ARRAY_LEN(name##_rows) }

/* One request on its way through the gate. Handlers use the functions below. */
struct call {
    struct service *svc;
    struct session *session;
    const struct method *method;
    const json_t *params;             /* checked: only declared members, of the declared types */
    json_t *result;                   /* an object the handler fills */
    struct arena *arena;              /* lives until the answer has left, then wiped */
    struct oplog log;                 /* what the log row will say; texts from the arena or constants */
    int64_t now_ms;                   /* wall clock when the call came in */
    int64_t wait_ms;                  /* how long `ready` may hold the answer back */
    void (*committed)(struct call *); /* after the commit, before the answer: session state and the like */
    void *state;                      /* of the handler, from the arena */
    void (*release)(struct call *);   /* when the call ends, answered or dropped; NULL: nothing to give back */
    struct call_internal *internal;
};

/* Parameters. Absent: "" / otherwise / false / NULL. */
const char *call_text(const struct call *, const char *name) __attribute__((returns_nonnull));
int64_t call_int(const struct call *, const char *name, int64_t otherwise);
bool call_bool(const struct call *, const char *name);
json_t *call_json(const struct call *, const char *name); /* borrowed */
bool call_has(const struct call *, const char *name);

/* Who asks. */
const char *call_operator(const struct call *);
bool call_has_role(const struct call *, enum role);
bool call_may(const struct call *, const char *method);      /* permission of the operator for another method */
bool call_may_view(const struct call *, unsigned attr_view); /* 表示制限: the base view is always allowed */
int64_t call_now(const struct call *);                       /* wall clock, ms; the same during one call */
struct date call_today(const struct call *);                 /* in Japan */

/* Log row: adds a person who is shown or changed (once each). */
void call_subject(struct call *, const char *person_id);

/* One row of the log for a part of a call that does several things, about those who were added by call_subject since
 * the last part; the call's own row comes behind. Inside its transaction. `ticket` and `detail` may be "". */
enum err call_log_part(struct call *, const char *ticket, const char *result, const char *detail, struct errinfo *);

/* Refuses with a message of data/messages.tsv. */
enum err call_refuse(struct errinfo *, enum err code, const char *msg, const char *item);

/* Members text and remedy: the message in the words of the table. */
void set_sentence(const struct service *, json_t *object, const char *msg, const char *item, const char *about);

/* A row of the log as it begins: who keeps it, and that all went well. Texts are borrowed until it is appended. */
struct oplog service_row(const struct service *, const char *function, const char *action);
/* Appends it; the clock of the next row is compared with it. Inside a transaction. */
enum err service_append(struct service *, struct oplog *, struct errinfo *) NODISCARD;
/* Both, for what the program does by itself. */
enum err service_note(struct service *, const char *function, const char *action, const char *result,
                      const char *detail, struct errinfo *) NODISCARD;
/* Counts a search of the operator as M_SEARCH does, for a method that searches only sometimes. E_BUSY S012. */
enum err usage_search(struct call *, struct errinfo *) NODISCARD;

/* JSON without failure paths. */
void set_text(json_t *object, const char *key, const char *value); /* NULL becomes "" */
void set_int(json_t *object, const char *key, int64_t);
void set_bool(json_t *object, const char *key, bool);
void set_time(json_t *object, const char *key, int64_t ms); /* "2026-07-01T09:00:00+09:00", "" for 0 */
json_t *set_object(json_t *object, const char *key) __attribute__((returns_nonnull)); /* borrowed */
json_t *set_list(json_t *object, const char *key) __attribute__((returns_nonnull));   /* borrowed */
json_t *add_object(json_t *list) __attribute__((returns_nonnull));                    /* appended; borrowed */
void add_text(json_t *list, const char *value);

/* All rows, in the order of methods.def. */
const struct method *method_find(const char *name); /* NULL when unknown */
void method_each(void (*cb)(void *arg, const struct method *), void *arg);
const char *param_type_name(enum param_type);

#endif
