/* Handshakes in memory: both ends in this process, bytes moved by hand, so that nothing depends on time or ports. */
#include "crypto_test.h"

#include <openssl/ssl.h>

struct party {
    char *key, *cert;
};
struct world {
    char *dir;
    char *ca;
    struct ca *authority;
    struct party host, branch;
};

static char *write_file(const char *dir, const char *name, struct span s)
{
    char *path = fs_join(dir, name);
    assert_int_equal(fs_write_atomic(path, 0600, s, NULL), OK);
    return path;
}

static struct party join(struct world *w, const char *file, struct cert_id id, int64_t from, int64_t until)
{
    struct key *k = NULL;
    struct buf csr = BUF_INIT, pem = BUF_INIT;
    char serial[CERT_SERIAL_HEX];
    char *key_name = xprintf("%s.key", file), *crt_name = xprintf("%s.crt", file);
    struct party p = { .key = fs_join(w->dir, key_name) };
    struct cert_order o = { .id = id, .from_ms = from, .until_ms = until };
    assert_int_equal(key_generate(SIG_P256_SHA256, &k, NULL), OK);
    assert_int_equal(key_save(k, p.key, NULL), OK);
    assert_int_equal(key_request(k, &csr, NULL), OK);
    assert_int_equal(ca_issue(w->authority, buf_span(&csr), &o, &pem, serial, NULL), OK);
    p.cert = write_file(w->dir, crt_name, buf_span(&pem));
    buf_done(&csr);
    buf_done(&pem);
    key_free(k);
    free(key_name);
    free(crt_name);
    return p;
}

static void party_done(struct party *p)
{
    free(p->key);
    free(p->cert);
}

static void world_open(struct world *w)
{
    struct alg_policy policy = alg_policy_p256();
    struct cert_id instance = test_id(ROLE_HOST, true, "ca");
    w->dir = test_dir();
    w->ca = fs_join(w->dir, "ca.crt");
    assert_int_equal(ca_create(w->dir, &policy, &instance, now_ms() - 86400000, 30, &w->authority, NULL), OK);
    w->host = join(w, "host", test_id(ROLE_HOST, true, "H1"), now_ms() - 60000, now_ms() + 86400000);
    w->branch = join(w, "branch", test_id(ROLE_BRANCH, true, "E1"), now_ms() - 60000, now_ms() + 86400000);
}

static void world_close(struct world *w)
{
    party_done(&w->host);
    party_done(&w->branch);
    ca_free(w->authority);
    free(w->ca);
    test_dir_remove(w->dir);
}

/* Runs both handshakes and one byte each way; true when both ends could read. */
static bool talk(SSL *server, SSL *client)
{
    BIO *a = NULL, *b = NULL;
    assert_int_equal(BIO_new_bio_pair(&a, 0, &b, 0), 1);
    SSL_set_bio(server, a, a);
    SSL_set_bio(client, b, b);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    char got_s = 0, got_c = 0;
    for (int i = 0; i < 20 && !(got_s && got_c); i++) {
        SSL_write(client, "x", 1);
        if (!got_s)
            SSL_read(server, &got_s, 1);
        if (got_s)
            SSL_write(server, "y", 1);
        SSL_read(client, &got_c, 1);
    }
    return got_s == 'x' && got_c == 'y';
}

struct setup {
    const char *host_key, *host_cert;
    const char *client_key, *client_cert, *client_ca;
    struct cert_id expect;
    bool require;
};

static bool try_setup(const struct world *w, const struct setup *s, struct cert_facts *ret_peer)
{
    SSL_CTX *sc = NULL, *cc = NULL;
    struct tls_client client = { { s->client_key, s->client_cert, s->client_ca }, s->expect };
    assert_int_equal(tls_host_ctx(&(struct tls_files){ s->host_key, s->host_cert, w->ca }, &sc, NULL), OK);
    assert_int_equal(tls_client_ctx(&client, &cc, NULL), OK);
    SSL *server = SSL_new(sc), *c = SSL_new(cc);
    tls_host_require(server, s->require);
    bool ok = talk(server, c);
    if (ok)
        assert_int_equal(tls_peer(server, ret_peer, NULL), OK);
    assert_int_equal(SSL_session_reused(c), 0);
    SSL_free(server);
    SSL_free(c);
    tls_ctx_free(sc);
    tls_ctx_free(cc);
    return ok;
}

static struct setup good_setup(const struct world *w)
{
    return (struct setup){
        w->host.key, w->host.cert, w->branch.key, w->branch.cert, w->ca, test_id(ROLE_HOST, true, ""), true
    };
}

