#include "check.h"

#include "base/mem.h"
#include "fixture.h"

#define DAY(...) ((struct date){ __VA_ARGS__ })

static void same_day(struct date a, struct date b)
{
    assert_int_equal(a.y, b.y);
    assert_int_equal(a.m, b.m);
    assert_int_equal(a.d, b.d);
}

static void test_calendar(void **state)
{
    (void)state;
    assert_true(date_valid(DAY(2024, 2, 29)));
    assert_true(date_valid(DAY(2000, 2, 29)));
    assert_false(date_valid(DAY(2023, 2, 29)));
    assert_false(date_valid(DAY(1900, 2, 29)));
    assert_false(date_valid(DAY(2026, 4, 31)));
    assert_false(date_valid(DAY(2026, 13, 1)));
    assert_false(date_valid(DAY(2026, 0, 1)));
    assert_false(date_valid(DAY(0, 1, 1)));
    assert_int_equal(date_weekday(DAY(2026, 7, 1)), 3);
    assert_int_equal(date_weekday(DAY(1868, 1, 25)), 6);
    assert_true(date_cmp(DAY(2026, 7, 1), DAY(2026, 7, 2)) < 0);
    assert_true(date_cmp(DAY(2026, 8, 1), DAY(2026, 7, 31)) > 0);
    assert_int_equal(date_cmp(DAY(2026, 7, 1), DAY(2026, 7, 1)), 0);
}

/* One day after another over four centuries: each is valid, one weekday on, and counted as one. */
static void test_every_day(void **state)
{
    (void)state;
    struct date t = { 1700, 1, 1 };
    int weekday = date_weekday(t), n = 0;
    for (; t.y < 2110; n++) {
        struct date next = date_add(t, 1);
        assert_true(date_valid(next));
        assert_true(date_cmp(t, next) < 0);
        weekday = (weekday + 1) % 7;
        assert_int_equal(date_weekday(next), weekday);
        assert_int_equal(date_days(DAY(1700, 1, 1), next), n + 1);
        same_day(date_add(next, -1), t);
        t = next;
    }
    assert_int_equal(n, date_days(DAY(1700, 1, 1), DAY(2110, 1, 1)));
    assert_int_equal(date_days(DAY(2000, 1, 1), DAY(2001, 1, 1)), 366);
}

static void test_months(void **state)
{
    (void)state;
    same_day(date_add_months(DAY(2026, 3, 31), -1), DAY(2026, 2, 28));
    same_day(date_add_months(DAY(2024, 3, 31), -1), DAY(2024, 2, 29));
    same_day(date_add_months(DAY(2026, 11, 30), 3), DAY(2027, 2, 28));
    same_day(date_add_months(DAY(2026, 1, 15), -1), DAY(2025, 12, 15));
    same_day(date_add_months(DAY(2026, 7, 1), 12), DAY(2027, 7, 1));
}

static void test_age(void **state)
{
    (void)state;
    struct date leap = { 2024, 2, 29 };
    assert_int_equal(date_age(leap, DAY(2027, 2, 28)), 2);
    assert_int_equal(date_age(leap, DAY(2027, 3, 1)), 3);
    assert_int_equal(date_age(leap, DAY(2028, 2, 28)), 3);
    assert_int_equal(date_age(leap, DAY(2028, 2, 29)), 4);
    assert_int_equal(date_age(DAY(1975, 5, 10), DAY(2026, 5, 9)), 50);
    assert_int_equal(date_age(DAY(1975, 5, 10), DAY(2026, 5, 10)), 51);
    assert_int_equal(date_age(DAY(2026, 5, 10), DAY(2026, 5, 9)), 0);
    same_day(date_attains(leap, 3), DAY(2027, 2, 28));
    same_day(date_attains(leap, 4), DAY(2028, 2, 28));
    same_day(date_attains(DAY(2011, 4, 1), 15), DAY(2026, 3, 31));
}

static void test_canonical(void **state)
{
    (void)state;
    struct date t;
    char text[DATE_TEXT];
    assert_int_equal(date_read("2026-07-01", &t, NULL), OK);
    same_day(t, DAY(2026, 7, 1));
    date_text(t, text);
    assert_string_equal(text, "2026-07-01");
    static const char *const bad[] = { "",           "2026-7-1",    "2026/07/01", "2026-07-01 ", "20260701",
                                       "2026-07-0a", "2026-07-010", "R8.07.01",   "0000-01-01",  "2026-02-29" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct errinfo e;
        assert_int_equal(date_read(bad[i], &t, &e), E_INVALID);
        same_day(t, DAY(2026, 7, 1));
    }
}

