/*
 * Certificates at the counter (証明書の交付): what there is, a request, its preview, the issue. Every step judges the
 * request anew; what is issued is what was previewed. Source: spec C; 標準仕様書 5; 住基法 第12条–第12条の3.
 */
#include "cert/cert.h"
#include "methods.h"
#include "service/auth.h"
#include "service/shield.h"
#include "store/series.h"
#include <stdlib.h>
#include <string.h>

#define ISSUES_OF_REQUEST 100000 /* all of them: spoiled ones may be many */

/* ---- cert.kinds ---- */

/* What one tick asks for: 本籍・筆頭者の氏名. */
static void tell_tick(const struct cert_items *items, const struct cert_item *item, json_t *row)
{
    struct buf tick = BUF_INIT;
    buf_adds(&tick, item->label);
    for (size_t i = 0; i < items->n; i++)
        if (!strcmp(items->i[i].with, item->code))
            buf_printf(&tick, "・%s", items->i[i].label);
    set_text(row, "tick", buf_str(&tick));
    buf_done(&tick);
}

static void tell_items(const struct cert_rules *rules, const struct cert_kind *kind, json_t *list)
{
    for (size_t i = 0; i < kind->items->n; i++) {
        const struct cert_item *item = &kind->items->i[i];
        json_t *row = add_object(list), *rule = NULL;
        set_text(row, "code", item->code);
        set_text(row, "label", item->label);
        tell_tick(kind->items, item, row);
        set_bool(row, "number", item->number);
        rule = set_object(row, "rules");
        for (size_t k = 0; k < rules->n_requester; k++)
            set_text(rule, rules->requester[k].code, cert_show_label(item->show[k]));
        json_t *ask = set_object(row, "ask");
        for (size_t k = 0; k < rules->n_requester; k++)
            set_bool(ask, rules->requester[k].code,
                     !*item->with && (item->show[k] == SHOW_ASK || item->show[k] == SHOW_REASON));
    }
}

static void tell_codes(const struct service *svc, const char *table, json_t *list)
{
    const struct code_table *t = rulebook_table(svc->book, table);
    for (size_t i = 0; t && i < t->n; i++) {
        json_t *row = add_object(list);
        set_text(row, "code", t->c[i].code);
        set_text(row, "label", t->c[i].label);
        set_text(row, "note", t->c[i].note);
    }
}

static enum err cert_kinds(struct call *c, struct errinfo *reterr)
{
    const struct cert_rules *rules = c->svc->certs->rules;
    json_t *kinds = set_list(c->result, "kinds"), *who = set_list(c->result, "requesters");
    (void)reterr;
    for (size_t i = 0; i < rules->n_kind; i++) {
        const struct cert_kind *k = &rules->kind[i];
        json_t *row = add_object(kinds);
        set_text(row, "id", k->code);
        set_text(row, "title", k->label);
        set_int(row, "fee", rulebook_param_int(c->svc->book, k->fee));
        set_bool(row, "offline", k->offline);
        set_bool(row, "removed", cert_of_removed(k));
        tell_items(rules, k, set_list(row, "items"));
    }
    for (size_t i = 0; i < rules->n_requester; i++) {
        const struct cert_requester *r = &rules->requester[i];
        json_t *row = add_object(who);
        set_text(row, "code", r->code);
        set_text(row, "label", r->label);
        set_text(row, "basis", r->basis);
        set_bool(row, "document", r->document);
        set_bool(row, "reason", r->reason);
        set_bool(row, "proof", r->proof);
        set_text(row, "exempt", r->exempt);
    }
    tell_codes(c->svc, "cert_exemptions", set_list(c->result, "exemptions"));
    tell_codes(c->svc, "id_document", set_list(c->result, "documents"));
    return OK;
}

/* ---- cert.request ---- */

static void tell_shown(struct call *c, const struct cert_case *k, json_t *list)
{
    const struct cert_items *items = k->ask.kind->items;
    for (size_t i = 0; i < items->n; i++) {
        enum cert_show show = cert_show_of(c->svc->certs->rules, &items->i[i], k->ask.requester);
        bool asked = cert_asks(&k->ask, &items->i[i]);
        json_t *row = add_object(list);
        set_text(row, "code", items->i[i].code);
        set_text(row, "label", items->i[i].label);
        set_text(row, "rule", cert_show_label(show));
        set_bool(row, "shown",
                 show == SHOW_ALWAYS || (asked && (show == SHOW_ASK || (show == SHOW_REASON && k->ask.reason_holds))));
    }
}

