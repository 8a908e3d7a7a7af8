/*
 * A municipality in one process: the real host and real branches (store, service, sync engine), between them a line
 * that loses, repeats, delays and cuts, and a clock that only the test moves. The line stands in for the link child:
 * it signs and classifies as that does. One seed is one course of events.
 */
#ifndef TESTS_SYSTEM_SYNC_CITY_H
#define TESTS_SYSTEM_SYNC_CITY_H

#include "crypto/ca.h"
#include "service/engine.h"
#include "store/outbox.h"

#define CITY_NOW      INT64_C(1782864000000) /* 2026-07-01 09:00 JST */
#define CITY_BRANCHES 3
#define CITY_PEOPLE   40

struct host;

/* What becomes of one question. */
enum mishap {
    FINE,
    LOST,       /* never reaches the host */
    UNANSWERED, /* done, but the answer is lost */
    TWICE,      /* delivered twice */
    CRASH,      /* the branch dies after it was done, before the answer is stored */
    CRASH_BEFORE,
    HOST_DIES, /* the host dies before it, and comes back */
    OLD_AGAIN, /* an earlier batch of this branch arrives once more */
    MISHAPS
};

struct city;
struct office {
    struct city *city;
    char name[8];
    char *dir, *store_path, *side_file;
    struct key *key;
    struct db *db;
    struct service *svc;
    struct engine *engine;
    struct service_plug plug;
    bool asked;         /* a question is on its way */
    const char *serial; /* of its certificate */
    struct buf question;
    struct buf *sent; /* every batch that was ever sent */
    size_t n_sent;
    int64_t entered; /* operations whose commit was acknowledged */
    bool cut;        /* the line is down */
    unsigned lost;   /* bits of link_ask_kind: such questions never reach the host */
    unsigned mute;   /* the same: they do, and the answer is lost */
    unsigned gone;   /* the same: the host no longer reaches back so far; from then on they are lost */
};

struct city {
    char *dir, *host_db;
    int64_t wall_ms, mono_ms;
    unsigned seed;
    struct rulebook *book;
    struct alg_policy policy;
    struct host *host;
    struct ca *ca;
    struct key *host_pub;
    struct office office[CITY_BRANCHES];
    int mishap_percent;
    unsigned count[MISHAPS];
    void (*look)(struct office *); /* after each delivery; may be NULL */
};

void city_open(struct city *, unsigned seed);
void city_close(struct city *);

void office_open(struct city *, struct office *);  /* starts the branch again after office_crash */
void office_enrol(struct city *, struct office *); /* another key and certificate; `serial` is the caller's */
void office_crash(struct office *);

void host_down_and_up(struct city *);
/* Copies the host's database; puts the copy in its place again, with or without a new epoch. */
void host_keep(struct city *, const char *name);
void host_put_back(struct city *, const char *name, bool new_epoch);

/* Goes on until nothing is under way and every branch has had its turn; at most so long (simulated). */
void city_run(struct city *, int64_t ms);
unsigned city_random(struct city *, unsigned bound);

/* 転居 of person 1..CITY_PEOPLE, decided at this branch on what it knows; answers the outbox number (0: it waits for
 * the replay). The transaction is committed. */
int64_t office_moves(struct office *, int person, const char *lot);
/* ---- through the gate: operators "clk1", "clk2", "sup1", "sup2", "bm1", "rsp1", "sys1" ---- */

#define CITY_PASSWORD "asagao no hana 42"
struct session;
struct session *office_login(struct office *, const char *operator_id);
/* Steals params. The result is the caller's; a refusal fails the test. */
json_t *office_ask(struct office *, struct session *, const char *method, json_t *params);
/* The call must be refused with this message. */
void office_refused(struct office *, struct session *, const char *method, json_t *params, const char *msg);
/* 転居 of a person, typed in and examined by two; answers the 受付番号 (caller frees). With `no` it is typed in again.
 */
char *office_enters(struct office *, int person, const char *lot, const char *no);
/* … and decided by a third. */
void office_decides(struct office *, const char *no);
char *office_notice(struct office *, int person, const char *lot); /* all three */
/* "posted" …, and what is shown for it (caller frees). */
char *office_case(struct office *, const char *no, const char *member);

/* A person looks at a stop that was only suspected, and finds that it was none. */
void office_calm(struct office *);
const char *person_id(int person);
/* Row count of a person at a branch, 0 = unknown. */
int64_t office_rev(struct office *, int person);
char *office_body(struct office *, int person, int64_t rev);

#endif
