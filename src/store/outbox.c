#include "store/outbox.h"
#include "base/mem.h"
#include "outbox_in.h"
#include "stmt_in.h"
#include "store/outbox_send.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *label;
} STATES[] = {
    [OP_PENDING] = { "pending", "未送信" },
    [OP_INFLIGHT] = { "inflight", "送信中" },
    [OP_HELD] = { "held", "保留" },
    [OP_CONFLICT] = { "conflict", "競合" },
    [OP_REJECTED] = { "rejected", "却下" },
    [OP_APPLIED] = { "applied", "反映済" },
    [OP_DURABLE] = { "durable", "反映済" },
    [OP_SUPERSEDED] = { "superseded", "差替済" },
    [OP_WITHDRAWN] = { "withdrawn", "取下げ" },
};
_Static_assert(ARRAY_LEN(STATES) == OP_STATES, "a state has no row");

const char *op_state_name(enum op_state s)
{
    return STATES[s].name;
}

const char *op_state_label(enum op_state s)
{
    return STATES[s].label;
}

enum op_state op_state_by_name(const char *name)
{
    int s = 0;
    while (s < OP_STATES && strcmp(STATES[s].name, name) != 0)
        s++;
    return (enum op_state)s;
}

static const char codec_key; /* its address */

const struct outbox_codec *outbox_codec(const struct db *db)
{
    const struct outbox_codec *c = db_attached(db, &codec_key);
    MUST(c);
    return c;
}

void outbox_use(struct db *db, const struct outbox_codec *codec)
{
    struct outbox_codec *copy = xcalloc(1, sizeof *copy);
    *copy = *codec;
    db_attach(db, &codec_key, copy, free);
}

enum err outbox_allowed(struct db *db, struct errinfo *reterr)
{
    char msg[24];
    TRY(store_blocked(db, msg, reterr));
    return msg[0] ? err_set(reterr, E_DENIED, msg, NULL, "nothing may be entered into this store") : OK;
}

/* Last operation of the lane in this incarnation; 0 when there is none. */
static enum err lane_last(struct db *db, const char *lane, int64_t start, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_LANE_LAST);
    bool have = false;
    stmt_text(q, ":lane", lane);
    stmt_i64(q, ":start", start);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK)
        *ret = have ? col_i64(q, "seq") : 0;
    stmt_done(q);
    return e;
}

static enum err insert(struct db *db, const struct outbox_new *op, const char *outage_no, int64_t seq,
                       int64_t lane_prev, struct span bytes, const uint8_t chain_before[OUTBOX_HASH],
                       struct errinfo *reterr)
{
    uint8_t both[2 * OUTBOX_HASH], chain[OUTBOX_HASH];
    memcpy(both, chain_before, OUTBOX_HASH);
    db_hash(db, bytes.p, bytes.n, both + OUTBOX_HASH);
    db_hash(db, both, sizeof both, chain);
    struct stmt *q = stmt_get(db, Q_OUTBOX_INSERT);
    stmt_i64(q, ":seq", seq);
    stmt_text(q, ":kind", op->kind);
    stmt_text(q, ":lane", op->lane);
    stmt_i64(q, ":lane_prev", lane_prev);
    stmt_text(q, ":payload", op->payload);
    stmt_text(q, ":operator", op->operator_id);
    stmt_text(q, ":approver", op->approver_id ? op->approver_id : "");
    stmt_text(q, ":outage_no", outage_no);
    stmt_i64(q, ":at_ms", db_now(db));
    stmt_blob(q, ":op", bytes.p, bytes.n);
    stmt_blob(q, ":op_hash", both + OUTBOX_HASH, OUTBOX_HASH);
    stmt_blob(q, ":chain", chain, OUTBOX_HASH);
    return stmt_run(q, reterr);
}

/* Does it take the place of a decision that the host has not taken? Then it says so: *ret_payload is what is sent. */
static enum err replaced(struct db *db, const struct outbox_new *op, int64_t start, struct buf *ret_payload,
                         int64_t *ret_seq, struct errinfo *reterr)
{
    static const char notices[] = "notice.";
    bool have = false;
    if (strncmp(op->kind, notices, sizeof notices - 1) != 0)
        return OK;
    struct stmt *q = stmt_get(db, Q_OUTBOX_REPLACED);
    stmt_text(q, ":payload", op->payload);
    stmt_i64(q, ":start", start);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        buf_adds(ret_payload, col_text(q, "payload"));
        *ret_seq = col_i64(q, "seq");
    }
    stmt_done(q);
    return e;
}

