#include "ui/changeview.h"
#include "base/mem.h"
#include "ui/ui.h"

#include <stdlib.h>
#include <string.h>

enum line_kind { LINE_HOUSE, LINE_ADDRESS, LINE_MEMBER, LINE_PERSON, LINE_ITEM, LINE_GAP };
struct change_line {
    enum line_kind kind;
    const json_t *left, *right; /* LINE_PERSON, LINE_ITEM: left only */
    bool changed;
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

/* One household: members side by side, those who leave opposite a gap, those who come behind. */
static void add_household(struct changeview *v, const json_t *before, const json_t *after)
{
    size_t i;
    json_t *m;
    add(v, (struct change_line){ LINE_HOUSE, before, after, false });
    add(v, (struct change_line){ LINE_ADDRESS, before, after, before && after && !same(before, after, "address") });
    json_array_foreach (ja(before, "members"), i, m) {
        const json_t *other = find(ja(after, "members"), "id", js(m, "id"));
        add(v, (struct change_line){ LINE_MEMBER, m, other, member_changed(v->doc, m, other) });
    }
    json_array_foreach (ja(after, "members"), i, m)
        if (!find(ja(before, "members"), "id", js(m, "id")))
            add(v, (struct change_line){ LINE_MEMBER, NULL, m, true });
    add(v, (struct change_line){ LINE_GAP, NULL, NULL, false });
}

void changeview_set(struct changeview *v, json_t *doc)
{
    json_t *old = v->doc, *h, *item;
    size_t i, k;
    v->doc = json_incref(doc);
    json_decref(old);
    v->n = v->scroll = 0;
    json_array_foreach (ja(doc, "before"), i, h)
        add_household(v, h, find(ja(doc, "after"), "no", js(h, "no")));
    json_array_foreach (ja(doc, "after"), i, h)
        if (!find(ja(doc, "before"), "no", js(h, "no")))
            add_household(v, NULL, h);
    json_array_foreach (ja(doc, "changes"), i, h) {
        add(v, (struct change_line){ LINE_PERSON, h, NULL, false });
        json_array_foreach (ja(h, "items"), k, item)
            add(v, (struct change_line){ LINE_ITEM, item, NULL, true });
    }
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
    clamp(v);
}

bool changeview_key(struct changeview *v, const struct key *k)
{
    static const struct {
        enum key_code code;
        int pages, lines;
    } moves[] = { { K_UP, 0, -1 }, { K_DOWN, 0, 1 }, { K_PGUP, -1, 0 }, { K_PGDN, 1, 0 } };
    for (size_t i = 0; i < ARRAY_LEN(moves); i++)
        if (moves[i].code == k->code) {
            v->scroll += moves[i].pages * v->view_h + moves[i].lines;
            clamp(v);
            return true;
        }
    return false;
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

#define BIRTH_COLS 11
#define SEX_COLS   3

static void draw_member(struct canvas *cv, int y, int x, int w, const json_t *m, bool changed, bool after)
{
    enum style style = changed && after ? STYLE_CHANGED : STYLE_NORMAL;
    if (!m)
        return;
    int text = w - 2 - BIRTH_COLS - SEX_COLS - 3, name = text * 3 / 5, relation = text - name;
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

static void draw_line(struct canvas *cv, int y, struct rect r, const struct change_line *l)
{
    int half = (r.w - 3) / 2, right = r.x + r.w - half;
    switch (l->kind) {
    case LINE_HOUSE:
        draw_house(cv, y, r.x, half, l->left, "(なし)");
        draw_house(cv, y, right, half, l->right, "(なくなる)");
        break;
    case LINE_ADDRESS:
        canvas_text(cv, y, r.x, half, STYLE_NORMAL, js(l->left, "address"));
        canvas_text(cv, y, right, half, l->changed ? STYLE_CHANGED : STYLE_NORMAL, js(l->right, "address"));
        break;
    case LINE_MEMBER:
        draw_member(cv, y, r.x, half, l->left, l->changed, false);
        draw_member(cv, y, right, half, l->right, l->changed, true);
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
    int half = (r.w - 3) / 2;
    canvas_hline(cv, r.y, r.x, r.w, STYLE_FRAME);
    canvas_text(cv, r.y, r.x + 1, half, focus ? STYLE_SELECT : STYLE_HEAD, " 異動前 ");
    canvas_text(cv, r.y, r.x + r.w - half + 1, half, focus ? STYLE_SELECT : STYLE_HEAD, " 異動後 ");
    for (int i = 0; i < v->view_h && i + v->scroll < v->n; i++)
        draw_line(cv, r.y + 1 + i, r, &v->line[i + v->scroll]);
    if (v->n == 0)
        canvas_text(cv, r.y + 1, r.x, r.w, STYLE_HINT,
                    jb(v->doc, "hidden") ? "この届出の人には表示の制限があるため、前と後は出ません。"
                                         : "誤りを直すと、異動の前と後がここに並びます。");
    if (v->scroll + v->view_h < v->n)
        canvas_glyph(cv, r.y + r.h - 1, r.x + r.w - 1, STYLE_STRONG, GLYPH_DOWN);
    if (v->scroll > 0)
        canvas_glyph(cv, r.y + 1, r.x + r.w - 1, STYLE_STRONG, GLYPH_UP);
    if (focus)
        canvas_cursor(cv, r.y + 1, r.x);
}
