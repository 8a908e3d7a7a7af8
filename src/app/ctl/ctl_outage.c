/* `outage`: the state of the counter in a stop (作動停止), and the steps that open and end one. */
#include "base/mem.h"
#include "ctl_confirm.h"

#include <string.h>

static void say_list(struct ctl *c, const json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        ctl_say(c, "  %s: %lld", ctl_text(row, "label"), (long long)ctl_number(row, "value"));
}

static void say_blocks(struct ctl *c, const json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        ctl_say(c, "  [%s] %s %s", json_is_true(json_object_get(row, "ok")) ? "済" : "未", ctl_text(row, "label"),
                ctl_text(row, "text"));
}

static enum err status(struct ctl *c, struct errinfo *reterr)
{
    json_t *r = NULL;
    TRY(ctl_ask(c, "outage.status", NULL, &r, reterr));
    ctl_say(c, "業務状態: %s", ctl_text(r, "state_label"));
    if (*ctl_text(r, "no"))
        ctl_say(c, "停止番号: %s  種類: %s  検知: %s  宣言: %s", ctl_text(r, "no"), ctl_text(r, "types_label"),
                ctl_text(r, "detected_at"), ctl_text(r, "declared_at"));
    say_list(c, json_object_get(r, "counts"));
    say_blocks(c, json_object_get(r, "blocks"));
    ctl_result(c, r);
    return OK;
}

static enum err step(struct ctl *c, const char *method, json_t *params, struct errinfo *reterr)
{
    json_t *r = NULL;
    enum err e = ctl_confirm(c, params, reterr);
    if (e != OK) {
        json_decref(params);
        return e;
    }
    TRY(ctl_ask(c, method, params, &r, reterr));
    ctl_say(c, "業務状態は「%s」になりました。停止番号 %s", ctl_text(r, "state_label"), ctl_text(r, "no"));
    ctl_result(c, r);
    return OK;
}

/* What both steps have in common; NULL and *reterr when the reason misses. */
static json_t *reasons(struct ctl *c, struct errinfo *reterr)
{
    if (!ctl_opt(c, "reason")) {
        if (ctl_usage(c, reterr, "--reason で理由を指定してください。") == OK)
            BUG("a usage error that is none");
        return NULL;
    }
    json_t *p = json_pack("{s:s, s:s*, s:s*}", "reason", ctl_opt(c, "reason"), "expected_at", ctl_opt(c, "expected"),
                          "contact_no", ctl_opt(c, "contact"));
    if (!p && ctl_usage(c, reterr, "引数はUTF-8の文字で指定してください。") == OK)
        BUG("a usage error that is none");
    return p;
}

static enum err declare(struct ctl *c, struct errinfo *reterr)
{
    json_t *p = reasons(c, reterr);
    if (!p)
        return reterr->code;
    json_object_set_new(p, "types", json_string(ctl_opt(c, "types") ? ctl_opt(c, "types") : "L"));
    return step(c, "outage.declare", p, reterr);
}

static enum err end(struct ctl *c, struct errinfo *reterr)
{
    json_t *p = reasons(c, reterr);
    if (!p)
        return reterr->code;
    if (ctl_opt(c, "accept-skew"))
        json_object_set_new(p, "skew_accepted", json_true());
    return step(c, "outage.end", p, reterr);
}

#define REASONS                                                                     \
    { "reason", "TEXT", "理由(必須)" }, { "expected", "DATETIME", "復旧の見込み" }, \
    {                                                                               \
        "contact", "NO", "本庁との連絡の記録番号"                        \
    }

static const struct ctl_option declare_options[] = {
    { "types", "LETTERS", "停止の種類 L回線 H本庁 B端末機 P停電 M計画 S保全 D訓練 (省略時 L)" },
    REASONS,
    CTL_CONFIRM_OPTIONS,
    { 0 },
};
static const struct ctl_option end_options[] = {
    { "accept-skew", NULL, "時計の差を承知で終える" },
    REASONS,
    CTL_CONFIRM_OPTIONS,
    { 0 },
};

static const struct ctl_command commands[] = {
    { .name = "outage",
      .sub = "status",
      .help = "業務状態、停止の経過、次の手順に足りないものを示す",
      .need = CTL_LOGIN,
      .run = status },
    { .name = "outage",
      .sub = "declare",
      .help = "作動停止を宣言する",
      .need = CTL_LOGIN,
      .option = declare_options,
      .run = declare },
    { .name = "outage",
      .sub = "end",
      .help = "復旧を宣言し、停止時の受付を締め切る(二人)",
      .need = CTL_LOGIN,
      .option = end_options,
      .run = end },
};
const struct ctl_table ctl_outage_commands = { commands, ARRAY_LEN(commands) };
