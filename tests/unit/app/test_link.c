/* The link child as its parent sees it: a real process, real TLS 1.3, a proxy between. */
#include "check.h"

#include "app/link.h"
#include "app/privsep.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "harness/pki.h"
#include "harness/proxy.h"
#include "https.h"
#include "service/linkmsg.h"

enum { PATIENCE_MS = 30000, STALL_MS = 1000, CONNECT_MS = 5000 };

struct fixture {
    void *dir;
    char *sub[3]; /* ca, host, branch */
    int64_t now;
    struct ca *ca;
    struct loop *loop;
    struct https host;
    struct proxy *proxy;
    struct privsep *ps;
    struct child *child;
    int started, ended, ready, failed, answers, signs;
    const char *host_name;
    struct errinfo why;
    struct link_ready hello;
    struct link_answer a;
    struct buf keep; /* what `a` points into */
    struct link_signed s;
    struct buf keep_signed; /* what `s` points into */
};

static void on_started(void *arg, struct child *c)
{
    struct fixture *f = arg;
    struct buf b = BUF_INIT;
    char *url = xprintf("https://127.0.0.1:%u", proxy_port(f->proxy));
    char *policy = xprintf("%s/data/tables/crypto_allow.tsv", getenv("SOURCE_ROOT"));
    const struct link_config cfg = { .url = span_of(url),
                                     .keys_dir = span_of(f->sub[2]),
                                     .policy = span_of(policy),
                                     .city = span_of(PKI_CITY),
                                     .host_name = span_of(f->host_name ? f->host_name : ""),
                                     .trial = true,
                                     .connect_ms = CONNECT_MS,
                                     .stall_ms = STALL_MS };
    link_config_put(&cfg, &b);
    f->started++;
    child_send(c, LINK_CONFIG, 0, buf_span(&b));
    buf_done(&b);
    free(url);
    free(policy);
}

static enum err on_message(void *arg, struct child *c, const struct msg *m, struct errinfo *reterr)
{
    struct fixture *f = arg;
    (void)c;
    if (m->type == LINK_READY) {
        f->ready++;
        return link_ready_take(m->body, &f->hello, reterr);
    }
    if (m->type == LINK_FAILED) {
        f->failed++;
        return link_failed_take(m->body, &f->why, reterr);
    }
    if (m->type == LINK_SIGNED) {
        f->signs++;
        buf_clear(&f->keep_signed);
        buf_add(&f->keep_signed, m->body.p, m->body.n);
        return link_signed_take(buf_span(&f->keep_signed), &f->s, reterr);
    }
    f->answers++;
    buf_clear(&f->keep);
    buf_add(&f->keep, m->body.p, m->body.n);
    return link_answer_take(buf_span(&f->keep), &f->a, reterr);
}

static void on_ended(void *arg, struct child *c, int status)
{
    struct fixture *f = arg;
    (void)c, (void)status;
    f->ended++;
}

static void issue(struct fixture *f, struct ca *ca, const char *dir, const char *stem, enum cert_role role,
                  int64_t until)
{
    const struct pki_order o = { role, true, NULL, role == ROLE_HOST ? "host" : "E1", f->now - 2 * DAY_MS, until };
    pki_issue(ca, dir, stem, &o);
}

/* keys are there; host and child do not run yet */
static int set_up(void **state)
{
    static const char *const names[] = { "ca", "host", "branch" };
    struct fixture *f = xcalloc(1, sizeof *f);
    struct clock clock = clock_system();
    struct errinfo err;
    assert_int_equal(check_tmpdir(&f->dir), 0);
    for (int i = 0; i < 3; i++)
        f->sub[i] = fs_join(f->dir, names[i]);
    f->now = clock.wall_ms(clock.self);
    f->ca = pki_ca(f->sub[0], true, f->now - 3 * DAY_MS);
    issue(f, f->ca, f->sub[1], "host", ROLE_HOST, f->now + DAY_MS);
    issue(f, f->ca, f->sub[2], "branch", ROLE_BRANCH, f->now + DAY_MS);
    f->loop = loop_new();
    f->proxy = proxy_new(f->loop, 0);
    assert_int_equal(privsep_new(f->loop, &f->ps, &err), OK);
    *state = f;
    return 0;
}

