#include "check.h"

#include "base/clock.h"
#include <time.h>

static const struct {
    const char *text; /* as clock_iso_jst writes it */
    int64_t ms;
} known[] = {
    { "1970-01-01T09:00:00+09:00", 0 },
    { "1970-01-01T00:00:00+09:00", -32400000 },
    { "1969-12-31T23:59:59+09:00", -32401000 },
    { "2000-02-29T00:00:00+09:00", 951750000000 },
    { "2024-02-29T12:34:56+09:00", 1709177696000 },
    { "2026-07-01T09:00:00+09:00", 1782864000000 },
    { "1900-03-01T00:00:00+09:00", -2203923600000 },
    { "0001-01-01T00:00:00+09:00", -62135629200000 },
    { "9999-12-31T23:59:59+09:00", 253402268399000 },
};

static void test_known_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[CLOCK_TEXT];
        int64_t ms = 7;
        clock_iso_jst(known[i].ms, text);
        assert_string_equal(text, known[i].text);
        assert_int_equal(clock_parse(known[i].text, &ms, NULL), OK);
        assert_true(ms == known[i].ms);
    }
}

/* Every day of 2,400 years against the C library, which knows no Japanese Standard Time here. */
static void test_every_day(void **state)
{
    (void)state;
    for (int64_t day = -719162 + 1; day < 150000; day++) {
        time_t local = (time_t)(day * 86400 + 86399);
        struct tm tm;
        int y, m, d, s;
        gmtime_r(&local, &tm);
        int64_t ms = (local - 32400) * 1000 + 999;
        clock_jst(ms, &y, &m, &d, &s);
        assert_int_equal(y, tm.tm_year + 1900);
        assert_int_equal(m, tm.tm_mon + 1);
        assert_int_equal(d, tm.tm_mday);
        assert_int_equal(s, 86399);
        char text[CLOCK_TEXT];
        int64_t back;
        clock_iso_jst(ms, text);
        assert_int_equal(clock_parse(text, &back, NULL), OK);
        assert_true(back == ms - 999);
    }
}

static void test_extremes_fit(void **state)
{
    (void)state;
    char text[CLOCK_TEXT];
    clock_iso_jst(INT64_MAX, text);
    assert_string_equal(text, "292278994-08-17T16:12:55+09:00");
    clock_iso_jst(INT64_MIN, text);
    assert_int_equal(text[0], '-');
}

static void test_offsets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } same[] = {
        { "1970-01-01T00:00:00Z", 0 },        { "1970-01-01T00:00:00+00:00", 0 }, { "1970-01-01T05:30:00+05:30", 0 },
        { "1969-12-31T16:00:00-08:00", 0 },   { "1969-12-31T20:30:00-03:30", 0 }, { "1970-01-01T23:59:00+23:59", 0 },
        { "1970-01-02T00:00:01Z", 86401000 },
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        int64_t ms = 7;
        assert_int_equal(clock_parse(same[i].text, &ms, NULL), OK);
        assert_true(ms == same[i].ms);
    }
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-07-01",
        "2026-07-01T09:00:00",
        "2026-07-01 09:00:00+09:00",
        "2026-07-01t09:00:00+09:00",
        "2026-07-01T09:00:00z",
        "2026-07-01T09:00:00+0900",
        "2026-07-01T09:00:00+09",
        "2026-07-01T09:00:00.0+09:00",
        "2026-07-01T09:00:00+09:00 ",
        " 2026-07-01T09:00:00+09:00",
        "2026-7-01T09:00:00+09:00",
        "+026-07-01T09:00:00+09:00",
        "2026-07-01T09:00:00-00:00",
        "2026-07-01T09:00:00+24:00",
        "2026-07-01T09:00:00+09:60",
        "0000-01-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2016-12-31T23:59:60Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms = 7;
        struct errinfo e;
        assert_int_equal(clock_parse(bad[i], &ms, &e), E_INVALID);
        assert_int_equal(e.code, E_INVALID);
        assert_true(ms == 7);
    }
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    static const char whole[] = "2026-07-01T09:00:00+09:00";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        char *cut = strndup(whole, n);
        int64_t ms;
        assert_int_equal(clock_parse(cut, &ms, NULL), E_INVALID);
        free(cut);
    }
}

static void test_system_clock(void **state)
{
    (void)state;
    struct clock c = clock_system();
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t wall = c.wall_ms(c.self);
    assert_in_range(wall - before + 1000, 0, 61000);
    int64_t last = c.mono_ms(c.self);
    for (int i = 0; i < 1000; i++) {
        int64_t now = c.mono_ms(c.self);
        assert_true(now >= last);
        last = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_times),   cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_extremes_fit),  cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_parse_refuses), cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_system_clock),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
