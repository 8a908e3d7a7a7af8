/* The payload of a notice: what is accepted can be written again. */
#include "fuzz.h"
#include "sync/payload.h"

void fuzz_sample(struct buf *ret)
{
    buf_adds(ret,
             "{\"no\":\"E1-1\",\"kind\":\"tenkyo\",\"received_at\":\"x\",\"received_on\":\"2026-07-01\",\"entered_by\":"
             "\"a\",\"values\":[{\"s\":\"move\",\"r\":0,\"f\":\"moved_on\",\"v\":\"2026-06-28\"}],\"acks\":[\"W03\"],"
             "\"base\":[{\"id\":\"101\",\"rev\":1}],\"forms_digest\":\"00\"}");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = { "notice.enter", "notice.decide", "cert.issue", "restrict.set" };
    struct notice_payload p, again;
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (payload_check(op_kind_find(kinds[i]), fuzz_span(data, size), NULL) == OK)
            MUST(size > 0);
    if (notice_payload_decode(fuzz_span(data, size), &p, NULL) != OK)
        return 0;
    if (notice_payload_encode(&p, &b, NULL) == OK) {
        MUST(notice_payload_decode(buf_span(&b), &again, NULL) == OK);
        MUST(again.n_base == p.n_base && again.notice->n == p.notice->n);
        notice_payload_done(&again);
    }
    notice_payload_done(&p);
    buf_done(&b);
    return 0;
}
