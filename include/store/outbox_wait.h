/*
 * Operations on notices that were made while the counter was stopped and wait for the replay (復旧待ち). They get their
 * number when the replay takes them up, in the order of receipt. Source: spec standard §2.7.
 */
#ifndef STORE_OUTBOX_WAIT_H
#define STORE_OUTBOX_WAIT_H

#include "store/outbox.h"

struct waiting {
    int64_t id; /* order in which they were made */
    const char *kind, *lane, *subject, *payload, *operator_id, *approver, *received_at;
    int64_t made_ms;
};
typedef enum err waiting_fn(void *arg, const struct waiting *, struct errinfo *);
/* In the order in which they were made; the callback may not write. */
enum err outbox_waiting(struct db *, const char *outage_no, waiting_fn *, void *arg, struct errinfo *) NODISCARD;
/* Takes its number now, inside the caller's transaction. E_CONFLICT when it no longer waits. */
enum err outbox_take_up(struct db *, int64_t id, int64_t *ret_seq, struct errinfo *) NODISCARD;
/* All operations of a notice leave the queue: withdrawn (取下げ), or handed to the host office (本庁代行). */
enum err outbox_leave(struct db *, const char *outage_no, const char *subject, bool elsewhere,
                      struct errinfo *) NODISCARD;

#endif
