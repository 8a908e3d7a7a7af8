#include "city.h"
#include "check.h"
#include "harness/people.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "form/catalog.h"
#include "host/branches.h"
#include "host/bulk.h"
#include "host/host.h"
#include "host/snapshot.h"
#include "store/operator.h"
#include "store/outage.h"
#include "store/outbox_send.h"
#include "store/people.h"
#include "store/schema.h"
#include "store/txn.h"

#include <fcntl.h>

#define CITY_CODE "99201"

#define must_ok(call)                                                                         \
    do {                                                                                      \
        struct errinfo must_err_ = { 0 };                                                     \
        struct errinfo *err = &must_err_;                                                     \
        if ((call) != OK)                                                                     \
            fail_msg("%s: %s %s %s", #call, must_err_.msg, must_err_.item, must_err_.detail); \
    } while (0)

static int64_t wall(void *self)
{
    return ((struct city *)self)->wall_ms;
}

static int64_t mono(void *self)
{
    return ((struct city *)self)->mono_ms;
}

static struct clock clock_of(struct city *c)
{
    return (struct clock){ wall, mono, c };
}

unsigned city_random(struct city *c, unsigned bound)
{
    return (unsigned)rand_r(&c->seed) % bound;
}

/* ---- the host ---- */

static void open_host(struct city *c)
{
    char *key = fs_join(c->dir, "sign.key");
    struct host_options o = { .clock = clock_of(c), .book = c->book, .policy = c->policy, .dir = c->dir };
    must_ok(host_sqlite_open(c->host_db, false, clock_of(c), &o.backend, err));
    must_ok(key_load(key, &o.sign, err));
    must_ok(host_open(&o, &c->host, err));
    free(key);
}

void host_down_and_up(struct city *c)
{
    host_close(c->host);
    c->host = NULL;
    open_host(c);
}

static void copy_file(const char *from, const char *to)
{
    struct buf b = BUF_INIT;
    must_ok(fs_read(from, 64u << 20, &b, err));
    must_ok(fs_write_atomic(to, 0600, buf_span(&b), err));
    buf_done(&b);
}

void host_keep(struct city *c, const char *name)
{
    char *to = fs_join(c->dir, name);
    host_close(c->host);
    copy_file(c->host_db, to);
    open_host(c);
    free(to);
}

void host_put_back(struct city *c, const char *name, bool new_epoch)
{
    char *from = fs_join(c->dir, name), *log = xprintf("%s-wal", c->host_db);
    struct host_backend *b = NULL;
    host_close(c->host);
    unlink(log);
    copy_file(from, c->host_db);
    if (new_epoch) {
        must_ok(host_sqlite_open(c->host_db, false, clock_of(c), &b, err));
        must_ok(host_restored(b, clock_of(c), "test", err));
        host_backend_close(b);
    }
    open_host(c);
    free(from);
    free(log);
}

const char *person_id(int person)
{
    static char id[16];
    snprintf(id, sizeof id, "%d", 1000 + person);
    return id;
}

static struct resident *person(int n)
{
    char household[16], name[32];
    snprintf(household, sizeof household, "%d", 5000 + n);
    snprintf(name, sizeof name, "試験　%d号", n);
    const struct made_person p = { person_id(n), household, name, "1", "S50.05.10", "世帯主" };
    struct resident *r = make_person(&p);
    resident_set(r, ATTR_HEAD_NAME, name);
    return r;
}

static void create_host(struct city *c)
{
    struct host_backend *b = NULL;
    struct key *sign = NULL;
    struct host_bulk *bulk = NULL;
    struct buf pub = BUF_INIT;
    char *key = fs_join(c->dir, "sign.key"), *ca = fs_join(c->dir, "ca");
    struct cert_id instance = { .trial = true, .role = ROLE_HOST, .city = CITY_CODE, .name = "ca" };
    must_ok(key_generate(SIG_P256_SHA256, &sign, err));
    must_ok(key_save(sign, key, err));
    must_ok(key_public_pem(sign, &pub, err));
    must_ok(key_public_read(buf_span(&pub), &c->host_pub, err));
    key_free(sign);
    must_ok(host_sqlite_open(c->host_db, true, clock_of(c), &b, err));
    must_ok(host_create(b, clock_of(c), true, CITY_CODE, "H1", err));
    host_backend_close(b);
    must_ok(ca_create(ca, &c->policy, &instance, CITY_NOW, 3650, &c->ca, err));
    open_host(c);
    must_ok(host_bulk_begin(c->host, &bulk, err));
    for (int i = 1; i <= CITY_PEOPLE; i++) {
        struct resident *r = person(i);
        must_ok(host_bulk_add(bulk, r, err));
        resident_free(r);
    }
    must_ok(host_bulk_commit(bulk, err));
    buf_done(&pub);
    free(key);
    free(ca);
}

/* ---- the line: what the link child and the host's HTTP side do ---- */

static enum link_class class_of(enum err e)
{
    static const enum link_class classes[E_ERRS] = {
        [OK] = LINK_OK,           [E_CONFLICT] = LINK_STALE, [E_NOTFOUND] = LINK_GONE, [E_CORRUPT] = LINK_REFUSED,
        [E_INVALID] = LINK_STALE, [E_DENIED] = LINK_AUTH,    [E_BUSY] = LINK_BUSY,     [E_FULL] = LINK_BUSY,
        [E_IO] = LINK_TRANSPORT,
    };
    return classes[e];
}

static void sign(struct office *o, const struct link_ask *a, struct buf *ret)
{
    struct batch b;
    batch_init(&b, a->host_id, o->name, a->incarnation, a->first, a->chain_before);
    for (uint32_t i = 0; i < a->n_op; i++)
        must_ok(batch_add(&b, a->op[i], 0, err));
    must_ok(batch_encode(&b, o->key, &o->city->policy, ret, err));
    batch_done(&b);
}

static enum err to_host_ops(struct office *o, struct span batch, struct buf *ret)
{
    uint64_t upto = 0;
    struct errinfo err;
    return host_ingest(o->city->host, o->name, batch, ret, &upto, &err);
}

static enum err to_host_hello(struct office *o, struct span body, struct buf *ret)
{
    struct hello h;
    struct welcome w;
    enum err e = hello_decode(body, &h, NULL);
    if (e == OK)
        e = host_hello(o->city->host, o->name, &h, &w, NULL);
    if (e != OK)
        return e;
    must_ok(welcome_encode(&w, ret, err));
    welcome_done(&w);
    return OK;
}

static enum err to_host_snapshot(struct office *o, struct buf *ret)
{
    bool ready = false, more = true;
    struct errinfo err;
    enum err e = host_snapshot_manifest(o->city->host, &ready, ret, &err);
    while (e == OK && !ready && more)
        e = host_snapshot_step(o->city->host, &more, &err);
    return e == OK && !ready ? E_BUSY : e;
}

static enum err to_host_chunk(struct office *o, const struct link_ask *a, struct buf *ret)
{
    int fd = -1;
    size_t size = 0;
    struct errinfo err;
    enum err e = host_snapshot_chunk(o->city->host, a->snapshot, a->chunk, &fd, &size, &err);
    if (e != OK)
        return e;
    buf_reserve(ret, size);
    assert_int_equal(read(fd, ret->p, size), (ssize_t)size);
    ret->len = size;
    close(fd);
    return OK;
}

static enum err to_host(struct office *o, const struct link_ask *a, struct buf *ret)
{
    struct buf batch = BUF_INIT;
    struct errinfo why;
    enum err e = OK;
    switch (a->kind) {
    case ASK_HELLO:
        e = to_host_hello(o, a->body, ret);
        break;
    case ASK_OPS:
        sign(o, a, &batch);
        o->sent = xrealloc(o->sent, o->n_sent + 1, sizeof *o->sent);
        o->sent[o->n_sent++] = batch;
        e = to_host_ops(o, buf_span(&batch), ret);
        break;
    case ASK_FEED:
        e = host_feed(o->city->host, o->name, a->after, (uint32_t)a->max, ret, &why);
        break;
    case ASK_SNAPSHOT:
        e = to_host_snapshot(o, ret);
        break;
    case ASK_CHUNK:
        e = to_host_chunk(o, a, ret);
        break;
    case ASK_LIFE:
        e = host_life(o->city->host, o->name, a->incarnation, a->after, 2000, ret, &why);
        break;
    case ASK_HEALTH:
    case ASK_KINDS:
        break;
    }
    return e;
}

static void answer(struct office *o, enum link_class class, struct span body)
{
    const struct link_answer a = {
        .class = class, .retry_ms = class == LINK_BUSY ? 2000 : 0, .took_ms = 20, .detail = span_of(""), .body = body
    };
    engine_answer(o->engine, &a);
}

static enum mishap draw(struct city *c)
{
    if ((int)city_random(c, 100) >= c->mishap_percent)
        return FINE;
    return (enum mishap)(1 + city_random(c, MISHAPS - 1));
}

static void replay_old(struct office *o)
{
    struct buf ret = BUF_INIT;
    if (o->n_sent)
        (void)!to_host_ops(o, buf_span(&o->sent[city_random(o->city, (unsigned)o->n_sent)]), &ret);
    buf_done(&ret);
}

static void deliver(struct office *o)
{
    struct city *c = o->city;
    struct buf question = o->question, ret = BUF_INIT, second = BUF_INIT;
    struct link_ask a;
    enum err e = OK;
    o->question = BUF_INIT;
    o->asked = false;
    must_ok(link_ask_take(buf_span(&question), &a, err));
    enum mishap m = o->cut || o->lost & 1u << a.kind ? LOST : o->mute & 1u << a.kind ? UNANSWERED : draw(c);
    c->count[m]++;
    if (m == HOST_DIES)
        host_down_and_up(c);
    if (m == OLD_AGAIN)
        replay_old(o);
    if (m != LOST && m != CRASH_BEFORE)
        e = to_host(o, &a, &ret);
    if (m == TWICE) {
        e = to_host(o, &a, &second);
        buf_clear(&ret);
        buf_add(&ret, second.p, second.len);
    }
    if (o->gone & 1u << a.kind) {
        o->gone &= ~(1u << a.kind);
        o->lost |= 1u << a.kind;
        answer(o, LINK_GONE, span_of(""));
    } else if (m == CRASH || m == CRASH_BEFORE) {
        office_crash(o);
        office_open(c, o);
    } else if (m == LOST || m == UNANSWERED) {
        answer(o, LINK_TRANSPORT, span_of(""));
    } else {
        answer(o, class_of(e), e == OK ? buf_span(&ret) : span_of(""));
    }
    link_ask_done(&a);
    buf_done(&question);
    buf_done(&ret);
    buf_done(&second);
}

static void on_ask(void *self, const struct link_ask *a)
{
    struct office *o = self;
    MUST(!o->asked);
    o->asked = true;
    link_ask_put(a, &o->question);
}

static uint32_t on_random(void *self, uint32_t bound)
{
    struct office *o = self;
    return city_random(o->city, bound);
}

/* ---- branches ---- */

void office_enrol(struct city *c, struct office *o)
{
    struct enrol_code code;
    struct enrol_request r = { .trial = true };
    struct enrol_answer a;
    key_free(o->key);
    o->key = NULL;
    must_ok(key_generate(SIG_P256_SHA256, &o->key, err));
    must_ok(host_enrol_code(c->host, o->name, ca_pem(c->ca), "test", &code, err));
    memcpy(r.secret, code.secret, ENROL_SECRET);
    must_ok(key_request(o->key, &r.csr, err));
    must_ok(host_enrol(c->host, c->ca, &r, &a, err));
    enrol_request_done(&r);
    enrol_answer_done(&a);
}

static void add_operators(struct office *o)
{
    static const struct {
        const char *id;
        enum role role;
    } list[] = { { "clk1", ROLE_CLK }, { "clk2", ROLE_CLK }, { "sup1", ROLE_SUP }, { "sup2", ROLE_SUP },
                 { "bm1", ROLE_BM },   { "rsp1", ROLE_RSP }, { "sys1", ROLE_SYS } };
    char *verifier = NULL;
    must_ok(password_make(CITY_PASSWORD, 10, &verifier, err));
    must_ok(txn_begin(o->db, err));
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        struct operator_row row = { .id = (char *)(uintptr_t)list[i].id,
                                    .name = (char *)(uintptr_t) "試験 用子",
                                    .state = OPERATOR_ACTIVE,
                                    .verifier = verifier,
                                    .roles = ROLE_BIT(list[i].role) };
        must_ok(operator_add(o->db, &row, "setup", err));
    }
    must_ok(txn_commit(o->db, err));
    free(verifier);
}

