#include "paper/layout.h"
#include "base/fsx.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX  24
#define ROWS_MAX   100
#define POINTS_MIN 40  /* 4 pt */
#define POINTS_MAX 720 /* 72 pt */
#define LINES_CAP  40

static const char *const part_word[] = {
    [LP_EVERY] = "every",           [LP_MEMBER_PAGE] = "member-page",
    [LP_MEMBER] = "member",         [LP_UNUSED] = "unused",
    [LP_ITEMS] = "items",           [LP_LINES] = "lines",
    [LP_ANNEX_PAGE] = "annex-page", [LP_ANNEX] = "annex",
    [LP_CONTINUED] = "continued",   [LP_LAST] = "last",
};
_Static_assert(ARRAY_LEN(part_word) == LP_COUNT, "a kind of part has no word");

/* Parts that are repeated down the page need at=, pitch= and rows=. */
static const bool part_rows[] = {
    [LP_MEMBER] = true, [LP_ITEMS] = true, [LP_LINES] = true, [LP_ANNEX] = true, [LP_LAST] = false,
};
_Static_assert(ARRAY_LEN(part_rows) == LP_COUNT, "part_rows ends with the last kind of part");

static const char *const who_word[] = {
    [LW_ALL] = "all",
    [LW_JAPANESE] = "japanese",
    [LW_FOREIGN] = "foreign",
};
_Static_assert(ARRAY_LEN(who_word) == LW_COUNT, "a group of residents has no word");

static const char *const stroke_word[] = {
    [ST_THIN] = "thin",
    [ST_THICK] = "thick",
    [ST_DOTTED] = "dotted",
    [ST_DOUBLE] = "double",
};
_Static_assert(ARRAY_LEN(stroke_word) == ST_COUNT, "a stroke has no word");

static const char *const halign_word[] = {
    [HA_LEFT] = "left",
    [HA_CENTER] = "center",
    [HA_RIGHT] = "right",
    [HA_SPREAD] = "spread",
};
_Static_assert(ARRAY_LEN(halign_word) == HA_COUNT, "an alignment has no word");

static const char *const valign_word[] = {
    [VA_MIDDLE] = "middle",
    [VA_TOP] = "top",
    [VA_BOTTOM] = "bottom",
};
_Static_assert(ARRAY_LEN(valign_word) == VA_COUNT, "a vertical alignment has no word");

static const char *const scope_word[] = {
    [LS_DOC] = "doc",   [LS_COMMON] = "common", [LS_MEMBER] = "member", [LS_ROW] = "row",
    [LS_ITEM] = "item", [LS_LINE] = "line",     [LS_ANNEX] = "annex",
};
_Static_assert(ARRAY_LEN(scope_word) == LS_COUNT, "a scope has no word");

/* Scopes whose keys are fixed; those of common and member are rows of the item table. */
static const char *const doc_keys[] = { "title",    "number",          "page",           "issued_on",
                                        "sentence", "certifier_title", "certifier_name", "seal_note",
                                        "official", "outage",          "check",          NULL };
static const char *const row_keys[] = { "no", NULL };
static const char *const line_keys[] = { "on", "reason", "text", NULL };
static const char *const pair_keys[] = { "label", "text", NULL };
static const char *const *const scope_keys[] = {
    [LS_DOC] = doc_keys,   [LS_COMMON] = NULL,    [LS_MEMBER] = NULL,     [LS_ROW] = row_keys,
    [LS_ITEM] = pair_keys, [LS_LINE] = line_keys, [LS_ANNEX] = pair_keys,
};
_Static_assert(ARRAY_LEN(scope_keys) == LS_COUNT, "a scope has no keys");

/* Which part may use which scope besides doc and common. */
static const enum lay_part_kind scope_part[] = {
    [LS_DOC] = LP_COUNT,  [LS_COMMON] = LP_COUNT, [LS_MEMBER] = LP_MEMBER, [LS_ROW] = LP_MEMBER,
    [LS_ITEM] = LP_ITEMS, [LS_LINE] = LP_LINES,   [LS_ANNEX] = LP_ANNEX,
};
_Static_assert(ARRAY_LEN(scope_part) == LS_COUNT, "a scope has no part");

