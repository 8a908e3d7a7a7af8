/* `audit`: for the examiner, by section of the standard; and whether what must hold does. */
#include "app/ctl.h"
#include "base/mem.h"

#include <string.h>

static long long number(const json_t *o, const char *key)
{
    return (long long)json_integer_value(json_object_get(o, key));
}

static void say_section(struct ctl *c, const json_t *row)
{
    size_t i;
    json_t *x;
    ctl_say(c, "%s %s", ctl_text(row, "section"), ctl_text(row, "title"));
    if (!json_is_true(json_object_get(row, "served"))) {
        ctl_say(c, "  この端末に記録はありません(建物・機器・人によるもの)。");
        return;
    }
    json_array_foreach (json_object_get(row, "ledgers"), i, x)
        ctl_say(c, "  台帳 %-18s %lld 行", ctl_text(x, "name"), number(x, "rows"));
    ctl_say(c, "  操作記録 %lld 行、期限を過ぎたもの %lld 件", number(row, "log_rows"), number(row, "overdue"));
    json_array_foreach (json_object_get(row, "events"), i, x)
        ctl_say(c, "    %lld %s %s %s %s", number(x, "seq"), ctl_text(x, "at"), ctl_text(x, "operator"),
                ctl_text(x, "function"), ctl_text(x, "result"));
}

static enum err report(struct ctl *c, struct errinfo *reterr)
{
    const char *section = ctl_opt(c, "section");
    json_t *params = json_object(), *result = NULL, *row;
    size_t i;
    if (section && strcmp(section, "all") != 0)
        json_object_set_new(params, "section", json_string(section));
    TRY(ctl_ask(c, "audit.report", params, &result, reterr));
    json_array_foreach (json_object_get(result, "rows"), i, row)
        say_section(c, row);
    ctl_result(c, result);
    return OK;
}

/* I4, in steps, so that nobody at the counter waits for it. */
static enum err chain(struct ctl *c, json_t **ret_row, struct errinfo *reterr)
{
    for (bool restart = true;; restart = false) {
        json_t *r = NULL;
        TRY(ctl_ask(c, "log.verify", json_pack("{s:b}", "restart", restart), &r, reterr));
        if (!json_is_true(json_object_get(r, "done"))) {
            json_decref(r);
            continue;
        }
        bool sound = json_is_true(json_object_get(r, "sound"));
        *ret_row = json_pack("{s:s, s:s, s:s, s:b, s:[]}", "rule", "log-chain", "about", "I4", "label",
                             "操作記録のつながりが正しい", "holds", sound, "refs");
        MUST(*ret_row);
        if (!sound)
            json_array_append_new(json_object_get(*ret_row, "refs"), json_integer(number(r, "bad")));
        json_decref(r);
        return OK;
    }
}

static void say_rule(struct ctl *c, const json_t *row)
{
    size_t i;
    json_t *ref;
    bool holds = json_is_true(json_object_get(row, "holds"));
    ctl_say(c, "%s %s %s", holds ? "適 " : "不適", ctl_text(row, "about"), ctl_text(row, "label"));
    json_array_foreach (json_object_get(row, "refs"), i, ref) {
        char *shown = json_is_string(ref) ? xstrdup(json_string_value(ref)) : json_dumps(ref, JSON_ENCODE_ANY);
        ctl_say(c, "     %s", shown ? shown : "");
        wipe_str(shown);
    }
}

static enum err check(struct ctl *c, struct errinfo *reterr)
{
    json_t *result = NULL, *chained = NULL, *row;
    size_t i;
    bool sound = true;
    TRY(chain(c, &chained, reterr));
    enum err e = ctl_ask(c, "audit.check", json_object(), &result, reterr);
    if (e != OK) {
        json_decref(chained);
        return e;
    }
    json_array_append_new(json_object_get(result, "rows"), chained);
    json_array_foreach (json_object_get(result, "rows"), i, row) {
        say_rule(c, row);
        sound = sound && json_is_true(json_object_get(row, "holds"));
    }
    json_object_set_new(result, "sound", json_boolean(sound));
    ctl_result(c, result);
    return sound ? OK
                 : ctl_refuse(c, reterr, E_CONFLICT,
                              "記録を控え、本庁に知らせてください。この保存庫を直してはいけません。",
                              "満たすべきことが破れています。");
}

static const struct ctl_option report_options[] = {
    { "section", "X", "節の番号(例 7.3)。なければ、すべて" },
    { NULL, NULL, NULL },
};

static const struct ctl_command commands[] = {
    { .name = "audit",
      .sub = "report",
      .help = "技術的基準の節ごとに、支える記録と期限を示す(監査担当)",
      .need = CTL_LOGIN,
      .option = report_options,
      .run = report },
    { .name = "audit",
      .sub = "check",
      .help = "保存庫がいつも満たすべきことを確かめる(監査担当)",
      .more = "  ファイルの種類と権限は verify instance、保存庫そのものの検査は起動時と控えのたびに行われます。\n",
      .need = CTL_LOGIN,
      .run = check },
};
const struct ctl_table ctl_audit_commands = { commands, ARRAY_LEN(commands) };
