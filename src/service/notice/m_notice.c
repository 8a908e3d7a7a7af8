/* Notices (届出): kinds and forms, checks, cases and their steps. Source: spec/domain.md B, E.1–E.2. */
#include "base/mem.h"
#include "domain/notice_points.h"
#include "methods.h"
#include "notice/notice_work.h"
#include "service/password.h"
#include "service/present.h"
#include "store/people.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX        500
#define LIST_COMMON     100
#define DECIDE_LIST_MAX 1000 /* of any office; its own limit is BATCH_DECIDE_MAX */
#define NAMES_MAX       4    /* of a case in a list */

/* ---- kinds and forms ---- */

static const char *outage_word(enum outage_class o)
{
    static const char *const words[] = {
        [OUTAGE_ACCEPT] = "accept", [OUTAGE_HOLD] = "hold", [OUTAGE_CLOSED] = "closed"
    };
    return words[o];
}

static void tell_kind(const struct rulebook *book, const struct kind *k, json_t *row)
{
    set_text(row, "id", k->id);
    set_text(row, "title", k->title);
    set_text(row, "group", k->group);
    set_text(row, "law", k->law);
    set_int(row, "deadline_days", k->deadline_days);
    set_text(row, "outage", outage_word(k->outage));
    set_text(row, "menu_key", k->menu_key);
    set_text(row, "journal", k->journal);
    set_text(row, "journal_label", rulebook_label(book, "reason", k->journal));
}

static enum err kinds(struct call *c, struct errinfo *reterr)
{
    const struct kinds *all = &c->svc->book->kinds;
    json_t *list = set_list(c->result, "kinds");
    (void)reterr;
    for (size_t i = 0; i < all->n; i++)
        tell_kind(c->svc->book, all->k[i], add_object(list));
    return OK;
}

static void tell_choices(const struct rulebook *book, const struct field *f, json_t *row)
{
    const struct code_table *t = f->table ? rulebook_table(book, f->table) : NULL;
    json_t *list = set_list(row, "choices");
    for (size_t i = 0; t && i < t->n; i++) {
        json_t *choice = add_object(list);
        set_text(choice, "code", t->c[i].code);
        set_text(choice, "label", t->c[i].label);
        set_text(choice, "note", t->c[i].note);
    }
}

static void tell_field(const struct rulebook *book, const struct field *f, json_t *row)
{
    set_text(row, "key", f->key);
    set_text(row, "label", f->label);
    set_text(row, "type", field_type_info(f->type)->name);
    set_bool(row, "required", f->required);
    set_text(row, "required_if", f->required_if);
    set_int(row, "max", f->max);
    set_text(row, "table", f->table);
    set_text(row, "initial", f->initial);
    set_text(row, "help", f->help);
    set_text(row, "attr", f->attr < ATTR_COUNT ? attr_info(f->attr)->key : "");
    tell_choices(book, f, row);
}

static void tell_section(const struct rulebook *book, const struct section *s, json_t *row)
{
    set_text(row, "id", s->id);
    set_text(row, "title", s->title);
    set_int(row, "min", s->min);
    set_int(row, "max", s->max);
    set_bool(row, "whole", s->whole);
    json_t *fields = set_list(row, "fields");
    for (size_t i = 0; i < s->n; i++)
        tell_field(book, &s->f[i], add_object(fields));
}

static enum err form(struct call *c, struct errinfo *reterr)
{
    const struct rulebook *book = c->svc->book;
    const struct kind *k = kind_find(&book->kinds, call_text(c, "kind"));
    if (!k)
        return call_refuse(reterr, E_NOTFOUND, "S221", "kind");
    tell_kind(book, k, c->result);
    set_text(c->result, "kind", k->id);
    set_text(c->result, "event", k->deadline_from);
    json_t *list = set_list(c->result, "sections");
    for (size_t i = 0; i < k->n; i++)
        tell_section(book, &k->s[i], add_object(list));
    list = set_list(c->result, "checklist");
    for (size_t i = 0; i < k->n_checklist; i++)
        add_text(list, k->checklist[i]);
    list = set_list(c->result, "papers");
    for (size_t i = 0; i < k->n_papers; i++) {
        json_t *paper = add_object(list);
        set_text(paper, "key", k->papers[i]);
        set_text(paper, "label", rulebook_label(book, "paper", k->papers[i]));
    }
    return OK;
}

