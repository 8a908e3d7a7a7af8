#include "host_test.h"

#include <sqlite3.h>

static void test_decided_notice_is_posted(void **state)
{
    struct town *t = *state;
    json_t *detail = NULL;
    uint64_t head = feed_head(t);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, &detail);
    assert_string_equal(json_string_value(json_object_get(detail, "no")), "E1-1");
    json_decref(detail);
    struct feed_page p;
    feed_of(t, "E1", head, &p);
    assert_true(p.n >= 2);
    assert_int_equal(p.e[0].type, FEED_RESIDENT);
    struct resident *r = NULL;
    assert_ok(resident_decode(p.e[0].body, &r, err));
    assert_string_equal(r->id, "103");
    assert_int_equal(r->rev, 2);
    assert_string_equal(resident_get(r, ATTR_ADDR_LOT), "9-1");
    assert_string_equal(resident_get(r, ATTR_RELATION), "世帯主");
    /* A household number of the host, with its check digit. */
    assert_int_equal(strlen(resident_get(r, ATTR_HOUSEHOLD)), 10);
    assert_int_equal(p.e[p.n - 1].type, FEED_CASE);
    resident_free(r);
    feed_page_done(&p);
}

static bool same_item(const struct result_item *a, const struct result_item *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Also when the answer was lost and the host restarted in between, and on another day. */
static void test_repeated_delivery_gives_the_same_bytes_and_no_effect(void **state)
{
    struct town *t = *state;
    struct results first, again;
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_send(t, &t->e1, 1, 2, &first);
    assert_int_equal(first.item[0].r.code, OPR_APPLIED);
    assert_int_equal(first.item[1].r.code, OPR_REJECTED);
    assert_false(first.item[0].repeated);
    uint64_t head = feed_head(t);
    for (int round = 0; round < 3; round++) {
        town_restart(t);
        t->now_ms += DAY_MS;
        outbox_send(t, &t->e1, round ? 1 : 2, 2, &again);
        for (size_t i = 0; i < again.n; i++) {
            assert_true(again.item[i].repeated);
            assert_true(same_item(&again.item[i], &first.item[again.item[i].r.seq - 1]));
        }
        results_done(&again);
        assert_int_equal(feed_head(t), head);
    }
    results_done(&first);
}

static void test_gap_is_refused_by_number(void **state)
{
    struct town *t = *state;
    struct buf batch = BUF_INIT, answer = BUF_INIT;
    uint64_t upto = 99;
    struct errinfo err;
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_add(&t->e1, "cert.void", "{\"no\":\"2\",\"reason\":\"x\"}");
    outbox_batch(t, &t->e1, 2, 2, &batch);
    assert_int_equal(host_ingest(t->host, "E1", buf_span(&batch), &answer, &upto, &err), E_CONFLICT);
    assert_int_equal(upto, 0);
    assert_int_equal(answer.len, 0);
    buf_done(&batch);
}

static void test_signature_branch_and_host_must_fit(void **state)
{
    struct town *t = *state;
    struct outbox e2 = { .n = 0 };
    struct buf batch = BUF_INIT, answer = BUF_INIT;
    uint64_t upto = 0;
    outbox_enrol(t, &e2, "E2");
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_batch(t, &t->e1, 1, 1, &batch);
    assert_int_equal(host_ingest(t->host, "E2", buf_span(&batch), &answer, &upto, NULL), E_DENIED);
    /* Signed with the key of another branch. */
    struct key *own = t->e1.key;
    t->e1.key = e2.key;
    buf_clear(&batch);
    outbox_batch(t, &t->e1, 1, 1, &batch);
    t->e1.key = own;
    assert_int_equal(host_ingest(t->host, "E1", buf_span(&batch), &answer, &upto, NULL), E_DENIED);
    buf_clear(&batch);
    outbox_batch(t, &t->e1, 1, 1, &batch);
    batch.p[batch.len - 1] ^= 1;
    assert_int_equal(host_ingest(t->host, "E1", buf_span(&batch), &answer, &upto, NULL), E_CORRUPT);
    batch.p[batch.len - 1] ^= 1;
    assert_ok(host_branch_close(t->host, "E1", "盗難の届出", "test", err));
    assert_int_equal(host_ingest(t->host, "E1", buf_span(&batch), &answer, &upto, NULL), E_DENIED);
    assert_int_equal(answer.len, 0);
    buf_done(&batch);
    outbox_done(&e2);
}

/* ---- who may ---- */

static void refused(struct town *t, json_t *notice, const char *msg)
{
    json_t *detail = NULL;
    decide(&t->e1, notice, "101:1 102:1 103:1", "");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, &detail);
    assert_string_equal(json_string_value(json_object_get(detail, "msg")), msg);
    json_decref(detail);
}

