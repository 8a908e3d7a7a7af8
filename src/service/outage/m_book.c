/* What is received while the counter is stopped (停止時受付簿, S-32), and what became of the certificates (S-36). */
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/notice_points.h"
#include "methods.h"
#include "notice/notice_work.h"
#include "outage/outage_work.h"
#include "service/auth.h"
#include "service/shield.h"
#include "store/notices.h"
#include "store/outage_book.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 100, NOTE_MAX = 200, COUNT_MAX = 999 };

/* ---- outage.book ---- */

struct listing {
    struct call *call;
    struct shield shield;
    json_t *rows;
    enum err err;
    struct errinfo *reterr;
};

/* What may be done with a line, by what became of it so far: bits of enum book_state. */
#define WHEN(state) (1u << BOOK_##state)
static const struct {
    const char *method;
    unsigned when;
} DEEDS[] = {
    { "notice.enter", WHEN(PAPER) },
    { "outage.note", WHEN(PAPER) | WHEN(ENTERED) | WHEN(EXAMINED) | WHEN(DECIDED) | WHEN(CONFLICT) | WHEN(HOST) },
    { "outage.hand_over", WHEN(PAPER) | WHEN(ENTERED) | WHEN(EXAMINED) | WHEN(DECIDED) },
    { "outage.host_no", WHEN(HOST) },
    { "outage.give_back", WHEN(PAPER) },
};

static bool is_open_now(const struct call *c, const char *method)
{
    const struct method *m = method_find(method);
    return call_may(c, method) && (m->states & 1u << service_counter_state(c->svc));
}

static void tell_deeds(const struct call *c, json_t *row, enum book_state state)
{
    json_t *list = set_list(row, "can");
    for (size_t i = 0; i < ARRAY_LEN(DEEDS); i++)
        if ((DEEDS[i].when & 1u << state) && is_open_now(c, DEEDS[i].method))
            add_text(list, DEEDS[i].method);
}

/* 審査の結果 so far: what is noted on a line. */
static const struct {
    const char *code, *label;
} EXAMINED[] = { { "once", "一応審査" }, { "ask_host", "要本庁確認" } };

static const char *examined_label(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(EXAMINED); i++)
        if (strcmp(EXAMINED[i].code, code) == 0)
            return EXAMINED[i].label;
    return "";
}

static enum err known_result(struct call *c, struct errinfo *reterr)
{
    const char *code = call_text(c, "examined");
    return !*code || *examined_label(code) ? OK : call_refuse(reterr, E_INVALID, "S036", "examined");
}

static void tell_entry(json_t *row, const struct book_entry *b)
{
    set_text(row, "no", b->no);
    set_text(row, "received_at", b->received_at);
    set_time(row, "entered_at", b->entered_ms);
    set_text(row, "entered_by", b->entered_by);
    set_text(row, "kind", b->kind);
    set_text(row, "notifier", b->notifier);
    set_text(row, "relation", b->relation);
    set_text(row, "id_check", b->id_check);
    set_text(row, "phone", b->phone);
    set_int(row, "persons_n", b->persons);
    set_int(row, "sheets", b->sheets);
    set_text(row, "papers", b->papers);
    set_text(row, "examined", b->examined);
    set_text(row, "examined_label", examined_label(b->examined));
    set_text(row, "slip_no", b->slip_no);
    set_text(row, "envelope", b->envelope);
    set_bool(row, "by_host", b->by_host);
    set_text(row, "case", b->notice_no);
    set_text(row, "host_no", b->host_no);
    set_text(row, "state", book_state_name(b->state));
    set_text(row, "state_label", book_state_label(b->state));
    set_bool(row, "late", b->late);
}

static void keep_entry(void *arg, const struct book_entry *b)
{
    struct listing *l = arg;
    const struct kind *k = kind_find(&l->call->svc->book->kinds, b->kind);
    json_t *row = add_object(l->rows);
    tell_entry(row, b);
    tell_deeds(l->call, row, b->state);
    set_text(row, "title", k ? k->title : b->kind);
}

