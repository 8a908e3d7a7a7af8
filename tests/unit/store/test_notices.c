#include "fixture.h"

#include "domain/notice_points.h"
#include "frame/frame_in.h"
#include "stmt_in.h"
#include "store/drafts.h"
#include "store/notices.h"
#include "store/operator.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void add_operator(struct db *db, const char *id)
{
    char verifier[] = "v";
    struct operator_row o = { .id = (char *)(uintptr_t)id,
                              .name = (char *)(uintptr_t) "試験 用子",
                              .state = OPERATOR_ACTIVE,
                              .verifier = verifier,
                              .roles = 1u << ROLE_CLK };
    assert_ok(operator_add(db, &o, "setup", NULL));
}

static int begin(void **state)
{
    if (store_test_begin(state))
        return -1;
    struct store_test *t = *state;
    assert_ok(txn_begin(t->db, NULL));
    add_operator(t->db, "clerk");
    add_operator(t->db, "other");
    assert_ok(txn_commit(t->db, NULL));
    return 0;
}

/* ---- drafts ---- */

static void save(struct db *db, int64_t id, const char *section, int row, const char *field, const char *text,
                 bool whole)
{
    struct notice_value v = { (char *)(uintptr_t)section, row, (char *)(uintptr_t)field, (char *)(uintptr_t)text };
    assert_ok(draft_save(db, id, &v, 1, whole, NULL));
}

static void note_draft(void *arg, const struct draft *d)
{
    snprintf(arg, 64, "%s %s %s %s %lld", d->kind, d->operator_id, d->notice_no, d->book,
             (long long)(d->saved_ms - d->created_ms));
}

static void test_drafts_are_saved_field_by_field(void **state)
{
    struct store_test *t = *state;
    struct notice *n = NULL;
    char meta[64];
    int64_t id = 0;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(draft_new(t->db, "tenkyo", "clerk", "", "E1-N-T1-1", &id, NULL));
    save(t->db, id, "move", 0, "moved_on", "2026-06-28", false);
    assert_ok(txn_commit(t->db, NULL));
    t->now_ms += 5000;
    assert_ok(txn_begin(t->db, NULL));
    save(t->db, id, "persons", 1, "person", "102", false);
    save(t->db, id, "move", 0, "moved_on", "2026-06-29", false);
    assert_ok(txn_commit(t->db, NULL));
    store_test_reopen(t); /* a crash loses nothing that was saved */
    assert_ok(draft_get(t->db, id, &n, note_draft, meta, NULL));
    assert_string_equal(meta, "tenkyo clerk  E1-N-T1-1 5000");
    assert_int_equal(n->n, 2);
    assert_string_equal(notice_get(n, "move", 0, "moved_on"), "2026-06-29");
    assert_string_equal(notice_get(n, "persons", 1, "person"), "102");
    notice_free(n);
    assert_ok(txn_begin(t->db, NULL));
    save(t->db, id, "move", 0, "moved_on", "", false);
    assert_ok(draft_get(t->db, id, &n, NULL, NULL, NULL));
    assert_int_equal(n->n, 1);
    notice_free(n);
    save(t->db, id, "filer", 0, "relation", "1", true);
    assert_ok(draft_get(t->db, id, &n, NULL, NULL, NULL));
    assert_int_equal(n->n, 1);
    assert_string_equal(notice_get(n, "filer", 0, "relation"), "1");
    notice_free(n);
    assert_ok(txn_commit(t->db, NULL));
}

static void count_drafts(void *arg, const struct draft *d)
{
    (void)d;
    ++*(int *)arg;
}

