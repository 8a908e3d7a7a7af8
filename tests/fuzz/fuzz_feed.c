/* An accepted page ascends within its range. */
#include "fuzz.h"
#include "sync/feed.h"

void fuzz_sample(struct buf *ret)
{
    struct feed_page p;
    feed_page_init(&p);
    p.after = 3;
    p.upto = p.head = 9;
    for (uint64_t i = 4; i <= 9; i++) {
        struct feed_entry f = {
            .host_seq = i, .type = FEED_RESIDENT, .key = "17/1", .body = span_of("{\"id\":\"17\"}")
        };
        MUST(feed_page_add(&p, &f, NULL) == OK);
    }
    MUST(feed_page_encode(&p, ret, NULL) == OK);
    feed_page_done(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed_page p;
    if (feed_page_decode(fuzz_span(data, size), &p, NULL) != OK)
        return 0;
    uint64_t last = p.after;
    for (size_t i = 0; i < p.n; i++) {
        MUST(p.e[i].host_seq > last && p.e[i].host_seq <= p.upto && *p.e[i].key);
        last = p.e[i].host_seq;
    }
    feed_page_done(&p);
    return 0;
}
