/*
 * Everything that decides about a request, read fresh from the store each time it is looked at: persons, their
 * restrictions, open cases, the age of the copy, the stop. A refusal because of a restriction says the same as any
 * other (E51); its reason stands in the log only. Source: spec C.5, C.7, B.5; standard §2.5.
 */
#include "cert/cert.h"
#include "domain/finding.h"
#include "methods.h"
#include "service/shield.h"
#include "store/host_case.h"
#include "store/notices.h"
#include "store/people.h"
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static const char *member(struct call *c, const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return arena_strdup(c->arena, s ? s : "");
}

/* Texts of a list parameter, each once, in the arena. */
static const char **texts_of(struct call *c, const char *param, size_t *ret_n)
{
    const json_t *list = call_json(c, param);
    const char **text = arena_array(c->arena, json_array_size(list) + 1, sizeof *text);
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        bool known = false;
        for (size_t k = 0; k < n; k++)
            known |= !strcmp(text[k], s);
        if (!known)
            text[n++] = arena_strdup(c->arena, s);
    }
    *ret_n = n;
    return text;
}

/* Codes separated by blanks as a list. */
static const char **split_codes(struct call *c, const char *codes, size_t *ret_n)
{
    const char **list = arena_array(c->arena, strlen(codes) / 2 + 1, sizeof *list);
    size_t n = 0;
    for (const char *p = codes; *p;) {
        size_t len = strcspn(p, " ");
        if (len)
            list[n++] = arena_strndup(c->arena, p, len);
        p += len + (p[len] == ' ');
    }
    *ret_n = n;
    return list;
}

/* Row of a document that shows who somebody is; NULL for what is none. */
static const struct code *document(const struct service *svc, const char *code)
{
    const struct code_table *t = rulebook_table(svc->book, "id_document");
    for (size_t i = 0; t && i < t->n; i++)
        if (!strcmp(t->c[i].code, code))
            return &t->c[i];
    return NULL;
}

static bool document_has_photo(const struct service *svc, const char *code)
{
    const struct code *c = document(svc, code);
    return c && strstr(c->note, "写真付き");
}

static enum err read_ask(struct call *c, struct cert_case *k, struct errinfo *reterr)
{
    const struct cert_rules *rules = c->svc->certs->rules;
    k->ask.kind = cert_kind_find(rules, k->row.kind);
    k->ask.requester = cert_requester_find(rules, k->row.requester);
    if (!k->ask.kind)
        return call_refuse(reterr, E_INVALID, "S308", "kind");
    if (!k->ask.requester)
        return call_refuse(reterr, E_INVALID, "S309", "requester");
    k->ask.item = split_codes(c, k->row.items, &k->ask.n_item);
    k->ask.reason_given = *k->row.purpose != '\0';
    k->ask.reason_holds = k->row.reason_holds;
    k->ask.proof_seen = *k->row.proof != '\0';
    k->ask.document_seen = document(c->svc, k->row.id_document) != NULL;
    k->ask.name = k->row.name;
    k->ask.copies = (int)k->row.copies;
    k->row.basis = arena_strdup(c->arena, k->ask.requester->basis);
    return OK;
}

static enum err load_history(struct call *c, struct cert_case *k, struct errinfo *reterr)
{
    const struct cert_item *item = cert_item_find(k->ask.kind, span_of("history"));
    bool asked = false;
    for (size_t i = 0; item && i < k->ask.n_item; i++)
        asked |= !strcmp(k->ask.item[i], item->code);
    k->history = xcalloc(k->people.n + 1, sizeof *k->history);
    for (size_t i = 0; asked && i < k->people.n; i++)
        TRY(people_history(c->svc->db, k->people.r[i]->id, &k->history[i], reterr));
    return OK;
}

static enum err load_people(struct call *c, struct cert_case *k, struct errinfo *reterr)
{
    struct db *db = c->svc->db;
    for (size_t i = 0; i < k->row.n_person; i++) {
        struct resident *r = NULL;
        call_subject(c, k->row.person[i]);
        TRY(people_by_id(db, k->row.person[i], &r, reterr));
        resident_list_add(&k->people, r);
        const char *household = resident_get(r, ATTR_HOUSEHOLD);
        TRY(restriction_of(db, r->id, household, &k->restrictions, reterr));
        TRY(restriction_of_members(db, household, r->id, &k->others, reterr));
        if (i == 0)
            TRY(people_load_household(db, household, &k->members, reterr));
    }
    TRY(load_history(c, k, reterr));
    k->who = (struct cert_subjects){ (const struct resident *const *)k->people.r, k->history, k->people.n,
                                     (const struct resident *const *)k->members.r, k->members.n };
    return OK;
}

