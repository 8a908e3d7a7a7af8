#include "base/mem.h"
#include "base/width.h"
#include "domain/rule.h"
#include "read.h"

#include <stdlib.h>
#include <string.h>

struct checker {
    const struct kind *k;
    const struct rulebook *book;
    struct catalog_report *report;
    size_t problems;
    const struct mark *m; /* being judged */
};

static void PRINTF_LIKE(2, 3) wrong(struct checker *c, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    report_add(c->report, c->m->where, "%s", buf_str(&b));
    c->problems++;
    buf_done(&b);
}

static void fits(struct checker *c, const char *what, const char *text, int cols)
{
    int have = width_str(&WIDTH_NARROW, span_of(text));
    if (!*text)
        wrong(c, "expected a text for the %s", what);
    else if (have > cols)
        wrong(c, "%s takes %d columns, expected at most %d", what, have, cols);
}

static struct site site_of(const struct checker *c)
{
    struct site at = { .kind = c->k };
    if (c->m->section != SIZE_MAX)
        at.section = &c->k->s[c->m->section];
    if (c->m->field != SIZE_MAX)
        at.field = &at.section->f[c->m->field];
    return at;
}

static void check_section(struct checker *c)
{
    const struct section *s = &c->k->s[c->m->section];
    fits(c, "title of the section", s->title, FORM_SECTION_COLS);
    for (size_t i = 0; i < c->m->section; i++)
        if (strcmp(c->k->s[i].id, s->id) == 0)
            wrong(c, "section \"%s\" stands twice", s->id);
    if (s->n < 1 || s->n > FORM_FIELDS)
        wrong(c, "expected 1 to %d fields in a section, found %zu", FORM_FIELDS, s->n);
    if (s->whole && (s->max == 1 || !section_field_of_type(s, FT_PERSON)))
        wrong(c, "whole-household: expected rows and a field of type person");
    if (c->m->section == FORM_SECTIONS)
        wrong(c, "expected at most %d sections", FORM_SECTIONS);
}

static void check_initial(struct checker *c, const struct field *f)
{
    bool today = strcmp(f->initial, "today") == 0, date = f->type == FT_DATE || f->type == FT_DATEX;
    if (date && !today)
        wrong(c, "expected today as the initial value of a date");
    const struct code_table *t = f->table ? rulebook_table(c->book, f->table) : NULL;
    if (t && rulebook_label(c->book, f->table, f->initial) == f->initial)
        wrong(c, "initial value \"%s\" is not in table \"%s\"", f->initial, f->table);
}

static void check_field(struct checker *c)
{
    const struct section *s = &c->k->s[c->m->section];
    const struct field *f = &s->f[c->m->field];
    fits(c, "label", f->label, FORM_LABEL_COLS);
    if (f->help)
        fits(c, "help", f->help, FORM_HELP_COLS);
    for (size_t i = 0; i < c->m->field; i++) {
        if (strcmp(s->f[i].key, f->key) == 0)
            wrong(c, "field \"%s\" stands twice", f->key);
        if (strcmp(s->f[i].label, f->label) == 0)
            wrong(c, "label \"%s\" stands twice in the section", f->label);
        if (f->attr < ATTR_COUNT && s->f[i].attr == f->attr)
            wrong(c, "attribute \"%s\" is filled twice in the section", attr_info(f->attr)->key);
    }
    if (f->type == FT_CHOICE && !f->table)
        wrong(c, "expected \"table NAME\" for a choice");
    if (f->type != FT_CHOICE && f->table)
        wrong(c, "only a choice has a table");
    if (f->table && !rulebook_table(c->book, f->table))
        wrong(c, "unknown table \"%s\"", f->table);
    if (f->attr < ATTR_COUNT && f->max > attr_info(f->attr)->max)
        wrong(c, "expected at most %d characters for attribute \"%s\"", attr_info(f->attr)->max,
              attr_info(f->attr)->key);
    if (f->required && f->required_if)
        wrong(c, "expected either required or required-if");
    if (f->initial)
        check_initial(c, f);
}

static void check_condition(struct checker *c)
{
    struct site at = site_of(c);
    const char *problem = cond_problem(&at, span_of(at.field->required_if));
    if (problem)
        wrong(c, "%s", problem);
}

