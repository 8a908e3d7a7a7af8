#include "paper/preview.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 24  /* nested groups; deeper ones are stacked */
#define EDGE_SLOP 100 /* hundredths of a millimetre around a gap in which a line counts as dividing */
#define WIDE_GAP  700 /* a gap that is shown as an empty line */

struct box {
    int x0, y0, x1, y1;
    const struct mark *m;
};

/* Rows of text of equal width. */
struct block {
    struct buf *row;
    size_t n;
};

struct viewer {
    const struct page *page;
    const struct width_profile *profile;
};

static struct buf *row_add(struct block *b)
{
    b->row = xrealloc(b->row, b->n + 1, sizeof *b->row);
    buf_init(&b->row[b->n]);
    return &b->row[b->n++];
}

static void block_done(struct block *b)
{
    for (size_t i = 0; i < b->n; i++)
        buf_done(&b->row[i]);
    free(b->row);
}

static void fill(struct buf *row, char c, int n)
{
    for (int i = 0; i < n; i++)
        buf_addc(row, c);
}

/* ---- one text ---- */

static const char *mark_text(const struct mark *m)
{
    static const char *const picture[] = {
        [MK_FRAME] = "", [MK_RULE] = "", [MK_TEXT] = "", [MK_SEAL] = "[印]", [MK_QR] = "[QR]",
    };
    _Static_assert(ARRAY_LEN(picture) == MK_COUNT, "a mark has no text");
    return m->text ? m->text : picture[m->kind];
}

/* One row: the text inside the columns from `at` of width `width`, of a row that is `cols` wide. */
static void aligned(const struct viewer *v, struct block *b, struct span text, enum halign how, int at, int width,
                    int cols)
{
    struct buf *row = row_add(b);
    struct buf cell = BUF_INIT;
    int used = width_str(v->profile, text), rest = used < width ? width - used : 0;
    bool centred = how == HA_CENTER || how == HA_SPREAD;
    int indent = at + (how == HA_RIGHT ? rest : centred ? rest / 2 : 0);
    fill(row, ' ', indent);
    width_pad(v->profile, &cell, text, cols - indent);
    buf_add(row, cell.p, cell.len);
    buf_done(&cell);
}

struct area {
    int x0, x1; /* hundredths of a millimetre that the columns stand for */
    int cols;
};

static int column_of(struct area a, int x)
{
    int64_t c = (int64_t)(x - a.x0) * a.cols / (a.x1 - a.x0);
    return c < 0 ? 0 : c > a.cols ? a.cols : (int)c;
}

/* Columns of the widest line of a text. */
static int widest(const struct viewer *v, const struct mark *m)
{
    int max = 0;
    for (const char *s = mark_text(m);; s++) {
        size_t n = strcspn(s, "\n");
        int w = width_str(v->profile, (struct span){ s, n });
        max = w > max ? w : max;
        s += n;
        if (!*s)
            return max;
    }
}

/* A text at its place in the area; where it is wider than its place it may use the columns around it. */
static void leaf(const struct viewer *v, struct block *b, const struct box *box, struct area area)
{
    int at = column_of(area, box->x0), width = column_of(area, box->x1) - at, need = widest(v, box->m);
    if (need > width) {
        width = need < area.cols ? need : area.cols;
        at = at + width > area.cols ? area.cols - width : at;
    }
    for (const char *s = mark_text(box->m);; s++) {
        size_t n = strcspn(s, "\n");
        struct span line = { s, n };
        do {
            int used;
            size_t take = width_fit(v->profile, line, width, &used);
            take = take ? take : line.n; /* a column too narrow for any character */
            aligned(v, b, (struct span){ line.p, take }, box->m->halign, at, width, area.cols);
            line.p += take;
            line.n -= take;
        } while (line.n);
        s += n;
        if (!*s)
            return;
    }
}

/* ---- groups ---- */

static int by_y(const void *a, const void *b)
{
    const struct box *x = a, *y = b;
    return x->y0 != y->y0 ? (x->y0 > y->y0) - (x->y0 < y->y0) : (x->x0 > y->x0) - (x->x0 < y->x0);
}