static enum err load_rest(struct call *c, struct cert_case *k, struct errinfo *reterr)
{
    TRY(read_ask(c, k, reterr));
    TRY(load_people(c, k, reterr));
    TRY(replica_get(c->svc->db, &k->copy, reterr));
    TRY(outage_current(c->svc->db, &k->stop, &k->in_stop, reterr));
    if (k->in_stop && k->stop.state != COUNTER_OUTAGE) { /* only suspected, or over: the host is asked again */
        outage_done(&k->stop);
        k->in_stop = false;
    }
    return OK;
}

static enum err done_on_error(struct cert_case *k, enum err e)
{
    if (e != OK)
        cert_case_done(k);
    return e;
}

enum err case_of_call(struct call *c, struct cert_case *ret, struct errinfo *reterr)
{
    const json_t *who = call_json(c, "requester");
    struct cert_case k = { .in_stop = false };
    size_t n_item;
    const char **item = texts_of(c, "items", &n_item);
    char *items = arena_strdup(c->arena, "");
    for (size_t i = 0; i < n_item; i++)
        items = arena_printf(c->arena, "%s%s%s", items, i ? " " : "", item[i]);
    k.row = (struct cert_request){
        .operator_id = arena_strdup(c->arena, call_operator(c)),
        .kind = arena_strdup(c->arena, call_text(c, "kind")),
        .requester = member(c, who, "class"),
        .name = member(c, who, "name"),
        .address = member(c, who, "address"),
        .relation = member(c, who, "relation"),
        .purpose = member(c, who, "purpose"),
        .proof = member(c, who, "proof"),
        .id_document = member(c, who, "document"),
        .id_tail = member(c, who, "document_tail"),
        .items = items,
        .exempt = arena_strdup(c->arena, call_text(c, "exempt")),
        .refusal = "",
        .copies = call_int(c, "copies", 1),
        .reason_holds = json_is_true(json_object_get(who, "reason_holds")),
        .in_person = !json_is_false(json_object_get(who, "in_person")),
        .by_post = json_is_true(json_object_get(who, "by_post")),
    };
    k.row.photo_id = document_has_photo(c->svc, k.row.id_document);
    k.row.person = texts_of(c, "persons", &k.row.n_person);
    TRY(done_on_error(&k, load_rest(c, &k, reterr)));
    k.row.outage_no = k.in_stop ? arena_strdup(c->arena, k.stop.no) : "";
    *ret = k;
    return OK;
}

struct reading {
    struct call *call;
    struct cert_request row;
};

static void keep_row(void *arg, const struct cert_request *r)
{
    struct reading *w = arg;
    struct arena *a = w->call->arena;
    const char **person = arena_array(a, r->n_person + 1, sizeof *person);
    w->row = *r;
    for (size_t i = 0; i < r->n_person; i++)
        person[i] = arena_strdup(a, r->person[i]);
    w->row.person = person;
    const char **texts[] = { &w->row.no,      &w->row.operator_id, &w->row.kind,        &w->row.requester,
                             &w->row.name,    &w->row.address,     &w->row.relation,    &w->row.basis,
                             &w->row.purpose, &w->row.proof,       &w->row.id_document, &w->row.id_tail,
                             &w->row.items,   &w->row.exempt,      &w->row.outage_no,   &w->row.keep_until,
                             &w->row.refusal };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = arena_strdup(a, *texts[i]);
}

enum err case_of_request(struct call *c, const char *no, struct cert_case *ret, struct errinfo *reterr)
{
    struct reading w = { .call = c };
    struct cert_case k = { .in_stop = false };
    if (cert_request_get(c->svc->db, no, keep_row, &w, reterr) != OK)
        return call_refuse(reterr, E_NOTFOUND, "S317", "request");
    if (w.row.state == REQUEST_REFUSED || w.row.state == REQUEST_CLOSED)
        return call_refuse(reterr, E_DENIED, "S318", "request");
    k.row = w.row;
    c->log.ticket = k.row.no;
    TRY(done_on_error(&k, load_rest(c, &k, reterr)));
    *ret = k;
    return OK;
}

