#include "ui/dialog.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ui/lineedit.h"
#include "ui/listview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX  3
#define BOX_COLS   66
#define LABEL_COLS 14

enum line_use { LINE_TEXT, LINE_PERSON, LINE_PASSWORD };

struct line {
    struct lineedit edit;
    const char *label;
    enum line_use use;
    int min;
};

struct dialog {
    char *title, *text;
    struct line line[LINES_MAX];
    int n_line, focus;
    bool choose, check;
    struct listview list;
    const char *yes, *no; /* words of the two answers; no = NULL: only one */
    bool on_yes;
    bool ok;
    dialog_done *done;
};

/* What the openers hand to open(): the private data is made by the stack. */
struct request {
    struct dialog d;
    const char *tag;
};

static bool dialog_open(struct screen *s, const void *arg)
{
    const struct request *r = arg;
    struct dialog *d = s->priv;
    *d = r->d;
    snprintf(s->tag, sizeof s->tag, ":%s", r->tag);
    return true;
}

static void dialog_free(struct screen *s)
{
    struct dialog *d = s->priv;
    wipe_str(d->title);
    wipe_str(d->text);
    for (int i = 0; i < d->n_line; i++)
        lineedit_done(&d->line[i].edit);
    listview_done(&d->list);
}

static const char *line_of(const struct dialog *d, enum line_use use)
{
    for (int i = 0; i < d->n_line; i++)
        if (d->line[i].use == use)
            return lineedit_text(&d->line[i].edit);
    return "";
}

static unsigned dialog_closed(struct screen *s)
{
    struct dialog *d = s->priv;
    struct dialog_answer a = {
        .ok = d->ok,
        .text = line_of(d, LINE_TEXT),
        .person = line_of(d, LINE_PERSON),
        .password = line_of(d, LINE_PASSWORD),
        .row = d->choose ? (int)d->list.sel : -1,
        .value = d->check    ? d->list.rows
                 : d->choose ? listview_row(&d->list)
                             : NULL,
    };
    return d->done && s->below ? d->done(s->below, &a) : R_NONE;
}

/* Size and drawing. */

static struct rect box_of(const struct dialog *d, const struct canvas *cv, struct rect body)
{
    int w = BOX_COLS < body.w - 4 ? BOX_COLS : body.w - 4;
    struct rect in = { 0, 0, body.h, w - 4 };
    int h = 4 + canvas_wrap(NULL, canvas_profile(cv), in, STYLE_NORMAL, d->text ? d->text : "");
    h += d->n_line ? d->n_line + 1 : 0;
    if (d->choose)
        h += (int)listview_count(&d->list) + 1;
    h = h > body.h ? body.h : h;
    return (struct rect){ body.y + (body.h - h) / 2, body.x + (body.w - w) / 2, h, w };
}

static void draw_answers(const struct dialog *d, struct canvas *cv, int y, int x, int w)
{
    int at = x;
    bool live = !d->n_line && !d->choose;
    at += canvas_printf(cv, y, at, w, live && d->on_yes ? STYLE_SELECT : STYLE_STRONG, " %s ", d->yes);
    if (live && d->on_yes)
        canvas_cursor(cv, y, x + 1);
    if (!d->no)
        return;
    int no = at + 2;
    canvas_printf(cv, y, no, w - (no - x), live && !d->on_yes ? STYLE_SELECT : STYLE_STRONG, " %s ", d->no);
    if (live && !d->on_yes)
        canvas_cursor(cv, y, no + 1);
}

static void dialog_layout(struct screen *s, struct rect body)
{
    struct dialog *d = s->priv;
    int rows = (int)listview_count(&d->list) + 1, room = body.h - 5;
    listview_layout(&d->list, (struct rect){ .h = rows < room ? rows : room });
}

