/*
 * Posting a decided notice (本登録の反映): who may, is it still based on what there is, do the rules agree, what does
 * it do. The effect is computed by the same function that showed it at the counter.
 */
#include "base/mem.h"
#include "domain/notice_check.h"
#include "domain/notice_points.h"
#include "post.h"
#include "sync/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Findings of the common rules that say more than "refused": somebody must decide. */
static const struct {
    const char *msg;
    enum conflict category;
} telling[] = {
    { "E20", CONFLICT_GONE },      { "E21", CONFLICT_DUPLICATE }, { "E22", CONFLICT_DUPLICATE },
    { "W14", CONFLICT_DUPLICATE }, { "W21", CONFLICT_DUPLICATE },
};

static enum conflict category_of(const char *msg)
{
    for (size_t i = 0; i < ARRAY_LEN(telling); i++)
        if (strcmp(telling[i].msg, msg) == 0)
            return telling[i].category;
    return CONFLICT_NONE;
}

void post_done(struct post *p)
{
    notice_payload_done(&p->payload);
    resident_list_done(&p->world.people);
    resident_list_done(&p->world.similar);
    changes_done(&p->changes);
    idlist_done(&p->numbers.drawn);
    free(p->base);
}

void post_place(struct post *p, const char *branch)
{
    p->ctx.office = p->payload.office ? p->payload.office : branch;
    p->ctx.terminal = p->payload.terminal ? p->payload.terminal : branch;
}

/* ---- who, and is the form known ---- */

static bool fields_known(const struct kind *k, const struct notice *n)
{
    for (size_t i = 0; i < n->n; i++) {
        const struct section *s = kind_section(k, n->v[i].section);
        if (!s || !section_field(s, n->v[i].field))
            return false;
    }
    return true;
}

/* Sets a verdict and *ret_go false when the notice may not even be looked at. */
static enum err may_post(struct handling *a, struct post *p, bool *ret_go)
{
    const struct notice_payload *n = &p->payload;
    const char *who = a->op->operator_id;
    *ret_go = false;
    if (!n->decided_by || strcmp(n->decided_by, who) != 0)
        return verdict_rejected(a, "S410", "decided_by");
    if (strcmp(n->entered_by, who) == 0 || (n->examined_by && strcmp(n->examined_by, n->entered_by) == 0))
        return verdict_rejected(a, "S214", NULL);
    TRY(case_may(a, n->notice->no, ret_go));
    if (!*ret_go)
        return OK;
    *ret_go = false;
    p->kind = kind_find(&a->h->book->kinds, n->notice->kind);
    if (!p->kind || !fields_known(p->kind, n->notice))
        return verdict_conflict(a, CONFLICT_SCHEMA, "S457", NULL);
    if (date_read(n->received_on, &p->ctx.received, NULL) != OK)
        return verdict_rejected(a, "S410", "received_on");
    if (date_cmp(p->ctx.received, p->ctx.today) > 0)
        return verdict_conflict(a, CONFLICT_TIME, "S458", NULL);
    bool open = true;
    if (n->supersedes)
        TRY(op_is_open(a, n->supersedes, &open));
    if (!open)
        return verdict_rejected(a, "S456", NULL);
    *ret_go = true;
    return OK;
}

/* ---- the world ---- */

static enum err load_person(struct handling *a, const char *id, struct resident_list *list)
{
    struct resident *r = NULL;
    if (resident_list_find(list, id))
        return OK;
    enum err e = person_load(a->h, id, &r, a->reterr);
    if (e == OK)
        resident_list_add(list, r);
    return e == E_NOTFOUND ? OK : e; /* the rules say what is missing */
}

static enum err load_households(struct handling *a, struct idlist *households, struct resident_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (resident_living(list->r[i]) && *resident_get(list->r[i], ATTR_HOUSEHOLD))
            idlist_add(households, resident_get(list->r[i], ATTR_HOUSEHOLD));
    for (size_t i = 0; i < households->n; i++)
        TRY(household_load(a->h, households->id[i], list, a->reterr));
    return OK;
}

