#include "tables.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "base/width.h"

#include <stdlib.h>
#include <string.h>

#define CELLS 4

/* One run over one table file. */
struct tsv {
    struct lines l;
    struct span cell[CELLS];
    struct rulebook *book;
    struct code_table *table; /* being filled, for code tables */
    struct catalog_report *report;
    size_t problems;
};

static void PRINTF_LIKE(2, 3) wrong(struct tsv *t, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    struct errinfo e;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    if (lines_fail(&t->l, &e, "%s", buf_str(&b)) != OK)
        report_errinfo(t->report, &e);
    t->problems++;
    buf_done(&b);
}

/* Reads a file of rows of `cells` cells. */
static size_t read_rows(const char *dir, const char *file, size_t cells, struct rulebook *book,
                        struct code_table *table, struct catalog_report *report, void (*row)(struct tsv *))
{
    struct tsv t = { .book = book, .table = table, .report = report };
    struct errinfo e;
    char *path = fs_join(dir, file);
    enum err err = lines_open(&t.l, path, &e);
    if (err != OK)
        report_add(report, path, "expected a readable table (%s)", e.detail);
    free(path);
    if (err != OK)
        return 1;
    while (lines_next(&t.l)) {
        if (lines_cells(&t.l, t.cell, cells, &e) == OK) {
            row(&t);
        } else {
            report_errinfo(report, &e);
            t.problems++;
        }
    }
    lines_close(&t.l);
    return t.problems;
}

static bool filled(struct tsv *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (t->cell[i].n)
            continue;
        wrong(t, "expected a text in cell %zu", i + 1);
        return false;
    }
    return true;
}

static bool read_date(struct tsv *t, struct span cell, struct date *ret)
{
    struct errinfo e;
    char *text = span_dup(cell);
    bool ok = date_read(text, ret, &e) == OK;
    free(text);
    if (!ok)
        wrong(t, "expected a day as 2026-07-01, found \"%.*s\"", (int)cell.n, cell.p);
    return ok;
}

/* ---- eras: key, name, short name, first day, last day ---- */

static bool put_name(struct tsv *t, struct span cell, char *ret, size_t size)
{
    if (!cell.n || cell.n >= size) {
        wrong(t, "expected a name of 1 to %zu bytes", size - 1);
        return false;
    }
    memcpy(ret, cell.p, cell.n);
    return true;
}

static void era_row(struct tsv *t)
{
    struct eras *eras = &t->book->eras;
    struct era e = { 0 };
    struct span name = t->cell[1], from = t->cell[2], to = t->cell[3];
    const char *slash = memchr(name.p, '/', name.n);
    if (t->cell[0].n != 1 || t->cell[0].p[0] < 'A' || t->cell[0].p[0] > 'Z' || !slash) {
        wrong(t, "expected one capital letter, then name/short name");
        return;
    }
    e.key = t->cell[0].p[0];
    struct span full = { name.p, (size_t)(slash - name.p) }, abbrev = { slash + 1, name.n - full.n - 1 };
    if (!put_name(t, full, e.name, sizeof e.name) || !put_name(t, abbrev, e.abbrev, sizeof e.abbrev) ||
        !read_date(t, from, &e.from) || (!span_is(to, "-") && !read_date(t, to, &e.to)))
        return;
    if (eras->n == ERAS_MAX)
        wrong(t, "expected at most %d eras", ERAS_MAX);
    else if (eras->n && date_cmp(eras->e[eras->n - 1].from, e.from) >= 0)
        wrong(t, "expected the oldest era first");
    else if (e.to.y && date_cmp(e.from, e.to) >= 0)
        wrong(t, "expected the last day behind the first");
    else
        eras->e[eras->n++] = e;
}

/* ---- holidays: day, name ---- */

static void holiday_row(struct tsv *t)
{
    struct holidays *h = &t->book->holidays;
    struct date d;
    if (!read_date(t, t->cell[0], &d) || !filled(t, 2))
        return;
    if (h->n && date_cmp(h->d[h->n - 1], d) >= 0) {
        wrong(t, "expected the days in order, each once");
        return;
    }
    h->d = xrealloc(h->d, h->n + 1, sizeof *h->d);
    h->d[h->n++] = d;
}

