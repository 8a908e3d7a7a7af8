#include "fixture.h"

/* data/: what is in it, and what is refused. */

static void test_eras_and_closing_days(void **state)
{
    (void)state;
    struct rulebook *b = tree_book();
    assert_int_equal(b->eras.n, 5);
    assert_int_equal(b->eras.e[4].key, 'R');
    assert_string_equal(b->eras.e[4].abbrev, "令");
    assert_int_equal(b->eras.e[4].to.y, 0);
    static const struct {
        struct date d;
        bool open;
    } days
        [] = {
            { { 2026, 7, 1 }, true },    { { 2026, 7, 4 }, false },  { { 2026, 12, 28 }, true },
            { { 2026, 12, 29 }, false }, { { 2027, 1, 3 }, false },  { { 2027, 1, 4 }, true },
            { { 2026, 5, 6 }, false }, /* 憲法記念日 on a Sunday: the substitute day comes after こどもの日 */
            { { 2026, 9, 22 }, false }, /* between two holidays */
            { { 2024, 2, 12 }, false },  { { 2025, 2, 24 }, false }, { { 2028, 3, 20 }, false },
            { { 2030, 9, 23 }, false },  { { 2029, 9, 24 }, false },
        };
    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        if (date_open(days[i].d, &b->holidays) != days[i].open)
            fail_msg("%d-%d-%d", days[i].d.y, days[i].d.m, days[i].d.d);
    rulebook_free(b);
}

/* 2026-12-17 + 14 days is the 31st: the period ends on the first open day of the new year (scenario 15). */
static void test_deadline_over_new_year(void **state)
{
    (void)state;
    struct rulebook *b = tree_book();
    struct date limit = date_deadline((struct date){ 2026, 12, 17 }, 14, &b->holidays);
    assert_int_equal(date_cmp(limit, (struct date){ 2027, 1, 4 }), 0);
    rulebook_free(b);
}

static void test_messages_are_filled_in(void **state)
{
    (void)state;
    struct rulebook *b = tree_book();
    struct buf text = BUF_INIT;
    rulebook_say(b, "W04", NULL, "2", &text);
    assert_non_null(strstr(buf_str(&text), "2人が残ります。"));
    assert_null(strchr(buf_str(&text), '{'));
    buf_clear(&text);
    rulebook_say(b, "E02", "転居年月日", NULL, &text);
    assert_int_equal(strncmp(buf_str(&text), "転居年月日が本日より後", 12), 0);
    assert_null(rulebook_message(b, "E99"));
    assert_string_equal(rulebook_label(b, "sex", "2"), "女");
    assert_string_equal(rulebook_label(b, "sex", "9"), "9");
    assert_string_equal(rulebook_label(b, "nothing", "1"), "1");
    buf_done(&text);
    rulebook_free(b);
}

/* ---- everything the sources name must be in the tables ---- */

static struct rulebook *book;
static size_t names;

static bool has_param(const char *name)
{
    for (size_t i = 0; i < book->n_param; i++)
        if (strcmp(book->param[i].name, name) == 0)
            return true;
    return false;
}

static void look_for_params(const char *path, const char *text)
{
    for (const char *p = text; (p = strstr(p, "rulebook_param")); p++) {
        const char *end = strchr(p, ')'), *quote = end ? memchr(p, '"', (size_t)(end - p)) : NULL;
        const char *stop = quote ? strchr(quote + 1, '"') : NULL;
        if (!stop)
            continue;
        char *name = xstrndup(quote + 1, (size_t)(stop - quote - 1));
        if (!has_param(name))
            fail_msg("%s: no parameter %s", path, name);
        names++;
        free(name);
    }
}

/* "E01", "W12", "S201" in quotation marks; of the messages of the system those blocks whose parts are complete. */
static void look_for_messages(const char *path, const char *text)
{
    for (const char *p = text; (p = strchr(p, '"')); p++) {
        size_t digits = p[1] && strchr("EWS", p[1]) ? strspn(p + 2, "0123456789") : 0;
        bool message = p[2 + digits] == '"' && (p[1] == 'S' ? digits == 3 && strchr("01236", p[2]) : digits == 2);
        if (!message)
            continue;
        char *id = xstrndup(p + 1, digits + 1);
        if (!rulebook_message(book, id))
            fail_msg("%s: no message %s", path, id);
        names++;
        free(id);
    }
}

static void look_into(const char *layer)
{
    char *below = fs_join("src", layer), *dir = tree(below), **name;
    size_t n;
    struct errinfo e;
    if (fs_list(dir, ".c", &name, &n, &e) == OK) {
        for (size_t i = 0; i < n; i++) {
            struct buf text = BUF_INIT;
            char *path = fs_join(dir, name[i]);
            assert_int_equal(fs_read(path, 1 << 20, &text, &e), OK);
            look_for_params(path, buf_str(&text));
            look_for_messages(path, buf_str(&text));
            buf_done(&text);
            free(path);
        }
        fs_list_free(name, n);
    }
    free(dir);
    free(below);
}

