/*
 * The host of an instance (本庁側の設置): made once, opened by madoguchi-hostd and, while that does not run, by
 * madoguchi-ctl. Files stand where app/instance.h says: the authority in host/ca, the host's TLS key, certificate and
 * signing key in host/keys, the register in host/host.db.
 */
#ifndef APP_HOSTING_H
#define APP_HOSTING_H

#include "app/instance.h"
#include "app/trialclock.h"
#include "crypto/tls.h"
#include "host/host.h"

struct host_opening {
    struct trialclock *trialclock;
    struct rulebook *book;
    struct ca *ca;
    struct host *host;
    char *key, *cert, *ca_path; /* files for tls_host_ctx */
};

/* Makes authority, keys, certificate and an empty register for `name` (letters, digits, -). The host's certificate also
 * names `listen`'s address, localhost and this machine. E_EXISTS: there is a host here. */
enum err host_making(const char *dir, const char *share, const struct instance *, const char *name,
                     struct errinfo *) NODISCARD;
/* Opens everything. `renew`: a certificate that ends within a month is replaced (madoguchi-hostd at its start). E_BUSY:
 * another process has the register. */
enum err host_opening(const char *dir, const char *share, const struct instance *, bool renew, struct host_opening *ret,
                      struct errinfo *) NODISCARD;
void host_opening_done(struct host_opening *);

/* Puts a backup in the place of the register (the one that is there is kept beside it) and begins a new epoch. */
enum err host_restoring(const char *dir, const struct instance *, const char *backup, const char *who,
                        struct errinfo *) NODISCARD;

#endif
