/* A notice that is taken in while the counter is stopped (届書の預かり): a line of the book now, typed in later. */
#include "base/mem.h"
#include "ui/dialog.h"
#include "ui/formview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

struct receive {
    struct form *form;
    struct formview view;
};

/* Keys are the parameters of outage.receive, but for the day and the time. */
static const struct {
    const char *key, *label, *type, *initial, *help;
    int max, cols;
    bool required;
} fields[] = {
    { "kind", "届出", "choice", "", "停止中に預かることができる届出です。", 0, 28, true },
    { "day", "受付年月日", "date", "today", "届書を受け取った日。届出日になります。", 40, 17, true },
    { "time", "受付時刻", "digits", "", "0910のように4桁で。今受け取ったときは空けておきます。", 4, 6, false },
    { "notifier", "届出人氏名", "text", "", "", 100, 32, true },
    { "relation", "異動者との関係", "text", "", "", 100, 24, false },
    { "id_check", "本人確認", "text", "", "書類の種類だけを書きます。番号は記録しません。", 100, 24, false },
    { "phone", "電話番号", "text", "", "日中に連絡が取れる番号。", 30, 20, false },
    { "persons", "異動する人数", "digits", "", "", 3, 4, false },
    { "sheets", "枚数", "digits", "", "届書と添付書類の枚数。", 3, 4, false },
    { "papers", "添付書類", "text", "", "", 200, 58, false },
    { "slip_no", "預り証番号", "text", "", "", 40, 20, false },
    { "envelope", "封筒番号", "text", "", "", 40, 20, false },
};

static json_t *kinds_to_receive(const json_t *answer)
{
    json_t *list = json_array(), *k;
    size_t i;
    json_array_foreach (ja(answer, "kinds"), i, k)
        if (strcmp(js(k, "outage"), "closed") != 0)
            json_array_append_new(list, json_pack("{s:s, s:s}", "code", js(k, "id"), "label", js(k, "title")));
    return list;
}

static json_t *describe(const json_t *kinds)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        json_t *f =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:b}", "key", fields[i].key, "label", fields[i].label,
                      "type", fields[i].type, "initial", fields[i].initial, "help", fields[i].help, "max",
                      fields[i].max, "cols", fields[i].cols, "required", fields[i].required);
        if (strcmp(fields[i].type, "choice") == 0)
            json_object_set_new(f, "choices", kinds_to_receive(kinds));
        json_array_append_new(list, f);
    }
    return json_pack("{s:[{s:s, s:s, s:i, s:i, s:o}]}", "sections", "id", "line", "title", "預かった届書", "min", 1,
                     "max", 1, "fields", list);
}

static bool receive_open(struct screen *s, const void *arg)
{
    struct receive *r = s->priv;
    struct date today;
    json_t *kinds = ui_call(s->ui, "notice.kinds", NULL);
    (void)arg;
    if (!kinds)
        return false;
    json_t *doc = describe(kinds);
    ui_today(s->ui, &today);
    r->form = form_new(doc, s->ui->opt.eras, today);
    form_lookup(r->form, s->ui->opt.char_code, s->ui->opt.char_arg);
    formview_init(&r->view, r->form);
    json_decref(doc);
    json_decref(kinds);
    return true;
}

static void receive_free(struct screen *s)
{
    struct receive *r = s->priv;
    formview_done(&r->view);
    form_free(r->form);
}

static const char *value(const struct form *f, const char *key)
{
    struct form_place at;
    return form_place_of(f, "line", 0, key, &at) ? form_value(f, at) : "";
}

/* Received now, unless another day or a time was typed. */
static void add_time(const struct screen *s, const struct form *f, json_t *params)
{
    char today_text[DATE_TEXT];
    struct date today;
    const char *day = value(f, "day"), *time = value(f, "time");
    ui_today(s->ui, &today);
    date_text(today, today_text);
    if (!*time && strcmp(day, today_text) == 0)
        return;
    char *at = xprintf("%sT%.2s:%.2s:00+09:00", day, *time ? time : "00", *time ? time + 2 : "00");
    json_object_set_new(params, "received_at", json_string(at));
    free(at);
}

