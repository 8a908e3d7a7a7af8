#include "store/outage_book.h"
#include "base/mem.h"
#include "stmt_in.h"
#include "store/certs.h"
#include "store/outage.h"
#include "store/outbox_send.h"
#include "store/outbox_wait.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *label;
} STATES[] = {
    [BOOK_PAPER] = { "paper", "未入力" },         [BOOK_ENTERED] = { "entered", "停止時入力済" },
    [BOOK_EXAMINED] = { "examined", "審査済" },   [BOOK_DECIDED] = { "decided", "承認済" },
    [BOOK_POSTED] = { "posted", "反映済" },       [BOOK_CONFLICT] = { "conflict", "競合" },
    [BOOK_HOST] = { "host", "本庁代行" },         [BOOK_RETURNED] = { "returned", "返戻" },
    [BOOK_WITHDRAWN] = { "withdrawn", "取下げ" },
};
_Static_assert(ARRAY_LEN(STATES) == BOOK_STATES, "a state has no row");

const char *book_state_name(enum book_state s)
{
    return STATES[s].name;
}

const char *book_state_label(enum book_state s)
{
    return STATES[s].label;
}

enum book_state book_state_by_name(struct span name)
{
    int s = 0;
    while (s < BOOK_STATES && !span_is(name, STATES[s].name))
        s++;
    return (enum book_state)s;
}

static const char *text(const char *t)
{
    return t ? t : "";
}

static enum err last_of(struct db *db, const char *outage_no, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_LAST);
    stmt_text(q, ":outage_no", outage_no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "n");
    stmt_done(q);
    return e;
}

enum err book_add(struct db *db, const char *outage_no, const struct book_entry *b, struct buf *ret_no,
                  struct errinfo *reterr)
{
    int64_t n = 0;
    MUST(txn_depth(db) > 0);
    TRY(last_of(db, outage_no, &n, reterr));
    char *no = xprintf("%s-%03lld", outage_no, (long long)++n);
    struct stmt *q = stmt_get(db, Q_BOOK_INSERT);
    stmt_text(q, ":outage_no", outage_no);
    stmt_i64(q, ":n", n);
    stmt_text(q, ":no", no);
    stmt_text(q, ":received_at", b->received_at);
    stmt_i64(q, ":now", db_now(db));
    stmt_text(q, ":by", b->entered_by);
    stmt_text(q, ":kind", b->kind);
    stmt_text(q, ":notifier", text(b->notifier));
    stmt_text(q, ":relation", text(b->relation));
    stmt_text(q, ":id_check", text(b->id_check));
    stmt_text(q, ":phone", text(b->phone));
    stmt_i64(q, ":persons", b->persons);
    stmt_i64(q, ":sheets", b->sheets);
    stmt_text(q, ":papers", text(b->papers));
    stmt_text(q, ":examined", text(b->examined));
    stmt_text(q, ":slip_no", text(b->slip_no));
    stmt_text(q, ":envelope", text(b->envelope));
    stmt_text(q, ":notice_no", text(b->notice_no));
    stmt_text(q, ":state", STATES[b->state].name);
    enum err e = stmt_run(q, reterr);
    if (e == OK)
        buf_adds(ret_no, no);
    free(no);
    return e;
}

/* One row changed, or it was not in the state for it. */
static enum err change(struct stmt *q, const char *no, struct errinfo *reterr)
{
    int64_t n = 0;
    TRY(stmt_run_n(q, &n, reterr));
    return n ? OK : err_set(reterr, E_CONFLICT, "S542", no, "the entry of the book is not in the state for it");
}

enum err book_link(struct db *db, const char *no, const char *notice_no, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_LINK);
    stmt_text(q, ":no", no);
    stmt_text(q, ":notice_no", notice_no);
    return change(q, no, reterr);
}

enum err book_note(struct db *db, const char *no, const char *examined, const char *slip_no, const char *envelope,
                   struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_NOTE);
    stmt_text(q, ":no", no);
    stmt_text(q, ":examined", examined);
    stmt_text(q, ":slip_no", slip_no);
    stmt_text(q, ":envelope", envelope);
    return change(q, no, reterr);
}

static struct book_entry entry_of(const struct stmt *q)
{
    return (struct book_entry){
        .n = col_i64(q, "n"),
        .no = col_text(q, "no"),
        .received_at = col_text(q, "received_at"),
        .entered_ms = col_i64(q, "entered_ms"),
        .entered_by = col_text(q, "entered_by"),
        .kind = col_text(q, "kind"),
        .notifier = col_text(q, "notifier"),
        .relation = col_text(q, "relation"),
        .id_check = col_text(q, "id_check"),
        .phone = col_text(q, "phone"),
        .papers = col_text(q, "papers"),
        .examined = col_text(q, "examined"),
        .slip_no = col_text(q, "slip_no"),
        .envelope = col_text(q, "envelope"),
        .persons = col_i64(q, "persons"),
        .sheets = col_i64(q, "sheets"),
        .by_host = span_is(col_span(q, "owner"), "host"),
        .notice_no = col_text(q, "notice_no"),
        .host_no = col_text(q, "host_no"),
        .state = book_state_by_name(col_span(q, "state")),
        .late = col_i64(q, "late") != 0,
    };
}

