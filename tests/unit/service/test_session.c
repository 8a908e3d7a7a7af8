#include "fixture.h"

#include "gate/internal.h"

#define MINUTE INT64_C(60000)
#define HOUR   INT64_C(3600000)
#define DAY    INT64_C(86400000)

static json_t *credentials(const char *id, const char *password)
{
    return json_pack("{s:s, s:s}", "operator", id, "password", password);
}

static void test_login_tells_who_and_what(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    const json_t *r = service_test_ok(t, s, "session.login", credentials("clk1", TEST_PASSWORD));
    assert_string_equal(json_string_value(json_object_get(json_object_get(r, "operator"), "id")), "clk1");
    assert_true(json_is_false(json_object_get(r, "must_change")));
    assert_string_equal(json_string_value(json_object_get(r, "password_expires_on")), "2026-09-29");
    assert_string_equal(json_string_value(json_object_get(r, "office")), "E");
    bool password = false, reset = false;
    const json_t *functions = json_object_get(r, "functions");
    for (size_t i = 0; i < json_array_size(functions); i++) {
        const char *f = json_string_value(json_array_get(functions, i));
        password = password || strcmp(f, "session.password") == 0;
        reset = reset || strcmp(f, "operator.reset") == 0;
    }
    assert_true(password);
    assert_false(reset); /* not a clerk's */
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.function, "session.login");
    assert_string_equal(l.operator_id, "clk1");
    assert_string_equal(l.result, "ok");
    service_test_refused(t, s, "session.login", credentials("clk2", TEST_PASSWORD), "S014");
    service_test_ok(t, s, "session.logout", NULL);
    service_test_refused(t, s, "session.lock", NULL, "S005");
}

/* The answer to somebody unknown is, byte for byte, that to a wrong password, and as late. */
static void test_unknown_and_wrong_are_the_same(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    int64_t before = t->mono_ms;
    service_test_refused(t, s, "session.login", credentials("nobody", "wrong"), "S001");
    int64_t unknown = t->mono_ms - before;
    char *a = json_dumps(t->answer, JSON_SORT_KEYS);
    before = t->mono_ms;
    service_test_refused(t, s, "session.login", credentials("clk1", "wrong"), "S001");
    char *b = json_dumps(t->answer, JSON_SORT_KEYS);
    assert_string_equal(a, b);
    assert_int_equal(t->mono_ms - before, unknown);
    assert_true(unknown >= 1000);
    free(a);
    free(b);
}

static int checks_done;
static enum err counting_check(const char *p, const char *verifier, int iterations, bool *ret, struct errinfo *e)
{
    checks_done++;
    return password_check(p, verifier, iterations, ret, e);
}

static void test_unknown_costs_the_same_work(void **state)
{
    struct service_test *t = *state;
    t->svc->passwords.check = counting_check;
    checks_done = 0;
    service_test_refused(t, service_test_session(t), "session.login", credentials("nobody", "wrong"), "S001");
    assert_int_equal(checks_done, 1);
}

static int attempts_seen;
static void see_attempt(void *arg, const struct login_attempt *a)
{
    (void)arg;
    attempts_seen++;
    assert_true(!a->operator_id || strcmp(a->operator_id, "nobody") != 0);
}

static void test_failures_lock_and_are_recorded(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    for (int i = 0; i < 5; i++)
        service_test_refused(t, s, "session.login", credentials("clk1", "wrong"), "S001");
    service_test_refused(t, s, "session.login", credentials("nobody", "wrong"), "S001");
    service_test_refused(t, s, "session.login", credentials("clk1", "still wrong"), "S002"); /* tells nothing */
    service_test_refused(t, s, "session.login", credentials("clk1", TEST_PASSWORD), "S002");
    attempts_seen = 0;
    assert_int_equal(login_attempt_each(t->db, 0, 100, see_attempt, NULL, NULL), OK);
    assert_int_equal(attempts_seen, 8);
    struct session *admin = service_test_login(t, "sys1");
    service_test_ok(t, admin, "operator.unlock", json_pack("{s:s}", "id", "clk1"));
    service_test_ok(t, s, "session.login", credentials("clk1", TEST_PASSWORD));
}

