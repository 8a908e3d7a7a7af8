#include "people.h"

static const json_t *row_of(const json_t *result, size_t i)
{
    return json_array_get(json_object_get(result, "rows"), i);
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    assert_non_null(text);
    return text;
}

/* Ids of the rows, in one word. */
static void rows_are(const json_t *result, const char *want)
{
    struct buf ids = BUF_INIT;
    size_t i;
    json_t *row;
    json_array_foreach (json_object_get(result, "rows"), i, row)
        buf_printf(&ids, "%s%d", i > 0 ? " " : "", atoi(text_of(row, "id")));
    assert_string_equal(buf_str(&ids), want);
    buf_done(&ids);
}

static const json_t *item_of(const json_t *result, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach (json_object_get(result, "items"), i, item) {
        if (strcmp(text_of(item, "key"), key) == 0)
            return item;
    }
    return NULL;
}

static const json_t *find(struct service_test *t, struct session *s, const char *key, const char *value)
{
    return service_test_ok(t, s, "resident.search", json_pack("{s:s}", key, value));
}

/* ---- search ---- */

static void test_search(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    rows_are(find(t, s, "name", "川田"), "19 27 35");
    rows_are(find(t, s, "kana", "kawada"), "19 27 35");
    rows_are(find(t, s, "kana", "ｶﾜﾀﾞ ｼﾞﾛｳ"), "35");
    char *whole = xprintf("%s%s梅町8-3", t->book->own_pref, t->book->own_city);
    rows_are(find(t, s, "address", whole), "19 27 35");
    rows_are(find(t, s, "address", whole + strlen(t->book->own_pref)), "19 27 35");
    free(whole);
    rows_are(find(t, s, "address", "松町"), "51");
    rows_are(find(t, s, "birth", "S50.5.10"), "19");
    rows_are(find(t, s, "birth", "1975.05.10"), "19");
    rows_are(find(t, s, "birth", "昭和50年5月10日"), "19");
    rows_are(find(t, s, "birth", "S50"), "19");
    rows_are(find(t, s, "birth", "1975年5月"), "19");
    assert_false(json_is_true(json_object_get(find(t, s, "name", "川田"), "as_kana")));
    const json_t *reading = find(t, s, "name", "かわだ");
    rows_are(reading, "19 27 35");
    assert_true(json_is_true(json_object_get(reading, "as_kana")));
    const json_t *removed = find(t, s, "name", "川田　去");
    rows_are(removed, "");
    assert_int_equal(json_integer_value(json_object_get(removed, "removed")), 1);
    rows_are(find(t, s, "id", "19"), "19"); /* zeros in front may be left out */
    rows_are(find(t, s, "household", "907"), "19 27 35");
    rows_are(service_test_ok(t, s, "resident.search", json_pack("{s:s, s:b}", "name", "川田", "include_removed", 1)),
             "19 27 35 43");
    const json_t *r = service_test_ok(t, s, "resident.search", json_pack("{s:s, s:i}", "name", "川田", "limit", 2));
    rows_are(r, "19 27");
    assert_true(json_is_true(json_object_get(r, "more")));
    session_close(s);
}

static void test_row(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    const json_t *r = find(t, s, "name", "川田　一郎"), *row = row_of(r, 0);
    assert_string_equal(text_of(row, "name"), "川田　一郎");
    assert_string_equal(text_of(row, "birth"), "S50.05.10");
    assert_string_equal(text_of(row, "birth_show"), "昭和50年5月10日");
    assert_string_equal(text_of(row, "sex"), "男");
    assert_string_equal(text_of(row, "address"), "梅市梅町8番地3");
    assert_string_equal(text_of(row, "household"), "907");
    assert_int_equal(json_integer_value(json_object_get(row, "household_size")), 3);
    assert_int_equal(json_integer_value(json_object_get(row, "age")), 51);
    assert_string_equal(text_of(row, "status_label"), "住民");
    assert_false(json_is_true(json_object_get(row, "restricted")));
    assert_string_equal(text_of(r, "as_of"), "2026-07-01T09:00:00+09:00");
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.function, "resident.search");
    assert_string_equal(l.subjects, "000000000000019");
    session_close(s);
}

