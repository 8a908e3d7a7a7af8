/*
 * Feed (配信): everything that changed at the host, in commit order. A reader that has committed up to n has seen every
 * change ≤ n. Page and cursor are committed together at the branch. Pages are strict: ascending, complete between
 * `after` and `upto` for this reader, hashed. Source: spec sync §2.1 I7, §2.4, §2.11.
 */
#ifndef SYNC_FEED_H
#define SYNC_FEED_H

#include "base/buf.h"
#include "sync/op.h"

#define FEED_EPOCH    16
#define FEED_KEY_MAX  64
#define FEED_BODY_MAX (256u << 10)
#define FEED_PAGE_MAX (4u << 20) /* encoded page */
#define FEED_RAW_MAX  (8u << 20)

/* Numbers stand in stored bytes: never reused. Readers skip types they do not know. */
enum feed_type {
    FEED_RESIDENT = 1,    /* key 宛名番号/rev, body = canonical body of domain/record.h */
    FEED_RESTRICTION = 2, /* key restriction number, body JSON (payload of restrict.set, "released" with it) */
    FEED_CASE = 3, /* key 受付番号, body JSON {"no","kind","state","persons":[id…],"branch"}: open or closed case */
    FEED_RESULT = 4, /* key "incarnation/seq", body = result bytes; only in pages of that branch */
    FEED_NOTICE = 5, /* key "durable", body JSON {"incarnation","durable_upto"}; only in pages of that branch */
    /* key "incarnation/seq", body = operation bytes; only in the pages of a life (GET /v1/ops) */
    FEED_OP = 6
};

struct feed_entry {
    uint64_t host_seq;
    uint32_t type;
    char key[FEED_KEY_MAX + 1];
    struct span body; /* borrowed from the page's raw bytes, or the caller's */
};
/* One entry as it stands in pages and in snapshot chunks. */
enum err feed_entry_put(const struct feed_entry *, struct buf *ret, struct errinfo *) NODISCARD;
/* Reads the next entry of `in` and moves it behind; E_CORRUPT. */
enum err feed_entry_take(struct span *in, struct feed_entry *ret, struct errinfo *) NODISCARD;

struct feed_page {
    uint8_t epoch[FEED_EPOCH]; /* changes when the host was restored from a backup */
    uint64_t after, upto;      /* this page covers (after, upto] */
    uint64_t head;             /* feed head when the page was made */
    int64_t host_ms;
    bool more; /* upto < head */
    size_t n;
    struct feed_entry *e; /* of a decoded page */
    struct buf raw;       /* the entries' bytes */
    uint64_t last;        /* host_seq of the last entry added */
};
void feed_page_init(struct feed_page *);
void feed_page_done(struct feed_page *); /* wipes */
/* Copies. Entries ascend by host_seq, all in (after, upto]. */
enum err feed_page_add(struct feed_page *, const struct feed_entry *, struct errinfo *) NODISCARD;
enum err feed_page_encode(const struct feed_page *, struct buf *ret, struct errinfo *) NODISCARD;
enum err feed_page_decode(struct span, struct feed_page *ret, struct errinfo *) NODISCARD;

#endif
