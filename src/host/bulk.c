#include "host/bulk.h"
#include "base/mem.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_PER_COMMIT 20000

struct host_bulk {
    struct host *h;
    struct buf body; /* reused */
    uint64_t host_seq;
    int64_t at_ms;
    int64_t last_person, last_household; /* highest bodies of numbers seen */
    long rows;                           /* since the last commit */
    bool open;                           /* a transaction is */
};

static enum err begin(struct host_bulk *b, struct errinfo *reterr)
{
    TRY(b->h->b->ops->begin(b->h->b, reterr));
    b->open = true;
    b->rows = 0;
    return OK;
}

enum err host_bulk_begin(struct host *h, struct host_bulk **ret, struct errinfo *reterr)
{
    uint64_t low = 0, persons = 0;
    TRY(count_rows(h, Q_PERSON_COUNT, &persons, reterr));
    if (persons)
        return err_set(reterr, E_EXISTS, "S472", "register", "there are persons already");
    struct host_bulk *b = xcalloc(1, sizeof *b);
    b->h = h;
    b->at_ms = host_now(h);
    enum err e = feed_bounds(h, &b->host_seq, &low, reterr);
    if (e == OK)
        e = begin(b, reterr);
    if (e == OK)
        e = fact_set(h->b, "host.loading", "yes", reterr);
    if (e != OK) {
        host_bulk_abort(b);
        return e;
    }
    *ret = b;
    return OK;
}

/* Body of a number, without its check digit; 0 when it is none of ours. */
static int64_t number_body(const char *id)
{
    char body[PERSON_ID_MAX + 1];
    size_t n = strlen(id);
    if (n < 2 || n > PERSON_ID_MAX || strspn(id, "0123456789") != n)
        return 0;
    memcpy(body, id, n - 1);
    body[n - 1] = '\0';
    return strtoll(body, NULL, 10);
}

static void raise_to(int64_t *last, const char *id)
{
    int64_t n = number_body(id);
    if (n > *last)
        *last = n;
}

/* Feed numbers of the load are given here and the head is raised once at the end: no row of the feed names them. */
enum err host_bulk_add(struct host_bulk *b, const struct resident *r, struct errinfo *reterr)
{
    buf_clear(&b->body);
    resident_encode(r, &b->body);
    TRY(person_store(b->h, r, buf_span(&b->body), b->host_seq + 1, b->at_ms, &ORIGIN_HOST, reterr));
    raise_to(&b->last_person, r->id);
    raise_to(&b->last_household, resident_get(r, ATTR_HOUSEHOLD));
    if (++b->rows < ROWS_PER_COMMIT)
        return OK;
    b->open = false;
    TRY(b->h->b->ops->commit(b->h->b, reterr));
    return begin(b, reterr);
}

enum err host_bulk_restrict(struct host_bulk *b, struct span payload, struct errinfo *reterr)
{
    struct restriction r;
    uint64_t host_seq = 0;
    json_t *o = json_loadb(payload.p, payload.n, JSON_REJECT_DUPLICATES, NULL);
    enum err e = restriction_parse(o, &r, reterr);
    if (e != OK) {
        json_decref(o);
        return e;
    }
    return restriction_write(b->h, &r, o, &host_seq, reterr);
}

static enum err raise_series(struct host_bulk *b, const char *name, int64_t last, struct errinfo *reterr)
{
    struct q q = q_get(b->h->b, Q_SERIES_RAISE);
    q_text(&q, ":name", name);
    q_int(&q, ":last", last);
    return q_run(&q, reterr);
}

static enum err finish(struct host_bulk *b, struct errinfo *reterr)
{
    uint64_t head = 0, low = 0;
    TRY(raise_series(b, "person", b->last_person, reterr));
    TRY(raise_series(b, "household", b->last_household, reterr));
    TRY(feed_bounds(b->h, &head, &low, reterr));
    if (head == 0) /* a load without restrictions still moves the feed */
        TRY(feed_write(b->h, FEED_NOTICE, "loaded", "", span_of("{}"), &head, reterr));
    struct q q = q_get(b->h->b, Q_FEED_LOW);
    q_int(&q, ":low", (int64_t)head);
    TRY(q_run(&q, reterr));
    TRY(fact_set(b->h->b, "host.loading", "no", reterr));
    return journal(b->h, "ctl", "register.load", json_pack("{s:I}", "head", (json_int_t)head), reterr);
}

enum err host_bulk_commit(struct host_bulk *b, struct errinfo *reterr)
{
    enum err e = finish(b, reterr);
    if (e == OK) {
        b->open = false;
        e = b->h->b->ops->commit(b->h->b, reterr);
    }
    host_bulk_abort(b);
    return e;
}

void host_bulk_abort(struct host_bulk *b)
{
    if (!b)
        return;
    if (b->open)
        b->h->b->ops->rollback(b->h->b);
    buf_done(&b->body);
    free(b);
}
