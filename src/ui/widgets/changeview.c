#include "ui/changeview.h"
#include "base/mem.h"
#include "ui/bars.h"

#include <stdlib.h>
#include <string.h>

enum line_kind { LINE_HOUSE, LINE_ADDRESS, LINE_MEMBER, LINE_PERSON, LINE_ITEM, LINE_GAP };
struct change_line {
    enum line_kind kind;
    const json_t *left, *right; /* LINE_PERSON, LINE_ITEM: left only */
    bool changed;
    int row; /* LINE_ADDRESS: of an address that takes several */
};

static void add(struct changeview *v, struct change_line line)
{
    v->line = xrealloc(v->line, (size_t)v->n + 1, sizeof *v->line);
    v->line[v->n++] = line;
}

static const json_t *find(const json_t *rows, const char *key, const char *want)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        if (strcmp(js(row, key), want) == 0)
            return row;
    return NULL;
}

static bool same(const json_t *a, const json_t *b, const char *key)
{
    return strcmp(js(a, key), js(b, key)) == 0;
}

static bool member_changed(const json_t *doc, const json_t *a, const json_t *b)
{
    if (!a || !b)
        return true;
    return !same(a, b, "relation") || !same(a, b, "name") || find(ja(doc, "changes"), "id", js(a, "id")) != NULL;
}

static int half_of(int w)
{
    return (w - 3) / 2;
}

static int address_rows(const struct changeview *v, const json_t *h)
{
    struct rect r = { .w = half_of(v->w) };
    return h ? canvas_wrap(NULL, &WIDTH_NARROW, r, STYLE_NORMAL, js(h, "address")) : 0;
}

static void add_address(struct changeview *v, const json_t *before, const json_t *after)
{
    int a = address_rows(v, before), b = address_rows(v, after), most = a > b ? a : b;
    bool changed = before && after && !same(before, after, "address");
    for (int row = 0; row < most; row++)
        add(v, (struct change_line){ LINE_ADDRESS, before, after, changed, row });
}

/* One household: members side by side, those who leave opposite a gap, those who come behind. */
static void add_household(struct changeview *v, const json_t *before, const json_t *after)
{
    size_t i;
    json_t *m;
    add(v, (struct change_line){ LINE_HOUSE, before, after, false, 0 });
    add_address(v, before, after);
    json_array_foreach (ja(before, "members"), i, m) {
        const json_t *other = find(ja(after, "members"), "id", js(m, "id"));
        add(v, (struct change_line){ LINE_MEMBER, m, other, member_changed(v->doc, m, other), 0 });
    }
    json_array_foreach (ja(after, "members"), i, m)
        if (!find(ja(before, "members"), "id", js(m, "id")))
            add(v, (struct change_line){ LINE_MEMBER, NULL, m, true, 0 });
    add(v, (struct change_line){ LINE_GAP, NULL, NULL, false, 0 });
}

static int longest(const json_t *households, const char *key)
{
    int most = 0;
    size_t i, k;
    json_t *h, *m;
    json_array_foreach (households, i, h)
        json_array_foreach (ja(h, "members"), k, m) {
            int w = width_str(&WIDTH_NARROW, span_of(js(m, key)));
            most = w > most ? w : most;
        }
    return most;
}

static int longest_of_both(const struct changeview *v, const char *key)
{
    int before = longest(ja(v->doc, "before"), key), after = longest(ja(v->doc, "after"), key);
    return before > after ? before : after;
}

#define BIRTH_COLS 11
#define SEX_COLS   3

/* The lines for the width there is. Name and relation get what they need; when that is too much, the relation gives
 * way first. */
static void make_lines(struct changeview *v)
{
    size_t i, k;
    json_t *h, *item;
    const json_t *doc = v->doc;
    int room = half_of(v->w) - 2 - BIRTH_COLS - SEX_COLS - 3;
    v->name = longest_of_both(v, "name");
    v->relation = longest_of_both(v, "relation");
    if (v->name + v->relation > room) {
        v->relation = v->relation < room * 2 / 5 ? v->relation : room * 2 / 5;
        v->name = room - v->relation;
    }
    v->n = 0;
    json_array_foreach (ja(doc, "before"), i, h)
        add_household(v, h, find(ja(doc, "after"), "no", js(h, "no")));
    json_array_foreach (ja(doc, "after"), i, h)
        if (!find(ja(doc, "before"), "no", js(h, "no")))
            add_household(v, NULL, h);
    json_array_foreach (ja(doc, "changes"), i, h) {
        add(v, (struct change_line){ LINE_PERSON, h, NULL, false, 0 });
        json_array_foreach (ja(h, "items"), k, item)
            add(v, (struct change_line){ LINE_ITEM, item, NULL, true, 0 });
    }
}

void changeview_set(struct changeview *v, json_t *doc)
{
    json_t *old = v->doc;
    v->doc = json_incref(doc);
    json_decref(old);
    v->scroll = 0;
    make_lines(v);
}

void changeview_done(struct changeview *v)
{
    json_decref(v->doc);
    free(v->line);
    v->doc = NULL;
    v->line = NULL;
}

static void clamp(struct changeview *v)
{
    int most = v->n > v->view_h ? v->n - v->view_h : 0;
    v->scroll = v->scroll < 0 ? 0 : v->scroll > most ? most : v->scroll;
}

