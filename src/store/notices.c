#include "store/notices.h"
#include "base/mem.h"
#include "stmt_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void case_row_done(struct case_row *r)
{
    char *texts[] = { r->no,          r->kind,       r->received_at, r->outage_no,   r->entered_by,
                      r->examined_by, r->decided_by, r->host_no,     r->forms_digest };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    *r = (struct case_row){ 0 };
}

static char *dup(const struct stmt *q, const char *column)
{
    return xstrdup(col_text(q, column));
}

static struct case_row row_of(const struct stmt *q)
{
    return (struct case_row){
        .no = dup(q, "no"),
        .kind = dup(q, "kind"),
        .state = case_state_by_key(col_span(q, "state")),
        .version = col_i64(q, "version"),
        .received_at = dup(q, "received_at"),
        .received_ms = col_i64(q, "received_ms"),
        .outage_no = dup(q, "outage_no"),
        .entered_by = dup(q, "entered_by"),
        .entered_ms = col_i64(q, "entered_ms"),
        .changed_ms = col_i64(q, "changed_ms"),
        .examined_by = dup(q, "examined_by"),
        .decided_by = dup(q, "decided_by"),
        .host_no = dup(q, "host_no"),
        .forms_digest = dup(q, "forms_digest"),
    };
}

/* ---- steps ---- */

enum err case_new(struct db *db, const char *no, const char *kind, const char *received_at, int64_t received_ms,
                  const char *outage_no, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_INSERT);
    stmt_text(q, ":no", no);
    stmt_text(q, ":kind", kind);
    stmt_text(q, ":received_at", received_at);
    stmt_i64(q, ":received_ms", received_ms);
    stmt_text(q, ":outage_no", outage_no);
    stmt_i64(q, ":now", db_now(db));
    return stmt_run(q, reterr);
}

static enum err next_version(struct db *db, const struct case_entry *c, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_NEXT_VERSION);
    stmt_text(q, ":no", c->no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "version");
    stmt_done(q);
    if (e != OK)
        return e;
    q = stmt_get(db, Q_NOTICE_VERSION_INSERT);
    stmt_text(q, ":no", c->no);
    stmt_i64(q, ":version", *ret);
    stmt_text(q, ":operator", c->operator_id);
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":forms_digest", c->forms_digest);
    return stmt_run(q, reterr);
}

static struct stmt *of_version(struct db *db, enum stmt_id id, const char *no, int64_t version)
{
    struct stmt *q = stmt_get(db, id);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":version", version);
    return q;
}

