/*
 * A request for certificates (証明書の請求): what, for whom, who asks and on what grounds. Kinds, items and classes of
 * requesters come from the service, so the form is described from its tables; it changes with kind and requester.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "cert_entry.h"
#include "ui/chart.h"
#include "ui/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Description. */

static json_t *field(const char *key, const char *label, const char *type, int max, int cols)
{
    json_t *f = json_pack("{s:s, s:s, s:s, s:i}", "key", key, "label", label, "type", type, "max", max);
    if (cols)
        json_object_set_new(f, "cols", json_integer(cols));
    return f;
}

static json_t *required(json_t *f)
{
    json_object_set_new(f, "required", json_true());
    return f;
}

static json_t *required_if(bool need, json_t *f)
{
    return need ? required(f) : f;
}

static json_t *helped(json_t *f, const char *help)
{
    json_object_set_new(f, "help", json_string(help));
    return f;
}

static json_t *choice(const char *key, const char *label, json_t *choices, int cols)
{
    json_t *f = field(key, label, "choice", 0, cols);
    json_object_set_new(f, "choices", choices);
    return f;
}

static json_t *kind_choices(const json_t *tables)
{
    json_t *list = json_array(), *k;
    size_t i;
    json_array_foreach (ja(tables, "kinds"), i, k) {
        struct buf label = BUF_INIT;
        buf_printf(&label, "%s ", js(k, "title"));
        chart_number(ji(k, "fee"), &label);
        buf_adds(&label, "円");
        json_array_append_new(list, json_pack("{s:s, s:s}", "code", js(k, "id"), "label", buf_str(&label)));
        buf_done(&label);
    }
    return list;
}

static const json_t *row_of(const json_t *rows, const char *key, const char *want)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        if (strcmp(js(row, key), want) == 0)
            return row;
    return NULL;
}

/* Items that this requester may ask for on this kind. */
static json_t *item_fields(const json_t *kind, const char *requester)
{
    json_t *list = json_array(), *item;
    size_t i;
    json_array_foreach (ja(kind, "items"), i, item)
        if (jb(json_object_get(item, "ask"), requester))
            json_array_append_new(list, field(js(item, "code"), js(item, "tick"), "flag", 1, 6));
    return list;
}

static json_t *section(const char *id, const char *title, int max, json_t *fields)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:o}", "id", id, "title", title, "min", 1, "max", max, "fields", fields);
}

/* What this class of requesters must state and show is theirs to fill in before anything is judged. */
static json_t *requester_fields(const json_t *tables, const json_t *class)
{
    json_t *who = json_array();
    json_array_append_new(who, required(choice("class", "請求者の区分", json_incref(ja(tables, "requesters")), 24)));
    json_array_append_new(who, required(field("name", "請求者氏名", "name", 100, 32)));
    json_array_append_new(who, required_if(jb(class, "document"), choice("document", "本人確認書類",
                                                                         json_incref(ja(tables, "documents")), 30)));
    json_array_append_new(who, helped(field("document_tail", "書類番号の末尾", "alpha", 4, 6),
                                      "番号の終わりの4文字まで。全部は記録しません。"));
    json_array_append_new(who, field("address", "請求者住所", "text", 300, 58));
    json_array_append_new(who, field("relation", "対象者との関係", "text", 100, 24));
    json_array_append_new(who, required_if(jb(class, "reason"),
                                           helped(field("purpose", "使いみち・提出先", "text", 500, 58),
                                                  "第三者と国・地方公共団体では、請求の理由を具体的に入力します。")));
    json_array_append_new(who, helped(field("reason_holds", "理由が正当", "flag", 1, 6),
                                      "請求の理由と提出先を確かめ、正当と判断したとき「はい」。"));
    json_array_append_new(who, required_if(jb(class, "proof"), field("proof", "権限の書類", "text", 200, 40)));
    json_array_append_new(who, field("in_person", "窓口に来た", "flag", 1, 6));
    json_array_append_new(who, field("by_post", "郵送", "flag", 1, 6));
    return who;
}

