/* Entries of a snapshot chunk: what was taken can be put again and gives the same bytes. */
#include "fuzz.h"
#include "sync/feed.h"

void fuzz_sample(struct buf *ret)
{
    for (uint64_t i = 1; i <= 3; i++) {
        struct feed_entry f = { .host_seq = i, .type = FEED_CASE, .key = "E1-1", .body = span_of("{}") };
        MUST(feed_entry_put(&f, ret, NULL) == OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = fuzz_span(data, size);
    struct feed_entry f;
    while (rest.n) {
        const char *from = rest.p;
        struct buf again = BUF_INIT;
        if (feed_entry_take(&rest, &f, NULL) != OK)
            break;
        MUST(feed_entry_put(&f, &again, NULL) == OK);
        MUST(again.len == (size_t)(rest.p - from) && memcmp(again.p, from, again.len) == 0);
        buf_done(&again);
    }
    return 0;
}
