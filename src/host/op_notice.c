/* Notices that are under way (仮登録, 取下げ) and the state of a case as the host knows it. */
#include "base/mem.h"
#include "sync/payload.h"
#include "verdict.h"

#include <string.h>

enum err case_may(struct handling *a, const char *no, bool *ret_go)
{
    bool have = false;
    struct q q = q_get(a->h->b, Q_CASE_GET);
    q_text(&q, ":no", no);
    enum err e = q_row(&q, &have, a->reterr);
    bool other = e == OK && have && !span_is(q_get_span(&q, "branch"), a->origin->branch);
    bool ended = e == OK && have && !span_is(q_get_span(&q, "state"), "entered");
    q_done(&q);
    *ret_go = !other && !ended;
    if (e == OK && other)
        return verdict_rejected(a, "S454", no);
    if (e == OK && ended)
        return verdict_rejected(a, "S455", no);
    return e;
}

enum err case_write(struct handling *a, const char *no, const char *state, json_t *take_body)
{
    json_object_set_new(take_body, "no", json_string(no));
    json_object_set_new(take_body, "state", json_string(state));
    json_object_set_new(take_body, "branch", json_string(a->origin->branch));
    char *text = json_dumps(take_body, JSON_COMPACT);
    json_decref(take_body);
    MUST(text);
    enum err e = feed_write(a->h, FEED_CASE, no, NULL, span_of(text), &a->v->host_seq, a->reterr);
    if (e == OK) {
        struct q q = q_get(a->h->b, Q_CASE_PUT);
        q_text(&q, ":no", no);
        q_op(&q, a->origin->branch, a->origin->incarnation, a->origin->seq);
        q_text(&q, ":state", state);
        q_text(&q, ":body", text);
        q_int(&q, ":host_seq", (int64_t)a->v->host_seq);
        e = q_run(&q, a->reterr);
    }
    wipe_str(text);
    return e;
}

/* Persons an operation says it is based on. */
static json_t *persons_of(const struct op *o)
{
    json_t *list = json_array();
    for (size_t i = 0; i < o->n_base; i++)
        json_array_append_new(list, json_string(o->base[i].id));
    return list;
}

enum err op_notice_enter(struct handling *a)
{
    struct notice_payload p;
    bool go = false;
    if (notice_payload_decode((struct span){ a->op->payload, a->op->payload_len }, &p, NULL) != OK ||
        strlen(p.notice->no) > FEED_KEY_MAX) {
        return verdict_rejected(a, "S410", a->op->kind);
    }
    enum err e = case_may(a, p.notice->no, &go);
    if (e == OK && go)
        e = case_write(a, p.notice->no, "entered",
                       json_pack("{s:s,s:o}", "kind", p.notice->kind, "persons", persons_of(a->op)));
    if (e == OK && go)
        e = verdict_applied(a, NULL);
    notice_payload_done(&p);
    return e;
}

/* What is withdrawn may be a provisional entry, or a decided one that is still in conflict, refused or held. */
enum err op_notice_withdraw(struct handling *a)
{
    json_t *p = json_loadb(a->op->payload, a->op->payload_len, 0, NULL);
    const char *no = json_string_value(json_object_get(p, "no"));
    uint64_t closes = (uint64_t)json_integer_value(json_object_get(p, "supersedes"));
    bool go = strlen(no) <= FEED_KEY_MAX && *no, open = true;
    enum err e = go ? case_may(a, no, &go) : verdict_rejected(a, "S410", "no");
    if (e == OK && go && closes)
        e = op_is_open(a, closes, &open);
    if (e == OK && go && !open)
        e = verdict_rejected(a, "S456", NULL);
    else if (e == OK && go) {
        e = case_write(a, no, "withdrawn", json_pack("{s:[]}", "persons"));
        a->v->closes = closes;
        if (e == OK)
            e = verdict_applied(a, NULL);
    }
    json_decref(p);
    return e;
}