/* Persons of the case of a line, none before it was typed in. */
static enum err persons_of(struct listing *l, const char *no, struct idlist *ret)
{
    struct case_row c = { 0 };
    enum err e = *no ? case_get(l->call->svc->db, no, &c, l->reterr) : E_NOTFOUND;
    if (e == OK)
        e = notice_work_persons(l->call, &c, ret, l->reterr);
    case_row_done(&c);
    return e == E_NOTFOUND ? OK : e;
}

/* Who brought it and where he is called: to whoever wrote the line. The number also to those who call back, but of
 * somebody hidden only to 支援措置責任者. */
static void veil_line(const struct listing *l, json_t *row, bool hidden)
{
    bool own = strcmp(json_string_value(json_object_get(row, "entered_by")), call_operator(l->call)) == 0;
    if (own)
        return;
    if (hidden)
        set_text(row, "notifier", "");
    if (hidden || !call_may(l->call, "outage.phone"))
        set_text(row, "phone", "");
}

/* Whom each is about: the people of the case once it was typed in, else who brought it. */
static enum err add_names(struct listing *l, json_t *row)
{
    struct idlist people = { 0 };
    bool hidden = false;
    enum err e = persons_of(l, json_string_value(json_object_get(row, "case")), &people);
    if (e == OK)
        e = shield_hides_one(&l->shield, &people, false, &hidden, l->reterr);
    veil_line(l, row, hidden);
    const char *notifier = json_string_value(json_object_get(row, "notifier"));
    json_t *names = set_list(row, "persons");
    if (!people.n && *notifier)
        add_text(names, notifier);
    for (size_t i = 0; e == OK && i < people.n; i++) {
        call_subject(l->call, people.id[i]);
        e = shield_add_name(&l->shield, names, people.id[i], l->reterr);
    }
    idlist_done(&people);
    return e;
}

static void tell_cert(void *arg, const struct book_cert *b)
{
    const struct listing *l = arg;
    bool settled = *b->settled_by, differs = strcmp(b->found, "differs") == 0;
    json_t *row = add_object(l->rows), *can = set_list(row, "can");
    if (differs && !settled && is_open_now(l->call, "outage.settle"))
        add_text(can, "outage.settle");
    set_text(row, "no", b->cert_no);
    set_text(row, "kind", b->kind);
    set_time(row, "issued_at", b->issued_ms);
    set_text(row, "found", b->found);
    set_text(row, "found_label", !*b->found ? "未照合" : !differs ? "一致" : settled ? "処置済" : "差異");
    set_text(row, "persons", b->persons);
    set_text(row, "settled_by", b->settled_by);
    set_text(row, "second", b->second);
    set_text(row, "ground", b->ground);
}

static enum err tell_book(struct call *c, const char *outage_no, struct errinfo *reterr)
{
    struct listing l = { .call = c, .rows = set_list(c->result, "rows"), .reterr = reterr };
    size_t i;
    json_t *row;
    c->log.reason = arena_strdup(c->arena, call_text(c, "reason"));
    set_text(c->result, "outage_no", outage_no);
    TRY(shield_open(c, &l.shield, reterr));
    TRY(book_list(c->svc->db, outage_no, keep_entry, &l, reterr));
    json_array_foreach (l.rows, i, row) {
        TRY(add_names(&l, row));
    }
    l.rows = set_list(c->result, "certificates");
    return book_certs(c->svc->db, outage_no, tell_cert, &l, reterr);
}

static void keep_no(void *arg, const struct outage *o)
{
    buf_adds(arg, o->no);
}

