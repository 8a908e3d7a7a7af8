#include "store/outbox_send.h"
#include "base/mem.h"
#include "outbox_in.h"
#include "stmt_in.h"

#include <string.h>

static enum err chain_start(struct db *db, uint8_t ret[OUTBOX_HASH], struct errinfo *reterr)
{
    struct incarnation inc;
    TRY(incarnation_get(db, &inc, reterr));
    const struct outbox_codec *codec = outbox_codec(db);
    codec->start(codec->self, inc.id, ret);
    return OK;
}

enum err outbox_head(struct db *db, struct outbox_head *ret, struct errinfo *reterr)
{
    struct incarnation inc;
    struct outbox_head head = { .seq = 0 };
    bool have = false;
    TRY(incarnation_get(db, &inc, reterr));
    struct stmt *q = stmt_get(db, Q_OUTBOX_LAST);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        head.seq = col_i64(q, "seq");
        e = col_fixed(q, "chain", head.chain, OUTBOX_HASH, reterr);
    }
    stmt_done(q);
    if (e == OK && head.seq == inc.start)
        e = chain_start(db, head.chain, reterr);
    if (e == OK)
        *ret = head;
    return e;
}

enum err outbox_chain(struct db *db, int64_t seq, uint8_t ret[OUTBOX_HASH], struct errinfo *reterr)
{
    struct incarnation inc;
    TRY(incarnation_get(db, &inc, reterr));
    if (seq == inc.start)
        return chain_start(db, ret, reterr);
    struct stmt *q = stmt_get(db, Q_OUTBOX_CHAIN_AT);
    stmt_i64(q, ":seq", seq);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = col_fixed(q, "chain", ret, OUTBOX_HASH, reterr);
    stmt_done(q);
    return e;
}

enum err outbox_from(struct db *db, int64_t from, bool (*cb)(void *arg, int64_t seq, struct span op), void *arg,
                     struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_FROM);
    stmt_i64(q, ":from", from);
    bool more = true;
    enum err e = OK;
    while (more && (e = stmt_row(q, &more, reterr)) == OK && more)
        more = cb(arg, col_i64(q, "seq"), col_span(q, "op"));
    stmt_done(q);
    return e;
}

enum err outbox_next(struct db *db, int64_t *ret_seq, struct errinfo *reterr)
{
    struct incarnation inc;
    TRY(incarnation_get(db, &inc, reterr));
    struct stmt *q = stmt_get(db, Q_OUTBOX_NEXT);
    stmt_i64(q, ":start", inc.start);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret_seq = col_i64(q, "seq");
    stmt_done(q);
    return e;
}

enum err outbox_sent(struct db *db, int64_t first, int64_t last, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_SENT);
    stmt_i64(q, ":first", first);
    stmt_i64(q, ":last", last);
    stmt_i64(q, ":now", db_now(db));
    return stmt_run(q, reterr);
}

enum err outbox_unsend(struct db *db, struct errinfo *reterr)
{
    TRY(txn_begin(db, reterr));
    return txn_end(db, stmt_run(stmt_get(db, Q_OUTBOX_UNSEND), reterr), reterr);
}

static enum err row_of(const struct stmt *q, struct outbox_row *ret, struct errinfo *reterr)
{
    struct outbox_row r = {
        .seq = col_i64(q, "seq"),
        .lane_prev = col_i64(q, "lane_prev"),
        .kind = col_text(q, "kind"),
        .lane = col_text(q, "lane"),
        .subject = col_text(q, "subject"),
        .operator_id = col_text(q, "operator"),
        .approver = col_text(q, "approver"),
        .outage_no = col_text(q, "outage_no"),
        .at_ms = col_i64(q, "at_ms"),
        .op = col_span(q, "op"),
        .state = op_state_by_name(col_text(q, "state")),
        .attempts = col_i64(q, "attempts"),
        .sent_ms = col_i64(q, "sent_ms"),
        .acked_ms = col_i64(q, "acked_ms"),
        .category = col_text(q, "category"),
        .result = col_text(q, "result"),
        .host_seq = col_i64(q, "host_seq"),
        .host_ms = col_i64(q, "host_ms"),
    };
    TRY(col_fixed(q, "op_hash", r.hash, OUTBOX_HASH, reterr));
    *ret = r;
    return OK;
}

