#include "crypto_test.h"

static enum err load(const char *text, struct alg_policy *ret, struct errinfo *reterr)
{
    char *dir = test_dir();
    char *path = fs_join(dir, "allow.tsv");
    assert_int_equal(fs_write_atomic(path, 0600, span_of(text), NULL), OK);
    enum err e = alg_policy_load(path, ret, reterr);
    free(path);
    test_dir_remove(dir);
    return e;
}

static void test_reads_the_table_of_the_tree(void **state)
{
    (void)state;
    struct alg_policy p;
    assert_int_equal(alg_policy_load(getenv("TEST_ALLOW_TABLE"), &p, NULL), OK);
    assert_int_equal(p.preferred, SIG_P256_SHA256);
    assert_int_equal(p.use[SIG_P384_SHA384], ALG_NEW);
    assert_int_equal(p.use[SIG_NONE], ALG_NEVER);
}

static void test_first_new_row_is_preferred(void **state)
{
    (void)state;
    struct alg_policy p;
    assert_int_equal(load("ecdsa-p256-sha256\ta\tverify\necdsa-p384-sha384\tb\tnew\n", &p, NULL), OK);
    assert_int_equal(p.preferred, SIG_P384_SHA384);
    assert_int_equal(p.use[SIG_P256_SHA256], ALG_VERIFY);
}

static void test_refuses_bad_tables(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "ecdsa-p256-sha256\ta\tverify\n",
        "md5\ta\tnew\n",
        "none\ta\tnew\n",
        "ecdsa-p256-sha256\ta\tnew\necdsa-p256-sha256\ta\tverify\n",
        "ecdsa-p256-sha256\ta\tsometimes\n",
        "ecdsa-p256-sha256\ta\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct alg_policy p = { .preferred = SIG_P384_SHA384 };
        struct errinfo err;
        assert_int_equal(load(bad[i], &p, &err), E_INVALID);
        assert_non_null(strstr(err.item, "allow.tsv:"));
        assert_int_equal(p.preferred, SIG_P384_SHA384);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_the_table_of_the_tree),
        cmocka_unit_test(test_first_new_row_is_preferred),
        cmocka_unit_test(test_refuses_bad_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
