#include "base/mem.h"
#include "domain/address.h"
#include "domain/notice_points.h"
#include "effect_work_in.h"
#include "rule_in.h"

#include <stdlib.h>
#include <string.h>

/* Checks of the whole notice. */

static const struct field *person_field(const struct section *s)
{
    return section_field_of_type(s, FT_PERSON);
}

void rule_one_household(const struct check *c, const struct site *at, const struct rule_call *call)
{
    (void)at;
    const struct section *s = call_section(c, call->arg[0]);
    const char *no = NULL;
    for (int row = 0; row < notice_rows(c->notice, s->id); row++) {
        const struct resident *r = row_person(c, s, row);
        if (!r)
            continue;
        if (!no)
            no = resident_get(r, ATTR_HOUSEHOLD);
        if (!resident_is(r, ATTR_HOUSEHOLD, no))
            report(c, &(struct site){ c->kind, s, person_field(s), row }, call, resident_shown_name(r));
    }
}

void rule_other_household(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct section *s = call_section(c, call->arg[0]), *dest;
    const struct field *f = ref_field(at, call->arg[1], &dest);
    const char *no = ref_value(at, c->notice, call->arg[1]);
    for (int row = 0; *no && row < notice_rows(c->notice, s->id); row++) {
        const struct resident *r = row_person(c, s, row);
        if (r && resident_is(r, ATTR_HOUSEHOLD, no)) {
            report(c, &(struct site){ c->kind, dest, f, 0 }, call, NULL);
            return;
        }
    }
}

/* The address typed in a section, in the own municipality; NULL when none was typed. */
static struct resident *typed_address(const struct check *c, const struct section *s)
{
    const struct field *town = section_field_of_attr(s, ATTR_ADDR_TOWN);
    if (!town || !*notice_get(c->notice, s->id, 0, town->key))
        return NULL;
    struct resident *r = resident_new();
    resident_set(r, ATTR_ADDR_PREF, c->ctx->book->own_pref);
    resident_set(r, ATTR_ADDR_CITY, c->ctx->book->own_city);
    for (size_t i = 0; i < s->n; i++) {
        const char *value = notice_get(c->notice, s->id, 0, s->f[i].key);
        if (s->f[i].attr < ATTR_COUNT && *value)
            resident_set(r, s->f[i].attr, value);
    }
    return r;
}

void rule_same_lot(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct section *s = call_section(c, call->arg[0]);
    const char *no = ref_value(at, c->notice, call->arg[1]);
    const struct resident *there = *no ? household_voice(c, no) : NULL;
    struct resident *typed = there ? typed_address(c, s) : NULL;
    if (typed && address_compare(typed, there) == ADDRESS_OTHER)
        report(c, &(struct site){ c->kind, s, section_field_of_attr(s, ATTR_ADDR_TOWN), 0 }, call, NULL);
    resident_free(typed);
}

/* not-same-address PERSONS SECTION HOUSEHOLD FLAG */
void rule_not_same_address(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct section *persons = call_section(c, call->arg[0]), *s = call_section(c, call->arg[1]);
    const char *no = ref_value(at, c->notice, call->arg[2]);
    struct resident *typed = typed_address(c, s);
    const struct resident *to = typed ? typed : *no ? household_voice(c, no) : NULL;
    bool confirmed = *ref_value(at, c->notice, call->arg[3]);
    for (int row = 0; to && !confirmed && row < notice_rows(c->notice, persons->id); row++) {
        const struct resident *r = row_person(c, persons, row);
        if (!r || address_compare(r, to) != ADDRESS_SAME)
            continue;
        report(c, &(struct site){ c->kind, s, section_field_of_attr(s, ATTR_ADDR_TOWN), 0 }, call, NULL);
        break;
    }
    resident_free(typed);
}

void rule_leaving_planned(const struct check *c, const struct site *at, const struct rule_call *call)
{
    (void)at;
    const struct section *s = call_section(c, call->arg[0]);
    for (size_t i = 0; i < c->world->people.n; i++) {
        const struct resident *r = c->world->people.r[i];
        if (resident_living(r) && *resident_get(r, ATTR_PLANNED_ON))
            report(c, &(struct site){ c->kind, s, NULL, 0 }, call, resident_shown_name(r));
    }
}

