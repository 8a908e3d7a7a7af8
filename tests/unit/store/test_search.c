#include "people_fixture.h"

#include "frame/frame_in.h"
#include "stmt_in.h"
#include "store/schema.h"

static const struct {
    const char *id, *name, *kana, *birth, *household, *lot, *building;
} people[] = {
    { "01", "川田　一郎", "カワダ　イチロウ", "S50.05.10", "907", "8番地3", "サンコーポ201" },
    { "02", "川田　花子", "カワダ　ハナコ", "S53.03.02", "907", "8番地3", "サンコーポ201" },
    { "03", "渡邊　次郎", "ワタナベ　ジロウ", "S50.05.10", "908", "8番地4", "" },
    { "04", "渡辺　大野", "ワタナベ　オオノ", "S40.01.01", "909", "80番地", "" },
    { "05", "𠮷﨑　髙志", "ヨシザキ　タカシ", "S41.01.01", "910", "9番地", "メゾン梅" },
    { "06", "小野　梅", "オノ　ウメ", "S10.01.01", "911", "10番地", "" },
    { "07", "水野　一", "ミヅノ　ハジメ", "H01.02.03", "912", "11番地", "" },
    { "08", "佐藤　田一", "サトウ　タイチ", "H02.02.03", "913", "12番地", "" },
};

static void fill(struct people_test *p)
{
    for (size_t i = 0; i < ARRAY_LEN(people); i++)
        assert_ok(put(p, someone(people[i].id, 1, ATTR_NAME, people[i].name, ATTR_KANA, people[i].kana, ATTR_BIRTH_ON,
                                 people[i].birth, ATTR_HOUSEHOLD, people[i].household, ATTR_ADDR_LOT, people[i].lot,
                                 ATTR_ADDR_BUILDING, people[i].building, ATTR_COUNT)));
}

/* Ids found, in order. */
static void finds(struct people_test *p, struct people_query q, const char *want)
{
    struct people_found f = { 0 };
    struct buf ids = BUF_INIT;
    struct errinfo e;
    if (q.limit == 0)
        q.limit = 50;
    if (q.examine == 0)
        q.examine = 1000;
    if (people_search(p->t->db, &q, &f, &e) != OK)
        fail_msg("%s %s %s", err_name(e.code), e.item, e.detail);
    for (size_t i = 0; i < f.rows.n; i++)
        buf_printf(&ids, "%s%s", i > 0 ? " " : "", f.rows.r[i]->id);
    if (f.more)
        buf_adds(&ids, " +");
    assert_string_equal(buf_str(&ids), want);
    buf_done(&ids);
    resident_list_done(&f.rows);
}

#define FIND(want, ...) finds(p, (struct people_query){ __VA_ARGS__ }, want)

static void test_name(void **state)
{
    struct people_test *p = *state;
    fill(p);
    FIND("01 02", .name = "川田");
    FIND("01", .name = "川田　一郎");
    FIND("01", .name = "川田一郎");
    FIND("01", .name = "川田 一");
    FIND("03 04", .name = "渡辺"); /* every form finds every form */
    FIND("03 04", .name = "渡邉");
    FIND("03 04", .name = "辺");
    FIND("05", .name = "吉崎 高志");
    FIND("05", .name = "崎髙");
    FIND("02", .name = "花");
    FIND("08 01 02", .name = "田"); /* beginnings before other parts */
    FIND("01", .name = "田一郎");
    FIND("", .name = "川田　花子　三");
    FIND("", .name = "存在しない");
}

static void test_kana(void **state)
{
    struct people_test *p = *state;
    fill(p);
    FIND("01 02", .kana = "カワダ");
    FIND("01 02", .kana = "かわた");
    FIND("01 02", .kana = "ｶﾊﾀﾞ");
    FIND("02", .kana = "ハナコ");
    FIND("02", .kana = "ナコ");
    FIND("02", .kana = "カワダハ");
    FIND("02", .kana = "ワダハナ");
    FIND("02", .kana = "ダハナコ");
    FIND("02", .kana = "カワダ　ハ");
    FIND("06", .kana = "ウメ");
    FIND("06", .kana = "オノ　ウメ");
    FIND("06", .kana = "オノウメ");
    FIND("06 04", .kana = "オーノ");
    FIND("04", .kana = "オウノ");
    FIND("07", .kana = "ミズノ");
    FIND("07", .kana = "ミツノ");
    FIND("08", .kana = "サトオ");
    FIND("01 02", .name = "川田", .kana = "カ");
    FIND("01", .name = "川田", .kana = "イチ");
}

