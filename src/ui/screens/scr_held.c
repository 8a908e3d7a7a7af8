/* Requests for certificates that were not issued yet (預かっている請求), among them those taken during a stop. */
#include "base/mem.h"
#include "cert_entry.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/listview.h"

#include <string.h>

struct held {
    struct listview list;
    struct cert_entry entry; /* the request that is being looked at */
};

static void stop_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, jb(row, "held") ? "預かり" : *js(row, "outage") ? "停止中" : "");
}

static const struct list_col columns[] = {
    { .key = "at_show", .title = "受付日時", .width = 15 },
    { .key = "request", .title = "請求番号", .width = 16 },
    { .key = "title", .title = "証明書", .width = 16, .grow = 2 },
    { .key = "name", .title = "請求者", .width = 14, .grow = 2 },
    { .key = "copies", .title = "通", .width = 2, .right = true },
    { .key = "held", .title = "停止", .width = 6, .text = stop_text },
    { .key = "operator", .title = "操作者", .width = 10, .grow = 1 },
};

static bool reload(struct screen *s)
{
    struct held *h = s->priv;
    json_t *answer = ui_call(s->ui, "cert.held", NULL);
    if (!answer)
        return false;
    bars_times(s->ui, ja(answer, "rows"), "made_at");
    listview_set(&h->list, json_incref(ja(answer, "rows")));
    json_decref(answer);
    return true;
}

static bool held_open(struct screen *s, const void *arg)
{
    struct held *h = s->priv;
    (void)arg;
    listview_init(&h->list, columns, ARRAY_LEN(columns), "預かっている請求はありません。");
    return reload(s);
}

static void drop_entry(struct held *h)
{
    json_decref(h->entry.request);
    json_decref(h->entry.preview);
    h->entry = (struct cert_entry){ .issued = false };
}

static void held_free(struct screen *s)
{
    struct held *h = s->priv;
    listview_done(&h->list);
    drop_entry(h);
}

static unsigned held_resume(struct screen *s)
{
    drop_entry(s->priv);
    reload(s);
    return R_HANDLED;
}

static unsigned show_with(struct screen *s, const char *reason);

static unsigned with_reason(struct screen *s, const struct dialog_answer *a)
{
    return a->ok ? show_with(s, a->text) : R_HANDLED;
}

/* Who approves what others may not see says why; then it is shown. */
static unsigned show_with(struct screen *s, const char *reason)
{
    struct held *h = s->priv;
    json_t *row = listview_row(&h->list);
    if (!row)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:i}", "request", js(row, "request"), "ambiguous", s->ui->opt.ambiguous);
    if (reason)
        json_object_set_new(params, "reason", json_string(reason));
    json_t *answer = ui_call_slow(s->ui, "証明書を組み立てています", "cert.preview", params);
    if (!answer)
        return R_HANDLED;
    if (jb(answer, "withheld") && !reason && ui_may(s->ui, "restrict.get")) {
        json_decref(answer);
        dialog_line(s->ui, "照会の理由", "理由", REASON_MIN, with_reason);
        return R_HANDLED;
    }
    drop_entry(h);
    h->entry.request = json_incref(row);
    h->entry.preview = answer;
    ui_push(s->ui, &scr_preview, &h->entry);
    return R_HANDLED;
}

static unsigned show(struct screen *s)
{
    return show_with(s, NULL);
}

static unsigned held_key(struct screen *s, const struct key *k)
{
    if (k->code == K_ENTER)
        return show(s);
    return listview_key(&((struct held *)s->priv)->list, k) ? R_HANDLED : R_NONE;
}

static void held_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct held *)s->priv)->list, body);
}

static void held_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    listview_draw(&((const struct held *)s->priv)->list, cv, body, true);
}

static unsigned held_facts(const struct screen *s)
{
    return listview_row(&((const struct held *)s->priv)->list) ? NEED_ROW : 0;
}

static unsigned refresh(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static const struct action actions[] = {
    { .key = K_F5, .label = "最新", .help = "読み直す", .method = "cert.held", .run = refresh },
    { .key = K_F9,
      .label = "表示",
      .help = "選んだ請求をもう一度判定し、証明書の内容を表示する。Enterでも同じ",
      .need = NEED_ROW,
      .method = "cert.preview",
      .run = show },
};

const struct screen_ops scr_held = {
    .id = "held",
    .title = "預かっている請求",
    .priv_size = sizeof(struct held),
    .open = held_open,
    .layout = held_layout,
    .draw = held_draw,
    .key = held_key,
    .facts = held_facts,
    .resume = held_resume,
    .free = held_free,
    SCREEN_ACTIONS(actions),
};
