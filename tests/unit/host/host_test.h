/*
 * A host of its own for each test: *state is a struct town with a register of two households in a SQLite file, a
 * clock the test sets, the real forms of the tree, and one enrolled branch whose outbox the test fills.
 */
#ifndef HOST_TEST_H
#define HOST_TEST_H

#include "check.h"
#include "harness/people.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "form/catalog.h"
#include "host/branches.h"
#include "host/bulk.h"
#include "host/host.h"
#include "host/snapshot.h"
#include "sync/payload.h"
#include "sync/result.h"

#include <jansson.h>
#include <stdio.h>

#define NOW_MS INT64_C(1782864000000) /* 2026-07-01 09:00 JST */
#define DAY_MS INT64_C(86400000)

struct outbox { /* of a branch */
    char name[OP_BRANCH_MAX + 1];
    uint8_t incarnation[OP_INCARNATION];
    struct key *key;
    struct buf op[64]; /* op[0] has seq 1 */
    uint8_t chain[65][OP_HASH];
    size_t n;
};

struct town {
    char *dir, *db;
    int64_t now_ms, mono_ms;
    struct rulebook *book;
    struct host *host;
    struct ca *ca;
    struct outbox e1;
};

/* Asserts OK and shows the error otherwise. */
#define assert_ok(call)                                                                 \
    do {                                                                                \
        struct errinfo ok_err_ = { 0 };                                                 \
        struct errinfo *err = &ok_err_;                                                 \
        if ((call) != OK)                                                               \
            fail_msg("%s: %s %s %s", #call, ok_err_.msg, ok_err_.item, ok_err_.detail); \
    } while (0)

static inline int64_t town_wall(void *self)
{
    return ((struct town *)self)->now_ms;
}

static inline int64_t town_mono(void *self)
{
    return ((struct town *)self)->mono_ms;
}

static inline struct clock town_clock(struct town *t)
{
    return (struct clock){ town_wall, town_mono, t };
}

static inline void town_open(struct town *t)
{
    struct host_backend *b = NULL;
    char *key = fs_join(t->dir, "sign.key");
    struct host_options o = { .clock = town_clock(t), .book = t->book, .policy = alg_policy_p256(), .dir = t->dir };
    assert_ok(host_sqlite_open(t->db, false, town_clock(t), &b, err));
    assert_ok(key_load(key, &o.sign, err));
    o.backend = b;
    assert_ok(host_open(&o, &t->host, err));
    free(key);
}

/* The process died and came back: everything that is not in the file is gone. */
static inline void town_restart(struct town *t)
{
    host_close(t->host);
    t->host = NULL;
    town_open(t);
}

static inline void town_create(struct town *t)
{
    struct host_backend *b = NULL;
    struct key *sign = NULL;
    char *key = fs_join(t->dir, "sign.key"), *ca = fs_join(t->dir, "ca");
    struct alg_policy policy = alg_policy_p256();
    struct cert_id instance = { .trial = true, .role = ROLE_HOST, .city = "992011", .name = "ca" };
    assert_ok(key_generate(SIG_P256_SHA256, &sign, err));
    assert_ok(key_save(sign, key, err));
    key_free(sign);
    assert_ok(host_sqlite_open(t->db, true, town_clock(t), &b, err));
    assert_ok(host_create(b, town_clock(t), true, "992011", "H1", err));
    host_backend_close(b);
    assert_ok(ca_create(ca, &policy, &instance, NOW_MS, 3650, &t->ca, err));
    free(key);
    free(ca);
}

/* ---- people ---- */

static inline struct resident *town_person(const char *id, const char *household, const char *name, const char *sex,
                                           const char *birth, const char *relation, const char *head)
{
    const struct made_person p = { id, household, name, sex, birth, relation };
    struct resident *r = make_person(&p);
    resident_set(r, ATTR_HEAD_NAME, head);
    return r;
}

static inline void town_load(struct host *h)
{
    static const struct {
        const char *id, *household, *name, *sex, *birth, *relation, *head;
    } people[] = {
        { "101", "11", "川田　一郎", "1", "S50.05.10", "世帯主", "川田　一郎" },
        { "102", "11", "川田　花子", "2", "S53.03.02", "妻", "川田　一郎" },
        { "103", "11", "川田　次郎", "1", "H17.08.20", "子", "川田　一郎" },
        { "201", "22", "鈴木　明", "1", "S45.01.01", "世帯主", "鈴木　明" },
    };
    struct host_bulk *b = NULL;
    assert_ok(host_bulk_begin(h, &b, err));
    for (size_t i = 0; i < ARRAY_LEN(people); i++) {
        struct resident *r = town_person(people[i].id, people[i].household, people[i].name, people[i].sex,
                                         people[i].birth, people[i].relation, people[i].head);
        assert_ok(host_bulk_add(b, r, err));
        resident_free(r);
    }
    assert_ok(host_bulk_commit(b, err));
}

/* ---- the branch ---- */

static inline void outbox_start(struct outbox *o, uint8_t incarnation)
{
    for (size_t i = 0; i < o->n; i++)
        buf_done(&o->op[i]);
    o->n = 0;
    memset(o->incarnation, incarnation, OP_INCARNATION);
    op_chain_start(o->name, o->incarnation, o->chain[0]);
}

static inline void outbox_enrol(struct town *t, struct outbox *o, const char *name)
{
    struct enrol_code code;
    struct enrol_request r = { .trial = true };
    struct enrol_answer a;
    snprintf(o->name, sizeof o->name, "%s", name);
    assert_ok(key_generate(SIG_P256_SHA256, &o->key, err));
    assert_ok(host_enrol_code(t->host, name, ca_pem(t->ca), "test", &code, err));
    memcpy(r.secret, code.secret, ENROL_SECRET);
    assert_ok(key_request(o->key, &r.csr, err));
    assert_ok(host_enrol(t->host, t->ca, &r, &a, err));
    enrol_request_done(&r);
    enrol_answer_done(&a);
    outbox_start(o, 1);
}

/* Registered again: another key and certificate, and a new life of the store. */
static inline void outbox_enrol_again(struct town *t, struct outbox *o, uint8_t incarnation)
{
    char name[sizeof o->name];
    memcpy(name, o->name, sizeof name);
    key_free(o->key);
    outbox_enrol(t, o, name);
    outbox_start(o, incarnation);
}

static inline void outbox_done(struct outbox *o)
{
    outbox_start(o, 0);
    key_free(o->key);
}

/* An operation ready to be changed by the test before outbox_put. */
static inline struct op outbox_op(const struct outbox *o, const char *kind, const char *payload)
{
    struct op op;
    op_init(&op);
    memcpy(op.branch, o->name, sizeof op.branch);
    memcpy(op.incarnation, o->incarnation, OP_INCARNATION);
    op.seq = o->n + 1;
    op.flags = OPF_TRIAL;
    snprintf(op.kind, sizeof op.kind, "%s", kind);
    snprintf(op.operator_id, sizeof op.operator_id, "yamada");
    op.wall_ms = op.host_ms = NOW_MS;
    op_set_payload(&op, payload, strlen(payload));
    return op;
}

static inline void outbox_put(struct outbox *o, struct op *op)
{
    uint8_t hash[OP_HASH];
    assert_true(o->n < ARRAY_LEN(o->op));
    buf_init(&o->op[o->n]);
    assert_ok(op_encode(op, &o->op[o->n], err));
    op_hash(buf_span(&o->op[o->n]), hash);
    op_chain_next(o->chain[o->n], hash, o->chain[o->n + 1]);
    o->n++;
    op_done(op);
}

static inline void outbox_add(struct outbox *o, const char *kind, const char *payload)
{
    struct op op = outbox_op(o, kind, payload);
    outbox_put(o, &op);
}

static inline void outbox_batch(struct town *t, const struct outbox *o, uint64_t first, uint64_t last, struct buf *ret)
{
    struct batch b;
    struct alg_policy policy = alg_policy_p256();
    batch_init(&b, host_facts(t->host)->host_id, o->name, o->incarnation, first, o->chain[first - 1]);
    for (uint64_t i = first; i <= last; i++)
        assert_ok(batch_add(&b, buf_span(&o->op[i - 1]), 0, err));
    assert_ok(batch_encode(&b, o->key, &policy, ret, err));
    batch_done(&b);
}

/* Sends and decodes the answer; the caller results_done's it. */
static inline void outbox_send(struct town *t, const struct outbox *o, uint64_t first, uint64_t last,
                               struct results *ret)
{
    struct buf batch = BUF_INIT, answer = BUF_INIT;
    uint64_t upto = 0;
    outbox_batch(t, o, first, last, &batch);
    assert_ok(host_ingest(t->host, o->name, buf_span(&batch), &answer, &upto, err));
    assert_ok(results_decode(buf_span(&answer), ret, err));
    assert_int_equal(ret->n, last - first + 1);
    buf_done(&batch);
    buf_done(&answer);
}

/* Sends the newest operation and asserts what became of it. Detail is the caller's when wanted. */
static inline void outbox_expect(struct town *t, const struct outbox *o, enum op_code code, enum conflict category,
                                 json_t **ret_detail)
{
    struct results r;
    outbox_send(t, o, o->n, o->n, &r);
    if (r.item[0].r.code != code || r.item[0].r.category != category)
        fail_msg("%s %s: %s", op_code_name(r.item[0].r.code), conflict_info(r.item[0].r.category)->code,
                 r.item[0].r.detail);
    if (ret_detail)
        *ret_detail = json_loads(r.item[0].r.detail, 0, NULL);
    results_done(&r);
}

/* ---- notices ---- */

static inline void put_value(json_t *values, const char *s, int r, const char *f, const char *v)
{
    json_array_append_new(values, json_pack("{s:s,s:i,s:s,s:s}", "s", s, "r", r, "f", f, "v", v));
}

/* A notice of a kind: the part every notice has. The test adds values. */
static inline json_t *notice_json(const char *kind, const char *no)
{
    json_t *values = json_array();
    put_value(values, "filer", 0, "filed_on", "2026-07-01");
    put_value(values, "filer", 0, "relation", "1");
    put_value(values, "filer", 0, "id1", "12");
    put_value(values, "filer", 0, "id_result", "1");
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:[],s:[],s:s}", "no", no, "kind", kind, "received_at",
                     "2026-07-01T09:00:00+09:00", "received_on", "2026-07-01", "entered_by", "kawaguchi", "examined_by",
                     "yamada", "decided_by", "yamada", "values", values, "acks", "base", "forms_digest", "00");
}

