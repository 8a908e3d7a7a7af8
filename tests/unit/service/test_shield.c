/* What was walked round once: each of these ways out is shut. */
#include "people.h"

#define WHY  "本人からの申出による"
#define KID  PROTECTED_KID
#define FREE "000000000000051" /* 鈴木 */

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? text : "(none)";
}

/* ---- reasons ---- */

static void test_a_reason_tells_something(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "rsp1");
    static const char *const empty[] = { "　　　　　　", "          ", "ああああああああ", "あいあいあいあい",
                                         " 確 認 。 " };
    for (size_t i = 0; i < ARRAY_LEN(empty); i++)
        service_test_refused(t, s, "restrict.get", json_pack("{s:s, s:s}", "no", "H-R26-000001", "reason", empty[i]),
                             "S007");
    service_test_ok(t, s, "restrict.get", json_pack("{s:s, s:s}", "no", "H-R26-000001", "reason", "本人の申出を確認"));
    session_close(s);
}

/* ---- numbers of nobody, numbers of many ---- */

static void test_a_number_of_nobody_stands_in_the_log(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    service_test_refused(t, s, "resident.get", json_pack("{s:s}", "id", "77"), "S113");
    assert_string_equal(service_test_last_log(t).subjects, "000000000000077");
    service_test_refused(t, s, "resident.history", json_pack("{s:s}", "id", "78"), "S113");
    assert_string_equal(service_test_last_log(t).subjects, "000000000000078");
    session_close(s);
}

static json_t *one(const char *id)
{
    return json_pack("{s:s}", "id", id);
}

static void test_many_records_want_a_reason(void **state)
{
    struct service_test *t = *state;
    service_test_param(t, "VIEW_PER_H", "2");
    struct session *s = service_test_login(t, "clk1"), *other = service_test_login(t, "clk2");
    service_test_ok(t, s, "resident.get", one("19"));
    service_test_ok(t, s, "resident.history", one("19"));
    service_test_ok(t, s, "household.get", json_pack("{s:s}", "no", "907"));
    const char *item = service_test_refused(t, s, "resident.get", one("27"), "S062");
    assert_string_equal(item, "reason");
    session_close(s);
    s = service_test_login(t, "clk1"); /* another connection is the same operator */
    service_test_refused(t, s, "household.get", json_pack("{s:s}", "no", "908"), "S062");
    service_test_refused(t, s, "resident.get", json_pack("{s:s, s:s}", "id", "27", "reason", "　　　　　　"), "S007");
    service_test_ok(t, s, "resident.get", json_pack("{s:s, s:s}", "id", "27", "reason", "転入届の確認のため"));
    assert_string_equal(service_test_last_log(t).detail, "mass 3");
    service_test_ok(t, s, "resident.get", one("19")); /* one of the first two */
    service_test_ok(t, other, "resident.get", one("27"));
    struct session *aud = service_test_login(t, "aud1");
    const json_t *rows = json_object_get(
        service_test_ok(t, aud, "log.report", json_pack("{s:s, s:s}", "from", "2026-07-01", "to", "2026-07-01")),
        "rows");
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        if (strcmp(text_of(row, "operator"), "clk1") == 0)
            assert_int_equal(json_integer_value(json_object_get(row, "mass")), 1);
    t->mono_ms += 3600000;
    session_close(s);
    s = service_test_login(t, "clk1");
    service_test_ok(t, s, "resident.get", one(FREE));
    session_close(aud);
    session_close(other);
    session_close(s);
}

static void test_searches_count_by_operator(void **state)
{
    struct service_test *t = *state;
    service_test_param(t, "SEARCH_PER_MIN", "2");
    for (int i = 0; i < 2; i++) {
        struct session *s = service_test_login(t, "clk1");
        service_test_ok(t, s, "resident.search", json_pack("{s:s}", "name", "鈴木"));
        session_close(s);
    }
    struct session *s = service_test_login(t, "clk1");
    service_test_refused(t, s, "resident.search", json_pack("{s:s}", "name", "鈴木"), "S012");
    session_close(s);
}

/* ---- restrictions ---- */

static void restrict_one(struct service_test *t, const char *id, const char *person, enum restrict_kind kind,
                         enum restrict_process p, struct date from)
{
    struct restriction r = { .kind = kind, .from = from };
    memcpy(r.id, id, strlen(id) + 1);
    memcpy(r.person, person, strlen(person) + 1);
    if (kind == RK_OTHER)
        r.level[p] = RL_ERROR;
    test_restrict(t, &r, "");
}

/* 抑止 of one member is not walked round by asking for a housemate. */
static void test_a_housemate_is_no_way_round(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    restrict_one(t, "R-20", "000000000000019", RK_OTHER, RP_VIEW, (struct date){ 2026, 4, 1 });
    service_test_refused(t, s, "household.get", json_pack("{s:s}", "no", "907"), RESTRICT_MSG);
    const json_t *r = service_test_ok(t, s, "resident.get", one("27"));
    assert_string_equal(text_of(json_object_get(r, "household"), "no"), "");
    assert_string_equal(text_of(json_object_get(r, "restriction"), "level"), "error");
    session_close(s);
}