static const char *host_of(void *self)
{
    const struct office *o = self;
    struct engine_status st;
    engine_status(o->engine, &st);
    return engine_host_name(st.host);
}

static void on_commit(void *arg)
{
    const struct office *o = arg;
    engine_wake(o->engine);
}

static void open_service(struct city *c, struct office *o)
{
    char *data = fs_join(getenv("SOURCE_ROOT"), "data");
    struct service_options so = { .db = o->db,
                                  .book = c->book,
                                  .data_dir = data,
                                  .identity = { CITY_CODE, o->name, "試験支所", "1", true },
                                  .clock = clock_of(c),
                                  .passwords = { password_make, password_check, random_bytes } };
    must_ok(service_open(&so, &o->svc, err));
    free(data);
}

void office_open(struct city *c, struct office *o)
{
    struct db_options dbo = {
        .path = o->store_path, .hash = digest_sha256, .schema = &store_schema, .clock = clock_of(c)
    };
    struct link_ready ready = { .cert_until_ms = CITY_NOW * 2 };
    memcpy(ready.branch, o->name, sizeof o->name);
    memccpy(ready.serial, o->serial, '\0', sizeof ready.serial - 1);
    dbo.create = access(o->store_path, F_OK) != 0;
    must_ok(db_open(&dbo, &o->db, err));
    if (dbo.create)
        add_operators(o);
    open_service(c, o);
    const struct engine_options eo = { .svc = o->svc,
                                       .branch = o->name,
                                       .trial = true,
                                       .app = "test",
                                       .side_file = o->side_file,
                                       .store_path = o->dir,
                                       .host = c->host_pub,
                                       .policy = &c->policy,
                                       .ask = on_ask,
                                       .random = on_random,
                                       .self = o };
    must_ok(engine_new(&eo, &o->engine, err));
    o->plug = (struct service_plug){ .self = o, .engine = o->engine, .host = host_of };
    service_plug(o->svc, &o->plug);
    service_on_commit(o->svc, on_commit, o);
    engine_link_up(o->engine, &ready);
}

