#include "fixture.h"

#include "base/lines.h"
#include "gate/internal.h"
#include "service/auth.h"
#include "store/meta.h"

/* Permissions ------------------------------------------------------------------------------------------------------ */

static const char *const by_role[ROLE_COUNT] = { [ROLE_CLK] = "clk1", [ROLE_SUP] = "sup1", [ROLE_BM] = "bm1",
                                                 [ROLE_RSP] = "rsp1", [ROLE_SYS] = "sys1", [ROLE_AUD] = "aud1" };

struct matrix {
    struct service_test *t;
    enum role role;
    int methods;
};

static bool refused_by_permission(const json_t *answer)
{
    const json_t *error = json_object_get(answer, "error");
    const char *msg = json_string_value(json_object_get(error, "msg"));
    return msg && strcmp(msg, "S003") == 0;
}

/* One method and one role through the real gate. The parameters are wrong on purpose, so that nothing is done. */
static void check_one(void *arg, const struct method *m)
{
    struct matrix *x = arg;
    unsigned listed = permission_roles(x->t->svc->permissions, m->name);
    if (m->flags & M_BEFORE_LOGIN)
        return;
    x->methods++;
    if (!listed)
        fail_msg("%s is not in data/permissions.tsv", m->name);
    struct session *s = service_test_login(x->t, by_role[x->role]);
    const json_t *answer = service_test_call(x->t, s, m->name, json_pack("{s:s}", "no such parameter", "x"));
    bool allowed = !refused_by_permission(answer);
    if (allowed != !!(listed & ROLE_BIT(x->role)))
        fail_msg("%s for %s: %s", m->name, role_code(x->role), allowed ? "allowed" : "refused");
    session_close(s);
}

static void test_every_method_for_every_role(void **state)
{
    struct service_test *t = *state;
    for (unsigned r = 0; r < ROLE_COUNT; r++) {
        struct matrix x = { t, (enum role)r, 0 };
        method_each(check_one, &x);
        assert_true(x.methods > 10);
    }
}

/* ---- what people are told ---- */

static void named(struct service_test *t, const struct param_spec *specs, const struct method *m)
{
    for (const struct param_spec *s = specs; s && s->name; s++) {
        if (*s->name && rulebook_label(t->book, "items", s->name) == s->name)
            fail_msg("%s: data/tables/items.tsv has no word for %s", m->name, s->name);
        named(t, s->of, m);
    }
}

static void name_all(void *arg, const struct method *m)
{
    named(arg, m->params, m);
}

static void test_no_names_of_the_program_in_what_people_read(void **state)
{
    struct service_test *t = *state;
    static const struct {
        const char *msg, *item, *text;
    } said[] = {
        { "S044", "values[8].v", "入力した値(9番目)に使えない文字か値があります。" },
        { "S036", "cert_request_add", "入力の内容が正しくありません。" },
        { "S036", "", "入力の内容が正しくありません。" },
        { "S213", "差戻し", "届出の状態が「差戻し」なので、この操作はできません。" },
        { "S113", "101", "宛名番号101の人は見つかりません。" },
        { "S034", "clk1", "clk1は、すでにあります。" },
        { "E36", "川田　花子", "川田　花子さんの続柄が決まっていません。" },
    };
    method_each(name_all, t);
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        struct errinfo e = { 0 };
        (void)err_set(&e, E_INVALID, said[i].msg, said[i].item, "a test");
        json_t *a = answer_error(t->svc, NULL, &e);
        const json_t *error = json_object_get(a, "error");
        assert_string_equal(json_string_value(json_object_get(error, "text")), said[i].text);
        assert_string_equal(json_string_value(json_object_get(error, "item")), said[i].item);
        json_decref(a);
    }
}

/* The file itself, read by other means: what the gate knows is what the table says. */
static void test_the_table_is_what_the_gate_knows(void **state)
{
    struct service_test *t = *state;
    struct lines l;
    struct span cell[1 + ROLE_COUNT];
    char *path = service_test_tree("data/permissions.tsv");
    assert_int_equal(lines_open(&l, path, NULL), OK);
    assert_true(lines_next(&l));
    enum role column[ROLE_COUNT];
    assert_int_equal(lines_cells(&l, cell, 1 + ROLE_COUNT, NULL), OK);
    for (size_t i = 0; i < ROLE_COUNT; i++)
        column[i] = role_by_code(cell[1 + i]);
    int rows = 0;
    for (; lines_next(&l); rows++) {
        assert_int_equal(lines_cells(&l, cell, 1 + ROLE_COUNT, NULL), OK);
        char *name = xstrndup(cell[0].p, cell[0].n);
        unsigned roles = permission_roles(t->svc->permissions, name);
        for (size_t i = 0; i < ROLE_COUNT; i++)
            assert_int_equal(span_is(cell[1 + i], "x"), !!(roles & ROLE_BIT(column[i])));
        free(name);
    }
    assert_true(rows > 20);
    lines_close(&l);
    free(path);
    assert_int_equal(permission_roles(t->svc->permissions, "no.such"), 0);
}

