/* The process that draws: one request, one answer, then the end. What it is told is all it knows. */
#include "app/confine.h"
#include "app/paper.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "domain/cert_copy.h"
#include "paper/compose.h"
#include "paper/pdf.h"
#include "paper/preview.h"
#include "papermsg.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FONT_FAMILY  "IPAmjMincho"
#define SEAL_BYTES   (2u << 20)
#define SHEET_W      21000 /* A4 */
#define SHEET_H      29700
#define LETTER_MIN   40 /* of letters in layouts, tenths of a point */
#define LETTER_MAX   210
#define LETTER_STEP  5
#define DOCUMENT_MAX (PAPER_BODY_MAX - (1u << 20)) /* the rest of an answer is smaller */

struct drawer {
    struct loop *loop;
    struct chan *chan;
    const char *share, *seal_dir;
    struct fontset *fonts;
    bool answered;
};

/* Names of layouts and seals come from tables; still, they become file names here. */
static bool plain_name(const char *s)
{
    return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(s);
}

static char *file_path(const char *a, const char *b, const char *name, const char *suffix)
{
    return xprintf("%s%s/%s%s", a, b, name, suffix);
}

static enum err read_seal(const struct drawer *d, const char *name, struct buf *ret, struct errinfo *reterr)
{
    if (!*name)
        return OK;
    if (!plain_name(name))
        return err_set(reterr, E_INVALID, "S304", "seal", "not the name of a seal");
    char *own = file_path(d->seal_dir, "", name, ".png"), *shipped = file_path(d->share, "/data/seal", name, ".png");
    enum err err = fs_read(own, SEAL_BYTES, ret, reterr);
    if (err == E_NOTFOUND)
        err = fs_read(shipped, SEAL_BYTES, ret, reterr);
    free(own);
    free(shipped);
    return err == OK ? OK : err_set(reterr, err, "S304", "seal", "seal %s cannot be read", name);
}

static enum err read_layout(const struct drawer *d, const char *name, struct layout **ret, struct errinfo *reterr)
{
    if (!plain_name(name))
        return err_set(reterr, E_INVALID, "S308", "layout", "not the name of a layout");
    char *path = file_path(d->share, "/forms/layout", name, ".layout");
    enum err err = layout_read(path, ret, reterr);
    free(path);
    return err;
}

static void hex_of(const void *p, size_t n, char ret[PDF_MARK + 1])
{
    struct buf hex = BUF_INIT;
    uint8_t hash[DIGEST_SIZE];
    digest_sha256(p, n, hash);
    hex_add(&hex, hash, sizeof hash);
    memcpy(ret, hex.p, PDF_MARK + 1);
    buf_done(&hex);
}

/* The hashes are taken from what is drawn, not from what we were told. */
static enum err make_pdf(const struct drawer *d, const struct paper_draw *in, const struct cert_copy *copy,
                         const struct doc *doc, struct buf *ret, struct errinfo *reterr)
{
    char copy_hash[PDF_MARK + 1], subject_hash[PDF_MARK + 1];
    struct buf bytes = BUF_INIT, seal = BUF_INIT;
    cert_copy_encode(copy, &bytes);
    hex_of(bytes.p, bytes.len, copy_hash);
    buf_clear(&bytes);
    cert_copy_subject(copy, &bytes);
    hex_of(bytes.p, bytes.len, subject_hash);
    buf_done(&bytes);
    enum err err = read_seal(d, copy->seal, &seal, reterr);
    struct pdf_input pdf = { d->fonts, buf_span(&seal), in->created, copy_hash, subject_hash };
    if (err == OK)
        err = pdf_render(doc, &pdf, ret, reterr);
    buf_done(&seal);
    return err;
}

static void make_preview(const struct paper_draw *in, const struct doc *doc, struct buf *ret)
{
    struct width_profile profile = { in->ambiguous };
    for (size_t i = 0; i < doc->n; i++) {
        preview_page(doc, i, &profile, PREVIEW_COLS, ret);
        buf_addc(ret, '\f');
    }
}

static enum err draw(const struct drawer *d, const struct paper_draw *in, struct doc **ret_doc, struct buf *ret,
                     struct errinfo *reterr)
{
    struct cert_copy *copy = NULL;
    struct layout *layout = NULL;
    struct compose_input ci = { .fonts = d->fonts, .check = in->check, .qr = in->qr };
    enum err err = overflow_rule_of(in->overflow, &ci.rule, reterr);
    if (err == OK)
        err = cert_copy_decode(in->copy, &copy, reterr);
    if (err == OK)
        err = read_layout(d, copy->layout, &layout, reterr);
    ci.copy = copy;
    ci.layout = layout;
    if (err == OK)
        err = compose(&ci, ret_doc, reterr);
    if (err == OK && in->preview)
        make_preview(in, *ret_doc, ret);
    else if (err == OK)
        err = make_pdf(d, in, copy, *ret_doc, ret, reterr);
    if (err == OK && ret->len > DOCUMENT_MAX)
        err = err_set(reterr, E_FULL, "S305", "document", "%zu bytes", ret->len);
    layout_free(layout);
    cert_copy_free(copy);
    return err;
}

