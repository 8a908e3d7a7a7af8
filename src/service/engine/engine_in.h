/* What the files of the sync engine share. */
#ifndef SERVICE_ENGINE_IN_H
#define SERVICE_ENGINE_IN_H

#include "service/engine.h"
#include "store/incarnation.h"
#include "store/outbox_send.h"
#include "store/people.h"
#include "store/replica.h"

struct engine {
    struct engine_options o;
    struct service *svc;
    struct db *db;
    uint32_t schema;

    /* the link */
    bool ready;  /* a child that can work is there */
    bool asking; /* a question is out */
    enum link_ask_kind asked;
    enum engine_host host;
    struct link_ready hello_of;
    struct engine_status st; /* class, trouble, why, answered_ms: kept as told */

    /* time; monotonic */
    int64_t beat_at;    /* next heartbeat is due */
    int64_t not_before; /* no question but a heartbeat earlier than this */
    int64_t up_since;   /* first of the answers in a row */
    int64_t asked_at;
    bool answered; /* since the last heartbeat was due */
    int fails;     /* failures in a row, for the waiting time */
    int stale;     /* times in a row that the host knew something else */

    /* the round */
    bool greeted, want_push, want_pull;
    bool push_barred;       /* until a person has looked */
    bool foreign;           /* the host has another history of this branch: nothing is sent */
    bool recovering;        /* earlier lives of this store are brought back from the host */
    struct past_life past;  /* the one that was asked for */
    uint64_t received_upto; /* operations of this incarnation that the host holds; of the wire */
    uint64_t sent_first, sent_last;
    uint32_t batch_ops, batch_bytes, feed_bytes, rate;
    uint64_t feed_head;
    bool level;                 /* the copy has all up to feed_head, since the host answers again */
    int64_t list_ms;            /* restriction list is true as of this once feed_head is read */
    struct oplog_head log_sent; /* the head that was in the greeting */
    int64_t log_known;          /* where the host signed the log last */
    struct hello hello;

    /* a full copy on its way */
    bool want_load, loading;
    bool behind; /* the feed cannot bring the copy up to date: a full one comes first */
    struct manifest m;
    int64_t chunk; /* being asked for */
    struct people_bulk *bulk;
    int64_t load_bytes, load_have; /* total, and taken over */
    int64_t load_since, load_base; /* when this process began, and with what */
};

int64_t engine_mono(const struct engine *);
int64_t engine_wall(const struct engine *);
/* Something a person has to look at; msg "" takes it back. */
void engine_trouble(struct engine *, const char *msg, const char *why);
/* Sends the question; the engine waits for its answer. */
void engine_ask(struct engine *, const struct link_ask *);
/* The store has failed under us: nothing more until it is opened again. */
void engine_store_failed(struct engine *, const char *what, const struct errinfo *);

/* engine_codec.c: how operations become bytes, and how an operation is shown to its owner. */
void engine_use_codec(struct engine *);

/* engine_hello.c */
void engine_ask_hello(struct engine *);
/* E_DENIED with a message id when the round must not go on; trouble is set then. */
enum err engine_welcome(struct engine *, struct span body, struct errinfo *) NODISCARD;

/* engine_push.c */
bool engine_may_push(struct engine *);
/* False when there is nothing to send. */
bool engine_ask_ops(struct engine *);
enum err engine_results(struct engine *, struct span body, struct errinfo *) NODISCARD;
/* One result, of a batch or of the feed, of the life that began behind `start`, inside a transaction. Whoever waits for
 * an operation that was applied is told when the rows it made are in the copy, not earlier: what reads 反映済 prints as
 * such. */
enum err engine_take_result(struct engine *, int64_t start, const struct result *, struct errinfo *) NODISCARD;
/* An operation that was lost here, and that the host has applied: its owners are told. */
enum err engine_tell_lost(struct engine *, struct span op, const struct result *, struct errinfo *) NODISCARD;
/* The copy is complete up to `cursor`: tells the owners of what awaited that. In the transaction that moves the cursor.
 */
enum err engine_tell_arrived(struct engine *, int64_t cursor, struct errinfo *) NODISCARD;

/* engine_pull.c */
void engine_ask_feed(struct engine *);
enum err engine_page(struct engine *, struct span body, struct errinfo *) NODISCARD;
/* One entry of a page or a chunk, inside a transaction; bulk may be NULL. */
enum err engine_apply(struct engine *, const struct feed_entry *, struct people_bulk *, struct errinfo *) NODISCARD;

/* engine_back.c */
/* At start: goes on with what was under way. */
enum err engine_back_resume(struct engine *, struct errinfo *) NODISCARD;
/* The link has shown its certificate: a new one lifts a block, after what the host holds was brought back. */
enum err engine_back_certified(struct engine *, const char *serial, struct errinfo *) NODISCARD;
/* False when there is nothing left to ask: the store is open again then. */
bool engine_ask_back(struct engine *);
enum err engine_life(struct engine *, struct span body, struct errinfo *) NODISCARD;

/* engine_load.c */
enum err engine_load_resume(struct engine *, struct errinfo *) NODISCARD;
void engine_load_drop(struct engine *);
void engine_ask_load(struct engine *);
enum err engine_manifest(struct engine *, struct span body, struct errinfo *) NODISCARD;
enum err engine_chunk(struct engine *, struct span body, struct errinfo *) NODISCARD;
void engine_load_forget(struct engine *); /* frees what is held in memory */

/* engine_watch.c */
/* A heartbeat was due: counts what is missing, and suspects a stop when it is enough. */
void engine_beat(struct engine *);
void engine_heard(struct engine *);
/* A row of the operation log for what the program did by itself. Inside a transaction. */
enum err engine_log(struct engine *, const char *function, const char *action, const char *ticket, const char *detail,
                    struct errinfo *) NODISCARD;

#endif
