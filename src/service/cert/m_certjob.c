/*
 * What became of certificates (交付履歴・印刷管理): jobs, answers about unknown ones, voiding, verifying a paper that
 * is presented. Source: spec sync §2.10, C.4, C.7; reliability 2.5.
 */
#include "cert/cert.h"
#include "domain/checkcode.h"
#include "methods.h"
#include "service/status.h"
#include "store/outbox.h"
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 200

/* ---- cert.jobs ---- */

struct listing {
    struct call *call;
    json_t *rows;
};

static void tell_issue(void *arg, const struct cert_issue *i)
{
    struct listing *l = arg;
    json_t *row = add_object(l->rows);
    char at[CLOCK_TEXT];
    clock_iso_jst(i->issued_ms, at);
    set_int(row, "job", i->job);
    set_text(row, "no", i->no);
    set_text(row, "request", i->request);
    set_int(row, "copy", i->copy);
    set_text(row, "kind", i->kind);
    set_text(row, "title", rulebook_label(l->call->svc->book, "cert_kinds", i->kind));
    set_text(row, "issued_at", at);
    set_text(row, "operator", i->operator_id);
    set_text(row, "approver", i->approver);
    set_text(row, "state", i->void_ms ? "void" : i->state);
    set_text(row, "state_label", i->void_ms ? "無効" : print_state_label(print_state_by_name(i->state)));
    set_text(row, "printer", i->printer);
    set_int(row, "pages", i->pages);
    set_int(row, "fee", i->fee);
    set_text(row, "exempt", i->exempt);
    set_text(row, "outage", i->outage_no);
    set_text(row, "void_reason", i->void_reason);
}

struct person_list {
    struct call *call;
    json_t *list;
};

static void tell_person(void *arg, const char *person, int64_t rev)
{
    struct person_list *p = arg;
    (void)rev;
    call_subject(p->call, person);
    add_text(p->list, person);
}

/* Persons are told by number only: who may see more looks them up. */
static enum err tell_persons(struct call *c, json_t *rows, struct errinfo *reterr)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        struct person_list p = { c, set_list(row, "persons") };
        TRY(cert_issue_persons(c->svc->db, json_string_value(json_object_get(row, "no")), tell_person, &p, reterr));
    }
    return OK;
}

static void tell_open(void *arg, const struct print_job *j)
{
    json_t *row = add_object(arg);
    char at[CLOCK_TEXT];
    clock_iso_jst(j->made_ms, at);
    set_int(row, "job", j->id);
    set_text(row, "no", j->issue);
    set_text(row, "made_at", at);
    set_text(row, "state", print_state_name(j->state));
    set_text(row, "state_label", print_state_label(j->state));
    set_text(row, "printer", j->printer);
    set_bool(row, "must_answer", j->state == PRINT_UNKNOWN);
}

static enum err cert_jobs(struct call *c, struct errinfo *reterr)
{
    struct listing l = { c, set_list(c->result, "rows") };
    char today[DATE_TEXT];
    date_text(call_today(c), today);
    const char *day = *call_text(c, "day") ? call_text(c, "day") : today;
    enum cert_issues_by by = *call_text(c, "request")  ? CERTS_BY_REQUEST
                             : *call_text(c, "person") ? CERTS_BY_PERSON
                                                       : CERTS_BY_DAY;
    const char *key[] = {
        [CERTS_BY_REQUEST] = call_text(c, "request"), [CERTS_BY_DAY] = day, [CERTS_BY_PERSON] = call_text(c, "person")
    };
    TRY(cert_issues(c->svc->db, by, key[by], JOBS_MAX, tell_issue, &l, reterr));
    TRY(tell_persons(c, l.rows, reterr));
    return print_jobs_open(c->svc->db, tell_open, set_list(c->result, "open"), reterr);
}

/* ---- cert.held ---- */

