/*
 * Entering a notice (届出の入力): the form, drafts saved field by field, candidates, addresses from the postal number,
 * and the check before it goes in, which has its own screen (scr_check.c).
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "notice_entry.h"
#include "ui/bars.h"
#include "ui/dialog.h"

#include <stdlib.h>
#include <string.h>

/* Drafts. */

static void save_draft(struct screen *s)
{
    struct entry *n = s->priv;
    json_t *params = json_pack("{s:s, s:o}", "kind", n->kind, "values", form_values(n->form));
    if (n->draft)
        json_object_set_new(params, "id", json_string(n->draft));
    if (n->again)
        json_object_set_new(params, "no", json_string(n->again));
    if (n->book)
        json_object_set_new(params, "book", json_string(n->book));
    json_t *answer = ui_call(s->ui, "draft.save", params);
    if (!answer)
        return;
    if (!n->draft)
        n->draft = xstrdup(js(answer, "id"));
    const json_t *held = json_array_get(ja(answer, "locked"), 0);
    if (held)
        ui_say(s->ui, SAY_WARN, "ほかの操作者(%s)が同じ人の届出を入力中です。", js(held, "operator"));
    struct buf at = BUF_INIT;
    buf_adds(&at, "下書き ");
    bars_clock(s->ui, js(answer, "saved_at"), &at);
    free(n->saved);
    n->saved = buf_steal(&at);
    json_decref(answer);
}

/* A value that is only a number gets its words: what the service offers for exactly this number. */
static void name_value(struct screen *s, struct form_place at)
{
    struct entry *n = s->priv;
    char *v = xstrdup(form_value(n->form, at));
    if (*v && form_named(n->form, at)) {
        json_t *answer = ui_ask(s->ui, "notice.candidates", entry_question(n, at, v));
        const json_t *row = json_array_get(ja(answer, "rows"), 0);
        if (json_array_size(ja(answer, "rows")) == 1)
            form_set(n->form, at, v, js(row, "label"));
        json_decref(answer);
    }
    free(v);
}

static void name_values(struct screen *s)
{
    struct entry *n = s->priv;
    for (int i = 0; i < n->form->n; i++)
        for (int r = 0; r < n->form->section[i].n_row; r++)
            for (int f = 0; f < n->form->section[i].n_field; f++)
                name_value(s, (struct form_place){ i, r, f });
}

static bool load_draft(struct screen *s, const char *id)
{
    struct entry *n = s->priv;
    json_t *answer = ui_call(s->ui, "draft.get", json_pack("{s:s}", "id", id));
    if (!answer)
        return false;
    n->draft = xstrdup(id);
    if (*js(answer, "no"))
        n->again = xstrdup(js(answer, "no"));
    form_load(n->form, ja(answer, "values"));
    json_decref(answer);
    name_values(s);
    return true;
}

/* A notice that was given back is mended and entered again under its number. */
static bool load_case(struct screen *s, const char *no)
{
    struct entry *n = s->priv;
    json_t *answer = ui_call(s->ui, "notice.get", json_pack("{s:s}", "no", no));
    if (!answer)
        return false;
    n->again = xstrdup(no);
    form_load(n->form, ja(answer, "values"));
    json_decref(answer);
    name_values(s);
    return true;
}

/* 世帯全員. */

/* One of the household: a row of his own, unless he has one; what stands there already stays. */
static bool put_member(struct form *form, struct form_place who, const json_t *member)
{
    struct form_section *section = &form->section[who.s];
    size_t i;
    json_t *v;
    for (who.r = 0; who.r < section->n_row; who.r++)
        if (strcmp(form_value(form, who), js(member, "value")) == 0 || form_row_blank(form, who.s, who.r))
            break;
    if (who.r == section->n_row && !form_add_row(form, who.s))
        return false;
    if (!*form_value(form, who))
        form_set(form, who, js(member, "value"), js(member, "label"));
    json_array_foreach (ja(member, "fill"), i, v) {
        struct form_place to;
        if (form_sibling(form, who, js(v, "f"), &to) && !*form_value(form, to))
            form_set(form, to, js(v, "v"), NULL);
    }
    return true;
}