/* ---- check ---- */

/* `ended`: the case, when nothing about it is open any more; NULL otherwise. */
static enum err tell_work(struct notice_work *w, const struct case_row *ended, json_t *result, struct errinfo *reterr)
{
    TRY(notice_work_look(w, reterr));
    if (ended)
        TRY(notice_work_past(w, ended, reterr));
    set_bool(result, "past", w->past);
    notice_work_veil(w);
    show_findings(w, result);
    show_values(w, result);
    return show_preview(w, result, reterr);
}

/* Each person or household that is named is asked about. */
static enum err check_asks(struct notice_work *w, struct errinfo *reterr)
{
    struct idlist people = { 0 }, households = { 0 };
    enum err e = notice_touches(w->kind, w->notice, &people, &households, reterr);
    if (e == OK)
        e = shield_checking(w->call, &people, &households, reterr);
    idlist_done(&people);
    idlist_done(&households);
    return e;
}

static enum err check(struct call *c, struct errinfo *reterr)
{
    struct notice_work w = { 0 };
    enum err e = notice_work_read(c, call_text(c, "kind"), call_json(c, "values"), &w, reterr);
    if (e == OK) {
        w.own_no = call_text(c, "no");
        w.own = true; /* what the operator is typing */
        e = check_asks(&w, reterr);
    }
    if (e == OK)
        e = tell_work(&w, NULL, c->result, reterr);
    notice_work_done(&w);
    return e;
}

/* ---- list ---- */

struct listing {
    struct call *call;
    struct shield shield;
    json_t *rows;
    int64_t limit;
    struct errinfo *reterr;
    enum err err;
};

/* Names of the people a case is about: from the values where they are new, else from the register. Somebody who may
 * not stand in a list is left out. */
static enum err tell_persons(const struct shield *s, const struct case_row *r, json_t *list, struct errinfo *reterr)
{
    struct call *c = s->call;
    struct notice_work w = { 0 };
    enum err e = notice_work_case(c, r, &w, reterr);
    if (e == OK)
        e = notice_touches(w.kind, w.notice, &w.people, &w.households, reterr);
    const struct section *new = e == OK ? kind_creates(w.kind) : NULL;
    const struct field *name = new ? section_field_of_attr(new, ATTR_NAME) : NULL;
    bool hidden = false;
    if (e == OK)
        e = notice_work_persons(c, r, &w.also, reterr);
    if (e == OK) /* those it made may be protected by now */
        e = shield_hides_one(s, &w.also, true, &hidden, reterr);
    for (int row = 0; e == OK && name && !hidden && row < notice_rows(w.notice, new->id); row++)
        add_text(list, notice_get(w.notice, new->id, row, name->key));
    for (size_t i = 0; e == OK && i < w.people.n && json_array_size(list) < NAMES_MAX; i++)
        e = shield_add_name(s, list, w.people.id[i], reterr);
    notice_work_done(&w);
    return e;
}

static void tell_times(const struct call *c, const struct case_row *r, json_t *row)
{
    int64_t age = call_now(c) - r->received_ms;
    bool waits = case_open(r->state) && r->state != CASE_DECIDED;
    bool late = waits && age > rulebook_param_int(c->svc->book, "OPEN_NOTICE_H") * HOUR_MS;
    set_text(row, "received_at", r->received_at);
    set_int(row, "age_s", age / SECOND_MS);
    set_text(row, "level", late ? "late" : "ok");
}