/* ---- parameters: name, value, unit, meaning ---- */

static struct param *param_find(const struct rulebook *b, struct span name)
{
    for (size_t i = 0; i < b->n_param; i++)
        if (span_is(name, b->param[i].name))
            return &b->param[i];
    return NULL;
}

/* What is wrong with a value in that unit, or NULL. */
static const char *value_problem(const char *value, const char *unit)
{
    if (strcmp(unit, "文字列") == 0)
        return NULL;
    if (strcmp(unit, "yes/no") == 0)
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ? NULL : "expected yes or no";
    size_t digits = strspn(value, "0123456789");
    return digits >= 1 && digits <= 9 && !value[digits] ? NULL : "expected a whole number";
}

static void param_row(struct tsv *t)
{
    if (!t->cell[0].n || !filled(t, 1) || !t->cell[2].n || !t->cell[3].n) {
        wrong(t, "expected name, value, unit and meaning");
        return;
    }
    if (param_find(t->book, t->cell[0])) {
        wrong(t, "parameter \"%.*s\" stands twice", (int)t->cell[0].n, t->cell[0].p);
        return;
    }
    struct rulebook *b = t->book;
    b->param = xrealloc(b->param, b->n_param + 1, sizeof *b->param);
    struct param *p = &b->param[b->n_param++];
    *p = (struct param){ span_dup(t->cell[0]), span_dup(t->cell[1]), span_dup(t->cell[2]), span_dup(t->cell[3]) };
    const char *problem = value_problem(p->value, p->unit);
    if (problem)
        wrong(t, "%s for %s", problem, p->name);
}

/* "NAME = value" */
static void override_line(struct tsv *t)
{
    struct span line = t->l.line;
    const char *eq = memchr(line.p, '=', line.n);
    struct span name = span_trim((struct span){ line.p, eq ? (size_t)(eq - line.p) : 0 });
    struct param *p = eq ? param_find(t->book, name) : NULL;
    if (!p) {
        wrong(t, "expected NAME = value with a name of parameters.tsv");
        return;
    }
    char *value = span_dup(span_trim((struct span){ eq + 1, (size_t)(line.p + line.n - eq - 1) }));
    const char *problem = value_problem(value, p->unit);
    if (problem) {
        wrong(t, "%s for %s", problem, p->name);
        free(value);
        return;
    }
    free(p->value);
    p->value = value;
}

static size_t read_overrides(const char *path, struct rulebook *book, struct catalog_report *report)
{
    struct tsv t = { .book = book, .report = report };
    struct errinfo e;
    if (lines_open(&t.l, path, &e) != OK) {
        report_add(report, path, "expected a readable file of parameter values (%s)", e.detail);
        return 1;
    }
    while (lines_next(&t.l))
        override_line(&t);
    lines_close(&t.l);
    return t.problems;
}

static size_t own_city(struct rulebook *book, struct catalog_report *report)
{
    struct {
        const char *param;
        char **to;
    } own[] = { { "CITY_PREF", &book->own_pref },
                { "CITY_NAME", &book->own_city },
                { "CITY_CODE", &book->own_city_code } };
    size_t problems = 0;
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        const struct param *p = param_find(book, span_of(own[i].param));
        if (!p) {
            report_add(report, "parameters.tsv", "expected a row %s", own[i].param);
            problems++;
        }
        *own[i].to = xstrdup(p ? p->value : "");
    }
    return problems;
}

/* ---- messages: id, level, text, remedy ---- */

static void message_row(struct tsv *t)
{
    struct rulebook *b = t->book;
    if (!filled(t, 3) || t->cell[0].n > 12 || t->cell[1].n != 1 || !strchr("EWS", t->cell[1].p[0])) {
        wrong(t, "expected an id of at most 12 bytes, level E, W or S, text, remedy");
        return;
    }
    struct message m = { span_dup(t->cell[0]), t->cell[1].p[0], span_dup(t->cell[2]), span_dup(t->cell[3]) };
    b->message = xrealloc(b->message, b->n_message + 1, sizeof *b->message);
    b->message[b->n_message++] = m;
}