/* What is not in the file is gone. The write-ahead log stays as it is: nothing is folded back first. */
void office_crash(struct office *o)
{
    engine_free(o->engine);
    service_close(o->svc);
    db_close(o->db);
    o->engine = NULL;
    o->svc = NULL;
    o->db = NULL;
    o->asked = false;
    buf_done(&o->question);
}

static void set_param(struct city *c, const char *name, const char *text)
{
    for (size_t i = 0; i < c->book->n_param; i++)
        if (strcmp(c->book->param[i].name, name) == 0) {
            free(c->book->param[i].value);
            c->book->param[i].value = xstrdup(text);
        }
}

/* ---- life ---- */

void city_open(struct city *c, unsigned seed)
{
    void *dir = NULL;
    struct errinfo why;
    char *forms = fs_join(getenv("SOURCE_ROOT"), "forms"), *data = fs_join(getenv("SOURCE_ROOT"), "data");
    memset(c, 0, sizeof *c);
    assert_int_equal(check_tmpdir(&dir), 0);
    c->dir = dir;
    c->seed = seed;
    c->wall_ms = CITY_NOW;
    c->mono_ms = 1000;
    c->policy = alg_policy_p256();
    c->host_db = fs_join(c->dir, "host.db");
    if (catalog_load(forms, data, NULL, &c->book, NULL, &why) != OK)
        fail_msg("%s %s", why.item, why.detail);
    set_param(c, "KDF_ITER", "10");
    set_param(c, "IDLE_LOCK_MIN", "100000");
    create_host(c);
    for (int i = 0; i < CITY_BRANCHES; i++) {
        struct office *o = &c->office[i];
        o->city = c;
        snprintf(o->name, sizeof o->name, "E%d", i + 1);
        o->serial = "01";
        o->dir = fs_join(c->dir, o->name);
        must_ok(fs_mkdir_p(o->dir, 0700, err));
        o->store_path = fs_join(o->dir, "store.db");
        o->side_file = fs_join(o->dir, "incarnation");
        office_enrol(c, o);
        office_open(c, o);
    }
    free(forms);
    free(data);
}

