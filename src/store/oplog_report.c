#include "store/oplog_report.h"
#include "stmt_in.h"

enum err oplog_report(struct db *db, const struct oplog_report_ask *a,
                      void (*cb)(void *arg, const struct oplog_report_row *), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_REPORT);
    bool have = false;
    enum err e;
    stmt_i64(q, ":from", a->from_ms);
    stmt_i64(q, ":to", a->to_ms);
    stmt_i64(q, ":opens_s", a->opens_s);
    stmt_i64(q, ":closes_s", a->closes_s);
    stmt_i64(q, ":mass", a->mass);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct oplog_report_row r = { .operator_id = col_text(q, "operator"),
                                      .day = col_i64(q, "day"),
                                      .rows = col_i64(q, "rows"),
                                      .outside = col_i64(q, "outside"),
                                      .refused = col_i64(q, "refused"),
                                      .searches = col_i64(q, "searches"),
                                      .mass = col_i64(q, "mass"),
                                      .my_number = col_i64(q, "my_number"),
                                      .prints = col_i64(q, "prints") };
        cb(arg, &r);
    }
    stmt_done(q);
    return e;
}

enum err login_report(struct db *db, const struct oplog_report_ask *a,
                      void (*cb)(void *arg, const char *operator_id, int64_t failed), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_LOGIN_ATTEMPT_REPORT);
    bool have = false;
    enum err e;
    stmt_i64(q, ":from", a->from_ms);
    stmt_i64(q, ":to", a->to_ms);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cb(arg, col_text(q, "operator"), col_i64(q, "failed"));
    stmt_done(q);
    return e;
}