static void host_up(struct fixture *f, bool require)
{
    char *key = fs_join(f->sub[1], "host.key"), *crt = fs_join(f->sub[1], "host.crt"),
         *ca = fs_join(f->sub[1], "ca.crt");
    const struct tls_files files = { key, crt, ca };
    https_start(&f->host, &files, require);
    proxy_target(f->proxy, f->host.port);
    free(key);
    free(crt);
    free(ca);
}

static void child_up(struct fixture *f)
{
    static const struct child_ops ops = { on_started, on_message, on_ended };
    const struct child_spec spec = { .role = "link",
                                     .in = &link_out,
                                     .ops = &ops,
                                     .arg = f,
                                     .restart = true,
                                     .restart_min_ms = 10,
                                     .restart_max_ms = 100 };
    struct errinfo err;
    assert_int_equal(child_start(f->ps, &spec, &f->child, &err), OK);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    privsep_free(f->ps);
    if (f->host.pid)
        https_stop(&f->host);
    proxy_free(f->proxy);
    loop_free(f->loop);
    ca_free(f->ca);
    buf_done(&f->keep);
    buf_done(&f->keep_signed);
    for (int i = 0; i < 3; i++)
        free(f->sub[i]);
    void *dir = f->dir;
    free(f);
    return check_tmpdir_gone(&dir);
}

static void turn_until(struct fixture *f, const int *counter, int want)
{
    struct clock clock = clock_system();
    int64_t end = clock.mono_ms(clock.self) + PATIENCE_MS;
    while (*counter < want) {
        loop_once(f->loop, PATIENCE_MS);
        if (clock.mono_ms(clock.self) > end)
            fail_msg("waited too long");
    }
}

static enum link_class ask(struct fixture *f, const struct link_ask *a)
{
    struct buf b = BUF_INIT;
    int before = f->answers;
    link_ask_put(a, &b);
    child_send(f->child, LINK_ASK, 1, buf_span(&b));
    buf_done(&b);
    turn_until(f, &f->answers, before + 1);
    return f->a.class;
}

static enum link_class ask_health(struct fixture *f)
{
    return ask(f, &(struct link_ask){ .kind = ASK_HEALTH });
}

static void all_up(struct fixture *f)
{
    host_up(f, true);
    child_up(f);
    turn_until(f, &f->ready, 1);
}

static void test_one_connection_serves_all(void **state)
{
    struct fixture *f = *state;
    all_up(f);
    assert_string_equal(f->hello.branch, "E1");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ask_health(f), LINK_OK);
        assert_string_equal(f->host.seen->line, "GET /v1/health HTTP/1.1");
    }
    assert_int_equal(f->host.seen->requests, 10);
    assert_int_equal(f->host.seen->accepted, 1);
}

static void test_each_question_has_its_place(void **state)
{
    struct fixture *f = *state;
    all_up(f);
    assert_int_equal(ask(f, &(struct link_ask){ .kind = ASK_HELLO, .body = span_of("{\"proto\":1}") }), LINK_OK);
    assert_string_equal(f->host.seen->line, "POST /v1/hello HTTP/1.1");
    assert_string_equal(f->host.seen->type, "application/json");
    assert_true(span_is(f->a.body, "{\"proto\":1}"));
    assert_int_equal(ask(f, &(struct link_ask){ .kind = ASK_FEED, .after = 200, .max = 5 }), LINK_OK);
    assert_string_equal(f->host.seen->line, "GET /v1/feed?after=200&max=5 HTTP/1.1");
    assert_true(span_is(f->a.body, "bbbbb"));
    assert_int_equal(ask(f, &(struct link_ask){ .kind = ASK_SNAPSHOT }), LINK_OK);
    assert_string_equal(f->host.seen->line, "POST /v1/snapshot HTTP/1.1");
    assert_int_equal(ask(f, &(struct link_ask){ .kind = ASK_CHUNK, .snapshot = { 0xab, 1 }, .chunk = 7 }), LINK_OK);
    assert_string_equal(f->host.seen->line, "GET /v1/snapshot/ab010000000000000000000000000000/7 HTTP/1.1");
}