static enum err outage_book(struct call *c, struct errinfo *reterr)
{
    struct buf no = BUF_INIT;
    enum err e = OK;
    if (call_has(c, "outage_no"))
        buf_adds(&no, call_text(c, "outage_no"));
    else
        e = outage_list(c->svc->db, 1, keep_no, &no, reterr);
    if (e == OK)
        e = tell_book(c, buf_str(&no), reterr);
    buf_done(&no);
    return e;
}

/* ---- outage.receive ---- */

static enum err known_kind(struct call *c, struct errinfo *reterr)
{
    const struct kind *k = kind_find(&c->svc->book->kinds, call_text(c, "kind"));
    if (!k)
        return call_refuse(reterr, E_NOTFOUND, "S221", "kind");
    return k->outage == OUTAGE_CLOSED ? call_refuse(reterr, E_DENIED, "S212", k->title) : OK;
}

/* A paper from before the stop does not belong in its book; that it does all the same is a second person's word. */
static enum err before_stop(struct call *c, const struct outage *o, int64_t ms, struct errinfo *reterr)
{
    const unsigned who = ROLE_BIT(ROLE_SUP) | ROLE_BIT(ROLE_BM) | ROLE_BIT(ROLE_RSP);
    if (ms / MINUTE_MS >= o->detected_ms / MINUTE_MS)
        return OK;
    if (!*call_text(c, "approver"))
        return call_refuse(reterr, E_DENIED, "S551", "受付日時");
    TRY(shield_reason(c, reterr));
    return auth_second_of(c, call_text(c, "approver"), call_text(c, "password"), who, 0, reterr);
}

/* The day of receipt is typed: it is the legal one. Not in the future, and not before the stop. */
static enum err received_at(struct call *c, const struct outage *o, char ret[CLOCK_TEXT], struct errinfo *reterr)
{
    int64_t ms = call_now(c);
    if (call_has(c, "received_at"))
        TRY(clock_parse(call_text(c, "received_at"), &ms, reterr));
    if (ms > call_now(c))
        return call_refuse(reterr, E_INVALID, "E03", "受付日時");
    TRY(before_stop(c, o, ms, reterr));
    clock_iso_jst(ms, ret);
    return OK;
}

static enum err add_entry(struct call *c, const struct outage *o, struct errinfo *reterr)
{
    char at[CLOCK_TEXT];
    struct buf no = BUF_INIT;
    TRY(known_kind(c, reterr));
    TRY(known_result(c, reterr));
    TRY(received_at(c, o, at, reterr));
    const struct book_entry b = { .received_at = at,
                                  .entered_by = call_operator(c),
                                  .kind = call_text(c, "kind"),
                                  .notifier = call_text(c, "notifier"),
                                  .relation = call_text(c, "relation"),
                                  .id_check = call_text(c, "id_check"),
                                  .phone = call_text(c, "phone"),
                                  .papers = call_text(c, "papers"),
                                  .examined = call_text(c, "examined"),
                                  .slip_no = call_text(c, "slip_no"),
                                  .envelope = call_text(c, "envelope"),
                                  .persons = call_int(c, "persons", 0),
                                  .sheets = call_int(c, "sheets", 0),
                                  .state = BOOK_PAPER };
    enum err e = book_add(c->svc->db, o->no, &b, &no, reterr);
    if (e == OK) {
        set_text(c->result, "no", buf_str(&no));
        c->log.ticket = arena_strdup(c->arena, buf_str(&no));
    }
    buf_done(&no);
    return e;
}

static enum err outage_receive(struct call *c, struct errinfo *reterr)
{
    struct outage o;
    TRY(stop_open(c, &o, reterr));
    enum err e = add_entry(c, &o, reterr);
    outage_done(&o);
    return e;
}

/* ---- what is done with an entry ---- */

static const char *given(const struct call *c, const char *name)
{
    return call_has(c, name) ? call_text(c, name) : NULL;
}

