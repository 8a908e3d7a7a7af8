#include "store/op_conflict.h"
#include "base/mem.h"
#include "stmt_in.h"

#include <string.h>

static const struct {
    const char *name, *label;
    enum op_state leaves; /* what the operation is afterwards */
} DECISIONS[] = {
    [DECIDE_RESEND] = { "resend", "再提出", OP_SUPERSEDED },
    [DECIDE_LINK] = { "link", "既反映", OP_WITHDRAWN },
    [DECIDE_WITHDRAW] = { "withdraw", "取下げ", OP_WITHDRAWN },
    [DECIDE_KEEP] = { "keep", "本庁の内容を維持", OP_WITHDRAWN },
};
_Static_assert(ARRAY_LEN(DECISIONS) == CONFLICT_DECISIONS, "a decision has no row");

const char *conflict_decision_name(enum conflict_decision d)
{
    return DECISIONS[d].name;
}

const char *conflict_decision_label(enum conflict_decision d)
{
    return DECISIONS[d].label;
}

enum conflict_decision conflict_decision_by_name(struct span name)
{
    int d = 0;
    while (d < CONFLICT_DECISIONS && !span_is(name, DECISIONS[d].name))
        d++;
    return (enum conflict_decision)d;
}

static struct op_conflict conflict_of(const struct stmt *q)
{
    return (struct op_conflict){
        .seq = col_i64(q, "seq"),
        .category = col_text(q, "category"),
        .detail = col_text(q, "detail"),
        .opened_ms = col_i64(q, "opened_ms"),
        .kind = col_text(q, "kind"),
        .subject = col_text(q, "subject"),
        .operator_id = col_text(q, "operator"),
        .approver = col_text(q, "approver"),
        .outage_no = col_text(q, "outage_no"),
        .decided = !col_null(q, "decision"),
        .decision = conflict_decision_by_name(col_span(q, "decision")),
        .ground = col_text(q, "ground"),
        .decided_by = col_text(q, "decided_by"),
        .second = col_text(q, "second"),
        .decided_ms = col_i64(q, "decided_ms"),
        .successor = col_i64(q, "successor"),
    };
}

enum err op_conflict_get(struct db *db, int64_t seq, op_conflict_fn *cb, void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CONFLICT_GET);
    stmt_i64(q, ":seq", seq);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        struct op_conflict c = conflict_of(q);
        e = cb(arg, &c, reterr);
    }
    stmt_done(q);
    return e;
}

enum err op_conflict_list(struct db *db, bool decided, int64_t limit, op_conflict_fn *cb, void *arg,
                          struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, decided ? Q_CONFLICT_LIST_DECIDED : Q_CONFLICT_LIST_OPEN);
    stmt_i64(q, ":limit", limit);
    bool have = true;
    enum err e = OK;
    while (e == OK && (e = stmt_row(q, &have, reterr)) == OK && have) {
        struct op_conflict c = conflict_of(q);
        e = cb(arg, &c, reterr);
    }
    stmt_done(q);
    return e;
}

enum err op_conflict_decide(struct db *db, const struct op_decision *d, struct errinfo *reterr)
{
    int64_t changed = 0;
    MUST(txn_depth(db) > 0);
    struct stmt *q = stmt_get(db, Q_CONFLICT_DECIDE);
    stmt_i64(q, ":seq", d->seq);
    stmt_text(q, ":decision", DECISIONS[d->decision].name);
    stmt_text(q, ":ground", d->ground);
    stmt_text(q, ":decided_by", d->decided_by);
    stmt_text(q, ":second", d->second);
    stmt_i64(q, ":now", db_now(db));
    stmt_i64(q, ":successor", d->successor);
    TRY(stmt_run_n(q, &changed, reterr));
    if (changed == 0)
        return err_set(reterr, E_CONFLICT, "S541", NULL, "operation %lld has no open conflict", (long long)d->seq);
    q = stmt_get(db, Q_OUTBOX_SET_STATE);
    stmt_i64(q, ":seq", d->seq);
    stmt_text(q, ":state", op_state_name(DECISIONS[d->decision].leaves));
    return stmt_run(q, reterr);
}
