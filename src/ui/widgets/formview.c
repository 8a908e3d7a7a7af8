#include "ui/formview.h"
#include "base/mem.h"
#include "ui/bars.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_COLS 36 /* a column of fields is at least this wide */
#define COLUMNS_MAX 4
#define NUMBER_COLS 3 /* number of a repeated row */
#define MARK_COLS   2 /* mark of a finding, and a gap */
#define AHEAD_ROWS  3 /* of the form below the focus are seen as well */
#define FOOT_ROWS   3 /* line, help or finding of the field in two rows */

enum item_kind { ITEM_TITLE, ITEM_FIELD };
struct form_item {
    enum item_kind kind;
    struct form_place at;
    int y, x;
    int label, input; /* columns */
    bool number;      /* shows the number of its row */
};

void formview_init(struct formview *v, struct form *form)
{
    *v = (struct formview){ .form = form };
    if (form->n && form->section[0].n_field)
        form_enter(form, v->at);
}

void formview_done(struct formview *v)
{
    free(v->item);
    v->item = NULL;
}

/* Layout. */

static bool repeated(const struct form_section *s)
{
    return s->max > 1;
}

static int one_label(const struct form_field *f)
{
    return width_str(&WIDTH_NARROW, span_of(f->label)) + f->required;
}

#define LABEL_USUAL 18 /* labels up to this long decide for the whole form where the inputs begin */

static int label_cols(const struct form *f, const struct form_section *s)
{
    int most = 0;
    for (int k = 0; k < f->n; k++)
        for (int i = 0; i < f->section[k].n_field; i++) {
            int w = one_label(&f->section[k].field[i]);
            if (w > most && (&f->section[k] == s || w <= LABEL_USUAL))
                most = w;
        }
    return most;
}

static void add_item(struct formview *v, struct form_item item)
{
    v->item = xrealloc(v->item, (size_t)v->n_item + 1, sizeof *v->item);
    v->item[v->n_item++] = item;
}

/* A repeated row whose fields all fit side by side: a line each. */
static bool one_line(struct formview *v, int section, int row, int y, int width)
{
    const struct form_section *s = &v->form->section[section];
    int need = NUMBER_COLS, x = NUMBER_COLS;
    for (int i = 0; i < s->n_field; i++)
        need += one_label(&s->field[i]) + 1 + s->field[i].cols + MARK_COLS;
    if (!repeated(s) || need > width)
        return false;
    for (int i = 0; i < s->n_field; i++) {
        const struct form_field *f = &s->field[i];
        add_item(v, (struct form_item){ .kind = ITEM_FIELD,
                                        .at = { section, row, i },
                                        .y = y,
                                        .x = x,
                                        .label = one_label(f),
                                        .input = f->cols,
                                        .number = i == 0 });
        x += one_label(f) + 1 + f->cols + MARK_COLS;
    }
    return true;
}

/* One row of a section, flowing into columns; returns the next free line. */
static int flow_row(struct formview *v, int section, int row, int y, int width)
{
    const struct form_section *s = &v->form->section[section];
    int lead = repeated(s) ? NUMBER_COLS : 1;
    if (one_line(v, section, row, y, width))
        return y + 1;
    int columns = (width - lead) / COLUMN_COLS;
    columns = columns < 1 ? 1 : columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
    int column = (width - lead) / columns, label = label_cols(v->form, s), used = 0;
    for (int i = 0; i < s->n_field; i++) {
        int need = label + 1 + s->field[i].cols + MARK_COLS;
        int span = (need + column - 1) / column;
        span = span > columns ? columns : span;
        if (used + span > columns) {
            used = 0;
            y++;
        }
        int room = span * column - label - 1 - MARK_COLS;
        add_item(v, (struct form_item){ .kind = ITEM_FIELD,
                                        .at = { section, row, i },
                                        .y = y,
                                        .x = lead + used * column,
                                        .label = label,
                                        .input = s->field[i].cols < room ? s->field[i].cols : room,
                                        .number = repeated(s) && i == 0 });
        used += span;
    }
    return y + 1;
}

static bool same_place(struct form_place a, struct form_place b)
{
    return a.s == b.s && a.r == b.r && a.f == b.f;
}

static const struct form_item *item_of(const struct formview *v, struct form_place at)
{
    for (int i = 0; i < v->n_item; i++)
        if (v->item[i].kind == ITEM_FIELD && same_place(v->item[i].at, at))
            return &v->item[i];
    return NULL;
}

