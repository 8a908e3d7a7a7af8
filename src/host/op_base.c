/*
 * Is a notice still based on what there is (基準版の照合)? If not: what did the branch have, what is there now, what
 * does the notice want — the three columns from which a person decides. Nothing is merged here.
 */
#include "base/mem.h"
#include "post.h"

#include <stdlib.h>
#include <string.h>

static const struct op_base *seen(const struct post *p, const char *id)
{
    for (size_t i = 0; i < p->n_base; i++)
        if (strcmp(p->base[i].id, id) == 0)
            return &p->base[i];
    return NULL;
}

static void collect_base(struct handling *a, struct post *p)
{
    struct op all;
    op_init(&all);
    for (size_t i = 0; i < a->op->n_base; i++)
        op_add_base(&all, a->op->base[i].id, a->op->base[i].rev);
    for (size_t i = 0; i < p->payload.n_base; i++)
        op_add_base(&all, p->payload.base[i].id, p->payload.base[i].rev);
    p->base = all.base;
    p->n_base = all.n_base;
    all.base = NULL;
    op_done(&all);
}

/* Were all rows of a person after `rev` written by earlier operations of this lane? */
static enum err only_own(struct handling *a, const char *id, int64_t rev, bool *ret)
{
    bool have = false;
    struct q q = q_get(a->h->b, Q_HISTORY_SINCE);
    q_text(&q, ":id", id);
    q_int(&q, ":rev", rev);
    enum err e;
    *ret = true;
    while ((e = q_row(&q, &have, a->reterr)) == OK && have && *ret) {
        char branch[OP_BRANCH_MAX + 1];
        q_get_text(&q, "branch", branch, OP_BRANCH_MAX);
        e = origin_in_lane(a, branch, q_get_span(&q, "incarnation"), (uint64_t)q_get_int(&q, "seq"), ret);
        if (e != OK)
            break;
    }
    q_done(&q);
    return e;
}

/* ---- the three columns ---- */

struct columns {
    struct resident *base, *theirs;
    const struct resident *mine;
};

/* What the notice would have done to the rows the branch had; empty when that cannot be told any more. */
static enum err wanted(struct handling *a, const struct post *p, struct changes *ret)
{
    struct world then = { .people = { 0 } };
    struct numbers_trial numbers = { 0 };
    struct effect_ctx ctx = p->ctx;
    enum err e = OK;
    for (size_t i = 0; e == OK && i < p->world.people.n; i++) {
        const struct resident *now = p->world.people.r[i];
        const struct op_base *b = seen(p, now->id);
        struct resident *r = NULL;
        if (b && b->rev > 0 && b->rev < now->rev)
            e = person_load_at(a->h, now->id, b->rev, &r, a->reterr);
        else
            r = resident_copy(now);
        if (e == OK)
            resident_list_add(&then.people, r);
    }
    ctx.numbers = numbers_provisional(&numbers);
    if (e == OK && effect_apply(p->kind, p->payload.notice, &then, &ctx, ret, NULL) != OK)
        *ret = (struct changes){ .rows = { 0 } };
    resident_list_done(&then.people);
    return e;
}

static void set_body(json_t *o, const char *key, const struct resident *r)
{
    struct buf body = BUF_INIT;
    if (r)
        resident_encode(r, &body);
    json_object_set_new(o, key, r ? json_stringn(body.p, body.len) : json_null());
    buf_done(&body);
}

static json_t *column_json(const char *id, const struct columns *c, const struct conflict_verdict *v)
{
    json_t *fields = json_array();
    for (size_t i = 0; i < v->n; i++)
        json_array_append_new(fields, json_string(attr_info(v->field[i])->key));
    json_t *o = json_pack("{s:s,s:o}", "id", id, "fields", fields);
    set_body(o, "base", c->base);
    set_body(o, "theirs", c->theirs);
    set_body(o, "mine", c->mine);
    return o;
}

static enum err load_columns(struct handling *a, const struct op_base *b, const struct changes *mine,
                             struct columns *ret)
{
    enum err e = b->rev > 0 ? person_load_at(a->h, b->id, b->rev, &ret->base, a->reterr) : OK;
    if (e == OK || e == E_NOTFOUND)
        e = person_load(a->h, b->id, &ret->theirs, a->reterr);
    ret->mine = resident_list_find(&mine->rows, b->id);
    return e == E_NOTFOUND ? OK : e;
}

