#include "paper/fontset.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "typeface.h"
#include <fontconfig/fontconfig.h>
#include <hb.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIT_STEP 5 /* tenths of a point between two tries */

struct fontset {
    FcConfig *config;
    PangoFontMap *map;
    PangoContext *context;
    PangoLayout *layout; /* reused; its text is cleared after every use */
    hb_font_t *hb;       /* borrowed from `font` */
    PangoFont *font;
    char *family;
    int size; /* of the layout, tenths of a point; 0: none yet */
};

/* Whether the file holds the family, under any of its names. */
static bool has_family(FcConfig *config, const char *family)
{
    FcFontSet *set = FcConfigGetFonts(config, FcSetApplication);
    for (int i = 0; set && i < set->nfont; i++) {
        FcChar8 *name;
        for (int k = 0; FcPatternGetString(set->fonts[i], FC_FAMILY, k, &name) == FcResultMatch; k++)
            if (!strcmp((const char *)name, family))
                return true;
    }
    return false;
}

static void context_setup(struct fontset *f)
{
    /* Pango would have the fonts of the whole machine listed otherwise, in a thread. */
    FcConfigSetCurrent(f->config);
    f->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(f->map), f->config);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(f->map), 72);
    f->context = pango_font_map_create_context(f->map);
    pango_context_set_language(f->context, pango_language_from_string("ja"));
    pango_context_set_base_dir(f->context, PANGO_DIRECTION_LTR);
    pango_context_set_round_glyph_positions(f->context, FALSE);
    /* Positions must not depend on the device: what was measured is what is drawn. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(f->context, options);
    cairo_font_options_destroy(options);
    f->layout = pango_layout_new(f->context);
    pango_layout_set_auto_dir(f->layout, FALSE);
    pango_layout_set_single_paragraph_mode(f->layout, TRUE);
}

static void set_size(struct fontset *f, int size)
{
    if (f->size == size)
        return;
    f->size = size;
    PangoFontDescription *d = pango_font_description_new();
    pango_font_description_set_family(d, f->family);
    pango_font_description_set_absolute_size(d, (double)size * PANGO_SCALE / 10);
    pango_layout_set_font_description(f->layout, d);
    pango_font_description_free(d);
}

enum err fontset_open(const char *file, const char *family, struct fontset **ret, struct errinfo *reterr)
{
    if (access(file, R_OK))
        return err_set(reterr, E_NOTFOUND, "S302", family, "font file %s cannot be read", file);
    struct fontset *f = xcalloc(1, sizeof *f);
    f->family = xstrdup(family);
    f->config = FcConfigCreate();
    if (!f->config || !FcConfigAppFontAddFile(f->config, (const FcChar8 *)file) || !has_family(f->config, family)) {
        fontset_close(f);
        return err_set(reterr, E_INVALID, "S302", family, "font file %s does not hold this family", file);
    }
    context_setup(f);
    PangoFontDescription *d = pango_font_description_from_string(family);
    pango_font_description_set_absolute_size(d, 10 * PANGO_SCALE);
    f->font = pango_context_load_font(f->context, d);
    pango_font_description_free(d);
    if (f->font)
        f->hb = pango_font_get_hb_font(f->font);
    if (!f->hb) {
        fontset_close(f);
        return err_set(reterr, E_INVALID, "S302", family, "font file %s cannot be used", file);
    }
    *ret = f;
    return OK;
}

void fontset_close(struct fontset *f)
{
    if (!f)
        return;
    g_clear_object(&f->layout);
    g_clear_object(&f->font);
    g_clear_object(&f->context);
    if (f->map) /* the map keeps its reference to the configuration otherwise */
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(f->map), NULL);
    g_clear_object(&f->map);
    if (f->config) {
        FcConfigSetCurrent(NULL);
        FcConfigDestroy(f->config);
    }
    free(f->family);
    free(f);
}

PangoLayout *fontset_layout(struct fontset *f, struct span text, int size)
{
    set_size(f, size);
    pango_layout_set_width(f->layout, -1);
    pango_layout_set_text(f->layout, text.n ? text.p : "", (int)text.n);
    return f->layout;
}

static void forget(struct fontset *f)
{
    pango_layout_set_text(f->layout, "", 0);
}

/* ---- strict check ---- */

static bool is_private(uint32_t cp)
{
    return (cp >= 0xE000 && cp <= 0xF8FF) || (cp >= 0xF0000 && cp <= 0x10FFFD);
}

static bool has_glyph(struct fontset *f, uint32_t base, uint32_t selector)
{
    hb_codepoint_t glyph;
    if (is_private(base)) /* 外字: what a private code means is nobody's business outside its office */
        return false;
    if (selector)
        return hb_font_get_variation_glyph(f->hb, base, selector, &glyph);
    return hb_font_get_nominal_glyph(f->hb, base, &glyph) && glyph;
}

/* Character by character against the font's own tables. */
static bool missing_in_font(struct fontset *f, struct span text, uint32_t *ret_base, uint32_t *ret_selector)
{
    const char *p = text.p, *end = text.p + text.n;
    uint32_t base = 0;
    while (p < end) {
        uint32_t cp = utf8_next(&p, end);
        bool selector = utf8_is_selector(cp);
        if (selector ? base && has_glyph(f, base, cp) : has_glyph(f, cp, 0)) {
            base = selector ? 0 : cp;
            continue;
        }
        *ret_base = selector ? base : cp;
        *ret_selector = selector ? cp : 0;
        return true;
    }
    return false;
}

