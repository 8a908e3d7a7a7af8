#include "store/printjobs.h"
#include "base/mem.h"
#include "stmt_in.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *label;
} states[] = {
    [PRINT_RESERVED] = { "reserved", "予約" }, [PRINT_SPOOLING] = { "spooling", "送出中" },
    [PRINT_PRINTED] = { "printed", "印刷済" }, [PRINT_SPOILED] = { "spoiled", "書損" },
    [PRINT_UNKNOWN] = { "unknown", "不明" },
};
_Static_assert(ARRAY_LEN(states) == PRINT_STATES, "a state has no name");

const char *print_state_name(enum print_state s)
{
    return states[s].name;
}

const char *print_state_label(enum print_state s)
{
    return states[s].label;
}

enum print_state print_state_by_name(const char *name)
{
    int s = 0;
    while (s < PRINT_STATES && strcmp(states[s].name, name))
        s++;
    return (enum print_state)s;
}

static enum err add_event(struct db *db, int64_t job, enum print_state s, const char *operator_id, const char *detail,
                          struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_PRINT_EVENT_ADD);
    stmt_i64(q, ":job", job);
    stmt_i64(q, ":at_ms", db_now(db));
    stmt_text(q, ":state", states[s].name);
    stmt_text(q, ":operator", operator_id);
    stmt_text(q, ":detail", detail);
    return stmt_run(q, reterr);
}

enum err print_job_add(struct db *db, const struct print_job *j, const char *operator_id, int64_t *ret_id,
                       struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_PRINT_JOB_ADD);
    int64_t id = 0;
    stmt_text(q, ":issue", j->issue);
    stmt_text(q, ":printer", j->printer);
    stmt_blob(q, ":body", j->body.p, j->body.n);
    stmt_blob(q, ":content_hash", j->content_hash, PRINT_HASH);
    stmt_blob(q, ":subject_hash", j->subject_hash, PRINT_HASH);
    stmt_i64(q, ":made_ms", db_now(db));
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        id = col_i64(q, "id");
    stmt_done(q);
    TRY(e);
    TRY(add_event(db, id, PRINT_RESERVED, operator_id, "", reterr));
    *ret_id = id;
    return OK;
}

static struct print_job head_of(const struct stmt *q)
{
    return (struct print_job){
        .id = col_i64(q, "id"),
        .issue = col_text(q, "issue"),
        .printer = col_text(q, "printer"),
        .made_ms = col_i64(q, "made_ms"),
        .pages = col_i64(q, "pages"),
        .state = print_state_by_name(col_text(q, "state")),
    };
}

enum err print_job_get(struct db *db, int64_t id, void (*cb)(void *arg, const struct print_job *), void *arg,
                       struct errinfo *reterr)
{
    struct print_job j = { 0 };
    struct stmt *q = stmt_get(db, Q_PRINT_JOB_GET);
    stmt_i64(q, ":id", id);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        j = head_of(q);
        j.body = col_span(q, "body");
        e = col_fixed(q, "content_hash", j.content_hash, PRINT_HASH, reterr);
    }
    if (e == OK)
        e = col_fixed(q, "subject_hash", j.subject_hash, PRINT_HASH, reterr);
    if (e == OK)
        cb(arg, &j);
    stmt_done(q);
    return e;
}

enum err print_job_step(struct db *db, int64_t id, enum print_state s, const char *operator_id, const char *detail,
                        struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_PRINT_JOB_STATE);
    int64_t n = 0;
    stmt_i64(q, ":id", id);
    stmt_text(q, ":state", states[s].name);
    TRY(stmt_run_n(q, &n, reterr));
    if (n != 1)
        return err_set(reterr, E_NOTFOUND, NULL, "print_job", "no such job");
    return add_event(db, id, s, operator_id, detail, reterr);
}

enum err print_job_drawn(struct db *db, int64_t id, int64_t pages, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_PRINT_JOB_PAGES);
    stmt_i64(q, ":id", id);
    stmt_i64(q, ":pages", pages);
    return stmt_run(q, reterr);
}

enum err print_jobs_open(struct db *db, void (*cb)(void *arg, const struct print_job *), void *arg,
                         struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_PRINT_JOBS_OPEN);
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct print_job j = head_of(q);
        cb(arg, &j);
    }
    stmt_done(q);
    return e;
}

enum err print_jobs_of(struct db *db, const char *printer, int64_t *ret_busy, int64_t *ret_unknown,
                       struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_PRINT_JOBS_OF_PRINTER);
    stmt_text(q, ":printer", printer);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        *ret_busy = col_i64(q, "busy");
        *ret_unknown = col_i64(q, "unknown");
    }
    stmt_done(q);
    return e;
}

enum err print_events(struct db *db, int64_t id, void (*cb)(void *arg, const struct print_event *), void *arg,
                      struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_PRINT_EVENTS);
    bool have = false;
    enum err e;
    stmt_i64(q, ":job", id);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct print_event ev = { col_i64(q, "at_ms"), col_text(q, "state"), col_text(q, "operator"),
                                  col_text(q, "detail") };
        cb(arg, &ev);
    }
    stmt_done(q);
    return e;
}

/* ---- after a start ---- */

struct open_jobs {
    int64_t *id;
    enum print_state *state;
    size_t n;
};

static void note_open(void *arg, const struct print_job *j)
{
    struct open_jobs *o = arg;
    o->id = xrealloc(o->id, o->n + 1, sizeof *o->id);
    o->state = xrealloc(o->state, o->n + 1, sizeof *o->state);
    o->id[o->n] = j->id;
    o->state[o->n++] = j->state;
}

static enum err recover_all(struct db *db, int64_t *ret_unknown, struct errinfo *reterr)
{
    struct open_jobs o = { 0 };
    int64_t unknown = 0;
    enum err e = print_jobs_open(db, note_open, &o, reterr);
    for (size_t i = 0; i < o.n && e == OK; i++) {
        unknown += o.state[i] != PRINT_RESERVED;
        if (o.state[i] == PRINT_SPOOLING)
            e = print_job_step(db, o.id[i], PRINT_UNKNOWN, "", "restart", reterr);
        else if (o.state[i] == PRINT_RESERVED)
            e = print_job_step(db, o.id[i], PRINT_SPOILED, "", "restart: nothing was sent", reterr);
    }
    free(o.id);
    free(o.state);
    if (e == OK)
        *ret_unknown = unknown;
    return e;
}

enum err print_jobs_recover(struct db *db, int64_t *ret_unknown, struct errinfo *reterr)
{
    TRY(txn_begin(db, reterr));
    return txn_end(db, recover_all(db, ret_unknown, reterr), reterr);
}