/* The field with the focus is seen, with the title of its section when that is just above. */
static void scroll_to_focus(struct formview *v)
{
    const struct form_item *item = item_of(v, v->at);
    if (!item)
        return;
    int top = item->y > 0 && v->at.r == 0 && v->at.f == 0 ? item->y - 1 : item->y;
    if (top < v->scroll)
        v->scroll = top;
    int bottom = item->y + AHEAD_ROWS < v->rows ? item->y + AHEAD_ROWS : v->rows - 1;
    if (bottom >= v->scroll + v->view_h)
        v->scroll = bottom - v->view_h + 1;
    int most = v->rows > v->view_h ? v->rows - v->view_h : 0;
    v->scroll = v->scroll > most ? most : v->scroll;
}

void formview_layout(struct formview *v, struct rect r)
{
    int y = 0;
    v->n_item = 0;
    v->view_h = r.h - FOOT_ROWS;
    for (int s = 0; s < v->form->n; s++) {
        add_item(v, (struct form_item){ .kind = ITEM_TITLE, .at = { s, 0, 0 }, .y = y++ });
        for (int row = 0; row < v->form->section[s].n_row; row++)
            y = flow_row(v, s, row, y, r.w - 2);
    }
    v->rows = y;
    scroll_to_focus(v);
}

/* Drawing. */

static void draw_title(const struct formview *v, struct canvas *cv, int y, struct rect r, int section)
{
    const struct form_section *s = &v->form->section[section];
    canvas_hline(cv, y, r.x, r.w, STYLE_FRAME);
    int used = canvas_printf(cv, y, r.x + 2, r.w - 4, section == v->at.s ? STYLE_HEAD : STYLE_LABEL, " %s ", s->title);
    if (repeated(s))
        canvas_printf(cv, y, r.x + 2 + used, 20, STYLE_HINT, "%d行(%dまで) ", s->n_row, s->max);
}

static void draw_mark(const struct formview *v, struct canvas *cv, int y, int x, struct form_place at)
{
    const json_t *finding = form_finding(v->form, at);
    if (form_cell(v->form, at)->wrong || (finding && finding_is_error(finding)))
        canvas_text(cv, y, x, 1, STYLE_ERROR, "!");
    else if (finding)
        canvas_text(cv, y, x, 1, STYLE_WARN, "?");
}

static void draw_field(const struct formview *v, struct canvas *cv, int y, int x, const struct form_item *item,
                       bool focus)
{
    const struct form_field *f = form_field(v->form, item->at);
    const struct form_cell *c = form_cell(v->form, item->at);
    if (item->number)
        canvas_printf(cv, y, x - NUMBER_COLS, 2, STYLE_HINT, "%2d", item->at.r + 1);
    int used = canvas_text(cv, y, x, item->label, focus ? STYLE_STRONG : STYLE_LABEL, f->label);
    if (f->required)
        canvas_text(cv, y, x + used, 1, STYLE_WARN, "*");
    int at = x + item->label + 1;
    if (focus)
        lineedit_draw(&c->edit, cv, y, at, item->input, true);
    else
        canvas_padded(cv, y, at, item->input, STYLE_FIELD, c->shown);
    draw_mark(v, cv, y, at + item->input, item->at);
}

/* Below the form: what is wrong with the field, or how it is filled in. */
static void draw_foot(const struct formview *v, struct canvas *cv, struct rect r)
{
    const struct form_cell *c = form_cell(v->form, v->at);
    const json_t *finding = form_finding(v->form, v->at);
    const struct form_field *f = form_field(v->form, v->at);
    struct buf b = BUF_INIT;
    enum style style = STYLE_HINT;
    int y = r.y + r.h - FOOT_ROWS;
    canvas_hline(cv, y, r.x, r.w, STYLE_FRAME);
    if (c->wrong) {
        style = STYLE_ERROR;
        buf_printf(&b, "誤り %s: %s", f->label, c->wrong);
    } else if (finding) {
        style = finding_is_error(finding) ? STYLE_ERROR : STYLE_WARN;
        buf_printf(&b, "%s %s %s %s", finding_is_error(finding) ? "誤り" : "警告",
                   json_string_value(json_object_get(finding, "msg")),
                   json_string_value(json_object_get(finding, "text")),
                   json_string_value(json_object_get(finding, "remedy")));
    } else {
        buf_printf(&b, "%s%s%s", f->label, *f->help ? ": " : "", f->help);
    }
    struct rect text = { y + 1, r.x + 1, FOOT_ROWS - 1, r.w - 2 };
    canvas_wrap(cv, canvas_profile(cv), text, style, buf_str(&b));
    buf_done(&b);
}

