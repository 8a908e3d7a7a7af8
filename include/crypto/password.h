/*
 * Verifiers of passwords (パスワードの照合値): PBKDF2-HMAC-SHA-256 with a random salt, as text
 * "pbkdf2-sha256$ITERATIONS$SALT$HASH" (hex). The password itself is kept nowhere and compared as typed bytes.
 * Source: spec/standard.md M6, KDF_ITER; ASVS 6.2, 6.3.8.
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/err.h"

#define PASSWORD_BYTES_MAX 1024 /* longer ones are refused, never cut */

/* New verifier; caller frees. E_INVALID for an empty or too long password. */
enum err password_make(const char *password, int iterations, char **ret_verifier, struct errinfo *) NODISCARD;
/* *ret_ok: the password fits. With verifier NULL (no such operator) the same work of `iterations` is done and the
 * answer is false, so that time does not tell who exists. E_CORRUPT for a verifier that is not ours. */
enum err password_check(const char *password, const char *verifier, int iterations, bool *ret_ok,
                        struct errinfo *) NODISCARD;

#endif