/* filed-within DAY NUMBER */
void rule_filed_within(const struct check *c, const struct site *at, const struct rule_call *call)
{
    struct date day;
    const struct section *s;
    const struct field *f = ref_field(at, call->arg[0], &s);
    char *days = span_dup(call->arg[1]);
    if (check_day(c, at, call->arg[0], &day) &&
        date_cmp(check_filed(c), date_add(day, (int)strtol(days, NULL, 10))) > 0)
        report(c, &(struct site){ c->kind, f ? s : NULL, f, 0 }, call, NULL);
    free(days);
}

void rule_not_before_resident(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct section *persons = call_section(c, call->arg[0]), *s;
    const struct field *f = ref_field(at, call->arg[1], &s);
    struct date day, since;
    if (!check_day(c, at, call->arg[1], &day))
        return;
    for (int row = 0; row < notice_rows(c->notice, persons->id); row++) {
        const struct resident *r = row_person(c, persons, row);
        if (!r)
            continue;
        bool foreign = resident_is(r, ATTR_CLASS, CLASS_FOREIGN);
        if (value_day(c, resident_get(r, foreign ? ATTR_FOREIGN_SINCE : ATTR_RESIDENT_SINCE), &since) &&
            date_cmp(day, since) < 0)
            report(c, &(struct site){ c->kind, f ? s : NULL, f, 0 }, call, resident_shown_name(r));
    }
}

/* has PERSONS ATTRIBUTE WORD */
void rule_has(const struct check *c, const struct site *at, const struct rule_call *call)
{
    (void)at;
    const struct section *s = call_section(c, call->arg[0]);
    enum attr a = attr_by_key(call->arg[1]);
    for (int row = 0; row < notice_rows(c->notice, s->id); row++) {
        const struct resident *r = row_person(c, s, row);
        if (r && span_is(call->arg[2], resident_get(r, a)))
            report(c, &(struct site){ c->kind, s, person_field(s), row }, call, resident_shown_name(r));
    }
}

void rule_blank_names(const struct check *c, const struct site *at, const struct rule_call *call)
{
    (void)at;
    const struct section *s = call_section(c, call->arg[0]);
    static const enum attr asked[] = { ATTR_NAME, ATTR_KANA, ATTR_SEX };
    const struct field *alpha = section_field_of_attr(s, ATTR_NAME_ALPHA);
    for (int row = 0; row < notice_rows(c->notice, s->id); row++)
        for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
            const struct field *f = section_field_of_attr(s, asked[i]);
            if (!f || *notice_get(c->notice, s->id, row, f->key))
                continue;
            bool latin = asked[i] == ATTR_NAME && alpha && *notice_get(c->notice, s->id, row, alpha->key);
            if (!latin)
                report(c, &(struct site){ c->kind, s, f, row }, call, NULL);
        }
}

static bool has_row(const struct check *c, const struct section *s, int person_row, const char *id)
{
    const struct field *f = person_field(s);
    for (int row = 0; row < notice_rows(c->notice, s->id); row++) {
        const char *value = notice_get(c->notice, s->id, row, f->key);
        if (person_new_row(value) == person_row || (*id && strcmp(value, id) == 0))
            return true;
    }
    return false;
}

/* rows-for PERSONS SECTION CONDITION: "新N" counts the rows of PERSONS. */
void rule_rows_for(const struct check *c, const struct site *at, const struct rule_call *call)
{
    (void)at;
    const struct section *s = call_section(c, call->arg[0]), *further = call_section(c, call->arg[1]);
    for (int row = 0; row < notice_rows(c->notice, s->id); row++) {
        struct site here = { c->kind, s, person_field(s), row };
        if (cond_true(&here, c->notice, call->arg[2]) && !has_row(c, further, row, site_value(c, &here)))
            report(c, &(struct site){ c->kind, further, NULL, 0 }, call, NULL);
    }
}

/* rows-only PERSONS SECTION CONDITION: nobody else of PERSONS stands in SECTION. */
void rule_rows_only(const struct check *c, const struct site *at, const struct rule_call *call)
{
    (void)at;
    const struct section *s = call_section(c, call->arg[0]), *further = call_section(c, call->arg[1]);
    const struct field *name = section_field_of_attr(s, ATTR_NAME), *who = person_field(further);
    for (int row = 0; row < notice_rows(c->notice, further->id); row++) {
        struct site here = { c->kind, s, person_field(s),
                             person_new_row(notice_get(c->notice, further->id, row, who->key)) };
        if (here.row >= 0 && here.row < notice_rows(c->notice, s->id) && !cond_true(&here, c->notice, call->arg[2]))
            report(c, &(struct site){ c->kind, further, who, row }, call,
                   name ? notice_get(c->notice, s->id, here.row, name->key) : NULL);
    }
}

