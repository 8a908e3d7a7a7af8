/* The host's statements fit its schema, and none reads a whole table unless it says so. */
#include "host_test.h"

#include "store/stmt.h"

#include <sqlite3.h>

extern const struct stmt_def host_stmt_defs[];
extern const size_t host_stmt_count;

static sqlite3 *open_beside(const struct town *t)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(t->db, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return db;
}

static void look_at_plan(sqlite3 *db, const struct stmt_def *d)
{
    sqlite3_stmt *s = NULL;
    char *sql = xprintf("EXPLAIN QUERY PLAN %s", d->sql);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s (%s): %s", d->name, d->where, sqlite3_errmsg(db));
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(s, 3);
        bool whole = strncmp(step, "SCAN ", 5) == 0 && strcmp(step, "SCAN CONSTANT ROW") != 0;
        bool sorts = strstr(step, "USE TEMP B-TREE") && !strstr(d->sql, "UNION\n");
        if ((whole || sorts) && !d->scan)
            fail_msg("%s (%s): %s; give it an index or mark it \"scan: ok\"", d->name, d->where, step);
    }
    sqlite3_finalize(s);
    free(sql);
}

static void test_catalogue(void **state)
{
    struct town *t = *state;
    host_close(t->host); /* it holds the file for itself */
    t->host = NULL;
    sqlite3 *db = open_beside(t);
    for (size_t i = 0; i < host_stmt_count; i++) {
        const struct stmt_def *d = &host_stmt_defs[i];
        sqlite3_stmt *s = NULL;
        look_at_plan(db, d);
        assert_int_equal(sqlite3_prepare_v2(db, d->sql, -1, &s, NULL), SQLITE_OK);
        if ((sqlite3_column_count(s) > 0) != (d->rows != ROWS_NONE))
            fail_msg("%s (%s): rows is declared wrong", d->name, d->where);
        sqlite3_finalize(s);
    }
    sqlite3_close(db);
}

static void refused(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        fail_msg("was allowed: %s", sql);
}

/* What must never change cannot be changed past the program either. */
static void test_evidence_and_history_cannot_be_changed(void **state)
{
    struct town *t = *state;
    sqlite3 *db = NULL;
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    host_close(t->host);
    t->host = NULL;
    assert_int_equal(sqlite3_open(t->db, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA recursive_triggers=ON", NULL, NULL, NULL);
    refused(db, "UPDATE history SET body = '{}' WHERE id = '103'");
    refused(db, "DELETE FROM history WHERE id = '103'");
    refused(db, "INSERT OR REPLACE INTO history SELECT id, rev, 9, 9, '', x'00', 0, '{}' FROM history LIMIT 1");
    refused(db, "UPDATE op SET result = x'00'");
    refused(db, "UPDATE op SET bytes = x'00'");
    refused(db, "DELETE FROM op");
    refused(db, "UPDATE run SET received_upto = 0");
    refused(db, "UPDATE feed_state SET head = 0");
    refused(db, "UPDATE open_case SET state = 'entered'");
    refused(db, "UPDATE journal SET who = 'nobody'");
    refused(db, "DELETE FROM journal");
    refused(db, "DELETE FROM branch");
    refused(db, "UPDATE person SET rev = rev + 2");
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        town_test(test_catalogue),
        town_test(test_evidence_and_history_cannot_be_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
