#include "check.h"

#include "app/trialclock.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"

#define MOVED(by) ((struct trialtime){ .ms = (by) })

struct hand { /* a clock set by hand */
    int64_t wall, mono;
};

static int64_t hand_wall(void *self)
{
    return ((struct hand *)self)->wall;
}

static int64_t hand_mono(void *self)
{
    return ((struct hand *)self)->mono;
}

static int64_t wall(struct clock c)
{
    return c.wall_ms(c.self);
}

static void test_follows_the_file(void **state)
{
    char *path = fs_join(*state, "clock");
    struct hand h = { 1000000, 77 };
    struct trialclock *t = trialclock_new(path, true, (struct clock){ hand_wall, hand_mono, &h });
    struct clock c = trialclock_clock(t);
    assert_int_equal(wall(c), 1000000); /* no file */
    assert_int_equal(trialclock_write(path, MOVED(86400000), NULL), OK);
    assert_int_equal(wall(c), 87400000);
    h.wall += 5;
    h.mono += 5;
    assert_int_equal(wall(c), 87400005);
    assert_int_equal(c.mono_ms(c.self), 82);
    assert_int_equal(trialclock_write(path, MOVED(-1000), NULL), OK);
    assert_int_equal(wall(c), 999005);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(wall(c), 1000005);
    trialclock_free(t);
    trialclock_free(NULL);
    free(path);
}

static void test_offset_that_was_there_before(void **state)
{
    char *path = fs_join(*state, "clock");
    struct hand h = { 5, 5 };
    assert_int_equal(trialclock_write(path, MOVED(100), NULL), OK);
    struct trialclock *t = trialclock_new(path, true, (struct clock){ hand_wall, hand_mono, &h });
    assert_int_equal(wall(trialclock_clock(t)), 105);
    trialclock_free(t);
    free(path);
}

static void test_real_instance_never_looks(void **state)
{
    char *path = fs_join(*state, "clock");
    struct hand h = { 5, 5 };
    assert_int_equal(trialclock_write(path, MOVED(100), NULL), OK);
    struct trialclock *t = trialclock_new(path, false, (struct clock){ hand_wall, hand_mono, &h });
    assert_int_equal(wall(trialclock_clock(t)), 5);
    trialclock_free(t);
    free(path);
}

static void test_broken_file_keeps_the_offset(void **state)
{
    char *path = fs_join(*state, "clock");
    struct hand h = { 5, 5 };
    log_init("test", -1, LOG_ERR);
    struct trialclock *t = trialclock_new(path, true, (struct clock){ hand_wall, hand_mono, &h });
    assert_int_equal(trialclock_write(path, MOVED(100), NULL), OK);
    assert_int_equal(wall(trialclock_clock(t)), 105);
    assert_int_equal(fs_write_atomic(path, 0600, span_of("tomorrow\n"), NULL), OK);
    assert_int_equal(wall(trialclock_clock(t)), 105);
    assert_int_equal(trialclock_write(path, MOVED(200), NULL), OK);
    assert_int_equal(wall(trialclock_clock(t)), 205);
    trialclock_free(t);
    free(path);
}

static void test_held_clock_stands_still(void **state)
{
    char *path = fs_join(*state, "clock");
    struct hand h = { 5, 5 };
    struct trialclock *t = trialclock_new(path, true, (struct clock){ hand_wall, hand_mono, &h });
    struct clock c = trialclock_clock(t);
    struct trialtime got;
    assert_int_equal(trialclock_write(path, (struct trialtime){ true, 7000 }, NULL), OK);
    assert_int_equal(trialclock_read(path, &got, NULL), OK);
    assert_true(got.held && got.ms == 7000);
    assert_int_equal(wall(c), 7000);
    h.wall = h.mono = 90;
    assert_int_equal(wall(c), 7000);
    assert_int_equal(c.mono_ms(c.self), 90);
    assert_int_equal(trialclock_write(path, MOVED(10), NULL), OK);
    assert_int_equal(wall(c), 100);
    trialclock_free(t);
    free(path);
}

static void test_file(void **state)
{
    char *path = fs_join(*state, "clock");
    struct trialtime got = { .ms = 7 };
    assert_int_equal(trialclock_read(path, &got, NULL), OK);
    assert_int_equal(got.ms, 0);
    static const int64_t some[] = { 0, 1, -1, TRIALCLOCK_MAX_MS, -TRIALCLOCK_MAX_MS };
    for (size_t i = 0; i < ARRAY_LEN(some); i++) {
        assert_int_equal(trialclock_write(path, MOVED(some[i]), NULL), OK);
        assert_int_equal(trialclock_read(path, &got, NULL), OK);
        assert_true(got.ms == some[i] && !got.held);
    }
    assert_int_equal(trialclock_write(path, MOVED(TRIALCLOCK_MAX_MS + 1), NULL), E_INVALID);
    assert_int_equal(trialclock_write(path, MOVED(-TRIALCLOCK_MAX_MS - 1), NULL), E_INVALID);

    static const char *const bad[] = { "",
                                       "\n",
                                       "5",
                                       " 5\n",
                                       "+5\n",
                                       "5 \n",
                                       "5x\n",
                                       "0x5\n",
                                       "5\n5\n",
                                       "-\n",
                                       "=\n",
                                       "==5\n",
                                       "= 5\n",
                                       "3162240000001\n",
                                       "99999999999999999999\n",
                                       "-99999999999999999999\n" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        got.ms = 7;
        assert_int_equal(fs_write_atomic(path, 0600, span_of(bad[i]), NULL), OK);
        assert_int_equal(trialclock_read(path, &got, NULL), E_INVALID);
        assert_int_equal(got.ms, 7);
    }
    free(path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, check_tmpdir, check_tmpdir_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_follows_the_file),          TEST(test_offset_that_was_there_before),
        TEST(test_real_instance_never_looks), TEST(test_broken_file_keeps_the_offset),
        TEST(test_held_clock_stands_still),   TEST(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
