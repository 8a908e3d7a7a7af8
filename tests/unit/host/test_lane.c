/* Order within a lane, what is based on old rows, and how a person's decision goes on. */
#include "host_test.h"

#include "sync/feed.h"

static const char *text(json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* Another branch posts something about 103: moves him out. */
static void other_branch_moves(struct town *t, struct outbox *e2, const char *no, const char *person, const char *base)
{
    if (!e2->key)
        outbox_enrol(t, e2, "E2");
    decide(e2, tenkyo(no, person, "77"), base, "11");
    outbox_expect(t, e2, OPR_APPLIED, CONFLICT_NONE, NULL);
}

static void test_later_one_waits_and_is_told_by_the_feed(void **state)
{
    struct town *t = *state;
    struct outbox e2 = { .n = 0 };
    json_t *detail = NULL;
    other_branch_moves(t, &e2, "E2-1", "103", "101:1 102:1 103:1");
    uint64_t head = feed_head(t);
    /* Based on the row before: conflict. The next of the same lane waits; another lane does not. */
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SAME_FIELD, NULL);
    decide(&t->e1, tenkyo("E1-2", "102", "9-2"), "101:1 102:1", "11");
    outbox_expect(t, &t->e1, OPR_HELD, CONFLICT_NONE, &detail);
    assert_int_equal(json_integer_value(json_object_get(detail, "waits_for")), 1);
    json_decref(detail);
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    /* Held is not settled, however often it is asked for. */
    struct results r;
    outbox_send(t, &t->e1, 1, 3, &r);
    assert_int_equal(r.item[1].r.code, OPR_HELD);
    assert_int_equal(r.applied_upto, 1);
    results_done(&r);
    /* A person withdraws the first: the second gets its turn at once. */
    outbox_add(&t->e1, "notice.withdraw", "{\"no\":\"E1-1\",\"reason\":\"二重の届出\",\"supersedes\":1}");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    struct feed_page p;
    feed_of(t, "E1", head, &p);
    bool told = false;
    for (size_t i = 0; i < p.n; i++) {
        struct result got;
        if (p.e[i].type != FEED_RESULT)
            continue;
        assert_string_equal(p.e[i].key, "0101010101010101/2");
        assert_ok(result_decode(p.e[i].body, &got, err));
        assert_int_equal(got.code, OPR_APPLIED);
        result_done(&got);
        told = true;
    }
    assert_true(told);
    feed_page_done(&p);
    /* Nobody else hears of it. */
    feed_of(t, "E2", head, &p);
    for (size_t i = 0; i < p.n; i++)
        assert_int_not_equal(p.e[i].type, FEED_RESULT);
    feed_page_done(&p);
    outbox_send(t, &t->e1, 2, 2, &r);
    assert_int_equal(r.item[0].r.code, OPR_APPLIED);
    assert_int_equal(r.applied_upto, 4);
    results_done(&r);
    outbox_done(&e2);
}

static void test_corrected_decision_takes_the_place_of_the_first(void **state)
{
    struct town *t = *state;
    struct outbox e2 = { .n = 0 };
    other_branch_moves(t, &e2, "E2-1", "103", "101:1 102:1 103:1");
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SAME_FIELD, NULL);
    decide(&t->e1, tenkyo("E1-2", "102", "9-2"), "101:1 102:1", "11");
    outbox_expect(t, &t->e1, OPR_HELD, CONFLICT_NONE, NULL);
    json_t *n = tenkyo("E1-1", "103", "9-1");
    json_object_set_new(n, "supersedes", json_integer(1));
    decide(&t->e1, n, "103:2", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    struct results r;
    outbox_send(t, &t->e1, 1, 3, &r);
    assert_int_equal(r.item[0].r.code, OPR_CONFLICT); /* the old answer stays what it was */
    assert_int_equal(r.item[1].r.code, OPR_APPLIED);
    results_done(&r);
    /* It cannot be replaced twice. */
    n = tenkyo("E1-3", "101", "9-3");
    json_object_set_new(n, "supersedes", json_integer(1));
    decide(&t->e1, n, "101:1", "");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    outbox_done(&e2);
}

static void test_withdrawn_while_held_gets_a_final_answer(void **state)
{
    struct town *t = *state;
    struct outbox e2 = { .n = 0 };
    other_branch_moves(t, &e2, "E2-1", "103", "101:1 102:1 103:1");
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SAME_FIELD, NULL);
    decide(&t->e1, tenkyo("E1-2", "102", "9-2"), "101:1 102:1", "11");
    outbox_expect(t, &t->e1, OPR_HELD, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "notice.withdraw", "{\"no\":\"E1-2\",\"reason\":\"取りやめ\",\"supersedes\":2}");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    struct results r;
    outbox_send(t, &t->e1, 2, 2, &r);
    assert_int_equal(r.item[0].r.code, OPR_REJECTED);
    assert_non_null(strstr(r.item[0].r.detail, "\"superseded_by\":3"));
    assert_int_equal(r.applied_upto, 3);
    results_done(&r);
    outbox_done(&e2);
}

