#include "crypto/ca.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "ossl.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CA_KEY       "ca.key"
#define CA_CERT      "ca.crt"
#define SERIAL_BYTES ((CERT_SERIAL_HEX - 1) / 2)

struct ca {
    struct key *key;
    X509 *cert;
    struct buf pem;
};

void ca_free(struct ca *ca)
{
    if (!ca)
        return;
    key_free(ca->key);
    X509_free(ca->cert);
    buf_done(&ca->pem);
    free(ca);
}

struct span ca_pem(const struct ca *ca)
{
    return buf_span(&ca->pem);
}

/* 159 random bits: positive, never all zero in practice and always 20 bytes when padded. */
static bool set_serial(X509 *x, uint8_t serial[SERIAL_BYTES])
{
    if (RAND_bytes(serial, SERIAL_BYTES) != 1)
        return false;
    serial[0] &= 0x7f;
    BIGNUM *bn = BN_bin2bn(serial, SERIAL_BYTES, NULL);
    bool ok = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
    BN_free(bn);
    return ok;
}

static bool add_name(X509_NAME *n, const char *field, const char *text)
{
    return X509_NAME_add_entry_by_txt(n, field, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0);
}

static bool add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX c;
    X509V3_set_ctx(&c, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &c, nid, value);
    bool ok = e && X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    return ok;
}

static bool set_validity(X509 *x, int64_t from_ms, int64_t until_ms)
{
    return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(from_ms / 1000)) &&
           ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(until_ms / 1000));
}

static bool pem_of(X509 *x, struct buf *ret)
{
    BIO *b = BIO_new(BIO_s_mem());
    MUST(b);
    bool ok = PEM_write_bio_X509(b, x);
    if (ok)
        bio_take(b, ret);
    BIO_free(b);
    return ok;
}