static enum err outage_note_entry(struct call *c, struct errinfo *reterr)
{
    const char *no = call_text(c, "no");
    c->log.ticket = no;
    TRY(known_result(c, reterr));
    TRY(book_note(c->svc->db, no, given(c, "examined"), given(c, "slip_no"), given(c, "envelope"), reterr));
    if (given(c, "case"))
        TRY(book_link(c->svc->db, no, given(c, "case"), reterr));
    return OK;
}

/* To the host office once and for all: it types it in, and here it is frozen. */
static enum err outage_hand_over(struct call *c, struct errinfo *reterr)
{
    const char *second;
    unsigned roles = 0;
    c->log.ticket = call_text(c, "no");
    TRY(shield_reason(c, reterr));
    TRY(stop_confirm(c, c->method->name, false, &second, &roles, reterr));
    return book_hand_over(c->svc->db, call_text(c, "no"), reterr);
}

struct found {
    bool by_host;
    enum book_state state;
};

static void keep_found(void *arg, const struct book_entry *b)
{
    struct found *f = arg;
    f->by_host = b->by_host;
    f->state = b->state;
}

static enum err outage_host_no(struct call *c, struct errinfo *reterr)
{
    struct found f = { .by_host = false };
    const char *no = call_text(c, "no");
    c->log.ticket = no;
    TRY(book_get(c->svc->db, no, keep_found, &f, reterr));
    if (!f.by_host)
        return call_refuse(reterr, E_CONFLICT, "S542", no);
    return book_set(c->svc->db, no, BOOK_HOST, call_text(c, "host_no"), reterr);
}

/* Only what was never typed in: a case has its own steps. */
static enum err outage_give_back(struct call *c, struct errinfo *reterr)
{
    struct found f = { .state = BOOK_STATES };
    const char *no = call_text(c, "no");
    c->log.ticket = no;
    TRY(shield_reason(c, reterr));
    TRY(book_get(c->svc->db, no, keep_found, &f, reterr));
    if (f.state != BOOK_PAPER)
        return call_refuse(reterr, E_CONFLICT, "S542", no);
    return book_set(c->svc->db, no, call_bool(c, "withdrawn") ? BOOK_WITHDRAWN : BOOK_RETURNED, NULL, reterr);
}

static enum err outage_settle(struct call *c, struct errinfo *reterr)
{
    struct outage o;
    const char *second;
    unsigned roles = 0;
    TRY(shield_reason(c, reterr));
    TRY(stop_confirm(c, c->method->name, true, &second, &roles, reterr));
    if (!(roles & OUTAGE_BY_RSP))
        return call_refuse(reterr, E_DENIED, "S513", "差異の処置");
    TRY(stop_open(c, &o, reterr));
    c->log.issue_no = call_text(c, "cert");
    enum err e = book_cert_settle(c->svc->db, o.no, call_text(c, "cert"), call_operator(c), second,
                                  call_text(c, "reason"), reterr);
    outage_done(&o);
    return e;
}

/* ---- rows ---- */

static const struct param_spec BOOK[] = { { "outage_no", P_ID, false, 40, NULL },
                                          { "reason", P_TEXT, false, 200, NULL },
                                          { 0 } };