static void tell_case(const struct call *c, const struct case_row *r, json_t *row)
{
    const struct kind *k = kind_find(&c->svc->book->kinds, r->kind);
    set_text(row, "kind", r->kind);
    set_text(row, "title", k ? k->title : r->kind);
    tell_state(c, r, r->state, row);
    set_text(row, "entered_by", r->entered_by);
    set_text(row, "outage", r->outage_no);
    tell_times(c, r, row);
}

struct case_rows {
    struct case_row *r;
    size_t n;
};

static void keep_row(void *arg, const struct case_row *r)
{
    struct case_rows *all = arg;
    all->r = xrealloc(all->r, all->n + 1, sizeof *all->r);
    struct case_row *copy = &all->r[all->n++];
    *copy = *r;
    copy->no = xstrdup(r->no);
    copy->kind = xstrdup(r->kind);
    copy->received_at = xstrdup(r->received_at);
    copy->outage_no = xstrdup(r->outage_no);
    copy->entered_by = xstrdup(r->entered_by);
    copy->examined_by = xstrdup("");
    copy->decided_by = xstrdup("");
    copy->host_no = xstrdup(r->host_no);
    copy->forms_digest = xstrdup(r->forms_digest);
}

static const char *null_if_blank(const char *s)
{
    return *s ? s : NULL;
}

static enum err list_state(struct listing *l, enum case_state s)
{
    struct case_rows all = { 0 };
    struct case_filter f = { s, null_if_blank(call_text(l->call, "kind")), null_if_blank(call_text(l->call, "clerk")),
                             l->limit - (int64_t)json_array_size(l->rows) };
    l->err = f.limit > 0 ? case_list(l->call->svc->db, &f, keep_row, &all, l->reterr) : OK;
    for (size_t i = 0; i < all.n; i++) {
        if (l->err == OK) {
            json_t *row = add_object(l->rows);
            tell_case(l->call, &all.r[i], row);
            l->err = tell_persons(&l->shield, &all.r[i], set_list(row, "persons"), l->reterr);
        }
        case_row_done(&all.r[i]);
    }
    free(all.r);
    return l->err;
}

static enum err list(struct call *c, struct errinfo *reterr)
{
    const char *wanted = call_text(c, "state");
    struct listing l = { .call = c, .limit = call_int(c, "limit", LIST_COMMON), .reterr = reterr };
    l.rows = set_list(c->result, "rows");
    TRY(shield_open(c, &l.shield, reterr));
    if (*wanted && case_state_by_key(span_of(wanted)) == CASE_STATES)
        return call_refuse(reterr, E_INVALID, "S044", "state");
    for (int s = 0; s < CASE_STATES; s++) {
        bool asked = *wanted ? strcmp(case_state_key((enum case_state)s), wanted) == 0 : case_open((enum case_state)s);
        if (asked)
            TRY(list_state(&l, (enum case_state)s));
    }
    return OK;
}

/* ---- get ---- */

static void tell_event(void *arg, const struct case_event *ev)
{
    json_t *result = arg, *row = add_object(json_object_get(result, "events"));
    char at[CLOCK_TEXT];
    clock_iso_jst(ev->at_ms, at);
    set_text(row, "at", at);
    set_text(row, "who", ev->operator_id);
    set_text(row, "what", case_step_label(ev->step));
    set_text(row, "state", case_state_key(ev->state));
    set_text(row, "reason", ev->reason);
    json_t *detail = *ev->detail ? json_loads(ev->detail, 0, NULL) : NULL;
    const json_t *answers = json_object_get(detail, "answers"), *answer;
    size_t i;
    if (json_is_array(answers)) {
        json_t *list = set_list(result, "answers"); /* of the last examination */
        json_array_foreach (answers, i, answer)
            json_array_append(list, json_object_get(answer, "ok"));
    }
    json_decref(detail);
}

static void tell_ack(void *arg, const char *msg)
{
    add_text(arg, msg);
}

