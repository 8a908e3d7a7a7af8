/*
 * Print jobs from `reserved` to their end. A job goes alone through its printer; what was drawn is compared with what
 * was stored before `spooling` is committed and the first byte goes out. Nothing here asks who may: that was decided
 * when the job was made.
 */
#include "base/log.h"
#include "cert/cert.h"
#include "domain/checkcode.h"
#include "methods.h"
#include "store/txn.h"
#include <stdlib.h>
#include <string.h>

enum err desk_port(const struct service *svc, const struct paper_port **ret, struct errinfo *reterr)
{
    if (!svc->plug || !svc->plug->paper)
        return call_refuse(reterr, E_OFFLINE, "S325", "paper");
    *ret = svc->plug->paper;
    return OK;
}

enum err cert_desk_open(struct service *svc, struct cert_desk **ret, struct errinfo *reterr)
{
    struct cert_rules *rules = NULL;
    int64_t unknown = 0;
    TRY(cert_rules_load(svc->book, &rules, reterr));
    enum err e = print_jobs_recover(svc->db, &unknown, reterr);
    if (e != OK) {
        cert_rules_free(rules);
        return e;
    }
    struct cert_desk *d = xcalloc(1, sizeof *d);
    d->svc = svc;
    d->rules = rules;
    *ret = d;
    return OK;
}

static void run_free(struct cert_run *r)
{
    free(r->issue);
    free(r->operator_id);
    free(r->session);
    free(r->subjects);
    free(r);
}

static void view_free(struct cert_view *v)
{
    for (struct cert_view **at = &v->desk->views; *at; at = &(*at)->next)
        if (*at == v) {
            *at = v->next;
            break;
        }
    free(v->request);
    buf_done(&v->lines);
    json_decref(v->over);
    free(v);
}

void cert_desk_close(struct cert_desk *d)
{
    if (!d)
        return;
    while (d->views)
        view_free(d->views);
    while (d->runs) {
        struct cert_run *r = d->runs;
        d->runs = r->next;
        run_free(r);
    }
    cert_rules_free(d->rules);
    free(d);
}

/* ---- journal ---- */

/* 印刷記録: one row of the log for each end of a job. */
static enum err log_print(struct cert_run *r, const char *result, int64_t pages, const char *detail,
                          struct errinfo *reterr)
{
    struct service *svc = r->desk->svc;
    struct oplog row = service_row(svc, "cert.print", "print");
    row.place = svc->id.office;
    row.operator_id = r->operator_id;
    row.session = r->session;
    row.subjects = r->subjects;
    row.my_number = r->my_number;
    row.seal = r->seal;
    row.device = rulebook_param(svc->book, "CERT_PRINTER");
    row.issue_no = r->issue;
    row.pages = pages;
    row.result = result;
    row.detail = detail;
    return service_append(svc, &row, reterr);
}

static enum err step_in_txn(struct cert_run *r, enum print_state s, int64_t pages, const char *detail,
                            struct errinfo *reterr)
{
    struct db *db = r->desk->svc->db;
    TRY(print_job_step(db, r->job, s, "", detail, reterr));
    if (s == PRINT_SPOOLING)
        return print_job_drawn(db, r->job, pages, reterr);
    return log_print(r, s == PRINT_PRINTED ? "ok" : print_state_name(s), pages, detail, reterr);
}

/* Durable before anything follows from it. */
static enum err step(struct cert_run *r, enum print_state s, int64_t pages, const char *detail, struct errinfo *reterr)
{
    TRY(txn_begin(r->desk->svc->db, reterr));
    return txn_end(r->desk->svc->db, step_in_txn(r, s, pages, detail, reterr), reterr);
}

static void start_next(struct cert_desk *);

/* The job has come to an end or to where somebody must answer. */
static void finish(struct cert_run *r, enum print_state s, int64_t pages, const char *detail)
{
    struct cert_desk *d = r->desk;
    struct errinfo e = { 0 };
    if (step(r, s, pages, detail, &e) != OK)
        log_errinfo(LOG_ERR, "writing the print journal", &e); /* the next start makes it unknown */
    for (struct cert_run **at = &d->runs; *at; at = &(*at)->next)
        if (*at == r) {
            *at = r->next;
            break;
        }
    run_free(r);
    start_next(d);
    service_poke(d->svc);
}