void cert_case_done(struct cert_case *k)
{
    for (size_t i = 0; k->history && i < k->people.n; i++)
        resident_list_done(&k->history[i]);
    free(k->history);
    resident_list_done(&k->people);
    resident_list_done(&k->members);
    restriction_list_done(&k->restrictions);
    restriction_list_done(&k->others);
    if (k->in_stop)
        outage_done(&k->stop);
    *k = (struct cert_case){ .in_stop = false };
}

bool case_shows_number(const struct cert_rules *rules, const struct cert_case *k)
{
    const struct cert_items *items = k->ask.kind->items;
    for (size_t i = 0; i < items->n; i++) {
        bool shown = cert_show_of(rules, &items->i[i], k->ask.requester) == SHOW_ALWAYS;
        for (size_t n = 0; n < k->ask.n_item; n++)
            shown |= !strcmp(k->ask.item[n], items->i[i].code);
        if (shown && items->i[i].number)
            return true;
    }
    return false;
}

/* ---- judging ---- */

/* By the host's clock, as far as it was heard; -1: never. */
static int64_t age_ms(const struct call *c, const struct cert_case *k, int64_t as_of_ms)
{
    return as_of_ms ? call_now(c) - k->copy.skew_ms - as_of_ms : -1;
}

/* The strictest of what holds for the persons. How old the list may be in a stop is a table of its own. */
static enum err decide(const struct cert_case *k, struct shield *s, struct restrict_decision *ret, bool *ret_shared,
                       struct errinfo *reterr)
{
    struct restrict_decision all = { .verdict = RV_ALLOW };
    s->request = k->row.no;
    if (k->in_stop)
        s->list_age_s = 0;
    for (size_t i = 0; i < k->people.n; i++) {
        struct restrict_decision d;
        bool shared;
        TRY(shield_certificate(s, k->people.r[i], &d, &shared, reterr));
        *ret_shared = *ret_shared || shared;
        bool temporary = all.temporary || d.temporary, ending = all.ending || d.ending, ended = all.ended || d.ended;
        if (i == 0 || d.verdict > all.verdict)
            all = d;
        all.temporary = temporary;
        all.ending = ending;
        all.ended = ended;
    }
    *ret = all;
    return OK;
}

static enum err judge_restriction(struct call *c, const struct cert_case *k, struct cert_verdict *v,
                                  struct errinfo *reterr)
{
    struct shield s;
    struct restrict_decision d;
    bool shared = false;
    TRY(shield_open(c, &s, reterr));
    TRY(decide(k, &s, &d, &shared, reterr));
    v->by_rsp = shared;
    v->concealed = shared || d.temporary;
    v->approval |= v->concealed; /* a temporary release is used by two */
    if (d.verdict == RV_REFUSE && !v->msg) {
        v->msg = d.msg;
        v->reason = restrict_reason_code(d.reason);
        v->hold = true; /* 支援措置責任者 reviews it: restrict.temp */
    }
    if (d.verdict == RV_ALERT)
        findings_add(&v->findings, "W07", "persons", 0, "id", NULL);
    if (d.verdict != RV_REFUSE && s.may_see && (d.ending || d.ended))
        findings_add(&v->findings, "W55", "persons", 0, "id", NULL);
    return OK;
}

static enum err open_case(struct call *c, const struct resident_list *people, bool *ret, struct errinfo *reterr)
{
    char no[CASE_NO_MAX + 1];
    for (size_t i = 0; i < people->n && !*ret; i++) {
        TRY(case_of_person(c->svc->db, people->r[i]->id, no, reterr));
        *ret = *no != '\0';
    }
    return OK;
}

/* Who joins a household changes what is written about it, though nobody of it is named. */
static enum err open_case_of_households(struct call *c, const struct resident_list *people, bool *ret,
                                        struct errinfo *reterr)
{
    char no[CASE_NO_MAX + 1];
    for (size_t i = 0; i < people->n && !*ret; i++) {
        TRY(case_of_household(c->svc->db, resident_get(people->r[i], ATTR_HOUSEHOLD), no, reterr));
        *ret = *no != '\0';
    }
    return OK;
}

