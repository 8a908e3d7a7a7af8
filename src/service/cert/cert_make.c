/* From a case to a copy with its number: what is printed, what is kept of it, and what the host is told. */
#include "cert/cert.h"
#include "domain/checkcode.h"
#include "gate/internal.h"
#include "methods.h"
#include "store/outbox.h"
#include "store/series.h"
#include <stdlib.h>
#include <string.h>

#define HASH_HEX   (2 * CERT_HASH)
#define ISSUES_MAX 1000 /* of one person that are looked at */

static void hash_hex(const uint8_t hash[CERT_HASH], char ret[HASH_HEX + 1])
{
    struct buf b = BUF_INIT;
    hex_add(&b, hash, CERT_HASH);
    memcpy(ret, b.p, HASH_HEX + 1);
    buf_done(&b);
}

/* ---- check code ---- */

void copy_mac(const struct paper_port *port, const char *number, const uint8_t content_hash[CERT_HASH],
              uint8_t ret[PAPER_HASH])
{
    struct buf input = BUF_INIT;
    char hex[HASH_HEX + 1];
    hash_hex(content_hash, hex);
    check_input(span_of(number), span_of(hex), &input);
    port->mac(port->self, input.p, input.len, ret);
    buf_done(&input);
}

void copy_marks(const struct service *svc, const struct paper_port *port, const char *number,
                const uint8_t content_hash[CERT_HASH], struct buf *ret_check, struct buf *ret_qr)
{
    uint8_t mac[PAPER_HASH];
    copy_mac(port, number, content_hash, mac);
    check_code_show(mac, ret_check);
    qr_text(svc->id.city_code, span_of(number), mac, ret_qr);
}

/* ---- content ---- */

/* "令和8年7月1日10時40分" */
static void show_moment(const struct service *svc, int64_t ms, struct buf *ret)
{
    struct date d;
    int sec;
    clock_jst(ms, &d.y, &d.m, &d.d, &sec);
    date_show(d, &svc->book->eras, ret);
    buf_printf(ret, "%d時%02d分", sec / 3600, sec / 60 % 60);
}

/* CERT_TEXT_OUTAGE with {as_of} and {outage} filled in. */
static void outage_line(const struct service *svc, const struct cert_case *c, struct buf *ret)
{
    for (const char *s = rulebook_param(svc->book, "CERT_TEXT_OUTAGE"); *s;) {
        if (!strncmp(s, "{as_of}", 7)) {
            show_moment(svc, c->copy.as_of_ms, ret);
            s += 7;
        } else if (!strncmp(s, "{outage}", 8)) {
            buf_adds(ret, c->stop.no);
            s += 8;
        } else {
            buf_addc(ret, *s++);
        }
    }
}

/* ---- issued again ---- */

struct first_issue {
    struct call *call;
    const char *kind;
    int64_t job; /* oldest good one of the kind, 0: none */
};

static void find_first(void *arg, const struct cert_issue *i)
{
    struct first_issue *f = arg;
    if (!strcmp(i->kind, f->kind) && !i->void_ms && strcmp(i->state, print_state_name(PRINT_SPOILED)))
        f->job = i->job; /* newest first: the last one stays */
}

static void decode_body(void *arg, const struct print_job *j)
{
    struct cert_copy **copy = arg;
    if (cert_copy_decode(j->body, copy, NULL) != OK)
        *copy = NULL;
}

static const char *cell_text(const struct cert_copy *c, const char *item)
{
    const struct cert_cell *cell = c->n_person ? cert_person_cell(&c->person[0], span_of(item)) : NULL;
    return cell ? cell->text : "";
}

/* The same persons in the same order, leaving on the same day. */
static bool same_move(const struct cert_copy *a, const struct cert_copy *b)
{
    bool same = a->n_person == b->n_person && !strcmp(cell_text(a, "planned_on"), cell_text(b, "planned_on"));
    for (size_t i = 0; same && i < a->n_person; i++)
        same = !strcmp(a->person[i].id, b->person[i].id);
    return same;
}

/* 再交付: the content as it was issued first, never refreshed; day, certifier and mark are of today
 * (標準仕様書 4.1.3.0.3). */
