#include "people.h"

#define WHY "本人からの申出による"

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    assert_non_null(text);
    return text;
}

static struct restriction stored(struct service_test *t, const char *no)
{
    struct restriction r;
    assert_int_equal(restriction_get(t->db, no, &r, NULL, NULL), OK);
    return r;
}

static enum err keep(void *arg, const struct outbox_row *row, struct errinfo *reterr)
{
    (void)reterr;
    buf_printf(arg, "%s|%s|%s|", row->lane, row->operator_id, row->approver);
    buf_add(arg, row->op.p, row->op.n);
    return OK;
}

static void last_operation_is(struct service_test *t, const char *want)
{
    struct outbox_head head;
    struct buf got = BUF_INIT;
    assert_int_equal(outbox_head(t->db, &head, NULL), OK);
    assert_int_equal(outbox_get(t->db, head.seq, keep, &got, NULL), OK);
    assert_string_equal(buf_str(&got), want);
    buf_done(&got);
}

static char *set_one(struct service_test *t, struct session *s, json_t *params)
{
    const json_t *r = service_test_ok(t, s, "restrict.set", params);
    return xstrdup(text_of(r, "no"));
}

/* Set here: holds at once, in one transaction with the operation. */
static void test_set(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sup1");
    char *no = set_one(t, s,
                       json_pack("{s:s, s:s, s:{s:s}, s:s}", "person", "000000000000051", "kind", "support", "support",
                                 "applicant", "現住所地", "reason", WHY));
    assert_string_equal(no, "E1-R26-000001");
    struct restriction r = stored(t, no);
    assert_int_equal(r.kind, RK_SUPPORT);
    assert_int_equal(date_cmp(r.from, (struct date){ 2026, 7, 1 }), 0);
    assert_int_equal(date_cmp(r.until, (struct date){ 2027, 6, 30 }), 0);
    last_operation_is(t, "E1-R26-000001|sup1||restrict.set {\"no\":\"E1-R26-000001\",\"person\":\"000000000000051\","
                         "\"kind\":\"support\",\"levels\":{},\"from\":\"2026-07-01\",\"until\":\"2027-06-30\","
                         "\"support\":{\"applicant\":\"現住所地\"}}");
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.function, "restrict.set");
    assert_string_equal(l.subjects, "000000000000051");
    const json_t *found = service_test_ok(t, s, "resident.search", json_pack("{s:s}", "name", "鈴木"));
    assert_string_equal(text_of(json_array_get(json_object_get(found, "rows"), 0), "address"), "");
    free(no);
    session_close(s);
}

static void test_levels(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sup1");
    char *no = set_one(t, s,
                       json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:s}", "household", "907", "kind", "other", "levels",
                                 "certificate", "error", "view", "alert", "until", "2026-12-31", "reason", WHY));
    struct restriction r = stored(t, no);
    assert_int_equal(r.level[RP_CERTIFICATE], RL_ERROR);
    assert_int_equal(r.level[RP_VIEW], RL_ALERT);
    assert_int_equal(r.level[RP_LIST], RL_NONE);
    assert_string_equal(r.household, "907");
    const json_t *got = service_test_ok(t, s, "resident.get", json_pack("{s:s}", "id", "27"));
    assert_string_equal(text_of(json_object_get(got, "restriction"), "level"), "alert");
    free(no);
    session_close(s);
}

static void test_set_refuses(void **state)
{
    struct service_test *t = *state;
    struct outbox_head before, after;
    struct session *s = service_test_login(t, "sup1");
    assert_int_equal(outbox_head(t->db, &before, NULL), OK);
#define REFUSED(msg, ...) service_test_refused(t, s, "restrict.set", json_pack(__VA_ARGS__), msg)
    REFUSED("S007", "{s:s, s:s, s:s}", "person", "000000000000051", "kind", "other", "reason", "短い");
    REFUSED("S118", "{s:s, s:s}", "kind", "other", "reason", WHY);
    REFUSED("S118", "{s:s, s:s, s:s, s:s}", "person", "000000000000051", "household", "908", "kind", "other", "reason",
            WHY);
    REFUSED("S113", "{s:s, s:s, s:s}", "person", "99", "kind", "other", "reason", WHY);
    REFUSED("S115", "{s:s, s:s, s:s}", "household", "99", "kind", "other", "reason", WHY);
    REFUSED("S044", "{s:s, s:s, s:s}", "person", "000000000000051", "kind", "dv", "reason", WHY);
    REFUSED("S044", "{s:s, s:s, s:{s:s}, s:s}", "person", "000000000000051", "kind", "other", "levels", "fax", "error",
            "reason", WHY);
    REFUSED("S117", "{s:s, s:s, s:s, s:s}", "person", "000000000000051", "kind", "other", "until", "2026-06-30",
            "reason", WHY);
#undef REFUSED
    session_close(s);
    s = service_test_login(t, "clk1");
    service_test_refused(t, s, "restrict.set",
                         json_pack("{s:s, s:s, s:s}", "person", "000000000000051", "kind", "other", "reason", WHY),
                         "S003");
    session_close(s);
    assert_int_equal(outbox_head(t->db, &after, NULL), OK);
    assert_int_equal(after.seq, before.seq);
}

