/*
 * Batch (送信束): operations first..last of one branch and incarnation, without a gap, zstd-compressed, with the chain
 * before and after them and one signature over both, the range and the host it is meant for. A batch may be sent any
 * number of times. Source: spec sync §2.2, §2.4.
 */
#ifndef SYNC_BATCH_H
#define SYNC_BATCH_H

#include "crypto/keys.h"
#include "sync/op.h"

#define BATCH_RAW_MAX (256u << 10) /* operations before compression, length prefixes included */
#define BATCH_OPS_MAX 500
#define BATCH_MAX     (300u << 10) /* encoded */
#define HOST_ID       16

struct batch_op {
    struct span bytes; /* encoded operation; borrowed from the batch */
    uint64_t seq;
    uint8_t hash[OP_HASH];
    uint8_t chain[OP_HASH]; /* after this operation */
};

struct batch {
    uint8_t host_id[HOST_ID]; /* of the welcome: a batch for a trial host is worth nothing at a real one */
    char branch[OP_BRANCH_MAX + 1];
    uint8_t incarnation[OP_INCARNATION];
    uint64_t first, last;
    uint8_t chain_before[OP_HASH];
    uint8_t chain_last[OP_HASH];
    size_t n;
    struct batch_op *op;   /* of a decoded batch */
    struct buf raw;        /* operations, each u32 length and bytes */
    struct span body, sig; /* of the input of batch_decode; borrowed from it */
};

/* Starts an empty batch that follows `chain_before`; first = seq of the first operation. */
void batch_init(struct batch *, const uint8_t host_id[HOST_ID], const char *branch,
                const uint8_t incarnation[OP_INCARNATION], uint64_t first, const uint8_t chain_before[OP_HASH]);
void batch_done(struct batch *); /* wipes */
/* Appends the next operation's stored bytes. E_FULL: it belongs into the next batch (caps, or max_raw > 0 reached;
 * the first operation always fits); E_INVALID: not the next seq, or of another branch or incarnation. */
enum err batch_add(struct batch *, struct span op, size_t max_raw, struct errinfo *) NODISCARD;
enum err batch_encode(const struct batch *, const struct key *, const struct alg_policy *, struct buf *ret,
                      struct errinfo *) NODISCARD;

/* Format, caps, inflation, every operation's envelope, gap-free range, hashes and chain; not the signature. `in` must
 * outlive ret, which the caller batch_done's. E_CORRUPT. */
enum err batch_decode(struct span in, struct batch *ret, struct errinfo *) NODISCARD;
/* Signature of a decoded batch. */
enum err batch_verify(const struct batch *, const struct key *branch, const struct alg_policy *,
                      struct errinfo *) NODISCARD;

#endif
