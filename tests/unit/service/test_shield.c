/* What was walked round once: each of these ways out is shut. */
#include "people.h"

#include "service/notices.h"

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

static const char *name_of(const char *id)
{
    for (size_t i = 0; i < ARRAY_LEN(test_people); i++)
        if (strcmp(test_people[i].id, id) == 0)
            return test_people[i].name;
    return "";
}

static char *ask(struct service_test *t, struct session *s, const char *person, int copies, json_t **ret)
{
    const json_t *r = service_test_ok(t, s, "cert.request",
                                      json_pack("{s:s, s:[s], s:{s:s, s:s, s:s}, s:i}", "kind", "juminhyo_kojin",
                                                "persons", person, "requester", "class", "self", "name",
                                                name_of(person), "document", "12", "copies", copies));
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

/* ---- notices ---- */

/* "section.row.field=text", one a line. */
static json_t *typed(const char *lines)
{
    json_t *list = json_array();
    char *copy = xstrdup(lines), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        char *s = strsep(&line, "."), *r = strsep(&line, "."), *f = strsep(&line, "=");
        json_array_append_new(
            list, json_pack("{s:s, s:i, s:s, s:s}", "s", s, "r", (int)strtol(r, NULL, 10), "f", f, "v", line));
    }
    free(copy);
    return list;
}

static char *findings_of(struct service_test *t, struct session *s, const char *kind, const char *lines)
{
    const json_t *r =
        service_test_ok(t, s, "notice.check", json_pack("{s:s, s:o}", "kind", kind, "values", typed(lines)));
    return json_dumps(json_object_get(r, "findings"), JSON_COMPACT);
}

/* The right address and a wrong one are answered alike. */
static void test_a_check_confirms_nothing(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1"), *rsp = service_test_login(t, "rsp1");
    char **own[] = { &t->book->own_pref, &t->book->own_city }; /* the town of people.h */
    static const char *const here[] = { "", "梅市" };
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        free(*own[i]);
        *own[i] = xstrdup(here[i]);
    }
    static const char *const right =
        "move.0.moved_on=2026-06-25\npersons.0.person=" PROTECTED
        "\npersons.0.relation=世帯主\naddress.0.addr_town=" CANARY_TOWN "\naddress.0.addr_lot=" CANARY_LOT
        "\naddress.0.addr_building=" CANARY "101\ndest.0.to=1";
    static const char *const wrong = "move.0.moved_on=2026-06-25\npersons.0.person=" PROTECTED
                                     "\npersons.0.relation=世帯主\naddress.0.addr_town=" CANARY_TOWN
                                     "\naddress.0.addr_lot=778番地\naddress.0.addr_building=" CANARY "101\ndest.0.to=1";
    char *a = findings_of(t, s, "tenkyo", right), *b = findings_of(t, s, "tenkyo", wrong);
    assert_string_equal(a, b);
    assert_null(strstr(a, "E31"));
    free(a);
    free(b);
    json_t *p = json_pack("{s:s, s:o, s:s}", "kind", "tenkyo", "values", typed(right), "reason", WHY);
    a = json_dumps(service_test_ok(t, rsp, "notice.check", p), 0);
    assert_non_null(strstr(a, "E31")); /* 支援措置責任者 with a reason works as anybody does elsewhere */
    free(a);
    session_close(s);
    session_close(rsp);
}

/* 世帯主変更 of a hidden household names nobody of it; the responsible can enter it. */
static void test_a_hidden_household_is_not_named(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1"), *rsp = service_test_login(t, "rsp1");
    static const char *const lines =
        "change.0.changed_on=2026-06-25\nchange.0.household=" PROTECTED_HH "\nchange.0.head=" PROTECTED_KID;
    char *told = findings_of(t, s, "setainushi", lines);
    assert_non_null(strstr(told, "E36"));
    assert_null(strstr(told, "美香"));
    free(told);
    json_t *p = json_pack("{s:s, s:o, s:s}", "kind", "setainushi", "values", typed(lines), "reason", WHY);
    told = json_dumps(service_test_ok(t, rsp, "notice.check", p), 0);
    assert_non_null(strstr(told, "美香"));
    free(told);
    session_close(s);
    session_close(rsp);
}

