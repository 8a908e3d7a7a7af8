/*
 * Restrictions that branches set and release (抑止・支援措置). Setting is easy, loosening is not: a row is only ever
 * loosened by a release with a second person. Also the heads of the branches' operation logs, which the host keeps.
 */
#include "base/mem.h"
#include "sync/hello.h"
#include "verdict.h"

#include <string.h>

static enum err load(struct handling *a, const char *no, json_t **ret, bool *ret_released)
{
    bool have = false;
    struct q q = q_get(a->h->b, Q_RESTRICTION_GET);
    q_text(&q, ":no", no);
    enum err e = q_row(&q, &have, a->reterr);
    *ret = NULL;
    if (e == OK && have) {
        struct span body = q_get_span(&q, "body");
        *ret = json_loadb(body.p, body.n, 0, NULL);
        *ret_released = q_get_int(&q, "released") != 0;
        if (!*ret)
            e = err_set(a->reterr, E_CORRUPT, NULL, "restriction", "stored body is not JSON");
    }
    q_done(&q);
    return e;
}

/* Would `now` bind less than `was`? */
static bool looser(const struct restriction *was, const struct restriction *now)
{
    if (strcmp(was->person, now->person) != 0 || strcmp(was->household, now->household) != 0 || now->released ||
        (restrict_protects(was->kind) && !restrict_protects(now->kind)))
        return true;
    for (int p = 0; p < RP_COUNT; p++)
        if (now->level[p] < was->level[p])
            return true;
    bool earlier_end = now->until.y && (!was->until.y || date_cmp(now->until, was->until) < 0);
    return earlier_end || (now->from.y && (!was->from.y || date_cmp(now->from, was->from) > 0));
}

enum err op_restrict_set(struct handling *a)
{
    json_t *p = json_loadb(a->op->payload, a->op->payload_len, 0, NULL), *old = NULL;
    struct restriction now, was;
    bool released = false;
    struct errinfo why;
    if (restriction_parse(p, &now, &why) != OK) {
        json_decref(p);
        return verdict_rejected(a, "S410", why.item);
    }
    enum err e = load(a, now.id, &old, &released);
    if (e == OK && old)
        e = restriction_parse(old, &was, a->reterr);
    if (e == OK && old && (released || looser(&was, &now)))
        e = verdict_rejected(a, "S466", now.id);
    else if (e == OK) {
        e = restriction_write(a->h, &now, json_incref(p), &a->v->host_seq, a->reterr);
        if (e == OK)
            e = verdict_applied(a, NULL);
    }
    json_decref(old);
    json_decref(p);
    return e;
}

enum err op_restrict_release(struct handling *a)
{
    json_t *p = json_loadb(a->op->payload, a->op->payload_len, 0, NULL), *body = NULL;
    const char *no = json_string_value(json_object_get(p, "no"));
    bool released = false;
    struct restriction r;
    enum err e = load(a, no, &body, &released);
    if (e == OK && (!body || released))
        e = verdict_rejected(a, "S467", no);
    else if (e == OK) {
        e = restriction_parse(body, &r, a->reterr);
        json_object_set_new(body, "released", json_true());
        json_object_set(body, "released_on", json_object_get(p, "on"));
        r.released = true;
        if (e == OK)
            e = restriction_write(a->h, &r, json_incref(body), &a->v->host_seq, a->reterr);
        if (e == OK)
            e = verdict_applied(a, NULL);
    }
    json_decref(body);
    json_decref(p);
    return e;
}
