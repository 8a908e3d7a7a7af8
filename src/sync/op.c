#include "sync/op.h"
#include "base/cur.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "crypto/digest.h"

#include <stdlib.h>
#include <string.h>

#define OP_VERSION  1
#define CHAIN_LABEL "madoguchi chain 1"

void op_init(struct op *o)
{
    memset(o, 0, sizeof *o);
}

void op_done(struct op *o)
{
    if (o->payload)
        wipe(o->payload, o->payload_len);
    free(o->payload);
    free(o->base);
    wipe(o, sizeof *o);
}

void op_set_payload(struct op *o, const char *json, size_t n)
{
    char *copy = xmalloc(n + 1);
    memcpy(copy, json, n);
    copy[n] = '\0';
    if (o->payload)
        wipe(o->payload, o->payload_len);
    free(o->payload);
    o->payload = copy;
    o->payload_len = n;
}

void op_add_base(struct op *o, const char *id, int64_t rev)
{
    size_t at = 0;
    while (at < o->n_base && strcmp(o->base[at].id, id) < 0)
        at++;
    if (at < o->n_base && strcmp(o->base[at].id, id) == 0) {
        if (rev < o->base[at].rev)
            o->base[at].rev = rev;
        return;
    }
    struct op_base b = { .rev = rev };
    size_t n = strlen(id);
    memcpy(b.id, id, n < OP_PERSON_MAX ? n + 1 : OP_PERSON_MAX);
    o->base = xrealloc(o->base, o->n_base + 1, sizeof *o->base);
    memmove(o->base + at + 1, o->base + at, (o->n_base - at) * sizeof *o->base);
    o->base[at] = b;
    o->n_base++;
}

static bool text_ok(const char *s, size_t max, bool required)
{
    size_t n = strnlen(s, max + 1);
    struct span t = { s, n };
    return n <= max && (n > 0 || !required) && utf8_valid(t) && utf8_forbidden(t) == 0;
}

static bool base_ok(const struct op *o)
{
    if (o->n_base > OP_BASE_MAX)
        return false;
    for (size_t i = 0; i < o->n_base; i++) {
        if (!text_ok(o->base[i].id, OP_PERSON_MAX, true) || o->base[i].rev < 0)
            return false;
        if (i && strcmp(o->base[i - 1].id, o->base[i].id) >= 0)
            return false;
    }
    return true;
}

/* NULL, or the member that breaks a rule. */
static const char *broken_member(const struct op *o)
{
    if (!text_ok(o->branch, OP_BRANCH_MAX, true))
        return "branch";
    if (o->seq == 0 || o->seq > INT64_MAX || o->lane_prev >= o->seq)
        return "seq";
    if (o->flags & ~(uint32_t)OPF_ALL)
        return "flags";
    if (!text_ok(o->kind, OP_KIND_MAX, true))
        return "kind";
    if (!text_ok(o->lane, OP_LANE_MAX, o->lane_prev != 0))
        return "lane";
    if (!base_ok(o))
        return "base";
    if (o->payload_len == 0 || o->payload_len > OP_PAYLOAD_MAX || memchr(o->payload, '\0', o->payload_len) ||
        !utf8_valid((struct span){ o->payload, o->payload_len }))
        return "payload";
    if (!text_ok(o->operator_id, OP_OPERATOR_MAX, true))
        return "operator";
    if (!text_ok(o->approver, OP_OPERATOR_MAX, false))
        return "approver";
    return text_ok(o->app, OP_APP_MAX, false) ? NULL : "app";
}

static void put_op(const struct op *o, struct buf *b)
{
    put_u8(b, OP_VERSION);
    put_bytes(b, span_of(o->branch));
    buf_add(b, o->incarnation, OP_INCARNATION);
    put_u64(b, o->seq);
    put_u32(b, o->flags);
    put_bytes(b, span_of(o->kind));
    put_bytes(b, span_of(o->lane));
    put_u64(b, o->lane_prev);
    put_u32(b, (uint32_t)o->n_base);
    for (size_t i = 0; i < o->n_base; i++) {
        put_bytes(b, span_of(o->base[i].id));
        put_u64(b, (uint64_t)o->base[i].rev);
    }
    put_bytes(b, (struct span){ o->payload, o->payload_len });
    put_bytes(b, span_of(o->operator_id));
    put_bytes(b, span_of(o->approver));
    put_u64(b, (uint64_t)o->wall_ms);
    put_u64(b, (uint64_t)o->host_ms);
    put_u64(b, (uint64_t)o->since_host_ms);
    buf_add(b, o->boot_id, sizeof o->boot_id);
    put_bytes(b, span_of(o->app));
    put_u32(b, o->schema);
    buf_add(b, o->forms_digest, sizeof o->forms_digest);
}

