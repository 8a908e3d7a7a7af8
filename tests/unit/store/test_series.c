#include "fixture.h"

#include "frame/frame_in.h"
#include "store/series.h"

static const struct series notices = { "E", "1", "N", 2026 };

static int64_t take(struct db *db, const struct series *s)
{
    int64_t no = 0;
    assert_ok(txn_begin(db, NULL));
    assert_ok(series_take(db, s, &no, NULL));
    assert_ok(txn_commit(db, NULL));
    return no;
}

static void test_numbers_have_no_gaps(void **state)
{
    struct store_test *t = *state;
    int64_t no;
    assert_int_equal(take(t->db, &notices), 1);
    assert_int_equal(take(t->db, &notices), 2);
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(series_take(t->db, &notices, &no, NULL));
    assert_int_equal(no, 3);
    txn_rollback(t->db); /* not used: given back */
    assert_int_equal(take(t->db, &notices), 3);
    store_test_reopen(t);
    assert_int_equal(take(t->db, &notices), 4);
    assert_ok(series_last(t->db, &notices, &no, NULL));
    assert_int_equal(no, 4);
}

static void test_series_are_apart(void **state)
{
    struct store_test *t = *state;
    static const struct series others[] = {
        { "W", "1", "N", 2026 }, { "E", "2", "N", 2026 }, { "E", "1", "C", 2026 }, { "E", "1", "N", 2027 }
    };
    assert_int_equal(take(t->db, &notices), 1);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_int_equal(take(t->db, &others[i]), 1);
    assert_int_equal(take(t->db, &notices), 2);
}

static void test_void_numbers_stay(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    int64_t n;
    take(t->db, &notices);
    take(t->db, &notices);
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(series_void(t->db, &notices, 2, "誤り", "kawaguchi", &e), E_INVALID);
    assert_int_equal(series_void(t->db, &notices, 3, "受付の取りやめ", "kawaguchi", &e), E_DENIED);
    assert_ok(series_void(t->db, &notices, 2, "受付の取りやめ", "kawaguchi", NULL));
    assert_int_equal(series_void(t->db, &notices, 2, "受付の取りやめ", "kawaguchi", &e), E_EXISTS);
    assert_ok(txn_commit(t->db, NULL));
    assert_ok(series_voids(t->db, &notices, &n, NULL));
    assert_int_equal(n, 1);
    assert_int_equal(take(t->db, &notices), 3); /* never used again */
}

/* After a restore nothing that may have been given is given again, also in a series that the backup had not begun. */
static void test_a_restore_skips_numbers_of_all_series(void **state)
{
    struct store_test *t = *state;
    const struct series issue = { "E", "1", SERIES_ISSUE, series_year(t->now_ms) };
    const struct series outage = { "E", "1", SERIES_OUTAGE, series_year(t->now_ms) };
    int64_t n = 0;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(series_take(t->db, &issue, &n, NULL));
    assert_ok(series_skip(t->db, "E", "1", 20, "控えから復元したため", "restore", NULL));
    assert_ok(series_take(t->db, &issue, &n, NULL));
    assert_int_equal(n, 22);
    assert_ok(series_voids(t->db, &issue, &n, NULL));
    assert_int_equal(n, 20);
    assert_ok(series_take(t->db, &outage, &n, NULL));
    assert_int_equal(n, 21);
    assert_ok(txn_commit(t->db, NULL));
}

static void test_triggers_refuse_jumps(void **state)
{
    struct store_test *t = *state;
    take(t->db, &notices);
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    static const char *const refused[] = {
        "UPDATE series SET last = 5", "UPDATE series SET last = last", "DELETE FROM series",
        "INSERT INTO series VALUES ('E', '1', 'X', 2026, 2)",
        "INSERT INTO series_void VALUES ('E','1','N',2026,2,'理由なしの欠番','a',1)"
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_ok(txn_begin(t->db, NULL));
        assert_int_not_equal(sqlite3_exec(t->db->sql, refused[i], NULL, NULL, NULL), SQLITE_OK);
        txn_rollback(t->db);
    }
}

static void test_year_and_text(void **state)
{
    (void)state;
    int64_t ms;
    struct buf b = BUF_INIT;
    assert_ok(clock_parse("2027-03-31T23:59:59+09:00", &ms, NULL));
    assert_int_equal(series_year(ms), 2026);
    assert_int_equal(series_year(ms + 1000), 2027);
    series_text(&notices, 123, &b);
    assert_string_equal(buf_str(&b), "E1-N26-000123");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_numbers_have_no_gaps),  store_unit_test(test_series_are_apart),
        store_unit_test(test_void_numbers_stay),     store_unit_test(test_a_restore_skips_numbers_of_all_series),
        store_unit_test(test_triggers_refuse_jumps), cmocka_unit_test(test_year_and_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