static int by_x(const void *a, const void *b)
{
    const struct box *x = a, *y = b;
    return x->x0 != y->x0 ? (x->x0 > y->x0) - (x->x0 < y->x0) : (x->y0 > y->y0) - (x->y0 < y->y0);
}

/* Boxes of the first group along one axis: those up to the first gap. Sorted input; *ret_end is where the group ends.
 */
static size_t group(const struct box *b, size_t n, bool down, int *ret_end)
{
    int end = down ? b[0].y1 : b[0].x1;
    size_t i = 1;
    for (; i < n && (down ? b[i].y0 : b[i].x0) < end; i++) {
        int e = down ? b[i].y1 : b[i].x1;
        end = e > end ? e : end;
    }
    *ret_end = end;
    return i;
}

static bool is_edge(const struct mark *m, bool level, int from, int to, int a, int b)
{
    bool frame = m->kind == MK_FRAME;
    if (!frame && m->kind != MK_RULE)
        return false;
    int x1 = frame ? m->x + m->w : m->w, y1 = frame ? m->y + m->h : m->h;
    int near = level ? m->y : m->x, far = level ? y1 : x1;
    int lo = level ? m->x : m->y, hi = level ? x1 : y1;
    if (!frame && near != far) /* a rule across, not along */
        return false;
    bool covers = lo < b && hi > a;
    return covers &&
           ((near >= from - EDGE_SLOP && near <= to + EDGE_SLOP) || (far >= from - EDGE_SLOP && far <= to + EDGE_SLOP));
}

/* Whether a line divides: level lines between heights from and to over a..b, or upright ones. */
static bool divided(const struct viewer *v, bool level, int from, int to, int a, int b)
{
    for (size_t i = 0; i < v->page->n; i++)
        if (is_edge(&v->page->m[i], level, from, to, a, b))
            return true;
    return false;
}

static void render(const struct viewer *, struct block *, struct box *, size_t n, struct area, int depth);

static void stack(const struct viewer *v, struct block *out, struct box *b, size_t n, struct area area, int depth)
{
    int before = 0;
    for (size_t i = 0; i < n;) {
        int end;
        size_t k = group(b + i, n - i, true, &end);
        if (i && divided(v, true, before, b[i].y0, area.x0, area.x1))
            fill(row_add(out), '-', area.cols);
        else if (i && b[i].y0 - before > WIDE_GAP)
            fill(row_add(out), ' ', area.cols);
        render(v, out, b + i, k, area, depth + 1);
        before = end;
        i += k;
    }
}

/* Joins a block to the right of what stands already, from row `from` on. */
static void join(struct block *out, size_t from, int at, struct block *right, bool line, int cols)
{
    while (out->n - from < right->n)
        fill(row_add(out), ' ', at);
    for (size_t i = from; i < out->n; i++) {
        if (at)
            buf_addc(&out->row[i], line ? '|' : ' ');
        if (i - from < right->n)
            buf_add(&out->row[i], right->row[i - from].p, right->row[i - from].len);
        else
            fill(&out->row[i], ' ', cols);
    }
}

/* One column of texts beside others. */
struct column {
    size_t first, n; /* boxes */
    int x0, x1;      /* of its boxes */
    int cols;        /* given, divider not counted */
    int need;
};

static size_t columns_of(const struct viewer *v, const struct box *b, size_t n, struct column *ret)
{
    size_t k = 0;
    for (size_t i = 0; i < n; k++) {
        struct column *c = &ret[k];
        *c = (struct column){ .first = i, .x0 = b[i].x0 };
        c->n = group(b + i, n - i, false, &c->x1);
        c->need = c->n == 1 ? widest(v, b[i].m) : 0;
        i += c->n;
    }
    return k;
}

/* Moves columns that others do not need to column `to`, if that saves it from wrapping; otherwise all stay as on paper.
 */
static void widen(struct column *c, size_t n, size_t to)
{
    int lack = c[to].need - c[to].cols, spare = 0;
    for (size_t k = 0; k < n; k++)
        spare += c[k].cols > c[k].need ? c[k].cols - c[k].need : 0;
    for (size_t k = 0; k < n && spare >= lack && lack > 0; k++) {
        int move = c[k].cols - c[k].need;
        move = move > lack ? lack : move;
        if (move <= 0)
            continue;
        c[k].cols -= move;
        c[to].cols += move;
        lack -= move;
        spare -= move;
    }
}

