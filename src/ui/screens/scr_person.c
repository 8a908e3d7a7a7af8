/* One person (個人・世帯・履歴の照会): what the register says, who lives together, and how it came to be so. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/changeview.h"
#include "ui/dialog.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

enum tab { TAB_ITEMS, TAB_HOUSEHOLD, TAB_HISTORY, TABS };

struct person {
    char *id;
    json_t *doc; /* answer of resident.get */
    enum tab tab;
    json_t *items; /* those that are shown: without the blank ones, unless asked for */
    bool blanks;
    int scroll, rows, view_h; /* items */
    struct listview members, history;
    bool has_history;
    char *reason; /* for looking at a protected person */
};

static void self_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, jb(row, "self") ? ">" : "");
}

static const struct list_col member_cols[] = {
    { .key = "self", .title = "", .width = 1, .text = self_text },
    { .key = "name", .title = "氏名", .width = 20, .grow = 2 },
    { .key = "relation", .title = "続柄", .width = 16, .grow = 1 },
    { .key = "birth_short", .title = "生年月日", .width = 12 },
    { .key = "sex", .title = "性", .width = 2 },
    { .key = "age", .title = "年齢", .width = 4, .right = true },
    { .key = "id", .title = "宛名番号", .width = 15 },
};

static const struct list_col history_cols[] = {
    { .key = "rev", .title = "番号", .width = 4, .right = true },
    { .key = "stay", .title = "在住", .width = 4, .right = true },
    { .key = "reason_label", .title = "異動事由", .width = 18, .grow = 2 },
    { .key = "event_on", .title = "異動日", .width = 16 },
    { .key = "filed_on", .title = "届出日等", .width = 16 },
    { .key = "processed_on", .title = "処理日", .width = 16 },
    { .key = "office", .title = "入力場所", .width = 10, .grow = 1 },
    { .key = "notice_no", .title = "受付番号", .width = 12, .grow = 1 },
};

/* A record has many items that are blank for most people. */
static void choose_items(struct person *p)
{
    size_t i;
    json_t *item;
    json_decref(p->items);
    p->items = json_array();
    json_array_foreach (ja(p->doc, "items"), i, item)
        if (p->blanks || jb(item, "masked") || *js(item, "show") || *js(item, "value"))
            json_array_append(p->items, item);
    p->scroll = 0;
}

static void take(struct person *p, json_t *doc)
{
    json_decref(p->doc);
    p->doc = doc;
    listview_set(&p->members, json_incref(ja(json_object_get(doc, "household"), "members")));
    p->has_history = false;
    choose_items(p);
}

static const char *item_value(const struct person *p, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach (ja(p->doc, "items"), i, item)
        if (strcmp(js(item, "key"), key) == 0)
            return *js(item, "show") ? js(item, "show") : js(item, "value");
    return "";
}

static json_t *question(const struct person *p)
{
    json_t *params = json_pack("{s:s}", "id", p->id);
    if (p->reason)
        json_object_set_new(params, "reason", json_string(p->reason));
    return params;
}

static bool load(struct screen *s);

static unsigned with_reason(struct screen *owner, const struct dialog_answer *a)
{
    struct person *p = owner->priv;
    if (!a->ok)
        return R_CLOSE;
    free(p->reason);
    p->reason = xstrdup(a->text);
    return load(owner) ? R_HANDLED : R_CLOSE;
}

/* A protected person is shown only with a reason, which goes into the log. True: shown, or the reason is asked for. */
static bool load(struct screen *s)
{
    struct person *p = s->priv;
    json_t *doc = ui_call(s->ui, "resident.get", question(p));
    if (doc) {
        take(p, doc);
        return true;
    }
    if (strcmp(s->ui->last.item, "reason") != 0)
        return false;
    dialog_line(s->ui, "照会の理由", "理由", REASON_MIN, with_reason);
    return true;
}

static bool person_open(struct screen *s, const void *arg)
{
    struct person *p = s->priv;
    p->id = xstrdup(arg);
    listview_init(&p->members, member_cols, ARRAY_LEN(member_cols), "世帯の人はいません。");
    listview_init(&p->history, history_cols, ARRAY_LEN(history_cols), "履歴はありません。");
    return load(s);
}

static void person_free(struct screen *s)
{
    struct person *p = s->priv;
    listview_done(&p->members);
    listview_done(&p->history);
    json_decref(p->items);
    json_decref(p->doc);
    free(p->id);
    free(p->reason);
}

static void show_history(struct screen *s)
{
    struct person *p = s->priv;
    if (p->has_history)
        return;
    json_t *answer = ui_call(s->ui, "resident.history", question(p));
    if (!answer)
        return;
    p->has_history = true;
    listview_set(&p->history, json_incref(ja(answer, "rows")));
    p->history.sel = 0;
    json_decref(answer);
}

