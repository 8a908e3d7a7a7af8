#include "fixture.h"

/* The whole set: a new kind is one new file, and two kinds do not get in each other's way. */

static const char NEW_KIND[] = "form 1\n"
                               "title 町内会届\n"
                               "group 試験\n"
                               "menu 1\n"
                               "law 条例\n"
                               "reason M03\n"
                               "filing request\n"
                               "event a.on\n"
                               "outage hold\n"
                               "section a 共通\n"
                               "  on date 申出年月日 required initial today\n"
                               "section p 人 rows 1..5\n"
                               "  who person 氏名 required\n"
                               "  remark text 備考 to remark\n"
                               "effect\n"
                               "  amend p\n"
                               "checklist\n"
                               "  確かめた\n";

static struct rulebook *load(const char *forms, struct catalog_report *report)
{
    struct rulebook *b = NULL;
    struct errinfo e;
    char *data = tree("data");
    enum err err = catalog_load(forms, data, NULL, &b, report, &e);
    assert_int_equal(err == OK, b != NULL);
    free(data);
    return b;
}

static void test_a_new_file_is_a_new_kind(void **state)
{
    (void)state;
    char *dir = tmp_new();
    struct catalog_report report = { 0 };
    tmp_write(dir, "chonai.form", NEW_KIND);
    struct rulebook *b = load(dir, &report);
    assert_non_null(b);
    const struct kind *k = kind_find(&b->kinds, "chonai");
    assert_non_null(k);
    assert_string_equal(k->title, "町内会届");
    assert_int_equal(k->filing, FILED_REQUEST);
    assert_int_equal(k->outage, OUTAGE_HOLD);
    assert_int_equal(k->deadline_days, 0);
    const struct section *p = kind_section(k, "p");
    assert_int_equal(p->min, 1);
    assert_int_equal(p->max, 5);
    assert_int_equal(section_field(p, "remark")->attr, ATTR_REMARK);
    assert_int_equal(section_field(p, "remark")->max, 1000);
    assert_null(section_field(p, "nothing"));
    assert_null(kind_find(&b->kinds, "nothing"));
    rulebook_free(b);
    tmp_remove(dir);
}

static void test_kinds_stand_in_the_order_of_the_menu(void **state)
{
    (void)state;
    struct rulebook *b = tree_book();
    for (size_t i = 1; i < b->kinds.n; i++)
        assert_true(kind_cmp(b->kinds.k[i - 1], b->kinds.k[i]) < 0);
    const struct kind *k = kind_find(&b->kinds, "tennyu");
    assert_string_equal(k->s[0].id, "filer"); /* from the part */
    assert_int_equal(k->deadline_days, 14);
    rulebook_free(b);
}

static void test_menu_keys_and_titles_are_not_shared(void **state)
{
    (void)state;
    char *dir = tmp_new();
    struct catalog_report report = { 0 };
    tmp_write(dir, "one.form", NEW_KIND);
    tmp_write(dir, "two.form", NEW_KIND);
    assert_null(load(dir, &report));
    assert_int_equal(report.n, 2);
    assert_non_null(strstr(report.line[0], "two.form: menu 1 of group 試験 is taken by"));
    assert_non_null(strstr(report.line[1], "two.form: title \"町内会届\" is taken by"));
    catalog_report_done(&report);
    tmp_remove(dir);
}

static void test_all_errors_of_a_run_are_told(void **state)
{
    (void)state;
    char *dir = tmp_new();
    struct catalog_report report = { 0 };
    tmp_write(dir, "one.form", "form 2\nmenu 1\n");
    tmp_write(dir, "two.form", "form 1\ncolour red\n");
    assert_null(load(dir, &report));
    assert_true(report.n > 4);
    bool one = false, two = false;
    for (size_t i = 0; i < report.n; i++) {
        one = one || strstr(report.line[i], "one.form:1: expected version 1");
        two = two || strstr(report.line[i], "two.form:2: unknown word \"colour\"");
    }
    assert_true(one && two);
    catalog_report_done(&report);
    tmp_remove(dir);
}

static void test_bytes_for_the_digest_change_with_any_file(void **state)
{
    (void)state;
    char *dir = tmp_new(), *data = tree("data");
    struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT;
    struct errinfo e;
    tmp_write(dir, "one.form", NEW_KIND);
    assert_int_equal(catalog_bytes(dir, data, &a, &e), OK);
    assert_int_equal(catalog_bytes(dir, data, &b, &e), OK);
    assert_true(span_eq(buf_span(&a), buf_span(&b)));
    tmp_write(dir, "x.part", "section x 題\n");
    assert_int_equal(catalog_bytes(dir, data, &c, &e), OK);
    assert_false(span_eq(buf_span(&a), buf_span(&c)));
    buf_done(&a);
    buf_done(&b);
    buf_done(&c);
    free(data);
    tmp_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_file_is_a_new_kind),
        cmocka_unit_test(test_kinds_stand_in_the_order_of_the_menu),
        cmocka_unit_test(test_menu_keys_and_titles_are_not_shared),
        cmocka_unit_test(test_all_errors_of_a_run_are_told),
        cmocka_unit_test(test_bytes_for_the_digest_change_with_any_file),
    };
    return cmocka_run_group_tests_name("form-catalog", tests, NULL, NULL);
}