static void dialog_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct dialog *d = s->priv;
    struct rect box = box_of(d, cv, body);
    struct rect in = canvas_box(cv, box, STYLE_STRONG, d->title);
    int y = in.y, x = in.x + 1, w = in.w - 2, last = in.y + in.h - 1;
    y += canvas_wrap(cv, canvas_profile(cv), (struct rect){ y, x, in.h, w }, STYLE_NORMAL, d->text ? d->text : "");
    y += d->n_line > 0;
    for (int i = 0; i < d->n_line; i++, y++) {
        canvas_text(cv, y, x, LABEL_COLS, STYLE_LABEL, d->line[i].label);
        lineedit_draw(&d->line[i].edit, cv, y, x + LABEL_COLS + 1, w - LABEL_COLS - 1, i == d->focus);
    }
    if (d->choose)
        listview_draw(&d->list, cv, (struct rect){ y, x, last - y, w }, true);
    draw_answers(d, cv, last, x, w);
}

/* Keys. */

static unsigned give_up(struct dialog *d)
{
    d->ok = false;
    return R_CLOSE;
}

static unsigned accept(struct screen *s, struct dialog *d)
{
    for (int i = 0; i < d->n_line; i++)
        if (lineedit_count(&d->line[i].edit) < d->line[i].min) {
            d->focus = i;
            ui_say(s->ui, SAY_ERROR, "%sを%d文字以上で入力してください。", d->line[i].label, d->line[i].min);
            return R_HANDLED;
        }
    d->ok = !d->choose || listview_row(&d->list);
    return R_CLOSE;
}

static unsigned lines_key(struct screen *s, struct dialog *d, const struct key *k)
{
    struct lineedit *edit = &d->line[d->focus].edit;
    if (k->code == K_ENTER && !edit->code) {
        lineedit_leave(edit);
        if (d->focus + 1 == d->n_line)
            return accept(s, d);
        d->focus++;
        return R_HANDLED;
    }
    bool down = k->code == K_TAB || k->code == K_DOWN, up = k->code == K_BACKTAB || k->code == K_UP;
    if (down || up) {
        lineedit_leave(edit);
        d->focus = (d->focus + (down ? 1 : d->n_line - 1)) % d->n_line;
        return R_HANDLED;
    }
    if (lineedit_key(edit, k) == EDIT_REFUSED)
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(edit));
    return R_HANDLED;
}

static unsigned question_key(struct dialog *d, const struct key *k)
{
    bool move = k->code == K_LEFT || k->code == K_RIGHT || k->code == K_TAB || k->code == K_BACKTAB;
    if (k->code == K_CHAR && (k->cp == 'y' || k->cp == 'n'))
        d->on_yes = k->cp == 'y';
    else if (move && d->no)
        d->on_yes = !d->on_yes;
    if (k->code != K_ENTER && k->code != K_CHAR)
        return R_HANDLED;
    if (k->code == K_CHAR && k->cp != 'y' && k->cp != 'n')
        return R_HANDLED;
    d->ok = d->on_yes;
    return R_CLOSE;
}

static unsigned dialog_key(struct screen *s, const struct key *k)
{
    struct dialog *d = s->priv;
    bool typing_code = d->n_line && d->line[d->focus].edit.code;
    if (k->code == K_F3 || k->code == K_F12 || (k->code == K_ESC && !typing_code))
        return give_up(d);
    if (d->n_line)
        return lines_key(s, d, k);
    if (!d->choose)
        return question_key(d, k);
    bool moved = listview_key(&d->list, k);
    if (d->check && k->code == K_CHAR) {
        json_t *row = listview_row(&d->list);
        if (row && (moved || k->cp == ' '))
            json_object_set_new(row, "on", json_boolean(!jb(row, "on")));
        return R_HANDLED;
    }
    if (k->code == K_ENTER || (moved && k->code == K_CHAR)) /* the number of a row takes it */
        return accept(s, d);
    return R_HANDLED;
}

static const struct screen_ops scr_dialog = {
    .id = "dialog",
    .flags = SCREEN_MODAL,
    .priv_size = sizeof(struct dialog),
    .open = dialog_open,
    .layout = dialog_layout,
    .draw = dialog_draw,
    .key = dialog_key,
    .closed = dialog_closed,
    .free = dialog_free,
};