static void test_checks_count_as_searches(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    service_test_param(t, "SEARCH_PER_MIN", "2");
    for (int i = 0; i < 3; i++) {
        free(findings_of(t, s, "tenkyo", "persons.0.person=000000000000019"));
        free(findings_of(t, s, "tenkyo", "persons.0.person=000000000000027"));
    }
    service_test_refused(t, s, "notice.check",
                         json_pack("{s:s, s:o}", "kind", "tenkyo", "values", typed("persons.0.person=" PROTECTED)),
                         "S012");
    static const char *const fields[][2] = { { "persons", "person" }, { "dest", "household" } };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) /* numbers are asked about by candidates, too */
        service_test_refused(t, s, "notice.candidates",
                             json_pack("{s:s, s:s, s:s, s:s}", "kind", "tenkyo", "section", fields[i][0], "field",
                                       fields[i][1], "text", "907"),
                             "S012");
    session_close(s);
}

static char *enter_arrival(struct service_test *t, struct session *s)
{
    json_t *p = json_pack(
        "{s:s, s:o, s:[s, s, s]}", "kind", "tennyu", "values",
        typed("filer.0.filed_on=2026-07-01\nfiler.0.relation=1\nfiler.0.id_result=1\nfiler.0.id1=12\n"
              "filer.0.phone=080-5555-0199\nmove.0.moved_on=2026-06-25\nmove.0.prev_addr=もも県桃市桃町1番\n"
              "move.0.certificate=1\nmove.0.cert_on=2026-06-20\npersons.0.class=J\npersons.0.name=秘野　桃子\n"
              "persons.0.kana=ヒメノ　モモコ\npersons.0.sex=2\npersons.0.birth_on=H02.03.04\n"
              "persons.0.relation=世帯主\npersons.0.domicile=もも県桃市\npersons.0.domicile_head=秘野　桃子\n"
              "address.0.addr_town=" CANARY_TOWN "\naddress.0.addr_lot=" CANARY_LOT "\ndest.0.to=1"),
        "acks", "W10", "W01", "W23");
    return xstrdup(text_of(service_test_ok(t, s, "notice.enter", p), "no"));
}

/* A notice that was posted long ago tells as little of somebody who is protected since. */
static void test_protected_after_the_notice(void **state)
{
    struct service_test *t = *state;
    struct session *own = service_test_login(t, "clk2"), *sup = service_test_login(t, "sup1");
    char *no = enter_arrival(t, own);
    json_t *said = json_pack("{s:s, s:[{s:s, s:i}]}", "no", "H-1", "rows", "id", FREE, "rev", 1);
    const struct op_news posted = {
        .seq = 1, .kind = "notice.decide", .subject = no, .state = OP_APPLIED, .detail = said
    };
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(notice_told(t->svc, &posted, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
    json_decref(said);
    char *told = json_dumps(service_test_ok(t, sup, "notice.get", json_pack("{s:s}", "no", no)), 0);
    assert_non_null(strstr(told, CANARY_TOWN));
    free(told);
    restrict_one(t, "R-2", FREE, RK_SUPPORT, RP_VIEW, (struct date){ 2026, 7, 1 });
    static const char *const secret[] = { CANARY_TOWN, CANARY_LOT, "080-5555-0199", "桃町" };
    told = json_dumps(service_test_ok(t, sup, "notice.get", json_pack("{s:s}", "no", no)), 0);
    for (size_t i = 0; i < ARRAY_LEN(secret); i++)
        assert_null(strstr(told, secret[i]));
    free(told);
    told = json_dumps(service_test_ok(t, sup, "notice.list", json_pack("{s:s}", "state", "posted")), 0);
    assert_null(strstr(told, "桃子"));
    free(told);
    told = json_dumps(service_test_ok(t, own, "notice.get", json_pack("{s:s}", "no", no)), 0);
    assert_non_null(strstr(told, CANARY_TOWN)); /* who typed it in knows it */
    free(told);
    free(no);
    session_close(own);
    session_close(sup);
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
        people_unit_test(test_a_check_confirms_nothing),
        people_unit_test(test_a_hidden_household_is_not_named),
        people_unit_test(test_checks_count_as_searches),
        people_unit_test(test_protected_after_the_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