static void refuse_table(struct service_test *t, const char *text)
{
    char *path = fs_join(t->dir, "permissions.tsv");
    struct permissions *p = NULL;
    struct errinfo e;
    assert_int_equal(fs_write_atomic(path, 0600, span_of(text), NULL), OK);
    assert_int_equal(permissions_load(path, &p, &e), E_INVALID);
    assert_non_null(strstr(e.item, "permissions.tsv"));
    free(path);
}

static void test_bad_tables_are_refused(void **state)
{
    struct service_test *t = *state;
    static const char head[] = "method\tCLK\tSUP\tBM\tRSP\tSYS\tAUD\n";
    char *twice = xprintf("%sa.b\tx\tx\tx\tx\tx\tx\na.b\tx\tx\tx\tx\tx\tx\n", head);
    char *word = xprintf("%sa.b\tx\tx\tyes\tx\tx\tx\n", head);
    char *narrow = xprintf("%sa.b\tx\tx\n", head);
    refuse_table(t, "");
    refuse_table(t, "method\tCLK\tCLK\tBM\tRSP\tSYS\tAUD\n");
    refuse_table(t, "method\tCLK\tROOT\tBM\tRSP\tSYS\tAUD\n");
    refuse_table(t, twice);
    refuse_table(t, word);
    refuse_table(t, narrow);
    free(twice);
    free(word);
    free(narrow);
}

static void test_before_login_only_the_entrance(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    int64_t rows = service_test_log_rows(t);
    service_test_ok(t, s, "status.get", NULL);
    service_test_refused(t, s, "log.list", NULL, "S005");
    service_test_refused(t, s, "no.such", NULL, "S011");
    service_test_refused(t, s, "operator.list", NULL, "S005");
    assert_int_equal(service_test_log_rows(t), rows); /* nobody fills the log from outside */
}

/* Own methods ------------------------------------------------------------------------------------------------------ */

static enum err write_meta(struct call *c, struct errinfo *reterr)
{
    c->log.detail = "wrote";
    call_subject(c, "1001");
    call_subject(c, "1002");
    call_subject(c, "1001");
    call_subject(c, "100");
    return meta_set(c->svc->db, "test.written", call_text(c, "value"), reterr);
}

static enum err write_and_fail(struct call *c, struct errinfo *reterr)
{
    TRY(write_meta(c, reterr));
    return call_refuse(reterr, E_CONFLICT, "S035", "1001");
}

static enum err second(struct call *c, struct errinfo *reterr)
{
    return auth_second(c, call_text(c, "approver"), call_text(c, "password"), "log.list", reterr);
}

static enum err again(struct call *c, struct errinfo *reterr)
{
    return auth_again(c, call_text(c, "password"), reterr);
}

static const struct param_spec value_params[] = { { "value", P_TEXT, true, 10, NULL }, { 0 } };
static const struct param_spec second_params[] = {
    { "approver", P_ID, true, 32, NULL },
    { "password", P_SECRET, true, 256, NULL },
    { 0 },
};

/* Named like a method that everybody may call. */
#define OWN(...)                                                                  \
    {                                                                             \
        .name = "session.lock", .action = "change", .states = IN_ANY, __VA_ARGS__ \
    }

static const json_t *run_own(struct service_test *t, struct session *s, const struct method *m, json_t *params)
{
    json_t *request = json_pack("{s:i, s:s, s:o}", "id", 7, "method", m->name, "params", params);
    int before = t->answers;
    gate_call(s, m, request, service_test_reply, t);
    json_decref(request);
    service_test_settle(t);
    for (int i = 0; i < 50 && t->answers == before; i++)
        service_test_pass(t, 100);
    assert_int_equal(t->answers, before + 1);
    return t->answer;
}

static const char *own_msg(const json_t *answer)
{
    const char *msg = json_string_value(json_object_get(json_object_get(answer, "error"), "msg"));
    return msg ? msg : "";
}

static bool written(struct service_test *t)
{
    struct buf b = BUF_INIT;
    bool found = false;
    assert_int_equal(meta_get(t->db, "test.written", &b, &found, NULL), OK);
    buf_done(&b);
    return found;
}

