#include "outbox_fixture.h"

static const uint8_t SECOND[INCARNATION] = { 9, 9, 9, 9, 9, 9, 9, 9 };

static void reopen(struct store_test *t)
{
    store_test_reopen(t);
    outbox_test_use(t);
}

static enum err add(struct store_test *t)
{
    const struct outbox_new op = { "log.head", "", "{}", NULL, 0, "clerk", NULL };
    int64_t seq;
    assert_ok(txn_begin(t->db, NULL));
    enum err e = outbox_add(t->db, &op, &seq, NULL);
    return txn_end(t->db, e, NULL);
}

static void test_it_stays_over_a_restart(void **state)
{
    struct store_test *t = *state;
    struct incarnation inc;
    outbox_test_add(t, "log.head", "", "{}");
    reopen(t);
    assert_true(outbox_test_open(t, SECOND));
    assert_ok(incarnation_get(t->db, &inc, NULL));
    assert_memory_equal(inc.id, FIRST_INCARNATION, INCARNATION);
    assert_ok(add(t));
}

static void test_without_its_file_nothing_is_entered(void **state)
{
    struct store_test *t = *state;
    char *side = outbox_test_side(t);
    assert_int_equal(unlink(side), 0);
    free(side);
    reopen(t);
    assert_false(outbox_test_open(t, SECOND));
    struct errinfo err;
    const struct outbox_new op = { "log.head", "", "{}", NULL, 0, "clerk", NULL };
    int64_t seq;
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(outbox_add(t->db, &op, &seq, &err), E_DENIED);
    assert_string_equal(err.msg, "S430");
    txn_rollback(t->db);
    reopen(t); /* the block outlives a restart */
    assert_false(outbox_test_open(t, SECOND));
}

static void test_a_copy_beside_another_file_is_refused(void **state)
{
    struct store_test *t = *state;
    char *side = outbox_test_side(t);
    assert_ok(fs_write_atomic(side, 0600, span_of("0909090909090909\n"), NULL));
    reopen(t);
    assert_false(outbox_test_open(t, FIRST_INCARNATION));
    assert_int_equal(add(t), E_DENIED);
    free(side);
}

static void test_a_torn_file_is_an_error(void **state)
{
    struct store_test *t = *state;
    char *side = outbox_test_side(t);
    bool ok = true;
    assert_ok(fs_write_atomic(side, 0600, span_of("0102"), NULL));
    reopen(t);
    assert_int_equal(incarnation_open(t->db, side, SECOND, &ok, NULL), E_CORRUPT);
    free(side);
}

/* A crash after the file and before the store. */
static void test_a_half_drawn_one_is_mended(void **state)
{
    struct store_test *t = NULL;
    (void)state;
    assert_int_equal(store_test_begin((void **)&t), 0);
    char *side = outbox_test_side(t);
    assert_ok(fs_write_atomic(side, 0600, span_of("0909090909090909\n"), NULL));
    free(side);
    assert_true(outbox_test_open(t, FIRST_INCARNATION));
    reopen(t);
    assert_true(outbox_test_open(t, SECOND));
    store_test_end((void **)&t);
}

static enum err keep_text(void *arg, const struct outbox_row *r, struct errinfo *reterr)
{
    (void)reterr;
    buf_printf(arg, "%s %s;", op_state_name(r->state), r->category);
    return OK;
}

static void test_a_new_one_asks_about_what_was_never_answered(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    char *side = outbox_test_side(t);
    int64_t next = 0, last = 0;
    for (int i = 0; i < 3; i++)
        outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"n\"}");
    outbox_test_answer(t, 1, OP_APPLIED, "{}");
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(store_block(t->db, "S431", NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(add(t), E_DENIED);
    assert_ok(incarnation_renew(t->db, side, SECOND, "復元後の再登録", NULL));
    for (int seq = 1; seq <= 3; seq++)
        assert_ok(outbox_get(t->db, seq, keep_text, &seen, NULL));
    assert_string_equal(buf_str(&seen), "applied ;conflict C8;conflict C8;");
    assert_int_equal(outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"m\"}"), 4);
    buf_clear(&seen);
    outbox_test_add(t, "notice.decide", "h1", "{\"no\":\"m\"}");
    assert_ok(outbox_next(t->db, &next, NULL));
    assert_int_equal(next, 4);
    assert_ok(outbox_verify(t->db, 3, 10, &last, NULL));
    assert_int_equal(last, 5);
    reopen(t);
    assert_true(outbox_test_open(t, FIRST_INCARNATION));
    assert_ok(incarnation_renew(t->db, side, (const uint8_t[INCARNATION]){ 7 }, "もう一度", NULL));
    assert_ok(incarnation_renew(t->db, side, (const uint8_t[INCARNATION]){ 8 }, "すぐまた", NULL));
    assert_int_equal(outbox_test_add(t, "log.head", "", "{}"), 6);
    buf_done(&seen);
    free(side);
}

static enum err keep_op(void *arg, const struct outbox_row *r, struct errinfo *reterr)
{
    (void)reterr;
    buf_add(arg, r->op.p, r->op.n);
    return OK;
}

static void test_the_wire_counts_from_the_start(void **state)
{
    struct store_test *t = *state;
    struct buf op = BUF_INIT;
    char *side = outbox_test_side(t);
    for (int i = 0; i < 3; i++)
        outbox_test_add(t, "notice.decide", "h1", "{}");
    assert_ok(incarnation_renew(t->db, side, SECOND, "復元後の再登録", NULL));
    outbox_test_add(t, "notice.decide", "h1", "{}");
    outbox_test_add(t, "notice.decide", "h1", "{}");
    assert_ok(outbox_get(t->db, 5, keep_op, &op, NULL));
    assert_string_equal(buf_str(&op), "2|notice.decide|h1|1|2|{}|0");
    buf_clear(&op);
    assert_ok(outbox_get(t->db, 4, keep_op, &op, NULL)); /* its predecessor belongs to another life */
    assert_string_equal(buf_str(&op), "1|notice.decide|h1|0|2|{}|0");
    buf_done(&op);
    free(side);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        outbox_unit_test(test_it_stays_over_a_restart),
        outbox_unit_test(test_without_its_file_nothing_is_entered),
        outbox_unit_test(test_a_copy_beside_another_file_is_refused),
        outbox_unit_test(test_a_torn_file_is_an_error),
        cmocka_unit_test(test_a_half_drawn_one_is_mended),
        outbox_unit_test(test_a_new_one_asks_about_what_was_never_answered),
        outbox_unit_test(test_the_wire_counts_from_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
