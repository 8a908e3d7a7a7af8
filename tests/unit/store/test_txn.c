#include "fixture.h"

#include "frame/frame_in.h"
#include "store/meta.h"

static bool has(struct db *db, const char *key)
{
    struct buf b = BUF_INIT;
    bool found = false;
    assert_ok(meta_get(db, key, &b, &found, NULL));
    buf_done(&b);
    return found;
}

static void test_commit_and_rollback(void **state)
{
    struct store_test *t = *state;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(meta_set(t->db, "test.a", "1", NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(meta_set(t->db, "test.b", "1", NULL));
    txn_rollback(t->db);
    assert_true(has(t->db, "test.a"));
    assert_false(has(t->db, "test.b"));
    txn_rollback(t->db); /* harmless without one */
    assert_int_equal(txn_depth(t->db), 0);
    store_test_reopen(t);
    assert_true(has(t->db, "test.a"));
}

static void test_nesting(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(txn_depth(t->db), 2);
    assert_ok(meta_set(t->db, "test.a", "1", NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(sqlite3_get_autocommit(t->db->sql), 0);
    txn_rollback(t->db);
    assert_false(has(t->db, "test.a"));

    assert_ok(txn_begin(t->db, NULL));
    assert_ok(meta_set(t->db, "test.b", "1", NULL));
    assert_ok(txn_begin(t->db, NULL));
    txn_rollback(t->db); /* dooms the whole */
    assert_int_equal(txn_commit(t->db, &e), E_CONFLICT);
    assert_non_null(strstr(e.detail, "test_txn.c:"));
    assert_false(has(t->db, "test.b"));
}

static void test_end(void **state)
{
    struct store_test *t = *state;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(txn_end(t->db, meta_set(t->db, "test.a", "1", NULL), NULL));
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(meta_set(t->db, "test.b", "1", NULL));
    assert_int_equal(txn_end(t->db, E_DENIED, NULL), E_DENIED);
    assert_true(has(t->db, "test.a"));
    assert_false(has(t->db, "test.b"));
}

static void write_alone(void *db)
{
    enum err e = meta_set(db, "test.a", "1", NULL);
    (void)e;
}

static void commit_past_the_wrapper(void *arg)
{
    struct db *db = arg;
    sqlite3_exec(db->sql, "UPDATE series SET last = 1; INSERT INTO meta VALUES ('test.a', '1')", NULL, NULL, NULL);
}

static void close_inside(void *arg)
{
    enum err e = txn_begin((struct db *)arg, NULL);
    (void)e;
    db_close(arg);
}

static void test_bugs_are_noticed(void **state)
{
    struct store_test *t = *state;
    check_bug(write_alone, t->db);
    check_bug(commit_past_the_wrapper, t->db);
    check_bug(close_inside, t->db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_commit_and_rollback),
        store_unit_test(test_nesting),
        store_unit_test(test_end),
        store_unit_test(test_bugs_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
