/* What falls due, noun by noun. */
#include "office/due.h"
#include "service/backupport.h"
#include "service/shield.h"
#include "store/due.h"
#include "store/meta.h"
#include "store/notices.h"
#include "store/printjobs.h"
#include "store/replica.h"
#include "store/restriction.h"
#include <stdio.h>
#include <string.h>

#define PAGE 500
#define ALL  10000

#define DUE(name) due_provider name;
#include "office/due.def"
#undef DUE

static struct db *db_of(const struct due *d)
{
    return due_call(d)->svc->db;
}

static int64_t param(const struct due *d, const char *name)
{
    return rulebook_param_int(due_call(d)->svc->book, name);
}

/* ---- cases ---- */

struct cases {
    struct due *due;
    const char *kind;
    int64_t ms;
    bool changed; /* counted from the last step, not from the receipt */
};

static void add_case(void *arg, const struct case_row *r)
{
    const struct cases *c = arg;
    due_at(c->due, c->kind, (c->changed ? r->changed_ms : r->received_ms) + c->ms, r->no, r->entered_by);
}

enum err due_cases(struct due *d, struct errinfo *reterr)
{
    static const enum case_state open[] = { CASE_RECEIVED, CASE_ENTERED, CASE_EXAMINED, CASE_RETURNED };
    struct cases c = { d, "case", param(d, "OPEN_NOTICE_H") * HOUR_MS, false };
    for (size_t i = 0; i < ARRAY_LEN(open); i++) {
        const struct case_filter f = { .state = open[i], .limit = ALL };
        TRY(case_list(db_of(d), &f, add_case, &c, reterr));
    }
    return OK;
}

enum err due_results(struct due *d, struct errinfo *reterr)
{
    struct cases c = { d, "result", param(d, "RESULT_H") * HOUR_MS, true };
    const struct case_filter f = { .state = CASE_DECIDED, .limit = ALL };
    return case_list(db_of(d), &f, add_case, &c, reterr);
}

/* ---- persons ---- */

struct planned {
    struct due *due;
    struct shield shield;
    enum err err;
    struct errinfo *reterr;
};

/* Of a protected person not even that there is something planned. */
static void add_planned(void *arg, const struct resident *r)
{
    struct planned *p = arg;
    struct restrict_decision decision;
    struct date day;
    if (p->err != OK || date_read(resident_get(r, ATTR_PLANNED_ON), &day, NULL) != OK)
        return;
    p->err = shield_person(&p->shield, r, RP_LIST, &decision, p->reterr);
    if (p->err == OK && decision.verdict != RV_REFUSE)
        due_person(p->due, "planned_move", day, r->id);
}

enum err due_planned_moves(struct due *d, struct errinfo *reterr)
{
    struct planned p = { .due = d, .reterr = reterr };
    TRY(shield_open(due_call(d), &p.shield, reterr));
    TRY(due_planned(db_of(d), add_planned, &p, reterr));
    return p.err;
}

static void add_restriction(struct due *d, const struct restriction *r)
{
    if (r->until.y)
        due_on(d, "restriction", r->until, r->id, NULL);
}

enum err due_restrictions(struct due *d, struct errinfo *reterr)
{
    char after[RESTRICT_ID_MAX + 1] = "";
    for (bool more = true; more;) {
        struct restriction_list l = { NULL, 0, 0 };
        enum err e = restriction_page(db_of(d), after, false, PAGE, &l, reterr);
        for (size_t i = 0; e == OK && i < l.n; i++)
            add_restriction(d, &l.r[i]);
        if (l.n)
            memcpy(after, l.r[l.n - 1].id, sizeof after);
        more = l.n == PAGE;
        restriction_list_done(&l);
        TRY(e);
    }
    return OK;
}

/* ---- operators ---- */

static void add_password(void *arg, const struct operator_row *o)
{
    struct due *d = arg;
    if (o->state == OPERATOR_ACTIVE && !o->must_change)
        due_at(d, "password", o->password_set_ms + param(d, "PW_MAX_AGE_D") * DAY_MS, o->id, o->id);
}

enum err due_passwords(struct due *d, struct errinfo *reterr)
{
    return param(d, "PW_MAX_AGE_D") > 0 ? operator_each(db_of(d), add_password, d, reterr) : OK;
}

/* ---- the copy of the register, the printer, the store ---- */

enum err due_copies(struct due *d, struct errinfo *reterr)
{
    struct replica r;
    TRY(replica_get(db_of(d), &r, reterr));
    if (r.as_of_ms)
        due_at(d, "copy", r.as_of_ms + param(d, "SNAP_ALERT_H") * HOUR_MS, "", NULL);
    if (r.list_ms)
        due_at(d, "restrict_list", r.list_ms + param(d, "SUPP_MAX_H") * HOUR_MS, "", NULL);
    return OK;
}

static void add_print(void *arg, const struct print_job *j)
{
    if (j->state == PRINT_UNKNOWN)
        due_at(arg, "print", j->made_ms, j->issue, NULL);
}

enum err due_prints(struct due *d, struct errinfo *reterr)
{
    return print_jobs_open(db_of(d), add_print, d, reterr);
}

/* A store that was never copied should be today. */
enum err due_backup(struct due *d, struct errinfo *reterr)
{
    int64_t last = 0, now = call_now(due_call(d));
    TRY(meta_get_i64(db_of(d), BACKUP_LAST_MS, 0, &last, reterr));
    due_at(d, "backup", last ? last + param(d, "BACKUP_DAILY_D") * DAY_MS : now, "", NULL);
    return OK;
}

enum err due_certificate(struct due *d, struct errinfo *reterr)
{
    const struct service_plug *plug = due_call(d)->svc->plug;
    (void)reterr;
    if (plug && plug->cert_until_ms)
        due_at(d, "certificate", plug->cert_until_ms, "", NULL);
    return OK;
}
