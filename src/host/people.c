#include "base/mem.h"
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static enum err decode_row(struct q *q, const char *id, struct resident **ret, struct errinfo *reterr)
{
    bool have = false;
    enum err e = q_row(q, &have, reterr);
    if (e == OK && !have)
        e = err_set(reterr, E_NOTFOUND, "S211", id, "no such row");
    if (e == OK)
        e = resident_decode(q_get_span(q, "body"), ret, reterr);
    q_done(q);
    return e;
}

enum err person_load(struct host *h, const char *id, struct resident **ret, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_PERSON_NOW);
    q_text(&q, ":id", id);
    return decode_row(&q, id, ret, reterr);
}

enum err person_load_at(struct host *h, const char *id, int64_t rev, struct resident **ret, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_PERSON_AT);
    q_text(&q, ":id", id);
    q_int(&q, ":rev", rev);
    return decode_row(&q, id, ret, reterr);
}

enum err person_rev(struct host *h, const char *id, int64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_PERSON_REV);
    q_text(&q, ":id", id);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = have ? q_get_int(&q, "rev") : 0;
    q_done(&q);
    return e;
}

enum err people_take(struct q *q, struct resident_list *list, struct errinfo *reterr)
{
    bool have = false;
    enum err e;
    while ((e = q_row(q, &have, reterr)) == OK && have) {
        struct resident *r = NULL;
        e = resident_decode(q_get_span(q, "body"), &r, reterr);
        if (e != OK)
            break;
        if (resident_list_find(list, r->id))
            resident_free(r);
        else
            resident_list_add(list, r);
    }
    q_done(q);
    return e;
}

enum err household_load(struct host *h, const char *no, struct resident_list *list, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_HOUSEHOLD_MEMBERS);
    q_text(&q, ":household", no);
    return people_take(&q, list, reterr);
}

enum err count_rows(struct host *h, int query, uint64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, query);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = (uint64_t)q_get_int(&q, "n");
    q_done(&q);
    return e;
}

/* ---- writing ---- */

/* Day on which a living person leaves: as planned, or on the earlier day of arrival elsewhere; "" = stays. */
static const char *leaves_on(const struct resident *r)
{
    const char *planned = resident_get(r, ATTR_PLANNED_ON), *fixed = resident_get(r, ATTR_FIXED_ON);
    if (!resident_living(r) || !*planned)
        return "";
    return *fixed && strcmp(fixed, planned) < 0 ? fixed : planned;
}

static void text_or_null(struct q *q, const char *name, const char *v)
{
    q_text(q, name, *v ? v : NULL);
}

static enum err put_person(struct host *h, const struct resident *r, struct errinfo *reterr)
{
    const char *name = resident_get(r, ATTR_NAME);
    struct q q = q_get(h->b, Q_PERSON_PUT);
    q_text(&q, ":id", r->id);
    q_int(&q, ":rev", r->rev);
    q_int(&q, ":living", resident_living(r));
    q_text(&q, ":household", resident_get(r, ATTR_HOUSEHOLD));
    text_or_null(&q, ":leaves_on", leaves_on(r));
    q_text(&q, ":name", *name ? name : resident_get(r, ATTR_NAME_ALPHA));
    q_text(&q, ":birth_on", resident_get(r, ATTR_BIRTH_ON));
    q_text(&q, ":sex", resident_get(r, ATTR_SEX));
    text_or_null(&q, ":my_number", resident_get(r, ATTR_MY_NUMBER));
    text_or_null(&q, ":resident_code", resident_get(r, ATTR_RESIDENT_CODE));
    text_or_null(&q, ":card_no", resident_get(r, ATTR_CARD_NO));
    return q_run(&q, reterr);
}

enum err person_store(struct host *h, const struct resident *r, struct span body, uint64_t host_seq, int64_t at_ms,
                      const struct origin *o, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_HISTORY_ADD);
    q_text(&q, ":id", r->id);
    q_int(&q, ":rev", r->rev);
    q_int(&q, ":host_seq", (int64_t)host_seq);
    q_int(&q, ":at_ms", at_ms);
    q_op(&q, o->branch, o->incarnation, o->seq);
    q_span(&q, ":body", body);
    TRY(q_run(&q, reterr));
    return put_person(h, r, reterr);
}

