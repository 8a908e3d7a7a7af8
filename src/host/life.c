/* A life of a branch's store as this host holds it (世代の控え): for a branch that was restored from a backup. */
#include "base/mem.h"
#include "internal.h"

#include <string.h>

static enum err received_upto(struct host *h, const char *branch, const uint8_t incarnation[OP_INCARNATION],
                              uint64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_RUN_GET);
    q_life(&q, branch, incarnation);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = have ? (uint64_t)q_get_int(&q, "received_upto") : 0;
    q_done(&q);
    return e;
}

/* The operation, and what was decided about it. */
static enum err add_both(struct feed_page *p, const char *hex, struct q *q, struct errinfo *reterr)
{
    uint64_t seq = (uint64_t)q_get_int(q, "seq");
    struct buf key = BUF_INIT;
    buf_printf(&key, "%s/%llu", hex, (unsigned long long)seq);
    struct feed_entry op = { .host_seq = 2 * seq - 1, .type = FEED_OP, .body = q_get_span(q, "bytes") };
    struct feed_entry result = { .host_seq = 2 * seq, .type = FEED_RESULT, .body = q_get_span(q, "result") };
    memcpy(op.key, buf_str(&key), key.len + 1);
    memcpy(result.key, buf_str(&key), key.len + 1);
    buf_done(&key);
    TRY(feed_page_add(p, &op, reterr));
    TRY(feed_page_add(p, &result, reterr));
    p->upto = result.host_seq;
    return OK;
}

static enum err fill(struct host *h, const char *branch, const uint8_t incarnation[OP_INCARNATION], size_t max_bytes,
                     struct feed_page *p, struct errinfo *reterr)
{
    struct buf hex = BUF_INIT;
    bool have = true;
    hex_add(&hex, incarnation, OP_INCARNATION);
    struct q q = q_get(h->b, Q_OP_LIFE);
    q_life(&q, branch, incarnation);
    q_int(&q, ":after", (int64_t)(p->after / 2));
    enum err e = OK;
    p->upto = p->after;
    while (e == OK && p->raw.len < max_bytes && (e = q_row(&q, &have, reterr)) == OK && have)
        e = add_both(p, buf_str(&hex), &q, reterr);
    q_done(&q);
    buf_done(&hex);
    p->more = p->upto < p->head;
    return e;
}

enum err host_life(struct host *h, const char *branch, const uint8_t incarnation[OP_INCARNATION], uint64_t after,
                   size_t max_bytes, struct buf *ret, struct errinfo *reterr)
{
    struct feed_page p;
    uint64_t held = 0;
    TRY(received_upto(h, branch, incarnation, &held, reterr));
    feed_page_init(&p);
    memcpy(p.epoch, h->facts.epoch, FEED_EPOCH);
    p.head = 2 * held;
    p.after = 2 * (after < held ? after : held);
    p.host_ms = host_now(h);
    enum err e = fill(h, branch, incarnation, max_bytes, &p, reterr);
    if (e == OK)
        e = feed_page_encode(&p, ret, reterr);
    feed_page_done(&p);
    return e;
}
