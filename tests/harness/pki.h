/* Authority, host and branch certificates in a directory, for tests of everything that speaks TLS. */
#ifndef TESTS_HARNESS_PKI_H
#define TESTS_HARNESS_PKI_H

#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/ca.h"

#include <string.h>

#define PKI_CITY "99201"

/* Makes DIR/ca.key, ca.crt. */
static inline struct ca *pki_ca(const char *dir, bool trial, int64_t now_ms)
{
    const struct alg_policy policy = alg_policy_p256();
    struct cert_id id = { .trial = trial, .role = ROLE_HOST };
    struct ca *ca = NULL;
    struct errinfo err;
    strcpy(id.city, PKI_CITY);
    strcpy(id.name, "ca");
    MUST(fs_mkdir_p(dir, 0700, &err) == OK);
    MUST(ca_create(dir, &policy, &id, now_ms, 3650, &ca, &err) == OK);
    return ca;
}

struct pki_order {
    enum cert_role role;
    bool trial;
    const char *city, *name;
    int64_t from_ms, until_ms;
};

/* Makes DIR/STEM.key, STEM.crt and copies the authority's certificate to DIR/ca.crt. */
static inline void pki_issue(struct ca *ca, const char *dir, const char *stem, const struct pki_order *o)
{
    static const char *const names[] = { "127.0.0.1", "localhost" };
    struct cert_order order = { .id = { .trial = o->trial, .role = o->role },
                                .from_ms = o->from_ms,
                                .until_ms = o->until_ms,
                                .names = names,
                                .n_names = o->role == ROLE_HOST ? 2 : 0 };
    struct errinfo err;
    struct key *k = NULL;
    struct buf csr = BUF_INIT, crt = BUF_INIT;
    char serial[CERT_SERIAL_HEX];
    char *key_path = xprintf("%s/%s.key", dir, stem), *crt_path = xprintf("%s/%s.crt", dir, stem);
    char *ca_path = xprintf("%s/ca.crt", dir);
    strcpy(order.id.city, o->city ? o->city : PKI_CITY);
    strcpy(order.id.name, o->name);
    MUST(fs_mkdir_p(dir, 0700, &err) == OK);
    MUST(key_generate(SIG_P256_SHA256, &k, &err) == OK);
    MUST(key_save(k, key_path, &err) == OK);
    MUST(key_request(k, &csr, &err) == OK);
    MUST(ca_issue(ca, buf_span(&csr), &order, &crt, serial, &err) == OK);
    MUST(fs_write_atomic(crt_path, 0644, buf_span(&crt), &err) == OK);
    MUST(fs_write_atomic(ca_path, 0644, ca_pem(ca), &err) == OK);
    key_free(k);
    buf_done(&csr);
    buf_done(&crt);
    free(key_path);
    free(crt_path);
    free(ca_path);
}

#endif
