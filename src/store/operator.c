#include "store/operator.h"
#include "base/mem.h"
#include "domain/attr.h"
#include "stmt_in.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *label;
} states[] = {
    [OPERATOR_ACTIVE] = { "active", "有効" },
    [OPERATOR_SUSPENDED] = { "suspended", "停止中" },
    [OPERATOR_RETIRED] = { "retired", "廃止" },
};
static const char *const views[] = {
    [AV_BASE] = NULL,
    [AV_DOMICILE] = "domicile",
    [AV_MY_NUMBER] = "my_number",
    [AV_RESIDENT_CODE] = "resident_code",
    [AV_RESIDENCE] = "residence",
    [AV_WELFARE] = "welfare",
};
_Static_assert(ARRAY_LEN(states) == OPERATOR_STATES, "a state has no row");
_Static_assert(ARRAY_LEN(views) == AV_EVENT, "a view has no row");

const char *view_name(unsigned v)
{
    return v < ARRAY_LEN(views) ? views[v] : NULL;
}

unsigned view_by_name(struct span name)
{
    for (unsigned i = 1; i < ARRAY_LEN(views); i++)
        if (span_is(name, views[i]))
            return i;
    return AV_BASE;
}

const char *operator_state_name(enum operator_state s)
{
    return states[s].name;
}

const char *operator_state_label(enum operator_state s)
{
    return states[s].label;
}

enum operator_state operator_state_by_name(struct span name)
{
    unsigned i = 0;
    while (i < OPERATOR_STATES && !span_is(name, states[i].name))
        i++;
    return (enum operator_state)i;
}

static void operator_done(struct operator_row *o)
{
    wipe_str(o->id);
    wipe_str(o->name);
    wipe_str(o->department);
    wipe_str(o->valid_from);
    wipe_str(o->valid_until);
    wipe_str(o->verifier);
}

void operator_free(struct operator_row *o)
{
    if (!o)
        return;
    operator_done(o);
    free(o);
}

static enum err read_rights(struct db *db, struct operator_row *o, struct errinfo *reterr)
{
    bool have = false;
    enum err e;
    struct stmt *q = stmt_get(db, Q_OPERATOR_ROLES);
    stmt_text(q, ":operator", o->id);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        o->roles |= ROLE_BIT(role_by_code(col_span(q, "role")));
    stmt_done(q);
    TRY(e);
    q = stmt_get(db, Q_OPERATOR_VIEWS);
    stmt_text(q, ":operator", o->id);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        o->views |= 1u << view_by_name(col_span(q, "view"));
    stmt_done(q);
    return e;
}

static enum err read_one(struct db *db, const struct stmt *q, struct operator_row *o, struct errinfo *reterr)
{
    *o = (struct operator_row){
        .id = col_dup(q, "id"),
        .name = col_dup(q, "name"),
        .department = col_dup(q, "department"),
        .state = operator_state_by_name(col_span(q, "state")),
        .valid_from = col_dup(q, "valid_from"),
        .valid_until = col_dup(q, "valid_until"),
        .verifier = col_dup(q, "verifier"),
        .password_set_ms = col_i64(q, "password_set_ms"),
        .must_change = col_i64(q, "must_change") != 0,
        .fresh_ms = col_i64(q, "fresh_ms"),
        .rev = col_i64(q, "rev"),
    };
    return read_rights(db, o, reterr);
}

enum err operator_get(struct db *db, const char *id, struct operator_row **ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_GET);
    struct operator_row *o = xcalloc(1, sizeof *o);
    stmt_text(q, ":id", id);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = read_one(db, q, o, reterr);
    stmt_done(q);
    if (e == OK)
        *ret = o;
    else
        operator_free(o);
    return e;
}

enum err operator_each(struct db *db, void (*cb)(void *arg, const struct operator_row *), void *arg,
                       struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_EACH);
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct operator_row o;
        e = read_one(db, q, &o, reterr);
        if (e == OK)
            cb(arg, &o);
        operator_done(&o);
        if (e != OK)
            break;
    }
    stmt_done(q);
    return e;
}

static enum err set_role(struct db *db, const char *id, enum role r, bool on, const char *by, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, on ? Q_OPERATOR_ROLE_ADD : Q_OPERATOR_ROLE_DELETE);
    stmt_text(q, ":operator", id);
    stmt_text(q, ":role", role_code(r));
    if (on) {
        stmt_i64(q, ":now", db_now(db));
        stmt_text(q, ":by", by);
    }
    return stmt_run(q, reterr);
}

static enum err set_view(struct db *db, const char *id, unsigned v, bool on, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, on ? Q_OPERATOR_VIEW_ADD : Q_OPERATOR_VIEW_DELETE);
    stmt_text(q, ":operator", id);
    stmt_text(q, ":view", views[v]);
    return stmt_run(q, reterr);
}

/* Takes away first, so that a change from one side of a forbidden pair to the other passes. */
static enum err set_rights(struct db *db, const struct operator_row *o, const char *by, struct errinfo *reterr)
{
    for (int on = 0; on <= 1; on++) {
        for (unsigned r = 0; r < ROLE_COUNT; r++)
            if (!!(o->roles & ROLE_BIT(r)) == on)
                TRY(set_role(db, o->id, (enum role)r, on, by, reterr));
        for (unsigned v = AV_BASE + 1; v < ARRAY_LEN(views); v++)
            if (!!(o->views & 1u << v) == on)
                TRY(set_view(db, o->id, v, on, reterr));
    }
    return OK;
}

