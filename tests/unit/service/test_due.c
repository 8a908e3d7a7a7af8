#include "fixture.h"
#include "people.h"

#include "store/meta.h"
#include "store/restriction.h"

#define DAY INT64_C(86400000)

static const json_t *row_of(const json_t *rows, const char *kind)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(rows, i), "kind")), kind) == 0)
            return json_array_get(rows, i);
    return NULL;
}

static const char *level_of(struct service_test *t, const char *who, const char *kind)
{
    struct session *s = service_test_login(t, who);
    const json_t *row = row_of(json_object_get(service_test_ok(t, s, "due.list", NULL), "rows"), kind);
    static char level[32];
    snprintf(level, sizeof level, "%s", row ? json_string_value(json_object_get(row, "level")) : "");
    session_close(s);
    return level;
}

static void set_meta(struct service_test *t, const char *key, int64_t value)
{
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(meta_set_i64(t->db, key, value, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
}

/* 予定 → 当日 → 超過 → 上申, on the clock of the store's copies. */
static void test_levels(void **state)
{
    struct service_test *t = *state;
    assert_string_equal(level_of(t, "sys1", "backup"), "today"); /* never made */
    set_meta(t, "backup.last_ms", t->wall_ms);
    assert_string_equal(level_of(t, "sys1", "backup"), ""); /* tomorrow, no lead time */
    service_test_pass(t, DAY - 3600000);
    assert_string_equal(level_of(t, "sys1", "backup"), "today");
    service_test_pass(t, 2 * 3600000);
    assert_string_equal(level_of(t, "sys1", "backup"), "overdue");
    assert_string_equal(level_of(t, "bm1", "backup"), ""); /* not yet hers */
    service_test_pass(t, 8 * DAY);
    assert_string_equal(level_of(t, "sys1", "backup"), "escalated");
    assert_string_equal(level_of(t, "bm1", "backup"), "escalated");
    assert_string_equal(level_of(t, "sup1", "backup"), "");
    assert_string_equal(level_of(t, "aud1", "backup"), "escalated");
}

static void test_passwords(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    assert_null(row_of(json_object_get(service_test_ok(t, s, "due.list", NULL), "rows"), "password"));
    const json_t *rows = json_object_get(service_test_ok(t, s, "due.list", json_pack("{s:i}", "days", 100)), "rows");
    const json_t *own = row_of(rows, "password");
    assert_string_equal(json_string_value(json_object_get(own, "ref")), "clk1"); /* only one's own */
    assert_string_equal(json_string_value(json_object_get(own, "due_on")), "2026-09-29");
    assert_string_equal(json_string_value(json_object_get(own, "level")), "planned");
    assert_int_equal(json_array_size(rows), 1);
    session_close(s);
    s = service_test_login(t, "sys1");
    rows =
        json_object_get(service_test_ok(t, s, "due.list", json_pack("{s:i, s:s}", "days", 100, "role", "SYS")), "rows");
    assert_true(json_array_size(rows) >= 8);
    service_test_refused(t, s, "due.list", json_pack("{s:s}", "role", "KING"), "S044");
}

static void test_the_certificate(void **state)
{
    struct service_test *t = *state;
    assert_string_equal(level_of(t, "sys1", "certificate"), ""); /* there is none */
    t->plug.cert_until_ms = t->wall_ms + 31 * DAY;
    assert_string_equal(level_of(t, "sys1", "certificate"), "");
    t->plug.cert_until_ms = t->wall_ms + 30 * DAY;
    assert_string_equal(level_of(t, "sys1", "certificate"), "near");
    t->plug.cert_until_ms = t->wall_ms - 1;
    assert_string_equal(level_of(t, "sys1", "certificate"), "overdue");
}

static void restrict_until(struct service_test *t, const char *id, int m, int d)
{
    struct restriction r = { .kind = RK_SUPPORT, .until = { 2026, m, d } };
    snprintf(r.id, sizeof r.id, "%s", id);
    snprintf(r.person, sizeof r.person, "501");
    for (size_t i = 0; i < RP_COUNT; i++)
        r.level[i] = RL_ERROR;
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(restriction_apply(t->db, &r, "", 1, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
}

static void test_restrictions(void **state)
{
    struct service_test *t = *state;
    restrict_until(t, "R1", 7, 20);
    restrict_until(t, "R2", 12, 1);
    struct session *s = service_test_login(t, "rsp1");
    const json_t *rows = json_object_get(service_test_ok(t, s, "due.list", NULL), "rows");
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "ref")), "R1");
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "level")), "near");
    assert_string_equal(level_of(t, "clk1", "restriction"), "");
}

static void plan(struct service_test *t, size_t i)
{
    struct resident *r = test_person(i, 2);
    resident_set(r, ATTR_PLANNED_ON, "2026-07-03");
    test_apply(t, r);
}

/* Of whom something is planned, the log knows who saw it; a protected person is not in the list. */
static void test_planned_moves(void **state)
{
    struct service_test *t = *state;
    plan(t, 0);
    plan(t, 3); /* has left */
    plan(t, 5); /* protected */
    struct session *s = service_test_login(t, "clk1");
    const json_t *rows = json_object_get(service_test_ok(t, s, "due.list", NULL), "rows");
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "ref")), test_people[0].id);
    assert_string_equal(service_test_last_log(t).subjects, test_people[0].id);
    const json_t *due = json_object_get(service_test_ok(t, s, "dashboard.get", NULL), "due");
    assert_int_equal(json_array_size(due), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(due, 0), "level")), "soon");
    test_list_age(t, 30 * INT64_C(3600000)); /* the list is too old to say that nobody is protected */
    rows = json_object_get(service_test_ok(t, s, "due.list", NULL), "rows");
    assert_int_equal(json_array_size(rows), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        service_unit_test(test_levels),          service_unit_test(test_passwords),
        service_unit_test(test_the_certificate), service_unit_test(test_restrictions),
        people_unit_test(test_planned_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