/* Openers. */

static char *copy(const char *s)
{
    return s ? xstrdup(s) : NULL;
}

static void add_line(struct dialog *d, const char *label, enum line_use use, int min)
{
    struct line *l = &d->line[d->n_line++];
    lineedit_init(&l->edit, use == LINE_PASSWORD ? EDIT_SECRET : EDIT_TEXT, use == LINE_TEXT ? 200 : 64);
    l->label = label;
    l->use = use;
    l->min = min;
}

static void open_dialog(struct ui *ui, struct request *r)
{
    ui_push(ui, &scr_dialog, r);
}

void dialog_confirm(struct ui *ui, const char *text, const char *yes, bool danger, dialog_done *done)
{
    struct request r = {
        .tag = "confirm",
        .d = { .title = copy("確認"), .text = copy(text), .yes = yes, .no = "やめる", .on_yes = !danger, .done = done }
    };
    open_dialog(ui, &r);
}

void dialog_message(struct ui *ui, const char *title, const char *text)
{
    struct request r = { .tag = "message",
                         .d = { .title = copy(title), .text = copy(text), .yes = "閉じる", .on_yes = true } };
    open_dialog(ui, &r);
}

void dialog_line(struct ui *ui, const char *title, const char *label, int min, dialog_done *done)
{
    struct request r = { .tag = "line",
                         .d = { .title = copy(title), .yes = "Enter 決定", .no = "Esc やめる", .done = done } };
    add_line(&r.d, label, LINE_TEXT, min);
    open_dialog(ui, &r);
}

void dialog_password(struct ui *ui, const char *title, const char *text, dialog_done *done)
{
    struct request r = {
        .tag = "password",
        .d = { .title = copy(title), .text = copy(text), .yes = "Enter 決定", .no = "Esc やめる", .done = done }
    };
    add_line(&r.d, "パスワード", LINE_PASSWORD, 1);
    open_dialog(ui, &r);
}

void dialog_second(struct ui *ui, const char *title, const char *text, const char *reason_label, dialog_done *done)
{
    struct request r = {
        .tag = "second",
        .d = { .title = copy(title), .text = copy(text), .yes = "Enter 決定", .no = "Esc やめる", .done = done }
    };
    if (reason_label)
        add_line(&r.d, reason_label, LINE_TEXT, 1);
    add_line(&r.d, "承認者の番号", LINE_PERSON, 1);
    add_line(&r.d, "パスワード", LINE_PASSWORD, 1);
    open_dialog(ui, &r);
}

static const struct list_col choice_cols[] = {
    { .key = "label", .title = "候補", .width = 24, .grow = 2 },
    { .key = "note", .title = "", .width = 12, .grow = 1 },
};

static void on_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, jb(row, "on") ? "[*]" : "[ ]");
}

static const struct list_col check_cols[] = {
    { .key = "on", .title = "", .width = 3, .text = on_text },
    { .key = "label", .title = "スペースか番号で付け外し", .width = 24, .grow = 1 },
};

void dialog_check(struct ui *ui, const char *title, json_t *rows, dialog_done *done)
{
    struct request r = { .tag = "check",
                         .d = { .title = copy(title),
                                .choose = true,
                                .check = true,
                                .yes = "Enter 決定",
                                .no = "Esc やめる",
                                .done = done } };
    listview_init(&r.d.list, check_cols, ARRAY_LEN(check_cols), "選ぶものはありません。");
    listview_set(&r.d.list, json_deep_copy(rows));
    open_dialog(ui, &r);
}

void dialog_choose(struct ui *ui, const char *title, json_t *rows, dialog_done *done)
{
    struct request r = {
        .tag = "choose",
        .d = { .title = copy(title), .choose = true, .yes = "Enter 選ぶ", .no = "Esc やめる", .done = done }
    };
    listview_init(&r.d.list, choice_cols, ARRAY_LEN(choice_cols), "候補はありません。");
    listview_set(&r.d.list, json_incref(rows));
    open_dialog(ui, &r);
}