struct reader {
    struct lines l;
    struct layout *lay;
    struct span w[WORDS_MAX];
    size_t n;
};

/* "12", "12.5", "12.25" as hundredths; -1 when it is not such a number or above max. */
static int hundredths(struct span s, int max)
{
    int64_t v = 0;
    int decimals = -1;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '.' && decimals < 0 && i > 0) {
            decimals = 0;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || decimals == 2 || v > max)
            return -1;
        v = v * 10 + (s.p[i] - '0');
        decimals += decimals >= 0;
    }
    if (!s.n || decimals == 0)
        return -1;
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++)
        v *= 10;
    return v > max ? -1 : (int)v;
}

/* The value of "key=value", or a span of length 0 with p NULL when the word has another key. */
static struct span option(struct span w, const char *key)
{
    size_t n = strlen(key);
    if (w.n > n && !memcmp(w.p, key, n) && w.p[n] == '=')
        return (struct span){ w.p + n + 1, w.n - n - 1 };
    return (struct span){ NULL, 0 };
}

/* ---- elements ---- */

struct option_row {
    const char *key;
    unsigned verbs; /* bits of lay_verb */
    enum err (*set)(struct reader *, struct lay_el *, struct span value, struct errinfo *);
};

static enum err fail_value(struct reader *r, struct span v, const char *what, struct errinfo *reterr)
{
    return lines_fail(&r->l, reterr, "'%.*s': expected %s", (int)(v.n < 60 ? v.n : 60), v.p, what);
}

static enum err points(struct reader *r, struct span v, int *ret, struct errinfo *reterr)
{
    int h = hundredths(v, POINTS_MAX * 10);
    if (h < POINTS_MIN * 10 || h % 10)
        return fail_value(r, v, "a size from 4 to 72 points with at most one decimal", reterr);
    *ret = h / 10;
    return OK;
}

static enum err set_size(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    return points(r, v, &e->style.size, reterr);
}

static enum err set_min(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    return points(r, v, &e->style.min, reterr);
}

static enum err set_lines(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    int h = hundredths(v, LINES_CAP * 100);
    if (h < 100 || h % 100)
        return fail_value(r, v, "a number of lines from 1 to 40", reterr);
    e->style.lines = h / 100;
    return OK;
}

static enum err set_halign(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    int i = span_index(v, halign_word, HA_COUNT);
    if (i == HA_COUNT)
        return fail_value(r, v, "left, center, right or spread", reterr);
    e->style.halign = (enum halign)i;
    return OK;
}

static enum err set_valign(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    int i = span_index(v, valign_word, VA_COUNT);
    if (i == VA_COUNT)
        return fail_value(r, v, "middle, top or bottom", reterr);
    e->style.valign = (enum valign)i;
    return OK;
}

static enum err set_stroke(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    int i = span_index(v, stroke_word, ST_COUNT);
    if (i == ST_COUNT)
        return fail_value(r, v, "thin, thick, dotted or double", reterr);
    e->stroke = (enum stroke)i;
    return OK;
}

static enum err set_label_w(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    e->label_w = hundredths(v, A4_LONG);
    return e->label_w > 0 ? OK : fail_value(r, v, "a width in millimetres", reterr);
}

static enum err set_source(struct reader *r, struct lay_el *e, struct span v, struct errinfo *reterr)
{
    const char *dot = memchr(v.p, '.', v.n);
    struct span scope = { v.p, dot ? (size_t)(dot - v.p) : 0 };
    int s = span_index(scope, scope_word, LS_COUNT);
    if (s == LS_COUNT)
        return fail_value(r, v, "of=doc.…, common.…, member.…, row.…, item.…, line.… or annex.…", reterr);
    struct span key = { dot + 1, v.n - scope.n - 1 };
    const char *const *keys = scope_keys[s];
    for (; keys && *keys && !span_is(key, *keys); keys++)
        ;
    if (!key.n || (keys && !*keys))
        return fail_value(r, v, "a value that this scope has", reterr);
    enum lay_part_kind part = r->lay->part[r->lay->n - 1].kind;
    if (scope_part[s] != LP_COUNT && scope_part[s] != part)
        return fail_value(r, v, "a scope that this part has", reterr);
    e->scope = (enum lay_scope)s;
    free(e->key);
    e->key = xstrndup(key.p, key.n);
    return OK;
}

