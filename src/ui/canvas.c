#include "ui/canvas.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct canvas {
    int rows, cols;
    const struct width_profile *profile;
    enum glyph_set glyphs;
    struct cell *cell; /* rows * cols */
    int cursor_y, cursor_x;
    bool cursor_on;
};

struct glyph_shape {
    uint32_t unicode;
    const char *ascii;
};

static const struct glyph_shape shapes[GLYPH_COUNT] = {
    [GLYPH_NONE] = { ' ', " " },          [GLYPH_H] = { 0x2500, "-" },          [GLYPH_V] = { 0x2502, "|" },
    [GLYPH_TL] = { 0x250C, "+" },         [GLYPH_TR] = { 0x2510, "+" },         [GLYPH_BL] = { 0x2514, "+" },
    [GLYPH_BR] = { 0x2518, "+" },         [GLYPH_LEFT_TEE] = { 0x251C, "+" },   [GLYPH_RIGHT_TEE] = { 0x2524, "+" },
    [GLYPH_TOP_TEE] = { 0x252C, "+" },    [GLYPH_BOTTOM_TEE] = { 0x2534, "+" }, [GLYPH_CROSS] = { 0x253C, "+" },
    [GLYPH_BLOCK] = { 0x2588, "#" },      [GLYPH_HALF] = { 0x258C, "=" },       [GLYPH_LEVEL1] = { 0x2581, "_" },
    [GLYPH_LEVEL1 + 1] = { 0x2582, "." }, [GLYPH_LEVEL1 + 2] = { 0x2583, "," }, [GLYPH_LEVEL1 + 3] = { 0x2584, "-" },
    [GLYPH_LEVEL1 + 4] = { 0x2585, "=" }, [GLYPH_LEVEL1 + 5] = { 0x2586, "+" }, [GLYPH_LEVEL1 + 6] = { 0x2587, "*" },
    [GLYPH_LEVEL8] = { 0x2588, "#" },     [GLYPH_UP] = { 0x2191, "^" },         [GLYPH_DOWN] = { 0x2193, "v" },
    [GLYPH_RIGHT] = { 0x2192, ">" },
};
_Static_assert(sizeof shapes / sizeof *shapes == GLYPH_COUNT, "a glyph has no shape");

static const struct cell blank = { .cp = { ' ' }, .width = 1 };

const char *glyph_ascii(enum glyph g)
{
    return shapes[g].ascii;
}

struct canvas *canvas_new(int rows, int cols, const struct width_profile *profile, enum glyph_set glyphs)
{
    struct canvas *cv = xcalloc(1, sizeof *cv);
    cv->profile = profile;
    cv->glyphs = glyphs;
    canvas_resize(cv, rows, cols);
    return cv;
}

static size_t cells(const struct canvas *cv)
{
    return (size_t)cv->rows * (size_t)cv->cols;
}

static void drop_cells(struct canvas *cv)
{
    if (cv->cell)
        wipe(cv->cell, cells(cv) * sizeof *cv->cell);
    free(cv->cell);
}

void canvas_free(struct canvas *cv)
{
    if (!cv)
        return;
    drop_cells(cv);
    free(cv);
}

void canvas_resize(struct canvas *cv, int rows, int cols)
{
    drop_cells(cv);
    cv->rows = rows > 0 ? rows : 1;
    cv->cols = cols > 0 ? cols : 1;
    cv->cell = xcalloc(cells(cv), sizeof *cv->cell);
    canvas_clear(cv);
}

int canvas_rows(const struct canvas *cv)
{
    return cv->rows;
}

int canvas_cols(const struct canvas *cv)
{
    return cv->cols;
}

struct rect canvas_all(const struct canvas *cv)
{
    return (struct rect){ .h = cv->rows, .w = cv->cols };
}

const struct width_profile *canvas_profile(const struct canvas *cv)
{
    return cv->profile;
}

enum glyph_set canvas_glyphs(const struct canvas *cv)
{
    return cv->glyphs;
}

static struct cell *at(const struct canvas *cv, int y, int x)
{
    return &cv->cell[(size_t)y * (size_t)cv->cols + (size_t)x];
}

const struct cell *canvas_row(const struct canvas *cv, int y)
{
    MUST(y >= 0 && y < cv->rows);
    return at(cv, y, 0);
}

void canvas_clear(struct canvas *cv)
{
    for (size_t i = 0; i < cells(cv); i++)
        cv->cell[i] = blank;
    cv->cursor_on = false;
}

