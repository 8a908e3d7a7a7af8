#include "check.h"

#include "base/mem.h"
#include "fixture.h"

/* What is typed, how it is stored, shown and sorted. */
static const struct vector {
    const char *typed, *canonical, *shown, *brief, *sort;
    enum datex_kind kind;
} vectors[] = {
    { "S50.5.10", "S50.05.10", "昭和50年5月10日", "昭50. 5.10", "1975-05-10", DX_DAY },
    { "1975/5/10", "1975.05.10", "1975年5月10日", "1975. 5.10", "1975-05-10", DX_DAY },
    { "明治45年7月30日", "M45.07.30", "明治45年7月30日", "明45. 7.30", "1912-07-30", DX_DAY },
    { "大正元年7月30日", "T01.07.30", "大正元年7月30日", "大元. 7.30", "1912-07-30", DX_DAY },
    { "大正15年12月25日", "T15.12.25", "大正15年12月25日", "大15.12.25", "1926-12-25", DX_DAY },
    { "S1.12.25", "S01.12.25", "昭和元年12月25日", "昭元.12.25", "1926-12-25", DX_DAY },
    /* days that do not exist */
    { "S50.2.29", "S50.02.29", "昭和50年2月29日", "昭50. 2.29", "1975-02-28", DX_NODAY },
    { "2023-02-29", "2023.02.29", "2023年2月29日", "2023. 2.29", "2023-02-28", DX_NODAY },
    { "H5.4.31", "H05.04.31", "平成5年4月31日", "平 5. 4.31", "1993-04-30", DX_NODAY },
    /* lunar calendar: kept as typed, names no day */
    { "明治5年12月2日", "M05.12.02", "明治5年12月2日", "明 5.12. 2", "1872-12-02", DX_NODAY },
    { "明治元年1月1日", "M01.01.01", "明治元年1月1日", "明元. 1. 1", "1868-01-01", DX_NODAY },
    /* the fourteen expressions */
    { "昭和25年頃", "?1950-01-01/昭和25年頃", "昭和25年頃", "昭和25年頃", "1950-01-01", DX_UNKNOWN },
    { "昭和25年3月頃", "?1950-03-01/昭和25年3月頃", "昭和25年3月頃", "昭和25年3月頃", "1950-03-01", DX_UNKNOWN },
    { "昭和25年3月4日頃", "?1950-03-04/昭和25年3月4日頃", "昭和25年3月4日頃", "昭和25年3月4日頃", "1950-03-04",
      DX_UNKNOWN },
    { "推定昭和25年3月4日", "?1950-03-04/推定昭和25年3月4日", "推定昭和25年3月4日", "推定昭和25年3月4日", "1950-03-04",
      DX_UNKNOWN },
    { "推定昭和25年3月", "?1950-03-01/推定昭和25年3月", "推定昭和25年3月", "推定昭和25年3月", "1950-03-01",
      DX_UNKNOWN },
    { "昭和25年春", "?1950-04-01/昭和25年春", "昭和25年春", "昭和25年春", "1950-04-01", DX_UNKNOWN },
    { "昭和25年3月上旬", "?1950-03-05/昭和25年3月上旬", "昭和25年3月上旬", "昭和25年3月上旬", "1950-03-05",
      DX_UNKNOWN },
    { "昭和25年3月中旬頃", "?1950-03-15/昭和25年3月中旬頃", "昭和25年3月中旬頃", "昭和25年3月中旬頃", "1950-03-15",
      DX_UNKNOWN },
    { "年月日不詳", "?0001-01-01/年月日不詳", "年月日不詳", "年月日不詳", "0001-01-01", DX_UNKNOWN },
    { "昭和25年月日不詳", "?1950-01-01/昭和25年月日不詳", "昭和25年月日不詳", "昭和25年月日不詳", "1950-01-01",
      DX_UNKNOWN },
    { "昭和25年3月日不詳", "?1950-03-01/昭和25年3月日不詳", "昭和25年3月日不詳", "昭和25年3月日不詳", "1950-03-01",
      DX_UNKNOWN },
    { "昭和25年3月4日から9日頃までの間", "?1950-03-04/昭和25年3月4日から9日頃までの間",
      "昭和25年3月4日から9日頃までの間", "昭和25年3月4日から9日頃までの間", "1950-03-04", DX_UNKNOWN },
    { "令和8年6月推定1日から10日までの間", "?2026-06-01/令和8年6月推定1日から10日までの間",
      "令和8年6月推定1日から10日までの間", "令和8年6月推定1日から10日までの間", "2026-06-01", DX_UNKNOWN },
    { "令和8年6月1日頃から10日頃までの間", "?2026-06-01/令和8年6月1日頃から10日頃までの間",
      "令和8年6月1日頃から10日頃までの間", "令和8年6月1日頃から10日頃までの間", "2026-06-01", DX_UNKNOWN },
    /* around them: western year, first year, thirds, seasons */
    { "1950年頃", "?1950-01-01/1950年頃", "1950年頃", "1950年頃", "1950-01-01", DX_UNKNOWN },
    { "昭和元年頃", "?1926-01-01/昭和元年頃", "昭和元年頃", "昭和元年頃", "1926-01-01", DX_UNKNOWN },
    { "昭和25年2月下旬", "?1950-02-25/昭和25年2月下旬", "昭和25年2月下旬", "昭和25年2月下旬", "1950-02-25",
      DX_UNKNOWN },
    { " 昭和25年冬 ", "?1950-01-01/昭和25年冬", "昭和25年冬", "昭和25年冬", "1950-01-01", DX_UNKNOWN },
    { "推定昭和25年2月31日", "?1950-02-28/推定昭和25年2月31日", "推定昭和25年2月31日", "推定昭和25年2月31日",
      "1950-02-28", DX_UNKNOWN },
};

