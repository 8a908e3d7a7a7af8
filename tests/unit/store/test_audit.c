/* Every rule is broken once by somebody who holds the file and knows SQL, and named. */
#include "fixture.h"

#include "store/audit.h"
#include "store/oplog.h"

#include <sqlite3.h>

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
    t->options.check = false;
    store_test_reopen(t);
}

struct found {
    int n;
    char ref[64];
};

static void find(void *arg, const char *ref)
{
    struct found *f = arg;
    if (f->n++ == 0)
        snprintf(f->ref, sizeof f->ref, "%s", ref);
}

static struct found broken(struct store_test *t, const char *id)
{
    struct found f = { 0, "" };
    const struct audit_rule *r = audit_rules;
    while (r->id && strcmp(r->id, id) != 0)
        r++;
    assert_non_null(r->id);
    assert_int_equal(audit_check(t->db, r, 20, find, &f, NULL), OK);
    return f;
}

static void log_rows(struct store_test *t, int n, const char *ticket)
{
    for (int i = 0; i < n; i++) {
        struct oplog row = { .office = "E",
                             .terminal = "1",
                             .operator_id = "clk1",
                             .function = i % 2 ? "notice.list" : "notice.enter",
                             .action = "add",
                             .ticket = ticket,
                             .result = "ok" };
        assert_int_equal(txn_begin(t->db, NULL), OK);
        assert_int_equal(oplog_append(t->db, &row, NULL), OK);
        assert_int_equal(txn_commit(t->db, NULL), OK);
    }
}

#define CASE(no, version, state)                                                      \
    "INSERT INTO notice VALUES ('" no "', 'tenkyo', 'draft', 0, '', 1, '', 1, '');"   \
    "UPDATE notice SET version = 1 WHERE no = '" no "';"                              \
    "INSERT INTO notice_version VALUES ('" no "', 1, 'clk1', 1, printf('%064d', 0));" \
    "DROP TRIGGER IF EXISTS notice_version;"                                          \
    "UPDATE notice SET version = " #version ", state = '" state "' WHERE no = '" no "';"
#define EVENT(no, n, step, state, who) \
    "INSERT INTO notice_event VALUES ('" no "', " #n ", 1, '" step "', '" state "', '" who "', '', '{}');"

#define HEAD(id, household)                                                                               \
    "INSERT INTO resident_history VALUES ('" id "', 1, '{\"relation\":\"世帯主\"}', zeroblob(32), 1);" \
    "INSERT INTO resident (id, rev, living, household, birth, terms) VALUES ('" id "', 1, 1, '" household \
    "', '', '');"

#define OPERATION(seq)                                                                                             \
    "INSERT INTO outbox (seq, kind, lane, lane_prev, subject, operator, approver, outage_no, at_ms, op, op_hash, " \
    "chain) "                                                                                                      \
    "VALUES (" #seq ", 'cert.void', '', 0, '', 'clk1', '', '', 1, x'00', zeroblob(32), zeroblob(32));"

static const char no_triggers[] = "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE type = 'trigger';";

static void test_a_sound_store(void **state)
{
    struct store_test *t = *state;
    tamper(t, no_triggers);
    log_rows(t, 3, "N1");
    tamper(t, CASE("N1", 1, "examined") EVENT("N1", 1, "enter", "entered", "clk1")
                  EVENT("N1", 2, "examine", "examined", "sup1"));
    tamper(t, OPERATION(7) OPERATION(8)); /* what came before is in the host's backup, and pruned */
    for (const struct audit_rule *r = audit_rules; r->id; r++) {
        struct found f = broken(t, r->id);
        if (f.n)
            fail_msg("%s: %s", r->id, f.ref);
    }
}