static enum err load_similar(struct handling *a, struct post *p)
{
    struct identity *who = NULL;
    size_t n = 0;
    enum err e = notice_identities(p->kind, p->payload.notice, &who, &n, a->reterr);
    for (size_t i = 0; e == OK && i < n; i++) {
        struct q q = q_get(a->h->b, Q_PERSON_SAME_NUMBER);
        q_text(&q, ":my_number", who[i].my_number);
        q_text(&q, ":resident_code", who[i].resident_code);
        q_text(&q, ":card_no", who[i].card_no);
        e = people_take(&q, &p->world.similar, a->reterr);
        if (e != OK || !*who[i].name)
            continue;
        q = q_get(a->h->b, Q_PERSON_SAME_THREE);
        q_text(&q, ":name", who[i].name);
        q_text(&q, ":birth_on", who[i].birth_on);
        q_text(&q, ":sex", who[i].sex);
        e = people_take(&q, &p->world.similar, a->reterr);
    }
    free(who);
    return e;
}

enum err post_load_world(struct handling *a, struct post *p)
{
    struct idlist people = { 0 }, households = { 0 };
    enum err e = notice_touches(p->kind, p->payload.notice, &people, &households, a->reterr);
    for (size_t i = 0; e == OK && i < people.n; i++)
        e = load_person(a, people.id[i], &p->world.people);
    if (e == OK)
        e = load_households(a, &households, &p->world.people);
    if (e == OK)
        e = load_similar(a, p);
    idlist_done(&people);
    idlist_done(&households);
    return e;
}

/* ---- the rules once more ---- */

static json_t *finding_json(const struct finding *f)
{
    json_t *o = json_pack("{s:s,s:s,s:i,s:s}", "msg", f->msg, "section", f->section, "row", f->row, "field", f->field);
    return o ? o : json_pack("{s:s}", "msg", f->msg);
}

static bool acknowledged(const struct notice_payload *p, const char *msg)
{
    for (size_t i = 0; i < p->n_acks; i++)
        if (strcmp(p->acks[i], msg) == 0)
            return true;
    return false;
}

static enum err by_rules(struct handling *a, struct post *p, bool *ret_go)
{
    struct findings found = { 0 };
    enum err e = notice_check(p->kind, p->payload.notice, &p->world, &p->ctx, &found, a->reterr);
    *ret_go = e == OK;
    for (size_t i = 0; e == OK && *ret_go && i < found.n; i++) {
        const struct finding *f = &found.f[i];
        enum conflict category = category_of(f->msg);
        if (!rulebook_is_error(a->h->book, f->msg) && (category == CONFLICT_NONE || acknowledged(&p->payload, f->msg)))
            continue;
        *ret_go = false;
        if (category != CONFLICT_NONE)
            e = verdict_conflict(a, category, f->msg, finding_json(f));
        else {
            e = verdict_rejected(a, f->msg, NULL);
            json_object_update_new(a->v->detail, finding_json(f));
        }
    }
    findings_done(&found);
    return e;
}

static enum err by_restrictions(struct handling *a, struct post *p, bool *ret_go)
{
    bool bound = false;
    TRY(restriction_since(a->h, &p->world.people, RP_ENTRY, a->op->host_ms, &bound, a->reterr));
    *ret_go = !bound;
    return bound ? verdict_conflict(a, CONFLICT_SUPPRESSED, "S459", NULL) : OK;
}

/* ---- writing ---- */

