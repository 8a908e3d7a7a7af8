#include "base/utf8.h"
#include "scan_in.h"

#define FULL_WIDTH_FIRST  0xFF01u /* ！ */
#define FULL_WIDTH_LAST   0xFF5Eu /* ～ */
#define FULL_WIDTH_SHIFT  0xFEE0u
#define IDEOGRAPHIC_SPACE 0x3000u

struct scan scan_of(struct span text)
{
    return (struct scan){ text.p, text.p + text.n };
}

bool scan_end(const struct scan *s)
{
    return s->p == s->end;
}

struct span scan_trim(struct span text)
{
    struct scan s = scan_of(text);
    scan_blanks(&s);
    const char *from = s.p, *to = s.p;
    while (!scan_end(&s)) {
        (void)scan_take(&s);
        to = s.p;
        scan_blanks(&s);
    }
    return (struct span){ from, (size_t)(to - from) };
}

uint32_t scan_take(struct scan *s)
{
    if (s->p == s->end)
        return 0;
    uint32_t cp = utf8_next(&s->p, s->end);
    if (cp == UTF8_BAD)
        return 0;
    return cp >= FULL_WIDTH_FIRST && cp <= FULL_WIDTH_LAST ? cp - FULL_WIDTH_SHIFT : cp;
}

uint32_t scan_peek(const struct scan *s)
{
    struct scan ahead = *s;
    return scan_take(&ahead);
}

void scan_blanks(struct scan *s)
{
    while (scan_char(s, ' ') || scan_char(s, IDEOGRAPHIC_SPACE))
        ;
}

bool scan_char(struct scan *s, uint32_t cp)
{
    struct scan ahead = *s;
    if (scan_end(s) || scan_take(&ahead) != cp)
        return false;
    *s = ahead;
    return true;
}

bool scan_literal(struct scan *s, const char *text)
{
    struct scan ahead = *s;
    struct scan want = scan_of(span_of(text));
    while (!scan_end(&want)) {
        if (!scan_char(&ahead, scan_take(&want)))
            return false;
    }
    *s = ahead;
    return true;
}

bool scan_number(struct scan *s, int min, int max, int *ret)
{
    struct scan ahead = *s;
    int n = 0, value = 0;
    for (uint32_t cp = scan_peek(&ahead); n < max && cp >= '0' && cp <= '9'; cp = scan_peek(&ahead)) {
        value = value * 10 + (int)(cp - '0');
        (void)scan_take(&ahead);
        n++;
    }
    if (n < min)
        return false;
    *s = ahead;
    *ret = value;
    return true;
}
