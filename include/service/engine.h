/*
 * The sync engine of the branch (送受信): one idempotent round — greet, push, pull — repeated, driven by time and by
 * the answers of the link child. It owns no socket, no thread and no timer: its owner hands it the answers, asks it
 * when it wants to be called again, and carries its questions. Everything it learns is committed before the next
 * question, results with their owners' rows, feed pages with the cursor. While the counter is stopped it pulls but does
 * not push. Source: spec sync §2.4, §2.8, §2.11, §2.12; standard §2.1.
 */
#ifndef SERVICE_ENGINE_H
#define SERVICE_ENGINE_H

#include "crypto/keys.h"
#include "service/linkmsg.h"
#include "service/service.h"

struct engine;

struct engine_options {
    struct service *svc; /* its store, rules, clock and identity */
    const char *branch;  /* name in our certificate */
    bool trial;
    const char *app;        /* program version */
    const char *side_file;  /* of the incarnation */
    const char *store_path; /* for the free space that the host is told */
    const struct key *host; /* host-pub; borrowed. NULL before the registration: engine_use_host */
    const struct alg_policy *policy;
    void (*ask)(void *self, const struct link_ask *); /* one at a time */
    /* From 0 to bound - 1: retries must not come in step. */
    uint32_t (*random)(void *self, uint32_t bound);
    void *self;
};

/* Registers the outbox's encoding, opens the incarnation, returns what was in flight to pending. A store that is a copy
 * still opens: it pulls, and nothing may be entered. */
enum err engine_new(const struct engine_options *, struct engine **ret, struct errinfo *) NODISCARD;
void engine_free(struct engine *);

/* The host's public key, once there is one. */
void engine_use_host(struct engine *, const struct key *);
void engine_link_up(struct engine *, const struct link_ready *); /* the child runs */
void engine_link_down(struct engine *, const char *why);         /* it is gone, or cannot work */
/* Another certificate will come up: what was wrong with the one before is forgotten. */
void engine_link_anew(struct engine *);
/* The answer to the last question. */
void engine_answer(struct engine *, const struct link_answer *);
/* Something was added to the outbox: a round at once. */
void engine_wake(struct engine *);
/* Milliseconds until it wants engine_tick, from now; 0 = at once. */
int64_t engine_due(const struct engine *);
void engine_tick(struct engine *);

/* A round at the operator's wish, waiting periods disregarded. */
void engine_round_now(struct engine *);
/* Loads the whole register anew (R2). Goes on by itself when one is on its way. */
void engine_load(struct engine *);

enum engine_host { HOST_UNKNOWN, HOST_OK, HOST_DOWN };
struct engine_status {
    enum engine_host host;
    enum link_class class; /* of the last answer */
    char trouble[24];      /* message id of what a person must look at, "" = nothing */
    char why[160];         /* for the log and the system administrator */
    bool busy;             /* a round or a load is under way */
    int64_t answered_ms;   /* wall: last answer */
    int64_t next_ms;       /* until the next attempt */
    int64_t missed;        /* heartbeats in a row without an answer */
    int64_t answers;       /* answered in a row */
    int64_t stable_ms;     /* and for how long */
    bool level;            /* the copy has all that the host had when it last answered, in this run of answers */
    int64_t skew_ms;
    int64_t cert_until_ms;
    bool loading;
    int64_t load_done, load_total, load_per_s; /* bytes */
};
void engine_status(const struct engine *, struct engine_status *ret);
const char *engine_host_name(enum engine_host); /* "ok", "down", "unknown" */

#endif
