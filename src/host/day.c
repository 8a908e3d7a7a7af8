/*
 * What a new day brings (日次処理): persons whose planned day of leaving has come, or who arrived elsewhere before it,
 * are removed by the waiting steps of their own notice. One notice is one transaction, so the work may stop anywhere
 * and go on later.
 */
#include "base/mem.h"
#include "internal.h"
#include "post.h"

#include <stdlib.h>
#include <string.h>

struct due {
    char branch[OP_BRANCH_MAX + 1];
    uint8_t incarnation[OP_INCARNATION];
    uint64_t seq;
};

static enum err next_due(struct host *h, struct due *ret, bool *ret_have, struct errinfo *reterr)
{
    char today[DATE_TEXT];
    date_text(host_today(h), today);
    struct q q = q_get(h->b, Q_DUE_NEXT);
    q_text(&q, ":today", today);
    enum err e = q_row(&q, ret_have, reterr);
    if (e == OK && *ret_have) {
        q_get_text(&q, "branch", ret->branch, OP_BRANCH_MAX);
        ret->seq = (uint64_t)q_get_int(&q, "seq");
        e = q_get_fixed(&q, "incarnation", ret->incarnation, OP_INCARNATION, reterr);
    }
    q_done(&q);
    return e;
}

static enum err load_notice(struct host *h, const struct due *d, struct op *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_BYTES);
    q_op(&q, d->branch, d->incarnation, d->seq);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        e = have ? op_decode(q_get_span(&q, "bytes"), ret, reterr) : err_set(reterr, E_CORRUPT, NULL, "due", "lost");
    q_done(&q);
    return e;
}

/* A person who does not leave after all (転出取消, death), or not yet: the rows of the notice that name them fall
 * away. */
static void drop_person(const struct kind *k, struct notice *n, const char *id)
{
    for (size_t i = 0; i < k->n; i++)
        for (size_t f = 0; f < k->s[i].n; f++) {
            if (k->s[i].f[f].type != FT_PERSON || k->s[i].max == 1)
                continue;
            for (int row = notice_rows(n, k->s[i].id) - 1; row >= 0; row--)
                if (strcmp(notice_get(n, k->s[i].id, row, k->s[i].f[f].key), id) == 0)
                    notice_remove_row(n, k->s[i].id, row);
        }
}

static enum err drop_who_stays(struct host *h, const struct due *d, struct post *p, size_t *ret_leaving,
                               struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_DUE_PERSONS);
    q_op(&q, d->branch, d->incarnation, d->seq);
    enum err e;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        char id[PERSON_ID_MAX + 1], day[DATE_TEXT] = "";
        struct date leaves;
        q_get_text(&q, "id", id, PERSON_ID_MAX);
        if (!q_null(&q, "leaves_on"))
            q_get_text(&q, "leaves_on", day, DATE_TEXT - 1);
        if (date_read(day, &leaves, NULL) != OK || date_cmp(leaves, host_today(h)) > 0)
            drop_person(p->kind, p->payload.notice, id);
        else
            ++*ret_leaving;
    }
    q_done(&q);
    return e;
}

static enum err settle(struct host *h, const struct due *d, const char *state, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_DUE_STATE);
    q_op(&q, d->branch, d->incarnation, d->seq);
    q_text(&q, ":state", state);
    return q_run(&q, reterr);
}

/* The planned steps, as of today; what is left of the notice may be nothing at all. */
static enum err run_steps(struct handling *a, const struct due *d, struct post *p)
{
    size_t leaving = 0;
    TRY(drop_who_stays(a->h, d, p, &leaving, a->reterr));
    if (leaving == 0)
        return settle(a->h, d, "cancelled", a->reterr);
    TRY(post_load_world(a, p));
    p->numbers.h = a->h;
    p->ctx.numbers = numbers_real(&p->numbers);
    TRY(effect_due(p->kind, p->payload.notice, &p->world, &p->ctx, &p->changes, a->reterr));
    TRY(post_write_rows(a, &p->changes));
    TRY(restriction_follow(a->h, &p->world.people, &p->changes.rows, &a->v->host_seq, a->reterr));
    return settle(a->h, d, "done", a->reterr);
}

