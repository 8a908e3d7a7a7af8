/* Accepted results can be written again and say the same. */
#include "fuzz.h"
#include "sync/result.h"

void fuzz_sample(struct buf *ret)
{
    static const uint8_t incarnation[OP_INCARNATION];
    char detail[] = "{\"rows\":[]}";
    struct results all;
    results_init(&all, "E1", incarnation);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        struct result r = { .seq = seq, .code = OPR_APPLIED, .host_seq = seq, .host_ms = 1, .detail = detail };
        struct buf b = BUF_INIT;
        MUST(result_encode(&r, &b, NULL) == OK);
        MUST(results_add(&all, seq == 1, buf_span(&b), NULL) == OK);
        buf_done(&b);
    }
    MUST(results_encode(&all, ret, NULL) == OK);
    results_done(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct results a, b;
    struct buf again = BUF_INIT;
    if (results_decode(fuzz_span(data, size), &a, NULL) != OK)
        return 0;
    MUST(results_encode(&a, &again, NULL) == OK);
    MUST(results_decode(buf_span(&again), &b, NULL) == OK);
    MUST(a.n == b.n);
    for (size_t i = 0; i < a.n; i++)
        MUST(a.item[i].len == b.item[i].len && memcmp(a.item[i].bytes, b.item[i].bytes, a.item[i].len) == 0);
    results_done(&a);
    results_done(&b);
    buf_done(&again);
    return 0;
}
