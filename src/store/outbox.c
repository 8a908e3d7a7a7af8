#include "store/outbox.h"
#include "base/mem.h"
#include "internal.h"
#include "outbox_in.h"
#include "stmt.h"
#include "store/outbox_send.h"

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

void outbox_use(struct db *db, const struct outbox_codec *codec)
{
    db->outbox = *codec;
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
    const struct clock *clock = db_clock(db);
    struct stmt *q = stmt_get(db, Q_OUTBOX_INSERT);
    stmt_i64(q, ":seq", seq);
    stmt_text(q, ":kind", op->kind);
    stmt_text(q, ":lane", op->lane);
    stmt_i64(q, ":lane_prev", lane_prev);
    stmt_text(q, ":payload", op->payload);
    stmt_text(q, ":operator", op->operator_id);
    stmt_text(q, ":approver", op->approver_id ? op->approver_id : "");
    stmt_text(q, ":outage_no", outage_no);
    stmt_i64(q, ":at_ms", clock->wall_ms(clock->self));
    stmt_blob(q, ":op", bytes.p, bytes.n);
    stmt_blob(q, ":op_hash", both + OUTBOX_HASH, OUTBOX_HASH);
    stmt_blob(q, ":chain", chain, OUTBOX_HASH);
    return stmt_run(q, reterr);
}

enum err outbox_number(struct db *db, const struct outbox_new *op, const char *outage_no, int64_t *ret_seq,
                       struct errinfo *reterr)
{
    struct incarnation inc;
    struct outbox_head head;
    int64_t prev = 0;
    struct buf bytes = BUF_INIT;
    MUST(txn_depth(db) > 0 && db->outbox.encode);
    TRY(incarnation_get(db, &inc, reterr));
    TRY(outbox_head(db, &head, reterr));
    TRY(lane_last(db, op->lane, inc.start, &prev, reterr));
    int64_t seq = head.seq + 1;
    enum err e = db->outbox.encode(db->outbox.self, op, seq - inc.start, prev ? prev - inc.start : 0,
                                   *outage_no != '\0', &bytes, reterr);
    if (e == OK)
        e = insert(db, op, outage_no, seq, prev, buf_span(&bytes), head.chain, reterr);
    buf_done(&bytes);
    if (e == OK)
        *ret_seq = seq;
    return e;
}

/* Number of the stop in which operations on notices wait; "" outside one. */
static enum err open_outage(struct db *db, struct buf *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_WAIT_OPEN_OUTAGE);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have)
        buf_adds(ret, col_text(q, "no"));
    stmt_done(q);
    return e;
}

enum err outbox_add(struct db *db, const struct outbox_new *op, int64_t *ret_seq, struct errinfo *reterr)
{
    static const char notices[] = "notice.";
    struct buf outage = BUF_INIT;
    int64_t seq = 0;
    MUST(txn_depth(db) > 0);
    TRY(outbox_allowed(db, reterr));
    enum err e = open_outage(db, &outage, reterr);
    if (e == OK && outage.len && strncmp(op->kind, notices, sizeof notices - 1) == 0)
        e = outbox_add_in_stop(db, op, buf_str(&outage), reterr);
    else if (e == OK)
        e = outbox_number(db, op, buf_str(&outage), &seq, reterr);
    buf_done(&outage);
    if (e == OK)
        *ret_seq = seq;
    return e;
}