#define BIT(v)   (1u << (v))
#define HAS_TEXT (BIT(LV_LABEL) | BIT(LV_VALUE) | BIT(LV_CELL))
#define HAS_LINE (BIT(LV_FRAME) | BIT(LV_RULE) | BIT(LV_CELL))

static const struct option_row options[] = {
    { "size", HAS_TEXT, set_size },      { "min", HAS_TEXT, set_min },
    { "lines", HAS_TEXT, set_lines },    { "align", HAS_TEXT, set_halign },
    { "valign", HAS_TEXT, set_valign },  { "stroke", HAS_LINE, set_stroke },
    { "lw", BIT(LV_CELL), set_label_w }, { "of", BIT(LV_VALUE) | BIT(LV_CELL), set_source },
};

struct verb_row {
    const char *word;
    size_t numbers; /* lengths that follow */
    bool text;      /* then a quoted text */
    bool source;    /* of= is required */
};

static const struct verb_row verbs[] = {
    [LV_FRAME] = { "frame", 4, false, false }, [LV_RULE] = { "rule", 4, false, false },
    [LV_LABEL] = { "label", 4, true, false },  [LV_VALUE] = { "value", 4, false, true },
    [LV_CELL] = { "cell", 4, true, true },     [LV_SEAL] = { "seal", 3, false, false },
    [LV_QR] = { "qr", 3, false, false },
};
_Static_assert(ARRAY_LEN(verbs) == LV_COUNT, "a verb has no row");

static enum err read_option(struct reader *r, struct lay_el *e, struct span w, unsigned *seen, struct errinfo *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        struct span v = option(w, options[i].key);
        if (!v.p || !(options[i].verbs & BIT(e->verb)))
            continue;
        if (*seen & BIT(i))
            return fail_value(r, w, "each option once", reterr);
        *seen |= BIT(i);
        return options[i].set(r, e, v, reterr);
    }
    return fail_value(r, w, "an option of this word", reterr);
}

/* Right and bottom edge of an element, for the check that it is on the page. */
static void extent(const struct lay_el *e, int *ret_x, int *ret_y)
{
    bool rule = e->verb == LV_RULE;
    *ret_x = rule ? (e->x > e->w ? e->x : e->w) : e->x + e->w;
    *ret_y = rule ? (e->y > e->h ? e->y : e->h) : e->y + e->h;
}

static enum err check_element(struct reader *r, const struct lay_el *e, struct errinfo *reterr)
{
    const struct verb_row *v = &verbs[e->verb];
    const struct lay_part *p = &r->lay->part[r->lay->n - 1];
    int right, bottom, rows = p->rows ? p->rows : 1;
    extent(e, &right, &bottom);
    if (right > layout_width(r->lay) || p->at + (rows - 1) * p->pitch + bottom > layout_height(r->lay))
        return lines_fail(&r->l, reterr, "the element leaves the page");
    if (v->source && !e->key)
        return lines_fail(&r->l, reterr, "expected of=");
    if (e->verb == LV_CELL && (!e->label_w || e->label_w >= e->w))
        return lines_fail(&r->l, reterr, "expected lw= narrower than the cell");
    if (e->style.min > e->style.size)
        return lines_fail(&r->l, reterr, "min= is larger than size=");
    if (e->verb == LV_SEAL && (e->w < 1 || e->w > SEAL_MAX))
        return lines_fail(&r->l, reterr, "a seal is at most 25 mm square");
    if (e->verb != LV_RULE && (e->w < 1 || e->h < 1))
        return lines_fail(&r->l, reterr, "expected a width and a height");
    return OK;
}

