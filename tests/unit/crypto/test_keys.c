#include "crypto_test.h"

#include <sys/stat.h>

static struct key *new_key(enum sig_alg alg)
{
    struct key *k = NULL;
    assert_int_equal(key_generate(alg, &k, NULL), OK);
    return k;
}

static struct alg_policy all(void)
{
    struct alg_policy p = { .preferred = SIG_P256_SHA256 };
    p.use[SIG_P256_SHA256] = p.use[SIG_P384_SHA384] = ALG_NEW;
    return p;
}

static void test_signature_verifies_with_the_public_half(void **state)
{
    (void)state;
    struct alg_policy policy = all();
    for (int a = SIG_P256_SHA256; a < SIG_ALGS; a++) {
        struct key *k = new_key((enum sig_alg)a), *pub = NULL;
        struct buf pem = BUF_INIT, sig = BUF_INIT;
        assert_int_equal(key_public_pem(k, &pem, NULL), OK);
        assert_int_equal(key_public_read(buf_span(&pem), &pub, NULL), OK);
        uint8_t id[KEY_ID], pub_id[KEY_ID];
        key_id(k, id);
        key_id(pub, pub_id);
        assert_memory_equal(id, pub_id, KEY_ID);
        assert_int_equal(key_alg(pub), a);
        assert_int_equal(key_sign(k, &policy, "label", span_of("text"), &sig, NULL), OK);
        assert_true(sig.len <= SIG_MAX);
        assert_int_equal(key_verify(pub, &policy, "label", span_of("text"), buf_span(&sig), NULL), OK);
        assert_int_equal(key_verify(pub, &policy, "Label", span_of("text"), buf_span(&sig), NULL), E_CORRUPT);
        assert_int_equal(key_verify(pub, &policy, "label", span_of("texT"), buf_span(&sig), NULL), E_CORRUPT);
        assert_int_equal(key_verify(pub, &policy, "labelt", span_of("ext"), buf_span(&sig), NULL), E_CORRUPT);
        buf_done(&pem);
        buf_done(&sig);
        key_free(k);
        key_free(pub);
    }
}

static void test_every_flip_and_cut_of_a_signature_is_refused(void **state)
{
    (void)state;
    struct alg_policy policy = all();
    struct key *k = new_key(SIG_P256_SHA256);
    struct buf sig = BUF_INIT;
    assert_int_equal(key_sign(k, &policy, "label", span_of("text"), &sig, NULL), OK);
    for (size_t bit = 0; bit < sig.len * 8; bit++) {
        sig.p[bit / 8] = (char)(sig.p[bit / 8] ^ (1 << (bit % 8)));
        assert_int_not_equal(key_verify(k, &policy, "label", span_of("text"), buf_span(&sig), NULL), OK);
        sig.p[bit / 8] = (char)(sig.p[bit / 8] ^ (1 << (bit % 8)));
    }
    for (size_t n = 0; n < sig.len; n++)
        assert_int_equal(key_verify(k, &policy, "label", span_of("text"), (struct span){ sig.p, n }, NULL), E_CORRUPT);
    buf_addc(&sig, 'x');
    assert_int_equal(key_verify(k, &policy, "label", span_of("text"), buf_span(&sig), NULL), E_CORRUPT);
    buf_done(&sig);
    key_free(k);
}

static void test_policy_decides(void **state)
{
    (void)state;
    struct alg_policy policy = all();
    struct key *k = new_key(SIG_P384_SHA384), *other = new_key(SIG_P384_SHA384);
    struct buf sig = BUF_INIT;
    assert_int_equal(key_sign(k, &policy, "label", span_of("text"), &sig, NULL), OK);
    assert_int_equal(key_verify(other, &policy, "label", span_of("text"), buf_span(&sig), NULL), E_CORRUPT);
    policy.use[SIG_P384_SHA384] = ALG_VERIFY;
    struct buf none = BUF_INIT;
    assert_int_equal(key_sign(k, &policy, "label", span_of("text"), &none, NULL), E_DENIED);
    assert_int_equal(none.len, 0);
    assert_int_equal(key_verify(k, &policy, "label", span_of("text"), buf_span(&sig), NULL), OK);
    policy.use[SIG_P384_SHA384] = ALG_NEVER;
    assert_int_equal(key_verify(k, &policy, "label", span_of("text"), buf_span(&sig), NULL), E_DENIED);
    buf_done(&sig);
    key_free(k);
    key_free(other);
}

static void test_private_key_file_must_be_private(void **state)
{
    (void)state;
    char *dir = test_dir();
    char *path = fs_join(dir, "branch.key");
    struct key *k = new_key(SIG_P256_SHA256), *again = NULL;
    assert_int_equal(key_load(path, &again, NULL), E_NOTFOUND);
    assert_int_equal(key_save(k, path, NULL), OK);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(key_load(path, &again, NULL), OK);
    uint8_t a[KEY_ID], b[KEY_ID];
    key_id(k, a);
    key_id(again, b);
    assert_memory_equal(a, b, KEY_ID);
    key_free(again);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(key_load(path, &again, NULL), E_DENIED);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(fs_write_atomic(path, 0600, span_of("-----BEGIN PRIVATE KEY-----\n"), NULL), OK);
    assert_int_equal(key_load(path, &again, NULL), E_CORRUPT);
    key_free(k);
    free(path);
    test_dir_remove(dir);
}

static void test_public_half_cannot_sign_or_be_saved(void **state)
{
    (void)state;
    struct alg_policy policy = all();
    char *dir = test_dir();
    char *path = fs_join(dir, "x.key");
    struct key *k = new_key(SIG_P256_SHA256), *pub = NULL;
    struct buf pem = BUF_INIT, sig = BUF_INIT;
    assert_int_equal(key_public_pem(k, &pem, NULL), OK);
    assert_int_equal(key_public_read(buf_span(&pem), &pub, NULL), OK);
    assert_int_equal(key_sign(pub, &policy, "label", span_of("text"), &sig, NULL), E_INVALID);
    assert_int_equal(key_save(pub, path, NULL), E_INVALID);
    assert_int_equal(key_request(pub, &sig, NULL), E_INVALID);
    assert_int_equal(sig.len, 0);
    buf_done(&pem);
    key_free(k);
    key_free(pub);
    free(path);
    test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature_verifies_with_the_public_half),
        cmocka_unit_test(test_every_flip_and_cut_of_a_signature_is_refused),
        cmocka_unit_test(test_policy_decides),
        cmocka_unit_test(test_private_key_file_must_be_private),
        cmocka_unit_test(test_public_half_cannot_sign_or_be_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
