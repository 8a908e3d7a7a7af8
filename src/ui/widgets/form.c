#include "ui/form.h"
#include "base/mem.h"
#include "fieldlook.h"

#include <stdlib.h>
#include <string.h>

#define COLS_MAX    60 /* a longer text scrolls in its field */
#define CHOICE_COLS 30
#define SHORT_TEXT  20

/* Description. */

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static int int_of(const json_t *o, const char *key, int otherwise)
{
    const json_t *v = json_object_get(o, key);
    return json_is_integer(v) ? (int)json_integer_value(v) : otherwise;
}

static int widest_choice(const json_t *choices)
{
    size_t i;
    json_t *c;
    int most = 6;
    json_array_foreach (choices, i, c) {
        int w = width_str(&WIDTH_NARROW, span_of(text_of(c, "label"))) + 1;
        most = w > most ? w : most;
    }
    return most < CHOICE_COLS ? most : CHOICE_COLS;
}

static int input_cols(const struct form_field *f)
{
    if (f->look->cols)
        return f->look->cols;
    if (f->choices)
        return widest_choice(f->choices);
    bool narrow = f->look->mode == EDIT_ALPHA || f->look->mode == EDIT_DIGITS;
    int max = f->max > 0 ? f->max : 20;
    if (f->look->mode == EDIT_TEXT && max <= SHORT_TEXT) /* phone numbers and the like; kanji scroll */
        narrow = true;
    int cols = (narrow ? max : max * 2) + 1;
    int limit = f->look->mode == EDIT_NAME || f->look->mode == EDIT_KANA ? 33 : COLS_MAX;
    return cols < limit ? cols : limit;
}

static void read_field(struct form_field *f, const json_t *o)
{
    const struct field_look *look = field_look(text_of(o, "type"));
    const char *initial = text_of(o, "initial");
    *f = (struct form_field){
        .key = text_of(o, "key"),
        .label = text_of(o, "label"),
        .help = text_of(o, "help"),
        .initial = initial,
        .look = look ? look : field_look("text"),
        .required = json_is_true(json_object_get(o, "required")),
        .required_if = text_of(o, "required_if"),
        .max = int_of(o, "max", 0),
        .choices = json_object_get(o, "choices"),
    };
    if (json_array_size(f->choices) == 0)
        f->choices = NULL;
    f->cols = int_of(o, "cols", input_cols(f));
}

static void read_section(struct form_section *s, const json_t *o)
{
    const json_t *fields = json_object_get(o, "fields");
    s->id = text_of(o, "id");
    s->title = text_of(o, "title");
    s->min = int_of(o, "min", 1);
    s->max = int_of(o, "max", 1);
    s->whole = json_is_true(json_object_get(o, "whole"));
    s->n_field = (int)json_array_size(fields);
    s->field = xcalloc((size_t)s->n_field + 1, sizeof *s->field);
    for (int i = 0; i < s->n_field; i++)
        read_field(&s->field[i], json_array_get(fields, (size_t)i));
}

/* Rows. */

static void cell_done(struct form_cell *c)
{
    lineedit_done(&c->edit);
    wipe_str(c->code);
    wipe_str(c->shown);
}

static void set_text(char **p, const char *text)
{
    char *copy = xstrdup(text);
    wipe_str(*p);
    *p = copy;
}

/* What a new row holds in a field; "" where nothing. */
static const char *initial_of(const struct form *f, const struct form_field *field, char today[static DATE_TEXT])
{
    if (strcmp(field->initial, "today") != 0)
        return field->initial;
    date_text(f->today, today);
    return today;
}

static void initial_value(struct form *f, struct form_place at)
{
    const struct form_field *field = form_field(f, at);
    char today[DATE_TEXT];
    if (*field->initial)
        form_set(f, at, initial_of(f, field, today), NULL);
}