static json_t *describe(const json_t *tables, const char *kind, const char *requester)
{
    json_t *what = json_array(), *persons = json_array(), *sections = json_array();
    json_array_append_new(what, required(choice("kind", "証明書", kind_choices(tables), 44)));
    json_t *copies = required(field("copies", "通数", "digits", 2, 4));
    json_object_set_new(copies, "initial", json_string("1"));
    json_array_append_new(what, copies);
    json_array_append_new(what, choice("exempt", "手数料なしの理由", json_incref(ja(tables, "exemptions")), 30));
    json_array_append_new(persons, helped(required(field("person", "氏名", "person", 100, 40)),
                                          "証明書に載せる人。氏名か宛名番号。F6で同じ世帯の全員が入ります。"));
    json_array_append_new(sections, section("what", "証明書", 1, what));
    json_array_append_new(sections, section("persons", "対象者", 20, persons));
    json_array_append_new(
        sections,
        section("who", "請求者", 1, requester_fields(tables, row_of(ja(tables, "requesters"), "code", requester))));
    json_t *items = item_fields(row_of(ja(tables, "kinds"), "id", kind), requester);
    if (json_array_size(items))
        json_array_append_new(sections, section("items", "求められたときだけ載せる項目", 1, items));
    else
        json_decref(items);
    return json_pack("{s:o}", "sections", sections);
}

/* Values. */

static const char *value(const struct form *f, const char *section_id, const char *key)
{
    struct form_place at, to;
    if (!form_place_of(f, section_id, 0, key, &at) || !form_sibling(f, at, key, &to))
        return "";
    return form_value(f, to);
}

static struct form *build(struct screen *s, const char *kind, const char *requester)
{
    const struct cert_entry *c = s->priv;
    struct date today;
    json_t *doc = describe(c->tables, kind, requester);
    ui_today(s->ui, &today);
    struct form *f = form_new(doc, s->ui->opt.eras, today);
    json_decref(doc);
    form_lookup(f, s->ui->opt.char_code, s->ui->opt.char_arg);
    return f;
}

/* Kind or requester changed: other items may be asked for. */
static void rebuild(struct screen *s)
{
    struct cert_entry *c = s->priv;
    struct form *old = c->form;
    struct form_place at = c->view.at;
    c->form = build(s, value(old, "what", "kind"), value(old, "who", "class"));
    form_carry(c->form, old);
    formview_done(&c->view);
    formview_init(&c->view, c->form);
    if (at.s < c->form->n && at.r < c->form->section[at.s].n_row && at.f < c->form->section[at.s].n_field)
        formview_go(&c->view, at);
    form_free(old);
}

static void forget_request(struct cert_entry *c)
{
    json_decref(c->request);
    json_decref(c->preview);
    c->request = c->preview = NULL;
}

static bool cert_open(struct screen *s, const void *arg)
{
    struct cert_entry *c = s->priv;
    const struct person_arg *who = arg;
    struct form_place at;
    c->tables = ui_call(s->ui, "cert.kinds", NULL);
    if (!c->tables)
        return false;
    c->form = build(s, "", "");
    formview_init(&c->view, c->form);
    if (who && form_first(c->form, "person", &at))
        form_set(c->form, at, who->id, who->name);
    return true;
}

static void cert_free(struct screen *s)
{
    struct cert_entry *c = s->priv;
    formview_done(&c->view);
    form_free(c->form);
    forget_request(c);
    json_decref(c->tables);
}

/* People. */

static void put_person(struct screen *s, const char *id, const char *name)
{
    struct cert_entry *c = s->priv;
    formview_picked(&c->view, id, name);
    forget_request(c);
}

static unsigned chosen(struct screen *s, const struct dialog_answer *a)
{
    if (a->ok && a->value)
        put_person(s, js(a->value, "value"), js(a->value, "label"));
    return R_HANDLED;
}

static unsigned found(struct screen *s, const json_t *row)
{
    put_person(s, js(row, "id"), js(row, "name"));
    return R_HANDLED;
}