/* Shares the columns in proportion to the paper, then moves some from where there are more than needed to where there
 * are fewer. A group of several texts keeps what it has. */
static bool share_columns(struct column *c, size_t n, struct area area)
{
    int at = 0;
    for (size_t i = 0; i < n; i++) {
        int to = i + 1 < n ? column_of(area, (c[i].x1 + c[i + 1].x0) / 2) : area.cols;
        c[i].cols = to - at - (i > 0);
        c[i].need = c[i].n > 1 ? c[i].cols : c[i].need < 2 ? 2 : c[i].need;
        at = to;
    }
    for (size_t i = 0; i < n; i++)
        widen(c, n, i);
    for (size_t i = 0; i < n; i++)
        if (c[i].cols < 2)
            return false;
    return true;
}

static void beside(const struct viewer *v, struct block *out, struct box *b, struct column *c, size_t n,
                   struct area area, int depth)
{
    size_t from = out->n;
    int at = 0, x0 = area.x0;
    for (size_t i = 0; i < n; i++) {
        int x1 = i + 1 < n ? (c[i].x1 + c[i + 1].x0) / 2 : area.x1;
        struct block right = { 0 };
        struct box *first = b + c[i].first;
        bool line = i && divided(v, false, c[i - 1].x1, c[i].x0, first->y0, first->y1);
        render(v, &right, first, c[i].n, (struct area){ x0, x1, c[i].cols }, depth + 1);
        join(out, from, at, &right, line, c[i].cols);
        block_done(&right);
        at += c[i].cols + (i > 0);
        x0 = x1;
    }
}

static bool try_beside(const struct viewer *v, struct block *out, struct box *b, size_t n, struct area area, int depth)
{
    struct column *c = xcalloc(n, sizeof *c);
    size_t k = columns_of(v, b, n, c);
    bool holds = k > 1 && share_columns(c, k, area);
    if (holds)
        beside(v, out, b, c, k, area, depth);
    free(c);
    return holds;
}

static void render(const struct viewer *v, struct block *out, struct box *b, size_t n, struct area area, int depth)
{
    if (n == 1) {
        leaf(v, out, b, area);
        return;
    }
    int end;
    qsort(b, n, sizeof *b, by_y);
    if (depth < DEPTH_MAX && group(b, n, true, &end) < n) {
        stack(v, out, b, n, area, depth);
        return;
    }
    qsort(b, n, sizeof *b, by_x);
    if (depth < DEPTH_MAX && try_beside(v, out, b, n, area, depth))
        return;
    qsort(b, n, sizeof *b, by_y);
    for (size_t i = 0; i < n; i++)
        leaf(v, out, &b[i], area);
}

/* ---- page ---- */

static size_t boxes_of(const struct page *page, struct box *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < page->n; i++) {
        const struct mark *m = &page->m[i];
        if (*mark_text(m))
            ret[n++] = (struct box){ m->x, m->y, m->x + m->w, m->y + m->h, m };
    }
    return n;
}

void preview_page(const struct doc *doc, size_t page, const struct width_profile *profile, int cols, struct buf *ret)
{
    MUST(page < doc->n && cols >= 20);
    const struct viewer v = { &doc->p[page], profile };
    struct box *box = xcalloc(v.page->n + 1, sizeof *box);
    struct block out = { 0 };
    size_t n = boxes_of(v.page, box);
    if (*doc->across)
        aligned(&v, &out, span_of(doc->across), HA_CENTER, 0, cols, cols);
    if (n)
        render(&v, &out, box, n, (struct area){ 0, doc->w, cols }, 0);
    for (size_t i = 0; i < out.n; i++) {
        size_t len = out.row[i].len;
        while (len && out.row[i].p[len - 1] == ' ')
            len--;
        buf_add(ret, buf_str(&out.row[i]), len);
        buf_addc(ret, '\n');
    }
    block_done(&out);
    free(box);
}
