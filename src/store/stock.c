#include "store/stock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "stmt_in.h"
#include <string.h>

#define REASON_MIN 5

static const struct {
    const char *name, *label;
} whats[] = {
    [STOCK_LOAD] = { "load", "補充" },
    [STOCK_SPOIL] = { "spoil", "書損" },
    [STOCK_COUNT] = { "count", "棚卸" },
};
_Static_assert(ARRAY_LEN(whats) == STOCK_WHATS, "an entry has no name");

const char *stock_name(enum stock_what w)
{
    return whats[w].name;
}

const char *stock_label(enum stock_what w)
{
    return whats[w].label;
}

enum stock_what stock_by_name(const char *name)
{
    int w = 0;
    while (w < STOCK_WHATS && strcmp(whats[w].name, name))
        w++;
    return (enum stock_what)w;
}

enum err stock_sums(struct db *db, const char *printer, struct stock_sums *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_STOCK_SUMS);
    stmt_text(q, ":printer", printer);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        struct stock_sums s = { .loaded = col_i64(q, "loaded"),
                                .used = col_i64(q, "used"),
                                .spoiled = col_i64(q, "spoiled"),
                                .adjusted = col_i64(q, "adjusted") };
        s.remaining = s.loaded - s.used - s.spoiled + s.adjusted;
        *ret = s;
    }
    stmt_done(q);
    return e;
}

enum err stock_add(struct db *db, const struct stock_row *r, struct errinfo *reterr)
{
    struct stock_sums s;
    const char *reason = r->reason ? r->reason : "";
    TRY(stock_sums(db, r->printer, &s, reterr));
    bool plain = r->what == STOCK_LOAD || (r->what == STOCK_COUNT && r->sheets == s.remaining);
    if (!plain && utf8_count(span_of(reason)) < REASON_MIN)
        return err_set(reterr, E_INVALID, "S007", "reason", "at least %d characters", REASON_MIN);
    struct stmt *q = stmt_get(db, Q_STOCK_ADD);
    stmt_i64(q, ":at_ms", db_now(db));
    stmt_text(q, ":printer", r->printer);
    stmt_text(q, ":what", whats[r->what].name);
    stmt_i64(q, ":sheets", r->sheets);
    stmt_i64(q, ":expected", s.remaining);
    stmt_text(q, ":first_no", r->first_no ? r->first_no : "");
    stmt_text(q, ":last_no", r->last_no ? r->last_no : "");
    stmt_text(q, ":reason", reason);
    stmt_text(q, ":operator", r->operator_id);
    stmt_text(q, ":witness", r->witness);
    return stmt_run(q, reterr);
}

enum err stock_rows(struct db *db, const char *printer, int64_t max, void (*cb)(void *arg, const struct stock_row *),
                    void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_STOCK_ROWS);
    bool have = false;
    enum err e;
    stmt_text(q, ":printer", printer);
    stmt_i64(q, ":max", max);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct stock_row r = { .at_ms = col_i64(q, "at_ms"),
                               .sheets = col_i64(q, "sheets"),
                               .expected = col_i64(q, "expected"),
                               .what = stock_by_name(col_text(q, "what")),
                               .printer = col_text(q, "printer"),
                               .first_no = col_text(q, "first_no"),
                               .last_no = col_text(q, "last_no"),
                               .reason = col_text(q, "reason"),
                               .operator_id = col_text(q, "operator"),
                               .witness = col_text(q, "witness") };
        cb(arg, &r);
    }
    stmt_done(q);
    return e;
}
