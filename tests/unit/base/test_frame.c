#include "check.h"

#include "base/frame.h"

static void test_there_and_back(void **state)
{
    static const size_t sizes[] = { 0, 1, 255, 256, 65535, 65536, 1u << 20 };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buf b = BUF_INIT;
        frame_begin(&b);
        for (size_t k = 0; k < sizes[i]; k++)
            buf_addc(&b, (char)k);
        assert_int_equal(frame_end(&b), sizes[i]);
        assert_int_equal(frame_size(&b), FRAME_HEAD + sizes[i]);
        struct span in = frame_content(&b);
        assert_int_equal(in.n, sizes[i]);
        for (size_t k = 0; k < in.n; k++)
            if (in.p[k] != (char)k)
                fail_msg("byte %zu of %zu", k, in.n);
        buf_done(&b);
    }
}

static void test_a_head_that_is_not_there_yet(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    assert_int_equal(frame_size(&b), 0);
    buf_add(&b, "\xff\xff\xff", 3);
    assert_int_equal(frame_size(&b), 0);
    buf_addc(&b, '\xfe');
    assert_true(frame_size(&b) == FRAME_HEAD + (size_t)0xfffffffe);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_a_head_that_is_not_there_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
