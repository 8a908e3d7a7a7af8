/*
 * SHA-256, random bytes and comparison in constant time: what every other layer needs of OpenSSL. The store and the
 * domain receive the digest as a function argument and never see this header.
 */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32

void digest_sha256(const void *p, size_t n, uint8_t ret[DIGEST_SIZE]);

/* Piece by piece. */
struct digest;
struct digest *digest_new(void) __attribute__((returns_nonnull));
void digest_add(struct digest *, const void *p, size_t n);
/* Gives the digest and frees; NULL allowed, then ret is untouched. ret may be NULL to throw it away. */
void digest_end(struct digest *, uint8_t ret[DIGEST_SIZE]);

/* HMAC-SHA-256 (RFC 2104); pointers may be NULL where their length is 0. */
void digest_hmac(const void *key, size_t key_n, const void *p, size_t n, uint8_t ret[DIGEST_SIZE]);

/* From the system's generator; E_IO when it fails. */
enum err random_bytes(void *ret, size_t n, struct errinfo *) NODISCARD;
/* Time does not depend on the bytes. */
bool equal_secret(const void *a, const void *b, size_t n);

#endif
