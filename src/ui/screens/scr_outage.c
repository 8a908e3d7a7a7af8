/*
 * The stop of the host or the line (作動停止): what state the counter is in, what has to happen next, who did what.
 * Each step needs a reason and a second person; which steps are possible now, the service says.
 */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

enum part { PART_NEXT, PART_FIGURES, PART_PHASES, PARTS };

struct outage {
    json_t *doc; /* answer of outage.status */
    struct listview phases;
    enum part part;            /* that is open, when there is room for one */
    bool whole;                /* all are shown */
    int64_t at;                /* when it was asked */
    const char *method, *done; /* of the step that is being asked about */
    char *types;
    char *line; /* of the balance, that is being explained */
};

static const struct list_col columns[] = {
    { .key = "at_show", .title = "日時", .width = 15 },
    { .key = "label", .title = "できごと", .width = 12, .grow = 2 },
    { .key = "state_label", .title = "状態", .width = 12, .grow = 1 },
    { .key = "who", .title = "操作者", .width = 10, .grow = 1 },
    { .key = "second", .title = "承認者", .width = 10, .grow = 1 },
    { .key = "reason", .title = "理由", .width = 16, .grow = 4 },
    { .key = "types_label", .title = "種類", .width = 14, .grow = 1 },
};

static bool reload(struct screen *s)
{
    struct outage *o = s->priv;
    json_t *doc = ui_call(s->ui, "outage.status", NULL);
    o->at = s->ui->status_at;
    if (!doc)
        return false;
    json_decref(o->doc);
    o->doc = doc;
    bars_times(s->ui, ja(doc, "phases"), "at");
    listview_set(&o->phases, json_incref(ja(doc, "phases")));
    return true;
}

static bool outage_open(struct screen *s, const void *arg)
{
    struct outage *o = s->priv;
    (void)arg;
    listview_init(&o->phases, columns, ARRAY_LEN(columns), "停止の記録はありません。");
    return reload(s);
}

static void outage_free(struct screen *s)
{
    struct outage *o = s->priv;
    listview_done(&o->phases);
    json_decref(o->doc);
    free(o->types);
    free(o->line);
}

/* The host comes and goes while somebody waits here for the next step. */
static void outage_tick(struct screen *s)
{
    struct outage *o = s->priv;
    if (o->at != s->ui->status_at)
        reload(s);
}

