/* Notices that were entered (仮登録の一覧): what waits for examination, for a decision, for the host, oldest first. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <string.h>

/* States to look at, in the order of F4; the first shows all. Names as the service knows them. */
static const struct {
    const char *state, *label;
} filters[] = {
    { "", "すべて" },         { "entered", "仮登録" }, { "examined", "審査済" }, { "decided", "送信待" },
    { "returned", "差戻し" }, { "conflict", "競合" },  { "posted", "反映済" },
};

struct cases {
    struct listview list;
    size_t filter;
};

#define LIST_MAX 500 /* as many as the service gives: a day's heap is decided from one list */

#define MARK "marked" /* member of a row: to be decided together with others */

static void number_text(const json_t *row, struct buf *ret)
{
    buf_printf(ret, "%s%s", jb(row, MARK) ? "*" : " ", js(row, "no"));
}

static void age_text(const json_t *row, struct buf *ret)
{
    bars_age(ji(row, "age_s"), ret);
}

static void outage_text(const json_t *row, struct buf *ret)
{
    const json_t *v = json_object_get(row, "outage");
    if (json_is_true(v) || (json_is_string(v) && *json_string_value(v)))
        buf_adds(ret, "停止");
}

static const struct list_col columns[] = {
    { .key = "no", .title = " 受付番号", .width = 14, .text = number_text },
    { .key = "title", .title = "届出", .width = 14, .grow = 1 },
    { .key = "persons", .title = "人", .width = 15, .grow = 3, .text = bars_persons },
    { .key = "state_label", .title = "状態", .width = 8 },
    { .key = "age", .title = "経過", .width = 6, .right = true, .text = age_text },
    { .key = "entered_by", .title = "入力者", .width = 8, .grow = 1 },
    { .key = "outage", .title = "停止", .width = 4, .text = outage_text },
};

static enum style row_style(const json_t *row)
{
    const char *state = js(row, "state");
    if (strcmp(state, "conflict") == 0 || strcmp(js(row, "level"), "late") == 0)
        return STYLE_ERROR;
    return strcmp(state, "returned") == 0 || strcmp(js(row, "level"), "soon") == 0 ? STYLE_WARN : STYLE_NORMAL;
}

static bool decidable(const json_t *row)
{
    return strcmp(js(row, "state"), "examined") == 0;
}

/* Marks stay through a new reading as long as the notice waits for a decision. */
static void keep_marks(const json_t *old, json_t *new)
{
    size_t i, n;
    json_t *was, *row;
    json_array_foreach (old, i, was)
        json_array_foreach (new, n, row)
            if (jb(was, MARK) && decidable(row) && strcmp(js(was, "no"), js(row, "no")) == 0)
                json_object_set_new(row, MARK, json_true());
}

static bool reload(struct screen *s)
{
    struct cases *c = s->priv;
    json_t *params = json_pack("{s:i}", "limit", LIST_MAX);
    if (*filters[c->filter].state)
        json_object_set_new(params, "state", json_string(filters[c->filter].state));
    json_t *answer = ui_call(s->ui, "notice.list", params);
    if (!answer)
        return false;
    keep_marks(c->list.rows, ja(answer, "rows"));
    listview_set(&c->list, json_incref(ja(answer, "rows")));
    json_decref(answer);
    return true;
}

static bool cases_open(struct screen *s, const void *arg)
{
    struct cases *c = s->priv;
    for (size_t i = 0; arg && i < ARRAY_LEN(filters); i++)
        if (strcmp(filters[i].state, arg) == 0)
            c->filter = i;
    listview_init(&c->list, columns, ARRAY_LEN(columns), "この状態の届出はありません。");
    c->list.style = row_style;
    return reload(s);
}

static void cases_free(struct screen *s)
{
    listview_done(&((struct cases *)s->priv)->list);
}

