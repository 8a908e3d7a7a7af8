/* The command line, read by the tables. */
#include "base/mem.h"
#include "ctl_run.h"

#include <stdlib.h>
#include <string.h>

#define NOUN(noun) extern const struct ctl_table ctl_##noun##_commands;
#include "ctl_nouns.def"
#undef NOUN

#define NOUN(noun) &ctl_##noun##_commands,
const struct ctl_table *const ctl_tables[] = {
#include "ctl_nouns.def"
};
#undef NOUN
const size_t ctl_tables_n = ARRAY_LEN(ctl_tables);

const struct ctl_option ctl_common_options[] = {
    { "dir", "DIR", "設置のディレクトリ (省略時 ~/.local/share/madoguchi)" },
    { "as", "OPERATOR", "操作者ID。業務サービスにログインする" },
    CTL_SECRET_FD("password", "パスワード"),
    CTL_SECRET_FILE("password", "パスワード"),
    { "timeout", "SECONDS", "業務サービスの応答を待つ秒数 (省略時 60)" },
    { "json", NULL, "結果をJSON文書1つで出力する" },
    { "help", NULL, "説明を表示する" },
    { NULL, NULL, NULL },
};

const char *ctl_arg(const struct ctl *c, size_t i)
{
    return i < c->n_words - c->skip ? c->word[c->skip + i] : NULL;
}

const char *ctl_opt(const struct ctl *c, const char *name)
{
    for (size_t i = 0; i < c->n_opts; i++)
        if (strcmp(c->opt[i].name, name) == 0)
            return c->opt[i].value;
    return NULL;
}

static const struct ctl_option *find_option(const struct ctl_option *o, const char *name, size_t n)
{
    for (; o && o->name; o++)
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

/* The row that the words name; NULL while more words must come. c->noun is set when the first one is a noun. */
static const struct ctl_command *find_command(struct ctl *c)
{
    for (size_t t = 0; t < ctl_tables_n; t++) {
        for (size_t i = 0; i < ctl_tables[t]->n; i++) {
            const struct ctl_command *cmd = &ctl_tables[t]->c[i];
            if (strcmp(cmd->name, c->word[0]) != 0)
                continue;
            c->noun = cmd->name;
            if (!cmd->sub || (c->n_words > 1 && strcmp(cmd->sub, c->word[1]) == 0))
                return cmd;
        }
    }
    return NULL;
}

static enum err add_word(struct ctl *c, const char *word, struct errinfo *reterr)
{
    c->word[c->n_words++] = word;
    if (c->cmd)
        return OK;
    c->cmd = find_command(c);
    if (c->cmd)
        c->skip = c->cmd->sub ? 2 : 1;
    else if (!c->noun)
        return ctl_usage(c, reterr, "「%s」というコマンドはありません。", word);
    else if (c->n_words > 1)
        return ctl_usage(c, reterr, "「%s」に「%s」という操作はありません。", c->word[0], word);
    return OK;
}

/* "--name", "--name=value" or "--name value"; *at stands on the option and moves over its value. */
static enum err add_option(struct ctl *c, char **argv, int argc, int *at, struct errinfo *reterr)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '='), *value = "";
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    const struct ctl_option *o = find_option(ctl_common_options, name, n);
    if (!o && c->cmd)
        o = find_option(c->cmd->option, name, n);
    if (!o)
        return ctl_usage(c, reterr, "「--%.*s」というオプションはありません。", (int)n, name);
    if (ctl_opt(c, o->name))
        return ctl_usage(c, reterr, "「--%s」が2回あります。", o->name);
    if (!o->arg && equals)
        return ctl_usage(c, reterr, "「--%s」に値は付けられません。", o->name);
    if (o->arg && !equals && *at + 1 >= argc)
        return ctl_usage(c, reterr, "「--%s」に値がありません。", o->name);
    if (o->arg)
        value = equals ? equals + 1 : argv[++*at];
    c->opt[c->n_opts++] = (struct ctl_given){ o->name, value };
    return OK;
}

static enum err check_counts(struct ctl *c, struct errinfo *reterr)
{
    size_t n = c->n_words - c->skip;
    if (c->n_words == 0)
        return ctl_usage(c, reterr, "コマンドがありません。");
    if (!c->cmd)
        return ctl_usage(c, reterr, "「%s」の操作を続けてください。", c->word[0]);
    if (n < c->cmd->min_args)
        return ctl_usage(c, reterr, "引数が足りません。");
    if (n > c->cmd->max_args)
        return ctl_usage(c, reterr, "引数が多すぎます。");
    if (c->cmd->need == CTL_LOGIN && !ctl_opt(c, "as"))
        return ctl_usage(c, reterr, "--as で操作者IDを指定してください。");
    return OK;
}

enum err ctl_parse(struct ctl *c, int argc, char **argv, struct errinfo *reterr)
{
    bool only_words = false;
    c->word = (const char **)xcalloc((size_t)argc + 1, sizeof *c->word);
    c->opt = xcalloc((size_t)argc + 1, sizeof *c->opt);
    for (int i = 1; i < argc; i++) /* also a complaint about the rest is JSON then */
        c->json = c->json || strcmp(argv[i], "--json") == 0;
    for (int i = 1; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && strncmp(argv[i], "--", 2) == 0)
            TRY(add_option(c, argv, argc, &i, reterr));
        else
            TRY(add_word(c, argv[i], reterr));
    }
    c->json = ctl_opt(c, "json") != NULL;
    c->help = ctl_opt(c, "help") != NULL;
    return c->help ? OK : check_counts(c, reterr);
}
