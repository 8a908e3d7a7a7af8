/*
 * The counter's certificates as they are: the real gate and store, and real processes that draw and print into a
 * directory. The test program starts itself again as `-x paper` and `-x spool`.
 */
#ifndef TESTS_PAPER_WORLD_H
#define TESTS_PAPER_WORLD_H

#include "../../unit/service/fixture.h"

#include "app/paper.h"
#include "base/clock.h"
#include "domain/restrict.h"
#include "store/incarnation.h"
#include "store/outage.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/printjobs.h"
#include "store/replica.h"
#include "store/restriction.h"
#include "sync/payload.h"

#define PATIENCE  60000
#define HOUSEHOLD "800000000011"
#define ICHIRO    "900000000012"
#define HANAKO    "900000000023"
#define SECRET    "もも県桃市秘密町一丁目"

struct paper_world {
    struct service_test *t;
    struct loop *loop;
    struct privsep *ps;
    struct paper *paper;
    struct paper_port port; /* of the paper, or changed by a test */
    struct paper_config config;
    char *out, *key, *share, *side, *request; /* request: the last one taken */
    struct session *clk;
    json_t *answer;
    int answers;
    int64_t ops;
    char op_kinds[256];
};

/* ---- store ---- */

/* Every operation must be one the host would take. */
static inline enum err world_encode(void *self, const struct outbox_new *op, int64_t seq, int64_t lane_prev,
                                    bool in_outage, struct buf *ret, struct errinfo *reterr)
{
    struct paper_world *w = self;
    const struct op_kind *kind = op_kind_find(op->kind);
    (void)lane_prev, (void)in_outage;
    assert_non_null(kind);
    if (payload_check(kind, span_of(op->payload), reterr) != OK)
        fail_msg("%s: %s %s", op->kind, reterr->item, op->payload);
    w->ops++;
    snprintf(w->op_kinds + strlen(w->op_kinds), sizeof w->op_kinds - strlen(w->op_kinds), "%s ", op->kind);
    buf_printf(ret, "%lld %s", (long long)seq, op->payload);
    return OK;
}

static inline void world_start(void *self, const uint8_t incarnation[8], uint8_t ret[OUTBOX_HASH])
{
    (void)self;
    memset(ret, incarnation[0], OUTBOX_HASH);
}

static inline void world_store(struct paper_world *w)
{
    static const uint8_t fresh[INCARNATION] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    const struct outbox_codec codec = { world_encode, world_start, w };
    bool ok = false;
    outbox_use(w->t->db, &codec);
    assert_int_equal(incarnation_open(w->t->db, w->side, fresh, &ok, NULL), OK);
    assert_true(ok);
}

/* The copy of the register is of age_h hours ago, the restriction list of list_h. */
static inline void world_copy_age(struct paper_world *w, int age_h, int list_h)
{
    struct replica r = { .as_of_ms = w->t->wall_ms - age_h * INT64_C(3600000),
                         .list_ms = w->t->wall_ms - list_h * INT64_C(3600000) };
    assert_int_equal(txn_begin(w->t->db, NULL), OK);
    assert_int_equal(replica_set(w->t->db, &r, NULL), OK);
    assert_int_equal(txn_commit(w->t->db, NULL), OK);
}

/* A further row of a resident; texts are attribute, value, … NULL. */
static inline void world_row(struct paper_world *w, const char *id, int64_t rev, ...)
{
    struct resident *r = resident_new();
    va_list ap;
    snprintf(r->id, sizeof r->id, "%s", id);
    r->rev = rev;
    resident_set(r, ATTR_HOUSEHOLD, HOUSEHOLD);
    resident_set(r, ATTR_CLASS, CLASS_JAPANESE);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_HEAD_NAME, "川田　一郎");
    resident_set(r, ATTR_ADDR_PREF, "うめ県");
    resident_set(r, ATTR_ADDR_CITY, "梅市");
    resident_set(r, ATTR_ADDR_TOWN, "梅町一丁目");
    resident_set(r, ATTR_ADDR_LOT, "８番地３");
    resident_set(r, ATTR_DOMICILE, "うめ県梅市梅町一丁目８番地");
    resident_set(r, ATTR_MY_NUMBER, "123456789018");
    resident_set(r, ATTR_EV_REASON, "M01");
    resident_set(r, ATTR_EV_ON, "R08.05.01");
    va_start(ap, rev);
    for (int a; (a = va_arg(ap, int)) >= 0;)
        resident_set(r, (enum attr)a, va_arg(ap, const char *));
    va_end(ap);
    struct errinfo e = { 0 };
    assert_int_equal(txn_begin(w->t->db, NULL), OK);
    if (people_apply(w->t->db, r, 1, &e) != OK)
        fail_msg("%s %s", e.item, e.detail);
    assert_int_equal(txn_commit(w->t->db, NULL), OK);
    resident_free(r);
}

