/* Both directions of the greeting; accepted ones can be written again. */
#include "fuzz.h"
#include "sync/hello.h"

void fuzz_sample(struct buf *ret)
{
    struct hello h = { .proto = HELLO_PROTO, .branch = "E1", .app = "0.1.0", .has_epoch = true };
    MUST(hello_encode(&h, ret, NULL) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hello h;
    struct welcome w;
    struct buf again = BUF_INIT;
    if (hello_decode(fuzz_span(data, size), &h, NULL) == OK) {
        MUST(hello_encode(&h, &again, NULL) == OK);
        MUST(hello_decode(buf_span(&again), &h, NULL) == OK);
    }
    buf_clear(&again);
    if (welcome_decode(fuzz_span(data, size), &w, NULL) == OK) {
        MUST(welcome_encode(&w, &again, NULL) == OK);
        welcome_done(&w);
    }
    buf_done(&again);
    return 0;
}
