#include "check.h"

#include "base/err.h"
#include <errno.h>

static void test_set_fills_everything(void **state)
{
    (void)state;
    struct errinfo e;
    assert_int_equal(err_set(&e, E_DENIED, "M-101", "氏名", "need %d", 2), E_DENIED);
    assert_int_equal(e.code, E_DENIED);
    assert_string_equal(e.msg, "M-101");
    assert_string_equal(e.item, "氏名");
    assert_string_equal(e.detail, "need 2");
}

static void test_set_accepts_nothing(void **state)
{
    (void)state;
    struct errinfo e;
    assert_int_equal(err_set(NULL, E_BUSY, "m", "i", "x"), E_BUSY);
    err_set(&e, E_BUSY, NULL, NULL, "x");
    assert_string_equal(e.msg, "");
    assert_string_equal(e.item, "");
}

/* Three bytes each: 127 bytes hold 42 whole letters, 255 bytes exactly 85, 23 bytes 7. */
static void test_set_cuts_between_characters(void **state)
{
    (void)state;
    char text[3 * 100 + 1] = "";
    for (int i = 0; i < 100; i++)
        memcpy(text + (size_t)i * 3, "窓", 4);
    struct errinfo e;
    err_set(&e, E_IO, text, text, "%s", text);
    assert_int_equal(strlen(e.msg), 21);
    assert_int_equal(strlen(e.item), 126);
    assert_int_equal(strlen(e.detail), 255);
    err_set(&e, E_IO, NULL, NULL, "a%s", text);
    assert_int_equal(strlen(e.detail), 253);
    assert_memory_equal(e.detail + 250, "窓", 4);
}

static void test_set_from_itself(void **state)
{
    (void)state;
    struct errinfo e;
    err_set(&e, E_IO, "m", "item", "read");
    err_set(&e, E_IO, e.msg, e.item, "opening: %s", e.detail);
    assert_string_equal(e.msg, "m");
    assert_string_equal(e.item, "item");
    assert_string_equal(e.detail, "opening: read");
}

static void test_sys_maps_errno(void **state)
{
    (void)state;
    struct errinfo e;
    assert_int_equal(err_sys(&e, ENOSPC, "db", "write"), E_FULL);
    assert_int_equal(err_sys(&e, EDQUOT, "db", "write"), E_FULL);
    assert_int_equal(err_sys(&e, EIO, "db", "write"), E_IO);
    assert_int_equal(e.code, E_IO);
    assert_string_equal(e.item, "db");
    assert_string_equal(e.detail, "write: Input/output error");
    err_sys(&e, 99999, "db", "write");
    assert_string_equal(e.detail, "write: errno 99999");
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(err_name(OK), "ok");
    assert_string_equal(err_name(E_INVALID), "invalid");
    assert_string_equal(err_name(E_OFFLINE), "offline");
    assert_string_equal(err_name(E_ERRS), "unknown");
    for (int i = 0; i < E_ERRS; i++)
        assert_non_null(err_name((enum err)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_fills_everything),
        cmocka_unit_test(test_set_accepts_nothing),
        cmocka_unit_test(test_set_cuts_between_characters),
        cmocka_unit_test(test_set_from_itself),
        cmocka_unit_test(test_sys_maps_errno),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
