#include "outbox_fixture.h"

#include "store/op_conflict.h"
#include "store/outbox_wait.h"

static void test_numbers_have_no_gap_and_the_chain_holds(void **state)
{
    struct store_test *t = *state;
    struct outbox_head head;
    int64_t last = 0;
    for (int i = 1; i <= 20; i++)
        assert_int_equal(outbox_test_add(t, "cert.issue", "", "{\"no\":\"E1-C26-000001\"}"), i);
    assert_ok(outbox_head(t->db, &head, NULL));
    assert_int_equal(head.seq, 20);
    assert_ok(outbox_floor(t->db, &last, NULL));
    assert_int_equal(last, 0);
    assert_ok(outbox_verify(t->db, 0, 7, &last, NULL));
    assert_int_equal(last, 7);
    assert_ok(outbox_verify(t->db, last, 1000, &last, NULL));
    assert_int_equal(last, 20);
}

static void test_a_rolled_back_use_case_leaves_nothing(void **state)
{
    struct store_test *t = *state;
    const struct outbox_new op = { "log.head", "", "{}", NULL, 0, "clerk", NULL };
    int64_t seq = 0;
    assert_int_equal(outbox_test_add(t, "log.head", "", "{}"), 1);
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_add(t->db, &op, &seq, NULL));
    assert_int_equal(seq, 2);
    txn_rollback(t->db);
    assert_int_equal(outbox_test_add(t, "log.head", "", "{}"), 2);
    assert_ok(outbox_verify(t->db, 0, 100, &seq, NULL));
    assert_int_equal(seq, 2);
}

static void test_a_changed_byte_is_found(void **state)
{
    struct store_test *t = *state;
    struct errinfo err;
    int64_t last = 0;
    for (int i = 0; i < 5; i++)
        outbox_test_add(t, "log.head", "", "{}");
    assert_true(outbox_test_refuses(t, "UPDATE outbox SET op = x'00' WHERE seq = 3"));
    assert_true(outbox_test_refuses(t, "UPDATE outbox SET chain = zeroblob(32) WHERE seq = 3"));
    assert_true(outbox_test_refuses(t, "DELETE FROM outbox WHERE seq = 3"));
    assert_true(outbox_test_refuses(
        t, "INSERT INTO outbox SELECT 9, kind, lane, 0, subject, operator, approver, outage_no, "
           "at_ms, op, op_hash, chain, state, 0, NULL, NULL, '', '{}', 0, 0, 0 FROM outbox WHERE seq = 5"));
    outbox_test_sql(t, "DROP TRIGGER outbox_fixed; UPDATE outbox SET op = CAST(op || ' ' AS BLOB) WHERE seq = 3");
    assert_int_equal(outbox_verify(t->db, 0, 100, &last, &err), E_CORRUPT);
    assert_non_null(strstr(err.detail, "operation 3"));
}

struct bytes {
    char text[512];
};
static enum err keep_op(void *arg, const struct outbox_row *r, struct errinfo *reterr)
{
    (void)reterr;
    memcpy(((struct bytes *)arg)->text, r->op.p, r->op.n);
    ((struct bytes *)arg)->text[r->op.n] = '\0';
    return OK;
}

static void test_lanes_name_their_predecessor(void **state)
{
    struct store_test *t = *state;
    static const struct {
        const char *lane;
        int prev;
    } add[] = { { "h1", 0 }, { "h2", 0 }, { "h1", 1 }, { "", 0 }, { "", 0 }, { "h1", 3 }, { "h2", 2 } };
    for (size_t i = 0; i < ARRAY_LEN(add); i++) {
        struct bytes got, want;
        int64_t seq = outbox_test_add(t, "notice.decide", add[i].lane, "{\"no\":\"n\"}");
        assert_ok(outbox_get(t->db, seq, keep_op, &got, NULL));
        snprintf(want.text, sizeof want.text, "%d|notice.decide|%s|%d|2|{\"no\":\"n\"}|0", (int)seq, add[i].lane,
                 add[i].prev);
        assert_string_equal(got.text, want.text);
    }
}

