#include "check.h"

#include "domain/checkcode.h"
#include <string.h>

static const uint8_t mac[CHECK_MAC] = { 'f', 'o', 'o', 'b', 'a', 'r', 0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

static void test_base32(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    check_base32(mac, 9, &b); /* RFC 4648: "foobar" is MZXW6YTBOI */
    assert_string_equal(b.p, "MZXW6YTBO");
    buf_clear(&b);
    check_code_show(mac, &b);
    assert_string_equal(b.p, "MZXW6-YTBOL");
    buf_done(&b);
}

static void test_number(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    issue_number("20260701", "梅市", "東支所1", "プリンタ001", 11, &b);
    assert_string_equal(b.p, "20260701 梅市 東支所1 プリンタ001 011");
    buf_clear(&b);
    issue_number("20260701", "梅市", "東支所1", "", 12345, &b);
    assert_string_equal(b.p, "20260701 梅市 東支所1 12345");
    static const char *const same[] = {
        "20260701 梅市 東支所1 プリンタ001 011",
        "20260701 梅市 東支所1 プリンタ001 011 1/2",
        "　２０２６０７０１　梅市　東支所１　プリンタ００１　０１１　１／２",
        "20260701  梅市 東支所1 プリンタ001 011  ",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        buf_clear(&b);
        issue_number_fold(span_of(same[i]), &b);
        assert_string_equal(b.p, same[0]);
    }
    buf_clear(&b);
    issue_number_fold(span_of("1/2"), &b);
    assert_string_equal(b.p, "1/2");
    buf_done(&b);
}

static void test_code_is_all_or_nothing(void **state)
{
    (void)state;
    struct buf code = BUF_INIT;
    check_base32(mac, CHECK_CODE, &code);
    assert_true(check_matches(buf_span(&code), mac));
    assert_true(check_matches(span_of("mzxw6 - ytbol"), mac));
    assert_true(check_matches(span_of("ＭＺＸＷ６ＹＴＢＯＬ"), mac));
    for (size_t i = 0; i < code.len; i++) {
        char right = code.p[i];
        code.p[i] = right == 'A' ? 'B' : 'A';
        assert_false(check_matches(buf_span(&code), mac));
        code.p[i] = right;
    }
    assert_false(check_matches(span_of("MZXW6YTBO"), mac));
    assert_false(check_matches(span_of("MZXW6YTBOLA"), mac));
    assert_false(check_matches(span_of(""), mac));
    buf_done(&code);
}

static void test_qr(void **state)
{
    (void)state;
    struct buf text = BUF_INIT, number = BUF_INIT, code = BUF_INIT;
    struct errinfo e;
    qr_text("132012", span_of("20260701 梅市 東支所1 011"), mac, &text);
    assert_int_equal(qr_read(buf_span(&text), "132012", &number, &code, &e), OK);
    assert_string_equal(number.p, "20260701 梅市 東支所1 011");
    assert_true(check_matches(buf_span(&code), mac));
    assert_int_equal(qr_read(buf_span(&text), "132021", &number, &code, &e), E_INVALID);
    /* Whatever is changed or cut: refused, or another number, or a wrong code. */
    for (size_t i = 0; i < text.len; i++) {
        char right = text.p[i];
        text.p[i] ^= 1;
        buf_clear(&number);
        buf_clear(&code);
        bool same = qr_read(buf_span(&text), "132012", &number, &code, &e) == OK &&
                    span_is(buf_span(&number), "20260701 梅市 東支所1 011") && check_matches(buf_span(&code), mac);
        assert_false(same);
        assert_int_equal(qr_read((struct span){ text.p, i }, "132012", &number, &code, &e), E_INVALID);
        text.p[i] = right;
    }
    buf_done(&text);
    buf_done(&number);
    buf_done(&code);
}

static void test_input_is_unambiguous(void **state)
{
    (void)state;
    struct buf a = BUF_INIT, b = BUF_INIT;
    check_input(span_of("ab"), span_of("c"), &a);
    check_input(span_of("a"), span_of("bc"), &b);
    assert_int_equal(a.len, b.len);
    assert_true(memcmp(a.p, b.p, a.len));
    buf_done(&a);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base32),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_code_is_all_or_nothing),
        cmocka_unit_test(test_qr),
        cmocka_unit_test(test_input_is_unambiguous),
    };
    return cmocka_run_group_tests_name("checkcode", tests, NULL, NULL);
}
