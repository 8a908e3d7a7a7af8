#include "fixture.h"

#include "frame/frame_in.h"
#include "stmt_in.h"
#include "store/schema.h"

/* Every statement fits the schema, and none reads a whole table unless it says so. */
static void test_catalogue_fits_and_does_not_scan(void **state)
{
    struct store_test *t = *state;
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    for (size_t i = 0; i < *store_schema.n_stmt; i++) {
        const struct stmt_def *d = &store_schema.stmt[i];
        sqlite3_stmt *s = NULL;
        char *sql = xprintf("EXPLAIN QUERY PLAN %s", d->sql);
        if (sqlite3_prepare_v2(t->db->sql, sql, -1, &s, NULL) != SQLITE_OK)
            fail_msg("%s (%s): %s", d->name, d->where, sqlite3_errmsg(t->db->sql));
        while (sqlite3_step(s) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(s, 3);
            bool whole = strncmp(step, "SCAN ", 5) == 0 && strcmp(step, "SCAN CONSTANT ROW") != 0 &&
                         !strstr(step, "VIRTUAL TABLE INDEX");
            if (whole && !d->scan)
                fail_msg("%s (%s): %s; give it an index or mark it \"scan: ok\"", d->name, d->where, step);
        }
        sqlite3_finalize(s);
        free(sql);
    }
}

/* "rows: none" and what the statement is must agree. */
static void test_rows_are_declared_right(void **state)
{
    struct store_test *t = *state;
    for (size_t i = 0; i < *store_schema.n_stmt; i++) {
        sqlite3_stmt *s = NULL;
        assert_int_equal(sqlite3_prepare_v2(t->db->sql, store_schema.stmt[i].sql, -1, &s, NULL), SQLITE_OK);
        bool gives = sqlite3_column_count(s) > 0;
        sqlite3_finalize(s);
        if (gives != (store_schema.stmt[i].rows != ROWS_NONE))
            fail_msg("%s (%s): rows is declared wrong", store_schema.stmt[i].name, store_schema.stmt[i].where);
    }
}

static void test_text_keeps_its_bytes(void **state)
{
    struct store_test *t = *state;
    struct stmt *q;
    static const char name[] = "\xe8\xbe\xbb\xf3\xa0\x84\x80\0tail"; /* 辻 with a variation selector, and a NUL */
    assert_ok(txn_begin(t->db, NULL));
    q = stmt_get(t->db, Q_META_SET);
    stmt_text(q, ":k", "test.name");
    stmt_span(q, ":v", (struct span){ name, sizeof name - 1 });
    assert_ok(stmt_run(q, NULL));
    assert_ok(txn_commit(t->db, NULL));
    q = stmt_get(t->db, Q_META_GET);
    stmt_text(q, ":k", "test.name");
    assert_ok(stmt_one(q, NULL));
    struct span got = col_span(q, "v");
    assert_int_equal(got.n, sizeof name - 1);
    assert_memory_equal(got.p, name, got.n);
    stmt_done(q);
}

static void test_no_row(void **state)
{
    struct store_test *t = *state;
    struct stmt *q = stmt_get(t->db, Q_META_GET);
    bool have = true;
    stmt_text(q, ":k", "test.none");
    assert_ok(stmt_row(q, &have, NULL));
    assert_false(have);
    stmt_done(q);
    q = stmt_get(t->db, Q_META_GET);
    stmt_text(q, ":k", "test.none");
    assert_int_equal(stmt_one(q, NULL), E_NOTFOUND);
    stmt_done(q);
    stmt_done(NULL);
}

static void test_constraints_are_errors(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    assert_ok(txn_begin(t->db, NULL));
    struct stmt *q = stmt_get(t->db, Q_META_SET);
    stmt_text(q, ":k", "");
    stmt_text(q, ":v", "x");
    assert_int_equal(stmt_run(q, &e), E_INVALID);
    assert_string_equal(e.item, "meta_set");
    txn_rollback(t->db);
}

static void unknown_parameter(void *db)
{
    stmt_text(stmt_get(db, Q_META_GET), ":nothing", "x");
}

static void forgotten_parameter(void *db)
{
    bool have;
    enum err e = stmt_row(stmt_get(db, Q_META_GET), &have, NULL);
    (void)e;
}

static void unknown_column(void *arg)
{
    struct stmt *q = stmt_get(arg, Q_META_GET);
    col_i64(q, "nothing");
}

static void used_twice(void *db)
{
    stmt_get(db, Q_META_GET);
    stmt_get(db, Q_META_GET);
}

static void test_bugs_are_noticed(void **state)
{
    struct store_test *t = *state;
    check_bug(unknown_parameter, t->db);
    check_bug(forgotten_parameter, t->db);
    check_bug(unknown_column, t->db);
    check_bug(used_twice, t->db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_catalogue_fits_and_does_not_scan),
        store_unit_test(test_rows_are_declared_right),
        store_unit_test(test_text_keeps_its_bytes),
        store_unit_test(test_no_row),
        store_unit_test(test_constraints_are_errors),
        store_unit_test(test_bugs_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