static enum err tell_whole(struct call *c, const struct case_row *row, struct errinfo *reterr)
{
    struct notice_work w = { 0 };
    tell_case(c, row, c->result);
    set_text(c->result, "examined_by", row->examined_by);
    set_text(c->result, "decided_by", row->decided_by);
    set_text(c->result, "host_no", row->host_no);
    set_list(c->result, "answers");
    set_list(c->result, "events");
    enum err e = case_events(c->svc->db, row->no, tell_event, c->result, reterr);
    if (e == OK)
        e = case_acks(c->svc->db, row, tell_ack, set_list(c->result, "acks"), reterr);
    if (e == OK)
        e = notice_work_case(c, row, &w, reterr);
    w.own = strcmp(row->entered_by, call_operator(c)) == 0; /* this version, not an earlier one */
    if (e == OK)
        e = notice_work_persons(c, row, &w.also, reterr);
    if (e == OK)
        e = tell_work(&w, case_open(row->state) ? NULL : row, c->result, reterr);
    notice_work_done(&w);
    return e;
}

static enum err get(struct call *c, struct errinfo *reterr)
{
    struct case_row row = { 0 };
    TRY(case_get(c->svc->db, call_text(c, "no"), &row, reterr));
    c->log.ticket = arena_strdup(c->arena, row.no);
    enum err e = tell_whole(c, &row, reterr);
    case_row_done(&row);
    return e;
}

/* ---- statistics ---- */

struct figures {
    const struct rulebook *book;
    json_t *rows;
};

static void tell_count(void *arg, const struct case_count *n)
{
    const struct figures *f = arg;
    for (size_t i = 0; i < json_array_size(f->rows); i++) {
        json_t *row = json_array_get(f->rows, i);
        if (strcmp(json_string_value(json_object_get(row, "kind")), n->kind) != 0)
            continue;
        set_int(row, "received", n->received);
        set_int(row, "posted", n->posted);
        set_int(row, "withdrawn", n->withdrawn);
        set_int(row, "in_stop", n->in_stop);
    }
}

static int64_t day_ms(const char *day, int64_t otherwise)
{
    char text[CLOCK_TEXT];
    int64_t ms;
    snprintf(text, sizeof text, "%.10sT00:00:00+09:00", day);
    return *day && clock_parse(text, &ms, NULL) == OK ? ms : otherwise;
}

/* One row for every kind there is: a kind exists because its form does. */
static enum err statistics(struct call *c, struct errinfo *reterr)
{
    struct figures f = { c->svc->book, set_list(c->result, "rows") };
    char today[DATE_TEXT];
    date_text(call_today(c), today);
    int64_t from = day_ms(call_text(c, "from"), day_ms(today, 0));
    int64_t to = day_ms(call_text(c, "to"), from) + DAY_MS;
    for (size_t i = 0; i < f.book->kinds.n; i++) {
        json_t *row = add_object(f.rows);
        tell_kind(f.book, f.book->kinds.k[i], row);
        set_text(row, "kind", f.book->kinds.k[i]->id);
        tell_count(&f, &(struct case_count){ .kind = f.book->kinds.k[i]->id });
    }
    return case_statistics(c->svc->db, from, to, tell_count, &f, reterr);
}

/* ---- the table ---- */

static const struct param_spec value_members[] = {
    { "s", P_ID, true, 40, NULL },
    { "r", P_INT, true, 999, NULL },
    { "f", P_ID, true, 40, NULL },
    { "v", P_TEXT, false, 2000, NULL },
    { 0 },
};
const struct param_spec notice_value_param[] = { { "", P_OBJECT, true, 0, value_members }, { 0 } };
static const struct param_spec ack_param[] = { { "", P_ID, true, 12, NULL }, { 0 } };
static const struct param_spec answer_param[] = { { "", P_BOOL, true, 0, NULL }, { 0 } };