/* Everybody of the household that the notice is about comes into the section, with the relation that he has. */
static void put_household(struct screen *s, struct form_place who)
{
    struct entry *n = s->priv;
    size_t i, put = 0;
    json_t *member, *params = entry_question(n, who, "");
    json_object_set_new(params, "whole", json_true());
    json_t *answer = ui_call(s->ui, "notice.candidates", params);
    json_array_foreach (ja(answer, "rows"), i, member)
        put += put_member(n->form, who, member);
    if (answer)
        ui_say(s->ui, put == i ? SAY_DONE : SAY_WARN, "世帯の%zu人のうち%zu人を入れました。続柄は今のままです。", i,
               put);
    json_decref(answer);
}

/* Life. */

/* The day that is offered: that on which the paper was taken in. */
static void day_of_receipt(struct screen *s, const struct notice_arg *a, struct date *ret)
{
    char day[DATE_TEXT];
    ui_today(s->ui, ret);
    snprintf(day, sizeof day, "%s", a->received_at ? a->received_at : "");
    if (*day && date_read(day, ret, NULL) != OK)
        ui_today(s->ui, ret);
}

static bool entry_open(struct screen *s, const void *arg)
{
    const struct notice_arg *a = arg;
    struct entry *n = s->priv;
    struct date today;
    struct form_place at;
    json_t *doc = ui_call(s->ui, "notice.form", json_pack("{s:s}", "kind", a->kind));
    if (!doc)
        return false;
    day_of_receipt(s, a, &today);
    n->kind = xstrdup(a->kind);
    n->title = xprintf("%s 入力", js(doc, "title"));
    n->book = a->book ? xstrdup(a->book) : NULL;
    n->acks = json_array();
    n->form = form_new(doc, s->ui->opt.eras, today);
    form_lookup(n->form, s->ui->opt.char_code, s->ui->opt.char_arg);
    json_decref(doc);
    snprintf(s->tag, sizeof s->tag, ":%s", a->kind);
    formview_init(&n->view, n->form);
    if (a->draft)
        return load_draft(s, a->draft);
    if (a->again)
        return load_case(s, a->again);
    if (a->person && form_first(n->form, "person", &at)) {
        form_set(n->form, at, a->person->id, a->person->name);
        if (a->person->whole && n->form->section[at.s].whole)
            put_household(s, at);
    }
    return true;
}

static void entry_free(struct screen *s)
{
    struct entry *n = s->priv;
    formview_done(&n->view);
    form_free(n->form);
    json_decref(n->acks);
    json_decref(n->checked);
    free(n->kind);
    free(n->title);
    free(n->draft);
    free(n->saved);
    free(n->no);
    free(n->again);
    free(n->book);
    free(n->reason);
}

/* A change makes the last check worthless. */
static void changed(struct screen *s)
{
    struct entry *n = s->priv;
    json_decref(n->checked);
    n->checked = NULL;
    json_array_clear(n->acks);
    save_draft(s);
}

/* Candidates. */

json_t *entry_question(const struct entry *n, struct form_place at, const char *text)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:s, s:o}", "kind", n->kind, "section", n->form->section[at.s].id, "field",
                     form_field(n->form, at)->key, "row", at.r, "text", text, "values", form_values(n->form));
}

/* What comes along with a candidate: a town brings its postal number and code. */
static void fill(struct entry *n, struct form_place at, const json_t *row)
{
    size_t i;
    json_t *v;
    json_array_foreach (ja(row, "fill"), i, v) {
        struct form_place to;
        if (form_sibling(n->form, at, js(v, "f"), &to))
            form_set(n->form, to, js(v, "v"), NULL);
    }
}

static void pick(struct screen *s, const json_t *row)
{
    struct entry *n = s->priv;
    struct form_place at = n->view.at;
    fill(n, at, row);
    formview_picked(&n->view, js(row, "value"), form_named(n->form, at) ? js(row, "label") : NULL);
    changed(s);
}