static unsigned outage_resume(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static bool outage_allows(const struct screen *s, const char *method)
{
    const struct outage *o = s->priv;
    const json_t *can = ja(o->doc, "can");
    bool step = strncmp(method, "outage.", 7) == 0 || strncmp(method, "replay.", 7) == 0;
    size_t i;
    json_t *name;
    if (!step || strcmp(method, "outage.status") == 0 || strcmp(method, "outage.book") == 0)
        return true;
    json_array_foreach (can, i, name)
        if (json_is_string(name) && strcmp(json_string_value(name), method) == 0)
            return true;
    return false;
}

/* Drawing. */

static void draw_state(const struct screen *s, struct canvas *cv, struct rect r)
{
    const struct outage *o = s->priv;
    bool normal = strcmp(js(o->doc, "state"), "normal") == 0;
    struct buf times = BUF_INIT;
    static const struct {
        const char *key, *label;
    } times_of[] = { { "detected_at", "検知" },      { "declared_at", "宣言" },     { "ratified_at", "追認" },
                     { "ratify_due", "追認の期限" }, { "expected_at", "復旧見込" }, { "ended_at", "復旧" } };
    int used = canvas_printf(cv, r.y, r.x, r.w, normal ? STYLE_GOOD : STYLE_BAD, " %s ", js(o->doc, "state_label"));
    if (*js(o->doc, "no"))
        canvas_printf(cv, r.y, r.x + used + 2, r.w - used - 2, STYLE_STRONG, "%s  %s", js(o->doc, "no"),
                      js(o->doc, "types_label"));
    for (size_t i = 0; i < ARRAY_LEN(times_of); i++)
        if (*js(o->doc, times_of[i].key)) {
            buf_printf(&times, "%s%s ", times.len ? "  " : "", times_of[i].label);
            bars_clock(s->ui, js(o->doc, times_of[i].key), &times);
        }
    canvas_text(cv, r.y + 1, r.x, r.w, STYLE_NORMAL, buf_str(&times));
    if (*js(o->doc, "reason"))
        canvas_printf(cv, r.y + 2, r.x, r.w, STYLE_NORMAL, "理由 %s", js(o->doc, "reason"));
    buf_done(&times);
}

/* The line must be stable for a while before anybody may say that the stop is over. */
static void draw_stable(const json_t *doc, struct canvas *cv, int y, int x, int w)
{
    const json_t *stable = json_object_get(doc, "stable");
    static const struct {
        const char *host, *text;
        enum style style;
    } hosts[] = { { "ok", "本庁は応答しています", STYLE_GOOD }, { "down", "本庁は応答していません", STYLE_BAD } };
    size_t h = 0;
    while (h < ARRAY_LEN(hosts) && strcmp(hosts[h].host, js(doc, "host")) != 0)
        h++;
    int used = canvas_printf(cv, y, x, w, h < ARRAY_LEN(hosts) ? hosts[h].style : STYLE_HINT, " %s ",
                             h < ARRAY_LEN(hosts) ? hosts[h].text : "本庁の応答を確かめています");
    if (ji(stable, "need_n"))
        canvas_printf(cv, y, x + used + 2, w - used - 2, STYLE_NORMAL, "続けて%lld回(%lld回必要)、%lld分(%lld分必要)",
                      (long long)ji(stable, "n"), (long long)ji(stable, "need_n"), (long long)ji(stable, "s") / 60,
                      (long long)ji(stable, "need_s") / 60);
}

static int draw_blocks(const json_t *doc, struct canvas *cv, struct rect r)
{
    int y = r.y;
    size_t i;
    json_t *b;
    json_array_foreach (ja(doc, "blocks"), i, b) {
        bool ok = jb(b, "ok");
        if (y >= r.y + r.h)
            break;
        canvas_text(cv, y, r.x, 4, ok ? STYLE_CHANGED : STYLE_ERROR, ok ? "済" : "未");
        canvas_printf(cv, y++, r.x + 4, r.w - 4, STYLE_NORMAL, "%s %s", js(b, "label"), js(b, "text"));
    }
    if (y == r.y)
        canvas_text(cv, y++, r.x, r.w, STYLE_HINT, "次の手順を妨げるものはありません。");
    return y - r.y;
}

#define COUNT_COLS 26

/* Counts in as many columns as there is room for; returns the rows. */
static int draw_counts(const json_t *doc, struct canvas *cv, struct rect r)
{
    int n = r.w / COUNT_COLS > 0 ? r.w / COUNT_COLS : 1;
    size_t i;
    json_t *row;
    json_array_foreach (ja(doc, "counts"), i, row) {
        int x = r.x + (int)i % n * COUNT_COLS;
        canvas_text(cv, r.y + (int)i / n, x, COUNT_COLS - 7, STYLE_LABEL, js(row, "label"));
        canvas_printf(cv, r.y + (int)i / n, x + COUNT_COLS - 7, 5, STYLE_STRONG, "%5lld", (long long)ji(row, "value"));
    }
    return ((int)json_array_size(ja(doc, "counts")) + n - 1) / n;
}

static int draw_figures(const json_t *doc, struct canvas *cv, struct rect r)
{
    int y = r.y + draw_counts(doc, cv, r);
    size_t i;
    json_t *row;
    json_array_foreach (ja(doc, "balance"), i, row) {
        bool ok = jb(row, "ok");
        canvas_text(cv, y, r.x, 4, ok ? STYLE_CHANGED : STYLE_ERROR, ok ? "合" : "否");
        canvas_printf(cv, y++, r.x + 4, r.w - 4, ok ? STYLE_NORMAL : STYLE_ERROR, "%lld : %lld  %s%s",
                      (long long)ji(row, "left"), (long long)ji(row, "right"), js(row, "label"),
                      jb(row, "explained") ? "  (説明済)" : "");
    }
    if (y == r.y)
        canvas_text(cv, y++, r.x, r.w, STYLE_HINT, "停止がないので、数えるものはありません。");
    return y - r.y;
}

#define STATE_ROWS  4
#define REASON_ROWS 3 /* the reason of the chosen row in full */
#define LIST_LEAST  4 /* rows of the list, when everything is shown at once */

static const char *const parts[PARTS] = { "1 次に進むために", "2 件数と照合", "3 経過" };

static struct rect part_of(struct rect body)
{
    return (struct rect){ body.y + STATE_ROWS + 2, body.x, body.h - STATE_ROWS - 2, body.w };
}

/* Rows of the two upper parts with their titles. */
static int upper_rows(const struct outage *o, struct rect body)
{
    const json_t *d = o->doc;
    int n = (body.w - 2) / COUNT_COLS, blocks = (int)json_array_size(ja(d, "blocks"));
    int figures = ((int)json_array_size(ja(d, "counts")) + n - 1) / n + (int)json_array_size(ja(d, "balance"));
    return (blocks ? blocks : 1) + (figures ? figures : 1) + 2;
}

/* Rows that the list has when all parts are shown; too few: a part at a time. */
static int list_rows(const struct outage *o, struct rect body)
{
    return body.h - STATE_ROWS - upper_rows(o, body) - 1;
}

static bool all_at_once(const struct outage *o, struct rect body)
{
    return list_rows(o, body) >= LIST_LEAST;
}

/* A blank line behind each upper part, where there is room. */
static int gap(const struct outage *o, struct rect body)
{
    return list_rows(o, body) >= LIST_LEAST * 2;
}

static void outage_layout(struct screen *s, struct rect body)
{
    struct outage *o = s->priv;
    o->whole = all_at_once(o, body);
    int h = o->whole ? list_rows(o, body) - 2 * gap(o, body) : part_of(body).h - REASON_ROWS;
    listview_layout(&o->phases, (struct rect){ .h = h });
}

static void draw_all(const struct outage *o, struct canvas *cv, struct rect body)
{
    int y = body.y + STATE_ROWS;
    bars_section(cv, y++, body.x, body.w, parts[PART_NEXT] + 2);
    y += draw_blocks(o->doc, cv, (struct rect){ y, body.x + 1, body.h, body.w - 2 }) + gap(o, body);
    bars_section(cv, y++, body.x, body.w, parts[PART_FIGURES] + 2);
    y += draw_figures(o->doc, cv, (struct rect){ y, body.x + 1, body.h, body.w - 2 }) + gap(o, body);
    bars_section(cv, y++, body.x, body.w, parts[PART_PHASES] + 2);
    listview_draw(&o->phases, cv, (struct rect){ y, body.x, body.y + body.h - y, body.w }, true);
}

static void draw_part(const struct outage *o, struct canvas *cv, struct rect body)
{
    struct rect r = part_of(body), in = { r.y, r.x + 1, r.h, r.w - 2 };
    int open = bars_tabs(cv, (struct rect){ r.y - 2, r.x, 2, r.w }, parts, PARTS, (int)o->part);
    if (o->part == PART_PHASES) {
        listview_draw(&o->phases, cv, (struct rect){ r.y, r.x, r.h - REASON_ROWS, r.w }, true);
        canvas_wrap(cv, canvas_profile(cv), (struct rect){ r.y + r.h - REASON_ROWS, in.x, REASON_ROWS, in.w },
                    STYLE_NORMAL, js(listview_row(&o->phases), "reason"));
        return;
    }
    (o->part == PART_NEXT ? draw_blocks : draw_figures)(o->doc, cv, in);
    canvas_cursor(cv, r.y - 2, open);
}

static void outage_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct outage *o = s->priv;
    draw_state(s, cv, (struct rect){ body.y, body.x + 1, 3, body.w - 2 });
    draw_stable(o->doc, cv, body.y + 3, body.x + 1, body.w - 2);
    (all_at_once(o, body) ? draw_all : draw_part)(o, cv, body);
}

