/* Looking somebody up: conditions above, people found below. Also used by others to pick a person. */
#include "base/mem.h"
#include "ui/formview.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <string.h>

#define PAGE_ROWS 50 /* people asked for at a time */

struct search {
    struct form *form;
    struct formview view;
    struct listview list;
    bool in_list;
    bool more;
    char as_of[40];
    struct search_arg arg;
};

/* The conditions, described as forms are (spec D.1): key, label, type, most characters. */
static const struct {
    const char *key, *label, *type, *help;
    int max, cols;
} conditions[] = {
    { "name", "氏名", "name", "氏名の一部。旧氏、通称、前の氏名も探します。異体字は区別しません。", 100, 24 },
    { "kana", "カナ", "kana", "フリガナの一部。ローマ字でも入力できます。濁点や長音の違いは問いません。", 100, 24 },
    { "birth", "生年月日", "datex", "S50.5.10のように入力します。", 40, 17 },
    { "include_removed", "除票も含む", "flag", "転出や死亡などで除かれた人も探すとき。スペースで切り替わります。", 1,
      6 },
    { "address", "住所", "text", "住所の一部。前の住所も探します。", 100, 60 },
    { "id", "宛名番号", "digits", "宛名番号がわかっているとき。", 15, 16 },
    { "household", "世帯番号", "digits", "世帯番号がわかっているとき。", 15, 16 },
};

static json_t *describe(void)
{
    json_t *fields = json_array();
    for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
        json_array_append_new(fields,
                              json_pack("{s:s, s:s, s:s, s:s, s:i, s:i}", "key", conditions[i].key, "label",
                                        conditions[i].label, "type", conditions[i].type, "help", conditions[i].help,
                                        "max", conditions[i].max, "cols", conditions[i].cols));
    return json_pack("{s:[{s:s, s:s, s:i, s:i, s:o}]}", "sections", "id", "by", "title", "探す条件", "min", 1, "max", 1,
                     "fields", fields);
}

static void status_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, js(row, "status_label"));
    if (*js(row, "planned"))
        buf_adds(ret, " 予");
    if (jb(row, "restricted"))
        buf_adds(ret, " 抑");
    if (jb(row, "provisional"))
        buf_adds(ret, " 仮");
}

static const struct list_col columns[] = {
    { .key = "name", .title = "氏名", .width = 16, .grow = 2 },
    { .key = "kana", .title = "カナ", .width = 14, .grow = 2 },
    { .key = "birth_show", .title = "生年月日", .width = 11 },
    { .key = "sex", .title = "性", .width = 2 },
    { .key = "age", .title = "年齢", .width = 4, .right = true },
    { .key = "status", .title = "状態", .width = 10, .text = status_text },
    { .key = "address", .title = "住所", .width = 11, .grow = 4 },
    { .key = "household_size", .title = "世帯", .width = 4, .right = true },
    { .key = "id", .title = "宛名番号", .width = 15 },
};

static enum style row_style(const json_t *row)
{
    return jb(row, "restricted") ? STYLE_WARN : strcmp(js(row, "status"), "1") != 0 ? STYLE_HINT : STYLE_NORMAL;
}

static bool search_open(struct screen *s, const void *arg)
{
    struct search *q = s->priv;
    json_t *doc = describe();
    struct date today;
    if (arg)
        q->arg = *(const struct search_arg *)arg;
    ui_today(s->ui, &today);
    q->form = form_new(doc, s->ui->opt.eras, today);
    json_decref(doc);
    formview_init(&q->view, q->form);
    listview_init(&q->list, columns, ARRAY_LEN(columns),
                  "まだ探していません。条件を入れて最後の欄でEnterか、F5を押します。");
    q->list.style = row_style;
    if (q->arg.text && *q->arg.text)
        form_set(q->form, (struct form_place){ 0, 0, 0 }, q->arg.text, NULL);
    return true;
}

static void search_free(struct screen *s)
{
    struct search *q = s->priv;
    formview_done(&q->view);
    form_free(q->form);
    listview_done(&q->list);
}

static json_t *params_of(const struct search *q, size_t offset)
{
    json_t *params = json_pack("{s:i, s:I}", "limit", PAGE_ROWS, "offset", (json_int_t)offset);
    for (int i = 0; i < (int)ARRAY_LEN(conditions); i++) {
        const char *v = form_value(q->form, (struct form_place){ 0, 0, i });
        if (!*v)
            continue;
        bool flag = strcmp(conditions[i].type, "flag") == 0;
        json_object_set_new(params, conditions[i].key, flag ? json_true() : json_string(v));
    }
    return params;
}

