/* `operator`: operators through the service, and the way back in when no administrator can log in. */
#include "base/mem.h"
#include "ctl_people.h"
#include "store/txn.h"

#include <stdlib.h>
#include <string.h>

static enum err list(struct ctl *c, struct errinfo *reterr)
{
    json_t *r = NULL;
    TRY(ctl_ask(c, "operator.list", NULL, &r, reterr));
    const json_t *rows = json_object_get(r, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *o = json_array_get(rows, i);
        const json_t *roles = json_object_get(o, "roles");
        struct buf text = BUF_INIT;
        for (size_t k = 0; k < json_array_size(roles); k++)
            buf_printf(&text, " %s", json_string_value(json_array_get(roles, k)));
        ctl_say(c, "%-16s %s %s%s%s", json_string_value(json_object_get(o, "id")),
                json_string_value(json_object_get(o, "name")), json_string_value(json_object_get(o, "state_label")),
                json_is_true(json_object_get(o, "locked")) ? " [認証の失敗で停止]" : "", buf_str(&text));
        buf_done(&text);
    }
    ctl_result(c, r);
    return OK;
}

/* "A,B" as a JSON list; NULL stays NULL. */
static json_t *words(const char *text)
{
    json_t *list = text ? json_array() : NULL;
    for (const char *p = text; p && *p;) {
        size_t n = strcspn(p, ",");
        json_array_append_new(list, json_stringn(p, n));
        p += p[n] ? n + 1 : n;
    }
    return list;
}

static json_t *text(const char *s)
{
    return s ? json_string(s) : NULL;
}

/* The members that options name. */
static json_t *named(struct ctl *c)
{
    return json_pack("{s:s, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "id", ctl_arg(c, 0), "name",
                     text(ctl_opt(c, "name")), "department", text(ctl_opt(c, "department")), "roles",
                     words(ctl_opt(c, "roles")), "views", words(ctl_opt(c, "views")), "state",
                     text(ctl_opt(c, "state")), "valid_from", text(ctl_opt(c, "valid-from")), "valid_until",
                     text(ctl_opt(c, "valid-until")));
}

/* Who approves, and the password from the approver's own hand. */
static enum err add_approver(struct ctl *c, json_t *params, struct errinfo *reterr)
{
    char *password = NULL;
    if (!ctl_opt(c, "approver"))
        return OK;
    TRY(ctl_secret(c, "approver-password", "承認者のパスワード: ", &password, reterr));
    json_object_set_new(params, "approver", json_string(ctl_opt(c, "approver")));
    json_object_set_new(params, "approver_password", json_string(password));
    wipe_str(password);
    return OK;
}

static enum err ask(struct ctl *c, const char *method, json_t *params, struct errinfo *reterr)
{
    json_t *r = NULL;
    if (!params)
        return ctl_usage(c, reterr, "引数はUTF-8の文字で指定してください。");
    enum err e = add_approver(c, params, reterr);
    if (e != OK) {
        json_decref(params);
        return e;
    }
    TRY(ctl_ask(c, method, params, &r, reterr));
    ctl_result(c, r);
    ctl_say(c, "%s: 処理しました。", ctl_arg(c, 0));
    return OK;
}

static enum err with_new_password(struct ctl *c, const char *method, json_t *params, struct errinfo *reterr)
{
    char *password = NULL;
    enum err e = ctl_secret(c, "new-password", "新しいパスワード: ", &password, reterr);
    if (e != OK) {
        json_decref(params);
        return e;
    }
    json_object_set_new(params, "password", json_string(password));
    wipe_str(password);
    return ask(c, method, params, reterr);
}

static enum err create(struct ctl *c, struct errinfo *reterr)
{
    json_t *params = named(c);
    if (!params)
        return ctl_usage(c, reterr, "引数はUTF-8の文字で指定してください。");
    return with_new_password(c, "operator.create", params, reterr);
}

/* The row as it is now gives the rev that the change is made against. */
static json_int_t rev_of(const json_t *list, const char *id)
{
    const json_t *rows = json_object_get(list, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *o = json_array_get(rows, i);
        if (strcmp(json_string_value(json_object_get(o, "id")), id) == 0)
            return json_integer_value(json_object_get(o, "rev"));
    }
    return 0;
}

static enum err set(struct ctl *c, struct errinfo *reterr)
{
    json_t *all = NULL;
    TRY(ctl_ask(c, "operator.list", NULL, &all, reterr));
    json_int_t rev = rev_of(all, ctl_arg(c, 0));
    json_decref(all);
    json_t *params = named(c);
    if (params)
        json_object_set_new(params, "rev", json_integer(rev));
    return ask(c, "operator.set", params, reterr);
}

