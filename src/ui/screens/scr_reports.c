/*
 * Lists and records (一覧・記録): each is a row of a table here — method, columns, conditions — shown by one screen. A
 * further list is a further row.
 */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/queryview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

struct report {
    const char *id, *title, *method;
    const struct query_field *field; /* conditions; NULL: none */
    int n_field;
    const struct list_col *col;
    int n_col;
    enum style (*style)(const json_t *row);
    const char *time;  /* member with a time, shown in the column "at_show"; NULL: none */
    const char *empty; /* words for an empty list */
    void (*head)(const json_t *answer, struct buf *ret); /* one line above; NULL: none */
    const struct screen_ops *add;                        /* F4: a new entry */
    const struct screen_ops *screen;                     /* a screen of its own instead */
};

/* Columns and words of each. */

static enum style level_style(const json_t *row)
{
    const char *level = js(row, "level");
    return strcmp(level, "overdue") == 0 || strcmp(level, "escalated") == 0 ? STYLE_ERROR
           : strcmp(level, "near") == 0 || strcmp(level, "today") == 0      ? STYLE_WARN
                                                                            : STYLE_NORMAL;
}

static void late_text(const json_t *row, struct buf *ret)
{
    int64_t days = ji(row, "late_days");
    if (days > 0)
        buf_printf(ret, "%lld日超過", (long long)days);
    else if (days < 0)
        buf_printf(ret, "あと%lld日", (long long)-days);
    else
        buf_adds(ret, "本日");
}

static const struct query_field due_fields[] = {
    { "days", "何日先まで", "digits", "この日数の先までの期限を出します。空欄では標準の日数。", 4, 6 },
};
static const struct list_col due_cols[] = {
    { .key = "level_label", .title = "段階", .width = 8 },
    { .key = "due_show", .title = "期限", .width = 16 },
    { .key = "late", .title = "残り", .width = 10, .right = true, .text = late_text },
    { .key = "what", .title = "事項", .width = 20, .grow = 2 },
    { .key = "ref", .title = "対象", .width = 12, .grow = 1 },
    { .key = "role_label", .title = "受持ち", .width = 12, .grow = 1 },
};

static const struct query_field period_fields[] = {
    { "from", "日付から", "date", "この日から。空欄では本日。", 10, 17 },
    { "to", "日付まで", "date", "この日まで。空欄では本日。", 10, 17 },
};
static const struct list_col statistics_cols[] = {
    { .key = "group", .title = "分類", .width = 10 },
    { .key = "title", .title = "届出", .width = 20, .grow = 2 },
    { .key = "journal_label", .title = "異動事由", .width = 14, .grow = 1 },
    { .key = "received", .title = "受付", .width = 6, .right = true },
    { .key = "posted", .title = "反映", .width = 6, .right = true },
    { .key = "withdrawn", .title = "取下げ", .width = 6, .right = true },
    { .key = "in_stop", .title = "停止中", .width = 6, .right = true },
};

static void statistics_head(const json_t *answer, struct buf *ret)
{
    int64_t received = 0, posted = 0, withdrawn = 0;
    size_t i;
    json_t *row;
    json_array_foreach (ja(answer, "rows"), i, row) {
        received += ji(row, "received");
        posted += ji(row, "posted");
        withdrawn += ji(row, "withdrawn");
    }
    buf_printf(ret, "合計  受付 %lld  反映 %lld  取下げ %lld", (long long)received, (long long)posted,
               (long long)withdrawn);
}

static const struct list_col stock_cols[] = {
    { .key = "at_show", .title = "日時", .width = 15 },
    { .key = "label", .title = "区分", .width = 8 },
    { .key = "sheets", .title = "枚数", .width = 6, .right = true },
    { .key = "expected", .title = "あるはず", .width = 8, .right = true },
    { .key = "first_no", .title = "用紙番号から", .width = 12 },
    { .key = "last_no", .title = "まで", .width = 12 },
    { .key = "operator", .title = "操作者", .width = 10, .grow = 1 },
    { .key = "witness", .title = "立会者", .width = 10, .grow = 1 },
    { .key = "reason", .title = "理由", .width = 12, .grow = 2 },
};

static void stock_head(const json_t *answer, struct buf *ret)
{
    buf_printf(ret, "%s  補充 %lld - 使用 %lld - 書損 %lld  残り %lld枚", js(answer, "printer"),
               (long long)ji(answer, "loaded"), (long long)ji(answer, "used"), (long long)ji(answer, "spoiled"),
               (long long)ji(answer, "remaining"));
}

