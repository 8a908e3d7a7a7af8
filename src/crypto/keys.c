#include "crypto/keys.h"
#include "base/cur.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "ossl.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIG_VERSION 1

static enum sig_alg alg_of(EVP_PKEY *pkey)
{
    char group[32] = "";
    if (!EVP_PKEY_is_a(pkey, "EC") || !EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL))
        return SIG_NONE;
    int nid = OBJ_txt2nid(group);
    for (int a = SIG_NONE + 1; a < SIG_ALGS; a++)
        if (nid != NID_undef && nid == EC_curve_nist2nid(sig_alg_curve((enum sig_alg)a)))
            return (enum sig_alg)a;
    return SIG_NONE;
}

static enum err id_of(EVP_PKEY *pkey, uint8_t ret[KEY_ID], struct errinfo *reterr)
{
    uint8_t *der = NULL, hash[32];
    int n = i2d_PUBKEY(pkey, &der);
    bool ok = n > 0 && EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(), NULL);
    OPENSSL_free(der);
    if (!ok)
        return ossl_fail(reterr, E_CORRUPT, "key", "public key cannot be encoded");
    memcpy(ret, hash, KEY_ID);
    return OK;
}

enum err key_wrap(EVP_PKEY *take, bool is_private, struct key **ret, struct errinfo *reterr)
{
    struct key *k = xcalloc(1, sizeof *k);
    k->pkey = take;
    k->is_private = is_private;
    k->alg = alg_of(take);
    enum err e = k->alg == SIG_NONE ? err_set(reterr, E_INVALID, NULL, "key", "not a key of a known curve") : OK;
    if (e == OK)
        e = id_of(take, k->id, reterr);
    if (e != OK) {
        key_free(k);
        return e;
    }
    *ret = k;
    return OK;
}

void key_free(struct key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->pkey); /* OpenSSL clears the private number */
    wipe(k, sizeof *k);
    free(k);
}

enum err key_generate(enum sig_alg alg, struct key **ret, struct errinfo *reterr)
{
    if ((unsigned)alg >= SIG_ALGS || alg == SIG_NONE)
        return err_set(reterr, E_INVALID, NULL, "key", "no such algorithm");
    EVP_PKEY *pkey = EVP_EC_gen(sig_alg_curve(alg));
    if (!pkey)
        return ossl_fail(reterr, E_IO, "key", "key generation failed");
    return key_wrap(pkey, true, ret, reterr);
}

static enum err check_mode(const char *path, struct errinfo *reterr)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? err_set(reterr, E_NOTFOUND, NULL, path, "no key file")
                               : err_sys(reterr, errno, path, "stat");
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
        return err_set(reterr, E_DENIED, NULL, path, "a private key must be a file that only its owner may read");
    return OK;
}

static int no_passphrase(char *buf, int size, int rw, void *arg)
{
    (void)buf, (void)size, (void)rw, (void)arg;
    return -1;
}

enum err key_load(const char *path, struct key **ret, struct errinfo *reterr)
{
    struct buf pem = BUF_INIT;
    TRY(check_mode(path, reterr));
    TRY(fs_read(path, KEY_PEM_MAX, &pem, reterr));
    BIO *b = bio_of(buf_span(&pem));
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(b, NULL, no_passphrase, NULL);
    BIO_free(b);
    buf_done(&pem);
    if (!pkey)
        return ossl_fail(reterr, E_CORRUPT, path, "not a private key in PEM");
    return key_wrap(pkey, true, ret, reterr);
}

enum err key_save(const struct key *k, const char *path, struct errinfo *reterr)
{
    struct buf pem = BUF_INIT;
    BIO *b = BIO_new(BIO_s_secmem());
    MUST(b);
    bool ok = k->is_private && PEM_write_bio_PKCS8PrivateKey(b, k->pkey, NULL, NULL, 0, NULL, NULL);
    if (ok)
        bio_take(b, &pem);
    BIO_free(b);
    enum err e = ok ? fs_write_atomic(path, 0600, buf_span(&pem), reterr)
                    : ossl_fail(reterr, E_INVALID, path, "private key cannot be written");
    buf_done(&pem);
    return e;
}

enum err key_public_pem(const struct key *k, struct buf *ret, struct errinfo *reterr)
{
    BIO *b = BIO_new(BIO_s_mem());
    MUST(b);
    enum err e = OK;
    if (PEM_write_bio_PUBKEY(b, k->pkey))
        bio_take(b, ret);
    else
        e = ossl_fail(reterr, E_INVALID, "key", "public key cannot be written");
    BIO_free(b);
    return e;
}

enum err key_public_read(struct span pem, struct key **ret, struct errinfo *reterr)
{
    if (pem.n > KEY_PEM_MAX)
        return err_set(reterr, E_CORRUPT, NULL, "key", "public key too long");
    BIO *b = bio_of(pem);
    EVP_PKEY *pkey = PEM_read_bio_PUBKEY(b, NULL, no_passphrase, NULL);
    BIO_free(b);
    if (!pkey)
        return ossl_fail(reterr, E_CORRUPT, "key", "not a public key in PEM");
    return key_wrap(pkey, false, ret, reterr);
}