static enum err reset(struct ctl *c, struct errinfo *reterr)
{
    json_t *params = json_pack("{s:s}", "id", ctl_arg(c, 0));
    if (!params)
        return ctl_usage(c, reterr, "引数はUTF-8の文字で指定してください。");
    return with_new_password(c, "operator.reset", params, reterr);
}

static enum err unlock(struct ctl *c, struct errinfo *reterr)
{
    return ask(c, "operator.unlock", json_pack("{s:s}", "id", ctl_arg(c, 0)), reterr);
}

static enum err put_back(struct ctl *c, struct ctl_store *s, const char *verifier, struct errinfo *reterr)
{
    const char *id = ctl_arg(c, 0);
    TRY(txn_begin(s->db, reterr));
    enum err e = operator_password(s->db, id, verifier, PASSWORD_RESET, true, reterr);
    if (e == OK)
        e = ctl_store_log(s, ctl_instance(c), "operator.recover", id, reterr);
    return txn_end(s->db, e, reterr);
}

/* Whoever may open the store may do this; that he did is in the log. */
static enum err recover(struct ctl *c, struct errinfo *reterr)
{
    struct ctl_store s = { 0 };
    char *password = NULL, *verifier = NULL;
    TRY(ctl_secret(c, "new-password", "新しいパスワード: ", &password, reterr));
    enum err e = people_verifier(c, ctl_arg(c, 0), "", password, ctl_instance(c)->trial, &verifier, reterr);
    if (e == OK)
        e = ctl_store_open(c, ctl_instance(c), false, &s, reterr);
    if (e == OK)
        e = put_back(c, &s, verifier, reterr);
    if (e == OK)
        ctl_say(c, "%s: パスワードを戻し、停止を解きました。最初の認証のとき変えてください。", ctl_arg(c, 0));
    ctl_store_close(&s);
    wipe_str(verifier);
    wipe_str(password);
    return e;
}

#define NEW_PASSWORD \
    CTL_SECRET_FD("new-password", "新しいパスワード"), CTL_SECRET_FILE("new-password", "新しいパスワード")
#define APPROVER                                                                                          \
    { "approver", "ID", "承認する所属長か住民記録責任者(役割 SUP BM RSP か表示項目のある操作者のとき)" }, \
        CTL_SECRET_FD("approver-password", "承認者のパスワード"),                                         \
        CTL_SECRET_FILE("approver-password", "承認者のパスワード")
#define MEMBERS                                                                                                      \
    { "name", "NAME", "氏名" }, { "department", "NAME", "所属" }, { "roles", "A,B", "役割 CLK SUP BM RSP SYS AUD" }, \
        { "views", "A,B", "表示できる項目 domicile my_number resident_code residence welfare" },                     \
        { "valid-from", "DATE", "有効期間の初日(2026-04-01)" },                                                      \
    {                                                                                                                \
        "valid-until", "DATE", "有効期間の末日"                                                               \
    }

static const struct ctl_option create_options[] = { MEMBERS, NEW_PASSWORD, APPROVER, { NULL, NULL, NULL } };
static const struct ctl_option set_options[] = {
    MEMBERS, { "state", "STATE", "active 有効、suspended 停止中、retired 廃止" }, APPROVER, { NULL, NULL, NULL }
};
static const struct ctl_option reset_options[] = { NEW_PASSWORD, APPROVER, { NULL, NULL, NULL } };
static const struct ctl_option recover_options[] = { NEW_PASSWORD, { NULL, NULL, NULL } };

static const struct ctl_command commands[] = {
    { .name = "operator", .sub = "list", .help = "操作者を一覧する", .need = CTL_LOGIN, .run = list },
    { .name = "operator",
      .sub = "create",
      .usage = "ID",
      .help = "操作者を登録する",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_LOGIN,
      .option = create_options,
      .run = create },
    { .name = "operator",
      .sub = "set",
      .usage = "ID",
      .help = "操作者の氏名、役割、項目、期間、状態を変える",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_LOGIN,
      .option = set_options,
      .run = set },
    { .name = "operator",
      .sub = "reset",
      .usage = "ID",
      .help = "操作者のパスワードを初期のものに戻す",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_LOGIN,
      .option = reset_options,
      .run = reset },
    { .name = "operator",
      .sub = "unlock",
      .usage = "ID",
      .help = "認証の失敗による停止を解く",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_LOGIN,
      .run = unlock },
    { .name = "operator",
      .sub = "recover",
      .usage = "ID",
      .help = "だれも認証できないとき、保存庫を直接開いてパスワードを戻す",
      .more = "  madoguchi-branchd を止めて、保存庫の持ち主が実行します。操作記録に残ります。",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .option = recover_options,
      .run = recover },
};
const struct ctl_table ctl_operator_commands = { commands, ARRAY_LEN(commands) };