/* A cell is about to be overwritten: its other half, if it has one, becomes a space. */
static void split(struct canvas *cv, int y, int x)
{
    struct cell *c = at(cv, y, x);
    if (c->width == 0 && x > 0) {
        uint8_t style = at(cv, y, x - 1)->style;
        *at(cv, y, x - 1) = blank;
        at(cv, y, x - 1)->style = style;
    } else if (c->width == 2 && x + 1 < cv->cols) {
        uint8_t style = c->style;
        *at(cv, y, x + 1) = blank;
        at(cv, y, x + 1)->style = style;
    }
}

/* The only way into the grid. The place must lie inside; c->width is 1 or 2. */
static void put(struct canvas *cv, int y, int x, struct cell c)
{
    split(cv, y, x);
    if (c.width == 2) {
        split(cv, y, x + 1);
        *at(cv, y, x + 1) = (struct cell){ .style = c.style };
    }
    *at(cv, y, x) = c;
}

/* One cluster as a cell. What has no columns of its own (control characters, lone marks) becomes "?". */
static struct cell cell_of(const struct canvas *cv, struct span cluster, enum style style)
{
    struct cell c = { .style = (uint8_t)style };
    const char *p = cluster.p, *end = p + cluster.n;
    uint32_t base = utf8_next(&p, end);
    int width = base == UTF8_BAD ? 0 : width_cp(cv->profile, base);
    if (width == 0) {
        c.cp[0] = '?';
        c.width = 1;
        return c;
    }
    c.cp[0] = base;
    c.width = (uint8_t)width;
    for (size_t n = 1; p < end && n < CELL_CPS;) {
        uint32_t mark = utf8_next(&p, end);
        if (utf8_is_mark(mark))
            c.cp[n++] = mark;
    }
    return c;
}

/* Draws at most `cols` columns, returns columns used; *ret_rest gets what did not fit. */
static int draw(struct canvas *cv, int y, int x, int cols, enum style style, struct span s, struct span *ret_rest)
{
    int used = 0;
    while (s.n) {
        size_t n = utf8_cluster(s);
        struct cell c = cell_of(cv, (struct span){ s.p, n }, style);
        if (used + c.width > cols)
            break;
        int at_x = x + used;
        if (y >= 0 && y < cv->rows && at_x >= 0 && at_x + c.width <= cv->cols)
            put(cv, y, at_x, c);
        used += c.width;
        s.p += n;
        s.n -= n;
    }
    *ret_rest = s;
    return used;
}

static int columns(const struct canvas *cv, struct span s)
{
    int used = 0;
    while (s.n) {
        size_t n = utf8_cluster(s);
        used += cell_of(cv, (struct span){ s.p, n }, STYLE_NORMAL).width;
        s.p += n;
        s.n -= n;
    }
    return used;
}

int canvas_span(struct canvas *cv, int y, int x, int cols, enum style style, struct span s)
{
    struct span rest;
    if (cols <= 0)
        return 0;
    if (columns(cv, s) <= cols)
        return draw(cv, y, x, cols, style, s, &rest);
    int used = draw(cv, y, x, cols - 1, style, s, &rest);
    return used + draw(cv, y, x + used, 1, style, span_of(">"), &rest);
}

int canvas_text(struct canvas *cv, int y, int x, int cols, enum style style, const char *text)
{
    return canvas_span(cv, y, x, cols, style, span_of(text));
}

int canvas_printf(struct canvas *cv, int y, int x, int cols, enum style style, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    int used = canvas_span(cv, y, x, cols, style, buf_span(&b));
    buf_done(&b);
    return used;
}

void canvas_fill(struct canvas *cv, struct rect r, enum style style)
{
    struct cell c = blank;
    c.style = (uint8_t)style;
    for (int y = r.y < 0 ? 0 : r.y; y < r.y + r.h && y < cv->rows; y++)
        for (int x = r.x < 0 ? 0 : r.x; x < r.x + r.w && x < cv->cols; x++)
            put(cv, y, x, c);
}

void canvas_padded(struct canvas *cv, int y, int x, int cols, enum style style, const char *text)
{
    int used = canvas_text(cv, y, x, cols, style, text);
    canvas_fill(cv, (struct rect){ y, x + used, 1, cols - used }, style);
}

void canvas_right(struct canvas *cv, int y, int x, int cols, enum style style, const char *text)
{
    int w = columns(cv, span_of(text));
    int lead = w < cols ? cols - w : 0;
    canvas_fill(cv, (struct rect){ y, x, 1, lead }, style);
    canvas_text(cv, y, x + lead, cols - lead, style, text);
}