enum err book_list(struct db *db, const char *outage_no, void (*cb)(void *arg, const struct book_entry *), void *arg,
                   struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_LIST);
    stmt_text(q, ":outage_no", outage_no);
    bool have = true;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct book_entry b = entry_of(q);
        cb(arg, &b);
    }
    stmt_done(q);
    return e;
}

enum err book_get(struct db *db, const char *no, void (*cb)(void *arg, const struct book_entry *), void *arg,
                  struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_GET);
    stmt_text(q, ":no", no);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        struct book_entry b = entry_of(q);
        cb(arg, &b);
    }
    stmt_done(q);
    return e;
}

struct owner {
    char *outage_no, *notice_no;
};

/* Which stop and which notice an entry belongs to. */
static enum err owner_of(struct db *db, const char *no, struct owner *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_GET);
    stmt_text(q, ":no", no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = (struct owner){ xstrdup(col_text(q, "outage_no")), xstrdup(col_text(q, "notice_no")) };
    stmt_done(q);
    return e;
}

enum err book_hand_over(struct db *db, const char *no, struct errinfo *reterr)
{
    struct owner o = { NULL, NULL };
    MUST(txn_depth(db) > 0);
    TRY(owner_of(db, no, &o, reterr));
    struct stmt *q = stmt_get(db, Q_BOOK_HAND_OVER);
    stmt_text(q, ":no", no);
    enum err e = change(q, no, reterr);
    if (e == OK && o.notice_no[0])
        e = outbox_leave(db, o.outage_no, o.notice_no, true, reterr);
    free(o.outage_no);
    free(o.notice_no);
    return e;
}

enum err book_set(struct db *db, const char *no, enum book_state s, const char *host_no, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_STATE);
    stmt_text(q, ":no", no);
    stmt_text(q, ":state", STATES[s].name);
    stmt_text(q, ":host_no", host_no);
    return change(q, no, reterr);
}

enum err book_set_notice(struct db *db, const char *notice_no, enum book_state s, const char *host_no,
                         struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_STATE_NOTICE);
    stmt_text(q, ":notice_no", notice_no);
    stmt_text(q, ":state", STATES[s].name);
    stmt_text(q, ":host_no", host_no);
    return stmt_run(q, reterr);
}

/* ---- certificates ---- */

enum err book_certs(struct db *db, const char *outage_no, void (*cb)(void *arg, const struct book_cert *), void *arg,
                    struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_CERT_LIST);
    stmt_text(q, ":outage_no", outage_no);
    bool have = true;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        const struct book_cert c = { .cert_no = col_text(q, "cert_no"),
                                     .kind = col_text(q, "kind"),
                                     .request = col_text(q, "request"),
                                     .issued_ms = col_i64(q, "issued_ms"),
                                     .found = col_text(q, "found"),
                                     .persons = col_text(q, "persons"),
                                     .settled_by = col_text(q, "settled_by"),
                                     .second = col_text(q, "second"),
                                     .ground = col_text(q, "ground") };
        cb(arg, &c);
    }
    stmt_done(q);
    return e;
}

enum err book_cert_found(struct db *db, const char *outage_no, const char *cert_no, const char *persons,
                         struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_CERT_FOUND);
    stmt_text(q, ":outage_no", outage_no);
    stmt_text(q, ":cert_no", cert_no);
    stmt_text(q, ":found", *persons ? "differs" : "same");
    stmt_text(q, ":persons", persons);
    stmt_i64(q, ":now", db_now(db));
    return stmt_run(q, reterr);
}

enum err book_cert_settle(struct db *db, const char *outage_no, const char *cert_no, const char *operator_id,
                          const char *second, const char *ground, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_CERT_SETTLE);
    stmt_text(q, ":outage_no", outage_no);
    stmt_text(q, ":cert_no", cert_no);
    stmt_text(q, ":by", operator_id);
    stmt_text(q, ":second", second);
    stmt_text(q, ":ground", ground);
    stmt_i64(q, ":now", db_now(db));
    return change(q, cert_no, reterr);
}

/* ---- reconciliation ---- */