static void see_case(void *arg, const struct host_case *hc)
{
    (void)hc;
    *(bool *)arg = true;
}

/* At another window, as the host told (W52): what is printed is what stands before that notice. */
static enum err case_elsewhere(struct call *c, const struct resident_list *people, bool *ret, struct errinfo *reterr)
{
    for (size_t i = 0; i < people->n && !*ret; i++)
        TRY(host_case_of(c->svc->db, people->r[i]->id, c->svc->id.office, see_case, ret, reterr));
    return OK;
}

static bool protection_moves(const struct restriction_list *l, struct date copy_day, struct date today)
{
    for (size_t i = 0; i < l->n; i++)
        if (restrict_protects(l->r[i].kind) && outage_protection_runs(l->r[i].from, l->r[i].until, copy_day, today))
            return true;
    return false;
}

static bool planned_came(const struct cert_case *k, struct date copy_day, struct date today)
{
    for (size_t i = 0; i < k->people.n; i++) {
        struct date planned;
        if (date_read(resident_get(k->people.r[i], ATTR_PLANNED_ON), &planned, NULL) == OK &&
            outage_came_due(planned, copy_day, today))
            return true;
    }
    return false;
}

static bool in_force(const struct restriction_list *l, struct date today)
{
    for (size_t i = 0; i < l->n; i++)
        if (restrict_in_force(&l->r[i], today))
            return true;
    return false;
}

/* What the records say against an issue in a stop. */
static unsigned found_refusals(struct call *c, const struct cert_case *k, bool unposted)
{
    struct date today = call_today(c), copy_day = date_of_ms(k->copy.as_of_ms);
    unsigned x = 0;
    x |= in_force(&k->restrictions, today) || in_force(&k->others, today) ? 1u << X01_PROTECTED : 0;
    x |= unposted ? 1u << X02_UNPOSTED : 0;
    x |= planned_came(k, copy_day, today) ? 1u << X03_CAME_DUE : 0;
    x |= protection_moves(&k->restrictions, copy_day, today) || protection_moves(&k->others, copy_day, today)
             ? 1u << X04_PROTECTION
             : 0;
    x |= case_shows_number(c->svc->certs->rules, k) ? 1u << X05_NUMBERS : 0;
    x |= cert_of_removed(k->ask.kind) ? 1u << X07_NOT_IN_COPY : 0;
    x |= !k->ask.kind->offline ? 1u << X12_OFFICE_RULE : 0;
    x |= k->row.by_post ? 1u << X13_BY_POST : 0;
    return x;
}

static enum outage_refusal refusal_of(const char *code)
{
    int x = 0;
    while (x < OUTAGE_REFUSALS && strcmp(outage_refusal_code((enum outage_refusal)x), code))
        x++;
    return (enum outage_refusal)x;
}

/* One neutral message; the code and its text only as far as this operator may know them. */
static void refuse_in_stop(struct call *c, const struct outage_decision *d, struct cert_verdict *v)
{
    bool may_see = call_may(c, "restrict.get"); /* as the shield has it */
    enum outage_refusal x = refusal_of(d->msg);
    bool secret = x == X01_PROTECTED || x == X04_PROTECTION;
    v->msg = "E58";
    v->hold = true;
    v->reason = arena_strdup(c->arena, d->msg);
    v->code = secret && !may_see ? "" : v->reason;
    if (x != OUTAGE_REFUSALS)
        v->text = outage_refusal_text(x, may_see);
}