void city_close(struct city *c)
{
    for (int i = 0; i < CITY_BRANCHES; i++) {
        struct office *o = &c->office[i];
        office_crash(o);
        for (size_t k = 0; k < o->n_sent; k++)
            buf_done(&o->sent[k]);
        free(o->sent);
        key_free(o->key);
        free(o->dir);
        free(o->store_path);
        free(o->side_file);
    }
    host_close(c->host);
    key_free(c->host_pub);
    ca_free(c->ca);
    rulebook_free(c->book);
    free(c->host_db);
    void *dir = c->dir;
    assert_int_equal(check_tmpdir_gone(&dir), 0);
}

static bool deliver_one(struct city *c)
{
    int first = (int)city_random(c, CITY_BRANCHES);
    for (int i = 0; i < CITY_BRANCHES; i++) {
        struct office *o = &c->office[(first + i) % CITY_BRANCHES];
        if (o->asked) {
            deliver(o);
            if (c->look)
                c->look(o);
            return true;
        }
    }
    return false;
}

void city_run(struct city *c, int64_t ms)
{
    int64_t end = c->mono_ms + ms;
    for (int idle = 0;; idle++) {
        int64_t step = INT64_MAX;
        while (deliver_one(c))
            idle = 0;
        for (int i = 0; i < CITY_BRANCHES; i++) {
            int64_t due = engine_due(c->office[i].engine);
            step = due < step ? due : step;
        }
        bool over = step > 0 && step >= end - c->mono_ms;
        step = over ? end - c->mono_ms : step;
        idle = step > 0 ? 0 : idle;
        c->mono_ms += step;
        c->wall_ms += step;
        if (over)
            return;
        if (idle > 10)
            fail_msg("an engine wants to be called and does nothing");
        for (int i = 0; i < CITY_BRANCHES; i++)
            engine_tick(c->office[i].engine);
    }
}