static const struct param_spec RECEIVE[] = {
    { "kind", P_ID, true, 40, NULL },
    { "received_at", P_TEXT, false, CLOCK_TEXT, NULL },
    { "notifier", P_TEXT, true, TEXT_MAX, NULL },
    { "relation", P_TEXT, false, TEXT_MAX, NULL },
    { "id_check", P_TEXT, false, TEXT_MAX, NULL },
    { "phone", P_TEXT, false, 30, NULL },
    { "persons", P_INT, false, COUNT_MAX, NULL },
    { "sheets", P_INT, false, COUNT_MAX, NULL },
    { "papers", P_TEXT, false, NOTE_MAX, NULL },
    { "examined", P_ID, false, 10, NULL },
    { "slip_no", P_TEXT, false, 40, NULL },
    { "envelope", P_TEXT, false, 40, NULL },
    { "reason", P_TEXT, false, NOTE_MAX, NULL },
    { "approver", P_ID, false, OPERATOR_ID_MAX, NULL },
    { "password", P_SECRET, false, PASSWORD_CHARS, NULL },
    { 0 },
};
static const struct param_spec NOTE[] = {
    { "no", P_ID, true, 60, NULL },          { "case", P_ID, false, 40, NULL },
    { "examined", P_ID, false, 10, NULL },   { "slip_no", P_TEXT, false, 40, NULL },
    { "envelope", P_TEXT, false, 40, NULL }, { 0 },
};
static const struct param_spec HAND_OVER[] = { { "no", P_ID, true, 60, NULL }, PARAM_CONFIRM(NOTE_MAX), { 0 } };
static const struct param_spec HOST_NO[] = { { "no", P_ID, true, 60, NULL },
                                             { "host_no", P_TEXT, true, 40, NULL },
                                             { 0 } };
static const struct param_spec GIVE_BACK[] = {
    { "no", P_ID, true, 60, NULL },
    { "reason", P_TEXT, true, NOTE_MAX, NULL },
    { "withdrawn", P_BOOL, false, 0, NULL },
    { 0 },
};
static const struct param_spec SETTLE[] = { { "cert", P_ID, true, 60, NULL }, PARAM_CONFIRM(NOTE_MAX), { 0 } };

static const struct method m_book_rows[] = {
    { .name = "outage.book",
      .summary = "停止時受付簿と、停止中に交付した証明書の再照合の結果を返します。",
      .result =
          "outage_no, rows[{no,received_at,entered_at,entered_by,kind,title,notifier,relation,id_check,phone,persons[],"
          "persons_n,sheets,papers,examined,examined_label,slip_no,envelope,by_host,case,host_no,state,state_label,"
          "late,can[]}"
          "], certificates[{no,kind,issued_at,found,found_label,persons,settled_by,second,ground,can[]}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = BOOK,
      .run = outage_book },
    { .name = "outage.receive",
      .summary = "停止中に預かった届書を受付簿に載せます。入力は後でできます。停止の検知より前の受付日時には、"
                 "理由と承認者(approver、そのpassword)が要ります。",
      .result = "no",
      .action = "add",
      .states = IN_OUTAGE | IN_RECOVERING,
      .params = RECEIVE,
      .run = outage_receive },
    { .name = "outage.note",
      .summary = "受付簿の届書に、審査の結果、預り証、封筒、入力した受付番号を付けます。",
      .result = "",
      .action = "change",
      .states = IN_OUTAGE | IN_RECOVERING,
      .params = NOTE,
      .run = outage_note_entry },
    { .name = "outage.hand_over",
      .summary = "届書を本庁に引き継ぎます。ここでの入力は止まり、元に戻せません。",
      .result = "",
      .action = "change",
      .states = IN_OUTAGE | IN_RECOVERING,
      .params = HAND_OVER,
      .run = outage_hand_over },
    { .name = "outage.host_no",
      .summary = "本庁に引き継いだ届書に、本庁の受付番号を付けます。",
      .result = "",
      .action = "change",
      .states = IN_OUTAGE | IN_RECOVERING | IN_RECONCILED,
      .params = HOST_NO,
      .run = outage_host_no },
    { .name = "outage.give_back",
      .summary = "入力していない届書を返すか、取下げとして閉じます。",
      .result = "",
      .action = "change",
      .states = IN_OUTAGE | IN_RECOVERING,
      .params = GIVE_BACK,
      .run = outage_give_back },
    { .name = "outage.settle",
      .summary = "記録が変わっていた証明書の処置を、住民記録責任者が二人で記録します。",
      .result = "",
      .action = "change",
      .states = IN_RECOVERING | IN_RECONCILED,
      .params = SETTLE,
      .run = outage_settle },
};
METHOD_TABLE(m_book);
