/* The operation log (操作記録), for the auditor: newest first, by conditions, and the check of the whole chain. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/queryview.h"
#include "ui/screens.h"

#include <string.h>

#define PAGE_ROWS 100

static const struct query_field conditions[] = {
    { "operator", "操作者", "text", "操作者番号。", 32, 16 },
    { "subject", "対象", "text", "宛名番号、受付番号など、記録の対象。", 32, 20 },
    { "from", "日付から", "date", "この日から。", 10, 17 },
    { "to", "日付まで", "date", "この日まで。", 10, 17 },
    { "function", "機能", "text", "resident.get のような機能の名前。", 64, 24 },
    { "result", "結果", "text", "ok、refused など。", 32, 12 },
};

static const struct list_col columns[] = {
    { .key = "seq", .title = "番号", .width = 7, .right = true },
    { .key = "at_show", .title = "日時", .width = 15 },
    { .key = "operator", .title = "操作者", .width = 10, .grow = 1 },
    { .key = "function", .title = "機能", .width = 17, .grow = 1 },
    { .key = "action", .title = "種別", .width = 7 },
    { .key = "result", .title = "結果", .width = 8 },
    { .key = "subjects", .title = "対象", .width = 15, .grow = 2 },
    { .key = "terminal", .title = "端末", .width = 6 },
    { .key = "approver", .title = "承認者", .width = 10, .grow = 1 },
    { .key = "reason", .title = "理由", .width = 12, .grow = 3 },
};

static enum style row_style(const json_t *row)
{
    return strcmp(js(row, "result"), "ok") == 0 ? STYLE_NORMAL : STYLE_WARN;
}

static unsigned read_page(struct screen *s, bool further)
{
    struct queryview *q = s->priv;
    json_t *params = queryview_params(q);
    if (!params)
        return R_HANDLED;
    const json_t *last = json_array_get(q->list.rows, listview_count(&q->list) - 1);
    json_object_set_new(params, "limit", json_integer(PAGE_ROWS));
    if (further && last)
        json_object_set_new(params, "before", json_integer(ji(last, "seq")));
    json_t *answer = ui_call(s->ui, "log.list", params);
    if (!answer)
        return R_HANDLED;
    json_t *rows = json_incref(ja(answer, "rows"));
    bool more = json_array_size(rows) == PAGE_ROWS;
    bars_times(s->ui, rows, "at");
    queryview_found(q, rows, more, further);
    json_decref(answer);
    return R_HANDLED;
}

static unsigned first_page(struct screen *s)
{
    return read_page(s, false);
}

static unsigned next_page(struct screen *s)
{
    return read_page(s, true);
}

static bool log_open(struct screen *s, const void *arg)
{
    struct queryview *q = s->priv;
    (void)arg;
    queryview_init(q, s->ui, conditions, ARRAY_LEN(conditions), columns, ARRAY_LEN(columns), "記録はありません。");
    q->list.style = row_style;
    read_page(s, false);
    return true;
}

static void log_free(struct screen *s)
{
    queryview_done(s->priv);
}

/* One row in full. */
static unsigned show_row(struct screen *s)
{
    static const struct {
        const char *key, *label;
    } parts[] = {
        { "at_show", "日時" },  { "operator", "操作者" }, { "approver", "承認者" },   { "terminal", "端末" },
        { "function", "機能" }, { "action", "種別" },     { "result", "結果" },       { "subjects", "対象" },
        { "reason", "理由" },   { "ticket", "依頼番号" }, { "issue_no", "発行番号" }, { "detail", "詳細" },
    };
    const json_t *row = listview_row(&((struct queryview *)s->priv)->list);
    struct buf b = BUF_INIT;
    for (size_t i = 0; row && i < ARRAY_LEN(parts); i++)
        if (*js(row, parts[i].key))
            buf_printf(&b, "%s: %s\n", parts[i].label, js(row, parts[i].key));
    if (row) {
        buf_printf(&b, "個人番号を%s", jb(row, "my_number") ? "見た" : "見ていない");
        dialog_message(s->ui, "操作記録", buf_str(&b));
    }
    buf_done(&b);
    return R_HANDLED;
}

/* The whole chain, in steps, so that the service goes on working for the others. */
static unsigned verify(struct screen *s)
{
    json_t *answer = NULL;
    bool restart = true;
    do {
        struct buf what = BUF_INIT;
        buf_printf(&what, "操作記録を検査しています(%lld行)", (long long)ji(answer, "rows"));
        json_decref(answer);
        answer = ui_call_slow(s->ui, buf_str(&what), "log.verify", json_pack("{s:b}", "restart", restart));
        restart = false;
        buf_done(&what);
    } while (answer && !jb(answer, "done"));
    if (!answer)
        return R_HANDLED;
    if (jb(answer, "sound"))
        ui_say(s->ui, SAY_DONE, "操作記録 %lld行のつながりに異常はありません。", (long long)ji(answer, "rows"));
    else
        ui_say(s->ui, SAY_ERROR, "操作記録の%lld行目に異常があります(%s)。管理者に連絡してください。",
               (long long)ji(answer, "bad"), js(answer, "fault"));
    json_decref(answer);
    return R_HANDLED;
}

static unsigned log_key(struct screen *s, const struct key *k)
{
    switch (queryview_key(s->priv, s->ui, k)) {
    case QUERY_RUN:
        return first_page(s);
    case QUERY_CHOSEN:
        return show_row(s);
    case QUERY_IGNORED:
        return R_NONE;
    case QUERY_HANDLED:
    case QUERY_REFUSED:
    default:
        return R_HANDLED;
    }
}

static void log_layout(struct screen *s, struct rect body)
{
    queryview_layout(s->priv, body);
}

static void log_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    queryview_draw(s->priv, cv, body);
}

static unsigned log_facts(const struct screen *s)
{
    return queryview_facts(s->priv);
}

static const struct action actions[] = {
    { .key = K_F5, .label = "検索", .help = "条件に合う記録を新しい順に出す", .method = "log.list", .run = first_page },
    { .key = K_F6,
      .label = "検査",
      .help = "記録のつながりを全部計算し直して、抜けや書き換えを調べる",
      .method = "log.verify",
      .run = verify },
    { .key = K_F8,
      .label = "続き",
      .help = "古い記録の続きを読む",
      .need = NEED_MORE,
      .method = "log.list",
      .run = next_page },
    { .key = K_F10,
      .label = "詳細",
      .help = "選んだ記録の全部を見る。Enterでも同じ",
      .need = NEED_ROW,
      .run = show_row },
};

const struct screen_ops scr_log = {
    .id = "log",
    .title = "操作記録",
    .priv_size = sizeof(struct queryview),
    .open = log_open,
    .layout = log_layout,
    .draw = log_draw,
    .key = log_key,
    .facts = log_facts,
    .free = log_free,
    SCREEN_ACTIONS(actions),
};