static unsigned chosen(struct screen *s, const struct dialog_answer *a)
{
    struct entry *n = s->priv;
    if (!a->ok || !a->value)
        return R_HANDLED;
    if (jb(a->value, "whole")) {
        put_household(s, n->view.at);
        formview_go(&n->view, n->view.at);
        changed(s);
    } else {
        pick(s, a->value);
    }
    return R_HANDLED;
}

/* Offers rows; a single one is taken at once when it was asked for by leaving the field. */
static unsigned offer(struct screen *s, json_t *rows, bool leaving, dialog_done *done)
{
    struct entry *n = s->priv;
    size_t count = json_array_size(rows);
    if (count == 0)
        ui_say(s->ui, SAY_ERROR, "候補がありません。書き方を変えて、もう一度F2を押してください。");
    else if (count == 1 && leaving)
        done(s, &(struct dialog_answer){ .ok = true, .value = json_array_get(rows, 0) });
    else
        dialog_choose(s->ui, form_field(n->form, n->view.at)->label, rows, done);
    return R_HANDLED;
}

static unsigned candidates(struct screen *s, bool leaving)
{
    struct entry *n = s->priv;
    struct form_place at = n->view.at;
    const char *text = lineedit_text(&form_cell(n->form, at)->edit);
    json_t *rows = form_choices(n->form, at);
    if (rows) {
        unsigned result = offer(s, rows, leaving, chosen);
        json_decref(rows);
        return result;
    }
    if (!form_asks(n->form, at) && !form_takes_letters(n->form, at)) {
        ui_say(s->ui, SAY_ERROR, "この欄に候補はありません。");
        return R_HANDLED;
    }
    if (!form_asks(n->form, at)) {
        lineedit_code(&form_cell(n->form, at)->edit);
        ui_say(s->ui, SAY_DONE, "文字コードを入力してEnterを押してください(U+9AD9、1-16-1、MJ番号)。Escでやめます。");
        return R_HANDLED;
    }
    json_t *answer = ui_call(s->ui, "notice.candidates", entry_question(n, at, text));
    if (!answer)
        return R_HANDLED;
    unsigned result = offer(s, ja(answer, "rows"), leaving, chosen);
    json_decref(answer);
    return result;
}

/* Keys. */

/* A postal number, in its own field or in that of the town. */
static bool is_zip(const struct form *f, struct form_place at)
{
    const char *v = form_value(f, at), *type = form_type(f, at);
    bool number = strlen(v) == 7 && strspn(v, "0123456789") == 7;
    return strcmp(type, "zip") == 0 ? *v != '\0' : strcmp(type, "town") == 0 && number;
}

/* A whole postal number brings its town along; where there are several, F2 offers them. */
static void after_zip(struct screen *s, struct form_place left)
{
    struct entry *n = s->priv;
    if (!is_zip(n->form, left))
        return;
    json_t *answer = ui_ask(s->ui, "notice.candidates", entry_question(n, left, form_value(n->form, left)));
    if (json_array_size(ja(answer, "rows")) == 1)
        fill(n, left, json_array_get(ja(answer, "rows"), 0));
    json_decref(answer);
    form_enter(n->form, n->view.at);
}

/* A field got its value: what comes along with it, its words, the draft. */
static void stored(struct screen *s, struct form_place was)
{
    after_zip(s, was);
    name_value(s, was);
    changed(s);
}

/* What the form did with a key; `was`: where the cursor stood before. */
static unsigned react(struct screen *s, struct form_place was, enum form_event event)
{
    struct entry *n = s->priv;
    switch (event) {
    case FORM_STORED:
        stored(s, was);
        return R_HANDLED;
    case FORM_REFUSED:
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(n->form, n->view.at)->edit));
        return R_HANDLED;
    case FORM_WANTS:
        return candidates(s, true);
    case FORM_ENDED:
        changed(s);
        ui_say(s->ui, SAY_DONE, "最後の欄です。F8で事前確認をしてください。");
        return R_HANDLED;
    case FORM_IGNORED:
        return R_NONE;
    case FORM_MOVED:
    case FORM_UNFIT:
    case FORM_TYPED:
    default:
        return R_HANDLED;
    }
}