static void test_in_flight_is_never_a_resting_state(void **state)
{
    struct store_test *t = *state;
    int64_t next = 0;
    for (int i = 0; i < 4; i++)
        outbox_test_add(t, "log.head", "", "{}");
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_sent(t->db, 1, 3, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(outbox_test_state(t, 2), OP_INFLIGHT);
    assert_ok(outbox_next(t->db, &next, NULL));
    assert_int_equal(next, 4);
    assert_ok(outbox_unsend(t->db, NULL));
    assert_ok(outbox_next(t->db, &next, NULL));
    assert_int_equal(next, 1);
    assert_int_equal(outbox_test_state(t, 3), OP_PENDING);
}

static void test_answers_come_once(void **state)
{
    struct store_test *t = *state;
    for (int i = 0; i < 4; i++)
        outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"n\"}");
    assert_true(outbox_test_answer(t, 1, OP_APPLIED, "{\"rows\":[]}"));
    assert_false(outbox_test_answer(t, 1, OP_APPLIED, "{\"rows\":[]}"));
    assert_true(outbox_test_answer(t, 2, OP_HELD, "{\"waits_for\":1}"));
    assert_false(outbox_test_answer(t, 2, OP_HELD, "{\"waits_for\":1}"));
    assert_true(outbox_test_answer(t, 2, OP_APPLIED, "{}"));
    assert_true(outbox_test_answer(t, 3, OP_REJECTED, "{\"msg\":\"E05\"}"));
    assert_false(outbox_test_answer(t, 3, OP_APPLIED, "{}")); /* final */
    assert_int_equal(outbox_test_state(t, 3), OP_REJECTED);
    assert_true(outbox_test_answer(t, 4, OP_CONFLICT, "{\"id\":\"100\"}"));
    struct outbox_counts c;
    assert_ok(outbox_count(t->db, NULL, &c, NULL));
    assert_int_equal(c.n[OP_APPLIED], 2);
    assert_int_equal(c.n[OP_REJECTED], 1);
    assert_int_equal(c.n[OP_CONFLICT], 1);
    assert_int_equal(c.conflicts, 1);
    assert_int_equal(c.oldest_ms, 0);
}

static void decide(struct store_test *t, struct op_decision d, enum err want)
{
    assert_ok(txn_begin(t->db, NULL));
    enum err e = op_conflict_decide(t->db, &d, NULL);
    assert_int_equal(e, want);
    if (e == OK)
        assert_ok(txn_commit(t->db, NULL));
    else
        txn_rollback(t->db);
}

static enum err see_conflict(void *arg, const struct op_conflict *c, struct errinfo *reterr)
{
    (void)reterr;
    buf_printf(arg, "%lld %s %s %s;", (long long)c->seq, c->category, c->subject,
               c->decided ? conflict_decision_name(c->decision) : "-");
    return OK;
}

static void test_a_conflict_is_decided_once_by_two(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"E1-N26-000001\"}");
    outbox_test_add(t, "notice.withdraw", "h1", "{\"no\":\"E1-N26-000001\"}");
    outbox_test_answer(t, 1, OP_CONFLICT, "{\"id\":\"100\"}");
    assert_ok(op_conflict_list(t->db, false, 10, see_conflict, &seen, NULL));
    assert_string_equal(buf_str(&seen), "1 C2 E1-N26-000001 -;");
    decide(t, (struct op_decision){ 1, DECIDE_KEEP, "短い", "chief", "head", 2 }, E_INVALID);
    decide(t, (struct op_decision){ 1, DECIDE_KEEP, "本庁の記録が正しい", "chief", "chief", 2 }, E_INVALID);
    decide(t, (struct op_decision){ 2, DECIDE_KEEP, "本庁の記録が正しい", "chief", "head", 0 }, E_CONFLICT);
    decide(t, (struct op_decision){ 1, DECIDE_KEEP, "本庁の記録が正しい", "chief", "head", 2 }, OK);
    decide(t, (struct op_decision){ 1, DECIDE_RESEND, "考えなおしました", "chief", "head", 0 }, E_CONFLICT);
    assert_int_equal(outbox_test_state(t, 1), OP_WITHDRAWN);
    assert_false(outbox_test_answer(t, 1, OP_APPLIED, "{}"));
    assert_true(outbox_test_refuses(t, "UPDATE outbox SET state = 'pending' WHERE seq = 1"));
    assert_true(outbox_test_refuses(t, "UPDATE op_conflict SET ground = 'xxxxxx' WHERE seq = 1"));
    buf_clear(&seen);
    assert_ok(op_conflict_list(t->db, false, 10, see_conflict, &seen, NULL));
    assert_int_equal(seen.len, 0);
    assert_ok(op_conflict_list(t->db, true, 10, see_conflict, &seen, NULL));
    assert_string_equal(buf_str(&seen), "1 C2 E1-N26-000001 keep;");
    buf_done(&seen);
}

