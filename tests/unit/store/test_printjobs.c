#include "cert_fixture.h"

static int64_t one_job(struct db *db, int64_t copy)
{
    assert_ok(txn_begin(db, NULL));
    int64_t id = cert_test_issue(db, copy, "p", "");
    assert_ok(txn_commit(db, NULL));
    return id;
}

static enum err step(struct db *db, int64_t id, enum print_state s)
{
    struct errinfo e;
    assert_ok(txn_begin(db, NULL));
    return txn_end(db, print_job_step(db, id, s, "kawaguchi", "detail", &e), &e);
}

static void see_job(void *arg, const struct print_job *j)
{
    buf_printf(arg, "%s %s %.*s %d %lld", j->issue, print_state_name(j->state), (int)j->body.n, j->body.p,
               j->content_hash[0], (long long)j->pages);
}

static void see_event(void *arg, const struct print_event *e)
{
    buf_printf(arg, "%s/%s ", e->state, e->operator_id);
}

static void test_life_of_a_job(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    struct buf b = BUF_INIT;
    struct errinfo e;
    int64_t id = one_job(db, 1);
    assert_ok(txn_begin(db, NULL));
    assert_ok(print_job_drawn(db, id, 2, NULL));
    assert_int_equal(print_job_drawn(db, id, 3, &e), E_DENIED);
    txn_rollback(db);
    assert_ok(txn_begin(db, NULL));
    assert_ok(print_job_drawn(db, id, 2, NULL));
    assert_ok(txn_commit(db, NULL));
    assert_int_equal(step(db, id, PRINT_SPOOLING), OK);
    assert_int_equal(step(db, id, PRINT_PRINTED), OK);
    assert_ok(print_job_get(db, id, see_job, &b, NULL));
    assert_string_equal(b.p, "20260701 梅市 東支所1 001 printed body 7 2");
    buf_clear(&b);
    assert_ok(print_events(db, id, see_event, &b, NULL));
    assert_string_equal(b.p, "reserved/kawaguchi spooling/kawaguchi printed/kawaguchi ");
    assert_int_equal(print_job_get(db, 99, see_job, &b, &e), E_NOTFOUND);
    buf_done(&b);
}

/* From every state to every state: only the journal's steps are taken. */
static void test_steps(void **state)
{
    static const char *const allowed[PRINT_STATES] = {
        [PRINT_RESERVED] = "spooling spoiled",
        [PRINT_SPOOLING] = "printed spoiled unknown",
        [PRINT_PRINTED] = "",
        [PRINT_SPOILED] = "",
        [PRINT_UNKNOWN] = "printed spoiled",
    };
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    int64_t copy = 0;
    for (int from = 0; from < PRINT_STATES; from++)
        for (int to = 0; to < PRINT_STATES; to++) {
            int64_t id = one_job(db, ++copy);
            if (from != PRINT_RESERVED && from != PRINT_SPOILED)
                assert_int_equal(step(db, id, PRINT_SPOOLING), OK);
            if (from != PRINT_RESERVED && from != PRINT_SPOOLING)
                assert_int_equal(step(db, id, (enum print_state)from), OK);
            enum err e = step(db, id, (enum print_state)to);
            bool want = strstr(allowed[from], print_state_name((enum print_state)to)) != NULL;
            if ((e == OK) != want || (e != OK && e != E_DENIED))
                fail_msg("%d to %d: %s", from, to, err_name(e));
        }
}

static void test_what_is_open(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    int64_t busy = -1, unknown = -1;
    int64_t a = one_job(db, 1), b = one_job(db, 2), c = one_job(db, 3);
    assert_int_equal(step(db, b, PRINT_SPOOLING), OK);
    assert_int_equal(step(db, c, PRINT_SPOOLING), OK);
    assert_int_equal(step(db, c, PRINT_UNKNOWN), OK);
    assert_ok(print_jobs_of(db, "p", &busy, &unknown, NULL));
    assert_int_equal(busy, 2);
    assert_int_equal(unknown, 1);
    assert_ok(print_jobs_of(db, "q", &busy, &unknown, NULL));
    assert_int_equal(busy + unknown, 0);
    assert_int_equal(step(db, a, PRINT_SPOILED), OK);
    assert_ok(print_jobs_of(db, "p", &busy, &unknown, NULL));
    assert_int_equal(busy, 1);
}

static void see_state(void *arg, const struct print_job *j)
{
    *(enum print_state *)arg = j->state;
}

static void test_recovery(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    int64_t id[4], unknown = -1;
    static const enum print_state want[] = { PRINT_SPOILED, PRINT_UNKNOWN, PRINT_UNKNOWN, PRINT_PRINTED };
    for (int i = 0; i < 4; i++)
        id[i] = one_job(db, i + 1);
    for (int i = 1; i < 4; i++)
        assert_int_equal(step(db, id[i], PRINT_SPOOLING), OK);
    assert_int_equal(step(db, id[2], PRINT_UNKNOWN), OK);
    assert_int_equal(step(db, id[3], PRINT_PRINTED), OK);
    store_test_reopen(t);
    for (int again = 0; again < 2; again++) {
        assert_ok(print_jobs_recover(t->db, &unknown, NULL));
        assert_int_equal(unknown, 2);
        for (int i = 0; i < 4; i++) {
            enum print_state s = PRINT_STATES;
            assert_ok(print_job_get(t->db, id[i], see_state, &s, NULL));
            assert_int_equal(s, want[i]);
        }
    }
}

static void test_a_job_does_not_change(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    one_job(db, 1);
    static const char *const sql[] = {
        "UPDATE print_job SET body = x'00'",
        "UPDATE print_job SET content_hash = zeroblob(32)",
        "UPDATE print_job SET issue = 'x'",
        "UPDATE print_job SET printer = 'q'",
        "DELETE FROM print_job",
        "DELETE FROM print_event",
        "UPDATE print_event SET at_ms = 0",
        "UPDATE print_job SET state = 'printed'",
        "UPDATE print_job SET state = 'done'",
    };
    refused(db, sql, ARRAY_LEN(sql));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_life_of_a_job),         store_unit_test(test_steps),
        store_unit_test(test_what_is_open),          store_unit_test(test_recovery),
        store_unit_test(test_a_job_does_not_change),
    };
    return cmocka_run_group_tests_name("printjobs", tests, NULL, NULL);
}