static unsigned outage_key(struct screen *s, const struct key *k)
{
    struct outage *o = s->priv;
    bool next = k->code == K_TAB || k->code == K_RIGHT, previous = k->code == K_BACKTAB || k->code == K_LEFT;
    if (o->whole)
        return listview_key(&o->phases, k) ? R_HANDLED : R_NONE;
    if (next || previous)
        o->part = (enum part)((o->part + (next ? 1 : PARTS - 1)) % PARTS);
    else if (k->code == K_CHAR && k->cp >= '1' && k->cp < '1' + PARTS)
        o->part = (enum part)(k->cp - '1');
    else if (o->part != PART_PHASES || !listview_key(&o->phases, k))
        return R_NONE;
    return R_HANDLED;
}

/* Steps: reason and second person, then the call. */

static unsigned step_taken(struct screen *s, const struct dialog_answer *a)
{
    struct outage *o = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s, s:s}", "reason", a->text, "approver", a->person, "password", a->password);
    if (o->types)
        json_object_set_new(params, "types", json_string(o->types));
    json_t *answer = ui_call_slow(s->ui, "登録しています", o->method, params);
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    ui_refresh_status(s->ui);
    reload(s);
    ui_say(s->ui, SAY_DONE, "%s", o->done);
    return R_HANDLED;
}

