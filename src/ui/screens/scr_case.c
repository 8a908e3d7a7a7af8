/*
 * One entered notice (審査・決裁): what was entered, before and after, the points to examine, and what happened so far.
 * Who entered it can neither examine nor decide; the service sees to that.
 */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/changeview.h"
#include "ui/dialog.h"
#include "ui/formview.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

enum tab { TAB_CHANGES, TAB_FORM, TAB_POINTS, TAB_EVENTS, TABS };

#define POINTS_MAX 16
enum point { POINT_OPEN, POINT_YES, POINT_NO };

struct case_view {
    char *no, *title, *reason; /* reason: for looking at somebody protected */
    json_t *doc;
    enum tab tab;
    struct form *form;
    struct formview view;
    struct changeview change;
    struct listview findings, events;
    const char *point[POINTS_MAX]; /* borrowed from the form's description */
    enum point answer[POINTS_MAX];
    int n_point, at_point;
};

static const struct list_col event_cols[] = {
    { .key = "at_show", .title = "日時", .width = 16 },
    { .key = "what", .title = "できごと", .width = 16, .grow = 1 },
    { .key = "who", .title = "操作者", .width = 14, .grow = 1 },
    { .key = "reason", .title = "理由", .width = 20, .grow = 3 },
};

static void finding_text(const json_t *row, struct buf *ret)
{
    buf_printf(ret, "%s %s", js(row, "text"), js(row, "remedy"));
}

static void finding_level(const json_t *row, struct buf *ret)
{
    buf_adds(ret, finding_is_error(row) ? "誤り" : "警告");
}

static const struct list_col finding_cols[] = {
    { .key = "level", .title = "段階", .width = 4, .text = finding_level },
    { .key = "msg", .title = "番号", .width = 4 },
    { .key = "text", .title = "内容", .width = 40, .grow = 1, .text = finding_text },
};

static enum style finding_style(const json_t *row)
{
    return finding_is_error(row) ? STYLE_ERROR : STYLE_WARN;
}

static void take_points(struct case_view *c, const json_t *form_doc)
{
    size_t i;
    json_t *p;
    const json_t *given = ja(c->doc, "answers");
    json_array_foreach (ja(form_doc, "checklist"), i, p) {
        if (c->n_point == POINTS_MAX)
            return;
        const json_t *answer = json_array_get(given, i);
        c->answer[c->n_point] = json_is_true(answer) ? POINT_YES : json_is_false(answer) ? POINT_NO : POINT_OPEN;
        c->point[c->n_point++] = json_is_string(p) ? json_string_value(p) : js(p, "text");
    }
}

static void label_values(json_t *values);

static bool load_form(struct screen *s)
{
    struct case_view *c = s->priv;
    struct date today;
    json_t *doc = ui_call(s->ui, "notice.form", json_pack("{s:s}", "kind", js(c->doc, "kind")));
    if (!doc)
        return false;
    ui_today(s->ui, &today);
    formview_done(&c->view);
    form_free(c->form);
    c->form = form_new(doc, s->ui->opt.eras, today);
    label_values(ja(c->doc, "values"));
    form_load(c->form, ja(c->doc, "values"));
    form_set_findings(c->form, json_incref(ja(c->doc, "findings")));
    formview_init(&c->view, c->form);
    c->n_point = 0;
    take_points(c, c->form->doc);
    json_decref(doc);
    return true;
}

/* Numbers in the values get the words that the service gives along. */
static void label_values(json_t *values)
{
    size_t i;
    json_t *v;
    json_array_foreach (values, i, v)
        if (*js(v, "show") && !*js(v, "l"))
            json_object_set_new(v, "l", json_string(js(v, "show")));
}

static bool load(struct screen *s);

static unsigned with_reason(struct screen *s, const struct dialog_answer *a)
{
    struct case_view *c = s->priv;
    if (!a->ok)
        return R_HANDLED;
    free(c->reason);
    c->reason = xstrdup(a->text);
    return load(s) ? R_HANDLED : R_CLOSE;
}

