#include "sync_test.h"

#include "sync/snapshot.h"

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

static bool accepts(struct span in, void *arg)
{
    const struct signer *s = arg;
    struct manifest m;
    bool ok = manifest_decode(in, s->key, &s->policy, &m, NULL) == OK;
    if (ok)
        manifest_done(&m);
    return ok;
}

static void test_manifest(void **state)
{
    struct signer *s = *state;
    struct manifest m, got;
    struct buf b = BUF_INIT;
    manifest_init(&m);
    memset(m.id, 1, sizeof m.id);
    m.trial = true;
    m.as_of = 77;
    m.as_of_ms = m.restriction_ms = 1782864000000;
    m.persons = 3;
    m.rows = 4;
    for (uint32_t i = 0; i < 3; i++)
        manifest_add(&m, &(struct snapshot_chunk){ .raw = 100 + i, .size = 50, .entries = 2, .hash = { (uint8_t)i } });
    assert_int_equal(manifest_encode(&m, s->key, &s->policy, &b, NULL), OK);
    assert_int_equal(manifest_decode(buf_span(&b), s->key, &s->policy, &got, NULL), OK);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.chunk[2].raw, 102);
    assert_true(got.trial && got.as_of == 77 && got.rows == 4);
    test_all_cuts(&b, accepts, s);
    test_all_flips(&b, accepts, s);
    manifest_done(&m);
    manifest_done(&got);
    buf_done(&b);
}

static bool takes_chunk(struct span in, void *arg)
{
    struct buf raw = BUF_INIT;
    bool ok = chunk_decode(in, arg, &raw, NULL) == OK;
    buf_done(&raw);
    return ok;
}

static void test_chunk(void **state)
{
    (void)state;
    struct buf raw = BUF_INIT, bytes = BUF_INIT, back = BUF_INIT;
    struct snapshot_chunk k;
    for (uint64_t i = 1; i <= 20; i++) {
        struct feed_entry f = { .host_seq = i, .type = FEED_RESIDENT, .key = "17/1", .body = span_of("{\"a\":\"b\"}") };
        assert_int_equal(feed_entry_put(&f, &raw, NULL), OK);
    }
    assert_int_equal(chunk_encode(buf_span(&raw), 20, &bytes, &k, NULL), OK);
    assert_int_equal(k.raw, raw.len);
    assert_int_equal(k.entries, 20);
    assert_int_equal(chunk_decode(buf_span(&bytes), &k, &back, NULL), OK);
    assert_int_equal(back.len, raw.len);
    assert_memory_equal(back.p, raw.p, raw.len);
    test_all_cuts(&bytes, takes_chunk, &k);
    test_all_flips(&bytes, takes_chunk, &k);
    k.raw--;
    assert_false(takes_chunk(buf_span(&bytes), &k));
    buf_done(&raw);
    buf_done(&bytes);
    buf_done(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_manifest), cmocka_unit_test(test_chunk) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
