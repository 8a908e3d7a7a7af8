/*
 * Restrictions and victim support (抑止・支援措置) of one person, or all that are in force: set, release by two,
 * release for one request. Who may see what of them is the service's business.
 */
#include "base/mem.h"
#include "domain/restrict.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/formview.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

/* The list. */

struct restricts {
    struct listview list;
    char *person, *name; /* NULL: all */
    char *request;       /* that one is to be released for */
};

static void who_text(const json_t *row, struct buf *ret)
{
    if (*js(row, "name"))
        buf_adds(ret, js(row, "name"));
    else if (*js(row, "person"))
        buf_adds(ret, js(row, "person"));
    else
        buf_printf(ret, "世帯 %s", js(row, "household"));
}

static void state_text(const json_t *row, struct buf *ret)
{
    if (jb(row, "released"))
        buf_adds(ret, "解除");
    else if (*js(row, "temp_until"))
        buf_adds(ret, "一時解除中");
    else if (jb(row, "ended"))
        buf_adds(ret, "期間終了");
    else if (jb(row, "ending"))
        buf_adds(ret, "終了間近");
    else
        buf_adds(ret, "有効");
}

static const struct list_col columns[] = {
    { .key = "no", .title = "番号", .width = 14 },
    { .key = "who", .title = "対象", .width = 18, .grow = 2, .text = who_text },
    { .key = "kind_label", .title = "種類", .width = 10 },
    { .key = "state", .title = "状態", .width = 10, .text = state_text },
    { .key = "from_show", .title = "開始", .width = 16 },
    { .key = "until_show", .title = "終了", .width = 16 },
};

static enum style row_style(const json_t *row)
{
    return jb(row, "released") ? STYLE_HINT : jb(row, "ended") || jb(row, "ending") ? STYLE_WARN : STYLE_NORMAL;
}

static bool reload(struct screen *s)
{
    struct restricts *r = s->priv;
    json_t *params = json_object();
    if (r->person)
        json_object_set_new(params, "person", json_string(r->person));
    json_t *answer = ui_call(s->ui, "restrict.list", params);
    if (!answer)
        return false;
    listview_set(&r->list, json_incref(ja(answer, "rows")));
    json_decref(answer);
    return true;
}

static bool restrict_open(struct screen *s, const void *arg)
{
    struct restricts *r = s->priv;
    const struct person_arg *who = arg;
    if (who) {
        r->person = xstrdup(who->id);
        r->name = xstrdup(who->name);
    }
    listview_init(&r->list, columns, ARRAY_LEN(columns), "抑止・支援措置はありません。");
    r->list.style = row_style;
    return reload(s);
}

static void restrict_free(struct screen *s)
{
    struct restricts *r = s->priv;
    listview_done(&r->list);
    free(r->person);
    free(r->request);
    wipe_str(r->name);
}

static unsigned restrict_resume(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static void restrict_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct restricts *)s->priv)->list, body);
}

static void restrict_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    listview_draw(&((const struct restricts *)s->priv)->list, cv, body, true);
}

static unsigned restrict_key(struct screen *s, const struct key *k)
{
    return listview_key(&((struct restricts *)s->priv)->list, k) ? R_HANDLED : R_NONE;
}

static const char *restrict_subject(const struct screen *s)
{
    const struct restricts *r = s->priv;
    return r->name ? r->name : "";
}

static unsigned restrict_facts(const struct screen *s)
{
    const struct restricts *r = s->priv;
    const json_t *row = listview_row(&r->list);
    return (row && !jb(row, "released") ? NEED_ROW : 0u) | (r->person ? NEED_PERSON : 0u);
}

static unsigned released(struct screen *s, const struct dialog_answer *a)
{
    const json_t *row = listview_row(&((struct restricts *)s->priv)->list);
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s, s:s, s:s}", "no", js(row, "no"), "reason", a->text, "approver", a->person,
                               "password", a->password);
    json_t *answer = ui_call_slow(s->ui, "登録しています", "restrict.release", params);
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    reload(s);
    ui_say(s->ui, SAY_DONE, "解除しました。");
    return R_HANDLED;
}

static unsigned release(struct screen *s)
{
    dialog_second(s->ui, "抑止の解除", "期間が過ぎても、解除するまで抑止は続きます。解除には別の職員の承認がいります。",
                  "理由", released);
    return R_HANDLED;
}

static unsigned opened_for_request(struct screen *s, const struct dialog_answer *a)
{
    const struct restricts *r = s->priv;
    const json_t *row = listview_row(&r->list);
    struct buf until = BUF_INIT;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s, s:s, s:s, s:s}", "no", js(row, "no"), "request", r->request, "reason",
                               a->text, "approver", a->person, "password", a->password);
    json_t *answer = ui_call_slow(s->ui, "登録しています", "restrict.temp", params);
    if (!answer)
        return R_HANDLED;
    bars_clock(s->ui, js(answer, "until"), &until);
    json_decref(answer);
    reload(s);
    ui_say(s->ui, SAY_DONE, "請求 %s に限り、%sまで一時解除しました。", r->request, buf_str(&until));
    buf_done(&until);
    return R_HANDLED;
}