static void test_drafts_go(void **state)
{
    struct store_test *t = *state;
    struct notice *n = NULL;
    struct errinfo e;
    int64_t a = 0, b = 0;
    int count = 0;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(draft_new(t->db, "tenkyo", "clerk", "", "", &a, NULL));
    save(t->db, a, "move", 0, "moved_on", "2026-06-28", false);
    assert_ok(lock_take(t->db, LOCK_PERSON, "102", "clerk", a, 1000, NULL));
    t->now_ms += 10000;
    assert_ok(draft_new(t->db, "tennyu", "clerk", "", "", &b, NULL));
    assert_ok(draft_purge(t->db, t->now_ms, NULL));
    assert_int_equal(draft_get(t->db, a, &n, NULL, NULL, &e), E_NOTFOUND);
    assert_string_equal(e.msg, "S221");
    assert_int_equal(draft_save(t->db, a, NULL, 0, false, &e), E_NOTFOUND);
    assert_ok(draft_list(t->db, "clerk", count_drafts, &count, NULL));
    assert_int_equal(count, 1);
    assert_ok(draft_list(t->db, "other", count_drafts, &count, NULL));
    assert_int_equal(count, 1);
    assert_ok(draft_discard(t->db, b, NULL));
    assert_ok(draft_discard(t->db, b, NULL));
    assert_ok(txn_commit(t->db, NULL));
}

static void test_locks_run_out(void **state)
{
    struct store_test *t = *state;
    struct edit_lock l;
    struct errinfo e;
    int64_t a = 0, b = 0;
    bool held = true;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(draft_new(t->db, "tenkyo", "clerk", "", "", &a, NULL));
    assert_ok(draft_new(t->db, "tenkyo", "other", "", "", &b, NULL));
    assert_ok(lock_holder(t->db, LOCK_PERSON, "102", &l, &held, NULL));
    assert_false(held);
    assert_ok(lock_take(t->db, LOCK_PERSON, "102", "clerk", a, 1000, NULL));
    assert_ok(lock_take(t->db, LOCK_HOUSEHOLD, "102", "other", b, 1000, NULL)); /* another thing */
    assert_int_equal(lock_take(t->db, LOCK_PERSON, "102", "other", b, 1000, &e), E_BUSY);
    assert_string_equal(e.msg, "S218");
    assert_string_equal(e.item, "clerk");
    t->now_ms += 900;
    assert_ok(lock_take(t->db, LOCK_PERSON, "102", "clerk", a, 1000, NULL)); /* prolonged */
    t->now_ms += 999;
    assert_int_equal(lock_take(t->db, LOCK_PERSON, "102", "other", b, 1000, &e), E_BUSY);
    t->now_ms += 1;
    assert_ok(lock_take(t->db, LOCK_PERSON, "102", "other", b, 1000, NULL));
    assert_ok(lock_holder(t->db, LOCK_PERSON, "102", &l, &held, NULL));
    assert_true(held);
    assert_string_equal(l.operator_id, "other");
    assert_int_equal(l.draft, b);
    assert_ok(lock_release(t->db, b, NULL));
    assert_ok(lock_holder(t->db, LOCK_PERSON, "102", &l, &held, NULL));
    assert_false(held);
    assert_ok(txn_commit(t->db, NULL));
}

/* ---- cases ---- */

static struct notice *sample(void)
{
    struct notice *n = notice_new("tenkyo");
    notice_set(n, "move", 0, "moved_on", "2026-06-28");
    notice_set(n, "persons", 0, "person", "102");
    return n;
}

static enum err enter(struct db *db, const char *no, const char *person, const char *operator_id, struct errinfo *e)
{
    struct notice *n = sample();
    struct idlist people = { 0 }, households = { 0 };
    struct case_base base = { "102", 4 };
    const char *const acks[] = { "W03", "W10" };
    idlist_add(&people, person);
    idlist_add(&households, "9001");
    struct case_entry entry = { no, n, operator_id, DIGEST, &base, 1, acks, 2, &people, &households };
    enum err err = case_enter(db, &entry, e);
    if (err == OK)
        err = case_step_taken(
            db, no, &(struct case_event){ .step = STEP_ENTER, .state = CASE_ENTERED, .operator_id = operator_id }, e);
    idlist_done(&people);
    idlist_done(&households);
    notice_free(n);
    return err;
}