static void test_who_entered_cannot_decide(void **state)
{
    struct town *t = *state;
    uint64_t head = feed_head(t);
    json_t *n = tenkyo("E1-1", "103", "9-1");
    json_object_set_new(n, "entered_by", json_string("yamada"));
    json_object_set_new(n, "examined_by", json_string("sato"));
    refused(t, n, "S214");
    n = tenkyo("E1-1", "103", "9-1");
    json_object_set_new(n, "examined_by", json_string("kawaguchi"));
    refused(t, n, "S214");
    n = tenkyo("E1-1", "103", "9-1");
    json_object_set_new(n, "decided_by", json_string("someone"));
    refused(t, n, "S410");
    assert_int_equal(feed_head(t), head);
}

static void test_operator_is_not_the_approver(void **state)
{
    struct town *t = *state;
    struct op op = outbox_op(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    snprintf(op.approver, sizeof op.approver, "yamada");
    outbox_put(&t->e1, &op);
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
}

static void test_trial_drill_and_unknown_kinds(void **state)
{
    struct town *t = *state;
    uint64_t head = feed_head(t);
    struct op op = decide_op(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    op.flags = 0;
    outbox_put(&t->e1, &op);
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    op = decide_op(&t->e1, tenkyo("E1-2", "103", "9-1"), "101:1 102:1 103:1", "");
    op.flags = OPF_TRIAL | OPF_DRILL;
    outbox_put(&t->e1, &op);
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "notice.teleport", "{}");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SCHEMA, NULL);
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\",\"more\":1}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    assert_int_equal(feed_head(t), head);
}

static void test_rules_are_asked_again(void **state)
{
    struct town *t = *state;
    json_t *n = tenkyo("E1-1", "103", "9-1");
    put_value(values_of(n), "persons", 1, "person", "103"); /* twice the same person, without relation */
    decide(&t->e1, n, "101:1 102:1 103:1", "");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    n = tenkyo("E1-2", "103", "9-1");
    json_object_set_new(n, "kind", json_string("utsurikawari"));
    decide(&t->e1, n, "101:1 102:1 103:1", "");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SCHEMA, NULL);
    n = tenkyo("E1-3", "103", "9-1");
    json_object_set_new(n, "received_on", json_string("2026-07-02"));
    decide(&t->e1, n, "101:1 102:1 103:1", "");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_TIME, NULL);
}

/* ---- one number, two contents ---- */

static void test_equivocation_is_kept_and_quarantines(void **state)
{
    struct town *t = *state;
    struct results r;
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    outbox_start(&t->e1, 1);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    decide(&t->e1, tenkyo("E1-2", "103", "9-2"), "101:1 102:1 103:1", "11");
    uint64_t head = feed_head(t);
    outbox_send(t, &t->e1, 1, 2, &r);
    for (size_t i = 0; i < r.n; i++) {
        assert_int_equal(r.item[i].r.code, OPR_QUARANTINED);
        assert_int_equal(r.item[i].r.category, CONFLICT_INTEGRITY);
    }
    results_done(&r);
    town_restart(t);
    outbox_enrol_again(t, &t->e1, 2); /* lifts nothing */
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_QUARANTINED, CONFLICT_INTEGRITY, NULL);
    assert_int_equal(feed_head(t), head);
    assert_ok(host_branch_release(t->host, "E1", "原因を確かめた", "test", err));
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    uint64_t rows = 0;
    assert_ok(host_journal_verify(t->host, &rows, err));
    assert_true(rows >= 5); /* made, loaded, code, enrolled, quarantined, released */
}

