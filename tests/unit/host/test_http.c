/*
 * The real server in a process of its own, on a free port of the loopback address, and a client that speaks TLS and
 * HTTP by hand, so that it can also misbehave.
 */
#include "host_test.h"

#include "crypto/tls.h"
#include "host/serve.h"
#include "sync/enrol.h"
#include "sync/hello.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

struct served {
    struct town *t;
    pid_t pid;
    int port;
    char *admin;
    struct tls_files host, branch;
    struct tls_client client;
    struct enrol_code code; /* open until the clock moves */
};

static int64_t real_now(void)
{
    return (int64_t)time(NULL) * 1000;
}

static const char *in_dir(const struct town *t, const char *name)
{
    return fs_join(t->dir, name);
}

static void put_file(const char *path, struct span s)
{
    assert_ok(fs_write_atomic(path, 0600, s, err));
}

/* A certificate of the authority for a new key; files NAME.key and NAME.crt. */
static struct tls_files certify(struct town *t, struct ca *ca, const char *name, const struct cert_order *order)
{
    struct key *k = NULL;
    struct buf csr = BUF_INIT, pem = BUF_INIT;
    char serial[CERT_SERIAL_HEX], *key_name = xprintf("%s.key", name), *crt_name = xprintf("%s.crt", name);
    struct tls_files f = { in_dir(t, key_name), in_dir(t, crt_name), in_dir(t, "ca/ca.crt") };
    assert_ok(key_generate(SIG_P256_SHA256, &k, err));
    assert_ok(key_save(k, f.key, err));
    assert_ok(key_request(k, &csr, err));
    assert_ok(ca_issue(ca, buf_span(&csr), order, &pem, serial, err));
    put_file(f.cert, buf_span(&pem));
    key_free(k);
    buf_done(&csr);
    buf_done(&pem);
    free(key_name);
    free(crt_name);
    return f;
}

static void files_done(struct tls_files *f)
{
    free((char *)(uintptr_t)f->key);
    free((char *)(uintptr_t)f->cert);
    free((char *)(uintptr_t)f->ca);
}

/* Enrols "E2" in the register and writes its files. */
static struct tls_files enrol_branch(struct town *t, const char *name)
{
    struct enrol_code code;
    struct enrol_request r = { .trial = true };
    struct enrol_answer a;
    struct key *k = NULL;
    struct tls_files f = { in_dir(t, "branch.key"), in_dir(t, "branch.crt"), in_dir(t, "ca/ca.crt") };
    assert_ok(key_generate(SIG_P256_SHA256, &k, err));
    assert_ok(key_save(k, f.key, err));
    assert_ok(host_enrol_code(t->host, name, ca_pem(t->ca), "test", &code, err));
    memcpy(r.secret, code.secret, ENROL_SECRET);
    assert_ok(key_request(k, &r.csr, err));
    assert_ok(host_enrol(t->host, t->ca, &r, &a, err));
    put_file(f.cert, buf_span(&a.cert));
    enrol_request_done(&r);
    enrol_answer_done(&a);
    key_free(k);
    return f;
}

/* ---- the server ---- */

static void serve(struct served *s, int ready)
{
    struct host_server *server = NULL;
    struct host_serve_options o = { .ca = s->t->ca, .files = s->host, .listen = "127.0.0.1:0", .admin = s->admin };
    struct errinfo err = { 0 };
    town_open(s->t);
    o.host = s->t->host;
    if (host_serve_start(&o, &server, &err) != OK)
        _exit(90);
    int port = host_serve_port(server);
    if (write(ready, &port, sizeof port) != sizeof port)
        _exit(91);
    close(ready);
    enum err e = host_serve_run(server, &err);
    host_serve_free(server);
    host_close(s->t->host);
    _exit(e == OK ? 0 : 92);
}

/* The register is the child's while it serves. */
static void start(struct served *s)
{
    int ends[2];
    host_close(s->t->host);
    s->t->host = NULL;
    assert_int_equal(pipe(ends), 0);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        close(ends[0]);
        serve(s, ends[1]);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &s->port, sizeof s->port), sizeof s->port);
    close(ends[0]);
}