static int message_cmp(const void *a, const void *b)
{
    return strcmp(((const struct message *)a)->id, ((const struct message *)b)->id);
}

static size_t sort_messages(struct rulebook *b, struct catalog_report *report)
{
    size_t problems = 0;
    if (b->n_message)
        qsort(b->message, b->n_message, sizeof *b->message, message_cmp);
    for (size_t i = 1; i < b->n_message; i++) {
        if (message_cmp(&b->message[i - 1], &b->message[i]))
            continue;
        report_add(report, "messages.tsv", "message %s stands twice", b->message[i].id);
        problems++;
    }
    return problems;
}

/* ---- code tables: code, label, note ---- */

#define LABEL_COLS 40 /* a choice must fit its list on the screen */

static void code_row(struct tsv *t)
{
    struct code_table *table = t->table;
    if (!filled(t, 2))
        return;
    if (width_str(&WIDTH_NARROW, t->cell[1]) > LABEL_COLS) {
        wrong(t, "expected a label of at most %d columns", LABEL_COLS);
        return;
    }
    for (size_t i = 0; i < table->n; i++) {
        if (!span_is(t->cell[0], table->c[i].code))
            continue;
        wrong(t, "code \"%s\" stands twice", table->c[i].code);
        return;
    }
    table->c = xrealloc(table->c, table->n + 1, sizeof *table->c);
    table->c[table->n++] = (struct code){ span_dup(t->cell[0]), span_dup(t->cell[1]), span_dup(t->cell[2]) };
}

static size_t read_code_table(const char *dir, const char *file, struct rulebook *book, struct catalog_report *report)
{
    book->table = xrealloc(book->table, book->n_table + 1, sizeof *book->table);
    struct code_table *table = &book->table[book->n_table++];
    *table = (struct code_table){ .name = xstrndup(file, strlen(file) - strlen(".tsv")) };
    return read_rows(dir, file, 3, book, table, report, code_row);
}

static size_t read_code_tables(const char *dir, struct rulebook *book, struct catalog_report *report)
{
    char **name;
    size_t n, problems = 0;
    struct errinfo e;
    if (fs_list(dir, ".tsv", &name, &n, &e) != OK) {
        report_add(report, dir, "expected a directory of code tables");
        return 1;
    }
    for (size_t i = 0; i < n; i++)
        if (strcmp(name[i], "eras.tsv") != 0)
            problems += read_code_table(dir, name[i], book, report);
    fs_list_free(name, n);
    return problems;
}

size_t tables_read(const char *data, const char *overrides, struct rulebook *book, struct catalog_report *report)
{
    char *tables = fs_join(data, "tables");
    size_t problems = read_rows(tables, "eras.tsv", 4, book, NULL, report, era_row);
    problems += read_rows(data, "holidays.tsv", 2, book, NULL, report, holiday_row);
    problems += read_rows(data, "parameters.tsv", 4, book, NULL, report, param_row);
    if (overrides)
        problems += read_overrides(overrides, book, report);
    problems += own_city(book, report);
    problems += read_rows(data, "messages.tsv", 4, book, NULL, report, message_row);
    problems += sort_messages(book, report);
    problems += read_code_tables(tables, book, report);
    free(tables);
    return problems;
}

void tables_done(struct rulebook *b)
{
    for (size_t i = 0; i < b->n_param; i++) {
        free(b->param[i].name);
        free(b->param[i].value);
        free(b->param[i].unit);
        free(b->param[i].meaning);
    }
    for (size_t i = 0; i < b->n_table; i++) {
        for (size_t c = 0; c < b->table[i].n; c++) {
            free(b->table[i].c[c].code);
            free(b->table[i].c[c].label);
            free(b->table[i].c[c].note);
        }
        free(b->table[i].c);
        free(b->table[i].name);
    }
    for (size_t i = 0; i < b->n_message; i++) {
        free(b->message[i].id);
        free(b->message[i].text);
        free(b->message[i].remedy);
    }
    free(b->param);
    free(b->table);
    free(b->message);
    free(b->holidays.d);
    free(b->own_pref);
    free(b->own_city);
    free(b->own_city_code);
}