static const struct list_col audit_cols[] = {
    { .key = "section", .title = "節", .width = 8 },
    { .key = "title", .title = "技術的基準の項目", .width = 30, .grow = 2 },
    { .key = "served", .title = "対応", .width = 4 },
    { .key = "log_rows", .title = "操作記録", .width = 8, .right = true },
    { .key = "overdue", .title = "期限超過", .width = 8, .right = true },
};

static enum style audit_style(const json_t *row)
{
    return ji(row, "overdue") ? STYLE_ERROR : STYLE_NORMAL;
}

static void holds_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, jb(row, "holds") ? "合" : "破れ");
}

static const struct list_col check_cols[] = {
    { .key = "holds", .title = "結果", .width = 4, .text = holds_text },
    { .key = "label", .title = "いつも成り立つこと", .width = 40, .grow = 1 },
    { .key = "about", .title = "対象", .width = 14 },
};

static enum style check_style(const json_t *row)
{
    return jb(row, "holds") ? STYLE_NORMAL : STYLE_ERROR;
}

static void check_head(const json_t *answer, struct buf *ret)
{
    buf_adds(ret, jb(answer, "sound") ? "破れているものはありません。"
                                      : "破れているものがあります。管理者に連絡してください。");
}

#define FIELDS(table) .field = (table), .n_field = (int)ARRAY_LEN(table)
#define COLS(table)   .col = (table), .n_col = (int)ARRAY_LEN(table)

static const struct report reports[] = {
    { .id = "due",
      .title = "期限の一覧",
      .method = "due.list",
      FIELDS(due_fields),
      COLS(due_cols),
      .style = level_style,
      .empty = "期限の近いものはありません。" },
    { .id = "statistics",
      .title = "日計表(届出)",
      .method = "notice.statistics",
      FIELDS(period_fields),
      COLS(statistics_cols),
      .empty = "届出はありません。",
      .head = statistics_head },
    { .id = "held", .title = "預かっている請求", .method = "cert.held", .screen = &scr_held },
    { .id = "stock",
      .title = "証明書用紙の受払",
      .method = "stock.get",
      COLS(stock_cols),
      .time = "at",
      .empty = "受払の記録はありません。",
      .head = stock_head,
      .add = &scr_stock },
    { .id = "restrict", .title = "抑止・支援措置の一覧", .method = "restrict.list", .screen = &scr_restrict },
    { .id = "log", .title = "操作記録", .method = "log.list", .screen = &scr_log },
    { .id = "audit",
      .title = "監査の報告",
      .method = "audit.report",
      COLS(audit_cols),
      .style = audit_style,
      .empty = "報告はありません。" },
    { .id = "audit-check",
      .title = "保存庫の点検",
      .method = "audit.check",
      COLS(check_cols),
      .style = check_style,
      .empty = "点検はありません。",
      .head = check_head },
};

/* The lists to choose from. */

static const struct list_col menu_cols[] = { { .key = "title", .title = "一覧・記録", .width = 30, .grow = 1 } };

static bool menu_open(struct screen *s, const void *arg)
{
    json_t *rows = json_array();
    (void)arg;
    listview_init(s->priv, menu_cols, ARRAY_LEN(menu_cols), "見られる一覧はありません。");
    for (size_t i = 0; i < ARRAY_LEN(reports); i++)
        if (ui_may(s->ui, reports[i].method))
            json_array_append_new(rows, json_pack("{s:s, s:I}", "title", reports[i].title, "at", (json_int_t)i));
    listview_set(s->priv, rows);
    return true;
}

static void menu_free(struct screen *s)
{
    listview_done(s->priv);
}

static unsigned menu_choose(struct screen *s)
{
    const json_t *row = listview_row(s->priv);
    const struct report *r = row ? &reports[ji(row, "at")] : NULL;
    if (r)
        ui_push(s->ui, r->screen ? r->screen : &scr_report, r->screen ? NULL : r);
    return R_HANDLED;
}

static unsigned menu_key(struct screen *s, const struct key *k)
{
    bool moved = listview_key(s->priv, k);
    if (k->code == K_ENTER || (moved && k->code == K_CHAR))
        return menu_choose(s);
    return moved ? R_HANDLED : R_NONE;
}

static void menu_layout(struct screen *s, struct rect body)
{
    listview_layout(s->priv, body);
}

static void menu_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    listview_draw(s->priv, cv, body, true);
}