static void agrees(const struct datex *x, const struct vector *v)
{
    struct buf b = BUF_INIT;
    char sort[DATE_TEXT];
    assert_int_equal(x->kind, v->kind);
    datex_text(x, &b);
    assert_string_equal(buf_str(&b), v->canonical);
    buf_clear(&b);
    datex_show(x, &test_eras, &b);
    assert_string_equal(buf_str(&b), v->shown);
    buf_clear(&b);
    datex_show_short(x, &test_eras, &b);
    assert_string_equal(buf_str(&b), v->brief);
    buf_done(&b);
    date_text(x->sort, sort);
    assert_string_equal(sort, v->sort);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        struct datex x, again;
        assert_int_equal(datex_typed(vectors[i].typed, &test_eras, &x, NULL), OK);
        agrees(&x, &vectors[i]);
        assert_int_equal(datex_read(vectors[i].canonical, &test_eras, &again, NULL), OK);
        agrees(&again, &vectors[i]);
    }
}

static void test_none(void **state)
{
    (void)state;
    struct datex x = { .kind = DX_DAY };
    struct buf b = BUF_INIT;
    assert_int_equal(datex_read("", &test_eras, &x, NULL), OK);
    assert_int_equal(x.kind, DX_NONE);
    datex_text(&x, &b);
    datex_show(&x, &test_eras, &b);
    assert_string_equal(buf_str(&b), "");
    datex_show_short(&x, &test_eras, &b);
    assert_string_equal(buf_str(&b), "          ");
    buf_done(&b);
}

static void test_typed_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *msg;
    } bad[] = {
        { "H31.5.1", "E06" },
        { "昭和65年頃", "E06" },
        { "昭和64年2月頃", "E06" },
        { "平成元年1月7日頃", "E06" },
        { "昭和25年", "E06" },
        { "昭和25年13月頃", "E06" },
        { "昭和25年3月32日頃", "E06" },
        { "昭和25年の春", "E06" },
        { "昭和25年3月9日から4日頃までの間", "E06" },
        { "不詳", "E06" },
        { "", "E06" },
        { "S50.13.1", "E05" },
        { "S50.2.32", "E05" },
        { "S50.0.1", "E05" },
        { "S0.1.1", "E06" },
        { "昭和25年頃。", "E06" },
        { "昭和0年頃", "E06" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct datex x = { .kind = DX_NONE };
        struct errinfo e;
        assert_int_equal(datex_typed(bad[i].text, &test_eras, &x, &e), E_INVALID);
        assert_string_equal(e.msg, bad[i].msg);
        assert_int_equal(x.kind, DX_NONE);
    }
}

static void test_read_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "S50.5.10",   "s50.05.10",   "S50-05-10",    "S5O.05.10",     "X50.05.10",   "1975-05-10", "75.05.10",
        "S50.05.10 ", "S５０.05.10", "H31.05.01",    "S50.00.10",     "S50.13.10",   "S50.05.32",  "?",
        "?/x",        "?1950-01-01", "?1950-01-01/", "?1950-02-30/x", "?1950-1-1/x", "昭和25年頃", "?1950-01-01/a\nb",
        "S00.01.01",  "0000.01.01",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct datex x = { .kind = DX_NONE };
        assert_int_equal(datex_read(bad[i], &test_eras, &x, NULL), E_INVALID);
    }
    struct buf b = BUF_INIT;
    struct datex x;
    buf_adds(&b, "?1950-01-01/");
    for (int i = 0; i < 72; i++)
        buf_adds(&b, "頃");
    assert_int_equal(datex_read(buf_str(&b), &test_eras, &x, NULL), OK); /* free words within the limit */
    buf_adds(&b, "頃");
    assert_int_equal(datex_read(buf_str(&b), &test_eras, &x, NULL), E_INVALID);
    buf_done(&b);
}

/* What is typed to look somebody up. */
static void test_range(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *from, *to; /* from "": refused */
    } cases[] = {
        { "S50.5.10", "1975-05-10", "1975-05-10" },
        { "S50", "1975-01-01", "1975-12-31" },
        { "S50.2", "1975-02-01", "1975-02-28" },
        { "1977", "1977-01-01", "1977-12-31" },
        { "1976/2", "1976-02-01", "1976-02-29" },
        { "昭和50年", "1975-01-01", "1975-12-31" },
        { "昭和50年2月", "1975-02-01", "1975-02-28" },
        { "S64", "1989-01-01", "1989-01-07" },
        { "H元", "1989-01-08", "1989-12-31" },
        { "昭和25年頃", "1950-01-01", "1950-01-01" },
        { "S50.13", "", "" },
        { "S99", "", "" },
        { "77", "", "" },
        { "", "", "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct date from, to;
        char a[DATE_TEXT] = "", b[DATE_TEXT] = "";
        if (datex_typed_range(cases[i].typed, &test_eras, &from, &to, NULL) == OK) {
            date_text(from, a);
            date_text(to, b);
        }
        if (strcmp(a, cases[i].from) != 0 || strcmp(b, cases[i].to) != 0)
            fail_msg("%s: %s %s", cases[i].typed, a, b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),       cmocka_unit_test(test_range),        cmocka_unit_test(test_none),
        cmocka_unit_test(test_typed_refuses), cmocka_unit_test(test_read_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
