#include "fixture.h"

#include "domain/attr.h"
#include "frame/frame_in.h"
#include "store/operator.h"

static char kawaguchi[] = "kawaguchi", name[] = "川口 一", verifier[] = "v0", from[] = "2026-04-01";

static struct operator_row sample(void)
{
    return (struct operator_row){ .id = kawaguchi,
                                  .name = name,
                                  .state = OPERATOR_ACTIVE,
                                  .valid_from = from,
                                  .verifier = verifier,
                                  .must_change = true,
                                  .roles = ROLE_BIT(ROLE_CLK) | ROLE_BIT(ROLE_SUP),
                                  .views = 1u << AV_MY_NUMBER };
}

static void add(struct db *db, const struct operator_row *o)
{
    assert_ok(txn_begin(db, NULL));
    assert_ok(operator_add(db, o, "setup", NULL));
    assert_ok(txn_commit(db, NULL));
}

static struct operator_row *get(struct db *db)
{
    struct operator_row *o = NULL;
    assert_ok(operator_get(db, kawaguchi, &o, NULL));
    return o;
}

static void test_what_goes_in_comes_out(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample(), *o;
    struct errinfo e;
    assert_int_equal(operator_get(t->db, kawaguchi, &o, &e), E_NOTFOUND);
    add(t->db, &s);
    o = get(t->db);
    assert_string_equal(o->name, name);
    assert_string_equal(o->department, "");
    assert_int_equal(o->state, OPERATOR_ACTIVE);
    assert_string_equal(o->valid_from, from);
    assert_null(o->valid_until);
    assert_true(o->must_change);
    assert_int_equal(o->roles, s.roles);
    assert_int_equal(o->views, s.views);
    assert_int_equal(o->rev, 1);
    operator_free(o);
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(operator_add(t->db, &s, "setup", &e), E_EXISTS);
    txn_rollback(t->db);
}

static void test_change_is_guarded(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample(), *o;
    struct errinfo e;
    add(t->db, &s);
    s.rev = 1;
    s.roles = ROLE_BIT(ROLE_AUD); /* takes the others away first */
    s.views = 1u << AV_DOMICILE;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(operator_change(t->db, &s, "admin", NULL));
    assert_ok(txn_commit(t->db, NULL));
    o = get(t->db);
    assert_int_equal(o->roles, s.roles);
    assert_int_equal(o->views, s.views);
    assert_int_equal(o->rev, 2);
    operator_free(o);
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(operator_change(t->db, &s, "admin", &e), E_CONFLICT);
    txn_rollback(t->db);
}

static void test_an_auditor_holds_no_other_role(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample();
    struct errinfo e;
    s.roles = ROLE_BIT(ROLE_AUD) | ROLE_BIT(ROLE_SYS);
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(operator_add(t->db, &s, "setup", &e), E_DENIED);
    txn_rollback(t->db);
}

static bool is_locked(struct store_test *t, int64_t peer, int64_t expired)
{
    bool locked = false;
    assert_ok(operator_locked(t->db, kawaguchi, peer, expired, &locked, NULL));
    return locked;
}

static void fail_once(struct store_test *t, int64_t peer, int64_t expired)
{
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(operator_failed(t->db, kawaguchi, peer, 3, expired, NULL));
    assert_ok(txn_commit(t->db, NULL));
}

