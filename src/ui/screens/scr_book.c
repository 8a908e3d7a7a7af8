/*
 * What came to the counter during a stop: the book of notices (停止時受付簿), and the certificates with what the
 * comparison after the stop found (発行再照合). What may be done with a line the service says, line by line.
 */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

/* Does the line allow it now? */
static bool can(const json_t *row, const char *method)
{
    size_t i;
    json_t *name;
    json_array_foreach (ja(row, "can"), i, name)
        if (strcmp(json_string_value(name), method) == 0)
            return true;
    return false;
}

/* ---- the book ---- */

struct book {
    struct listview list;
    bool withdrawn; /* 取下げ, not 返戻, while the reason is asked for */
};

static void number_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, *js(row, "case") ? js(row, "case") : js(row, "host_no"));
}

static const struct list_col book_cols[] = {
    { .key = "no", .title = "番号", .width = 12 },
    { .key = "at_show", .title = "受付日時", .width = 15 },
    { .key = "title", .title = "届出・請求", .width = 14, .grow = 1 },
    { .key = "persons", .title = "人", .width = 14, .grow = 2, .text = bars_persons },
    { .key = "state_label", .title = "状態", .width = 10 },
    { .key = "case", .title = "受付番号", .width = 12, .text = number_text },
    { .key = "examined_label", .title = "審査", .width = 10 },
    { .key = "slip_no", .title = "預り証", .width = 8 },
    { .key = "envelope", .title = "封筒", .width = 8 },
};

static bool book_reload(struct screen *s)
{
    struct book *b = s->priv;
    json_t *answer = ui_call(s->ui, "outage.book", NULL);
    if (!answer)
        return false;
    bars_times(s->ui, ja(answer, "rows"), "received_at");
    listview_set(&b->list, json_incref(ja(answer, "rows")));
    json_decref(answer);
    return true;
}

static bool book_open(struct screen *s, const void *arg)
{
    struct book *b = s->priv;
    (void)arg;
    listview_init(&b->list, book_cols, ARRAY_LEN(book_cols), "停止中に受け付けたものはありません。");
    return book_reload(s);
}

static void book_free(struct screen *s)
{
    listview_done(&((struct book *)s->priv)->list);
}

static void book_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct book *)s->priv)->list, body);
}

static void book_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    listview_draw(&((const struct book *)s->priv)->list, cv, body, true);
}

static const json_t *line(const struct screen *s)
{
    return listview_row(&((const struct book *)s->priv)->list);
}

static unsigned book_show(struct screen *s)
{
    const json_t *row = line(s);
    if (row && *js(row, "case"))
        ui_push(s->ui, &scr_case, js(row, "case"));
    return R_HANDLED;
}

static unsigned receive(struct screen *s)
{
    ui_push(s->ui, &scr_receive, NULL);
    return R_HANDLED;
}

static unsigned type_in(struct screen *s)
{
    const json_t *row = line(s);
    struct notice_arg arg = { .kind = js(row, "kind"), .book = js(row, "no"), .received_at = js(row, "received_at") };
    ui_push(s->ui, &scr_notice, &arg);
    return R_HANDLED;
}

static unsigned note(struct screen *s)
{
    ui_push(s->ui, &scr_book_note, line(s));
    return R_HANDLED;
}

static unsigned certificates(struct screen *s)
{
    ui_push(s->ui, &scr_recheck, NULL);
    return R_HANDLED;
}

/* Asks the service to do something with the chosen line and shows what became of it. */
static unsigned carry_out(struct screen *s, const char *method, json_t *params, const char *done)
{
    const json_t *row = line(s);
    json_object_set_new(params, "no", json_string(js(row, "no")));
    json_t *answer = ui_call_slow(s->ui, "登録しています", method, params);
    if (!answer)
        return R_HANDLED;
    ui_say(s->ui, SAY_DONE, "%s %s", js(row, "no"), done);
    json_decref(answer);
    ui_refresh_status(s->ui);
    book_reload(s);
    return R_HANDLED;
}

static unsigned given_back(struct screen *s, const struct dialog_answer *a)
{
    bool withdrawn = ((const struct book *)s->priv)->withdrawn;
    if (!a->ok)
        return R_HANDLED;
    return carry_out(s, "outage.give_back", json_pack("{s:s, s:b}", "reason", a->text, "withdrawn", withdrawn),
                     withdrawn ? "を取下げとして閉じました。" : "を返戻として閉じました。");
}