static bool load(struct screen *s)
{
    struct case_view *c = s->priv;
    json_t *params = json_pack("{s:s}", "no", c->no);
    if (c->reason)
        json_object_set_new(params, "reason", json_string(c->reason));
    json_t *doc = ui_call(s->ui, "notice.get", params);
    if (!doc)
        return false;
    if (jb(doc, "hidden") && !c->reason && ui_may(s->ui, "restrict.get")) /* 支援措置責任者 says why */
        dialog_line(s->ui, "照会の理由", "理由", REASON_MIN, with_reason);
    json_decref(c->doc);
    c->doc = doc;
    changeview_set(&c->change, doc);
    listview_set(&c->findings, json_incref(ja(doc, "findings")));
    c->findings.empty =
        jb(doc, "past") ? "終わった届出です。反映したときの前後を示します。" : "誤りも警告もありません。";
    bars_times(s->ui, ja(doc, "events"), "at");
    listview_set(&c->events, json_incref(ja(doc, "events")));
    free(c->title);
    c->title = xprintf("%s %s", js(doc, "title"), js(doc, "state_label"));
    return load_form(s);
}

static bool case_open(struct screen *s, const void *arg)
{
    struct case_view *c = s->priv;
    c->no = xstrdup(arg);
    listview_init(&c->findings, finding_cols, ARRAY_LEN(finding_cols), "誤りも警告もありません。");
    c->findings.style = finding_style;
    listview_init(&c->events, event_cols, ARRAY_LEN(event_cols), "記録はありません。");
    return load(s);
}

static void case_free(struct screen *s)
{
    struct case_view *c = s->priv;
    formview_done(&c->view);
    form_free(c->form);
    changeview_done(&c->change);
    listview_done(&c->findings);
    listview_done(&c->events);
    json_decref(c->doc);
    free(c->no);
    free(c->reason);
    free(c->title);
}

/* Drawing. */

static bool in_state(const struct case_view *c, const char *state)
{
    return strcmp(js(c->doc, "state"), state) == 0;
}

/* Nobody has examined and decided it yet. */
static bool is_open(const struct case_view *c)
{
    return in_state(c, "entered") || in_state(c, "examined");
}

static int finding_rows(const struct case_view *c)
{
    int n = (int)listview_count(&c->findings);
    return n ? (n > 4 ? 4 : n) + 1 : 0;
}

static void case_layout(struct screen *s, struct rect body)
{
    struct case_view *c = s->priv;
    int h = body.h - 2, upper = finding_rows(c);
    listview_layout(&c->findings, (struct rect){ .h = upper });
    listview_layout(&c->events, (struct rect){ .h = h });
    changeview_layout(&c->change, (struct rect){ .h = h - upper, .w = body.w });
    formview_layout(&c->view, (struct rect){ body.y + 2, body.x, h, body.w });
}

static void draw_changes(const struct case_view *c, struct canvas *cv, struct rect r)
{
    int upper = finding_rows(c);
    if (upper)
        listview_draw(&c->findings, cv, (struct rect){ r.y, r.x, upper, r.w }, false);
    changeview_draw(&c->change, cv, (struct rect){ r.y + upper, r.x, r.h - upper, r.w }, true);
}

static void draw_form(const struct case_view *c, struct canvas *cv, struct rect r)
{
    formview_draw(&c->view, cv, r, false);
}

static void draw_points(const struct case_view *c, struct canvas *cv, struct rect r)
{
    static const char *const words[] = { "未回答", "適", "否" };
    static const enum style styles[] = { STYLE_HINT, STYLE_CHANGED, STYLE_ERROR };
    canvas_text(cv, r.y, r.x + 1, r.w - 2, STYLE_HINT,
                is_open(c) ? "1=適 2=否 を打つと次に進みます。すべて答えてからF7で登録します。"
                           : "この届出の審査は終わっています。");
    for (int i = 0; i < c->n_point; i++) {
        int y = r.y + 2 + i;
        bool chosen = i == c->at_point;
        if (chosen)
            canvas_fill(cv, (struct rect){ y, r.x, 1, r.w }, STYLE_SELECT);
        canvas_printf(cv, y, r.x + 1, 2, chosen ? STYLE_SELECT : STYLE_LABEL, "%2d", i + 1);
        canvas_text(cv, y, r.x + 4, r.w - 14, chosen ? STYLE_SELECT : STYLE_NORMAL, c->point[i]);
        canvas_text(cv, y, r.x + r.w - 8, 7, chosen ? STYLE_SELECT : styles[c->answer[i]], words[c->answer[i]]);
        if (chosen)
            canvas_cursor(cv, y, r.x + r.w - 8);
    }
    if (c->n_point == 0)
        canvas_text(cv, r.y + 2, r.x + 1, r.w, STYLE_HINT, "審査の項目はありません。");
}

