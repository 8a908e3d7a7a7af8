/* Certificates that branches issued (証明書交付の記録). An issue is a fact: it is recorded whatever else is found. */
#include "base/mem.h"
#include "verdict.h"

#include <string.h>

static enum err known(struct handling *a, const char *no, bool *ret_have, bool *ret_own, bool *ret_void)
{
    struct q q = q_get(a->h->b, Q_CERTIFICATE_GET);
    q_text(&q, ":no", no);
    enum err e = q_row(&q, ret_have, a->reterr);
    if (e == OK && *ret_have) {
        *ret_own = span_is(q_get_span(&q, "branch"), a->origin->branch);
        *ret_void = !q_null(&q, "void_reason");
    }
    q_done(&q);
    return e;
}

static enum err record(struct handling *a, const char *no)
{
    struct q q = q_get(a->h->b, Q_CERTIFICATE_ADD);
    q_text(&q, ":no", no);
    q_op(&q, a->origin->branch, a->origin->incarnation, a->origin->seq);
    q_int(&q, ":at_ms", a->op->wall_ms);
    q_span(&q, ":body", (struct span){ a->op->payload, a->op->payload_len });
    return q_run(&q, a->reterr);
}

/* Was there a newer row when the paper was made? Rows written later are no fault of it. */
static enum err was_old(struct handling *a, const char *id, int64_t rev, bool *ret)
{
    bool have = false;
    struct q q = q_get(a->h->b, Q_HISTORY_SINCE);
    q_text(&q, ":id", id);
    q_int(&q, ":rev", rev);
    enum err e = q_row(&q, &have, a->reterr);
    if (e == OK && have && q_get_int(&q, "at_ms") <= a->op->wall_ms)
        *ret = true;
    q_done(&q);
    return e;
}

static enum err look_at_persons(struct handling *a, json_t *persons, struct resident_list *list, bool *ret_old)
{
    size_t i;
    json_t *v;
    json_array_foreach (persons, i, v) {
        const char *id = json_string_value(json_object_get(v, "id"));
        struct resident *r = NULL;
        enum err e = id ? person_load(a->h, id, &r, a->reterr) : E_NOTFOUND;
        if (e == E_NOTFOUND)
            continue;
        TRY(e);
        resident_list_add(list, r);
        TRY(was_old(a, id, json_integer_value(json_object_get(v, "rev")), ret_old));
    }
    return OK;
}

static enum err judge_issue(struct handling *a, json_t *payload)
{
    struct resident_list list = { 0 };
    bool old = false, bound = false;
    enum err e = look_at_persons(a, json_object_get(payload, "persons"), &list, &old);
    if (e == OK)
        e = restriction_since(a->h, &list, RP_CERTIFICATE, a->op->host_ms, &bound, a->reterr);
    resident_list_done(&list);
    if (e == OK && bound)
        return verdict_conflict(a, CONFLICT_SUPPRESSED, "S462", json_pack("{s:b}", "recorded", 1));
    if (e == OK && old)
        return verdict_conflict(a, CONFLICT_CERTIFICATE, "S463", json_pack("{s:b}", "recorded", 1));
    return e == OK ? verdict_applied(a, NULL) : e;
}

enum err op_cert_issue(struct handling *a)
{
    json_t *p = json_loadb(a->op->payload, a->op->payload_len, 0, NULL);
    const char *no = json_string_value(json_object_get(p, "no"));
    bool have = false, own = false, gone = false;
    enum err e = known(a, no, &have, &own, &gone);
    if (e == OK && (have || !*no))
        e = verdict_rejected(a, "S464", no);
    else if (e == OK) {
        e = record(a, no);
        if (e == OK)
            e = judge_issue(a, p);
    }
    json_decref(p);
    return e;
}

enum err op_cert_void(struct handling *a)
{
    json_t *p = json_loadb(a->op->payload, a->op->payload_len, 0, NULL);
    const char *no = json_string_value(json_object_get(p, "no"));
    bool have = false, own = false, gone = false;
    enum err e = known(a, no, &have, &own, &gone);
    if (e == OK && (!have || !own || gone))
        e = verdict_rejected(a, "S465", no);
    else if (e == OK) {
        struct q q = q_get(a->h->b, Q_CERTIFICATE_VOID);
        q_text(&q, ":no", no);
        q_text(&q, ":reason", json_string_value(json_object_get(p, "reason")));
        e = q_run(&q, a->reterr);
        if (e == OK)
            e = verdict_applied(a, NULL);
    }
    json_decref(p);
    return e;
}