static json_t *params_of(const struct screen *s, const struct form *f)
{
    json_t *params = json_object();
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const char *v = value(f, fields[i].key);
        bool number = strcmp(fields[i].type, "digits") == 0;
        bool when = strcmp(fields[i].key, "day") == 0 || strcmp(fields[i].key, "time") == 0;
        if (*v && !when)
            json_object_set_new(params, fields[i].key, number ? json_integer(atoll(v)) : json_string(v));
    }
    add_time(s, f, params);
    return params;
}

/* The first field that is still wanted; the focus goes there. */
static bool is_complete(struct screen *s)
{
    struct receive *r = s->priv;
    const char *time = value(r->form, "time");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        bool half = strcmp(fields[i].key, "time") == 0 && *time && strlen(time) != 4;
        if (!half && (!fields[i].required || *value(r->form, fields[i].key)))
            continue;
        formview_go(&r->view, (struct form_place){ 0, 0, (int)i });
        ui_say(s->ui, SAY_ERROR, half ? "%sは4桁で入力してください。" : "%sを入力してください。", fields[i].label);
        return false;
    }
    return true;
}

static unsigned receive(struct screen *s)
{
    struct receive *r = s->priv;
    if (!formview_settle(&r->view)) {
        ui_say(s->ui, SAY_ERROR, "今の欄を直してから押してください。");
        return R_HANDLED;
    }
    if (!is_complete(s))
        return R_HANDLED;
    json_t *answer = ui_call(s->ui, "outage.receive", params_of(s, r->form));
    if (!answer)
        return R_HANDLED;
    ui_refresh_status(s->ui);
    ui_say(s->ui, SAY_DONE, "預かりました。受付簿の番号 %s", js(answer, "no"));
    json_decref(answer);
    return R_CLOSE;
}

static unsigned chosen(struct screen *s, const struct dialog_answer *a)
{
    if (a->ok && a->value)
        formview_picked(&((struct receive *)s->priv)->view, js(a->value, "value"), NULL);
    return R_HANDLED;
}

static unsigned candidates(struct screen *s)
{
    struct receive *r = s->priv;
    json_t *rows = form_choices(r->form, r->view.at);
    if (rows)
        dialog_choose(s->ui, form_field(r->form, r->view.at)->label, rows, chosen);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned receive_key(struct screen *s, const struct key *k)
{
    struct receive *r = s->priv;
    enum form_event e = formview_key(&r->view, k);
    if (e == FORM_REFUSED)
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(r->form, r->view.at)->edit));
    else if (e == FORM_WANTS)
        return candidates(s);
    else if (e == FORM_ENDED)
        ui_say(s->ui, SAY_DONE, "最後の欄です。F10で受付簿に載せます。");
    return e == FORM_IGNORED ? R_NONE : R_HANDLED;
}

static void receive_layout(struct screen *s, struct rect body)
{
    formview_layout(&((struct receive *)s->priv)->view, body);
}

static void receive_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    formview_draw(&((const struct receive *)s->priv)->view, cv, body, true);
}

static unsigned receive_facts(const struct screen *s)
{
    const struct receive *r = s->priv;
    return form_field(r->form, r->view.at)->choices ? NEED_CHOICES : 0;
}

static bool receive_dirty(const struct screen *s)
{
    return !form_blank(((const struct receive *)s->priv)->form);
}

static const struct action actions[] = {
    { .key = K_F2, .label = "候補", .help = "この欄の候補を出す", .need = NEED_CHOICES, .run = candidates },
    { .key = K_F10,
      .label = "預かる",
      .help = "受付簿に載せる。番号は預り証に書く",
      .method = "outage.receive",
      .run = receive },
};

const struct screen_ops scr_receive = {
    .id = "receive",
    .title = "届書の預かり",
    .priv_size = sizeof(struct receive),
    .open = receive_open,
    .layout = receive_layout,
    .draw = receive_draw,
    .key = receive_key,
    .facts = receive_facts,
    .dirty = receive_dirty,
    .free = receive_free,
    SCREEN_ACTIONS(actions),
};