static inline void world_people(struct paper_world *w)
{
    world_row(w, ICHIRO, 1, ATTR_NAME, "川田　一郎", ATTR_KANA, "カワダ　イチロウ", ATTR_RELATION, "世帯主",
              ATTR_BIRTH_ON, "S50.05.10", ATTR_SEX, SEX_MALE, -1);
    world_row(w, HANAKO, 1, ATTR_NAME, "葛󠄂城　花子", ATTR_KANA, "カツラギ　ハナコ", ATTR_RELATION, "妻",
              ATTR_BIRTH_ON, "S53.03.02", ATTR_SEX, SEX_FEMALE, -1);
}

static inline void world_protect(struct paper_world *w, const char *person)
{
    struct restriction r = { .id = "R1", .kind = RK_SUPPORT, .from = { 2026, 4, 1 }, .until = { 2027, 3, 31 } };
    snprintf(r.person, sizeof r.person, "%s", person);
    for (int p = 0; p < RP_COUNT; p++)
        r.level[p] = RL_ERROR;
    assert_int_equal(txn_begin(w->t->db, NULL), OK);
    assert_int_equal(restriction_apply(w->t->db, &r, "", 1, NULL), OK);
    assert_int_equal(txn_commit(w->t->db, NULL), OK);
}

static inline void world_stop(struct paper_world *w, unsigned types)
{
    struct outage_start s = { "E", "1", 0, 0, { OUTAGE_SUSPECT, COUNTER_SUSPECT, 0, "auto", "", "応答なし 3回" } };
    struct outage_act act = { OUTAGE_DECLARE, COUNTER_OUTAGE, types, "sup1", "", "回線が切れた" };
    struct buf no = BUF_INIT;
    assert_int_equal(txn_begin(w->t->db, NULL), OK);
    assert_int_equal(outage_begin(w->t->db, &s, &no, NULL), OK);
    assert_int_equal(outage_move(w->t->db, no.p, &act, NULL), OK);
    assert_int_equal(txn_commit(w->t->db, NULL), OK);
    buf_done(&no);
}

/* ---- processes ---- */

static inline void world_processes(struct paper_world *w)
{
    struct errinfo e = { 0 };
    w->loop = loop_new();
    assert_int_equal(privsep_new(w->loop, &w->ps, &e), OK);
    if (paper_new(w->loop, w->ps, &w->config, &w->paper, &e) != OK)
        fail_msg("%s %s", e.item, e.detail);
    w->port = *paper_port(w->paper);
    w->t->plug.paper = &w->port;
}

static inline void world_end_processes(struct paper_world *w)
{
    privsep_free(w->ps);
    paper_free(w->paper);
    loop_free(w->loop);
}

static inline int world_begin(void **state)
{
    struct paper_world *w = xcalloc(1, sizeof *w);
    void *t = NULL;
    struct errinfo e;
    if (service_test_begin(&t))
        return -1;
    *state = w;
    w->t = t;
    w->out = fs_join(w->t->dir, "out");
    w->key = fs_join(w->t->dir, "check.key");
    w->side = fs_join(w->t->dir, "incarnation");
    w->share = service_test_tree("");
    w->config =
        (struct paper_config){ w->share, w->t->dir, rulebook_param(w->t->book, "CERT_FONT"), w->out, w->key, PATIENCE };
    if (fs_mkdir_p(w->out, 0700, &e) != OK)
        return -1;
    world_processes(w);
    world_store(w);
    world_people(w);
    world_copy_age(w, 0, 0);
    w->clk = service_test_login(w->t, "clk1");
    return 0;
}

