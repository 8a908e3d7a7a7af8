#include "base/mem.h"
#include "domain/address.h"
#include "domain/finding.h"
#include "domain/household.h"
#include "domain/notice_points.h"
#include "domain/notice_proposals.h"
#include "domain/relation.h"
#include "effect_work_in.h"
#include "rule_in.h"

#include <stdio.h>
#include <string.h>

/* What the register would look like afterwards: the effect is tried on a copy, all its days at once, and the
 * households that come out are looked at. */

/* ---- where a finding about a person belongs ---- */

struct place {
    const struct section *s;
    const struct field *f;
    int row;
};

/* Row of the new person that got the n-th number (from 1): rows of people who come back get none. */
static int trial_row(const struct check *c, const struct section *new, int n)
{
    const struct field *again = section_field_of_type(new, FT_PERSON);
    for (int row = 0; row < notice_rows(c->notice, new->id); row++) {
        bool numbered = !again || !*notice_get(c->notice, new->id, row, again->key);
        if (numbered && --n == 0)
            return row;
    }
    return 0;
}

/* Row that names the person; of several the last, which is the one about relations. */
static struct place place_of(const struct check *c, const char *id)
{
    struct place p = { 0 };
    const struct section *created = kind_creates(c->kind);
    int trial = 0;
    if (created && sscanf(id, "T-%d", &trial) == 1)
        return (struct place){ created, section_field_of_type(created, FT_RELATION), trial_row(c, created, trial) };
    for (size_t i = 0; i < c->kind->n; i++) {
        const struct section *s = &c->kind->s[i];
        const struct field *who = section_field_of_type(s, FT_PERSON);
        const struct field *relation = section_field_of_type(s, FT_RELATION);
        for (int row = 0; who && row < notice_rows(c->notice, s->id); row++)
            if (strcmp(notice_get(c->notice, s->id, row, who->key), id) == 0)
                p = (struct place){ s, relation ? relation : who, row };
    }
    return p;
}

static void about_person(const struct check *c, const char *msg, const struct resident *r)
{
    struct place p = place_of(c, r->id);
    report_at(c, p.s, p.row, p.f, msg, resident_shown_name(r));
}

/* ---- the register afterwards ---- */

struct outcome {
    const struct check *c;
    const struct changes *made;
    struct resident_list after; /* copies of everybody, as they would be */
    struct idlist households;   /* numbers that somebody changed came from or went to */
};

static void build(struct outcome *o)
{
    const struct resident_list *before = &o->c->world->people;
    for (size_t i = 0; i < before->n; i++)
        if (!resident_list_find(&o->made->rows, before->r[i]->id))
            resident_list_add(&o->after, resident_copy(before->r[i]));
    for (size_t i = 0; i < o->made->rows.n; i++) {
        const struct resident *now = o->made->rows.r[i];
        const struct resident *was = resident_list_find(before, now->id);
        resident_list_add(&o->after, resident_copy(now));
        idlist_add(&o->households, resident_get(now, ATTR_HOUSEHOLD));
        if (was && resident_living(was))
            idlist_add(&o->households, resident_get(was, ATTR_HOUSEHOLD));
    }
}

static bool in_household(const struct household *h, const char *id)
{
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->m[i]->id, id) == 0)
            return true;
    return false;
}

static void judge_head(const struct outcome *o, const struct household *was, const struct household *now)
{
    if (!now->n || now->head)
        return;
    bool left = was->head && !in_household(now, was->head->id);
    if (left && now->n >= 2) {
        char stay[24];
        snprintf(stay, sizeof stay, "%zu", now->n);
        struct place p = place_of(o->c, was->head->id);
        report_at(o->c, p.s, p.row, p.f, "W04", stay);
    }
    bool joined = false;
    for (size_t i = 0; i < now->n; i++)
        joined = joined || !in_household(was, now->m[i]->id);
    if (was->head || joined)
        report_at(o->c, NULL, 0, NULL, "W31", resident_shown_name(now->m[0]));
}

/* Age or order of birth that does not go with the relation. */
static bool odd_age(const struct outcome *o, const struct household *h, const struct resident *r, struct date event)
{
    const struct rulebook *book = o->c->ctx->book;
    struct date born, head_born;
    struct relation rel;
    if (!value_day(o->c, resident_get(r, ATTR_BIRTH_ON), &born))
        return false;
    if (r == h->head)
        return event.y && date_age(born, event) < rulebook_param_int(book, "HEAD_AGE_MIN");
    if (!h->head || !value_day(o->c, resident_get(h->head, ATTR_BIRTH_ON), &head_born) ||
        relation_parse(resident_get(r, ATTR_RELATION), &rel, NULL, NULL) != OK || rel.n != 1)
        return false;
    if (rel.atom[0] == REL_CHILD)
        return date_cmp(born, head_born) < 0;
    return (rel.atom[0] == REL_FATHER || rel.atom[0] == REL_MOTHER) && date_cmp(born, head_born) > 0;
}

static void judge_member(const struct outcome *o, const struct household *h, const struct resident *r,
                         struct date event)
{
    struct relation rel;
    if (!resident_list_find(&o->made->rows, r->id))
        return;
    if (relation_parse(resident_get(r, ATTR_RELATION), &rel, NULL, NULL) == OK &&
        !relation_fits_sex(&rel, resident_get(r, ATTR_SEX)))
        about_person(o->c, "W02", r);
    if (odd_age(o, h, r, event))
        about_person(o->c, "W05", r);
    if (h->head && address_compare(h->head, r) == ADDRESS_SAME_LOT)
        about_person(o->c, "W34", r);
}

