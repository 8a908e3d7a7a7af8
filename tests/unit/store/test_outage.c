#include "outbox_fixture.h"

#include "store/outage.h"
#include "store/outage_book.h"
#include "store/outbox_wait.h"

static const struct outage_start BY_ITSELF = {
    "E", "1", 1000, 2000, { OUTAGE_SUSPECT, COUNTER_SUSPECT, 0, "auto", "", "応答なし 3回" }
};

static char *begin_stop(struct store_test *t, const struct outage_start *s)
{
    struct buf no = BUF_INIT;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outage_begin(t->db, s, &no, NULL));
    assert_ok(txn_commit(t->db, NULL));
    return buf_steal(&no);
}

static void move(struct store_test *t, const char *no, enum outage_event event, enum counter_state to, unsigned types)
{
    const struct outage_act act = { event, to, types, "sup1", "bm1", "理由を書く" };
    t->now_ms += 60000;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outage_move(t->db, no, &act, NULL));
    assert_ok(txn_commit(t->db, NULL));
}

static void assert_counter(struct store_test *t, const char *want)
{
    struct buf b = BUF_INIT;
    assert_ok(meta_get(t->db, "counter.state", &b, NULL, NULL));
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void see_phase(void *arg, const struct outage_phase *p)
{
    buf_printf(arg, "%lld:%s>%s[%s]%s/%s ", (long long)p->n, p->event, p->state, p->types, p->operator_id, p->second);
}

static void test_a_stop_from_suspicion_to_the_end(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    struct outage o;
    bool found = true;
    assert_ok(outage_current(t->db, &o, &found, NULL));
    assert_false(found);
    for (int i = 0; i < 5; i++)
        outbox_test_add(t, "log.head", "", "{}");
    outbox_test_answer(t, 3, OP_APPLIED, "{}");
    char *no = begin_stop(t, &BY_ITSELF);
    assert_string_equal(no, "E1-T26-000001");
    assert_counter(t, "suspect");
    move(t, no, OUTAGE_DECLARE, COUNTER_OUTAGE, OUTAGE_BIT(OUTAGE_LINK));
    assert_counter(t, "outage");
    move(t, no, OUTAGE_CHANGE, COUNTER_OUTAGE, OUTAGE_BIT(OUTAGE_LINK) | OUTAGE_BIT(OUTAGE_HOST));
    assert_ok(outage_current(t->db, &o, &found, NULL));
    assert_true(found);
    assert_int_equal(o.state, COUNTER_OUTAGE);
    assert_int_equal(o.types, OUTAGE_BIT(OUTAGE_LINK) | OUTAGE_BIT(OUTAGE_HOST));
    assert_int_equal(o.last_applied, 3);
    assert_int_equal(o.last_made, 5);
    assert_int_equal(o.copy_as_of_ms, 1000);
    assert_string_equal(o.detected_by, "auto");
    assert_string_equal(o.declared_by, "sup1");
    assert_int_equal(o.intake_last, -1);
    outage_done(&o);
    move(t, no, OUTAGE_END, COUNTER_RECOVERING, OUTAGE_BIT(OUTAGE_HOST));
    move(t, no, OUTAGE_RELAPSE, COUNTER_OUTAGE, OUTAGE_BIT(OUTAGE_HOST));
    assert_ok(outage_get(t->db, no, &o, NULL));
    assert_int_equal(o.ended_ms, 0);
    outage_done(&o);
    move(t, no, OUTAGE_END, COUNTER_RECOVERING, OUTAGE_BIT(OUTAGE_HOST));
    move(t, no, OUTAGE_RECONCILE, COUNTER_RECONCILED, OUTAGE_BIT(OUTAGE_HOST));
    assert_counter(t, "reconciled");
    move(t, no, OUTAGE_CLOSE, COUNTER_NORMAL, OUTAGE_BIT(OUTAGE_HOST));
    assert_counter(t, "normal");
    assert_ok(outage_current(t->db, &o, &found, NULL));
    assert_false(found);
    assert_ok(outage_phases(t->db, no, see_phase, &seen, NULL));
    assert_string_equal(buf_str(&seen),
                        "1:suspect>suspect[]auto/ 2:declare>outage[L]sup1/bm1 3:change>outage[LH]sup1/bm1 "
                        "4:end>recovering[H]sup1/bm1 5:relapse>outage[H]sup1/bm1 6:end>recovering[H]sup1/bm1 "
                        "7:reconcile>reconciled[H]sup1/bm1 8:close>closed[H]sup1/bm1 ");
    assert_true(outbox_test_refuses(t, "UPDATE outage SET state = 'outage'"));
    assert_true(outbox_test_refuses(t, "DELETE FROM outage"));
    assert_true(outbox_test_refuses(t, "UPDATE outage_phase SET reason = 'x'"));
    buf_done(&seen);
    free(no);
}

static void test_only_one_at_a_time_and_numbers_go_on(void **state)
{
    struct store_test *t = *state;
    struct buf no2 = BUF_INIT;
    char *no = begin_stop(t, &BY_ITSELF);
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(outage_begin(t->db, &BY_ITSELF, &no2, NULL), E_EXISTS);
    txn_rollback(t->db);
    move(t, no, OUTAGE_CANCEL, COUNTER_NORMAL, 0);
    assert_counter(t, "normal");
    struct outage o;
    assert_ok(outage_get(t->db, no, &o, NULL));
    assert_true(o.cancelled);
    outage_done(&o);
    char *next = begin_stop(t, &BY_ITSELF);
    assert_string_equal(next, "E1-T26-000002");
    free(no);
    free(next);
    buf_done(&no2);
}

static void see_grey(void *arg, const struct outage_grey *g)
{
    buf_printf(arg, "%lld:%s:%s ", (long long)g->seq, g->kind, g->found);
}

static int64_t unanswered(struct store_test *t, const char *no)
{
    struct outage_counts n;
    int64_t open = 0;
    assert_ok(book_counts(t->db, no, &n, &open, NULL));
    return n.unanswered;
}

static void test_what_was_sent_without_answer_is_listed(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    int64_t open = 0;
    for (int i = 0; i < 5; i++)
        outbox_test_add(t, "notice.decide", "h", "{\"no\":\"n\"}");
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_sent(t->db, 1, 3, NULL));
    assert_ok(txn_commit(t->db, NULL));
    outbox_test_answer(t, 1, OP_APPLIED, "{}");
    assert_ok(outbox_unsend(t->db, NULL));
    char *no = begin_stop(t, &BY_ITSELF);
    assert_ok(outage_greys(t->db, no, see_grey, &seen, NULL));
    assert_string_equal(buf_str(&seen), "2:notice.decide: 3:notice.decide: ");
    assert_int_equal(unanswered(t, no), 2);
    outbox_test_answer(t, 2, OP_APPLIED, "{}");
    assert_int_equal(unanswered(t, no), 1); /* before anybody asked for the next step */
    buf_clear(&seen);
    assert_ok(outage_greys(t->db, no, see_grey, &seen, NULL));
    assert_string_equal(buf_str(&seen), "2:notice.decide:applied 3:notice.decide: ");
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outage_grey_check(t->db, no, &open, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(open, 1);
    outbox_test_answer(t, 3, OP_REJECTED, "{}");
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outage_grey_check(t->db, no, &open, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(open, 0);
    buf_clear(&seen);
    assert_ok(outage_greys(t->db, no, see_grey, &seen, NULL));
    assert_string_equal(buf_str(&seen), "2:notice.decide:applied 3:notice.decide:refused ");
    free(no);
    buf_done(&seen);
}

static void see_probe(void *arg, const struct outage_probe *p)
{
    buf_printf(arg, "%lld:%s=%s ", (long long)p->n, p->what, p->verdict);
}

static void test_probes(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    char *no = begin_stop(t, &BY_ITSELF);
    struct outage_probe p = { .what = "line", .verdict = "ok", .detail = "", .operator_id = "auto" };
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outage_probe_add(t->db, no, &p, NULL));
    p.what = "host_port", p.verdict = "failed";
    assert_ok(outage_probe_add(t->db, no, &p, NULL));
    p.what = "guess";
    assert_int_equal(outage_probe_add(t->db, no, &p, NULL), E_INVALID);
    assert_ok(outage_probes(t->db, no, see_probe, &seen, NULL));
    assert_string_equal(buf_str(&seen), "1:line=ok 2:host_port=failed ");
    assert_ok(outage_note(t->db, no, 77, "電力", NULL, NULL));
    assert_ok(outage_note(t->db, no, 0, NULL, "R-1", NULL));
    struct outage o;
    assert_ok(outage_get(t->db, no, &o, NULL));
    assert_int_equal(o.expected_ms, 77);
    assert_string_equal(o.cause, "電力");
    assert_string_equal(o.contact_no, "R-1");
    outage_done(&o);
    txn_rollback(t->db);
    free(no);
    buf_done(&seen);
}

static char *declared(struct store_test *t)
{
    char *no = begin_stop(t, &BY_ITSELF);
    move(t, no, OUTAGE_DECLARE, COUNTER_OUTAGE, OUTAGE_BIT(OUTAGE_LINK));
    return no;
}

static char *write_down(struct store_test *t, const char *outage_no)
{
    const struct book_entry b = { .received_at = "2026-07-01T10:00:00+09:00",
                                  .entered_by = "clk1",
                                  .kind = "tenkyo",
                                  .notifier = "川田 花子",
                                  .persons = 2,
                                  .sheets = 1 };
    struct buf no = BUF_INIT;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(book_add(t->db, outage_no, &b, &no, NULL));
    assert_ok(txn_commit(t->db, NULL));
    return buf_steal(&no);
}

static void see_entry(void *arg, const struct book_entry *b)
{
    buf_printf(arg, "%s %s %s%s%s; ", b->no, b->notice_no, book_state_name(b->state), b->late ? " late" : "",
               b->by_host ? " host" : "");
}

static void test_the_book_follows_what_is_done(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    struct outage_counts c;
    int64_t open = 0;
    char *no = declared(t), *paper = write_down(t, no), *other = write_down(t, no);
    static const char a[] =
        "{\"no\":\"E1-N26-000001\",\"kind\":\"tenkyo\",\"received_at\":\"2026-07-01T11:00:00+09:00\"}";
    static const char b[] =
        "{\"no\":\"E1-N26-000002\",\"kind\":\"tennyu\",\"received_at\":\"2026-07-01T12:00:00+09:00\"}";
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(book_link(t->db, paper, "E1-N26-000001", NULL));
    assert_int_equal(book_link(t->db, paper, "E1-N26-000009", NULL), E_CONFLICT);
    assert_ok(book_hand_over(t->db, other, NULL));
    assert_int_equal(book_hand_over(t->db, other, NULL), E_CONFLICT);
    assert_ok(txn_commit(t->db, NULL));
    outbox_test_add(t, "notice.enter", "h1", a);
    outbox_test_add(t, "notice.decide", "h1", a);
    outbox_test_add(t, "notice.enter", "h2", b);
    assert_ok(book_list(t->db, no, see_entry, &seen, NULL));
    assert_string_equal(buf_str(&seen), "E1-T26-000001-001 E1-N26-000001 decided; E1-T26-000001-002  host host; "
                                        "E1-T26-000001-003 E1-N26-000002 entered; ");
    outbox_test_add(t, "notice.withdraw", "h2", "{\"no\":\"E1-N26-000002\",\"reason\":\"書類なし\"}");
    struct outbox_counts n;
    assert_ok(outbox_count(t->db, no, &n, NULL));
    assert_int_equal(n.waiting, 2); /* the host never hears of the withdrawn one */
    assert_ok(book_counts(t->db, no, &c, &open, NULL));
    assert_int_equal(c.received, 3);
    assert_int_equal(c.held, 1);
    assert_int_equal(c.by_host_office, 1);
    assert_int_equal(c.withdrawn, 1);
    assert_int_equal(c.ops, 2);
    assert_int_equal(open, 3);
    assert_true(outbox_test_refuses(t, "UPDATE outage_notice SET received_at = '2026-07-02T10:00:00+09:00'"));
    assert_true(outbox_test_refuses(t, "UPDATE outage_notice SET owner = 'branch' WHERE owner = 'host'"));
    assert_true(outbox_test_refuses(t, "DELETE FROM outage_notice"));
    buf_done(&seen);
    free(no);
    free(paper);
    free(other);
}

static void test_a_notice_handed_over_is_not_entered_here(void **state)
{
    struct store_test *t = *state;
    char *no = declared(t);
    static const char a[] = "{\"no\":\"A\",\"kind\":\"tenkyo\",\"received_at\":\"2026-07-01T11:00:00+09:00\"}";
    const struct outbox_new op = { "notice.decide", "h1", a, NULL, 0, "chief", NULL };
    struct errinfo err;
    int64_t seq;
    outbox_test_add(t, "notice.enter", "h1", a);
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(book_hand_over(t->db, "E1-T26-000001-001", NULL));
    assert_int_equal(outbox_add(t->db, &op, &seq, &err), E_DENIED);
    assert_string_equal(err.msg, "S543");
    assert_ok(txn_commit(t->db, NULL));
    struct outbox_counts n;
    assert_ok(outbox_count(t->db, no, &n, NULL));
    assert_int_equal(n.waiting, 0);
    free(no);
}

static void test_after_intake_it_is_late(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    char *no = declared(t), *first = write_down(t, no);
    move(t, no, OUTAGE_END, COUNTER_RECOVERING, OUTAGE_BIT(OUTAGE_LINK));
    char *second = write_down(t, no);
    assert_ok(book_list(t->db, no, see_entry, &seen, NULL));
    assert_string_equal(buf_str(&seen), "E1-T26-000001-001  paper; E1-T26-000001-002  paper late; ");
    struct outage o;
    assert_ok(outage_get(t->db, no, &o, NULL));
    assert_int_equal(o.intake_last, 1);
    outage_done(&o);
    buf_done(&seen);
    free(no);
    free(first);
    free(second);
}

static void test_differences_are_explained_one_by_one(void **state)
{
    struct store_test *t = *state;
    bool ok = true;
    char *no = declared(t);
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(book_explain(t->db, no, "notices", 1, "一枚は本庁に送付した", "rsp1", NULL));
    assert_int_equal(book_explain(t->db, no, "fees", 1, "短い", "rsp1", NULL), E_INVALID);
    assert_ok(book_explained(t->db, no, "notices", 1, &ok, NULL));
    assert_true(ok);
    assert_ok(book_explained(t->db, no, "notices", 2, &ok, NULL));
    assert_false(ok);
    txn_rollback(t->db);
    free(no);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        outbox_unit_test(test_a_stop_from_suspicion_to_the_end),
        outbox_unit_test(test_only_one_at_a_time_and_numbers_go_on),
        outbox_unit_test(test_what_was_sent_without_answer_is_listed),
        outbox_unit_test(test_probes),
        outbox_unit_test(test_the_book_follows_what_is_done),
        outbox_unit_test(test_a_notice_handed_over_is_not_entered_here),
        outbox_unit_test(test_after_intake_it_is_late),
        outbox_unit_test(test_differences_are_explained_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