static const struct param_spec form_params[] = { { "kind", P_ID, true, 40, NULL }, { 0 } };
static const struct param_spec candidate_params[] = {
    { "kind", P_ID, true, 40, NULL },
    { "section", P_ID, true, 40, NULL },
    { "field", P_ID, true, 40, NULL },
    { "row", P_INT, false, 999, NULL },
    { "text", P_TEXT, false, 300, NULL },
    { "values", P_LIST, false, NOTICE_VALUES_MAX, notice_value_param },
    { "reason", P_TEXT, false, 200, NULL },
    { "whole", P_BOOL, false, 0, NULL },
    { 0 },
};
static const struct param_spec check_params[] = {
    { "kind", P_ID, true, 40, NULL },
    { "values", P_LIST, true, NOTICE_VALUES_MAX, notice_value_param },
    { "no", P_ID, false, CASE_NO_MAX, NULL },
    { "reason", P_TEXT, false, 200, NULL },
    { 0 },
};
static const struct param_spec enter_params[] = {
    { "kind", P_ID, true, 40, NULL },
    { "values", P_LIST, true, NOTICE_VALUES_MAX, notice_value_param },
    { "acks", P_LIST, false, 60, ack_param },
    { "draft", P_ID, false, 24, NULL },
    { "no", P_ID, false, CASE_NO_MAX, NULL },
    { "book", P_ID, false, 60, NULL },
    { 0 },
};
static const struct param_spec list_params[] = {
    { "state", P_ID, false, 20, NULL },
    { "clerk", P_ID, false, 32, NULL },
    { "kind", P_ID, false, 40, NULL },
    { "limit", P_INT, false, LIST_MAX, NULL },
    { 0 },
};
static const struct param_spec get_params[] = { { "no", P_ID, true, CASE_NO_MAX, NULL },
                                                { "reason", P_TEXT, false, 200, NULL },
                                                { 0 } };