static void new_case(struct db *db, const char *no)
{
    assert_ok(case_new(db, no, "tenkyo", "2026-07-01T09:00:00+09:00", 1782864000000, "", NULL));
}

static enum err take(struct db *db, const char *no, enum case_step step, const char *operator_id, struct errinfo *e)
{
    return case_step_taken(
        db, no, &(struct case_event){ .step = step, .state = case_rule(step)->to, .operator_id = operator_id }, e);
}

static void collect(void *arg, const char *msg)
{
    strcat(strcat(arg, msg), " ");
}

static void collect_event(void *arg, const struct case_event *ev)
{
    char *at = arg;
    snprintf(at + strlen(at), 64, "%lld%s:%s ", (long long)ev->n, case_step_key(ev->step), ev->operator_id);
}

static void test_a_case_from_entry_to_posting(void **state)
{
    struct store_test *t = *state;
    struct case_row r = { 0 };
    struct notice *n;
    struct case_base *base;
    size_t n_base;
    char acks[64] = "", events[256] = "", open[CASE_NO_MAX + 1];
    bool yes = true;
    assert_ok(txn_begin(t->db, NULL));
    new_case(t->db, "E1-N26-000001");
    assert_ok(enter(t->db, "E1-N26-000001", "102", "clerk", NULL));
    assert_ok(case_get(t->db, "E1-N26-000001", &r, NULL));
    assert_int_equal(r.state, CASE_ENTERED);
    assert_int_equal(r.version, 1);
    assert_string_equal(r.entered_by, "clerk");
    assert_string_equal(r.examined_by, "");
    assert_ok(case_values(t->db, &r, &n, NULL));
    assert_int_equal(n->n, 2);
    assert_string_equal(n->no, "E1-N26-000001");
    assert_string_equal(notice_get(n, "persons", 0, "person"), "102");
    notice_free(n);
    assert_ok(case_bases(t->db, &r, &base, &n_base, NULL));
    assert_int_equal(n_base, 1);
    assert_int_equal(base[0].rev, 4);
    free(base);
    assert_ok(case_acks(t->db, &r, collect, acks, NULL));
    assert_string_equal(acks, "W03 W10 ");
    case_row_done(&r);
    assert_ok(case_entered_by(t->db, "E1-N26-000001", "clerk", &yes, NULL));
    assert_true(yes);
    assert_ok(case_of_person(t->db, "102", open, NULL));
    assert_string_equal(open, "E1-N26-000001");
    assert_ok(take(t->db, "E1-N26-000001", STEP_EXAMINE, "other", NULL));
    assert_ok(take(t->db, "E1-N26-000001", STEP_DECIDE, "other", NULL));
    assert_ok(take(t->db, "E1-N26-000001", STEP_POST, "host", NULL));
    assert_ok(case_posted_as(t->db, "E1-N26-000001", "H-77", NULL));
    assert_ok(case_get(t->db, "E1-N26-000001", &r, NULL));
    assert_int_equal(r.state, CASE_POSTED);
    assert_string_equal(r.decided_by, "other");
    assert_string_equal(r.host_no, "H-77");
    case_row_done(&r);
    assert_ok(case_of_person(t->db, "102", open, NULL)); /* set free */
    assert_string_equal(open, "");
    assert_ok(case_events(t->db, "E1-N26-000001", collect_event, events, NULL));
    assert_string_equal(events, "1enter:clerk 2examine:other 3decide:other 4post:host ");
    assert_ok(txn_commit(t->db, NULL));
}

