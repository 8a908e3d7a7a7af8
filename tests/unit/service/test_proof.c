/* Passwords that are worked out elsewhere: who waits, who does not, and what becomes of a call meanwhile. */
#include "fixture.h"

#include "gate/internal.h"

static int begin(void **state)
{
    int bad = service_test_begin(state);
    struct service_test *t = *state;
    t->plug.proof = &t->proof_port;
    return bad;
}
#define proof_test(f) cmocka_unit_test_setup_teardown(f, begin, service_test_end)

/* Asks without waiting. */
static void ask(struct service_test *t, struct session *s, const char *method, json_t *params)
{
    json_t *request = json_pack("{s:i, s:s, s:o}", "id", 7, "method", method, "params", params);
    assert_non_null(request);
    service_call(s, request, service_test_reply, t);
    json_decref(request);
}

static void ask_login(struct service_test *t, struct session *s, const char *id, const char *password)
{
    ask(t, s, "session.login", json_pack("{s:s, s:s}", "operator", id, "password", password));
}

static const char *answered_msg(const struct service_test *t)
{
    const char *msg = json_string_value(json_object_get(json_object_get(t->answer, "error"), "msg"));
    return msg ? msg : "ok";
}

static void test_others_do_not_wait(void **state)
{
    struct service_test *t = *state;
    struct session *a = service_test_session(t), *b = service_test_session(t);
    ask_login(t, a, "clk1", TEST_PASSWORD);
    assert_int_equal(t->n_proof, 1);
    assert_int_equal(t->answers, 0);
    ask(t, b, "status.get", json_object());
    assert_int_equal(t->answers, 1);
    assert_string_equal(answered_msg(t), "ok");
    int64_t rows = service_test_log_rows(t);
    service_test_pass(t, 60000); /* time alone answers nothing */
    assert_int_equal(t->answers, 1);
    service_test_prove(t, OK);
    assert_int_equal(t->answers, 2);
    assert_string_equal(answered_msg(t), "ok");
    assert_int_equal(service_test_log_rows(t), rows + 1); /* what ran twice is told once */
    assert_string_equal(a->op->id, "clk1");
}

static void test_a_session_keeps_its_order(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    ask_login(t, s, "clk1", TEST_PASSWORD);
    ask(t, s, "status.get", json_object());
    assert_string_equal(answered_msg(t), "S012");
    service_test_prove(t, OK);
    assert_string_equal(answered_msg(t), "ok");
    assert_non_null(s->op);
}

static void test_a_session_that_ends_meanwhile(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    ask_login(t, s, "clk1", TEST_PASSWORD);
    session_close(s);
    service_test_prove(t, OK);
    assert_int_equal(t->answers, 0);
}

/* No answer is no attempt: it locks nobody, and lets nobody in. */
static void test_without_an_answer_nobody_is_judged(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    for (int i = 0; i < 10; i++) {
        ask_login(t, s, "clk1", TEST_PASSWORD);
        service_test_prove(t, E_OFFLINE);
        assert_string_equal(answered_msg(t), "S018");
        assert_null(s->op);
    }
    service_test_ok(t, s, "session.login", json_pack("{s:s, s:s}", "operator", "clk1", "password", TEST_PASSWORD));
}

/* The password was changed while the old one was being proved: the old proof is worth nothing. */
static void test_a_proof_of_yesterdays_password(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t), *sys = service_test_login(t, "sys1");
    ask_login(t, s, "clk1", TEST_PASSWORD);
    struct service_test_proof held = t->proof[0];
    t->n_proof = 0;
    service_test_ok(t, sys, "operator.reset",
                    json_pack("{s:s, s:s}", "id", "clk1", "password", "kinmokusei 1999 niwa"));
    t->proof[t->n_proof++] = held;
    int before = t->answers;
    service_test_prove(t, OK);
    assert_int_equal(t->answers, before); /* asks anew, with the new verifier */
    assert_int_equal(t->n_proof, 1);
    service_test_prove(t, OK);
    service_test_pass(t, 1000);
    assert_string_equal(answered_msg(t), "S001");
    assert_null(s->op);
}

/* Locked while the proof was under way: five wrong ones at the same time count as five. */
static void test_attempts_side_by_side_lock(void **state)
{
    struct service_test *t = *state;
    struct session *s[6];
    for (size_t i = 0; i < ARRAY_LEN(s); i++) {
        s[i] = service_test_session(t);
        ask_login(t, s[i], "clk1", i < 5 ? "nanika chigau mono" : TEST_PASSWORD);
    }
    service_test_settle(t);
    service_test_pass(t, 1000);
    assert_int_equal(t->answers, (int)ARRAY_LEN(s));
    assert_null(s[5]->op);
}

/* Old one, every remembered one, and the making of the new one. */
static void test_a_change_needs_several(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    ask(t, s, "session.password", json_pack("{s:s, s:s}", "old", TEST_PASSWORD, "new", "kinmokusei 1999 niwa"));
    int proofs = 0;
    for (; t->n_proof > 0; proofs++)
        service_test_prove(t, OK);
    assert_string_equal(answered_msg(t), "ok");
    assert_int_equal(proofs, 3);
    service_test_ok(t, s, "session.logout", NULL);
    service_test_ok(t, s, "session.login",
                    json_pack("{s:s, s:s}", "operator", "clk1", "password", "kinmokusei 1999 niwa"));
    ask(t, s, "session.password", json_pack("{s:s, s:s}", "old", "kinmokusei 1999 niwa", "new", TEST_PASSWORD));
    service_test_prove(t, OK);
    service_test_prove(t, E_OFFLINE); /* is not taken for "used before" */
    assert_string_equal(answered_msg(t), "S018");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        proof_test(test_others_do_not_wait),
        proof_test(test_a_session_keeps_its_order),
        proof_test(test_a_session_that_ends_meanwhile),
        proof_test(test_without_an_answer_nobody_is_judged),
        proof_test(test_a_proof_of_yesterdays_password),
        proof_test(test_attempts_side_by_side_lock),
        proof_test(test_a_change_needs_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
