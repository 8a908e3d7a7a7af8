/* What is accepted is what would have been written: there is one encoding. */
#include "sample.h"

void fuzz_sample(struct buf *ret)
{
    sample_op(1, ret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct op o;
    struct buf again = BUF_INIT;
    if (op_decode(fuzz_span(data, size), &o, NULL) != OK)
        return 0;
    MUST(op_encode(&o, &again, NULL) == OK);
    MUST(again.len == size && memcmp(again.p, data, size) == 0);
    op_done(&o);
    buf_done(&again);
    return 0;
}