static void tell_held(void *arg, const struct cert_request *r)
{
    struct listing *l = arg;
    json_t *row = add_object(l->rows);
    char at[CLOCK_TEXT];
    clock_iso_jst(r->made_ms, at);
    set_text(row, "request", r->no);
    set_text(row, "made_at", at);
    set_text(row, "title", rulebook_label(l->call->svc->book, "cert_kinds", r->kind));
    set_text(row, "kind", r->kind);
    set_text(row, "requester", rulebook_label(l->call->svc->book, "cert_requesters", r->requester));
    set_text(row, "name", r->name);
    set_text(row, "operator", r->operator_id);
    set_int(row, "copies", r->copies);
    set_text(row, "outage", r->outage_no);
    set_bool(row, "held", *r->refusal != '\0');
}

static enum err cert_held(struct call *c, struct errinfo *reterr)
{
    struct listing l = { c, set_list(c->result, "rows") };
    int64_t days = rulebook_param_int(c->svc->book, "CERT_HELD_D");
    return cert_requests_open(c->svc->db, call_now(c) - days * DAY_MS, JOBS_MAX, tell_held, &l, reterr);
}

/* ---- cert.resolve ---- */

/* What somebody saw at the printer. */
static const struct {
    const char *word;
    enum print_state state;
} outcomes[] = {
    { "in_hand", PRINT_PRINTED }, /* 手元にある */
    { "spoiled", PRINT_SPOILED }, /* 途中まで・書損 */
    { "nothing", PRINT_SPOILED }, /* 出ていない */
};

struct found_job {
    char *issue; /* arena of the call */
    struct call *call;
    enum print_state state;
};

static void find_job(void *arg, const struct print_job *j)
{
    struct found_job *f = arg;
    f->issue = arena_strdup(f->call->arena, j->issue);
    f->state = j->state;
}

static void resolved(struct call *c)
{
    desk_go_on(c->svc->certs);
}

static enum err cert_resolve(struct call *c, struct errinfo *reterr)
{
    struct found_job f = { .call = c };
    int64_t id = call_int(c, "job", 0);
    size_t i = 0;
    while (i < ARRAY_LEN(outcomes) && strcmp(outcomes[i].word, call_text(c, "outcome")))
        i++;
    if (i == ARRAY_LEN(outcomes))
        return call_refuse(reterr, E_INVALID, "S036", "outcome");
    if (print_job_get(c->svc->db, id, find_job, &f, reterr) != OK)
        return call_refuse(reterr, E_NOTFOUND, "S322", "job");
    if (f.state != PRINT_UNKNOWN)
        return call_refuse(reterr, E_CONFLICT, "S324", "job");
    TRY(print_job_step(c->svc->db, id, outcomes[i].state, call_operator(c), outcomes[i].word, reterr));
    c->log.issue_no = f.issue;
    c->log.detail = outcomes[i].word;
    c->committed = resolved;
    set_text(c->result, "no", f.issue);
    set_text(c->result, "state", print_state_name(outcomes[i].state));
    set_text(c->result, "state_label", print_state_label(outcomes[i].state));
    return OK;
}

/* ---- cert.void ---- */

static enum err tell_host(struct call *c, const char *no, const char *request, struct errinfo *reterr)
{
    json_t *p = json_object();
    int64_t seq;
    MUST(p);
    set_text(p, "no", no);
    set_text(p, "reason", call_text(c, "reason"));
    char *text = json_dumps(p, JSON_COMPACT);
    MUST(text);
    struct outbox_new op = { .kind = "cert.void", .lane = request, .payload = text, .operator_id = call_operator(c) };
    enum err e = outbox_add(c->svc->db, &op, &seq, reterr);
    free(text);
    json_decref(p);
    return e;
}

struct found_issue {
    struct call *call;
    struct cert_issue i;
    char *request, *kind, *issued_on, *state, *key_id;
};

static void find_issue(void *arg, const struct cert_issue *i)
{
    struct found_issue *f = arg;
    f->i = *i;
    f->request = arena_strdup(f->call->arena, i->request);
    f->kind = arena_strdup(f->call->arena, i->kind);
    f->issued_on = arena_strdup(f->call->arena, i->issued_on);
    f->state = arena_strdup(f->call->arena, i->state);
    f->key_id = arena_strdup(f->call->arena, i->key_id);
}