static enum err name_successor(struct db *db, int64_t seq, int64_t successor, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CONFLICT_SUCCESSOR);
    stmt_i64(q, ":seq", seq);
    stmt_i64(q, ":successor", successor);
    return stmt_run(q, reterr);
}

static enum err number(struct db *db, const struct outbox_new *op, const char *outage_no, const struct incarnation *inc,
                       int64_t *ret_seq, struct errinfo *reterr)
{
    struct outbox_head head;
    int64_t prev = 0;
    struct buf bytes = BUF_INIT;
    TRY(outbox_head(db, &head, reterr));
    TRY(lane_last(db, op->lane, inc->start, &prev, reterr));
    int64_t seq = head.seq + 1;
    const struct outbox_codec *codec = outbox_codec(db);
    enum err e = codec->encode(codec->self, op, seq - inc->start, prev ? prev - inc->start : 0, *outage_no != '\0',
                               &bytes, reterr);
    if (e == OK)
        e = insert(db, op, outage_no, seq, prev, buf_span(&bytes), head.chain, reterr);
    buf_done(&bytes);
    if (e == OK)
        *ret_seq = seq;
    return e;
}

enum err outbox_number(struct db *db, const struct outbox_new *op, const char *outage_no, int64_t *ret_seq,
                       struct errinfo *reterr)
{
    struct incarnation inc;
    struct outbox_new sent = *op;
    struct buf payload = BUF_INIT;
    int64_t old = 0, seq = 0;
    MUST(txn_depth(db) > 0);
    TRY(incarnation_get(db, &inc, reterr));
    enum err e = replaced(db, op, inc.start, &payload, &old, reterr);
    if (old)
        sent.payload = buf_str(&payload);
    if (e == OK)
        e = number(db, &sent, outage_no, &inc, &seq, reterr);
    if (e == OK && old && strcmp(op->kind, "notice.enter") != 0)
        e = name_successor(db, old, seq, reterr);
    buf_done(&payload);
    if (e == OK)
        *ret_seq = seq;
    return e;
}

/* The stop in which operations on notices wait; no "" outside one. */
struct stop {
    struct buf no;
    bool replayed; /* 復旧処理中 */
};

static enum err open_stop(struct db *db, struct stop *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_WAIT_OPEN_OUTAGE);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        buf_adds(&ret->no, col_text(q, "no"));
        ret->replayed = col_i64(q, "replayed") != 0;
    }
    stmt_done(q);
    return e;
}

/* Does it wait for the replay? What follows on a notice that was taken up already goes at once: its place is taken. */
static enum err waits(struct db *db, const struct outbox_new *op, const struct stop *s, bool *ret,
                      struct errinfo *reterr)
{
    static const char notices[] = "notice.";
    *ret = s->no.len && strncmp(op->kind, notices, sizeof notices - 1) == 0;
    if (!*ret || !s->replayed)
        return OK;
    struct stmt *q = stmt_get(db, Q_OUTBOX_KNOWN);
    stmt_text(q, ":payload", op->payload);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "n") == 0;
    stmt_done(q);
    return e;
}

enum err outbox_add(struct db *db, const struct outbox_new *op, int64_t *ret_seq, struct errinfo *reterr)
{
    struct stop stop = { .no = BUF_INIT };
    bool wait = false;
    int64_t seq = 0;
    MUST(txn_depth(db) > 0);
    TRY(outbox_allowed(db, reterr));
    enum err e = open_stop(db, &stop, reterr);
    if (e == OK)
        e = waits(db, op, &stop, &wait, reterr);
    if (e == OK)
        e = wait ? outbox_add_in_stop(db, op, buf_str(&stop.no), reterr)
                 : outbox_number(db, op, buf_str(&stop.no), &seq, reterr);
    buf_done(&stop.no);
    if (e == OK)
        *ret_seq = seq;
    return e;
}

enum err outbox_add_again(struct db *db, const struct outbox_new *op, const char *outage_no, int64_t *ret_seq,
                          struct errinfo *reterr)
{
    if (!*outage_no)
        return outbox_add(db, op, ret_seq, reterr);
    TRY(outbox_allowed(db, reterr));
    return outbox_number(db, op, outage_no, ret_seq, reterr);
}