static void test_protection_counts_from_its_entry(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    restrict_one(t, "R-22", FREE, RK_PROVISIONAL, RP_VIEW, (struct date){ 2026, 8, 1 });
    const json_t *r = service_test_ok(t, s, "resident.get", one(FREE));
    assert_string_equal(text_of(json_object_get(r, "restriction"), "level"), "error");
    session_close(s);
}

/* ---- certificates and temporary releases ---- */

static char *ask(struct service_test *t, struct session *s, const char *person, int copies, json_t **ret)
{
    const json_t *r = service_test_ok(t, s, "cert.request",
                                      json_pack("{s:s, s:[s], s:{s:s, s:s, s:s}, s:i}", "kind", "juminhyo_kojin",
                                                "persons", person, "requester", "class", "self", "name", "佐藤　美香",
                                                "document", "12", "copies", copies));
    if (ret)
        *ret = json_deep_copy(r);
    return xstrdup(text_of(r, "request"));
}

static void test_a_housemates_certificate_needs_the_responsible(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    json_t *r;
    free(ask(t, s, KID, 1, &r));
    assert_true(json_is_true(json_object_get(json_object_get(r, "gate"), "ok")));
    assert_true(json_is_true(json_object_get(r, "needs_approval")));
    assert_string_equal(text_of(r, "approver_label"), "住民記録責任者");
    json_decref(r);
    service_test_param(t, "SUPPORT_HOUSEHOLD_CERT", "stop");
    free(ask(t, s, KID, 1, &r));
    assert_string_equal(text_of(json_object_get(r, "gate"), "msg"), RESTRICT_MSG);
    json_decref(r);
    free(ask(t, s, FREE, 1, &r));
    assert_false(json_is_true(json_object_get(r, "needs_approval")));
    json_decref(r);
    session_close(s);
}

static json_t *temp(const char *request, const char *approver)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "no", "H-R26-000001", "request", request, "reason", WHY, "approver",
                     approver, "password", TEST_PASSWORD);
}

static void test_a_temporary_release_is_for_one_request(void **state)
{
    struct service_test *t = *state;
    struct session *clk = service_test_login(t, "clk1"), *sup = service_test_login(t, "sup1"),
                   *rsp = service_test_login(t, "rsp1");
    json_t *r;
    char *no = ask(t, clk, PROTECTED, 1, &r), *many = ask(t, clk, PROTECTED, 2, NULL),
         *stranger = ask(t, clk, FREE, 1, NULL);
    assert_true(json_is_true(json_object_get(json_object_get(r, "gate"), "held")));
    json_decref(r);
    service_test_refused(t, sup, "restrict.temp", json_pack("{s:s, s:s}", "no", "H-R26-000001", "reason", WHY), "S041");
    service_test_refused(t, rsp, "restrict.temp", temp("E1-Q26-999999", "sup1"), "S317");
    service_test_refused(t, rsp, "restrict.temp", temp(many, "sup1"), "S123");
    service_test_refused(t, rsp, "restrict.temp", temp(stranger, "sup1"), "S123");
    service_test_refused(t, rsp, "restrict.temp", temp(no, "rsp1"), "S004");
    service_test_refused(t, sup, "restrict.temp", temp(no, "sup2"), "S003"); /* one of the two is responsible */
    service_test_refused(t, clk, "restrict.temp", temp(no, "rsp1"), "S003");
    service_test_ok(t, rsp, "restrict.temp", temp(no, "sup1"));
    assert_string_equal(service_test_last_log(t).approver, "sup1");
    /* everything but this certificate is as before */
    service_test_refused(t, clk, "household.get", json_pack("{s:s}", "no", PROTECTED_HH), RESTRICT_MSG);
    service_test_refused(t, sup, "household.get", json_pack("{s:s}", "no", PROTECTED_HH), RESTRICT_MSG);
    service_test_refused(t, clk, "cert.preview", json_pack("{s:s}", "request", many), "S325");
    free(ask(t, clk, PROTECTED, 1, &r));
    assert_string_equal(text_of(json_object_get(r, "gate"), "msg"), RESTRICT_MSG);
    json_decref(r);
    free(no);
    free(many);
    free(stranger);
    session_close(clk);
    session_close(sup);
    session_close(rsp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        people_unit_test(test_a_reason_tells_something),
        people_unit_test(test_a_number_of_nobody_stands_in_the_log),
        people_unit_test(test_many_records_want_a_reason),
        people_unit_test(test_searches_count_by_operator),
        people_unit_test(test_a_housemate_is_no_way_round),
        people_unit_test(test_protection_counts_from_its_entry),
        people_unit_test(test_a_housemates_certificate_needs_the_responsible),
        people_unit_test(test_a_temporary_release_is_for_one_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