static void test_other_keys(void **state)
{
    struct people_test *p = *state;
    fill(p);
    FIND("01", .id = "01");
    FIND("01 02", .household = "907");
    FIND("01 03", .birth = { 1975, 5, 10 });
    FIND("03", .birth = { 1975, 5, 10 }, .name = "渡辺");
    FIND("01", .birth = { 1975, 5, 10 }, .kana = "カワダ");
    FIND("01 03", .birth = { 1975, 5, 1 }, .birth_to = { 1975, 5, 31 });
    FIND("01", .birth = { 1975, 1, 1 }, .birth_to = { 1975, 12, 31 }, .name = "川田");
    FIND("", .birth = { 1975, 5, 11 }, .birth_to = { 1975, 5, 31 });
    FIND("", .id = "01", .name = "花子");
    FIND("", .id = "99");
}

static void test_address(void **state)
{
    struct people_test *p = *state;
    fill(p);
    FIND("01 02", .address = "梅町8-3");
    FIND("01 02", .address = "梅町８番地３");
    FIND("01 02", .address = "梅町8番地3 サンコーポ201");
    FIND("01 02 03 04", .address = "梅町8");
    FIND("01 02", .address = "サンコーポ");
    FIND("01 02", .address = "コーポ201");
    FIND("05", .address = "メゾン");
    FIND("02", .address = "梅町8-3", .kana = "ハナコ");
    FIND("05", .address = "メゾン", .name = "高");
    FIND("04", .address = "梅町80");
    FIND("06 07 08 01 02 03 04 05", .address = "町");
    FIND("", .address = "松町");
    assert_ok(put(p, someone("09", 1, ATTR_NAME, "港　一", ATTR_HOUSEHOLD, "914", ATTR_ADDR_TOWN, "港一丁目",
                             ATTR_ADDR_LOT, "１８番２９号", ATTR_COUNT)));
    FIND("09", .address = "港一丁目18番29号");
    FIND("09", .address = "港1丁目18-29");
    FIND("09", .address = "港１－１８－２９");
    FIND("09", .address = "港1丁目");
    FIND("09", .address = "港1-18-29", .name = "港");
    FIND("", .address = "港2丁目18-29");
}

static void test_past_names_and_places(void **state)
{
    struct people_test *p = *state;
    fill(p);
    assert_ok(put(p, someone("02", 2, ATTR_NAME, "北　花子", ATTR_KANA, "キタ　ハナコ", ATTR_ADDR_TOWN, "松町",
                             ATTR_ADDR_LOT, "1番地", ATTR_HOUSEHOLD, "920", ATTR_COUNT)));
    FIND("01 02", .name = "川田");
    FIND("02", .name = "北");
    FIND("02", .name = "北花子");
    FIND("02", .address = "松町");
    FIND("01 02", .address = "梅町8-3");
    FIND("01", .household = "907"); /* but a household is today's */
}

static void test_removed(void **state)
{
    struct people_test *p = *state;
    fill(p);
    assert_ok(put(p, someone("01", 2, ATTR_NAME, "川田　一郎", ATTR_KANA, "カワダ　イチロウ", ATTR_STATUS, STATUS_DEAD,
                             ATTR_COUNT)));
    FIND("02", .name = "川田");
    FIND("01 02", .name = "川田", .include_removed = true);
    FIND("", .id = "01");
}

