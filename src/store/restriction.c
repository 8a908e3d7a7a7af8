#include "store/restriction.h"
#include "base/mem.h"
#include "stmt_in.h"
#include "store/stmt.h"

#include <stdlib.h>
#include <string.h>

void restriction_list_done(struct restriction_list *l)
{
    if (l->r != NULL)
        wipe(l->r, l->n * sizeof *l->r);
    free(l->r);
    *l = (struct restriction_list){ .n = 0 };
}

static struct restriction *list_add(struct restriction_list *l)
{
    if (l->n == l->cap) {
        l->cap = l->cap > 0 ? l->cap * 2 : 8;
        l->r = xrealloc(l->r, l->cap, sizeof *l->r);
    }
    l->r[l->n] = (struct restriction){ .kind = RK_OTHER };
    return &l->r[l->n++];
}

/* ---- columns ---- */

static const char *const level_columns[] = {
    [RP_ENTRY] = "entry", [RP_CERTIFICATE] = "certificate", [RP_VIEW] = "view",
    [RP_LIST] = "list",   [RP_EXPORT] = "export",           [RP_PHONE] = "phone",
};
static const char *const level_parameters[] = {
    [RP_ENTRY] = ":entry", [RP_CERTIFICATE] = ":certificate", [RP_VIEW] = ":view",
    [RP_LIST] = ":list",   [RP_EXPORT] = ":export",           [RP_PHONE] = ":phone",
};
_Static_assert(ARRAY_LEN(level_columns) == RP_COUNT, "a process has no column");
_Static_assert(ARRAY_LEN(level_parameters) == RP_COUNT, "a process has no parameter");

static void bind_day(struct stmt *q, const char *name, struct date day)
{
    char text[DATE_TEXT];
    if (day.y != 0)
        date_text(day, text);
    stmt_text(q, name, day.y != 0 ? text : NULL);
}

static void bind(struct stmt *q, const struct restriction *r, const char *detail, int64_t host_seq)
{
    stmt_text(q, ":id", r->id);
    stmt_text(q, ":person", *r->person != '\0' ? r->person : NULL);
    stmt_text(q, ":household", *r->household != '\0' ? r->household : NULL);
    stmt_text(q, ":kind", restrict_kind_code(r->kind));
    for (size_t p = 0; p < RP_COUNT; p++)
        stmt_i64(q, level_parameters[p], r->level[p]);
    bind_day(q, ":from", r->from);
    bind_day(q, ":until", r->until);
    stmt_i64(q, ":released", r->released);
    stmt_text(q, ":detail", detail);
    stmt_i64(q, ":host_seq", host_seq);
}

static enum err read_day(const struct stmt *q, const char *column, struct date *ret, struct errinfo *reterr)
{
    return col_null(q, column) ? OK : date_read(col_text(q, column), ret, reterr);
}

static enum err read_text(const struct stmt *q, const char *column, char *ret, size_t size, struct errinfo *reterr)
{
    struct span text = col_span(q, column);
    if (text.n >= size)
        return err_set(reterr, E_CORRUPT, NULL, "restriction", "%s is too long", column);
    memcpy(ret, col_text(q, column), text.n + 1);
    return OK;
}

static enum err read_row(const struct stmt *q, struct restriction *ret, struct errinfo *reterr)
{
    struct restriction r = { .kind = restrict_kind_by_code(col_span(q, "kind")) };
    TRY(read_text(q, "id", r.id, sizeof r.id, reterr));
    TRY(read_text(q, "person", r.person, sizeof r.person, reterr));
    TRY(read_text(q, "household", r.household, sizeof r.household, reterr));
    for (size_t p = 0; p < RP_COUNT; p++)
        r.level[p] = (enum restrict_level)col_i64(q, level_columns[p]);
    TRY(read_day(q, "from_on", &r.from, reterr));
    TRY(read_day(q, "until_on", &r.until, reterr));
    r.released = col_i64(q, "released") != 0;
    r.temp_until_ms = col_i64(q, "temp_until_ms");
    TRY(read_text(q, "temp_request", r.temp_request, sizeof r.temp_request, reterr));
    TRY(read_text(q, "temp_by", r.temp_by, sizeof r.temp_by, reterr));
    *ret = r;
    return OK;
}

/* Appends the rows of a bound statement. */
static enum err read_all(struct stmt *q, struct restriction_list *ret, struct errinfo *reterr)
{
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct restriction r;
        e = read_row(q, &r, reterr);
        if (e != OK)
            break;
        *list_add(ret) = r;
    }
    stmt_done(q);
    return e;
}

/* ---- steps ---- */

static enum err note(struct db *db, const char *id, const char *what, const struct restriction_step *step,
                     struct errinfo *reterr)
{
    struct clock clock = *db_clock(db);
    struct stmt *q = stmt_get(db, Q_RESTRICTION_EVENT_ADD);
    stmt_text(q, ":restriction", id);
    stmt_i64(q, ":now", clock.wall_ms(clock.self));
    stmt_text(q, ":what", what);
    stmt_text(q, ":operator", step->operator_id);
    stmt_text(q, ":approver", step->approver_id != NULL ? step->approver_id : "");
    stmt_text(q, ":reason", step->reason);
    return stmt_run(q, reterr);
}

