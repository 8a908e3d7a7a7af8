/* Operators and their rights (S-62), by the system administrator. Source: 標準仕様書 10.3, 10.4; spec/domain.md E.4. */
#include "base/utf8.h"
#include "domain/date.h"
#include "gate/internal.h"
#include "methods.h"
#include "service/auth.h"
#include "service/password.h"
#include <string.h>

/* What a system administrator alone gives to nobody: deciding, and seeing more than the base items. */
#define WEIGHTY  (ROLE_BIT(ROLE_SUP) | ROLE_BIT(ROLE_BM) | ROLE_BIT(ROLE_RSP))
#define APPROVES (ROLE_BIT(ROLE_BM) | ROLE_BIT(ROLE_RSP))

static void list_roles(json_t *object, unsigned roles)
{
    json_t *list = set_list(object, "roles");
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        if (roles & ROLE_BIT(r))
            add_text(list, role_code((enum role)r));
}

static void list_views(json_t *object, unsigned views)
{
    json_t *list = set_list(object, "views");
    for (unsigned v = 1; view_name(v); v++)
        if (views & 1u << v)
            add_text(list, view_name(v));
}

struct listing {
    const struct call *call;
    json_t *rows;
    enum err err;
    struct errinfo *reterr;
};

static void tell(void *arg, const struct operator_row *o)
{
    struct listing *l = arg;
    bool locked = false;
    if (l->err == OK)
        l->err = auth_locked(l->call->svc, o->id, OPERATOR_ANY_PEER, &locked, l->reterr);
    json_t *row = add_object(l->rows);
    set_text(row, "id", o->id);
    set_text(row, "name", o->name);
    set_text(row, "department", o->department);
    set_text(row, "state", operator_state_name(o->state));
    set_text(row, "state_label", operator_state_label(o->state));
    set_text(row, "valid_from", o->valid_from);
    set_text(row, "valid_until", o->valid_until);
    set_bool(row, "locked", locked);
    set_bool(row, "must_change", o->must_change);
    set_int(row, "rev", o->rev);
    list_roles(row, o->roles);
    list_views(row, o->views);
}

static enum err operator_list(struct call *c, struct errinfo *reterr)
{
    struct listing l = { c, set_list(c->result, "rows"), OK, reterr };
    TRY(operator_each(c->svc->db, tell, &l, reterr));
    return l.err;
}

static bool is_weighty(const struct operator_row *o)
{
    return (o->roles & WEIGHTY) || o->views;
}

/* Beside the administrator stands somebody who is none (二者): what is given here decides and sees. */
static enum err approve(struct call *c, struct errinfo *reterr)
{
    if (!*call_text(c, "approver"))
        return call_refuse(reterr, E_DENIED, "S013", "approver");
    return auth_second_of(c, call_text(c, "approver"), call_text(c, "approver_password"), APPROVES, ROLE_BIT(ROLE_SYS),
                          reterr);
}

static enum err read_roles(const json_t *list, unsigned *ret, struct errinfo *reterr)
{
    unsigned roles = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        enum role r = role_by_code(span_of(name));
        if (r == ROLE_COUNT)
            return call_refuse(reterr, E_INVALID, "S044", "roles");
        roles |= ROLE_BIT(r);
    }
    *ret = roles;
    return OK;
}

static enum err read_views(const json_t *list, unsigned *ret, struct errinfo *reterr)
{
    unsigned views = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        unsigned v = view_by_name(span_of(name));
        if (!v)
            return call_refuse(reterr, E_INVALID, "S044", "views");
        views |= 1u << v;
    }
    *ret = views;
    return OK;
}

static char *text_or_null(const char *text)
{
    return text[0] ? xstrdup(text) : NULL;
}

static void replace(char **at, char *take)
{
    wipe_str(*at);
    *at = take;
}

/* Sets what the call names; the rest stays. */
static enum err read_changes(const struct call *c, struct operator_row *o, struct errinfo *reterr)
{
    if (call_has(c, "name"))
        replace(&o->name, xstrdup(call_text(c, "name")));
    if (call_has(c, "department"))
        replace(&o->department, xstrdup(call_text(c, "department")));
    if (call_has(c, "valid_from"))
        replace(&o->valid_from, text_or_null(call_text(c, "valid_from")));
    if (call_has(c, "valid_until"))
        replace(&o->valid_until, text_or_null(call_text(c, "valid_until")));
    if (call_has(c, "roles"))
        TRY(read_roles(call_json(c, "roles"), &o->roles, reterr));
    if (call_has(c, "views"))
        TRY(read_views(call_json(c, "views"), &o->views, reterr));
    if (call_has(c, "state"))
        o->state = operator_state_by_name(span_of(call_text(c, "state")));
    if (o->state == OPERATOR_STATES)
        return call_refuse(reterr, E_INVALID, "S044", "state");
    if (o->valid_from && o->valid_until && strcmp(o->valid_from, o->valid_until) > 0)
        return call_refuse(reterr, E_INVALID, "S044", "valid_until");
    return OK;
}