static void use_lookup(const struct form *f, const struct form_section *s, int row)
{
    for (int i = 0; i < s->n_field; i++) {
        s->row[row][i].edit.lookup = f->lookup;
        s->row[row][i].edit.lookup_arg = f->lookup_arg;
    }
}

static void append_row(struct form *f, int section)
{
    struct form_section *s = &f->section[section];
    s->row = xrealloc(s->row, (size_t)s->n_row + 1, sizeof *s->row);
    struct form_cell *cell = xcalloc((size_t)s->n_field + 1, sizeof *cell);
    s->row[s->n_row++] = cell;
    for (int i = 0; i < s->n_field; i++) {
        lineedit_init(&cell[i].edit, s->field[i].look->mode, s->field[i].max);
        cell[i].code = xstrdup("");
        cell[i].shown = xstrdup("");
        initial_value(f, (struct form_place){ section, s->n_row - 1, i });
    }
    use_lookup(f, s, s->n_row - 1);
}

static void drop_row(struct form_section *s, int row)
{
    for (int i = 0; i < s->n_field; i++)
        cell_done(&s->row[row][i]);
    free(s->row[row]);
    s->n_row--;
    memmove(s->row + row, s->row + row + 1, (size_t)(s->n_row - row) * sizeof *s->row);
}

bool form_add_row(struct form *f, int section)
{
    if (f->section[section].n_row >= f->section[section].max)
        return false;
    append_row(f, section);
    return true;
}

bool form_remove_row(struct form *f, int section, int row)
{
    struct form_section *s = &f->section[section];
    if (s->max <= 1)
        return false;
    drop_row(s, row);
    if (s->n_row == 0)
        append_row(f, section);
    form_set_findings(f, NULL);
    return true;
}

/* A row that holds nothing but what a new row holds. */
bool form_row_blank(const struct form *f, int section, int row)
{
    const struct form_section *s = &f->section[section];
    for (int i = 0; i < s->n_field; i++) {
        const struct form_cell *c = &s->row[row][i];
        char today[DATE_TEXT];
        if (c->wrong || (*c->code && strcmp(c->code, initial_of(f, &s->field[i], today)) != 0))
            return false;
    }
    return true;
}

bool form_blank(const struct form *f)
{
    for (int s = 0; s < f->n; s++)
        for (int r = 0; r < f->section[s].n_row; r++)
            if (!form_row_blank(f, s, r))
                return false;
    return true;
}

/* Life. */

struct form *form_new(json_t *doc, const struct eras *eras, struct date today)
{
    struct form *f = xcalloc(1, sizeof *f);
    const json_t *sections = json_object_get(doc, "sections");
    f->doc = json_incref(doc);
    f->eras = eras;
    f->today = today;
    f->n = (int)json_array_size(sections);
    f->section = xcalloc((size_t)f->n + 1, sizeof *f->section);
    for (int i = 0; i < f->n; i++) {
        read_section(&f->section[i], json_array_get(sections, (size_t)i));
        int rows = f->section[i].min > 0 ? f->section[i].min : 1; /* an optional section shows one blank row */
        for (int r = 0; r < rows; r++)
            append_row(f, i);
    }
    return f;
}

void form_free(struct form *f)
{
    if (!f)
        return;
    for (int i = 0; i < f->n; i++) {
        struct form_section *s = &f->section[i];
        while (s->n_row)
            drop_row(s, s->n_row - 1);
        free(s->row);
        free(s->field);
    }
    free(f->section);
    json_decref(f->findings);
    json_decref(f->doc);
    free(f);
}

void form_lookup(struct form *f, edit_lookup *lookup, void *arg)
{
    f->lookup = lookup;
    f->lookup_arg = arg;
    for (int s = 0; s < f->n; s++)
        for (int r = 0; r < f->section[s].n_row; r++)
            use_lookup(f, &f->section[s], r);
}

/* Places. */

struct form_cell *form_cell(const struct form *f, struct form_place at)
{
    return &f->section[at.s].row[at.r][at.f];
}

