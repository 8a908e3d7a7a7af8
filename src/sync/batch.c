#include "sync/batch.h"
#include "base/cur.h"
#include "base/mem.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_LABEL "madoguchi batch 1"
static const char magic[] = { 'M', 'G', 'B', '1' };

void batch_init(struct batch *b, const uint8_t host_id[HOST_ID], const char *branch,
                const uint8_t incarnation[OP_INCARNATION], uint64_t first, const uint8_t chain_before[OP_HASH])
{
    memset(b, 0, sizeof *b);
    memcpy(b->host_id, host_id, HOST_ID);
    size_t n = strnlen(branch, OP_BRANCH_MAX);
    memcpy(b->branch, branch, n);
    memcpy(b->incarnation, incarnation, OP_INCARNATION);
    b->first = first;
    b->last = first - 1;
    memcpy(b->chain_before, chain_before, OP_HASH);
    memcpy(b->chain_last, chain_before, OP_HASH);
}

void batch_done(struct batch *b)
{
    buf_done(&b->raw);
    free(b->op);
    memset(b, 0, sizeof *b);
}

/* Is it the operation that follows here? */
static enum err check_next(const struct batch *b, struct span op, struct errinfo *reterr)
{
    struct op o;
    TRY(op_decode(op, &o, reterr));
    bool ok = o.seq == b->last + 1 && strcmp(o.branch, b->branch) == 0 &&
              memcmp(o.incarnation, b->incarnation, OP_INCARNATION) == 0;
    op_done(&o);
    return ok ? OK
              : err_set(reterr, E_INVALID, NULL, "batch", "operation does not follow %llu",
                        (unsigned long long)b->last);
}

enum err batch_add(struct batch *b, struct span op, size_t max_raw, struct errinfo *reterr)
{
    size_t cap = max_raw && max_raw < BATCH_RAW_MAX ? max_raw : BATCH_RAW_MAX;
    if (b->n > 0 && (b->n == BATCH_OPS_MAX || b->raw.len + 4 + op.n > cap))
        return err_set(reterr, E_FULL, NULL, "batch", "no room for another operation");
    TRY(check_next(b, op, reterr));
    uint8_t hash[OP_HASH];
    op_hash(op, hash);
    op_chain_next(b->chain_last, hash, b->chain_last);
    put_bytes(&b->raw, op);
    b->last++;
    b->n++;
    return OK;
}

static void put_head(const struct batch *b, struct buf *ret)
{
    buf_add(ret, magic, sizeof magic);
    buf_add(ret, b->host_id, HOST_ID);
    put_bytes(ret, span_of(b->branch));
    buf_add(ret, b->incarnation, OP_INCARNATION);
    put_u64(ret, b->first);
    put_u64(ret, b->last);
    buf_add(ret, b->chain_before, OP_HASH);
    buf_add(ret, b->chain_last, OP_HASH);
    put_u32(ret, (uint32_t)b->raw.len);
}

/* Everything before the signature is signed: host, range, chain and the operations as they travel. */
enum err batch_encode(const struct batch *b, const struct key *k, const struct alg_policy *policy, struct buf *ret,
                      struct errinfo *reterr)
{
    struct buf body = BUF_INIT, packed = BUF_INIT, sig = BUF_INIT;
    enum err e = b->n ? OK : err_set(reterr, E_INVALID, NULL, "batch", "empty");
    put_head(b, &body);
    if (e == OK)
        e = zip(buf_span(&b->raw), &packed, reterr);
    if (e == OK) {
        put_bytes(&body, buf_span(&packed));
        e = key_sign(k, policy, BATCH_LABEL, buf_span(&body), &sig, reterr);
    }
    if (e == OK) {
        buf_add(ret, body.p, body.len);
        put_bytes(ret, buf_span(&sig));
    }
    buf_done(&body);
    buf_done(&packed);
    buf_done(&sig);
    return e;
}

/* Cuts raw into operations and computes their hashes and chain. */
static bool split(struct batch *b)
{
    struct cur c = cur_of(buf_span(&b->raw));
    uint8_t chain[OP_HASH];
    memcpy(chain, b->chain_before, OP_HASH);
    uint64_t count = b->last - b->first + 1;
    b->op = xcalloc(count, sizeof *b->op);
    for (b->n = 0; b->n < count; b->n++) {
        struct batch_op *o = &b->op[b->n];
        struct op envelope;
        o->bytes = cur_bytes(&c, OP_MAX);
        o->seq = b->first + b->n;
        if (c.bad || op_decode(o->bytes, &envelope, NULL) != OK)
            return false;
        bool ok = envelope.seq == o->seq && strcmp(envelope.branch, b->branch) == 0 &&
                  memcmp(envelope.incarnation, b->incarnation, OP_INCARNATION) == 0;
        op_done(&envelope);
        if (!ok)
            return false;
        op_hash(o->bytes, o->hash);
        op_chain_next(chain, o->hash, chain);
        memcpy(o->chain, chain, OP_HASH);
    }
    return cur_end(&c) && memcmp(chain, b->chain_last, OP_HASH) == 0;
}

static bool take_head(struct cur *c, struct batch *b, uint32_t *ret_raw)
{
    char m[sizeof magic];
    cur_fixed(c, m, sizeof m);
    cur_fixed(c, b->host_id, HOST_ID);
    struct span branch = cur_bytes(c, OP_BRANCH_MAX);
    if (!c->bad)
        memcpy(b->branch, branch.p, branch.n);
    cur_fixed(c, b->incarnation, OP_INCARNATION);
    b->first = cur_u64(c);
    b->last = cur_u64(c);
    cur_fixed(c, b->chain_before, OP_HASH);
    cur_fixed(c, b->chain_last, OP_HASH);
    *ret_raw = cur_u32(c);
    return !c->bad && memcmp(m, magic, sizeof m) == 0 && strlen(b->branch) == branch.n && b->first > 0 &&
           b->last >= b->first && b->last - b->first < BATCH_OPS_MAX;
}

enum err batch_decode(struct span in, struct batch *ret, struct errinfo *reterr)
{
    struct batch b = { .n = 0 };
    struct cur c = cur_of(in);
    uint32_t raw = 0;
    bool ok = in.n <= BATCH_MAX && take_head(&c, &b, &raw);
    struct span packed = cur_bytes(&c, BATCH_MAX);
    b.body = (struct span){ in.p, (size_t)((const char *)c.p - in.p) };
    b.sig = cur_bytes(&c, SIG_MAX);
    ok = ok && cur_end(&c) && unzip(packed, raw, BATCH_RAW_MAX, &b.raw, NULL) == OK && split(&b);
    if (!ok) {
        batch_done(&b);
        return err_set(reterr, E_CORRUPT, NULL, "batch", "malformed");
    }
    *ret = b;
    return OK;
}

enum err batch_verify(const struct batch *b, const struct key *k, const struct alg_policy *policy,
                      struct errinfo *reterr)
{
    return key_verify(k, policy, BATCH_LABEL, b->body, b->sig, reterr);
}
