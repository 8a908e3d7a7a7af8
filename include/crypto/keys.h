/*
 * Key pairs (署名鍵) of a branch, a host and the instance's private authority, and signatures made with them.
 * A private key stays in its process: it is read from a file of mode 0600, never printed, wiped when freed. A
 * signature names its algorithm and key, and covers a label so that one kind of object never passes for another.
 */
#ifndef CRYPTO_KEYS_H
#define CRYPTO_KEYS_H

#include "crypto/policy.h"

#define KEY_ID      16  /* first bytes of SHA-256 over the SubjectPublicKeyInfo */
#define SIG_MAX     160 /* bytes of an encoded signature at most */
#define KEY_PEM_MAX 4096

struct key; /* private with public half, or public only */

/* New key for the algorithm. */
enum err key_generate(enum sig_alg, struct key **ret, struct errinfo *) NODISCARD;
void key_free(struct key *); /* wipes; NULL allowed */

/* Private key in PEM (PKCS #8, not encrypted). load refuses a file that group or others may read (E_DENIED). */
enum err key_load(const char *path, struct key **ret, struct errinfo *) NODISCARD;
enum err key_save(const struct key *, const char *path, struct errinfo *) NODISCARD;
/* Public half in PEM (SubjectPublicKeyInfo). */
enum err key_public_pem(const struct key *, struct buf *ret, struct errinfo *) NODISCARD;
enum err key_public_read(struct span pem, struct key **ret, struct errinfo *) NODISCARD;
/* Public key of a certificate in PEM. */
enum err key_public_of_cert(struct span cert_pem, struct key **ret, struct errinfo *) NODISCARD;

void key_id(const struct key *, uint8_t ret[KEY_ID]);
enum sig_alg key_alg(const struct key *);

/* Appends version u8 | alg u8 | key id | u32 length + DER. E_DENIED when the policy has no `new` row for the key's
 * algorithm. `label` separates domains ("madoguchi batch 1"); it is hashed with its terminating NUL before msg. */
enum err key_sign(const struct key *, const struct alg_policy *, const char *label, struct span msg, struct buf *ret,
                  struct errinfo *) NODISCARD;
/* E_CORRUPT: does not verify, other key or malformed; E_DENIED: algorithm not allowed. */
enum err key_verify(const struct key *, const struct alg_policy *, const char *label, struct span msg, struct span sig,
                    struct errinfo *) NODISCARD;

/* Id of the key a signature says it was made with; E_CORRUPT when malformed. */
enum err sig_key_id(struct span sig, uint8_t ret[KEY_ID], struct errinfo *) NODISCARD;

/* Certificate request in PEM for this key; the authority writes the names, the request carries none. */
enum err key_request(const struct key *, struct buf *ret_pem, struct errinfo *) NODISCARD;

#endif
