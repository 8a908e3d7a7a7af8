#include "base/frame.h"
#include "base/mem.h"

void frame_begin(struct buf *b)
{
    MUST(b->len == 0);
    buf_add(b, "\0\0\0\0", FRAME_HEAD);
}

size_t frame_end(struct buf *b)
{
    size_t n = b->len - FRAME_HEAD;
    for (int i = 0; i < FRAME_HEAD; i++)
        b->p[i] = (char)(n >> (24 - 8 * i));
    return n;
}

size_t frame_size(const struct buf *b)
{
    size_t n = 0;
    if (b->len < FRAME_HEAD)
        return 0;
    for (int i = 0; i < FRAME_HEAD; i++)
        n = n << 8 | (uint8_t)b->p[i];
    return FRAME_HEAD + n;
}

struct span frame_content(const struct buf *b)
{
    return (struct span){ b->p + FRAME_HEAD, frame_size(b) - FRAME_HEAD };
}
