/*
 * Conflicts of the branch's operations (競合): what the host found, and what two persons decided about it, once. Both
 * versions are kept; a decision never rewrites an operation, it adds one or leaves it.
 * Source: spec standard §2.7 S-35, sync §2.7.
 */
#ifndef STORE_OP_CONFLICT_H
#define STORE_OP_CONFLICT_H

#include "store/outbox_send.h"

enum conflict_decision {
    DECIDE_RESEND,   /* 再提出: a new operation based on what is there now takes its place */
    DECIDE_LINK,     /* 既反映: the host office entered the same; nothing is sent */
    DECIDE_WITHDRAW, /* 取下げ */
    DECIDE_KEEP,     /* 本庁の内容を維持: the host's version stands */
    CONFLICT_DECISIONS
};
const char *conflict_decision_name(enum conflict_decision); /* "resend" */
const char *conflict_decision_label(enum conflict_decision);
enum conflict_decision conflict_decision_by_name(struct span); /* CONFLICT_DECISIONS when unknown */

struct op_conflict {
    int64_t seq;
    const char *category, *detail; /* detail: JSON with base, theirs, mine, fields */
    int64_t opened_ms;
    const char *kind, *subject, *operator_id, *approver, *outage_no;
    bool decided;
    enum conflict_decision decision;
    const char *ground, *decided_by, *second;
    int64_t decided_ms, successor;
};
typedef enum err op_conflict_fn(void *arg, const struct op_conflict *, struct errinfo *);
enum err op_conflict_get(struct db *, int64_t seq, op_conflict_fn *, void *arg, struct errinfo *) NODISCARD;
/* Undecided ones, oldest first; with `decided` the decided ones, newest first. */
enum err op_conflict_list(struct db *, bool decided, int64_t limit, op_conflict_fn *, void *arg,
                          struct errinfo *) NODISCARD;

struct op_decision {
    int64_t seq;
    enum conflict_decision decision;
    const char *ground; /* at least five characters */
    const char *decided_by, *second;
    int64_t successor; /* DECIDE_RESEND: the operation that takes its place, 0 while it waits for the replay */
};
/* Inside a transaction. E_CONFLICT when it was decided already, E_INVALID for a short ground or one person only. */
enum err op_conflict_decide(struct db *, const struct op_decision *, struct errinfo *) NODISCARD;

#endif