static void test_other_names(void **state)
{
    struct people_test *p = *state;
    assert_ok(put(p, someone("11", 1, ATTR_NAME, "佐藤　花", ATTR_KANA, "サトウ　ハナ", ATTR_OLD_SURNAME, "鈴木",
                             ATTR_OLD_SURNAME_KANA, "スズキ", ATTR_COUNT)));
    assert_ok(put(p, someone("12", 1, ATTR_NAME_ALPHA, "SMITH JOHN", ATTR_ALIAS, "須見　純", ATTR_ALIAS_KANA,
                             "スミ　ジュン", ATTR_CLASS, CLASS_FOREIGN, ATTR_COUNT)));
    FIND("11", .name = "鈴木花");
    FIND("11", .kana = "スズキ　ハナ");
    FIND("12", .name = "smith");
    FIND("12", .name = "Ｓｍｉｔｈ　Ｊ");
    FIND("12", .name = "須見");
    FIND("12", .kana = "スミジュン");
    FIND("11 12", .kana = "ス");
}

static void test_pages(void **state)
{
    struct people_test *p = *state;
    fill(p);
    FIND("06 07 08 +", .address = "梅町", .limit = 3);
    FIND("01 02 03 +", .address = "梅町", .limit = 3, .offset = 3);
    FIND("04 05", .address = "梅町", .limit = 3, .offset = 6);
    FIND("06 07 +", .address = "梅町", .examine = 2);
    FIND("06 07 08 01 02 03 04 05", .address = "梅町", .examine = 8);
}

/* People are read only when every condition found them, and however many one of them finds. */
static void test_conditions_meet(void **state)
{
    struct people_test *p = *state;
    fill(p);
    FIND("02", .name = "川田", .kana = "ハナコ", .examine = 1);
    FIND("04", .name = "渡辺", .kana = "オノ", .examine = 1); /* two each, of whom one is in both */
    FIND("01 02", .address = "梅町", .kana = "カワダ", .examine = 2);
    FIND("01 +", .address = "梅町", .name = "川田", .examine = 1);
    FIND("02", .address = "梅町8-3", .name = "川田", .kana = "ハナ", .examine = 1);
    FIND("08 +", .address = "梅町", .kana = "タ", .examine = 1); /* both find too many to be compared */
    FIND("08 05 01 02 03 04", .address = "梅町", .kana = "タ");
    FIND("05 01 +", .address = "梅町", .kana = "タ", .limit = 2, .offset = 1);
    FIND("", .name = "川田", .kana = "ワタナベ");
    FIND("", .name = "川田", .kana = "ヌ");
}

static enum err hide_907(void *arg, const struct resident *r, bool *ret_hide, struct errinfo *reterr)
{
    (void)reterr;
    ++*(int *)arg;
    *ret_hide = resident_is(r, ATTR_HOUSEHOLD, "907");
    return OK;
}

static enum err hide_fails(void *arg, const struct resident *r, bool *ret_hide, struct errinfo *reterr)
{
    (void)arg, (void)r, (void)ret_hide;
    return err_set(reterr, E_IO, NULL, NULL, "as told");
}

static void test_hidden_rows_are_not_counted(void **state)
{
    struct people_test *p = *state;
    int asked = 0;
    struct people_found f = { 0 };
    fill(p);
    FIND("06 07 08 03 04 05", .address = "梅町", .limit = 6, .hide = hide_907, .arg = &asked);
    assert_int_equal(asked, 8);
    struct people_query q = { .address = "梅町", .limit = 6, .examine = 100, .hide = hide_fails };
    assert_int_equal(people_search(p->t->db, &q, &f, NULL), E_IO);
    FIND("01", .id = "01"); /* statements are free again */
}

