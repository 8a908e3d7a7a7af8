/* What the tests of this layer share: sample operations, and decoders tried with every cut and every flipped bit. */
#ifndef SYNC_TEST_H
#define SYNC_TEST_H

#include "check.h"

#include "base/mem.h"
#include "sync/op.h"

static const uint8_t test_incarnation[OP_INCARNATION] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static inline void test_op(struct op *o, uint64_t seq)
{
    op_init(o);
    memcpy(o->branch, "E1", 3);
    memcpy(o->incarnation, test_incarnation, OP_INCARNATION);
    o->seq = seq;
    o->flags = OPF_TRIAL;
    memcpy(o->kind, "notice.withdraw", 16);
    memcpy(o->lane, "000000000012345", 16);
    o->lane_prev = seq > 1 ? seq - 1 : 0;
    op_add_base(o, "000000000000017", 3);
    op_add_base(o, "000000000000005", 1);
    const char json[] = "{\"no\":\"E1-000001\",\"reason\":\"葛󠄀飾\"}"; /* with a variation selector */
    op_set_payload(o, json, sizeof json - 1);
    memcpy(o->operator_id, "kawaguchi", 10);
    o->wall_ms = 1782864000000;
    o->host_ms = 1782863990000;
    o->since_host_ms = 10000;
    memcpy(o->app, "0.1.0", 6);
    o->schema = 6;
}

static inline void test_op_bytes(uint64_t seq, struct buf *ret)
{
    struct op o;
    test_op(&o, seq);
    assert_int_equal(op_encode(&o, ret, NULL), OK);
    op_done(&o);
}

/* Copies exactly n bytes so that a sanitizer sees a read beyond them. */
static inline bool test_accepts(bool (*decode)(struct span, void *), void *arg, const char *p, size_t n)
{
    char *copy = xmalloc(n ? n : 1);
    memcpy(copy, p, n);
    bool ok = decode((struct span){ copy, n }, arg);
    free(copy);
    return ok;
}

static inline void test_all_cuts(const struct buf *b, bool (*decode)(struct span, void *), void *arg)
{
    assert_true(test_accepts(decode, arg, b->p, b->len));
    for (size_t n = 0; n < b->len; n++)
        if (test_accepts(decode, arg, b->p, n))
            fail_msg("accepted when cut after %zu of %zu bytes", n, b->len);
    struct buf longer = BUF_INIT;
    buf_add(&longer, b->p, b->len);
    buf_addc(&longer, '\0');
    assert_false(test_accepts(decode, arg, longer.p, longer.len));
    buf_done(&longer);
}

static inline void test_all_flips(const struct buf *b, bool (*decode)(struct span, void *), void *arg)
{
    for (size_t bit = 0; bit < b->len * 8; bit++) {
        b->p[bit / 8] = (char)(b->p[bit / 8] ^ (1 << (bit % 8)));
        if (test_accepts(decode, arg, b->p, b->len))
            fail_msg("accepted with bit %zu of byte %zu of %zu flipped", bit % 8, bit / 8, b->len);
        b->p[bit / 8] = (char)(b->p[bit / 8] ^ (1 << (bit % 8)));
    }
}

#endif