static enum err read_element(struct reader *r, struct lay_el *e, struct errinfo *reterr)
{
    int verb = 0;
    while (verb < LV_COUNT && !span_is(r->w[0], verbs[verb].word))
        verb++;
    if (verb == LV_COUNT)
        return fail_value(r, r->w[0], "frame, rule, label, value, cell, seal or qr", reterr);
    const struct verb_row *v = &verbs[verb];
    e->verb = (enum lay_verb)verb;
    e->style = (struct text_style){ .size = 100, .min = 0, .lines = 1 };
    size_t fixed = 1 + v->numbers + v->text;
    if (r->n < fixed)
        return lines_fail(&r->l, reterr, "'%s' takes %zu lengths%s", v->word, v->numbers, v->text ? " and a text" : "");
    int number[4] = { 0 };
    for (size_t i = 0; i < v->numbers; i++) {
        number[i] = hundredths(r->w[1 + i], A4_LONG);
        if (number[i] < 0)
            return fail_value(r, r->w[1 + i], "a length in millimetres", reterr);
    }
    e->x = number[0], e->y = number[1], e->w = number[2];
    e->h = v->numbers == 4 ? number[3] : number[2];
    if (v->text) {
        struct span text = r->w[fixed - 1];
        if (!text.n || utf8_forbidden(text))
            return fail_value(r, text, "a text", reterr);
        e->label = xstrndup(text.p, text.n);
    }
    unsigned seen = 0;
    for (size_t i = fixed; i < r->n; i++)
        TRY(read_option(r, e, r->w[i], &seen, reterr));
    if (!e->style.min)
        e->style.min = e->style.size;
    return check_element(r, e, reterr);
}

/* ---- parts and head ---- */

static enum err part_option(struct reader *r, struct lay_part *p, struct span w, struct errinfo *reterr)
{
    struct span v;
    if ((v = option(w, "who")).p) {
        int who = span_index(v, who_word, LW_COUNT);
        if (who == LW_COUNT || p->kind != LP_MEMBER)
            return fail_value(r, w, "who=japanese or who=foreign of part member", reterr);
        p->who = (enum lay_who)who;
        return OK;
    }
    bool at = (v = option(w, "at")).p != NULL;
    if (at || (v = option(w, "pitch")).p) {
        int *to = at ? &p->at : &p->pitch;
        *to = hundredths(v, A4_LONG);
        return *to > 0 ? OK : fail_value(r, w, "a length in millimetres", reterr);
    }
    if ((v = option(w, "rows")).p) {
        int rows = hundredths(v, ROWS_MAX * 100);
        if (rows < 100 || rows % 100)
            return fail_value(r, w, "a number of rows from 1 to 100", reterr);
        p->rows = rows / 100;
        return OK;
    }
    return fail_value(r, w, "at=, pitch=, rows= or who=", reterr);
}

static enum err read_part(struct reader *r, struct errinfo *reterr)
{
    int kind = r->n > 1 ? span_index(r->w[1], part_word, LP_COUNT) : LP_COUNT;
    if (kind == LP_COUNT)
        return lines_fail(&r->l, reterr, "expected the name of a part");
    struct lay_part p = { .kind = (enum lay_part_kind)kind, .line_no = r->l.no };
    for (size_t i = 2; i < r->n; i++)
        TRY(part_option(r, &p, r->w[i], reterr));
    if (part_rows[kind] != (p.at && p.pitch && p.rows))
        return lines_fail(&r->l, reterr, "at=, pitch= and rows= belong to member, items, lines and annex, all three");
    for (size_t i = 0; i < r->lay->n; i++)
        if (r->lay->part[i].kind == p.kind && r->lay->part[i].who == p.who)
            return lines_fail(&r->l, reterr, "part '%s' stands already in line %d", part_word[kind],
                              r->lay->part[i].line_no);
    r->lay->part = xrealloc(r->lay->part, r->lay->n + 1, sizeof *r->lay->part);
    r->lay->part[r->lay->n++] = p;
    return OK;
}

static enum err head_text(struct reader *r, char **to, struct errinfo *reterr)
{
    if (r->n != 2 || *to || r->lay->n || !r->w[1].n || utf8_forbidden(r->w[1]))
        return lines_fail(&r->l, reterr, "expected one value, once, before the first part");
    *to = xstrndup(r->w[1].p, r->w[1].n);
    return OK;
}

