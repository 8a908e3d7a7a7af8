#include "fixture.h"

#include "frame/frame_in.h"
#include "store/migrate.h"
#include "store/schema.h"

static const struct migration old[] = {
    { 1, "first", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);" },
    { 3, "third", "CREATE TABLE b (y INTEGER) STRICT;" },
};
static const struct migration edited[] = {
    { 1, "first", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (2);" },
    { 3, "third", "CREATE TABLE b (y INTEGER) STRICT;" },
};
static const struct migration late[] = {
    { 1, "first", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);" },
    { 2, "second", "CREATE TABLE c (z INTEGER) STRICT;" },
    { 3, "third", "CREATE TABLE b (y INTEGER) STRICT;" },
};
static const struct migration broken[] = {
    { 1, "first", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);" },
    { 3, "third", "CREATE TABLE b (y INTEGER) STRICT;" },
    { 4, "fourth", "CREATE TABLE d (z INTEGER) STRICT; INSERT INTO nowhere VALUES (1);" },
};

/* A bare database on which the framework works with a list of the test. */
static struct db *bare(struct store_test *t)
{
    struct db *db = xcalloc(1, sizeof *db);
    db->hash = t->options.hash;
    db->clock = t->options.clock;
    db->schema = &store_schema;
    db->stmt = xcalloc(*store_schema.n_stmt, sizeof *db->stmt);
    assert_int_equal(sqlite3_open(":memory:", &db->sql), SQLITE_OK);
    return db;
}

static int64_t number(struct db *db, const char *sql)
{
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(db->sql, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static void test_steps_are_taken_once(void **state)
{
    struct db *db = bare(*state);
    int version;
    assert_ok(migrate(db, old, 1, NULL));
    assert_ok(migrate(db, old, 2, NULL));
    assert_ok(migrate(db, old, 2, NULL));
    assert_int_equal(number(db, "SELECT count(*) FROM a"), 1);
    assert_ok(migrate_version(db, &version, NULL));
    assert_int_equal(version, 3);
    db_close(db);
}

static void test_newer_edited_and_late_steps_are_refused(void **state)
{
    struct db *db = bare(*state);
    struct errinfo e;
    assert_ok(migrate(db, old, 2, NULL));
    assert_int_equal(migrate(db, old, 1, &e), E_TOONEW);
    assert_int_equal(migrate(db, edited, 2, &e), E_CORRUPT);
    assert_int_equal(migrate(db, late, 3, &e), E_CORRUPT);
    assert_int_equal(number(db, "SELECT count(*) FROM migration"), 2);
    db_close(db);
}

static void test_a_step_is_whole_or_not_there(void **state)
{
    struct db *db = bare(*state);
    struct errinfo e;
    assert_int_equal(migrate(db, broken, 3, &e), E_CORRUPT);
    assert_int_equal(number(db, "SELECT max(number) FROM migration"), 3);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'd'"), 0);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_steps_are_taken_once),
        store_unit_test(test_newer_edited_and_late_steps_are_refused),
        store_unit_test(test_a_step_is_whole_or_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
