#include "ui/listview.h"
#include "base/mem.h"

#include <string.h>

#define NUMBER_COLS 3 /* row number on the page, for the digit keys, and the mark of the chosen row */

void listview_init(struct listview *lv, const struct list_col *col, size_t n, const char *empty)
{
    *lv = (struct listview){ .col = col, .n_col = n, .empty = empty, .page = 1 };
}

void listview_done(struct listview *lv)
{
    json_decref(lv->rows);
    lv->rows = NULL;
}

size_t listview_count(const struct listview *lv)
{
    return json_array_size(lv->rows);
}

void listview_set(struct listview *lv, json_t *take)
{
    json_decref(lv->rows);
    lv->rows = take;
    size_t n = listview_count(lv);
    if (lv->sel >= n)
        lv->sel = n ? n - 1 : 0;
}

json_t *listview_row(const struct listview *lv)
{
    return json_array_get(lv->rows, lv->sel);
}

void listview_layout(struct listview *lv, struct rect r)
{
    lv->page = r.h > 2 ? r.h - 1 : 1;
}

static size_t first_of_page(const struct listview *lv)
{
    return lv->sel / (size_t)lv->page * (size_t)lv->page;
}

static bool move_to(struct listview *lv, size_t to)
{
    size_t n = listview_count(lv);
    lv->sel = n == 0 ? 0 : to < n ? to : n - 1;
    return true;
}

bool listview_key(struct listview *lv, const struct key *k)
{
    size_t page = (size_t)lv->page, first = first_of_page(lv);
    switch ((int)k->code) {
    case K_UP:
        return move_to(lv, lv->sel ? lv->sel - 1 : 0);
    case K_DOWN:
        return move_to(lv, lv->sel + 1);
    case K_PGUP:
        return move_to(lv, first >= page ? first - page : 0);
    case K_PGDN:
        return move_to(lv, first + page);
    case K_HOME:
        return move_to(lv, 0);
    case K_END:
        return move_to(lv, listview_count(lv));
    case K_CHAR:
        if (k->cp < '1' || k->cp > '9' || first + (k->cp - '1') >= listview_count(lv) || k->cp - '1' >= page)
            return false;
        return move_to(lv, first + (k->cp - '1'));
    default:
        return false;
    }
}

/* How many columns fit, and what each gets: least widths, then the rest by shares. */
static size_t widths(const struct listview *lv, int room, int ret[])
{
    size_t n = 0;
    int used = 0, shares = 0;
    for (; n < lv->n_col && (n == 0 || used + lv->col[n].width + 1 <= room); n++) {
        ret[n] = lv->col[n].width;
        used += lv->col[n].width + 1;
        shares += lv->col[n].grow;
    }
    int rest = room - used;
    for (size_t i = 0; i < n && shares > 0 && rest > 0; i++) {
        int more = rest * lv->col[i].grow / shares;
        ret[i] += more;
        rest -= more;
        shares -= lv->col[i].grow;
    }
    return n;
}

static void cell_text(const struct list_col *c, const json_t *row, struct buf *ret)
{
    if (c->text) {
        c->text(row, ret);
        return;
    }
    const json_t *v = json_object_get(row, c->key);
    if (json_is_string(v))
        buf_adds(ret, json_string_value(v));
    else if (json_is_integer(v))
        buf_printf(ret, "%lld", (long long)json_integer_value(v));
    else if (json_is_true(v))
        buf_adds(ret, "*");
}

static void draw_row(const struct listview *lv, struct canvas *cv, struct rect r, const int w[], size_t n, size_t i,
                     enum style style)
{
    const json_t *row = json_array_get(lv->rows, i);
    int x = r.x + NUMBER_COLS;
    canvas_fill(cv, r, style);
    if (i - first_of_page(lv) < 9)
        canvas_printf(cv, r.y, r.x, 1, style == STYLE_SELECT ? style : STYLE_HINT, "%zu", i - first_of_page(lv) + 1);
    if (style == STYLE_SELECT)
        canvas_text(cv, r.y, r.x + 1, 1, style, ">");
    for (size_t c = 0; c < n; x += w[c++] + 1) {
        struct buf b = BUF_INIT;
        cell_text(&lv->col[c], row, &b);
        if (lv->col[c].right)
            canvas_right(cv, r.y, x, w[c], style, buf_str(&b));
        else
            canvas_text(cv, r.y, x, w[c], style, buf_str(&b));
        buf_done(&b);
    }
}

#define COLS_MAX 24

void listview_draw(const struct listview *lv, struct canvas *cv, struct rect r, bool focus)
{
    int w[COLS_MAX] = { 0 }, x = r.x + NUMBER_COLS;
    MUST(lv->n_col <= COLS_MAX);
    size_t n = widths(lv, r.w - NUMBER_COLS, w), count = listview_count(lv), first = first_of_page(lv);
    for (size_t c = 0; c < n; x += w[c++] + 1)
        if (lv->col[c].right)
            canvas_right(cv, r.y, x, w[c], STYLE_HEAD, lv->col[c].title);
        else
            canvas_text(cv, r.y, x, w[c], STYLE_HEAD, lv->col[c].title);
    if (count == 0)
        canvas_text(cv, r.y + 1, r.x + NUMBER_COLS, r.w - NUMBER_COLS, STYLE_HINT, lv->empty);
    for (size_t i = first; i < count && i < first + (size_t)lv->page; i++) {
        bool chosen = focus && i == lv->sel;
        enum style style = chosen ? STYLE_SELECT : lv->style ? lv->style(json_array_get(lv->rows, i)) : STYLE_NORMAL;
        struct rect line = { r.y + 1 + (int)(i - first), r.x, 1, r.w };
        draw_row(lv, cv, line, w, n, i, style);
        if (chosen)
            canvas_cursor(cv, line.y, line.x + 1);
    }
    if (count > (size_t)lv->page) {
        char page[40];
        int have = snprintf(page, sizeof page, " %zu-%zu/%zu ", first + 1,
                            first + (size_t)lv->page < count ? first + (size_t)lv->page : count, count);
        canvas_text(cv, r.y, r.x + r.w - have, have, STYLE_HINT, page);
    }
}
