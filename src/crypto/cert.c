#include "base/mem.h"
#include "crypto/ca.h"
#include "ossl.h"

#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#define URI_START "madoguchi://"
#define URI_MAX   128

static const char *const role_names[] = { [ROLE_BRANCH] = "branch", [ROLE_HOST] = "host" };
_Static_assert(sizeof role_names / sizeof *role_names == CERT_ROLES, "a role has no name");

const char *cert_role_name(enum cert_role r)
{
    return (unsigned)r < CERT_ROLES ? role_names[r] : "unknown";
}

void cert_id_uri(const struct cert_id *id, struct buf *ret)
{
    buf_printf(ret, URI_START "%s/%s/%s/%s", id->trial ? "trial" : "real", id->city, cert_role_name(id->role),
               id->name);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

/* Text up to the next slash or the end, moved past. */
static struct span next_part(struct span *rest)
{
    const char *slash = rest->n ? memchr(rest->p, '/', rest->n) : NULL;
    struct span part = { rest->p, slash ? (size_t)(slash - rest->p) : rest->n };
    size_t skip = slash ? part.n + 1 : part.n;
    rest->p += skip;
    rest->n -= skip;
    return part;
}

/* Copies 1..max characters that all satisfy `allowed`. */
static bool copy_part(struct span part, bool (*allowed)(char), char *ret, size_t max)
{
    if (part.n == 0 || part.n > max)
        return false;
    for (size_t i = 0; i < part.n; i++)
        if (!allowed(part.p[i]))
            return false;
    memcpy(ret, part.p, part.n);
    ret[part.n] = '\0';
    return true;
}

static bool role_of(struct span name, enum cert_role *ret)
{
    for (int r = 0; r < CERT_ROLES; r++) {
        if (span_is(name, role_names[r])) {
            *ret = (enum cert_role)r;
            return true;
        }
    }
    return false;
}

enum err cert_id_parse(struct span uri, struct cert_id *ret, struct errinfo *reterr)
{
    struct cert_id id = { .trial = false };
    size_t start = strlen(URI_START);
    bool ok = uri.n > start && uri.n <= URI_MAX && memcmp(uri.p, URI_START, start) == 0;
    struct span rest = ok ? (struct span){ uri.p + start, uri.n - start } : (struct span){ "", 0 };
    struct span kind = next_part(&rest), city = next_part(&rest), role = next_part(&rest);
    id.trial = span_is(kind, "trial");
    ok = ok && (id.trial || span_is(kind, "real")) && copy_part(city, is_digit, id.city, CERT_CITY_MAX) &&
         role_of(role, &id.role) && copy_part(rest, is_name_char, id.name, CERT_NAME_MAX);
    if (!ok)
        return err_set(reterr, E_INVALID, NULL, "certificate", "identity is not of this program");
    *ret = id;
    return OK;
}

/* The one URI among the subject's alternative names. */
static enum err identity_of(X509 *x, struct cert_id *ret, struct errinfo *reterr)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    const ASN1_IA5STRING *uri = NULL;
    int uris = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
        if (g->type == GEN_URI) {
            uri = g->d.uniformResourceIdentifier;
            uris++;
        }
    }
    enum err e = E_INVALID;
    if (uris == 1)
        e = cert_id_parse((struct span){ (const char *)ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri) },
                          ret, reterr);
    else
        err_set(reterr, e, NULL, "certificate", "carries %d identities, expected one", uris);
    GENERAL_NAMES_free(names);
    return e;
}

static bool time_of(const ASN1_TIME *t, int64_t *ret_ms)
{
    struct tm tm;
    if (!ASN1_TIME_to_tm(t, &tm))
        return false;
    *ret_ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

static bool serial_of(X509 *x, char ret[CERT_SERIAL_HEX])
{
    BIGNUM *bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    uint8_t raw[(CERT_SERIAL_HEX - 1) / 2];
    bool ok = bn && !BN_is_negative(bn) && BN_bn2binpad(bn, raw, sizeof raw) == (int)sizeof raw;
    BN_free(bn);
    if (ok) {
        struct buf hex = BUF_INIT;
        hex_add(&hex, raw, sizeof raw);
        memcpy(ret, buf_str(&hex), CERT_SERIAL_HEX);
        buf_done(&hex);
    }
    return ok;
}

enum err cert_facts_of(X509 *x, struct cert_facts *ret, struct errinfo *reterr)
{
    struct cert_facts f = { .from_ms = 0 };
    struct key *k = NULL;
    TRY(identity_of(x, &f.id, reterr));
    if (!serial_of(x, f.serial) || !time_of(X509_get0_notBefore(x), &f.from_ms) ||
        !time_of(X509_get0_notAfter(x), &f.until_ms))
        return ossl_fail(reterr, E_CORRUPT, "certificate", "serial or validity cannot be read");
    EVP_PKEY *pkey = X509_get_pubkey(x);
    if (!pkey)
        return ossl_fail(reterr, E_CORRUPT, "certificate", "no public key in it");
    TRY(key_wrap(pkey, false, &k, reterr));
    key_id(k, f.key_id);
    key_free(k);
    *ret = f;
    return OK;
}

enum err cert_read(struct span pem, struct cert_facts *ret, struct errinfo *reterr)
{
    X509 *x = NULL;
    TRY(cert_parse_pem(pem, &x, reterr));
    enum err e = cert_facts_of(x, ret, reterr);
    X509_free(x);
    return e;
}

static bool chains_to(X509 *x, X509 *ca)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    MUST(store && ctx);
    X509_STORE_set_flags(store, X509_V_FLAG_NO_CHECK_TIME);
    bool ok = X509_STORE_add_cert(store, ca) && X509_STORE_CTX_init(ctx, store, x, NULL) && X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return ok && X509_cmp(x, ca) != 0;
}

enum err cert_issued_by(struct span pem, struct span ca_pem, struct cert_facts *ret, struct errinfo *reterr)
{
    X509 *x = NULL, *ca = NULL;
    enum err e = cert_parse_pem(pem, &x, reterr);
    if (e == OK)
        e = cert_parse_pem(ca_pem, &ca, reterr);
    if (e == OK && !chains_to(x, ca))
        e = ossl_fail(reterr, E_DENIED, "certificate", "not of this authority");
    if (e == OK)
        e = cert_facts_of(x, ret, reterr);
    X509_free(x);
    X509_free(ca);
    return e;
}

enum err cert_fingerprint(struct span pem, uint8_t ret[32], struct errinfo *reterr)
{
    X509 *x = NULL;
    TRY(cert_parse_pem(pem, &x, reterr));
    unsigned n = 32;
    bool ok = X509_digest(x, EVP_sha256(), ret, &n);
    X509_free(x);
    return ok ? OK : ossl_fail(reterr, E_CORRUPT, "certificate", "no fingerprint");
}