const struct form_field *form_field(const struct form *f, struct form_place at)
{
    return &f->section[at.s].field[at.f];
}

const char *form_value(const struct form *f, struct form_place at)
{
    return form_cell(f, at)->code;
}

static int field_index(const struct form_section *s, const char *key)
{
    for (int i = 0; i < s->n_field; i++)
        if (strcmp(s->field[i].key, key) == 0)
            return i;
    return -1;
}

bool form_sibling(const struct form *f, struct form_place at, const char *key, struct form_place *ret)
{
    int i = field_index(&f->section[at.s], key);
    if (i < 0)
        return false;
    *ret = (struct form_place){ at.s, at.r, i };
    return true;
}

static int section_index(const struct form *f, const char *id)
{
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->section[i].id, id) == 0)
            return i;
    return -1;
}

bool form_place_of(const struct form *f, const char *section, int row, const char *field, struct form_place *ret)
{
    int s = section_index(f, section);
    if (s < 0 || row < 0 || row >= f->section[s].n_row)
        return false;
    int i = field_index(&f->section[s], field);
    *ret = (struct form_place){ s, row, i < 0 ? 0 : i };
    return true;
}

/* Values. */

static void show(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    if (*code && field->look->show)
        field->look->show(f, field, code, ret);
    else
        buf_adds(ret, code);
}

void form_set(struct form *f, struct form_place at, const char *code, const char *label)
{
    struct form_cell *c = form_cell(f, at);
    struct buf b = BUF_INIT;
    if (label)
        buf_adds(&b, label);
    else
        show(f, form_field(f, at), code, &b);
    set_text(&c->code, code);
    set_text(&c->shown, buf_str(&b));
    lineedit_set(&c->edit, c->shown);
    c->wrong = NULL;
    c->touched = false;
    buf_done(&b);
}

void form_enter(struct form *f, struct form_place at)
{
    struct form_cell *c = form_cell(f, at);
    const struct form_field *field = form_field(f, at);
    if (!c->wrong && *c->code && field->look->edit) {
        struct buf b = BUF_INIT;
        field->look->edit(f, field, c->code, &b);
        lineedit_set(&c->edit, buf_str(&b));
        buf_done(&b);
    }
    c->touched = false;
    c->fresh = true;
}

enum form_leave form_leave(struct form *f, struct form_place at)
{
    struct form_cell *c = form_cell(f, at);
    const struct form_field *field = form_field(f, at);
    lineedit_leave(&c->edit);
    if (!c->touched) {
        if (!c->wrong)
            lineedit_set(&c->edit, c->shown);
        return FORM_FINE;
    }
    const char *typed = lineedit_text(&c->edit);
    struct buf code = BUF_INIT;
    const char *wrong = NULL;
    enum form_leave rc = FORM_FINE;
    if (*typed && field->look->read)
        rc = field->look->read(f, field, typed, &code, &wrong);
    else
        buf_adds(&code, typed);
    form_set_findings(f, NULL);
    if (rc == FORM_FINE) {
        form_set(f, at, buf_str(&code), NULL);
    } else {
        set_text(&c->code, "");
        set_text(&c->shown, typed);
        c->wrong = wrong;
        c->touched = false;
    }
    buf_done(&code);
    return rc;
}

bool form_toggle(struct form *f, struct form_place at)
{
    if (form_field(f, at)->look != field_look("flag"))
        return false;
    form_set(f, at, strcmp(form_value(f, at), "1") == 0 ? "" : "1", NULL);
    form_set_findings(f, NULL);
    return true;
}

bool form_replaces(const struct form *f, struct form_place at)
{
    return form_field(f, at)->look->replace;
}

bool form_asks(const struct form *f, struct form_place at)
{
    return form_field(f, at)->look->ask;
}

const char *form_type(const struct form *f, struct form_place at)
{
    return form_field(f, at)->look->name;
}