/* A row holds what a list shows, of today, and nothing of it is lost or mixed up. */
static void test_rows_hold_what_a_list_shows(void **state)
{
    static const enum attr shown[] = { ATTR_NAME,       ATTR_NAME_ALPHA,   ATTR_KANA,      ATTR_BIRTH_ON,
                                       ATTR_SEX,        ATTR_RELATION,     ATTR_HOUSEHOLD, ATTR_STATUS,
                                       ATTR_PLANNED_ON, ATTR_ADDR_PREF,    ATTR_ADDR_CITY, ATTR_ADDR_TOWN,
                                       ATTR_ADDR_LOT,   ATTR_ADDR_BUILDING };
    struct people_test *p = *state;
    struct people_found f = { 0 };
    struct resident *full = NULL;
    fill(p);
    assert_ok(put(p, someone("02", 2, ATTR_NAME, "北　花子", ATTR_SEX, "2", ATTR_RELATION, "妻", ATTR_PLANNED_ON,
                             "2026-07-01", ATTR_ADDR_PREF, "千早県", ATTR_ADDR_CITY, "梅里市", ATTR_ADDR_TOWN, "松町",
                             ATTR_NAME_ALPHA, "KITA", ATTR_COUNT)));
    struct people_query q = { .name = "北", .limit = 10, .examine = 10 };
    assert_ok(people_search(p->t->db, &q, &f, NULL));
    assert_int_equal(f.rows.n, 1);
    assert_ok(people_by_id(p->t->db, "02", &full, NULL));
    assert_string_equal(f.rows.r[0]->id, "02");
    assert_int_equal(f.rows.r[0]->rev, 2);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        assert_string_equal(resident_get(f.rows.r[0], shown[i]), resident_get(full, shown[i]));
    resident_free(full);
    resident_list_done(&f.rows);
}

