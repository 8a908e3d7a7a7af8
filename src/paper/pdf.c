#include "paper/pdf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "typeface.h"
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#define POINT(h)     ((double)(h)*72 / 2540)
#define ASCENT       880 /* baseline below the top of the em square, thousandths */
#define ACROSS_SIZE  900 /* tenths of a point */
#define ACROSS_GREY  0.86
#define ACROSS_ANGLE (-0.45)

static const struct {
    double width; /* points */
    double dash;
} strokes[] = {
    [ST_THIN] = { 0.5, 0 },
    [ST_THICK] = { 1.2, 0 },
    [ST_DOTTED] = { 0.4, 1.5 },
    [ST_DOUBLE] = { 0.5, 0 },
};
_Static_assert(ARRAY_LEN(strokes) == ST_COUNT, "a stroke has no row");

struct painter {
    cairo_t *cr;
    const struct doc *doc;
    const struct pdf_input *in;
    cairo_surface_t *seal; /* A8, darkness of the picture; NULL without seal */
};

/* ---- strokes ---- */

static void set_stroke(cairo_t *cr, enum stroke s)
{
    cairo_set_line_width(cr, strokes[s].width);
    cairo_set_dash(cr, &strokes[s].dash, strokes[s].dash > 0 ? 1 : 0, 0);
}

static void paint_frame(struct painter *p, const struct mark *m)
{
    set_stroke(p->cr, m->stroke);
    cairo_rectangle(p->cr, POINT(m->x), POINT(m->y), POINT(m->w), POINT(m->h));
    if (m->stroke == ST_DOUBLE)
        cairo_rectangle(p->cr, POINT(m->x) - 1.6, POINT(m->y) - 1.6, POINT(m->w) + 3.2, POINT(m->h) + 3.2);
    cairo_stroke(p->cr);
}

static void paint_rule(struct painter *p, const struct mark *m)
{
    set_stroke(p->cr, m->stroke);
    cairo_move_to(p->cr, POINT(m->x), POINT(m->y));
    cairo_line_to(p->cr, POINT(m->w), POINT(m->h));
    cairo_stroke(p->cr);
}

/* ---- text ---- */

static void show(struct painter *p, struct span text, int size, double x, double baseline)
{
    PangoLayout *l = fontset_layout(p->in->fonts, text, size);
    PangoLayoutLine *line = pango_layout_get_line_readonly(l, 0);
    cairo_move_to(p->cr, x, baseline);
    pango_cairo_show_layout_line(p->cr, line);
    pango_layout_set_text(l, "", 0);
}

/* 均等割付: the characters of the line share the width. */
static void show_spread(struct painter *p, struct span text, int size, const struct mark *m, double baseline)
{
    size_t n = utf8_count(text);
    int used = fontset_width(p->in->fonts, text, size);
    double gap = n > 1 && used < m->w ? (double)(m->w - used) / (double)(n - 1) : 0;
    double x = m->x + (n > 1 || used >= m->w ? 0 : (m->w - used) / 2.0);
    for (size_t at = 0; at < text.n;) {
        struct span c = { text.p + at, text.n - at };
        c.n = utf8_cluster(c);
        show(p, c, size, x * 72 / 2540, baseline);
        x += fontset_width(p->in->fonts, c, size) + gap;
        at += c.n;
    }
}

static void show_line(struct painter *p, struct span text, const struct mark *m, double baseline)
{
    if (m->halign == HA_SPREAD) {
        show_spread(p, text, m->size, m, baseline);
        return;
    }
    int rest = m->w - fontset_width(p->in->fonts, text, m->size);
    int shift = m->halign == HA_CENTER ? rest / 2 : m->halign == HA_RIGHT ? rest : 0;
    show(p, text, m->size, POINT(m->x + shift), baseline);
}

static void paint_text(struct painter *p, const struct mark *m)
{
    int lines = 1;
    for (const char *s = m->text; *s; s++)
        lines += *s == '\n';
    int block = fontset_em(m->size) + (lines - 1) * fontset_leading(m->size);
    int top = m->y + (m->valign == VA_MIDDLE ? (m->h - block) / 2 : m->valign == VA_BOTTOM ? m->h - block : 0);
    double baseline = POINT(top + fontset_em(m->size) * ASCENT / 1000);
    for (const char *s = m->text;; s++) {
        size_t n = strcspn(s, "\n");
        if (n)
            show_line(p, (struct span){ s, n }, m, baseline);
        s += n;
        if (!*s)
            break;
        baseline += POINT(fontset_leading(m->size));
    }
}

