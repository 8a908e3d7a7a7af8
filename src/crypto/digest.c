#include "crypto/digest.h"
#include "base/mem.h"
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

struct digest {
    EVP_MD_CTX *ctx;
};

void digest_sha256(const void *p, size_t n, uint8_t ret[DIGEST_SIZE])
{
    MUST(EVP_Digest(p, n, ret, NULL, EVP_sha256(), NULL) == 1);
}

struct digest *digest_new(void)
{
    struct digest *d = xcalloc(1, sizeof *d);
    d->ctx = EVP_MD_CTX_new();
    MUST(d->ctx && EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) == 1);
    return d;
}

void digest_add(struct digest *d, const void *p, size_t n)
{
    MUST(EVP_DigestUpdate(d->ctx, p, n) == 1);
}

void digest_end(struct digest *d, uint8_t ret[DIGEST_SIZE])
{
    uint8_t thrown_away[DIGEST_SIZE];
    if (!d)
        return;
    MUST(EVP_DigestFinal_ex(d->ctx, ret ? ret : thrown_away, NULL) == 1);
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

void digest_hmac(const void *key, size_t key_n, const void *p, size_t n, uint8_t ret[DIGEST_SIZE])
{
    MUST(key_n <= INT_MAX);
    MUST(HMAC(EVP_sha256(), key_n ? key : "", (int)key_n, n ? p : (const void *)"", n, ret, NULL));
}

enum err random_bytes(void *ret, size_t n, struct errinfo *reterr)
{
    MUST(n <= INT_MAX);
    if (RAND_bytes(ret, (int)n) != 1)
        return err_set(reterr, E_IO, NULL, NULL, "the random generator failed");
    return OK;
}

bool equal_secret(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}