static unsigned find_person(struct screen *s)
{
    struct cert_entry *c = s->priv;
    struct search_arg arg = { .text = lineedit_text(&form_cell(c->form, c->view.at)->edit), .picked = found };
    ui_push(s->ui, &scr_search, &arg);
    return R_HANDLED;
}

/* A number that was typed gets its name. */
static void name_person(struct screen *s, struct form_place at)
{
    struct cert_entry *c = s->priv;
    if (!form_named(c->form, at) || !*form_value(c->form, at))
        return;
    json_t *answer =
        ui_call(s->ui, "resident.search", json_pack("{s:s, s:i}", "id", form_value(c->form, at), "limit", 1));
    const json_t *row = json_array_get(ja(answer, "rows"), 0);
    if (row)
        form_set(c->form, at, js(row, "id"), js(row, "name"));
    else if (answer)
        ui_say(s->ui, SAY_ERROR, "宛名番号 %s の人はいません。", form_value(c->form, at));
    json_decref(answer);
}

static bool is_kana(const char *text)
{
    const char *p = text;
    uint32_t cp = *text ? utf8_next(&p, text + strlen(text)) : 0;
    return cp >= 0x3040 && cp <= 0x30FF;
}

static unsigned offer_persons(struct screen *s, const char *text)
{
    bool number = *text && text[strspn(text, "0123456789")] == '\0';
    if (!*text)
        return find_person(s);
    json_t *params = json_pack("{s:s, s:i, s:i}",
                               number          ? "id"
                               : is_kana(text) ? "kana"
                                               : "name",
                               text, "limit", 30, "offset", 0);
    json_t *answer = ui_call(s->ui, "resident.search", params), *rows = json_array(), *row;
    size_t i;
    json_array_foreach (ja(answer, "rows"), i, row) {
        char *note = xprintf("%s %s", js(row, "birth_short"), js(row, "address"));
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s}", "value", js(row, "id"), "label", js(row, "name"), "note", note));
        wipe_str(note);
    }
    if (json_array_size(rows) == 1)
        put_person(s, js(json_array_get(rows, 0), "value"), js(json_array_get(rows, 0), "label"));
    else if (json_array_size(rows))
        dialog_choose(s->ui, "対象者", rows, chosen);
    else if (answer)
        ui_say(s->ui, SAY_ERROR, "該当する人がいません。F5で条件を変えて探してください。");
    json_decref(rows);
    json_decref(answer);
    return R_HANDLED;
}

static unsigned code_chosen(struct screen *s, const struct dialog_answer *a)
{
    struct cert_entry *c = s->priv;
    if (!a->ok || !a->value)
        return R_HANDLED;
    formview_picked(&c->view, js(a->value, "value"), NULL);
    forget_request(c);
    rebuild(s);
    return R_HANDLED;
}

static unsigned candidates(struct screen *s)
{
    struct cert_entry *c = s->priv;
    struct lineedit *edit = &form_cell(c->form, c->view.at)->edit;
    json_t *rows = form_choices(c->form, c->view.at);
    if (rows) {
        dialog_choose(s->ui, form_field(c->form, c->view.at)->label, rows, code_chosen);
        json_decref(rows);
        return R_HANDLED;
    }
    if (form_named(c->form, c->view.at))
        return offer_persons(s, lineedit_text(edit));
    if (!form_takes_letters(c->form, c->view.at)) {
        ui_say(s->ui, SAY_ERROR, "この欄に候補はありません。");
        return R_HANDLED;
    }
    lineedit_code(edit);
    ui_say(s->ui, SAY_DONE, "文字コードを入力してEnterを押してください(U+9AD9、1-16-1、MJ番号)。Escでやめます。");
    return R_HANDLED;
}