static void test_a_batch_is_signed_by_the_branch(void **state)
{
    struct fixture *f = *state;
    struct op op;
    struct buf bytes[2] = { BUF_INIT, BUF_INIT };
    struct span ops[2];
    struct batch got;
    struct key *pub = NULL;
    struct errinfo err;
    struct buf pem = BUF_INIT;
    const struct alg_policy policy = alg_policy_p256();
    all_up(f);
    struct link_ask a = {
        .kind = ASK_OPS, .branch = span_of("E1"), .first = 5, .op = ops, .n_op = 2, .host_id = { 9 }
    };
    for (unsigned i = 0; i < 2; i++) {
        op_init(&op);
        strcpy(op.branch, "E1");
        strcpy(op.kind, "cert.void");
        strcpy(op.operator_id, "clerk");
        strcpy(op.app, "t");
        op.seq = 5 + i;
        op.wall_ms = f->now;
        op_set_payload(&op, "{}", 2);
        if (op_encode(&op, &bytes[i], &err) != OK)
            fail_msg("%s", err.detail);
        ops[i] = buf_span(&bytes[i]);
        op_done(&op);
    }
    assert_int_equal(ask(f, &a), LINK_OK);
    assert_string_equal(f->host.seen->line, "POST /v1/ops HTTP/1.1");
    struct span sent = { f->host.seen->body, f->host.seen->len };
    assert_int_equal(batch_decode(sent, &got, &err), OK);
    char *crt = fs_join(f->sub[2], "branch.crt");
    assert_int_equal(fs_read(crt, 1 << 16, &pem, &err), OK);
    assert_int_equal(key_public_of_cert(buf_span(&pem), &pub, &err), OK);
    assert_int_equal(batch_verify(&got, pub, &policy, &err), OK);
    assert_int_equal(got.first, 5);
    assert_int_equal(got.last, 6);
    assert_int_equal(got.host_id[0], 9);
    batch_done(&got);
    a.first = 6; /* operations that do not fit the range are never signed */
    assert_int_equal(ask(f, &a), LINK_REFUSED);
    key_free(pub);
    buf_done(&pem);
    free(crt);
    buf_done(&bytes[0]);
    buf_done(&bytes[1]);
}

static void test_statuses_are_classified(void **state)
{
    struct fixture *f = *state;
    static const struct {
        uint64_t status;
        enum link_class class;
        uint32_t retry_ms;
    } cases[] = {
        { 200, LINK_OK, 0 },        { 400, LINK_REFUSED, 0 },   { 401, LINK_AUTH, 0 },      { 403, LINK_AUTH, 0 },
        { 404, LINK_GONE, 0 },      { 408, LINK_TRANSPORT, 0 }, { 409, LINK_STALE, 0 },     { 410, LINK_GONE, 0 },
        { 413, LINK_REFUSED, 0 },   { 429, LINK_BUSY, 7000 },   { 500, LINK_TRANSPORT, 0 }, { 502, LINK_TRANSPORT, 0 },
        { 503, LINK_BUSY, 300000 }, { 302, LINK_TRANSPORT, 0 }, { 204, LINK_TRANSPORT, 0 },
    };
    all_up(f);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct link_ask a = { .kind = ASK_FEED, .after = cases[i].status, .max = 0 };
        assert_int_equal(ask(f, &a), cases[i].class);
        assert_int_equal(f->a.status, cases[i].status);
        assert_int_equal(f->a.retry_ms, cases[i].retry_ms);
    }
}

static void test_an_endless_answer_is_cut(void **state)
{
    struct fixture *f = *state;
    all_up(f);
    assert_int_equal(ask(f, &(struct link_ask){ .kind = ASK_FEED, .after = 200, .max = FEED_PAGE_MAX }), LINK_OK);
    assert_int_equal(f->a.body.n, FEED_PAGE_MAX);
    assert_int_equal(ask(f, &(struct link_ask){ .kind = ASK_FEED, .after = 200, .max = FEED_PAGE_MAX + 1 }),
                     LINK_REFUSED);
    assert_int_equal(ask_health(f), LINK_OK);
}

static void test_nobody_there(void **state)
{
    struct fixture *f = *state;
    child_up(f);
    turn_until(f, &f->ready, 1);
    assert_int_equal(ask_health(f), LINK_TRANSPORT);
    host_up(f, true);
    assert_int_equal(ask_health(f), LINK_OK);
}