static unsigned entry_key(struct screen *s, const struct key *k)
{
    struct entry *n = s->priv;
    struct form_place was = n->view.at;
    return react(s, was, formview_key(&n->view, k));
}

/* Actions. */

/* Past everything that has its value or may be left blank. */
static unsigned next_open(struct screen *s)
{
    struct entry *n = s->priv;
    struct form_place was = n->view.at;
    enum form_event event = formview_next_open(&n->view);
    react(s, was, event == FORM_ENDED ? FORM_STORED : event);
    if (event == FORM_ENDED)
        ui_say(s->ui, SAY_DONE, "必須の欄はすべて入っています。F8で事前確認、F10で仮登録です。");
    return R_HANDLED;
}

static unsigned show_candidates(struct screen *s)
{
    return candidates(s, false);
}

static unsigned found(struct screen *s, const json_t *row)
{
    struct entry *n = s->priv;
    formview_picked(&n->view, js(row, "id"), js(row, "name"));
    changed(s);
    return R_HANDLED;
}

static unsigned find_person(struct screen *s)
{
    struct entry *n = s->priv;
    struct search_arg arg = { .text = lineedit_text(&form_cell(n->form, n->view.at)->edit), .picked = found };
    ui_push(s->ui, &scr_search, &arg);
    return R_HANDLED;
}

static unsigned drop_row(struct screen *s)
{
    struct entry *n = s->priv;
    struct form_place at = { n->view.at.s, n->view.at.r, 0 };
    form_remove_row(n->form, at.s, at.r);
    if (at.r >= n->form->section[at.s].n_row)
        at.r = n->form->section[at.s].n_row - 1;
    formview_go(&n->view, at);
    changed(s);
    return R_HANDLED;
}

static unsigned show_code(struct screen *s)
{
    struct entry *n = s->priv;
    struct buf b = BUF_INIT;
    lineedit_show_code(&form_cell(n->form, n->view.at)->edit, &b);
    ui_say(s->ui, SAY_DONE, b.len ? "カーソルの文字 %s" : "文字がありません。%s", buf_str(&b));
    buf_done(&b);
    return R_HANDLED;
}

static json_t *ask_check(struct screen *s)
{
    struct entry *n = s->priv;
    json_t *params = json_pack("{s:s, s:o}", "kind", n->kind, "values", form_values(n->form));
    if (n->again)
        json_object_set_new(params, "no", json_string(n->again));
    if (n->reason)
        json_object_set_new(params, "reason", json_string(n->reason));
    return ui_call(s->ui, "notice.check", params);
}

/* Puts one proposal into the section of relations, unless the person stands there already. */
static bool propose(struct form *form, const char *section, const json_t *who)
{
    struct form_place at, person, relation;
    if (!form_place_of(form, section, 0, "", &at))
        return false;
    int s = at.s, rows = form->section[s].n_row;
    for (int r = 0; r < rows; r++)
        if (form_sibling(form, (struct form_place){ s, r, 0 }, "person", &person) &&
            strcmp(form_value(form, person), js(who, "id")) == 0)
            return false;
    if (!form_row_blank(form, s, rows - 1) && !form_add_row(form, s))
        return false;
    at = (struct form_place){ s, form->section[s].n_row - 1, 0 };
    if (!form_sibling(form, at, "person", &person) || !form_sibling(form, at, "relation", &relation))
        return false;
    const char *first = json_string_value(json_array_get(ja(who, "proposal"), 0));
    form_set(form, person, js(who, "id"), js(who, "name"));
    if (first && !jb(who, "ask"))
        form_set(form, relation, first, NULL);
    return true;
}

