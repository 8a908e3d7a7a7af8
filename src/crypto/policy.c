#include "crypto/policy.h"
#include "base/lines.h"
#include "ossl.h"

struct alg_row {
    const char *name;
    const char *curve;
    const EVP_MD *(*digest)(void);
};

static const EVP_MD *no_digest(void)
{
    return NULL;
}

static const struct alg_row algs[] = {
    [SIG_NONE] = { "none", "", no_digest },
    [SIG_P256_SHA256] = { "ecdsa-p256-sha256", "P-256", EVP_sha256 },
    [SIG_P384_SHA384] = { "ecdsa-p384-sha384", "P-384", EVP_sha384 },
};
_Static_assert(sizeof algs / sizeof *algs == SIG_ALGS, "an algorithm has no row");

const char *sig_alg_name(enum sig_alg a)
{
    return (unsigned)a < SIG_ALGS ? algs[a].name : "unknown";
}

const char *sig_alg_curve(enum sig_alg a)
{
    return algs[a].curve;
}

const EVP_MD *sig_alg_digest(enum sig_alg a)
{
    return algs[a].digest();
}

static enum sig_alg alg_by_name(struct span name)
{
    for (int a = SIG_NONE + 1; a < SIG_ALGS; a++)
        if (span_is(name, algs[a].name))
            return (enum sig_alg)a;
    return SIG_NONE;
}

static enum err read_row(const struct lines *l, struct alg_policy *p, struct errinfo *reterr)
{
    struct span cell[3];
    TRY(lines_cells(l, cell, 3, reterr));
    enum sig_alg a = alg_by_name(cell[0]);
    if (a == SIG_NONE)
        return lines_fail(l, reterr, "unknown algorithm");
    if (p->use[a] != ALG_NEVER)
        return lines_fail(l, reterr, "algorithm listed twice");
    if (span_is(cell[2], "new"))
        p->use[a] = ALG_NEW;
    else if (span_is(cell[2], "verify"))
        p->use[a] = ALG_VERIFY;
    else
        return lines_fail(l, reterr, "expected new or verify in the third column");
    if (p->use[a] == ALG_NEW && p->preferred == SIG_NONE)
        p->preferred = a;
    return OK;
}

enum err alg_policy_load(const char *path, struct alg_policy *ret, struct errinfo *reterr)
{
    struct lines l;
    struct alg_policy p = { .preferred = SIG_NONE };
    TRY(lines_open(&l, path, reterr));
    enum err e = OK;
    while (e == OK && lines_next(&l))
        e = read_row(&l, &p, reterr);
    if (e == OK && p.preferred == SIG_NONE)
        e = lines_fail(&l, reterr, "no algorithm is marked new");
    lines_close(&l);
    if (e == OK)
        *ret = p;
    return e;
}

struct alg_policy alg_policy_p256(void)
{
    struct alg_policy p = { .preferred = SIG_P256_SHA256 };
    p.use[SIG_P256_SHA256] = ALG_NEW;
    return p;
}