/* The number as it is stored, from one as it was typed. */
static const char *folded(struct call *c, const char *typed)
{
    struct buf b = BUF_INIT;
    issue_number_fold(span_of(typed), &b);
    const char *no = arena_strdup(c->arena, buf_str(&b));
    buf_done(&b);
    return no;
}

static enum err cert_void_run(struct call *c, struct errinfo *reterr)
{
    struct found_issue f = { .call = c };
    const char *no = folded(c, call_text(c, "no"));
    if (cert_issue_get(c->svc->db, no, find_issue, &f, reterr) != OK)
        return call_refuse(reterr, E_NOTFOUND, "S322", "no");
    if (f.i.void_ms)
        return call_refuse(reterr, E_EXISTS, "S323", "no");
    TRY(cert_void(c->svc->db, no, call_operator(c), call_text(c, "reason"), call_bool(c, "fee_back"), reterr));
    c->log.issue_no = no;
    c->log.ticket = f.request;
    c->log.reason = call_text(c, "reason");
    set_text(c->result, "no", no);
    set_int(c->result, "fee_back", call_bool(c, "fee_back") ? f.i.fee : 0);
    return tell_host(c, no, f.request, reterr);
}

/* ---- cert.verify ---- */

static void verdict(struct call *c, const char *state, const char *msg)
{
    set_text(c->result, "state", state);
    set_text(c->result, "msg", msg);
    set_sentence(c->svc, c->result, msg, "", "");
}

static bool code_fits(struct call *c, const struct found_issue *f, const char *no, const char *code)
{
    const struct paper_port *port = c->svc->plug->paper;
    uint8_t mac[PAPER_HASH];
    copy_mac(port, no, f->i.content_hash, mac);
    return !strcmp(f->key_id, port->key_id) && check_matches(span_of(code), mac);
}

/* What stands behind the last blank of a line that holds number and code, or all of it. */
static const char *last_word(const char *line)
{
    const char *narrow = strrchr(line, ' '), *wide = NULL;
    for (const char *p = line; (p = strstr(p, "　")) != NULL; p += strlen("　"))
        wide = p + strlen("　");
    const char *word = narrow ? narrow + 1 : line;
    return wide && wide > word ? wide : word;
}

/* Number and code from the parameters: apart, as one line, or as a QR text. False when a QR text is none of ours. */
static bool presented(struct call *c, const char **ret_no, const char **ret_code)
{
    struct buf no = BUF_INIT, code = BUF_INIT;
    const char *typed = call_text(c, "code"), *qr = call_text(c, "qr");
    bool line = !*qr && !*call_text(c, "no"), good = true;
    if (line && strchr(typed, ';'))
        qr = typed;
    const char *word = line ? last_word(typed) : typed;
    if (*qr)
        good = qr_read(span_of(qr), c->svc->id.city_code, &no, &code, NULL) == OK;
    else
        buf_add(&no, line ? typed : call_text(c, "no"), line ? (size_t)(word - typed) : strlen(call_text(c, "no")));
    *ret_no = folded(c, buf_str(&no));
    *ret_code = arena_strdup(c->arena, *qr ? buf_str(&code) : word);
    buf_done(&no);
    buf_done(&code);
    return good;
}

static enum err cert_verify(struct call *c, struct errinfo *reterr)
{
    const struct paper_port *port;
    struct found_issue f = { .call = c };
    const char *no, *code;
    TRY(desk_port(c->svc, &port, reterr));
    /* A number that does not exist and a code that does not fit are answered alike. */
    if (!presented(c, &no, &code) || cert_issue_get(c->svc->db, no, find_issue, &f, NULL) != OK ||
        !code_fits(c, &f, no, code)) {
        verdict(c, "unknown", "S307");
        c->log.detail = "S307";
        return OK;
    }
    bool good = !f.i.void_ms && !strcmp(f.state, print_state_name(PRINT_PRINTED));
    c->log.issue_no = no;
    verdict(c, good ? "valid" : "void", good ? "S328" : "S329");
    set_text(c->result, "no", no);
    set_text(c->result, "kind", f.kind);
    set_text(c->result, "title", rulebook_label(c->svc->book, "cert_kinds", f.kind));
    set_text(c->result, "issued_on", f.issued_on);
    set_int(c->result, "pages", f.i.pages);
    return OK;
}

