/* What is added to a line of the book of a stop (受付簿への追記): result so far, slip, envelope, number of the notice.
 */
#include "base/mem.h"
#include "ui/dialog.h"
#include "ui/formview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

struct book_note {
    struct form *form;
    struct formview view;
    char *no; /* of the line */
};

/* Keys are the parameters of outage.note. */
static const struct {
    const char *key, *label, *type, *help;
    int max, cols;
} fields[] = {
    { "examined", "審査", "choice", "今までにわかった結果。本庁に問い合わせがいるものは「要本庁確認」。", 0, 16 },
    { "slip_no", "預り証番号", "text", "届出人に渡した預り証の番号。", 40, 20 },
    { "envelope", "封筒番号", "text", "届書を入れた封筒か箱の番号。", 40, 20 },
    { "case", "受付番号", "alpha", "この届書をすでに入力していたときだけ、その受付番号を入れます。", 40, 20 },
};

static json_t *describe(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        json_t *f = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i}", "key", fields[i].key, "label", fields[i].label, "type",
                              fields[i].type, "help", fields[i].help, "max", fields[i].max, "cols", fields[i].cols);
        if (strcmp(fields[i].type, "choice") == 0)
            json_object_set_new(f, "choices",
                                json_pack("[{s:s, s:s}, {s:s, s:s}]", "code", "once", "label", "一応審査", "code",
                                          "ask_host", "label", "要本庁確認"));
        json_array_append_new(list, f);
    }
    return json_pack("{s:[{s:s, s:s, s:i, s:i, s:o}]}", "sections", "id", "line", "title", "受付簿への追記", "min", 1,
                     "max", 1, "fields", list);
}

/* What stands in the line already is offered, but for the number: a line that has one is not noted again. */
static void fill(struct form *f, const json_t *row)
{
    for (size_t i = 0; i + 1 < ARRAY_LEN(fields); i++) {
        struct form_place at;
        if (*js(row, fields[i].key) && form_place_of(f, "line", 0, fields[i].key, &at))
            form_set(f, at, js(row, fields[i].key), NULL);
    }
}

static bool note_open(struct screen *s, const void *arg)
{
    struct book_note *n = s->priv;
    const json_t *row = arg;
    struct date today;
    json_t *doc = describe();
    ui_today(s->ui, &today);
    n->no = xstrdup(js(row, "no"));
    n->form = form_new(doc, s->ui->opt.eras, today);
    json_decref(doc);
    fill(n->form, row);
    formview_init(&n->view, n->form);
    return true;
}

static void note_free(struct screen *s)
{
    struct book_note *n = s->priv;
    formview_done(&n->view);
    form_free(n->form);
    free(n->no);
}

static unsigned write_note(struct screen *s)
{
    struct book_note *n = s->priv;
    if (!formview_settle(&n->view)) {
        ui_say(s->ui, SAY_ERROR, "今の欄を直してから押してください。");
        return R_HANDLED;
    }
    json_t *params = json_pack("{s:s}", "no", n->no);
    for (int i = 0; i < n->form->section[0].n_field; i++) {
        struct form_place at = { 0, 0, i };
        if (*form_value(n->form, at))
            json_object_set_new(params, form_field(n->form, at)->key, json_string(form_value(n->form, at)));
    }
    json_t *answer = ui_call(s->ui, "outage.note", params);
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    ui_say(s->ui, SAY_DONE, "%s に追記しました。", n->no);
    return R_CLOSE;
}

static unsigned chosen(struct screen *s, const struct dialog_answer *a)
{
    if (a->ok && a->value)
        formview_picked(&((struct book_note *)s->priv)->view, js(a->value, "value"), NULL);
    return R_HANDLED;
}

static unsigned candidates(struct screen *s)
{
    struct book_note *n = s->priv;
    json_t *rows = form_choices(n->form, n->view.at);
    if (rows)
        dialog_choose(s->ui, form_field(n->form, n->view.at)->label, rows, chosen);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned note_key(struct screen *s, const struct key *k)
{
    struct book_note *n = s->priv;
    enum form_event e = formview_key(&n->view, k);
    if (e == FORM_REFUSED)
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(n->form, n->view.at)->edit));
    else if (e == FORM_WANTS)
        return candidates(s);
    else if (e == FORM_ENDED)
        ui_say(s->ui, SAY_DONE, "最後の欄です。F10で受付簿に書きます。");
    return e == FORM_IGNORED ? R_NONE : R_HANDLED;
}

static void note_layout(struct screen *s, struct rect body)
{
    formview_layout(&((struct book_note *)s->priv)->view, body);
}

static void note_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    formview_draw(&((const struct book_note *)s->priv)->view, cv, body, true);
}

static unsigned note_facts(const struct screen *s)
{
    const struct book_note *n = s->priv;
    return form_field(n->form, n->view.at)->choices ? NEED_CHOICES : 0;
}

static const struct action actions[] = {
    { .key = K_F2, .label = "候補", .help = "この欄の候補を出す", .need = NEED_CHOICES, .run = candidates },
    { .key = K_F10, .label = "書く", .help = "受付簿に書く", .method = "outage.note", .run = write_note },
};

const struct screen_ops scr_book_note = {
    .id = "book-note",
    .title = "受付簿への追記",
    .priv_size = sizeof(struct book_note),
    .open = note_open,
    .layout = note_layout,
    .draw = note_draw,
    .key = note_key,
    .facts = note_facts,
    .free = note_free,
    SCREEN_ACTIONS(actions),
};