static inline json_t *values_of(json_t *notice)
{
    return json_object_get(notice, "values");
}

/* 転居: person moves out of the household into one of their own at another lot. */
static inline json_t *tenkyo(const char *no, const char *person, const char *lot)
{
    json_t *n = notice_json("tenkyo", no), *v = values_of(n);
    put_value(v, "move", 0, "moved_on", "2026-06-28");
    put_value(v, "persons", 0, "person", person);
    put_value(v, "persons", 0, "relation", "世帯主");
    put_value(v, "address", 0, "addr_code", "99201001000");
    put_value(v, "address", 0, "addr_town", "梅町一丁目");
    put_value(v, "address", 0, "addr_lot", lot);
    put_value(v, "dest", 0, "to", "1");
    return n;
}

/* notice.decide with the given base rows ("101:1 102:1"); steals n. */
static inline struct op decide_op(const struct outbox *o, json_t *n, const char *base, const char *lane)
{
    char *text = json_dumps(n, JSON_COMPACT);
    struct op op = outbox_op(o, "notice.decide", text);
    json_decref(n);
    free(text);
    snprintf(op.lane, sizeof op.lane, "%s", lane);
    char id[16];
    int rev, used;
    for (const char *p = base; sscanf(p, " %15[0-9]:%d%n", id, &rev, &used) == 2; p += used)
        op_add_base(&op, id, rev);
    return op;
}

