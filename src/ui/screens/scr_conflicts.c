/*
 * Conflicts (競合): what the branch wanted and what the host has, with what both began from, in three columns. Two
 * persons decide, with a ground; nothing is merged by itself.
 */
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

/* The list. */

struct conflicts {
    struct listview list;
    bool decided;
};

static const struct list_col columns[] = {
    { .key = "no", .title = "受付番号", .width = 14 },
    { .key = "title", .title = "届出", .width = 12, .grow = 1 },
    { .key = "persons", .title = "人", .width = 14, .grow = 2, .text = bars_persons },
    { .key = "category", .title = "分類", .width = 4 },
    { .key = "label", .title = "競合の内容", .width = 16, .grow = 2 },
    { .key = "age", .title = "経過", .width = 6, .right = true, .text = age_text },
    { .key = "decider_label", .title = "決める人", .width = 10 },
    { .key = "decision_label", .title = "決定", .width = 12, .grow = 1 },
};

static enum style row_style(const json_t *row)
{
    return strcmp(js(row, "level"), "late") == 0 ? STYLE_ERROR : *js(row, "decision_label") ? STYLE_HINT : STYLE_NORMAL;
}

static bool reload(struct screen *s)
{
    struct conflicts *c = s->priv;
    json_t *params = json_object();
    if (c->decided)
        json_object_set_new(params, "decided", json_true());
    json_t *answer = ui_call(s->ui, "conflict.list", params);
    if (!answer)
        return false;
    listview_set(&c->list, json_incref(ja(answer, "rows")));
    json_decref(answer);
    return true;
}

static bool conflicts_open(struct screen *s, const void *arg)
{
    struct conflicts *c = s->priv;
    (void)arg;
    listview_init(&c->list, columns, ARRAY_LEN(columns), "競合はありません。");
    c->list.style = row_style;
    return reload(s);
}

static void conflicts_free(struct screen *s)
{
    listview_done(&((struct conflicts *)s->priv)->list);
}

static unsigned conflicts_resume(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static unsigned open_one(struct screen *s)
{
    const json_t *row = listview_row(&((struct conflicts *)s->priv)->list);
    int64_t seq = ji(row, "seq");
    if (row)
        ui_push(s->ui, &scr_conflict, &seq);
    return R_HANDLED;
}

static unsigned conflicts_key(struct screen *s, const struct key *k)
{
    if (k->code == K_ENTER)
        return open_one(s);
    return listview_key(&((struct conflicts *)s->priv)->list, k) ? R_HANDLED : R_NONE;
}

static unsigned toggle_decided(struct screen *s)
{
    struct conflicts *c = s->priv;
    c->decided = !c->decided;
    c->list.empty = c->decided ? "決まった競合はありません。" : "競合はありません。";
    reload(s);
    return R_HANDLED;
}

static void conflicts_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct conflicts *)s->priv)->list, (struct rect){ .h = body.h - 1 });
}

static void conflicts_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct conflicts *c = s->priv;
    canvas_text(cv, body.y, body.x + 1, body.w, STYLE_HEAD,
                c->decided ? "決まったもの(新しい順)" : "決まっていないもの(古い順)");
    listview_draw(&c->list, cv, (struct rect){ body.y + 1, body.x, body.h - 1, body.w }, true);
}

static unsigned conflicts_facts(const struct screen *s)
{
    return listview_row(&((const struct conflicts *)s->priv)->list) ? NEED_ROW : 0;
}

static const struct action list_actions[] = {
    { .key = K_F4,
      .label = "決定済",
      .help = "決まったものと決まっていないものを切り替える",
      .method = "conflict.list",
      .run = toggle_decided },
    { .key = K_F10,
      .label = "開く",
      .help = "選んだ競合を三列で見比べる。Enterでも同じ",
      .need = NEED_ROW,
      .method = "conflict.get",
      .run = open_one },
};