static unsigned reason_to_give_back(struct screen *s, const struct dialog_answer *a)
{
    struct book *b = s->priv;
    if (!a->ok || !a->value)
        return R_HANDLED;
    b->withdrawn = strcmp(js(a->value, "value"), "withdrawn") == 0;
    dialog_line(s->ui, b->withdrawn ? "届出の取下げ" : "届書の返戻", "理由", 5, given_back);
    return R_HANDLED;
}

static unsigned give_back(struct screen *s)
{
    json_t *rows =
        json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}]", "value", "returned", "label", "返戻", "note",
                  "受理できないので返す", "value", "withdrawn", "label", "取下げ", "note", "届出人が取り下げた");
    dialog_choose(s->ui, "この届書をどうしますか", rows, reason_to_give_back);
    json_decref(rows);
    return R_HANDLED;
}

static unsigned handed_over(struct screen *s, const struct dialog_answer *a)
{
    if (!a->ok)
        return R_HANDLED;
    return carry_out(s, "outage.hand_over",
                     json_pack("{s:s, s:s, s:s}", "reason", a->text, "approver", a->person, "password", a->password),
                     "を本庁に引き継ぎました。本庁の受付番号がわかったらF11で付けてください。");
}

static unsigned hand_over(struct screen *s)
{
    dialog_second(s->ui, "本庁への引継ぎ", "この届書は本庁が入力します。ここでは入力できなくなり、元に戻せません。",
                  "理由", handed_over);
    return R_HANDLED;
}

static unsigned host_no_given(struct screen *s, const struct dialog_answer *a)
{
    if (!a->ok)
        return R_HANDLED;
    return carry_out(s, "outage.host_no", json_pack("{s:s}", "host_no", a->text), "に本庁の受付番号を付けました。");
}

static unsigned host_no(struct screen *s)
{
    dialog_line(s->ui, "本庁の受付番号", "受付番号", 1, host_no_given);
    return R_HANDLED;
}

/* Back from receiving, typing in or noting. */
static unsigned book_resume(struct screen *s)
{
    book_reload(s);
    return R_HANDLED;
}

static unsigned book_key(struct screen *s, const struct key *k)
{
    if (k->code == K_ENTER)
        return book_show(s);
    return listview_key(&((struct book *)s->priv)->list, k) ? R_HANDLED : R_NONE;
}

static unsigned book_facts(const struct screen *s)
{
    const json_t *row = line(s);
    return row && *js(row, "case") ? NEED_ROW : 0u;
}

/* What is done with one line. */
static bool book_allows(const struct screen *s, const char *method)
{
    static const char *const of_a_line[] = { "notice.enter", "outage.note", "outage.give_back", "outage.hand_over",
                                             "outage.host_no" };
    for (size_t i = 0; i < ARRAY_LEN(of_a_line); i++)
        if (strcmp(of_a_line[i], method) == 0)
            return can(line(s), method);
    return true;
}

static unsigned book_refresh(struct screen *s)
{
    book_reload(s);
    return R_HANDLED;
}

static const struct action book_actions[] = {
    { .key = K_F4,
      .label = "預かり",
      .help = "停止中に預かった届書を受付簿に載せる。入力は後でできる",
      .method = "outage.receive",
      .run = receive },
    { .key = K_F5, .label = "最新", .help = "読み直す", .method = "outage.book", .run = book_refresh },
    { .key = K_F6,
      .label = "追記",
      .help = "選んだ届書に、審査の結果、預り証、封筒、入力済みの受付番号を付ける",
      .method = "outage.note",
      .run = note },
    { .key = K_F7,
      .label = "入力",
      .help = "選んだ届書を入力する。届出日は預かった日のまま",
      .method = "notice.enter",
      .run = type_in },
    { .key = K_F8,
      .label = "返却",
      .help = "入力していない届書を、返戻か取下げとして閉じる。理由がいる",
      .method = "outage.give_back",
      .run = give_back },
    { .key = K_F9,
      .label = "証明書",
      .help = "停止中に交付した証明書の再照合の結果を見て、差異を処置する",
      .method = "outage.book",
      .run = certificates },
    { .key = K_F10,
      .label = "開く",
      .help = "選んだ受付の届出を開く。Enterでも同じ",
      .need = NEED_ROW,
      .method = "notice.get",
      .run = book_show },
    { .key = K_F11,
      .label = "代行",
      .help = "選んだ届書を本庁に引き継ぐ。理由と承認者がいる。元に戻せない",
      .method = "outage.hand_over",
      .run = hand_over },
    { .key = K_F11,
      .label = "代行番号",
      .help = "引き継いだ届書に本庁の受付番号を付ける",
      .method = "outage.host_no",
      .run = host_no },
};

