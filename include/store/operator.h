/*
 * Operators (操作者): who may use the counter, with which roles and views, and the verifier of the password. Operators
 * are retired, never deleted. Never sees a password: verifiers come and go as text. Passwords are judged and locks
 * decided in the service; here is what must be remembered.
 * Source: 標準仕様書 10.3, 10.4; spec/domain.md E.4, spec/standard.md §0.2.
 */
#ifndef STORE_OPERATOR_H
#define STORE_OPERATOR_H

#include "base/buf.h"
#include "domain/role.h"
#include <stdint.h>

struct db;

/* What an operator may be shown beyond the base items; bits are 1u << enum attr_view (domain/attr.h). */
const char *view_name(unsigned attr_view); /* "my_number", NULL for a view that is not a right */
unsigned view_by_name(struct span name);   /* enum attr_view, or 0 (the base view) when unknown */

enum operator_state { OPERATOR_ACTIVE, OPERATOR_SUSPENDED, OPERATOR_RETIRED, OPERATOR_STATES };
const char *operator_state_name(enum operator_state);         /* "active" */
const char *operator_state_label(enum operator_state);        /* 有効 */
enum operator_state operator_state_by_name(struct span name); /* OPERATOR_STATES when unknown */

#define OPERATOR_ID_MAX 32
struct operator_row {
    char *id, *name, *department;
    enum operator_state state;
    char *valid_from, *valid_until; /* first and last day "2026-04-01", NULL: open */
    char *verifier;                 /* of the password */
    int64_t password_set_ms;
    bool must_change; /* the password, before anything else */
    int64_t fresh_ms; /* made, or given a password, by an administrator at; 0: at the foundation */
    int64_t rev;      /* of this record; operator_change compares it */
    unsigned roles, views;
};
void operator_free(struct operator_row *); /* wipes; NULL allowed */

/* E_NOTFOUND when there is none. The caller frees. */
enum err operator_get(struct db *, const char *id, struct operator_row **ret, struct errinfo *) NODISCARD;
/* In the order of their ids; borrowed for the call. */
enum err operator_each(struct db *, void (*cb)(void *arg, const struct operator_row *), void *arg,
                       struct errinfo *) NODISCARD;

/* All of these inside a transaction. `by` is who does it. */
/* New, with its verifier, must_change and fresh_ms. E_EXISTS, also when another id differs in its case only. */
enum err operator_add(struct db *, const struct operator_row *, const char *by, struct errinfo *) NODISCARD;
/* Name, department, state, validity, roles and views; E_CONFLICT when the record is no longer at o->rev. */
enum err operator_change(struct db *, const struct operator_row *o, const char *by, struct errinfo *) NODISCARD;
/* Whose password it becomes: the operator's own choice, or one that somebody else gave (初期化). */
enum password_by { PASSWORD_OWN, PASSWORD_RESET };
/* New verifier; the old one goes to the history, locks end. PASSWORD_RESET makes the account fresh; must_change is
 * apart, because a trial asks for no change. */
enum err operator_password(struct db *, const char *id, const char *verifier, enum password_by, bool must_change,
                           struct errinfo *) NODISCARD;
/* The newest n verifiers that were replaced; *ret_used true when test(arg, verifier) said so for one of them. */
enum err operator_password_used(struct db *, const char *id, int n, bool (*test)(void *arg, const char *verifier),
                                void *arg, bool *ret_used, struct errinfo *) NODISCARD;
/* Failed attempts are counted apart for each account of the machine (SO_PEERCRED) that tried: a stranger at the
 * socket locks out nobody but himself. A lock ends with the time, at `expired_ms`: locks set until then are over. */
#define OPERATOR_ANY_PEER INT64_C(-1)
/* One more failed attempt; at lock_n of them in a row the operator is locked for that peer. */
enum err operator_failed(struct db *, const char *id, int64_t peer_uid, int lock_n, int64_t expired_ms,
                         struct errinfo *) NODISCARD;
enum err operator_locked(struct db *, const char *id, int64_t peer_uid, int64_t expired_ms, bool *ret,
                         struct errinfo *) NODISCARD;
/* Failures and lock end: after a success, or by an administrator (of any peer). */
enum err operator_unlock(struct db *, const char *id, int64_t peer_uid, struct errinfo *) NODISCARD;

/* 認証記録, append-only. */
struct login_attempt {
    int64_t seq, at_ms;      /* given by login_attempt_add */
    const char *operator_id; /* NULL for an unknown one: what was typed is not kept */
    const char *purpose;     /* login, unlock, again, second, change */
    const char *result;      /* ok, unknown, wrong, locked, suspended, expired */
    const char *terminal;
    int64_t peer_uid;
};
enum err login_attempt_add(struct db *, struct login_attempt *, struct errinfo *) NODISCARD;
/* Newest first, at most n, older than `before` (0: from the newest). */
enum err login_attempt_each(struct db *, int64_t before, int n, void (*cb)(void *arg, const struct login_attempt *),
                            void *arg, struct errinfo *) NODISCARD;

#endif