const struct screen_ops scr_conflicts = {
    .id = "conflicts",
    .title = "競合の一覧",
    .priv_size = sizeof(struct conflicts),
    .open = conflicts_open,
    .layout = conflicts_layout,
    .draw = conflicts_draw,
    .key = conflicts_key,
    .facts = conflicts_facts,
    .resume = conflicts_resume,
    .free = conflicts_free,
    SCREEN_ACTIONS(list_actions),
};

/* One conflict. */

struct conflict_view {
    int64_t seq;
    json_t *doc;
    int scroll, view_h;
    char *decision; /* chosen, while the ground is asked for */
};

static bool load(struct screen *s)
{
    struct conflict_view *v = s->priv;
    json_t *doc = ui_call(s->ui, "conflict.get", json_pack("{s:I}", "seq", (json_int_t)v->seq));
    if (!doc)
        return false;
    json_decref(v->doc);
    v->doc = doc;
    return true;
}

static bool view_open(struct screen *s, const void *arg)
{
    struct conflict_view *v = s->priv;
    v->seq = *(const int64_t *)arg;
    return load(s);
}

static void view_free(struct screen *s)
{
    struct conflict_view *v = s->priv;
    json_decref(v->doc);
    free(v->decision);
}

#define HEAD_ROWS  6
#define LABEL_COLS 16

static void view_layout(struct screen *s, struct rect body)
{
    struct conflict_view *v = s->priv;
    int n = (int)json_array_size(ja(v->doc, "items"));
    v->view_h = body.h - HEAD_ROWS;
    int most = n > v->view_h ? n - v->view_h : 0;
    v->scroll = v->scroll < 0 ? 0 : v->scroll > most ? most : v->scroll;
}

static void draw_head(const struct conflict_view *v, struct canvas *cv, struct rect r)
{
    struct buf who = BUF_INIT;
    bars_persons(v->doc, &who);
    canvas_printf(cv, r.y, r.x, r.w, STYLE_STRONG, "%s  %s  %s", js(v->doc, "no"), js(v->doc, "title"), buf_str(&who));
    canvas_printf(cv, r.y + 1, r.x, r.w, STYLE_ERROR, "%s %s", js(v->doc, "category"), js(v->doc, "label"));
    if (*js(v->doc, "decision_label"))
        canvas_printf(cv, r.y + 2, r.x, r.w, STYLE_NORMAL, "決定 %s(%s、%s) 根拠 %s", js(v->doc, "decision_label"),
                      js(v->doc, "decided_by"), js(v->doc, "second"), js(v->doc, "ground"));
    else
        canvas_wrap(cv, canvas_profile(cv), (struct rect){ r.y + 2, r.x, 2, r.w }, STYLE_NORMAL, js(v->doc, "action"));
    buf_done(&who);
}

static void draw_item(struct canvas *cv, int y, struct rect r, const json_t *item)
{
    int w = (r.w - LABEL_COLS - 4) / 3, x = r.x + LABEL_COLS + 1;
    bool theirs = jb(item, "theirs_changed"), mine = jb(item, "mine_changed");
    canvas_text(cv, y, r.x, LABEL_COLS, STYLE_LABEL, js(item, "label"));
    canvas_text(cv, y, x, w, STYLE_NORMAL, js(item, "base"));
    canvas_text(cv, y, x + w + 1, 1, STYLE_CHANGED, mine ? "*" : " ");
    canvas_text(cv, y, x + w + 2, w - 1, mine ? STYLE_CHANGED : STYLE_HINT, js(item, "mine"));
    canvas_text(cv, y, x + 2 * w + 2, 1, STYLE_CHANGED, theirs ? "*" : " ");
    canvas_text(cv, y, x + 2 * w + 3, w - 1,
                theirs && mine ? STYLE_ERROR
                : theirs       ? STYLE_WARN
                               : STYLE_HINT,
                js(item, "theirs"));
}

