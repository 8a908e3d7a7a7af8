#include "papermsg.h"
#include "base/cur.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static const struct msg_type to_paper[] = { [PM_DRAW] = { "draw", PAPER_BODY_MAX } };
static const struct msg_type from_paper[] = { [PM_DRAWN] = { "drawn", PAPER_BODY_MAX } };
static const struct msg_type to_spool[] = { [PM_SEND] = { "send", PAPER_BODY_MAX } };
static const struct msg_type from_spool[] = { [PM_SENT] = { "sent", PAPER_TEXT_MAX } };

const struct msg_types paper_to_child = { to_paper, ARRAY_LEN(to_paper) };
const struct msg_types paper_from_child = { from_paper, ARRAY_LEN(from_paper) };
const struct msg_types spool_to_child = { to_spool, ARRAY_LEN(to_spool) };
const struct msg_types spool_from_child = { from_spool, ARRAY_LEN(from_spool) };

static void put_text(struct buf *b, const char *s)
{
    put_bytes(b, span_of(s));
}

static bool good_text(struct span s)
{
    return utf8_valid(s) && !(s.n && memchr(s.p, 0, s.n));
}

static char *cur_text(struct cur *c)
{
    struct span s = cur_bytes(c, PAPER_TEXT_MAX);
    c->bad |= !good_text(s);
    return c->bad ? xstrdup("") : xstrndup(s.p ? s.p : "", s.n);
}

/* Into an array that is large enough for what the other end may say. */
static void cur_array(struct cur *c, char *ret, size_t size)
{
    struct span s = cur_bytes(c, size - 1);
    c->bad |= !good_text(s);
    size_t n = c->bad ? 0 : s.n;
    if (n)
        memcpy(ret, s.p, n);
    ret[n] = '\0';
}

static enum err whole(const struct cur *c, const char *what, struct errinfo *reterr)
{
    return cur_end(c) ? OK : err_set(reterr, E_CORRUPT, NULL, what, "not a message of this build");
}

/* ---- draw ---- */

void draw_encode(const struct paper_draw *d, struct buf *ret)
{
    put_bytes(ret, d->copy);
    put_text(ret, d->check);
    put_text(ret, d->qr);
    put_text(ret, d->created);
    put_text(ret, d->overflow);
    put_u8(ret, d->preview);
    put_u8(ret, (uint8_t)d->ambiguous);
}

enum err draw_decode(struct span body, struct paper_draw *ret, struct draw_texts *ret_texts, struct errinfo *reterr)
{
    struct cur c = cur_of(body);
    struct draw_texts t;
    struct paper_draw d = { .copy = cur_bytes(&c, PAPER_BODY_MAX) };
    t.check = cur_text(&c);
    t.qr = cur_text(&c);
    t.created = cur_text(&c);
    t.overflow = cur_text(&c);
    uint8_t preview = cur_u8(&c), ambiguous = cur_u8(&c);
    c.bad |= preview > 1 || ambiguous < 1 || ambiguous > 2;
    enum err err = whole(&c, "draw", reterr);
    if (err != OK) {
        draw_done(&t);
        return err;
    }
    d.check = t.check;
    d.qr = t.qr;
    d.created = t.created;
    d.overflow = t.overflow;
    d.preview = preview;
    d.ambiguous = ambiguous;
    *ret = d;
    *ret_texts = t;
    return OK;
}

void draw_done(struct draw_texts *t)
{
    free(t->check);
    wipe_str(t->qr);
    free(t->created);
    free(t->overflow);
}

/* ---- drawn ---- */

void drawn_encode(const struct paper_drawn *d, struct buf *ret)
{
    put_u8(ret, (uint8_t)d->err);
    if (d->err != OK) {
        put_text(ret, d->why->msg);
        put_text(ret, d->why->item);
        put_text(ret, d->why->detail);
        return;
    }
    put_u32(ret, (uint32_t)d->pages);
    put_bytes(ret, d->document);
    put_u16(ret, (uint16_t)d->n_over);
    for (size_t i = 0; i < d->n_over; i++) {
        put_text(ret, d->over[i].person);
        put_text(ret, d->over[i].label);
        put_u32(ret, (uint32_t)d->over[i].chars);
        put_u32(ret, (uint32_t)d->over[i].fits);
    }
}

static void cur_overflows(struct cur *c, struct drawn_texts *t, size_t n)
{
    c->bad |= n > PAPER_OVER_MAX;
    n = c->bad ? 0 : n;
    t->over = xcalloc(n + 1, sizeof *t->over);
    t->text = xcalloc(2 * n + 1, sizeof *t->text);
    for (size_t i = 0; i < n; i++) {
        struct paper_overflow *o = &t->over[i];
        o->person = t->text[t->n_text++] = cur_text(c);
        o->label = t->text[t->n_text++] = cur_text(c);
        o->chars = cur_u32(c);
        o->fits = cur_u32(c);
    }
}

enum err drawn_decode(struct span body, struct paper_drawn *ret, struct drawn_texts *ret_texts, struct errinfo *reterr)
{
    struct cur c = cur_of(body);
    struct drawn_texts t = { .over = NULL };
    struct paper_drawn d = { .err = (enum err)cur_u8(&c) };
    size_t n = 0;
    c.bad |= d.err >= E_ERRS;
    if (d.err != OK) {
        t.why.code = d.err;
        cur_array(&c, t.why.msg, sizeof t.why.msg);
        cur_array(&c, t.why.item, sizeof t.why.item);
        cur_array(&c, t.why.detail, sizeof t.why.detail);
    } else {
        d.pages = cur_u32(&c);
        d.document = cur_bytes(&c, PAPER_BODY_MAX);
        n = cur_u16(&c);
        cur_overflows(&c, &t, n);
    }
    enum err err = whole(&c, "drawn", reterr);
    if (err != OK) {
        drawn_done(&t);
        return err;
    }
    *ret_texts = t;
    d.why = &ret_texts->why;
    d.over = t.over;
    d.n_over = n;
    *ret = d;
    return OK;
}

void drawn_done(struct drawn_texts *t)
{
    for (size_t i = 0; i < t->n_text; i++)
        wipe_str(t->text[i]);
    free(t->text);
    free(t->over);
}

/* ---- send, sent ---- */

void send_encode(const struct paper_send *s, struct buf *ret)
{
    uint8_t hash[DIGEST_SIZE];
    digest_sha256(s->document.p, s->document.n, hash);
    put_text(ret, s->name);
    buf_add(ret, hash, sizeof hash);
    put_bytes(ret, s->document);
}

enum err send_decode(struct span body, struct send_request *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(body);
    struct send_request s;
    cur_array(&c, s.name, sizeof s.name);
    cur_fixed(&c, s.hash, sizeof s.hash);
    s.document = cur_bytes(&c, PAPER_BODY_MAX);
    /* The name becomes that of a file. */
    c.bad |= !*s.name || *s.name == '.' || *s.name == '-' || strchr(s.name, '/') != NULL;
    TRY(whole(&c, "send", reterr));
    *ret = s;
    return OK;
}

void sent_encode(const struct sent_answer *s, struct buf *ret)
{
    put_u8(ret, (uint8_t)s->sent);
    put_text(ret, s->detail);
}

enum err sent_decode(struct span body, struct sent_answer *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(body);
    struct sent_answer s = { .sent = (enum paper_sent)cur_u8(&c) };
    cur_array(&c, s.detail, sizeof s.detail);
    c.bad |= s.sent > PAPER_UNSURE;
    TRY(whole(&c, "sent", reterr));
    *ret = s;
    return OK;
}