/* ---- before the first byte ---- */

struct stored {
    struct service *svc;
    const struct paper_drawn *drawn;
    bool same;
};

/* Re-reads the job and compares content and subject of what was drawn with what was stored (reliability 2.4). */
static void compare(void *arg, const struct print_job *j)
{
    struct stored *s = arg;
    uint8_t now[DB_HASH];
    db_hash(s->svc->db, j->body.p, j->body.n, now);
    s->same = j->state == PRINT_RESERVED && memcmp(now, j->content_hash, DB_HASH) == 0 &&
              memcmp(s->drawn->copy_hash, j->content_hash, PAPER_HASH) == 0 &&
              memcmp(s->drawn->subject_hash, j->subject_hash, PAPER_HASH) == 0;
}

static void on_sent(void *arg, enum paper_sent sent, const char *detail)
{
    static const enum print_state end[] = {
        [PAPER_SENT] = PRINT_PRINTED, [PAPER_NOT_SENT] = PRINT_SPOILED, [PAPER_UNSURE] = PRINT_UNKNOWN
    };
    finish(arg, end[sent], 0, detail);
}

static void send_out(struct cert_run *r, const struct paper_drawn *d)
{
    struct service *svc = r->desk->svc;
    const struct paper_port *port;
    struct errinfo e = { 0 };
    const char *serial = strrchr(r->issue, ' ');
    char name[64];
    if (desk_port(svc, &port, &e) != OK || step(r, PRINT_SPOOLING, d->pages, "", &e) != OK) {
        finish(r, PRINT_SPOILED, 0, e.msg);
        return;
    }
    /* Day and serial of the 発行番号: jobs count anew in a store that came back from a backup, numbers do not. */
    snprintf(name, sizeof name, "madoguchi-%06lld-%.8s-%.12s", (long long)r->job, r->issue, serial ? serial + 1 : "");
    struct paper_send send = { d->document, name, rulebook_param(svc->book, "CERT_PRINT_TO"),
                               rulebook_param(svc->book, "CERT_LP_QUEUE") };
    port->send(port->self, &send, on_sent, r);
}

static void on_drawn(void *arg, const struct paper_drawn *d)
{
    struct cert_run *r = arg;
    struct stored s = { .svc = r->desk->svc, .drawn = d };
    struct errinfo e = { 0 };
    if (d->err != OK)
        finish(r, PRINT_SPOILED, 0, d->why->msg);
    else if (print_job_get(s.svc->db, r->job, compare, &s, &e) != OK)
        finish(r, PRINT_SPOILED, 0, e.msg);
    else if (!s.same)
        finish(r, PRINT_SPOILED, 0, "S306");
    else
        send_out(r, d);
}

/* ---- drawing ---- */

struct drawing {
    struct cert_run *run;
    struct service *svc;
    const struct paper_port *port;
};

/* The day of issue at midnight: the same copy is the same document whenever it is drawn. */
static void creation_date(int64_t ms, char ret[CLOCK_TEXT])
{
    int y, m, d, sec;
    clock_jst(ms, &y, &m, &d, &sec);
    clock_iso_jst(ms - (int64_t)sec * 1000 - ms % 1000, ret);
}

static void draw_job(void *arg, const struct print_job *j)
{
    struct drawing *w = arg;
    struct buf check = BUF_INIT, qr = BUF_INIT;
    char created[CLOCK_TEXT];
    copy_marks(w->svc, w->port, j->issue, j->content_hash, &check, &qr);
    creation_date(j->made_ms, created);
    struct paper_draw d = { .copy = j->body,
                            .check = check.p,
                            .qr = qr.p,
                            .created = created,
                            .overflow = rulebook_param(w->svc->book, "CERT_OVERFLOW"),
                            .ambiguous = 1 };
    w->port->draw(w->port->self, &d, on_drawn, w->run);
    buf_done(&check);
    buf_done(&qr);
}

