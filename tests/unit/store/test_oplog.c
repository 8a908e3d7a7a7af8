#include "fixture.h"

#include "frame/frame_in.h"
#include "store/oplog.h"

#define ROWS 20

static void append(struct store_test *t, const char *function, const char *subjects)
{
    struct oplog r = { .trust = LOG_TRUST_LOCAL,
                       .office = "E",
                       .terminal = "1",
                       .operator_id = "kawaguchi",
                       .session = "s1",
                       .function = function,
                       .action = "view",
                       .subjects = subjects,
                       .reason = "窓口照会",
                       .result = "ok" };
    t->now_ms += 1000;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(oplog_append(t->db, &r, NULL));
    assert_ok(txn_commit(t->db, NULL));
}

static void fill(struct store_test *t)
{
    for (int i = 0; i < ROWS; i++)
        append(t, i % 2 ? "resident.get" : "resident.search", i % 2 ? "100000000000001" : "1001 1002 1003");
}

/* Works on the file as somebody would who holds it and knows SQL. */
static void tamper(struct store_test *t, const char *sql)
{
    sqlite3 *raw;
    char *message = NULL;
    db_close(t->db);
    t->db = NULL;
    assert_int_equal(sqlite3_open(t->path, &raw), SQLITE_OK);
    if (sqlite3_exec(raw, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(raw);
    store_test_reopen(t);
}

static struct oplog_check verify(struct store_test *t, const struct oplog_head *known, size_t n)
{
    struct oplog_check c = { 0 };
    while (!c.done)
        assert_ok(oplog_verify(t->db, &c, known, n, 7, NULL));
    return c;
}

static void assert_fault(struct store_test *t, const struct oplog_head *known, size_t n, enum oplog_fault fault,
                         int64_t bad)
{
    struct oplog_check c = verify(t, known, n);
    assert_int_equal(c.fault, fault);
    assert_int_equal(c.bad, bad);
    assert_true(strlen(oplog_fault_label(fault)) > 0);
}

static void test_rows_are_chained_without_gaps(void **state)
{
    struct store_test *t = *state;
    struct oplog_head head;
    assert_ok(oplog_head(t->db, &head, NULL));
    assert_int_equal(head.seq, 0);
    assert_fault(t, NULL, 0, LOG_SOUND, 0);
    fill(t);
    assert_ok(oplog_head(t->db, &head, NULL));
    assert_int_equal(head.seq, ROWS);
    assert_fault(t, &head, 1, LOG_SOUND, 0);
    struct oplog r = { .result = "ok" };
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(oplog_append(t->db, &r, NULL));
    txn_rollback(t->db);
    append(t, "status.get", NULL); /* the number of the rolled-back row is used */
    assert_ok(oplog_head(t->db, &head, NULL));
    assert_int_equal(head.seq, ROWS + 1);
    assert_fault(t, &head, 1, LOG_SOUND, 0);
}

static void test_triggers_refuse_every_change(void **state)
{
    struct store_test *t = *state;
    fill(t);
    assert_ok(oplog_index(t->db, 1, ROWS, NULL)); /* a trigger speaks for a row that is there */
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    static const char *const refused[] = {
        "UPDATE oplog SET operator = 'other' WHERE seq = 3",
        "DELETE FROM oplog WHERE seq = 20",
        "DELETE FROM oplog_subject",
        "UPDATE oplog_subject SET subject = 'x'",
        "INSERT OR REPLACE INTO oplog SELECT * FROM oplog WHERE seq = 3",
        "INSERT INTO oplog SELECT 22, boot, mono_ms, at_ms, trust, office, terminal, operator, session, approver,"
        " function, action, subjects, rev_before, rev_after, reason, ticket, my_number, seal, device, issue_no, pages,"
        " place, result, detail, detail_hash, hash, hash FROM oplog WHERE seq = 20",
        "INSERT INTO oplog SELECT 21, boot, mono_ms, at_ms, trust, office, terminal, operator, session, approver,"
        " function, action, subjects, rev_before, rev_after, reason, ticket, my_number, seal, device, issue_no, pages,"
        " place, result, detail, detail_hash, hash, hash FROM oplog WHERE seq = 19",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_ok(txn_begin(t->db, NULL));
        if (sqlite3_exec(t->db->sql, refused[i], NULL, NULL, NULL) == SQLITE_OK)
            fail_msg("went through: %s", refused[i]);
        txn_rollback(t->db);
    }
    assert_fault(t, NULL, 0, LOG_SOUND, 0);
}

static void test_a_flip_is_found(void **state)
{
    struct store_test *t = *state;
    fill(t);
    tamper(t, "DROP TRIGGER oplog_update; UPDATE oplog SET operator = 'somebody' WHERE seq = 5");
    assert_fault(t, NULL, 0, LOG_CHANGED, 5);
}

static void test_every_member_is_hashed(void **state)
{
    struct store_test *t = *state;
    static const char *const changes[] = {
        "boot = randomblob(16)",
        "mono_ms = mono_ms + 1",
        "at_ms = at_ms + 1",
        "trust = 'host'",
        "office = 'W'",
        "terminal = '2'",
        "session = 's2'",
        "approver = 'x'",
        "function = 'x'",
        "action = 'x'",
        "subjects = '1001 1002'",
        "rev_before = 1",
        "rev_after = 1",
        "reason = 'x'",
        "ticket = 'x'",
        "my_number = 1",
        "seal = 1",
        "device = 'x'",
        "issue_no = 'x'",
        "pages = 1",
        "place = 'x'",
        "result = 'x'",
        "detail = 'x'",
        "detail_hash = randomblob(32)",
    };
    fill(t);
    tamper(t, "DROP TRIGGER oplog_update; CREATE TABLE kept AS SELECT * FROM oplog WHERE seq = 3");
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        char *sql = xprintf("UPDATE oplog SET %s WHERE seq = 3", changes[i]);
        tamper(t, sql);
        struct oplog_check c = verify(t, NULL, 0);
        if (c.fault != LOG_CHANGED || c.bad != 3)
            fail_msg("not noticed: %s", changes[i]);
        free(sql);
        tamper(t,
               "DELETE FROM oplog WHERE 0; UPDATE oplog SET (boot, mono_ms, at_ms, trust, office, terminal, operator,"
               " session, approver, function, action, subjects, rev_before, rev_after, reason, ticket, my_number,"
               " seal, device, issue_no, pages, place, result, detail, detail_hash) = (SELECT boot, mono_ms, at_ms,"
               " trust, office, terminal, operator, session, approver, function, action, subjects, rev_before,"
               " rev_after, reason, ticket, my_number, seal, device, issue_no, pages, place, result, detail,"
               " detail_hash FROM kept) WHERE seq = 3");
    }
    assert_fault(t, NULL, 0, LOG_SOUND, 0);
}

static void test_a_deletion_is_found(void **state)
{
    struct store_test *t = *state;
    fill(t);
    tamper(t, "PRAGMA foreign_keys=OFF; DROP TRIGGER oplog_delete; DELETE FROM oplog WHERE seq = 9");
    assert_fault(t, NULL, 0, LOG_MISSING, 9);
}

static void test_a_deletion_with_new_numbers_is_found(void **state)
{
    struct store_test *t = *state;
    fill(t);
    tamper(t, "DROP TRIGGER oplog_delete; DROP TRIGGER oplog_update; DELETE FROM oplog WHERE seq = 9;"
              "UPDATE oplog SET seq = seq - 1 WHERE seq > 9");
    assert_fault(t, NULL, 0, LOG_CHAIN, 9);
}

static void test_a_swap_is_found(void **state)
{
    struct store_test *t = *state;
    fill(t);
    tamper(t, "DROP TRIGGER oplog_update; UPDATE oplog SET seq = 99 WHERE seq = 6; UPDATE oplog SET seq = 6 WHERE"
              " seq = 7; UPDATE oplog SET seq = 7 WHERE seq = 99");
    assert_fault(t, NULL, 0, LOG_CHAIN, 6);
}

static void test_a_cut_tail_is_found_by_a_head(void **state)
{
    struct store_test *t = *state;
    struct oplog_head head;
    fill(t);
    assert_ok(oplog_head(t->db, &head, NULL));
    tamper(t, "DROP TRIGGER oplog_delete; DELETE FROM oplog WHERE seq > 15");
    assert_fault(t, NULL, 0, LOG_SOUND, 0); /* the rest is a good chain */
    assert_fault(t, &head, 1, LOG_HEAD, 16);
}

static void test_a_rewritten_tail_is_found_by_a_head(void **state)
{
    struct store_test *t = *state;
    struct oplog_head head;
    fill(t);
    assert_ok(oplog_head(t->db, &head, NULL));
    tamper(t, "DROP TRIGGER oplog_delete; DELETE FROM oplog WHERE seq > 15");
    for (int i = 0; i < 10; i++)
        append(t, "status.get", NULL);
    assert_fault(t, &head, 1, LOG_HEAD, ROWS);
}

static void test_the_store_remembers_heads(void **state)
{
    struct store_test *t = *state;
    struct oplog_head head;
    fill(t);
    assert_ok(oplog_head(t->db, &head, NULL));
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(oplog_head_sent(t->db, &head, "host", NULL));
    assert_ok(txn_commit(t->db, NULL));
    append(t, "status.get", NULL);
    assert_fault(t, NULL, 0, LOG_SOUND, 0);
    tamper(t, "DROP TRIGGER oplog_delete; DELETE FROM oplog WHERE seq > 15");
    assert_fault(t, NULL, 0, LOG_HEAD, 16);
    for (int i = 0; i < 10; i++)
        append(t, "status.get", NULL);
    assert_fault(t, NULL, 0, LOG_HEAD, ROWS);
}

static void test_the_index_of_persons_is_checked(void **state)
{
    struct store_test *t = *state;
    fill(t);
    assert_ok(oplog_index(t->db, 1, ROWS, NULL));
    tamper(t, "DROP TRIGGER oplog_subject_delete; DELETE FROM oplog_subject WHERE subject = '1002' AND seq = 11");
    assert_fault(t, NULL, 0, LOG_SUBJECT, 11);
}

struct seen {
    int64_t seq[64];
    int n;
};

static void see(void *arg, const struct oplog *r)
{
    struct seen *s = arg;
    s->seq[s->n++] = r->seq;
}

static struct seen list(struct store_test *t, struct oplog_filter f)
{
    struct seen s = { .n = 0 };
    assert_ok(oplog_list(t->db, &f, see, &s, NULL));
    return s;
}

static void test_list(void **state)
{
    struct store_test *t = *state;
    int64_t start = t->now_ms;
    fill(t);
    struct seen s = list(t, (struct oplog_filter){ .limit = 3 });
    assert_int_equal(s.n, 3);
    assert_int_equal(s.seq[0], ROWS);
    s = list(t, (struct oplog_filter){ .limit = 50, .before = 4 });
    assert_int_equal(s.n, 3);
    s = list(t, (struct oplog_filter){ .limit = 50, .subject = "1002" });
    assert_int_equal(s.n, ROWS / 2);
    assert_int_equal(s.seq[0], ROWS - 1);
    s = list(t, (struct oplog_filter){ .limit = 50, .subject = "100" });
    assert_int_equal(s.n, 0);
    s = list(t, (struct oplog_filter){ .limit = 50, .operator_id = "kawaguchi", .function = "resident.get" });
    assert_int_equal(s.n, ROWS / 2);
    s = list(t, (struct oplog_filter){ .limit = 50, .operator_id = "other" });
    assert_int_equal(s.n, 0);
    s = list(t, (struct oplog_filter){ .limit = 50, .from_ms = start + 1000, .to_ms = start + 2000 });
    assert_int_equal(s.n, 2);
}

static int64_t index_rows(struct store_test *t)
{
    sqlite3_stmt *q = NULL;
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    assert_int_equal(sqlite3_prepare_v2(t->db->sql, "SELECT count(*) FROM oplog_subject", -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return n;
}

static void test_the_index_follows_in_steps(void **state)
{
    struct store_test *t = *state;
    for (int i = 0; i < 6; i++)
        append(t, "resident.search", "1002 1001 1002");
    assert_int_equal(index_rows(t), 0); /* nothing of it is written with the row */
    assert_ok(oplog_index(t->db, 7, 7, NULL));
    assert_int_equal(index_rows(t), 0); /* too few wait */
    assert_ok(oplog_index(t->db, 6, 4, NULL));
    assert_int_equal(index_rows(t), 8);
    assert_fault(t, NULL, 0, LOG_SOUND, 0); /* what waits is no gap */
    assert_ok(oplog_index(t->db, 3, 3, NULL));
    assert_int_equal(index_rows(t), 8);
    struct seen s = list(t, (struct oplog_filter){ .limit = 50, .subject = "1001" });
    assert_int_equal(s.n, 6); /* whoever asks sees all */
    assert_int_equal(index_rows(t), 12);
    assert_ok(oplog_index(t->db, 1, 50, NULL));
    assert_int_equal(index_rows(t), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_rows_are_chained_without_gaps),
        store_unit_test(test_triggers_refuse_every_change),
        store_unit_test(test_a_flip_is_found),
        store_unit_test(test_every_member_is_hashed),
        store_unit_test(test_a_deletion_is_found),
        store_unit_test(test_a_deletion_with_new_numbers_is_found),
        store_unit_test(test_a_swap_is_found),
        store_unit_test(test_a_cut_tail_is_found_by_a_head),
        store_unit_test(test_a_rewritten_tail_is_found_by_a_head),
        store_unit_test(test_the_store_remembers_heads),
        store_unit_test(test_the_index_of_persons_is_checked),
        store_unit_test(test_the_index_follows_in_steps),
        store_unit_test(test_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
