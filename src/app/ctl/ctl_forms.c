/* `forms check`: what a person who changes forms/ or data/ asks before the change goes to the counter. */
#include "app/ctl.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "form/catalog.h"

#include <stdlib.h>

static void list_kinds(struct ctl *c, const struct rulebook *b, json_t *ret)
{
    for (size_t i = 0; i < b->kinds.n; i++) {
        const struct kind *k = b->kinds.k[i];
        ctl_say(c, "%s %s (%s)", k->id, k->title, k->group);
        json_array_append_new(ret, json_pack("{s:s, s:s, s:s}", "id", k->id, "title", k->title, "group", k->group));
    }
}

static enum err run_check(struct ctl *c, struct errinfo *reterr)
{
    char *forms = ctl_arg(c, 0) ? xstrdup(ctl_arg(c, 0)) : fs_join(ctl_share(c), "forms");
    char *data = fs_join(ctl_share(c), "data");
    struct catalog_report report = { NULL, 0 };
    struct rulebook *book = NULL;
    json_t *problems = json_array(), *kinds = json_array();
    enum err e = catalog_load(forms, data, NULL, &book, &report, reterr);
    for (size_t i = 0; i < report.n; i++) {
        ctl_say(c, "%s", report.line[i]);
        json_array_append_new(problems, json_string(report.line[i]));
    }
    if (e == OK)
        list_kinds(c, book, kinds);
    ctl_result(c, json_pack("{s:o, s:o}", "problems", problems, "kinds", kinds));
    if (e == OK && book->kinds.n == 0)
        e = ctl_refuse(c, reterr, E_NOTFOUND, NULL, "届出の定義(*.form)がありません: %s", forms);
    else if (e == OK)
        ctl_say(c, "%zu種類の届出を読みました。誤りはありません。", book->kinds.n);
    else if (report.n > 0)
        e = ctl_refuse(c, reterr, e, "示された行を直して、もう一度確かめてください。", "誤りが%zu件あります。",
                       report.n);
    catalog_report_done(&report);
    rulebook_free(book);
    free(data);
    free(forms);
    return e;
}

static const struct ctl_command commands[] = {
    { .name = "forms",
      .sub = "check",
      .usage = "[DIR]",
      .help = "届出の定義とコード表を読み、誤りをファイルと行で示す",
      .more = "  DIR は *.form のあるディレクトリです。省略すると、いま使われている定義を調べます。",
      .max_args = 1,
      .run = run_check },
};
const struct ctl_table ctl_forms_commands = { commands, ARRAY_LEN(commands) };
