/* A line in the book of blank certificate paper (用紙の受払の記入): loaded, spoiled or counted, signed by two. */
#include "base/mem.h"
#include "ui/dialog.h"
#include "ui/formview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

struct stock {
    struct form *form;
    struct formview view;
};

static json_t *describe(void)
{
    return json_pack("{s:[{s:s, s:s, s:[{s:s,s:s,s:s,s:b,s:[{s:s,s:s},{s:s,s:s},{s:s,s:s}]},{s:s,s:s,s:s,s:b,s:i},"
                     "{s:s,s:s,s:s,s:i},{s:s,s:s,s:s,s:i},{s:s,s:s,s:s,s:i}]}]}",
                     "sections", "id", "line", "title", "証明書用紙の受払", "fields", "key", "what", "label", "区分",
                     "type", "choice", "required", 1, "choices", "code", "load", "label", "補充", "code", "spoil",
                     "label", "書損", "code", "count", "label", "棚卸", "key", "sheets", "label", "枚数", "type",
                     "digits", "required", 1, "max", 6, "key", "first_no", "label", "用紙番号から", "type", "alpha",
                     "max", 20, "key", "last_no", "label", "まで", "type", "alpha", "max", 20, "key", "reason", "label",
                     "理由", "type", "text", "max", 200);
}

static bool stock_open(struct screen *s, const void *arg)
{
    struct stock *k = s->priv;
    struct date today;
    json_t *doc = describe();
    (void)arg;
    ui_today(s->ui, &today);
    k->form = form_new(doc, s->ui->opt.eras, today);
    json_decref(doc);
    formview_init(&k->view, k->form);
    return true;
}

static void stock_free(struct screen *s)
{
    struct stock *k = s->priv;
    formview_done(&k->view);
    form_free(k->form);
}

static unsigned signed_by_two(struct screen *s, const struct dialog_answer *a)
{
    struct stock *k = s->priv;
    if (!a->ok)
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s}", "witness", a->person, "password", a->password);
    for (int i = 0; i < k->form->section[0].n_field; i++) {
        struct form_place at = { 0, 0, i };
        const char *v = form_value(k->form, at);
        bool number = strcmp(form_type(k->form, at), "digits") == 0;
        if (*v)
            json_object_set_new(params, form_field(k->form, at)->key, number ? json_integer(atoll(v)) : json_string(v));
    }
    json_t *answer = ui_call_slow(s->ui, "記入しています", "stock.add", params);
    if (!answer)
        return R_HANDLED;
    ui_say(s->ui, SAY_DONE, "記入しました。残り %lld枚。", (long long)ji(answer, "remaining"));
    json_decref(answer);
    return R_CLOSE;
}

static unsigned write_line(struct screen *s)
{
    struct stock *k = s->priv;
    if (!formview_settle(&k->view)) {
        ui_say(s->ui, SAY_ERROR, "今の欄を直してから押してください。");
        return R_HANDLED;
    }
    dialog_second(s->ui, "用紙の受払", "立会者が番号とパスワードを入れます。", NULL, signed_by_two);
    return R_HANDLED;
}

static unsigned chosen(struct screen *s, const struct dialog_answer *a)
{
    if (a->ok && a->value)
        formview_picked(&((struct stock *)s->priv)->view, js(a->value, "value"), NULL);
    return R_HANDLED;
}

static unsigned candidates(struct screen *s)
{
    struct stock *k = s->priv;
    json_t *rows = form_choices(k->form, k->view.at);
    if (rows)
        dialog_choose(s->ui, form_field(k->form, k->view.at)->label, rows, chosen);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned stock_key(struct screen *s, const struct key *k)
{
    struct stock *st = s->priv;
    enum form_event e = formview_key(&st->view, k);
    if (e == FORM_REFUSED)
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(st->form, st->view.at)->edit));
    else if (e == FORM_WANTS)
        return candidates(s);
    else if (e == FORM_ENDED)
        return write_line(s);
    return e == FORM_IGNORED ? R_NONE : R_HANDLED;
}

static void stock_layout(struct screen *s, struct rect body)
{
    formview_layout(&((struct stock *)s->priv)->view, body);
}

static void stock_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    formview_draw(&((const struct stock *)s->priv)->view, cv, body, true);
}

static unsigned stock_facts(const struct screen *s)
{
    const struct stock *k = s->priv;
    return form_field(k->form, k->view.at)->choices ? NEED_CHOICES : 0;
}

static bool stock_dirty(const struct screen *s)
{
    return !form_blank(((const struct stock *)s->priv)->form);
}

static const struct action actions[] = {
    { .key = K_F2, .label = "候補", .help = "この欄の候補を出す", .need = NEED_CHOICES, .run = candidates },
    { .key = K_F10, .label = "記入", .help = "立会者の確認を受けて記入する", .method = "stock.add", .run = write_line },
};

const struct screen_ops scr_stock = {
    .id = "stock",
    .title = "用紙の受払の記入",
    .priv_size = sizeof(struct stock),
    .open = stock_open,
    .layout = stock_layout,
    .draw = stock_draw,
    .key = stock_key,
    .facts = stock_facts,
    .dirty = stock_dirty,
    .free = stock_free,
    SCREEN_ACTIONS(actions),
};