static void tell_people(const struct cert_case *k, json_t *list)
{
    for (size_t i = 0; i < k->people.n; i++) {
        const struct resident *r = k->people.r[i];
        const char *name = resident_get(r, ATTR_NAME);
        json_t *row = add_object(list);
        set_text(row, "id", r->id);
        set_text(row, "name", *name ? name : resident_get(r, ATTR_NAME_ALPHA));
    }
}

static enum err write_request(struct call *c, struct cert_case *k, const struct cert_verdict *v, struct errinfo *reterr)
{
    const struct service *svc = c->svc;
    struct series s = { svc->id.office, svc->id.terminal, SERIES_REQUEST, series_year(call_now(c)) };
    int64_t n = 0, months = 12 * rulebook_param_int(svc->book, "REQUEST_KEEP_Y");
    struct buf no = BUF_INIT;
    char *keep = arena_alloc(c->arena, DATE_TEXT);
    TRY(series_take(svc->db, &s, &n, reterr));
    series_text(&s, n, &no);
    date_text(date_add_months(call_today(c), (int)months), keep);
    k->row.no = arena_strdup(c->arena, no.p);
    k->row.keep_until = keep;
    k->row.state = v->msg && !v->hold ? REQUEST_REFUSED : REQUEST_OPEN;
    k->row.refusal = v->msg ? v->msg : "";
    c->log.ticket = k->row.no;
    buf_done(&no);
    return cert_request_add(svc->db, &k->row, reterr);
}

static enum err take_request(struct call *c, struct cert_case *k, struct errinfo *reterr)
{
    struct cert_verdict v;
    int64_t yen = 0;
    const char *why = "";
    TRY(case_judge(c, k, false, &v, reterr));
    enum err e = cert_fee(c->svc->book, k->ask.kind, k->ask.requester, k->row.exempt, &yen, &why, reterr);
    if (e == OK)
        e = write_request(c, k, &v, reterr);
    if (e == OK) {
        set_text(c->result, "request", k->row.no);
        set_int(c->result, "fee", yen * k->row.copies);
        set_text(c->result, "exempt", why);
        verdict_tell(c, &v, c->result);
        c->log.reason = v.reason;
        c->log.detail = v.msg ? v.msg : "";
        c->log.my_number = case_shows_number(c->svc->certs->rules, k);
    }
    if (e == OK && !v.msg) {
        tell_shown(c, k, set_list(c->result, "items"));
        tell_people(k, set_list(c->result, "persons"));
    }
    verdict_done(&v);
    return e;
}

static enum err cert_request(struct call *c, struct errinfo *reterr)
{
    struct cert_case k;
    TRY(case_of_call(c, &k, reterr));
    enum err e = take_request(c, &k, reterr);
    cert_case_done(&k);
    return e;
}

/* ---- cert.preview ---- */

struct preview_state {
    bool concealed; /* drawn, so that it can be issued, but not shown */
    struct cert_copy *copy;
    const char *request;
    uint8_t hash[CERT_HASH];
    struct cert_view *view;
};

static void preview_release(struct call *c)
{
    struct preview_state *p = c->state;
    cert_copy_free(p->copy);
    if (p->view)
        desk_view_end(p->view);
}

static void preview_start(struct call *c)
{
    struct preview_state *p = c->state;
    p->view = desk_view(c->svc->certs, p->request, p->hash, p->copy, (int)call_int(c, "ambiguous", 1) == 2 ? 2 : 1);
}

static void tell_pages(const struct cert_view *v, json_t *pages)
{
    for (const char *p = buf_str(&v->lines); *p;) {
        json_t *lines = set_list(add_object(pages), "lines");
        while (*p && *p != '\f') {
            size_t n = strcspn(p, "\n\f");
            char *line = n ? xstrndup(p, n) : xstrdup("");
            add_text(lines, line);
            wipe_str(line);
            p += n + (p[n] == '\n');
        }
        p += *p == '\f';
    }
}

static bool preview_ready(struct call *c, bool late)
{
    struct preview_state *p = c->state;
    const struct cert_view *v = p->view;
    if (!v->done && !late)
        return false;
    if (v->done && v->err == OK) {
        json_t *pages = set_list(c->result, "pages");
        if (!p->concealed)
            tell_pages(v, pages);
        MUST(json_object_set(c->result, "overflow", v->over) == 0);
    } else {
        json_t *problem = set_object(c->result, "problem");
        const char *msg = v->done && v->why.msg[0] ? v->why.msg : "S325", *item = v->done ? v->why.item : "";
        set_list(c->result, "pages");
        set_text(problem, "msg", msg);
        set_text(problem, "item", item);
        set_sentence(c->svc, problem, msg, item, item);
    }
    return true;
}

