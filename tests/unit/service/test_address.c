/* The dictionary of towns through the gate. */
#include "fixture.h"

static json_t *town(const char *code, const char *zip, const char *name, const char *kana)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "code", code, "zip", zip, "pref", "千早県",
                     "city", "梅里市", "town", name, "note", "", "pref_kana", "チハヤケン", "city_kana", "ウメサトシ",
                     "town_kana", kana);
}

static json_t *rows_of(int64_t import, json_t *take_row)
{
    return json_pack("{s:I, s:[o]}", "import", (json_int_t)import, "rows", take_row);
}

static int64_t begin(struct service_test *t, struct session *s)
{
    return json_integer_value(json_object_get(service_test_ok(t, s, "address.import_begin", NULL), "import"));
}

static json_t *number(int64_t import)
{
    return json_pack("{s:I}", "import", (json_int_t)import);
}

static void import_two(struct service_test *t, struct session *s)
{
    int64_t import = begin(t, s);
    service_test_ok(t, s, "address.import_rows", rows_of(import, town("99201", "9990001", "梅町一丁目", "ウメマチ")));
    service_test_ok(t, s, "address.import_rows", rows_of(import, town("99201", "9990000", "", "")));
    const json_t *r = service_test_ok(t, s, "address.import_commit", number(import));
    assert_int_equal(json_integer_value(json_object_get(r, "cities")), 1);
}

static void import_many(struct service_test *t, struct session *s, int n)
{
    int64_t import = begin(t, s);
    while (n > 0) {
        json_t *rows = json_array();
        for (int i = 0; i < 1000 && n > 0; i++, n--)
            json_array_append_new(rows, town("99201", "9990001", "梅町", "ウメマチ"));
        service_test_ok(t, s, "address.import_rows",
                        json_pack("{s:I, s:o}", "import", (json_int_t)import, "rows", rows));
    }
    service_test_ok(t, s, "address.import_commit", number(import));
}

static const json_t *one_row(const json_t *result)
{
    assert_int_equal(json_array_size(json_object_get(result, "rows")), 1);
    return json_array_get(json_object_get(result, "rows"), 0);
}

static void expect(const json_t *row, const char *key, const char *want)
{
    assert_string_equal(json_string_value(json_object_get(row, key)), want);
}

static const json_t *candidates(struct service_test *t, struct session *s, const char *field, const char *typed)
{
    return service_test_ok(
        t, s, "notice.candidates",
        json_pack("{s:s, s:s, s:s, s:s}", "kind", "tenkyo", "section", "address", "field", field, "text", typed));
}

/* The fields of an address ask the same dictionary: by number, by readings of the levels, by name. */
static void test_candidates_of_the_notice(void **state)
{
    struct service_test *t = *state;
    struct session *sys = service_test_login(t, "sys1"), *clk = service_test_login(t, "clk1");
    import_two(t, sys);
    static const char *const towns[] = { "梅町", "千早県梅里市梅町", "チ　ウ　ウ", "ﾁ ｳ ｳ", "ち う うめ" };
    for (size_t i = 0; i < ARRAY_LEN(towns); i++)
        expect(one_row(candidates(t, clk, "addr_town", towns[i])), "value", "梅町一丁目");
    static const char *const numbers[] = { "9990001", "999-0001", "９９９－０００１" };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        expect(one_row(candidates(t, clk, "addr_zip", numbers[i])), "label", "千早県梅里市梅町一丁目");
    const json_t *filled = json_object_get(one_row(candidates(t, clk, "addr_zip", "9990001")), "fill");
    expect(json_array_get(filled, 1), "f", "addr_code");
    expect(json_array_get(filled, 1), "v", "99201001000");
    static const char *const none[] = { "若葉", "ア イ ウ エ", "　", "%" };
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(json_array_size(json_object_get(candidates(t, clk, "addr_town", none[i]), "rows")), 0);
    assert_int_equal(json_array_size(json_object_get(candidates(t, clk, "addr_zip", "若葉"), "rows")), 0);
}

