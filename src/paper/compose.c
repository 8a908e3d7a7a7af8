#include "paper/compose.h"
#include "base/mem.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define PAD_X      130 /* hundredths of a millimetre between a frame and its text */
#define PAD_Y      40
#define LABEL_SIZE 90 /* tenths of a point; labels of cells */
#define LABEL_MIN  50
#define LABEL_STEP 5

/* A label with its text: an item row or a row of the 別紙. */
struct pair {
    char *label;
    char *text;
};

/* One visual row of a history line. */
struct line_row {
    const char *on, *reason;
    char *text;
};

struct composer {
    const struct compose_input *in;
    struct doc *doc;
    struct errinfo *reterr;
    struct pair *annex;
    size_t n_annex;
};

/* What the elements of a part are filled from; members that do not apply are NULL. */
struct source {
    const struct cert_person *person;
    const struct line_row *line;
    const struct pair *pair;
    size_t page, pages;
    size_t no; /* place among the members, from 1 */
    int dy;
};

enum err overflow_rule_of(const char *word, enum overflow_rule *ret, struct errinfo *reterr)
{
    static const char *const words[] = {
        [OVERFLOW_ANNEX] = "annex", [OVERFLOW_LIMIT] = "limit", [OVERFLOW_BLANK] = "blank"
    };
    _Static_assert(ARRAY_LEN(words) == OVERFLOW_RULES, "a rule has no word");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(word, words[i])) {
            *ret = (enum overflow_rule)i;
            return OK;
        }
    return err_set(reterr, E_INVALID, NULL, "CERT_OVERFLOW", "expected annex, limit or blank");
}

static const char *person_name(const struct cert_person *p)
{
    const struct cert_cell *name = p ? cert_person_cell(p, span_of("name")) : NULL;
    return name ? name->text : "";
}

static void annex_add(struct composer *c, const char *label, const char *text)
{
    c->annex = xrealloc(c->annex, c->n_annex + 1, sizeof *c->annex);
    c->annex[c->n_annex++] = (struct pair){ xstrdup(label), xstrdup(text) };
}

/* ---- one text ---- */

static void text_mark(struct page *p, int x, int y, int w, int h, struct buf *take, int size,
                      const struct text_style *style, bool label)
{
    struct mark *m = page_mark_add(p, MK_TEXT, x, y, w, h);
    m->text = take->len ? buf_steal(take) : xstrdup("");
    m->size = size;
    m->halign = style->halign;
    m->valign = style->valign;
    m->label = label;
    buf_done(take);
}

/* A label: its lines are given by '|', the size shrinks until the widest fits. */
static enum err place_label(struct composer *c, struct page *p, int x, int y, int w, int h, const char *text,
                            const struct text_style *style)
{
    struct buf lines = BUF_INIT;
    int n = 1, size = style->size;
    for (const char *s = text; *s; s++) {
        buf_addc(&lines, *s == '|' ? '\n' : *s);
        n += *s == '|';
    }
    enum err err = OK;
    for (const char *s = lines.p; err == OK && s; s = strchr(s, '\n'), s += s != NULL) {
        struct span line = { s, strcspn(s, "\n") };
        err = fontset_check(c->in->fonts, line, text, c->reterr);
        while (size > style->min &&
               (fontset_width(c->in->fonts, line, size) > w || fontset_em(size) + (n - 1) * fontset_leading(size) > h))
            size -= LABEL_STEP;
        if (err == OK && fontset_width(c->in->fonts, line, size) > w)
            err = err_set(c->reterr, E_INVALID, "S303", text, "layout %s: no room at %d.%d mm", c->in->layout->name,
                          y / 100, y % 100);
    }
    if (err == OK)
        text_mark(p, x, y, w, h, &lines, size, style, true);
    buf_done(&lines);
    return err;
}

