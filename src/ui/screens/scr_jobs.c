/* What was printed (印刷の記録と確認): prints whose end is not known must be answered; wrong issues are made void. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/queryview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

struct jobs {
    struct queryview query;
    json_t *open; /* prints on their way or without an answer */
    char *reason; /* of a void, while the fee is asked about */
};

static const struct query_field conditions[] = {
    { "day", "発行日", "date", "この日に発行したもの。空欄では本日。", 10, 17 },
    { "person", "宛名番号", "digits", "この人の証明書。", 15, 16 },
    { "request", "請求番号", "text", "この請求で発行したもの。", 40, 24 },
};

static const struct list_col columns[] = {
    { .key = "at_show", .title = "日時", .width = 15 },
    { .key = "title", .title = "証明書", .width = 20, .grow = 2 },
    { .key = "state_label", .title = "状態", .width = 8 },
    { .key = "copy", .title = "通", .width = 2, .right = true },
    { .key = "pages", .title = "枚", .width = 2, .right = true },
    { .key = "fee", .title = "手数料", .width = 6, .right = true },
    { .key = "operator", .title = "操作者", .width = 10, .grow = 1 },
    { .key = "persons", .title = "対象者", .width = 16, .grow = 2, .text = bars_persons },
    { .key = "no", .title = "発行番号", .width = 30, .grow = 1 },
};

static enum style row_style(const json_t *row)
{
    const char *state = js(row, "state");
    return strcmp(state, "unknown") == 0 ? STYLE_ERROR : strcmp(state, "printed") == 0 ? STYLE_NORMAL : STYLE_WARN;
}

static unsigned reload(struct screen *s)
{
    struct jobs *j = s->priv;
    json_t *params = queryview_params(&j->query);
    if (!params)
        return R_HANDLED;
    json_t *answer = ui_call(s->ui, "cert.jobs", params);
    if (!answer)
        return R_HANDLED;
    json_decref(j->open);
    j->open = json_incref(ja(answer, "open"));
    json_t *rows = json_incref(ja(answer, "rows"));
    bars_times(s->ui, rows, "issued_at");
    queryview_found(&j->query, rows, false, false);
    json_decref(answer);
    return R_HANDLED;
}

static bool jobs_open(struct screen *s, const void *arg)
{
    struct jobs *j = s->priv;
    (void)arg;
    queryview_init(&j->query, s->ui, conditions, ARRAY_LEN(conditions), columns, ARRAY_LEN(columns),
                   "発行した証明書はありません。");
    j->query.list.style = row_style;
    reload(s);
    return true;
}

static void jobs_free(struct screen *s)
{
    struct jobs *j = s->priv;
    queryview_done(&j->query);
    json_decref(j->open);
    free(j->reason);
}

/* The first print that waits for an answer; NULL when there is none. */
static const json_t *unanswered(const struct jobs *j)
{
    size_t i;
    json_t *row;
    json_array_foreach (j->open, i, row)
        if (jb(row, "must_answer"))
            return row;
    return NULL;
}

static unsigned answered(struct screen *s, const struct dialog_answer *a)
{
    struct jobs *j = s->priv;
    const json_t *job = unanswered(j);
    if (!a->ok || !a->value || !job)
        return R_HANDLED;
    json_t *params = json_pack("{s:I, s:s}", "job", (json_int_t)ji(job, "job"), "outcome", js(a->value, "value"));
    json_t *answer = ui_call(s->ui, "cert.resolve", params);
    if (!answer)
        return R_HANDLED;
    ui_refresh_status(s->ui);
    reload(s);
    ui_say(s->ui, SAY_DONE, "%s を「%s」としました。", js(answer, "no"), js(answer, "state_label"));
    json_decref(answer);
    return R_HANDLED;
}

