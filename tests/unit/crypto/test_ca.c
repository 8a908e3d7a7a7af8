#include "crypto_test.h"

static struct ca *new_ca(const char *dir)
{
    struct alg_policy policy = alg_policy_p256();
    struct cert_id instance = test_id(ROLE_HOST, true, "ca");
    struct ca *ca = NULL;
    assert_int_equal(ca_create(dir, &policy, &instance, now_ms(), 3650, &ca, NULL), OK);
    return ca;
}

static void request(struct buf *ret_pem, uint8_t ret_id[KEY_ID])
{
    struct key *k = NULL;
    assert_int_equal(key_generate(SIG_P256_SHA256, &k, NULL), OK);
    assert_int_equal(key_request(k, ret_pem, NULL), OK);
    key_id(k, ret_id);
    key_free(k);
}

static void test_identity_round_trip(void **state)
{
    (void)state;
    for (int r = 0; r < CERT_ROLES; r++) {
        struct cert_id id = test_id((enum cert_role)r, r % 2 == 0, "E1-2"), again;
        struct buf uri = BUF_INIT;
        cert_id_uri(&id, &uri);
        assert_int_equal(cert_id_parse(buf_span(&uri), &again, NULL), OK);
        assert_int_equal(again.role, r);
        assert_int_equal(again.trial, id.trial);
        assert_string_equal(again.city, id.city);
        assert_string_equal(again.name, id.name);
        buf_done(&uri);
    }
}

static void test_identity_refuses_everything_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "madoguchi://",
        "madoguchi://trial/131016/branch/",
        "madoguchi://trial/131016/branch",
        "madoguchi://trial/131016/branch/E1/x",
        "madoguchi://trial//branch/E1",
        "madoguchi://trial/13101a/branch/E1",
        "madoguchi://trial/1310166/branch/E1",
        "madoguchi://trial/131016/clerk/E1",
        "madoguchi://Trial/131016/branch/E1",
        "madoguchi://real/131016/branch/E1,DNS:x",
        "madoguchi://real/131016/branch/ABCDEFGHIJKLMNOPQRSTUVWXYZ-123456",
        "https://real/131016/branch/E1",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct cert_id id;
        assert_int_equal(cert_id_parse(span_of(bad[i]), &id, NULL), E_INVALID);
    }
}

static void test_issues_what_was_ordered(void **state)
{
    (void)state;
    char *dir = test_dir();
    struct ca *ca = new_ca(dir), *again = NULL;
    struct buf csr = BUF_INIT, pem = BUF_INIT;
    uint8_t id[KEY_ID];
    char serial[CERT_SERIAL_HEX];
    request(&csr, id);
    struct cert_order o = { .id = test_id(ROLE_BRANCH, true, "E1"),
                            .from_ms = 1782864000000,
                            .until_ms = 1790640000000 };
    assert_int_equal(ca_issue(ca, buf_span(&csr), &o, &pem, serial, NULL), OK);
    struct cert_facts f;
    assert_int_equal(cert_read(buf_span(&pem), &f, NULL), OK);
    assert_int_equal(f.id.role, ROLE_BRANCH);
    assert_true(f.id.trial);
    assert_string_equal(f.id.name, "E1");
    assert_string_equal(f.serial, serial);
    assert_int_equal(strlen(serial), CERT_SERIAL_HEX - 1);
    assert_true(f.from_ms == o.from_ms && f.until_ms == o.until_ms);
    assert_memory_equal(f.key_id, id, KEY_ID);
    ca_free(ca);
    assert_int_equal(ca_open(dir, &again, NULL), OK);
    ca_free(again);
    struct alg_policy policy = alg_policy_p256();
    assert_int_equal(ca_create(dir, &policy, &o.id, now_ms(), 1, &again, NULL), E_EXISTS);
    buf_done(&csr);
    buf_done(&pem);
    test_dir_remove(dir);
}