static enum err post_due(struct host *h, const struct due *d, struct errinfo *reterr)
{
    struct op o;
    struct verdict v = { .code = OPR_APPLIED };
    struct origin origin = { d->branch, d->incarnation, d->seq };
    struct post p = { .ctx = { .book = h->book, .today = host_today(h) } };
    TRY(load_notice(h, d, &o, reterr));
    struct handling a = { h, &o, &origin, &v, reterr };
    enum err e = notice_payload_decode((struct span){ o.payload, o.payload_len }, &p.payload, reterr);
    if (e == OK) {
        post_place(&p, d->branch);
        p.kind = kind_find(&h->book->kinds, p.payload.notice->kind);
        if (!p.kind || date_read(p.payload.received_on, &p.ctx.received, NULL) != OK)
            e = err_set(reterr, E_CORRUPT, "S457", p.payload.notice->kind, "planned notice of an unknown form");
        else
            e = run_steps(&a, d, &p);
    }
    post_done(&p);
    op_done(&o);
    return e;
}

/* ---- the feed is kept for a while only ---- */

static enum err old_upto(struct host *h, int64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    int64_t keep = rulebook_param_int(h->book, "HOST_FEED_KEEP_D") * DAY_MS;
    struct q q = q_get(h->b, Q_FEED_OLD);
    q_int(&q, ":before_ms", host_now(h) - keep);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = q_get_int(&q, "upto");
    q_done(&q);
    return e;
}

static enum err prune(struct host *h, struct errinfo *reterr)
{
    int64_t upto = 0;
    if (date_cmp(h->pruned_on, host_today(h)) == 0)
        return OK;
    TRY(old_upto(h, &upto, reterr));
    h->pruned_on = host_today(h);
    if (upto == 0)
        return OK;
    TRY(h->b->ops->begin(h->b, reterr));
    struct q q = q_get(h->b, Q_FEED_LOW);
    q_int(&q, ":low", upto);
    enum err e = q_run(&q, reterr);
    if (e == OK) {
        q = q_get(h->b, Q_FEED_PRUNE);
        q_int(&q, ":upto", upto);
        e = q_run(&q, reterr);
    }
    return host_end(h, e, reterr);
}

/* A notice that cannot be carried out must not stop the others: it waits for a person, who finds it in the status. */
static enum err set_aside(struct host *h, const struct due *d, enum err why, struct errinfo *reterr)
{
    TRY(h->b->ops->begin(h->b, reterr));
    enum err e = settle(h, d, "stuck", reterr);
    if (e == OK)
        e = journal(h, "host", "due.stuck",
                    json_pack("{s:s,s:I,s:s}", "branch", d->branch, "seq", (json_int_t)d->seq, "why", err_name(why)),
                    reterr);
    return host_end(h, e, reterr);
}

enum err host_day_batch(struct host *h, bool *ret_more, struct errinfo *reterr)
{
    struct due d;
    bool have = false;
    *ret_more = false;
    TRY(next_due(h, &d, &have, reterr));
    if (!have)
        return prune(h, reterr);
    TRY(h->b->ops->begin(h->b, reterr));
    enum err e = host_end(h, post_due(h, &d, reterr), reterr);
    if (e == E_INVALID || e == E_NOTFOUND || e == E_CORRUPT || e == E_DENIED)
        e = set_aside(h, &d, e, reterr);
    *ret_more = e == OK;
    return e;
}

/* ---- what was set aside ---- */

enum err host_due_stuck(struct host *h, void (*cb)(void *arg, const struct host_stuck *), void *arg,
                        struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_DUE_STUCK_LIST);
    enum err e;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        char branch[OP_BRANCH_MAX + 1], day[DATE_TEXT];
        q_get_text(&q, "branch", branch, OP_BRANCH_MAX);
        q_get_text(&q, "on_day", day, sizeof day - 1);
        cb(arg, &(struct host_stuck){ branch, day, (uint64_t)q_get_int(&q, "seq") });
    }
    q_done(&q);
    return e;
}

enum err host_due_retry(struct host *h, const char *reason, const char *who, struct errinfo *reterr)
{
    if (!*reason)
        return err_set(reterr, E_INVALID, "S410", "reason", "why it is tried again is not said");
    TRY(h->b->ops->begin(h->b, reterr));
    struct q q = q_get(h->b, Q_DUE_RETRY);
    enum err e = q_run(&q, reterr);
    if (e == OK)
        e = journal(h, who, "due.retry", json_pack("{s:s}", "reason", reason), reterr);
    return host_end(h, e, reterr);
}
