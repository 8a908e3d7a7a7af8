#include "store/outage.h"
#include "base/mem.h"
#include "stmt_in.h"
#include "store/meta.h"
#include "store/outbox_send.h"
#include "store/series.h"

#include <stdlib.h>
#include <string.h>

#define COUNTER_STATE "counter.state"

static const struct {
    const char *column;
    size_t at;
} TEXTS[] = {
    { "no", offsetof(struct outage, no) },
    { "detected_by", offsetof(struct outage, detected_by) },
    { "declared_by", offsetof(struct outage, declared_by) },
    { "ratified_by", offsetof(struct outage, ratified_by) },
    { "ended_by", offsetof(struct outage, ended_by) },
    { "reconciled_by", offsetof(struct outage, reconciled_by) },
    { "closed_by", offsetof(struct outage, closed_by) },
    { "symptoms", offsetof(struct outage, symptoms) },
    { "contact_no", offsetof(struct outage, contact_no) },
    { "cause", offsetof(struct outage, cause) },
};
static const struct {
    const char *column;
    size_t at;
} NUMBERS[] = {
    { "detected_ms", offsetof(struct outage, detected_ms) },
    { "declared_ms", offsetof(struct outage, declared_ms) },
    { "ratified_ms", offsetof(struct outage, ratified_ms) },
    { "expected_ms", offsetof(struct outage, expected_ms) },
    { "ended_ms", offsetof(struct outage, ended_ms) },
    { "reconciled_ms", offsetof(struct outage, reconciled_ms) },
    { "closed_ms", offsetof(struct outage, closed_ms) },
    { "last_applied", offsetof(struct outage, last_applied) },
    { "last_made", offsetof(struct outage, last_made) },
    { "copy_as_of_ms", offsetof(struct outage, copy_as_of_ms) },
    { "list_as_of_ms", offsetof(struct outage, list_as_of_ms) },
};

static char **text_of(struct outage *o, size_t i)
{
    return (char **)(void *)((char *)o + TEXTS[i].at);
}

void outage_done(struct outage *o)
{
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        free(*text_of(o, i));
        *text_of(o, i) = NULL;
    }
}

static enum err outage_of(const struct stmt *q, struct outage *ret, struct errinfo *reterr)
{
    struct outage o = { .types = 0 };
    struct span types = col_span(q, "types");
    if (types.n)
        TRY(outage_types_read(types, &o.types, reterr));
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++)
        *text_of(&o, i) = xstrdup(col_text(q, TEXTS[i].column));
    for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++)
        *(int64_t *)(void *)((char *)&o + NUMBERS[i].at) = col_i64(q, NUMBERS[i].column);
    o.state = counter_state_by_name(col_span(q, "state"));
    o.cancelled = span_is(col_span(q, "state"), "cancelled");
    if (o.state == COUNTER_STATES)
        o.state = COUNTER_NORMAL;
    o.intake_last = col_null(q, "intake_last") ? -1 : col_i64(q, "intake_last");
    *ret = o;
    return OK;
}

enum err outage_current(struct db *db, struct outage *ret, bool *ret_found, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_OPEN_ROW);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have)
        e = outage_of(q, ret, reterr);
    stmt_done(q);
    if (e == OK)
        *ret_found = have;
    return e;
}

enum err outage_get(struct db *db, const char *no, struct outage *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_BY_NO);
    stmt_text(q, ":no", no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = outage_of(q, ret, reterr);
    stmt_done(q);
    return e;
}

enum err outage_list(struct db *db, int64_t limit, void (*cb)(void *arg, const struct outage *), void *arg,
                     struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_ALL);
    stmt_i64(q, ":limit", limit);
    bool have = true;
    enum err e = OK;
    while (e == OK && (e = stmt_row(q, &have, reterr)) == OK && have) {
        struct outage o;
        if ((e = outage_of(q, &o, reterr)) == OK) {
            cb(arg, &o);
            outage_done(&o);
        }
    }
    stmt_done(q);
    return e;
}

/* The stored state: a stop that is over says how it ended. */
static const char *state_text(const struct outage_act *a)
{
    if (a->event == OUTAGE_CANCEL)
        return "cancelled";
    return a->event == OUTAGE_CLOSE ? "closed" : counter_state_name(a->to);
}

static enum err add_phase(struct db *db, const char *no, const struct outage_act *a, const char *types,
                          struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_PHASE_ADD);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":event", outage_event_name(a->event));
    stmt_text(q, ":state", state_text(a));
    stmt_text(q, ":types", types);
    stmt_text(q, ":by", a->operator_id);
    stmt_text(q, ":second", a->second);
    stmt_text(q, ":reason", a->reason);
    return stmt_run(q, reterr);
}