/* A text that must fit: values of the copy as a whole. */
static enum err place_fixed(struct composer *c, struct page *p, int x, int y, int w, int h, const char *text,
                            const char *what, const struct text_style *style)
{
    if (!*text)
        return OK;
    TRY(fontset_check(c->in->fonts, span_of(text), what, c->reterr));
    struct buf lines = BUF_INIT;
    struct fit fit = fontset_fit(c->in->fonts, span_of(text), w, h, style->size, style->min, style->lines, &lines);
    if (fit.over) {
        buf_done(&lines);
        return err_set(c->reterr, E_INVALID, "S303", what, "layout %s: no room at %d.%d mm", c->in->layout->name,
                       y / 100, y % 100);
    }
    text_mark(p, x, y, w, h, &lines, fit.size, style, false);
    return OK;
}

static void too_long(struct composer *c, const struct cert_person *who, const struct cert_cell *cell, struct fit fit,
                     struct buf *ret_short)
{
    struct span text = span_of(cell->text);
    size_t fits = utf8_count((struct span){ text.p, fit.fits_bytes });
    doc_overflow_add(c->doc, person_name(who), cell->label, utf8_count(text), fits);
    if (c->in->rule == OVERFLOW_ANNEX) {
        annex_add(c, cell->label, cell->text);
        buf_adds(ret_short, c->in->layout->see_annex);
    } else if (c->in->rule == OVERFLOW_LIMIT) {
        buf_add(ret_short, text.p, fit.fits_bytes);
    }
}

/* A value of a resident or household, which may be too long for its place. */
static enum err place_cell(struct composer *c, struct page *p, int x, int y, int w, int h,
                           const struct cert_person *who, const struct cert_cell *cell, const struct text_style *style)
{
    if (!cell)
        return OK;
    if (cell->omitted)
        return place_fixed(c, p, x, y, w, h, c->in->copy->omitted, cell->label, style);
    if (!*cell->text)
        return OK;
    TRY(fontset_check(c->in->fonts, span_of(cell->text), cell->label, c->reterr));
    struct buf lines = BUF_INIT;
    struct fit fit =
        fontset_fit(c->in->fonts, span_of(cell->text), w, h, style->size, style->min, style->lines, &lines);
    if (fit.over) {
        struct buf shorter = BUF_INIT;
        buf_done(&lines);
        too_long(c, who, cell, fit, &shorter);
        fit = fontset_fit(c->in->fonts, buf_span(&shorter), w, h, style->size, style->min, style->lines, &lines);
        buf_done(&shorter);
    }
    text_mark(p, x, y, w, h, &lines, fit.size, style, false);
    return OK;
}

/* ---- values of the copy as a whole ---- */

static void doc_value(const struct composer *c, const struct source *s, const char *key, struct buf *ret)
{
    const struct cert_copy *copy = c->in->copy;
    const struct {
        const char *key, *text;
    } texts[] = {
        { "title", c->in->layout->title },
        { "issued_on", copy->issued_on },
        { "sentence", copy->sentence },
        { "certifier_title", copy->certifier_title },
        { "certifier_name", copy->certifier_name },
        { "seal_note", copy->seal_note },
        { "official", copy->official },
        { "outage", copy->outage },
        { "check", c->in->check },
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!strcmp(key, texts[i].key))
            buf_adds(ret, texts[i].text);
    if (!strcmp(key, "number"))
        buf_printf(ret, "%s %zu/%zu", copy->number, s->page, s->pages);
    if (!strcmp(key, "page"))
        buf_printf(ret, "%zu/%zu", s->page, s->pages);
}

static const char *row_value(const struct source *s, const struct lay_el *e)
{
    if (e->scope == LS_LINE && s->line)
        return !strcmp(e->key, "on") ? s->line->on : !strcmp(e->key, "reason") ? s->line->reason : s->line->text;
    if (s->pair)
        return !strcmp(e->key, "label") ? s->pair->label : s->pair->text;
    return "";
}