static unsigned request_named(struct screen *s, const struct dialog_answer *a)
{
    struct restricts *r = s->priv;
    if (!a->ok)
        return R_HANDLED;
    free(r->request);
    r->request = xstrdup(a->text);
    dialog_second(s->ui, "一時解除",
                  "この請求の証明書一通に限って解除します。印刷すると元に戻ります。別の職員の承認がいります。", "理由",
                  opened_for_request);
    return R_HANDLED;
}

static unsigned open_for_request(struct screen *s)
{
    dialog_line(s->ui, "一時解除", "請求番号", 1, request_named);
    return R_HANDLED;
}

static unsigned set_new(struct screen *s)
{
    const struct restricts *r = s->priv;
    struct person_arg who = { .id = r->person, .name = r->name };
    ui_push(s->ui, &scr_restrict_set, &who);
    return R_HANDLED;
}

static unsigned refresh(struct screen *s)
{
    reload(s);
    return R_HANDLED;
}

static const struct action actions[] = {
    { .key = K_F4,
      .label = "設定",
      .help = "この人に抑止・支援措置を設定する",
      .need = NEED_PERSON,
      .method = "restrict.set",
      .run = set_new },
    { .key = K_F5, .label = "最新", .help = "読み直す", .method = "restrict.list", .run = refresh },
    { .key = K_F6,
      .label = "解除",
      .help = "選んだものを、別の職員の承認を受けて解除する",
      .need = NEED_ROW,
      .method = "restrict.release",
      .run = release },
    { .key = K_F8,
      .label = "一時解除",
      .help = "選んだものを、一つの請求の証明書一通に限って、別の職員の承認を受けて解除する",
      .need = NEED_ROW,
      .method = "restrict.temp",
      .run = open_for_request },
};

const struct screen_ops scr_restrict = {
    .id = "restrict",
    .title = "抑止・支援措置",
    .priv_size = sizeof(struct restricts),
    .open = restrict_open,
    .layout = restrict_layout,
    .draw = restrict_draw,
    .key = restrict_key,
    .facts = restrict_facts,
    .subject = restrict_subject,
    .resume = restrict_resume,
    .free = restrict_free,
    SCREEN_ACTIONS(actions),
};

/* Setting one. */

struct setting {
    char *person, *name;
    struct form *form;
    struct formview view;
};

/* What a restriction may hold back, and how strongly; blank: as its kind has it. */
static const char *const processes[] = {
    [RP_ENTRY] = "異動の入力", [RP_CERTIFICATE] = "証明書", [RP_VIEW] = "照会",
    [RP_LIST] = "一覧",        [RP_EXPORT] = "データ出力",  [RP_PHONE] = "電話",
};
_Static_assert(ARRAY_LEN(processes) == RP_COUNT, "a process has no label");

static json_t *kind_choices(void)
{
    json_t *list = json_array();
    for (int k = 0; k < RK_COUNT; k++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "code", restrict_kind_code((enum restrict_kind)k), "label",
                                              restrict_kind_label((enum restrict_kind)k)));
    return list;
}

static json_t *describe(void)
{
    json_t *levels = json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "code", "error", "label", "止める", "code", "alert",
                               "label", "注意を出す", "code", "none", "label", "制限しない");
    json_t *fields = json_pack(
        "[{s:s,s:s,s:s,s:b,s:o},{s:s,s:s,s:s,s:s},{s:s,s:s,s:s,s:s},{s:s,s:s,s:s,s:b,s:i,s:s},{s:s,s:s,s:s,s:i}]",
        "key", "kind", "label", "種類", "type", "choice", "required", 1, "choices", kind_choices(), "key", "from",
        "label", "開始年月日", "type", "date", "initial", "today", "key", "until", "label", "終了年月日", "type",
        "date", "help", "支援措置で空欄にすると開始から一年です。過ぎても、解除するまで続きます。", "key", "reason",
        "label", "理由", "type", "text", "required", 1, "max", 200, "help", "申出・通知などの根拠。記録に残ります。",
        "key", "note", "label", "留意事項", "type", "text", "max", 1000);
    json_t *strength = json_array();
    for (size_t i = 0; i < ARRAY_LEN(processes); i++)
        json_array_append_new(strength,
                              json_pack("{s:s, s:s, s:s, s:O}", "key", restrict_process_code((enum restrict_process)i),
                                        "label", processes[i], "type", "choice", "choices", levels));
    json_decref(levels);
    return json_pack("{s:[{s:s,s:s,s:o},{s:s,s:s,s:o}]}", "sections", "id", "what", "title", "抑止", "fields", fields,
                     "id", "levels", "title", "処理ごとの強さ(空欄は種類ごとの標準)", "fields", strength);
}

