/* Operators and the operation log through the gate. */
#include "fixture.h"

#include <sqlite3.h>

static json_t *new_operator(const char *id, const char *role)
{
    return json_pack("{s:s, s:s, s:[s], s:[s], s:s, s:s, s:s}", "id", id, "name", "新規 職員", "roles", role, "views",
                     "my_number", "password", "kaki no tane 1357", "approver", "bm1", "approver_password",
                     TEST_PASSWORD);
}

static json_t *with(json_t *params, const char *key, const char *value)
{
    json_object_set_new(params, key, json_string(value));
    return params;
}

static json_t *without_approver(json_t *params)
{
    json_object_del(params, "approver");
    json_object_del(params, "approver_password");
    return params;
}

/* One administrator does not become everybody: rights that decide or see more need somebody beside him. */
static void test_weighty_rights_need_a_second(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    service_test_refused(t, s, "operator.create", without_approver(new_operator("kage", "CLK")), "S013"); /* a view */
    service_test_refused(t, s, "operator.create", with(new_operator("kage", "RSP"), "approver", "sys1"), "S004");
    service_test_refused(t, s, "operator.create", with(new_operator("kage", "RSP"), "approver", "sup1"), "S003");
    service_test_refused(t, s, "operator.create", with(new_operator("kage", "RSP"), "approver_password", "x"), "S001");
    service_test_ok(t, s, "operator.create", new_operator("kage", "RSP"));
    assert_string_equal(service_test_last_log(t).approver, "bm1");
    service_test_refused(t, s, "operator.set",
                         json_pack("{s:s, s:i, s:[s, s]}", "id", "clk1", "rev", 1, "roles", "CLK", "SUP"), "S013");
    service_test_refused(t, s, "operator.reset", json_pack("{s:s, s:s}", "id", "sup1", "password", "kaki no tane 1357"),
                         "S013");
    service_test_ok(t, s, "operator.set", json_pack("{s:s, s:i, s:s}", "id", "sup1", "rev", 1, "state", "suspended"));
    service_test_refused(t, s, "operator.set", json_pack("{s:s, s:i, s:s}", "id", "sup1", "rev", 2, "state", "active"),
                         "S013");
    service_test_ok(t, s, "operator.reset", json_pack("{s:s, s:s}", "id", "clk2", "password", "kaki no tane 1357"));
}

/* An administrator in the office is no second person, whatever else he is. */
static void test_an_administrator_approves_nothing_here(void **state)
{
    struct service_test *t = *state;
    service_test_add_operator(t, "both", ROLE_BIT(ROLE_SYS) | ROLE_BIT(ROLE_BM), 0);
    struct session *s = service_test_login(t, "sys1");
    service_test_refused(t, s, "operator.create", with(new_operator("kage", "SUP"), "approver", "both"), "S003");
}

static void test_a_fresh_account_is_no_second(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    service_test_ok(t, s, "operator.create", new_operator("bm9", "BM"));
    json_t *by_new =
        with(with(new_operator("kage", "SUP"), "approver", "bm9"), "approver_password", "kaki no tane 1357");
    json_t *again = json_deep_copy(by_new), *later = json_deep_copy(by_new);
    service_test_refused(t, s, "operator.create", by_new, "S019");
    service_test_pass(t, 23 * INT64_C(3600000));
    s = service_test_login(t, "sys1");
    service_test_refused(t, s, "operator.create", again, "S019");
    service_test_pass(t, INT64_C(3600000));
    s = service_test_login(t, "sys1");
    service_test_ok(t, s, "operator.create", later);
    service_test_ok(t, s, "operator.reset",
                    with(with(json_pack("{s:s, s:s}", "id", "bm9", "password", "kaki no hana 2468"), "approver", "bm1"),
                         "approver_password", TEST_PASSWORD));
    service_test_refused(
        t, s, "operator.create",
        with(with(new_operator("kage2", "SUP"), "approver", "bm9"), "approver_password", "kaki no hana 2468"), "S019");
}

static void test_ids_do_not_look_alike(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    service_test_refused(t, s, "operator.create", new_operator("Clk1", "CLK"), "S034");
}

static void test_the_head_unlocks_the_administrator(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t), *bm = service_test_login(t, "bm1");
    for (int i = 0; i < 5; i++)
        service_test_refused(t, s, "session.login", json_pack("{s:s, s:s}", "operator", "sys1", "password", "x"),
                             "S001");
    service_test_refused(t, s, "session.login", json_pack("{s:s, s:s}", "operator", "sys1", "password", TEST_PASSWORD),
                         "S002");
    service_test_refused(t, bm, "operator.unlock", json_pack("{s:s}", "id", "bm1"), "S016");
    service_test_ok(t, bm, "operator.unlock", json_pack("{s:s}", "id", "sys1"));
    service_test_ok(t, s, "session.login", json_pack("{s:s, s:s}", "operator", "sys1", "password", TEST_PASSWORD));
}

