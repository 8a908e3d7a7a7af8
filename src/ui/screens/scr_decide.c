/* Several examined notices decided with one password (一括決裁): what will be decided, and then what became of each. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <string.h>

struct deciding {
    struct listview list;
    bool asked; /* the service has answered; the rows say what */
};

static void result_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, js(row, "text"));
    if (jb(row, "decided"))
        buf_adds(ret, "決裁しました");
}

static const struct list_col columns[] = {
    { .key = "no", .title = "受付番号", .width = 13 },
    { .key = "title", .title = "届出", .width = 10 },
    { .key = "persons", .title = "人", .width = 14, .grow = 1, .text = bars_persons },
    { .key = "entered_by", .title = "入力者", .width = 8 },
    { .key = "text", .title = "結果", .width = 20, .grow = 2, .text = result_text },
};

static enum style row_style(const json_t *row)
{
    return *js(row, "text") ? STYLE_WARN : jb(row, "decided") ? STYLE_CHANGED : STYLE_NORMAL;
}

static bool decide_open(struct screen *s, const void *arg)
{
    struct deciding *d = s->priv;
    listview_init(&d->list, columns, ARRAY_LEN(columns), "選ばれた届出はありません。");
    d->list.style = row_style;
    listview_set(&d->list, json_deep_copy(arg));
    return true;
}

static void decide_free(struct screen *s)
{
    listview_done(&((struct deciding *)s->priv)->list);
}

static void decide_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct deciding *)s->priv)->list, (struct rect){ .h = body.h - 4 });
}

static void decide_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct deciding *d = s->priv;
    const json_t *row = listview_row(&d->list);
    canvas_printf(cv, body.y, body.x + 1, body.w - 2, STYLE_HEAD,
                  d->asked ? "%zu件の結果" : "次の%zu件を本登録します。確かめてからF10で決裁します。",
                  listview_count(&d->list));
    listview_draw(&d->list, cv, (struct rect){ body.y + 1, body.x, body.h - 3, body.w }, true);
    canvas_text(cv, body.y + body.h - 2, body.x + 1, body.w - 2, STYLE_WARN, js(row, "text"));
    canvas_text(cv, body.y + body.h - 1, body.x + 1, body.w - 2, STYLE_HINT, js(row, "remedy"));
}

/* What the service said about each, into the rows that were sent. */
static void take_results(struct deciding *d, const json_t *answer)
{
    const json_t *rows = ja(answer, "rows");
    for (size_t i = 0; i < listview_count(&d->list); i++) {
        json_t *mine = json_array_get(d->list.rows, i);
        size_t n;
        json_t *told;
        json_array_foreach (rows, n, told)
            if (strcmp(js(told, "no"), js(mine, "no")) == 0)
                json_object_update(mine, told);
    }
    d->asked = true;
}

static json_t *numbers(const struct deciding *d)
{
    json_t *nos = json_array();
    for (size_t i = 0; i < listview_count(&d->list); i++)
        json_array_append_new(nos, json_string(js(json_array_get(d->list.rows, i), "no")));
    return nos;
}

static unsigned confirmed(struct screen *s, const struct dialog_answer *a)
{
    struct deciding *d = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:o, s:s}", "nos", numbers(d), "password", a->password);
    json_t *answer = ui_call_slow(s->ui, "決裁しています", "notice.decide_many", params);
    if (!answer)
        return R_HANDLED;
    take_results(d, answer);
    int64_t refused = ji(answer, "refused");
    if (refused)
        ui_say(s->ui, SAY_WARN, "%lld件を決裁しました。%lld件はできませんでした。理由を見てください。",
               (long long)ji(answer, "decided"), (long long)refused);
    else
        ui_say(s->ui, SAY_DONE, "%lld件を決裁しました。本庁への送信は続いています。", (long long)ji(answer, "decided"));
    json_decref(answer);
    return R_HANDLED;
}

static unsigned decide(struct screen *s)
{
    dialog_password(s->ui, "一括決裁", "一覧の届出をすべて本登録します。決裁する本人のパスワードを入力してください。",
                    confirmed);
    return R_HANDLED;
}

static unsigned open_case(struct screen *s)
{
    const json_t *row = listview_row(&((struct deciding *)s->priv)->list);
    ui_push(s->ui, &scr_case, js(row, "no"));
    return R_HANDLED;
}

static unsigned decide_key(struct screen *s, const struct key *k)
{
    struct deciding *d = s->priv;
    if (k->code == K_ENTER && listview_row(&d->list))
        return open_case(s);
    return listview_key(&d->list, k) ? R_HANDLED : R_NONE;
}

static unsigned decide_facts(const struct screen *s)
{
    const struct deciding *d = s->priv;
    return (listview_row(&d->list) ? NEED_ROW : 0u) | (d->asked ? 0u : NEED_STATE);
}

static const struct action actions[] = {
    { .key = K_F5,
      .label = "開く",
      .help = "選んだ届出を開く。Enterでも同じ",
      .need = NEED_ROW,
      .method = "notice.get",
      .run = open_case },
    { .key = K_F10,
      .label = "決裁",
      .help = "一覧の届出をまとめて本登録する。決裁する本人のパスワードがいる",
      .need = NEED_ROW | NEED_STATE,
      .method = "notice.decide_many",
      .run = decide },
};

const struct screen_ops scr_decide = {
    .id = "decide",
    .title = "一括決裁",
    .priv_size = sizeof(struct deciding),
    .open = decide_open,
    .layout = decide_layout,
    .draw = decide_draw,
    .key = decide_key,
    .facts = decide_facts,
    .free = decide_free,
    SCREEN_ACTIONS(actions),
};