static void test_planned(void **state)
{
    struct service_test *t = *state;
    struct resident *r = test_person(4, 2);
    resident_set(r, ATTR_PLANNED_ON, "2026-08-01");
    resident_set(r, ATTR_BIRTH_ON, "?1950-01-01/昭和25年頃");
    test_apply(t, r);
    struct session *s = service_test_login(t, "clk1");
    const json_t *row = row_of(find(t, s, "name", "鈴木"), 0);
    assert_string_equal(text_of(row, "status_label"), "転出予定");
    assert_string_equal(text_of(row, "planned"), "2026-08-01");
    assert_string_equal(text_of(row, "birth_show"), "昭和25年頃");
    assert_null(json_object_get(row, "age"));
    session_close(s);
}

/* New variant groups are in force from the next start on. */
static void test_new_groups(void **state)
{
    struct service_test *t = *state;
    struct code_table *v = NULL;
    for (size_t i = 0; i < t->book->n_table; i++) {
        if (strcmp(t->book->table[i].name, "variants") == 0)
            v = &t->book->table[i];
    }
    assert_non_null(v);
    v->c = xrealloc(v->c, v->n + 1, sizeof *v->c);
    v->c[v->n++] = (struct code){ xstrdup("川"), xstrdup("川河"), xstrdup("") };
    service_close(t->svc);
    service_test_start(t);
    struct session *s = service_test_login(t, "clk1");
    rows_are(find(t, s, "name", "河田"), "19 27 35");
    rows_are(find(t, s, "name", "川田"), "19 27 35");
    session_close(s);
}

/* Asked by the place, each row tells what belongs to it and to no other, on later pages too. */
static void test_rows_by_place(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    for (int offset = 0; offset < 3; offset++) {
        json_t *sizes = json_object();
        const json_t *found =
            service_test_ok(t, s, "resident.search", json_pack("{s:s, s:i}", "address", "町", "offset", offset));
        size_t i;
        json_t *row;
        assert_int_equal(json_array_size(json_object_get(found, "rows")), 4 - offset);
        json_array_foreach (json_object_get(found, "rows"), i, row)
            json_object_set(sizes, text_of(row, "id"), json_object_get(row, "household_size"));
        const char *id;
        json_t *size;
        json_object_foreach (sizes, id, size) {
            const json_t *alone = row_of(find(t, s, "id", id), 0);
            assert_int_equal(json_integer_value(size), json_integer_value(json_object_get(alone, "household_size")));
        }
        json_decref(sizes);
    }
    session_close(s);
}

static void test_search_refusals(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    service_test_refused(t, s, "resident.search", json_object(), "S111");
    service_test_refused(t, s, "resident.search", json_pack("{s:s}", "address", "8-3"), "S111");
    assert_string_equal(service_test_refused(t, s, "resident.search", json_pack("{s:s}", "birth", "H31.5.1"), "E06"),
                        "birth");
    service_test_refused(t, s, "resident.get", json_pack("{s:s}", "id", "99"), "S113");
    service_test_refused(t, s, "resident.history", json_pack("{s:s}", "id", "99"), "S113");
    service_test_refused(t, s, "household.get", json_pack("{s:s}", "no", "99"), "S115");
    session_close(s);
    s = service_test_login(t, "sys1"); /* an administrator sees no residents */
    service_test_refused(t, s, "resident.search", json_pack("{s:s}", "name", "川田"), "S003");
    session_close(s);
}

static void test_search_is_limited(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    service_test_param(t, "SEARCH_PER_MIN", "3");
    service_test_param(t, "SEARCH_MAX", "2");
    service_test_param(t, "SEARCH_MASS", "2");
    const json_t *r = service_test_ok(t, s, "resident.search", json_pack("{s:s, s:i}", "name", "川田", "limit", 100));
    rows_are(r, "19 27");
    assert_string_equal(service_test_last_log(t).detail, "mass 2");
    find(t, s, "name", "鈴木");
    find(t, s, "name", "鈴木");
    service_test_refused(t, s, "resident.search", json_pack("{s:s}", "name", "鈴木"), "S012");
    session_close(s);
}