enum err outbox_get(struct db *db, int64_t seq, outbox_row_fn *cb, void *arg, struct errinfo *reterr)
{
    struct outbox_row r;
    struct stmt *q = stmt_get(db, Q_OUTBOX_GET);
    stmt_i64(q, ":seq", seq);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = row_of(q, &r, reterr);
    if (e == OK)
        e = cb(arg, &r, reterr);
    stmt_done(q);
    return e;
}

/* The very same answer may come again: from a repeated batch, and from the feed. */
static enum err is_news(struct db *db, const struct outbox_answer *a, bool *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_GET);
    stmt_i64(q, ":seq", a->seq);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        enum op_state now = op_state_by_name(col_text(q, "state"));
        bool open = now == OP_PENDING || now == OP_INFLIGHT || now == OP_HELD || now == OP_CONFLICT;
        *ret = open && (now != a->state || strcmp(col_text(q, "result"), a->detail) != 0);
    }
    stmt_done(q);
    return e;
}

static enum err open_conflict(struct db *db, const struct outbox_answer *a, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CONFLICT_OPEN);
    stmt_i64(q, ":seq", a->seq);
    stmt_text(q, ":category", a->category);
    stmt_text(q, ":detail", a->detail);
    stmt_i64(q, ":opened_ms", db_now(db));
    return stmt_run(q, reterr);
}

enum err outbox_answer(struct db *db, const struct outbox_answer *a, bool *ret_news, struct errinfo *reterr)
{
    bool news = false;
    MUST(txn_depth(db) > 0);
    TRY(is_news(db, a, &news, reterr));
    if (news) {
        struct stmt *q = stmt_get(db, Q_OUTBOX_RESULT);
        stmt_i64(q, ":seq", a->seq);
        stmt_text(q, ":state", op_state_name(a->state));
        stmt_text(q, ":category", a->category);
        stmt_text(q, ":result", a->detail);
        stmt_i64(q, ":host_seq", a->host_seq);
        stmt_i64(q, ":host_ms", a->host_ms);
        stmt_i64(q, ":now", db_now(db));
        stmt_i64(q, ":awaits_copy", a->awaits_copy);
        TRY(stmt_run(q, reterr));
        if (*a->category)
            TRY(open_conflict(db, a, reterr));
    }
    *ret_news = news;
    return OK;
}

enum err outbox_arrived(struct db *db, int64_t cursor, int64_t *ret_seq, struct errinfo *reterr)
{
    bool have = false;
    MUST(txn_depth(db) > 0);
    struct stmt *q = stmt_get(db, Q_OUTBOX_ARRIVED);
    stmt_i64(q, ":cursor", cursor);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK)
        *ret_seq = have ? col_i64(q, "seq") : 0;
    stmt_done(q);
    return e;
}

enum err outbox_orphan_next(struct db *db, int64_t after, int64_t upto, int64_t *ret_seq, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_ORPHAN_NEXT);
    stmt_i64(q, ":after", after);
    stmt_i64(q, ":upto", upto);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret_seq = col_i64(q, "seq");
    stmt_done(q);
    return e;
}

enum err outbox_resent(struct db *db, int64_t seq, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_RESENT);
    stmt_i64(q, ":seq", seq);
    return stmt_run(q, reterr);
}

static enum err number(struct stmt *q, int64_t *ret, struct errinfo *reterr)
{
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "n");
    stmt_done(q);
    return e;
}

enum err outbox_awaited(struct db *db, const char *kind, const char *subject, bool *ret, struct errinfo *reterr)
{
    int64_t n = 0;
    struct stmt *q = stmt_get(db, Q_OUTBOX_AWAITED);
    stmt_text(q, ":kind", kind);
    stmt_text(q, ":subject", subject);
    TRY(number(q, &n, reterr));
    *ret = n > 0;
    return OK;
}

enum err outbox_forgotten(struct db *db, int64_t upto, int64_t *ret_n, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_FORGOTTEN);
    stmt_i64(q, ":upto", upto);
    return stmt_run_n(q, ret_n, reterr);
}

enum err outbox_durable(struct db *db, int64_t upto, struct errinfo *reterr)
{
    struct incarnation inc;
    TRY(incarnation_get(db, &inc, reterr));
    struct stmt *q = stmt_get(db, Q_OUTBOX_DURABLE);
    stmt_i64(q, ":start", inc.start);
    stmt_i64(q, ":upto", upto);
    return stmt_run(q, reterr);
}

enum err outbox_prune(struct db *db, int64_t before_ms, int64_t *ret_n, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_PRUNE);
    stmt_i64(q, ":before", before_ms);
    return stmt_run_n(q, ret_n, reterr);
}