enum err outage_move(struct db *db, const char *no, const struct outage_act *a, struct errinfo *reterr)
{
    struct buf types = BUF_INIT;
    MUST(txn_depth(db) > 0);
    outage_types_text(a->types, &types);
    struct stmt *q = stmt_get(db, Q_OUTAGE_UPDATE);
    stmt_text(q, ":no", no);
    stmt_text(q, ":state", state_text(a));
    stmt_text(q, ":types", buf_str(&types));
    stmt_text(q, ":event", outage_event_name(a->event));
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":by", a->operator_id);
    enum err e = stmt_run(q, reterr);
    if (e == OK)
        e = add_phase(db, no, a, buf_str(&types), reterr);
    if (e == OK)
        e = meta_set(db, COUNTER_STATE, counter_state_name(a->to), reterr);
    buf_done(&types);
    return e;
}

static enum err take_number(struct db *db, const struct outage_start *s, struct buf *ret, struct errinfo *reterr)
{
    const struct series series = { s->office, s->terminal, SERIES_OUTAGE, series_year(db_now(db)) };
    int64_t n = 0;
    TRY(series_take(db, &series, &n, reterr));
    series_text(&series, n, ret);
    return OK;
}

static enum err last_answered(struct db *db, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_LAST_ANSWERED);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "seq");
    stmt_done(q);
    return e;
}

static enum err insert(struct db *db, const char *no, const struct outage_start *s, struct errinfo *reterr)
{
    struct outbox_head head;
    int64_t applied = 0;
    TRY(outbox_head(db, &head, reterr));
    TRY(last_answered(db, &applied, reterr));
    struct stmt *q = stmt_get(db, Q_OUTAGE_INSERT);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":by", s->act.operator_id);
    stmt_text(q, ":symptoms", s->act.reason);
    stmt_i64(q, ":last_applied", applied);
    stmt_i64(q, ":last_made", head.seq);
    stmt_i64(q, ":copy_as_of_ms", s->copy_as_of_ms);
    stmt_i64(q, ":list_as_of_ms", s->list_as_of_ms);
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_OUTAGE_GREY_FILL);
    stmt_text(q, ":no", no);
    return stmt_run(q, reterr);
}

enum err outage_begin(struct db *db, const struct outage_start *s, struct buf *ret_no, struct errinfo *reterr)
{
    struct buf no = BUF_INIT;
    MUST(txn_depth(db) > 0);
    enum err e = take_number(db, s, &no, reterr);
    if (e == OK)
        e = insert(db, buf_str(&no), s, reterr);
    if (e == OK)
        e = outage_move(db, buf_str(&no), &s->act, reterr);
    if (e == OK)
        buf_add(ret_no, no.p, no.len);
    buf_done(&no);
    return e;
}

enum err outage_note(struct db *db, const char *no, int64_t expected_ms, const char *cause, const char *contact_no,
                     struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_NOTE);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":expected_ms", expected_ms);
    stmt_text(q, ":cause", cause);
    stmt_text(q, ":contact_no", contact_no);
    return stmt_run(q, reterr);
}

enum err outage_phases(struct db *db, const char *no, void (*cb)(void *arg, const struct outage_phase *), void *arg,
                       struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_PHASE_LIST);
    stmt_text(q, ":no", no);
    bool have = true;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        const struct outage_phase p = { .n = col_i64(q, "n"),
                                        .at_ms = col_i64(q, "at_ms"),
                                        .event = col_text(q, "event"),
                                        .state = col_text(q, "state"),
                                        .types = col_text(q, "types"),
                                        .operator_id = col_text(q, "operator"),
                                        .second = col_text(q, "second"),
                                        .reason = col_text(q, "reason") };
        cb(arg, &p);
    }
    stmt_done(q);
    return e;
}

enum err outage_probe_add(struct db *db, const char *no, const struct outage_probe *p, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_PROBE_ADD);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":what", p->what);
    stmt_text(q, ":verdict", p->verdict);
    stmt_text(q, ":detail", p->detail);
    stmt_text(q, ":by", p->operator_id);
    return stmt_run(q, reterr);
}

enum err outage_probes(struct db *db, const char *no, void (*cb)(void *arg, const struct outage_probe *), void *arg,
                       struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_PROBE_LIST);
    stmt_text(q, ":no", no);
    bool have = true;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        const struct outage_probe p = { .n = col_i64(q, "n"),
                                        .at_ms = col_i64(q, "at_ms"),
                                        .what = col_text(q, "what"),
                                        .verdict = col_text(q, "verdict"),
                                        .detail = col_text(q, "detail"),
                                        .operator_id = col_text(q, "operator") };
        cb(arg, &p);
    }
    stmt_done(q);
    return e;
}

enum err outage_greys(struct db *db, const char *no, void (*cb)(void *arg, const struct outage_grey *), void *arg,
                      struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_GREY_LIST);
    stmt_text(q, ":no", no);
    bool have = true;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        const struct outage_grey g = { .seq = col_i64(q, "seq"),
                                       .kind = col_text(q, "kind"),
                                       .subject = col_text(q, "subject"),
                                       .found = col_text(q, "found") };
        cb(arg, &g);
    }
    stmt_done(q);
    return e;
}

enum err outage_grey_check(struct db *db, const char *no, int64_t *ret_open, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTAGE_GREY_UPDATE);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_OUTAGE_GREY_OPEN);
    stmt_text(q, ":no", no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret_open = col_i64(q, "n");
    stmt_done(q);
    return e;
}
