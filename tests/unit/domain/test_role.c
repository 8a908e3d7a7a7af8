#include "check.h"

#include "domain/role.h"

static void test_codes(void **state)
{
    (void)state;
    for (int r = 0; r < ROLE_COUNT; r++) {
        assert_int_equal(role_by_code(span_of(role_code((enum role)r))), r);
        assert_true(*role_label((enum role)r) != '\0');
    }
    assert_string_equal(role_code(ROLE_RSP), "RSP");
    assert_int_equal(role_by_code(span_of("clk")), ROLE_COUNT);
    assert_int_equal(role_by_code(span_of("")), ROLE_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_codes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
