/*
 * The print journal (印刷ジョブ): reserved → spooling → printed | spoiled | unknown. A job holds the immutable copy and
 * its hashes from before the first byte goes to the printer; every step is a row of its journal. What was on its way
 * when the program died is unknown until somebody looks at the printer. Source: spec sync §2.10, reliability §2.4.
 */
#ifndef STORE_PRINTJOBS_H
#define STORE_PRINTJOBS_H

#include "base/buf.h"
#include <stdint.h>

struct db;

#define PRINT_HASH 32

enum print_state {
    PRINT_RESERVED, /* 予約: number and content are fixed, nothing was sent */
    PRINT_SPOOLING, /* 送出中 */
    PRINT_PRINTED,  /* 印刷済 */
    PRINT_SPOILED,  /* 書損 */
    PRINT_UNKNOWN,  /* 不明: must be answered */
    PRINT_STATES
};
const char *print_state_name(enum print_state);         /* "reserved" */
const char *print_state_label(enum print_state);        /* 予約 */
enum print_state print_state_by_name(const char *name); /* PRINT_STATES when unknown */

struct print_job {
    int64_t id;
    const char *issue, *printer; /* 発行番号, name of the printer */
    struct span body;            /* the copy */
    uint8_t content_hash[PRINT_HASH], subject_hash[PRINT_HASH];
    int64_t made_ms, pages;
    enum print_state state;
};

/* Inside a transaction, state reserved. */
enum err print_job_add(struct db *, const struct print_job *, const char *operator_id, int64_t *ret_id,
                       struct errinfo *) NODISCARD;
/* Calls back once with everything; E_NOTFOUND without. */
enum err print_job_get(struct db *, int64_t id, void (*cb)(void *arg, const struct print_job *), void *arg,
                       struct errinfo *) NODISCARD;
/* Inside a transaction. E_DENIED for a step the journal does not have. operator_id "" is the program itself; detail
 * holds no personal data. */
enum err print_job_step(struct db *, int64_t id, enum print_state, const char *operator_id, const char *detail,
                        struct errinfo *) NODISCARD;
/* Sheets of the drawn copy, once. */
enum err print_job_drawn(struct db *, int64_t id, int64_t pages, struct errinfo *) NODISCARD;

/* Jobs that are not at an end, oldest first, without body and hashes. */
enum err print_jobs_open(struct db *, void (*cb)(void *arg, const struct print_job *), void *arg,
                         struct errinfo *) NODISCARD;
/* How many of this printer are on their way and how many wait for an answer. */
enum err print_jobs_of(struct db *, const char *printer, int64_t *ret_busy, int64_t *ret_unknown,
                       struct errinfo *) NODISCARD;
struct print_event {
    int64_t at_ms;
    const char *state, *operator_id, *detail;
};
enum err print_events(struct db *, int64_t id, void (*cb)(void *arg, const struct print_event *), void *arg,
                      struct errinfo *) NODISCARD;

/* After a start: what was spooling becomes unknown, what was only reserved is spoiled (its number is used, nothing came
 * out). One transaction. */
enum err print_jobs_recover(struct db *, int64_t *ret_unknown, struct errinfo *) NODISCARD;

#endif