static void test_who_entered_does_not_decide(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    assert_ok(txn_begin(t->db, NULL));
    new_case(t->db, "1");
    assert_ok(enter(t->db, "1", "102", "clerk", NULL));
    assert_int_equal(take(t->db, "1", STEP_EXAMINE, "clerk", &e), E_DENIED);
    assert_int_equal(take(t->db, "1", STEP_RETURN, "clerk", &e), E_DENIED);
    assert_int_equal(take(t->db, "1", STEP_DECIDE, "other", &e), E_DENIED); /* was not examined */
    assert_ok(take(t->db, "1", STEP_EXAMINE, "other", NULL));
    assert_int_equal(take(t->db, "1", STEP_DECIDE, "clerk", &e), E_DENIED);
    /* mended by the examiner: now he has taken part as well */
    assert_ok(enter(t->db, "1", "102", "other", NULL));
    assert_int_equal(take(t->db, "1", STEP_EXAMINE, "other", &e), E_DENIED);
    assert_int_equal(take(t->db, "1", STEP_EXAMINE, "clerk", &e), E_DENIED);
    txn_rollback(t->db);
}

static void test_one_open_case_for_each_person(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    assert_ok(txn_begin(t->db, NULL));
    new_case(t->db, "1");
    new_case(t->db, "2");
    assert_ok(enter(t->db, "1", "102", "clerk", NULL));
    assert_int_equal(enter(t->db, "2", "102", "clerk", &e), E_EXISTS);
    assert_string_equal(e.msg, "E14");
    assert_string_equal(e.item, "102");
    assert_ok(enter(t->db, "1", "103", "clerk", NULL)); /* the case itself may change its people */
    assert_ok(enter(t->db, "2", "102", "clerk", NULL));
    assert_ok(take(t->db, "2", STEP_WITHDRAW, "clerk", NULL));
    new_case(t->db, "3");
    assert_ok(enter(t->db, "3", "102", "clerk", NULL));
    txn_rollback(t->db);
}

/* Other than of a person, a household may have several. */
static void test_open_cases_of_a_household(void **state)
{
    struct store_test *t = *state;
    char open[CASE_NO_MAX + 1];
    assert_ok(txn_begin(t->db, NULL));
    new_case(t->db, "1");
    new_case(t->db, "2");
    assert_ok(enter(t->db, "1", "102", "clerk", NULL));
    assert_ok(enter(t->db, "2", "103", "clerk", NULL));
    assert_ok(take(t->db, "1", STEP_WITHDRAW, "clerk", NULL));
    assert_ok(case_of_household(t->db, "9001", open, NULL));
    assert_string_equal(open, "2");
    assert_ok(take(t->db, "2", STEP_WITHDRAW, "clerk", NULL));
    assert_ok(case_of_household(t->db, "9001", open, NULL));
    assert_string_equal(open, "");
    txn_rollback(t->db);
}

static void test_what_was_decided_is_not_entered_again(void **state)
{
    struct store_test *t = *state;
    struct errinfo e;
    assert_ok(txn_begin(t->db, NULL));
    new_case(t->db, "1");
    assert_ok(enter(t->db, "1", "102", "clerk", NULL));
    assert_ok(take(t->db, "1", STEP_EXAMINE, "other", NULL));
    assert_ok(take(t->db, "1", STEP_DECIDE, "other", NULL));
    assert_int_equal(enter(t->db, "1", "102", "clerk", &e), E_DENIED);
    txn_rollback(t->db);
}

/* Whatever code may do: the file itself refuses. */
static void test_nothing_is_rewritten(void **state)
{
    static const char *const harm[] = {
        "UPDATE notice_event SET operator = 'x'",
        "DELETE FROM notice_event",
        "UPDATE notice_value SET text = 'x'",
        "DELETE FROM notice_value",
        "UPDATE notice_base SET rev = 9",
        "DELETE FROM notice_ack",
        "UPDATE notice_version SET entered_by = 'x'",
        "DELETE FROM notice",
        "UPDATE notice SET state = 'posted'",
        "UPDATE notice SET received_at = '2026-07-02T09:00:00+09:00'",
        "UPDATE notice SET version = 5",
        "INSERT INTO notice_event VALUES ('1', 7, 0, 'post', 'posted', 'host', '', '')",
        ("INSERT INTO notice (no, kind, state, received_at, received_ms, outage_no, changed_ms)"
         " VALUES ('9', 'tenkyo', 'posted', 'x', 0, '', 0)"),
    };
    struct store_test *t = *state;
    assert_ok(txn_begin(t->db, NULL));
    new_case(t->db, "1");
    assert_ok(enter(t->db, "1", "102", "clerk", NULL));
    for (size_t i = 0; i < sizeof harm / sizeof *harm; i++)
        if (sqlite3_exec(t->db->sql, harm[i], NULL, NULL, NULL) == SQLITE_OK)
            fail_msg("allowed: %s", harm[i]);
    txn_rollback(t->db);
}