static unsigned answer_print(struct screen *s)
{
    json_t *rows =
        json_pack("[{s:s,s:s,s:s},{s:s,s:s,s:s},{s:s,s:s,s:s}]", "value", "in_hand", "label", "正しく出て、手元にある",
                  "note", "", "value", "spoiled", "label", "途中で止まった・書き損じた", "note", "", "value", "nothing",
                  "label", "何も出ていない", "note", "");
    char *title = xprintf("%s の紙はどうなりましたか", js(unanswered(s->priv), "no"));
    dialog_choose(s->ui, title, rows, answered);
    free(title);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned void_with_fee(struct screen *s, const struct dialog_answer *a)
{
    struct jobs *j = s->priv;
    const json_t *row = listview_row(&j->query.list);
    if (!a->ok || !a->value || !row)
        return R_HANDLED;
    bool back = strcmp(js(a->value, "value"), "back") == 0;
    json_t *params = json_pack("{s:s, s:s, s:b}", "no", js(row, "no"), "reason", j->reason, "fee_back", back);
    json_t *answer = ui_call(s->ui, "cert.void", params);
    if (!answer)
        return R_HANDLED;
    reload(s);
    ui_say(s->ui, SAY_DONE, "%s を無効にしました。番号は残ります。返す手数料 %lld円", js(answer, "no"),
           (long long)ji(answer, "fee_back"));
    json_decref(answer);
    return R_HANDLED;
}

static unsigned ask_fee(struct screen *s, const struct dialog_answer *a)
{
    struct jobs *j = s->priv;
    if (!a->ok)
        return R_HANDLED;
    free(j->reason);
    j->reason = xstrdup(a->text);
    json_t *rows = json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}]", "value", "keep", "label", "返さない", "note", "",
                             "value", "back", "label", "返す", "note", "");
    dialog_choose(s->ui, "手数料を請求者に返しますか", rows, void_with_fee);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned make_void(struct screen *s)
{
    dialog_line(s->ui, "発行の取消し(無効)", "理由", 5, ask_fee);
    return R_HANDLED;
}

static unsigned verified(struct screen *s, const struct dialog_answer *a)
{
    if (!a->ok)
        return R_HANDLED;
    json_t *answer = ui_call(s->ui, "cert.verify", json_pack("{s:s}", "code", a->text));
    if (!answer)
        return R_HANDLED;
    char *text =
        xprintf("%s %s\n%s %s", js(answer, "text"), js(answer, "remedy"), js(answer, "title"), js(answer, "no"));
    dialog_message(s->ui, "証明書の照合", text);
    free(text);
    json_decref(answer);
    return R_HANDLED;
}

static unsigned verify(struct screen *s)
{
    dialog_line(s->ui, "証明書の照合", "発行番号と照合符号、またはQRの文字", 1, verified);
    return R_HANDLED;
}

/* Keys and drawing. */

static unsigned jobs_key(struct screen *s, const struct key *k)
{
    struct jobs *j = s->priv;
    enum query_event e = queryview_key(&j->query, s->ui, k);
    return e == QUERY_RUN ? reload(s) : e == QUERY_IGNORED ? R_NONE : R_HANDLED;
}

static void jobs_layout(struct screen *s, struct rect body)
{
    struct jobs *j = s->priv;
    queryview_layout(&j->query, (struct rect){ body.y + 1, body.x, body.h - 1, body.w });
}

static void jobs_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct jobs *j = s->priv;
    const json_t *job = unanswered(j);
    if (job)
        canvas_printf(cv, body.y, body.x + 1, body.w - 2, STYLE_BAD,
                      " 印刷の結果が不明です。紙を確かめてF7で答えてください: %s ", js(job, "no"));
    else
        canvas_printf(cv, body.y, body.x + 1, body.w - 2, STYLE_HINT, "印刷中 %zu件", json_array_size(j->open));
    queryview_draw(&j->query, cv, (struct rect){ body.y + 1, body.x, body.h - 1, body.w });
}

static unsigned jobs_facts(const struct screen *s)
{
    const struct jobs *j = s->priv;
    return queryview_facts(&j->query) | (unanswered(j) ? NEED_STATE : 0u);
}

static const struct action actions[] = {
    { .key = K_F5, .label = "最新", .help = "条件に合うものを読み直す", .method = "cert.jobs", .run = reload },
    { .key = K_F6,
      .label = "無効",
      .help = "間違って発行したものを理由を入れて無効にする",
      .need = NEED_ROW,
      .method = "cert.void",
      .run = make_void },
    { .key = K_F7,
      .label = "結果",
      .help = "印刷の結果がわからないものに答える",
      .need = NEED_STATE,
      .method = "cert.resolve",
      .run = answer_print },
    { .key = K_F9,
      .label = "照合",
      .help = "発行番号と照合符号、またはQRコードで、証明書がこの支所で発行した有効なものか調べる",
      .method = "cert.verify",
      .run = verify },
};

const struct screen_ops scr_jobs = {
    .id = "jobs",
    .title = "印刷の記録と確認",
    .priv_size = sizeof(struct jobs),
    .open = jobs_open,
    .layout = jobs_layout,
    .draw = jobs_draw,
    .key = jobs_key,
    .facts = jobs_facts,
    .free = jobs_free,
    SCREEN_ACTIONS(actions),
};