/* ---- one person ---- */

static void test_get(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    const json_t *r = service_test_ok(t, s, "resident.get", json_pack("{s:s}", "id", "19"));
    assert_string_equal(text_of(r, "id"), "000000000000019");
    assert_string_equal(text_of(item_of(r, "name"), "value"), "川田　一郎");
    assert_string_equal(text_of(item_of(r, "birth_on"), "show"), "昭和50年5月10日");
    assert_string_equal(text_of(item_of(r, "ev_reason"), "show"), "国内転入");
    assert_string_equal(text_of(item_of(r, "sex"), "show"), "男");
    assert_null(item_of(r, "nationality")); /* of foreign residents */
    const json_t *h = json_object_get(r, "household");
    assert_string_equal(text_of(h, "no"), "907");
    assert_int_equal(json_array_size(json_object_get(h, "members")), 3);
    const json_t *first = json_array_get(json_object_get(h, "members"), 0);
    assert_string_equal(text_of(first, "relation"), "世帯主");
    assert_true(json_is_true(json_object_get(first, "self")));
    assert_string_equal(text_of(json_object_get(r, "restriction"), "level"), "none");
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.subjects, "000000000000019 000000000000027 000000000000035");
    assert_false(l.row.my_number);
    session_close(s);
}

/* What an operator may not view is not rendered; what he may is logged. */
static void test_views(void **state)
{
    struct service_test *t = *state;
    service_test_add_operator(t, "viewer", ROLE_BIT(ROLE_CLK), 1u << AV_MY_NUMBER);
    struct session *s = service_test_login(t, "clk1");
    const json_t *r = service_test_ok(t, s, "resident.get", json_pack("{s:s}", "id", "19"));
    static const char *const masked[] = { "my_number", "domicile", "resident_code" };
    for (size_t i = 0; i < ARRAY_LEN(masked); i++) {
        assert_true(json_is_true(json_object_get(item_of(r, masked[i]), "masked")));
        assert_string_equal(text_of(item_of(r, masked[i]), "value"), "");
        assert_string_equal(text_of(item_of(r, masked[i]), "show"), "");
    }
    session_close(s);
    s = service_test_login(t, "viewer");
    r = service_test_ok(t, s, "resident.get", json_pack("{s:s}", "id", "19"));
    assert_string_equal(text_of(item_of(r, "my_number"), "value"), "123456789018");
    assert_true(json_is_true(json_object_get(item_of(r, "domicile"), "masked")));
    assert_true(service_test_last_log(t).row.my_number);
    session_close(s);
}

static void test_history(void **state)
{
    struct service_test *t = *state;
    struct resident *moved = test_person(4, 2);
    resident_set(moved, ATTR_ADDR_LOT, "9番地");
    resident_set(moved, ATTR_EV_REASON, "M01");
    resident_set(moved, ATTR_MY_NUMBER, "983205673214");
    test_apply(t, moved);
    struct session *s = service_test_login(t, "clk1");
    const json_t *r = service_test_ok(t, s, "resident.history", json_pack("{s:s}", "id", "51"));
    assert_int_equal(json_array_size(json_object_get(r, "rows")), 2);
    assert_string_equal(text_of(row_of(r, 0), "reason_label"), "国内転入");
    assert_int_equal(json_array_size(json_object_get(row_of(r, 0), "changes")), 0);
    assert_string_equal(text_of(row_of(r, 1), "reason_label"), "転居");
    const json_t *changes = json_object_get(row_of(r, 1), "changes");
    assert_int_equal(json_array_size(changes), 2);
    assert_string_equal(text_of(json_array_get(changes, 0), "label"), "番地号");
    assert_string_equal(text_of(json_array_get(changes, 0), "before"), "2番地");
    assert_string_equal(text_of(json_array_get(changes, 0), "after"), "9番地");
    assert_string_equal(text_of(json_array_get(changes, 1), "key"), "my_number");
    assert_true(json_is_true(json_object_get(json_array_get(changes, 1), "masked")));
    assert_string_equal(text_of(json_array_get(changes, 1), "after"), "");
    session_close(s);
}

