/*
 * `docs man NAME`: manual pages that say what the tables say — madoguchi-ctl(1) from the commands, madoguchi-forms(5)
 * from the types, checks and verbs of forms. The build runs it and installs what it prints.
 */
#include "base/fsx.h"
#include "base/mem.h"
#include "ctl_docs.h"
#include "ctl_run.h"
#include "domain/rule.h"
#include "form/formread.h"

#include <string.h>
#include <unistd.h>

/* Text as troff reads it: no line of it is a request. */
static void add_text(struct buf *b, const char *text)
{
    bool first = true;
    for (; *text; text++) {
        if (first && (*text == '.' || *text == '\''))
            buf_adds(b, "\\&");
        first = *text == '\n';
        if (*text == '\\')
            buf_adds(b, "\\e");
        else if (*text == '-')
            buf_adds(b, "\\-");
        else
            buf_addc(b, *text);
    }
}

static void add_head(struct buf *b, const char *name, const char *section, const char *what)
{
    buf_adds(b, ".\\\" Printed by madoguchi-ctl docs man; do not edit.\n");
    buf_printf(b, ".TH %s %s \"\" \"madoguchi %s\" \"madoguchi\"\n.SH 名前\n", name, section, MADOGUCHI_VERSION);
    add_text(b, name);
    buf_adds(b, " \\- ");
    add_text(b, what);
    buf_addc(b, '\n');
}

/* ---- madoguchi-ctl(1) ---- */

static void add_options(struct buf *b, const struct ctl_option *o)
{
    for (; o && o->name; o++) {
        buf_adds(b, ".TP\n\\fB\\-\\-");
        add_text(b, o->name);
        buf_adds(b, "\\fR");
        if (o->arg) {
            buf_adds(b, " \\fI");
            add_text(b, o->arg);
            buf_adds(b, "\\fR");
        }
        buf_addc(b, '\n');
        add_text(b, o->help);
        buf_addc(b, '\n');
    }
}

static void add_command(struct buf *b, const struct ctl_command *cmd)
{
    buf_printf(b, ".SS \"");
    add_text(b, cmd->name);
    if (cmd->sub) {
        buf_addc(b, ' ');
        add_text(b, cmd->sub);
    }
    if (cmd->usage) {
        buf_addc(b, ' ');
        add_text(b, cmd->usage);
    }
    buf_adds(b, "\"\n");
    add_text(b, cmd->help);
    buf_adds(b, "。\n");
    if (cmd->need == CTL_LOGIN)
        buf_adds(b, "操作者として業務サービスに接続します(\\fB\\-\\-as\\fR が要ります)。\n");
    if (cmd->more) {
        buf_adds(b, ".PP\n.nf\n");
        add_text(b, cmd->more);
        buf_adds(b, "\n.fi\n");
    }
    add_options(b, cmd->option);
}

static void ctl_page(struct buf *b)
{
    add_head(b, "madoguchi-ctl", "1", "窓口の管理コマンド");
    buf_adds(b, ".SH 書式\n\\fBmadoguchi\\-ctl\\fR [\\fI共通の指定\\fR] \\fIコマンド\\fR [\\fI引数\\fR]\n"
                ".SH 説明\n支所とホストの管理と点検を行います。住民の記録に触れるものは、窓口の画面と同じ業務サービスの"
                "関門を通ります。氏名などの個人の情報とパスワードは、引数にできません。\n.SH 共通の指定\n");
    add_options(b, ctl_common_options);
    buf_adds(b, ".SH コマンド\n");
    for (size_t i = 0; i < ctl_tables_n; i++)
        for (size_t k = 0; k < ctl_tables[i]->n; k++)
            add_command(b, &ctl_tables[i]->c[k]);
    buf_adds(b, ".SH 終了状態\n0 済んだ、1 規則により断られた、2 使い方が違う、3 装置や通信に障害がある。\n"
                ".SH 関連項目\n\\fBmadoguchi\\fR(1), \\fBmadoguchi\\-forms\\fR(5), \\fBmadoguchi\\-branchd\\fR(8), "
                "\\fBmadoguchi\\-hostd\\fR(8)\n");
}

/* ---- madoguchi-forms(5) ---- */

static void add_row(struct buf *b, const char *name, const enum arg_type *arg, const char *help, const char *note)
{
    buf_adds(b, ".TP\n\\fB");
    add_text(b, name);
    buf_adds(b, "\\fR\\fI");
    for (size_t i = 0; arg && i < CALL_ARGS && arg[i] != ARG_NONE; i++) {
        buf_addc(b, ' ');
        add_text(b, arg_type_name(arg[i]));
    }
    buf_adds(b, "\\fR\n");
    add_text(b, help);
    if (note) {
        buf_adds(b, " (");
        add_text(b, note);
        buf_addc(b, ')');
    }
    buf_addc(b, '\n');
}

static void add_rules(struct buf *b, bool of_notice)
{
    size_t n;
    const struct rule_info *r = rules(&n);
    buf_printf(b, ".SH %s\n", of_notice ? "届出全体の検査" : "項目の検査");
    for (size_t i = 0; i < n; i++)
        if (r[i].of_notice == of_notice)
            add_row(b, r[i].name, r[i].arg, r[i].help, r[i].msg);
}

static void forms_page(struct buf *b)
{
    size_t n;
    const struct effect_verb *v = effect_verbs(&n);
    add_head(b, "madoguchi-forms", "5", "届出の種類を定めるファイル");
    buf_adds(
        b, ".SH 説明\nforms/ のファイル一つが、届出の種類一つを定めます。入力画面、検査、審査の確認事項、記録への反映は"
           "すべてこのファイルから決まります。書き方の全体は docs/forms.md にあります。"
           "\\fBmadoguchi\\-ctl forms check\\fR で確かめてください。\n.SH 項目の型\n");
    for (int t = 0; t < FT_COUNT; t++) {
        const struct field_type_info *i = field_type_info((enum field_type)t);
        add_row(b, i->name, NULL, i->label, NULL);
    }
    add_rules(b, false);
    add_rules(b, true);
    buf_adds(b, ".SH 記録への反映\n");
    for (size_t i = 0; i < n; i++)
        add_row(b, v[i].name, v[i].arg, v[i].help, NULL);
    buf_adds(b, ".SH 関連項目\n\\fBmadoguchi\\-ctl\\fR(1)\n");
}

static const struct {
    const char *name;
    void (*print)(struct buf *);
} pages[] = { { "madoguchi-ctl.1", ctl_page }, { "madoguchi-forms.5", forms_page } };

enum err docs_man(struct ctl *c, struct errinfo *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        if (strcmp(pages[i].name, ctl_arg(c, 0)) == 0) {
            struct buf b = BUF_INIT;
            pages[i].print(&b);
            enum err e = fs_write_all(STDOUT_FILENO, buf_span(&b), reterr);
            buf_done(&b);
            return e;
        }
    return ctl_usage(c, reterr, "そのページはありません: %s", ctl_arg(c, 0));
}
