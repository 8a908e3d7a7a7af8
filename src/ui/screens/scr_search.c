/* Looking somebody up: conditions above, people found below. Also used by others to pick a person. */
#include "base/mem.h"
#include "ui/queryview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS 50 /* people asked for at a time */

struct search {
    struct queryview query;
    struct search_arg arg;
    bool given_up;
    char *empty; /* what an empty list says of 除票 */
};

/* spec D.1 */
static const struct query_field conditions[] = {
    { "name", "氏名", "name", "氏名の一部。旧氏、通称、前の氏名も探します。異体字は区別しません。", 100, 24 },
    { "kana", "カナ", "kana", "フリガナの一部。ローマ字でも入力できます。濁点や長音の違いは問いません。", 100, 24 },
    { "birth", "生年月日", "text", "S50.5.10のように入力します。S50、S50.5、1975のように年や月まででも探します。", 40,
      17 },
    { "include_removed", "除票も含む", "flag", "転出や死亡などで除かれた人も探すとき。スペースで切り替わります。", 1,
      6 },
    { "address", "住所", "text", "住所の一部。前の住所も探します。", 100, 60 },
    { "id", "宛名番号", "digits", "宛名番号がわかっているとき。", 15, 16 },
    { "household", "世帯番号", "digits", "世帯番号がわかっているとき。", 15, 16 },
};

static void status_text(const json_t *row, struct buf *ret)
{
    static const struct {
        const char *key, *mark;
    } marks[] = { { "restricted", " 抑" }, { "provisional", " 仮" } };
    buf_adds(ret, js(row, "status_label"));
    if (*js(row, "planned"))
        buf_adds(ret, " 予");
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (jb(row, marks[i].key))
            buf_adds(ret, marks[i].mark);
}

static const struct list_col columns[] = {
    { .key = "name", .title = "氏名", .width = 16, .grow = 2 },
    { .key = "kana", .title = "カナ", .width = 14, .grow = 2 },
    { .key = "birth_short", .title = "生年月日", .width = 11 },
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
    if (arg)
        q->arg = *(const struct search_arg *)arg;
    queryview_init(&q->query, s->ui, conditions, ARRAY_LEN(conditions), columns, ARRAY_LEN(columns),
                   "まだ探していません。条件を入れて最後の欄でEnterか、F5を押します。");
    q->query.list.style = row_style;
    if (q->arg.text && *q->arg.text)
        form_set(q->query.form, (struct form_place){ 0, 0, 0 }, q->arg.text, NULL);
    return true;
}

static void search_free(struct screen *s)
{
    struct search *q = s->priv;
    queryview_done(&q->query);
    free(q->empty);
}

static void say_found(struct screen *s, const json_t *answer)
{
    struct search *q = s->priv;
    const char *how = jb(answer, "as_kana") ? "フリガナとして探しました。" : "";
    if (q->query.more)
        ui_say(s->ui, SAY_WARN, "%s続きがあります。F8で続きを読むか、条件を足してください。", how);
    else if (q->query.in_list)
        ui_say(s->ui, SAY_DONE, "%s%zu人が見つかりました。", how, listview_count(&q->query.list));
}

/* Nobody living: how many were removed from the register, and the key that shows them. */
static const char *nobody(struct search *q, const json_t *answer)
{
    free(q->empty);
    q->empty = NULL;
    if (ji(answer, "removed"))
        q->empty = xprintf("住民には該当する人がいません。除票には%lld人%sいます。F6で除票も探します。",
                           (long long)ji(answer, "removed"), jb(answer, "removed_more") ? "以上" : "");
    return q->empty ? q->empty : "該当する人はいません。条件を減らしてください。";
}

static unsigned look_up(struct screen *s, size_t offset)
{
    struct search *q = s->priv;
    json_t *params = queryview_params(&q->query);
    if (!params)
        return R_HANDLED;
    if (json_object_size(params) == jb(params, "include_removed")) {
        json_decref(params);
        ui_say(s->ui, SAY_ERROR, "条件を一つ以上入れてください。");
        return R_HANDLED;
    }
    json_object_set_new(params, "limit", json_integer(PAGE_ROWS));
    json_object_set_new(params, "offset", json_integer((json_int_t)offset));
    json_t *answer = ui_call(s->ui, "resident.search", params);
    if (!answer)
        return R_HANDLED;
    q->query.list.empty = nobody(q, answer);
    queryview_found(&q->query, json_incref(ja(answer, "rows")), jb(answer, "more"), offset > 0);
    say_found(s, answer);
    json_decref(answer);
    return R_HANDLED;
}

static unsigned first_page(struct screen *s)
{
    return look_up(s, 0);
}

static unsigned with_removed(struct screen *s)
{
    struct search *q = s->priv;
    struct form_place at;
    if (form_first(q->query.form, "flag", &at))
        form_set(q->query.form, at, "1", NULL);
    return look_up(s, 0);
}

static unsigned next_page(struct screen *s)
{
    return look_up(s, listview_count(&((struct search *)s->priv)->query.list));
}

static unsigned choose(struct screen *s)
{
    struct search *q = s->priv;
    const json_t *row = listview_row(&q->query.list);
    if (q->arg.picked)
        return R_CLOSE;
    if (row)
        ui_push(s->ui, &scr_person, js(row, "id"));
    return R_HANDLED;
}

static unsigned search_closed(struct screen *s)
{
    struct search *q = s->priv;
    const json_t *row = q->query.in_list && !q->given_up ? listview_row(&q->query.list) : NULL;
    return q->arg.picked && s->below && row ? q->arg.picked(s->below, row) : R_NONE;
}

static unsigned back(struct screen *s)
{
    ((struct search *)s->priv)->given_up = true;
    return R_CLOSE;
}

static unsigned clear(struct screen *s)
{
    queryview_clear(&((struct search *)s->priv)->query);
    return R_HANDLED;
}

static unsigned by_code(struct screen *s)
{
    queryview_code(&((struct search *)s->priv)->query, s->ui);
    return R_HANDLED;
}

static unsigned search_key(struct screen *s, const struct key *k)
{
    switch (queryview_key(&((struct search *)s->priv)->query, s->ui, k)) {
    case QUERY_RUN:
        return first_page(s);
    case QUERY_CHOSEN:
        return choose(s);
    case QUERY_IGNORED:
        return R_NONE;
    case QUERY_HANDLED:
    case QUERY_REFUSED:
    default:
        return R_HANDLED;
    }
}

static void search_layout(struct screen *s, struct rect body)
{
    queryview_layout(&((struct search *)s->priv)->query, body);
}

static void search_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    queryview_draw(&((const struct search *)s->priv)->query, cv, body);
}

static unsigned search_facts(const struct screen *s)
{
    return queryview_facts(&((const struct search *)s->priv)->query);
}

static const struct action actions[] = {
    { .key = K_F2, .label = "文字", .help = "文字を文字コードで入力する", .run = by_code },
    { .key = K_F3, .label = "戻る", .help = "前の画面に戻る", .run = back },
    { .key = K_F4, .label = "消去", .help = "条件と結果を消す", .run = clear },
    { .key = K_F5,
      .label = "検索",
      .help = "入れた条件で探す。最後の欄でEnterを押しても同じ",
      .method = "resident.search",
      .run = first_page },
    { .key = K_F6,
      .label = "除票も",
      .help = "除かれた人も含めて、同じ条件で探す",
      .method = "resident.search",
      .run = with_removed },
    { .key = K_F8,
      .label = "続き",
      .help = "見つかった人の続きを読む",
      .need = NEED_MORE,
      .method = "resident.search",
      .run = next_page },
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