static inline int world_finish(void **state)
{
    struct paper_world *w = *state;
    void *t = w->t;
    json_decref(w->answer);
    world_end_processes(w);
    int bad = service_test_end(&t);
    free(w->out);
    free(w->key);
    free(w->side);
    free(w->share);
    free(w->request);
    free(w);
    return bad;
}

/* ---- calls ---- */

static inline void world_reply(void *arg, json_t *answer)
{
    struct paper_world *w = arg;
    json_decref(w->answer);
    w->answer = answer;
    w->answers++;
}

/* Starts a call; the answer may come later. */
static inline void world_ask(struct paper_world *w, struct session *s, const char *method, json_t *params)
{
    json_t *request = json_pack("{s:i, s:s, s:o}", "id", 7, "method", method, "params", params);
    assert_non_null(request);
    w->answers = 0;
    service_call(s, request, world_reply, w);
    json_decref(request);
}

/* Turns the loop until the answer is there. The clock of the service stands still meanwhile. */
static inline const json_t *world_await(struct paper_world *w)
{
    struct clock c = clock_system();
    int64_t until = c.mono_ms(c.self) + PATIENCE;
    while (!w->answers && c.mono_ms(c.self) < until)
        loop_once(w->loop, 50);
    assert_int_equal(w->answers, 1);
    return w->answer;
}

static inline const json_t *world_ok(struct paper_world *w, struct session *s, const char *method, json_t *params)
{
    world_ask(w, s, method, params);
    const json_t *a = world_await(w);
    if (!json_is_true(json_object_get(a, "ok"))) {
        char *text = json_dumps(a, 0);
        fail_msg("%s: %s", method, text);
    }
    return json_object_get(a, "result");
}

static inline void world_refused(struct paper_world *w, struct session *s, const char *method, json_t *params,
                                 const char *msg)
{
    world_ask(w, s, method, params);
    const char *got = json_string_value(json_object_get(json_object_get(world_await(w), "error"), "msg"));
    if (!got || strcmp(got, msg)) {
        char *text = json_dumps(w->answer, 0);
        fail_msg("%s: expected %s: %s", method, msg, text);
    }
}

static inline const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "(none)";
}

static inline json_t *somebody(const char *class, const char *name)
{
    return json_pack("{s:s, s:s, s:s}", "class", class, "name", name, "document", "12");
}

static inline json_t *the_person(const char *class)
{
    return somebody(class, "川田　一郎");
}

/* A request; steals requester and the two lists. Its number is w->request. */
static inline const json_t *world_request(struct paper_world *w, json_t *persons, json_t *requester, json_t *items,
                                          int copies)
{
    const json_t *r = world_ok(w, w->clk, "cert.request",
                               json_pack("{s:s, s:o, s:o, s:o, s:i}", "kind", "juminhyo_setai", "persons", persons,
                                         "requester", requester, "items", items, "copies", copies));
    free(w->request);
    w->request = xstrdup(text_at(r, "request"));
    return r;
}

static inline const json_t *world_preview(struct paper_world *w)
{
    return world_ok(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request));
}

static inline json_t *issue_params(struct paper_world *w)
{
    return json_pack("{s:s}", "request", w->request);
}

/* Request, preview and issue of `copies` for one person who asks for himself. The issues. */
static inline const json_t *world_issue(struct paper_world *w, const char *person, int copies)
{
    world_request(w, json_pack("[s]", person), the_person("household"), json_array(), copies);
    world_preview(w);
    return json_object_get(world_ok(w, w->clk, "cert.issue", issue_params(w)), "issues");
}

/* Documents of the directory printer. */
static inline size_t world_documents(struct paper_world *w)
{
    char **name;
    size_t n;
    assert_int_equal(fs_list(w->out, ".pdf", &name, &n, NULL), OK);
    fs_list_free(name, n);
    return n;
}

/* Text of the document of a job. Caller frees. */
static inline char *world_text(struct paper_world *w, int64_t job)
{
    char *pdf = xprintf("%s/madoguchi-%06lld-*.pdf", w->out, (long long)job);
    char *command = xprintf("pdftotext -layout %s -", pdf);
    struct buf text = BUF_INIT;
    char part[4096];
    FILE *f = popen(command, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(&text, part, n);
    assert_int_equal(pclose(f), 0);
    free(pdf);
    free(command);
    return buf_steal(&text);
}

#define world_test(f) cmocka_unit_test_setup_teardown(f, world_begin, world_finish)

#endif
