#include "base/mem.h"
#include "domain/fieldtype.h"
#include "domain/finding.h"
#include "domain/notice_points.h"
#include "rule_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every value on its own: required, of its type, known to the register; then the checks the form names. */

static bool is_event(const struct check *c, const struct section *s, const struct field *f)
{
    size_t n = strlen(s->id);
    const char *from = c->kind->deadline_from;
    return strncmp(from, s->id, n) == 0 && from[n] == '.' && strcmp(from + n + 1, f->key) == 0;
}

/* What to say of a field that must not be blank. */
static const char *missing(const struct check *c, const struct section *s, const struct field *f)
{
    if (is_event(c, s, f))
        return "E04";
    if (f->type == FT_PERSON || f->type == FT_HOUSEHOLD)
        return "E16";
    if (f->type == FT_RELATION)
        return "E35";
    if (f->attr == ATTR_RESIDENT_CODE)
        return "E08";
    bool of_record = f->attr < ATTR_COUNT && attr_info(f->attr)->view != AV_EVENT;
    return of_record ? "E07" : "S201";
}

static bool parse(const struct site *at, size_t i, struct rule_call *ret)
{
    struct span word;
    return rule_parse(at, span_of(at->field->checks[i]), ret, &word) == NULL;
}

/* The check that asks for a value itself says so better than "required" does. */
static bool asks_itself(const struct site *at)
{
    for (size_t i = 0; i < at->field->n_checks; i++) {
        struct rule_call call;
        if (parse(at, i, &call) && call.rule->run == rule_filled)
            return true;
    }
    return false;
}

static bool required(const struct check *c, const struct site *at)
{
    const struct field *f = at->field;
    return f->required || (f->required_if && cond_true(at, c->notice, span_of(f->required_if)));
}

/* Persons and households must be in the register. */
static bool known(const struct check *c, const struct field *f, const char *value)
{
    if (f->type == FT_HOUSEHOLD)
        return household_voice(c, value) != NULL;
    if (f->type != FT_PERSON)
        return true;
    int row = person_new_row(value);
    const struct section *created = kind_creates(c->kind);
    if (row >= 0)
        return created && row < notice_rows(c->notice, created->id);
    return check_person(c, value) != NULL;
}

static bool found_error(const struct check *c, size_t since)
{
    for (size_t i = since; i < c->out->n; i++)
        if (rulebook_is_error(c->ctx->book, c->out->f[i].msg))
            return true;
    return false;
}

/* Up to the first that finds an error: those behind it would say the same in other words. */
static void run_checks(const struct check *c, const struct site *at)
{
    size_t before = c->out->n;
    for (size_t i = 0; i < at->field->n_checks && !found_error(c, before); i++) {
        struct rule_call call;
        MUST(parse(at, i, &call)); /* the reader of forms has proved it */
        call.rule->run(c, at, &call);
    }
}

static void check_field(const struct check *c, const struct site *at)
{
    const struct field *f = at->field;
    const char *value = site_value(c, at);
    if (blank_text(value)) {
        if (required(c, at) && !asks_itself(at))
            report_at(c, at->section, at->row, f, missing(c, at->section, f), NULL);
        run_checks(c, at);
        return;
    }
    const char *msg = value_problem(f, c->ctx->book, value);
    if (msg)
        report_at(c, at->section, at->row, f, msg, f->type == FT_RELATION ? value : NULL);
    if (msg && rulebook_is_error(c->ctx->book, msg))
        return;
    if (known(c, f, value))
        run_checks(c, at);
    else
        report_at(c, at->section, at->row, f, "S211", value);
}

static void check_rows(const struct check *c, const struct section *s)
{
    int rows = notice_rows(c->notice, s->id);
    if (s->max > 1 && rows == 0 && s->min > 0)
        report_at(c, s, 0, NULL, section_field_of_type(s, FT_PERSON) ? "E16" : "S210", NULL);
    else if (s->max > 1 && (rows < s->min || rows > s->max))
        report_at(c, s, 0, NULL, "S210", NULL);
    if (rows > s->max)
        return;
    int last = s->max == 1 ? 1 : rows;
    for (int row = 0; row < last; row++)
        for (size_t i = 0; i < s->n; i++) {
            struct site at = { c->kind, s, &s->f[i], row };
            check_field(c, &at);
        }
}

/* Values for which the form has no place: sent by somebody who read another form. */
static void check_strays(const struct check *c)
{
    for (size_t i = 0; i < c->notice->n; i++) {
        const struct notice_value *v = &c->notice->v[i];
        const struct section *s = kind_section(c->kind, v->section);
        bool place = s && section_field(s, v->field) && v->row >= 0 && v->row < s->max;
        if (!place)
            findings_add(c->out, "S220", v->section, v->row, v->field, NULL);
    }
}

void check_values(const struct check *c)
{
    check_strays(c);
    for (size_t i = 0; i < c->kind->n; i++)
        check_rows(c, &c->kind->s[i]);
}

/* ---- the event day and the period for filing ---- */

static void check_deadline(const struct check *c, const struct site *at, struct date event)
{
    struct date limit = date_deadline(event, c->kind->deadline_days, &c->ctx->book->holidays);
    if (date_cmp(check_filed(c), limit) <= 0)
        return;
    struct buf shown = BUF_INIT;
    date_show(limit, &c->ctx->book->eras, &shown);
    report_at(c, at->section, 0, at->field, "W03", buf_str(&shown));
    buf_done(&shown);
}

/* A day in words ("昭和25年頃") has no period that could be counted. */
static bool in_words(const struct check *c, const char *value)
{
    struct datex x;
    return datex_read(value, &c->ctx->book->eras, &x, NULL) == OK && x.kind == DX_UNKNOWN;
}

void check_event(const struct check *c)
{
    struct site at = { .kind = c->kind };
    at.field = ref_field(&at, span_of(c->kind->deadline_from), &at.section);
    const char *value = site_value(c, &at);
    struct date event;
    if (value_problem(at.field, c->ctx->book, value) || !value_day(c, value, &event) || in_words(c, value))
        return;
    if (!c->kind->future_ok && date_cmp(event, c->ctx->today) > 0) {
        report_at(c, at.section, 0, at.field, "E02", NULL);
        return;
    }
    if (!c->kind->future_ok && date_cmp(event, c->ctx->received) > 0) { /* typed in later than it was received */
        report_at(c, at.section, 0, at.field, "E46", NULL);
        return;
    }
    int64_t years = rulebook_param_int(c->ctx->book, "LATE_YEARS");
    if (date_cmp(date_add_months(event, (int)years * 12), c->ctx->today) < 0)
        report_at(c, at.section, 0, at.field, "W12", rulebook_param(c->ctx->book, "LATE_YEARS"));
    if (c->kind->deadline_days)
        check_deadline(c, &at, event);
}