/* ---- somebody who comes back ---- */

static const char *row_value(const struct check *c, const struct site *at, enum attr a)
{
    const struct field *f = section_field_of_attr(at->section, a);
    return f ? notice_get(c->notice, at->section->id, at->row, f->key) : "";
}

/* Days are compared as days: somebody may have been naturalised in between. */
static bool same_value(const struct check *c, const char *typed, const char *stored)
{
    struct date a, b;
    if (value_day(c, typed, &a) && value_day(c, stored, &b))
        return date_cmp(a, b) == 0;
    return strcmp(typed, stored) == 0;
}

/* A number that agrees proves who it is: what differs then may have changed, and is only told. */
void rule_same_person(const struct check *c, const struct site *at, const struct rule_call *call)
{
    static const struct {
        enum attr a;
        bool changes; /* in a life: a name does, a birthday does not */
    } three[] = { { ATTR_NAME, true }, { ATTR_BIRTH_ON, false }, { ATTR_SEX, false } };
    static const enum attr numbers[] = { ATTR_MY_NUMBER, ATTR_RESIDENT_CODE };
    const struct resident *r = check_person(c, site_value(c, at));
    bool proven = false;
    for (size_t i = 0; r && i < ARRAY_LEN(numbers); i++)
        proven = proven || (*row_value(c, at, numbers[i]) && resident_is(r, numbers[i], row_value(c, at, numbers[i])));
    for (size_t i = 0; r && i < ARRAY_LEN(three); i++) {
        const char *typed = row_value(c, at, three[i].a), *stored = resident_get(r, three[i].a);
        const struct field *f = section_field_of_attr(at->section, three[i].a);
        if (!*typed || !*stored || same_value(c, typed, stored))
            continue;
        if (proven || three[i].changes)
            report_at(c, at->section, at->row, f, "W26", resident_shown_name(r));
        else
            report(c, &(struct site){ at->kind, at->section, f, at->row }, call, resident_shown_name(r));
    }
}

/* ---- who a new person may be already ---- */

static bool same(const char *typed, const struct resident *r, enum attr a)
{
    return *typed && resident_is(r, a, typed);
}

/* Number by which they are one person, ATTR_COUNT when by none. */
static enum attr same_number(const struct identity *i, const struct resident *r)
{
    if (same(i->my_number, r, ATTR_MY_NUMBER))
        return ATTR_MY_NUMBER;
    if (same(i->resident_code, r, ATTR_RESIDENT_CODE))
        return ATTR_RESIDENT_CODE;
    return same(i->card_no, r, ATTR_CARD_NO) ? ATTR_CARD_NO : ATTR_COUNT;
}

static void compare(const struct check *c, const struct section *s, int row, const struct identity *i,
                    const struct resident *r)
{
    bool living = resident_living(r);
    enum attr number = same_number(i, r);
    if (number < ATTR_COUNT) {
        report_at(c, s, row, section_field_of_attr(s, number), living ? "E21" : "E22", resident_shown_name(r));
        return;
    }
    bool three = same(i->name, r, ATTR_NAME) && *i->birth_on &&
                 same_value(c, i->birth_on, resident_get(r, ATTR_BIRTH_ON)) && same(i->sex, r, ATTR_SEX);
    if (three)
        report_at(c, s, row, section_field_of_attr(s, ATTR_NAME), living ? "W14" : "W21", resident_shown_name(r));
}

void rule_known_persons(const struct check *c, const struct site *at, const struct rule_call *call)
{
    (void)at;
    const struct section *s = call_section(c, call->arg[0]);
    struct identity *all;
    size_t n;
    if (notice_identities(c->kind, c->notice, &all, &n, NULL) != OK)
        return;
    for (size_t i = 0; i < n; i++) {
        const char *again = notice_get(c->notice, s->id, (int)i, person_field(s)->key);
        for (size_t k = 0; k < c->world->similar.n; k++)
            if (strcmp(c->world->similar.r[k]->id, again) != 0)
                compare(c, s, (int)i, &all[i], c->world->similar.r[k]);
    }
    free(all);
}
