/* Down: pages of the feed, each with the cursor in one transaction. */
#include "base/mem.h"
#include "engine/engine_in.h"
#include "store/host_case.h"
#include "store/restriction.h"
#include "store/txn.h"
#include "sync/restrict_body.h"

#include <stdlib.h>
#include <string.h>

enum { FEED_LEAST = 64 << 10, PAGE_SECONDS = 4, HELD_PERSONS_MAX = 400 };

/* ---- entries ---- */

static enum err apply_resident(struct engine *e, const struct feed_entry *f, struct people_bulk *bulk,
                               struct errinfo *reterr)
{
    struct resident *r = NULL;
    TRY(resident_decode(f->body, &r, reterr));
    enum err x = bulk ? people_bulk_apply(bulk, r, (int64_t)f->host_seq, reterr)
                      : people_apply(e->db, r, (int64_t)f->host_seq, reterr);
    resident_free(r);
    return x;
}

static enum err apply_restriction(struct engine *e, const struct feed_entry *f, struct people_bulk *bulk,
                                  struct errinfo *reterr)
{
    struct restriction r;
    struct buf detail = BUF_INIT;
    (void)bulk;
    enum err x = restrict_body_read(f->body, &r, &detail, reterr);
    if (x == OK)
        x = restriction_apply(e->db, &r, buf_str(&detail), (int64_t)f->host_seq, reterr);
    buf_done(&detail);
    return x;
}

static enum err apply_case(struct engine *e, const struct feed_entry *f, struct people_bulk *bulk,
                           struct errinfo *reterr)
{
    const char *person[HELD_PERSONS_MAX];
    struct host_case c = { .person = person, .host_seq = (int64_t)f->host_seq };
    (void)bulk;
    json_t *o = json_loadb(f->body.p, f->body.n, JSON_REJECT_DUPLICATES, NULL);
    c.no = json_string_value(json_object_get(o, "no"));
    c.kind = json_string_value(json_object_get(o, "kind"));
    c.state = json_string_value(json_object_get(o, "state"));
    c.branch = json_string_value(json_object_get(o, "branch"));
    json_t *list = json_object_get(o, "persons"), *id;
    size_t i;
    json_array_foreach (list, i, id) {
        const char *text = json_string_value(id);
        if (text && c.n_person < HELD_PERSONS_MAX)
            person[c.n_person++] = text;
    }
    enum err x = OK;
    if (!c.no || !c.state || !c.branch)
        x = err_set(reterr, E_CORRUPT, NULL, "case", "entry %llu", (unsigned long long)f->host_seq);
    c.kind = c.kind ? c.kind : "";
    if (x == OK)
        x = host_case_apply(e->db, &c, reterr);
    json_decref(o);
    return x;
}

/* key "incarnation/seq": of this life of the store, or of an earlier one whose operation was held. */
static enum err apply_result(struct engine *e, const struct feed_entry *f, struct people_bulk *bulk,
                             struct errinfo *reterr)
{
    struct incarnation inc = { .start = 0 };
    uint8_t id[INCARNATION];
    struct result r;
    bool ours = false;
    (void)bulk;
    const char *slash = strchr(f->key, '/');
    if (!slash || unhex((struct span){ f->key, (size_t)(slash - f->key) }, id, sizeof id, NULL) != OK)
        return err_set(reterr, E_CORRUPT, NULL, "result", "of no life");
    TRY(incarnation_find(e->db, id, &inc, &ours, reterr));
    if (!ours)
        return OK;
    TRY(result_decode(f->body, &r, reterr));
    enum err x = engine_take_result(e, inc.start, &r, reterr);
    result_done(&r);
    return x == E_NOTFOUND ? OK : x; /* pruned long ago */
}