/* ---- what people do ---- */

static void value(json_t *values, const char *s, const char *f, const char *v)
{
    json_array_append_new(values, json_pack("{s:s,s:i,s:s,s:s}", "s", s, "r", 0, "f", f, "v", v));
}

static char *tenkyo(const char *no, const char *id, const char *lot, int64_t received_ms)
{
    char at[CLOCK_TEXT];
    json_t *v = json_array();
    value(v, "filer", "filed_on", "2026-07-01");
    value(v, "filer", "relation", "1");
    value(v, "filer", "id1", "12");
    value(v, "filer", "id_result", "1");
    value(v, "move", "moved_on", "2026-06-28");
    value(v, "persons", "person", id);
    value(v, "persons", "relation", "世帯主");
    value(v, "address", "addr_code", "99201001000");
    value(v, "address", "addr_town", "梅町一丁目");
    value(v, "address", "addr_lot", lot);
    value(v, "dest", "to", "1");
    clock_iso_jst(received_ms, at);
    json_t *n = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:[],s:[],s:s}", "no", no, "kind", "tenkyo", "received_at",
                          at, "received_on", "2026-07-01", "entered_by", "clk1", "examined_by", "sup1", "decided_by",
                          "sup1", "values", v, "acks", "base", "forms_digest", "00");
    MUST(n);
    char *text = json_dumps(n, JSON_COMPACT);
    json_decref(n);
    return text;
}

int64_t office_moves(struct office *o, int person, const char *lot)
{
    static int serial;
    struct resident *r = NULL;
    int64_t seq = -1;
    char no[32], lane[16];
    const char *id = person_id(person);
    snprintf(no, sizeof no, "%s1-N26-%06d", o->name, ++serial);
    snprintf(lane, sizeof lane, "%d", 5000 + person);
    must_ok(people_by_id(o->db, id, &r, err));
    const struct outbox_base base = { id, r->rev };
    char *payload = tenkyo(no, id, lot, o->city->wall_ms);
    const struct outbox_new op = { "notice.decide", lane, payload, &base, 1, "sup1", "clk1" };
    must_ok(txn_begin(o->db, err));
    must_ok(outbox_add(o->db, &op, &seq, err));
    must_ok(txn_commit(o->db, err));
    o->entered++;
    resident_free(r);
    free(payload);
    engine_wake(o->engine);
    return seq;
}

void office_calm(struct office *o)
{
    struct outage stop;
    bool found = false;
    const struct outage_act act = { OUTAGE_CANCEL, COUNTER_NORMAL, 0, "sup1", "", "回線は正常" };
    must_ok(outage_current(o->db, &stop, &found, err));
    if (!found)
        return;
    must_ok(txn_begin(o->db, err));
    must_ok(outage_move(o->db, stop.no, &act, err));
    must_ok(txn_commit(o->db, err));
    outage_done(&stop);
}