static const struct param_spec examine_params[] = {
    { "no", P_ID, true, CASE_NO_MAX, NULL },
    { "answers", P_LIST, true, 32, answer_param },
    { "ok", P_BOOL, true, 0, NULL },
    { "reason", P_TEXT, false, 500, NULL },
    { 0 },
};
static const struct param_spec reason_params[] = {
    { "no", P_ID, true, CASE_NO_MAX, NULL },
    { "reason", P_TEXT, true, 500, NULL },
    { 0 },
};
static const struct param_spec decide_params[] = {
    { "no", P_ID, true, CASE_NO_MAX, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};
static const struct param_spec case_no_param[] = { { "", P_ID, true, CASE_NO_MAX, NULL }, { 0 } };
static const struct param_spec decide_many_params[] = {
    { "nos", P_LIST, true, DECIDE_LIST_MAX, case_no_param },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};
static const struct param_spec period_params[] = {
    { "from", P_DAY, false, 0, NULL },
    { "to", P_DAY, false, 0, NULL },
    { 0 },
};

#define WORKING   (IN_NORMAL | IN_OUTAGE | IN_RECOVERING | IN_RECONCILED)
#define CONNECTED (IN_NORMAL | IN_RECOVERING | IN_RECONCILED)
#define PREVIEW                                                                                           \
    "findings[{msg,level,section,row,field,text,remedy}], values[{s,r,f,v,show,masked?}], hidden, past, " \
    "before[{no,address,members[{id,name,relation,birth_show,birth_short,sex,age}]}], after[同じ], "    \
    "changes[{id,name,new,items[{key,label,before,after}]}], "                                            \
    "relations[{id,name,was,proposal[],ask,head,leaves}], relations_section, head_suggested"
#define CASE "no, kind, title, state, state_label, received_at, age_s, level, entered_by, outage"

static const struct method m_notice_rows[] = {
    { .name = "notice.kinds",
      .summary = "届出の種類を、メニューの順に返します。種類は forms/ の一つのファイルに一つです。",
      .result = "kinds[{id,title,group,law,deadline_days,outage(accept|hold|closed),menu_key,journal,journal_label}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_QUIET,
      .run = kinds },
    { .name = "notice.form",
      .summary = "届出の入力画面の定義(欄、型、候補、審査の項目、続く書類)を返します。",
      .result = "kind, title, group, law, event, "
                "sections[{id,title,min,max,whole,fields[{key,label,type,required,required_if,"
                "max,table,choices[{code,label,note}],initial,help,attr}]}], checklist[], papers[{key,label}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET,
      .params = form_params,
      .run = form },
    { .name = "notice.candidates",
      .summary =
          "一つの欄に入れられる値の候補を、届出の内容・副本・コード表から返します。whole なら、届出の世帯の全員を"
          "今の続柄とともに返します(世帯全員を入れられる部分だけ)。whole の行は、世帯全員を入れる案です。",
      .result = "rows[{value,label,note,fill[{f,v}]?,whole?}]",
      .action = "list",
      .states = WORKING,
      .flags = M_LOOKUP,
      .params = candidate_params,
      .run = notice_candidates },
    { .name = "notice.check",
      .summary = "届出の内容を検査し、世帯の前後と変わる項目、続柄の候補を返します。何も書き込みません。",
      .result = PREVIEW,
      .action = "view",
      .states = WORKING,
      .flags = M_LOOKUP,
      .params = check_params,
      .run = check },
    { .name = "notice.enter",
      .summary =
          "届出を仮登録し、受付番号を付けます。no があれば、その届出を入力し直します。book は停止時受付簿の番号です。",
      .result = "no, state, state_label",
      .action = "add",
      .states = WORKING,
      .params = enter_params,
      .run = notice_enter },
    { .name = "notice.list",
      .summary = "届出を受け付けた順に返します。state がなければ、終わっていないものすべてです。",
      .result = "rows[{" CASE ",persons[]}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = list_params,
      .run = list },
    { .name = "notice.get",
      .summary = "届出の内容、経過、審査の答えと、今の副本に対する検査の結果を返します。終わった届出(past)"
                 "は、そのときの世帯の前後だけを返します。",
      .result =
          CASE ", examined_by, decided_by, host_no, answers[], acks[], events[{at,who,what,state,reason}], " PREVIEW,
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = get_params,
      .run = get },
    { .name = "notice.examine",
      .summary = "審査の結果を記録します。ok が偽なら差し戻します(理由が必要)。入力した人にはできません。",
      .result = "no, state, state_label",
      .action = "change",
      .states = WORKING,
      .params = examine_params,
      .run = notice_examine },
    { .name = "notice.return",
      .summary = "届出を入力した人に差し戻します。理由が必要です。",
      .result = "no, state, state_label",
      .action = "change",
      .states = WORKING,
      .params = reason_params,
      .run = notice_return },
    { .name = "notice.withdraw",
      .summary = "仮登録の届出を取り下げます。理由が必要です。届出の記録は残ります。",
      .result = "no, state, state_label",
      .action = "delete",
      .states = WORKING,
      .params = reason_params,
      .run = notice_withdraw },
    { .name = "notice.decide",
      .summary = "審査済みの届出を決裁し、本庁へ送ります。決裁する本人のパスワードが必要です。本庁が答えれば反映済にな"
                 "ります。",
      .result = "no, state, state_label, host_no, rows[{id,rev,was?}]",
      .action = "change",
      .states = CONNECTED,
      .params = decide_params,
      .run = notice_decide,
      .ready = notice_decided },
    { .name = "notice.decide_many",
      .summary =
          "審査済の届出を、一度のパスワードでまとめて決裁し、本庁へ送ります。決裁できないものは理由とともに返し、"
          "残りの決裁はそのまま有効です。警告のある届出や表示に制限のある人の届出は、一件ずつ決裁します。",
      .result = "rows[{no,decided,state,state_label,msg?,text?,remedy?}], decided, refused",
      .action = "change",
      .states = CONNECTED,
      .params = decide_many_params,
      .run = notice_decide_many },
    { .name = "notice.statistics",
      .summary = "期間(既定は本日)に受け付けた届出の件数を、すべての種類について返します。",
      .result = "rows[{kind,title,group,journal,journal_label,received,posted,withdrawn,in_stop}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET,
      .params = period_params,
      .run = statistics },
};
METHOD_TABLE(m_notice);