/* Everybody who lives with the first person. */
static unsigned whole_household(struct screen *s)
{
    struct cert_entry *c = s->priv;
    struct form_place at;
    size_t i;
    json_t *m;
    if (!form_first(c->form, "person", &at) || !*form_value(c->form, at)) {
        ui_say(s->ui, SAY_ERROR, "先に一人目を入れてください。");
        return R_HANDLED;
    }
    json_t *answer = ui_call(s->ui, "resident.get", json_pack("{s:s}", "id", form_value(c->form, at)));
    if (!answer)
        return R_HANDLED;
    int row = 0;
    json_array_foreach (ja(json_object_get(answer, "household"), "members"), i, m) {
        if (row >= c->form->section[at.s].n_row && !form_add_row(c->form, at.s))
            break;
        form_set(c->form, (struct form_place){ at.s, row++, at.f }, js(m, "id"), js(m, "name"));
    }
    json_decref(answer);
    forget_request(c);
    form_enter(c->form, c->view.at);
    ui_say(s->ui, SAY_DONE, "同じ世帯の%d人を入れました。要らない人はF11で消してください。", row);
    return R_HANDLED;
}

static unsigned drop_row(struct screen *s)
{
    struct cert_entry *c = s->priv;
    struct form_place at = { c->view.at.s, c->view.at.r, 0 };
    form_remove_row(c->form, at.s, at.r);
    at.r = at.r < c->form->section[at.s].n_row ? at.r : c->form->section[at.s].n_row - 1;
    formview_go(&c->view, at);
    forget_request(c);
    return R_HANDLED;
}

/* The request. */

static json_t *persons_of(const struct form *f)
{
    json_t *list = json_array();
    struct form_place at;
    for (int r = 0; form_first(f, "person", &at) && r < f->section[at.s].n_row; r++) {
        const char *id = form_value(f, (struct form_place){ at.s, r, at.f });
        if (*id)
            json_array_append_new(list, json_string(id));
    }
    return list;
}

static json_t *items_of(const struct form *f)
{
    json_t *list = json_array();
    for (int s = 0; s < f->n; s++)
        for (int i = 0; strcmp(f->section[s].id, "items") == 0 && i < f->section[s].n_field; i++)
            if (*form_value(f, (struct form_place){ s, 0, i }))
                json_array_append_new(list, json_string(f->section[s].field[i].key));
    return list;
}

static json_t *requester_of(const struct form *f)
{
    json_t *who = json_object();
    for (int s = 0; s < f->n; s++)
        for (int i = 0; strcmp(f->section[s].id, "who") == 0 && i < f->section[s].n_field; i++) {
            struct form_place at = { s, 0, i };
            const char *v = form_value(f, at);
            bool flag = strcmp(form_type(f, at), "flag") == 0;
            if (*v)
                json_object_set_new(who, f->section[s].field[i].key, flag ? json_true() : json_string(v));
        }
    return who;
}

/* The first required field that is blank; false when there is none. */
static bool go_to_blank(struct cert_entry *c)
{
    for (int s = 0; s < c->form->n; s++)
        for (int i = 0; i < c->form->section[s].n_field; i++) {
            struct form_place at = { s, 0, i };
            if (form_field(c->form, at)->required && !*form_value(c->form, at)) {
                formview_go(&c->view, at);
                return true;
            }
        }
    return false;
}

static json_t *request_params(const struct form *f)
{
    json_t *params =
        json_pack("{s:s, s:o, s:o, s:o, s:i}", "kind", value(f, "what", "kind"), "persons", persons_of(f), "requester",
                  requester_of(f), "items", items_of(f), "copies", atoi(value(f, "what", "copies")));
    const char *exempt = value(f, "what", "exempt");
    if (*exempt)
        json_object_set_new(params, "exempt", json_string(exempt));
    return params;
}

/* Refused: the service's words and nothing else, the same whatever the reason behind them. */
static unsigned refused(struct screen *s, const json_t *gate)
{
    struct cert_entry *c = s->priv;
    char *text = xprintf("%s\n%s%s%s%s%s", js(gate, "text"), js(gate, "remedy"), *js(gate, "reason") ? "\n" : "",
                         js(gate, "reason"), jb(gate, "held") ? "\n請求番号 " : "",
                         jb(gate, "held") ? js(c->request, "request") : "");
    dialog_message(s->ui, "発行できません", text);
    free(text);
    forget_request(c);
    return R_HANDLED;
}