static unsigned cases_resume(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static unsigned open_case(struct screen *s)
{
    const json_t *row = listview_row(&((struct cases *)s->priv)->list);
    if (row)
        ui_push(s->ui, &scr_case, js(row, "no"));
    return R_HANDLED;
}

/* Space: the chosen row joins or leaves those that are decided together. */
static unsigned toggle_mark(struct screen *s)
{
    struct cases *c = s->priv;
    json_t *row = listview_row(&c->list);
    if (!row)
        return R_HANDLED;
    if (!decidable(row)) {
        ui_say(s->ui, SAY_WARN, "まとめて決裁できるのは、審査済の届出だけです。");
        return R_HANDLED;
    }
    json_object_set_new(row, MARK, json_boolean(!jb(row, MARK)));
    listview_key(&c->list, &(struct key){ .code = K_DOWN });
    return R_HANDLED;
}

static unsigned mark_all(struct screen *s)
{
    struct cases *c = s->priv;
    for (size_t i = 0; i < listview_count(&c->list); i++) {
        json_t *row = json_array_get(c->list.rows, i);
        if (decidable(row))
            json_object_set_new(row, MARK, json_true());
    }
    return R_HANDLED;
}

static json_t *marked_rows(const struct cases *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < listview_count(&c->list); i++)
        if (jb(json_array_get(c->list.rows, i), MARK))
            json_array_append(list, json_array_get(c->list.rows, i));
    return list;
}

static unsigned decide_marked(struct screen *s)
{
    json_t *rows = marked_rows(s->priv);
    ui_push(s->ui, &scr_decide, rows);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned cases_key(struct screen *s, const struct key *k)
{
    struct cases *c = s->priv;
    if (k->code == K_CHAR && k->cp == ' ')
        return toggle_mark(s);
    if (k->code == K_ENTER)
        return open_case(s);
    return listview_key(&c->list, k) ? R_HANDLED : R_NONE;
}

static unsigned next_filter(struct screen *s)
{
    struct cases *c = s->priv;
    c->filter = (c->filter + 1) % ARRAY_LEN(filters);
    c->list.sel = 0;
    reload(s);
    return R_HANDLED;
}

static unsigned refresh(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static void cases_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct cases *)s->priv)->list, (struct rect){ .h = body.h - 2 });
}

static void cases_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct cases *c = s->priv;
    int x = body.x + 1;
    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        x += canvas_printf(cv, body.y, x, body.w - x, i == c->filter ? STYLE_SELECT : STYLE_HEAD, " %s ",
                           filters[i].label) +
             1;
    canvas_hline(cv, body.y + 1, body.x, body.w, STYLE_FRAME);
    listview_draw(&c->list, cv, (struct rect){ body.y + 2, body.x, body.h - 2, body.w }, true);
}

static unsigned cases_facts(const struct screen *s)
{
    const struct cases *c = s->priv;
    unsigned facts = listview_row(&c->list) ? NEED_ROW : 0;
    for (size_t i = 0; i < listview_count(&c->list); i++) {
        const json_t *row = json_array_get(c->list.rows, i);
        facts |= (decidable(row) ? NEED_STATE : 0u) | (jb(row, MARK) ? NEED_MARKED : 0u);
    }
    return facts;
}

static const struct action actions[] = {
    { .key = K_F4, .label = "状態", .help = "見る届出の状態を切り替える", .run = next_filter },
    { .key = K_F5, .label = "最新", .help = "一覧を読み直す", .method = "notice.list", .run = refresh },
    { .key = K_F7,
      .label = "全選択",
      .help = "一覧にある審査済の届出をすべて選ぶ。一件ずつはSpaceで選ぶ",
      .need = NEED_STATE,
      .method = "notice.decide_many",
      .run = mark_all },
    { .key = K_F8,
      .label = "一括決裁",
      .help = "Spaceで選んだ審査済の届出を、確かめてからまとめて決裁する",
      .need = NEED_MARKED,
      .method = "notice.decide_many",
      .run = decide_marked },
    { .key = K_F10,
      .label = "開く",
      .help = "選んだ届出を開いて審査・決裁する。Enterでも同じ",
      .need = NEED_ROW,
      .method = "notice.get",
      .run = open_case },
};

const struct screen_ops scr_cases = {
    .id = "cases",
    .title = "届出の一覧",
    .priv_size = sizeof(struct cases),
    .open = cases_open,
    .layout = cases_layout,
    .draw = cases_draw,
    .key = cases_key,
    .facts = cases_facts,
    .resume = cases_resume,
    .free = cases_free,
    SCREEN_ACTIONS(actions),
};