static void test_typed(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "R8.4.1",        "r8.4.1",  "R080401",      "20260401",     "2026/4/1", "2026-04-01",         "R8/4/1",
        "令和8年4月1日", "令8.4.1", "2026年4月1日", "Ｒ８．４．１", " R8.4.1 ", "　令和８年４月１日", "西暦2026年4月1日"
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct date t = { 0 };
        assert_int_equal(date_typed(forms[i], &test_eras, &t, NULL), OK);
        same_day(t, DAY(2026, 4, 1));
    }
    struct date t = { 0 };
    assert_int_equal(date_typed("令和元年5月1日", &test_eras, &t, NULL), OK);
    same_day(t, DAY(2019, 5, 1));
    assert_int_equal(date_typed("S64.1.7", &test_eras, &t, NULL), OK);
    same_day(t, DAY(1989, 1, 7));
    assert_int_equal(date_typed("明治45年7月30日", &test_eras, &t, NULL), OK);
    same_day(t, DAY(1912, 7, 30));
    assert_int_equal(date_typed("大正元年7月30日", &test_eras, &t, NULL), OK);
    same_day(t, DAY(1912, 7, 30));
}

static void test_typed_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *msg;
    } bad[] = {
        { "H31.5.1", "E06" },
        { "S64.1.8", "E06" },
        { "平成31年5月1日", "E06" },
        { "R1.4.30", "E06" },
        { "昭和元年12月24日", "E06" },
        { "T15.12.26", "E06" },
        { "2023-02-29", "E05" },
        { "R8.2.30", "E05" },
        { "20261301", "E05" },
        { "R0.1.1", "E06" },
        { "", "E06" },
        { "R8.4", "E06" },
        { "R8.4/1", "E06" },
        { "8.4.1", "E06" },
        { "R8041", "E06" },
        { "X8.4.1", "E06" },
        { "R8.4.1x", "E06" },
        { "令和8年4月", "E06" },
        { "昭和25年頃", "E06" },
        { "明治5年12月2日", "E05" },
        { "2026-4-1-", "E06" },
        { "R8 4 1", "E06" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct date t = { 1, 2, 3 };
        struct errinfo e;
        assert_int_equal(date_typed(bad[i].text, &test_eras, &t, &e), E_INVALID);
        assert_string_equal(e.msg, bad[i].msg);
        same_day(t, DAY(1, 2, 3));
    }
}

static void shows(struct date t, const char *full, const char *brief)
{
    struct buf b = BUF_INIT;
    date_show(t, &test_eras, &b);
    assert_string_equal(buf_str(&b), full);
    buf_clear(&b);
    date_show_short(t, &test_eras, &b);
    assert_string_equal(buf_str(&b), brief);
    buf_done(&b);
}

static void test_shown(void **state)
{
    (void)state;
    shows(DAY(2026, 7, 1), "令和8年7月1日", "令 8. 7. 1");
    shows(DAY(2019, 5, 1), "令和元年5月1日", "令元. 5. 1");
    shows(DAY(2019, 4, 30), "平成31年4月30日", "平31. 4.30");
    shows(DAY(1989, 1, 7), "昭和64年1月7日", "昭64. 1. 7");
    shows(DAY(1912, 7, 30), "大正元年7月30日", "大元. 7.30");
    shows(DAY(1860, 1, 1), "1860年1月1日", "1860. 1. 1");
    shows(DAY(0), "", "          ");
}

static void test_deadline(void **state)
{
    (void)state;
    struct date closed[] = { { 2026, 7, 20 }, { 2026, 12, 29 }, { 2026, 12, 30 }, { 2026, 12, 31 },
                             { 2027, 1, 1 },  { 2027, 1, 2 },   { 2027, 1, 3 } };
    struct holidays h = { closed, ARRAY_LEN(closed) };
    same_day(date_deadline(DAY(2026, 12, 17), 14, &h), DAY(2027, 1, 4)); /* scenario 15 */
    same_day(date_deadline(DAY(2026, 6, 10), 14, &h), DAY(2026, 6, 24)); /* scenario 17 */
    same_day(date_deadline(DAY(2026, 7, 4), 14, &h), DAY(2026, 7, 21));  /* Saturday, Sunday, holiday */
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        assert_false(date_open(closed[i], &h));
    assert_true(date_open(DAY(2026, 7, 21), &h));
    assert_false(date_open(DAY(2026, 7, 18), &(struct holidays){ NULL, 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_every_day),     cmocka_unit_test(test_months),
        cmocka_unit_test(test_age),      cmocka_unit_test(test_canonical),     cmocka_unit_test(test_typed),
        cmocka_unit_test(test_shown),    cmocka_unit_test(test_typed_refuses), cmocka_unit_test(test_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
