#include "form/formread.h"
#include "base/mem.h"
#include "read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 24

/* State of one run over one form. */
struct reader {
    struct lines *l; /* file being read: the form, or a part it includes */
    const struct part_source *parts;
    bool in_part;
    struct kind *k;
    unsigned seen; /* heads that stood already, by number */
    char **part;   /* parts included already */
    size_t n_part;
    enum block { IN_HEAD, IN_SECTION, IN_CHECK, IN_EFFECT, IN_CHECKLIST, IN_PAPERS, IN_BAD } block;
    enum { NO_FIELD, GOOD_FIELD, BAD_FIELD } field; /* deeper lines belong to it, or are passed over */
    struct marks marks;
    struct span w[WORDS];
    size_t n;
    struct catalog_report *report;
    size_t problems;
};

static char *here(const struct reader *r)
{
    return xprintf("%s:%d", r->l->path, r->l->no);
}

static void PRINTF_LIKE(2, 3) wrong(struct reader *r, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    char *where = here(r);
    report_add(r->report, where, "%s", buf_str(&b));
    r->problems++;
    free(where);
    buf_done(&b);
}

static void mark(struct reader *r, enum mark_what what, size_t section, size_t field, size_t i)
{
    struct marks *m = &r->marks;
    m->m = xrealloc(m->m, m->n + 1, sizeof *m->m);
    m->m[m->n++] = (struct mark){ here(r), what, section, field, i };
}

static void add_text(char ***list, size_t *n, char *take)
{
    *list = xrealloc(*list, *n + 1, sizeof **list);
    (*list)[(*n)++] = take;
}

/* Words from number `from` on, joined by one blank. */
static char *rest_of_line(const struct reader *r, size_t from)
{
    struct buf b = BUF_INIT;
    for (size_t i = from; i < r->n; i++) {
        if (i > from)
            buf_addc(&b, ' ');
        buf_add(&b, r->w[i].p, r->w[i].n);
    }
    char *text = xstrdup(buf_str(&b));
    buf_done(&b);
    return text;
}

static bool is_key(struct span s, size_t max)
{
    if (s.n < 1 || s.n > max || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

/* Whole number from 0 to max; -1 when it is none. */
static int number(struct span s, int max)
{
    int n = 0;
    if (!s.n)
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        n = n * 10 + (s.p[i] - '0');
        if (n > max)
            return -1;
    }
    return n;
}

/* ---- the head of the form: one word and one value a line ---- */

/* Word of a closed list; -1 and a problem when it is none of it. */
static int choice(struct reader *r, struct span word, const char *const *list, size_t n, const char *expected)
{
    for (size_t i = 0; i < n; i++)
        if (span_is(word, list[i]))
            return (int)i;
    wrong(r, "expected %s, found \"%.*s\"", expected, (int)word.n, word.p);
    return -1;
}

static void head_version(struct reader *r, struct span v)
{
    if (!span_is(v, "1"))
        wrong(r, "expected version 1, found \"%.*s\"", (int)v.n, v.p);
}

static void head_title(struct reader *r, struct span v)
{
    r->k->title = span_dup(v);
}

static void head_group(struct reader *r, struct span v)
{
    r->k->group = span_dup(v);
}

static void head_menu(struct reader *r, struct span v)
{
    if (number(v, 99) < 1)
        wrong(r, "expected a number of the menu from 1 to 99, found \"%.*s\"", (int)v.n, v.p);
    r->k->menu_key = span_dup(v);
}

static void head_law(struct reader *r, struct span v)
{
    r->k->law = span_dup(v);
}

static void head_reason(struct reader *r, struct span v)
{
    r->k->journal = span_dup(v);
}

static void head_filing(struct reader *r, struct span v)
{
    static const char *const list[] = { [FILED_NOTICE] = "notice",
                                        [FILED_EX_OFFICIO] = "ex-officio",
                                        [FILED_REQUEST] = "request",
                                        [FILED_CLAIM] = "claim" };
    int i = choice(r, v, list, ARRAY_LEN(list), "notice, ex-officio, request or claim");
    if (i >= 0)
        r->k->filing = (enum filing)i;
}

static void head_event(struct reader *r, struct span v)
{
    r->k->deadline_from = span_dup(v);
}

static void head_deadline(struct reader *r, struct span v)
{
    r->k->deadline_days = number(v, 366);
    if (r->k->deadline_days < 1)
        wrong(r, "expected days from 1 to 366, found \"%.*s\"", (int)v.n, v.p);
}

static void head_future(struct reader *r, struct span v)
{
    r->k->future_ok = span_is(v, "yes");
    if (!r->k->future_ok)
        wrong(r, "expected yes (leave the line out for no), found \"%.*s\"", (int)v.n, v.p);
}

static void head_outage(struct reader *r, struct span v)
{
    static const char *const list[] = {
        [OUTAGE_ACCEPT] = "accept", [OUTAGE_HOLD] = "hold", [OUTAGE_CLOSED] = "closed"
    };
    int i = choice(r, v, list, ARRAY_LEN(list), "accept, hold or closed");
    if (i >= 0)
        r->k->outage = (enum outage_class)i;
}

static const struct head {
    const char *name;
    bool required;
    void (*read)(struct reader *, struct span value);
} heads[] = {
    { "form", true, head_version },   { "title", true, head_title },   { "group", true, head_group },
    { "menu", true, head_menu },      { "law", true, head_law },       { "reason", true, head_reason },
    { "filing", true, head_filing },  { "event", true, head_event },   { "deadline", false, head_deadline },
    { "future", false, head_future }, { "outage", true, head_outage },
};

/* False when the line is no head. */
static bool read_head(struct reader *r)
{
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        if (!span_is(r->w[0], heads[i].name))
            continue;
        if (r->in_part)
            wrong(r, "expected only sections in a part, found \"%s\"", heads[i].name);
        else if (r->seen & 1u << i)
            wrong(r, "\"%s\" stands twice", heads[i].name);
        else if (r->n != 2 || !r->w[1].n)
            wrong(r, "expected one value behind \"%s\"", heads[i].name);
        else if (i > 0 && !(r->seen & 1u))
            wrong(r, "expected \"form 1\" before anything else");
        else
            heads[i].read(r, r->w[1]);
        r->seen |= 1u << i;
        return true;
    }
    return false;
}