static void paint_across(struct painter *p)
{
    struct span text = span_of(p->doc->across);
    if (!text.n)
        return;
    double w = POINT(fontset_width(p->in->fonts, text, ACROSS_SIZE));
    cairo_save(p->cr);
    cairo_translate(p->cr, POINT(p->doc->w) / 2, POINT(p->doc->h) / 2);
    cairo_rotate(p->cr, ACROSS_ANGLE);
    cairo_set_source_rgb(p->cr, ACROSS_GREY, ACROSS_GREY, ACROSS_GREY);
    show(p, text, ACROSS_SIZE, -w / 2, ACROSS_SIZE / 10.0 * 0.38);
    cairo_restore(p->cr);
}

/* ---- seal and QR ---- */

static void paint_seal(struct painter *p, const struct mark *m)
{
    if (!p->seal)
        return;
    double w = cairo_image_surface_get_width(p->seal), h = cairo_image_surface_get_height(p->seal);
    double side = w > h ? w : h;
    cairo_save(p->cr);
    cairo_translate(p->cr, POINT(m->x), POINT(m->y));
    cairo_scale(p->cr, POINT(m->w) / side, POINT(m->h) / side);
    cairo_mask_surface(p->cr, p->seal, (side - w) / 2, (side - h) / 2);
    cairo_restore(p->cr);
}

/* One bit a module: a stencil stays sharp at any size and is a few hundred bytes of the document. */
static cairo_surface_t *qr_stencil(const QRcode *qr)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_A1, qr->width, qr->width);
    cairo_t *cr = cairo_create(s);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    for (int y = 0; y < qr->width; y++)
        for (int x = 0; x < qr->width; x++)
            if (qr->data[y * qr->width + x] & 1)
                cairo_rectangle(cr, x, y, 1, 1);
    cairo_fill(cr);
    cairo_destroy(cr);
    return s;
}

static void paint_qr(struct painter *p, const struct mark *m)
{
    QRcode *qr = QRcode_encodeString8bit(p->doc->qr, 0, QR_ECLEVEL_M);
    if (!qr)
        BUG("a QR text of %zu bytes", strlen(p->doc->qr));
    cairo_surface_t *stencil = qr_stencil(qr);
    cairo_pattern_t *pattern = cairo_pattern_create_for_surface(stencil);
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
    cairo_save(p->cr);
    cairo_translate(p->cr, POINT(m->x), POINT(m->y));
    cairo_scale(p->cr, POINT(m->w) / qr->width, POINT(m->w) / qr->width);
    cairo_mask(p->cr, pattern);
    cairo_restore(p->cr);
    cairo_pattern_destroy(pattern);
    cairo_surface_destroy(stencil);
    QRcode_free(qr);
}

struct reading {
    struct span left;
};

static cairo_status_t read_png(void *closure, unsigned char *data, unsigned int n)
{
    struct reading *r = closure;
    if (n > r->left.n)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(data, r->left.p, n);
    r->left.p += n;
    r->left.n -= n;
    return CAIRO_STATUS_SUCCESS;
}

/* How dark a premultiplied pixel is on white paper. */
static unsigned char darkness(uint32_t argb)
{
    unsigned a = argb >> 24, r = argb >> 16 & 0xFF, g = argb >> 8 & 0xFF, b = argb & 0xFF;
    return (unsigned char)(a - (r * 30 + g * 59 + b * 11) / 100);
}

