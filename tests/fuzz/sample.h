/* An operation for samples. */
#ifndef TESTS_FUZZ_SAMPLE_H
#define TESTS_FUZZ_SAMPLE_H

#include "fuzz.h"
#include "sync/op.h"

static inline void sample_op(uint64_t seq, struct buf *ret)
{
    static const char payload[] = "{\"no\":\"E1-1\",\"reason\":\"辻\"}";
    struct op o;
    op_init(&o);
    memcpy(o.branch, "E1", 3);
    memset(o.incarnation, 7, OP_INCARNATION);
    o.seq = seq;
    memcpy(o.kind, "notice.withdraw", 16);
    memcpy(o.operator_id, "yamada", 7);
    op_add_base(&o, "0000000017", 3);
    op_set_payload(&o, payload, sizeof payload - 1);
    MUST(op_encode(&o, ret, NULL) == OK);
    op_done(&o);
}

#endif