static unsigned menu_facts(const struct screen *s)
{
    return listview_row(s->priv) ? NEED_ROW : 0;
}

static const struct action menu_actions[] = {
    { .key = K_F10,
      .label = "開く",
      .help = "選んだ一覧を開く。番号かEnterでも同じ",
      .need = NEED_ROW,
      .run = menu_choose },
};

const struct screen_ops scr_reports = {
    .id = "reports",
    .title = "一覧・記録",
    .priv_size = sizeof(struct listview),
    .open = menu_open,
    .layout = menu_layout,
    .draw = menu_draw,
    .key = menu_key,
    .facts = menu_facts,
    .free = menu_free,
    SCREEN_ACTIONS(menu_actions),
};

/* One list. */

struct report_view {
    const struct report *of;
    struct queryview query;
    struct buf head;
};

/* Digits of a condition are numbers to the service. */
static void numbers(const struct report *r, json_t *params)
{
    for (int i = 0; i < r->n_field; i++)
        if (strcmp(r->field[i].type, "digits") == 0 && *js(params, r->field[i].key))
            json_object_set_new(params, r->field[i].key, json_integer(atoll(js(params, r->field[i].key))));
}

static unsigned reload(struct screen *s)
{
    struct report_view *v = s->priv;
    json_t *params = queryview_params(&v->query);
    if (!params)
        return R_HANDLED;
    numbers(v->of, params);
    json_t *answer = ui_call_slow(s->ui, "集計しています", v->of->method, params);
    if (!answer)
        return R_HANDLED;
    json_t *rows = json_incref(ja(answer, "rows"));
    if (v->of->time)
        bars_times(s->ui, rows, v->of->time);
    buf_clear(&v->head);
    if (v->of->head)
        v->of->head(answer, &v->head);
    queryview_found(&v->query, rows, false, false);
    json_decref(answer);
    return R_HANDLED;
}

static bool report_open(struct screen *s, const void *arg)
{
    struct report_view *v = s->priv;
    v->of = arg;
    snprintf(s->tag, sizeof s->tag, ":%s", v->of->id);
    queryview_init(&v->query, s->ui, v->of->field, v->of->n_field, v->of->col, v->of->n_col, v->of->empty);
    v->query.list.style = v->of->style;
    reload(s);
    return true;
}

static void report_free(struct screen *s)
{
    struct report_view *v = s->priv;
    queryview_done(&v->query);
    buf_done(&v->head);
}

static unsigned report_resume(struct screen *s)
{
    return reload(s);
}

static unsigned report_key(struct screen *s, const struct key *k)
{
    enum query_event e = queryview_key(&((struct report_view *)s->priv)->query, s->ui, k);
    return e == QUERY_RUN ? reload(s) : e == QUERY_IGNORED ? R_NONE : R_HANDLED;
}

static struct rect below_head(const struct report_view *v, struct rect body)
{
    int head = v->of->head != NULL;
    return (struct rect){ body.y + head, body.x, body.h - head, body.w };
}

static void report_layout(struct screen *s, struct rect body)
{
    struct report_view *v = s->priv;
    queryview_layout(&v->query, below_head(v, body));
}

static void report_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct report_view *v = s->priv;
    canvas_text(cv, body.y, body.x + 1, body.w - 2, STYLE_STRONG, buf_str(&v->head));
    queryview_draw(&v->query, cv, below_head(v, body));
}

static const char *report_title(const struct screen *s)
{
    return ((const struct report_view *)s->priv)->of->title;
}

static unsigned report_facts(const struct screen *s)
{
    const struct report_view *v = s->priv;
    return queryview_facts(&v->query) | (v->of->add ? NEED_STATE : 0u);
}

static unsigned add(struct screen *s)
{
    ui_push(s->ui, ((struct report_view *)s->priv)->of->add, NULL);
    return R_HANDLED;
}

static const struct action report_actions[] = {
    { .key = K_F4, .label = "記入", .help = "新しい行を記入する", .need = NEED_STATE, .run = add },
    { .key = K_F5, .label = "最新", .help = "条件に合うものを読み直す", .run = reload },
};

const struct screen_ops scr_report = {
    .id = "report",
    .priv_size = sizeof(struct report_view),
    .open = report_open,
    .layout = report_layout,
    .draw = report_draw,
    .key = report_key,
    .facts = report_facts,
    .resume = report_resume,
    .title_of = report_title,
    .free = report_free,
    SCREEN_ACTIONS(report_actions),
};
