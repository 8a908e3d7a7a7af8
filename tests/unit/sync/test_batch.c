#include "sync_test.h"

#include "sync/batch.h"

static const uint8_t host_id[HOST_ID] = { 9 };

struct signer {
    struct key *key;
    struct alg_policy policy;
};

static int setup(void **state)
{
    struct signer *s = xcalloc(1, sizeof *s);
    s->policy = alg_policy_p256();
    *state = s;
    return key_generate(SIG_P256_SHA256, &s->key, NULL) == OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct signer *s = *state;
    key_free(s->key);
    free(s);
    return 0;
}

static void start(struct batch *b, uint64_t first)
{
    uint8_t chain[OP_HASH];
    op_chain_start("E1", test_incarnation, chain);
    batch_init(b, host_id, "E1", test_incarnation, first, chain);
}

static void add(struct batch *b, uint64_t seq)
{
    struct buf op = BUF_INIT;
    test_op_bytes(seq, &op);
    assert_int_equal(batch_add(b, buf_span(&op), 0, NULL), OK);
    buf_done(&op);
}

static void encode(const struct signer *s, const struct batch *b, struct buf *ret)
{
    assert_int_equal(batch_encode(b, s->key, &s->policy, ret, NULL), OK);
}

static bool accepts(struct span in, void *arg)
{
    const struct signer *s = arg;
    struct batch b;
    if (batch_decode(in, &b, NULL) != OK)
        return false;
    bool ok = batch_verify(&b, s->key, &s->policy, NULL) == OK;
    batch_done(&b);
    return ok;
}

static void test_round_trip(void **state)
{
    struct signer *s = *state;
    struct batch b, got;
    struct buf bytes = BUF_INIT;
    uint8_t chain[OP_HASH];
    start(&b, 1);
    for (uint64_t seq = 1; seq <= 3; seq++)
        add(&b, seq);
    encode(s, &b, &bytes);
    assert_int_equal(batch_decode(buf_span(&bytes), &got, NULL), OK);
    assert_int_equal(batch_verify(&got, s->key, &s->policy, NULL), OK);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.first, 1);
    assert_int_equal(got.last, 3);
    assert_string_equal(got.branch, "E1");
    memcpy(chain, got.chain_before, OP_HASH);
    for (size_t i = 0; i < got.n; i++) {
        struct op o;
        assert_int_equal(op_decode(got.op[i].bytes, &o, NULL), OK);
        assert_int_equal(o.seq, i + 1);
        op_done(&o);
        op_chain_next(chain, got.op[i].hash, chain);
        assert_memory_equal(chain, got.op[i].chain, OP_HASH);
    }
    assert_memory_equal(chain, b.chain_last, OP_HASH);
    batch_done(&b);
    batch_done(&got);
    buf_done(&bytes);
}

static void test_every_cut_and_flip_is_seen(void **state)
{
    struct batch b;
    struct buf bytes = BUF_INIT;
    start(&b, 1);
    for (uint64_t seq = 1; seq <= 3; seq++)
        add(&b, seq);
    encode(*state, &b, &bytes);
    test_all_cuts(&bytes, accepts, *state);
    test_all_flips(&bytes, accepts, *state);
    batch_done(&b);
    buf_done(&bytes);
}

static void test_only_the_next_operation_fits(void **state)
{
    (void)state;
    struct batch b;
    struct buf op = BUF_INIT, other = BUF_INIT;
    start(&b, 4);
    test_op_bytes(5, &op);
    assert_int_equal(batch_add(&b, buf_span(&op), 0, NULL), E_INVALID);
    add(&b, 4);
    assert_int_equal(batch_add(&b, buf_span(&op), 0, NULL), OK);
    assert_int_equal(batch_add(&b, buf_span(&op), 0, NULL), E_INVALID);
    struct op o;
    test_op(&o, 6);
    o.incarnation[0] ^= 1;
    assert_int_equal(op_encode(&o, &other, NULL), OK);
    assert_int_equal(batch_add(&b, buf_span(&other), 0, NULL), E_INVALID);
    op_done(&o);
    assert_int_equal(b.n, 2);
    batch_done(&b);
    buf_done(&op);
    buf_done(&other);
}

static void test_caps(void **state)
{
    struct batch b;
    struct buf op = BUF_INIT, bytes = BUF_INIT;
    start(&b, 1);
    for (uint64_t seq = 1; seq <= BATCH_OPS_MAX; seq++)
        add(&b, seq);
    test_op_bytes(BATCH_OPS_MAX + 1, &op);
    assert_int_equal(batch_add(&b, buf_span(&op), 0, NULL), E_FULL);
    encode(*state, &b, &bytes);
    assert_true(bytes.len <= BATCH_MAX);
    assert_true(accepts(buf_span(&bytes), *state));
    batch_done(&b);
    start(&b, 1);
    add(&b, 1);
    buf_clear(&op);
    test_op_bytes(2, &op);
    assert_int_equal(batch_add(&b, buf_span(&op), b.raw.len + op.len + 3, NULL), E_FULL);
    assert_int_equal(batch_add(&b, buf_span(&op), b.raw.len + op.len + 4, NULL), OK);
    batch_done(&b);
    start(&b, 1);
    assert_int_equal(batch_encode(&b, ((struct signer *)*state)->key, &((struct signer *)*state)->policy, &bytes, NULL),
                     E_INVALID);
    batch_done(&b);
    buf_done(&op);
    buf_done(&bytes);
}

/* A batch meant for one host is refused when its head names another: the head is signed. */
static void test_other_key_and_other_host(void **state)
{
    struct signer *s = *state, other = { .policy = s->policy };
    struct batch b;
    struct buf bytes = BUF_INIT;
    assert_int_equal(key_generate(SIG_P256_SHA256, &other.key, NULL), OK);
    start(&b, 1);
    add(&b, 1);
    encode(s, &b, &bytes);
    assert_true(accepts(buf_span(&bytes), s));
    assert_false(accepts(buf_span(&bytes), &other));
    bytes.p[4] ^= 1;
    assert_false(accepts(buf_span(&bytes), s));
    key_free(other.key);
    batch_done(&b);
    buf_done(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_cut_and_flip_is_seen),
        cmocka_unit_test(test_only_the_next_operation_fits),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_other_key_and_other_host),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
