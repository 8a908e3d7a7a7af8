/* Login, lock and password (S-00). Source: spec/standard.md 3B; ASVS 6, 7. */
#include "gate/internal.h"
#include "methods.h"
#include "service/auth.h"
#include "store/txn.h"
#include <stdlib.h>
#include <string.h>

struct functions {
    const struct call *call;
    json_t *list;
    unsigned roles;
};

static void add_function(void *arg, const struct method *m)
{
    struct functions *f = arg;
    if (permission_roles(f->call->svc->permissions, m->name) & f->roles)
        add_text(f->list, m->name);
}

static void tell_operator(json_t *result, const struct operator_row *o)
{
    json_t *op = set_object(result, "operator");
    set_text(op, "id", o->id);
    set_text(op, "name", o->name);
    json_t *roles = set_list(op, "roles");
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        if (o->roles & ROLE_BIT(r))
            add_text(roles, role_code((enum role)r));
    json_t *views = set_list(op, "views");
    for (unsigned v = 0; view_name(v) || v == 0; v++)
        if (v && (o->views & 1u << v))
            add_text(views, view_name(v));
}

static void tell_expiry(const struct call *c, const struct operator_row *o)
{
    int64_t days = rulebook_param_int(c->svc->book, "PW_MAX_AGE_D");
    char text[DATE_TEXT] = "";
    struct date d = date_of_ms(o->password_set_ms + days * DAY_MS);
    if (days > 0)
        date_text(d, text);
    set_text(c->result, "password_expires_on", text);
}

/* Reads the row again: what the transaction wrote counts, and a login that was not committed leaves nothing. */
static void logged_in(struct call *c)
{
    struct operator_row *o = NULL;
    if (operator_get(c->svc->db, c->log.operator_id, &o, NULL) == OK)
        session_login(c->session, o, auth_must_change(c->svc, o));
}

static void tell_login(struct call *c, const struct operator_row *o)
{
    struct functions f = { c, set_list(c->result, "functions"), o->roles };
    method_each(add_function, &f);
    tell_operator(c->result, o);
    tell_expiry(c, o);
    set_bool(c->result, "must_change", auth_must_change(c->svc, o));
    set_text(c->result, "office", c->svc->id.office);
    set_text(c->result, "office_name", c->svc->id.office_name);
    set_text(c->result, "terminal", c->svc->id.terminal);
    set_bool(c->result, "trial", c->svc->id.trial);
}

static enum err login(struct call *c, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    if (c->session->op)
        return call_refuse(reterr, E_DENIED, "S014", NULL);
    TRY(auth_check(c, call_text(c, "operator"), call_text(c, "password"), "login", &o, reterr));
    c->log.operator_id = arena_strdup(c->arena, o->id);
    tell_login(c, o);
    operator_free(o);
    c->committed = logged_in;
    return OK;
}

static void logged_out(struct call *c)
{
    session_logout(c->session);
}

static enum err logout(struct call *c, struct errinfo *reterr)
{
    (void)reterr;
    c->committed = logged_out;
    return OK;
}

static void lock_now(struct call *c)
{
    c->session->locked = true;
}

static enum err lock(struct call *c, struct errinfo *reterr)
{
    (void)reterr;
    c->committed = lock_now;
    return OK;
}

static void unlock_now(struct call *c)
{
    c->session->locked = false;
    c->session->used_ms = mono_ms(c->svc);
}

static enum err unlock(struct call *c, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    TRY(auth_check(c, call_operator(c), call_text(c, "password"), "unlock", &o, reterr));
    operator_free(o);
    c->committed = unlock_now;
    return OK;
}

/* Is the new password one of the old ones? */
struct used {
    struct call *call;
    const char *password;
    enum err err;
    struct errinfo *reterr;
};

static bool was_used(void *arg, const char *verifier)
{
    struct used *u = arg;
    bool fits = false;
    u->err = proof_check(u->call, u->password, verifier, 1, &fits, u->reterr);
    return u->err != OK || fits;
}

static enum err check_unused(struct call *c, const struct operator_row *o, const char *password, struct errinfo *reterr)
{
    struct used u = { c, password, OK, reterr };
    bool used = was_used(&u, o->verifier);
    if (!used)
        TRY(operator_password_used(c->svc->db, o->id, (int)rulebook_param_int(c->svc->book, "PW_HIST") - 1, was_used,
                                   &u, &used, reterr));
    if (u.err != OK)
        return u.err;
    return used ? call_refuse(reterr, E_INVALID, "S053", "new") : OK;
}

static enum err set_password(struct call *c, const struct operator_row *o, const char *password, struct errinfo *reterr)
{
    char *verifier = NULL;
    int iterations = (int)rulebook_param_int(c->svc->book, "KDF_ITER");
    TRY(password_rule(c->svc->book, c->svc->common, password, o->id, o->name, reterr));
    TRY(check_unused(c, o, password, reterr));
    TRY(proof_make(c, password, iterations, &verifier, reterr));
    enum err e = operator_password(c->svc->db, o->id, verifier, PASSWORD_OWN, false, reterr);
    wipe_str(verifier);
    return e;
}

/* This session goes on with the new password; others of the same operator end. */
static void changed_now(struct call *c)
{
    struct session *s = c->session;
    struct operator_row *o = NULL;
    if (operator_get(c->svc->db, s->op->id, &o, NULL) != OK)
        return;
    operator_free(s->op);
    s->op = o;
    s->must_change = false;
}

static enum err password(struct call *c, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    TRY(auth_check(c, call_operator(c), call_text(c, "old"), "change", &o, reterr));
    enum err e = set_password(c, o, call_text(c, "new"), reterr);
    operator_free(o);
    c->committed = changed_now;
    return e;
}

static const struct param_spec login_params[] = {
    { "operator", P_ID, true, OPERATOR_ID_MAX, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};
static const struct param_spec unlock_params[] = {
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};
static const struct param_spec password_params[] = {
    { "old", P_SECRET, true, PASSWORD_CHARS, NULL },
    { "new", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};

static const struct method m_session_rows[] = {
    { .name = "session.login",
      .summary = "操作者を認証し、この接続の利用を始めます。",
      .result = "operator{id,name,roles[],views[]}, functions[], office, office_name, terminal, trial, "
                "password_expires_on, must_change",
      .action = "login",
      .states = IN_ANY,
      .flags = M_BEFORE_LOGIN,
      .params = login_params,
      .run = login },
    { .name = "session.logout",
      .summary = "この接続の利用を終えます。",
      .result = "",
      .action = "login",
      .states = IN_ANY,
      .flags = M_LOCKED | M_EXPIRED,
      .run = logout },
    { .name = "session.lock",
      .summary = "席を離れるとき、解除するまでほかの操作を受け付けないようにします。",
      .result = "",
      .action = "login",
      .states = IN_ANY,
      .flags = M_LOCKED | M_EXPIRED,
      .run = lock },
    { .name = "session.unlock",
      .summary = "同じ操作者のパスワードで閉じた画面を開きます。",
      .result = "",
      .action = "login",
      .states = IN_ANY,
      .flags = M_LOCKED | M_EXPIRED,
      .params = unlock_params,
      .run = unlock },
    { .name = "session.password",
      .summary = "自分のパスワードを変えます。",
      .result = "",
      .action = "login",
      .states = IN_ANY,
      .flags = M_EXPIRED,
      .params = password_params,
      .run = password },
};
METHOD_TABLE(m_session);