enum err op_encode(const struct op *o, struct buf *ret, struct errinfo *reterr)
{
    const char *bad = broken_member(o);
    if (bad)
        return err_set(reterr, E_INVALID, NULL, bad, "operation cannot be encoded");
    struct buf b = BUF_INIT;
    put_op(o, &b);
    enum err e = b.len <= OP_MAX ? OK : err_set(reterr, E_INVALID, NULL, "payload", "operation of %zu bytes", b.len);
    if (e == OK)
        buf_add(ret, b.p, b.len);
    buf_done(&b);
    return e;
}

/* A text of at most max bytes without NUL into a member of max + 1. */
static void take_text(struct cur *c, char *ret, size_t max)
{
    struct span s = cur_bytes(c, max);
    if (memchr(s.p, '\0', s.n))
        c->bad = true;
    memcpy(ret, s.p, s.n);
    ret[s.n] = '\0';
}

static void take_base(struct cur *c, struct op *o)
{
    uint32_t n = cur_u32(c);
    if (n > OP_BASE_MAX)
        c->bad = true;
    if (c->bad || n == 0)
        return;
    o->base = xcalloc(n, sizeof *o->base);
    for (; o->n_base < n && !c->bad; o->n_base++) {
        take_text(c, o->base[o->n_base].id, OP_PERSON_MAX);
        o->base[o->n_base].rev = (int64_t)cur_u64(c);
    }
}

static void take_op(struct cur *c, struct op *o)
{
    if (cur_u8(c) != OP_VERSION)
        c->bad = true;
    take_text(c, o->branch, OP_BRANCH_MAX);
    cur_fixed(c, o->incarnation, OP_INCARNATION);
    o->seq = cur_u64(c);
    o->flags = cur_u32(c);
    take_text(c, o->kind, OP_KIND_MAX);
    take_text(c, o->lane, OP_LANE_MAX);
    o->lane_prev = cur_u64(c);
    take_base(c, o);
    struct span payload = cur_bytes(c, OP_PAYLOAD_MAX);
    if (!c->bad)
        op_set_payload(o, payload.p, payload.n);
    take_text(c, o->operator_id, OP_OPERATOR_MAX);
    take_text(c, o->approver, OP_OPERATOR_MAX);
    o->wall_ms = (int64_t)cur_u64(c);
    o->host_ms = (int64_t)cur_u64(c);
    o->since_host_ms = (int64_t)cur_u64(c);
    cur_fixed(c, o->boot_id, sizeof o->boot_id);
    take_text(c, o->app, OP_APP_MAX);
    o->schema = cur_u32(c);
    cur_fixed(c, o->forms_digest, sizeof o->forms_digest);
}

enum err op_decode(struct span in, struct op *ret, struct errinfo *reterr)
{
    struct op o;
    struct cur c = cur_of(in);
    op_init(&o);
    if (in.n <= OP_MAX)
        take_op(&c, &o);
    if (in.n > OP_MAX || !cur_end(&c) || broken_member(&o)) {
        op_done(&o);
        return err_set(reterr, E_CORRUPT, NULL, "operation", "malformed");
    }
    *ret = o;
    return OK;
}

void op_hash(struct span encoded, uint8_t ret[OP_HASH])
{
    digest_sha256(encoded.p, encoded.n, ret);
}

void op_chain_start(const char *branch, const uint8_t incarnation[OP_INCARNATION], uint8_t ret[OP_HASH])
{
    struct buf b = BUF_INIT;
    buf_add(&b, CHAIN_LABEL, sizeof CHAIN_LABEL);
    put_bytes(&b, span_of(branch));
    buf_add(&b, incarnation, OP_INCARNATION);
    digest_sha256(b.p, b.len, ret);
    buf_done(&b);
}

void op_chain_next(const uint8_t before[OP_HASH], const uint8_t hash[OP_HASH], uint8_t ret[OP_HASH])
{
    uint8_t both[2 * OP_HASH];
    memcpy(both, before, OP_HASH);
    memcpy(both + OP_HASH, hash, OP_HASH);
    digest_sha256(both, sizeof both, ret);
}

void op_show(const char *branch, uint64_t seq, struct buf *ret)
{
    buf_printf(ret, "%s-%06llu", branch, (unsigned long long)seq);
}