static void answer(struct drawer *d, enum err err, const struct errinfo *why, const struct doc *doc, struct span bytes)
{
    struct buf body = BUF_INIT;
    size_t n = doc && err == OK ? doc->n_over : 0;
    n = n > PAPER_OVER_MAX ? PAPER_OVER_MAX : n;
    struct paper_overflow *over = xcalloc(n + 1, sizeof *over);
    for (size_t i = 0; i < n; i++)
        over[i] = (struct paper_overflow){ doc->over[i].person, doc->over[i].label, (int64_t)doc->over[i].chars,
                                           (int64_t)doc->over[i].fits };
    struct paper_drawn drawn = { .err = err, .why = why, .document = bytes, .over = over, .n_over = n };
    drawn.pages = doc && err == OK ? (int64_t)doc->n : 0;
    drawn_encode(&drawn, &body);
    chan_send(d->chan, PM_DRAWN, 0, buf_span(&body));
    d->answered = true;
    buf_done(&body);
    free(over);
}

static enum err on_request(void *arg, const struct msg *m, struct errinfo *reterr)
{
    struct drawer *d = arg;
    struct paper_draw in;
    struct draw_texts texts;
    if (d->answered)
        return err_set(reterr, E_CORRUPT, NULL, "paper", "a second request");
    TRY(draw_decode(m->body, &in, &texts, reterr));
    struct doc *doc = NULL;
    struct buf bytes = BUF_INIT;
    struct errinfo why = { 0 };
    enum err err = draw(d, &in, &doc, &bytes, &why);
    answer(d, err, &why, doc, buf_span(&bytes));
    doc_free(doc);
    buf_done(&bytes);
    draw_done(&texts);
    return OK;
}

/* The daemon has the answer, or is gone. */
static void on_closed(void *arg, const struct errinfo *why)
{
    struct drawer *d = arg;
    loop_stop(d->loop, why->code == E_OFFLINE ? 0 : 1);
}

/* A page nobody sees, drawn while nobody waits: what the libraries load at their first page is there for the real one.
 * It has every size that layouts use, because each is looked up once, in threads. */
static struct doc *rehearsal(void)
{
    static const char *const scripts[] = { "住民票の写し 令和8年", "1/2", "A", "Я",
                                           "한" }; /* a font is looked up for each */
    struct doc *doc = doc_new(SHEET_W, SHEET_H);
    struct page *page = doc_page_add(doc);
    doc->title = xstrdup("");
    doc->across = xstrdup("見本");
    doc->qr = xstrdup("0");
    for (int size = LETTER_MIN; size <= LETTER_MAX; size += LETTER_STEP)
        for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
            struct mark *m = page_mark_add(page, MK_TEXT, 0, 0, SHEET_W, SHEET_H);
            m->text = xstrdup(scripts[i]);
            m->size = size;
        }
    page_mark_add(page, MK_QR, 0, 0, SHEET_W / 8, SHEET_W / 8);
    return doc;
}

static enum err rehearse(struct fontset *fonts, struct errinfo *reterr)
{
    static const char zeros[PDF_MARK + 1] = "0000000000000000000000000000000000000000000000000000000000000000";
    struct pdf_input in = { fonts, { NULL, 0 }, "2000-01-01T00:00:00+09:00", zeros, zeros };
    struct doc *doc = rehearsal();
    struct buf bytes = BUF_INIT;
    char hash[PDF_MARK + 1];
    enum err e = pdf_render(doc, &in, &bytes, reterr);
    if (e == OK)
        hex_of(bytes.p, bytes.len, hash);
    buf_done(&bytes);
    doc_free(doc);
    return e;
}

static enum err enter_wall(const struct drawer *d, const char *font, struct errinfo *reterr)
{
    char *layouts = fs_join(d->share, "forms/layout"), *seals = fs_join(d->share, "data/seal");
    struct confine_path paths[] = {
        { layouts, CONFINE_READ }, { seals, CONFINE_READ }, { d->seal_dir, CONFINE_READ }, { font, CONFINE_READ }
    };
    struct confine_plan plan = { CONFINE_PAPER, paths, ARRAY_LEN(paths), 0 };
    struct confine_state state;
    enum err err = confine_enter(&plan, &state, reterr);
    free(layouts);
    free(seals);
    return err;
}

static int serve(struct drawer *d)
{
    static const struct chan_ops ops = { on_request, on_closed };
    d->loop = loop_new();
    d->chan = chan_new(d->loop, PRIVSEP_FD, &paper_to_child, &ops, d);
    int code = loop_run(d->loop);
    chan_free(d->chan);
    loop_free(d->loop);
    return code;
}

int paper_main(int argc, char **argv)
{
    struct errinfo e = { 0 };
    struct drawer d = { .loop = NULL };
    log_init("madoguchi-branchd-paper", 2, LOG_WARN);
    if (argc != 6) {
        log_msg(LOG_ERR, "paper: expected -x paper SHARE SEALDIR FONT");
        return 2;
    }
    d.share = argv[3];
    d.seal_dir = argv[4];
    /* The font is opened before: it is of this machine, the copy is foreign. */
    enum err err = privsep_enter("paper", &e);
    if (err == OK)
        err = fontset_open(argv[5], FONT_FAMILY, &d.fonts, &e);
    if (err == OK)
        err = rehearse(d.fonts, &e);
    if (err == OK)
        err = privsep_copies("paper", &e);
    if (err == OK)
        err = enter_wall(&d, argv[5], &e);
    int code = err == OK ? serve(&d) : err == E_OFFLINE ? 0 : 1;
    if (code != 0 && err != OK)
        log_errinfo(LOG_ERR, "starting to draw", &e);
    /* Nothing is taken apart: that would write to, and so copy, every page this process shares with its template. */
    _exit(code);
}