/* 続柄: candidates in such a field; elsewhere everybody who gets a new head, with what the rules propose. */
static unsigned relations(struct screen *s)
{
    struct entry *n = s->priv;
    if (strcmp(form_type(n->form, n->view.at), "relation") == 0)
        return candidates(s, false);
    if (!formview_settle(&n->view))
        return R_HANDLED;
    json_t *answer = ask_check(s), *who;
    size_t i, put = 0;
    json_array_foreach (ja(answer, "relations"), i, who)
        if (!jb(who, "head") && !jb(who, "leaves"))
            put += propose(n->form, js(answer, "relations_section"), who);
    json_decref(answer);
    if (!answer)
        return R_HANDLED;
    if (!put) {
        ui_say(s->ui, SAY_WARN, "新しく入れる続柄の案はありません。世帯主が替わる届出で使えます。");
        return R_HANDLED;
    }
    changed(s);
    ui_say(s->ui, SAY_DONE, "%zu人の続柄の案を入れました。空いているところは聞き取って入れてください。", put);
    return R_HANDLED;
}

static unsigned check(struct screen *s);

static unsigned with_reason(struct screen *s, const struct dialog_answer *a)
{
    struct entry *n = s->priv;
    if (!a->ok)
        return R_HANDLED;
    free(n->reason);
    n->reason = xstrdup(a->text);
    return check(s);
}

/* Asks for the check; true when the answer is there. When a reason is wanted first, it comes back through check(). */
static bool examine(struct screen *s)
{
    struct entry *n = s->priv;
    bool touched = form_cell(n->form, n->view.at)->touched;
    if (!formview_settle(&n->view)) {
        ui_say(s->ui, SAY_ERROR, "今の欄を直してから押してください。");
        return false;
    }
    if (touched) /* what was acknowledged was said about the value before */
        stored(s, n->view.at);
    else
        save_draft(s);
    json_t *answer = ask_check(s);
    if (!answer)
        return false;
    if (jb(answer, "hidden") && !n->reason && ui_may(s->ui, "restrict.get")) { /* 支援措置責任者 says why */
        json_decref(answer);
        dialog_line(s->ui, "照会の理由", "理由", REASON_MIN, with_reason);
        return false;
    }
    json_decref(n->checked);
    n->checked = answer;
    form_set_findings(n->form, json_incref(ja(answer, "findings")));
    return true;
}

static unsigned check(struct screen *s)
{
    if (examine(s))
        ui_push(s->ui, &scr_check, s->priv);
    return R_HANDLED;
}

bool entry_register(struct screen *s, struct entry *n)
{
    json_t *params = json_pack("{s:s, s:o, s:O}", "kind", n->kind, "values", form_values(n->form), "acks", n->acks);
    if (n->draft)
        json_object_set_new(params, "draft", json_string(n->draft));
    if (n->again)
        json_object_set_new(params, "no", json_string(n->again));
    json_t *answer = ui_call(s->ui, "notice.enter", params);
    if (!answer)
        return false;
    n->no = xstrdup(js(answer, "no"));
    json_decref(answer);
    return true;
}

static size_t errors(const json_t *checked)
{
    size_t i, count = 0;
    json_t *x;
    json_array_foreach (ja(checked, "findings"), i, x)
        count += finding_is_error(x);
    return count;
}

static unsigned entry_resume(struct screen *s);

/* Check and 仮登録 in one: only where there is nothing to be read. An error leads to its field, a warning to the screen
 * where it is acknowledged. */
static unsigned check_and_register(struct screen *s)
{
    struct entry *n = s->priv;
    if (!examine(s))
        return R_HANDLED;
    size_t wrong = errors(n->checked);
    if (wrong && formview_go_finding(&n->view)) {
        ui_say(s->ui, SAY_ERROR, "直すところが%zu件あります。この欄から直してください(F8で一覧)。", wrong);
        return R_HANDLED;
    }
    if (json_array_size(ja(n->checked, "findings")) || jb(n->checked, "hidden")) {
        ui_push(s->ui, &scr_check, n);
        return R_HANDLED;
    }
    return entry_register(s, n) ? entry_resume(s) : R_HANDLED;
}

