#include "people_fixture.h"

#include "domain/notice_points.h"
#include "frame/frame_in.h"
#include "stmt_in.h"

static int64_t rows_of(struct people_test *p, const char *table)
{
    sqlite3_stmt *s = NULL;
    char *sql = xprintf("SELECT count(*) FROM %s", table);
    sqlite3_set_authorizer(p->t->db->sql, NULL, NULL);
    assert_int_equal(sqlite3_prepare_v2(p->t->db->sql, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    free(sql);
    return n;
}

static struct resident *ichiro(int64_t rev, const char *lot)
{
    return someone("0015", rev, ATTR_NAME, "川田　一郎", ATTR_KANA, "カワダ　イチロウ", ATTR_BIRTH_ON, "S50.05.10",
                   ATTR_SEX, SEX_MALE, ATTR_RELATION, "世帯主", ATTR_ADDR_LOT, lot, ATTR_MY_NUMBER, "123456789018",
                   ATTR_COUNT);
}

static void test_apply_and_read(void **state)
{
    struct people_test *p = *state;
    struct resident *r = NULL;
    assert_ok(put(p, ichiro(1, "1番地")));
    assert_ok(put(p, ichiro(2, "8番地")));
    assert_ok(people_by_id(p->t->db, "0015", &r, NULL));
    assert_int_equal(r->rev, 2);
    assert_true(resident_is(r, ATTR_ADDR_LOT, "8番地"));
    resident_free(r);
    assert_ok(people_at_rev(p->t->db, "0015", 1, &r, NULL));
    assert_true(resident_is(r, ATTR_ADDR_LOT, "1番地"));
    resident_free(r);
    assert_int_equal(people_at_rev(p->t->db, "0015", 3, &r, NULL), E_NOTFOUND);
    assert_int_equal(people_by_id(p->t->db, "0016", &r, NULL), E_NOTFOUND);
    struct resident_list l = { 0 };
    assert_ok(people_history(p->t->db, "0015", &l, NULL));
    assert_int_equal(l.n, 2);
    assert_int_equal(l.r[0]->rev, 1);
    assert_int_equal(people_history(p->t->db, "0016", &l, NULL), E_NOTFOUND);
    resident_list_done(&l);
}

static void test_again_changes_nothing(void **state)
{
    struct people_test *p = *state;
    assert_ok(put(p, ichiro(1, "1番地")));
    int64_t names = rows_of(p, "person_name"), tails = rows_of(p, "word_tail");
    assert_ok(put(p, ichiro(1, "1番地")));
    assert_int_equal(rows_of(p, "resident_history"), 1);
    assert_int_equal(rows_of(p, "resident"), 1);
    assert_int_equal(rows_of(p, "person_name"), names);
    assert_int_equal(rows_of(p, "word_tail"), tails);
    assert_int_equal(put(p, ichiro(1, "2番地")), E_CORRUPT);
    struct resident *r = NULL;
    assert_ok(people_by_id(p->t->db, "0015", &r, NULL));
    assert_true(resident_is(r, ATTR_ADDR_LOT, "1番地"));
    resident_free(r);
    assert_int_equal(put(p, ichiro(0, "1番地")), E_INVALID);
}

/* A row that arrives late is history: it does not become the current one. */
static void test_older_row(void **state)
{
    struct people_test *p = *state;
    struct resident *r = NULL;
    assert_ok(put(p, ichiro(2, "8番地")));
    assert_ok(put(p, ichiro(1, "1番地")));
    assert_ok(people_by_id(p->t->db, "0015", &r, NULL));
    assert_int_equal(r->rev, 2);
    resident_free(r);
    assert_int_equal(rows_of(p, "person_place"), 2);
}

static void test_history_only_grows(void **state)
{
    struct people_test *p = *state;
    assert_ok(put(p, ichiro(1, "1番地")));
    static const char *const tries[] = { "UPDATE resident_history SET body = '{}'", "DELETE FROM resident_history",
                                         "UPDATE resident_history SET host_seq = 9" };
    sqlite3_set_authorizer(p->t->db->sql, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(tries); i++)
        assert_int_equal(sqlite3_exec(p->t->db->sql, tries[i], NULL, NULL, NULL) & 0xff, SQLITE_CONSTRAINT);
}

static void test_household_and_world(void **state)
{
    struct people_test *p = *state;
    assert_ok(put(p, ichiro(1, "1番地")));
    assert_ok(put(p, someone("0023", 1, ATTR_NAME, "川田　花子", ATTR_COUNT)));
    assert_ok(put(p, someone("0031", 1, ATTR_NAME, "川田　去", ATTR_STATUS, STATUS_MOVED, ATTR_COUNT)));
    assert_ok(put(p, someone("0040", 1, ATTR_NAME, "鈴木　明", ATTR_HOUSEHOLD, "908", ATTR_COUNT)));
    assert_ok(put(p, someone("0058", 1, ATTR_NAME, "独り　身", ATTR_HOUSEHOLD, "909", ATTR_COUNT)));
    struct resident_list l = { 0 };
    int64_t size = 0;
    assert_ok(people_load_household(p->t->db, "907", &l, NULL));
    assert_int_equal(l.n, 2);
    resident_list_done(&l);
    assert_ok(people_household_size(p->t->db, "907", &size, NULL));
    assert_int_equal(size, 2);
    assert_ok(people_household_size(p->t->db, "999", &size, NULL));
    assert_int_equal(size, 0);

    struct idlist people = { 0 }, households = { 0 };
    struct world w;
    idlist_add(&people, "0031"); /* removed: itself and today's members of the household it left */
    idlist_add(&people, "0023");
    idlist_add(&people, "nobody");
    idlist_add(&households, "908");
    idlist_add(&households, "nowhere");
    assert_ok(people_world(p->t->db, &people, &households, &w, NULL));
    assert_int_equal(w.people.n, 4);
    static const char *const in[] = { "0015", "0023", "0031", "0040" };
    for (size_t i = 0; i < ARRAY_LEN(in); i++)
        assert_non_null(resident_list_find(&w.people, in[i]));
    resident_list_done(&w.people);
    idlist_done(&people);
    idlist_done(&households);
}

static void test_numbers(void **state)
{
    struct people_test *p = *state;
    struct idlist found = { 0 };
    assert_ok(put(p, ichiro(1, "1番地")));
    assert_ok(put(p, someone("0023", 1, ATTR_RESIDENT_CODE, "12345678903", ATTR_CARD_NO, "AB12345678CD", ATTR_STATUS,
                             STATUS_MOVED, ATTR_COUNT)));
    assert_ok(people_by_number(p->t->db, ATTR_MY_NUMBER, "123456789018", &found, NULL));
    assert_int_equal(found.n, 1);
    assert_string_equal(found.id[0], "0015");
    assert_ok(people_by_number(p->t->db, ATTR_RESIDENT_CODE, "12345678903", &found, NULL));
    assert_ok(people_by_number(p->t->db, ATTR_CARD_NO, "AB12345678CD", &found, NULL));
    assert_int_equal(found.n, 2);
    assert_string_equal(found.id[1], "0023");
    assert_ok(people_by_number(p->t->db, ATTR_MY_NUMBER, "983205673214", &found, NULL));
    assert_int_equal(found.n, 2);
    idlist_done(&found);
}

static void test_same_person(void **state)
{
    struct people_test *p = *state;
    struct idlist found = { 0 };
    struct date birth = { 1975, 5, 10 };
    assert_ok(put(
        p, someone("0015", 1, ATTR_NAME, "渡邊　一郎", ATTR_BIRTH_ON, "S50.05.10", ATTR_SEX, SEX_MALE, ATTR_COUNT)));
    assert_ok(put(p, someone("0015", 2, ATTR_NAME, "佐藤　一郎", ATTR_BIRTH_ON, "1975.05.10", ATTR_SEX, SEX_MALE,
                             ATTR_STATUS, STATUS_MOVED, ATTR_COUNT)));
    assert_ok(people_same(p->t->db, "渡辺 一郎", birth, SEX_MALE, &found, NULL)); /* former name, other form */
    assert_int_equal(found.n, 1);
    assert_ok(people_same(p->t->db, "渡辺　一郎", birth, SEX_FEMALE, &found, NULL));
    assert_ok(people_same(p->t->db, "渡辺　一", birth, SEX_MALE, &found, NULL));
    assert_ok(people_same(p->t->db, "渡辺　一郎", (struct date){ 1975, 5, 11 }, SEX_MALE, &found, NULL));
    assert_int_equal(found.n, 1);
    idlist_done(&found);
}

/* The same rows one by one and in bulk: the same derived rows. */
static void test_bulk(void **state)
{
    struct people_test *p = *state;
    struct people_bulk *b = people_bulk_new(p->t->db);
    for (int chunk = 0; chunk < 3; chunk++) {
        assert_ok(txn_begin(p->t->db, NULL));
        for (int i = 0; i < 100; i++) {
            char id[16], name[64];
            snprintf(id, sizeof id, "%04d", chunk * 100 + i);
            snprintf(name, sizeof name, "氏%d　名%d", i % 7, i % 11);
            struct resident *r = someone(id, 1, ATTR_NAME, name, ATTR_KANA, "シ　メイ", ATTR_COUNT);
            assert_ok(people_bulk_apply(b, r, i, NULL));
            resident_free(r);
        }
        assert_ok(txn_commit(p->t->db, NULL));
    }
    people_bulk_free(b);
    int64_t persons, living, rows, words = rows_of(p, "word"), tails = rows_of(p, "word_tail");
    int64_t names = rows_of(p, "person_name"), places = rows_of(p, "person_place");
    assert_ok(people_count(p->t->db, &persons, &living, &rows, NULL));
    assert_int_equal(persons, 300);
    assert_int_equal(living, 300);
    assert_int_equal(rows, 300);
    assert_int_equal(words, 7 + 11 + 2 + 1);
    assert_ok(people_rebuild(p->t->db, NULL));
    assert_int_equal(rows_of(p, "word"), words);
    assert_int_equal(rows_of(p, "word_tail"), tails);
    assert_int_equal(rows_of(p, "person_name"), names);
    assert_int_equal(rows_of(p, "person_place"), places);
    assert_ok(put(p, someone("9999", 1, ATTR_NAME, "氏1　名1", ATTR_COUNT))); /* finds the words of the bulk */
    assert_int_equal(rows_of(p, "word"), words);
}

static void test_other_groups_make_keys_old(void **state)
{
    static const char *const groups[][2] = { { "田", "田畑" } };
    struct people_test *p = *state;
    bool outdated = true;
    assert_ok(people_outdated(p->t->db, &outdated, NULL));
    assert_false(outdated);
    assert_ok(put(p, ichiro(1, "1番地")));
    assert_ok(people_outdated(p->t->db, &outdated, NULL));
    assert_false(outdated);
    people_test_rules(p, groups, 1);
    assert_ok(people_outdated(p->t->db, &outdated, NULL));
    assert_true(outdated);
    assert_ok(people_rebuild(p->t->db, NULL));
    assert_ok(people_outdated(p->t->db, &outdated, NULL));
    assert_false(outdated);
}

static void test_wrong_groups_are_refused(void **state)
{
    struct people_test *p = *state;
    char name[] = "variants", head[] = "田", forms[] = "畑";
    struct code row = { .code = head, .label = forms };
    struct code_table table = { .name = name, .c = &row, .n = 1 };
    struct rulebook book = { .table = &table, .n_table = 1 };
    assert_int_equal(people_use(p->t->db, &book, NULL), E_INVALID);
    assert_ok(put(p, ichiro(1, "1番地"))); /* those before are still in force */
}

/* The host gives the number of a lost row again, with another content. */
static void test_a_restored_host_takes_rows_back(void **state)
{
    struct people_test *p = *state;
    struct resident *r = NULL;
    assert_ok(txn_begin(p->t->db, NULL));
    struct resident *first = ichiro(1, "1番地"), *lost = ichiro(2, "2番地"), *again = ichiro(2, "3番地");
    assert_ok(people_apply(p->t->db, first, 10, NULL));
    assert_ok(people_apply(p->t->db, lost, 20, NULL));
    assert_int_equal(people_apply(p->t->db, again, 20, NULL), E_CORRUPT);
    assert_ok(people_host_restored(p->t->db, 20, NULL)); /* nothing is behind */
    assert_ok(people_by_id(p->t->db, first->id, &r, NULL));
    assert_int_equal(r->rev, 2);
    resident_free(r);
    assert_ok(people_host_restored(p->t->db, 15, NULL));
    assert_ok(people_by_id(p->t->db, first->id, &r, NULL));
    assert_int_equal(r->rev, 1);
    resident_free(r);
    assert_ok(people_apply(p->t->db, again, 16, NULL));
    assert_ok(people_by_id(p->t->db, first->id, &r, NULL));
    assert_string_equal(resident_get(r, ATTR_ADDR_LOT), "3番地");
    resident_free(r);
    assert_ok(txn_commit(p->t->db, NULL));
    resident_free(first);
    resident_free(lost);
    resident_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        people_unit_test(test_a_restored_host_takes_rows_back),
        people_unit_test(test_apply_and_read),
        people_unit_test(test_again_changes_nothing),
        people_unit_test(test_older_row),
        people_unit_test(test_history_only_grows),
        people_unit_test(test_household_and_world),
        people_unit_test(test_numbers),
        people_unit_test(test_same_person),
        people_unit_test(test_bulk),
        people_unit_test(test_other_groups_make_keys_old),
        people_unit_test(test_wrong_groups_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