/* Who sits at another account of the machine is not locked out, and a lock ends with the time. */
static void test_a_lock_is_of_one_peer_and_runs_out(void **state)
{
    struct service_test *t = *state;
    struct session *stranger = session_open(t->svc, &(struct service_peer){ 2000, 9 });
    for (int i = 0; i < 5; i++)
        service_test_refused(t, stranger, "session.login", credentials("clk1", "wrong"), "S001");
    service_test_refused(t, stranger, "session.login", credentials("clk1", TEST_PASSWORD), "S002");
    struct session *s = service_test_login(t, "clk1");
    service_test_ok(t, s, "status.get", NULL);
    service_test_pass(t, 30 * MINUTE);
    service_test_ok(t, stranger, "session.login", credentials("clk1", TEST_PASSWORD));
}

static void test_a_success_ends_the_count(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            service_test_refused(t, s, "session.login", credentials("clk1", "wrong"), "S001");
        service_test_ok(t, s, "session.login", credentials("clk1", TEST_PASSWORD));
        service_test_ok(t, s, "session.logout", NULL);
    }
}

static void test_a_wrong_proof_is_answered_late(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    json_t *request =
        json_pack("{s:i, s:s, s:o}", "id", 1, "method", "session.login", "params", credentials("clk1", "wrong"));
    service_call(s, request, service_test_reply, t);
    assert_int_equal(t->answers, 0);
    service_call(s, request, service_test_reply, t); /* no second try meanwhile */
    assert_int_equal(t->answers, 1);
    assert_string_equal(json_string_value(json_object_get(json_object_get(t->answer, "error"), "msg")), "S012");
    service_test_settle(t);
    service_test_pass(t, 999);
    assert_int_equal(t->answers, 1);
    service_test_pass(t, 1);
    assert_int_equal(t->answers, 2);
    service_call(s, request, service_test_reply, t);
    session_close(s); /* the waiting answer goes with it */
    service_test_pass(t, 2000);
    assert_int_equal(t->answers, 2);
    json_decref(request);
}

static void set_operator(struct service_test *t, struct session *admin, const char *id, const char *key, json_t *value)
{
    struct operator_row *o = NULL;
    assert_int_equal(operator_get(t->db, id, &o, NULL), OK);
    service_test_ok(t, admin, "operator.set",
                    json_pack("{s:s, s:I, s:o}", "id", id, "rev", (json_int_t)o->rev, key, value));
    operator_free(o);
}

static void test_suspended_and_out_of_period(void **state)
{
    struct service_test *t = *state;
    struct session *admin = service_test_login(t, "sys1"), *s = service_test_session(t);
    set_operator(t, admin, "clk1", "state", json_string("suspended"));
    service_test_refused(t, s, "session.login", credentials("clk1", TEST_PASSWORD), "S015");
    service_test_refused(t, s, "session.login", credentials("clk1", "wrong"), "S015");
    set_operator(t, admin, "clk1", "state", json_string("active"));
    set_operator(t, admin, "clk1", "valid_from", json_string("2026-07-02"));
    service_test_refused(t, s, "session.login", credentials("clk1", TEST_PASSWORD), "S015");
    set_operator(t, admin, "clk1", "valid_from", json_string("2026-07-01"));
    service_test_ok(t, s, "session.login", credentials("clk1", TEST_PASSWORD));
    set_operator(t, admin, "clk2", "valid_until", json_string("2026-06-30"));
    service_test_refused(t, service_test_session(t), "session.login", credentials("clk2", TEST_PASSWORD), "S015");
}