static int commits;
static void count_commit(void *self)
{
    (void)self;
    commits++;
}

static void test_business_and_log_are_one(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    struct method m = OWN(.run = write_meta, .params = value_params);
    commits = 0;
    service_on_commit(t->svc, count_commit, NULL);
    run_own(t, s, &m, json_pack("{s:s}", "value", "x"));
    assert_true(json_is_true(json_object_get(t->answer, "ok")));
    assert_true(written(t));
    assert_int_equal(commits, 1);
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.action, "change");
    assert_string_equal(l.detail, "wrote");
    assert_string_equal(l.subjects, "1001 1002 100");
    assert_string_equal(l.operator_id, "clk1");
}

static void test_a_failure_leaves_only_its_log_row(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    struct method m = OWN(.run = write_and_fail, .params = value_params);
    int64_t rows = service_test_log_rows(t);
    commits = 0;
    service_on_commit(t->svc, count_commit, NULL);
    assert_string_equal(own_msg(run_own(t, s, &m, json_pack("{s:s}", "value", "x"))), "S035");
    assert_false(written(t));
    assert_int_equal(commits, 0);
    assert_int_equal(service_test_log_rows(t), rows + 1);
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.result, "conflict");
    assert_string_equal(l.detail, "S035");
    assert_string_equal(l.subjects, "1001 1002 100");
}

/* Without a log row there is no answer, and nothing was done. */
static enum err spoil_log(struct call *c, struct errinfo *reterr)
{
    TRY(write_meta(c, reterr));
    c->log.pages = -1; /* the table refuses it */
    return OK;
}

static void test_no_log_no_answer(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    struct method m = OWN(.run = spoil_log, .params = value_params, .flags = M_LOOKUP);
    const json_t *a = run_own(t, s, &m, json_pack("{s:s}", "value", "x"));
    assert_true(json_is_false(json_object_get(a, "ok")));
    assert_false(written(t));
}