static void draw_events(const struct case_view *c, struct canvas *cv, struct rect r)
{
    listview_draw(&c->events, cv, r, true);
}

static void case_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    static void (*const draw[TABS])(const struct case_view *, struct canvas *,
                                    struct rect) = { draw_changes, draw_form, draw_points, draw_events };
    static const char *const names[TABS] = { "1 前後の比較", "2 届出の内容", "3 審査の項目", "4 経過" };
    const struct case_view *c = s->priv;
    canvas_cursor(cv, body.y, bars_tabs(cv, (struct rect){ body.y, body.x, 2, body.w }, names, TABS, (int)c->tab));
    draw[c->tab](c, cv, (struct rect){ body.y + 2, body.x, body.h - 2, body.w });
}

/* Keys. */

static unsigned points_key(struct case_view *c, const struct key *k)
{
    if (c->n_point == 0)
        return R_NONE;
    if (k->code == K_UP || k->code == K_DOWN || k->code == K_ENTER)
        c->at_point = (c->at_point + (k->code == K_UP ? c->n_point - 1 : 1)) % c->n_point;
    if (is_open(c) && k->code == K_CHAR && (k->cp == '1' || k->cp == '2')) {
        c->answer[c->at_point] = k->cp == '1' ? POINT_YES : POINT_NO;
        if (c->at_point + 1 < c->n_point)
            c->at_point++;
    }
    return R_HANDLED;
}

static unsigned case_key(struct screen *s, const struct key *k)
{
    struct case_view *c = s->priv;
    bool next = k->code == K_TAB || k->code == K_RIGHT, previous = k->code == K_BACKTAB || k->code == K_LEFT;
    if (next || previous) {
        c->tab = (enum tab)((c->tab + (next ? 1 : TABS - 1)) % TABS);
        return R_HANDLED;
    }
    if (c->tab == TAB_POINTS)
        return points_key(c, k);
    if (k->code == K_CHAR && k->cp >= '1' && k->cp < '1' + TABS) {
        c->tab = (enum tab)(k->cp - '1');
        return R_HANDLED;
    }
    if (c->tab == TAB_CHANGES)
        return changeview_key(&c->change, k) ? R_HANDLED : R_NONE;
    if (c->tab == TAB_EVENTS)
        return listview_key(&c->events, k) ? R_HANDLED : R_NONE;
    bool scroll = k->code == K_UP || k->code == K_DOWN || k->code == K_PGUP || k->code == K_PGDN;
    if (scroll)
        formview_key(&c->view, k);
    return R_HANDLED;
}

/* Actions. */

static unsigned case_facts(const struct screen *s)
{
    const struct case_view *c = s->priv;
    bool answered = true;
    for (int i = 0; i < c->n_point; i++)
        answered &= c->answer[i] != POINT_OPEN;
    return (answered ? NEED_ANSWERED : 0u) | (is_open(c) ? NEED_STATE : 0u) |
           (in_state(c, "returned") ? NEED_RETURNED : 0u);
}

static unsigned done(struct screen *s, json_t *answer, const char *text)
{
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    if (!load(s))
        return R_CLOSE;
    ui_say(s->ui, SAY_DONE, "%s", text);
    return R_HANDLED;
}

static json_t *answers(const struct case_view *c)
{
    json_t *list = json_array();
    for (int i = 0; i < c->n_point; i++)
        json_array_append_new(list, json_boolean(c->answer[i] == POINT_YES));
    return list;
}

static unsigned examine_with(struct screen *s, bool ok, const char *reason)
{
    struct case_view *c = s->priv;
    json_t *params = json_pack("{s:s, s:o, s:b}", "no", c->no, "answers", answers(c), "ok", ok);
    if (*reason)
        json_object_set_new(params, "reason", json_string(reason));
    return done(s, ui_call(s->ui, "notice.examine", params),
                ok ? "審査の結果(適)を登録しました。" : "審査の結果(否)を登録しました。");
}