static enum err apply_durable(struct engine *e, const struct feed_entry *f, struct people_bulk *bulk,
                              struct errinfo *reterr)
{
    struct incarnation inc;
    uint8_t of[INCARNATION];
    (void)bulk;
    TRY(incarnation_get(e->db, &inc, reterr));
    json_t *o = json_loadb(f->body.p, f->body.n, JSON_REJECT_DUPLICATES, NULL);
    const char *hex = json_string_value(json_object_get(o, "incarnation"));
    int64_t upto = json_integer_value(json_object_get(o, "durable_upto"));
    bool ours = hex && unhex(span_of(hex), of, sizeof of, NULL) == OK && memcmp(of, inc.id, sizeof of) == 0;
    json_decref(o);
    return ours ? outbox_durable(e->db, inc.start + upto, reterr) : OK;
}

/* Types that are not in the table are skipped: a newer host may know more. */
static const struct {
    uint32_t type;
    enum err (*apply)(struct engine *, const struct feed_entry *, struct people_bulk *, struct errinfo *);
} APPLY[] = {
    { FEED_RESIDENT, apply_resident }, { FEED_RESTRICTION, apply_restriction }, { FEED_CASE, apply_case },
    { FEED_RESULT, apply_result },     { FEED_NOTICE, apply_durable },
};

enum err engine_apply(struct engine *e, const struct feed_entry *f, struct people_bulk *bulk, struct errinfo *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(APPLY); i++)
        if (APPLY[i].type == f->type)
            return APPLY[i].apply(e, f, bulk, reterr);
    return OK;
}

/* ---- pages ---- */

void engine_ask_feed(struct engine *e)
{
    struct replica rep;
    struct errinfo err;
    if (replica_get(e->db, &rep, &err) != OK) {
        engine_store_failed(e, "pulling", &err);
        return;
    }
    uint64_t max = e->feed_bytes, seconds = (uint64_t)e->rate * PAGE_SECONDS;
    if (seconds && seconds < max)
        max = seconds < FEED_LEAST ? FEED_LEAST : seconds;
    engine_ask(e, &(struct link_ask){ .kind = ASK_FEED, .after = (uint64_t)rep.cursor, .max = max });
}

static enum err check_page(const struct feed_page *p, const struct replica *rep, struct errinfo *reterr)
{
    if (memcmp(p->epoch, rep->epoch, REPLICA_ID) != 0)
        return err_set(reterr, E_CONFLICT, NULL, "feed", "of another epoch of the host");
    if (p->after != (uint64_t)rep->cursor)
        return err_set(reterr, E_CORRUPT, NULL, "feed", "not behind the cursor");
    return OK;
}

static enum err apply_page(struct engine *e, const struct feed_page *p, struct errinfo *reterr)
{
    struct replica rep;
    TRY(replica_get(e->db, &rep, reterr));
    TRY(check_page(p, &rep, reterr));
    for (size_t i = 0; i < p->n; i++)
        TRY(engine_apply(e, &p->e[i], e->bulk, reterr));
    rep.cursor = (int64_t)p->upto;
    rep.heard_ms = engine_wall(e);
    rep.host_ms = p->host_ms;
    if (!p->more && rep.as_of_ms) /* before the first full copy there is no copy to speak of */
        rep.as_of_ms = p->host_ms;
    if (p->upto >= e->feed_head && rep.as_of_ms && e->list_ms > rep.list_ms)
        rep.list_ms = e->list_ms;
    TRY(replica_set(e->db, &rep, reterr));
    return engine_tell_arrived(e, rep.cursor, reterr);
}

enum err engine_page(struct engine *e, struct span body, struct errinfo *reterr)
{
    struct feed_page p;
    TRY(feed_page_decode(body, &p, reterr));
    enum err r = txn_begin(e->db, reterr);
    if (r == OK)
        r = txn_end(e->db, apply_page(e, &p, reterr), reterr);
    if (r != OK) { /* does not live over a rollback */
        people_bulk_free(e->bulk);
        e->bulk = NULL;
    }
    if (r == OK) {
        e->want_pull = p.more;
        e->level = !p.more && p.upto >= e->feed_head && !e->behind;
    }
    if (r == E_CONFLICT)
        e->greeted = false;
    feed_page_done(&p);
    return r;
}
