#include "fuzz.h"
#include "sync/hello.h"

void fuzz_sample(struct buf *ret)
{
    struct welcome w;
    welcome_init(&w);
    w.proto = HELLO_PROTO;
    w.batch_ops = w.batch_bytes = w.feed_bytes = 1;
    buf_adds(&w.log_receipt, "receipt");
    MUST(welcome_encode(&w, ret, NULL) == OK);
    welcome_done(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct welcome w, again;
    struct buf b = BUF_INIT;
    if (welcome_decode(fuzz_span(data, size), &w, NULL) != OK)
        return 0;
    MUST((unsigned)w.status < WELCOME_STATUSES && w.batch_ops <= BATCH_OPS_MAX && w.log_receipt.len <= SIG_MAX);
    MUST(welcome_encode(&w, &b, NULL) == OK);
    MUST(welcome_decode(buf_span(&b), &again, NULL) == OK);
    welcome_done(&w);
    welcome_done(&again);
    buf_done(&b);
    return 0;
}