const struct screen_ops scr_book = {
    .id = "book",
    .title = "停止時受付簿",
    .priv_size = sizeof(struct book),
    .open = book_open,
    .layout = book_layout,
    .draw = book_draw,
    .key = book_key,
    .facts = book_facts,
    .allows = book_allows,
    .resume = book_resume,
    .free = book_free,
    SCREEN_ACTIONS(book_actions),
};

/* ---- certificates of the stop ---- */

static const struct list_col cert_cols[] = {
    { .key = "at_show", .title = "交付日時", .width = 15 },
    { .key = "no", .title = "発行番号", .width = 18 },
    { .key = "found_label", .title = "再照合", .width = 8 },
    { .key = "persons", .title = "記録が変わっていた人", .width = 16, .grow = 1 },
    { .key = "settled_by", .title = "操作者", .width = 8 },
    { .key = "second", .title = "承認者", .width = 8 },
    { .key = "ground", .title = "処置", .width = 12, .grow = 2 },
};

static enum style cert_style(const json_t *row)
{
    return can(row, "outage.settle") ? STYLE_ERROR : STYLE_NORMAL;
}

static bool recheck_reload(struct screen *s)
{
    json_t *answer = ui_call(s->ui, "outage.book", NULL);
    if (!answer)
        return false;
    bars_times(s->ui, ja(answer, "certificates"), "issued_at");
    listview_set(s->priv, json_incref(ja(answer, "certificates")));
    json_decref(answer);
    return true;
}

static bool recheck_open(struct screen *s, const void *arg)
{
    struct listview *list = s->priv;
    (void)arg;
    listview_init(list, cert_cols, ARRAY_LEN(cert_cols), "停止中に交付した証明書はありません。");
    list->style = cert_style;
    return recheck_reload(s);
}

static void recheck_free(struct screen *s)
{
    listview_done(s->priv);
}

static void recheck_layout(struct screen *s, struct rect body)
{
    listview_layout(s->priv, body);
}

static void recheck_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    listview_draw(s->priv, cv, body, true);
}

static unsigned recheck_key(struct screen *s, const struct key *k)
{
    return listview_key(s->priv, k) ? R_HANDLED : R_NONE;
}

static unsigned settled(struct screen *s, const struct dialog_answer *a)
{
    const json_t *row = listview_row(s->priv);
    if (!a->ok)
        return R_HANDLED;
    json_t *answer = ui_call_slow(s->ui, "登録しています", "outage.settle",
                                  json_pack("{s:s, s:s, s:s, s:s}", "cert", js(row, "no"), "reason", a->text,
                                            "approver", a->person, "password", a->password));
    if (!answer)
        return R_HANDLED;
    ui_say(s->ui, SAY_DONE, "%s の処置を記録しました。", js(row, "no"));
    json_decref(answer);
    recheck_reload(s);
    return R_HANDLED;
}

static unsigned settle(struct screen *s)
{
    dialog_second(s->ui, "差異の処置",
                  "交付した後に、記録が交付の前から変わっていたことがわかりました。どうしたかを書きます。"
                  "二人のうち一人は住民記録責任者です。",
                  "処置", settled);
    return R_HANDLED;
}

static bool recheck_allows(const struct screen *s, const char *method)
{
    return strcmp(method, "outage.settle") != 0 || can(listview_row(s->priv), method);
}

static unsigned recheck_refresh(struct screen *s)
{
    recheck_reload(s);
    return R_HANDLED;
}

static const struct action recheck_actions[] = {
    { .key = K_F5, .label = "最新", .help = "読み直す", .method = "outage.book", .run = recheck_refresh },
    { .key = K_F10,
      .label = "処置",
      .help = "差異があった証明書をどうしたかを、住民記録責任者と二人で記録する",
      .method = "outage.settle",
      .run = settle },
};

const struct screen_ops scr_recheck = {
    .id = "recheck",
    .title = "停止時証明書の再照合",
    .priv_size = sizeof(struct listview),
    .open = recheck_open,
    .layout = recheck_layout,
    .draw = recheck_draw,
    .key = recheck_key,
    .allows = recheck_allows,
    .free = recheck_free,
    SCREEN_ACTIONS(recheck_actions),
};
