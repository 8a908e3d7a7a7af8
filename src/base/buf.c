#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

void buf_init(struct buf *b)
{
    *b = BUF_INIT;
}

void buf_done(struct buf *b)
{
    wipe(b->p, b->cap);
    free(b->p);
    *b = BUF_INIT;
}

void buf_clear(struct buf *b)
{
    wipe(b->p, b->len);
    b->len = 0;
}

void buf_reserve(struct buf *b, size_t more)
{
    size_t want;
    if (__builtin_add_overflow(b->len, more, &want) || __builtin_add_overflow(want, 1, &want))
        BUG("size overflow: %zu + %zu", b->len, more);
    if (want <= b->cap)
        return;
    size_t cap = b->cap > SIZE_MAX / 2 ? want : b->cap * 2;
    if (cap < want)
        cap = want < FIRST_CAP ? FIRST_CAP : want;
    /* Not realloc: the old place may hold personal data and is wiped. */
    char *p = xmalloc(cap);
    if (b->p)
        memcpy(p, b->p, b->len);
    p[b->len] = '\0';
    wipe(b->p, b->cap);
    free(b->p);
    b->p = p;
    b->cap = cap;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    buf_reserve(b, n);
    if (n)
        memcpy(b->p + b->len, p, n);
    b->len += n;
    b->p[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    MUST(n >= 0);
    buf_reserve(b, (size_t)n);
    vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
    b->len += (size_t)n;
}

void buf_consume(struct buf *b, size_t n)
{
    MUST(n <= b->len);
    if (!n)
        return;
    memmove(b->p, b->p + n, b->len - n);
    wipe(b->p + b->len - n, n);
    b->len -= n;
}

const char *buf_str(const struct buf *b)
{
    return b->p ? b->p : "";
}

char *buf_steal(struct buf *b)
{
    buf_reserve(b, 0);
    char *p = b->p;
    *b = BUF_INIT;
    return p;
}

struct span span_of(const char *s)
{
    return (struct span){ s, strlen(s) };
}

struct span buf_span(const struct buf *b)
{
    return (struct span){ buf_str(b), b->len };
}

bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool span_is(struct span a, const char *s)
{
    return span_eq(a, span_of(s));
}

struct span span_trim(struct span s)
{
    while (s.n && *s.p == ' ')
        s.p++, s.n--;
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

int span_index(struct span s, const char *const *words, int n)
{
    int i = 0;
    while (i < n && !span_is(s, words[i]))
        i++;
    return i;
}

char *span_dup(struct span s)
{
    return xstrndup(s.p ? s.p : "", s.n);
}

void hex_add(struct buf *b, const void *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++) {
        buf_addc(b, digits[bytes[i] >> 4]);
        buf_addc(b, digits[bytes[i] & 15]);
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

enum err unhex(struct span hex, uint8_t *ret, size_t want, struct errinfo *reterr)
{
    if (hex.n % 2 != 0 || hex.n / 2 != want)
        return err_set(reterr, E_INVALID, NULL, NULL, "hexadecimal: %zu digits where %zu bytes are expected", hex.n,
                       want);
    for (size_t i = 0; i < hex.n; i++)
        if (hex_digit(hex.p[i]) < 0)
            return err_set(reterr, E_INVALID, NULL, NULL, "hexadecimal: wrong character at %zu", i);
    for (size_t i = 0; i < want; i++)
        ret[i] = (uint8_t)(hex_digit(hex.p[2 * i]) << 4 | hex_digit(hex.p[2 * i + 1]));
    return OK;
}
