/*
 * A service of its own for each test: *state is a struct service_test with an empty store in a temporary directory, the
 * rules of the tree, a clock that only the test moves, and one operator per role ("clk1", "clk2", "sup1", "sup2",
 * "bm1", "rsp1", "sys1", "aud1", all with the password TEST_PASSWORD). Calls go through the real gate.
 */
#ifndef TESTS_SERVICE_FIXTURE_H
#define TESTS_SERVICE_FIXTURE_H

#include "check.h"

#include "base/fsx.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "form/catalog.h"
#include "service/method.h"
#include "store/schema.h"
#include "store/txn.h"

#define TEST_PASSWORD "asagao no hana 42"
#define TEST_NOW      INT64_C(1782864000000) /* 2026-07-01 09:00 JST, a Wednesday */

#define TEST_PROOFS 8

/* Password work that was asked for and not yet answered. */
struct service_test_proof {
    char *password, *verifier;
    int iterations;
    bool make;
    void (*done)(void *arg, const struct proof_answer *);
    void *arg;
};

struct service_test {
    char *dir, *store_path;
    int64_t wall_ms, mono_ms;
    struct rulebook *book;
    struct db *db;
    struct service_options options;
    struct service *svc;
    struct service_plug plug;
    json_t *answer; /* of the last call */
    int answers;
    struct proof_port proof_port; /* plugged in when PROOF_LATER is in the environment */
    struct service_test_proof proof[TEST_PROOFS];
    size_t n_proof;
};

static inline void service_test_ask(void *self, const struct proof_ask *a,
                                    void (*done)(void *arg, const struct proof_answer *), void *arg)
{
    struct service_test *t = self;
    assert_true(t->n_proof < TEST_PROOFS);
    t->proof[t->n_proof++] = (struct service_test_proof){
        xstrdup(a->password), a->verifier ? xstrdup(a->verifier) : NULL, a->iterations, a->make, done, arg,
    };
}

/* Answers the oldest question: as it is, or with this error. */
static inline void service_test_prove(struct service_test *t, enum err err)
{
    assert_true(t->n_proof > 0);
    struct service_test_proof p = t->proof[0];
    struct proof_answer a = { .err = err };
    char *made = NULL;
    memmove(t->proof, t->proof + 1, --t->n_proof * sizeof *t->proof);
    if (err == OK && p.make)
        a.err = t->svc->passwords.make(p.password, p.iterations, &made, NULL);
    else if (err == OK)
        a.err = t->svc->passwords.check(p.password, p.verifier, p.iterations, &a.fits, NULL);
    a.verifier = made;
    p.done(p.arg, &a);
    free(made);
    free(p.password);
    free(p.verifier);
}

static inline int64_t service_test_wall(void *self)
{
    return ((struct service_test *)self)->wall_ms;
}

static inline int64_t service_test_mono(void *self)
{
    return ((struct service_test *)self)->mono_ms;
}

/* Time goes on by ms, and the service notices. */
static inline void service_test_pass(struct service_test *t, int64_t ms)
{
    t->wall_ms += ms;
    t->mono_ms += ms;
    service_tick(t->svc);
}

static inline char *service_test_tree(const char *name)
{
    const char *root = getenv("SOURCE_ROOT");
    return fs_join(root ? root : ".", name);
}

/* Changes a parameter for this test only. */
static inline void service_test_param(struct service_test *t, const char *name, const char *value)
{
    for (size_t i = 0; i < t->book->n_param; i++)
        if (strcmp(t->book->param[i].name, name) == 0) {
            free(t->book->param[i].value);
            t->book->param[i].value = xstrdup(value);
            return;
        }
    fail_msg("no parameter %s", name);
}

/* Answers every question, and what is asked because of it. */
static inline void service_test_settle(struct service_test *t)
{
    while (t->n_proof > 0)
        service_test_prove(t, OK);
}

static inline void service_test_load(struct service_test *t)
{
    struct errinfo e = { 0 };
    char *forms = service_test_tree("forms"), *data = service_test_tree("data");
    if (catalog_load(forms, data, NULL, &t->book, NULL, &e) != OK)
        fail_msg("%s: %s", e.item, e.detail);
    free(forms);
    free(data);
    service_test_param(t, "KDF_ITER", "10");
}

