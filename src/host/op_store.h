/* The operations of a branch as this host keeps them, with what it decided. `who` says which life of which branch. */
#ifndef HOST_OP_STORE_H
#define HOST_OP_STORE_H

#include "sync/batch.h"
#include "verdict.h"

/* The verdict as the bytes that are answered now and every time again. */
enum err op_result(struct host *, uint64_t seq, const struct verdict *, struct buf *ret, struct errinfo *) NODISCARD;
enum err op_store(struct host *, const struct origin *who, const struct batch_op *, const struct op *,
                  const struct verdict *, struct span result, struct errinfo *) NODISCARD;
/* Writes the new verdict of a held operation and tells its branch by the feed. */
enum err op_redecide(struct host *, const struct origin *who, uint64_t seq, const struct verdict *, bool blocking,
                     struct errinfo *) NODISCARD;
/* `by` took the place of `seq` or withdrew it. One that was still held gets its final answer with that. */
enum err op_close(struct host *, const struct origin *who, uint64_t seq, uint64_t by, struct buf *ret_lane,
                  struct errinfo *) NODISCARD;
/* The first of the lane that is held behind `after`; 0: none. */
enum err op_held_after(struct host *, const struct origin *who, const char *lane, uint64_t after, uint64_t *ret,
                       struct errinfo *) NODISCARD;
enum err op_load(struct host *, const struct origin *who, uint64_t seq, struct op *ret, struct errinfo *) NODISCARD;
/* Chain before the operation `seq`, as far as this host has it. */
enum err op_chain_before(struct host *, const struct origin *who, uint64_t seq, uint8_t ret[OP_HASH],
                         struct errinfo *) NODISCARD;

#endif