static unsigned ask_step(struct screen *s, const char *method, const char *title, const char *text, const char *done)
{
    struct outage *o = s->priv;
    o->method = method;
    o->done = done;
    dialog_second(s->ui, title, text, "理由", step_taken);
    return R_HANDLED;
}

static bool take_types(struct screen *s, const struct dialog_answer *a)
{
    struct outage *o = s->priv;
    struct buf letters = BUF_INIT;
    size_t i;
    json_t *row;
    json_array_foreach (a->value, i, row)
        if (jb(row, "on"))
            buf_adds(&letters, js(row, "value"));
    free(o->types);
    o->types = buf_steal(&letters);
    if (o->types && *o->types)
        return true;
    ui_say(s->ui, SAY_ERROR, "停止の種類を一つ以上選んでください。");
    return false;
}

static unsigned declare_types(struct screen *s, const struct dialog_answer *a)
{
    if (!a->ok || !take_types(s, a))
        return R_HANDLED;
    return ask_step(s, "outage.declare", "作動停止の宣言", "本庁への照会をやめ、停止中の受付に切り替えます。",
                    "作動停止を宣言しました。");
}

static unsigned change_types(struct screen *s, const struct dialog_answer *a)
{
    if (!a->ok || !take_types(s, a))
        return R_HANDLED;
    return ask_step(s, "outage.change", "停止の種類の変更", "同じ停止の新しい段階として記録します。",
                    "停止の種類を変えました。");
}

static unsigned choose_types(struct screen *s, const char *title, dialog_done *done)
{
    const struct outage *o = s->priv;
    const char *now = js(o->doc, "types");
    json_t *rows = json_array(), *t;
    size_t i;
    json_array_foreach (ja(o->doc, "types_all"), i, t)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:b}", "value", js(t, "code"), "label", js(t, "label"), "on",
                                              *js(t, "code") && strstr(now, js(t, "code")) != NULL));
    dialog_check(s->ui, title, rows, done);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned declare(struct screen *s)
{
    return choose_types(s, "停止の種類", declare_types);
}

static unsigned change(struct screen *s)
{
    return choose_types(s, "停止の種類", change_types);
}

static unsigned without_types(struct screen *s)
{
    struct outage *o = s->priv;
    free(o->types);
    o->types = NULL;
    return R_HANDLED;
}

static unsigned cancel(struct screen *s)
{
    without_types(s);
    return ask_step(s, "outage.cancel", "停止の取消し", "停止ではなかったとして通常に戻します。",
                    "停止を取り消しました。");
}

static unsigned ratify(struct screen *s)
{
    without_types(s);
    return ask_step(s, "outage.ratify", "停止の追認", "自動の停止、または承認者がいない間の停止を追認します。",
                    "停止を追認しました。");
}

static unsigned end_stop(struct screen *s)
{
    without_types(s);
    return ask_step(s, "outage.end", "復旧の宣言", "停止中の受付を締め切り、復旧処理に進みます。",
                    "復旧処理に入りました。F10で反映の計画を見てください。");
}

static unsigned reconcile(struct screen *s)
{
    without_types(s);
    return ask_step(s, "outage.reconcile", "照合", "件数がすべて合っていることを確かめました。",
                    "照合済みにしました。");
}