static void test_refuses_a_request_without_proof_of_possession(void **state)
{
    (void)state;
    char *dir = test_dir();
    struct ca *ca = new_ca(dir);
    struct buf csr = BUF_INIT, pem = BUF_INIT;
    uint8_t id[KEY_ID];
    char serial[CERT_SERIAL_HEX] = "unchanged";
    request(&csr, id);
    struct cert_order o = { .id = test_id(ROLE_BRANCH, true, "E1"), .from_ms = 0, .until_ms = 1000 };
    /* The signature is at the end of the request: another letter there breaks nothing but the proof. */
    char *tail = strstr(csr.p, "\n-----END") - 8;
    *tail = *tail == 'A' ? 'B' : 'A';
    assert_int_equal(ca_issue(ca, buf_span(&csr), &o, &pem, serial, NULL), E_INVALID);
    assert_int_equal(ca_issue(ca, span_of("no request"), &o, &pem, serial, NULL), E_INVALID);
    assert_int_equal(pem.len, 0);
    assert_string_equal(serial, "unchanged");
    buf_done(&csr);
    ca_free(ca);
    test_dir_remove(dir);
}

static void test_refuses_names_that_would_add_others(void **state)
{
    (void)state;
    char *dir = test_dir();
    struct ca *ca = new_ca(dir);
    struct buf csr = BUF_INIT, pem = BUF_INIT;
    uint8_t id[KEY_ID];
    char serial[CERT_SERIAL_HEX];
    request(&csr, id);
    static const char *const bad[] = { "a,URI:madoguchi://real/1/host/x", "", "a b", "*.example" };
    static const char *const good[] = { "localhost", "127.0.0.1", "::1", "host-1.example" };
    struct cert_order o = { .id = test_id(ROLE_HOST, true, "H1"), .until_ms = 1000, .n_names = 1 };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        o.names = &bad[i];
        assert_int_equal(ca_issue(ca, buf_span(&csr), &o, &pem, serial, NULL), E_INVALID);
    }
    o.names = good;
    o.n_names = ARRAY_LEN(good);
    assert_int_equal(ca_issue(ca, buf_span(&csr), &o, &pem, serial, NULL), OK);
    o.id.name[1] = ' ';
    assert_int_equal(ca_issue(ca, buf_span(&csr), &o, &pem, serial, NULL), E_INVALID);
    buf_done(&csr);
    buf_done(&pem);
    ca_free(ca);
    test_dir_remove(dir);
}

/* Of this authority, also after it has run out; never of another one, and the authority's own is of nobody. */
static void test_whose_certificate_it_is(void **state)
{
    (void)state;
    char *dir = test_dir(), *other_dir = test_dir();
    struct ca *ca = new_ca(dir), *other = new_ca(other_dir);
    struct buf csr = BUF_INIT, pem = BUF_INIT;
    uint8_t id[KEY_ID];
    char serial[CERT_SERIAL_HEX];
    struct cert_facts f = { .from_ms = 7 };
    request(&csr, id);
    const struct cert_order o = { .id = test_id(ROLE_BRANCH, true, "E1"), .from_ms = 1000, .until_ms = 2000 };
    assert_int_equal(ca_issue(ca, buf_span(&csr), &o, &pem, serial, NULL), OK);
    assert_int_equal(cert_issued_by(buf_span(&pem), ca_pem(other), &f, NULL), E_DENIED);
    assert_int_equal(cert_issued_by(ca_pem(ca), ca_pem(ca), &f, NULL), E_DENIED);
    assert_int_not_equal(cert_issued_by(span_of("no certificate"), ca_pem(ca), &f, NULL), OK);
    assert_int_equal(f.from_ms, 7);
    assert_int_equal(cert_issued_by(buf_span(&pem), ca_pem(ca), &f, NULL), OK);
    assert_string_equal(f.serial, serial);
    buf_done(&csr);
    buf_done(&pem);
    ca_free(ca);
    ca_free(other);
    test_dir_remove(dir);
    test_dir_remove(other_dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_round_trip),
        cmocka_unit_test(test_identity_refuses_everything_else),
        cmocka_unit_test(test_issues_what_was_ordered),
        cmocka_unit_test(test_refuses_a_request_without_proof_of_possession),
        cmocka_unit_test(test_refuses_names_that_would_add_others),
        cmocka_unit_test(test_whose_certificate_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
