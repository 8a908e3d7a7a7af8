#include "codec/charset.h"
#include "base/mem.h"
#include "base/utf8.h"
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

struct charset {
    iconv_t to_utf8, from_utf8;
};

#define NO_CONVERTER ((iconv_t)-1)

enum err charset_open(const char *name, struct charset **ret, struct errinfo *reterr)
{
    struct charset *c = xcalloc(1, sizeof *c);
    c->to_utf8 = iconv_open("UTF-8", name);
    c->from_utf8 = iconv_open(name, "UTF-8");
    if (c->to_utf8 == NO_CONVERTER || c->from_utf8 == NO_CONVERTER) {
        charset_close(c);
        return err_set(reterr, E_INVALID, "S701", name, "no converter for this code page");
    }
    *ret = c;
    return OK;
}

void charset_close(struct charset *c)
{
    if (!c)
        return;
    if (c->to_utf8 != NO_CONVERTER)
        iconv_close(c->to_utf8);
    if (c->from_utf8 != NO_CONVERTER)
        iconv_close(c->from_utf8);
    free(c);
}

/* Converts all of `in`, flushing the shift state. Returns the number of input bytes taken; short means an error. */
static size_t convert(iconv_t cd, struct span in, struct buf *out)
{
    iconv(cd, NULL, NULL, NULL, NULL);
    char *from = (char *)(uintptr_t)in.p; /* iconv's interface is not const, it does not write here */
    size_t left = in.n;
    for (bool flush = false;;) {
        buf_reserve(out, left * 4 + 16);
        char *to = out->p + out->len;
        size_t room = out->cap - out->len - 1;
        size_t r = flush ? iconv(cd, NULL, NULL, &to, &room) : iconv(cd, &from, &left, &to, &room);
        out->len = (size_t)(to - out->p);
        if (r == (size_t)-1 && errno == E2BIG)
            continue;
        if (r == (size_t)-1 || flush)
            break;
        flush = true;
    }
    if (out->p)
        out->p[out->len] = '\0';
    return in.n - left;
}

enum err charset_decode(struct charset *c, struct span in, struct buf *ret, struct errinfo *reterr)
{
    struct buf text = BUF_INIT, back = BUF_INIT;
    enum err e = OK;
    size_t took = convert(c->to_utf8, in, &text);
    if (took < in.n)
        e = err_set(reterr, E_INVALID, "S702", NULL, "bad byte sequence at offset %zu", took);
    else if (convert(c->from_utf8, buf_span(&text), &back) < text.len || !span_eq(buf_span(&back), in))
        e = err_set(reterr, E_INVALID, "S703", NULL, "bytes would not come back the same");
    else
        buf_add(ret, buf_str(&text), text.len);
    buf_done(&text);
    buf_done(&back);
    return e;
}

enum err charset_encode(struct charset *c, struct span utf8, struct buf *ret, struct errinfo *reterr)
{
    struct buf bytes = BUF_INIT, back = BUF_INIT;
    enum err e = OK;
    size_t took = convert(c->from_utf8, utf8, &bytes);
    if (took < utf8.n) {
        const char *p = utf8.p + took;
        e = err_set(reterr, E_INVALID, "S704", NULL, "no place for U+%04X", utf8_next(&p, utf8.p + utf8.n));
    } else if (convert(c->to_utf8, buf_span(&bytes), &back) < bytes.len || !span_eq(buf_span(&back), utf8)) {
        size_t i = 0;
        while (i < utf8.n && i < back.len && utf8.p[i] == back.p[i])
            i++;
        while (i > 0 && ((unsigned char)utf8.p[i] & 0xC0) == 0x80)
            i--;
        const char *p = utf8.p + i;
        e = err_set(reterr, E_INVALID, "S704", NULL, "U+%04X would change", utf8_next(&p, utf8.p + utf8.n));
    } else {
        buf_add(ret, buf_str(&bytes), bytes.len);
    }
    buf_done(&bytes);
    buf_done(&back);
    return e;
}