static enum err count_states(struct stmt *q, struct outbox_counts *c, struct errinfo *reterr)
{
    bool have = true;
    enum err e = OK;
    while (e == OK && (e = stmt_row(q, &have, reterr)) == OK && have) {
        enum op_state s = op_state_by_name(col_text(q, "state"));
        if (s < OP_STATES)
            c->n[s] = col_i64(q, "n");
    }
    stmt_done(q);
    return e;
}

static void earlier(int64_t *at, int64_t other)
{
    if (other && (!*at || other < *at))
        *at = other;
}

static enum err count_waiting(struct db *db, const char *outage_no, struct outbox_counts *c, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, outage_no ? Q_WAIT_COUNT : Q_WAIT_COUNT_ALL);
    if (outage_no)
        stmt_text(q, ":outage_no", outage_no);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        c->waiting = col_i64(q, "n");
        earlier(&c->oldest_ms, col_i64(q, "oldest_ms"));
    }
    stmt_done(q);
    return e;
}

enum err outbox_count(struct db *db, const char *outage_no, struct outbox_counts *ret, struct errinfo *reterr)
{
    struct outbox_counts c = { .waiting = 0 };
    struct stmt *q = stmt_get(db, outage_no ? Q_OUTBOX_COUNT_OUTAGE : Q_OUTBOX_COUNT);
    if (outage_no)
        stmt_text(q, ":outage_no", outage_no);
    TRY(count_states(q, &c, reterr));
    q = stmt_get(db, Q_OUTBOX_COUNT_OPEN);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        earlier(&c.oldest_ms, col_i64(q, "oldest_ms"));
    stmt_done(q);
    if (e == OK)
        e = count_waiting(db, outage_no, &c, reterr);
    if (e == OK)
        e = number(stmt_get(db, Q_OUTBOX_COUNT_CONFLICT), &c.conflicts, reterr);
    if (e == OK)
        e = number(stmt_get(db, Q_OUTBOX_COUNT_AWAITED), &c.awaits_copy, reterr);
    if (e == OK)
        *ret = c;
    return e;
}

/* Hash of the operation as stored, and the chain over it. */
enum err outbox_floor(struct db *db, int64_t *ret, struct errinfo *reterr)
{
    struct incarnation inc;
    TRY(incarnation_get(db, &inc, reterr));
    struct stmt *q = stmt_get(db, Q_OUTBOX_OLDEST);
    stmt_i64(q, ":start", inc.start);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        int64_t oldest = col_i64(q, "seq");
        *ret = oldest > inc.start + 1 ? oldest : inc.start;
    }
    stmt_done(q);
    return e;
}

static enum err check_row(struct db *db, const struct stmt *q, uint8_t chain[OUTBOX_HASH], struct errinfo *reterr)
{
    uint8_t both[2 * OUTBOX_HASH], hash[OUTBOX_HASH], stored[OUTBOX_HASH];
    struct span op = col_span(q, "op");
    memcpy(both, chain, OUTBOX_HASH);
    db_hash(db, op.p, op.n, both + OUTBOX_HASH);
    TRY(col_fixed(q, "op_hash", hash, OUTBOX_HASH, reterr));
    TRY(col_fixed(q, "chain", stored, OUTBOX_HASH, reterr));
    db_hash(db, both, sizeof both, chain);
    if (memcmp(hash, both + OUTBOX_HASH, OUTBOX_HASH) != 0 || memcmp(stored, chain, OUTBOX_HASH) != 0)
        return err_set(reterr, E_CORRUPT, "S434", "outbox", "operation %lld", (long long)col_i64(q, "seq"));
    return OK;
}

enum err outbox_verify(struct db *db, int64_t from, int64_t max, int64_t *ret_last, struct errinfo *reterr)
{
    uint8_t chain[OUTBOX_HASH];
    int64_t last = from;
    TRY(outbox_chain(db, from, chain, reterr));
    struct stmt *q = stmt_get(db, Q_OUTBOX_WALK);
    stmt_i64(q, ":after", from);
    stmt_i64(q, ":limit", max);
    bool have = true;
    enum err e = OK;
    while (e == OK && (e = stmt_row(q, &have, reterr)) == OK && have) {
        if (col_i64(q, "seq") != last + 1)
            e = err_set(reterr, E_CORRUPT, "S434", "outbox", "operation %lld is missing", (long long)last + 1);
        else if ((e = check_row(db, q, chain, reterr)) == OK)
            last++;
    }
    stmt_done(q);
    if (e == OK)
        *ret_last = last;
    return e;
}
