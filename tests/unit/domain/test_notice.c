#include "base/mem.h"
#include "domain/finding.h"
#include "domain/notice.h"
#include "domain/rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_values(void **state)
{
    (void)state;
    struct notice *n = notice_new("tenkyo");
    assert_string_equal(notice_get(n, "a", 0, "x"), "");
    assert_int_equal(notice_rows(n, "a"), 0);
    notice_set(n, "a", 0, "x", "一");
    notice_set(n, "a", 2, "x", "三");
    notice_set(n, "b", 0, "x", "別");
    assert_string_equal(notice_get(n, "a", 2, "x"), "三");
    assert_int_equal(notice_rows(n, "a"), 3);
    notice_set(n, "a", 0, "x", notice_get(n, "a", 0, "x")); /* its own text */
    assert_string_equal(notice_get(n, "a", 0, "x"), "一");
    notice_set(n, "a", 2, "x", "");
    assert_int_equal(notice_rows(n, "a"), 1);
    notice_set(n, "a", 5, "x", NULL);
    assert_int_equal(n->n, 2);
    notice_free(n);
    notice_free(NULL);
}

static void test_removing_a_row_closes_the_gap(void **state)
{
    (void)state;
    struct notice *n = notice_new("tenkyo");
    for (int row = 0; row < 40; row++) {
        char text[16] = { (char)('a' + row % 26), '\0' };
        notice_set(n, "p", row, "x", text);
        notice_set(n, "p", row, "y", text);
    }
    notice_set(n, "q", 3, "x", "他");
    notice_remove_row(n, "p", 1);
    assert_int_equal(notice_rows(n, "p"), 39);
    assert_string_equal(notice_get(n, "p", 0, "x"), "a");
    assert_string_equal(notice_get(n, "p", 1, "x"), "c");
    assert_string_equal(notice_get(n, "p", 1, "y"), "c");
    assert_string_equal(notice_get(n, "q", 3, "x"), "他");
    notice_free(n);
}

static void test_findings(void **state)
{
    (void)state;
    struct message rows[] = { { .id = (char[]){ "E02" }, .level = 'E' },
                              { .id = (char[]){ "S201" }, .level = 'S' },
                              { .id = (char[]){ "W03" }, .level = 'W' } };
    const struct rulebook book = { .message = rows, .n_message = ARRAY_LEN(rows) };
    struct findings f = { 0 };
    assert_false(findings_blocking(&book, &f));
    findings_add(&f, "W03", "move", 0, "moved_on", "令和8年7月1日");
    findings_add(&f, "W03", "move", 0, "moved_on", "令和8年7月1日");
    assert_int_equal(f.n, 1);
    assert_false(findings_blocking(&book, &f));
    findings_add(&f, "W03", "move", 0, "moved_on", NULL);
    findings_add(&f, "W03", "move", 1, "moved_on", NULL);
    assert_int_equal(f.n, 3);
    findings_add(&f, "S201", "move", 0, "moved_on", NULL);
    assert_true(findings_blocking(&book, &f));
    findings_done(&f);
    findings_add(&f, "E02", "", 0, "", NULL);
    assert_true(findings_blocking(&book, &f));
    assert_true(rulebook_is_error(&book, "W99")); /* nobody has said that it may be passed */
    findings_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_removing_a_row_closes_the_gap),
        cmocka_unit_test(test_findings),
    };
    return cmocka_run_group_tests_name("domain-notice", tests, NULL, NULL);
}
