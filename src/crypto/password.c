#include "crypto/password.h"
#include "base/buf.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME         "pbkdf2-sha256"
#define SALT_SIZE      16
#define HASH_SIZE      32
#define ITERATIONS_MAX 100000000

struct verifier {
    int iterations;
    uint8_t salt[SALT_SIZE], hash[HASH_SIZE];
};

static enum err derive(const char *password, const struct verifier *v, uint8_t ret[HASH_SIZE], struct errinfo *reterr)
{
    if (PKCS5_PBKDF2_HMAC(password, (int)strlen(password), v->salt, SALT_SIZE, v->iterations, EVP_sha256(), HASH_SIZE,
                          ret) != 1)
        return err_set(reterr, E_IO, NULL, NULL, "PBKDF2 failed");
    return OK;
}

static enum err check_length(const char *password, struct errinfo *reterr)
{
    size_t n = strnlen(password, PASSWORD_BYTES_MAX + 1);
    if (n == 0 || n > PASSWORD_BYTES_MAX)
        return err_set(reterr, E_INVALID, NULL, "password", "length %zu", n);
    return OK;
}

enum err password_make(const char *password, int iterations, char **ret, struct errinfo *reterr)
{
    struct verifier v = { .iterations = iterations };
    struct buf text = BUF_INIT;
    TRY(check_length(password, reterr));
    TRY(random_bytes(v.salt, sizeof v.salt, reterr));
    TRY(derive(password, &v, v.hash, reterr));
    buf_printf(&text, SCHEME "$%d$", iterations);
    hex_add(&text, v.salt, sizeof v.salt);
    buf_addc(&text, '$');
    hex_add(&text, v.hash, sizeof v.hash);
    wipe(&v, sizeof v);
    *ret = buf_steal(&text);
    return OK;
}

static bool parse(const char *text, struct verifier *ret)
{
    char salt[2 * SALT_SIZE + 1], hash[2 * HASH_SIZE + 1], rest[2];
    if (sscanf(text, SCHEME "$%9d$%32[0-9a-f]$%64[0-9a-f]%1s", &ret->iterations, salt, hash, rest) != 3)
        return false;
    return ret->iterations > 0 && ret->iterations <= ITERATIONS_MAX &&
           unhex(span_of(salt), ret->salt, SALT_SIZE, NULL) == OK &&
           unhex(span_of(hash), ret->hash, HASH_SIZE, NULL) == OK;
}

enum err password_check(const char *password, const char *verifier, int iterations, bool *ret_ok,
                        struct errinfo *reterr)
{
    struct verifier v = { .iterations = iterations };
    uint8_t hash[HASH_SIZE];
    if (verifier && !parse(verifier, &v))
        return err_set(reterr, E_CORRUPT, NULL, "verifier", "not a password verifier");
    bool fits_length = check_length(password, NULL) == OK;
    TRY(derive(fits_length ? password : "", &v, hash, reterr));
    *ret_ok = equal_secret(hash, v.hash, HASH_SIZE) && verifier && fits_length;
    wipe(hash, sizeof hash);
    return OK;
}