static bool printer_free(struct cert_desk *d)
{
    int64_t busy, unknown = 1;
    for (const struct cert_run *r = d->runs; r; r = r->next)
        if (r->active)
            return false;
    return print_jobs_of(d->svc->db, rulebook_param(d->svc->book, "CERT_PRINTER"), &busy, &unknown, NULL) == OK &&
           unknown == 0;
}

/* One job at a time, in the order of their numbers. */
static void start_next(struct cert_desk *d)
{
    struct cert_run *r = d->runs;
    struct drawing w = { .run = r, .svc = d->svc };
    struct errinfo e = { 0 };
    if (!r || !printer_free(d))
        return;
    r->active = true;
    if (desk_port(d->svc, &w.port, &e) != OK || print_job_get(d->svc->db, r->job, draw_job, &w, &e) != OK)
        finish(r, PRINT_SPOILED, 0, e.msg);
}

void desk_print(struct cert_desk *d, const struct cert_run *what)
{
    struct cert_run *r = xcalloc(1, sizeof *r), **at = &d->runs;
    *r = (struct cert_run){ .desk = d,
                            .job = what->job,
                            .issue = xstrdup(what->issue),
                            .operator_id = xstrdup(what->operator_id),
                            .session = xstrdup(what->session),
                            .subjects = xstrdup(what->subjects),
                            .my_number = what->my_number,
                            .seal = what->seal };
    while (*at)
        at = &(*at)->next;
    *at = r;
    start_next(d);
}

void desk_go_on(struct cert_desk *d)
{
    start_next(d);
}

bool desk_working(const struct cert_desk *d, int64_t job)
{
    bool held = d->runs && !d->runs->active; /* waits for an answer about an earlier one */
    for (const struct cert_run *r = d->runs; r; r = r->next)
        if (r->job == job)
            return !held;
    return false;
}

/* ---- previews ---- */

static enum err note_preview(struct cert_view *v, struct errinfo *reterr)
{
    struct db *db = v->desk->svc->db;
    TRY(txn_begin(db, reterr));
    return txn_end(db, cert_request_previewed(db, v->request, v->hash, reterr), reterr);
}

static void on_preview(void *arg, const struct paper_drawn *d)
{
    struct cert_view *v = arg;
    struct service *svc = v->desk->svc;
    v->done = true;
    v->err = d->err;
    if (d->err != OK)
        v->why = *d->why;
    else
        buf_add(&v->lines, d->document.p, d->document.n);
    for (size_t i = 0; d->err == OK && i < d->n_over; i++) {
        json_t *o = add_object(v->over);
        set_text(o, "person", d->over[i].person);
        set_text(o, "label", d->over[i].label);
        set_int(o, "chars", d->over[i].chars);
        set_int(o, "fits", d->over[i].fits);
    }
    if (v->orphan) {
        view_free(v);
        return;
    }
    if (v->err == OK) /* only what could be drawn may be issued */
        v->err = note_preview(v, &v->why);
    service_poke(svc);
}

struct cert_view *desk_view(struct cert_desk *d, const char *request, const uint8_t hash[CERT_HASH],
                            const struct cert_copy *copy, int ambiguous)
{
    struct cert_view *v = xcalloc(1, sizeof *v);
    struct buf bytes = BUF_INIT;
    *v = (struct cert_view){ .desk = d, .next = d->views, .request = xstrdup(request), .over = json_array() };
    MUST(v->over);
    memcpy(v->hash, hash, CERT_HASH);
    d->views = v;
    cert_copy_encode(copy, &bytes);
    char created[CLOCK_TEXT];
    creation_date(d->svc->clock.wall_ms(d->svc->clock.self), created);
    struct paper_draw draw = { .copy = buf_span(&bytes),
                               .check = "",
                               .qr = "",
                               .created = created,
                               .overflow = rulebook_param(d->svc->book, "CERT_OVERFLOW"),
                               .preview = true,
                               .ambiguous = ambiguous };
    const struct paper_port *port = d->svc->plug->paper;
    port->draw(port->self, &draw, on_preview, v);
    buf_done(&bytes);
    return v;
}

void desk_view_end(struct cert_view *v)
{
    if (v->done)
        view_free(v);
    else
        v->orphan = true;
}