static void test_cut_at_any_byte_it_says_so_and_recovers(void **state)
{
    struct fixture *f = *state;
    static const enum proxy_end ends[] = { PROXY_FIN, PROXY_RST };
    unsigned seed = 1202;
    print_message("# seed %u\n", seed);
    all_up(f);
    assert_int_equal(ask_health(f), LINK_OK);
    uint64_t up = proxy_bytes(f->proxy, PROXY_UP), down = proxy_bytes(f->proxy, PROXY_DOWN);
    for (int i = 0; i < 60; i++) {
        enum proxy_way way = i % 2 ? PROXY_UP : PROXY_DOWN;
        uint64_t at = (uint64_t)rand_r(&seed) % (way == PROXY_UP ? up : down);
        proxy_cut(f->proxy, PROXY_RST);
        proxy_after(f->proxy, way, at, ends[i / 2 % 2]);
        unsigned events = proxy_events(f->proxy);
        enum link_class c = ask_health(f);
        if (proxy_events(f->proxy) > events) {
            if (c != LINK_TRANSPORT && c != LINK_OK)
                fail_msg("cut %d after %d: %s", (int)way, (int)at, link_class_name(c));
        } else {
            assert_int_equal(c, LINK_OK);
        }
        proxy_after(f->proxy, way, 0, PROXY_PASS);
        assert_int_equal(ask_health(f), LINK_OK);
    }
    assert_true(proxy_events(f->proxy) > 40);
}

static void test_a_silent_line_ends_in_time(void **state)
{
    struct fixture *f = *state;
    all_up(f);
    assert_int_equal(ask_health(f), LINK_OK);
    proxy_cut(f->proxy, PROXY_STALL);
    assert_int_equal(ask_health(f), LINK_TRANSPORT);
    assert_in_range(f->a.took_ms, STALL_MS / 2, 10 * STALL_MS);
    proxy_cut(f->proxy, PROXY_RST);
    assert_int_equal(ask_health(f), LINK_OK);
}

static void test_a_slow_line_is_not_a_dead_one(void **state)
{
    struct fixture *f = *state;
    all_up(f);
    proxy_delay(f->proxy, 100);
    assert_int_equal(ask_health(f), LINK_OK);
    assert_true(f->a.took_ms >= 200);
}

/* When one is named, another host of the same authority will not do. */
static void test_a_named_host_is_that_host(void **state)
{
    struct fixture *f = *state;
    const struct pki_order o = { ROLE_HOST, true, NULL, "other", f->now - DAY_MS, f->now + DAY_MS };
    f->host_name = "host";
    pki_issue(f->ca, f->sub[1], "host", &o);
    all_up(f);
    assert_int_equal(ask_health(f), LINK_AUTH);
}

static void swap_host(struct fixture *f, struct ca *ca, const struct pki_order *o)
{
    pki_issue(ca, f->sub[1], "host", o);
    host_up(f, true);
    child_up(f);
    turn_until(f, &f->ready, 1);
}

/* The branch of a trial must never speak to a real host, nor to another city's, nor to another branch. */
static void test_only_our_host_will_do(void **state)
{
    (void)state;
    const struct {
        struct pki_order o;
        enum link_class want;
    } hosts[] = {
        { { ROLE_HOST, true, NULL, "other", 0, 0 }, LINK_OK },
        { { ROLE_HOST, false, NULL, "host", 0, 0 }, LINK_AUTH },
        { { ROLE_HOST, true, "13104", "host", 0, 0 }, LINK_AUTH },
        { { ROLE_BRANCH, true, NULL, "host", 0, 0 }, LINK_AUTH },
        { { ROLE_HOST, true, NULL, "host", 0, -1 }, LINK_CLOCK },
        { { ROLE_HOST, true, NULL, "host", 1, 0 }, LINK_CLOCK },
    };
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        struct fixture *f = NULL;
        set_up((void **)&f);
        struct pki_order o = hosts[i].o;
        o.from_ms = o.from_ms ? f->now + DAY_MS / 2 : f->now - 2 * DAY_MS;
        o.until_ms = o.until_ms ? f->now - DAY_MS : f->now + DAY_MS;
        swap_host(f, f->ca, &o);
        enum link_class c = ask_health(f);
        if (c != hosts[i].want)
            fail_msg("host %zu: %s %s", i, link_class_name(c), f->a.detail.p);
        tear_down((void **)&f);
    }
}