static void test_every_name_in_the_sources_is_a_row(void **state)
{
    (void)state;
    static const char *const layers[] = { "domain", "form", "store", "sync", "service", "host", "paper", "ui", "app" };
    book = tree_book();
    names = 0;
    for (size_t i = 0; i < ARRAY_LEN(layers); i++)
        look_into(layers[i]);
    assert_true(names > 20);
    rulebook_free(book);
}

/* ---- what is refused ---- */

struct set {
    const char *eras, *holidays, *parameters, *messages, *codes, *overrides;
};
static const struct set whole = {
    "R\t令和/令\t2019-05-01\t-\n",
    "2026-01-01\t元日\n",
    "CITY_PREF\tうめ県\t文字列\t名\nCITY_NAME\t梅市\t文字列\t名\nCITY_CODE\t99201\t文字列\t番号\nN\t5\t分\t数\n",
    "E01\tE\t本文\tどうする\n",
    "1\t男\t\n",
    NULL,
};

/* Loads the set with one part of it changed; the first report must be `expected`, NULL: none. */
static void load(struct set s, const char *expected)
{
    char *data = tmp_new(), *tables = fs_join(data, "tables"), *over = fs_join(data, "office.conf");
    struct rulebook *b = NULL;
    struct catalog_report report = { 0 };
    struct errinfo e;
    assert_int_equal(fs_mkdir_p(tables, 0700, &e), OK);
    tmp_write(tables, "eras.tsv", s.eras);
    tmp_write(tables, "sex.tsv", s.codes);
    tmp_write(data, "holidays.tsv", s.holidays);
    tmp_write(data, "parameters.tsv", s.parameters);
    tmp_write(data, "messages.tsv", s.messages);
    if (s.overrides)
        tmp_write(data, "office.conf", s.overrides);
    enum err err = catalog_load(data, data, s.overrides ? over : NULL, &b, &report, &e);
    if (expected) {
        assert_int_equal(err, E_INVALID);
        if (!strstr(report.line[0], expected))
            fail_msg("expected %s, found %s", expected, report.line[0]);
    } else {
        assert_int_equal(err, OK);
    }
    catalog_report_done(&report);
    rulebook_free(b);
    tmp_remove(tables);
    tmp_remove(data);
    free(over);
}

#define BAD(part, text, expected) \
    do {                          \
        struct set set_ = whole;  \
        set_.part = text;         \
        load(set_, expected);     \
    } while (0)

static void test_bad_tables_are_refused(void **state)
{
    (void)state;
    load(whole, NULL);
    BAD(eras, "R\t令和\t2019-05-01\t-\n", "eras.tsv:1: expected one capital letter, then name/short name");
    BAD(eras, "R\t令和/令\t2019-13-01\t-\n", "eras.tsv:1: expected a day as 2026-07-01");
    BAD(eras, "R\t令和/令\t2019-05-01\t2019-04-01\n", "expected the last day behind the first");
    BAD(eras, "R\t令和/令\t2019-05-01\t-\nH\t平成/平\t1989-01-08\t2019-04-30\n", "eras.tsv:2: expected the oldest");
    BAD(eras, "R\t令和/令\t2019-05-01\n", "expected 4 cells");
    BAD(holidays, "2026-01-02\t休\n2026-01-02\t休\n", "holidays.tsv:2: expected the days in order");
    BAD(holidays, "2026-01-02\t\n", "expected a text in cell 2");
    BAD(parameters, "N\tx\t分\t数\n", "expected a whole number for N");
    BAD(parameters, "N\tperhaps\tyes/no\t数\n", "expected yes or no for N");
    BAD(parameters, "N\t5\t分\t数\nN\t6\t分\t数\n", "parameter \"N\" stands twice");
    BAD(parameters, "N\t5\t\t数\n", "expected name, value, unit and meaning");
    BAD(parameters, "N\t5\t分\t数\n", "expected a row CITY_PREF");
    BAD(messages, "E01\tX\t本文\t\n", "messages.tsv:1: expected an id");
    BAD(messages, "E01\tE\t本文\t\nE01\tE\t本文\t\n", "message E01 stands twice");
    BAD(codes, "1\t男\t\n1\t女\t\n", "code \"1\" stands twice");
    BAD(codes, "1\tとても長い名称なので画面の候補の欄に入りきらないもの\t\n", "expected a label of at most 40 columns");
    BAD(overrides, "N = 7\n", NULL);
    BAD(overrides, "N 7\n", "office.conf:1: expected NAME = value");
    BAD(overrides, "M = 7\n", "expected NAME = value with a name of parameters.tsv");
    BAD(overrides, "N = seven\n", "expected a whole number for N");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eras_and_closing_days),  cmocka_unit_test(test_deadline_over_new_year),
        cmocka_unit_test(test_messages_are_filled_in), cmocka_unit_test(test_every_name_in_the_sources_is_a_row),
        cmocka_unit_test(test_bad_tables_are_refused),
    };
    return cmocka_run_group_tests_name("form-tables", tests, NULL, NULL);
}