enum err feed_bounds(struct host *h, uint64_t *ret_head, uint64_t *ret_low, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_FEED_STATE);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK) {
        *ret_head = (uint64_t)q_get_int(&q, "head");
        *ret_low = (uint64_t)q_get_int(&q, "low");
    }
    q_done(&q);
    return e;
}

static enum err next_host_seq(struct host *h, uint64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_FEED_NEXT);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = (uint64_t)q_get_int(&q, "head");
    q_done(&q);
    return e;
}

struct feed_row {
    uint64_t host_seq;
    enum feed_type type;
    const char *key, *branch, *id;
    int64_t rev;
    struct span body;
};

static enum err put_feed(struct host *h, const struct feed_row *f, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_FEED_ADD);
    q_int(&q, ":host_seq", (int64_t)f->host_seq);
    q_int(&q, ":at_ms", host_now(h));
    q_int(&q, ":type", f->type);
    q_text(&q, ":key", f->key);
    q_text(&q, ":branch", f->branch);
    q_text(&q, ":id", f->id);
    q_int(&q, ":rev", f->rev);
    q_blob(&q, ":body", f->body.p, f->body.n);
    return q_run(&q, reterr);
}

enum err person_write(struct host *h, const struct resident *r, const struct origin *o, uint64_t *ret_host_seq,
                      struct errinfo *reterr)
{
    char key[FEED_KEY_MAX + 1];
    struct buf body = BUF_INIT;
    struct feed_row f = { .type = FEED_RESIDENT, .key = key, .id = r->id, .rev = r->rev };
    snprintf(key, sizeof key, "%s/%" PRId64, r->id, r->rev);
    resident_encode(r, &body);
    enum err e = next_host_seq(h, &f.host_seq, reterr);
    if (e == OK)
        e = person_store(h, r, buf_span(&body), f.host_seq, host_now(h), o, reterr);
    if (e == OK)
        e = put_feed(h, &f, reterr);
    buf_done(&body);
    if (e == OK)
        *ret_host_seq = f.host_seq;
    return e;
}

enum err feed_write(struct host *h, enum feed_type type, const char *key, const char *branch, struct span body,
                    uint64_t *ret_host_seq, struct errinfo *reterr)
{
    struct feed_row f = { .type = type, .key = key, .branch = branch, .body = body };
    TRY(next_host_seq(h, &f.host_seq, reterr));
    TRY(put_feed(h, &f, reterr));
    *ret_host_seq = f.host_seq;
    return OK;
}

/* ---- pages of the feed ---- */

static enum err fill_page(struct host *h, const char *branch, uint32_t max, struct feed_page *p, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_FEED_AFTER);
    q_int(&q, ":after", (int64_t)p->after);
    q_text(&q, ":branch", branch);
    enum err e;
    p->upto = p->head;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        struct feed_entry f = { .host_seq = (uint64_t)q_get_int(&q, "host_seq"), .body = q_get_span(&q, "body") };
        f.type = (uint32_t)q_get_int(&q, "type");
        q_get_text(&q, "key", f.key, FEED_KEY_MAX);
        if (p->n && p->raw.len + f.body.n + sizeof f.key > max) {
            p->upto = p->last;
            p->more = true;
            break;
        }
        e = feed_page_add(p, &f, reterr);
        if (e != OK)
            break;
    }
    q_done(&q);
    return e;
}

/* Without compression a page of small entries is several times its size on the wire: raw bytes are what is capped. */
enum err host_feed(struct host *h, const char *branch, uint64_t after, uint32_t max_bytes, struct buf *ret,
                   struct errinfo *reterr)
{
    struct feed_page p;
    uint64_t low = 0;
    feed_page_init(&p);
    TRY(feed_bounds(h, &p.head, &low, reterr));
    if (after < low)
        return err_set(reterr, E_NOTFOUND, "S445", "cursor", "older than the feed is kept");
    if (after > p.head)
        return err_set(reterr, E_INVALID, "S446", "cursor", "beyond the head of the feed");
    memcpy(p.epoch, h->facts.epoch, FEED_EPOCH);
    p.after = after;
    p.host_ms = host_now(h);
    enum err e = fill_page(h, branch, max_bytes, &p, reterr);
    if (e == OK)
        e = feed_page_encode(&p, ret, reterr);
    feed_page_done(&p);
    return e;
}