static void add_rights(struct buf *b, const struct operator_row *o)
{
    buf_adds(b, operator_state_name(o->state));
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        if (o->roles & ROLE_BIT(r))
            buf_printf(b, " %s", role_code((enum role)r));
    for (unsigned v = 1; view_name(v); v++)
        if (o->views & 1u << v)
            buf_printf(b, " %s", view_name(v));
}

/* "kawaguchi: active CLK -> active CLK SUP" */
static void log_rights(struct call *c, const struct operator_row *before, const struct operator_row *after)
{
    struct buf b = BUF_INIT;
    buf_printf(&b, "%s: ", after->id);
    if (before) {
        add_rights(&b, before);
        buf_adds(&b, " -> ");
    }
    add_rights(&b, after);
    c->log.detail = arena_strdup(c->arena, buf_str(&b));
    buf_done(&b);
}

static enum err make_first_password(struct call *c, const struct operator_row *o, char **ret, struct errinfo *reterr)
{
    const char *password = call_text(c, "password");
    TRY(password_rule(c->svc->book, c->svc->common, password, o->id, o->name ? o->name : "", reterr));
    return proof_make(c, password, (int)rulebook_param_int(c->svc->book, "KDF_ITER"), ret, reterr);
}

static enum err operator_create(struct call *c, struct errinfo *reterr)
{
    struct operator_row *o = xcalloc(1, sizeof *o);
    o->id = xstrdup(call_text(c, "id"));
    o->must_change = true;
    o->fresh_ms = c->svc->clock.wall_ms(c->svc->clock.self);
    enum err e = read_changes(c, o, reterr);
    if (e == OK && is_weighty(o))
        e = approve(c, reterr);
    if (e == OK)
        e = make_first_password(c, o, &o->verifier, reterr);
    if (e == OK)
        e = operator_add(c->svc->db, o, call_operator(c), reterr);
    if (e == OK)
        log_rights(c, NULL, o);
    operator_free(o);
    return e;
}

static void count_administrators(void *arg, const struct operator_row *o)
{
    if (o->state == OPERATOR_ACTIVE && (o->roles & ROLE_BIT(ROLE_SYS)))
        ++*(int *)arg;
}

/* Nobody changes his own rights. */
static enum err check_own(const struct call *c, const struct operator_row *before, const struct operator_row *after,
                          struct errinfo *reterr)
{
    bool own = strcmp(after->id, call_operator(c)) == 0;
    bool same = before->roles == after->roles && before->views == after->views && before->state == after->state;
    return own && !same ? call_refuse(reterr, E_DENIED, "S016", after->id) : OK;
}

/* Somebody must be left who can. */
static enum err check_left(struct call *c, struct errinfo *reterr)
{
    int administrators = 0;
    TRY(operator_each(c->svc->db, count_administrators, &administrators, reterr));
    return administrators > 0 ? OK : call_refuse(reterr, E_DENIED, "S017", NULL);
}