/* 支援措置責任者, who is to approve it, reads it for a reason; nobody else does before it is printed. */
static enum err conceal(struct call *c, const struct cert_verdict *v, bool *ret, struct errinfo *reterr)
{
    bool told = v->concealed && call_may(c, "cert.approve_protected") && *call_text(c, "reason");
    if (told)
        TRY(shield_reason(c, reterr));
    *ret = v->concealed && !told;
    set_bool(c->result, "withheld", *ret);
    return OK;
}

static enum err start_preview(struct call *c, const struct cert_case *k, struct errinfo *reterr)
{
    struct preview_state *p = arena_alloc(c->arena, sizeof *p);
    const struct paper_port *port;
    struct cert_verdict v;
    TRY(desk_port(c->svc, &port, reterr));
    TRY(case_judge(c, k, false, &v, reterr));
    verdict_tell(c, &v, c->result);
    c->log.reason = v.reason;
    enum err e = v.msg ? call_refuse(reterr, E_DENIED, v.msg, "request") : conceal(c, &v, &p->concealed, reterr);
    verdict_done(&v);
    TRY(e);
    TRY(copy_of_case(c, k, &p->copy, p->hash, reterr));
    p->request = k->row.no;
    c->state = p;
    c->release = preview_release;
    c->committed = preview_start;
    c->wait_ms = rulebook_param_int(c->svc->book, "CERT_WAIT_MS");
    c->log.my_number = case_shows_number(c->svc->certs->rules, k);
    return OK;
}

static enum err cert_preview(struct call *c, struct errinfo *reterr)
{
    struct cert_case k;
    TRY(case_of_request(c, call_text(c, "request"), &k, reterr));
    enum err e = start_preview(c, &k, reterr);
    cert_case_done(&k);
    return e;
}

/* ---- cert.issue ---- */

struct issue_state {
    struct cert_run *run; /* one per copy */
    size_t n;
};

static void issue_start(struct call *c)
{
    struct issue_state *s = c->state;
    for (size_t i = 0; i < s->n; i++)
        desk_print(c->svc->certs, &s->run[i]);
}

struct telling {
    struct call *call;
    json_t *row;
};

static void tell_state(void *arg, const struct print_job *j)
{
    struct telling *t = arg;
    set_text(t->row, "state", print_state_name(j->state));
    set_text(t->row, "state_label", print_state_label(j->state));
    set_int(t->row, "pages", j->pages);
}

static bool issue_ready(struct call *c, bool late)
{
    struct issue_state *s = c->state;
    json_t *issues = json_object_get(c->result, "issues");
    for (size_t i = 0; i < s->n && !late; i++)
        if (desk_working(c->svc->certs, s->run[i].job))
            return false;
    for (size_t i = 0; i < s->n; i++) {
        struct telling t = { c, json_array_get(issues, i) };
        if (print_job_get(c->svc->db, s->run[i].job, tell_state, &t, NULL) != OK)
            set_text(t.row, "state", print_state_name(PRINT_UNKNOWN));
    }
    return true;
}

/* Nothing may be on its way to the printer, and nothing may wait for an answer. */
static enum err printer_ready(struct call *c, struct errinfo *reterr)
{
    const char *printer = rulebook_param(c->svc->book, "CERT_PRINTER");
    const struct paper_port *port;
    int64_t busy = 0, unknown = 0;
    TRY(desk_port(c->svc, &port, reterr));
    TRY(print_jobs_of(c->svc->db, printer, &busy, &unknown, reterr));
    if (unknown)
        return call_refuse(reterr, E_CONFLICT, "S320", printer);
    return busy ? call_refuse(reterr, E_BUSY, "S321", printer) : OK;
}

static bool released_by(const struct restriction_list *l, const char *request, const char *who)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->r[i].temp_request, request) == 0 && strcmp(l->r[i].temp_by, who) == 0)
            return true;
    return false;
}

/* Who released a restriction for this request neither issues it nor approves the issue. */
static enum err others_released(const struct call *c, const struct cert_case *k, struct errinfo *reterr)
{
    const char *const who[] = { call_operator(c), call_text(c, "approver") };
    for (size_t i = 0; i < ARRAY_LEN(who); i++)
        if (released_by(&k->restrictions, k->row.no, who[i]) || released_by(&k->others, k->row.no, who[i]))
            return call_refuse(reterr, E_DENIED, "S004", "approver");
    return OK;
}

