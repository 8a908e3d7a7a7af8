/* The exchange with the host (本庁との同期): is it there, what waits, how fresh is the copy, how it went lately. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/chart.h"
#include "ui/dialog.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <string.h>

struct sync {
    json_t *doc; /* answer of sync.status */
    struct listview sent;
    int64_t at; /* when it was asked */
};

static const struct list_col columns[] = {
    { .key = "at_show", .title = "日時", .width = 15 },
    { .key = "op", .title = "番号", .width = 10 },
    { .key = "title", .title = "内容", .width = 16, .grow = 2 },
    { .key = "no", .title = "受付番号", .width = 14, .grow = 1 },
    { .key = "state_label", .title = "状態", .width = 14, .grow = 1 },
};

static bool reload(struct screen *s)
{
    struct sync *y = s->priv;
    json_t *doc = ui_call(s->ui, "sync.status", NULL);
    y->at = s->ui->status_at;
    if (!doc)
        return false;
    json_decref(y->doc);
    y->doc = doc;
    bars_times(s->ui, ja(doc, "sent"), "at");
    listview_set(&y->sent, json_incref(ja(doc, "sent")));
    return true;
}

static bool sync_open(struct screen *s, const void *arg)
{
    struct sync *y = s->priv;
    (void)arg;
    listview_init(&y->sent, columns, ARRAY_LEN(columns), "送ったものはありません。");
    return reload(s);
}

static void sync_free(struct screen *s)
{
    struct sync *y = s->priv;
    listview_done(&y->sent);
    json_decref(y->doc);
}

static void sync_tick(struct screen *s)
{
    struct sync *y = s->priv;
    if (y->at != s->ui->status_at)
        reload(s);
}

static unsigned sync_resume(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

/* Drawing. */

static int draw_host(const struct sync *y, struct canvas *cv, struct rect r)
{
    const json_t *trouble = json_object_get(y->doc, "trouble");
    bool ok = strcmp(js(y->doc, "host"), "ok") == 0;
    int row = r.y;
    canvas_printf(cv, row++, r.x, r.w, ok ? STYLE_GOOD : STYLE_BAD, " %s ",
                  *js(y->doc, "host_text") ? js(y->doc, "host_text")
                  : ok                     ? "本庁は応答しています"
                                           : "本庁は応答していません");
    if (*js(trouble, "text"))
        row += canvas_wrap(cv, canvas_profile(cv), (struct rect){ row, r.x, 2, r.w }, STYLE_ERROR, js(trouble, "text"));
    if (*js(trouble, "remedy"))
        row +=
            canvas_wrap(cv, canvas_profile(cv), (struct rect){ row, r.x, 2, r.w }, STYLE_NORMAL, js(trouble, "remedy"));
    return row - r.y;
}

static void when_and_age(const struct ui *ui, const json_t *o, struct buf *ret)
{
    if (!*js(o, "as_of")) {
        buf_adds(ret, "まだ受け取っていません");
        return;
    }
    bars_when(ui, js(o, "as_of"), ret);
    buf_adds(ret, " (");
    bars_age(ji(o, "age_s"), ret);
    buf_adds(ret, "前)");
}

static int draw_copy(const struct screen *s, struct canvas *cv, struct rect r)
{
    const struct sync *y = s->priv;
    const json_t *copy = json_object_get(y->doc, "copy"), *list = json_object_get(y->doc, "list");
    const json_t *load = json_object_get(y->doc, "load");
    struct buf a = BUF_INIT, b = BUF_INIT;
    when_and_age(s->ui, copy, &a);
    when_and_age(s->ui, list, &b);
    canvas_printf(cv, r.y, r.x, r.w, STYLE_NORMAL, "副本    %s", buf_str(&a));
    canvas_printf(cv, r.y + 1, r.x, r.w, STYLE_NORMAL, "抑止表  %s", buf_str(&b));
    buf_done(&a);
    buf_done(&b);
    if (!jb(load, "active"))
        return 2;
    struct progress p = { .done = ji(load, "done"),
                          .total = ji(load, "total"),
                          .rate = ji(load, "rate"),
                          .remaining_s = ji(load, "remaining_s"),
                          .unit = *js(load, "unit") ? js(load, "unit") : "人" };
    chart_progress(cv, r.y + 2, r.x, r.w, &p);
    return 3;
}

#define QUEUE_LABEL 18

static int draw_queue(const struct sync *y, struct canvas *cv, struct rect r)
{
    const json_t *rows = ja(y->doc, "queue");
    int64_t most = 1;
    int at = r.y;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        most = ji(row, "count") > most ? ji(row, "count") : most;
    json_array_foreach (rows, i, row) {
        enum style style = bars_level(js(row, "level"));
        struct buf age = BUF_INIT;
        if (at >= r.y + r.h)
            break;
        canvas_text(cv, at, r.x, QUEUE_LABEL, STYLE_LABEL, js(row, "label"));
        canvas_printf(cv, at, r.x + QUEUE_LABEL, 7, STYLE_STRONG, "%6lld", (long long)ji(row, "count"));
        chart_bar(cv, at, r.x + QUEUE_LABEL + 8, r.w - QUEUE_LABEL - 24, style, ji(row, "count"), most);
        if (ji(row, "count") > 0) {
            buf_adds(&age, "最古 ");
            bars_age(ji(row, "oldest_s"), &age);
            canvas_text(cv, at, r.x + r.w - 14, 14, STYLE_HINT, buf_str(&age));
        }
        buf_done(&age);
        at++;
    }
    return at - r.y;
}

static void sync_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct sync *)s->priv)->sent, (struct rect){ .h = body.h / 2 - 1 });
}

