#include "service/auth.h"
#include "domain/date.h"
#include "gate/internal.h"
#include <string.h>

static bool is_valid_on(const struct operator_row *o, struct date today)
{
    struct date d;
    if (o->valid_from && date_read(o->valid_from, &d, NULL) == OK && date_cmp(today, d) < 0)
        return false;
    return !(o->valid_until && date_read(o->valid_until, &d, NULL) == OK && date_cmp(today, d) > 0);
}

bool auth_must_change(const struct service *svc, const struct operator_row *o)
{
    int64_t max_days = rulebook_param_int(svc->book, "PW_MAX_AGE_D");
    int64_t age = svc->clock.wall_ms(svc->clock.self) - o->password_set_ms;
    return o->must_change || (max_days > 0 && age > max_days * DAY_MS);
}

static void note(struct call *c, const struct operator_row *o, const char *purpose, const char *result)
{
    struct call_internal *in = c->internal;
    MUST(!in->one_attempt); /* one proof in a call */
    in->one_attempt = true;
    in->attempt = (struct attempt){ o ? arena_strdup(c->arena, o->id) : NULL, purpose, result };
}

static enum err load(struct call *c, const char *operator_id, struct operator_row **ret, struct errinfo *reterr)
{
    enum err e = operator_get(c->svc->db, operator_id, ret, reterr);
    return e == E_NOTFOUND ? OK : e;
}

/* Why a right password is not enough; NULL when it is. */
static const char *obstacle(const struct call *c, const struct operator_row *o, const char **ret_msg)
{
    if (o->locked_ms) {
        *ret_msg = "S002";
        return "locked";
    }
    if (o->state != OPERATOR_ACTIVE) {
        *ret_msg = "S015";
        return "suspended";
    }
    if (!is_valid_on(o, date_of_ms(c->svc->clock.wall_ms(c->svc->clock.self)))) {
        *ret_msg = "S015";
        return "expired";
    }
    return NULL;
}

enum err auth_check(struct call *c, const char *operator_id, const char *password, const char *purpose,
                    struct operator_row **ret, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    bool fits = false;
    const char *msg = "S001";
    int iterations = (int)rulebook_param_int(c->svc->book, "KDF_ITER");
    TRY(load(c, operator_id, &o, reterr));
    enum err e = proof_check(c, password, o ? o->verifier : NULL, iterations, &fits, reterr);
    if (e != OK) {
        operator_free(o);
        return e;
    }
    const char *result = !o ? "unknown" : !fits ? "wrong" : obstacle(c, o, &msg);
    note(c, o, purpose, result ? result : "ok");
    if (!result) {
        *ret = o;
        return OK;
    }
    operator_free(o);
    return err_set(reterr, E_DENIED, msg, NULL, "%s: %s", purpose, result);
}

enum err auth_record(struct call *c, struct errinfo *reterr)
{
    const struct attempt *a = &c->internal->attempt;
    if (!c->internal->one_attempt)
        return OK;
    struct login_attempt row = { .operator_id = a->operator_id,
                                 .purpose = a->purpose,
                                 .result = a->result,
                                 .terminal = c->svc->id.terminal,
                                 .peer_uid = c->session->peer.uid };
    TRY(login_attempt_add(c->svc->db, &row, reterr));
    if (strcmp(a->result, "ok") == 0)
        return operator_unlock(c->svc->db, a->operator_id, reterr);
    if (strcmp(a->result, "wrong") != 0)
        return OK;
    bool locked = false;
    int lock_n = (int)rulebook_param_int(c->svc->book, "LOCK_N");
    return operator_failed(c->svc->db, a->operator_id, lock_n, &locked, reterr);
}

enum err auth_again(struct call *c, const char *password, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    TRY(auth_check(c, call_operator(c), password, "again", &o, reterr));
    operator_free(o);
    return OK;
}

static bool may(const struct call *c, const struct operator_row *o, const char *method)
{
    return (permission_roles(c->svc->permissions, method) & o->roles) != 0;
}

enum err auth_second(struct call *c, const char *operator_id, const char *password, const char *method,
                     struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    if (strcmp(operator_id, call_operator(c)) == 0)
        return call_refuse(reterr, E_DENIED, "S004", "approver");
    TRY(auth_check(c, operator_id, password, "second", &o, reterr));
    bool allowed = may(c, o, method);
    if (allowed)
        c->log.approver = arena_strdup(c->arena, o->id);
    operator_free(o);
    return allowed ? OK : call_refuse(reterr, E_DENIED, "S003", "approver");
}