void formview_draw(const struct formview *v, struct canvas *cv, struct rect r, bool focus)
{
    struct rect in = { r.y, r.x + 1, r.h - FOOT_ROWS, r.w - 2 };
    for (int i = 0; i < v->n_item; i++) {
        const struct form_item *item = &v->item[i];
        int y = in.y + item->y - v->scroll;
        if (y < in.y || y >= in.y + in.h)
            continue;
        if (item->kind == ITEM_TITLE)
            draw_title(v, cv, y, in, item->at.s);
        else
            draw_field(v, cv, y, in.x + item->x, item, focus && same_place(item->at, v->at));
    }
    bars_more(cv, (struct rect){ in.y, r.x, in.h, r.w }, v->scroll > 0, v->scroll + in.h < v->rows);
    draw_foot(v, cv, r);
}

/* Moving. */

static bool next_place(const struct formview *v, struct form_place *at)
{
    const struct form *f = v->form;
    if (++at->f < f->section[at->s].n_field)
        return true;
    at->f = 0;
    if (++at->r < f->section[at->s].n_row)
        return true;
    at->r = 0;
    while (++at->s < f->n)
        if (f->section[at->s].n_field && f->section[at->s].n_row)
            return true;
    return false;
}

static bool previous_place(const struct formview *v, struct form_place *at)
{
    const struct form *f = v->form;
    if (--at->f >= 0)
        return true;
    if (--at->r < 0) {
        do {
            if (--at->s < 0)
                return false;
        } while (!f->section[at->s].n_field || !f->section[at->s].n_row);
        at->r = f->section[at->s].n_row - 1;
    }
    at->f = f->section[at->s].n_field - 1;
    return true;
}

void formview_go(struct formview *v, struct form_place to)
{
    v->at = to;
    form_enter(v->form, to);
}

bool formview_settle(struct formview *v)
{
    bool ok = form_leave(v->form, v->at) == FORM_FINE && !form_cell(v->form, v->at)->wrong;
    form_enter(v->form, v->at);
    return ok;
}

/* The field at which a blank row is left: the first that must be filled in and does not come filled in. What stands
 * before it may stay blank in a row that is wanted. */
static int leaving_field(const struct form_section *s)
{
    for (int i = 0; i < s->n_field; i++)
        if (s->field[i].required && !*s->field[i].initial)
            return i;
    return 0;
}

/* Enter behind the last field of the last row begins a further row; on a blank last row that nobody needs it leaves the
 * section, once the optional fields at its beginning are passed. */
static enum form_event step_on(struct formview *v)
{
    const struct form_section *s = &v->form->section[v->at.s];
    struct form_place to = v->at;
    bool last_row = repeated(s) && to.r == s->n_row - 1;
    bool blank = last_row && to.r >= s->min && form_row_blank(v->form, to.s, to.r);
    if (blank && to.f >= leaving_field(s))
        to.f = s->n_field - 1;
    else if (last_row && to.f == s->n_field - 1)
        form_add_row(v->form, to.s);
    if (!next_place(v, &to)) {
        formview_go(v, v->at);
        return FORM_ENDED;
    }
    formview_go(v, to);
    return FORM_MOVED;
}

static enum form_event leave_then(struct formview *v, enum form_event (*move)(struct formview *))
{
    bool touched = form_cell(v->form, v->at)->touched;
    enum form_leave left = form_leave(v->form, v->at);
    if (left == FORM_ASK) {
        form_cell(v->form, v->at)->touched = true;
        return FORM_WANTS;
    }
    if (left == FORM_WRONG) {
        form_enter(v->form, v->at);
        return FORM_UNFIT;
    }
    enum form_event moved = move(v);
    return touched && moved == FORM_MOVED ? FORM_STORED : moved;
}

static enum form_event step_back(struct formview *v)
{
    struct form_place to = v->at;
    if (previous_place(v, &to))
        formview_go(v, to);
    else
        formview_go(v, v->at);
    return FORM_MOVED;
}