void changeview_layout(struct changeview *v, struct rect r)
{
    v->view_h = r.h - 1;
    if (v->w != r.w) {
        v->w = r.w;
        make_lines(v);
    }
    clamp(v);
}

bool changeview_key(struct changeview *v, const struct key *k)
{
    bool moved = bars_scroll(k, v->view_h, &v->scroll);
    clamp(v);
    return moved;
}

#define LABEL_COLS 20

void change_item_draw(struct canvas *cv, int y, int x, int cols, const json_t *item)
{
    int half = (cols - LABEL_COLS - 4) / 2;
    canvas_text(cv, y, x, LABEL_COLS, STYLE_LABEL, js(item, "label"));
    canvas_text(cv, y, x + LABEL_COLS + 1, half, STYLE_HINT, *js(item, "before") ? js(item, "before") : "(空欄)");
    canvas_glyph(cv, y, x + LABEL_COLS + half + 2, STYLE_CHANGED, GLYPH_RIGHT);
    canvas_text(cv, y, x + LABEL_COLS + half + 4, half, STYLE_CHANGED,
                *js(item, "after") ? js(item, "after") : "(空欄)");
}

static void draw_member(const struct changeview *v, struct canvas *cv, int y, int x, const json_t *m, bool changed,
                        bool after)
{
    enum style style = changed && after ? STYLE_CHANGED : STYLE_NORMAL;
    if (!m)
        return;
    int name = v->name, relation = v->relation;
    canvas_text(cv, y, x, 1, style, changed ? "*" : " ");
    canvas_text(cv, y, x + 2, name, style, js(m, "name"));
    canvas_text(cv, y, x + 3 + name, relation, style, js(m, "relation"));
    canvas_text(cv, y, x + 4 + name + relation, BIRTH_COLS, style, js(m, "birth_short"));
    canvas_text(cv, y, x + 5 + name + relation + BIRTH_COLS, SEX_COLS, style, js(m, "sex"));
}

static void draw_house(struct canvas *cv, int y, int x, int w, const json_t *h, const char *none)
{
    if (h)
        canvas_printf(cv, y, x, w, STYLE_STRONG, "世帯 %s", *js(h, "no") ? js(h, "no") : "(新しい世帯)");
    else
        canvas_text(cv, y, x, w, STYLE_HINT, none);
}

/* One row of an address that may take several. */
static void draw_address(struct canvas *cv, int y, int x, int w, enum style style, const json_t *h, int row)
{
    struct span s = span_of(js(h, "address"));
    int used;
    for (; row > 0 && s.n; row--) {
        size_t n = width_fit(&WIDTH_NARROW, s, w, &used);
        s.p += n;
        s.n -= n;
    }
    canvas_span(cv, y, x, w, style, (struct span){ s.p, width_fit(&WIDTH_NARROW, s, w, &used) });
}

static void draw_line(const struct changeview *v, struct canvas *cv, int y, struct rect r, const struct change_line *l)
{
    int half = half_of(r.w), right = r.x + r.w - half;
    switch (l->kind) {
    case LINE_HOUSE:
        draw_house(cv, y, r.x, half, l->left, "(なし)");
        draw_house(cv, y, right, half, l->right, "(なくなる)");
        break;
    case LINE_ADDRESS:
        draw_address(cv, y, r.x, half, STYLE_NORMAL, l->left, l->row);
        draw_address(cv, y, right, half, l->changed ? STYLE_CHANGED : STYLE_NORMAL, l->right, l->row);
        break;
    case LINE_MEMBER:
        draw_member(v, cv, y, r.x, l->left, l->changed, false);
        draw_member(v, cv, y, right, l->right, l->changed, true);
        break;
    case LINE_PERSON:
        canvas_printf(cv, y, r.x, r.w, STYLE_STRONG, "%s さんの変わる項目", js(l->left, "name"));
        return;
    case LINE_ITEM:
        change_item_draw(cv, y, r.x + 2, r.w - 2, l->left);
        return;
    case LINE_GAP:
    default:
        return;
    }
    canvas_glyph(cv, y, r.x + half + 1, STYLE_FRAME, GLYPH_V);
}

void changeview_draw(const struct changeview *v, struct canvas *cv, struct rect r, bool focus)
{
    int half = half_of(r.w);
    canvas_hline(cv, r.y, r.x, r.w, STYLE_FRAME);
    canvas_text(cv, r.y, r.x + 1, half, focus ? STYLE_SELECT : STYLE_HEAD, " 異動前 ");
    canvas_text(cv, r.y, r.x + r.w - half + 1, half, focus ? STYLE_SELECT : STYLE_HEAD, " 異動後 ");
    for (int i = 0; i < v->view_h && i + v->scroll < v->n; i++)
        draw_line(v, cv, r.y + 1 + i, r, &v->line[i + v->scroll]);
    if (v->n == 0)
        canvas_text(cv, r.y + 1, r.x, r.w, STYLE_HINT,
                    jb(v->doc, "hidden") ? "この届出の人には表示の制限があるため、前と後は出ません。"
                                         : "誤りを直すと、異動の前と後がここに並びます。");
    bars_more(cv, (struct rect){ r.y + 1, r.x, v->view_h, r.w }, v->scroll > 0, v->scroll + v->view_h < v->n);
    if (focus)
        canvas_cursor(cv, r.y, r.x);
}