/* The row changed, but by an earlier operation of the same lane: that is what the counter meant. */
static void test_own_lane_is_not_a_conflict(void **state)
{
    struct town *t = *state;
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    decide(&t->e1, tenkyo("E1-2", "103", "9-2"), "103:1", "11");
    struct results r;
    outbox_send(t, &t->e1, 1, 2, &r);
    assert_int_equal(r.item[0].r.code, OPR_APPLIED);
    assert_int_equal(r.item[1].r.code, OPR_APPLIED);
    results_done(&r);
    /* The same from another lane is one. */
    decide(&t->e1, tenkyo("E1-3", "103", "9-3"), "103:1", "12");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SAME_FIELD, NULL);
}

/* First own, then somebody else's, then own again: the row in between is not ours. */
static void test_foreign_row_between_own_ones_is_a_conflict(void **state)
{
    struct town *t = *state;
    struct outbox e2 = { .n = 0 };
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    other_branch_moves(t, &e2, "E2-1", "103", "103:2");
    decide(&t->e1, tenkyo("E1-2", "103", "9-2"), "103:1", "11");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SAME_FIELD, NULL);
    outbox_done(&e2);
}

static void test_conflict_shows_three_columns(void **state)
{
    struct town *t = *state;
    struct outbox e2 = { .n = 0 };
    json_t *detail = NULL;
    struct resident *r = NULL;
    other_branch_moves(t, &e2, "E2-1", "103", "101:1 102:1 103:1");
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SAME_FIELD, &detail);
    assert_string_equal(text(detail, "msg"), "S460");
    assert_string_equal(text(detail, "id"), "103");
    static const struct {
        const char *column, *lot;
    } want[] = { { "base", "11" }, { "theirs", "77" }, { "mine", "9-1" } };
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_ok(resident_decode(span_of(text(detail, want[i].column)), &r, err));
        assert_string_equal(resident_get(r, ATTR_ADDR_LOT), want[i].lot);
        resident_free(r);
    }
    bool lot = false;
    size_t i;
    json_t *v;
    json_array_foreach (json_object_get(detail, "fields"), i, v)
        lot |= strcmp(json_string_value(v), "addr_lot") == 0;
    assert_true(lot);
    json_t *row = json_array_get(json_object_get(detail, "rows"), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "base")), 1);
    assert_int_equal(json_integer_value(json_object_get(row, "now")), 2);
    json_decref(detail);
    outbox_done(&e2);
}

static void test_person_the_branch_did_not_see(void **state)
{
    struct town *t = *state;
    json_t *n = notice_json("setainushi", "E1-1");
    json_decref(n);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "", "11"); /* changes 103 without having seen a row of his */
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_DISJOINT, NULL);
}

static void test_case_is_posted_once(void **state)
{
    struct town *t = *state;
    json_t *n = tenkyo("E1-1", "103", "9-1");
    char *payload = json_dumps(n, JSON_COMPACT);
    struct op op = outbox_op(&t->e1, "notice.enter", payload);
    op_add_base(&op, "103", 1);
    outbox_put(&t->e1, &op);
    uint64_t head = feed_head(t);
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    struct feed_page p;
    feed_of(t, "E2", head, &p);
    assert_int_equal(p.n, 1);
    json_t *c = json_loadb(p.e[0].body.p, p.e[0].body.n, 0, NULL);
    assert_string_equal(text(c, "state"), "entered");
    assert_string_equal(json_string_value(json_array_get(json_object_get(c, "persons"), 0)), "103");
    json_decref(c);
    feed_page_done(&p);
    decide(&t->e1, n, "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    decide(&t->e1, tenkyo("E1-1", "102", "9-1"), "101:1 102:1", "");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "notice.withdraw", "{\"no\":\"E1-1\",\"reason\":\"取りやめ\"}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    free(payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        town_test(test_later_one_waits_and_is_told_by_the_feed),
        town_test(test_corrected_decision_takes_the_place_of_the_first),
        town_test(test_withdrawn_while_held_gets_a_final_answer),
        town_test(test_own_lane_is_not_a_conflict),
        town_test(test_foreign_row_between_own_ones_is_a_conflict),
        town_test(test_conflict_shows_three_columns),
        town_test(test_person_the_branch_did_not_see),
        town_test(test_case_is_posted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