static enum err as_first_issued(struct call *c, const struct cert_case *k, struct cert_copy **copy,
                                struct errinfo *reterr)
{
    struct first_issue f = { c, k->row.kind, 0 };
    struct cert_copy *now = *copy, *first = NULL;
    TRY(cert_issues(c->svc->db, CERTS_BY_PERSON, now->person[0].id, ISSUES_MAX, find_first, &f, reterr));
    if (!f.job)
        return OK;
    TRY(print_job_get(c->svc->db, f.job, decode_body, &first, reterr));
    if (!first || !same_move(first, now)) {
        cert_copy_free(first);
        return OK;
    }
    cert_set(&first->issued_on, now->issued_on);
    cert_set(&first->certifier_title, now->certifier_title);
    cert_set(&first->certifier_name, now->certifier_name);
    cert_set(&first->seal, now->seal);
    cert_set(&first->official, rulebook_param(c->svc->book, "CERT_TEXT_AGAIN"));
    cert_set(&first->number, "");
    cert_set(&first->job, "");
    cert_set(&first->outage, "");
    cert_set(&first->trial, "");
    cert_copy_free(now);
    *copy = first;
    return OK;
}

enum err copy_of_case(struct call *c, const struct cert_case *k, struct cert_copy **ret, uint8_t ret_hash[CERT_HASH],
                      struct errinfo *reterr)
{
    struct cert_copy *copy = NULL;
    struct buf bytes = BUF_INIT, line = BUF_INIT;
    TRY(cert_build(c->svc->certs->rules, c->svc->book, &k->ask, &k->who, call_today(c), &copy, reterr));
    enum err e = k->ask.kind->frozen ? as_first_issued(c, k, &copy, reterr) : OK;
    if (e != OK) {
        cert_copy_free(copy);
        return e;
    }
    cert_copy_encode(copy, &bytes); /* before what may change between preview and issue */
    db_hash(c->svc->db, bytes.p, bytes.len, ret_hash);
    if (k->in_stop)
        outage_line(c->svc, k, &line);
    cert_set(&copy->outage, buf_str(&line));
    cert_set(&copy->trial, c->svc->id.trial ? rulebook_param(c->svc->book, "CERT_TEXT_TRIAL") : "");
    buf_done(&bytes);
    buf_done(&line);
    *ret = copy;
    return OK;
}

/* ---- issue ---- */

static enum err take_number(struct call *c, int64_t *ret_serial, int *ret_year, char **ret, struct errinfo *reterr)
{
    const struct service *svc = c->svc;
    struct series s = { svc->id.office, svc->id.terminal, SERIES_ISSUE, series_year(call_now(c)) };
    struct date d = call_today(c);
    struct buf no = BUF_INIT;
    TRY(series_take(svc->db, &s, ret_serial, reterr));
    issue_number(arena_printf(c->arena, "%04d%02d%02d", d.y, d.m, d.d), svc->book->own_city,
                 arena_printf(c->arena, "%s%s", svc->id.office_name, svc->id.terminal),
                 rulebook_param(svc->book, "CERT_PRINTER"), *ret_serial, &no);
    *ret_year = s.year;
    *ret = arena_strdup(c->arena, no.p);
    buf_done(&no);
    return OK;
}

/* The host learns which rows were shown, so that it can say whether they still stand. */
static enum err tell_host(struct call *c, const struct cert_case *k, const struct cert_issue *i, struct errinfo *reterr)
{
    json_t *p = json_object(), *persons;
    char at[CLOCK_TEXT], as_of[CLOCK_TEXT], hex[HASH_HEX + 1];
    struct outbox_base *base = arena_array(c->arena, k->people.n + 1, sizeof *base);
    int64_t seq = 0;
    MUST(p);
    clock_iso_jst(i->issued_ms, at);
    clock_iso_jst(k->copy.as_of_ms, as_of);
    hash_hex(i->content_hash, hex);
    set_text(p, "no", i->no);
    set_text(p, "kind", i->kind);
    set_text(p, "request", i->request);
    set_int(p, "copies", 1);
    persons = set_list(p, "persons");
    for (size_t n = 0; n < k->people.n; n++) {
        json_t *one = add_object(persons);
        base[n] = (struct outbox_base){ k->people.r[n]->id, k->people.r[n]->rev };
        set_text(one, "id", base[n].id);
        set_int(one, "rev", base[n].rev);
    }
    set_text(p, "content_hash", hex);
    set_text(p, "issued_at", at);
    set_text(p, "as_of", as_of);
    set_int(p, "fee", i->fee);
    if (*i->outage_no)
        set_text(p, "outage_no", i->outage_no);
    char *text = json_dumps(p, JSON_COMPACT);
    MUST(text);
    struct outbox_new op = { .kind = "cert.issue",
                             .lane = i->request,
                             .payload = text,
                             .base = base,
                             .n_base = k->people.n,
                             .operator_id = i->operator_id,
                             .approver_id = *i->approver ? i->approver : NULL };
    enum err e = outbox_add(c->svc->db, &op, &seq, reterr);
    free(text);
    json_decref(p);
    return e;
}

