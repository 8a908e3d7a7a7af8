#include "sync/result.h"
#include "base/cur.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>

#define RESULT_VERSION 1
static const char magic[] = { 'M', 'G', 'R', '1' };

static const char *const codes[] = {
    [0] = "none",
    [OPR_APPLIED] = "applied",
    [OPR_DUPLICATE] = "duplicate",
    [OPR_HELD] = "held",
    [OPR_CONFLICT] = "conflict",
    [OPR_REJECTED] = "rejected",
    [OPR_QUARANTINED] = "quarantined",
};
_Static_assert(sizeof codes / sizeof *codes == OP_CODES, "a result code has no row");

const char *op_code_name(enum op_code c)
{
    return (unsigned)c < OP_CODES ? codes[c] : "unknown";
}

void result_done(struct result *r)
{
    if (r->detail)
        wipe_str(r->detail);
    memset(r, 0, sizeof *r);
}

static bool result_ok(const struct result *r, struct span detail)
{
    bool categorised = r->code == OPR_CONFLICT || r->code == OPR_QUARANTINED;
    return r->seq > 0 && r->seq <= INT64_MAX && (unsigned)r->code > 0 && (unsigned)r->code < OP_CODES &&
           r->code != OPR_DUPLICATE && (unsigned)r->category < CONFLICTS &&
           (r->category != CONFLICT_NONE) == categorised && detail.n >= 2 && detail.n <= RESULT_DETAIL_MAX &&
           !memchr(detail.p, '\0', detail.n) && utf8_valid(detail);
}

enum err result_encode(const struct result *r, struct buf *ret, struct errinfo *reterr)
{
    struct span detail = span_of(r->detail ? r->detail : "");
    if (!result_ok(r, detail))
        return err_set(reterr, E_INVALID, NULL, "result", "cannot be encoded");
    put_u8(ret, RESULT_VERSION);
    put_u64(ret, r->seq);
    put_u8(ret, (uint8_t)r->code);
    put_u8(ret, (uint8_t)r->category);
    put_u64(ret, r->host_seq);
    put_u64(ret, (uint64_t)r->host_ms);
    put_bytes(ret, detail);
    return OK;
}

enum err result_decode(struct span in, struct result *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    uint8_t version = cur_u8(&c);
    struct result r = { .seq = cur_u64(&c) };
    r.code = (enum op_code)cur_u8(&c);
    r.category = (enum conflict)cur_u8(&c);
    r.host_seq = cur_u64(&c);
    r.host_ms = (int64_t)cur_u64(&c);
    struct span detail = cur_bytes(&c, RESULT_DETAIL_MAX);
    if (!cur_end(&c) || version != RESULT_VERSION || !result_ok(&r, detail))
        return err_set(reterr, E_CORRUPT, NULL, "result", "malformed");
    r.detail = xstrndup(detail.p, detail.n);
    *ret = r;
    return OK;
}

void results_init(struct results *r, const char *branch, const uint8_t incarnation[OP_INCARNATION])
{
    memset(r, 0, sizeof *r);
    memcpy(r->branch, branch, strnlen(branch, OP_BRANCH_MAX));
    memcpy(r->incarnation, incarnation, OP_INCARNATION);
}

void results_done(struct results *r)
{
    for (size_t i = 0; i < r->n; i++) {
        wipe(r->item[i].bytes, r->item[i].len);
        free(r->item[i].bytes);
        result_done(&r->item[i].r);
    }
    free(r->item);
    memset(r, 0, sizeof *r);
}

enum err results_add(struct results *r, bool repeated, struct span bytes, struct errinfo *reterr)
{
    struct result_item item = { .repeated = repeated, .len = bytes.n };
    TRY(result_decode(bytes, &item.r, reterr));
    item.bytes = xmalloc(bytes.n);
    memcpy(item.bytes, bytes.p, bytes.n);
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 16;
        r->item = xrealloc(r->item, r->cap, sizeof *r->item);
    }
    r->item[r->n++] = item;
    return OK;
}

enum err results_encode(const struct results *r, struct buf *ret, struct errinfo *reterr)
{
    struct buf raw = BUF_INIT, packed = BUF_INIT;
    for (size_t i = 0; i < r->n; i++) {
        put_u8(&raw, r->item[i].repeated);
        put_bytes(&raw, (struct span){ (const char *)r->item[i].bytes, r->item[i].len });
    }
    enum err e = raw.len <= RESULTS_RAW_MAX ? zip(buf_span(&raw), &packed, reterr)
                                            : err_set(reterr, E_FULL, NULL, "results", "%zu bytes", raw.len);
    if (e == OK) {
        buf_add(ret, magic, sizeof magic);
        put_bytes(ret, span_of(r->branch));
        buf_add(ret, r->incarnation, OP_INCARNATION);
        put_u64(ret, r->applied_upto);
        put_u64(ret, r->durable_upto);
        put_u32(ret, (uint32_t)r->n);
        put_u32(ret, (uint32_t)raw.len);
        put_bytes(ret, buf_span(&packed));
    }
    buf_done(&raw);
    buf_done(&packed);
    return e;
}

static bool split(struct results *r, struct span raw, uint32_t count)
{
    struct cur c = cur_of(raw);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t repeated = cur_u8(&c);
        struct span bytes = cur_bytes(&c, RESULT_MAX);
        if (c.bad || repeated > 1 || results_add(r, repeated == 1, bytes, NULL) != OK)
            return false;
    }
    return cur_end(&c);
}

enum err results_decode(struct span in, struct results *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    struct results r = { .n = 0 };
    struct buf raw = BUF_INIT;
    char m[sizeof magic];
    cur_fixed(&c, m, sizeof m);
    struct span branch = cur_bytes(&c, OP_BRANCH_MAX);
    memcpy(r.branch, branch.p, branch.n);
    cur_fixed(&c, r.incarnation, OP_INCARNATION);
    r.applied_upto = cur_u64(&c);
    r.durable_upto = cur_u64(&c);
    uint32_t count = cur_u32(&c), raw_len = cur_u32(&c);
    struct span packed = cur_bytes(&c, RESULTS_MAX);
    bool ok = cur_end(&c) && memcmp(m, magic, sizeof m) == 0 && strlen(r.branch) == branch.n &&
              count <= RESULTS_N_MAX && unzip(packed, raw_len, RESULTS_RAW_MAX, &raw, NULL) == OK &&
              split(&r, buf_span(&raw), count);
    buf_done(&raw);
    if (!ok) {
        results_done(&r);
        return err_set(reterr, E_CORRUPT, NULL, "results", "malformed");
    }
    *ret = r;
    return OK;
}