static bool run_is_strict(const struct fontset *f, const PangoGlyphItem *run)
{
    PangoFontDescription *d = pango_font_describe(run->item->analysis.font);
    bool good = !strcmp(pango_font_description_get_family(d), f->family);
    pango_font_description_free(d);
    for (int i = 0; good && i < run->glyphs->num_glyphs; i++)
        good = !(run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG);
    return good;
}

/* Run by run as pango would draw it. */
static bool missing_in_runs(struct fontset *f, struct span text, uint32_t *ret_base, uint32_t *ret_selector)
{
    PangoLayoutIter *it = pango_layout_get_iter(fontset_layout(f, text, 100));
    bool missing = false;
    do {
        const PangoGlyphItem *run = pango_layout_iter_get_run_readonly(it);
        if (!run || run_is_strict(f, run))
            continue;
        const char *p = text.p + run->item->offset;
        *ret_base = utf8_next(&p, text.p + text.n);
        *ret_selector = 0;
        missing = true;
    } while (!missing && pango_layout_iter_next_run(it));
    pango_layout_iter_free(it);
    forget(f);
    return missing;
}

bool fontset_missing(struct fontset *f, struct span text, uint32_t *ret_base, uint32_t *ret_selector)
{
    if (!text.n)
        return false;
    return missing_in_font(f, text, ret_base, ret_selector) || missing_in_runs(f, text, ret_base, ret_selector);
}

enum err fontset_check(struct fontset *f, struct span text, const char *what, struct errinfo *reterr)
{
    uint32_t base, selector;
    if (!fontset_missing(f, text, &base, &selector))
        return OK;
    char code[32] = "";
    if (selector)
        snprintf(code, sizeof code, "U+%04X U+%04X", (unsigned)base, (unsigned)selector);
    else
        snprintf(code, sizeof code, "U+%04X", (unsigned)base);
    char item[96];
    snprintf(item, sizeof item, "%.60s", what);
    size_t n = strlen(item);
    while (n && !utf8_valid((struct span){ item, n })) /* a label that was cut ends at a whole character */
        item[--n] = 0;
    snprintf(item + n, sizeof item - n, " %s", code);
    return err_set(reterr, E_INVALID, "S301", item, "no glyph in %s", f->family);
}

/* ---- measure and fit ---- */

static int from_pango(int units)
{
    return (int)((double)units / PANGO_SCALE * 2540 / 72 + 0.5);
}

static int to_pango(int hundredths)
{
    return (int)((double)hundredths * 72 / 2540 * PANGO_SCALE);
}

int fontset_em(int size)
{
    return (int)((double)size * 2540 / 720 + 0.5);
}

int fontset_leading(int size)
{
    return fontset_em(size) * 118 / 100;
}

int fontset_width(struct fontset *f, struct span text, int size)
{
    PangoRectangle logical;
    pango_layout_get_extents(fontset_layout(f, text, size), NULL, &logical);
    forget(f);
    return from_pango(logical.width);
}

/* Lines at this size; when `max` of them are not enough, *ret_bytes tells where line max ends. */
static size_t break_lines(struct fontset *f, struct span text, int size, int width, size_t max, struct buf *ret,
                          size_t *ret_bytes)
{
    PangoLayout *l = fontset_layout(f, text, size);
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(l, to_pango(width));
    size_t n = 0;
    for (GSList *s = pango_layout_get_lines_readonly(l); s; s = s->next, n++) {
        const PangoLayoutLine *line = s->data;
        struct span part = { text.p + line->start_index, (size_t)line->length };
        while (s->next && part.n && part.p[part.n - 1] == ' ') /* the blank at which it was broken */
            part.n--;
        if (ret && n)
            buf_addc(ret, '\n');
        if (ret)
            buf_add(ret, part.p, part.n);
        if (n + 1 == max)
            *ret_bytes = (size_t)(line->start_index + line->length);
    }
    forget(f);
    return n;
}

size_t fontset_break(struct fontset *f, struct span text, int size, int width, struct buf *ret)
{
    size_t unused;
    return break_lines(f, text, size, width, 0, ret, &unused);
}

static size_t lines_allowed(int size, int height, int lines)
{
    int rest = height - fontset_em(size);
    int n = rest < 0 ? 0 : 1 + rest / fontset_leading(size);
    return (size_t)(n > lines ? lines : n);
}

struct fit fontset_fit(struct fontset *f, struct span text, int width, int height, int max, int min, int lines,
                       struct buf *ret_text)
{
    struct fit fit = { .size = max, .lines = 1 };
    if (!text.n)
        return fit;
    for (fit.size = max;; fit.size = fit.size - FIT_STEP > min ? fit.size - FIT_STEP : min) {
        size_t allowed = lines_allowed(fit.size, height, lines);
        fit.fits_bytes = 0;
        fit.lines = break_lines(f, text, fit.size, width, allowed, NULL, &fit.fits_bytes);
        fit.over = fit.lines > allowed;
        if (!fit.over || fit.size <= min)
            break;
    }
    if (!fit.over)
        fit.fits_bytes = text.n;
    fit.lines = fontset_break(f, text, fit.size, width, ret_text);
    return fit;
}
