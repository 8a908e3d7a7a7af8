/*
 * Branches as the host knows them (支所の登録): one-time codes, certificates in force, quarantine. Every change is a
 * row of the host's journal, hash-chained.
 */
#ifndef HOST_BRANCHES_H
#define HOST_BRANCHES_H

#include "host/host.h"

/* Makes the branch known, withdraws its open codes and draws a new one, valid for parameter HOST_CODE_MIN. `ca` is the
 * authority's certificate in PEM. */
enum err host_enrol_code(struct host *, const char *branch, struct span ca, const char *who, struct enrol_code *ret,
                         struct errinfo *) NODISCARD;
/* Is a code open? Then a connection without certificate may knock. */
bool host_enrol_open(struct host *);
/* Uses up the code and issues the certificate. E_DENIED with one message whatever was wrong with the code. */
enum err host_enrol(struct host *, struct ca *, const struct enrol_request *, struct enrol_answer *ret,
                    struct errinfo *) NODISCARD;

/* Is a verified certificate in force here? Role, municipality, trial flag, serial, branch not closed: E_DENIED
 * otherwise. */
enum err host_admit(struct host *, const struct cert_facts *, struct errinfo *) NODISCARD;

struct host_branch {
    char name[CERT_NAME_MAX + 1];
    char state[16]; /* active quarantined closed */
    char *reason;
    int64_t created_ms, last_seen_ms, skew_ms, cert_until_ms;
    uint64_t received, durable; /* operations, over all incarnations */
    char app[OP_APP_MAX + 1];
};
/* Calls back for each, by name; borrowed. */
enum err host_branches(struct host *, void (*cb)(void *arg, const struct host_branch *), void *arg,
                       struct errinfo *) NODISCARD;
/* close revokes its certificates; release lifts a quarantine (the branch must come with a new incarnation). */
enum err host_branch_close(struct host *, const char *branch, const char *reason, const char *who,
                           struct errinfo *) NODISCARD;
enum err host_branch_release(struct host *, const char *branch, const char *reason, const char *who,
                             struct errinfo *) NODISCARD;

/* Recomputes the journal's chain: E_CORRUPT names the first row that does not fit. */
enum err host_journal_verify(struct host *, uint64_t *ret_rows, struct errinfo *) NODISCARD;

#endif