static void check_call(struct checker *c)
{
    struct site at = site_of(c);
    const char *text = at.field ? at.field->checks[c->m->i] : c->k->checks[c->m->i];
    struct rule_call call;
    struct span word;
    const char *problem = rule_parse(&at, span_of(text), &call, &word);
    if (problem) {
        wrong(c, "%s, found \"%.*s\"", problem, (int)word.n, word.p);
        return;
    }
    char *msg = xstrndup(call.msg.p, call.msg.n);
    if (!rulebook_message(c->book, msg))
        wrong(c, "unknown message \"%s\"", msg);
    free(msg);
    for (size_t i = 0; i < CALL_ARGS && call.rule->arg[i] != ARG_NONE; i++) {
        size_t p = 0;
        if (call.rule->arg[i] != ARG_PARAM)
            continue;
        while (p < c->book->n_param && !span_is(call.arg[i], c->book->param[p].name))
            p++;
        if (p == c->book->n_param)
            wrong(c, "unknown parameter \"%.*s\"", (int)call.arg[i].n, call.arg[i].p);
    }
}

static bool code_known(const struct checker *c, const char *table, const char *code)
{
    return rulebook_label(c->book, table, code) != code;
}

static void check_step(struct checker *c)
{
    const struct effect_step *e = &c->k->effect[c->m->i];
    const struct effect_verb *v = effect_verb(e->verb);
    struct site at = { .kind = c->k };
    if (!v) {
        wrong(c, "unknown verb \"%s\"", e->verb);
        return;
    }
    if (e->n < (size_t)v->min_args || e->n > (size_t)v->max_args) {
        wrong(c, "expected %d to %d arguments for \"%s\", found %zu", v->min_args, v->max_args, v->name, e->n);
        return;
    }
    for (size_t i = 0; i < e->n; i++) {
        const char *problem = arg_problem(v->arg[i], &at, span_of(e->arg[i]));
        if (problem)
            wrong(c, "%s, found \"%s\"", problem, e->arg[i]);
        else if (v->arg[i] == ARG_REASON && !code_known(c, "reason", e->arg[i]))
            wrong(c, "unknown reason \"%s\"", e->arg[i]);
    }
}

static void check_paper(struct checker *c)
{
    const char *key = c->k->papers[c->m->i];
    if (!code_known(c, "paper", key))
        wrong(c, "unknown paper \"%s\"", key);
}

static void check_point(struct checker *c)
{
    fits(c, "point of the checklist", c->k->checklist[c->m->i], FORM_POINT_COLS);
    if (c->m->i == FORM_POINTS)
        wrong(c, "expected at most %d points in the checklist", FORM_POINTS);
}

static void (*const judges[])(struct checker *) = {
    [MARK_SECTION] = check_section, [MARK_FIELD] = check_field, [MARK_REQUIRED_IF] = check_condition,
    [MARK_CHECK] = check_call,      [MARK_EFFECT] = check_step, [MARK_PAPER] = check_paper,
    [MARK_POINT] = check_point,
};
_Static_assert(ARRAY_LEN(judges) == MARKS, "a thing of the form is not judged");

/* What concerns the form as a whole. */
static void check_whole(struct checker *c)
{
    struct mark whole = { .where = c->k->file };
    struct site at = { .kind = c->k };
    c->m = &whole;
    fits(c, "title", c->k->title, FORM_TITLE_COLS);
    fits(c, "group", c->k->group, FORM_TITLE_COLS);
    if (!code_known(c, "reason", c->k->journal))
        wrong(c, "unknown reason \"%s\"", c->k->journal);
    const char *problem = arg_problem(ARG_DATE, &at, span_of(c->k->deadline_from));
    if (problem || !strchr(c->k->deadline_from, '.'))
        wrong(c, "event: expected SECTION.FIELD of type date or datex, found \"%s\"", c->k->deadline_from);
    if (!c->k->n)
        wrong(c, "expected at least one section");
    if (!c->k->n_effect)
        wrong(c, "expected at least one effect step");
    if (!c->k->n_checklist)
        wrong(c, "expected at least one point in the checklist");
}

size_t form_check(const struct kind *k, const struct marks *marks, const struct rulebook *book,
                  struct catalog_report *report)
{
    struct checker c = { .k = k, .book = book, .report = report };
    check_whole(&c);
    for (size_t i = 0; i < marks->n; i++) {
        c.m = &marks->m[i];
        judges[c.m->what](&c);
    }
    return c.problems;
}