static void bind_common(struct stmt *q, const struct operator_row *o)
{
    stmt_text(q, ":id", o->id);
    stmt_text(q, ":name", o->name);
    stmt_text(q, ":department", o->department ? o->department : "");
    stmt_text(q, ":state", states[o->state].name);
    stmt_text(q, ":valid_from", o->valid_from);
    stmt_text(q, ":valid_until", o->valid_until);
}

enum err operator_add(struct db *db, const struct operator_row *o, const char *by, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_INSERT);
    bind_common(q, o);
    stmt_text(q, ":verifier", o->verifier);
    stmt_i64(q, ":must_change", o->must_change);
    stmt_i64(q, ":fresh_ms", o->fresh_ms);
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":by", by);
    TRY(stmt_run(q, reterr));
    return set_rights(db, o, by, reterr);
}

enum err operator_change(struct db *db, const struct operator_row *o, const char *by, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_UPDATE);
    int64_t changed = 0;
    bind_common(q, o);
    stmt_i64(q, ":rev", o->rev);
    TRY(stmt_run_n(q, &changed, reterr));
    if (changed != 1)
        return err_set(reterr, E_CONFLICT, NULL, o->id, "not at rev %lld", (long long)o->rev);
    return set_rights(db, o, by, reterr);
}

enum err operator_password(struct db *db, const char *id, const char *verifier, enum password_by by, bool must_change,
                           struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_PASSWORD_KEEP);
    int64_t changed = 0;
    stmt_text(q, ":id", id);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_OPERATOR_PASSWORD_SET);
    stmt_text(q, ":id", id);
    stmt_text(q, ":verifier", verifier);
    stmt_i64(q, ":must_change", must_change);
    stmt_i64(q, ":reset", by == PASSWORD_RESET);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run_n(q, &changed, reterr));
    if (changed != 1)
        return err_set(reterr, E_NOTFOUND, NULL, id, "no such operator");
    return operator_unlock(db, id, OPERATOR_ANY_PEER, reterr);
}

enum err operator_password_used(struct db *db, const char *id, int n, bool (*test)(void *arg, const char *verifier),
                                void *arg, bool *ret_used, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_PASSWORD_OLD);
    bool have = false, used = false;
    enum err e;
    stmt_text(q, ":operator", id);
    stmt_i64(q, ":max", n);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        used = test(arg, col_text(q, "verifier")) || used;
    stmt_done(q);
    if (e == OK)
        *ret_used = used;
    return e;
}

enum err operator_failed(struct db *db, const char *id, int64_t peer_uid, int lock_n, int64_t expired_ms,
                         struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_FAILED);
    stmt_text(q, ":operator", id);
    stmt_i64(q, ":peer_uid", peer_uid);
    stmt_i64(q, ":lock_n", lock_n);
    stmt_i64(q, ":expired", expired_ms);
    stmt_i64(q, ":now", db_now(db));
    return stmt_run(q, reterr);
}

enum err operator_locked(struct db *db, const char *id, int64_t peer_uid, int64_t expired_ms, bool *ret,
                         struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_LOCKED);
    stmt_text(q, ":operator", id);
    stmt_i64(q, ":peer_uid", peer_uid);
    stmt_i64(q, ":expired", expired_ms);
    enum err e = stmt_row(q, ret, reterr);
    stmt_done(q);
    return e;
}

enum err operator_unlock(struct db *db, const char *id, int64_t peer_uid, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPERATOR_UNLOCK);
    stmt_text(q, ":operator", id);
    stmt_i64(q, ":peer_uid", peer_uid);
    return stmt_run(q, reterr);
}

enum err login_attempt_add(struct db *db, struct login_attempt *a, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_LOGIN_ATTEMPT_ADD);
    a->at_ms = db_now(db);
    stmt_i64(q, ":at_ms", a->at_ms);
    stmt_text(q, ":operator", a->operator_id);
    stmt_text(q, ":purpose", a->purpose);
    stmt_text(q, ":result", a->result);
    stmt_text(q, ":terminal", a->terminal);
    stmt_i64(q, ":peer_uid", a->peer_uid);
    return stmt_run(q, reterr);
}

enum err login_attempt_each(struct db *db, int64_t before, int n, void (*cb)(void *arg, const struct login_attempt *),
                            void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_LOGIN_ATTEMPT_EACH);
    bool have = false;
    enum err e;
    stmt_i64(q, ":before", before ? before : INT64_MAX);
    stmt_i64(q, ":max", n);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct login_attempt a = { .seq = col_i64(q, "seq"),
                                   .at_ms = col_i64(q, "at_ms"),
                                   .operator_id = col_null(q, "operator") ? NULL : col_text(q, "operator"),
                                   .purpose = col_text(q, "purpose"),
                                   .result = col_text(q, "result"),
                                   .terminal = col_text(q, "terminal"),
                                   .peer_uid = col_i64(q, "peer_uid") };
        cb(arg, &a);
    }
    stmt_done(q);
    return e;
}
