/*
 * First operators (最初の操作者): read from a file that only its owner may read — a line each: ID, name, roles and
 * views separated by commas ("-": none), password; tabs between — or one administrator who is asked at the terminal.
 */
#ifndef APP_CTL_PEOPLE_H
#define APP_CTL_PEOPLE_H

#include "ctl_store.h"
#include "store/operator.h"

struct people {
    struct operator_row *o; /* with verifiers, without ids of their own: owned texts */
    size_t n;
};

/* Checks and derives everything before anything is written. On a trial the passwords need not follow the rules and
 * need not be changed at the first login. */
enum err people_from_file(struct ctl *, const char *path, bool trial, struct people *ret, struct errinfo *) NODISCARD;
/* --admin ID, --admin-name NAME, and the password from --admin-password-fd or -file or the terminal. */
enum err people_from_options(struct ctl *, bool trial, struct people *ret, struct errinfo *) NODISCARD;
void people_done(struct people *);

/* Verifier of a password that follows the rules (or any on a trial). Caller frees. */
enum err people_verifier(struct ctl *, const char *id, const char *name, const char *password, bool trial, char **ret,
                         struct errinfo *) NODISCARD;

#endif