/* Asks it to end and asserts that it did so in order. */
static void stop(struct served *s)
{
    int status = -1;
    if (s->pid <= 0)
        return;
    kill(s->pid, SIGTERM);
    assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
    s->pid = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    town_open(s->t);
}

static void use_parameters(struct town *t, const char *text)
{
    const char *root = getenv("SOURCE_ROOT");
    char *forms = fs_join(root, "forms"), *data = fs_join(root, "data"), *own = fs_join(t->dir, "own.conf");
    put_file(own, span_of(text));
    host_close(t->host);
    rulebook_free(t->book);
    assert_ok(catalog_load(forms, data, own, &t->book, NULL, err));
    town_open(t);
    free(forms);
    free(data);
    free(own);
}

static int served_begin(void **state)
{
    static const char *const names[] = { "127.0.0.1" };
    void *town = NULL;
    if (town_begin(&town) != 0)
        return -1;
    struct served *s = xcalloc(1, sizeof *s);
    s->t = town;
    s->admin = fs_join(s->t->dir, "admin.sock");
    s->t->now_ms += DAY_MS; /* no code is open */
    struct cert_order o = { .id = { .trial = true, .role = ROLE_HOST, .city = "992011", .name = "H1" },
                            .from_ms = real_now() - 60000,
                            .until_ms = real_now() + DAY_MS,
                            .names = names,
                            .n_names = 1 };
    s->host = certify(s->t, s->t->ca, "host", &o);
    s->branch = enrol_branch(s->t, "E2");
    s->t->now_ms += DAY_MS;
    s->client = (struct tls_client){ s->branch, { .trial = true, .role = ROLE_HOST, .city = "992011" } };
    *state = s;
    return 0;
}

static int served_end(void **state)
{
    struct served *s = *state;
    stop(s);
    files_done(&s->host);
    files_done(&s->branch);
    free(s->admin);
    void *town = s->t;
    free(s);
    return town_end(&town);
}

#define served_test(f) cmocka_unit_test_setup_teardown(f, served_begin, served_end)

/* ---- the client ---- */