static unsigned look_up(struct screen *s)
{
    struct search *q = s->priv;
    if (!formview_settle(&q->view))
        return R_HANDLED;
    if (form_blank(q->form)) {
        ui_say(s->ui, SAY_ERROR, "条件を一つ以上入れてください。");
        return R_HANDLED;
    }
    json_t *answer = ui_call(s->ui, "resident.search", params_of(q, 0));
    if (!answer)
        return R_HANDLED;
    listview_set(&q->list, json_incref(ja(answer, "rows")));
    q->list.sel = 0;
    q->list.empty = "該当する人はいません。除票も含むか、条件を減らしてください。";
    q->more = jb(answer, "more");
    q->in_list = listview_count(&q->list) > 0;
    if (q->more)
        ui_say(s->ui, SAY_WARN, "続きがあります。F8で続きを読むか、条件を足してください。");
    else if (q->in_list)
        ui_say(s->ui, SAY_DONE, "%zu人が見つかりました。", listview_count(&q->list));
    json_decref(answer);
    return R_HANDLED;
}

static unsigned read_more(struct screen *s)
{
    struct search *q = s->priv;
    size_t have = listview_count(&q->list);
    json_t *answer = ui_call(s->ui, "resident.search", params_of(q, have));
    if (!answer)
        return R_HANDLED;
    json_array_extend(q->list.rows, ja(answer, "rows"));
    q->more = jb(answer, "more");
    if (listview_count(&q->list) > have)
        q->list.sel = have;
    q->in_list = true;
    json_decref(answer);
    return R_HANDLED;
}

static unsigned choose(struct screen *s)
{
    struct search *q = s->priv;
    const json_t *row = listview_row(&q->list);
    if (q->arg.picked)
        return R_CLOSE;
    ui_push(s->ui, &scr_person, js(row, "id"));
    return R_HANDLED;
}

static unsigned search_closed(struct screen *s)
{
    struct search *q = s->priv;
    const json_t *row = q->in_list ? listview_row(&q->list) : NULL;
    return q->arg.picked && s->below && row ? q->arg.picked(s->below, row) : R_NONE;
}

static unsigned back(struct screen *s)
{
    struct search *q = s->priv;
    q->in_list = false; /* nobody was picked */
    return R_CLOSE;
}

static unsigned clear(struct screen *s)
{
    struct search *q = s->priv;
    for (int i = 0; i < (int)ARRAY_LEN(conditions); i++)
        form_set(q->form, (struct form_place){ 0, 0, i }, "", NULL);
    formview_go(&q->view, (struct form_place){ 0, 0, 0 });
    listview_set(&q->list, NULL);
    q->in_list = q->more = false;
    return R_HANDLED;
}

static unsigned form_key(struct screen *s, struct search *q, const struct key *k)
{
    enum form_event e = formview_key(&q->view, k);
    if (e == FORM_REFUSED)
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(q->form, q->view.at)->edit));
    return e == FORM_ENDED ? look_up(s) : R_HANDLED;
}

static unsigned search_key(struct screen *s, const struct key *k)
{
    struct search *q = s->priv;
    if (!q->in_list)
        return form_key(s, q, k);
    if (k->code == K_TAB || k->code == K_BACKTAB || (k->code == K_UP && q->list.sel == 0)) {
        q->in_list = false;
        return R_HANDLED;
    }
    if (k->code == K_ENTER)
        return choose(s);
    return listview_key(&q->list, k) ? R_HANDLED : R_NONE;
}

#define FORM_ROWS 8 /* title, four lines of conditions, and the foot of the form */

static void search_layout(struct screen *s, struct rect body)
{
    struct search *q = s->priv;
    formview_layout(&q->view, (struct rect){ body.y, body.x, FORM_ROWS, body.w });
    listview_layout(&q->list, (struct rect){ .h = body.h - FORM_ROWS });
}

static void search_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct search *q = s->priv;
    formview_draw(&q->view, cv, (struct rect){ body.y, body.x, FORM_ROWS, body.w }, !q->in_list);
    struct rect below = { body.y + FORM_ROWS, body.x, body.h - FORM_ROWS, body.w };
    listview_draw(&q->list, cv, below, q->in_list);
}

static unsigned search_facts(const struct screen *s)
{
    const struct search *q = s->priv;
    return (q->in_list && listview_row(&q->list) ? NEED_ROW : 0u) | (q->more ? NEED_MORE : 0u);
}

static const struct action actions[] = {
    { .key = K_F3, .label = "戻る", .help = "前の画面に戻る", .run = back },
    { .key = K_F4, .label = "消去", .help = "条件と結果を消す", .run = clear },
    { .key = K_F5,
      .label = "検索",
      .help = "入れた条件で探す。最後の欄でEnterを押しても同じ",
      .method = "resident.search",
      .run = look_up },
    { .key = K_F8,
      .label = "続き",
      .help = "見つかった人の続きを読む",
      .need = NEED_MORE,
      .method = "resident.search",
      .run = read_more },
    { .key = K_F10,
      .label = "選択",
      .help = "選んだ人を開く。一覧でEnterを押しても同じ",
      .need = NEED_ROW,
      .run = choose },
};

const struct screen_ops scr_search = {
    .id = "search",
    .title = "検索・照会",
    .priv_size = sizeof(struct search),
    .open = search_open,
    .layout = search_layout,
    .draw = search_draw,
    .key = search_key,
    .facts = search_facts,
    .closed = search_closed,
    .free = search_free,
    SCREEN_ACTIONS(actions),
};
