/*
 * After a stop the replay (復旧処理): first a trial that shows what would happen to each item in the order of receipt,
 * then the posting, which may be interrupted and goes on where it was.
 */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/chart.h"
#include "ui/dialog.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <string.h>

struct replay {
    json_t *doc; /* answer of replay.plan */
    struct listview list;
    bool running; /* was, when the state of the counter was last looked at */
};

static void title_text(const json_t *row, struct buf *ret)
{
    buf_printf(ret, "%s ", js(row, "title"));
    bars_persons(row, ret);
}

static const struct list_col replay_cols[] = {
    { .key = "n", .title = "順", .width = 4, .right = true },
    { .key = "at_show", .title = "受付日時", .width = 15 },
    { .key = "no", .title = "番号", .width = 12 },
    { .key = "title", .title = "届出", .width = 16, .grow = 2, .text = title_text },
    { .key = "verdict_label", .title = "結果", .width = 8 },
    { .key = "text", .title = "説明", .width = 12, .grow = 3 },
};

static enum style replay_style(const json_t *row)
{
    static const struct {
        const char *verdict;
        enum style style;
    } rows[] = { { "conflict", STYLE_ERROR },
                 { "refused", STYLE_ERROR },
                 { "held", STYLE_WARN },
                 { "wait", STYLE_WARN },
                 { "done", STYLE_HINT } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].verdict, js(row, "verdict")) == 0)
            return rows[i].style;
    return STYLE_NORMAL;
}

static bool replay_reload(struct screen *s)
{
    struct replay *r = s->priv;
    json_t *answer = ui_call_slow(s->ui, "反映の計画を作っています", "replay.plan", NULL);
    if (!answer)
        return false;
    json_decref(r->doc);
    r->doc = answer;
    bars_times(s->ui, ja(answer, "rows"), "received_at");
    listview_set(&r->list, json_incref(ja(answer, "rows")));
    return true;
}

static bool replay_open(struct screen *s, const void *arg)
{
    struct replay *r = s->priv;
    (void)arg;
    listview_init(&r->list, replay_cols, ARRAY_LEN(replay_cols), "反映するものはありません。");
    r->list.style = replay_style;
    return replay_reload(s);
}

static void replay_free(struct screen *s)
{
    struct replay *r = s->priv;
    listview_done(&r->list);
    json_decref(r->doc);
}

static const json_t *load_of(const struct screen *s)
{
    return json_object_get(s->ui->status, "load");
}

/* When the posting has come to its end the plan shows what became of each item. */
static void replay_tick(struct screen *s)
{
    struct replay *r = s->priv;
    bool running = jb(load_of(s), "active");
    if (r->running && !running)
        replay_reload(s);
    r->running = running;
}

#define HEAD_ROWS 4 /* totals in two rows, progress, line */
#define FOOT_ROWS 2 /* what is said about the chosen row, in full */

static void replay_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct replay *)s->priv)->list, (struct rect){ .h = body.h - HEAD_ROWS - FOOT_ROWS });
}

static void draw_progress(const struct screen *s, struct canvas *cv, int y, int x, int w)
{
    const json_t *load = load_of(s);
    if (jb(load, "active")) {
        struct progress p = { .done = ji(load, "done"),
                              .total = ji(load, "total"),
                              .rate = ji(load, "rate"),
                              .remaining_s = ji(load, "remaining_s"),
                              .unit = "件" };
        chart_progress(cv, y, x, w, &p);
    } else {
        canvas_text(cv, y, x, w, STYLE_HINT, "反映は動いていません。途中で止まっても、続きから再開できます。");
    }
}

static void replay_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct replay *r = s->priv;
    struct buf totals = BUF_INIT;
    size_t i;
    json_t *row;
    json_array_foreach (ja(r->doc, "totals"), i, row)
        buf_printf(&totals, "%s%s %lld", i ? "   " : "", js(row, "label"), (long long)ji(row, "value"));
    canvas_wrap(cv, canvas_profile(cv), (struct rect){ body.y, body.x + 1, 2, body.w - 2 }, STYLE_STRONG,
                buf_str(&totals));
    draw_progress(s, cv, body.y + 2, body.x + 1, body.w - 2);
    canvas_hline(cv, body.y + 3, body.x, body.w, STYLE_FRAME);
    int h = body.h - HEAD_ROWS - FOOT_ROWS;
    listview_draw(&r->list, cv, (struct rect){ body.y + HEAD_ROWS, body.x, h, body.w }, true);
    canvas_wrap(cv, canvas_profile(cv), (struct rect){ body.y + HEAD_ROWS + h, body.x + 1, FOOT_ROWS, body.w - 2 },
                STYLE_NORMAL, js(listview_row(&r->list), "text"));
    buf_done(&totals);
}

static unsigned replay_key(struct screen *s, const struct key *k)
{
    return listview_key(&((struct replay *)s->priv)->list, k) ? R_HANDLED : R_NONE;
}

static unsigned start(struct screen *s, const char *method, const struct dialog_answer *a)
{
    struct replay *r = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s}", "approver", a->person, "password", a->password);
    json_t *answer = ui_call_slow(s->ui, "反映を始めています", method, params);
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    ui_refresh_status(s->ui);
    r->running = true;
    ui_say(s->ui, SAY_DONE, "反映を始めました。この画面を離れても続きます。");
    return R_HANDLED;
}

static unsigned commit_with(struct screen *s, const struct dialog_answer *a)
{
    return start(s, "replay.commit", a);
}

static unsigned resume_with(struct screen *s, const struct dialog_answer *a)
{
    return start(s, "replay.resume", a);
}

static unsigned commit(struct screen *s)
{
    dialog_second(s->ui, "反映", "この計画のとおり本庁に反映します。承認者が番号とパスワードを入れます。", NULL,
                  commit_with);
    return R_HANDLED;
}

static unsigned go_on(struct screen *s)
{
    dialog_second(s->ui, "反映の再開", "止まったところから反映を続けます。承認者が番号とパスワードを入れます。", NULL,
                  resume_with);
    return R_HANDLED;
}

static unsigned plan_again(struct screen *s)
{
    replay_reload(s);
    return R_HANDLED;
}

static unsigned conflicts(struct screen *s)
{
    ui_push(s->ui, &scr_conflicts, NULL);
    return R_HANDLED;
}

static const struct action replay_actions[] = {
    { .key = K_F5,
      .label = "試行",
      .help = "今の本庁の内容でもう一度試す。何も変わらない",
      .method = "replay.plan",
      .run = plan_again },
    { .key = K_F6, .label = "競合", .help = "人が決める競合の一覧を開く", .method = "conflict.list", .run = conflicts },
    { .key = K_F8, .label = "再開", .help = "止まった反映を続ける", .method = "replay.resume", .run = go_on },
    { .key = K_F10,
      .label = "反映",
      .help = "計画のとおり本庁に反映する。承認者がいる",
      .method = "replay.commit",
      .run = commit },
};

const struct screen_ops scr_replay = {
    .id = "replay",
    .title = "復旧処理",
    .priv_size = sizeof(struct replay),
    .open = replay_open,
    .layout = replay_layout,
    .draw = replay_draw,
    .key = replay_key,
    .tick = replay_tick,
    .free = replay_free,
    SCREEN_ACTIONS(replay_actions),
};
