/*
 * What an examiner asks of the store (点検): the invariants that must hold after whatever happened, and how much each
 * ledger holds. Read only; names cases, numbers and persons by their numbers, never by name.
 * Source: spec/reliability.md §5 I1–I9; spec/standard.md §0.5.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct db;

struct audit_rule {
    const char *id;    /* "two-persons" */
    const char *about; /* I6 */
    const char *label; /* Japanese: what must hold */
    int query;
};
extern const struct audit_rule audit_rules[]; /* the last has no id */

/* Calls back for each thing that breaks the rule, at most `max`. The chain of the log is oplog_verify's. */
enum err audit_check(struct db *, const struct audit_rule *, int max, void (*cb)(void *arg, const char *ref), void *arg,
                     struct errinfo *) NODISCARD;

/* How many rows each ledger has. */
struct audit_ledger {
    const char *name;
    int64_t rows;
};
#define AUDIT_LEDGERS 21
enum err audit_ledgers(struct db *, struct audit_ledger ret[AUDIT_LEDGERS], struct errinfo *) NODISCARD;

struct audit_event {
    int64_t seq, at_ms;
    const char *operator_id, *function, *action, *result;
};
/* Log rows whose function begins with `prefix`: how many, and the last `max` of them, newest first. */
enum err audit_log_of(struct db *, const char *prefix, int64_t *ret_n, int max,
                      void (*cb)(void *arg, const struct audit_event *), void *arg, struct errinfo *) NODISCARD;

#endif
