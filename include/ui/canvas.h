/*
 * The drawing surface (画面の下絵): a grid of cells that screens paint completely and a backend shows. Text goes in as
 * UTF-8 and is cut at whole characters; overwriting one half of a wide character blanks the other half, so no half
 * is ever left behind. Nothing here knows a terminal: unit tests read the cells, canvas_curses.c flushes them.
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include "base/buf.h"
#include "base/width.h"
#include <stdint.h>

/* What a piece of text is; how it looks is the backend's business. Each style differs from its neighbours without
 * colour too (bold, underline, reverse), because meaning never hangs on colour alone. */
enum style {
    STYLE_NORMAL,
    STYLE_STRONG,  /* 強調 */
    STYLE_HINT,    /* explanations, less important */
    STYLE_TITLE,   /* top line: name of the business */
    STYLE_TOP,     /* top line: the rest */
    STYLE_STATUS,  /* second line */
    STYLE_GOOD,    /* 通常, 正常 */
    STYLE_CAREFUL, /* 障害疑い, 期限が近い */
    STYLE_BAD,     /* 作動停止中, 期限超過 */
    STYLE_FRAME,
    STYLE_HEAD,    /* box titles, column headings */
    STYLE_LABEL,   /* item names */
    STYLE_FIELD,   /* input */
    STYLE_FOCUS,   /* input that has the cursor */
    STYLE_TYPING,  /* letters not yet turned into kana, code being typed */
    STYLE_SELECT,  /* chosen row of a list */
    STYLE_KEY,     /* function bar: the key */
    STYLE_ACTION,  /* function bar: what it does */
    STYLE_ERROR,   /* 誤り: must be mended */
    STYLE_WARN,    /* 警告: must be acknowledged */
    STYLE_CHANGED, /* differs from before */
    STYLE_BAR_A,   /* chart: usual, */
    STYLE_BAR_B,   /* getting old, */
    STYLE_BAR_C,   /* too old */
    STYLE_PAPER,   /* page preview */
    STYLE_COUNT
};

/* Characters whose width differs between terminals are drawn by name only. */
enum glyph {
    GLYPH_NONE,
    GLYPH_H, /* lines and corners */
    GLYPH_V,
    GLYPH_TL,
    GLYPH_TR,
    GLYPH_BL,
    GLYPH_BR,
    GLYPH_LEFT_TEE,
    GLYPH_RIGHT_TEE,
    GLYPH_TOP_TEE,
    GLYPH_BOTTOM_TEE,
    GLYPH_CROSS,
    GLYPH_BLOCK,  /* full cell */
    GLYPH_HALF,   /* left half of a cell */
    GLYPH_LEVEL1, /* eighths from below, 1 … 8 */
    GLYPH_LEVEL8 = GLYPH_LEVEL1 + 7,
    GLYPH_UP, /* more above, below, to the right */
    GLYPH_DOWN,
    GLYPH_RIGHT,
    GLYPH_COUNT
};

/* How glyphs reach the terminal; chosen by the width probe. */
enum glyph_set {
    GLYPHS_UNICODE, /* box and block characters take one column */
    GLYPHS_ACS,     /* they do not, but the terminal's own line set does */
    GLYPHS_ASCII,
};

#define CELL_CPS 5 /* base and four marks: what one curses cell holds */
struct cell {
    uint32_t cp[CELL_CPS]; /* cp[0] = 0: right half of the cell before */
    uint8_t width;         /* 1, 2; 0 = right half */
    uint8_t style;         /* enum style */
    uint8_t glyph;         /* enum glyph; when set, cp is its Unicode shape and the backend picks its own */
    uint8_t fill;          /* always 0, so that rows compare as bytes */
};

struct rect {
    int y, x, h, w;
};

struct canvas;
/* `profile` is borrowed for the life of the canvas. */
struct canvas *canvas_new(int rows, int cols, const struct width_profile *profile, enum glyph_set);
void canvas_free(struct canvas *); /* wipes; NULL allowed */
/* New size, all blank. */
void canvas_resize(struct canvas *, int rows, int cols);
int canvas_rows(const struct canvas *);
int canvas_cols(const struct canvas *);
struct rect canvas_all(const struct canvas *);
const struct width_profile *canvas_profile(const struct canvas *);
enum glyph_set canvas_glyphs(const struct canvas *);
const struct cell *canvas_row(const struct canvas *, int y); /* canvas_cols() cells */

/* All spaces, cursor hidden. */
void canvas_clear(struct canvas *);
void canvas_fill(struct canvas *, struct rect, enum style);

/* Writes text into at most `cols` columns and returns the columns used. Text that does not fit ends with ">". Control
 * characters are shown as "?". Parts outside the canvas are left out. */
int canvas_text(struct canvas *, int y, int x, int cols, enum style, const char *text);
int canvas_span(struct canvas *, int y, int x, int cols, enum style, struct span);
int canvas_printf(struct canvas *, int y, int x, int cols, enum style, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* As canvas_text, with the rest of `cols` filled with spaces of the style. */
void canvas_padded(struct canvas *, int y, int x, int cols, enum style, const char *text);
void canvas_right(struct canvas *, int y, int x, int cols, enum style, const char *text);
void canvas_center(struct canvas *, int y, int x, int cols, enum style, const char *text);
/* Wraps text into the rectangle at whole characters and line feeds, returns the rows used (more than r.h when it does
 * not fit: the rest is not drawn). NULL canvas: counts only, with the profile given. */
int canvas_wrap(struct canvas *, const struct width_profile *, struct rect r, enum style, const char *text);

void canvas_glyph(struct canvas *, int y, int x, enum style, enum glyph);
void canvas_hline(struct canvas *, int y, int x, int cols, enum style);
/* Frame with its title on the upper edge (NULL: none); the inside is blanked. Returns the inside. */
struct rect canvas_box(struct canvas *, struct rect, enum style frame, const char *title);
/* Changes the style of cells that are already there. */
void canvas_restyle(struct canvas *, struct rect, enum style);

/* The hardware cursor: always at the focus. */
void canvas_cursor(struct canvas *, int y, int x);
bool canvas_cursor_at(const struct canvas *, int *ret_y, int *ret_x); /* false when hidden */

/* Row as text, blanks at the end cut (tests, print-outs of the screen). */
void canvas_row_text(const struct canvas *, int y, struct buf *ret);
const char *glyph_ascii(enum glyph);

#endif