static void test_history_of_two_stays(void **state)
{
    struct service_test *t = *state;
    struct resident *r = test_person(4, 2);
    resident_set(r, ATTR_STATUS, STATUS_MOVED);
    resident_set(r, ATTR_EV_REASON, "D01");
    test_apply(t, r);
    r = test_person(4, 3);
    resident_set(r, ATTR_ADDR_LOT, "9番地");
    test_apply(t, r);
    struct session *s = service_test_login(t, "clk1");
    const json_t *a = service_test_ok(t, s, "resident.history", json_pack("{s:s}", "id", "51"));
    static const int stays[] = { 1, 1, 2 };
    for (size_t i = 0; i < ARRAY_LEN(stays); i++)
        assert_int_equal(json_integer_value(json_object_get(row_of(a, i), "stay")), stays[i]);
    assert_int_equal(json_array_size(json_object_get(row_of(a, 2), "changes")), 0);
    session_close(s);
}

static void test_household(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    const json_t *r = service_test_ok(t, s, "household.get", json_pack("{s:s}", "no", "907"));
    assert_string_equal(text_of(r, "address"), "梅市梅町8番地3");
    assert_int_equal(json_array_size(json_object_get(r, "members")), 3);
    session_close(s);
}

/* ---- the protected ---- */

/* Everything a look-up can be asked, by everybody who may look up but not see details. */
static void nothing_leaks(struct service_test *t, const json_t *answer)
{
    static const char *const secrets[] = { CANARY, CANARY_TOWN, CANARY_LOT, "777", "\"" PROTECTED_HH "\"", "佐藤　某" };
    char *text = json_dumps(answer, JSON_COMPACT);
    (void)t;
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        if (strstr(text, secrets[i]) != NULL)
            fail_msg("%s in %s", secrets[i], text);
    }
    free(text);
}

static void test_canary(void **state)
{
    struct service_test *t = *state;
    static const char *const who[] = { "clk1", "sup1", "bm1" };
    static const char *const searches[][2] = {
        { "name", "佐藤" },
        { "name", "美香" },
        { "kana", "サトウ" },
        { "kana", "ダイチ" },
        { "birth", "S60.6.6" },
        { "id", PROTECTED },
        { "id", PROTECTED_KID },
        { "household", PROTECTED_HH },
        { "address", CANARY },
        { "address", CANARY_TOWN },
        { "address", CANARY_TOWN "777番地" },
    };
    static const char *const reads[][3] = {
        { "resident.get", "id", PROTECTED },     { "resident.get", "id", PROTECTED_KID },
        { "resident.history", "id", PROTECTED }, { "resident.history", "id", PROTECTED_KID },
        { "household.get", "no", PROTECTED_HH },
    };
    struct resident *moved = test_person(5, 2); /* a history in which the address is on both sides of a change */
    resident_set(moved, ATTR_ADDR_LOT, "777番地の2");
    resident_set(moved, ATTR_MOVED_FROM, CANARY_TOWN CANARY_LOT);
    test_apply(t, moved);
    for (size_t w = 0; w < ARRAY_LEN(who); w++) {
        struct session *s = service_test_login(t, who[w]);
        for (size_t i = 0; i < ARRAY_LEN(searches); i++)
            nothing_leaks(
                t, service_test_call(t, s, "resident.search", json_pack("{s:s}", searches[i][0], searches[i][1])));
        for (size_t i = 0; i < ARRAY_LEN(reads); i++)
            nothing_leaks(
                t, service_test_call(t, s, reads[i][0],
                                     json_pack("{s:s, s:s}", reads[i][1], reads[i][2], "reason", "窓口で尋ねられた")));
        nothing_leaks(t, service_test_call(t, s, "restrict.list", json_object()));
        nothing_leaks(t, service_test_call(t, s, "restrict.list", json_pack("{s:s}", "person", PROTECTED)));
        nothing_leaks(t, service_test_call(t, s, "restrict.get",
                                           json_pack("{s:s, s:s}", "no", "H-R26-000001", "reason", "理由なし")));
        session_close(s);
    }
}