static void set_state(struct service_test *t, const char *name)
{
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(meta_set(t->db, "counter.state", name, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
}

static void test_every_state_of_the_counter(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    for (unsigned at = 0; at < COUNTER_STATES; at++) {
        set_state(t, counter_state_name((enum counter_state)at));
        for (unsigned allowed = 0; allowed < COUNTER_STATES; allowed++) {
            struct method m = OWN(.run = write_meta, .params = value_params);
            m.states = 1u << allowed;
            const char *msg = own_msg(run_own(t, s, &m, json_pack("{s:s}", "value", "x")));
            assert_string_equal(msg, at == allowed ? "" : "S009");
        }
    }
    set_state(t, "nonsense");
    assert_int_equal(service_counter_state(t->svc), COUNTER_SUSPECT);
}

/* Second looks ----------------------------------------------------------------------------------------------------- */

static json_t *proof(const char *id, const char *password)
{
    return json_pack("{s:s, s:s}", "approver", id, "password", password);
}

static void test_a_second_person(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    struct method m = OWN(.run = second, .params = second_params);
    assert_string_equal(own_msg(run_own(t, s, &m, proof("clk1", TEST_PASSWORD))), "S004");
    assert_string_equal(own_msg(run_own(t, s, &m, proof("aud1", "wrong"))), "S001");
    assert_string_equal(own_msg(run_own(t, s, &m, proof("nobody", "wrong"))), "S001");
    assert_string_equal(own_msg(run_own(t, s, &m, proof("sup1", TEST_PASSWORD))), "S003"); /* not for log.list */
    assert_string_equal(own_msg(run_own(t, s, &m, proof("aud1", TEST_PASSWORD))), "");
    struct service_test_last l = service_test_last_log(t);
    assert_string_equal(l.operator_id, "clk1");
    assert_string_equal(l.approver, "aud1");
}

static void test_second_looks_count_towards_the_lock(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    struct method m = OWN(.run = second, .params = second_params);
    for (int i = 0; i < 5; i++)
        assert_string_equal(own_msg(run_own(t, s, &m, proof("aud1", "wrong"))), "S001");
    assert_string_equal(own_msg(run_own(t, s, &m, proof("aud1", TEST_PASSWORD))), "S002");
}

static void test_the_same_person_again(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    struct method m = OWN(.run = again, .params = second_params);
    assert_string_equal(own_msg(run_own(t, s, &m, proof("x", TEST_PASSWORD))), "");
    for (int i = 0; i < 5; i++)
        assert_string_equal(own_msg(run_own(t, s, &m, proof("x", "wrong"))), "S001");
    service_test_refused(t, s, "session.lock", NULL, "S005"); /* locked: the session has ended */
}

/* Waiting ---------------------------------------------------------------------------------------------------------- */

static enum err start_waiting(struct call *c, struct errinfo *reterr)
{
    (void)reterr;
    c->wait_ms = 3000;
    return OK;
}

static bool arrived;
static bool is_ready(struct call *c, bool late)
{
    if (arrived)
        set_text(c->result, "state", "posted");
    else if (late)
        set_text(c->result, "state", "decided");
    return arrived;
}

static const char *waiting_state(struct service_test *t)
{
    return json_string_value(json_object_get(json_object_get(t->answer, "result"), "state"));
}

static void begin_waiting(struct service_test *t, struct session *s)
{
    static const struct method m = OWN(.run = start_waiting, .ready = is_ready);
    json_t *request = json_pack("{s:i, s:s}", "id", 7, "method", m.name);
    gate_call(s, &m, request, service_test_reply, t);
    json_decref(request);
}

static void test_an_answer_may_wait_for_the_host(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "clk1");
    int before = t->answers;
    arrived = false;
    begin_waiting(t, s);
    service_test_pass(t, 500);
    assert_int_equal(t->answers, before);
    service_test_ok(t, s, "status.get", NULL); /* others go on meanwhile */
    arrived = true;
    service_poke(t->svc);
    assert_int_equal(t->answers, before + 2);
    assert_string_equal(waiting_state(t), "posted");
    arrived = false;
    begin_waiting(t, s);
    service_test_pass(t, 3000);
    assert_int_equal(t->answers, before + 3);
    assert_string_equal(waiting_state(t), "decided");
    begin_waiting(t, s);
    session_close(s);
    service_test_pass(t, 5000);
    assert_int_equal(t->answers, before + 3);
}

/* Clock ------------------------------------------------------------------------------------------------------------ */

static void test_a_clock_that_goes_back_is_told(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_login(t, "aud1");
    service_test_ok(t, s, "log.head", NULL);
    assert_int_equal(service_test_last_log(t).row.trust, LOG_TRUST_LOCAL);
    t->wall_ms -= 1500;
    service_test_ok(t, s, "log.head", NULL);
    assert_int_equal(service_test_last_log(t).row.trust, LOG_TRUST_LOCAL);
    t->wall_ms -= 60000;
    service_test_ok(t, s, "log.head", NULL);
    assert_int_equal(service_test_last_log(t).row.trust, LOG_TRUST_SUSPICIOUS);
}

/* Registration ----------------------------------------------------------------------------------------------------- */

static void check_row(void *arg, const struct method *m)
{
    int *n = arg;
    ++*n;
    assert_ptr_equal(method_find(m->name), m); /* no name twice */
    assert_non_null(m->run);
    assert_non_null(m->action);
    assert_true(m->summary && m->summary[0] && m->result);
    assert_true(m->states && !(m->states & ~(unsigned)IN_ANY));
    assert_true(!(m->flags & M_QUIET) || !(m->flags & M_LOOKUP));
    for (const struct param_spec *p = m->params; p && p->name; p++) {
        assert_true(p->type < P_TYPES);
        assert_true(p->of || (p->type != P_LIST && p->type != P_OBJECT));
        for (const struct param_spec *in = p->of; in && in->name; in++)
            if (in->type == P_SECRET) /* a digest of the parameters is kept: secrets stand at the top */
                fail_msg("%s: %s holds a secret", m->name, p->name);
    }
}

static void test_rows_are_whole(void **state)
{
    (void)state;
    int n = 0;
    method_each(check_row, &n);
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        service_unit_test(test_every_method_for_every_role),
        service_unit_test(test_no_names_of_the_program_in_what_people_read),
        service_unit_test(test_the_table_is_what_the_gate_knows),
        service_unit_test(test_bad_tables_are_refused),
        service_unit_test(test_before_login_only_the_entrance),
        service_unit_test(test_business_and_log_are_one),
        service_unit_test(test_a_failure_leaves_only_its_log_row),
        service_unit_test(test_no_log_no_answer),
        service_unit_test(test_every_state_of_the_counter),
        service_unit_test(test_a_second_person),
        service_unit_test(test_second_looks_count_towards_the_lock),
        service_unit_test(test_the_same_person_again),
        service_unit_test(test_an_answer_may_wait_for_the_host),
        service_unit_test(test_a_clock_that_goes_back_is_told),
        cmocka_unit_test(test_rows_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