static unsigned go_tab(struct screen *s, enum tab tab)
{
    struct person *p = s->priv;
    p->tab = tab;
    if (tab == TAB_HISTORY)
        show_history(s);
    return R_HANDLED;
}

/* Items: two columns of label and value. */

#define LABEL_COLS 22

static int item_columns(int w)
{
    return w >= 150 ? 3 : w >= 100 ? 2 : 1;
}

static void person_layout(struct screen *s, struct rect body)
{
    struct person *p = s->priv;
    int n = (int)json_array_size(p->items), columns = item_columns(body.w);
    p->view_h = body.h - 3;
    p->rows = (n + columns - 1) / columns;
    int most = p->rows > p->view_h ? p->rows - p->view_h : 0;
    p->scroll = p->scroll < 0 ? 0 : p->scroll > most ? most : p->scroll;
    listview_layout(&p->members, (struct rect){ .h = body.h - 5 });
    listview_layout(&p->history, (struct rect){ .h = (body.h - 3) / 2 });
}

static void draw_items(const struct person *p, struct canvas *cv, struct rect r)
{
    const json_t *items = p->items;
    int columns = item_columns(r.w), w = r.w / columns;
    for (int i = 0; i < p->rows * columns; i++) {
        int row = i % p->rows - p->scroll, x = r.x + i / p->rows * w;
        const json_t *item = json_array_get(items, (size_t)i);
        if (!item || row < 0 || row >= r.h)
            continue;
        bool masked = jb(item, "masked");
        canvas_text(cv, r.y + row, x, LABEL_COLS, STYLE_LABEL, js(item, "label"));
        canvas_text(cv, r.y + row, x + LABEL_COLS + 1, w - LABEL_COLS - 2, masked ? STYLE_HINT : STYLE_NORMAL,
                    masked              ? "(表示する権限がありません)"
                    : *js(item, "show") ? js(item, "show")
                                        : js(item, "value"));
    }
    bars_more(cv, r, p->scroll > 0, p->scroll + r.h < p->rows);
}

static void draw_household(const struct person *p, struct canvas *cv, struct rect r)
{
    const json_t *h = json_object_get(p->doc, "household");
    canvas_printf(cv, r.y, r.x, r.w, STYLE_NORMAL, "世帯番号 %s", js(h, "no"));
    static const char *const parts[] = { "addr_pref", "addr_city", "addr_town", "addr_lot", "addr_building" };
    struct buf address = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        buf_printf(&address, "%s%s", i == ARRAY_LEN(parts) - 1 ? " " : "", item_value(p, parts[i]));
    canvas_text(cv, r.y + 1, r.x, r.w, STYLE_NORMAL, buf_str(&address));
    buf_done(&address);
    listview_draw(&p->members, cv, (struct rect){ r.y + 2, r.x, r.h - 2, r.w }, true);
}

static void draw_changes(const json_t *row, struct canvas *cv, struct rect r)
{
    int y = r.y;
    size_t i;
    json_t *c;
    json_array_foreach (ja(row, "changes"), i, c)
        if (y < r.y + r.h)
            change_item_draw(cv, y++, r.x, r.w, c);
}

static void draw_history(const struct person *p, struct canvas *cv, struct rect r)
{
    int upper = r.h / 2;
    listview_draw(&p->history, cv, (struct rect){ r.y, r.x, upper, r.w }, true);
    bars_section(cv, r.y + upper, r.x, r.w, "この異動で変わった項目");
    draw_changes(listview_row(&p->history), cv, (struct rect){ r.y + upper + 1, r.x, r.h - upper - 1, r.w });
}

static void draw_tabs(const struct person *p, struct canvas *cv, int y, int x, int w)
{
    static const char *const names[TABS] = { "1 記載事項", "2 世帯", "3 履歴" };
    canvas_cursor(cv, y, bars_tabs(cv, (struct rect){ y, x, 1, w }, names, TABS, (int)p->tab));
}

/* Whether anything stands in the way of dealing with this person: said first. */
static void draw_banner(const struct person *p, struct canvas *cv, int y, struct rect body)
{
    const json_t *restriction = json_object_get(p->doc, "restriction"), *waiting = ja(p->doc, "provisional");
    const json_t *lock = json_object_get(p->doc, "lock");
    int x = body.x + 1;
    if (*js(restriction, "text"))
        x += canvas_printf(cv, y, x, body.w - 2, STYLE_BAD, " %s ", js(restriction, "text")) + 1;
    else if (jb(restriction, "marked"))
        x += canvas_text(cv, y, x, body.w - 2, STYLE_CAREFUL, " 注意の表示があります ") + 1;
    if (json_array_size(waiting))
        x += canvas_printf(cv, y, x, body.w - x, STYLE_CAREFUL, " 処理中の届出 %zu件 ", json_array_size(waiting)) + 1;
    if (*js(lock, "operator") && !jb(lock, "own"))
        canvas_printf(cv, y, x, body.w - x, STYLE_WARN, "%s が入力中です。", js(lock, "operator"));
}

