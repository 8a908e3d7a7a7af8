/*
 * One operation: what holds for every kind, whether it is its turn, and which handler decides (操作の判定).
 */
#include "base/mem.h"
#include "sync/payload.h"
#include "verdict.h"

#include <string.h>

/* ---- verdicts ---- */

static void set_verdict(struct handling *a, enum op_code code, enum conflict category, json_t *take_detail)
{
    json_decref(a->v->detail);
    a->v->code = code;
    a->v->category = category;
    a->v->detail = take_detail;
}

enum err verdict_applied(struct handling *a, json_t *take_detail)
{
    set_verdict(a, OPR_APPLIED, CONFLICT_NONE, take_detail);
    return OK;
}

enum err verdict_rejected(struct handling *a, const char *msg, const char *item)
{
    json_t *o = json_pack("{s:s}", "msg", msg);
    if (item && *item)
        json_object_set_new(o, "item", json_string(item));
    set_verdict(a, OPR_REJECTED, CONFLICT_NONE, o);
    return OK;
}

enum err verdict_conflict(struct handling *a, enum conflict category, const char *msg, json_t *take_detail)
{
    json_t *o = take_detail ? take_detail : json_object();
    json_object_set_new(o, "msg", json_string(msg));
    set_verdict(a, OPR_CONFLICT, category, o);
    return OK;
}

/* ---- which handler ---- */

static const struct handler {
    const char *kind;
    enum err (*run)(struct handling *);
    bool blocks; /* while in conflict or rejected, later ones of its lane wait */
} handlers[] = {
    { "notice.enter", op_notice_enter, false },
    { "notice.decide", op_notice_decide, true },
    { "notice.withdraw", op_notice_withdraw, false },
    { "cert.issue", op_cert_issue, false },
    { "cert.void", op_cert_void, false },
    { "outage.phase", op_record_only, false },
    { "restrict.set", op_restrict_set, false },
    { "restrict.release", op_restrict_release, false },
};

static const struct handler *handler_of(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(handlers); i++)
        if (strcmp(handlers[i].kind, kind) == 0)
            return &handlers[i];
    return NULL;
}

enum err op_record_only(struct handling *a)
{
    return verdict_applied(a, NULL);
}

/* What holds for every kind, before anything of the register is read. *ret_go false: there is a verdict. */
static enum err gate(struct handling *a, const struct handler *handler, bool *ret_go)
{
    const struct op *o = a->op;
    const struct op_kind *kind = op_kind_find(o->kind);
    struct errinfo why;
    *ret_go = false;
    if (!kind || !handler)
        return verdict_conflict(a, CONFLICT_SCHEMA, "S447", NULL);
    if (((o->flags & OPF_TRIAL) != 0) != a->h->facts.trial)
        return verdict_rejected(a, "S448", NULL);
    if (payload_check(kind, (struct span){ o->payload, o->payload_len }, &why) != OK)
        return verdict_rejected(a, "S410", why.item);
    if (strcmp(o->approver, o->operator_id) == 0 || (kind->second_person && !*o->approver))
        return verdict_rejected(a, "S449", NULL);
    /* 訓練: the way is tried, the register is not touched. */
    if (o->flags & OPF_DRILL)
        return verdict_applied(a, json_pack("{s:b}", "drill", 1));
    *ret_go = true;
    return OK;
}

/* ---- lanes ---- */

/* First operation of the lane, before `seq`, that is not settled; 0 = none. */
static enum err lane_blocker(struct handling *a, uint64_t seq, uint64_t *ret)
{
    bool have = false;
    struct q q = q_get(a->h->b, Q_OP_BLOCKER);
    q_life(&q, a->origin->branch, a->origin->incarnation);
    q_text(&q, ":lane", a->op->lane);
    q_int(&q, ":seq", (int64_t)seq);
    enum err e = q_row(&q, &have, a->reterr);
    if (e == OK)
        *ret = have ? (uint64_t)q_get_int(&q, "seq") : 0;
    q_done(&q);
    return e;
}

/* One that takes the place of another stands where that one stood: only what was before it matters. */
static uint64_t supersedes(const struct op *o)
{
    json_t *p = json_loadb(o->payload, o->payload_len, 0, NULL);
    json_int_t n = json_integer_value(json_object_get(p, "supersedes"));
    json_decref(p);
    return n > 0 && (uint64_t)n < o->seq ? (uint64_t)n : 0;
}

enum err op_is_open(struct handling *a, uint64_t seq, bool *ret)
{
    bool have = false;
    struct q q = q_get(a->h->b, Q_OP_GET);
    q_op(&q, a->origin->branch, a->origin->incarnation, seq);
    enum err e = q_row(&q, &have, a->reterr);
    if (e == OK) {
        int64_t code = have ? q_get_int(&q, "code") : 0;
        *ret = have && q_null(&q, "closed_by") && (code == OPR_CONFLICT || code == OPR_REJECTED || code == OPR_HELD);
    }
    q_done(&q);
    return e;
}

enum err origin_in_lane(struct handling *a, const char *branch, struct span incarnation, uint64_t seq, bool *ret)
{
    bool have = false;
    *ret = false;
    if (!*a->op->lane || strcmp(branch, a->origin->branch) != 0 || incarnation.n != OP_INCARNATION ||
        memcmp(incarnation.p, a->origin->incarnation, OP_INCARNATION) != 0)
        return OK;
    struct q q = q_get(a->h->b, Q_OP_GET);
    q_op(&q, branch, a->origin->incarnation, seq);
    enum err e = q_row(&q, &have, a->reterr);
    if (e == OK)
        *ret = have && span_is(q_get_span(&q, "lane"), a->op->lane);
    q_done(&q);
    return e;
}

enum err op_judge(struct handling *a)
{
    const struct handler *handler = handler_of(a->op->kind);
    bool go = false;
    TRY(gate(a, handler, &go));
    if (!go)
        return OK;
    uint64_t replaced = supersedes(a->op), blocker = 0;
    if (*a->op->lane)
        TRY(lane_blocker(a, replaced ? replaced : a->op->seq, &blocker));
    if (blocker) {
        set_verdict(a, OPR_HELD, CONFLICT_NONE, json_pack("{s:I}", "waits_for", (json_int_t)blocker));
        return OK;
    }
    return handler->run(a);
}

bool op_blocks(const struct op *o, const struct verdict *v)
{
    const struct handler *handler = handler_of(o->kind);
    bool settled = v->code == OPR_APPLIED || (v->code != OPR_HELD && !(handler && handler->blocks));
    return *o->lane && !settled;
}