/* ---- sections and fields ---- */

/* "MIN..MAX"; false when it is not. */
static bool read_range(struct span s, int *ret_min, int *ret_max)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] != '.' || s.p[i + 1] != '.')
            continue;
        int min = number((struct span){ s.p, i }, FORM_ROWS);
        int max = number((struct span){ s.p + i + 2, s.n - i - 2 }, FORM_ROWS);
        if (min < 0 || max < 1 || max < min)
            return false;
        *ret_min = min, *ret_max = max;
        return true;
    }
    return false;
}

static void read_section(struct reader *r)
{
    int min = 1, max = 1;
    bool whole = r->n == 6 && span_is(r->w[5], "whole-household");
    bool plain = r->n == 3, rows = (r->n == 5 || whole) && span_is(r->w[3], "rows");
    r->block = IN_BAD;
    if (!plain && !rows)
        wrong(r, "expected: section ID TITLE [rows MIN..MAX [whole-household]]");
    else if (!is_key(r->w[1], 31))
        wrong(r, "expected an id of a-z, 0-9 and _, found \"%.*s\"", (int)r->w[1].n, r->w[1].p);
    else if (rows && !read_range(r->w[4], &min, &max))
        wrong(r, "expected rows MIN..MAX with at most %d rows, found \"%.*s\"", FORM_ROWS, (int)r->w[4].n, r->w[4].p);
    else
        r->block = IN_SECTION;
    if (r->block != IN_SECTION)
        return;
    struct kind *k = r->k;
    k->s = xrealloc(k->s, k->n + 1, sizeof *k->s);
    k->s[k->n++] =
        (struct section){ .id = span_dup(r->w[1]), .title = span_dup(r->w[2]), .min = min, .max = max, .whole = whole };
    mark(r, MARK_SECTION, k->n - 1, SIZE_MAX, 0);
}

static struct section *last_section(struct reader *r)
{
    return &r->k->s[r->k->n - 1];
}

static struct field *last_field(struct reader *r)
{
    struct section *s = last_section(r);
    return &s->f[s->n - 1];
}

static void option_initial(struct reader *r, struct field *f, struct span v)
{
    (void)r;
    f->initial = span_dup(v);
}

static void option_max(struct reader *r, struct field *f, struct span v)
{
    f->max = number(v, 2000);
    if (f->max < 1)
        wrong(r, "expected a length from 1 to 2000, found \"%.*s\"", (int)v.n, v.p);
}

static void option_table(struct reader *r, struct field *f, struct span v)
{
    (void)r;
    f->table = span_dup(v);
}

static void option_to(struct reader *r, struct field *f, struct span v)
{
    f->attr = attr_by_key(v);
    if (f->attr == ATTR_COUNT)
        wrong(r, "unknown attribute \"%.*s\"", (int)v.n, v.p);
}

static const struct option {
    const char *name;
    void (*read)(struct reader *, struct field *, struct span value);
} options[] = {
    { "initial", option_initial },
    { "max", option_max },
    { "table", option_table },
    { "to", option_to },
};