void canvas_center(struct canvas *cv, int y, int x, int cols, enum style style, const char *text)
{
    int w = columns(cv, span_of(text));
    int lead = w < cols ? (cols - w) / 2 : 0;
    canvas_text(cv, y, x + lead, cols - lead, style, text);
}

int canvas_wrap(struct canvas *cv, const struct width_profile *profile, struct rect r, enum style style,
                const char *text)
{
    struct span s = span_of(text);
    int rows = 0;
    while (s.n && r.w > 0) {
        const char *nl = memchr(s.p, '\n', s.n);
        struct span line = { s.p, nl ? (size_t)(nl - s.p) : s.n };
        int used;
        size_t n = width_fit(profile, line, r.w, &used);
        if (n == 0 && line.n)
            n = utf8_cluster(line);
        if (cv && rows < r.h)
            canvas_span(cv, r.y + rows, r.x, r.w, style, (struct span){ s.p, n });
        rows++;
        bool ended = nl && n == line.n;
        s.p += n + ended;
        s.n -= n + ended;
    }
    return rows;
}

void canvas_glyph(struct canvas *cv, int y, int x, enum style style, enum glyph g)
{
    if (y < 0 || y >= cv->rows || x < 0 || x >= cv->cols)
        return;
    put(cv, y, x,
        (struct cell){ .cp = { shapes[g].unicode }, .width = 1, .style = (uint8_t)style, .glyph = (uint8_t)g });
}

void canvas_hline(struct canvas *cv, int y, int x, int cols, enum style style)
{
    for (int i = 0; i < cols; i++)
        canvas_glyph(cv, y, x + i, style, GLYPH_H);
}

struct rect canvas_box(struct canvas *cv, struct rect r, enum style frame, const char *title)
{
    struct rect in = { r.y + 1, r.x + 1, r.h - 2, r.w - 2 };
    if (r.h < 2 || r.w < 2)
        return (struct rect){ r.y, r.x, 0, 0 };
    int right = r.x + r.w - 1, bottom = r.y + r.h - 1;
    canvas_fill(cv, in, STYLE_NORMAL);
    canvas_hline(cv, r.y, r.x + 1, in.w, frame);
    canvas_hline(cv, bottom, r.x + 1, in.w, frame);
    for (int y = in.y; y < bottom; y++) {
        canvas_glyph(cv, y, r.x, frame, GLYPH_V);
        canvas_glyph(cv, y, right, frame, GLYPH_V);
    }
    canvas_glyph(cv, r.y, r.x, frame, GLYPH_TL);
    canvas_glyph(cv, r.y, right, frame, GLYPH_TR);
    canvas_glyph(cv, bottom, r.x, frame, GLYPH_BL);
    canvas_glyph(cv, bottom, right, frame, GLYPH_BR);
    if (title && *title && in.w > 4) {
        canvas_text(cv, r.y, r.x + 1, 1, frame, " ");
        int used = canvas_text(cv, r.y, r.x + 2, in.w - 2, STYLE_HEAD, title);
        canvas_text(cv, r.y, r.x + 2 + used, 1, frame, " ");
    }
    return in;
}

void canvas_restyle(struct canvas *cv, struct rect r, enum style style)
{
    for (int y = r.y < 0 ? 0 : r.y; y < r.y + r.h && y < cv->rows; y++)
        for (int x = r.x < 0 ? 0 : r.x; x < r.x + r.w && x < cv->cols; x++)
            at(cv, y, x)->style = (uint8_t)style;
}

void canvas_cursor(struct canvas *cv, int y, int x)
{
    cv->cursor_on = y >= 0 && y < cv->rows && x >= 0 && x < cv->cols;
    cv->cursor_y = y;
    cv->cursor_x = x;
}

bool canvas_cursor_at(const struct canvas *cv, int *ret_y, int *ret_x)
{
    if (!cv->cursor_on)
        return false;
    *ret_y = cv->cursor_y;
    *ret_x = cv->cursor_x;
    return true;
}

void canvas_row_text(const struct canvas *cv, int y, struct buf *ret)
{
    size_t keep = ret->len;
    for (int x = 0; x < cv->cols; x++) {
        const struct cell *c = at(cv, y, x);
        for (size_t i = 0; i < CELL_CPS && c->cp[i]; i++)
            buf_addcp(ret, c->cp[i]);
        if (c->width && c->cp[0] != ' ')
            keep = ret->len;
    }
    if (ret->p) {
        ret->len = keep;
        ret->p[keep] = '\0';
    }
}
