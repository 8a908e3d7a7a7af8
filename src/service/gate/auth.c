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

bool auth_is_valid(const struct service *svc, const struct operator_row *o)
{
    return o->state == OPERATOR_ACTIVE && is_valid_on(o, date_of_ms(svc->clock.wall_ms(svc->clock.self)));
}

/* Locks set until then are over (LOCK_MIN 0: none ever is). */
static int64_t locks_over(const struct service *svc)
{
    int64_t minutes = rulebook_param_int(svc->book, "LOCK_MIN");
    return minutes > 0 ? svc->clock.wall_ms(svc->clock.self) - minutes * MINUTE_MS : INT64_MIN;
}

enum err auth_locked(const struct service *svc, const char *operator_id, int64_t peer_uid, bool *ret,
                     struct errinfo *reterr)
{
    return operator_locked(svc->db, operator_id, peer_uid, locks_over(svc), ret, reterr);
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

/* Why nobody gets in as this operator, whatever the password: the answer must not tell whether it was right. */
static const char *obstacle(const struct call *c, const struct operator_row *o, bool locked, const char **ret_msg)
{
    if (locked) {
        *ret_msg = "S002";
        return "locked";
    }
    if (auth_is_valid(c->svc, o))
        return NULL;
    *ret_msg = "S015";
    return o->state == OPERATOR_ACTIVE ? "expired" : "suspended";
}

static enum err judge(struct call *c, const struct operator_row *o, const char *password, const char **ret_result,
                      const char **ret_msg, struct errinfo *reterr)
{
    bool fits = false, locked = false;
    int iterations = (int)rulebook_param_int(c->svc->book, "KDF_ITER");
    TRY(proof_check(c, password, o ? o->verifier : NULL, iterations, &fits, reterr));
    *ret_result = "unknown";
    *ret_msg = "S001";
    if (!o)
        return OK;
    TRY(auth_locked(c->svc, o->id, c->session->peer.uid, &locked, reterr));
    const char *why = obstacle(c, o, locked, ret_msg);
    *ret_result = why ? why : fits ? "ok" : "wrong";
    return OK;
}

enum err auth_check(struct call *c, const char *operator_id, const char *password, const char *purpose,
                    struct operator_row **ret, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    const char *msg = NULL, *result = NULL;
    TRY(load(c, operator_id, &o, reterr));
    enum err e = judge(c, o, password, &result, &msg, reterr);
    if (e == OK)
        note(c, o, purpose, result);
    if (e == OK && strcmp(result, "ok") != 0)
        e = err_set(reterr, E_DENIED, msg, NULL, "%s: %s", purpose, result);
    if (e == OK)
        *ret = o;
    else
        operator_free(o);
    return e;
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
        return operator_unlock(c->svc->db, a->operator_id, row.peer_uid, reterr);
    if (strcmp(a->result, "wrong") != 0)
        return OK;
    int lock_n = (int)rulebook_param_int(c->svc->book, "LOCK_N");
    return operator_failed(c->svc->db, a->operator_id, row.peer_uid, lock_n, locks_over(c->svc), reterr);
}

enum err auth_again(struct call *c, const char *password, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    TRY(auth_check(c, call_operator(c), password, "again", &o, reterr));
    operator_free(o);
    return OK;
}

/* An account that an administrator has just made or reset is that administrator's for all anybody knows. */
static bool is_fresh(const struct call *c, const struct operator_row *o)
{
    int64_t wait = rulebook_param_int(c->svc->book, "SECOND_WAIT_H") * HOUR_MS;
    return o->fresh_ms && c->svc->clock.wall_ms(c->svc->clock.self) - o->fresh_ms < wait;
}

enum err auth_second_of(struct call *c, const char *operator_id, const char *password, unsigned roles, unsigned never,
                        struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    const char *msg = NULL;
    if (strcmp(operator_id, call_operator(c)) == 0)
        return call_refuse(reterr, E_DENIED, "S004", "approver");
    TRY(auth_check(c, operator_id, password, "second", &o, reterr));
    if (!(o->roles & roles) || (o->roles & never))
        msg = "S003";
    else if (is_fresh(c, o))
        msg = "S019";
    else
        c->log.approver = arena_strdup(c->arena, o->id);
    operator_free(o);
    return msg ? call_refuse(reterr, E_DENIED, msg, "approver") : OK;
}

enum err auth_second(struct call *c, const char *operator_id, const char *password, const char *method,
                     struct errinfo *reterr)
{
    return auth_second_of(c, operator_id, password, permission_roles(c->svc->permissions, method), 0, reterr);
}