static void test_another_authority_is_no_authority(void **state)
{
    struct fixture *f = *state;
    char *dir = fs_join(f->dir, "other");
    struct ca *ca = pki_ca(dir, true, f->now - DAY_MS);
    const struct pki_order o = { ROLE_HOST, true, NULL, "host", f->now - DAY_MS / 2, f->now + DAY_MS };
    swap_host(f, ca, &o);
    assert_int_equal(ask_health(f), LINK_AUTH);
    ca_free(ca);
    free(dir);
}

/* The handshake of TLS 1.3 succeeds; only the first read tells that the host does not know us. */
static void test_a_host_that_does_not_know_us(void **state)
{
    struct fixture *f = *state;
    char *dir = fs_join(f->dir, "other");
    struct ca *ca = pki_ca(dir, true, f->now - 3 * DAY_MS);
    char *crt = fs_join(f->sub[2], "ca.crt");
    struct errinfo err;
    issue(f, ca, f->sub[2], "branch", ROLE_BRANCH, f->now + DAY_MS);
    assert_int_equal(fs_write_atomic(crt, 0644, ca_pem(f->ca), &err), OK);
    all_up(f);
    assert_int_equal(ask_health(f), LINK_AUTH);
    ca_free(ca);
    free(dir);
    free(crt);
}

static void test_our_certificate_has_run_out(void **state)
{
    struct fixture *f = *state;
    issue(f, f->ca, f->sub[2], "branch", ROLE_BRANCH, f->now - DAY_MS);
    all_up(f);
    assert_true(f->hello.cert_until_ms < f->now);
    assert_int_equal(ask_health(f), LINK_CLOCK);
}

static void test_without_a_key_it_says_why(void **state)
{
    struct fixture *f = *state;
    char *key = fs_join(f->sub[2], "branch.key");
    assert_int_equal(chmod(key, 0644), 0);
    child_up(f);
    turn_until(f, &f->failed, 1);
    assert_int_equal(f->why.code, E_DENIED);
    turn_until(f, &f->ended, 1);
    assert_int_equal(chmod(key, 0600), 0);
    turn_until(f, &f->ready, 1); /* it was started again by itself */
    free(key);
}

static void test_two_questions_at_once_are_its_end(void **state)
{
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    all_up(f);
    proxy_delay(f->proxy, 1000);
    link_ask_put(&(struct link_ask){ .kind = ASK_HEALTH }, &b);
    child_send(f->child, LINK_ASK, 1, buf_span(&b));
    child_send(f->child, LINK_ASK, 2, buf_span(&b));
    turn_until(f, &f->ended, 1);
    proxy_delay(f->proxy, 0);
    turn_until(f, &f->ready, 2);
    assert_int_equal(ask_health(f), LINK_OK);
    buf_done(&b);
}

static void status_line(pid_t pid, const char *name, char ret[64])
{
    char *path = xprintf("/proc/%d/status", (int)pid);
    FILE *s = fopen(path, "r");
    char line[256];
    *ret = '\0';
    while (s && fgets(line, sizeof line, s))
        if (strncmp(line, name, strlen(name)) == 0)
            snprintf(ret, 64, "%s", line + strlen(name));
    if (s)
        fclose(s);
    free(path);
}

static void test_it_works_behind_its_wall(void **state)
{
    struct fixture *f = *state;
    char text[64];
    all_up(f);
    status_line(child_pid(f->child), "Seccomp:", text);
    assert_int_equal(atoi(text), 2);
    status_line(child_pid(f->child), "NoNewPrivs:", text);
    assert_int_equal(atoi(text), 1);
    assert_int_equal(ask_health(f), LINK_OK);
}

/* Under the label of copies only, and also while a question is under way. */
static void test_a_copy_is_signed_by_the_branch(void **state)
{
    struct fixture *f = *state;
    const struct alg_policy policy = alg_policy_p256();
    const struct span text = span_of("statement of a copy");
    struct cert_facts facts;
    struct key *k = NULL;
    struct buf ask = BUF_INIT;
    all_up(f);
    link_ask_put(&(struct link_ask){ .kind = ASK_HEALTH }, &ask);
    child_send(f->child, LINK_ASK, 1, buf_span(&ask));
    child_send(f->child, LINK_SIGN, 2, text);
    turn_until(f, &f->signs, 1);
    turn_until(f, &f->answers, 1);
    assert_int_equal(f->a.class, LINK_OK);
    assert_int_equal(f->s.err, OK);
    assert_int_equal(cert_issued_by(f->s.cert, ca_pem(f->ca), &facts, NULL), OK);
    assert_string_equal(facts.id.name, "E1");
    assert_int_equal(key_public_of_cert(f->s.cert, &k, NULL), OK);
    assert_int_equal(key_verify(k, &policy, BACKUP_LABEL, text, f->s.sig, NULL), OK);
    assert_int_equal(key_verify(k, &policy, "madoguchi batch 1", text, f->s.sig, NULL), E_CORRUPT);
    assert_int_equal(f->ended, 0);
    key_free(k);
    buf_done(&ask);
}