static void judge_households(const struct outcome *o, struct date event)
{
    const struct eras *eras = &o->c->ctx->book->eras;
    for (size_t i = 0; i < o->households.n; i++) {
        struct household was, now;
        household_of(&o->c->world->people, o->households.id[i], eras, &was);
        household_of(&o->after, o->households.id[i], eras, &now);
        judge_head(o, &was, &now);
        for (size_t m = 0; m < now.n; m++)
            judge_member(o, &now, now.m[m], event);
        household_done(&was);
        household_done(&now);
    }
}

/* ---- the order of events (E17) ---- */

static void later(const struct check *c, const char *value, struct date *ret)
{
    struct date day;
    if (value_day(c, value, &day) && date_cmp(day, *ret) > 0)
        *ret = day;
}

/* What is planned has not happened. */
static bool only_planned(const struct check *c, const struct resident *r)
{
    struct date on, planned;
    return resident_living(r) && value_day(c, resident_get(r, ATTR_EV_ON), &on) &&
           value_day(c, resident_get(r, ATTR_PLANNED_ON), &planned) && date_cmp(on, planned) == 0;
}

/* Day before which nothing more may happen to somebody: the latest event of those the notice names; since when
 * everybody else it changes has been here; and who comes back has left before. */
static struct date not_before(const struct outcome *o, const struct resident *was, const struct resident *now)
{
    struct date day = { 0 };
    bool foreign = resident_is(was, ATTR_CLASS, CLASS_FOREIGN);
    if (!resident_living(was)) {
        later(o->c, resident_get(was, ATTR_REMOVED_ON), &day);
        return day;
    }
    if (resident_living(now))
        later(o->c, resident_get(was, foreign ? ATTR_FOREIGN_SINCE : ATTR_RESIDENT_SINCE), &day);
    if (!resident_is(now, ATTR_ADDR_SINCE, resident_get(was, ATTR_ADDR_SINCE)))
        later(o->c, resident_get(was, ATTR_ADDR_SINCE), &day);
    if (place_of(o->c, was->id).s && !only_planned(o->c, was))
        later(o->c, resident_get(was, ATTR_EV_ON), &day);
    return day;
}

static bool blamed(const struct check *c, const struct site *at)
{
    for (size_t i = 0; i < c->out->n; i++)
        if (strcmp(c->out->f[i].section, at->section->id) == 0 && strcmp(c->out->f[i].field, at->field->key) == 0 &&
            rulebook_is_error(c->ctx->book, c->out->f[i].msg))
            return true;
    return false;
}

static void judge_order(const struct outcome *o, struct date event)
{
    struct site at = { .kind = o->c->kind };
    at.field = ref_field(&at, span_of(o->c->kind->deadline_from), &at.section);
    bool silent = !event.y || blamed(o->c, &at); /* the day is wrong as it is */
    for (size_t i = 0; i < o->made->rows.n && !silent; i++) {
        const struct resident *now = o->made->rows.r[i];
        const struct resident *was = resident_list_find(&o->c->world->people, now->id);
        if (was && date_cmp(event, not_before(o, was, now)) < 0)
            report_at(o->c, at.section, 0, at.field, "E17", resident_shown_name(was));
    }
}

static void judge(const struct check *c, const struct changes *made)
{
    struct outcome o = { .c = c, .made = made };
    struct site at = { .kind = c->kind };
    struct date event = { 0 };
    if (!value_day(c, ref_value(&at, c->notice, span_of(c->kind->deadline_from)), &event))
        event = (struct date){ 0 };
    build(&o);
    judge_households(&o, event);
    judge_order(&o, event);
    resident_list_done(&o.after);
    idlist_done(&o.households);
}

/* ---- what keeps the effect from being applied ---- */

static bool said(const struct check *c, const char *id)
{
    for (size_t i = 0; i < c->kind->n; i++) {
        const struct section *s = &c->kind->s[i];
        const struct field *who = section_field_of_type(s, FT_PERSON);
        const struct field *relation = section_field_of_type(s, FT_RELATION);
        for (int row = 0; who && relation && row < notice_rows(c->notice, s->id); row++)
            if (strcmp(notice_get(c->notice, s->id, row, who->key), id) == 0 &&
                *notice_get(c->notice, s->id, row, relation->key))
                return true;
    }
    return false;
}

/* Everybody whose relation to the new head nobody has settled. */
static void say_unsettled(const struct check *c)
{
    struct relation_proposals all = { 0 };
    if (notice_proposals(c->kind, c->notice, c->world, c->ctx, &all, NULL) != OK)
        return;
    for (size_t i = 0; i < all.n; i++) {
        const struct relation_proposal *p = &all.p[i];
        if (!p->leaves && !p->head && !said(c, p->id))
            report_at(c, all.others, 0, NULL, "E36", p->name);
    }
    relation_proposals_done(&all);
}

static void say_failure(const struct check *c, const struct errinfo *e)
{
    if (strcmp(e->msg, "E36") == 0)
        say_unsettled(c);
    if (findings_blocking(c->ctx->book, c->out))
        return;
    const struct resident *r = resident_list_find(&c->world->people, e->item);
    struct place p = place_of(c, e->item);
    report_at(c, p.s, p.row, p.f, *e->msg ? e->msg : "S211", r ? resident_shown_name(r) : NULL);
}

void check_outcome(const struct check *c)
{
    struct trial_numbers t = { 0 };
    struct effect_ctx ctx = *c->ctx;
    struct changes made = { 0 };
    struct errinfo e = { 0 };
    ctx.numbers = trial_source(&t);
    if (effect_all(c->kind, c->notice, c->world, &ctx, &made, &e) == OK)
        judge(c, &made);
    else
        say_failure(c, &e);
    changes_done(&made);
}