/* A store that was put back draws a new life; what it sends is refused until the terminal was registered again. */
static void test_a_new_life_needs_a_new_certificate(void **state)
{
    struct town *t = *state;
    struct buf batch = BUF_INIT, answer = BUF_INIT;
    uint64_t upto = 0;
    struct errinfo err;
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    outbox_start(&t->e1, 2);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_batch(t, &t->e1, 1, 1, &batch);
    assert_int_equal(host_ingest(t->host, "E1", buf_span(&batch), &answer, &upto, &err), E_DENIED);
    assert_string_equal(err.msg, "S476");
    town_restart(t);
    assert_int_equal(host_ingest(t->host, "E1", buf_span(&batch), &answer, &upto, &err), E_DENIED);
    outbox_enrol_again(t, &t->e1, 2);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    buf_done(&batch);
    buf_done(&answer);
}

static void test_another_chain_is_a_copy(void **state)
{
    struct town *t = *state;
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    outbox_start(&t->e1, 1);
    outbox_add(&t->e1, "cert.void", "{\"no\":\"2\",\"reason\":\"x\"}");
    outbox_add(&t->e1, "cert.void", "{\"no\":\"3\",\"reason\":\"x\"}");
    outbox_expect(t, &t->e1, OPR_QUARANTINED, CONFLICT_INTEGRITY, NULL);
}

/* A row of the register that cannot be read stops what touches it, and nothing else. */
static void test_damage_stops_one_operation_only(void **state)
{
    struct town *t = *state;
    struct results r;
    sqlite3 *db = NULL;
    host_close(t->host);
    t->host = NULL;
    assert_int_equal(sqlite3_open(t->db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO history VALUES ('301', 1, 1, 1, '', x'0000000000000000', 0, '{');"
                                  "INSERT INTO person VALUES ('301', 1, 1, '33', NULL, '', '', '', NULL, NULL, NULL);",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    town_open(t);
    decide(&t->e1, tenkyo("E1-1", "101", "9-1"), "101:1 102:1 103:1", "11");
    decide(&t->e1, tenkyo("E1-2", "301", "9-2"), "301:1", "33");
    decide(&t->e1, tenkyo("E1-3", "201", "9-3"), "201:1", "22");
    outbox_send(t, &t->e1, 1, 3, &r);
    assert_int_equal(r.item[0].r.code, OPR_APPLIED);
    assert_int_equal(r.item[1].r.code, OPR_CONFLICT);
    assert_int_equal(r.item[1].r.category, CONFLICT_INTEGRITY);
    assert_int_equal(r.item[2].r.code, OPR_APPLIED);
    results_done(&r);
    /* Each once, although the batch was begun twice. */
    struct feed_page p;
    int rows = 0;
    feed_of(t, "E1", 1, &p);
    for (size_t i = 0; i < p.n; i++)
        rows += p.e[i].type == FEED_RESIDENT && strncmp(p.e[i].key, "101/", 4) == 0;
    assert_int_equal(rows, 1);
    feed_page_done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        town_test(test_decided_notice_is_posted),
        town_test(test_repeated_delivery_gives_the_same_bytes_and_no_effect),
        town_test(test_gap_is_refused_by_number),
        town_test(test_signature_branch_and_host_must_fit),
        town_test(test_who_entered_cannot_decide),
        town_test(test_operator_is_not_the_approver),
        town_test(test_trial_drill_and_unknown_kinds),
        town_test(test_rules_are_asked_again),
        town_test(test_equivocation_is_kept_and_quarantines),
        town_test(test_a_new_life_needs_a_new_certificate),
        town_test(test_another_chain_is_a_copy),
        town_test(test_damage_stops_one_operation_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