static void test_a_damaged_card_is_told(void **state)
{
    static const char *const damage[] = { "card = x'41'", "card = zeroblob(12)", "card = zeroblob(14)", "card = x''" };
    struct people_test *p = *state;
    fill(p);
    sqlite3_set_authorizer(p->t->db->sql, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
        struct people_found f = { 0 };
        struct people_query q = { .id = "01", .limit = 1, .examine = 1 };
        char *sql = xprintf("UPDATE resident SET %s WHERE id = '01'", damage[i]);
        assert_ok(txn_begin(p->t->db, NULL));
        assert_int_equal(sqlite3_exec(p->t->db->sql, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_ok(txn_commit(p->t->db, NULL));
        free(sql);
        assert_int_equal(people_search(p->t->db, &q, &f, NULL), E_CORRUPT);
    }
}

static void test_nothing_to_look_up(void **state)
{
    struct people_test *p = *state;
    static const struct people_query bad[] = {
        { 0 }, { .name = "　" }, { .kana = "ー" }, { .address = "8-3" }, { .name = "", .kana = "" }
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct people_found f = { 0 };
        struct people_query q = bad[i];
        struct errinfo e;
        q.limit = q.examine = 10;
        assert_int_equal(people_search(p->t->db, &q, &f, &e), E_INVALID);
        assert_string_equal(e.msg, "S111");
    }
}

/* ---- plans: every source begins at an index, in the order the statement says, and sorts nothing ---- */

static void plan_is(struct people_test *p, int stmt, const char *want)
{
    sqlite3_stmt *s = NULL;
    struct buf plan = BUF_INIT;
    char *sql = xprintf("EXPLAIN QUERY PLAN %s", store_schema.stmt[stmt].sql);
    sqlite3_set_authorizer(p->t->db->sql, NULL, NULL);
    assert_int_equal(sqlite3_prepare_v2(p->t->db->sql, sql, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW)
        buf_printf(&plan, "%s%s", plan.len > 0 ? "; " : "", (const char *)sqlite3_column_text(s, 3));
    sqlite3_finalize(s);
    free(sql);
    assert_string_equal(buf_str(&plan), want);
    buf_done(&plan);
}

#define TAIL "SEARCH t USING PRIMARY KEY (kind=? AND place=? AND tail>? AND tail<?)"
static void test_plans(void **state)
{
    struct people_test *p = *state;
    plan_is(p, Q_SEARCH_ID, "SEARCH resident USING COVERING INDEX sqlite_autoindex_resident_1 (id=?)");
    plan_is(p, Q_SEARCH_HOUSEHOLD, "SEARCH resident USING COVERING INDEX resident_household (household=?)");
    plan_is(p, Q_SEARCH_BIRTH, "SEARCH resident USING COVERING INDEX resident_birth (birth=?)");
    plan_is(p, Q_SEARCH_BORN, "SEARCH resident USING COVERING INDEX resident_birth (birth>? AND birth<?)");
    plan_is(p, Q_SEARCH_ROW, "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)");
    plan_is(p, Q_SEARCH_SURNAME, TAIL "; SEARCH p USING PRIMARY KEY (s=?)");
    plan_is(p, Q_SEARCH_GIVEN, TAIL "; SEARCH p USING COVERING INDEX person_given (g=?)");
    plan_is(p, Q_SEARCH_ACROSS,
            "SEARCH a USING PRIMARY KEY (kind=? AND place=? AND tail=?); "
            "SEARCH b USING PRIMARY KEY (kind=? AND place=? AND tail>? AND tail<?); "
            "SEARCH p USING COVERING INDEX person_given (g=? AND s=?)");
    plan_is(p, Q_SEARCH_PLACE, TAIL "; SEARCH p USING PRIMARY KEY (w=?)");
    plan_is(p, Q_SEARCH_PLACE_REST,
            "SEARCH t USING PRIMARY KEY (kind=? AND place=? AND tail=?); "
            "SEARCH p USING PRIMARY KEY (w=? AND rest>? AND rest<?)");
    plan_is(p, Q_RESIDENT_BODY,
            "SEARCH r USING INDEX sqlite_autoindex_resident_1 (id=?); "
            "SEARCH h USING INDEX sqlite_autoindex_resident_history_1 (id=? AND rev=?)");
    plan_is(p, Q_HOUSEHOLD_BODIES,
            "SEARCH r USING INDEX resident_household (household=? AND living=?); "
            "SEARCH h USING INDEX sqlite_autoindex_resident_history_1 (id=? AND rev=?)");
    plan_is(p, Q_RESIDENT_AROUND,
            "SEARCH m USING COVERING INDEX resident_household (household=? AND living=?); "
            "CORRELATED SCALAR SUBQUERY 1; SEARCH x USING INDEX restriction_person (person=?); "
            "SCALAR SUBQUERY 2; SEARCH x USING INDEX restriction_person (person=?); "
            "SCALAR SUBQUERY 3; SEARCH x USING INDEX restriction_household (household=?); "
            "SCALAR SUBQUERY 4; SEARCH open_case USING PRIMARY KEY (person=?)");
    plan_is(p, Q_HISTORY_OF, "SEARCH resident_history USING INDEX sqlite_autoindex_resident_history_1 (id=?)");
    plan_is(p, Q_RESIDENT_BY_MY_NUMBER, "SEARCH resident USING INDEX resident_my_number (my_number=?)");
    plan_is(p, Q_RESIDENT_BY_RESIDENT_CODE, "SEARCH resident USING INDEX resident_resident_code (resident_code=?)");
    plan_is(p, Q_RESIDENT_BY_CARD_NO, "SEARCH resident USING INDEX resident_card_no (card_no=?)");
    plan_is(p, Q_RESTRICTION_OF_PERSON, "SEARCH restriction USING INDEX restriction_person (person=?)");
    plan_is(p, Q_RESTRICTION_OF_HOUSEHOLD, "SEARCH restriction USING INDEX restriction_household (household=?)");
    plan_is(p, Q_RESTRICTION_OF_MEMBERS,
            "SEARCH r USING COVERING INDEX resident_household (household=? AND living=?); "
            "SEARCH x USING INDEX restriction_person (person=?)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        people_unit_test(test_name),
        people_unit_test(test_kana),
        people_unit_test(test_other_keys),
        people_unit_test(test_address),
        people_unit_test(test_past_names_and_places),
        people_unit_test(test_removed),
        people_unit_test(test_other_names),
        people_unit_test(test_pages),
        people_unit_test(test_conditions_meet),
        people_unit_test(test_hidden_rows_are_not_counted),
        people_unit_test(test_rows_hold_what_a_list_shows),
        people_unit_test(test_a_damaged_card_is_told),
        people_unit_test(test_nothing_to_look_up),
        people_unit_test(test_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