/* Back from the check: entered, or to the field of a finding. */
static unsigned entry_resume(struct screen *s)
{
    struct entry *n = s->priv;
    if (n->no) {
        ui_say(s->ui, SAY_DONE, "仮登録しました。受付番号 %s", n->no);
        return R_CLOSE;
    }
    if (n->go) {
        n->go = false;
        formview_go(&n->view, n->to);
    }
    return R_HANDLED;
}

static unsigned discarded(struct screen *s, const struct dialog_answer *a)
{
    struct entry *n = s->priv;
    if (!a->ok)
        return R_HANDLED;
    if (n->draft)
        json_decref(ui_call(s->ui, "draft.discard", json_pack("{s:s}", "id", n->draft)));
    return R_CLOSE;
}

static unsigned discard(struct screen *s)
{
    dialog_confirm(s->ui, "この届出の下書きを捨てます。元に戻せません。", "捨てる", true, discarded);
    return R_HANDLED;
}

static unsigned entry_facts(const struct screen *s)
{
    const struct entry *n = s->priv;
    struct form_place at = n->view.at;
    const char *type = form_type(n->form, at);
    bool person = strcmp(type, "person") == 0 || strcmp(type, "household") == 0;
    return NEED_FIELD | NEED_CHOICES | (person ? NEED_PERSON : 0u) | (n->form->section[at.s].max > 1 ? NEED_ROWS : 0u) |
           (json_array_size(n->form->findings) ? NEED_FINDINGS : 0u);
}

static void entry_layout(struct screen *s, struct rect body)
{
    formview_layout(&((struct entry *)s->priv)->view, body);
}

static void entry_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    formview_draw(&((const struct entry *)s->priv)->view, cv, body, true);
}

static const char *entry_title(const struct screen *s)
{
    return ((const struct entry *)s->priv)->title;
}

static const char *entry_subject(const struct screen *s)
{
    const struct entry *n = s->priv;
    return n->saved ? n->saved : "";
}

static const struct action actions[] = {
    { .key = K_F2,
      .label = "候補",
      .help = "この欄の候補を出す。候補のない欄では文字を文字コードで入力する",
      .run = show_candidates },
    { .key = K_F4, .help = "カーソルの文字の文字コードを見る", .run = show_code },
    { .key = K_F5,
      .label = "検索",
      .help = "人を探してこの欄に入れる",
      .need = NEED_PERSON,
      .method = "resident.search",
      .run = find_person },
    { .key = K_F6,
      .label = "続柄",
      .help = "続柄の欄では候補を出す。ほかの欄では、残る人の続柄の案をまとめて入れる",
      .run = relations },
    { .key = K_F7, .label = "次必須", .help = "まだ入っていない必須の欄へ進む", .run = next_open },
    { .key = K_F8,
      .label = "確認",
      .help = "誤りと警告、異動の前と後を確かめる",
      .method = "notice.check",
      .run = check },
    { .key = K_F9, .help = "この届出の下書きを捨てる", .method = "draft.discard", .run = discard },
    { .key = K_F10,
      .label = "仮登録",
      .help = "事前確認をし、誤りも警告もなければそのまま仮登録する。誤りはその欄、警告は事前確認の画面に移る",
      .method = "notice.enter",
      .run = check_and_register },
    { .key = K_F11, .label = "行消", .help = "今の行を消す", .need = NEED_ROWS, .run = drop_row },
};

const struct screen_ops scr_notice = {
    .id = "notice",
    .priv_size = sizeof(struct entry),
    .open = entry_open,
    .layout = entry_layout,
    .draw = entry_draw,
    .key = entry_key,
    .facts = entry_facts,
    .resume = entry_resume,
    .title_of = entry_title,
    .subject = entry_subject,
    .free = entry_free,
    SCREEN_ACTIONS(actions),
};