static const json_t *find(const json_t *rows, const char *id)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(rows, i), "id")), id) == 0)
            return json_array_get(rows, i);
    return NULL;
}

static void test_create_and_list(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    service_test_ok(t, s, "operator.create", new_operator("shinki", "CLK"));
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.detail, "shinki: active CLK my_number");
    assert_string_equal(l.action, "config");
    const json_t *r = service_test_ok(t, s, "operator.list", NULL);
    const json_t *row = find(json_object_get(r, "rows"), "shinki");
    assert_non_null(row);
    assert_true(json_is_true(json_object_get(row, "must_change")));
    assert_null(json_object_get(row, "verifier"));
    service_test_refused(t, s, "operator.create", new_operator("shinki", "CLK"), "S034");
    service_test_refused(t, s, "operator.create", new_operator("other", "ROOT"), "S044");
    json_t *weak = new_operator("other", "CLK");
    json_object_set_new(weak, "password", json_string("password1234"));
    service_test_refused(t, s, "operator.create", weak, "S052");
}

static void test_change_tells_old_and_new(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    service_test_ok(
        t, s, "operator.set",
        with(with(json_pack("{s:s, s:i, s:[s, s]}", "id", "clk1", "rev", 1, "roles", "CLK", "SUP"), "approver", "rsp1"),
             "approver_password", TEST_PASSWORD));
    assert_string_equal(service_test_last_log(t).detail, "clk1: active CLK -> active CLK SUP");
    service_test_refused(t, s, "operator.set", json_pack("{s:s, s:i, s:s}", "id", "clk1", "rev", 1, "name", "別 人"),
                         "S035");
    service_test_refused(t, s, "operator.set", json_pack("{s:s, s:i, s:s}", "id", "x", "rev", 1, "name", "別 人"),
                         "S033");
    service_test_refused(t, s, "operator.set", json_pack("{s:s, s:i, s:s}", "id", "clk1", "rev", 2, "state", "gone"),
                         "S044");
}

static void test_nobody_raises_himself(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    service_test_refused(t, s, "operator.set",
                         json_pack("{s:s, s:i, s:[s, s]}", "id", "sys1", "rev", 1, "roles", "SYS", "SUP"), "S016");
    service_test_refused(t, s, "operator.reset", json_pack("{s:s, s:s}", "id", "sys1", "password", "kaki no tane 1357"),
                         "S016");
    service_test_ok(t, s, "operator.create", new_operator("sys2", "SYS"));
    service_test_refused(t, s, "operator.set",
                         json_pack("{s:s, s:i, s:[s, s]}", "id", "clk1", "rev", 1, "roles", "CLK", "AUD"), "S003");
}

static void test_an_administrator_remains(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sys1");
    service_test_ok(t, s, "operator.create", new_operator("sys2", "SYS"));
    struct session *other = service_test_session(t);
    service_test_ok(t, other, "session.login",
                    json_pack("{s:s, s:s}", "operator", "sys2", "password", "kaki no tane 1357"));
    service_test_ok(t, other, "session.password",
                    json_pack("{s:s, s:s}", "old", "kaki no tane 1357", "new", "momiji no yama 24"));
    service_test_ok(t, other, "operator.set", json_pack("{s:s, s:i, s:s}", "id", "sys1", "rev", 1, "state", "retired"));
    service_test_refused(t, other, "operator.set",
                         json_pack("{s:s, s:i, s:s}", "id", "sys2", "rev", 1, "state", "retired"), "S016");
}

static void test_log_list_and_its_filters(void **state)
{
    struct service_test *t = *state;
    struct session *clerk = service_test_login(t, "clk1"), *s = service_test_login(t, "aud1");
    service_test_refused(t, clerk, "log.list", NULL, "S003");
    const json_t *r =
        service_test_ok(t, s, "log.list", json_pack("{s:s, s:s}", "operator", "clk1", "result", "denied"));
    const json_t *rows = json_object_get(r, "rows");
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "function")), "log.list");
    r = service_test_ok(t, s, "log.list", json_pack("{s:s, s:s}", "from", "2026-07-01", "to", "2026-07-01"));
    assert_true(json_array_size(json_object_get(r, "rows")) >= 4);
    r = service_test_ok(t, s, "log.list", json_pack("{s:s}", "to", "2026-06-30"));
    assert_int_equal(json_array_size(json_object_get(r, "rows")), 0);
    r = service_test_ok(t, s, "log.list", json_pack("{s:s}", "from", "2026-07-02"));
    assert_int_equal(json_array_size(json_object_get(r, "rows")), 0);
    r = service_test_ok(t, s, "log.logins", NULL);
    assert_int_equal(json_array_size(json_object_get(r, "rows")), 2);
}