static unsigned not_ok(struct screen *s, const struct dialog_answer *a)
{
    return a->ok ? examine_with(s, false, a->text) : R_HANDLED;
}

static unsigned examine(struct screen *s)
{
    struct case_view *c = s->priv;
    for (int i = 0; i < c->n_point; i++)
        if (c->answer[i] == POINT_NO) {
            dialog_line(s->ui, "審査の結果が「否」の理由", "理由", 5, not_ok);
            return R_HANDLED;
        }
    return examine_with(s, true, "");
}

static unsigned decided(struct screen *s, const struct dialog_answer *a)
{
    struct case_view *c = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s}", "no", c->no, "password", a->password);
    json_t *answer = ui_call_slow(s->ui, "決裁し、本庁への反映を待っています", "notice.decide", params);
    bool posted = answer && strcmp(js(answer, "state"), "posted") == 0;
    return done(s, answer,
                posted ? "決裁しました。本庁に反映されました。" : "決裁しました。本庁への送信を待っています。");
}

static unsigned decide(struct screen *s)
{
    dialog_password(s->ui, "決裁",
                    "この届出を本登録します。前後の比較を確かめ、決裁する本人のパスワードを入力してください。",
                    decided);
    return R_HANDLED;
}

static unsigned returned(struct screen *s, const struct dialog_answer *a)
{
    struct case_view *c = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s}", "no", c->no, "reason", a->text);
    return done(s, ui_call(s->ui, "notice.return", params), "差し戻しました。");
}

static unsigned give_back(struct screen *s)
{
    dialog_line(s->ui, "差戻し", "理由", 5, returned);
    return R_HANDLED;
}

static unsigned withdrawn(struct screen *s, const struct dialog_answer *a)
{
    struct case_view *c = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s}", "no", c->no, "reason", a->text);
    return done(s, ui_call(s->ui, "notice.withdraw", params), "取り下げました。");
}

static unsigned take_back(struct screen *s)
{
    dialog_line(s->ui, "取下げ", "理由", 5, withdrawn);
    return R_HANDLED;
}

static const char *case_title(const struct screen *s)
{
    return ((const struct case_view *)s->priv)->title;
}

static const char *case_subject(const struct screen *s)
{
    return ((const struct case_view *)s->priv)->no;
}

static unsigned mend(struct screen *s)
{
    struct case_view *c = s->priv;
    struct notice_arg arg = { .kind = js(c->doc, "kind"), .again = c->no };
    ui_push(s->ui, &scr_notice, &arg);
    return R_HANDLED;
}

/* Back from mending: the state may be another one now. */
static unsigned case_resume(struct screen *s)
{
    struct case_view *c = s->priv;
    return c->doc && in_state(c, "returned") && !load(s) ? R_CLOSE : R_HANDLED;
}

static const struct action actions[] = {
    { .key = K_F4,
      .label = "取下げ",
      .help = "理由を入れて届出を取り下げる",
      .need = NEED_STATE,
      .method = "notice.withdraw",
      .run = take_back },
    { .key = K_F6,
      .label = "差戻し",
      .help = "理由を入れて入力した人に差し戻す",
      .need = NEED_STATE,
      .method = "notice.return",
      .run = give_back },
    { .key = K_F5,
      .label = "訂正",
      .help = "差し戻された届出を直して、もう一度仮登録する",
      .need = NEED_RETURNED,
      .method = "notice.enter",
      .run = mend },
    { .key = K_F7,
      .label = "審査",
      .help = "審査の項目の答えを登録する",
      .need = NEED_STATE | NEED_ANSWERED,
      .method = "notice.examine",
      .run = examine },
    { .key = K_F10,
      .label = "決裁",
      .help = "本登録する。決裁する本人のパスワードがいる",
      .need = NEED_STATE,
      .method = "notice.decide",
      .run = decide },
};

const struct screen_ops scr_case = {
    .id = "case",
    .priv_size = sizeof(struct case_view),
    .open = case_open,
    .layout = case_layout,
    .draw = case_draw,
    .key = case_key,
    .facts = case_facts,
    .resume = case_resume,
    .title_of = case_title,
    .subject = case_subject,
    .free = case_free,
    SCREEN_ACTIONS(actions),
};
