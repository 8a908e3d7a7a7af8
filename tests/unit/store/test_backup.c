#include "fixture.h"

#include "store/backup.h"
#include "store/meta.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_copy_follows_writes_between_steps),
        store_unit_test(test_an_unfinished_copy_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
