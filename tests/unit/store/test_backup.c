#include "fixture.h"

#include "store/backup.h"
#include "store/backup_check.h"
#include "store/meta.h"
#include "store/oplog.h"

#include <sqlite3.h>

static void put(struct db *db, int from, int to)
{
    assert_ok(txn_begin(db, NULL));
    for (int i = from; i < to; i++) {
        char key[32];
        snprintf(key, sizeof key, "test.%d", i);
        assert_ok(meta_set(db, key, "0123456789012345678901234567890123456789012345678901234567890123456789", NULL));
    }
    assert_ok(txn_commit(db, NULL));
}

static void check_has(struct db *db, int i)
{
    char key[32];
    bool found = false;
    struct buf b = BUF_INIT;
    snprintf(key, sizeof key, "test.%d", i);
    assert_ok(meta_get(db, key, &b, &found, NULL));
    assert_true(found);
    buf_done(&b);
}

static void test_copy_follows_writes_between_steps(void **state)
{
    struct store_test *t = *state;
    struct backup *b;
    int left, total;
    char *path = fs_join(t->dir, "copy.db");
    put(t->db, 0, 2000);
    assert_ok(backup_start(t->db, path, &b, NULL));
    assert_ok(backup_step(b, 5, &left, &total, NULL));
    assert_true(left > 0);
    put(t->db, 2000, 2100);
    while (left > 0)
        assert_ok(backup_step(b, 20, &left, &total, NULL));
    assert_ok(backup_finish(b, NULL));

    struct db *copy;
    struct db_options o = t->options;
    o.create = false;
    o.check = true;
    o.path = path;
    assert_ok(db_open(&o, &copy, NULL));
    check_has(copy, 0);
    check_has(copy, 2099);
    db_close(copy);
    struct errinfo e;
    assert_int_equal(backup_start(t->db, path, &b, &e), E_EXISTS);
    free(path);
}

static void test_an_unfinished_copy_is_removed(void **state)
{
    struct store_test *t = *state;
    struct backup *b;
    int left, total;
    char *path = fs_join(t->dir, "copy.db");
    put(t->db, 0, 2000);
    assert_ok(backup_start(t->db, path, &b, NULL));
    assert_ok(backup_step(b, 1, &left, &total, NULL));
    assert_ok(backup_finish(b, NULL));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_ok(backup_finish(NULL, NULL));
    free(path);
}

static void log_rows(struct store_test *t, int n)
{
    for (int i = 0; i < n; i++) {
        struct oplog row = { .office = "E", .terminal = "1", .function = "test", .action = "add", .result = "ok" };
        assert_ok(txn_begin(t->db, NULL));
        assert_ok(oplog_append(t->db, &row, NULL));
        assert_ok(txn_commit(t->db, NULL));
    }
}

static char *copy_of(struct store_test *t)
{
    struct backup *b;
    int left = 1, total;
    char *path = fs_join(t->dir, "copy.db");
    assert_ok(backup_start(t->db, path, &b, NULL));
    while (left > 0)
        assert_ok(backup_step(b, 100, &left, &total, NULL));
    assert_ok(backup_finish(b, NULL));
    return path;
}

static void change(const char *path, const char *sql)
{
    sqlite3 *raw;
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
}

static void test_a_copy_that_differs_is_seen(void **state)
{
    static const struct {
        const char *sql;
        enum err err;
    } changes[] = {
        { "SELECT 1", OK },
        { "DROP TRIGGER oplog_delete; DELETE FROM oplog WHERE seq = 2", E_CORRUPT },
        { "DROP TRIGGER oplog_update; UPDATE oplog SET detail = 'x' WHERE seq = 2", E_CORRUPT },
        { "DROP TRIGGER oplog_delete; DELETE FROM oplog WHERE seq = 3", OK }, /* only the store knows of it */
        { "INSERT INTO login_attempt (at_ms, purpose, result, terminal, peer_uid) "
          "VALUES (1, 'login', 'unknown', '1', 0)",
          OK },
    };
    struct store_test *t = *state;
    struct backup_facts source, copy;
    log_rows(t, 3);
    assert_ok(backup_facts(t->db, &source, NULL));
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        char *path = copy_of(t);
        change(path, changes[i].sql);
        enum err e = backup_check(path, store_test_hash, &copy, NULL);
        assert_int_equal(e, changes[i].err);
        if (e == OK)
            assert_int_equal(backup_facts_equal(&source, &copy), i == 0);
        assert_int_equal(unlink(path), 0);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_copy_follows_writes_between_steps),
        store_unit_test(test_an_unfinished_copy_is_removed),
        store_unit_test(test_a_copy_that_differs_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