static const char *approval_method(const struct cert_verdict *v)
{
    if (v->by_rsp)
        return "cert.approve_protected";
    return v->approvals & APPROVE_BM ? "cert.approve_stop" : "cert.approve";
}

/* The second person, when the case asks for one. */
static enum err approve(struct call *c, const struct cert_case *k, const struct cert_verdict *v, struct errinfo *reterr)
{
    if (!v->approval)
        return OK;
    if (!*call_text(c, "approver") || !*call_text(c, "password"))
        return call_refuse(reterr, E_DENIED, "S326", "approver");
    if ((v->approvals & (APPROVE_RSP_PHONE | CONFIRM_HOST_PHONE)) && !*call_text(c, "contact_no"))
        return call_refuse(reterr, E_DENIED, "S330", "contact_no");
    TRY(others_released(c, k, reterr));
    return auth_second(c, call_text(c, "approver"), call_text(c, "password"), approval_method(v), reterr);
}

static enum err judge_and_approve(struct call *c, const struct cert_case *k, struct errinfo *reterr)
{
    struct cert_verdict v;
    TRY(case_judge(c, k, false, &v, reterr));
    enum err e = v.msg ? call_refuse(reterr, E_DENIED, v.msg, "request") : approve(c, k, &v, reterr);
    c->log.reason = v.reason;
    verdict_done(&v);
    return e;
}

/* Copies of the request that are neither spoiled nor void. */
static void count_good(void *arg, const struct cert_issue *i)
{
    *(int64_t *)arg += !i->void_ms && strcmp(i->state, print_state_name(PRINT_SPOILED)) != 0;
}

/* How many copies may still come: what was asked for less what is there. */
static enum err copies_left(struct call *c, const struct cert_case *k, int64_t *ret, struct errinfo *reterr)
{
    int64_t good = 0;
    TRY(cert_issues(c->svc->db, CERTS_BY_REQUEST, k->row.no, ISSUES_OF_REQUEST, count_good, &good, reterr));
    bool open = good < k->row.copies && (k->row.state == REQUEST_OPEN || call_bool(c, "again"));
    *ret = k->row.copies - good;
    return open ? OK : call_refuse(reterr, E_DENIED, "S318", "request");
}

static enum err issue_copies(struct call *c, const struct cert_case *k, const struct cert_copy *copy, int64_t n,
                             struct errinfo *reterr)
{
    struct issue_state *s = arena_alloc(c->arena, sizeof *s);
    json_t *issues = set_list(c->result, "issues");
    int64_t last = 0;
    s->n = (size_t)n;
    s->run = arena_array(c->arena, s->n, sizeof *s->run);
    TRY(cert_request_last_copy(c->svc->db, k->row.no, &last, reterr));
    for (size_t i = 0; i < s->n; i++)
        TRY(copy_issue(c, k, copy, last + 1 + (int64_t)i, call_text(c, "contact_no"), &s->run[i], issues, reterr));
    TRY(cert_request_end(c->svc->db, k->row.no, REQUEST_ISSUED, "", reterr));
    TRY(restriction_temp_used(c->svc->db, k->row.no, reterr)); /* by the first print */
    c->state = s;
    c->committed = issue_start;
    c->wait_ms = rulebook_param_int(c->svc->book, "CERT_WAIT_MS");
    c->log.my_number = case_shows_number(c->svc->certs->rules, k);
    c->log.seal = *copy->seal != '\0';
    c->log.device = rulebook_param(c->svc->book, "CERT_PRINTER");
    return OK;
}

static enum err issue_case(struct call *c, const struct cert_case *k, struct errinfo *reterr)
{
    struct cert_copy *copy = NULL;
    uint8_t hash[CERT_HASH];
    int64_t left = 0;
    TRY(copies_left(c, k, &left, reterr));
    TRY(printer_ready(c, reterr));
    TRY(judge_and_approve(c, k, reterr));
    TRY(copy_of_case(c, k, &copy, hash, reterr));
    enum err e = OK;
    if (!k->row.previewed || memcmp(hash, k->row.preview, CERT_HASH) != 0)
        e = call_refuse(reterr, E_CONFLICT, "S319", "request");
    if (e == OK)
        e = issue_copies(c, k, copy, left, reterr);
    if (e == OK)
        tell_people(k, set_list(c->result, "persons"));
    cert_copy_free(copy);
    return e;
}

