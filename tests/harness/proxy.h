/*
 * A TCP proxy for tests, on the test's own loop: everything between branch and host goes through it, and it can cut
 * after any byte, fall silent, be slow, or swallow the answers. It does not look into what it carries.
 */
#ifndef TESTS_HARNESS_PROXY_H
#define TESTS_HARNESS_PROXY_H

#include "base/loop.h"
#include <stdint.h>

enum proxy_way { PROXY_UP, PROXY_DOWN }; /* to the host, to the branch */
enum proxy_end {
    PROXY_PASS,  /* nothing happens */
    PROXY_FIN,   /* both sides are closed in order */
    PROXY_RST,   /* both sides are reset */
    PROXY_STALL, /* the connection stays open and nothing passes any more, in both directions */
    PROXY_DROP   /* bytes of this direction vanish; the other goes on */
};

struct proxy;
/* Listens on a free port of 127.0.0.1. A target port of 0 refuses every connection. */
struct proxy *proxy_new(struct loop *, uint16_t target_port);
void proxy_free(struct proxy *);
uint16_t proxy_port(const struct proxy *);
void proxy_target(struct proxy *, uint16_t port);

/* From now on, counted over all connections in this direction: after `bytes` more bytes, once, `what` happens to the
 * connection that carried them. PROXY_PASS takes the order back. */
void proxy_after(struct proxy *, enum proxy_way, uint64_t bytes, enum proxy_end what);
/* Holds every piece back for that long. */
void proxy_delay(struct proxy *, int64_t ms);
/* Ends all connections now. */
void proxy_cut(struct proxy *, enum proxy_end);

uint64_t proxy_bytes(const struct proxy *, enum proxy_way);
unsigned proxy_connections(const struct proxy *); /* accepted so far */
unsigned proxy_events(const struct proxy *);      /* orders that came to pass */

#endif