static const struct {
    const char *word;
    size_t at;
} head_texts[] = {
    { "layout", offsetof(struct layout, name) },       { "title", offsetof(struct layout, title) },
    { "font", offsetof(struct layout, font) },         { "see-annex", offsetof(struct layout, see_annex) },
    { "end-mark", offsetof(struct layout, end_mark) }, { "history", offsetof(struct layout, history) },
};

static char **head_member(struct layout *lay, size_t i)
{
    return (char **)(void *)((char *)lay + head_texts[i].at);
}

static enum err read_head(struct reader *r, struct errinfo *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(head_texts); i++)
        if (span_is(r->w[0], head_texts[i].word))
            return head_text(r, head_member(r->lay, i), reterr);
    if (span_is(r->w[0], "part"))
        return read_part(r, reterr);
    if (!span_is(r->w[0], "page"))
        return fail_value(r, r->w[0], "layout, title, font, page, see-annex, end-mark, history or part", reterr);
    bool landscape = r->n == 2 && span_is(r->w[1], "landscape");
    if (r->lay->n || r->n != 2 || (!landscape && !span_is(r->w[1], "portrait")))
        return lines_fail(&r->l, reterr, "expected 'page portrait' or 'page landscape' before the first part");
    r->lay->landscape = landscape;
    return OK;
}

static enum err read_line(struct reader *r, struct errinfo *reterr)
{
    TRY(lines_words(&r->l, r->w, WORDS_MAX, &r->n, reterr));
    if (memchr(r->l.line.p, '\t', r->l.line.n))
        return lines_fail(&r->l, reterr, "expected blanks, found a tab");
    if (lines_indent(&r->l) == 0)
        return read_head(r, reterr);
    if (!r->lay->n)
        return lines_fail(&r->l, reterr, "expected a part before its elements");
    struct lay_part *p = &r->lay->part[r->lay->n - 1];
    p->el = xrealloc(p->el, p->n + 1, sizeof *p->el);
    p->el[p->n] = (struct lay_el){ 0 };
    p->n++;
    return read_element(r, &p->el[p->n - 1], reterr);
}

/* A part that is filled row by row shows the text of its rows. */
static bool shows_text(const struct lay_part *p, enum lay_scope scope)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->el[i].verb == LV_VALUE && p->el[i].scope == scope && !strcmp(p->el[i].key, "text"))
            return true;
    return false;
}

/* What every layout needs, whatever it looks like. */
static enum err check_whole(struct reader *r, struct errinfo *reterr)
{
    const struct layout *lay = r->lay;
    for (size_t i = 0; i < ARRAY_LEN(head_texts); i++)
        if (!*head_member(r->lay, i))
            return lines_fail(&r->l, reterr, "expected '%s' before the first part", head_texts[i].word);
    for (int who = LW_JAPANESE; who < LW_COUNT; who++)
        if (!layout_part(lay, LP_MEMBER, (enum lay_who)who))
            return lines_fail(&r->l, reterr, "expected part member for %s", who_word[who]);
    static const enum lay_part_kind needed[] = { LP_EVERY, LP_ANNEX_PAGE, LP_ANNEX, LP_LAST };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!layout_part(lay, needed[i], LW_ALL))
            return lines_fail(&r->l, reterr, "expected part %s", part_word[needed[i]]);
    static const struct {
        enum lay_part_kind part;
        enum lay_scope scope;
    } listed[] = { { LP_ITEMS, LS_ITEM }, { LP_LINES, LS_LINE }, { LP_ANNEX, LS_ANNEX } };
    bool single = false;
    for (size_t i = 0; i < ARRAY_LEN(listed); i++) {
        const struct lay_part *p = layout_part(lay, listed[i].part, LW_ALL);
        if (p && !shows_text(p, listed[i].scope))
            return lines_fail(&r->l, reterr, "expected of=%s.text in part %s", scope_word[listed[i].scope],
                              part_word[listed[i].part]);
        single |= p && listed[i].part != LP_ANNEX;
    }
    int rows = layout_part(lay, LP_MEMBER, LW_JAPANESE)->rows;
    if (rows != layout_part(lay, LP_MEMBER, LW_FOREIGN)->rows)
        return lines_fail(&r->l, reterr, "part member has the same rows for everybody");
    if (single && rows != 1)
        return lines_fail(&r->l, reterr, "part items and part lines need one member a page");
    return OK;
}