static void note_row(void *arg, const struct case_row *r)
{
    strcat(strcat(arg, r->no), " ");
}

static void note_waiting(void *arg, enum case_state s, int64_t n, int64_t oldest_ms)
{
    char *at = arg;
    snprintf(at + strlen(at), 64, "%s:%lld:%d ", case_state_key(s), (long long)n, oldest_ms == 1782864000000);
}

static void note_count(void *arg, const struct case_count *c)
{
    char *at = arg;
    snprintf(at + strlen(at), 64, "%s %lld %lld %lld %lld", c->kind, (long long)c->received, (long long)c->posted,
             (long long)c->withdrawn, (long long)c->in_stop);
}

static void note_age(void *arg, int64_t received_ms)
{
    (void)received_ms;
    ++*(int *)arg;
}

static void test_lists_and_figures(void **state)
{
    struct store_test *t = *state;
    char text[256] = "";
    int ages = 0;
    assert_ok(txn_begin(t->db, NULL));
    for (int i = 0; i < 3; i++) {
        char no[8] = { (char)('1' + i), '\0' }, person[8] = { (char)('a' + i), '\0' };
        new_case(t->db, no);
        assert_ok(enter(t->db, no, person, i == 1 ? "other" : "clerk", NULL));
    }
    assert_ok(take(t->db, "3", STEP_WITHDRAW, "clerk", NULL));
    assert_ok(case_list(t->db, &(struct case_filter){ .state = CASE_ENTERED, .limit = 10 }, note_row, text, NULL));
    assert_string_equal(text, "1 2 ");
    *text = '\0';
    assert_ok(case_list(t->db, &(struct case_filter){ CASE_ENTERED, "tenkyo", "other", 10 }, note_row, text, NULL));
    assert_string_equal(text, "2 ");
    *text = '\0';
    assert_ok(case_list(t->db, &(struct case_filter){ CASE_ENTERED, "tennyu", NULL, 10 }, note_row, text, NULL));
    assert_string_equal(text, "");
    assert_ok(case_waiting(t->db, note_waiting, text, NULL));
    assert_string_equal(text, "entered:2:1 ");
    *text = '\0';
    assert_ok(case_ages(t->db, note_age, &ages, NULL));
    assert_int_equal(ages, 2);
    assert_ok(case_statistics(t->db, 0, INT64_MAX, note_count, text, NULL));
    assert_string_equal(text, "tenkyo 3 0 1 0");
    txn_rollback(t->db);
}

#define notices_unit_test(f) cmocka_unit_test_setup_teardown(f, begin, store_test_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        notices_unit_test(test_drafts_are_saved_field_by_field),
        notices_unit_test(test_drafts_go),
        notices_unit_test(test_locks_run_out),
        notices_unit_test(test_a_case_from_entry_to_posting),
        notices_unit_test(test_who_entered_does_not_decide),
        notices_unit_test(test_one_open_case_for_each_person),
        notices_unit_test(test_open_cases_of_a_household),
        notices_unit_test(test_what_was_decided_is_not_entered_again),
        notices_unit_test(test_nothing_is_rewritten),
        notices_unit_test(test_lists_and_figures),
    };
    return cmocka_run_group_tests_name("store-notices", tests, NULL, NULL);
}
