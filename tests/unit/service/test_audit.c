#include "office/due.h"
#include "office/sections.h"
#include "people.h"

static const json_t *section(const json_t *rows, const char *code)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(rows, i), "section")), code) == 0)
            return json_array_get(rows, i);
    return NULL;
}

static void test_sections(void **state)
{
    struct service_test *t = *state;
    service_test_login(t, "clk1");
    service_test_login(t, "sup1");
    struct session *s = service_test_login(t, "aud1");
    const json_t *rows = json_object_get(service_test_ok(t, s, "audit.report", NULL), "rows");
    assert_true(json_array_size(rows) >= 35);
    assert_true(json_is_false(json_object_get(section(rows, "8.7"), "served"))); /* an earthquake is no ledger */
    const json_t *terminal = section(rows, "9.4"), *events = json_object_get(terminal, "events");
    assert_int_equal(json_array_size(events), 3);
    int64_t before = INT64_MAX;
    for (size_t i = 0; i < 3; i++) {
        int64_t seq = json_integer_value(json_object_get(json_array_get(events, i), "seq"));
        assert_true(seq < before); /* newest first, of both functions */
        before = seq;
    }
    assert_true(json_integer_value(json_object_get(terminal, "log_rows")) >= 3);
    rows = json_object_get(service_test_ok(t, s, "audit.report", json_pack("{s:s}", "section", "7.3")), "rows");
    assert_int_equal(json_array_size(rows), 1);
    service_test_refused(t, s, "audit.report", json_pack("{s:s}", "section", "77"), "S061");
    service_test_refused(t, service_test_login(t, "sys1"), "audit.report", NULL, "S003");
}

/* Every ledger, kind of due date and function that the table of sections names exists. */
static void test_the_table_names_what_there_is(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "aud1");
    const json_t *rows = json_object_get(service_test_ok(t, s, "audit.report", NULL), "rows");
    const struct code_table *table = rulebook_table(t->book, "sections");
    for (size_t i = 0; i < table->n; i++) {
        char *note = xstrdup(table->c[i].note), *rest = note, *ledgers;
        strsep(&rest, " ");
        ledgers = strsep(&rest, " ");
        size_t named = strcmp(ledgers, "-") == 0 ? 0 : 1;
        for (const char *p = ledgers; *p; p++)
            named += *p == ',';
        assert_int_equal(json_array_size(json_object_get(section(rows, table->c[i].code), "ledgers")), named);
        if (strcmp(rest, "-") == 0)
            rest = NULL;
        for (char *kind; (kind = strsep(&rest, ",")) != NULL;)
            assert_string_not_equal(rulebook_label(t->book, "due", kind), kind);
        free(note);
    }
}

static void test_check(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "aud1");
    test_outbox(t);
    const json_t *r = service_test_ok(t, s, "audit.check", NULL);
    assert_true(json_is_true(json_object_get(r, "sound")));
    assert_true(json_array_size(json_object_get(r, "rows")) >= 10);
    assert_string_equal(service_test_last_log(t).detail, "sound");
    const json_t *chain = json_array_get(json_object_get(r, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(chain, "rule")), "operations-chained");
    assert_true(json_is_true(json_object_get(chain, "holds")));
}

/* An office may edit these tables: a slip is told when the service opens, with the row. */
static void test_slips_in_the_tables(void **state)
{
    struct service_test *t = *state;
    struct errinfo e;
    struct code_table *due = (struct code_table *)(uintptr_t)rulebook_table(t->book, "due");
    struct code_table *sections = (struct code_table *)(uintptr_t)rulebook_table(t->book, "sections");
    static const char *const bad[] = { "SUP", "SUP 3 days", "NOBODY 3", "SUP -1", "" };
    char *kept = due->c[0].note;
    assert_int_equal(due_check(t->book, &e), OK);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        due->c[0].note = (char *)(uintptr_t)bad[i];
        assert_int_equal(due_check(t->book, &e), E_INVALID);
        assert_non_null(strstr(e.detail, due->c[0].code));
    }
    due->c[0].note = kept;
    assert_int_equal(sections_check(t->book, &e), OK);
    kept = sections->c[0].note;
    sections->c[0].note = (char *)(uintptr_t) "service. -";
    assert_int_equal(sections_check(t->book, &e), E_INVALID);
    sections->c[0].note = kept;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        service_unit_test(test_sections),
        service_unit_test(test_the_table_names_what_there_is),
        service_unit_test(test_check),
        service_unit_test(test_slips_in_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