static enum err place_value(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s, int x,
                            int w)
{
    int y = e->y + s->dy + PAD_Y, h = e->h - 2 * PAD_Y;
    if (e->scope == LS_MEMBER)
        return place_cell(c, p, x, y, w, h, s->person, cert_person_cell(s->person, span_of(e->key)), &e->style);
    if (e->scope == LS_COMMON)
        return place_cell(c, p, x, y, w, h, NULL, cert_common_cell(c->in->copy, span_of(e->key)), &e->style);
    if (e->scope == LS_LINE || e->scope == LS_ITEM || e->scope == LS_ANNEX)
        return place_fixed(c, p, x, y, w, h, row_value(s, e), e->key, &e->style);
    struct buf text = BUF_INIT;
    if (e->scope == LS_ROW)
        buf_printf(&text, "%zu", s->no);
    else
        doc_value(c, s, e->key, &text);
    enum err err = place_fixed(c, p, x, y, w, h, buf_str(&text), e->key, &e->style);
    buf_done(&text);
    return err;
}

/* ---- elements ---- */

static enum err draw_frame(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s)
{
    (void)c;
    page_mark_add(p, MK_FRAME, e->x, e->y + s->dy, e->w, e->h)->stroke = e->stroke;
    return OK;
}

static enum err draw_rule(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s)
{
    (void)c;
    page_mark_add(p, MK_RULE, e->x, e->y + s->dy, e->w, e->h + s->dy)->stroke = e->stroke;
    return OK;
}

static enum err draw_label(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s)
{
    return place_label(c, p, e->x, e->y + s->dy, e->w, e->h, e->label, &e->style);
}

static enum err draw_value(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s)
{
    return place_value(c, p, e, s, e->x, e->w);
}

static enum err draw_cell(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s)
{
    static const struct text_style label = { LABEL_SIZE, LABEL_MIN, 1, HA_SPREAD, VA_MIDDLE };
    int x = e->x, y = e->y + s->dy, split = x + e->label_w;
    TRY(draw_frame(c, p, e, s));
    page_mark_add(p, MK_RULE, split, y, split, y + e->h)->stroke = ST_THIN;
    TRY(place_label(c, p, x + PAD_X, y + PAD_Y, e->label_w - 2 * PAD_X, e->h - 2 * PAD_Y, e->label, &label));
    return place_value(c, p, e, s, split + PAD_X, e->w - e->label_w - 2 * PAD_X);
}

static enum err draw_seal(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s)
{
    if (*c->in->copy->seal)
        page_mark_add(p, MK_SEAL, e->x, e->y + s->dy, e->w, e->h);
    return OK;
}

static enum err draw_qr(struct composer *c, struct page *p, const struct lay_el *e, const struct source *s)
{
    if (*c->in->qr)
        page_mark_add(p, MK_QR, e->x, e->y + s->dy, e->w, e->h);
    return OK;
}

static enum err (*const draw[])(struct composer *, struct page *, const struct lay_el *, const struct source *) = {
    [LV_FRAME] = draw_frame, [LV_RULE] = draw_rule, [LV_LABEL] = draw_label, [LV_VALUE] = draw_value,
    [LV_CELL] = draw_cell,   [LV_SEAL] = draw_seal, [LV_QR] = draw_qr,
};
_Static_assert(ARRAY_LEN(draw) == LV_COUNT, "a verb has no drawing");

/* A part of the layout that may be missing. */
static enum err draw_part(struct composer *c, struct page *p, const struct lay_part *part, const struct source *s)
{
    for (size_t i = 0; part && i < part->n; i++)
        TRY(draw[part->el[i].verb](c, p, &part->el[i], s));
    return OK;
}

static enum err draw_row(struct composer *c, struct page *p, const struct lay_part *part, size_t row, struct source s)
{
    s.dy = part->at + (int)row * part->pitch;
    return draw_part(c, p, part, &s);
}

/* ---- places ---- */

struct placed {
    const char *item;
    bool found;
};

static void see_item(void *arg, const char *item)
{
    struct placed *p = arg;
    p->found |= !strcmp(item, p->item);
}