static enum err cert_issue(struct call *c, struct errinfo *reterr)
{
    struct cert_case k;
    TRY(case_of_request(c, call_text(c, "request"), &k, reterr));
    enum err e = issue_case(c, &k, reterr);
    cert_case_done(&k);
    return e;
}

/* ---- rows ---- */

static const struct param_spec an_id[] = { { "", P_ID, true, 32, NULL }, { .name = NULL } };
static const struct param_spec requester_members[] = {
    { "class", P_ID, true, 32, NULL },          { "name", P_TEXT, true, 100, NULL },
    { "address", P_TEXT, false, 300, NULL },    { "relation", P_TEXT, false, 100, NULL },
    { "purpose", P_TEXT, false, 500, NULL },    { "proof", P_TEXT, false, 200, NULL },
    { "document", P_ID, false, 16, NULL },      { "document_tail", P_ID, false, 4, NULL },
    { "reason_holds", P_BOOL, false, 0, NULL }, { "in_person", P_BOOL, false, 0, NULL },
    { "by_post", P_BOOL, false, 0, NULL },      { .name = NULL },
};
static const struct param_spec request_params[] = {
    { "kind", P_ID, true, 32, NULL },
    { "persons", P_LIST, true, 50, an_id },
    { "requester", P_OBJECT, true, 0, requester_members },
    { "items", P_LIST, false, 50, an_id },
    { "copies", P_INT, false, 99, NULL },
    { "exempt", P_ID, false, 32, NULL },
    { .name = NULL },
};
static const struct param_spec preview_params[] = {
    { "request", P_ID, true, 40, NULL },
    { "ambiguous", P_INT, false, 2, NULL },
    { "reason", P_TEXT, false, 200, NULL },
    { .name = NULL },
};
static const struct param_spec issue_params[] = {
    { "request", P_ID, true, 40, NULL },
    { "approver", P_ID, false, 32, NULL },
    { "password", P_SECRET, false, PASSWORD_CHARS, NULL },
    { "contact_no", P_ID, false, 40, NULL },
    { "again", P_BOOL, false, 0, NULL },
    { .name = NULL },
};

static const struct method m_cert_rows[] = {
    { .name = "cert.kinds",
      .summary = "証明書の種類、記載項目、請求者の区分、手数料を取らない理由、本人確認書類を返します。",
      .result = "kinds[{id,title,fee,offline,removed,items[{code,label,tick,number,rules{},ask{}}]}], "
                "requesters[{code,label,basis,document,reason,proof,exempt}], exemptions[{code,label,note}], "
                "documents[{code,label,note}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET,
      .run = cert_kinds },
    { .name = "cert.request",
      .summary = "交付請求を受け付け、発行できるかを判定します。できないときも請求として残ります。",
      .result =
          "request, gate{ok,held,msg,code,text,remedy,reason}, needs_approval, approver_label, needs_contact, "
          "findings[{msg,level,item,row,text,remedy}], items[{code,label,rule,shown}], persons[{id,name}], fee, exempt",
      .action = "add",
      .states = IN_NORMAL | IN_OUTAGE | IN_RECONCILED,
      .params = request_params,
      .run = cert_request },
    { .name = "cert.preview",
      .summary =
          "請求の証明書を画面の行で返します。確認した内容だけが発行できます。withheld が真なら、承認を受けて印刷する"
          "まで内容を返しません(支援措置責任者には、理由があれば返します)。",
      .result = "pages[{lines[]}], overflow[{person,label,chars,fits}], problem{msg,item,text,remedy}, "
                "gate, needs_approval, approver_label, needs_contact, withheld, findings[]",
      .action = "view",
      .states = IN_NORMAL | IN_OUTAGE | IN_RECONCILED,
      .flags = M_LOOKUP,
      .params = preview_params,
      .run = cert_preview,
      .ready = preview_ready },
    { .name = "cert.issue",
      .summary = "一通ごとに発行番号を取り、印刷します。again は書損・無効の後のやり直しで、その分だけ発行します。",
      .result = "issues[{no,copy,job,fee,check_code,state,state_label,pages}], persons[{id,name}]",
      .action = "print",
      .states = IN_NORMAL | IN_OUTAGE | IN_RECONCILED,
      .params = issue_params,
      .run = cert_issue,
      .ready = issue_ready },
};
METHOD_TABLE(m_cert);