static enum err count_book(struct db *db, const char *outage_no, struct outage_counts *c, int64_t *open,
                           struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_COUNT);
    stmt_text(q, ":outage_no", outage_no);
    bool have = true;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        int64_t n = col_i64(q, "n");
        c->received += n;
        switch (book_state_by_name(col_span(q, "state"))) {
        case BOOK_POSTED:
            c->posted += n;
            break;
        case BOOK_HOST:
            c->by_host_office += n;
            break;
        case BOOK_WITHDRAWN:
            c->withdrawn += n;
            break;
        case BOOK_RETURNED:
            c->returned += n;
            break;
        case BOOK_PAPER:
        case BOOK_ENTERED:
        case BOOK_EXAMINED:
        case BOOK_DECIDED:
        case BOOK_CONFLICT:
        case BOOK_STATES:
            c->held += n;
            *open += n;
            break;
        }
    }
    stmt_done(q);
    return e;
}

static enum err count_ops(struct db *db, const char *outage_no, struct outage_counts *c, int64_t *open,
                          struct errinfo *reterr)
{
    struct outbox_counts n;
    TRY(outbox_count(db, outage_no, &n, reterr));
    c->op_pending = n.n[OP_PENDING] + n.waiting;
    c->op_sent = n.n[OP_INFLIGHT];
    c->op_held = n.n[OP_HELD];
    c->op_conflict = n.n[OP_CONFLICT];
    c->op_rejected = n.n[OP_REJECTED];
    c->op_applied = n.n[OP_APPLIED] + n.n[OP_DURABLE];
    c->op_withdrawn = n.n[OP_WITHDRAWN] + n.n[OP_SUPERSEDED];
    for (int s = 0; s < OP_STATES; s++)
        c->ops += n.n[s];
    c->ops += n.waiting;
    *open += c->op_pending + c->op_sent + c->op_held + c->op_conflict;
    return OK;
}

/* 用紙: what was thrown away by hand, and what a count found missing, left the stock as well. */
static enum err count_stock(struct db *db, const char *outage_no, struct outage_counts *c, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_STOCK_SINCE_STOP);
    stmt_text(q, ":outage_no", outage_no);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        c->sheets_used += col_i64(q, "spoiled") + col_i64(q, "missing");
        c->sheets_spoiled += col_i64(q, "spoiled");
    }
    stmt_done(q);
    return e;
}

static enum err count_certs(struct db *db, const char *outage_no, struct outage_counts *c, int64_t *open,
                            struct errinfo *reterr)
{
    struct cert_sums s = { .copies = 0 };
    TRY(cert_sums_of_outage(db, outage_no, &s, reterr));
    c->cert_numbers = s.copies;
    c->cert_handed = s.handed;
    c->cert_spoiled = s.spoiled;
    c->cert_void = s.voided;
    c->sheets_used = s.sheets;
    c->sheets_good = s.sheets_good;
    c->sheets_spoiled = s.sheets - s.sheets_good;
    c->fee_due = c->fee_taken = s.fees;
    TRY(count_stock(db, outage_no, c, reterr));
    struct stmt *q = stmt_get(db, Q_BOOK_CERT_OPEN);
    stmt_text(q, ":outage_no", outage_no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *open += col_i64(q, "n");
    stmt_done(q);
    return e;
}

enum err book_counts(struct db *db, const char *outage_no, struct outage_counts *ret, int64_t *ret_open,
                     struct errinfo *reterr)
{
    struct outage_counts c = { .received = 0 };
    int64_t open = 0;
    TRY(count_book(db, outage_no, &c, &open, reterr));
    TRY(count_ops(db, outage_no, &c, &open, reterr));
    TRY(count_certs(db, outage_no, &c, &open, reterr));
    struct stmt *q = stmt_get(db, Q_OUTAGE_GREY_OPEN);
    stmt_text(q, ":no", outage_no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        c.unanswered = col_i64(q, "n");
    stmt_done(q);
    if (e == OK) {
        *ret = c;
        *ret_open = open;
    }
    return e;
}

enum err book_explain(struct db *db, const char *outage_no, const char *line, int64_t difference, const char *ground,
                      const char *operator_id, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_EXPLAIN);
    stmt_text(q, ":outage_no", outage_no);
    stmt_text(q, ":line", line);
    stmt_i64(q, ":difference", difference);
    stmt_text(q, ":ground", ground);
    stmt_text(q, ":by", operator_id);
    stmt_i64(q, ":now", db_now(db));
    return stmt_run(q, reterr);
}

enum err book_explained(struct db *db, const char *outage_no, const char *line, int64_t difference, bool *ret,
                        struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_EXPLAINED);
    stmt_text(q, ":outage_no", outage_no);
    stmt_text(q, ":line", line);
    stmt_i64(q, ":difference", difference);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "n") > 0;
    stmt_done(q);
    return e;
}
