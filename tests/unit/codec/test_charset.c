#include "check.h"
#include "codec/charset.h"

static void cp932_there_and_back(void **state)
{
    (void)state;
    struct charset *c;
    struct errinfo e;
    struct buf out = BUF_INIT, back = BUF_INIT;
    assert_int_equal(charset_open("CP932", &c, &e), OK);
    assert_int_equal(charset_decode(c, span_of("\xB6\xC0\xB6\xC5 \x8B\xE0"), &out, &e), OK);
    assert_string_equal(buf_str(&out), "ｶﾀｶﾅ 金");
    assert_int_equal(charset_encode(c, buf_span(&out), &back, &e), OK);
    assert_string_equal(buf_str(&back), "\xB6\xC0\xB6\xC5 \x8B\xE0");
    buf_done(&out);
    buf_done(&back);
    charset_close(c);
}

static void what_has_no_place_is_named(void **state)
{
    (void)state;
    struct charset *c;
    struct errinfo e;
    struct buf out = BUF_INIT;
    assert_int_equal(charset_open("CP932", &c, &e), OK);
    assert_int_equal(charset_encode(c, span_of("山𠮷"), &out, &e), E_INVALID);
    assert_non_null(strstr(e.detail, "U+20BB7"));
    assert_int_equal(out.len, 0);
    assert_int_equal(charset_decode(c, span_of("ab\x81"), &out, &e), E_INVALID);
    assert_non_null(strstr(e.detail, "offset 2"));
    assert_int_equal(out.len, 0);
    charset_close(c);
}

/* IBM939 answers "0 characters changed" while it changes these kanji. */
static void silent_substitution_is_refused(void **state)
{
    (void)state;
    struct charset *c;
    struct errinfo e;
    struct buf out = BUF_INIT;
    assert_int_equal(charset_open("IBM939", &c, &e), OK);
    assert_int_equal(charset_encode(c, span_of("俠"), &out, &e), E_INVALID);
    assert_non_null(strstr(e.detail, "U+4FE0"));
    assert_int_equal(charset_encode(c, span_of("梅里"), &out, &e), OK);
    buf_done(&out);
    charset_close(c);
}

static void shift_state_does_not_leak(void **state)
{
    (void)state;
    struct charset *c;
    struct errinfo e;
    struct buf one = BUF_INIT, two = BUF_INIT;
    assert_int_equal(charset_open("IBM1399", &c, &e), OK);
    assert_int_equal(charset_encode(c, span_of("梅"), &one, &e), OK);
    assert_int_equal(one.p[0], 0x0E);
    assert_int_equal(one.p[one.len - 1], 0x0F); /* the closing shift belongs to the field */
    assert_int_equal(charset_encode(c, span_of("梅"), &two, &e), OK);
    assert_true(span_eq(buf_span(&one), buf_span(&two)));
    buf_done(&one);
    buf_done(&two);
    charset_close(c);
}

static void unknown_code_page(void **state)
{
    (void)state;
    struct charset *c;
    struct errinfo e;
    assert_int_equal(charset_open("NO-SUCH-CODE", &c, &e), E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cp932_there_and_back),
        cmocka_unit_test(what_has_no_place_is_named),
        cmocka_unit_test(silent_substitution_is_refused),
        cmocka_unit_test(shift_state_does_not_leak),
        cmocka_unit_test(unknown_code_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