static enum err put_values(struct db *db, const struct case_entry *c, int64_t version, struct errinfo *reterr)
{
    for (size_t i = 0; i < c->notice->n; i++) {
        const struct notice_value *v = &c->notice->v[i];
        struct stmt *q = of_version(db, Q_NOTICE_VALUE_INSERT, c->no, version);
        stmt_i64(q, ":n", (int64_t)i + 1);
        stmt_text(q, ":section", v->section);
        stmt_i64(q, ":row", v->row);
        stmt_text(q, ":field", v->field);
        stmt_text(q, ":text", v->text);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

static enum err put_bases(struct db *db, const struct case_entry *c, int64_t version, struct errinfo *reterr)
{
    for (size_t i = 0; i < c->n_base; i++) {
        struct stmt *q = of_version(db, Q_NOTICE_BASE_INSERT, c->no, version);
        stmt_text(q, ":person", c->base[i].id);
        stmt_i64(q, ":rev", c->base[i].rev);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

static enum err put_acks(struct db *db, const struct case_entry *c, int64_t version, struct errinfo *reterr)
{
    for (size_t i = 0; i < c->n_acks; i++) {
        struct stmt *q = of_version(db, Q_NOTICE_ACK_INSERT, c->no, version);
        stmt_text(q, ":msg", c->acks[i]);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

static enum err set_free(struct db *db, const char *no, struct errinfo *reterr)
{
    static const int clear[] = { Q_OPEN_CASE_CLEAR, Q_OPEN_HOUSEHOLD_CLEAR };
    for (size_t i = 0; i < ARRAY_LEN(clear); i++) {
        struct stmt *q = stmt_get(db, clear[i]);
        stmt_text(q, ":no", no);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

static enum err put_households(struct db *db, const struct case_entry *c, struct errinfo *reterr)
{
    for (size_t i = 0; c->households && i < c->households->n; i++) {
        struct stmt *q = stmt_get(db, Q_OPEN_HOUSEHOLD_INSERT);
        stmt_text(q, ":household", c->households->id[i]);
        stmt_text(q, ":no", c->no);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

static enum err put_people(struct db *db, const struct case_entry *c, struct errinfo *reterr)
{
    TRY(set_free(db, c->no, reterr));
    for (size_t i = 0; i < c->people->n; i++) {
        struct stmt *q = stmt_get(db, Q_OPEN_CASE_INSERT);
        stmt_text(q, ":person", c->people->id[i]);
        stmt_text(q, ":no", c->no);
        enum err e = stmt_run(q, reterr);
        if (e == E_EXISTS)
            return err_set(reterr, e, "E14", c->people->id[i], "the person has an open case");
        TRY(e);
    }
    return OK;
}

enum err case_enter(struct db *db, const struct case_entry *c, struct errinfo *reterr)
{
    int64_t version = 0;
    MUST(txn_depth(db) > 0);
    TRY(next_version(db, c, &version, reterr));
    TRY(put_values(db, c, version, reterr));
    TRY(put_bases(db, c, version, reterr));
    TRY(put_acks(db, c, version, reterr));
    TRY(put_people(db, c, reterr));
    return put_households(db, c, reterr);
}

enum err case_step_taken(struct db *db, const char *no, const struct case_event *ev, struct errinfo *reterr)
{
    MUST(txn_depth(db) > 0);
    struct stmt *q = stmt_get(db, Q_NOTICE_EVENT_INSERT);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":step", case_step_key(ev->step));
    stmt_text(q, ":state", case_state_key(ev->state));
    stmt_text(q, ":operator", ev->operator_id);
    stmt_text(q, ":reason", ev->reason ? ev->reason : "");
    stmt_text(q, ":detail", ev->detail ? ev->detail : "");
    TRY(stmt_run(q, reterr));
    return case_open(ev->state) ? OK : set_free(db, no, reterr);
}

enum err case_posted_as(struct db *db, const char *no, const char *host_no, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_POSTED_AS);
    stmt_text(q, ":no", no);
    stmt_text(q, ":host_no", host_no);
    return stmt_run(q, reterr);
}

/* ---- reading ---- */

enum err case_get(struct db *db, const char *no, struct case_row *ret, struct errinfo *reterr)
{
    bool have = false;
    struct stmt *q = stmt_get(db, Q_NOTICE_GET);
    stmt_text(q, ":no", no);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have)
        *ret = row_of(q);
    stmt_done(q);
    return e != OK || have ? e : err_set(reterr, E_NOTFOUND, "S221", NULL, "no case of this number");
}

enum err case_values(struct db *db, const struct case_row *c, struct notice **ret, struct errinfo *reterr)
{
    struct notice *n = notice_new(c->kind);
    n->no = xstrdup(c->no);
    struct stmt *q = of_version(db, Q_NOTICE_VALUES, c->no, c->version);
    bool have = true;
    enum err e = OK;
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        notice_set(n, col_text(q, "section"), (int)col_i64(q, "row"), col_text(q, "field"), col_text(q, "text"));
    stmt_done(q);
    if (e == OK)
        *ret = n;
    else
        notice_free(n);
    return e;
}

enum err case_bases(struct db *db, const struct case_row *c, struct case_base **ret, size_t *ret_n,
                    struct errinfo *reterr)
{
    struct case_base *all = NULL;
    size_t n = 0;
    struct stmt *q = of_version(db, Q_NOTICE_BASES, c->no, c->version);
    bool have = true;
    enum err e = OK;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        all = xrealloc(all, n + 1, sizeof *all);
        snprintf(all[n].id, sizeof all[n].id, "%s", col_text(q, "person"));
        all[n++].rev = col_i64(q, "rev");
    }
    stmt_done(q);
    if (e == OK)
        *ret = all, *ret_n = n;
    else
        free(all);
    return e;
}

enum err case_acks(struct db *db, const struct case_row *c, void (*cb)(void *arg, const char *msg), void *arg,
                   struct errinfo *reterr)
{
    struct stmt *q = of_version(db, Q_NOTICE_ACKS, c->no, c->version);
    bool have = true;
    enum err e = OK;
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cb(arg, col_text(q, "msg"));
    stmt_done(q);
    return e;
}

static enum case_step step_by_key(struct span key)
{
    size_t s = 0;
    while (s < CASE_STEPS && !span_is(key, case_step_key((enum case_step)s)))
        s++;
    return (enum case_step)s;
}

enum err case_events(struct db *db, const char *no, void (*cb)(void *arg, const struct case_event *), void *arg,
                     struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_EVENTS);
    bool have = true;
    enum err e = OK;
    stmt_text(q, ":no", no);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct case_event ev = { .n = col_i64(q, "n"),
                                 .at_ms = col_i64(q, "at_ms"),
                                 .step = step_by_key(col_span(q, "step")),
                                 .state = case_state_by_key(col_span(q, "state")),
                                 .operator_id = col_text(q, "operator"),
                                 .reason = col_text(q, "reason"),
                                 .detail = col_text(q, "detail") };
        if (ev.step == CASE_STEPS || ev.state == CASE_STATES) {
            e = err_set(reterr, E_CORRUPT, NULL, no, "unknown step or state");
            break;
        }
        cb(arg, &ev);
    }
    stmt_done(q);
    return e;
}

enum err case_entered_by(struct db *db, const char *no, const char *operator_id, bool *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_ENTERED_BY);
    bool have = false;
    stmt_text(q, ":no", no);
    stmt_text(q, ":operator", operator_id);
    enum err e = stmt_row(q, &have, reterr);
    stmt_done(q);
    if (e == OK)
        *ret = have;
    return e;
}

static enum err case_of(struct db *db, int id, const char *param, const char *key, char ret[CASE_NO_MAX + 1],
                        struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, id);
    bool have = false;
    stmt_text(q, param, key);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK)
        snprintf(ret, CASE_NO_MAX + 1, "%s", have ? col_text(q, "no") : "");
    stmt_done(q);
    return e;
}

enum err case_of_person(struct db *db, const char *person, char ret[CASE_NO_MAX + 1], struct errinfo *reterr)
{
    return case_of(db, Q_OPEN_CASE_OF, ":person", person, ret, reterr);
}

enum err case_of_household(struct db *db, const char *household, char ret[CASE_NO_MAX + 1], struct errinfo *reterr)
{
    return case_of(db, Q_OPEN_HOUSEHOLD_OF, ":household", household, ret, reterr);
}

enum err case_open_stop(struct db *db, struct buf *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_WAIT_OPEN_OUTAGE);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have)
        buf_adds(ret, col_text(q, "no"));
    stmt_done(q);
    return e;
}