static void test_failures_lock(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample();
    add(t->db, &s);
    for (int i = 1; i <= 3; i++) {
        fail_once(t, 1000, INT64_MIN);
        assert_int_equal(is_locked(t, 1000, INT64_MIN), i == 3);
    }
    assert_false(is_locked(t, 1001, INT64_MIN)); /* nobody else is */
    assert_true(is_locked(t, OPERATOR_ANY_PEER, INT64_MIN));
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(operator_unlock(t->db, kawaguchi, 1001, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_true(is_locked(t, 1000, INT64_MIN));
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(operator_unlock(t->db, kawaguchi, OPERATOR_ANY_PEER, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_false(is_locked(t, 1000, INT64_MIN));
}

static void test_a_lock_runs_out(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample();
    add(t->db, &s);
    for (int i = 0; i < 3; i++)
        fail_once(t, 1000, INT64_MIN);
    int64_t since = t->now_ms;
    t->now_ms += 5000;
    assert_true(is_locked(t, 1000, since - 1));
    assert_false(is_locked(t, 1000, since));
    fail_once(t, 1000, since); /* counts as the first again */
    assert_false(is_locked(t, 1000, since));
    fail_once(t, 1000, since);
    fail_once(t, 1000, since);
    assert_true(is_locked(t, 1000, since));
}

static void test_ids_do_not_look_alike(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample(), other = sample();
    add(t->db, &s);
    other.id = (char *)(uintptr_t) "Kawaguchi";
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(operator_add(t->db, &other, "setup", NULL), E_EXISTS);
    txn_rollback(t->db);
}

static bool is_v1(void *arg, const char *v)
{
    ++*(int *)arg;
    return strcmp(v, "v1") == 0;
}

static void test_old_passwords_are_remembered(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample(), *o;
    bool used = false;
    int asked = 0;
    add(t->db, &s);
    for (int i = 1; i <= 4; i++) {
        char v[8];
        snprintf(v, sizeof v, "v%d", i);
        t->now_ms += 1000;
        assert_ok(txn_begin(t->db, NULL));
        assert_ok(operator_password(t->db, kawaguchi, v, PASSWORD_OWN, false, NULL));
        assert_ok(txn_commit(t->db, NULL));
    }
    o = get(t->db);
    assert_string_equal(o->verifier, "v4");
    assert_false(o->must_change);
    assert_int_equal(o->password_set_ms, t->now_ms);
    operator_free(o);
    assert_ok(operator_password_used(t->db, kawaguchi, 2, is_v1, &asked, &used, NULL));
    assert_false(used); /* v3, v2 */
    assert_int_equal(asked, 2);
    assert_ok(operator_password_used(t->db, kawaguchi, 3, is_v1, &asked, &used, NULL));
    assert_true(used);
}

static void count(void *arg, const struct login_attempt *a)
{
    int *n = arg;
    if (++*n == 1)
        assert_null(a->operator_id);
}

static void test_attempts_are_append_only(void **state)
{
    struct store_test *t = *state;
    struct operator_row s = sample();
    int n = 0;
    add(t->db, &s);
    struct login_attempt a = { .operator_id = kawaguchi, .purpose = "login", .result = "ok", .terminal = "1" };
    struct login_attempt b = { .purpose = "login", .result = "unknown", .terminal = "1" };
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(login_attempt_add(t->db, &a, NULL));
    assert_ok(login_attempt_add(t->db, &b, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_ok(login_attempt_each(t->db, 0, 10, count, &n, NULL));
    assert_int_equal(n, 2);
    static const char *const refused[] = { "DELETE FROM login_attempt", "UPDATE login_attempt SET result = 'ok'",
                                           "DELETE FROM operator" };
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_ok(txn_begin(t->db, NULL));
        assert_int_not_equal(sqlite3_exec(t->db->sql, refused[i], NULL, NULL, NULL), SQLITE_OK);
        txn_rollback(t->db);
    }
}

static void test_names(void **state)
{
    (void)state;
    for (unsigned v = AV_DOMICILE; v <= AV_WELFARE; v++)
        assert_int_equal(view_by_name(span_of(view_name(v))), v);
    assert_int_equal(view_by_name(span_of("x")), AV_BASE);
    for (unsigned s = 0; s < OPERATOR_STATES; s++)
        assert_int_equal(operator_state_by_name(span_of(operator_state_name((enum operator_state)s))), s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_what_goes_in_comes_out),
        store_unit_test(test_change_is_guarded),
        store_unit_test(test_an_auditor_holds_no_other_role),
        store_unit_test(test_failures_lock),
        store_unit_test(test_a_lock_runs_out),
        store_unit_test(test_ids_do_not_look_alike),
        store_unit_test(test_old_passwords_are_remembered),
        store_unit_test(test_attempts_are_append_only),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