static void test_mark_only(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    const json_t *r = find(t, s, "name", "佐藤"), *row = row_of(r, 0);
    rows_are(r, "914 922");
    assert_true(json_is_true(json_object_get(row, "restricted")));
    assert_false(json_is_true(json_object_get(row_of(r, 1), "restricted"))); /* the mark is hers alone */
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(text_of(row_of(r, i), "address"), "");
        assert_string_equal(text_of(row_of(r, i), "household"), "");
        assert_true(json_is_true(json_object_get(row_of(r, i), "withheld")));
        assert_string_equal(text_of(row_of(r, i), "name"), i == 0 ? "佐藤　美香" : "佐藤　大地");
    }
    /* asked by the place nobody is found: an answer would be the address */
    rows_are(find(t, s, "address", CANARY), "");
    rows_are(find(t, s, "household", PROTECTED_HH), "");
    r = service_test_ok(t, s, "resident.get", json_pack("{s:s}", "id", PROTECTED));
    assert_string_equal(text_of(json_object_get(r, "restriction"), "level"), "error");
    assert_string_equal(text_of(item_of(r, "name"), "value"), "佐藤　美香");
    assert_true(json_is_true(json_object_get(item_of(r, "addr_lot"), "masked")));
    service_test_refused(t, s, "household.get", json_pack("{s:s}", "no", PROTECTED_HH), RESTRICT_MSG);
    session_close(s);
}

static void test_who_may_see_says_why(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "rsp1");
    service_test_refused(t, s, "resident.get", json_pack("{s:s}", "id", PROTECTED), "S007");
    service_test_refused(t, s, "resident.history", json_pack("{s:s}", "id", PROTECTED), "S007");
    service_test_refused(t, s, "household.get", json_pack("{s:s}", "no", PROTECTED_HH), "S007");
    const json_t *r = service_test_ok(t, s, "resident.get",
                                      json_pack("{s:s, s:s}", "id", PROTECTED, "reason", "本人からの相談のため"));
    assert_string_equal(text_of(item_of(r, "addr_building"), "value"), CANARY "101");
    assert_string_equal(text_of(json_object_get(r, "restriction"), "level"), "alert");
    assert_string_equal(text_of(json_object_get(r, "household"), "no"), PROTECTED_HH);
    /* found by the place too, but a list shows no address even then */
    r = find(t, s, "address", CANARY);
    rows_are(r, "914 922");
    assert_string_equal(text_of(row_of(r, 0), "address"), "");
    session_close(s);
}

static void test_stale_list(void **state)
{
    static const int64_t ages[] = { -1, INT64_C(24) * 3600 * 1000 + 1000 };
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
        test_list_age(t, ages[i]);
        const json_t *r = find(t, s, "name", "川田　一郎");
        assert_string_equal(text_of(row_of(r, 0), "address"), "");
        assert_true(json_is_true(json_object_get(r, "restrict_stale")));
        service_test_refused(t, s, "resident.search", json_pack("{s:s}", "address", "梅町"), "S112");
        service_test_refused(t, s, "household.get", json_pack("{s:s}", "no", "907"), RESTRICT_MSG);
        r = service_test_ok(t, s, "resident.get", json_pack("{s:s}", "id", "19"));
        assert_true(json_is_true(json_object_get(item_of(r, "addr_lot"), "masked")));
    }
    test_list_age(t, INT64_C(24) * 3600 * 1000 - 1000);
    rows_are(find(t, s, "address", "梅町"), "19 27 35");
    session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        people_unit_test(test_search),
        people_unit_test(test_row),
        people_unit_test(test_planned),
        people_unit_test(test_rows_by_place),
        people_unit_test(test_search_refusals),
        people_unit_test(test_search_is_limited),
        people_unit_test(test_get),
        people_unit_test(test_views),
        people_unit_test(test_history),
        people_unit_test(test_history_of_two_stays),
        people_unit_test(test_household),
        people_unit_test(test_canary),
        people_unit_test(test_mark_only),
        people_unit_test(test_who_may_see_says_why),
        people_unit_test(test_stale_list),
        people_unit_test(test_new_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