/* Whether the layout has a place of its own for the item, with the member or with the household. */
static bool has_place(const struct composer *c, const char *item)
{
    struct placed p = { item, false };
    layout_items(c->in->layout, see_item, &p);
    return p.found;
}

/* ---- history rows ---- */

static const struct lay_el *part_value(const struct lay_part *part, enum lay_scope scope, const char *key)
{
    for (size_t i = 0; i < part->n; i++)
        if (part->el[i].key && part->el[i].scope == scope && !strcmp(part->el[i].key, key))
            return &part->el[i];
    return NULL;
}

/* Splits a text into the lines that fit the element; each is the caller's. Returns their number. */
static size_t split_rows(struct composer *c, const struct lay_el *e, const char *text, char ***ret)
{
    struct buf broken = BUF_INIT;
    size_t n = fontset_break(c->in->fonts, span_of(text), e->style.size, e->w, &broken);
    char **row = xcalloc(n ? n : 1, sizeof *row);
    const char *p = buf_str(&broken);
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(p, "\n");
        row[i] = len ? xstrndup(p, len) : xstrdup("");
        p += len + (p[len] == '\n');
    }
    buf_done(&broken);
    *ret = row;
    return n;
}

static void line_rows_add(struct composer *c, const struct lay_el *e, const struct cert_line *line,
                          struct line_row **row, size_t *n)
{
    char **part;
    size_t parts = split_rows(c, e, line->text, &part);
    *row = xrealloc(*row, *n + parts, sizeof **row);
    for (size_t i = 0; i < parts; i++)
        (*row)[(*n)++] = (struct line_row){ i ? "" : line->on, i ? "" : line->reason, part[i] };
    free(part);
}

static void history_to_annex(struct composer *c, const struct cert_person *p, size_t from)
{
    for (size_t i = from; i < p->n_line; i++) {
        struct buf b = BUF_INIT;
        buf_printf(&b, "%s　%s　%s", p->line[i].on, p->line[i].reason, p->line[i].text);
        annex_add(c, i == from ? c->in->layout->history : "", buf_str(&b));
        buf_done(&b);
    }
}

/* Lines that fit whole into `rows` rows, one row being kept for the end mark or the pointer to the 別紙. */
static size_t lines_fit(struct composer *c, const struct cert_person *p, const struct lay_el *e, size_t rows,
                        struct line_row **row, size_t *n_row)
{
    size_t i = 0;
    for (; i < p->n_line; i++) {
        size_t before = *n_row;
        line_rows_add(c, e, &p->line[i], row, n_row);
        if (*n_row < rows)
            continue;
        while (*n_row > before)
            wipe_str((*row)[--*n_row].text);
        break;
    }
    return i;
}

static void rows_free(struct line_row *row, size_t n)
{
    for (size_t i = 0; i < n; i++)
        wipe_str(row[i].text);
    free(row);
}

static enum err draw_history(struct composer *c, struct page *page, const struct cert_person *p)
{
    const struct lay_part *part = layout_part(c->in->layout, LP_LINES, LW_ALL);
    const struct lay_el *e = part ? part_value(part, LS_LINE, "text") : NULL;
    if (!e) {
        history_to_annex(c, p, 0);
        return OK;
    }
    struct line_row *row = NULL;
    size_t n = 0;
    size_t used = lines_fit(c, p, e, (size_t)part->rows, &row, &n);
    const struct cert_cell *cell = cert_person_cell(p, span_of("history"));
    bool omitted = cell && cell->omitted && !p->n_line;
    const char *end = used < p->n_line ? c->in->layout->see_annex
                      : omitted        ? c->in->copy->omitted
                                       : c->in->layout->end_mark;
    row = xrealloc(row, n + 1, sizeof *row);
    row[n++] = (struct line_row){ "", "", xstrdup(end) };
    enum err err = OK;
    for (size_t i = 0; i < (size_t)part->rows && err == OK; i++) {
        static const struct line_row blank = { "", "", (char *)"" };
        struct source s = { .person = p, .line = i < n ? &row[i] : &blank };
        err = draw_row(c, page, part, i, s);
    }
    rows_free(row, n);
    history_to_annex(c, p, used);
    return err;
}

