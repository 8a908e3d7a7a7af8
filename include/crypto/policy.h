/*
 * Which algorithms may be used (暗号アルゴリズムの方針): rows of data/tables/crypto_allow.tsv. Every signed object
 * starts with its algorithm; a verifier refuses what has no row, and a signer what is not marked for new objects.
 * Changing the table retires an algorithm without a new program.
 */
#ifndef CRYPTO_POLICY_H
#define CRYPTO_POLICY_H

#include "base/buf.h"

/* Numbers stand in stored objects: never reused. */
enum sig_alg { SIG_NONE = 0, SIG_P256_SHA256 = 1, SIG_P384_SHA384 = 2, SIG_ALGS };

enum alg_use { ALG_NEVER, ALG_VERIFY, ALG_NEW }; /* ALG_NEW: sign and verify */

struct alg_policy {
    enum alg_use use[SIG_ALGS];
    enum sig_alg preferred; /* first row marked new: new keys are made for it */
};

/* The table file: code, label, note; note is `new` or `verify`. Unknown codes are errors naming the line. */
enum err alg_policy_load(const char *path, struct alg_policy *ret, struct errinfo *) NODISCARD;
/* The policy of a file with exactly one row, ECDSA P-256 with SHA-256, for new objects (tests, fuzzers). */
struct alg_policy alg_policy_p256(void);
/* Code of the table ("ecdsa-p256-sha256"); never NULL. */
const char *sig_alg_name(enum sig_alg);

#endif
