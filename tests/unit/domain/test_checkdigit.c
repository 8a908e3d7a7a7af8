#include "check.h"

#include "base/mem.h"
#include "domain/checkdigit.h"

static void test_my_number(void **state)
{
    (void)state;
    assert_true(my_number_ok(span_of("123456789018")));
    assert_true(my_number_ok(span_of("983205673214")));
    assert_true(my_number_ok(span_of("123456789050"))); /* remainder 0 */
    assert_true(my_number_ok(span_of("123456789140"))); /* remainder 1 */
    static const char *const bad[] = { "983205673210", "",        "1", "12345678901", "1234567890180", "12345678901a",
                                       "a23456789018", "１２３４" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(my_number_ok(span_of(bad[i])));
    assert_int_equal(checkdigit_my_number(span_of("12345678901")), 8);
    assert_int_equal(checkdigit_my_number(span_of("1234567890")), CHECKDIGIT_FORM);
    assert_true(my_number_odd(span_of("111111111118")));
    assert_false(my_number_odd(span_of("123456789018")));
    assert_false(my_number_odd(span_of("111111111111")));
}

static void test_resident_code(void **state)
{
    (void)state;
    static const char *const good[] = { "24727059608", "12345678903", "12345678920", "12345678970" };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(resident_code_ok(span_of(good[i])));
    assert_false(resident_code_ok(span_of("12345678901")));
    assert_false(resident_code_ok(span_of("1234567890")));
}

static void test_serial(void **state)
{
    (void)state;
    assert_int_equal(checkdigit_serial(span_of("00000000012345")), 5);
    assert_int_equal(checkdigit_serial(span_of("00000000000014")), 0);
    assert_int_equal(checkdigit_serial(span_of("00000000000006")), CHECKDIGIT_UNDEF);
    assert_int_equal(checkdigit_serial(span_of("")), CHECKDIGIT_FORM);
    assert_int_equal(checkdigit_serial(span_of("000000000000001")), CHECKDIGIT_FORM);
    assert_true(serial_ok(span_of("000000000123455")));
    assert_true(serial_ok(span_of("000000000000060"))); /* remainder 1 ends in 0 */
    assert_false(serial_ok(span_of("000000000000061")));
    assert_false(serial_ok(span_of("000000000123450")));
    assert_false(serial_ok(span_of("5")));
}

static void test_city(void **state)
{
    (void)state;
    static const char *const good[] = { "131016", "271276", "011002", "472018" };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(city_code_ok(span_of(good[i])));
    assert_false(city_code_ok(span_of("131017")));
    assert_false(city_code_ok(span_of("13101")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_my_number),
        cmocka_unit_test(test_resident_code),
        cmocka_unit_test(test_serial),
        cmocka_unit_test(test_city),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