static void test_planted_faults(void **state)
{
    static const struct {
        const char *rule, *sql, *ref;
    } faults[] = {
        { "log-gapless", "DELETE FROM oplog WHERE seq = 2;", "oplog 3" },
        { "entry-once", CASE("N1", 3, "entered") EVENT("N1", 1, "enter", "entered", "clk1"), "N1" },
        { "steps-logged", CASE("N2", 1, "entered") EVENT("N2", 1, "enter", "entered", "clk1"), "N2" },
        { "state-is-last-step", CASE("N1", 1, "posted") EVENT("N1", 1, "enter", "entered", "clk1"), "N1" },
        { "state-is-last-step", CASE("N1", 1, "entered") EVENT("N1", 2, "enter", "entered", "clk1"), "N1" },
        { "two-persons",
          CASE("N1", 1, "decided") EVENT("N1", 1, "enter", "entered", "clk1")
              EVENT("N1", 2, "decide", "decided", "clk1"),
          "N1" },
        { "release-told",
          "INSERT INTO restriction VALUES ('R1', '501', NULL, 'lock', 0, 0, 0, 0, 0, 0, NULL, NULL, 1, 0, '', 0, '', "
          "'');",
          "R1" },
        { "issue-once",
          "PRAGMA foreign_keys = OFF; INSERT INTO cert_issue VALUES ('C1', 'Q1', 1, 'E', '1', 2026, 1, 'copy', 1, "
          "'2026-07-01', 'clk1', '', 300, '', zeroblob(32), 'k', 0, 0, '', 1, '');",
          "C1" },
        { "issue-gapless",
          "PRAGMA foreign_keys = OFF; INSERT INTO cert_issue VALUES ('C3', 'Q1', 1, 'E', '1', 2026, 3, 'copy', 1, "
          "'2026-07-01', 'clk1', '', 300, '', zeroblob(32), 'k', 0, 0, '', 1, '');",
          "E-1-2026" },
        { "operations-gapless", OPERATION(2) OPERATION(4), "outbox 4" },
        { "one-head", HEAD("501", "7") HEAD("502", "7") HEAD("503", "8"), "7" },
        { "current-is-newest",
          "INSERT INTO resident_history VALUES ('501', 2, '{}', zeroblob(32), 1);"
          "INSERT INTO resident (id, rev, living, household, birth, terms) VALUES ('501', 1, 1, '', '', '');",
          "501" },
    };
    struct store_test *t = *state;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        tamper(t, no_triggers);
        log_rows(t, 3, "N1");
        assert_int_equal(broken(t, faults[i].rule).n, 0);
        tamper(t, faults[i].sql);
        struct found f = broken(t, faults[i].rule);
        assert_int_equal(f.n, 1);
        assert_string_equal(f.ref, faults[i].ref);
        void *s = t;
        assert_int_equal(store_test_end(&s), 0);
        assert_int_equal(store_test_begin(&s), 0);
        *state = t = s;
    }
}

static void keep(void *arg, const struct audit_event *ev)
{
    int64_t *last = arg;
    *last = *last ? *last : ev->seq;
    assert_string_equal(ev->function, "notice.enter");
}

static void test_what_a_ledger_holds(void **state)
{
    struct store_test *t = *state;
    struct audit_ledger l[AUDIT_LEDGERS];
    int64_t n = 0, last = 0;
    log_rows(t, 5, "");
    assert_int_equal(audit_ledgers(t->db, l, NULL), OK);
    assert_string_equal(l[0].name, "oplog");
    assert_int_equal(l[0].rows, 5);
    assert_int_equal(audit_log_of(t->db, "notice.enter", &n, 2, keep, &last, NULL), OK);
    assert_int_equal(n, 3);
    assert_int_equal(last, 5);
    assert_int_equal(audit_log_of(t->db, "notice.", &n, 0, keep, &last, NULL), OK);
    assert_int_equal(n, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_sound_store, store_test_begin, store_test_end),
        cmocka_unit_test_setup_teardown(test_planted_faults, store_test_begin, store_test_end),
        cmocka_unit_test_setup_teardown(test_what_a_ledger_holds, store_test_begin, store_test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
