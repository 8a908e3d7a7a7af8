#include "check.h"

#include "crypto/password.h"

static bool fits(const char *password, const char *verifier)
{
    bool ok = false;
    assert_int_equal(password_check(password, verifier, 1000, &ok, NULL), OK);
    return ok;
}

static void test_only_the_password_fits(void **state)
{
    (void)state;
    char *v = NULL, *w = NULL;
    assert_int_equal(password_make("梅の花が 3 輪", 1000, &v, NULL), OK);
    assert_int_equal(password_make("梅の花が 3 輪", 1000, &w, NULL), OK);
    assert_string_not_equal(v, w); /* salted */
    assert_true(fits("梅の花が 3 輪", v));
    assert_true(fits("梅の花が 3 輪", w));
    assert_false(fits("梅の花が 4 輪", v));
    assert_false(fits("", v));
    assert_null(strstr(v, "梅"));
    free(v);
    free(w);
}

/* PBKDF2-HMAC-SHA-256 of a known salt: the text is what another implementation gives. */
static void test_known_answer(void **state)
{
    (void)state;
    assert_true(fits("password", "pbkdf2-sha256$4096$73616c7473616c7473616c7473616c74$"
                                 "16e35b12b41f465ca64d069578d750059775ccad5df3ad53d6b204acb122d1ee"));
}

static void test_nobody_never_fits(void **state)
{
    (void)state;
    assert_false(fits("", NULL));
    assert_false(fits("anything", NULL));
}

static void test_bad_input(void **state)
{
    (void)state;
#define SALT "pbkdf2-sha256$1000$00112233445566778899aabbccddeeff$"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    static const char *const bad[] = { "", "plain", "pbkdf2-sha256$0$00$00", SALT "00", SALT HASH "!" };
    bool ok = true;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(password_check("x", bad[i], 1000, &ok, NULL), E_CORRUPT);
    char *v = NULL, *longer = calloc(1, PASSWORD_BYTES_MAX + 2);
    memset(longer, 'a', PASSWORD_BYTES_MAX + 1);
    assert_int_equal(password_make("", 1000, &v, NULL), E_INVALID);
    assert_int_equal(password_make(longer, 1000, &v, NULL), E_INVALID);
    assert_false(fits(longer, NULL));
    free(longer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_password_fits),
        cmocka_unit_test(test_known_answer),
        cmocka_unit_test(test_nobody_never_fits),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