/* ---- pages ---- */

/* Items that were asked for and have no place in the layout. Those of the household are items of its first member. */
static void unplaced_to_annex(struct composer *c, const struct cert_cell *cell, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!cell[i].omitted && *cell[i].text && !has_place(c, cell[i].item))
            annex_add(c, cell[i].label, cell[i].text);
}

/* ---- items as a list ---- */

/* One item from row *row on. False, and nothing drawn, when it does not fit: the last row is kept for the end mark. */
static enum err draw_item(struct composer *c, struct page *page, const struct lay_part *part, size_t *row,
                          const struct cert_cell *cell, bool *ret_fits)
{
    char **line;
    TRY(fontset_check(c->in->fonts, span_of(cell->text), cell->label, c->reterr));
    size_t n = split_rows(c, part_value(part, LS_ITEM, "text"), cell->text, &line);
    enum err err = OK;
    *ret_fits = *row + n < (size_t)part->rows;
    for (size_t i = 0; i < n; i++) {
        struct pair pair = { i ? (char *)"" : cell->label, line[i] };
        if (*ret_fits && err == OK)
            err = draw_row(c, page, part, (*row)++, (struct source){ .pair = &pair });
        wipe_str(line[i]);
    }
    free(line);
    return err;
}

/* What is shown of a member and has no place of its own; what does not fit goes on the 別紙. */
static enum err draw_items(struct composer *c, struct page *page, const struct lay_part *part,
                           const struct cert_person *p)
{
    size_t row = 0;
    bool fits = true;
    for (size_t i = 0; i < p->n_cell; i++) {
        const struct cert_cell *cell = &p->cell[i];
        if (cell->omitted || !*cell->text || has_place(c, cell->item))
            continue;
        if (fits)
            TRY(draw_item(c, page, part, &row, cell, &fits));
        if (!fits)
            annex_add(c, cell->label, cell->text);
    }
    struct pair end = { (char *)"", fits ? c->in->layout->end_mark : c->in->layout->see_annex };
    return draw_row(c, page, part, row, (struct source){ .pair = &end });
}

/* Puts the person's name before the rows that were added to the 別紙 for him. */
static void annex_head(struct composer *c, const struct cert_person *p, size_t from)
{
    const struct cert_cell *name = cert_person_cell(p, span_of("name"));
    if (c->n_annex == from || !name || !*name->text)
        return;
    annex_add(c, name->label, name->text);
    struct pair head = c->annex[c->n_annex - 1];
    memmove(&c->annex[from + 1], &c->annex[from], (c->n_annex - 1 - from) * sizeof *c->annex);
    c->annex[from] = head;
}

static enum err draw_member(struct composer *c, struct page *page, size_t row, size_t no, const struct cert_person *p)
{
    const struct lay_part *part = layout_part(c->in->layout, LP_MEMBER, p->foreign ? LW_FOREIGN : LW_JAPANESE);
    size_t from = c->n_annex;
    TRY(draw_row(c, page, part, row, (struct source){ .person = p, .no = no }));
    TRY(draw_history(c, page, p));
    const struct lay_part *items = layout_part(c->in->layout, LP_ITEMS, LW_ALL);
    if (items)
        TRY(draw_items(c, page, items, p));
    else
        unplaced_to_annex(c, p->cell, p->n_cell);
    annex_head(c, p, from);
    return OK;
}