bool form_named(const struct form *f, struct form_place at)
{
    return form_field(f, at)->look->named;
}

bool form_takes_letters(const struct form *f, struct form_place at)
{
    static const bool letters[EDIT_MODES] = { [EDIT_TEXT] = true, [EDIT_NAME] = true };
    return letters[form_field(f, at)->look->mode];
}

bool form_first(const struct form *f, const char *type, struct form_place *ret)
{
    for (int s = 0; s < f->n; s++)
        for (int i = 0; i < f->section[s].n_field; i++)
            if (strcmp(f->section[s].field[i].look->name, type) == 0) {
                *ret = (struct form_place){ s, 0, i };
                return true;
            }
    return false;
}

json_t *form_choices(const struct form *f, struct form_place at)
{
    const struct form_field *field = form_field(f, at);
    if (!field->choices)
        return NULL;
    json_t *rows = json_array();
    size_t i;
    json_t *c;
    json_array_foreach (field->choices, i, c)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "value", text_of(c, "code"), "label",
                                              text_of(c, "label"), "note", text_of(c, "code")));
    return rows;
}

/* In and out. */

void form_load(struct form *f, const json_t *values)
{
    size_t i;
    json_t *v;
    json_array_foreach (values, i, v) {
        struct form_place at;
        int s = section_index(f, text_of(v, "s")), r = int_of(v, "r", 0);
        if (s < 0 || r < 0 || r >= f->section[s].max || field_index(&f->section[s], text_of(v, "f")) < 0)
            continue;
        while (f->section[s].n_row <= r)
            append_row(f, s);
        if (form_place_of(f, text_of(v, "s"), r, text_of(v, "f"), &at)) {
            const char *label = json_string_value(json_object_get(v, "l"));
            form_set(f, at, text_of(v, "v"), label && *label ? label : NULL);
        }
    }
}

void form_carry(struct form *to, const struct form *from)
{
    for (int s = 0; s < from->n; s++)
        for (int r = 0; r < from->section[s].n_row; r++)
            for (int i = 0; i < from->section[s].n_field; i++) {
                struct form_place at = { s, r, i };
                const struct form_cell *c = form_cell(from, at);
                json_t *one =
                    json_pack("[{s:s, s:i, s:s, s:s, s:s}]", "s", from->section[s].id, "r", r, "f",
                              from->section[s].field[i].key, "v", c->code, "l", form_named(from, at) ? c->shown : "");
                form_load(to, one);
                json_decref(one);
            }
}

json_t *form_values(const struct form *f)
{
    json_t *values = json_array();
    for (int s = 0; s < f->n; s++)
        for (int r = 0; r < f->section[s].n_row; r++) {
            bool optional = f->section[s].max > 1 && form_row_blank(f, s, r);
            for (int i = 0; i < f->section[s].n_field && !optional; i++) {
                const char *v = form_value(f, (struct form_place){ s, r, i });
                if (*v)
                    json_array_append_new(values, json_pack("{s:s, s:i, s:s, s:s}", "s", f->section[s].id, "r", r, "f",
                                                            f->section[s].field[i].key, "v", v));
            }
        }
    return values;
}

/* Findings. */

void form_set_findings(struct form *f, json_t *take)
{
    json_decref(f->findings);
    f->findings = take;
}

bool finding_is_error(const json_t *finding)
{
    return strcmp(text_of(finding, "level"), "W") != 0;
}

const json_t *form_finding(const struct form *f, struct form_place at)
{
    const struct form_section *s = &f->section[at.s];
    const json_t *best = NULL;
    size_t i;
    json_t *x;
    json_array_foreach (f->findings, i, x) {
        if (strcmp(text_of(x, "section"), s->id) != 0 || int_of(x, "row", 0) != at.r ||
            strcmp(text_of(x, "field"), s->field[at.f].key) != 0)
            continue;
        if (!best || (finding_is_error(x) && !finding_is_error(best)))
            best = x;
    }
    return best;
}
