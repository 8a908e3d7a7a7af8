#include "fixture.h"

#include "faultvfs.h"
#include "frame/frame_in.h"
#include "store/meta.h"

static void test_file_is_private_and_keeps_reserved_bytes(void **state)
{
    struct store_test *t = *state;
    struct stat st;
    struct buf b = BUF_INIT;
    assert_int_equal(stat(t->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_ok(db_checkpoint(t->db, NULL));
    assert_ok(fs_read(t->path, 64u << 20, &b, NULL));
    assert_int_equal(b.p[20], DB_RESERVED);
    assert_int_equal(b.p[18], 2); /* WAL */
    char *shm = xprintf("%s-shm", t->path);
    assert_int_not_equal(access(shm, F_OK), 0); /* exclusive locking keeps the index in memory */
    free(shm);
    buf_done(&b);
}

static enum err open_again(struct store_test *t, struct errinfo *e)
{
    struct db *db = NULL;
    t->options.create = false;
    enum err r = db_open(&t->options, &db, e);
    db_close(db);
    return r;
}

static void test_refuses_unsafe_files(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    db_close(t->db);
    t->db = NULL;
    t->options.create = true;
    struct db *db = NULL;
    assert_int_equal(db_open(&t->options, &db, &e), E_EXISTS);
    char *other = fs_join(t->dir, "other.db");
    assert_int_equal(link(t->path, other), 0);
    assert_int_equal(open_again(t, &e), E_DENIED);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(chmod(t->path, 0640), 0);
    assert_int_equal(open_again(t, &e), E_DENIED);
    assert_int_equal(chmod(t->path, 0600), 0);
    assert_int_equal(rename(t->path, other), 0);
    assert_int_equal(open_again(t, &e), E_NOTFOUND);
    assert_int_equal(symlink(other, t->path), 0);
    assert_int_equal(open_again(t, &e), E_DENIED);
    assert_int_equal(unlink(t->path), 0);
    assert_int_equal(rename(other, t->path), 0);
    assert_ok(open_again(t, &e));
    t->options.path = "file:x?mode=memory";
    assert_int_equal(open_again(t, &e), E_INVALID);
    free(other);
}

static void test_one_owner(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    assert_int_equal(open_again(t, &e), E_BUSY);
}

static void test_refuses_a_foreign_database(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    sqlite3 *sql;
    char *path = fs_join(t->dir, "foreign.db");
    assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sql, "CREATE TABLE a (b)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sql);
    assert_int_equal(chmod(path, 0600), 0);
    t->options.path = path;
    assert_int_equal(open_again(t, &e), E_CORRUPT);
    free(path);
}

static void test_check_finds_damage(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    assert_ok(txn_begin(t->db, NULL));
    for (int i = 0; i < 500; i++) {
        char key[32];
        snprintf(key, sizeof key, "test.%d", i);
        assert_ok(meta_set(t->db, key, "0123456789012345678901234567890123456789", NULL));
    }
    assert_ok(txn_commit(t->db, NULL));
    db_close(t->db);
    t->db = NULL;
    t->options.check = true;
    assert_ok(open_again(t, &e));
    struct buf b = BUF_INIT;
    assert_ok(fs_read(t->path, 64u << 20, &b, NULL));
    char *at = memmem(b.p, b.len, "test.250", 8);
    assert_non_null(at);
    FILE *f = fopen(t->path, "r+b");
    assert_int_equal(fseek(f, (at - b.p) & ~4095L, SEEK_SET), 0);
    for (int i = 0; i < 64; i++)
        fputc(0xff, f);
    fclose(f);
    buf_done(&b);
    assert_int_equal(open_again(t, &e), E_CORRUPT);
}

static enum err write_one(struct db *db, const char *v, struct errinfo *e)
{
    TRY(txn_begin(db, e));
    return txn_end(db, meta_set(db, "test.key", v, e), e);
}

static void check_value(struct db *db, const char *want)
{
    struct buf b = BUF_INIT;
    assert_ok(meta_get(db, "test.key", &b, NULL, NULL));
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void use_faults(struct store_test *t)
{
    t->options.vfs = "fault";
    store_test_reopen(t);
    assert_ok(write_one(t->db, "before", NULL));
}

static void test_stops_after_a_failed_fsync(void **state)
{
    struct store_test *t = *state;
    struct faults *f = faultvfs();
    struct errinfo e;
    use_faults(t);
    f->sync = SQLITE_IOERR_FSYNC;
    assert_int_equal(write_one(t->db, "lost", &e), E_IO);
    f->sync = 0; /* the disk "works" again: the kernel forgets what it could not write */
    assert_int_equal(write_one(t->db, "later", &e), E_IO);
    assert_string_equal(e.msg, "S020");
    assert_int_equal(db_checkpoint(t->db, &e), E_IO);
    bool found;
    struct buf b = BUF_INIT;
    assert_int_equal(meta_get(t->db, "test.key", &b, &found, &e), E_IO);
    buf_done(&b);
    store_test_reopen(t);
    assert_ok(write_one(t->db, "after", NULL));
    check_value(t->db, "after");
}

static void test_stops_after_a_broken_write(void **state)
{
    struct store_test *t = *state;
    struct faults *f = faultvfs();
    struct errinfo e;
    use_faults(t);
    f->write = SQLITE_IOERR_WRITE;
    assert_int_equal(write_one(t->db, "lost", &e), E_IO);
    f->write = 0;
    assert_int_equal(write_one(t->db, "later", &e), E_IO);
    store_test_reopen(t);
    check_value(t->db, "before");
}

static void test_a_full_disk_is_not_the_end(void **state)
{
    struct store_test *t = *state;
    struct faults *f = faultvfs();
    struct errinfo e;
    use_faults(t);
    f->write = SQLITE_FULL;
    assert_int_equal(write_one(t->db, "lost", &e), E_FULL);
    f->write = 0;
    check_value(t->db, "before");
    assert_ok(write_one(t->db, "after", NULL));
    check_value(t->db, "after");
}

static void test_only_catalogue_statements(void **state)
{
    struct store_test *t = *state;
    static const char *const refused[] = {
        "ATTACH ':memory:' AS x",    "CREATE TABLE x (y)",        "DROP TABLE meta",           "PRAGMA synchronous=OFF",
        "PRAGMA writable_schema=ON", "DELETE FROM sqlite_master", "DROP TRIGGER oplog_delete",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_int_not_equal(sqlite3_exec(t->db->sql, refused[i], NULL, NULL, NULL), SQLITE_OK);
}

static void count_free(void *n)
{
    ++*(int *)n;
}

static void test_what_is_kept_with_the_store_is_freed_once(void **state)
{
    struct store_test *t = *state;
    static const char one, other;
    int first = 0, second = 0, third = 0;
    assert_null(db_attached(t->db, &one));
    db_attach(t->db, &one, &first, count_free);
    db_attach(t->db, &other, &second, count_free);
    assert_ptr_equal(db_attached(t->db, &one), &first);
    db_attach(t->db, &one, &third, count_free);
    assert_int_equal(first, 1);
    assert_ptr_equal(db_attached(t->db, &one), &third);
    db_close(t->db);
    t->db = NULL;
    assert_int_equal(first + second + third, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_file_is_private_and_keeps_reserved_bytes),
        store_unit_test(test_refuses_unsafe_files),
        store_unit_test(test_one_owner),
        store_unit_test(test_refuses_a_foreign_database),
        store_unit_test(test_check_finds_damage),
        store_unit_test(test_stops_after_a_failed_fsync),
        store_unit_test(test_stops_after_a_broken_write),
        store_unit_test(test_a_full_disk_is_not_the_end),
        store_unit_test(test_only_catalogue_statements),
        store_unit_test(test_what_is_kept_with_the_store_is_freed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