/* ---- top line and dashboard ---- */

status_part status_cert, dashboard_cert;

static void count_unknown(void *arg, const struct print_job *j)
{
    *(int64_t *)arg += j->state == PRINT_UNKNOWN;
}

enum err status_cert(struct call *c, json_t *result, struct errinfo *reterr)
{
    int64_t unknown = 0;
    TRY(print_jobs_open(c->svc->db, count_unknown, &unknown, reterr));
    set_int(result, "unknown_prints", unknown);
    return OK;
}

enum err dashboard_cert(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct cert_sums s;
    char day[DATE_TEXT];
    date_text(call_today(c), day);
    TRY(cert_sums_of_day(c->svc->db, day, &s, reterr));
    json_t *certs = set_object(result, "certificates");
    set_int(certs, "issued", s.requests);
    set_int(certs, "copies", s.handed);
    set_int(certs, "fees", s.fees);
    set_int(certs, "spoiled", s.spoiled);
    set_int(certs, "void", s.voided);
    set_int(certs, "sheets", s.sheets);
    return OK;
}

/* ---- rows ---- */

static const struct param_spec jobs_params[] = {
    { "day", P_DAY, false, 0, NULL },
    { "request", P_ID, false, 40, NULL },
    { "person", P_ID, false, 15, NULL },
    { .name = NULL },
};
static const struct param_spec resolve_params[] = {
    { "job", P_INT, true, INT64_MAX, NULL },
    { "outcome", P_ID, true, 16, NULL },
    { .name = NULL },
};
static const struct param_spec void_params[] = {
    { "no", P_TEXT, true, 100, NULL },
    { "reason", P_TEXT, true, 200, NULL },
    { "fee_back", P_BOOL, false, 0, NULL },
    { .name = NULL },
};
static const struct param_spec verify_params[] = {
    { "no", P_TEXT, false, 100, NULL },
    { "code", P_TEXT, false, 300, NULL },
    { "qr", P_TEXT, false, 300, NULL },
    { .name = NULL },
};

static const struct method m_certjob_rows[] = {
    { .name = "cert.jobs",
      .summary = "交付履歴を日・請求・人ごとに、また結果のわかっていない印刷を返します。",
      .result = "rows[{job,no,request,copy,kind,title,issued_at,operator,approver,state,state_label,printer,pages,fee,"
                "exempt,outage,void_reason,persons[]}], open[{job,no,made_at,state,state_label,printer,must_answer}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = jobs_params,
      .run = cert_jobs },
    { .name = "cert.held",
      .summary =
          "まだ交付していない請求を古い順に返します。停止中に預かったもの(held)は、復旧してから確認・発行します。",
      .result = "rows[{request,made_at,kind,title,requester,name,operator,copies,outage,held}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .run = cert_held },
    { .name = "cert.resolve",
      .summary = "結果のわからない印刷について、装置を見た結果を答えます(in_hand 手元にある、spoiled 書損、nothing "
                 "出ていない)。",
      .result = "no, state, state_label",
      .action = "change",
      .states = IN_ANY,
      .params = resolve_params,
      .run = cert_resolve },
    { .name = "cert.void",
      .summary = "誤って発行した一通を無効にします。番号は残ります。",
      .result = "no, fee_back",
      .action = "change",
      .states = IN_NORMAL | IN_OUTAGE | IN_RECOVERING | IN_RECONCILED,
      .params = void_params,
      .run = cert_void_run },
    { .name = "cert.verify",
      .summary = "示された証明書が、この支所の発行したものかを、発行番号と照合符号、またはQRコードの文字で確かめます。"
                 "code だけなら、発行番号と照合符号を一行にしたものか、QRコードの文字とみなします。",
      .result = "state(valid|void|unknown), msg, text, remedy, no, kind, title, issued_on, pages",
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = verify_params,
      .run = cert_verify },
};
METHOD_TABLE(m_certjob);