static enum err write_job(struct call *c, const struct cert_copy *copy, struct span body, const struct cert_issue *i,
                          int64_t *ret_job, struct errinfo *reterr)
{
    struct print_job j = { .issue = i->no, .printer = rulebook_param(c->svc->book, "CERT_PRINTER"), .body = body };
    struct buf subject = BUF_INIT;
    cert_copy_subject(copy, &subject);
    memcpy(j.content_hash, i->content_hash, PRINT_HASH);
    db_hash(c->svc->db, subject.p, subject.len, j.subject_hash);
    buf_done(&subject);
    return print_job_add(c->svc->db, &j, i->operator_id, ret_job, reterr);
}

static enum err write_issue(struct call *c, const struct cert_case *k, const struct cert_copy *copy,
                            struct cert_issue *i, int64_t *ret_job, struct errinfo *reterr)
{
    struct buf body = BUF_INIT;
    struct cert_issue_person *who = arena_array(c->arena, k->people.n + 1, sizeof *who);
    for (size_t n = 0; n < k->people.n; n++)
        who[n] = (struct cert_issue_person){ k->people.r[n]->id, k->people.r[n]->rev };
    cert_copy_encode(copy, &body);
    db_hash(c->svc->db, body.p, body.len, i->content_hash);
    enum err e = cert_issue_add(c->svc->db, i, who, k->people.n, reterr);
    if (e == OK)
        e = write_job(c, copy, buf_span(&body), i, ret_job, reterr);
    if (e == OK)
        e = tell_host(c, k, i, reterr);
    buf_done(&body);
    return e;
}

static void tell_issue(struct call *c, const struct cert_issue *i, int64_t job, json_t *issues)
{
    struct buf check = BUF_INIT, qr = BUF_INIT;
    json_t *row = add_object(issues);
    copy_marks(c->svc, c->svc->plug->paper, i->no, i->content_hash, &check, &qr);
    set_text(row, "no", i->no);
    set_int(row, "copy", i->copy);
    set_int(row, "job", job);
    set_int(row, "fee", i->fee);
    set_text(row, "check_code", check.p);
    buf_done(&check);
    buf_done(&qr);
}

static char *subjects_of(struct call *c, const struct cert_case *k)
{
    char *all = arena_strdup(c->arena, "");
    for (size_t i = 0; i < k->people.n; i++)
        all = arena_printf(c->arena, "%s%s%s", all, *all ? " " : "", k->people.r[i]->id);
    return all;
}

enum err copy_issue(struct call *c, const struct cert_case *k, const struct cert_copy *template_copy, int64_t copy,
                    const char *contact_no, struct cert_run *ret_run, json_t *issues, struct errinfo *reterr)
{
    struct service *svc = c->svc;
    struct cert_issue i = { .request = k->row.no,
                            .copy = copy,
                            .office = svc->id.office,
                            .terminal = svc->id.terminal,
                            .kind = k->row.kind,
                            .issued_ms = call_now(c),
                            .operator_id = call_operator(c),
                            .approver = c->log.approver ? c->log.approver : "",
                            .key_id = svc->plug->paper->key_id,
                            .outage_no = k->in_stop ? k->stop.no : "",
                            .copy_as_of_ms = k->copy.as_of_ms,
                            .contact_no = contact_no,
                            .my_number = case_shows_number(c->svc->certs->rules, k),
                            .seal = *template_copy->seal != '\0' };
    char *no, day[DATE_TEXT];
    int year;
    int64_t job = 0;
    TRY(take_number(c, &i.serial, &year, &no, reterr));
    TRY(cert_fee(svc->book, k->ask.kind, k->ask.requester, k->row.exempt, &i.fee, &i.exempt, reterr));
    date_text(call_today(c), day);
    i.no = no;
    i.year = year;
    i.issued_on = day;
    struct cert_copy *own = cert_copy_dup(template_copy);
    cert_set(&own->number, no);
    cert_set(&own->job, arena_printf(c->arena, "%s-%lld", k->row.no, (long long)copy));
    enum err e = write_issue(c, k, own, &i, &job, reterr);
    cert_copy_free(own);
    if (e != OK)
        return e;
    tell_issue(c, &i, job, issues);
    *ret_run = (struct cert_run){ .job = job,
                                  .issue = no,
                                  .operator_id = arena_strdup(c->arena, i.operator_id),
                                  .session = arena_strdup(c->arena, c->session->id),
                                  .subjects = subjects_of(c, k),
                                  .my_number = i.my_number,
                                  .seal = i.seal };
    return OK;
}