static bool set_open(struct screen *s, const void *arg)
{
    struct setting *t = s->priv;
    const struct person_arg *who = arg;
    struct date today;
    json_t *doc = describe();
    t->person = xstrdup(who->id);
    t->name = xstrdup(who->name);
    ui_today(s->ui, &today);
    t->form = form_new(doc, s->ui->opt.eras, today);
    form_lookup(t->form, s->ui->opt.char_code, s->ui->opt.char_arg);
    json_decref(doc);
    formview_init(&t->view, t->form);
    return true;
}

static void set_free(struct screen *s)
{
    struct setting *t = s->priv;
    formview_done(&t->view);
    form_free(t->form);
    free(t->person);
    wipe_str(t->name);
}

static json_t *set_params(const struct setting *t)
{
    json_t *params = json_pack("{s:s}", "person", t->person), *levels = json_object();
    for (int s = 0; s < t->form->n; s++)
        for (int i = 0; i < t->form->section[s].n_field; i++) {
            const char *v = form_value(t->form, (struct form_place){ s, 0, i });
            bool level = strcmp(t->form->section[s].id, "levels") == 0;
            if (*v)
                json_object_set_new(level ? levels : params, t->form->section[s].field[i].key, json_string(v));
        }
    if (json_object_size(levels))
        json_object_set(params, "levels", levels);
    json_decref(levels);
    return params;
}

static unsigned set_confirmed(struct screen *s, const struct dialog_answer *a)
{
    if (!a->ok)
        return R_HANDLED;
    json_t *answer = ui_call(s->ui, "restrict.set", set_params(s->priv));
    if (!answer)
        return R_HANDLED;
    ui_say(s->ui, SAY_DONE, "設定しました。番号 %s。この支所ではすぐに効き、本庁に送ります。", js(answer, "no"));
    json_decref(answer);
    return R_CLOSE;
}

static unsigned set_now(struct screen *s)
{
    struct setting *t = s->priv;
    if (!formview_settle(&t->view)) {
        ui_say(s->ui, SAY_ERROR, "今の欄を直してから押してください。");
        return R_HANDLED;
    }
    char *text = xprintf("%s さんに抑止を設定します。すぐに効きます。", t->name);
    dialog_confirm(s->ui, text, "設定する", false, set_confirmed);
    wipe_str(text);
    return R_HANDLED;
}

static unsigned chosen(struct screen *s, const struct dialog_answer *a)
{
    struct setting *t = s->priv;
    if (a->ok && a->value)
        formview_picked(&t->view, js(a->value, "value"), NULL);
    return R_HANDLED;
}

static unsigned candidates(struct screen *s)
{
    struct setting *t = s->priv;
    json_t *rows = form_choices(t->form, t->view.at);
    if (rows)
        dialog_choose(s->ui, form_field(t->form, t->view.at)->label, rows, chosen);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned set_key(struct screen *s, const struct key *k)
{
    struct setting *t = s->priv;
    enum form_event e = formview_key(&t->view, k);
    if (e == FORM_REFUSED)
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(t->form, t->view.at)->edit));
    else if (e == FORM_WANTS)
        return candidates(s);
    else if (e == FORM_ENDED)
        ui_say(s->ui, SAY_DONE, "最後の欄です。F10で設定します。");
    return e == FORM_IGNORED ? R_NONE : R_HANDLED;
}

static void set_layout(struct screen *s, struct rect body)
{
    formview_layout(&((struct setting *)s->priv)->view, body);
}

static void set_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    formview_draw(&((const struct setting *)s->priv)->view, cv, body, true);
}

static bool set_dirty(const struct screen *s)
{
    return !form_blank(((const struct setting *)s->priv)->form);
}

static const char *set_subject(const struct screen *s)
{
    return ((const struct setting *)s->priv)->name;
}

static unsigned set_facts(const struct screen *s)
{
    const struct setting *t = s->priv;
    return form_field(t->form, t->view.at)->choices ? NEED_CHOICES : 0;
}

static const struct action set_actions[] = {
    { .key = K_F2, .label = "候補", .help = "この欄の候補を出す", .need = NEED_CHOICES, .run = candidates },
    { .key = K_F10, .label = "設定", .help = "この内容で設定する", .method = "restrict.set", .run = set_now },
};

const struct screen_ops scr_restrict_set = {
    .id = "restrict-set",
    .title = "抑止・支援措置の設定",
    .priv_size = sizeof(struct setting),
    .open = set_open,
    .layout = set_layout,
    .draw = set_draw,
    .key = set_key,
    .facts = set_facts,
    .dirty = set_dirty,
    .subject = set_subject,
    .free = set_free,
    SCREEN_ACTIONS(set_actions),
};