static void test_both_sides_know_each_other(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct setup s = good_setup(&w);
    struct cert_facts peer;
    assert_true(try_setup(&w, &s, &peer));
    assert_int_equal(peer.id.role, ROLE_BRANCH);
    assert_string_equal(peer.id.name, "E1");
    s.expect = test_id(ROLE_HOST, true, "H1");
    assert_true(try_setup(&w, &s, &peer));
    world_close(&w);
}

static void test_client_refuses_another_host(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    struct setup s = good_setup(&w);
    struct cert_facts peer;
    s.expect = test_id(ROLE_HOST, false, "");
    assert_false(try_setup(&w, &s, &peer));
    s.expect = test_id(ROLE_HOST, true, "H2");
    assert_false(try_setup(&w, &s, &peer));
    s = good_setup(&w);
    s.expect.city[0] = '9';
    assert_false(try_setup(&w, &s, &peer));
    /* A branch that poses as the host. */
    s = good_setup(&w);
    s.host_key = w.branch.key;
    s.host_cert = w.branch.cert;
    assert_false(try_setup(&w, &s, &peer));
    world_close(&w);
}

static void test_host_refuses_expired_and_foreign_certificates(void **state)
{
    (void)state;
    struct world w, foreign;
    struct cert_facts peer;
    world_open(&w);
    world_open(&foreign);
    struct party old = join(&w, "old", test_id(ROLE_BRANCH, true, "E1"), now_ms() - 86400000, now_ms() - 60000);
    struct party early = join(&w, "early", test_id(ROLE_BRANCH, true, "E1"), now_ms() + 3600000, now_ms() + 7200000);
    const struct party *bad[] = { &old, &early, &foreign.branch };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct setup s = good_setup(&w);
        s.client_key = bad[i]->key;
        s.client_cert = bad[i]->cert;
        assert_false(try_setup(&w, &s, &peer));
        s.require = false;
        assert_false(try_setup(&w, &s, &peer));
    }
    party_done(&old);
    party_done(&early);
    world_close(&foreign);
    world_close(&w);
}

/* A client without certificate: with the enrolment settings when there is a pin, else with OpenSSL's own. */
static bool plain_client(const struct world *w, bool require, int version, const uint8_t *pin)
{
    SSL_CTX *sc = NULL, *cc = SSL_CTX_new(TLS_client_method());
    assert_int_equal(tls_host_ctx(&(struct tls_files){ w->host.key, w->host.cert, w->ca }, &sc, NULL), OK);
    if (pin)
        assert_int_equal(tls_client_setup_enrol(cc, pin, NULL), OK);
    else
        SSL_CTX_set_max_proto_version(cc, version);
    SSL *server = SSL_new(sc), *c = SSL_new(cc);
    tls_host_require(server, require);
    bool ok = talk(server, c);
    SSL_free(server);
    SSL_free(c);
    tls_ctx_free(sc);
    SSL_CTX_free(cc);
    return ok;
}

static void test_no_certificate_only_while_allowed(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    assert_false(plain_client(&w, true, TLS1_3_VERSION, NULL));
    assert_true(plain_client(&w, false, TLS1_3_VERSION, NULL));
    assert_false(plain_client(&w, false, TLS1_2_VERSION, NULL));
    world_close(&w);
}

static void test_enrolment_pins_the_authority(void **state)
{
    (void)state;
    struct world w, foreign;
    world_open(&w);
    world_open(&foreign);
    uint8_t pin[32], leaf[32], other[32];
    struct buf pem = BUF_INIT;
    assert_int_equal(cert_fingerprint(ca_pem(w.authority), pin, NULL), OK);
    assert_int_equal(cert_fingerprint(ca_pem(foreign.authority), other, NULL), OK);
    assert_int_equal(fs_read(w.host.cert, CERT_PEM_MAX, &pem, NULL), OK);
    assert_int_equal(cert_fingerprint(buf_span(&pem), leaf, NULL), OK);
    assert_true(plain_client(&w, false, 0, pin));
    assert_false(plain_client(&w, false, 0, other));
    assert_false(plain_client(&w, false, 0, leaf));
    pin[TLS_PIN - 1] ^= 1;
    assert_false(plain_client(&w, false, 0, pin));
    buf_done(&pem);
    world_close(&foreign);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_sides_know_each_other),
        cmocka_unit_test(test_client_refuses_another_host),
        cmocka_unit_test(test_host_refuses_expired_and_foreign_certificates),
        cmocka_unit_test(test_no_certificate_only_while_allowed),
        cmocka_unit_test(test_enrolment_pins_the_authority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