static enum err read_all(struct reader *r, struct layout **ret, struct errinfo *reterr)
{
    enum err err = OK;
    r->lay = xcalloc(1, sizeof *r->lay);
    while (err == OK && lines_next(&r->l))
        err = read_line(r, reterr);
    if (err == OK)
        err = check_whole(r, reterr);
    if (err == OK)
        *ret = r->lay;
    else
        layout_free(r->lay);
    lines_close(&r->l);
    return err;
}

enum err layout_read(const char *path, struct layout **ret, struct errinfo *reterr)
{
    struct reader r = { 0 };
    TRY(lines_open(&r.l, path, reterr));
    return read_all(&r, ret, reterr);
}

enum err layout_parse(const char *name, struct span text, struct layout **ret, struct errinfo *reterr)
{
    struct reader r = { 0 };
    TRY(lines_text(&r.l, name, text, reterr));
    return read_all(&r, ret, reterr);
}

void layout_free(struct layout *lay)
{
    if (!lay)
        return;
    for (size_t i = 0; i < lay->n; i++) {
        for (size_t k = 0; k < lay->part[i].n; k++) {
            free(lay->part[i].el[k].label);
            free(lay->part[i].el[k].key);
        }
        free(lay->part[i].el);
    }
    free(lay->part);
    for (size_t i = 0; i < ARRAY_LEN(head_texts); i++)
        free(*head_member(lay, i));
    free(lay);
}

int layout_width(const struct layout *lay)
{
    return lay->landscape ? A4_LONG : A4_SHORT;
}

int layout_height(const struct layout *lay)
{
    return lay->landscape ? A4_SHORT : A4_LONG;
}

const struct lay_part *layout_part(const struct layout *lay, enum lay_part_kind kind, enum lay_who who)
{
    const struct lay_part *all = NULL;
    for (size_t i = 0; i < lay->n; i++) {
        const struct lay_part *p = &lay->part[i];
        if (p->kind == kind && p->who == who)
            return p;
        if (p->kind == kind && p->who == LW_ALL)
            all = p;
    }
    return all;
}

void layout_items(const struct layout *lay, void (*cb)(void *arg, const char *item), void *arg)
{
    for (size_t i = 0; i < lay->n; i++)
        for (size_t k = 0; k < lay->part[i].n; k++) {
            const struct lay_el *e = &lay->part[i].el[k];
            if (e->key && !scope_keys[e->scope])
                cb(arg, e->key);
        }
}

/* ---- against the tables ---- */

struct against {
    const struct cert_kind *kind;
    char missing[64]; /* first item that the kind does not have */
};

static void item_known(void *arg, const char *item)
{
    struct against *a = arg;
    if (!*a->missing && !cert_item_find(a->kind, span_of(item)))
        snprintf(a->missing, sizeof a->missing, "%s", item);
}

enum err layout_check(const struct layout *lay, const struct cert_kind *kind, struct errinfo *reterr)
{
    struct against a = { .kind = kind };
    if (strcmp(lay->name, kind->layout))
        return err_set(reterr, E_INVALID, NULL, kind->layout, "the layout calls itself '%s'", lay->name);
    layout_items(lay, item_known, &a);
    if (*a.missing)
        return err_set(reterr, E_INVALID, NULL, kind->layout, "item '%s' is not in data/tables/%s.tsv", a.missing,
                       kind->items->name);
    return OK;
}

enum err layouts_check(const struct cert_rules *rules, const char *dir, struct errinfo *reterr)
{
    for (size_t i = 0; i < rules->n_kind; i++) {
        struct layout *lay;
        char *name = xprintf("%s.layout", rules->kind[i].layout), *path = fs_join(dir, name);
        enum err err = layout_read(path, &lay, reterr);
        free(path);
        free(name);
        TRY(err);
        err = layout_check(lay, &rules->kind[i], reterr);
        layout_free(lay);
        TRY(err);
    }
    return OK;
}