static inline void decide(struct outbox *o, json_t *n, const char *base, const char *lane)
{
    struct op op = decide_op(o, n, base, lane);
    outbox_put(o, &op);
}

/* ---- the feed ---- */

static inline void feed_of(struct town *t, const char *branch, uint64_t after, struct feed_page *ret)
{
    struct buf page = BUF_INIT;
    assert_ok(host_feed(t->host, branch, after, 1 << 20, &page, err));
    assert_ok(feed_page_decode(buf_span(&page), ret, err));
    buf_done(&page);
}

static inline uint64_t feed_head(struct town *t)
{
    struct feed_page p;
    struct buf page = BUF_INIT;
    uint64_t after = 0;
    while (host_feed(t->host, "E1", after, 1 << 20, &page, NULL) != OK)
        after++; /* the start of the feed moves with the first load */
    assert_ok(feed_page_decode(buf_span(&page), &p, err));
    uint64_t head = p.head;
    feed_page_done(&p);
    buf_done(&page);
    return head;
}

/* ---- set-up ---- */

static inline int town_begin(void **state)
{
    struct town *t = xcalloc(1, sizeof *t);
    void *dir;
    if (check_tmpdir(&dir) != 0)
        return -1;
    t->dir = dir;
    t->db = fs_join(t->dir, "host.db");
    t->now_ms = NOW_MS;
    const char *root = getenv("SOURCE_ROOT");
    char *forms = fs_join(root, "forms"), *data = fs_join(root, "data");
    assert_ok(catalog_load(forms, data, NULL, &t->book, NULL, err));
    free(forms);
    free(data);
    town_create(t);
    town_open(t);
    town_load(t->host);
    outbox_enrol(t, &t->e1, "E1");
    *state = t;
    return 0;
}

static inline int town_end(void **state)
{
    struct town *t = *state;
    outbox_done(&t->e1);
    host_close(t->host);
    ca_free(t->ca);
    rulebook_free(t->book);
    free(t->db);
    void *dir = t->dir;
    free(t);
    return check_tmpdir_gone(&dir);
}

#define town_test(f) cmocka_unit_test_setup_teardown(f, town_begin, town_end)

#endif