static void read_options(struct reader *r, struct field *f)
{
    unsigned seen = 0;
    for (size_t i = 3; i < r->n; i++) {
        if (span_is(r->w[i], "required") && !f->required) {
            f->required = true;
            continue;
        }
        size_t o = 0;
        while (o < ARRAY_LEN(options) && !span_is(r->w[i], options[o].name))
            o++;
        if (o == ARRAY_LEN(options) || seen & 1u << o) {
            wrong(r, "expected required, initial, max, table or to, each once, found \"%.*s\"", (int)r->w[i].n,
                  r->w[i].p);
            return;
        }
        if (++i == r->n || !r->w[i].n) {
            wrong(r, "expected a value behind \"%s\"", options[o].name);
            return;
        }
        seen |= 1u << o;
        options[o].read(r, f, r->w[i]);
    }
}

static int default_max(const struct field *f)
{
    return f->attr < ATTR_COUNT ? attr_info(f->attr)->max : field_type_info(f->type)->max;
}

/* KEY TYPE LABEL options… */
static void read_field(struct reader *r)
{
    r->field = BAD_FIELD;
    if (r->n < 3) {
        wrong(r, "expected: KEY TYPE LABEL [required] [initial …] [max N] [table NAME] [to ATTRIBUTE]");
        return;
    }
    if (!is_key(r->w[0], 39)) {
        wrong(r, "expected a key of a-z, 0-9 and _, found \"%.*s\"", (int)r->w[0].n, r->w[0].p);
        return;
    }
    enum field_type type = field_type_by_name(r->w[1]);
    if (type == FT_COUNT) {
        wrong(r, "unknown field type \"%.*s\"", (int)r->w[1].n, r->w[1].p);
        return;
    }
    struct section *s = last_section(r);
    s->f = xrealloc(s->f, s->n + 1, sizeof *s->f);
    struct field *f = &s->f[s->n++];
    *f = (struct field){ .key = span_dup(r->w[0]), .label = span_dup(r->w[2]), .type = type, .attr = ATTR_COUNT };
    read_options(r, f);
    if (!f->max)
        f->max = default_max(f);
    r->field = GOOD_FIELD;
    mark(r, MARK_FIELD, r->k->n - 1, s->n - 1, 0);
}

/* Lines below a field: required-if, check, help. */
static void read_detail(struct reader *r)
{
    struct field *f = last_field(r);
    size_t section = r->k->n - 1, field = last_section(r)->n - 1;
    if (r->n < 2) {
        wrong(r, "expected required-if, check or help with a value");
    } else if (span_is(r->w[0], "required-if") && !f->required_if) {
        f->required_if = rest_of_line(r, 1);
        mark(r, MARK_REQUIRED_IF, section, field, 0);
    } else if (span_is(r->w[0], "check")) {
        add_text(&f->checks, &f->n_checks, rest_of_line(r, 1));
        mark(r, MARK_CHECK, section, field, f->n_checks - 1);
    } else if (span_is(r->w[0], "help") && !f->help && r->n == 2) {
        f->help = span_dup(r->w[1]);
    } else {
        wrong(r, "expected required-if (once), check or help \"…\" (once), found \"%.*s\"", (int)r->w[0].n, r->w[0].p);
    }
}

/* ---- the lists behind the sections ---- */

static void read_check(struct reader *r)
{
    add_text(&r->k->checks, &r->k->n_checks, rest_of_line(r, 0));
    mark(r, MARK_CHECK, SIZE_MAX, SIZE_MAX, r->k->n_checks - 1);
}

static void read_step(struct reader *r)
{
    struct kind *k = r->k;
    k->effect = xrealloc(k->effect, k->n_effect + 1, sizeof *k->effect);
    struct effect_step *e = &k->effect[k->n_effect++];
    *e = (struct effect_step){ .verb = span_dup(r->w[0]) };
    for (size_t i = 1; i < r->n; i++)
        add_text(&e->arg, &e->n, span_dup(r->w[i]));
    mark(r, MARK_EFFECT, SIZE_MAX, SIZE_MAX, k->n_effect - 1);
}

static void read_point(struct reader *r)
{
    if (r->n != 1) {
        wrong(r, "expected one quoted sentence");
        return;
    }
    add_text(&r->k->checklist, &r->k->n_checklist, span_dup(r->w[0]));
    mark(r, MARK_POINT, SIZE_MAX, SIZE_MAX, r->k->n_checklist - 1);
}

static void read_paper(struct reader *r)
{
    if (r->n != 1) {
        wrong(r, "expected the key of one paper");
        return;
    }
    add_text(&r->k->papers, &r->k->n_papers, span_dup(r->w[0]));
    mark(r, MARK_PAPER, SIZE_MAX, SIZE_MAX, r->k->n_papers - 1);
}

