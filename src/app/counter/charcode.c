#include "app/charcode.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "codec/charset.h"

#include <ctype.h>
#include <hb-ot.h>
#include <hb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct charcode {
    char *file;
    struct charset *jis;
    hb_font_t *font;
    bool opened; /* the font was looked for */
};

struct charcode *charcode_new(const char *font_file)
{
    struct charcode *c = xcalloc(1, sizeof *c);
    c->file = xstrdup(font_file);
    return c;
}

void charcode_free(struct charcode *c)
{
    if (!c)
        return;
    charset_close(c->jis);
    if (c->font)
        hb_font_destroy(c->font);
    free(c->file);
    free(c);
}

/* 面区点: plane 1 in two bytes, plane 2 behind SS3 (JIS X 0213, annex 2). */
static bool find_kuten(struct charcode *c, int plane, int row, int cell, struct buf *ret)
{
    char bytes[3] = { (char)0x8F, (char)(0xA0 + row), (char)(0xA0 + cell) };
    struct errinfo e;
    if (plane < 1 || plane > 2 || row < 1 || row > 94 || cell < 1 || cell > 94)
        return false;
    if (!c->jis && charset_open("EUC-JISX0213", &c->jis, &e) != OK)
        return false;
    struct span in = plane == 2 ? (struct span){ bytes, 3 } : (struct span){ bytes + 1, 2 };
    return charset_decode(c->jis, in, ret, &e) == OK;
}

static void open_font(struct charcode *c)
{
    hb_blob_t *blob = hb_blob_create_from_file(c->file); /* empty when it cannot be read */
    hb_face_t *face = hb_face_create(blob, 0);
    c->opened = true;
    if (hb_face_get_glyph_count(face) > 0)
        c->font = hb_font_create(face);
    hb_face_destroy(face);
    hb_blob_destroy(blob);
}

/* The character that is drawn with this glyph when no selector follows; 0: none. */
static hb_codepoint_t plain_character(hb_font_t *font, hb_codepoint_t glyph)
{
    hb_set_t *all = hb_set_create();
    hb_codepoint_t cp = HB_SET_VALUE_INVALID, have, found = 0;
    hb_face_collect_unicodes(hb_font_get_face(font), all);
    while (!found && hb_set_next(all, &cp))
        if (hb_font_get_nominal_glyph(font, cp, &have) && have == glyph)
            found = cp;
    hb_set_destroy(all);
    return found;
}

/* The same with a selector. */
static bool with_selector(hb_font_t *font, hb_codepoint_t glyph, hb_codepoint_t *ret_cp, hb_codepoint_t *ret_selector)
{
    hb_set_t *selectors = hb_set_create(), *bases = hb_set_create();
    hb_codepoint_t vs = HB_SET_VALUE_INVALID, have;
    bool found = false;
    hb_face_collect_variation_selectors(hb_font_get_face(font), selectors);
    while (!found && hb_set_next(selectors, &vs)) {
        hb_codepoint_t cp = HB_SET_VALUE_INVALID;
        hb_set_clear(bases);
        hb_face_collect_variation_unicodes(hb_font_get_face(font), vs, bases);
        while (!found && hb_set_next(bases, &cp))
            if (hb_font_get_variation_glyph(font, cp, vs, &have) && have == glyph) {
                *ret_cp = cp;
                *ret_selector = vs;
                found = true;
            }
    }
    hb_set_destroy(selectors);
    hb_set_destroy(bases);
    return found;
}

static void add(struct buf *ret, hb_codepoint_t cp)
{
    char utf8[4];
    buf_add(ret, utf8, utf8_put(utf8, cp));
}

static bool find_mj(struct charcode *c, const char *digits, struct buf *ret)
{
    char name[16];
    hb_codepoint_t glyph, cp = 0, selector = 0;
    snprintf(name, sizeof name, "mj%s", digits);
    if (!c->opened)
        open_font(c);
    if (!c->font || !hb_font_get_glyph_from_name(c->font, name, -1, &glyph))
        return false;
    cp = plain_character(c->font, glyph);
    if (!cp && !with_selector(c->font, glyph, &cp, &selector))
        return false;
    add(ret, cp);
    if (selector)
        add(ret, selector);
    return true;
}

bool charcode_find(void *charcode, struct span code, struct buf *ret)
{
    struct charcode *c = charcode;
    char text[24], digits[8];
    int a, b, n, used = 0;
    if (code.n == 0 || code.n >= sizeof text)
        return false;
    for (size_t i = 0; i < code.n; i++)
        text[i] = (char)toupper((unsigned char)code.p[i]);
    text[code.n] = '\0';
    if (sscanf(text, "MJ%6[0-9]%n", digits, &used) == 1 && used == (int)code.n && strlen(digits) == 6)
        return find_mj(c, digits, ret);
    if (sscanf(text, "%1d-%2d-%2d%n", &a, &b, &n, &used) == 3 && used == (int)code.n)
        return find_kuten(c, a, b, n, ret);
    if (sscanf(text, "%2d-%2d%n", &b, &n, &used) == 2 && used == (int)code.n)
        return find_kuten(c, 1, b, n, ret);
    return false;
}