static json_int_t count_of(const json_t *r, const char *operator_id, const char *key)
{
    const json_t *rows = json_object_get(r, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(rows, i), "operator")), operator_id) == 0)
            return json_integer_value(json_object_get(json_array_get(rows, i), key));
    return -1;
}

/* Wednesday in hours, Wednesday at night, Saturday. */
static void test_log_report(void **state)
{
    struct service_test *t = *state;
    static const struct {
        int64_t after_ms;
        int rows;
    } times[] = { { 0, 3 }, { 12 * INT64_C(3600000), 2 }, { 3 * INT64_C(86400000), 4 } };
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        t->wall_ms = TEST_NOW + times[i].after_ms;
        struct session *s = service_test_login(t, "clk1");
        for (int k = 1; k < times[i].rows; k++)
            service_test_refused(t, s, "log.list", NULL, "S003");
        service_test_ok(t, s, "session.logout", NULL);
        service_test_refused(t, s, "session.login", json_pack("{s:s, s:s}", "operator", "clk1", "password", "wrong"),
                             "S001");
    }
    struct session *s = service_test_login(t, "aud1");
    const json_t *r =
        service_test_ok(t, s, "log.report", json_pack("{s:s, s:s}", "from", "2026-07-01", "to", "2026-07-04"));
    assert_int_equal(count_of(r, "clk1", "rows"), 3 + 2 + 4 + 3);
    assert_int_equal(count_of(r, "clk1", "days"), 2);
    assert_int_equal(count_of(r, "clk1", "outside_hours"), 2 + 1 + 4 + 1);
    assert_int_equal(count_of(r, "clk1", "refused"), 2 + 1 + 3);
    assert_int_equal(count_of(r, "clk1", "searches"), 0);
    const json_t *failed = json_array_get(json_object_get(r, "failed_logins"), 0);
    assert_string_equal(json_string_value(json_object_get(failed, "operator")), "clk1");
    assert_int_equal(json_integer_value(json_object_get(failed, "failed")), 3);
    service_test_refused(t, s, "log.report", json_pack("{s:s, s:s}", "from", "2026-07-02", "to", "2026-07-01"), "S043");
    service_test_refused(t, s, "log.report", json_pack("{s:s, s:s}", "from", "2026-01-01", "to", "2026-07-01"), "S043");
}

static void test_log_verify(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "aud1");
    const json_t *r = service_test_ok(t, s, "log.head", NULL);
    json_t *head = json_pack("{s:O, s:O}", "seq", json_object_get(r, "seq"), "hash", json_object_get(r, "hash"));
    r = service_test_ok(t, s, "log.verify", json_pack("{s:[O]}", "heads", head));
    assert_true(json_is_true(json_object_get(r, "done")));
    assert_true(json_is_true(json_object_get(r, "sound")));
    json_object_set_new(head, "hash",
                        json_string("00000000000000000000000000000000"
                                    "00000000000000000000000000000000"));
    r = service_test_ok(t, s, "log.verify", json_pack("{s:[O]}", "heads", head));
    assert_true(json_is_false(json_object_get(r, "sound")));
    assert_int_equal(json_integer_value(json_object_get(r, "bad")), json_integer_value(json_object_get(head, "seq")));
    json_decref(head);
}

static void test_status(void **state)
{
    struct service_test *t = *state;
    const json_t *r = service_test_ok(t, service_test_session(t), "status.get", NULL);
    assert_string_equal(json_string_value(json_object_get(r, "state")), "normal");
    assert_string_equal(json_string_value(json_object_get(r, "host")), "unknown");
    assert_string_equal(json_string_value(json_object_get(r, "now")), "2026-07-01T09:00:00+09:00");
    assert_true(json_is_true(json_object_get(r, "trial")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        service_unit_test(test_create_and_list),
        service_unit_test(test_weighty_rights_need_a_second),
        service_unit_test(test_an_administrator_approves_nothing_here),
        service_unit_test(test_a_fresh_account_is_no_second),
        service_unit_test(test_ids_do_not_look_alike),
        service_unit_test(test_the_head_unlocks_the_administrator),
        service_unit_test(test_change_tells_old_and_new),
        service_unit_test(test_nobody_raises_himself),
        service_unit_test(test_an_administrator_remains),
        service_unit_test(test_log_list_and_its_filters),
        service_unit_test(test_log_report),
        service_unit_test(test_log_verify),
        service_unit_test(test_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