static inline void service_test_add_operator(struct service_test *t, const char *id, unsigned roles, unsigned views)
{
    char *verifier = NULL;
    assert_int_equal(password_make(TEST_PASSWORD, 10, &verifier, NULL), OK);
    struct operator_row o = { .id = (char *)(uintptr_t)id,
                              .name = (char *)(uintptr_t) "試験 用子",
                              .state = OPERATOR_ACTIVE,
                              .verifier = verifier,
                              .roles = roles,
                              .views = views };
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(operator_add(t->db, &o, "setup", NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
    free(verifier);
}

static inline void service_test_operators(struct service_test *t)
{
    static const struct {
        const char *id;
        enum role role;
    } list[] = { { "clk1", ROLE_CLK }, { "clk2", ROLE_CLK }, { "sup1", ROLE_SUP }, { "sup2", ROLE_SUP },
                 { "bm1", ROLE_BM },   { "rsp1", ROLE_RSP }, { "sys1", ROLE_SYS }, { "aud1", ROLE_AUD } };
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        service_test_add_operator(t, list[i].id, ROLE_BIT(list[i].role), 0);
}

static inline void service_test_start(struct service_test *t)
{
    struct errinfo e = { 0 };
    if (service_open(&t->options, &t->svc, &e) != OK)
        fail_msg("%s: %s %s", err_name(e.code), e.item, e.detail);
    t->proof_port = (struct proof_port){ t, service_test_ask };
    if (getenv("PROOF_LATER"))
        t->plug.proof = &t->proof_port;
    service_plug(t->svc, &t->plug);
}

static inline int service_test_begin(void **state)
{
    struct service_test *t = xcalloc(1, sizeof *t);
    void *dir;
    if (check_tmpdir(&dir) != 0)
        return -1;
    *state = t;
    t->dir = dir;
    t->store_path = fs_join(t->dir, "store.db");
    t->wall_ms = TEST_NOW;
    service_test_load(t);
    struct clock clock = { service_test_wall, service_test_mono, t };
    struct db_options o = {
        .path = t->store_path, .create = true, .hash = digest_sha256, .schema = &store_schema, .clock = clock
    };
    assert_int_equal(db_open(&o, &t->db, NULL), OK);
    service_test_operators(t);
    t->options = (struct service_options){ .db = t->db,
                                           .book = t->book,
                                           .data_dir = service_test_tree("data"),
                                           .identity = { "99201", "E", "東支所", "1", true },
                                           .clock = clock,
                                           .passwords = { password_make, password_check, random_bytes } };
    service_test_start(t);
    return 0;
}

static inline int service_test_end(void **state)
{
    struct service_test *t = *state;
    json_decref(t->answer);
    service_close(t->svc);
    while (t->n_proof > 0)
        service_test_prove(t, E_OFFLINE);
    while (t->db && txn_depth(t->db) > 0)
        txn_rollback(t->db);
    db_close(t->db);
    rulebook_free(t->book);
    free((char *)(uintptr_t)t->options.data_dir);
    free(t->store_path);
    void *dir = t->dir;
    int bad = check_tmpdir_gone(&dir);
    free(t);
    return bad;
}

#define service_unit_test(f) cmocka_unit_test_setup_teardown(f, service_test_begin, service_test_end)

static inline struct session *service_test_session(struct service_test *t)
{
    return session_open(t->svc, &(struct service_peer){ 1000, 1 });
}

static inline void service_test_reply(void *arg, json_t *answer)
{
    struct service_test *t = arg;
    json_decref(t->answer);
    t->answer = answer;
    t->answers++;
}

/* Asks and lets time pass until the answer is there. Steals params (NULL: none). The answer is borrowed until the next
 * call. */
static inline const json_t *service_test_call(struct service_test *t, struct session *s, const char *method,
                                              json_t *params)
{
    json_t *request = json_pack("{s:i, s:s}", "id", 7, "method", method);
    assert_non_null(request);
    if (params)
        assert_int_equal(json_object_set_new(request, "params", params), 0);
    int before = t->answers;
    service_call(s, request, service_test_reply, t);
    json_decref(request);
    service_test_settle(t);
    for (int i = 0; i < 100 && t->answers == before; i++)
        service_test_pass(t, 100);
    assert_int_equal(t->answers, before + 1);
    assert_int_equal(json_integer_value(json_object_get(t->answer, "id")), 7);
    return t->answer;
}

/* As above; the call must succeed. Returns the result. */
static inline const json_t *service_test_ok(struct service_test *t, struct session *s, const char *method,
                                            json_t *params)
{
    const json_t *a = service_test_call(t, s, method, params);
    if (!json_is_true(json_object_get(a, "ok"))) {
        char *text = json_dumps(a, JSON_COMPACT);
        fail_msg("%s: %s", method, text);
    }
    return json_object_get(a, "result");
}

/* As above; the call must be refused with this message. Returns the item it names. */
static inline const char *service_test_refused(struct service_test *t, struct session *s, const char *method,
                                               json_t *params, const char *msg)
{
    const json_t *a = service_test_call(t, s, method, params);
    const json_t *error = json_object_get(a, "error");
    const char *got = json_string_value(json_object_get(error, "msg"));
    if (!got || strcmp(got, msg) != 0) {
        char *text = json_dumps(a, JSON_COMPACT);
        fail_msg("%s: expected %s, got %s", method, msg, text);
    }
    assert_true(strlen(json_string_value(json_object_get(error, "text"))) > strlen(msg));
    return json_string_value(json_object_get(error, "item"));
}

/* A session in which this operator has logged in. */
static inline struct session *service_test_login(struct service_test *t, const char *operator_id)
{
    struct session *s = service_test_session(t);
    service_test_ok(t, s, "session.login", json_pack("{s:s, s:s}", "operator", operator_id, "password", TEST_PASSWORD));
    return s;
}

struct service_test_last {
    struct oplog row;
    char function[64], operator_id[64], approver[64], action[32], result[32], detail[256], subjects[256];
};

static inline void service_test_copy_row(void *arg, const struct oplog *r)
{
    struct service_test_last *l = arg;
    l->row = *r;
    snprintf(l->function, sizeof l->function, "%s", r->function);
    snprintf(l->operator_id, sizeof l->operator_id, "%s", r->operator_id);
    snprintf(l->approver, sizeof l->approver, "%s", r->approver);
    snprintf(l->action, sizeof l->action, "%s", r->action);
    snprintf(l->result, sizeof l->result, "%s", r->result);
    snprintf(l->detail, sizeof l->detail, "%s", r->detail);
    snprintf(l->subjects, sizeof l->subjects, "%s", r->subjects);
}

/* The newest row of the operation log. */
static inline struct service_test_last service_test_last_log(struct service_test *t)
{
    struct service_test_last l = { 0 };
    assert_int_equal(oplog_list(t->db, &(struct oplog_filter){ .limit = 1 }, service_test_copy_row, &l, NULL), OK);
    return l;
}

/* Number of rows of the operation log. */
static inline int64_t service_test_log_rows(struct service_test *t)
{
    struct oplog_head h;
    assert_int_equal(oplog_head(t->db, &h, NULL), OK);
    return h.seq;
}

#endif
