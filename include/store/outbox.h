/*
 * Outbox of the branch (送信簿): every fact the host has to learn, in the order in which it became a fact here. An
 * operation is added inside the transaction of the use case that made it, with the next number of this incarnation
 * and the next link of the hash chain; from then on nothing of it changes but what became of it. While a stop
 * (作動停止) is open, operations on notices wait unnumbered, so that the replay can send them in the order of
 * receipt; everything else is numbered at once.
 * Never encodes, hashes or sends: the encoding comes in as a table of functions. Source: spec/sync.md §2.2, §2.3.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "base/buf.h"
#include <stdint.h>

struct db;

#define OUTBOX_HASH 32

struct outbox_base { /* the row of a person the operation was made against */
    const char *id;  /* 宛名番号 */
    int64_t rev;     /* 履歴番号 */
};

struct outbox_new {
    const char *kind;    /* "notice.decide" …: row of the operation table in sync */
    const char *lane;    /* operations of one lane apply in order, others never wait for them */
    const char *payload; /* JSON object; of a notice with "no" and "received_at" */
    const struct outbox_base *base;
    size_t n_base;
    const char *operator_id;
    const char *approver_id; /* NULL: none */
};

/* Adds one operation. Must be called inside a writing transaction. *ret_seq is its number, or 0 when it waits for
 * the replay. Errors: E_DENIED (S430–S432) while nothing may be entered here: see store/incarnation.h. */
enum err outbox_add(struct db *, const struct outbox_new *, int64_t *ret_seq, struct errinfo *) NODISCARD;

/* How an operation becomes bytes. Registered once after the store is opened; outbox_add without it is a bug. `seq` and
 * `lane_prev` count from the start of the incarnation. The chain is SHA-256(chain before | hash of the operation),
 * both by the store's hash; start gives the chain before the first operation. */
struct outbox_codec {
    enum err (*encode)(void *self, const struct outbox_new *, int64_t seq, int64_t lane_prev, bool in_outage,
                       struct buf *ret, struct errinfo *);
    void (*start)(void *self, const uint8_t incarnation[8], uint8_t ret[OUTBOX_HASH]);
    void *self;
};
void outbox_use(struct db *, const struct outbox_codec *); /* copies */

/* What became of an operation. INFLIGHT is never a resting state: it falls back to PENDING. */
enum op_state {
    OP_PENDING,    /* 未送信 */
    OP_INFLIGHT,   /* 送信中 */
    OP_HELD,       /* 保留: waits at the host for an earlier one of its lane or a release */
    OP_CONFLICT,   /* 競合: a person decides */
    OP_REJECTED,   /* 却下 */
    OP_APPLIED,    /* 反映済 */
    OP_DURABLE,    /* 反映済, and part of a finished backup of the host: may be pruned after its retention */
    OP_SUPERSEDED, /* 差替済: another operation took its place by decision */
    OP_WITHDRAWN,  /* 取下げ */
    OP_STATES
};
const char *op_state_name(enum op_state);  /* "pending" */
const char *op_state_label(enum op_state); /* 未送信 */

#endif