static json_t *rows_json(const struct post *p)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < p->changes.rows.n; i++) {
        const struct resident *r = p->changes.rows.r[i];
        json_t *o = json_pack("{s:s,s:I}", "id", r->id, "rev", (json_int_t)r->rev);
        for (size_t k = 0; k < p->numbers.drawn.n; k++)
            if (strcmp(p->numbers.drawn.id[k], r->id) == 0)
                json_object_set_new(o, "was", json_sprintf("T-%zu", k + 1));
        json_array_append_new(rows, o);
    }
    return rows;
}

enum err post_write_rows(struct handling *a, const struct changes *c)
{
    for (size_t i = 0; i < c->rows.n; i++)
        TRY(person_write(a->h, c->rows.r[i], a->origin, &a->v->host_seq, a->reterr));
    return OK;
}

/* Persons whose leaving was planned by this notice: the day batch does the rest. */
static enum err write_due(struct handling *a, struct post *p)
{
    char day[DATE_TEXT];
    struct date on = effect_due_on(p->kind, p->payload.notice);
    if (on.y == 0 || date_cmp(on, p->ctx.today) <= 0)
        return OK;
    date_text(on, day);
    struct q q = q_get(a->h->b, Q_DUE_ADD);
    q_op(&q, a->origin->branch, a->origin->incarnation, a->origin->seq);
    q_text(&q, ":on_day", day);
    TRY(q_run(&q, a->reterr));
    for (size_t i = 0; i < p->changes.rows.n; i++) {
        if (!resident_is(p->changes.rows.r[i], ATTR_PLANNED_ON, day))
            continue;
        q = q_get(a->h->b, Q_DUE_PERSON_ADD);
        q_op(&q, a->origin->branch, a->origin->incarnation, a->origin->seq);
        q_text(&q, ":id", p->changes.rows.r[i]->id);
        TRY(q_run(&q, a->reterr));
    }
    return OK;
}

static enum err apply(struct handling *a, struct post *p)
{
    struct errinfo why = { .code = OK };
    p->numbers.h = a->h;
    p->ctx.numbers = numbers_real(&p->numbers);
    enum err e = effect_apply(p->kind, p->payload.notice, &p->world, &p->ctx, &p->changes, &why);
    if (e == E_INVALID)
        return verdict_rejected(a, *why.msg ? why.msg : "S410", why.item);
    if (e != OK) {
        if (a->reterr)
            *a->reterr = why;
        return e;
    }
    bool go = false;
    TRY(post_check_rows(a, p, &go));
    if (!go)
        return OK;
    TRY(post_write_rows(a, &p->changes));
    TRY(restriction_follow(a->h, &p->world.people, &p->changes.rows, &a->v->host_seq, a->reterr));
    TRY(write_due(a, p));
    TRY(case_write(a, p->payload.notice->no, "posted",
                   json_pack("{s:s,s:[]}", "kind", p->payload.notice->kind, "persons")));
    a->v->closes = p->payload.supersedes;
    return verdict_applied(a, json_pack("{s:s,s:o}", "no", p->payload.notice->no, "rows", rows_json(p)));
}

/* In the order in which a person would ask; the first that has something to say gives the verdict. */
static enum err (*const steps[])(struct handling *, struct post *, bool *) = {
    may_post,
    post_check_base,
    by_restrictions,
    by_rules,
};

enum err op_notice_decide(struct handling *a)
{
    struct post p = { .ctx = {
                          .book = a->h->book, .today = host_today(a->h), .outage = (a->op->flags & OPF_OUTAGE) != 0 } };
    if (notice_payload_decode((struct span){ a->op->payload, a->op->payload_len }, &p.payload, NULL) != OK ||
        strlen(p.payload.notice->no) > FEED_KEY_MAX)
        return verdict_rejected(a, "S410", a->op->kind);
    post_place(&p, a->origin->branch);
    bool go = true;
    enum err e = OK;
    for (size_t i = 0; e == OK && go && i < ARRAY_LEN(steps); i++)
        e = steps[i](a, &p, &go);
    if (e == OK && go)
        e = apply(a, &p);
    post_done(&p);
    return e;
}
