/*
 * The sending side of the outbox, for the sync engine: what is to go, what has gone, what became of it. Writes happen
 * inside the caller's transaction unless said otherwise. Source: spec sync §2.4, §2.8, §2.12.
 */
#ifndef STORE_OUTBOX_SEND_H
#define STORE_OUTBOX_SEND_H

#include "store/incarnation.h"
#include "store/outbox.h"

struct outbox_head {
    int64_t seq; /* last operation made; 0 = none */
    uint8_t chain[OUTBOX_HASH];
};
enum err outbox_head(struct db *, struct outbox_head *ret, struct errinfo *) NODISCARD;
/* Chain after operation `seq` of the current incarnation; that of the start when seq is the start. */
enum err outbox_chain(struct db *, int64_t seq, uint8_t ret[OUTBOX_HASH], struct errinfo *) NODISCARD;

/* Calls back for each operation from `from` on, whatever its state, in order, until the callback answers false. */
enum err outbox_from(struct db *, int64_t from, bool (*cb)(void *arg, int64_t seq, struct span op), void *arg,
                     struct errinfo *) NODISCARD;
/* First operation of the current incarnation that has no answer yet and none is under way; 0 = none. */
enum err outbox_next(struct db *, int64_t *ret_seq, struct errinfo *) NODISCARD;
enum err outbox_sent(struct db *, int64_t first, int64_t last, struct errinfo *) NODISCARD;
/* What was in flight is pending again. At start and whenever the link is lost; a transaction of its own. */
enum err outbox_unsend(struct db *, struct errinfo *) NODISCARD;

/* One row. Texts are never NULL. */
struct outbox_row {
    int64_t seq, lane_prev;
    const char *kind, *lane, *subject, *operator_id, *approver, *outage_no;
    int64_t at_ms;
    struct span op;
    uint8_t hash[OUTBOX_HASH];
    enum op_state state;
    int64_t attempts, sent_ms, acked_ms;
    const char *category, *result;
    int64_t host_seq, host_ms;
};
typedef enum err outbox_row_fn(void *arg, const struct outbox_row *, struct errinfo *);
/* E_NOTFOUND when there is none. The row is borrowed for the callback. */
enum err outbox_get(struct db *, int64_t seq, outbox_row_fn *, void *arg, struct errinfo *) NODISCARD;

#define OUTBOX_REFUSED "R"
struct outbox_answer {
    int64_t seq;
    enum op_state state;  /* HELD, CONFLICT, REJECTED or APPLIED */
    const char *category; /* "C2"; of a refusal that a person has to look at OUTBOX_REFUSED; "" = nobody has to */
    const char *detail;   /* JSON */
    int64_t host_seq, host_ms;
    bool awaits_copy; /* applied, but the rows it made are not in the copy yet: see outbox_arrived */
};
/* Stores the answer and opens a conflict where a person has to decide. *ret_news is false when that very answer was
 * known. */
enum err outbox_answer(struct db *, const struct outbox_answer *, bool *ret_news, struct errinfo *) NODISCARD;

/* 本庁で登録済、副本待ち. The copy has everything up to `cursor`: takes out the next operation that awaited that, in
 * the order of the host; 0 = none. Inside the transaction that moves the cursor. */
enum err outbox_arrived(struct db *, int64_t cursor, int64_t *ret_seq, struct errinfo *) NODISCARD;
/* Does an operation of this kind about this notice or certificate await the copy? */
enum err outbox_awaited(struct db *, const char *kind, const char *subject, bool *ret, struct errinfo *) NODISCARD;

/* First operation behind `after` and up to `upto` of which nobody knows whether the host got it (orphaned by
 * incarnation_renew); 0 = none. */
enum err outbox_orphan_next(struct db *, int64_t after, int64_t upto, int64_t *ret_seq, struct errinfo *) NODISCARD;
/* The same once more, in the present life: it stays with the stop in which it was made (outage_no, "" = none). */
enum err outbox_add_again(struct db *, const struct outbox_new *, const char *outage_no, int64_t *ret_seq,
                          struct errinfo *) NODISCARD;
/* The host never got it, and another operation says the same in the present life. */
enum err outbox_resent(struct db *, int64_t seq, struct errinfo *) NODISCARD;

/* The host was restored from a backup and holds only what is numbered up to `upto`: the rest is pending again. */
enum err outbox_forgotten(struct db *, int64_t upto, int64_t *ret_n, struct errinfo *) NODISCARD;
/* The host has everything up to `upto` in a finished backup. */
enum err outbox_durable(struct db *, int64_t upto, struct errinfo *) NODISCARD;
/* Removes what is durable and was answered before `before_ms`; the last operation always stays. */
enum err outbox_prune(struct db *, int64_t before_ms, int64_t *ret_n, struct errinfo *) NODISCARD;

struct outbox_counts {
    int64_t n[OP_STATES];
    int64_t waiting;     /* for the replay */
    int64_t oldest_ms;   /* of what is not posted; 0 = nothing */
    int64_t conflicts;   /* undecided */
    int64_t awaits_copy; /* of all, applied by the host and not in the copy yet */
};
/* Everything, or (outage_no not NULL) what was made in one stop. */
enum err outbox_count(struct db *, const char *outage_no, struct outbox_counts *ret, struct errinfo *) NODISCARD;

/* Where outbox_verify may begin: the last operation before this incarnation, or the oldest one that was not pruned. */
enum err outbox_floor(struct db *, int64_t *ret, struct errinfo *) NODISCARD;
/* Walks the chain from the operation after `from`; E_CORRUPT names the first that does not fit. *ret_last is where it
 * stopped (at most max operations); done when it answers the last one. */
enum err outbox_verify(struct db *, int64_t from, int64_t max, int64_t *ret_last, struct errinfo *) NODISCARD;

#endif