static unsigned preview(struct screen *s)
{
    struct cert_entry *c = s->priv;
    if (!formview_settle(&c->view) || go_to_blank(c)) {
        ui_say(s->ui, SAY_ERROR, "%sを入力してください。", form_field(c->form, c->view.at)->label);
        return R_HANDLED;
    }
    if (!c->request)
        c->request = ui_call(s->ui, "cert.request", request_params(c->form));
    if (!c->request)
        return R_HANDLED;
    const json_t *gate = json_object_get(c->request, "gate");
    if (!jb(gate, "ok"))
        return refused(s, gate);
    json_t *params = json_pack("{s:s, s:i}", "request", js(c->request, "request"), "ambiguous", s->ui->opt.ambiguous);
    json_t *answer = ui_call_slow(s->ui, "証明書を組み立てています", "cert.preview", params);
    if (!answer)
        return R_HANDLED;
    json_decref(c->preview);
    c->preview = answer;
    ui_push(s->ui, &scr_preview, c);
    return R_HANDLED;
}

static unsigned cert_resume(struct screen *s)
{
    return ((struct cert_entry *)s->priv)->issued ? R_CLOSE : R_HANDLED;
}

static bool cert_dirty(const struct screen *s)
{
    const struct cert_entry *c = s->priv;
    return !c->issued && !form_blank(c->form);
}

/* Keys. */

static bool decides_items(const struct form *f, struct form_place at)
{
    const char *key = form_field(f, at)->key;
    return strcmp(key, "kind") == 0 || strcmp(key, "class") == 0;
}

static unsigned cert_key(struct screen *s, const struct key *k)
{
    struct cert_entry *c = s->priv;
    struct form_place was = c->view.at;
    switch (formview_key(&c->view, k)) {
    case FORM_STORED:
        forget_request(c);
        name_person(s, was);
        if (decides_items(c->form, was))
            rebuild(s);
        return R_HANDLED;
    case FORM_REFUSED:
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(&form_cell(c->form, c->view.at)->edit));
        return R_HANDLED;
    case FORM_WANTS:
        return candidates(s);
    case FORM_ENDED:
        ui_say(s->ui, SAY_DONE, "最後の欄です。F9で判定し、証明書の内容を表示します。");
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

static void cert_layout(struct screen *s, struct rect body)
{
    formview_layout(&((struct cert_entry *)s->priv)->view, body);
}

static void cert_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    formview_draw(&((const struct cert_entry *)s->priv)->view, cv, body, true);
}

static unsigned cert_facts(const struct screen *s)
{
    const struct cert_entry *c = s->priv;
    return (form_named(c->form, c->view.at) ? NEED_PERSON : 0u) |
           (c->form->section[c->view.at.s].max > 1 ? NEED_ROWS : 0u);
}

static const struct action actions[] = {
    { .key = K_F2,
      .label = "候補",
      .help = "この欄の候補を出す。候補のない欄では文字を文字コードで入力する",
      .run = candidates },
    { .key = K_F5,
      .label = "検索",
      .help = "人を探してこの欄に入れる",
      .need = NEED_PERSON,
      .method = "resident.search",
      .run = find_person },
    { .key = K_F6,
      .label = "世帯全員",
      .help = "一人目と同じ世帯の全員を対象者に入れる",
      .method = "resident.get",
      .run = whole_household },
    { .key = K_F9,
      .label = "表示",
      .help = "請求を受け付けて判定し、証明書の内容を表示する",
      .method = "cert.preview",
      .run = preview },
    { .key = K_F11, .label = "行消", .help = "今の行を消す", .need = NEED_ROWS, .run = drop_row },
};

const struct screen_ops scr_cert = {
    .id = "cert",
    .title = "証明書の請求",
    .priv_size = sizeof(struct cert_entry),
    .open = cert_open,
    .layout = cert_layout,
    .draw = cert_draw,
    .key = cert_key,
    .facts = cert_facts,
    .resume = cert_resume,
    .dirty = cert_dirty,
    .free = cert_free,
    SCREEN_ACTIONS(actions),
};