static json_t *release(const char *approver, const char *password)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "no", "H-R26-000001", "reason", WHY, "approver", approver, "password",
                     password);
}

static void test_release_takes_two(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sup1");
    service_test_refused(t, s, "restrict.release", release("sup1", TEST_PASSWORD), "S004");
    service_test_refused(t, s, "restrict.release", release("sup2", "nanika chigau mono"), "S001");
    service_test_refused(t, s, "restrict.release", release("clk1", TEST_PASSWORD), "S003");
    service_test_refused(
        t, s, "restrict.release",
        json_pack("{s:s, s:s, s:s, s:s}", "no", "X-1", "reason", WHY, "approver", "sup2", "password", TEST_PASSWORD),
        "S116");
    assert_false(stored(t, "H-R26-000001").released);
    service_test_ok(t, s, "restrict.release", release("rsp1", TEST_PASSWORD));
    assert_true(stored(t, "H-R26-000001").released);
    last_operation_is(t, "H-R26-000001|sup1|rsp1|restrict.release {\"no\":\"H-R26-000001\",\"reason\":\"" WHY
                         "\",\"on\":\"2026-07-01\"}");
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.operator_id, "sup1");
    assert_string_equal(l.approver, "rsp1");
    assert_string_equal(l.subjects, PROTECTED);
    service_test_refused(t, s, "restrict.release", release("rsp1", TEST_PASSWORD), "S114");
    const json_t *r = service_test_ok(t, s, "resident.get", json_pack("{s:s}", "id", PROTECTED));
    assert_string_equal(text_of(json_object_get(r, "household"), "no"), PROTECTED_HH);
    session_close(s);
}

/* Scenario 41: comes back by itself and is sent nowhere. */
static void test_release_for_a_time(void **state)
{
    struct service_test *t = *state;
    struct outbox_head before, after;
    struct session *s = service_test_login(t, "rsp1"), *clk = service_test_login(t, "clk1");
    json_t *p = json_pack("{s:s, s:[s], s:{s:s, s:s, s:s}}", "kind", "juminhyo_kojin", "persons", PROTECTED,
                          "requester", "class", "self", "name", "佐藤　美香", "document", "12");
    char *request = xstrdup(text_of(service_test_ok(t, clk, "cert.request", p), "request"));
    assert_int_equal(outbox_head(t->db, &before, NULL), OK);
    json_t *ask = json_pack("{s:s, s:s, s:s, s:s, s:s}", "no", "H-R26-000001", "request", request, "reason", WHY,
                            "approver", "sup1", "password", TEST_PASSWORD);
    json_object_set_new(ask, "minutes", json_integer(11));
    service_test_refused(t, s, "restrict.temp", json_copy(ask), "S119");
    json_object_set_new(ask, "minutes", json_integer(0));
    service_test_refused(t, s, "restrict.temp", json_copy(ask), "S119");
    json_object_del(ask, "minutes");
    const json_t *r = service_test_ok(t, s, "restrict.temp", ask);
    assert_string_equal(text_of(r, "until"), "2026-07-01T09:10:00+09:00");
    struct restriction row = stored(t, "H-R26-000001");
    assert_string_equal(row.temp_request, request);
    assert_string_equal(row.temp_by, "rsp1");
    assert_int_equal(outbox_head(t->db, &after, NULL), OK);
    assert_int_equal(after.seq, before.seq);
    free(request);
    session_close(clk);
    session_close(s);
}

static void test_list_and_details(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "sup1");
    const json_t *row = json_array_get(json_object_get(service_test_ok(t, s, "restrict.list", NULL), "rows"), 0);
    assert_string_equal(text_of(row, "name"), "佐藤　美香");
    assert_string_equal(text_of(row, "kind"), "");
    assert_string_equal(text_of(row, "kind_label"), "抑止");
    assert_null(json_object_get(row, "until"));
    service_test_refused(t, s, "restrict.get", json_pack("{s:s, s:s}", "no", "H-R26-000001", "reason", WHY), "S003");
    session_close(s);
    s = service_test_login(t, "rsp1");
    row = json_array_get(json_object_get(service_test_ok(t, s, "restrict.list", NULL), "rows"), 0);
    assert_string_equal(text_of(row, "kind_label"), "支援措置");
    assert_string_equal(text_of(row, "until_show"), "令和9年3月31日");
    service_test_refused(t, s, "restrict.get", json_pack("{s:s, s:s}", "no", "H-R26-000001", "reason", "短い"), "S007");
    service_test_refused(t, s, "restrict.get", json_pack("{s:s, s:s}", "no", "X-1", "reason", WHY), "S116");
    const json_t *r =
        service_test_ok(t, s, "restrict.get", json_pack("{s:s, s:s}", "no", "H-R26-000001", "reason", WHY));
    assert_string_equal(text_of(json_object_get(r, "support"), "perpetrator"), "佐藤　某");
    assert_string_equal(text_of(r, "note"), "受付");
    assert_int_equal(json_array_size(json_object_get(r, "events")), 1);
    assert_string_equal(service_test_last_log(t).subjects, PROTECTED);
    session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        people_unit_test(test_set),
        people_unit_test(test_levels),
        people_unit_test(test_set_refuses),
        people_unit_test(test_release_takes_two),
        people_unit_test(test_release_for_a_time),
        people_unit_test(test_list_and_details),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
