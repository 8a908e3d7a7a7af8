/*
 * `verify-paper`: is this paper one of ours? By its number and check code, or by the text of its QR symbol.
 * `paper check`: what a person who changes a layout or a table of certificates asks before it goes to the counter.
 */
#include "app/ctl.h"
#include "base/buf.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "form/catalog.h"
#include "paper/layout.h"

#include <stdlib.h>
#include <string.h>

/* The parts of a number may come as words of the shell. */
static json_t *asked(struct ctl *c)
{
    const char *qr = ctl_opt(c, "qr");
    struct buf no = BUF_INIT;
    if (qr)
        return json_pack("{s:s}", "qr", qr);
    for (size_t i = 0; ctl_arg(c, i) && ctl_arg(c, i + 1); i++)
        buf_printf(&no, "%s%s", i ? " " : "", ctl_arg(c, i));
    size_t last = 0;
    while (ctl_arg(c, last + 1))
        last++;
    json_t *p = json_pack("{s:s, s:s}", "no", buf_str(&no), "code", ctl_arg(c, last));
    buf_done(&no);
    return p;
}

static enum err verify(struct ctl *c, struct errinfo *reterr)
{
    json_t *r = NULL, *params = NULL;
    if (ctl_opt(c, "qr") ? ctl_arg(c, 0) != NULL : ctl_arg(c, 1) == NULL)
        return ctl_usage(c, reterr, "発行番号と照合符号、または --qr のどちらかを指定してください。");
    params = asked(c);
    if (!params)
        return ctl_usage(c, reterr, "文字の形が正しくありません。");
    TRY(ctl_ask(c, "cert.verify", params, &r, reterr));
    bool valid = !strcmp(ctl_text(r, "state"), "valid");
    ctl_say(c, "%s", ctl_text(r, "text"));
    if (*ctl_text(r, "no"))
        ctl_say(c, "発行番号 %s\n種類     %s\n発行日   %s", ctl_text(r, "no"), ctl_text(r, "title"),
                ctl_text(r, "issued_on"));
    enum err e = valid ? OK : ctl_refuse(c, reterr, E_INVALID, ctl_text(r, "remedy"), "%s", ctl_text(r, "text"));
    ctl_result(c, r);
    return e;
}

static void list_kinds(struct ctl *c, const struct cert_rules *rules, json_t *ret)
{
    for (size_t i = 0; i < rules->n_kind; i++) {
        const struct cert_kind *k = &rules->kind[i];
        ctl_say(c, "%s %s (forms/layout/%s.layout, data/tables/%s.tsv)", k->code, k->label, k->layout, k->items->name);
        json_array_append_new(ret, json_pack("{s:s, s:s}", "id", k->code, "title", k->label));
    }
}

static enum err check_layouts(struct ctl *c, const struct rulebook *book, const char *dir, struct errinfo *reterr)
{
    struct cert_rules *rules = NULL;
    json_t *kinds = json_array();
    enum err e = cert_rules_load(book, &rules, reterr);
    if (e == OK)
        e = layouts_check(rules, dir, reterr);
    if (e == OK)
        list_kinds(c, rules, kinds);
    ctl_result(c, json_pack("{s:o}", "kinds", kinds));
    if (e == OK)
        ctl_say(c, "%zu種類の証明書を読みました。誤りはありません。", rules->n_kind);
    else
        e = ctl_refuse(c, reterr, e, "示された所を直して、もう一度確かめてください。", "%s: %s", reterr->item,
                       reterr->detail);
    cert_rules_free(rules);
    return e;
}

static enum err check(struct ctl *c, struct errinfo *reterr)
{
    char *forms = fs_join(ctl_share(c), "forms"), *data = fs_join(ctl_share(c), "data");
    char *dir = ctl_arg(c, 0) ? xstrdup(ctl_arg(c, 0)) : fs_join(forms, "layout");
    struct rulebook *book = NULL;
    enum err e = catalog_load(forms, data, NULL, &book, NULL, reterr);
    if (e == OK)
        e = check_layouts(c, book, dir, reterr);
    rulebook_free(book);
    free(dir);
    free(forms);
    free(data);
    return e;
}

static const struct ctl_option options[] = {
    { "qr", "TEXT", "QRコードを読み取った文字で確かめる" },
    { .name = NULL },
};

static const struct ctl_command commands[] = {
    { .name = "verify-paper",
      .usage = "発行番号 照合符号",
      .help = "示された証明書が、この支所で発行した有効なものかを確かめる",
      .more = "  発行番号は券面のとおりに入力します。空白で分かれていても、頁の部分(1/2)があってもかまいません。\n"
              "  有効なときは終了状態0、確認できないときと無効のときは1で終わります。",
      .max_args = 8,
      .need = CTL_LOGIN,
      .option = options,
      .run = verify },
    { .name = "paper",
      .sub = "check",
      .usage = "[DIR]",
      .help = "証明書の様式と記載項目の表を読み、誤りをファイルと行で示す",
      .more = "  DIR は *.layout のあるディレクトリです。省略すると、いま使われている様式を調べます。",
      .max_args = 1,
      .run = check },
};
const struct ctl_table ctl_paper_commands = { commands, ARRAY_LEN(commands) };
