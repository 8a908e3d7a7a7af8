#include "check.h"

#include "base/buf.h"
#include "crypto/digest.h"

static void assert_hex(const uint8_t *p, const char *want)
{
    struct buf b = BUF_INIT;
    hex_add(&b, p, DIGEST_SIZE);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_known_answers(void **state)
{
    (void)state;
    uint8_t d[DIGEST_SIZE];
    digest_sha256("", 0, d);
    assert_hex(d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256("abc", 3, d);
    assert_hex(d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_pieces_are_the_whole(void **state)
{
    (void)state;
    uint8_t d[DIGEST_SIZE];
    struct digest *s = digest_new();
    digest_add(s, "a", 1);
    digest_add(s, "", 0);
    digest_add(s, "bc", 2);
    digest_end(s, d);
    assert_hex(d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_end(digest_new(), NULL);
    digest_end(NULL, d);
}

/* RFC 4231, test cases 2 and 6; and of nothing under an empty key. */
static void test_hmac(void **state)
{
    (void)state;
    uint8_t d[DIGEST_SIZE];
    char key[131];
    const char *short_text = "what do ya want for nothing?";
    const char *long_key_text = "Test Using Larger Than Block-Size Key - Hash Key First";
    digest_hmac("Jefe", 4, short_text, strlen(short_text), d);
    assert_hex(d, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    digest_hmac(key, sizeof key, long_key_text, strlen(long_key_text), d);
    assert_hex(d, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    digest_hmac(NULL, 0, NULL, 0, d);
    assert_hex(d, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_random_and_equal(void **state)
{
    (void)state;
    uint8_t a[32] = { 0 }, b[32] = { 0 };
    assert_true(equal_secret(a, b, sizeof a));
    assert_int_equal(random_bytes(a, sizeof a, NULL), OK);
    assert_int_equal(random_bytes(b, sizeof b, NULL), OK);
    assert_false(equal_secret(a, b, sizeof a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_pieces_are_the_whole),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_random_and_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