static void test_lookup(void **state)
{
    struct service_test *t = *state;
    struct session *sys = service_test_login(t, "sys1"), *clk = service_test_login(t, "clk1");
    import_two(t, sys);
    int64_t log_rows = service_test_log_rows(t);
    static const char *const by_zip[] = { "9990001", "999-0001", "〒９９９－０００１", "〒999-0001" };
    for (size_t i = 0; i < ARRAY_LEN(by_zip); i++) {
        const json_t *row = one_row(service_test_ok(t, clk, "address.lookup", json_pack("{s:s}", "zip", by_zip[i])));
        expect(row, "town", "梅町一丁目");
        expect(row, "code", "99201");
        expect(row, "kana", "チハヤケン　ウメサトシ　ウメマチ");
    }
    expect(one_row(service_test_ok(t, clk, "address.lookup", json_pack("{s:s}", "initials", "チ ウ ウ"))), "zip",
           "9990001");
    expect(one_row(service_test_ok(t, clk, "address.lookup", json_pack("{s:s}", "text", "梅町"))), "zip", "9990001");
    const json_t *r = service_test_ok(t, clk, "address.lookup", json_pack("{s:s, s:i}", "zip", "999", "limit", 1));
    assert_true(json_is_true(json_object_get(r, "more")));
    const json_t *rest = one_row(r);
    expect(rest, "town", "");
    expect(rest, "kana", "チハヤケン　ウメサトシ");
    assert_int_equal(service_test_log_rows(t), log_rows); /* no personal data in it */
}

static void test_lookup_of_nothing(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    const char *all = "zip / initials / text";
    assert_string_equal(service_test_refused(t, s, "address.lookup", NULL, "S041"), all);
    assert_string_equal(
        service_test_refused(t, s, "address.lookup", json_pack("{s:s, s:s}", "zip", "999", "text", "梅"), "S041"), all);
    static const char *const bad[][2] = {
        { "zip", "99" }, { "zip", "九九九" }, { "zip", "99900012" }, { "zip", "〒-" }, { "initials", "ア イ ウ エ" }
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_string_equal(
            service_test_refused(t, s, "address.lookup", json_pack("{s:s}", bad[i][0], bad[i][1]), "S042"), bad[i][0]);
    service_test_refused(t, s, "address.lookup", json_pack("{s:s, s:i}", "zip", "999", "limit", 0), "S041");
    service_test_refused(t, s, "address.lookup", json_pack("{s:s, s:i}", "zip", "999", "limit", 201), "S043");
}

static void test_import_is_logged(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    import_two(t, s);
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.function, "address.import_commit");
    assert_string_equal(l.detail, "import 1: 1 cities");
    assert_string_equal(l.action, "config");
}

static void test_import_refused(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1"), *clk = service_test_login(t, "clk1");
    service_test_refused(t, clk, "address.import_begin", NULL, "S003");
    int64_t lost = begin(t, s), import = begin(t, s);
    service_test_refused(t, s, "address.import_rows", rows_of(lost, town("99201", "9990001", "梅町", "ウメ")), "S720");
    service_test_refused(t, s, "address.import_commit", number(lost), "S720");
    service_test_refused(t, s, "address.import_commit", number(import), "S721");
    assert_string_equal(service_test_refused(t, s, "address.import_rows",
                                             rows_of(import, town("9920", "9990001", "梅町", "ウメ")), "S036"),
                        "rows[0]");
    service_test_refused(t, s, "address.import_rows", rows_of(import, town("", "9990001", "梅町", "ウメ")), "S041");
    service_test_refused(t, s, "address.import_rows", rows_of(import, town("99201", "9990001", "梅\n町", "ウ")),
                         "S044");
}

static void test_sweep(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    import_many(t, s, 2001); /* one more than a sweep removes */
    import_two(t, s);
    const json_t *r = service_test_ok(t, s, "address.import_sweep", NULL);
    assert_true(json_is_true(json_object_get(r, "left")));
    r = service_test_ok(t, s, "address.import_sweep", NULL);
    assert_true(json_is_false(json_object_get(r, "left")));
    one_row(service_test_ok(t, s, "address.lookup", json_pack("{s:s}", "zip", "9990001")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        service_unit_test(test_lookup),
        service_unit_test(test_candidates_of_the_notice),
        service_unit_test(test_lookup_of_nothing),
        service_unit_test(test_import_is_logged),
        service_unit_test(test_import_refused),
        service_unit_test(test_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
