#include "base/cur.h"
#include "base/mem.h"

#include <string.h>

struct cur cur_of(struct span s)
{
    const uint8_t *p = (const uint8_t *)s.p;
    return (struct cur){ .p = p, .end = s.n ? p + s.n : p };
}

/* The next n bytes, or NULL after setting bad. */
static const uint8_t *take(struct cur *c, size_t n)
{
    if (c->bad || (size_t)(c->end - c->p) < n) {
        c->bad = true;
        return NULL;
    }
    const uint8_t *p = c->p;
    c->p += n;
    return p;
}

static uint64_t number(struct cur *c, size_t n)
{
    const uint8_t *p = take(c, n);
    uint64_t v = 0;
    for (size_t i = 0; p && i < n; i++)
        v = v << 8 | p[i];
    return v;
}

uint8_t cur_u8(struct cur *c)
{
    return (uint8_t)number(c, 1);
}

uint16_t cur_u16(struct cur *c)
{
    return (uint16_t)number(c, 2);
}

uint32_t cur_u32(struct cur *c)
{
    return (uint32_t)number(c, 4);
}

uint64_t cur_u64(struct cur *c)
{
    return number(c, 8);
}

struct span cur_bytes(struct cur *c, size_t max)
{
    size_t n = cur_u32(c);
    if (n > max)
        c->bad = true;
    const uint8_t *p = c->bad ? NULL : take(c, n);
    return p ? (struct span){ (const char *)p, n } : (struct span){ "", 0 };
}

void cur_fixed(struct cur *c, void *ret, size_t n)
{
    const uint8_t *p = n ? take(c, n) : NULL;
    if (p)
        memcpy(ret, p, n);
    else if (n)
        memset(ret, 0, n);
}

bool cur_end(const struct cur *c)
{
    return !c->bad && c->p == c->end;
}

static void put_number(struct buf *b, uint64_t v, size_t n)
{
    uint8_t bytes[8];
    for (size_t i = n; i > 0; i--, v >>= 8)
        bytes[i - 1] = (uint8_t)v;
    buf_add(b, bytes, n);
}

void put_u8(struct buf *b, uint8_t v)
{
    put_number(b, v, 1);
}

void put_u16(struct buf *b, uint16_t v)
{
    put_number(b, v, 2);
}

void put_u32(struct buf *b, uint32_t v)
{
    put_number(b, v, 4);
}

void put_u64(struct buf *b, uint64_t v)
{
    put_number(b, v, 8);
}

void put_bytes(struct buf *b, struct span s)
{
    MUST(s.n <= UINT32_MAX);
    put_u32(b, (uint32_t)s.n);
    buf_add(b, s.p, s.n);
}