static bool same_day(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Taking an account out of use needs nobody else: that must go quickly. */
static bool needs_approval(const struct operator_row *before, const struct operator_row *after)
{
    bool same = before->roles == after->roles && before->views == after->views && before->state == after->state &&
                same_day(before->valid_from, after->valid_from) && same_day(before->valid_until, after->valid_until);
    return !same && after->state == OPERATOR_ACTIVE && (is_weighty(before) || is_weighty(after));
}

static enum err operator_set(struct call *c, struct errinfo *reterr)
{
    struct operator_row *before = NULL, *after = NULL;
    const char *id = call_text(c, "id");
    enum err e = operator_get(c->svc->db, id, &before, reterr);
    if (e == OK)
        e = operator_get(c->svc->db, id, &after, reterr);
    if (e == OK) {
        after->rev = call_int(c, "rev", after->rev);
        e = read_changes(c, after, reterr);
    }
    if (e == OK)
        e = check_own(c, before, after, reterr);
    if (e == OK && needs_approval(before, after))
        e = approve(c, reterr);
    if (e == OK)
        e = operator_change(c->svc->db, after, call_operator(c), reterr);
    if (e == OK)
        e = check_left(c, reterr);
    if (e == OK)
        log_rights(c, before, after);
    operator_free(before);
    operator_free(after);
    return e;
}

static enum err operator_reset(struct call *c, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    char *verifier = NULL;
    if (strcmp(call_text(c, "id"), call_operator(c)) == 0)
        return call_refuse(reterr, E_DENIED, "S016", call_operator(c));
    TRY(operator_get(c->svc->db, call_text(c, "id"), &o, reterr));
    enum err e = is_weighty(o) ? approve(c, reterr) : OK;
    if (e == OK)
        e = make_first_password(c, o, &verifier, reterr);
    if (e == OK)
        e = operator_password(c->svc->db, o->id, verifier, PASSWORD_RESET, true, reterr);
    c->log.detail = arena_strdup(c->arena, o->id);
    wipe_str(verifier);
    operator_free(o);
    return e;
}

static enum err unlock(struct call *c, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    if (strcmp(call_text(c, "id"), call_operator(c)) == 0)
        return call_refuse(reterr, E_DENIED, "S016", call_operator(c));
    TRY(operator_get(c->svc->db, call_text(c, "id"), &o, reterr));
    c->log.detail = arena_strdup(c->arena, o->id);
    operator_free(o);
    return operator_unlock(c->svc->db, call_text(c, "id"), OPERATOR_ANY_PEER, reterr);
}

static const struct param_spec word[] = { { "", P_ID, true, 32, NULL }, { 0 } };

#define APPROVER                                                   \
    { "approver", P_ID, false, OPERATOR_ID_MAX, NULL },            \
    {                                                              \
        "approver_password", P_SECRET, false, PASSWORD_CHARS, NULL \
    }

static const struct param_spec create_params[] = {
    { "id", P_ID, true, OPERATOR_ID_MAX, NULL },
    { "name", P_TEXT, true, 100, NULL },
    { "department", P_TEXT, false, 100, NULL },
    { "roles", P_LIST, true, ROLE_COUNT, word },
    { "views", P_LIST, false, 8, word },
    { "valid_from", P_DAY, false, 0, NULL },
    { "valid_until", P_DAY, false, 0, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    APPROVER,
    { 0 },
};
static const struct param_spec set_params[] = {
    { "id", P_ID, true, OPERATOR_ID_MAX, NULL },
    { "rev", P_INT, true, INT32_MAX, NULL },
    { "name", P_TEXT, false, 100, NULL },
    { "department", P_TEXT, false, 100, NULL },
    { "state", P_ID, false, 32, NULL },
    { "roles", P_LIST, false, ROLE_COUNT, word },
    { "views", P_LIST, false, 8, word },
    { "valid_from", P_DAY, false, 0, NULL },
    { "valid_until", P_DAY, false, 0, NULL },
    APPROVER,
    { 0 },
};
static const struct param_spec reset_params[] = {
    { "id", P_ID, true, OPERATOR_ID_MAX, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    APPROVER,
    { 0 },
};
static const struct param_spec id_params[] = {
    { "id", P_ID, true, OPERATOR_ID_MAX, NULL },
    { 0 },
};

static const struct method m_operator_rows[] = {
    { .name = "operator.list",
      .summary = "操作者の一覧を返します。",
      .result = "rows[{id,name,department,state,state_label,valid_from,valid_until,locked,must_change,rev,roles[],"
                "views[]}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .run = operator_list },
    { .name = "operator.create",
      .summary = "操作者を登録します。最初のパスワードは本人が最初に変えます。決裁などの役割(SUP BM RSP)や表示項目を"
                 "与えるには、システム管理者でない所属長か住民記録責任者の承認(approver)が要ります。",
      .result = "",
      .action = "config",
      .states = IN_ANY,
      .params = create_params,
      .run = operator_create },
    { .name = "operator.set",
      .summary = "操作者の氏名、所属、役割、表示できる項目、有効期間、状態を変えます。自分の権限は変えられません。"
                 "承認は operator.create と同じです。",
      .result = "",
      .action = "config",
      .states = IN_ANY,
      .params = set_params,
      .run = operator_set },
    { .name = "operator.reset",
      .summary = "ほかの操作者のパスワードを初期のものに戻します。承認は operator.create と同じです。",
      .result = "",
      .action = "config",
      .states = IN_ANY,
      .params = reset_params,
      .run = operator_reset },
    { .name = "operator.unlock",
      .summary = "認証の失敗で使えなくなった操作者を使えるようにします。",
      .result = "",
      .action = "config",
      .states = IN_ANY,
      .params = id_params,
      .run = unlock },
};
METHOD_TABLE(m_operator);
