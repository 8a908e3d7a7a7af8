/* Notices begun and not entered yet (下書き): after a break, a change of shift or a crash one goes on here. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

static void age_text(const json_t *row, struct buf *ret)
{
    bars_age(ji(row, "age_s"), ret);
}

static const struct list_col columns[] = {
    { .key = "title", .title = "届出", .width = 24, .grow = 2 },
    { .key = "no", .title = "受付番号", .width = 14, .grow = 1 },
    { .key = "saved_show", .title = "保存", .width = 16 },
    { .key = "age_s", .title = "経過", .width = 6, .right = true, .text = age_text },
    { .key = "id", .title = "下書き", .width = 10 },
};

static void decorate(struct ui *ui, json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        struct buf at = BUF_INIT;
        bars_when(ui, js(row, "saved_at"), &at);
        json_object_set_new(row, "saved_show", json_string(buf_str(&at)));
        buf_done(&at);
    }
}

static bool reload(struct screen *s)
{
    struct listview *list = s->priv;
    json_t *answer = ui_call(s->ui, "draft.list", NULL);
    if (!answer)
        return false;
    json_t *rows = json_incref(ja(answer, "rows"));
    decorate(s->ui, rows);
    listview_set(list, rows);
    json_decref(answer);
    return true;
}

static bool drafts_open(struct screen *s, const void *arg)
{
    (void)arg;
    listview_init(s->priv, columns, ARRAY_LEN(columns), "下書きはありません。");
    return reload(s);
}

static unsigned drafts_resume(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static void drafts_free(struct screen *s)
{
    listview_done(s->priv);
}

static unsigned go_on(struct screen *s)
{
    const json_t *row = listview_row(s->priv);
    struct notice_arg arg = { .kind = js(row, "kind"), .draft = js(row, "id") };
    if (row)
        ui_push(s->ui, &scr_notice, &arg);
    return R_HANDLED;
}

static unsigned discarded(struct screen *s, const struct dialog_answer *a)
{
    const json_t *row = listview_row(s->priv);
    if (a->ok && row) {
        json_decref(ui_call(s->ui, "draft.discard", json_pack("{s:s}", "id", js(row, "id"))));
        reload(s);
    }
    return R_HANDLED;
}

static unsigned discard(struct screen *s)
{
    dialog_confirm(s->ui, "選んだ下書きを捨てます。元に戻せません。", "捨てる", true, discarded);
    return R_HANDLED;
}

static unsigned drafts_key(struct screen *s, const struct key *k)
{
    if (k->code == K_ENTER)
        return go_on(s);
    return listview_key(s->priv, k) ? R_HANDLED : R_NONE;
}

static void drafts_layout(struct screen *s, struct rect body)
{
    listview_layout(s->priv, body);
}

static void drafts_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    listview_draw(s->priv, cv, body, true);
}

static unsigned drafts_facts(const struct screen *s)
{
    return listview_row(s->priv) ? NEED_ROW : 0;
}

static const struct action actions[] = {
    { .key = K_F9,
      .label = "破棄",
      .help = "選んだ下書きを捨てる",
      .need = NEED_ROW,
      .method = "draft.discard",
      .run = discard },
    { .key = K_F10,
      .label = "続ける",
      .help = "選んだ下書きの続きを入力する。Enterでも同じ",
      .need = NEED_ROW,
      .method = "draft.get",
      .run = go_on },
};

const struct screen_ops scr_drafts = {
    .id = "drafts",
    .title = "下書き",
    .priv_size = sizeof(struct listview),
    .open = drafts_open,
    .layout = drafts_layout,
    .draw = drafts_draw,
    .key = drafts_key,
    .facts = drafts_facts,
    .resume = drafts_resume,
    .free = drafts_free,
    SCREEN_ACTIONS(actions),
};