enum err key_public_of_cert(struct span pem, struct key **ret, struct errinfo *reterr)
{
    X509 *x = NULL;
    TRY(cert_parse_pem(pem, &x, reterr));
    EVP_PKEY *pkey = X509_get_pubkey(x);
    X509_free(x);
    if (!pkey)
        return ossl_fail(reterr, E_CORRUPT, "certificate", "no public key in it");
    return key_wrap(pkey, false, ret, reterr);
}

void key_id(const struct key *k, uint8_t ret[KEY_ID])
{
    memcpy(ret, k->id, KEY_ID);
}

enum sig_alg key_alg(const struct key *k)
{
    return k->alg;
}

/* DER signature over label NUL msg; *len is the space, then the size. */
static bool sign_der(const struct key *k, const char *label, struct span msg, uint8_t *der, size_t *len)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    MUST(c);
    bool ok = EVP_DigestSignInit(c, NULL, sig_alg_digest(k->alg), NULL, k->pkey) > 0 &&
              EVP_DigestSignUpdate(c, label, strlen(label) + 1) > 0 && EVP_DigestSignUpdate(c, msg.p, msg.n) > 0 &&
              EVP_DigestSignFinal(c, der, len) > 0;
    EVP_MD_CTX_free(c);
    return ok;
}

enum err key_sign(const struct key *k, const struct alg_policy *policy, const char *label, struct span msg,
                  struct buf *ret, struct errinfo *reterr)
{
    uint8_t der[SIG_MAX];
    size_t n = sizeof der;
    if (policy->use[k->alg] != ALG_NEW)
        return err_set(reterr, E_DENIED, NULL, sig_alg_name(k->alg), "algorithm not allowed for new signatures");
    if (!k->is_private || !sign_der(k, label, msg, der, &n))
        return ossl_fail(reterr, E_INVALID, "key", "signing failed");
    put_u8(ret, SIG_VERSION);
    put_u8(ret, (uint8_t)k->alg);
    buf_add(ret, k->id, KEY_ID);
    put_bytes(ret, (struct span){ (const char *)der, n });
    return OK;
}

static bool verify_der(const struct key *k, const char *label, struct span msg, struct span der)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    MUST(c);
    bool ok = EVP_DigestVerifyInit(c, NULL, sig_alg_digest(k->alg), NULL, k->pkey) > 0 &&
              EVP_DigestVerifyUpdate(c, label, strlen(label) + 1) > 0 && EVP_DigestVerifyUpdate(c, msg.p, msg.n) > 0 &&
              EVP_DigestVerifyFinal(c, (const uint8_t *)der.p, der.n) == 1;
    EVP_MD_CTX_free(c);
    return ok;
}

struct signature {
    uint8_t version, alg;
    uint8_t key_id[KEY_ID];
    struct span der;
};

static enum err read_signature(struct span sig, struct signature *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(sig);
    ret->version = cur_u8(&c);
    ret->alg = cur_u8(&c);
    cur_fixed(&c, ret->key_id, sizeof ret->key_id);
    ret->der = cur_bytes(&c, SIG_MAX);
    if (!cur_end(&c) || ret->version != SIG_VERSION || ret->alg == SIG_NONE || ret->alg >= SIG_ALGS)
        return err_set(reterr, E_CORRUPT, NULL, "signature", "malformed");
    return OK;
}

enum err sig_key_id(struct span sig, uint8_t ret[KEY_ID], struct errinfo *reterr)
{
    struct signature s;
    TRY(read_signature(sig, &s, reterr));
    memcpy(ret, s.key_id, KEY_ID);
    return OK;
}

enum err key_verify(const struct key *k, const struct alg_policy *policy, const char *label, struct span msg,
                    struct span sig, struct errinfo *reterr)
{
    struct signature s;
    TRY(read_signature(sig, &s, reterr));
    if (policy->use[s.alg] == ALG_NEVER)
        return err_set(reterr, E_DENIED, NULL, sig_alg_name((enum sig_alg)s.alg), "algorithm not allowed");
    if (s.alg != (uint8_t)k->alg || memcmp(s.key_id, k->id, KEY_ID) != 0)
        return err_set(reterr, E_CORRUPT, NULL, "signature", "made with another key");
    if (!verify_der(k, label, msg, s.der))
        return ossl_fail(reterr, E_CORRUPT, "signature", "does not verify");
    return OK;
}

enum err key_request(const struct key *k, struct buf *ret_pem, struct errinfo *reterr)
{
    X509_REQ *req = X509_REQ_new();
    BIO *b = BIO_new(BIO_s_mem());
    MUST(req && b);
    enum err e = OK;
    if (k->is_private && X509_REQ_set_version(req, 0) && X509_REQ_set_pubkey(req, k->pkey) &&
        X509_REQ_sign(req, k->pkey, sig_alg_digest(k->alg)) && PEM_write_bio_X509_REQ(b, req))
        bio_take(b, ret_pem);
    else
        e = ossl_fail(reterr, E_INVALID, "key", "certificate request cannot be made");
    BIO_free(b);
    X509_REQ_free(req);
    return e;
}
