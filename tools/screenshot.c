/*
 * Draws the screen of a program into a PNG, as a person at a desk sees it:
 *   screenshot [-s COLSxROWS] [-t TERM] [-k KEYS] [-e NAME=value]… -o FILE -- PROGRAM [ARG…]
 * KEYS as in tests/harness/tui.h: "転居<Enter><F10>", "<@menu>" waits for a screen.
 */
#include "base/mem.h"
#include "tui.h"

#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELL_W    10
#define CELL_H    22
#define FONT_SIZE 18
#define FONT      "Noto Sans Mono CJK JP"

struct picture {
    struct tui *t;
    VTermScreen *screen;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoLayout *layout;
    int ascent;
};

static void set_colour(struct picture *p, VTermColor c, bool background)
{
    if (background ? VTERM_COLOR_IS_DEFAULT_BG(&c) : VTERM_COLOR_IS_DEFAULT_FG(&c)) {
        double grey = background ? 0.07 : 0.87;
        cairo_set_source_rgb(p->cr, grey, grey, background ? 0.09 : grey);
        return;
    }
    vterm_screen_convert_color_to_rgb(p->screen, &c);
    cairo_set_source_rgb(p->cr, c.rgb.red / 255., c.rgb.green / 255., c.rgb.blue / 255.);
}

static void set_fg(struct picture *p, const VTermScreenCell *c, bool reverse)
{
    set_colour(p, reverse ? c->bg : c->fg, reverse);
}

static void set_bg(struct picture *p, const VTermScreenCell *c, bool reverse)
{
    set_colour(p, reverse ? c->fg : c->bg, !reverse);
}

static void line(struct picture *p, double x0, double y0, double x1, double y1)
{
    cairo_set_line_width(p->cr, 1);
    cairo_move_to(p->cr, x0 + .5, y0 + .5);
    cairo_line_to(p->cr, x1 + .5, y1 + .5);
    cairo_stroke(p->cr);
}

/* Box drawing: which arms (left, right, up, down) a character has. */
static const struct {
    uint32_t cp;
    bool left, right, up, down;
} boxes[] = {
    { 0x2500, 1, 1, 0, 0 }, { 0x2502, 0, 0, 1, 1 }, { 0x250C, 0, 1, 0, 1 }, { 0x2510, 1, 0, 0, 1 },
    { 0x2514, 0, 1, 1, 0 }, { 0x2518, 1, 0, 1, 0 }, { 0x251C, 0, 1, 1, 1 }, { 0x2524, 1, 0, 1, 1 },
    { 0x252C, 1, 1, 0, 1 }, { 0x2534, 1, 1, 1, 0 }, { 0x253C, 1, 1, 1, 1 },
};

/* Lines and blocks are drawn as a terminal does, so that they join; everything else comes from the font. */
static bool drawn_by_hand(struct picture *p, uint32_t cp, double x, double y)
{
    double mx = x + CELL_W / 2, my = y + CELL_H / 2;
    for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
        if (boxes[i].cp != cp)
            continue;
        line(p, boxes[i].left ? x : mx, my, boxes[i].right ? x + CELL_W : mx, my);
        line(p, mx, boxes[i].up ? y : my, mx, boxes[i].down ? y + CELL_H : my);
        return true;
    }
    if (cp >= 0x2581 && cp <= 0x2588)
        cairo_rectangle(p->cr, x, y + CELL_H * (1 - (cp - 0x2580) / 8.), CELL_W, CELL_H * (cp - 0x2580) / 8.);
    else if (cp >= 0x2589 && cp <= 0x258F)
        cairo_rectangle(p->cr, x, y, CELL_W * (0x2590 - cp) / 8., CELL_H);
    else
        return false;
    cairo_fill(p->cr);
    return true;
}