static bool self_sign(X509 *x, const struct key *k, const struct cert_id *instance, int64_t now_ms, int days)
{
    uint8_t serial[SERIAL_BYTES];
    X509_NAME *n = X509_get_subject_name(x);
    return X509_set_version(x, X509_VERSION_3) && set_serial(x, serial) &&
           set_validity(x, now_ms, now_ms + days * DAY_MS) && add_name(n, "O", instance->city) &&
           add_name(n, "OU", instance->trial ? "trial" : "real") && add_name(n, "CN", "madoguchi authority") &&
           X509_set_issuer_name(x, n) && X509_set_pubkey(x, k->pkey) &&
           add_ext(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add_ext(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add_ext(x, x, NID_subject_key_identifier, "hash") && X509_sign(x, k->pkey, sig_alg_digest(k->alg));
}

enum err ca_create(const char *dir, const struct alg_policy *policy, const struct cert_id *instance, int64_t now_ms,
                   int days, struct ca **ret, struct errinfo *reterr)
{
    enum err e = OK;
    char *key_path = fs_join(dir, CA_KEY), *cert_path = fs_join(dir, CA_CERT);
    struct ca *ca = xcalloc(1, sizeof *ca);
    if (access(key_path, F_OK) == 0 || access(cert_path, F_OK) == 0)
        e = err_set(reterr, E_EXISTS, NULL, dir, "there is an authority already");
    if (e == OK)
        e = fs_mkdir_p(dir, 0700, reterr);
    if (e == OK)
        e = key_generate(policy->preferred, &ca->key, reterr);
    if (e == OK) {
        ca->cert = X509_new();
        MUST(ca->cert);
        if (!self_sign(ca->cert, ca->key, instance, now_ms, days) || !pem_of(ca->cert, &ca->pem))
            e = ossl_fail(reterr, E_INVALID, "authority", "certificate cannot be made");
    }
    if (e == OK)
        e = key_save(ca->key, key_path, reterr);
    if (e == OK)
        e = fs_write_atomic(cert_path, 0644, buf_span(&ca->pem), reterr);
    free(key_path);
    free(cert_path);
    if (e != OK) {
        ca_free(ca);
        return e;
    }
    *ret = ca;
    return OK;
}

enum err ca_open(const char *dir, struct ca **ret, struct errinfo *reterr)
{
    char *key_path = fs_join(dir, CA_KEY), *cert_path = fs_join(dir, CA_CERT);
    struct ca *ca = xcalloc(1, sizeof *ca);
    enum err e = key_load(key_path, &ca->key, reterr);
    if (e == OK)
        e = fs_read(cert_path, CERT_PEM_MAX, &ca->pem, reterr);
    if (e == OK)
        e = cert_parse_pem(buf_span(&ca->pem), &ca->cert, reterr);
    if (e == OK && X509_check_private_key(ca->cert, ca->key->pkey) != 1)
        e = ossl_fail(reterr, E_CORRUPT, dir, "key and certificate of the authority do not belong together");
    free(key_path);
    free(cert_path);
    if (e != OK) {
        ca_free(ca);
        return e;
    }
    *ret = ca;
    return OK;
}

static bool name_allowed(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-");
    return n > 0 && n <= 253 && name[n] == '\0';
}

/* An IPv6 address has a colon, an IPv4 address only digits and dots. */
static bool is_address(const char *name)
{
    return strchr(name, ':') || strspn(name, "0123456789.") == strlen(name);
}

static enum err alt_names(const struct cert_order *o, struct buf *ret, struct errinfo *reterr)
{
    struct cert_id again;
    buf_adds(ret, "URI:");
    struct buf uri = BUF_INIT;
    cert_id_uri(&o->id, &uri);
    enum err e = cert_id_parse(buf_span(&uri), &again, reterr);
    buf_add(ret, uri.p, uri.len);
    buf_done(&uri);
    for (size_t i = 0; e == OK && i < o->n_names; i++) {
        if (!name_allowed(o->names[i]))
            e = err_set(reterr, E_INVALID, NULL, "certificate", "name %zu is neither a host name nor an address", i);
        else
            buf_printf(ret, ",%s:%s", is_address(o->names[i]) ? "IP" : "DNS", o->names[i]);
    }
    return e;
}

static const char *const purposes[] = {
    [ROLE_BRANCH] = "clientAuth",
    [ROLE_HOST] = "serverAuth",
};
_Static_assert(sizeof purposes / sizeof *purposes == CERT_ROLES, "a role has no purpose");

static bool fill(X509 *x, const struct ca *ca, EVP_PKEY *pkey, const struct cert_order *o, const char *alt,
                 uint8_t serial[SERIAL_BYTES])
{
    X509_NAME *n = X509_get_subject_name(x);
    return X509_set_version(x, X509_VERSION_3) && set_serial(x, serial) && set_validity(x, o->from_ms, o->until_ms) &&
           add_name(n, "O", o->id.city) && add_name(n, "OU", cert_role_name(o->id.role)) &&
           add_name(n, "CN", o->id.name) && X509_set_issuer_name(x, X509_get_subject_name(ca->cert)) &&
           X509_set_pubkey(x, pkey) && add_ext(x, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_ext(x, ca->cert, NID_key_usage, "critical,digitalSignature") &&
           add_ext(x, ca->cert, NID_ext_key_usage, purposes[o->id.role]) &&
           add_ext(x, ca->cert, NID_subject_key_identifier, "hash") &&
           add_ext(x, ca->cert, NID_authority_key_identifier, "keyid:always") &&
           add_ext(x, ca->cert, NID_subject_alt_name, alt) && X509_sign(x, ca->key->pkey, sig_alg_digest(ca->key->alg));
}

/* The requester's key, after the request proved that it has the private half. */
static enum err request_key(struct span pem, EVP_PKEY **ret, struct errinfo *reterr)
{
    struct key *k = NULL;
    if (pem.n > CERT_PEM_MAX)
        return err_set(reterr, E_INVALID, NULL, "request", "too long");
    BIO *b = bio_of(pem);
    X509_REQ *req = PEM_read_bio_X509_REQ(b, NULL, NULL, NULL);
    BIO_free(b);
    EVP_PKEY *pkey = req ? X509_REQ_get_pubkey(req) : NULL;
    bool ok = pkey && X509_REQ_verify(req, pkey) == 1;
    X509_REQ_free(req);
    if (!ok) {
        EVP_PKEY_free(pkey);
        return ossl_fail(reterr, E_INVALID, "request", "not a certificate request signed with its own key");
    }
    EVP_PKEY_up_ref(pkey);
    enum err e = key_wrap(pkey, false, &k, reterr); /* only for its check of the curve */
    key_free(k);
    if (e != OK) {
        EVP_PKEY_free(pkey);
        return e;
    }
    *ret = pkey;
    return OK;
}

enum err ca_request_key(struct span request_pem, uint8_t ret[KEY_ID], struct errinfo *reterr)
{
    EVP_PKEY *pkey = NULL;
    struct key *k = NULL;
    TRY(request_key(request_pem, &pkey, reterr));
    TRY(key_wrap(pkey, false, &k, reterr));
    key_id(k, ret);
    key_free(k);
    return OK;
}

enum err ca_issue(struct ca *ca, struct span request_pem, const struct cert_order *order, struct buf *ret_pem,
                  char ret_serial[CERT_SERIAL_HEX], struct errinfo *reterr)
{
    uint8_t serial[SERIAL_BYTES];
    EVP_PKEY *pkey = NULL;
    struct buf alt = BUF_INIT, hex = BUF_INIT;
    X509 *x = X509_new();
    MUST(x);
    enum err e = alt_names(order, &alt, reterr);
    if (e == OK)
        e = request_key(request_pem, &pkey, reterr);
    if (e == OK && (!fill(x, ca, pkey, order, buf_str(&alt), serial) || !pem_of(x, ret_pem)))
        e = ossl_fail(reterr, E_INVALID, "certificate", "cannot be issued");
    if (e == OK) {
        hex_add(&hex, serial, sizeof serial);
        memcpy(ret_serial, buf_str(&hex), CERT_SERIAL_HEX);
    }
    buf_done(&hex);
    buf_done(&alt);
    EVP_PKEY_free(pkey);
    X509_free(x);
    return e;
}
