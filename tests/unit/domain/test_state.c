#include "base/mem.h"
#include "domain/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const unsigned everybody = (1u << ROLE_COUNT) - 1;

static struct case_actor actor(void)
{
    return (struct case_actor){
        .roles = everybody, .counter = COUNTER_NORMAL, .reason = "理由を書きました", .reason_min = 5
    };
}

/* The whole table, written once more by hand: who may go where. "." no, letters are the state reached. */
static void test_every_state_and_step(void **state)
{
    (void)state;
    static const char *const expected[CASE_STATES] = {
        /* receive enter examine return decide post clash reopen delegate withdraw */
        [CASE_DRAFT] = "r e . . . . . . . .",     [CASE_RECEIVED] = ". e . . . . . . l w",
        [CASE_ENTERED] = ". e x b . p c . l w",   [CASE_EXAMINED] = ". e . b d p c . l w",
        [CASE_RETURNED] = ". e . . . . . . l w",  [CASE_DECIDED] = ". . . . . p c . . .",
        [CASE_POSTED] = ". . . . . . . . . .",    [CASE_CONFLICT] = ". . . . . p . b . w",
        [CASE_DELEGATED] = ". . . . . p . . . .", [CASE_WITHDRAWN] = ". . . . . . . . . .",
    };
    static const char letters[CASE_STATES] = { 'D', 'r', 'e', 'x', 'b', 'd', 'p', 'c', 'l', 'w' };
    struct case_actor who = actor();
    for (size_t from = 0; from < CASE_STATES; from++)
        for (size_t step = 0; step < CASE_STEPS; step++) {
            enum case_state to;
            struct errinfo e;
            char want = expected[from][step * 2];
            enum err err = case_step((enum case_state)from, (enum case_step)step, &who, &to, &e);
            if ((err == OK ? letters[to] : '.') != want)
                fail_msg("%s, %s", case_state_key((enum case_state)from), case_step_key((enum case_step)step));
            if (err != OK)
                assert_string_equal(e.msg, "S213");
        }
}

static void test_who_entered_neither_examines_nor_decides(void **state)
{
    (void)state;
    struct case_actor who = actor();
    enum case_state to;
    struct errinfo e;
    who.entered = true;
    static const struct {
        enum case_state from;
        enum case_step step;
        bool allowed;
    } rows[] = {
        { CASE_ENTERED, STEP_EXAMINE, false }, { CASE_ENTERED, STEP_RETURN, false },
        { CASE_EXAMINED, STEP_DECIDE, false }, { CASE_CONFLICT, STEP_REOPEN, false },
        { CASE_ENTERED, STEP_WITHDRAW, true }, { CASE_RETURNED, STEP_ENTER, true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum err err = case_step(rows[i].from, rows[i].step, &who, &to, &e);
        assert_int_equal(err, rows[i].allowed ? OK : E_DENIED);
        if (err != OK)
            assert_string_equal(e.msg, "S214");
    }
}

static void test_roles(void **state)
{
    (void)state;
    struct case_actor who = actor();
    enum case_state to;
    struct errinfo e;
    who.roles = ROLE_BIT(ROLE_CLK);
    assert_int_equal(case_step(CASE_DRAFT, STEP_ENTER, &who, &to, &e), OK);
    assert_int_equal(case_step(CASE_ENTERED, STEP_EXAMINE, &who, &to, &e), E_DENIED);
    assert_string_equal(e.msg, "E15");
    who.roles = ROLE_BIT(ROLE_SYS) | ROLE_BIT(ROLE_AUD);
    assert_int_equal(case_step(CASE_DRAFT, STEP_ENTER, &who, &to, &e), E_DENIED);
    who.roles |= ROLE_BIT(ROLE_RSP); /* enters and examines what nobody else sees enough of, and decides nothing */
    assert_int_equal(case_step(CASE_DRAFT, STEP_ENTER, &who, &to, &e), OK);
    assert_int_equal(case_step(CASE_ENTERED, STEP_EXAMINE, &who, &to, &e), OK);
    assert_int_equal(case_step(CASE_EXAMINED, STEP_DECIDE, &who, &to, &e), E_DENIED);
    who.roles = 0; /* the program on the word of the host */
    assert_int_equal(case_step(CASE_DECIDED, STEP_POST, &who, &to, &e), OK);
    assert_int_equal(to, CASE_POSTED);
}

static void test_a_stop_lets_in_but_not_through(void **state)
{
    (void)state;
    struct case_actor who = actor();
    enum case_state to;
    struct errinfo e;
    who.counter = COUNTER_OUTAGE;
    assert_int_equal(case_step(CASE_DRAFT, STEP_RECEIVE, &who, &to, &e), OK);
    assert_int_equal(case_step(CASE_RECEIVED, STEP_ENTER, &who, &to, &e), OK);
    assert_int_equal(case_step(CASE_ENTERED, STEP_EXAMINE, &who, &to, &e), OK);
    assert_int_equal(case_step(CASE_EXAMINED, STEP_DECIDE, &who, &to, &e), E_INVALID);
    who.counter = COUNTER_RECOVERING;
    assert_int_equal(case_step(CASE_EXAMINED, STEP_DECIDE, &who, &to, &e), OK);
    who.counter = COUNTER_SUSPECT; /* look-ups only */
    assert_int_equal(case_step(CASE_DRAFT, STEP_ENTER, &who, &to, &e), E_INVALID);
    assert_string_equal(e.msg, "S009"); /* it is the counter, not the notice */
    assert_int_equal(case_step(CASE_DECIDED, STEP_POST, &who, &to, &e), OK);
}

static void test_reasons(void **state)
{
    (void)state;
    struct case_actor who = actor();
    enum case_state to = CASE_DRAFT;
    struct errinfo e;
    static const char *const bad[] = { "", "四文字だ", "改行\nのある理由" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        who.reason = bad[i];
        assert_int_equal(case_step(CASE_ENTERED, STEP_WITHDRAW, &who, &to, &e), E_INVALID);
        assert_string_equal(e.msg, "S215");
        assert_int_equal(to, CASE_DRAFT);
    }
    who.reason = "五文字だよ";
    assert_int_equal(case_step(CASE_ENTERED, STEP_WITHDRAW, &who, &to, &e), OK);
    assert_int_equal(to, CASE_WITHDRAWN);
}

static void test_names(void **state)
{
    (void)state;
    for (size_t s = 0; s < CASE_STATES; s++)
        assert_int_equal(case_state_by_key(span_of(case_state_key((enum case_state)s))), s);
    assert_int_equal(case_state_by_key(span_of("nothing")), CASE_STATES);
    assert_string_equal(case_state_label(CASE_ENTERED, false), "仮登録");
    assert_string_equal(case_state_label(CASE_ENTERED, true), "停止時仮登録");
    assert_true(case_open(CASE_ENTERED) && case_open(CASE_CONFLICT) && case_open(CASE_DECIDED));
    assert_false(case_open(CASE_POSTED) || case_open(CASE_WITHDRAWN) || case_open(CASE_DRAFT));
    assert_true(case_editable(CASE_EXAMINED) && case_editable(CASE_RETURNED));
    assert_false(case_editable(CASE_DECIDED) || case_editable(CASE_WITHDRAWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_state_and_step),
        cmocka_unit_test(test_who_entered_neither_examines_nor_decides),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_a_stop_lets_in_but_not_through),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("domain-state", tests, NULL, NULL);
}