static void draw_text(struct picture *p, const VTermScreenCell *c, double x, double y)
{
    char text[64];
    glong n = 0;
    gchar *utf8 = g_ucs4_to_utf8((const gunichar *)c->chars, -1, NULL, &n, NULL);
    if (!utf8 || n >= (glong)sizeof text) {
        g_free(utf8);
        return;
    }
    PangoAttrList *attrs = pango_attr_list_new();
    pango_attr_list_insert(attrs, pango_attr_language_new(pango_language_from_string("ja")));
    if (c->attrs.bold)
        pango_attr_list_insert(attrs, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
    pango_layout_set_attributes(p->layout, attrs);
    pango_layout_set_text(p->layout, utf8, (int)n);
    int w, h, baseline = PANGO_PIXELS(pango_layout_get_baseline(p->layout));
    pango_layout_get_pixel_size(p->layout, &w, &h);
    cairo_move_to(p->cr, x + (c->width * CELL_W - w) / 2., y + p->ascent - baseline);
    pango_cairo_show_layout(p->cr, p->layout);
    pango_attr_list_unref(attrs);
    g_free(utf8);
}

/* One cell: its ground, or what stands on it. All grounds come first, so that a glyph wider than its cell is not cut.
 */
static void draw_cell(struct picture *p, int row, int col, bool cursor, bool ground)
{
    VTermScreenCell c;
    vterm_screen_get_cell(p->screen, (VTermPos){ .row = row, .col = col }, &c);
    if (c.chars[0] == (uint32_t)-1)
        return;
    bool reverse = c.attrs.reverse != cursor;
    double x = col * CELL_W, y = row * CELL_H, w = (c.width ? c.width : 1) * CELL_W;
    if (ground) {
        set_bg(p, &c, reverse);
        cairo_rectangle(p->cr, x, y, w, CELL_H);
        cairo_fill(p->cr);
        return;
    }
    set_fg(p, &c, reverse);
    if (c.attrs.underline)
        line(p, x, y + CELL_H - 2, x + w, y + CELL_H - 2);
    if (c.chars[0] && c.chars[0] != ' ' && !drawn_by_hand(p, c.chars[0], x, y))
        draw_text(p, &c, x, y);
}

static bool save(struct tui *t, const char *path)
{
    int rows, cols, cy, cx;
    tui_size(t, &rows, &cols);
    bool on = tui_cursor(t, &cy, &cx);
    struct picture p = { .t = t, .screen = tui_vterm(t), .ascent = CELL_H - 5 };
    p.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, cols * CELL_W, rows * CELL_H);
    p.cr = cairo_create(p.surface);
    p.layout = pango_cairo_create_layout(p.cr);
    PangoFontDescription *font = pango_font_description_from_string(FONT);
    pango_font_description_set_absolute_size(font, FONT_SIZE * PANGO_SCALE);
    pango_layout_set_font_description(p.layout, font);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < rows * cols; i++)
            draw_cell(&p, i / cols, i % cols, on && i / cols == cy && i % cols == cx, pass == 0);
    bool ok = cairo_surface_write_to_png(p.surface, path) == CAIRO_STATUS_SUCCESS;
    pango_font_description_free(font);
    g_object_unref(p.layout);
    cairo_destroy(p.cr);
    cairo_surface_destroy(p.surface);
    return ok;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: screenshot [-s COLSxROWS] [-t TERM] [-k KEYS] [-e NAME=value] -o FILE -- PROGRAM [ARG...]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct tui_opt opt = { .rows = 24, .cols = 80, .cwd = "." };
    const char *keys = "", *out = NULL, *env[32] = { NULL };
    size_t n_env = 0;
    for (int o; (o = getopt(argc, argv, "s:t:k:e:o:")) != -1;) {
        if (o == 's' && sscanf(optarg, "%dx%d", &opt.cols, &opt.rows) == 2)
            continue;
        if (o == 't')
            opt.term = optarg;
        else if (o == 'k')
            keys = optarg;
        else if (o == 'o')
            out = optarg;
        else if (o == 'e' && n_env + 1 < ARRAY_LEN(env))
            env[n_env++] = optarg;
        else
            return usage();
    }
    if (!out || optind >= argc)
        return usage();
    opt.argv = (const char *const *)argv + optind;
    opt.env = env;
    struct tui *t = tui_start(&opt);
    tui_settle(t);
    tui_script(t, keys);
    tui_settle(t);
    bool ok = save(t, out);
    tui_hang_up(t);
    return ok ? 0 : 1;
}