static void person_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    static void (*const draw[TABS])(const struct person *, struct canvas *, struct rect) = { draw_items, draw_household,
                                                                                             draw_history };
    const struct person *p = s->priv;
    draw_banner(p, cv, body.y, body);
    draw_tabs(p, cv, body.y + 1, body.x, body.w);
    draw[p->tab](p, cv, (struct rect){ body.y + 3, body.x + 1, body.h - 3, body.w - 2 });
}

static unsigned items_key(struct person *p, const struct key *k)
{
    return bars_scroll(k, p->view_h, &p->scroll) ? R_HANDLED : R_NONE;
}

static unsigned person_key(struct screen *s, const struct key *k)
{
    struct person *p = s->priv;
    if (k->code == K_CHAR && k->cp >= '1' && k->cp < '1' + TABS)
        return go_tab(s, (enum tab)(k->cp - '1'));
    if (k->code == K_TAB || k->code == K_RIGHT)
        return go_tab(s, (enum tab)((p->tab + 1) % TABS));
    if (k->code == K_BACKTAB || k->code == K_LEFT)
        return go_tab(s, (enum tab)((p->tab + TABS - 1) % TABS));
    if (p->tab == TAB_ITEMS)
        return items_key(p, k);
    if (p->tab == TAB_HISTORY)
        return listview_key(&p->history, k) ? R_HANDLED : R_NONE;
    if (k->code == K_ENTER && listview_row(&p->members)) {
        char *id = xstrdup(js(listview_row(&p->members), "id"));
        free(p->id);
        p->id = id;
        p->tab = TAB_ITEMS;
        return load(s) ? R_HANDLED : R_CLOSE;
    }
    return listview_key(&p->members, k) ? R_HANDLED : R_NONE;
}

static const char *person_subject(const struct screen *s)
{
    return item_value(s->priv, "name");
}

static unsigned person_facts(const struct screen *s)
{
    const struct person *p = s->priv;
    return p->doc ? NEED_PERSON : 0;
}

static unsigned go_with_person(struct screen *s, const struct screen_ops *to, bool whole)
{
    const struct person *p = s->priv;
    struct person_arg arg = { .id = p->id, .name = item_value(p, "name"), .whole = whole };
    ui_push(s->ui, to, &arg);
    return R_HANDLED;
}

static unsigned enter_notice(struct screen *s)
{
    return go_with_person(s, &scr_kinds, false);
}

static unsigned enter_whole(struct screen *s)
{
    return go_with_person(s, &scr_kinds, true);
}

static unsigned certificate(struct screen *s)
{
    return go_with_person(s, &scr_cert, false);
}

static unsigned show_blanks(struct screen *s)
{
    struct person *p = s->priv;
    p->blanks = !p->blanks;
    p->tab = TAB_ITEMS;
    choose_items(p);
    return R_HANDLED;
}

static unsigned restrictions(struct screen *s)
{
    return go_with_person(s, &scr_restrict, false);
}

static unsigned read_again(struct screen *s)
{
    load(s);
    return R_HANDLED;
}

static const struct action actions[] = {
    { .key = K_F4,
      .label = "届出",
      .help = "この人の届出を入力する",
      .need = NEED_PERSON,
      .method = "notice.enter",
      .run = enter_notice },
    { .key = K_F5,
      .label = "最新",
      .help = "読み直す",
      .need = NEED_PERSON,
      .method = "resident.get",
      .run = read_again },
    { .key = K_F6,
      .label = "世帯届出",
      .help = "世帯の全員の届出を入力する。全員が今の続柄で入る",
      .need = NEED_PERSON,
      .method = "notice.enter",
      .run = enter_whole },
    { .key = K_F7,
      .label = "抑止",
      .help = "この人の抑止・支援措置を見る、設定する、解除する",
      .need = NEED_PERSON,
      .method = "restrict.list",
      .run = restrictions },
    { .key = K_F8,
      .label = "空欄",
      .help = "空欄の項目も出す、出さないを切り替える",
      .need = NEED_PERSON,
      .run = show_blanks },
    { .key = K_F9,
      .label = "証明書",
      .help = "この人の証明書の請求を受ける",
      .need = NEED_PERSON,
      .method = "cert.request",
      .run = certificate },
};

const struct screen_ops scr_person = {
    .id = "person",
    .title = "住民の照会",
    .priv_size = sizeof(struct person),
    .open = person_open,
    .layout = person_layout,
    .draw = person_draw,
    .key = person_key,
    .facts = person_facts,
    .subject = person_subject,
    .free = person_free,
    SCREEN_ACTIONS(actions),
};