static void sync_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct sync *y = s->priv;
    int lower = body.y + body.h - body.h / 2, at = body.y;
    struct rect r = { at, body.x + 1, lower - at, body.w - 2 };
    r.y += draw_host(y, cv, r);
    r.y += draw_copy(s, cv, r);
    r.h = lower - r.y;
    draw_queue(y, cv, r);
    bars_section(cv, lower, body.x, body.w, "送ったもの");
    listview_draw(&y->sent, cv, (struct rect){ lower + 1, body.x, body.y + body.h - lower - 1, body.w }, true);
}

static unsigned sync_key(struct screen *s, const struct key *k)
{
    return listview_key(&((struct sync *)s->priv)->sent, k) ? R_HANDLED : R_NONE;
}

/* Actions. */

static unsigned started(struct screen *s, json_t *answer, const char *text)
{
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    ui_refresh_status(s->ui);
    reload(s);
    ui_say(s->ui, SAY_DONE, "%s", text);
    return R_HANDLED;
}

static unsigned now(struct screen *s)
{
    return started(s, ui_call_slow(s->ui, "本庁と同期しています", "sync.now", NULL), "同期を始めました。");
}

static unsigned pull_all(struct screen *s, const struct dialog_answer *a)
{
    return a->ok ? started(s, ui_call(s->ui, "snapshot.pull", NULL),
                           "全件の取得を始めました。途中で切れても、続きから受け取ります。")
                 : R_HANDLED;
}

static unsigned pull(struct screen *s)
{
    dialog_confirm(s->ui, "副本を全件受け取り直します。終わるまで今の副本を使い続けます。", "受け取る", true, pull_all);
    return R_HANDLED;
}

static unsigned conflicts(struct screen *s)
{
    ui_push(s->ui, &scr_conflicts, NULL);
    return R_HANDLED;
}

static unsigned refresh(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static const struct action actions[] = {
    { .key = K_F5, .label = "最新", .help = "読み直す", .method = "sync.status", .run = refresh },
    { .key = K_F6, .label = "競合", .help = "人が決める競合の一覧を開く", .method = "conflict.list", .run = conflicts },
    { .key = K_F8, .label = "全件取得", .help = "副本を全件受け取り直す", .method = "snapshot.pull", .run = pull },
    { .key = K_F10, .label = "同期", .help = "今すぐ本庁と同期する", .method = "sync.now", .run = now },
};

const struct screen_ops scr_sync = {
    .id = "sync",
    .title = "本庁との同期",
    .priv_size = sizeof(struct sync),
    .open = sync_open,
    .layout = sync_layout,
    .draw = sync_draw,
    .key = sync_key,
    .tick = sync_tick,
    .resume = sync_resume,
    .free = sync_free,
    SCREEN_ACTIONS(actions),
};
