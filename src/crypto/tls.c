#include "crypto/tls.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "ossl.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

#define SUITES "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"
#define GROUPS "X25519:P-256"

static const unsigned char alpn[] = "\x08http/1.1";
#define ALPN_LEN (sizeof alpn - 1)

/* What both sides insist on. No tickets and no cache: a resumed session would carry a revoked certificate along. */
static enum err harden(SSL_CTX *c, struct errinfo *reterr)
{
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_early_data(c, 0);
    if (!SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) || !SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) ||
        !SSL_CTX_set_ciphersuites(c, SUITES) || !SSL_CTX_set1_groups_list(c, GROUPS) || !SSL_CTX_set_num_tickets(c, 0))
        return ossl_fail(reterr, E_INVALID, "tls", "settings refused");
    return OK;
}

static enum err own_certificate(SSL_CTX *c, const struct tls_files *f, struct errinfo *reterr)
{
    struct key *k = NULL;
    X509 *x = NULL;
    struct buf pem = BUF_INIT;
    enum err e = key_load(f->key, &k, reterr);
    if (e == OK)
        e = fs_read(f->cert, CERT_PEM_MAX, &pem, reterr);
    if (e == OK)
        e = cert_parse_pem(buf_span(&pem), &x, reterr);
    if (e == OK && (SSL_CTX_use_certificate(c, x) != 1 || SSL_CTX_use_PrivateKey(c, k->pkey) != 1 ||
                    SSL_CTX_check_private_key(c) != 1))
        e = ossl_fail(reterr, E_CORRUPT, f->cert, "key and certificate do not belong together");
    buf_done(&pem);
    X509_free(x);
    key_free(k);
    return e;
}

/* The instance's authority becomes the only trust anchor. */
static enum err trust(SSL_CTX *c, const char *ca_path, X509 **ret_ca, struct errinfo *reterr)
{
    struct buf pem = BUF_INIT;
    X509 *x = NULL;
    enum err e = fs_read(ca_path, CERT_PEM_MAX, &pem, reterr);
    if (e == OK)
        e = cert_parse_pem(buf_span(&pem), &x, reterr);
    buf_done(&pem);
    TRY(e);
    X509_STORE *store = X509_STORE_new();
    MUST(store);
    if (!X509_STORE_add_cert(store, x)) {
        X509_STORE_free(store);
        X509_free(x);
        return ossl_fail(reterr, E_CORRUPT, ca_path, "not usable as an authority");
    }
    SSL_CTX_set_cert_store(c, store);
    *ret_ca = x;
    return OK;
}