static unsigned close_stop(struct screen *s)
{
    without_types(s);
    return ask_step(s, "outage.close", "終結", "住民記録責任者が結果を認証し、この停止を終えます。",
                    "停止を終結しました。");
}

/* 差異の説明: a line that does not balance, and why. */

static unsigned explained(struct screen *s, const struct dialog_answer *a)
{
    const struct outage *o = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *answer = ui_call_slow(s->ui, "登録しています", "outage.explain",
                                  json_pack("{s:s, s:s, s:s, s:s}", "line", o->line, "reason", a->text, "approver",
                                            a->person, "password", a->password));
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    reload(s);
    ui_say(s->ui, SAY_DONE, "差異の理由を記録しました。件数が変わったときは、もう一度説明がいります。");
    return R_HANDLED;
}

static unsigned line_chosen(struct screen *s, const struct dialog_answer *a)
{
    struct outage *o = s->priv;
    if (!a->ok || !a->value)
        return R_HANDLED;
    free(o->line);
    o->line = xstrdup(js(a->value, "value"));
    dialog_second(s->ui, "差異の説明", js(a->value, "label"), "理由", explained);
    return R_HANDLED;
}

static unsigned explain(struct screen *s)
{
    const struct outage *o = s->priv;
    json_t *rows = json_array(), *row;
    size_t i;
    json_array_foreach (ja(o->doc, "balance"), i, row) {
        if (jb(row, "ok"))
            continue;
        char *label =
            xprintf("%s (%lld : %lld)", js(row, "label"), (long long)ji(row, "left"), (long long)ji(row, "right"));
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "value", js(row, "key"), "label", label, "note", ""));
        free(label);
    }
    dialog_choose(s->ui, "どの行の差異を説明しますか", rows, line_chosen);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned show_book(struct screen *s)
{
    ui_push(s->ui, &scr_book, NULL);
    return R_HANDLED;
}

static unsigned show_replay(struct screen *s)
{
    ui_push(s->ui, &scr_replay, NULL);
    return R_HANDLED;
}

static unsigned refresh(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static const struct action actions[] = {
    { .key = K_F4,
      .label = "停止宣言",
      .help = "作動停止を宣言する。種類と理由、承認者がいる",
      .method = "outage.declare",
      .run = declare },
    { .key = K_F4, .label = "種別変更", .help = "停止の種類を変える", .method = "outage.change", .run = change },
    { .key = K_F5, .label = "最新", .help = "状態を読み直す", .method = "outage.status", .run = refresh },
    { .key = K_F6,
      .label = "取消",
      .help = "停止ではなかったとして取り消す",
      .method = "outage.cancel",
      .run = cancel },
    { .key = K_F7,
      .label = "追認",
      .help = "自動の停止などを承認者が追認する",
      .method = "outage.ratify",
      .run = ratify },
    { .key = K_F8,
      .label = "差異説明",
      .help = "照合表の合わない行の理由を、住民記録責任者が記録する",
      .method = "outage.explain",
      .run = explain },
    { .key = K_F9,
      .label = "受付簿",
      .help = "停止中に受け付けたものを見る",
      .method = "outage.book",
      .run = show_book },
    { .key = K_F10,
      .label = "復旧宣言",
      .help = "受付を締め切り、復旧処理に進む",
      .method = "outage.end",
      .run = end_stop },
    { .key = K_F10,
      .label = "復旧処理",
      .help = "反映の計画を見て、本庁に反映する",
      .method = "replay.plan",
      .run = show_replay },
    { .key = K_F11,
      .label = "照合",
      .help = "件数が合っていることを確かめて照合済みにする",
      .method = "outage.reconcile",
      .run = reconcile },
    { .key = K_F11,
      .label = "終結",
      .help = "住民記録責任者が認証して停止を終える",
      .method = "outage.close",
      .run = close_stop },
};

const struct screen_ops scr_outage = {
    .id = "outage",
    .title = "作動停止と復旧",
    .priv_size = sizeof(struct outage),
    .open = outage_open,
    .layout = outage_layout,
    .draw = outage_draw,
    .key = outage_key,
    .allows = outage_allows,
    .tick = outage_tick,
    .resume = outage_resume,
    .free = outage_free,
    SCREEN_ACTIONS(actions),
};
