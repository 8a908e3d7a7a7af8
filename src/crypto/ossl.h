/* What the files of this layer share: turning OpenSSL's error queue into an errinfo, and the inside of a key. */
#ifndef CRYPTO_OSSL_H
#define CRYPTO_OSSL_H

#include "crypto/ca.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

struct key {
    EVP_PKEY *pkey;
    bool is_private;
    enum sig_alg alg;
    uint8_t id[KEY_ID];
};

/* Empties the error queue into detail. */
enum err ossl_fail(struct errinfo *, enum err code, const char *item, const char *what);
/* Wraps a key of a supported curve; takes pkey in any case. */
enum err key_wrap(EVP_PKEY *take, bool is_private, struct key **ret, struct errinfo *) NODISCARD;
/* First certificate of a PEM text. */
enum err cert_parse_pem(struct span pem, X509 **ret, struct errinfo *) NODISCARD;
enum err cert_facts_of(X509 *, struct cert_facts *ret, struct errinfo *) NODISCARD;
/* BIO over borrowed bytes. */
BIO *bio_of(struct span);
void bio_take(BIO *, struct buf *ret);
const char *sig_alg_curve(enum sig_alg);
const EVP_MD *sig_alg_digest(enum sig_alg);

#endif
