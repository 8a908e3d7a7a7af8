#include "check.h"

#include "base/buf.h"
#include "wiped.h"

static void test_empty(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(buf_span(&b).n, 0);
    assert_non_null(buf_span(&b).p);
    buf_clear(&b);
    char *s = buf_steal(&b);
    assert_string_equal(s, "");
    free(s);
    buf_done(&b);
}

static void test_grows_and_stays_terminated(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 5000; i++) {
        buf_addc(&b, (char)('a' + i % 26));
        assert_int_equal(b.len, i + 1);
        assert_int_equal(b.p[b.len], '\0');
    }
    for (int i = 0; i < 5000; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    buf_done(&b);
    assert_null(b.p);
    assert_int_equal(b.len + b.cap, 0);
}

static void test_adds(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "窓口");
    buf_add(&b, "\0x", 2);
    buf_printf(&b, "%05d|%s", 42, "abc");
    assert_int_equal(b.len, 17);
    assert_memory_equal(b.p, "窓口\0x00042|abc", 18);
    buf_add(&b, NULL, 0);
    assert_int_equal(b.len, 17);
    buf_done(&b);
}

static void test_printf_longer_than_room(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "<");
    buf_printf(&b, "%1000d>", 7);
    assert_int_equal(b.len, 1002);
    assert_string_equal(b.p + 999, " 7>");
    buf_done(&b);
}

static void test_consume_and_clear(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "abcdef");
    buf_consume(&b, 0);
    buf_consume(&b, 2);
    assert_string_equal(buf_str(&b), "cdef");
    buf_consume(&b, 4);
    assert_string_equal(buf_str(&b), "");
    buf_adds(&b, "xyz");
    buf_clear(&b);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(b.len, 0);
    buf_done(&b);
}

static void consume_too_much(void *arg)
{
    buf_consume(arg, 4);
}

static void reserve_too_much(void *arg)
{
    buf_reserve(arg, SIZE_MAX - 1);
}

static void test_misuse_ends_the_program(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "abc");
    check_bug(consume_too_much, &b);
    check_bug(reserve_too_much, &b);
    buf_done(&b);
}

static void test_steal(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_adds(&b, "mine");
    char *s = buf_steal(&b);
    assert_string_equal(s, "mine");
    assert_null(b.p);
    assert_int_equal(b.len, 0);
    free(s);
}

/* Old content must not stay behind where a bigger buffer replaced a smaller one. */
static void test_wipes_on_growth_clear_consume_and_end(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    markers_wiped = 0;
    buf_adds(&b, MARKER);
    buf_reserve(&b, 1000);
    assert_int_equal(markers_wiped, 1);
    buf_clear(&b);
    assert_int_equal(markers_wiped, 2);
    buf_adds(&b, "0123456789012345" MARKER);
    buf_consume(&b, 16);
    assert_int_equal(markers_wiped, 3);
    buf_done(&b);
    assert_int_equal(markers_wiped, 4);
}

static void test_spans(void **state)
{
    (void)state;
    assert_true(span_eq(span_of("abc"), (struct span){ "abcd", 3 }));
    assert_false(span_eq(span_of("abc"), span_of("abd")));
    assert_false(span_eq(span_of("abc"), span_of("ab")));
    assert_true(span_eq((struct span){ NULL, 0 }, span_of("")));
    assert_true(span_is(span_of("窓"), "窓"));
    assert_false(span_is(span_of("窓"), "口"));
    assert_false(span_is((struct span){ "a\0b", 3 }, "a"));
}

static void test_hex(void **state)
{
    (void)state;
    uint8_t all[256], back[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    struct buf b = BUF_INIT;
    struct errinfo e;
    hex_add(&b, all, 256);
    assert_int_equal(b.len, 512);
    assert_memory_equal(b.p, "000102030405060708090a0b", 24);
    assert_int_equal(unhex(buf_span(&b), back, 256, &e), OK);
    assert_memory_equal(all, back, 256);
    buf_done(&b);
}

static void test_unhex_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "0", "012", "01234", "012g", "0 12", "ABCD", "-123", "012345" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t ret[4] = { 9, 9, 9, 9 };
        struct errinfo e;
        assert_int_equal(unhex(span_of(bad[i]), ret, 2, &e), E_INVALID);
        assert_int_equal(e.code, E_INVALID);
        assert_memory_equal(ret, "\x09\x09\x09\x09", 4);
    }
}

static void test_views(void **state)
{
    static const char *const words[] = { "a", "bc" };
    (void)state;
    assert_true(span_is(span_trim(span_of("  a b ")), "a b"));
    assert_int_equal(span_trim(span_of("   ")).n, 0);
    assert_int_equal(span_index(span_of("bc"), words, 2), 1);
    assert_int_equal(span_index(span_of("b"), words, 2), 2);
    char *copy = span_dup((struct span){ "abc", 2 }), *none = span_dup((struct span){ NULL, 0 });
    assert_string_equal(copy, "ab");
    assert_string_equal(none, "");
    free(copy);
    free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_grows_and_stays_terminated),
        cmocka_unit_test(test_adds),
        cmocka_unit_test(test_printf_longer_than_room),
        cmocka_unit_test(test_consume_and_clear),
        cmocka_unit_test(test_misuse_ends_the_program),
        cmocka_unit_test(test_steal),
        cmocka_unit_test(test_wipes_on_growth_clear_consume_and_end),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_unhex_refuses),
        cmocka_unit_test(test_views),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