static const struct block_row {
    const char *name; /* word that opens it; NULL: section has its own reader */
    void (*line)(struct reader *);
} blocks[] = {
    [IN_HEAD] = { NULL, NULL },
    [IN_SECTION] = { NULL, read_field },
    [IN_CHECK] = { "check", read_check },
    [IN_EFFECT] = { "effect", read_step },
    [IN_CHECKLIST] = { "checklist", read_point },
    [IN_PAPERS] = { "papers", read_paper },
    [IN_BAD] = { NULL, NULL },
};

static bool open_block(struct reader *r)
{
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        if (!blocks[i].name || !span_is(r->w[0], blocks[i].name))
            continue;
        if (r->n != 1)
            wrong(r, "expected \"%s\" alone on its line", blocks[i].name);
        else if (r->in_part)
            wrong(r, "expected only sections in a part, found \"%s\"", blocks[i].name);
        r->block = r->in_part ? IN_BAD : (enum block)i;
        return true;
    }
    return false;
}

/* ---- lines ---- */

static void read_file(struct reader *r);

static bool included(const struct reader *r, struct span name)
{
    for (size_t i = 0; i < r->n_part; i++)
        if (span_is(name, r->part[i]))
            return true;
    return false;
}

static void read_include(struct reader *r)
{
    if (r->in_part || r->n != 2 || !is_key(r->w[1], 31) || included(r, r->w[1])) {
        wrong(r, "expected: include PART, in a form, each part once");
        return;
    }
    add_text(&r->part, &r->n_part, span_dup(r->w[1]));
    struct lines part = { 0 }, *form = r->l;
    struct errinfo e;
    if (!r->parts || r->parts->open(r->parts->self, r->part[r->n_part - 1], &part, &e) != OK) {
        wrong(r, "expected a readable part \"%s\"", r->part[r->n_part - 1]);
        return;
    }
    r->l = &part;
    r->in_part = true;
    read_file(r);
    r->l = form;
    r->in_part = false;
    r->block = IN_HEAD;
    lines_close(&part);
}

static void read_top(struct reader *r)
{
    r->field = NO_FIELD;
    if (span_is(r->w[0], "section")) {
        read_section(r);
    } else if (span_is(r->w[0], "include")) {
        read_include(r);
    } else if (!open_block(r)) {
        r->block = IN_BAD;
        if (read_head(r))
            r->block = IN_HEAD;
        else
            wrong(r, "unknown word \"%.*s\"", (int)r->w[0].n, r->w[0].p);
    }
}

static void read_line(struct reader *r)
{
    size_t indent = lines_indent(r->l);
    if (memchr(r->l->line.p, '\t', r->l->line.n))
        wrong(r, "expected blanks, found a tab");
    else if (indent == 0)
        read_top(r);
    else if (indent == 2 && blocks[r->block].line)
        blocks[r->block].line(r);
    else if (indent == 4 && r->field == GOOD_FIELD)
        read_detail(r);
    else if (r->block != IN_BAD && !(indent == 4 && r->field == BAD_FIELD))
        wrong(r, "expected 0, 2 or 4 blanks in front, as the line above allows, found %zu", indent);
}

static void read_file(struct reader *r)
{
    struct errinfo e;
    while (lines_next(r->l)) {
        if (lines_words(r->l, r->w, WORDS, &r->n, &e) == OK) {
            read_line(r);
        } else {
            report_errinfo(r->report, &e);
            r->problems++;
        }
    }
}

static void missing_heads(struct reader *r)
{
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        if (!heads[i].required || r->seen & 1u << i)
            continue;
        report_add(r->report, r->k->file, "expected a line \"%s …\"", heads[i].name);
        r->problems++;
    }
}

static void reader_done(struct reader *r)
{
    for (size_t i = 0; i < r->marks.n; i++)
        free(r->marks.m[i].where);
    free(r->marks.m);
    for (size_t i = 0; i < r->n_part; i++)
        free(r->part[i]);
    free(r->part);
    kind_free(r->k);
}

enum err form_read(struct lines *l, const char *id, const struct part_source *parts, const struct rulebook *book,
                   struct kind **ret, struct catalog_report *report, struct errinfo *reterr)
{
    struct reader r = { .l = l, .parts = parts, .report = report };
    size_t first = report->n;
    r.k = xcalloc(1, sizeof *r.k);
    r.k->id = xstrdup(id);
    r.k->file = xstrdup(l->path);
    if (!is_key(span_of(id), 31)) {
        report_add(report, l->path, "expected a file name of a-z, 0-9 and _");
        r.problems++;
    }
    read_file(&r);
    missing_heads(&r);
    /* Meaning is judged only of what could be read: otherwise one slip makes ten messages. */
    if (!r.problems)
        r.problems = form_check(r.k, &r.marks, book, report);
    enum err err = OK;
    if (r.problems) {
        err = err_set(reterr, E_INVALID, NULL, id, "%s", report->line[first]);
    } else {
        *ret = r.k;
        r.k = NULL;
    }
    reader_done(&r);
    return err;
}