static cairo_surface_t *as_mask(cairo_surface_t *colour)
{
    int w = cairo_image_surface_get_width(colour), h = cairo_image_surface_get_height(colour);
    cairo_surface_t *mask = cairo_image_surface_create(CAIRO_FORMAT_A8, w, h);
    cairo_surface_t *flat = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
    cairo_t *cr = cairo_create(flat);
    cairo_set_source_surface(cr, colour, 0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_flush(flat);
    for (int y = 0; y < h; y++) {
        const uint32_t *from = (const void *)(cairo_image_surface_get_data(flat) +
                                              (size_t)y * (size_t)cairo_image_surface_get_stride(flat));
        unsigned char *to =
            cairo_image_surface_get_data(mask) + (size_t)y * (size_t)cairo_image_surface_get_stride(mask);
        for (int x = 0; x < w; x++)
            to[x] = darkness(from[x]);
    }
    cairo_surface_mark_dirty(mask);
    cairo_surface_destroy(flat);
    return mask;
}

static enum err load_seal(struct span png, cairo_surface_t **ret, struct errinfo *reterr)
{
    struct reading r = { png };
    cairo_surface_t *colour = cairo_image_surface_create_from_png_stream(read_png, &r);
    enum err err = OK;
    if (cairo_surface_status(colour) != CAIRO_STATUS_SUCCESS)
        err = err_set(reterr, E_INVALID, "S304", "seal", "%s", cairo_status_to_string(cairo_surface_status(colour)));
    else
        *ret = as_mask(colour);
    cairo_surface_destroy(colour);
    return err;
}

/* ---- document ---- */

static void (*const paint[])(struct painter *, const struct mark *) = {
    [MK_FRAME] = paint_frame, [MK_RULE] = paint_rule, [MK_TEXT] = paint_text,
    [MK_SEAL] = paint_seal,   [MK_QR] = paint_qr,
};
_Static_assert(ARRAY_LEN(paint) == MK_COUNT, "a mark has no painter");

static cairo_status_t write_bytes(void *closure, const unsigned char *data, unsigned int n)
{
    buf_add(closure, data, n);
    return CAIRO_STATUS_SUCCESS;
}

static void paint_pages(struct painter *p)
{
    for (size_t i = 0; i < p->doc->n; i++) {
        paint_across(p);
        cairo_set_source_rgb(p->cr, 0, 0, 0);
        for (size_t k = 0; k < p->doc->p[i].n; k++)
            paint[p->doc->p[i].m[k].kind](p, &p->doc->p[i].m[k]);
        cairo_show_page(p->cr);
    }
}

static void set_information(cairo_surface_t *s, const struct doc *doc, const struct pdf_input *in)
{
    cairo_pdf_surface_restrict_to_version(s, CAIRO_PDF_VERSION_1_4);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, doc->title);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, in->created);
    if (*in->copy_hash)
        cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_SUBJECT, in->copy_hash);
    if (*in->subject_hash)
        cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_KEYWORDS, in->subject_hash);
}

enum err pdf_render(const struct doc *doc, const struct pdf_input *in, struct buf *ret, struct errinfo *reterr)
{
    struct painter p = { .doc = doc, .in = in };
    struct buf bytes = BUF_INIT;
    if (in->seal.n)
        TRY(load_seal(in->seal, &p.seal, reterr));
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(write_bytes, &bytes, POINT(doc->w), POINT(doc->h));
    set_information(s, doc, in);
    p.cr = cairo_create(s);
    paint_pages(&p);
    cairo_status_t drawn = cairo_status(p.cr);
    cairo_destroy(p.cr);
    cairo_surface_finish(s);
    if (drawn == CAIRO_STATUS_SUCCESS)
        drawn = cairo_surface_status(s);
    cairo_surface_destroy(s);
    if (p.seal)
        cairo_surface_destroy(p.seal);
    enum err err = OK;
    if (drawn == CAIRO_STATUS_SUCCESS)
        buf_add(ret, bytes.p, bytes.len);
    else
        err = err_set(reterr, E_IO, "S305", "pdf", "%s", cairo_status_to_string(drawn));
    buf_done(&bytes);
    return err;
}

static enum err find_mark(struct span pdf, const char *key, char ret[PDF_MARK + 1], struct errinfo *reterr)
{
    const char *p = memmem(pdf.p, pdf.n, key, strlen(key));
    size_t rest = p ? pdf.n - (size_t)(p - pdf.p) - strlen(key) : 0;
    if (!p || rest < PDF_MARK + 1 || p[strlen(key) + PDF_MARK] != ')')
        return err_set(reterr, E_CORRUPT, "S306", "pdf", "no mark %s", key);
    p += strlen(key);
    for (size_t i = 0; i < PDF_MARK; i++)
        if (!strchr("0123456789abcdef", p[i]) || !p[i])
            return err_set(reterr, E_CORRUPT, "S306", "pdf", "mark %s is no hash", key);
    if (memmem(p, rest, key, strlen(key)))
        return err_set(reterr, E_CORRUPT, "S306", "pdf", "mark %s twice", key);
    memcpy(ret, p, PDF_MARK);
    ret[PDF_MARK] = 0;
    return OK;
}

enum err pdf_marks(struct span pdf, char ret_copy[PDF_MARK + 1], char ret_subject[PDF_MARK + 1], struct errinfo *reterr)
{
    char copy[PDF_MARK + 1], subject[PDF_MARK + 1];
    TRY(find_mark(pdf, "/Subject (", copy, reterr));
    TRY(find_mark(pdf, "/Keywords (", subject, reterr));
    memcpy(ret_copy, copy, sizeof copy);
    memcpy(ret_subject, subject, sizeof subject);
    return OK;
}

bool pdf_whole(struct span pdf)
{
    static const char head[] = "%PDF-", tail[] = "%%EOF\n";
    size_t h = sizeof head - 1, t = sizeof tail - 1;
    return pdf.n > h + t && !memcmp(pdf.p, head, h) && !memcmp(pdf.p + pdf.n - t, tail, t);
}