/* What is decided anew says which operation it replaces, whoever adds it. */
static void test_a_new_decision_names_the_one_it_replaces(void **state)
{
    struct store_test *t = *state;
    struct bytes got;
    outbox_test_add(t, "notice.enter", "h1", "{\"no\":\"A\"}");
    outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"A\"}");
    outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"B\"}");
    outbox_test_answer(t, 1, OP_APPLIED, "{}");
    outbox_test_answer(t, 2, OP_CONFLICT, "{}");
    decide(t, (struct op_decision){ 2, DECIDE_RESEND, "最新の記録で処理する", "chief", "head", 0 }, OK);
    outbox_test_add(t, "notice.enter", "h1", "{\"no\":\"A\"}");
    assert_ok(outbox_get(t->db, 4, keep_op, &got, NULL));
    assert_string_equal(got.text, "4|notice.enter|h1|3|2|{\"no\":\"A\",\"supersedes\":2}|0");
    outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"A\"}");
    assert_ok(outbox_get(t->db, 5, keep_op, &got, NULL));
    assert_string_equal(got.text, "5|notice.decide|h1|4|2|{\"no\":\"A\",\"supersedes\":2}|0");
    outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"A\"}"); /* 5 has no answer yet */
    assert_ok(outbox_get(t->db, 6, keep_op, &got, NULL));
    assert_string_equal(got.text, "6|notice.decide|h1|5|2|{\"no\":\"A\"}|0");
    assert_true(outbox_test_refuses(t, "UPDATE op_conflict SET successor = 6 WHERE seq = 2"));
    struct buf seen = BUF_INIT;
    assert_ok(op_conflict_get(t->db, 2, see_conflict, &seen, NULL));
    assert_string_equal(buf_str(&seen), "2 C2 A resend;");
    buf_done(&seen);
}

