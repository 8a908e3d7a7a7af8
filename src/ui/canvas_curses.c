/*
 * Shows a canvas through curses: rows that changed go out whole with mvadd_wchnstr, the one call of curses that never
 * leaves half a wide character behind (measured; see architecture §6).
 */
#include "base/mem.h"
#include "tui.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct look {
    short fg, bg;   /* 256 colours; -1 = the terminal's own */
    short fg8, bg8; /* eight colours */
    attr_t attr;    /* with colour */
    attr_t mono;    /* without */
};

static const struct look looks[STYLE_COUNT] = {
    [STYLE_NORMAL] = { -1, -1, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_STRONG] = { -1, -1, -1, -1, A_BOLD, A_BOLD },
    [STYLE_HINT] = { 246, -1, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_TITLE] = { 231, 24, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE | A_BOLD },
    [STYLE_TOP] = { 253, 24, COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_REVERSE },
    [STYLE_STATUS] = { 250, 236, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_GOOD] = { 231, 28, COLOR_WHITE, COLOR_GREEN, A_NORMAL, A_REVERSE },
    [STYLE_CAREFUL] = { 16, 214, COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_REVERSE | A_UNDERLINE },
    [STYLE_BAD] = { 231, 160, COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
    [STYLE_FRAME] = { 244, -1, COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
    [STYLE_HEAD] = { 117, -1, COLOR_CYAN, -1, A_BOLD, A_BOLD },
    [STYLE_LABEL] = { 250, -1, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_FIELD] = { 255, 237, -1, -1, A_UNDERLINE, A_UNDERLINE },
    [STYLE_FOCUS] = { 231, 25, COLOR_WHITE, COLOR_BLUE, A_UNDERLINE, A_REVERSE },
    [STYLE_TYPING] = { 229, 25, COLOR_YELLOW, COLOR_BLUE, A_UNDERLINE, A_REVERSE | A_UNDERLINE },
    [STYLE_SELECT] = { 231, 25, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE },
    [STYLE_KEY] = { 250, -1, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_ACTION] = { 16, 152, COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE },
    [STYLE_ERROR] = { 203, -1, COLOR_RED, -1, A_BOLD, A_BOLD | A_REVERSE },
    [STYLE_WARN] = { 221, -1, COLOR_YELLOW, -1, A_BOLD, A_BOLD | A_UNDERLINE },
    [STYLE_CHANGED] = { 157, -1, COLOR_GREEN, -1, A_BOLD, A_BOLD },
    [STYLE_BAR_A] = { 71, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
    [STYLE_BAR_B] = { 214, -1, COLOR_YELLOW, -1, A_NORMAL, A_BOLD },
    [STYLE_BAR_C] = { 203, -1, COLOR_RED, -1, A_BOLD, A_BOLD },
    [STYLE_PAPER] = { 16, 254, COLOR_BLACK, COLOR_WHITE, A_NORMAL, A_NORMAL },
};
_Static_assert(sizeof looks / sizeof *looks == STYLE_COUNT, "a style has no look");

struct painter {
    attr_t attr[STYLE_COUNT];
    short pair[STYLE_COUNT];
    struct cell *shown; /* what curses has been given */
    int rows, cols;
    cchar_t *line;
};

/* curses asks wcwidth() how far a character moves the cursor. The C library's table is older than the characters of
 * our names and knows one answer for ambiguous ones; this definition, found first by the dynamic linker, gives
 * curses the same table that the canvas was laid out with. */
static const struct width_profile *profile = &WIDTH_NARROW;

void painter_profile(const struct width_profile *p)
{
    profile = p;
}

int wcwidth(wchar_t c)
{
    if (c != 0 && (c < 0x20 || (c >= 0x7F && c < 0xA0)))
        return -1;
    return c == 0 ? 0 : width_cp(profile, (uint32_t)c);
}

struct painter *painter_new(void)
{
    struct painter *p = xcalloc(1, sizeof *p);
    bool colour = has_colors() && start_color() == OK && use_default_colors() == OK && COLORS >= 8;
    for (int i = 0; i < STYLE_COUNT; i++) {
        const struct look *k = &looks[i];
        bool many = COLORS >= 256;
        p->attr[i] = colour ? k->attr : k->mono;
        if (!colour || i == STYLE_NORMAL)
            continue;
        p->pair[i] = (short)i;
        init_pair((short)i, many ? k->fg : k->fg8, many ? k->bg : k->bg8);
    }
    return p;
}

void painter_free(struct painter *p)
{
    if (!p)
        return;
    if (p->shown)
        wipe(p->shown, (size_t)p->rows * (size_t)p->cols * sizeof *p->shown);
    free(p->shown);
    free(p->line);
    free(p);
}

void painter_forget(struct painter *p)
{
    if (p->shown)
        memset(p->shown, 0xFF, (size_t)p->rows * (size_t)p->cols * sizeof *p->shown);
}

static void fit(struct painter *p, int rows, int cols)
{
    if (rows == p->rows && cols == p->cols)
        return;
    p->rows = rows;
    p->cols = cols;
    p->shown = xrealloc(p->shown, (size_t)rows * (size_t)cols, sizeof *p->shown);
    p->line = xrealloc(p->line, (size_t)cols, sizeof *p->line);
    painter_forget(p);
}

/* The terminal's own line set, for desks where box characters are two columns wide. */
static chtype line_char(enum glyph g)
{
    const chtype acs[GLYPH_COUNT] = {
        [GLYPH_H] = ACS_HLINE,         [GLYPH_V] = ACS_VLINE,        [GLYPH_TL] = ACS_ULCORNER,
        [GLYPH_TR] = ACS_URCORNER,     [GLYPH_BL] = ACS_LLCORNER,    [GLYPH_BR] = ACS_LRCORNER,
        [GLYPH_LEFT_TEE] = ACS_LTEE,   [GLYPH_RIGHT_TEE] = ACS_RTEE, [GLYPH_TOP_TEE] = ACS_TTEE,
        [GLYPH_BOTTOM_TEE] = ACS_BTEE, [GLYPH_CROSS] = ACS_PLUS,
    };
    return acs[g];
}

static void to_curses(const struct painter *p, const struct canvas *cv, const struct cell *c, cchar_t *ret)
{
    wchar_t text[CELL_CPS + 1] = { 0 };
    attr_t attr = p->attr[c->style];
    for (size_t i = 0; i < CELL_CPS; i++)
        text[i] = (wchar_t)c->cp[i];
    if (c->glyph && canvas_glyphs(cv) != GLYPHS_UNICODE) {
        chtype acs = canvas_glyphs(cv) == GLYPHS_ACS ? line_char((enum glyph)c->glyph) : 0;
        text[0] = acs ? (wchar_t)(acs & A_CHARTEXT) : (wchar_t)glyph_ascii((enum glyph)c->glyph)[0];
        attr |= acs & A_ALTCHARSET;
    }
    setcchar(ret, text, attr, p->pair[c->style], NULL);
}

void painter_paint(struct painter *p, const struct canvas *cv)
{
    int rows = canvas_rows(cv) < LINES ? canvas_rows(cv) : LINES, cols = canvas_cols(cv);
    fit(p, canvas_rows(cv), cols);
    size_t row_bytes = (size_t)cols * sizeof *p->shown;
    for (int y = 0; y < rows; y++) {
        const struct cell *row = canvas_row(cv, y);
        struct cell *shown = p->shown + (size_t)y * (size_t)cols;
        if (memcmp(row, shown, row_bytes) == 0)
            continue;
        memcpy(shown, row, row_bytes);
        int n = 0;
        for (int x = 0; x < cols; x++)
            if (row[x].width)
                to_curses(p, cv, &row[x], &p->line[n++]);
        mvadd_wchnstr(y, 0, p->line, n);
    }
    int y, x;
    bool on = canvas_cursor_at(cv, &y, &x);
    curs_set(on);
    move(on ? y : LINES - 1, on ? x : 0);
}