static void test_rights_count_at_once(void **state)
{
    struct service_test *t = *state;
    struct session *admin = service_test_login(t, "sys1"), *s = service_test_login(t, "aud1");
    service_test_ok(t, s, "log.list", NULL);
    set_operator(t, admin, "aud1", "roles", json_pack("[s]", "CLK"));
    service_test_refused(t, s, "log.list", NULL, "S003");
    set_operator(t, admin, "aud1", "state", json_string("suspended"));
    service_test_refused(t, s, "session.lock", NULL, "S005");
}

/* What was opened with a password that is no longer the operator's ends. */
static void test_a_reset_ends_open_sessions(void **state)
{
    struct service_test *t = *state;
    struct session *admin = service_test_login(t, "sys1"), *s = service_test_login(t, "clk1");
    struct session *other = service_test_login(t, "clk2"), *here = service_test_login(t, "clk2");
    service_test_pass(t, 1000);
    service_test_ok(t, admin, "operator.reset",
                    json_pack("{s:s, s:s}", "id", "clk1", "password", "kinmokusei 1999 niwa"));
    service_test_refused(t, s, "status.get", NULL, "S005");
    service_test_ok(t, here, "session.password",
                    json_pack("{s:s, s:s}", "old", TEST_PASSWORD, "new", "kinmokusei 1999 niwa"));
    service_test_ok(t, here, "status.get", NULL);
    service_test_refused(t, other, "status.get", NULL, "S005");
}

static void test_sessions_end_with_the_period(void **state)
{
    struct service_test *t = *state;
    struct session *admin = service_test_login(t, "sys1");
    set_operator(t, admin, "clk1", "valid_until", json_string("2026-07-01"));
    t->wall_ms += 14 * HOUR + 59 * MINUTE; /* 23:59 */
    struct session *s = service_test_login(t, "clk1");
    service_test_ok(t, s, "status.get", NULL);
    t->wall_ms += MINUTE;
    service_test_refused(t, s, "status.get", NULL, "S005");
}

static void test_lock_by_hand_and_by_time(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "aud1");
    service_test_ok(t, s, "session.lock", NULL);
    service_test_refused(t, s, "log.list", NULL, "S006");
    assert_true(json_is_true(json_object_get(service_test_ok(t, s, "status.get", NULL), "locked")));
    service_test_refused(t, s, "session.unlock", json_pack("{s:s}", "password", "wrong"), "S001");
    service_test_ok(t, s, "session.unlock", json_pack("{s:s}", "password", TEST_PASSWORD));
    service_test_ok(t, s, "log.list", NULL);
    service_test_pass(t, 5 * MINUTE - 1);
    service_test_ok(t, s, "status.get", NULL); /* asked by the program: no activity */
    service_test_pass(t, 1);
    service_test_refused(t, s, "log.list", NULL, "S006");
    service_test_ok(t, s, "session.unlock", json_pack("{s:s}", "password", TEST_PASSWORD));
    for (int i = 0; i < 4; i++) {
        service_test_pass(t, 4 * MINUTE);
        service_test_ok(t, s, "log.list", NULL);
    }
}

static void test_a_session_ends_after_its_time(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "aud1");
    for (int i = 0; i < 12 * 15 - 1; i++) {
        service_test_pass(t, 4 * MINUTE);
        service_test_ok(t, s, "log.head", NULL);
    }
    service_test_pass(t, 4 * MINUTE);
    service_test_refused(t, s, "log.head", NULL, "S005");
}

static json_t *change(const char *old, const char *new)
{
    return json_pack("{s:s, s:s}", "old", old, "new", new);
}

