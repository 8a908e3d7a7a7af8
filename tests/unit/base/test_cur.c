#include "check.h"

#include "base/cur.h"

static void fill(struct buf *b)
{
    put_u8(b, 0x12);
    put_u16(b, 0x3456);
    put_u32(b, 0x789ABCDE);
    put_u64(b, 0x0123456789ABCDEF);
    put_bytes(b, span_of("窓口"));
    put_bytes(b, span_of(""));
    buf_add(b, "xyz", 3);
}

static void drain(struct cur *c, char fixed[3])
{
    cur_u8(c);
    cur_u16(c);
    cur_u32(c);
    cur_u64(c);
    cur_bytes(c, 100);
    cur_bytes(c, 100);
    cur_fixed(c, fixed, 3);
}

static void test_bytes_on_the_wire(void **state)
{
    (void)state;
    static const uint8_t want[] = { 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0x01, 0x23, 0x45, 0x67,
                                    0x89, 0xAB, 0xCD, 0xEF, 0,    0,    0,    6,    0xE7, 0xAA, 0x93,
                                    0xE5, 0x8F, 0xA3, 0,    0,    0,    0,    'x',  'y',  'z' };
    struct buf b = BUF_INIT;
    fill(&b);
    assert_int_equal(b.len, sizeof want);
    assert_memory_equal(b.p, want, sizeof want);
    buf_done(&b);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    fill(&b);
    struct cur c = cur_of(buf_span(&b));
    char fixed[3];
    assert_int_equal(cur_u8(&c), 0x12);
    assert_int_equal(cur_u16(&c), 0x3456);
    assert_int_equal(cur_u32(&c), 0x789ABCDE);
    assert_true(cur_u64(&c) == 0x0123456789ABCDEF);
    assert_true(span_is(cur_bytes(&c, 6), "窓口"));
    assert_int_equal(cur_bytes(&c, 0).n, 0);
    assert_false(cur_end(&c));
    cur_fixed(&c, fixed, 3);
    assert_memory_equal(fixed, "xyz", 3);
    assert_true(cur_end(&c));
    buf_done(&b);
}

static void test_every_truncation_is_bad(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    char fixed[3];
    fill(&b);
    for (size_t n = 0; n < b.len; n++) {
        char *exact = malloc(n + 1); /* a read past the end is seen by the sanitizer */
        memcpy(exact, b.p, n);
        exact = realloc(exact, n ? n : 1);
        struct cur c = cur_of((struct span){ exact, n });
        drain(&c, fixed);
        assert_true(c.bad);
        assert_false(cur_end(&c));
        free(exact);
    }
    buf_done(&b);
}

static void test_bad_stays(void **state)
{
    (void)state;
    struct cur c = cur_of(span_of("abc"));
    char fixed[2] = "??";
    assert_int_equal(cur_u32(&c), 0);
    assert_int_equal(cur_u8(&c), 0);
    cur_fixed(&c, fixed, 2);
    assert_memory_equal(fixed, "\0\0", 2);
    assert_int_equal(cur_bytes(&c, 10).n, 0);
    assert_true(c.bad);
    assert_false(cur_end(&c));
}

static void test_length_above_max(void **state)
{
    (void)state;
    struct cur c = cur_of((struct span){ "\0\0\0\3abc", 7 });
    assert_int_equal(cur_bytes(&c, 2).n, 0);
    assert_true(c.bad);
    c = cur_of((struct span){ "\xff\xff\xff\xff"
                              "abc",
                              7 });
    assert_int_equal(cur_bytes(&c, SIZE_MAX).n, 0);
    assert_true(c.bad);
}

static void test_left_over_bytes(void **state)
{
    (void)state;
    struct cur c = cur_of((struct span){ "ab", 2 });
    cur_u8(&c);
    assert_false(cur_end(&c));
    cur_u8(&c);
    assert_true(cur_end(&c));
    c = cur_of((struct span){ NULL, 0 });
    assert_true(cur_end(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_on_the_wire),       cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_truncation_is_bad), cmocka_unit_test(test_bad_stays),
        cmocka_unit_test(test_length_above_max),        cmocka_unit_test(test_left_over_bytes),
    };
    return cmocka_run_group_tests_name("cur", tests, NULL, NULL);
}