static enum err judge_stop(struct call *c, const struct cert_case *k, bool approved, struct cert_verdict *v,
                           struct errinfo *reterr)
{
    static const enum outage_applicant applicant[] = {
        [REL_SELF] = APPLICANT_SELF,   [REL_HOUSEHOLD] = APPLICANT_SELF, [REL_PROXY] = APPLICANT_PROXY,
        [REL_THIRD] = APPLICANT_THIRD, [REL_OFFICE] = APPLICANT_OFFICE,
    };
    _Static_assert(ARRAY_LEN(applicant) == RELS, "a relation has no row in the table of a stop");
    struct outage_limits limits = outage_limits_of(c->svc->book);
    struct outage_decision d;
    bool unposted = false;
    TRY(open_case(c, &k->people, &unposted, reterr));
    TRY(open_case(c, &k->members, &unposted, reterr));
    TRY(open_case_of_households(c, &k->people, &unposted, reterr));
    struct outage_ask ask = { .types = k->stop.types,
                              .applicant = applicant[k->ask.requester->relation],
                              .in_person = k->row.in_person,
                              .photo_id = k->row.photo_id,
                              .copy_age_ms = age_ms(c, k, k->copy.as_of_ms),
                              .restriction_age_ms = age_ms(c, k, k->copy.list_ms),
                              .copy_verified = k->copy.as_of_ms != 0,
                              .sheets = k->row.copies * (int64_t)k->people.n,
                              .refusals = found_refusals(c, k, unposted),
                              .supervisor = approved };
    outage_decide(&limits, &ask, &d);
    v->approvals = d.approvals;
    v->approval |= d.approvals != 0;
    if (!v->msg && d.verdict != GATE_ISSUE && !d.approvals)
        refuse_in_stop(c, &d, v);
    return OK;
}

enum err case_judge(struct call *c, const struct cert_case *k, bool approved, struct cert_verdict *ret,
                    struct errinfo *reterr)
{
    struct cert_verdict v = { .code = "", .reason = "" };
    bool open = false;
    enum err e = OK;
    if (k->in_stop)
        e = judge_stop(c, k, approved, &v, reterr);
    if (e == OK)
        e = judge_restriction(c, k, &v, reterr);
    if (!v.msg && e == OK)
        e = open_case(c, &k->people, &open, reterr);
    if (!v.msg && e == OK)
        e = case_elsewhere(c, &k->people, &open, reterr);
    if (open)
        findings_add(&v.findings, "W52", "persons", 0, "id", NULL);
    if (!v.msg && e == OK)
        cert_judge(c->svc->certs->rules, c->svc->book, &k->ask, &k->who, call_today(c), &v.findings);
    if (case_shows_number(c->svc->certs->rules, k) && !call_may_view(c, AV_MY_NUMBER))
        v.approval = true;
    if (e != OK) {
        verdict_done(&v);
        return e;
    }
    for (size_t i = 0; !v.msg && i < v.findings.n; i++)
        if (rulebook_is_error(c->svc->book, v.findings.f[i].msg))
            v.msg = arena_strdup(c->arena, v.findings.f[i].msg);
    *ret = v;
    return OK;
}

void verdict_done(struct cert_verdict *v)
{
    findings_done(&v->findings);
}

static void tell_finding(struct call *c, const struct finding *f, json_t *list)
{
    json_t *row = add_object(list);
    set_text(row, "msg", f->msg);
    set_text(row, "level", rulebook_is_error(c->svc->book, f->msg) ? "E" : "W");
    set_text(row, "item", f->field);
    set_int(row, "row", f->row);
    const char *words = f->about ? f->about : rulebook_label(c->svc->book, "items", f->section);
    set_sentence(c->svc, row, f->msg, words, words);
}

void verdict_tell(struct call *c, const struct cert_verdict *v, json_t *result)
{
    json_t *gate = set_object(result, "gate"), *findings = set_list(result, "findings");
    const char *about = "";
    bool hidden = v->msg && *v->reason; /* of a restriction or a stop nothing more is said */
    for (size_t i = 0; v->msg && i < v->findings.n; i++)
        if (!strcmp(v->findings.f[i].msg, v->msg) && v->findings.f[i].about)
            about = v->findings.f[i].about;
    set_bool(gate, "ok", !v->msg);
    set_bool(gate, "held", v->hold);
    set_text(gate, "msg", v->msg ? v->msg : "");
    set_text(gate, "code", v->code);
    if (v->msg)
        set_sentence(c->svc, gate, v->msg, about, about);
    if (v->text)
        set_text(gate, "reason", v->text);
    set_bool(result, "needs_approval", v->approval && !v->msg);
    set_text(result, "approver_label", v->by_rsp && !v->msg ? role_label(ROLE_RSP) : "");
    set_bool(result, "needs_contact", !v->msg && (v->approvals & (APPROVE_RSP_PHONE | CONFIRM_HOST_PHONE)) != 0);
    for (size_t i = 0; !hidden && i < v->findings.n; i++)
        tell_finding(c, &v->findings.f[i], findings);
}