static void test_password_must_be_changed_first(void **state)
{
    struct service_test *t = *state;
    struct session *admin = service_test_login(t, "sys1"), *s = service_test_session(t);
    service_test_ok(t, admin, "operator.reset", json_pack("{s:s, s:s}", "id", "aud1", "password", "kaki no tane 1357"));
    const json_t *r = service_test_ok(t, s, "session.login", credentials("aud1", "kaki no tane 1357"));
    assert_true(json_is_true(json_object_get(r, "must_change")));
    service_test_refused(t, s, "log.list", NULL, "S008");
    service_test_ok(t, s, "session.password", change("kaki no tane 1357", "momiji no yama 2468"));
    service_test_ok(t, s, "log.list", NULL);
    service_test_pass(t, 90 * DAY);
    service_test_ok(t, s, "status.get", NULL);
    struct session *later = service_test_session(t);
    r = service_test_ok(t, later, "session.login", credentials("aud1", "momiji no yama 2468"));
    assert_true(json_is_false(json_object_get(r, "must_change")));
    service_test_ok(t, later, "session.logout", NULL);
    service_test_pass(t, 1);
    r = service_test_ok(t, later, "session.login", credentials("aud1", "momiji no yama 2468"));
    assert_true(json_is_true(json_object_get(r, "must_change")));
}

static void test_new_passwords_are_judged(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    static const struct {
        const char *new, *msg;
    } bad[] = {
        { "short", "S050" },
        { "梅の花が三輪咲いた", "S050" },
        { "my name is clk1!", "S051" },
        { "こちら試験 用子です、どうも", "S051" },
        { "aaaaaaaaaaaaaaaa", "S052" },
        { "abcdefghijklmnop", "S052" },
        { "password2026!!", "S052" },
        { "passwordpassword", "S052" },
        { "abcabcabcabcabc", "S052" },
        { TEST_PASSWORD, "S053" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        service_test_refused(t, s, "session.password", change(TEST_PASSWORD, bad[i].new), bad[i].msg);
    service_test_refused(t, s, "session.password", change("wrong", "susuki to tsuki 99"), "S001");
    const char *old = TEST_PASSWORD;
    static const char *const chain[] = { "susuki to tsuki 91", "susuki to tsuki 92", "susuki to tsuki 93",
                                         "susuki to tsuki 94" };
    for (size_t i = 0; i < ARRAY_LEN(chain); i++) {
        service_test_pass(t, 1000);
        service_test_ok(t, s, "session.password", change(old, chain[i]));
        old = chain[i];
    }
    service_test_refused(t, s, "session.password", change(old, TEST_PASSWORD), "S053");
    service_test_pass(t, 1000);
    service_test_ok(t, s, "session.password", change(old, "susuki to tsuki 95"));
    service_test_ok(t, s, "session.password", change("susuki to tsuki 95", TEST_PASSWORD)); /* five ago: free again */
}

static void test_searches_are_counted(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    struct errinfo e;
    struct call c = { .svc = t->svc, .session = s };
    for (int i = 0; i < 60; i++)
        assert_int_equal(usage_search(&c, &e), OK);
    assert_int_equal(usage_search(&c, &e), E_BUSY);
    for (int minute = 1; minute < 5; minute++) {
        t->mono_ms += MINUTE;
        for (int i = 0; i < 60; i++)
            assert_int_equal(usage_search(&c, &e), OK);
    }
    t->mono_ms += MINUTE;
    assert_int_equal(usage_search(&c, &e), E_BUSY); /* 300 in the hour */
    t->mono_ms += HOUR;
    assert_int_equal(usage_search(&c, &e), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        service_unit_test(test_login_tells_who_and_what),
        service_unit_test(test_unknown_and_wrong_are_the_same),
        service_unit_test(test_unknown_costs_the_same_work),
        service_unit_test(test_failures_lock_and_are_recorded),
        service_unit_test(test_a_lock_is_of_one_peer_and_runs_out),
        service_unit_test(test_a_reset_ends_open_sessions),
        service_unit_test(test_sessions_end_with_the_period),
        service_unit_test(test_a_success_ends_the_count),
        service_unit_test(test_a_wrong_proof_is_answered_late),
        service_unit_test(test_suspended_and_out_of_period),
        service_unit_test(test_rights_count_at_once),
        service_unit_test(test_lock_by_hand_and_by_time),
        service_unit_test(test_a_session_ends_after_its_time),
        service_unit_test(test_password_must_be_changed_first),
        service_unit_test(test_new_passwords_are_judged),
        service_unit_test(test_searches_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