static int select_alpn(SSL *s, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                       unsigned in_len, void *arg)
{
    (void)s, (void)arg;
    unsigned char *picked = NULL;
    if (SSL_select_next_proto(&picked, out_len, alpn, ALPN_LEN, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = picked;
    return SSL_TLSEXT_ERR_OK;
}

enum err tls_host_ctx(const struct tls_files *f, SSL_CTX **ret, struct errinfo *reterr)
{
    X509 *ca = NULL;
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    MUST(c);
    enum err e = harden(c, reterr);
    if (e == OK)
        e = own_certificate(c, f, reterr);
    if (e == OK)
        e = trust(c, f->ca, &ca, reterr);
    /* The authority goes along in the chain: a branch that enrols has only its fingerprint. */
    if (e == OK && (!SSL_CTX_add1_chain_cert(c, ca) || !SSL_CTX_add_client_CA(c, ca)))
        e = ossl_fail(reterr, E_INVALID, f->ca, "chain refused");
    X509_free(ca);
    if (e != OK) {
        SSL_CTX_free(c);
        return e;
    }
    SSL_CTX_set_alpn_select_cb(c, select_alpn, NULL);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    *ret = c;
    return OK;
}

void tls_host_require(SSL *s, bool required)
{
    SSL_set_verify(s, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
}

enum err tls_peer(SSL *s, struct cert_facts *ret, struct errinfo *reterr)
{
    X509 *x = SSL_get0_peer_certificate(s);
    if (!x)
        return err_set(reterr, E_NOTFOUND, NULL, "peer", "no certificate");
    if (SSL_get_verify_result(s) != X509_V_OK)
        return err_set(reterr, E_DENIED, NULL, "peer", "certificate not verified");
    return cert_facts_of(x, ret, reterr);
}

void tls_ctx_free(SSL_CTX *c)
{
    SSL_CTX_free(c);
}

static int refuse(X509_STORE_CTX *x)
{
    X509_STORE_CTX_set_error(x, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

/* Chain first, then who the host says it is. */
static int verify_host(X509_STORE_CTX *x, void *arg)
{
    const struct tls_client *t = arg;
    struct cert_facts f;
    if (X509_verify_cert(x) != 1)
        return 0;
    bool ok = cert_facts_of(X509_STORE_CTX_get0_cert(x), &f, NULL) == OK && f.id.role == ROLE_HOST &&
              f.id.trial == t->host.trial && strcmp(f.id.city, t->host.city) == 0 &&
              (*t->host.name == '\0' || strcmp(f.id.name, t->host.name) == 0);
    return ok ? 1 : refuse(x);
}

/* The certificate of the sent chain whose fingerprint starts with the pin becomes the only trust anchor. */
static int verify_pinned(X509_STORE_CTX *x, void *arg)
{
    const uint8_t *pin = arg;
    const STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(x);
    STACK_OF(X509) *anchors = sk_X509_new_null();
    struct cert_facts f;
    MUST(anchors);
    for (int i = 0; i < sk_X509_num(sent); i++) {
        uint8_t hash[32];
        unsigned n = sizeof hash;
        X509 *c = sk_X509_value(sent, i);
        if (X509_digest(c, EVP_sha256(), hash, &n) && memcmp(hash, pin, TLS_PIN) == 0)
            sk_X509_push(anchors, c);
    }
    X509_STORE_CTX_set0_trusted_stack(x, anchors);
    int ok = X509_verify_cert(x) == 1;
    X509_STORE_CTX_set0_trusted_stack(x, NULL);
    sk_X509_free(anchors);
    if (!ok)
        return 0;
    if (cert_facts_of(X509_STORE_CTX_get0_cert(x), &f, NULL) != OK || f.id.role != ROLE_HOST)
        return refuse(x);
    return 1;
}

/* SSL_CTX_set_cert_verify_callback hands the argument on as it is; the callbacks only read it. */
static void *callback_arg(const void *p)
{
    union {
        const void *in;
        void *out;
    } u = { .in = p };
    return u.out;
}

enum err tls_client_setup(SSL_CTX *c, const struct tls_client *t, struct errinfo *reterr)
{
    X509 *ca = NULL;
    TRY(harden(c, reterr));
    TRY(own_certificate(c, &t->files, reterr));
    TRY(trust(c, t->files.ca, &ca, reterr));
    X509_free(ca);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(c, verify_host, callback_arg(t));
    return SSL_CTX_set_alpn_protos(c, alpn, ALPN_LEN) == 0 ? OK : ossl_fail(reterr, E_INVALID, "tls", "ALPN refused");
}

enum err tls_client_setup_enrol(SSL_CTX *c, const uint8_t pin[TLS_PIN], struct errinfo *reterr)
{
    TRY(harden(c, reterr));
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(c, verify_pinned, callback_arg(pin));
    return SSL_CTX_set_alpn_protos(c, alpn, ALPN_LEN) == 0 ? OK : ossl_fail(reterr, E_INVALID, "tls", "ALPN refused");
}

enum err tls_client_ctx(const struct tls_client *t, SSL_CTX **ret, struct errinfo *reterr)
{
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());
    MUST(c);
    enum err e = tls_client_setup(c, t, reterr);
    if (e != OK) {
        SSL_CTX_free(c);
        return e;
    }
    *ret = c;
    return OK;
}
