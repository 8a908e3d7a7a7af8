#include "ui/queryview.h"
#include "base/mem.h"

#include <string.h>

static json_t *describe(const struct query_field *field, int n)
{
    json_t *fields = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(fields, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i}", "key", field[i].key, "label",
                                                field[i].label, "type", field[i].type, "help", field[i].help, "max",
                                                field[i].max, "cols", field[i].cols));
    return json_pack("{s:[{s:s, s:s, s:i, s:i, s:o}]}", "sections", "id", "by", "title", "条件", "min", 1, "max", 1,
                     "fields", fields);
}

void queryview_init(struct queryview *q, struct ui *ui, const struct query_field *field, int n,
                    const struct list_col *col, int n_col, const char *empty)
{
    struct date today;
    json_t *doc = describe(field, n);
    *q = (struct queryview){ .field = field, .n_field = n };
    ui_today(ui, &today);
    q->form = form_new(doc, ui->opt.eras, today);
    json_decref(doc);
    form_lookup(q->form, ui->opt.char_code, ui->opt.char_arg);
    formview_init(&q->view, q->form);
    listview_init(&q->list, col, (size_t)n_col, empty);
    q->in_list = n == 0;
}

void queryview_done(struct queryview *q)
{
    formview_done(&q->view);
    form_free(q->form);
    listview_done(&q->list);
}

#define FOOT_ROWS 3 /* of the form */

void queryview_layout(struct queryview *q, struct rect r)
{
    formview_layout(&q->view, (struct rect){ r.y, r.x, r.h, r.w });
    q->form_rows = q->n_field ? q->view.rows + FOOT_ROWS : 0;
    formview_layout(&q->view, (struct rect){ r.y, r.x, q->form_rows, r.w });
    listview_layout(&q->list, (struct rect){ .h = r.h - q->form_rows });
}

void queryview_draw(const struct queryview *q, struct canvas *cv, struct rect r)
{
    if (q->n_field)
        formview_draw(&q->view, cv, (struct rect){ r.y, r.x, q->form_rows, r.w }, !q->in_list);
    struct rect below = { r.y + q->form_rows, r.x, r.h - q->form_rows, r.w };
    listview_draw(&q->list, cv, below, q->in_list);
}

static enum query_event form_key(struct queryview *q, struct ui *ui, const struct key *k)
{
    switch (formview_key(&q->view, k)) {
    case FORM_REFUSED:
        ui_say(ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(q->form, q->view.at)->edit));
        return QUERY_REFUSED;
    case FORM_ENDED:
        return QUERY_RUN;
    case FORM_IGNORED:
        return QUERY_IGNORED;
    case FORM_MOVED:
    case FORM_UNFIT:
    case FORM_TYPED:
    case FORM_STORED:
    case FORM_WANTS:
    default:
        return QUERY_HANDLED;
    }
}

enum query_event queryview_key(struct queryview *q, struct ui *ui, const struct key *k)
{
    if (!q->in_list)
        return form_key(q, ui, k);
    bool up = k->code == K_TAB || k->code == K_BACKTAB || (k->code == K_UP && q->list.sel == 0);
    if (up && q->n_field) {
        q->in_list = false;
        return QUERY_HANDLED;
    }
    if (k->code == K_ENTER)
        return QUERY_CHOSEN;
    return listview_key(&q->list, k) ? QUERY_HANDLED : QUERY_IGNORED;
}

json_t *queryview_params(struct queryview *q)
{
    if (q->n_field && !formview_settle(&q->view))
        return NULL;
    json_t *params = json_object();
    for (int i = 0; i < q->n_field; i++) {
        const char *v = form_value(q->form, (struct form_place){ 0, 0, i });
        bool flag = strcmp(q->field[i].type, "flag") == 0;
        if (*v)
            json_object_set_new(params, q->field[i].key, flag ? json_true() : json_string(v));
    }
    return params;
}

void queryview_found(struct queryview *q, json_t *take, bool more, bool further)
{
    size_t have = listview_count(&q->list);
    q->more = more;
    if (further && q->list.rows) {
        json_array_extend(q->list.rows, take);
        json_decref(take);
        if (listview_count(&q->list) > have)
            q->list.sel = have;
    } else {
        listview_set(&q->list, take);
        q->list.sel = 0;
    }
    q->in_list = listview_count(&q->list) > 0 || !q->n_field;
}

void queryview_code(struct queryview *q, struct ui *ui)
{
    q->in_list = false;
    if (!form_takes_letters(q->form, q->view.at)) {
        ui_say(ui, SAY_ERROR, "この欄には文字を文字コードで入力できません。");
        return;
    }
    lineedit_code(&form_cell(q->form, q->view.at)->edit);
    ui_say(ui, SAY_DONE, "文字コードを入力してEnterを押してください(U+9AD9、1-16-1、MJ番号)。Escでやめます。");
}

void queryview_clear(struct queryview *q)
{
    for (int i = 0; i < q->n_field; i++)
        form_set(q->form, (struct form_place){ 0, 0, i }, "", NULL);
    formview_go(&q->view, (struct form_place){ 0, 0, 0 });
    listview_set(&q->list, NULL);
    q->in_list = q->more = false;
}

unsigned queryview_facts(const struct queryview *q)
{
    return (q->in_list && listview_row(&q->list) ? NEED_ROW : 0u) | (q->more ? NEED_MORE : 0u);
}