static enum err draw_members(struct composer *c)
{
    const struct cert_copy *copy = c->in->copy;
    const struct layout *lay = c->in->layout;
    size_t rows = (size_t)layout_part(lay, LP_MEMBER, LW_JAPANESE)->rows;
    for (size_t i = 0; i < copy->n_person; i += rows) {
        struct page *page = doc_page_add(c->doc);
        size_t end = copy->n_person - i < rows ? copy->n_person : i + rows;
        TRY(draw_part(c, page, layout_part(lay, LP_MEMBER_PAGE, LW_ALL), &(struct source){ .page = 1 }));
        for (size_t k = i; k < end; k++)
            TRY(draw_member(c, page, k - i, k + 1, &copy->person[k]));
        const struct lay_part *member = layout_part(lay, LP_MEMBER, LW_JAPANESE);
        struct source unused = { .dy = member->at + (int)(end - i) * member->pitch };
        if (end - i < rows)
            TRY(draw_part(c, page, layout_part(lay, LP_UNUSED, LW_ALL), &unused));
    }
    return OK;
}

static enum err annex_row(struct composer *c, const struct lay_part *part, size_t *row, const struct pair *what)
{
    if (*row == 0)
        TRY(draw_part(c, doc_page_add(c->doc), layout_part(c->in->layout, LP_ANNEX_PAGE, LW_ALL),
                      &(struct source){ .page = 1 }));
    struct page *page = &c->doc->p[c->doc->n - 1];
    TRY(draw_row(c, page, part, *row, (struct source){ .pair = what }));
    *row = (*row + 1) % (size_t)part->rows;
    return OK;
}

static enum err draw_annex_entry(struct composer *c, const struct lay_part *part, size_t *row, const struct pair *entry)
{
    const struct lay_el *e = part_value(part, LS_ANNEX, "text");
    TRY(fontset_check(c->in->fonts, span_of(entry->text), entry->label, c->reterr));
    char **line;
    size_t n = split_rows(c, e, entry->text, &line);
    enum err err = OK;
    for (size_t i = 0; i < n; i++) {
        struct pair one = { i ? (char *)"" : entry->label, line[i] };
        if (err == OK)
            err = annex_row(c, part, row, &one);
        wipe_str(line[i]);
    }
    free(line);
    return err;
}

static enum err draw_annex(struct composer *c)
{
    const struct lay_part *part = layout_part(c->in->layout, LP_ANNEX, LW_ALL);
    size_t row = 0;
    for (size_t i = 0; i < c->n_annex; i++)
        TRY(draw_annex_entry(c, part, &row, &c->annex[i]));
    if (row)
        TRY(annex_row(c, part, &row, &(struct pair){ (char *)"", c->in->layout->end_mark }));
    return OK;
}

static enum err draw_all(struct composer *c)
{
    TRY(draw_members(c));
    TRY(draw_annex(c));
    for (size_t i = 0; i < c->doc->n; i++) {
        struct source s = { .page = i + 1, .pages = c->doc->n };
        bool last = i + 1 == c->doc->n;
        TRY(draw_part(c, &c->doc->p[i], layout_part(c->in->layout, LP_EVERY, LW_ALL), &s));
        TRY(draw_part(c, &c->doc->p[i], layout_part(c->in->layout, last ? LP_LAST : LP_CONTINUED, LW_ALL), &s));
    }
    return OK;
}

static void take_text(char **member, const char *text)
{
    free(*member);
    *member = xstrdup(text);
}

enum err compose(const struct compose_input *in, struct doc **ret, struct errinfo *reterr)
{
    struct composer c = { .in = in, .reterr = reterr };
    c.doc = doc_new(layout_width(in->layout), layout_height(in->layout));
    take_text(&c.doc->title, in->layout->title);
    take_text(&c.doc->across, in->copy->trial);
    take_text(&c.doc->qr, in->qr);
    enum err err = fontset_check(in->fonts, span_of(in->copy->trial), "trial", reterr);
    if (err == OK)
        err = draw_all(&c);
    for (size_t i = 0; i < c.n_annex; i++) {
        free(c.annex[i].label);
        wipe_str(c.annex[i].text);
    }
    free(c.annex);
    if (err == OK)
        *ret = c.doc;
    else
        doc_free(c.doc);
    return err;
}
