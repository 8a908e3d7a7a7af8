/* `help`: everything it says comes from the tables. */
#include "base/mem.h"
#include "base/width.h"
#include "ctl_run.h"

#include <string.h>

#define LEFT_COLS 34 /* of a list: what is typed; behind it what it does */

static void list_row(struct ctl *c, const char *left, const char *right)
{
    struct buf row = BUF_INIT;
    if (width_str(&WIDTH_NARROW, span_of(left)) < LEFT_COLS)
        width_pad(&WIDTH_NARROW, &row, span_of(left), LEFT_COLS);
    else
        buf_printf(&row, "%s\n%*s", left, LEFT_COLS + 2, "");
    ctl_say(c, "  %s%s", buf_str(&row), right);
    buf_done(&row);
}

static void add_words(struct buf *b, const struct ctl_command *cmd)
{
    buf_adds(b, cmd->name);
    if (cmd->sub)
        buf_printf(b, " %s", cmd->sub);
}

static void list_command(struct ctl *c, const struct ctl_command *cmd)
{
    struct buf left = BUF_INIT;
    add_words(&left, cmd);
    if (cmd->usage)
        buf_printf(&left, " %s", cmd->usage);
    list_row(c, buf_str(&left), cmd->help);
    buf_done(&left);
}

static void list_options(struct ctl *c, const struct ctl_option *o)
{
    for (; o && o->name; o++) {
        struct buf left = BUF_INIT;
        buf_printf(&left, "--%s", o->name);
        if (o->arg)
            buf_printf(&left, " %s", o->arg);
        list_row(c, buf_str(&left), o->help);
        buf_done(&left);
    }
}

static json_t *options_json(const struct ctl_option *o)
{
    json_t *list = json_array();
    for (; o && o->name; o++)
        json_array_append_new(list, json_pack("{s:s, s:s?, s:s}", "name", o->name, "arg", o->arg, "help", o->help));
    return list;
}

static json_t *command_json(const struct ctl_command *cmd)
{
    struct buf words = BUF_INIT;
    add_words(&words, cmd);
    json_t *j =
        json_pack("{s:s, s:s?, s:s, s:s?, s:b, s:o}", "command", buf_str(&words), "usage", cmd->usage, "help",
                  cmd->help, "more", cmd->more, "login", cmd->need == CTL_LOGIN, "options", options_json(cmd->option));
    buf_done(&words);
    return j;
}

static void explain(struct ctl *c, const struct ctl_command *cmd)
{
    struct buf words = BUF_INIT;
    add_words(&words, cmd);
    ctl_say(c, "使い方: madoguchi-ctl [オプション] %s%s%s", buf_str(&words), cmd->usage ? " " : "",
            cmd->usage ? cmd->usage : "");
    buf_done(&words);
    ctl_say(c, "  %s", cmd->help);
    if (cmd->more)
        ctl_say(c, "%s", cmd->more);
    if (cmd->need == CTL_LOGIN)
        ctl_say(c, "  --as が要ります。");
    list_options(c, cmd->option);
    ctl_say(c, "%s", "");
}

/* Calls back for the rows that noun and sub (may be NULL) name; returns how many. */
static size_t each(struct ctl *c, const char *noun, const char *sub,
                   void (*cb)(struct ctl *, const struct ctl_command *))
{
    size_t n = 0;
    for (size_t t = 0; t < ctl_tables_n; t++) {
        for (size_t i = 0; i < ctl_tables[t]->n; i++) {
            const struct ctl_command *cmd = &ctl_tables[t]->c[i];
            if ((noun && strcmp(noun, cmd->name) != 0) || (sub && (!cmd->sub || strcmp(sub, cmd->sub) != 0)))
                continue;
            cb(c, cmd);
            n++;
        }
    }
    return n;
}

static void add_json(struct ctl *c, const struct ctl_command *cmd)
{
    json_array_append_new(json_object_get(c->result, "commands"), command_json(cmd));
}

static void everything(struct ctl *c)
{
    ctl_say(c, "madoguchi-ctl " MADOGUCHI_VERSION " - 窓口システムの管理コマンド\n");
    ctl_say(c, "使い方: madoguchi-ctl [オプション] コマンド [引数]\n\nコマンド:");
    each(c, NULL, NULL, list_command);
    ctl_say(c, "\n共通のオプション:");
    list_options(c, ctl_common_options);
    ctl_say(c, "\n終了状態: 0 完了、1 規則による拒否、2 使い方の誤り、3 システムの障害");
    ctl_say(c, "パスワードと個人の情報は引数に書けません。標準入力、記述子、ファイルで渡します。");
}

enum err ctl_help(struct ctl *c, const char *noun, const char *sub, struct errinfo *reterr)
{
    ctl_result(c, json_pack("{s:s, s:[], s:o}", "version", MADOGUCHI_VERSION, "commands", "options",
                            options_json(ctl_common_options)));
    if (each(c, noun, sub, add_json) == 0)
        return ctl_usage(c, reterr, "「%s%s%s」というコマンドはありません。", noun ? noun : "", sub ? " " : "",
                         sub ? sub : "");
    if (noun)
        each(c, noun, sub, explain);
    else
        everything(c);
    return OK;
}

static enum err run_help(struct ctl *c, struct errinfo *reterr)
{
    return ctl_help(c, ctl_arg(c, 0), ctl_arg(c, 1), reterr);
}

static const struct ctl_command commands[] = {
    { .name = "help",
      .usage = "[COMMAND]",
      .help = "コマンドの一覧、または1つのコマンドの説明を表示する",
      .max_args = 2,
      .run = run_help },
};
const struct ctl_table ctl_help_commands = { commands, ARRAY_LEN(commands) };