static void test_a_host_that_forgot_is_told_again(void **state)
{
    struct store_test *t = *state;
    int64_t n = 0, next = 0;
    for (int i = 0; i < 6; i++)
        outbox_test_add(t, "notice.decide", "", "{\"no\":\"n\"}");
    for (int i = 1; i <= 5; i++)
        outbox_test_answer(t, i, i == 4 ? OP_REJECTED : OP_APPLIED, "{}");
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_durable(t->db, 2, NULL));
    assert_ok(outbox_forgotten(t->db, 3, &n, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(n, 2);
    assert_int_equal(outbox_test_state(t, 2), OP_DURABLE);
    assert_int_equal(outbox_test_state(t, 3), OP_APPLIED);
    assert_ok(outbox_next(t->db, &next, NULL));
    assert_int_equal(next, 4);
    assert_true(outbox_test_answer(t, 4, OP_REJECTED, "{}"));
}

static void test_only_what_is_in_a_backup_is_pruned(void **state)
{
    struct store_test *t = *state;
    int64_t n = 0, last = 0;
    for (int i = 0; i < 4; i++)
        outbox_test_add(t, "notice.decide", "", "{\"no\":\"n\"}");
    for (int i = 1; i <= 4; i++)
        outbox_test_answer(t, i, OP_APPLIED, "{}");
    assert_true(outbox_test_refuses(t, "DELETE FROM outbox WHERE seq = 1"));
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_durable(t->db, 4, NULL));
    assert_ok(outbox_prune(t->db, t->now_ms, &n, NULL));
    assert_int_equal(n, 0);
    assert_ok(outbox_prune(t->db, t->now_ms + 1, &n, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(n, 3); /* the last one stays: the chain goes on from it */
    assert_int_equal(outbox_test_add(t, "log.head", "", "{}"), 5);
    assert_ok(outbox_floor(t->db, &n, NULL));
    assert_int_equal(n, 4);
    assert_ok(outbox_verify(t->db, n, 10, &last, NULL));
    assert_int_equal(last, 5);
}

static void open_stop(struct store_test *t, const char *state)
{
    char *sql =
        xprintf("INSERT INTO outage (no, state, types, detected_ms, detected_by, symptoms, last_applied, last_made, "
                "copy_as_of_ms, list_as_of_ms) VALUES ('E1-T26-000001', '%s', 'L', 1, 'auto', '', 0, 0, 1, 1)",
                state);
    outbox_test_sql(t, sql);
    free(sql);
}

static enum err see_waiting(void *arg, const struct waiting *w, struct errinfo *reterr)
{
    (void)reterr;
    buf_printf(arg, "%lld:%s@%s ", (long long)w->id, w->subject, w->received_at);
    return OK;
}

static void test_in_a_stop_notices_wait_for_the_replay(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    struct bytes got;
    int64_t seq = 0;
    static const char a[] = "{\"no\":\"A\",\"received_at\":\"2026-07-01T10:00:00+09:00\"}";
    static const char b[] = "{\"no\":\"B\",\"received_at\":\"2026-07-01T11:00:00+09:00\"}";
    static const char d[] = "{\"no\":\"D\",\"reason\":\"r\"}";
    assert_int_equal(outbox_test_add(t, "notice.enter", "h1", d), 1);
    open_stop(t, "outage");
    assert_int_equal(outbox_test_add(t, "notice.decide", "h1", b), 0);
    assert_int_equal(outbox_test_add(t, "cert.issue", "", "{\"no\":\"C\"}"), 2);
    assert_int_equal(outbox_test_add(t, "notice.decide", "h1", a), 0);
    assert_int_equal(outbox_test_add(t, "notice.withdraw", "h1", d), 0);
    assert_ok(outbox_waiting(t->db, "E1-T26-000001", see_waiting, &seen, NULL));
    assert_string_equal(buf_str(&seen), "1:B@2026-07-01T11:00:00+09:00 2:A@2026-07-01T10:00:00+09:00 "
                                        "3:D@2026-07-01T09:00:00+09:00 ");
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_take_up(t->db, 2, &seq, NULL));
    assert_int_equal(seq, 3);
    assert_int_equal(outbox_take_up(t->db, 2, &seq, NULL), E_CONFLICT);
    assert_ok(outbox_take_up(t->db, 1, &seq, NULL));
    assert_ok(outbox_leave(t->db, "E1-T26-000001", "D", false, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_ok(outbox_get(t->db, 4, keep_op, &got, NULL));
    assert_string_equal(got.text,
                        "4|notice.decide|h1|3|2|{\"no\":\"B\",\"received_at\":\"2026-07-01T11:00:00+09:00\"}|1");
    struct outbox_counts c;
    assert_ok(outbox_count(t->db, "E1-T26-000001", &c, NULL));
    assert_int_equal(c.waiting, 0);
    assert_int_equal(c.n[OP_PENDING], 3);
    buf_done(&seen);
}

static void test_after_the_stop_they_do_not_wait(void **state)
{
    struct store_test *t = *state;
    open_stop(t, "reconciled");
    assert_int_equal(outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"A\"}"), 1);
}

static void test_nothing_is_lost_between_the_states(void **state)
{
    struct store_test *t = *state;
    struct outbox_counts c;
    enum { N = 200 };
    unsigned seed = 20260701;
    print_message("# seed %u\n", seed);
    for (int i = 1; i <= N; i++)
        outbox_test_add(t, "notice.decide", i % 3 ? "h1" : "h2", "{\"no\":\"n\"}");
    static const enum op_state any[] = { OP_HELD, OP_CONFLICT, OP_REJECTED, OP_APPLIED };
    for (int i = 0; i < 3 * N; i++) {
        int64_t seq = 1 + rand_r(&seed) % N;
        int what = rand_r(&seed) % 8;
        if (what < 5) {
            outbox_test_answer(t, seq, any[rand_r(&seed) % ARRAY_LEN(any)], "{}");
        } else {
            int64_t n;
            assert_ok(txn_begin(t->db, NULL));
            if (what == 5)
                assert_ok(outbox_forgotten(t->db, seq, &n, NULL));
            else if (what == 6)
                assert_ok(outbox_durable(t->db, seq, NULL));
            else
                assert_ok(outbox_sent(t->db, seq, seq + 3, NULL));
            assert_ok(txn_commit(t->db, NULL));
        }
        assert_ok(outbox_count(t->db, NULL, &c, NULL));
        int64_t sum = 0;
        for (int s = 0; s < OP_STATES; s++)
            sum += c.n[s];
        assert_int_equal(sum, N);
        assert_in_range(c.conflicts, c.n[OP_CONFLICT], c.n[OP_CONFLICT] + c.n[OP_REJECTED]);
    }
}

static void answer_awaiting(struct store_test *t, int64_t seq, int64_t host_seq)
{
    const struct outbox_answer a = { seq, OP_APPLIED, "", "{\"rows\":[]}", host_seq, t->now_ms, true };
    bool news = false;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_answer(t->db, &a, &news, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_true(news);
}

static int64_t arrived(struct store_test *t, int64_t cursor)
{
    int64_t seq = -1;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_arrived(t->db, cursor, &seq, NULL));
    assert_ok(txn_commit(t->db, NULL));
    return seq;
}

static bool awaits(struct store_test *t, const char *kind)
{
    bool yes = false;
    assert_ok(outbox_awaited(t->db, kind, "n", &yes, NULL));
    return yes;
}

static void test_what_is_applied_awaits_its_rows_in_the_order_of_the_host(void **state)
{
    struct store_test *t = *state;
    struct outbox_counts c;
    for (int i = 0; i < 3; i++)
        outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"n\"}");
    answer_awaiting(t, 1, 30);
    answer_awaiting(t, 2, 20);
    assert_true(awaits(t, "notice.decide"));
    assert_false(awaits(t, "notice.enter"));
    assert_ok(outbox_count(t->db, NULL, &c, NULL));
    assert_int_equal(c.awaits_copy, 2);
    assert_int_equal(c.n[OP_APPLIED], 2);
    assert_int_equal(arrived(t, 19), 0);
    store_test_reopen(t);
    outbox_test_use(t);
    assert_int_equal(arrived(t, 30), 2);
    assert_int_equal(arrived(t, 30), 1);
    assert_int_equal(arrived(t, 30), 0);
    assert_false(awaits(t, "notice.decide"));
    assert_true(outbox_test_refuses(t, "UPDATE outbox SET awaits_copy = 1 WHERE seq = 3")); /* not applied */
}

static void test_what_awaits_is_not_pruned_and_may_be_forgotten_by_the_host(void **state)
{
    struct store_test *t = *state;
    int64_t n = -1;
    for (int i = 0; i < 3; i++)
        outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"n\"}");
    answer_awaiting(t, 1, 20);
    answer_awaiting(t, 2, 30);
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_durable(t->db, 1, NULL));
    assert_ok(outbox_prune(t->db, t->now_ms + 1, &n, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(n, 0);
    assert_true(outbox_test_refuses(t, "DELETE FROM outbox WHERE seq = 1"));
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_forgotten(t->db, 1, &n, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(n, 1);
    assert_int_equal(outbox_test_state(t, 2), OP_PENDING);
    assert_int_equal(arrived(t, 100), 1);
    assert_int_equal(arrived(t, 100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        outbox_unit_test(test_numbers_have_no_gap_and_the_chain_holds),
        outbox_unit_test(test_a_rolled_back_use_case_leaves_nothing),
        outbox_unit_test(test_a_changed_byte_is_found),
        outbox_unit_test(test_lanes_name_their_predecessor),
        outbox_unit_test(test_in_flight_is_never_a_resting_state),
        outbox_unit_test(test_answers_come_once),
        outbox_unit_test(test_a_conflict_is_decided_once_by_two),
        outbox_unit_test(test_a_new_decision_names_the_one_it_replaces),
        outbox_unit_test(test_a_host_that_forgot_is_told_again),
        outbox_unit_test(test_only_what_is_in_a_backup_is_pruned),
        outbox_unit_test(test_in_a_stop_notices_wait_for_the_replay),
        outbox_unit_test(test_after_the_stop_they_do_not_wait),
        outbox_unit_test(test_nothing_is_lost_between_the_states),
        outbox_unit_test(test_what_is_applied_awaits_its_rows_in_the_order_of_the_host),
        outbox_unit_test(test_what_awaits_is_not_pruned_and_may_be_forgotten_by_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