static void view_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct conflict_view *v = s->priv;
    const json_t *items = ja(v->doc, "items");
    struct rect r = { body.y, body.x + 1, body.h, body.w - 2 };
    int w = (r.w - LABEL_COLS - 4) / 3, x = r.x + LABEL_COLS + 1, y = body.y + HEAD_ROWS - 1;
    draw_head(v, cv, r);
    canvas_hline(cv, y - 1, body.x, body.w, STYLE_FRAME);
    canvas_text(cv, y, r.x, LABEL_COLS, STYLE_HEAD, "項目");
    canvas_text(cv, y, x, w, STYLE_HEAD, "入力したとき");
    canvas_text(cv, y, x + w + 2, w - 1, STYLE_HEAD, "こちらの届出");
    canvas_text(cv, y, x + 2 * w + 3, w - 1, STYLE_HEAD, "今の本庁");
    for (int i = 0; i < v->view_h && i + v->scroll < (int)json_array_size(items); i++)
        draw_item(cv, y + 1 + i, r, json_array_get(items, (size_t)(i + v->scroll)));
    bars_more(cv, (struct rect){ y + 1, body.x, v->view_h, body.w }, v->scroll > 0,
              v->scroll + v->view_h < (int)json_array_size(items));
    canvas_cursor(cv, y + 1, r.x);
}

static unsigned view_key(struct screen *s, const struct key *k)
{
    struct conflict_view *v = s->priv;
    return bars_scroll(k, v->view_h, &v->scroll) ? R_HANDLED : R_NONE;
}

static unsigned resolved(struct screen *s, const struct dialog_answer *a)
{
    struct conflict_view *v = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:I, s:s, s:s, s:s, s:s}", "seq", (json_int_t)v->seq, "decision", v->decision,
                               "ground", a->text, "approver", a->person, "password", a->password);
    json_t *answer = ui_call_slow(s->ui, "決定を登録しています", "conflict.resolve", params);
    if (!answer)
        return R_HANDLED;
    ui_refresh_status(s->ui);
    load(s);
    ui_say(s->ui, SAY_DONE, "「%s」と決めました。", js(answer, "decision_label"));
    json_decref(answer);
    return R_HANDLED;
}

static unsigned decision_chosen(struct screen *s, const struct dialog_answer *a)
{
    struct conflict_view *v = s->priv;
    if (!a->ok || !a->value)
        return R_HANDLED;
    free(v->decision);
    v->decision = xstrdup(js(a->value, "value"));
    dialog_second(s->ui, js(a->value, "label"), "決定には根拠と、もう一人の確認がいります。", "根拠", resolved);
    return R_HANDLED;
}

static unsigned decide(struct screen *s)
{
    const struct conflict_view *v = s->priv;
    json_t *rows = json_array(), *d;
    size_t i;
    json_array_foreach (ja(v->doc, "decisions"), i, d)
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s}", "value", js(d, "code"), "label", js(d, "label"), "note", js(d, "note")));
    dialog_choose(s->ui, "どうしますか", rows, decision_chosen);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned view_facts(const struct screen *s)
{
    const struct conflict_view *v = s->priv;
    return jb(v->doc, "decided") || json_array_size(ja(v->doc, "decisions")) == 0 ? 0 : NEED_STATE;
}

static const struct action view_actions[] = {
    { .key = K_F10,
      .label = "決定",
      .help = "根拠を入れ、もう一人と決める",
      .need = NEED_STATE,
      .method = "conflict.resolve",
      .run = decide },
};

const struct screen_ops scr_conflict = {
    .id = "conflict",
    .title = "競合の処理",
    .priv_size = sizeof(struct conflict_view),
    .open = view_open,
    .layout = view_layout,
    .draw = view_draw,
    .key = view_key,
    .facts = view_facts,
    .free = view_free,
    SCREEN_ACTIONS(view_actions),
};