struct clash {
    enum conflict category;
    json_t *worst; /* columns of the person that gave the category */
    json_t *rows;
};

static enum err add_clash(struct handling *a, const struct op_base *b, int64_t now, const struct changes *mine,
                          struct clash *c)
{
    struct columns col = { NULL, NULL, NULL };
    struct conflict_verdict v;
    enum err e = load_columns(a, b, mine, &col);
    if (e == OK) {
        conflict_classify(&(struct conflict_view){ col.base, col.theirs, col.mine }, &v);
        /* Only the event header differs: somebody wrote the same once more. */
        if (v.category == CONFLICT_NONE)
            v.category = CONFLICT_DISJOINT;
        enum conflict worse = conflict_worse(c->category, v.category);
        if (worse != c->category || !c->worst) {
            json_decref(c->worst);
            c->worst = column_json(b->id, &col, &v);
            c->category = worse;
        }
        json_array_append_new(
            c->rows, json_pack("{s:s,s:I,s:I}", "id", b->id, "base", (json_int_t)b->rev, "now", (json_int_t)now));
    }
    resident_free(col.base);
    resident_free(col.theirs);
    return e;
}

static enum err give_verdict(struct handling *a, struct clash *c)
{
    json_t *detail = c->worst;
    json_object_set(detail, "rows", c->rows);
    size_t size = json_dumpb(detail, NULL, 0, JSON_COMPACT);
    if (size > RESULT_DETAIL_MAX - 64) { /* the branch has the rows; it is told which */
        json_object_set_new(detail, "base", json_null());
        json_object_set_new(detail, "theirs", json_null());
        json_object_set_new(detail, "mine", json_null());
    }
    c->worst = NULL;
    return verdict_conflict(a, c->category, "S460", detail);
}

struct stale {
    const struct op_base *b;
    int64_t now;
};

static enum err find_stale(struct handling *a, const struct post *p, struct stale *ret, size_t *ret_n)
{
    for (size_t i = 0; i < p->n_base; i++) {
        int64_t now = 0;
        bool own = true;
        TRY(person_rev(a->h, p->base[i].id, &now, a->reterr));
        if (now > p->base[i].rev)
            TRY(only_own(a, p->base[i].id, p->base[i].rev, &own));
        if (now < p->base[i].rev || !own)
            ret[(*ret_n)++] = (struct stale){ &p->base[i], now };
    }
    return OK;
}

enum err post_check_base(struct handling *a, struct post *p, bool *ret_go)
{
    size_t n = 0;
    collect_base(a, p);
    TRY(post_load_world(a, p));
    struct stale *stale = xcalloc(p->n_base + 1, sizeof *stale);
    struct changes mine = { .rows = { 0 } };
    enum err e = find_stale(a, p, stale, &n);
    *ret_go = n == 0;
    if (e == OK && n) {
        struct clash c = { CONFLICT_NONE, NULL, json_array() };
        e = wanted(a, p, &mine);
        for (size_t i = 0; e == OK && i < n; i++)
            e = add_clash(a, stale[i].b, stale[i].now, &mine, &c);
        if (e == OK)
            e = give_verdict(a, &c);
        json_decref(c.worst);
        json_decref(c.rows);
    }
    changes_done(&mine);
    free(stale);
    return e;
}

enum err post_check_rows(struct handling *a, struct post *p, bool *ret_go)
{
    *ret_go = true;
    for (size_t i = 0; i < p->changes.rows.n; i++) {
        const struct resident *r = p->changes.rows.r[i];
        if (r->rev == 1 || seen(p, r->id))
            continue;
        *ret_go = false;
        return verdict_conflict(a, CONFLICT_DISJOINT, "S461",
                                json_pack("{s:s,s:[{s:s,s:i,s:I}]}", "id", r->id, "rows", "id", r->id, "base", 0, "now",
                                          (json_int_t)r->rev - 1));
    }
    return OK;
}