enum err restriction_apply(struct db *db, const struct restriction *r, const char *detail, int64_t host_seq,
                           struct errinfo *reterr)
{
    static const struct restriction_step by_host = { .operator_id = "", .reason = "" };
    int64_t changed = 0;
    struct stmt *q = stmt_get(db, Q_RESTRICTION_APPLY);
    bind(q, r, detail, host_seq);
    TRY(stmt_run_n(q, &changed, reterr));
    return changed > 0 ? note(db, r->id, r->released ? "release" : "host", &by_host, reterr) : OK;
}

enum err restriction_add(struct db *db, const struct restriction *r, const char *detail,
                         const struct restriction_step *step, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESTRICTION_ADD);
    bind(q, r, detail, 0);
    TRY(stmt_run(q, reterr));
    return note(db, r->id, "set", step, reterr);
}

/* After an update that found nothing: is the row released, or not there? */
static enum err why_not(struct db *db, const char *id, struct errinfo *reterr)
{
    struct restriction r;
    TRY(restriction_get(db, id, &r, NULL, reterr));
    return err_set(reterr, E_CONFLICT, "S114", "restriction", "released already");
}

enum err restriction_release(struct db *db, const char *id, const struct restriction_step *step, struct errinfo *reterr)
{
    int64_t changed = 0;
    struct stmt *q = stmt_get(db, Q_RESTRICTION_RELEASE);
    stmt_text(q, ":id", id);
    TRY(stmt_run_n(q, &changed, reterr));
    return changed > 0 ? note(db, id, "release", step, reterr) : why_not(db, id, reterr);
}

enum err restriction_temp(struct db *db, const char *id, const char *request, int64_t until_ms,
                          const struct restriction_step *step, struct errinfo *reterr)
{
    int64_t changed = 0;
    struct stmt *q = stmt_get(db, Q_RESTRICTION_TEMP);
    stmt_text(q, ":id", id);
    stmt_i64(q, ":until", until_ms);
    stmt_text(q, ":request", request);
    stmt_text(q, ":operator", step->operator_id);
    TRY(stmt_run_n(q, &changed, reterr));
    return changed > 0 ? note(db, id, "temp", step, reterr) : why_not(db, id, reterr);
}

enum err restriction_temp_used(struct db *db, const char *request, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESTRICTION_TEMP_USED);
    stmt_text(q, ":request", request);
    return stmt_run(q, reterr);
}

/* ---- reading ---- */

enum err restriction_get(struct db *db, const char *id, struct restriction *ret, struct buf *ret_detail,
                         struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESTRICTION_GET);
    stmt_text(q, ":id", id);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = read_row(q, ret, reterr);
    if (e == OK && ret_detail != NULL)
        buf_adds(ret_detail, col_text(q, "detail"));
    stmt_done(q);
    return e;
}

enum err restriction_of(struct db *db, const char *person, const char *household, struct restriction_list *ret,
                        struct errinfo *reterr)
{
    if (person != NULL && *person != '\0') {
        struct stmt *q = stmt_get(db, Q_RESTRICTION_OF_PERSON);
        stmt_text(q, ":person", person);
        TRY(read_all(q, ret, reterr));
    }
    if (household != NULL && *household != '\0') {
        struct stmt *q = stmt_get(db, Q_RESTRICTION_OF_HOUSEHOLD);
        stmt_text(q, ":household", household);
        TRY(read_all(q, ret, reterr));
    }
    return OK;
}

enum err restriction_of_members(struct db *db, const char *household, const char *except, struct restriction_list *ret,
                                struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESTRICTION_OF_MEMBERS);
    stmt_text(q, ":household", household);
    stmt_text(q, ":except", except != NULL ? except : "");
    return read_all(q, ret, reterr);
}

enum err restriction_page(struct db *db, const char *after, bool with_released, int64_t max,
                          struct restriction_list *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESTRICTION_PAGE);
    stmt_text(q, ":after", after);
    stmt_i64(q, ":with_released", with_released);
    stmt_i64(q, ":max", max);
    return read_all(q, ret, reterr);
}

enum err restriction_events(struct db *db, const char *id, void (*cb)(void *arg, const struct restriction_event *),
                            void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESTRICTION_EVENTS);
    stmt_text(q, ":restriction", id);
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct restriction_event ev = { .at_ms = col_i64(q, "at_ms"),
                                        .what = col_text(q, "what"),
                                        .operator_id = col_text(q, "operator"),
                                        .approver_id = col_text(q, "approver"),
                                        .reason = col_text(q, "reason") };
        cb(arg, &ev);
    }
    stmt_done(q);
    return e;
}
