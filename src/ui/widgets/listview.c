#include "ui/listview.h"
#include "base/mem.h"

#include <string.h>

#define FOOT_LEAST  2 /* rows of a page that does not spare one for saying where it is */
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
    int room = r.h > 2 ? r.h - 1 : 1;
    lv->foot = (size_t)room < listview_count(lv) && room > FOOT_LEAST;
    lv->page = room - lv->foot;
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

#define COLS_MAX      24
#define MEASURED_ROWS 500 /* of a longer list only the beginning decides how wide the columns are */

struct widths {
    int w[COLS_MAX], need[COLS_MAX]; /* what it gets, what the longest cell takes */
    size_t n;                        /* columns that fit */
};

static int longest(const struct listview *lv, const struct width_profile *wp, const struct list_col *c)
{
    int most = width_str(wp, span_of(c->title));
    for (size_t i = 0; i < listview_count(lv) && i < MEASURED_ROWS; i++) {
        struct buf b = BUF_INIT;
        cell_text(c, json_array_get(lv->rows, i), &b);
        int w = width_str(wp, buf_span(&b));
        most = w > most ? w : most;
        buf_done(&b);
    }
    return most;
}

/* One share for each column that still cuts something: those that may grow first, then the others. */
static int hand_out(const struct listview *lv, struct widths *ws, int rest, bool growing)
{
    for (bool given = true; rest > 0 && given;) {
        int shares = 0, room = rest;
        given = false;
        for (size_t i = 0; i < ws->n; i++)
            shares += ws->w[i] < ws->need[i] ? growing ? lv->col[i].grow : !lv->col[i].grow : 0;
        for (size_t i = 0; i < ws->n && shares > 0 && rest > 0; i++) {
            int share = growing ? lv->col[i].grow : !lv->col[i].grow, want = ws->need[i] - ws->w[i];
            int more = (room * share + shares - 1) / shares;
            if (want <= 0 || share == 0)
                continue;
            more = more > want ? want : more > rest ? rest : more;
            ws->w[i] += more;
            rest -= more;
            given = true;
        }
    }
    return rest;
}

/*
 * A column begins with what its longest cell takes, at most its usual width; with that as many stand side by side as
 * there is room for. What is left goes to those that would cut a cell.
 */
static struct widths widths(const struct listview *lv, const struct width_profile *wp, int room)
{
    struct widths ws = { .n = 0 };
    int used = -1;
    for (; ws.n < lv->n_col; ws.n++) {
        const struct list_col *c = &lv->col[ws.n];
        int title = width_str(wp, span_of(c->title)), need = longest(lv, wp, c);
        int w = need < c->width ? need : c->width;
        w = w < title ? title : w;
        if (ws.n > 0 && used + 1 + w > room)
            break;
        ws.w[ws.n] = w;
        ws.need[ws.n] = need;
        used += 1 + w;
    }
    int rest = hand_out(lv, &ws, room - used, true);
    hand_out(lv, &ws, rest, false);
    return ws;
}

static void draw_row(const struct listview *lv, struct canvas *cv, struct rect r, const struct widths *ws, size_t i,
                     enum style style)
{
    const json_t *row = json_array_get(lv->rows, i);
    int x = r.x + NUMBER_COLS;
    canvas_fill(cv, r, style);
    if (i - first_of_page(lv) < 9)
        canvas_printf(cv, r.y, r.x, 1, style == STYLE_SELECT ? style : STYLE_HINT, "%zu", i - first_of_page(lv) + 1);
    if (style == STYLE_SELECT)
        canvas_text(cv, r.y, r.x + 1, 1, style, ">");
    for (size_t c = 0; c < ws->n; x += ws->w[c++] + 1) {
        struct buf b = BUF_INIT;
        cell_text(&lv->col[c], row, &b);
        if (lv->col[c].right)
            canvas_right(cv, r.y, x, ws->w[c], style, buf_str(&b));
        else
            canvas_text(cv, r.y, x, ws->w[c], style, buf_str(&b));
        buf_done(&b);
    }
}

static void draw_heads(const struct listview *lv, struct canvas *cv, struct rect r, const struct widths *ws)
{
    int x = r.x + NUMBER_COLS;
    for (size_t c = 0; c < ws->n; x += ws->w[c++] + 1)
        if (lv->col[c].right)
            canvas_right(cv, r.y, x, ws->w[c], STYLE_HEAD, lv->col[c].title);
        else
            canvas_text(cv, r.y, x, ws->w[c], STYLE_HEAD, lv->col[c].title);
    if (ws->n < lv->n_col) /* a wider window shows more */
        canvas_glyph(cv, r.y, r.x + r.w - 1, STYLE_HINT, GLYPH_RIGHT);
}

/* Where in a list that is longer than a page; in a line of its own, so that no column has to give way. */
static void draw_where(const struct listview *lv, struct canvas *cv, struct rect r)
{
    size_t count = listview_count(lv), first = first_of_page(lv), last = first + (size_t)lv->page;
    char where[80];
    int y = r.y + 1 + lv->page;
    snprintf(where, sizeof where, " %zu-%zu / %zu ", first + 1, last < count ? last : count, count);
    int w = width_str(canvas_profile(cv), span_of(where));
    canvas_hline(cv, y, r.x, r.w, STYLE_FRAME);
    canvas_text(cv, y, r.x + r.w - w - 1, w, STYLE_HINT, where);
    int x = r.x + NUMBER_COLS - 1;
    if (last < count)
        x += canvas_text(cv, y, x, 10, STYLE_HINT, " PgDn 次 ") + 1;
    if (first > 0)
        canvas_text(cv, y, x, 10, STYLE_HINT, " PgUp 前 ");
}

void listview_draw(const struct listview *lv, struct canvas *cv, struct rect r, bool focus)
{
    MUST(lv->n_col <= COLS_MAX);
    struct widths ws = widths(lv, canvas_profile(cv), r.w - NUMBER_COLS - 1);
    size_t count = listview_count(lv), first = first_of_page(lv);
    draw_heads(lv, cv, (struct rect){ r.y, r.x, 1, r.w }, &ws);
    if (count == 0)
        canvas_wrap(cv, canvas_profile(cv), (struct rect){ r.y + 1, r.x + NUMBER_COLS, 2, r.w - NUMBER_COLS - 1 },
                    STYLE_HINT, lv->empty);
    for (size_t i = first; i < count && i < first + (size_t)lv->page; i++) {
        bool chosen = focus && i == lv->sel;
        enum style style = chosen ? STYLE_SELECT : lv->style ? lv->style(json_array_get(lv->rows, i)) : STYLE_NORMAL;
        struct rect line = { r.y + 1 + (int)(i - first), r.x, 1, r.w };
        draw_row(lv, cv, line, &ws, i, style);
        if (chosen)
            canvas_cursor(cv, line.y, line.x + 1);
    }
    if (lv->foot)
        draw_where(lv, cv, r);
}