enum err case_list(struct db *db, const struct case_filter *f, void (*cb)(void *arg, const struct case_row *),
                   void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_LIST);
    bool have = true;
    enum err e = OK;
    stmt_text(q, ":state", case_state_key(f->state));
    stmt_text(q, ":kind", f->kind);
    stmt_text(q, ":operator", f->entered_by);
    stmt_i64(q, ":limit", f->limit);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct case_row r = row_of(q);
        cb(arg, &r);
        case_row_done(&r);
    }
    stmt_done(q);
    return e;
}

enum err case_waiting(struct db *db, void (*cb)(void *arg, enum case_state, int64_t n, int64_t oldest_ms), void *arg,
                      struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_WAITING);
    bool have = true;
    enum err e = OK;
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cb(arg, case_state_by_key(col_span(q, "state")), col_i64(q, "n"), col_i64(q, "oldest"));
    stmt_done(q);
    return e;
}

enum err case_ages(struct db *db, void (*cb)(void *arg, int64_t received_ms), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_AGES);
    bool have = true;
    enum err e = OK;
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cb(arg, col_i64(q, "received_ms"));
    stmt_done(q);
    return e;
}

enum err case_statistics(struct db *db, int64_t from_ms, int64_t to_ms,
                         void (*cb)(void *arg, const struct case_count *), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_NOTICE_STATISTICS);
    bool have = true;
    enum err e = OK;
    stmt_i64(q, ":from_ms", from_ms);
    stmt_i64(q, ":to_ms", to_ms);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct case_count c = { col_text(q, "kind"), col_i64(q, "received"), col_i64(q, "posted"),
                                col_i64(q, "withdrawn"), col_i64(q, "in_stop") };
        cb(arg, &c);
    }
    stmt_done(q);
    return e;
}