int64_t office_rev(struct office *o, int person)
{
    struct resident *r = NULL;
    struct errinfo err;
    if (people_by_id(o->db, person_id(person), &r, &err) != OK)
        return 0;
    int64_t rev = r->rev;
    resident_free(r);
    return rev;
}

char *office_body(struct office *o, int person, int64_t rev)
{
    struct resident *r = NULL;
    struct buf b = BUF_INIT;
    must_ok(people_at_rev(o->db, person_id(person), rev, &r, err));
    resident_encode(r, &b);
    resident_free(r);
    return buf_steal(&b);
}

/* ---- through the gate ---- */

static void keep_answer(void *arg, json_t *answer)
{
    *(json_t **)arg = answer;
}

static json_t *call(struct office *o, struct session *s, const char *method, json_t *params)
{
    json_t *answer = NULL, *request = json_pack("{s:i,s:s}", "id", 1, "method", method);
    if (params)
        json_object_set_new(request, "params", params);
    service_call(s, request, keep_answer, &answer);
    json_decref(request);
    for (int i = 0; i < 100 && !answer; i++) {
        city_run(o->city, 100);
        service_tick(o->svc);
    }
    assert_non_null(answer);
    return answer;
}

json_t *office_ask(struct office *o, struct session *s, const char *method, json_t *params)
{
    json_t *answer = call(o, s, method, params);
    if (!json_is_true(json_object_get(answer, "ok")))
        fail_msg("%s: %s", method, json_dumps(answer, JSON_COMPACT));
    json_t *result = json_incref(json_object_get(answer, "result"));
    json_decref(answer);
    return result;
}

void office_refused(struct office *o, struct session *s, const char *method, json_t *params, const char *msg)
{
    json_t *answer = call(o, s, method, params);
    const char *got = json_string_value(json_object_get(json_object_get(answer, "error"), "msg"));
    if (!got || strcmp(got, msg) != 0)
        fail_msg("%s: expected %s, got %s", method, msg, json_dumps(answer, JSON_COMPACT));
    json_decref(answer);
}

struct session *office_login(struct office *o, const char *operator_id)
{
    struct session *s = session_open(o->svc, &(struct service_peer){ 1000, 1 });
    json_decref(
        office_ask(o, s, "session.login", json_pack("{s:s,s:s}", "operator", operator_id, "password", CITY_PASSWORD)));
    return s;
}

char *office_enters(struct office *o, int person, const char *lot, const char *no)
{
    struct session *clk = office_login(o, "clk1"), *sup = office_login(o, "sup1");
    char *payload = tenkyo("", person_id(person), lot, o->city->wall_ms);
    json_t *n = json_loads(payload, 0, NULL);
    json_t *p = json_pack("{s:s,s:O,s:[]}", "kind", "tenkyo", "values", json_object_get(n, "values"), "acks");
    if (no)
        json_object_set_new(p, "no", json_string(no));
    json_t *r = office_ask(o, clk, "notice.enter", p);
    char *got = xstrdup(json_string_value(json_object_get(r, "no")));
    json_decref(r);
    json_decref(n);
    free(payload);
    json_decref(office_ask(o, sup, "notice.examine",
                           json_pack("{s:s,s:[b,b,b,b,b],s:b}", "no", got, "answers", 1, 1, 1, 1, 1, "ok", 1)));
    session_close(clk);
    session_close(sup);
    return got;
}

void office_decides(struct office *o, const char *no)
{
    struct session *s = office_login(o, "sup2");
    json_decref(office_ask(o, s, "notice.decide", json_pack("{s:s,s:s}", "no", no, "password", CITY_PASSWORD)));
    session_close(s);
}

char *office_notice(struct office *o, int person, const char *lot)
{
    char *no = office_enters(o, person, lot, NULL);
    office_decides(o, no);
    return no;
}

char *office_case(struct office *o, const char *no, const char *member)
{
    struct session *s = office_login(o, "sup1");
    json_t *r = office_ask(o, s, "notice.get", json_pack("{s:s}", "no", no));
    char *text = xstrdup(json_string_value(json_object_get(r, member)));
    json_decref(r);
    session_close(s);
    return text;
}
