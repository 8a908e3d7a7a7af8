#include "store/series.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "stmt_in.h"
#include <inttypes.h>

#define REASON_MIN 5

int series_year(int64_t wall_ms)
{
    int y, m, d, sec;
    clock_jst(wall_ms, &y, &m, &d, &sec);
    return m < 4 ? y - 1 : y;
}

static struct stmt *get(struct db *db, enum stmt_id id, const struct series *s)
{
    struct stmt *q = stmt_get(db, id);
    stmt_text(q, ":office", s->office);
    stmt_text(q, ":terminal", s->terminal);
    stmt_text(q, ":series", s->name);
    stmt_i64(q, ":year", s->year);
    return q;
}

enum err series_take(struct db *db, const struct series *s, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = get(db, Q_SERIES_TAKE, s);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "last");
    stmt_done(q);
    return e;
}

enum err series_last(struct db *db, const struct series *s, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = get(db, Q_SERIES_LAST, s);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK)
        *ret = have ? col_i64(q, "last") : 0;
    stmt_done(q);
    return e;
}

enum err series_void(struct db *db, const struct series *s, int64_t no, const char *reason, const char *operator_id,
                     struct errinfo *reterr)
{
    if (utf8_count(span_of(reason)) < REASON_MIN)
        return err_set(reterr, E_INVALID, "S007", "reason", "at least %d characters", REASON_MIN);
    int64_t last = 0;
    TRY(series_last(db, s, &last, reterr));
    if (no < 1 || no > last)
        return err_set(reterr, E_DENIED, NULL, s->name, "number %" PRId64 " was never taken", no);
    struct stmt *q = get(db, Q_SERIES_VOID, s);
    stmt_i64(q, ":no", no);
    stmt_text(q, ":reason", reason);
    stmt_text(q, ":operator", operator_id);
    stmt_i64(q, ":at_ms", db_now(db));
    return stmt_run(q, reterr);
}

enum err series_skip(struct db *db, const char *office, const char *terminal, int64_t n, const char *reason,
                     const char *operator_id, struct errinfo *reterr)
{
    static const char *const names[] = { SERIES_NOTICE, SERIES_REQUEST, SERIES_ISSUE, SERIES_OUTAGE,
                                         SERIES_RESTRICTION };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct series s = { office, terminal, names[i], series_year(db_now(db)) };
        for (int64_t k = 0; k < n; k++) {
            int64_t no = 0;
            TRY(series_take(db, &s, &no, reterr));
            TRY(series_void(db, &s, no, reason, operator_id, reterr));
        }
    }
    return OK;
}

enum err series_voids(struct db *db, const struct series *s, int64_t *ret_count, struct errinfo *reterr)
{
    struct stmt *q = get(db, Q_SERIES_VOIDS, s);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret_count = col_i64(q, "n");
    stmt_done(q);
    return e;
}

void series_text(const struct series *s, int64_t no, struct buf *ret)
{
    buf_printf(ret, "%s%s-%s%02d-%06" PRId64, s->office, s->terminal, s->name, s->year % 100, no);
}