static void test_every_cut_message_is_refused(void **state)
{
    struct buf b = BUF_INIT;
    struct errinfo err, in = { .code = E_IO, .msg = "S1", .item = "x", .detail = "y" };
    struct link_ask ask_got;
    struct link_answer answer_got;
    struct link_ready ready_got;
    struct link_config config_got;
    struct span op = span_of("operation");
    (void)state;
    link_ask_put(&(struct link_ask){ .kind = ASK_OPS, .branch = span_of("E1"), .op = &op, .n_op = 1 }, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(link_ask_take((struct span){ b.p, n }, &ask_got, &err), E_CORRUPT);
    assert_int_equal(link_ask_take(buf_span(&b), &ask_got, &err), OK);
    assert_true(span_is(ask_got.op[0], "operation"));
    link_ask_done(&ask_got);
    buf_addc(&b, 0);
    assert_int_equal(link_ask_take(buf_span(&b), &ask_got, &err), E_CORRUPT);
    buf_clear(&b);
    link_answer_put(&(struct link_answer){ .class = LINK_BUSY, .detail = span_of("d"), .body = span_of("body") }, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(link_answer_take((struct span){ b.p, n }, &answer_got, &err), E_CORRUPT);
    buf_clear(&b);
    link_ready_put(&(struct link_ready){ 5, "E1", "01ab" }, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(link_ready_take((struct span){ b.p, n }, &ready_got, &err), E_CORRUPT);
    buf_clear(&b);
    link_config_put(&(struct link_config){ .url = span_of("u"), .city = span_of("1") }, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(link_config_take((struct span){ b.p, n }, &config_got, &err), E_CORRUPT);
    buf_clear(&b);
    struct errinfo out;
    link_failed_put(&in, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(link_failed_take((struct span){ b.p, n }, &out, &err), E_CORRUPT);
    assert_int_equal(link_failed_take(buf_span(&b), &out, &err), OK);
    assert_string_equal(out.detail, "y");
    buf_clear(&b);
    struct link_signed signed_got;
    link_signed_put(&(struct link_signed){ .err = OK, .cert = span_of("c"), .sig = span_of("s") }, &b);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(link_signed_take((struct span){ b.p, n }, &signed_got, &err), E_CORRUPT);
    assert_int_equal(link_signed_take(buf_span(&b), &signed_got, &err), OK);
    buf_clear(&b);
    link_signed_put(&(struct link_signed){ .err = OK, .cert = span_of("c") }, &b); /* a success without a signature */
    assert_int_equal(link_signed_take(buf_span(&b), &signed_got, &err), E_CORRUPT);
    buf_done(&b);
}

int main(int argc, char **argv)
{
    if (privsep_role(argc, argv))
        _exit(link_main(0, NULL));
    log_init("test-app-link", -1, LOG_ERR);
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_one_connection_serves_all),
        T(test_each_question_has_its_place),
        T(test_a_batch_is_signed_by_the_branch),
        T(test_a_copy_is_signed_by_the_branch),
        T(test_statuses_are_classified),
        T(test_an_endless_answer_is_cut),
        T(test_nobody_there),
        T(test_cut_at_any_byte_it_says_so_and_recovers),
        T(test_a_silent_line_ends_in_time),
        T(test_a_slow_line_is_not_a_dead_one),
        cmocka_unit_test(test_only_our_host_will_do),
        T(test_a_named_host_is_that_host),
        T(test_another_authority_is_no_authority),
        T(test_a_host_that_does_not_know_us),
        T(test_our_certificate_has_run_out),
        T(test_without_a_key_it_says_why),
        T(test_two_questions_at_once_are_its_end),
        T(test_it_works_behind_its_wall),
        cmocka_unit_test(test_every_cut_message_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
