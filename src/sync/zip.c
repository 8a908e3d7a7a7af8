#include "zip.h"
#include "base/mem.h"

#include <zstd.h>

#define LEVEL 3 /* beyond it a batch gets a few per cent smaller and takes several times as long */

enum err zip(struct span raw, struct buf *ret, struct errinfo *reterr)
{
    size_t start = ret->len, bound = ZSTD_compressBound(raw.n);
    buf_reserve(ret, bound);
    size_t n = ZSTD_compress(ret->p + start, bound, raw.p, raw.n, LEVEL);
    if (ZSTD_isError(n))
        return err_set(reterr, E_NOMEM, NULL, "zstd", "%s", ZSTD_getErrorName(n));
    ret->len = start + n;
    ret->p[ret->len] = '\0';
    return OK;
}

enum err unzip(struct span in, size_t raw_len, size_t max, struct buf *ret, struct errinfo *reterr)
{
    if (raw_len > max || ZSTD_findFrameCompressedSize(in.p, in.n) != in.n ||
        ZSTD_getFrameContentSize(in.p, in.n) != raw_len)
        return err_set(reterr, E_CORRUPT, NULL, "zstd", "not one frame of the announced size");
    size_t start = ret->len;
    buf_reserve(ret, raw_len + 1);
    size_t n = ZSTD_decompress(ret->p + start, raw_len, in.p, in.n);
    if (n != raw_len)
        return err_set(reterr, E_CORRUPT, NULL, "zstd", "%s", ZSTD_isError(n) ? ZSTD_getErrorName(n) : "cut short");
    ret->len = start + raw_len;
    ret->p[ret->len] = '\0';
    return OK;
}
