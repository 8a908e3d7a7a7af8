/* An accepted batch has gap-free operations of one branch. The signature is looked at only after this. */
#include "sample.h"
#include "sync/batch.h"

void fuzz_sample(struct buf *ret)
{
    static const uint8_t host_id[HOST_ID], incarnation[OP_INCARNATION] = { 7, 7, 7, 7, 7, 7, 7, 7 };
    uint8_t chain[OP_HASH];
    struct batch b;
    struct key *k = NULL;
    struct alg_policy policy = alg_policy_p256();
    MUST(key_generate(SIG_P256_SHA256, &k, NULL) == OK);
    op_chain_start("E1", incarnation, chain);
    batch_init(&b, host_id, "E1", incarnation, 1, chain);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        struct buf op = BUF_INIT;
        sample_op(seq, &op);
        MUST(batch_add(&b, buf_span(&op), 0, NULL) == OK);
        buf_done(&op);
    }
    MUST(batch_encode(&b, k, &policy, ret, NULL) == OK);
    batch_done(&b);
    key_free(k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct batch b;
    if (batch_decode(fuzz_span(data, size), &b, NULL) != OK)
        return 0;
    MUST(b.n == b.last - b.first + 1 && b.n <= BATCH_OPS_MAX);
    for (size_t i = 0; i < b.n; i++) {
        struct op o;
        MUST(op_decode(b.op[i].bytes, &o, NULL) == OK);
        MUST(o.seq == b.first + i && strcmp(o.branch, b.branch) == 0);
        op_done(&o);
    }
    batch_done(&b);
    return 0;
}