static int connect_tcp(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    const struct timeval limit = { 20, 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

struct line { /* one TLS connection */
    SSL_CTX *ctx;
    SSL *ssl;
    int fd;
};

static bool dial(const struct served *s, SSL_CTX *ctx, struct line *ret)
{
    *ret = (struct line){ .ctx = ctx, .ssl = SSL_new(ctx), .fd = connect_tcp(s->port) };
    SSL_set_fd(ret->ssl, ret->fd);
    return SSL_connect(ret->ssl) == 1;
}

static void hang_up(struct line *l)
{
    SSL_free(l->ssl);
    SSL_CTX_free(l->ctx);
    close(l->fd);
    ERR_clear_error();
}

static SSL_CTX *branch_ctx(const struct served *s)
{
    SSL_CTX *ctx = NULL;
    assert_ok(tls_client_ctx(&s->client, &ctx, err));
    return ctx;
}

/* Status of the answer, 0 when the connection ended without one. */
static int receive(struct line *l, struct buf *ret_body)
{
    struct buf in = BUF_INIT;
    char chunk[16384];
    int status = 0, n;
    char *head = NULL, *length;
    size_t want = SIZE_MAX;
    while (in.len < want && (n = SSL_read(l->ssl, chunk, sizeof chunk)) > 0) {
        buf_add(&in, chunk, (size_t)n);
        head = strstr(in.p, "\r\n\r\n");
        if (head && want == SIZE_MAX) {
            length = strcasestr(in.p, "Content-Length:");
            want = (size_t)(head + 4 - in.p) + (length && length < head ? strtoull(length + 15, NULL, 10) : 0);
        }
    }
    if (head && sscanf(in.p, "HTTP/1.1 %d", &status) == 1 && ret_body) {
        head = strstr(in.p, "\r\n\r\n");
        buf_add(ret_body, head + 4, in.len - (size_t)(head + 4 - in.p));
    }
    buf_done(&in);
    return status;
}

static void send_head(struct line *l, const char *method, const char *path, size_t length)
{
    char *head = xprintf("%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n", method, path, length);
    SSL_write(l->ssl, head, (int)strlen(head));
    free(head);
}

static int ask(struct line *l, const char *method, const char *path, struct span body, struct buf *ret_body)
{
    send_head(l, method, path, body.n);
    if (body.n)
        SSL_write(l->ssl, body.p, (int)body.n);
    return receive(l, ret_body);
}

static int get(struct line *l, const char *path, struct buf *ret_body)
{
    return ask(l, "GET", path, (struct span){ "", 0 }, ret_body);
}

/* ---- a day of a branch ---- */

static void test_round_of_a_branch(void **state)
{
    struct served *s = *state;
    struct line l;
    struct buf body = BUF_INIT, out = BUF_INIT;
    struct outbox o = { .name = "E2" };
    struct hello h = { .proto = HELLO_PROTO, .branch = "E2", .trial = true, .app = "0.1.0" };
    struct welcome w;
    struct batch b;
    struct results r;
    struct feed_page p;
    struct alg_policy policy = alg_policy_p256();
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    assert_int_equal(get(&l, "/v1/health", &body), 200);
    assert_non_null(strstr(body.p, "\"ok\":true"));
    outbox_start(&o, 5);
    memcpy(h.incarnation, o.incarnation, OP_INCARNATION);
    memcpy(h.chain, o.chain[0], OP_HASH);
    assert_ok(hello_encode(&h, &out, err));
    buf_clear(&body);
    assert_int_equal(ask(&l, "POST", "/v1/hello", buf_span(&out), &body), 200);
    assert_ok(welcome_decode(buf_span(&body), &w, err));
    assert_int_equal(w.status, WELCOME_OK);
    assert_true(w.cert_until_ms > real_now());
    /* All on one connection: batch, feed, snapshot. */
    decide(&o, tenkyo("E2-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    assert_ok(key_load(s->branch.key, &o.key, err));
    batch_init(&b, w.host_id, "E2", o.incarnation, 1, o.chain[0]);
    assert_ok(batch_add(&b, buf_span(&o.op[0]), 0, err));
    buf_clear(&out);
    assert_ok(batch_encode(&b, o.key, &policy, &out, err));
    buf_clear(&body);
    assert_int_equal(ask(&l, "POST", "/v1/ops", buf_span(&out), &body), 200);
    assert_ok(results_decode(buf_span(&body), &r, err));
    assert_int_equal(r.item[0].r.code, OPR_APPLIED);
    char *path = xprintf("/v1/feed?after=%llu&max=100000", (unsigned long long)w.feed_head);
    buf_clear(&body);
    assert_int_equal(get(&l, path, &body), 200);
    assert_ok(feed_page_decode(buf_span(&body), &p, err));
    assert_true(p.n >= 2);
    assert_int_equal(get(&l, "/v1/feed?after=0", NULL), 410);
    assert_int_equal(get(&l, "/v1/feed?after=999999", NULL), 409);
    assert_int_equal(get(&l, "/v1/feed?after=x", NULL), 400);
    out.p[20] ^= 1;
    assert_int_equal(ask(&l, "POST", "/v1/ops", buf_span(&out), NULL), 400);
    free(path);
    results_done(&r);
    feed_page_done(&p);
    welcome_done(&w);
    batch_done(&b);
    outbox_done(&o);
    buf_done(&body);
    buf_done(&out);
    hang_up(&l);
}

static void test_snapshot_resumes_after_a_restart_of_the_host(void **state)
{
    struct served *s = *state;
    struct line l;
    struct buf body = BUF_INIT, raw = BUF_INIT, hex = BUF_INIT;
    struct manifest m;
    struct alg_policy policy = alg_policy_p256();
    struct key *k = NULL;
    char *sign = fs_join(s->t->dir, "sign.key");
    int status = 503;
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    for (int i = 0; status == 503 && i < 1000; i++) {
        buf_clear(&body);
        status = ask(&l, "POST", "/v1/snapshot", span_of("{}"), &body);
    }
    assert_int_equal(status, 200);
    assert_ok(key_load(sign, &k, err));
    assert_ok(manifest_decode(buf_span(&body), k, &policy, &m, err));
    hang_up(&l);
    stop(s);
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    hex_add(&hex, m.id, SNAPSHOT_ID);
    char *path = xprintf("/v1/snapshot/%s/0", buf_str(&hex));
    buf_clear(&body);
    assert_int_equal(get(&l, path, &body), 200);
    assert_ok(chunk_decode(buf_span(&body), &m.chunk[0], &raw, err));
    path[strlen(path) - 1] = '7';
    assert_int_equal(get(&l, path, NULL), 404);
    assert_int_equal(get(&l, "/v1/snapshot/../0", NULL), 404);
    assert_int_equal(get(&l, "/v1/snapshot/", NULL), 404);
    hang_up(&l);
    manifest_done(&m);
    key_free(k);
    buf_done(&body);
    buf_done(&raw);
    buf_done(&hex);
    free(sign);
    free(path);
}

/* ---- who does not get in ---- */

/* With TLS 1.3 a refusal of the host is seen at the first read. */
static bool answers(struct served *s, SSL_CTX *ctx)
{
    struct line l;
    bool ok = dial(s, ctx, &l) && get(&l, "/v1/health", NULL) == 200;
    hang_up(&l);
    return ok;
}

static SSL_CTX *stranger(int version)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(ctx, version);
    return ctx;
}

static void add_certificate(SSL_CTX *ctx, const struct tls_files *f)
{
    assert_int_equal(SSL_CTX_use_certificate_file(ctx, f->cert, SSL_FILETYPE_PEM), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(ctx, f->key, SSL_FILETYPE_PEM), 1);
}

static void test_without_certificate_there_is_no_answer(void **state)
{
    struct served *s = *state;
    start(s);
    assert_false(answers(s, stranger(TLS1_3_VERSION)));
    SSL_CTX *old = stranger(TLS1_2_VERSION);
    add_certificate(old, &s->branch);
    assert_false(answers(s, old));
    SSL_CTX *good = stranger(TLS1_3_VERSION);
    add_certificate(good, &s->branch);
    assert_true(answers(s, good));
    assert_true(answers(s, branch_ctx(s)));
    /* Plain text is not spoken at all. */
    char c;
    int fd = connect_tcp(s->port);
    assert_int_equal(write(fd, "GET /v1/health HTTP/1.1\r\n\r\n", 27), 27);
    while (read(fd, &c, 1) == 1)
        assert_int_not_equal(c, 'H');
    close(fd);
}

static void test_foreign_expired_and_other_certificates(void **state)
{
    struct served *s = *state;
    struct alg_policy policy = alg_policy_p256();
    struct ca *foreign = NULL;
    char *dir = fs_join(s->t->dir, "foreign");
    struct cert_id branch = { .trial = true, .role = ROLE_BRANCH, .city = "992011", .name = "E2" };
    assert_ok(ca_create(dir, &policy, &branch, real_now() - DAY_MS, 30, &foreign, err));
    struct {
        const char *what;
        struct ca *ca;
        struct cert_order o;
    } bad[] = {
        { "foreign", foreign, { .id = branch, .from_ms = real_now() - 60000, .until_ms = real_now() + DAY_MS } },
        { "expired", s->t->ca, { .id = branch, .from_ms = real_now() - DAY_MS, .until_ms = real_now() - 60000 } },
        { "early", s->t->ca, { .id = branch, .from_ms = real_now() + 60000, .until_ms = real_now() + DAY_MS } },
        /* Of our authority, but its serial is not in force; another role; a real branch. */
        { "unlisted", s->t->ca, { .id = branch, .from_ms = real_now() - 60000, .until_ms = real_now() + DAY_MS } },
        { "host", s->t->ca, { .id = branch, .from_ms = real_now() - 60000, .until_ms = real_now() + DAY_MS } },
        { "real", s->t->ca, { .id = branch, .from_ms = real_now() - 60000, .until_ms = real_now() + DAY_MS } },
    };
    bad[4].o.id.role = ROLE_HOST;
    bad[5].o.id.trial = false;
    start(s);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct tls_files f = certify(s->t, bad[i].ca, bad[i].what, &bad[i].o);
        SSL_CTX *ctx = stranger(TLS1_3_VERSION);
        add_certificate(ctx, &f);
        if (answers(s, ctx))
            fail_msg("%s got an answer", bad[i].what);
        files_done(&f);
    }
    assert_true(answers(s, branch_ctx(s)));
    ca_free(foreign);
    free(dir);
}

/* A certificate that is withdrawn ends connections that are open. */
static void test_withdrawn_while_connected(void **state)
{
    struct served *s = *state;
    struct line l;
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    assert_int_equal(get(&l, "/v1/health", NULL), 200);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    memcpy(a.sun_path, s->admin, strlen(s->admin) + 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    static const char body[] = "{\"branch\":\"E2\",\"action\":\"close\",\"reason\":\"盗難の届出\",\"who\":\"test\"}";
    char request[512], answer[4096] = "";
    int n = snprintf(request, sizeof request, "POST /admin/branch HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s",
                     sizeof body - 1, body);
    assert_int_equal(write(fd, request, (size_t)n), n);
    assert_true(read(fd, answer, sizeof answer - 1) > 0);
    assert_non_null(strstr(answer, "HTTP/1.1 200"));
    close(fd);
    assert_int_equal(get(&l, "/v1/health", NULL), 403);
    hang_up(&l);
}

/* ---- enrolment over the wire ---- */

static void test_enrolment(void **state)
{
    struct served *s = *state;
    struct line l;
    struct key *k = NULL;
    struct enrol_code code;
    struct enrol_request r = { .trial = true };
    struct enrol_answer a;
    struct buf out = BUF_INIT, body = BUF_INIT;
    char text[ENROL_TEXT];
    assert_ok(host_enrol_code(s->t->host, "E7", ca_pem(s->t->ca), "test", &code, err));
    enrol_code_show(&code, text);
    start(s);
    /* What the branch has is the text that was read out. */
    assert_ok(enrol_code_read(text, &code, err));
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    assert_ok(tls_client_setup_enrol(ctx, code.pin, err));
    assert_true(dial(s, ctx, &l));
    assert_int_equal(get(&l, "/v1/health", NULL), 403); /* knocking is all it may do */
    assert_ok(key_generate(SIG_P256_SHA256, &k, err));
    assert_ok(key_request(k, &r.csr, err));
    assert_ok(enrol_request_encode(&r, &out, err)); /* with a secret of zeroes */
    assert_int_equal(ask(&l, "POST", "/v1/enrol", buf_span(&out), NULL), 403);
    memcpy(r.secret, code.secret, ENROL_SECRET);
    buf_clear(&out);
    assert_ok(enrol_request_encode(&r, &out, err));
    assert_int_equal(ask(&l, "POST", "/v1/enrol", buf_span(&out), &body), 200);
    assert_ok(enrol_answer_decode(buf_span(&body), &a, err));
    assert_string_equal(a.id.name, "E7");
    hang_up(&l);
    /* With what it got the branch is one. */
    struct tls_files f = { in_dir(s->t, "e7.key"), in_dir(s->t, "e7.crt"), in_dir(s->t, "e7-ca.crt") };
    assert_ok(key_save(k, f.key, err));
    put_file(f.cert, buf_span(&a.cert));
    put_file(f.ca, buf_span(&a.ca));
    struct tls_client client = { f, { .trial = a.id.trial, .role = ROLE_HOST } };
    memcpy(client.host.city, a.id.city, sizeof client.host.city);
    assert_ok(tls_client_ctx(&client, &ctx, err));
    assert_true(answers(s, ctx));
    /* A code for another authority leads nowhere. */
    code.pin[0] ^= 1;
    ctx = SSL_CTX_new(TLS_client_method());
    assert_ok(tls_client_setup_enrol(ctx, code.pin, err));
    assert_false(dial(s, ctx, &l));
    hang_up(&l);
    files_done(&f);
    key_free(k);
    enrol_request_done(&r);
    enrol_answer_done(&a);
    buf_done(&out);
    buf_done(&body);
}

/* ---- sizes and time ---- */

static void test_sizes_are_capped(void **state)
{
    struct served *s = *state;
    struct line l;
    char *big = xmalloc(700 << 10);
    memset(big, 'x', 700 << 10);
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    send_head(&l, "POST", "/v1/ops", 700 << 10);
    SSL_write(l.ssl, big, 700 << 10);
    int status = receive(&l, NULL);
    assert_true(status == 413 || status == 0);
    hang_up(&l);
    assert_true(dial(s, branch_ctx(s), &l));
    big[20000] = '\0';
    status = get(&l, big, NULL);
    assert_true(status == 400 || status == 0);
    hang_up(&l);
    assert_true(dial(s, branch_ctx(s), &l));
    assert_int_equal(ask(&l, "POST", "/v1/hello", (struct span){ big, 70000 }, NULL), 400);
    assert_int_equal(ask(&l, "POST", "/v1/hello", span_of("{}"), NULL), 400);
    assert_int_equal(get(&l, "/v1/nothing", NULL), 404);
    assert_int_equal(get(&l, "/v1/hello", NULL), 404);
    assert_int_equal(get(&l, "/v1/ops?incarnation=zz", NULL), 400);
    assert_int_equal(get(&l, "/v1/health", NULL), 200); /* and it still answers */
    hang_up(&l);
    free(big);
}

/* One byte now and then does not keep a connection: what counts is a whole request. */
static void test_slow_requests_end(void **state)
{
    struct served *s = *state;
    struct line l;
    int sent = 0;
    use_parameters(s->t, "HOST_CONN_IDLE_S = 1\n");
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    struct timeval step = { 0, 100000 };
    setsockopt(l.fd, SOL_SOCKET, SO_RCVTIMEO, &step, sizeof step);
    /* Waits for the end of the connection; while there is none, one more byte is on its way. */
    char c;
    for (bool open = true; open && sent < 200; sent++) {
        SSL_write(l.ssl, "G", 1);
        int n = SSL_read(l.ssl, &c, 1);
        int why = SSL_get_error(l.ssl, n);
        open = n <= 0 && why == SSL_ERROR_WANT_READ;
    }
    assert_true(sent < 200);
    hang_up(&l);
    assert_true(answers(s, branch_ctx(s)));
}

static void test_connections_are_capped(void **state)
{
    struct served *s = *state;
    struct line a, b;
    use_parameters(s->t, "HOST_CONN_MAX = 2\n");
    start(s);
    assert_true(dial(s, branch_ctx(s), &a));
    assert_int_equal(get(&a, "/v1/health", NULL), 200);
    assert_true(dial(s, branch_ctx(s), &b));
    assert_int_equal(get(&b, "/v1/health", NULL), 200);
    /* A third waits at the door until one has gone. */
    int fd = connect_tcp(s->port);
    SSL_CTX *ctx = branch_ctx(s);
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    struct timeval step = { 0, 200000 }, limit = { 20, 0 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &step, sizeof step);
    int n = SSL_connect(ssl);
    assert_int_not_equal(n, 1);
    assert_int_equal(SSL_get_error(ssl, n), SSL_ERROR_WANT_READ);
    hang_up(&a);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(SSL_connect(ssl), 1);
    struct line third = { ctx, ssl, fd };
    assert_int_equal(get(&third, "/v1/health", NULL), 200);
    hang_up(&third);
    hang_up(&b);
}

/* Is the other end closed? Waits a little, not for ever. */
static bool closed(int fd)
{
    struct timeval step = { 10, 0 };
    char c;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &step, sizeof step);
    return read(fd, &c, 1) == 0;
}

static bool still_open(int fd)
{
    char c;
    return recv(fd, &c, 1, MSG_DONTWAIT) < 0;
}

/* Who only connects holds no place of a branch: the oldest goes when the next one comes. */
static void test_strangers_give_way(void **state)
{
    struct served *s = *state;
    int fd[6];
    use_parameters(s->t, "HOST_CONN_MAX = 6\nHOST_CONN_UNKNOWN = 3\nHOST_CONN_ADDRESS = 3\nHOST_CONN_HAND_S = 60\n");
    start(s);
    for (int i = 0; i < 6; i++)
        fd[i] = connect_tcp(s->port);
    for (int i = 0; i < 3; i++)
        assert_true(closed(fd[i]));
    for (int i = 3; i < 6; i++)
        assert_true(still_open(fd[i]));
    assert_true(answers(s, branch_ctx(s)));
    for (int i = 0; i < 6; i++)
        close(fd[i]);
}

static void test_a_handshake_has_its_time(void **state)
{
    struct served *s = *state;
    struct line l;
    use_parameters(s->t, "HOST_CONN_HAND_S = 1\n");
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    int fd = connect_tcp(s->port);
    assert_true(closed(fd));
    assert_int_equal(get(&l, "/v1/health", NULL), 200); /* a branch has the time between requests */
    hang_up(&l);
    close(fd);
}

/* Every path of docs/host-api.yaml is one the server knows. */
static void test_published_paths_are_served(void **state)
{
    struct served *s = *state;
    struct line l;
    struct buf yaml = BUF_INIT, body = BUF_INIT;
    char path[64], method[8];
    int n = 0;
    char *file = fs_join(getenv("SOURCE_ROOT"), "docs/host-api.yaml");
    assert_ok(fs_read(file, 1 << 20, &yaml, err));
    start(s);
    assert_true(dial(s, branch_ctx(s), &l));
    for (const char *p = yaml.p; (p = strstr(p, "\n  /v1/")) != NULL; n++) {
        p++;
        assert_int_equal(sscanf(p, " %63[^:]:\n %7[a-z]:", path, method), 2);
        for (char *c = method; *c; c++)
            *c = (char)(*c - 'a' + 'A');
        buf_clear(&body);
        assert_int_not_equal(ask(&l, method, path, (struct span){ "", 0 }, &body), 0);
        if (strstr(buf_str(&body), "\"item\":\"path\""))
            fail_msg("%s %s is not served", method, path);
    }
    assert_int_equal(n, 7);
    hang_up(&l);
    buf_done(&yaml);
    buf_done(&body);
    free(file);
}

/* Half a load is not served. */
static void test_interrupted_load_is_not_served(void **state)
{
    struct served *s = *state;
    struct town *t = s->t;
    struct host_backend *b = NULL;
    struct host_bulk *bulk = NULL;
    struct host_server *server = NULL;
    struct host_serve_options o = { .files = s->host, .listen = "127.0.0.1:0" };
    host_close(t->host);
    free(t->db);
    t->db = fs_join(t->dir, "half.db");
    assert_ok(host_sqlite_open(t->db, true, town_clock(t), &b, err));
    assert_ok(host_create(b, town_clock(t), true, "992011", "H1", err));
    host_backend_close(b);
    town_open(t);
    assert_ok(host_bulk_begin(t->host, &bulk, err));
    for (int i = 0; i < 20001; i++) { /* one commit, and a little more */
        char id[16];
        snprintf(id, sizeof id, "%010d", i * 10);
        struct resident *r = town_person(id, id, "試　験", "1", "S50.05.10", "世帯主", "試　験");
        assert_ok(host_bulk_add(bulk, r, err));
        resident_free(r);
    }
    host_bulk_abort(bulk);
    o.host = t->host;
    assert_int_equal(host_serve_start(&o, &server, NULL), E_CORRUPT);
    assert_int_equal(host_bulk_begin(t->host, &bulk, NULL), E_EXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        served_test(test_round_of_a_branch),
        served_test(test_snapshot_resumes_after_a_restart_of_the_host),
        served_test(test_without_certificate_there_is_no_answer),
        served_test(test_foreign_expired_and_other_certificates),
        served_test(test_withdrawn_while_connected),
        served_test(test_enrolment),
        served_test(test_sizes_are_capped),
        served_test(test_slow_requests_end),
        served_test(test_connections_are_capped),
        served_test(test_strangers_give_way),
        served_test(test_a_handshake_has_its_time),
        served_test(test_published_paths_are_served),
        served_test(test_interrupted_load_is_not_served),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