static enum form_event step_open(struct formview *v)
{
    struct form_place to = v->at;
    bool open = form_next_open(v->form, v->at, &to);
    formview_go(v, to);
    return open ? FORM_MOVED : FORM_ENDED;
}

/* The nearest field in the line above or below. */
static enum form_event step_line(struct formview *v, int direction)
{
    const struct form_item *from = item_of(v, v->at), *best = NULL;
    for (int i = 0; from && i < v->n_item; i++) {
        const struct form_item *it = &v->item[i];
        int dy = (it->y - from->y) * direction;
        if (it->kind != ITEM_FIELD || dy <= 0)
            continue;
        int best_dy = best ? (best->y - from->y) * direction : 0;
        if (!best || dy < best_dy || (dy == best_dy && abs(it->x - from->x) < abs(best->x - from->x)))
            best = it;
    }
    formview_go(v, best ? best->at : v->at);
    return FORM_MOVED;
}

static enum form_event step_up(struct formview *v)
{
    return step_line(v, -1);
}

static enum form_event step_down(struct formview *v)
{
    return step_line(v, 1);
}

static enum form_event step_section(struct formview *v, int direction)
{
    struct form_place to = { v->at.s, 0, 0 };
    do
        to.s += direction;
    while (to.s >= 0 && to.s < v->form->n && !v->form->section[to.s].n_field);
    formview_go(v, to.s < 0 || to.s >= v->form->n ? v->at : to);
    return FORM_MOVED;
}

static enum form_event section_up(struct formview *v)
{
    return step_section(v, -1);
}

static enum form_event section_down(struct formview *v)
{
    return step_section(v, 1);
}

/* Keys. */

static enum form_event edit_key(struct formview *v, const struct key *k)
{
    struct form_cell *c = form_cell(v->form, v->at);
    if (k->code == K_CHAR && k->cp == ' ' && form_toggle(v->form, v->at))
        return FORM_STORED;
    bool fresh = c->fresh && k->code == K_CHAR && !c->wrong && form_replaces(v->form, v->at);
    c->fresh = false;
    if (fresh)
        lineedit_set(&c->edit, "");
    switch (lineedit_key(&c->edit, k)) {
    case EDIT_CHANGED:
        c->touched = true;
        c->wrong = NULL;
        return FORM_TYPED;
    case EDIT_REFUSED:
        return FORM_REFUSED;
    case EDIT_MOVED:
        c->touched |= fresh || c->edit.typing.len > 0;
        return FORM_TYPED;
    case EDIT_IGNORED:
    default:
        return FORM_IGNORED;
    }
}

enum form_event formview_key(struct formview *v, const struct key *k)
{
    static const struct {
        enum key_code key;
        enum form_event (*move)(struct formview *);
    } moves[] = { { K_ENTER, step_on },  { K_TAB, step_on },     { K_BACKTAB, step_back }, { K_UP, step_up },
                  { K_DOWN, step_down }, { K_PGUP, section_up }, { K_PGDN, section_down } };
    struct form_cell *c = form_cell(v->form, v->at);
    if (c->edit.code)
        return edit_key(v, k);
    if (k->code == K_ESC) { /* what was typed goes, the value stays */
        c->wrong = NULL;
        form_set(v->form, v->at, c->code, *c->code ? c->shown : NULL);
        form_enter(v->form, v->at);
        return FORM_MOVED;
    }
    for (size_t i = 0; i < ARRAY_LEN(moves); i++)
        if (moves[i].key == k->code)
            return leave_then(v, moves[i].move);
    return edit_key(v, k);
}

enum form_event formview_next_open(struct formview *v)
{
    return leave_then(v, step_open);
}

enum form_event formview_picked(struct formview *v, const char *code, const char *label)
{
    form_set(v->form, v->at, code, label);
    form_set_findings(v->form, NULL);
    step_on(v);
    return FORM_STORED;
}

bool formview_go_finding(struct formview *v)
{
    struct form_place at = { 0, 0, 0 }, warning = at;
    bool warned = false;
    do {
        const json_t *x = form_finding(v->form, at);
        if (form_cell(v->form, at)->wrong || (x && finding_is_error(x))) {
            formview_go(v, at);
            return true;
        }
        if (x && !warned) {
            warned = true;
            warning = at;
        }
    } while (next_place(v, &at));
    if (warned)
        formview_go(v, warning);
    return warned;
}
