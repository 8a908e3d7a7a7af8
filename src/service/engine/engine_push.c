/* Up: operations in batches, and what the host says about each. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_in.h"
#include "service/owner.h"
#include "store/txn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_LEAST = 16 << 10, /* a bad line is offered no less */
    BATCH_SECONDS = 2,      /* and a batch takes about so long */
};

/* ---- owners ---- */

#define OWNER(prefix, fn) op_owner_fn fn;
#include "owners.def"
#undef OWNER

static const struct {
    const char *prefix;
    op_owner_fn *told;
} owners[] = {
#define OWNER(prefix, fn) { prefix, fn },
#include "owners.def"
#undef OWNER
    { NULL, NULL },
};

struct telling {
    struct engine *e;
    struct op_news news;
};

/* Every part whose prefix fits is told, in the order of owners.def. */
static enum err tell_owners(struct telling *t, const struct outbox_row *row, struct errinfo *reterr)
{
    struct op op;
    enum err r = OK;
    TRY(op_decode(row->op, &op, reterr));
    json_t *payload = json_loadb(op.payload, op.payload_len, 0, NULL);
    json_t *detail = json_loads(row->result, 0, NULL);
    t->news.payload = payload;
    t->news.detail = detail;
    t->news.seq = row->seq;
    t->news.kind = row->kind;
    t->news.lane = row->lane;
    t->news.subject = row->subject;
    t->news.operator_id = row->operator_id;
    t->news.outage_no = row->outage_no;
    t->news.state = row->state == OP_DURABLE ? OP_APPLIED : row->state; /* said before the rows came */
    t->news.category = row->category;
    t->news.host_seq = row->host_seq;
    t->news.host_ms = row->host_ms;
    for (size_t i = 0; r == OK && owners[i].prefix; i++)
        if (strncmp(owners[i].prefix, row->kind, strlen(owners[i].prefix)) == 0)
            r = owners[i].told(t->e->svc, &t->news, reterr);
    json_decref(payload);
    json_decref(detail);
    op_done(&op);
    return r;
}

struct kept {
    struct buf kind, lane, subject, operator_id, approver, outage_no, category, result, op;
    struct outbox_row row;
};

static const char *keep(struct buf *b, const char *text)
{
    buf_adds(b, text);
    return buf_str(b);
}

/* The owner may read the outbox itself: the row is copied out of its statement first. */
static enum err keep_row(void *arg, const struct outbox_row *row, struct errinfo *reterr)
{
    struct kept *k = arg;
    (void)reterr;
    k->row = *row;
    k->row.kind = keep(&k->kind, row->kind);
    k->row.lane = keep(&k->lane, row->lane);
    k->row.subject = keep(&k->subject, row->subject);
    k->row.operator_id = keep(&k->operator_id, row->operator_id);
    k->row.approver = keep(&k->approver, row->approver);
    k->row.outage_no = keep(&k->outage_no, row->outage_no);
    k->row.category = keep(&k->category, row->category);
    k->row.result = keep(&k->result, row->result);
    buf_add(&k->op, row->op.p, row->op.n);
    k->row.op = buf_span(&k->op);
    return OK;
}

static enum err tell(struct engine *e, int64_t seq, struct errinfo *reterr)
{
    struct kept k = { .row = { .seq = 0 } };
    struct telling t = { .e = e };
    enum err r = outbox_get(e->db, seq, keep_row, &k, reterr);
    if (r == OK)
        r = tell_owners(&t, &k.row, reterr);
    struct buf *all[] = { &k.kind,      &k.lane,     &k.subject, &k.operator_id, &k.approver,
                          &k.outage_no, &k.category, &k.result,  &k.op };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_done(all[i]);
    return r;
}

enum err engine_tell_lost(struct engine *e, struct span bytes, const struct result *r, struct errinfo *reterr)
{
    struct op op;
    struct telling t = { .e = e };
    TRY(op_decode(bytes, &op, reterr));
    json_t *payload = json_loadb(op.payload, op.payload_len, 0, NULL);
    const char *no = json_string_value(json_object_get(payload, "no"));
    const struct outbox_row row = { .kind = op.kind,
                                    .lane = op.lane,
                                    .subject = no ? no : "",
                                    .operator_id = op.operator_id,
                                    .approver = op.approver,
                                    .outage_no = "",
                                    .op = bytes,
                                    .state = OP_APPLIED,
                                    .category = "",
                                    .result = r->detail,
                                    .host_seq = (int64_t)r->host_seq,
                                    .host_ms = r->host_ms };
    enum err x = tell_owners(&t, &row, reterr);
    json_decref(payload);
    op_done(&op);
    return x;
}

/* ---- sending ---- */

bool engine_may_push(struct engine *e)
{
    enum counter_state s = service_counter_state(e->svc);
    return !e->push_barred && !e->foreign &&
           (s == COUNTER_NORMAL || s == COUNTER_RECOVERING || s == COUNTER_RECONCILED);
}

struct gathering {
    struct engine *e;
    int64_t next; /* that must come */
    size_t raw, max_raw, max_ops;
    struct span *op;
    size_t n;
    bool gap;
};

static bool gather(void *arg, int64_t seq, struct span op)
{
    struct gathering *g = arg;
    if (seq != g->next) {
        g->gap = true;
        return false;
    }
    if (g->n && (g->n == g->max_ops || g->raw + op.n + 4 > g->max_raw))
        return false;
    char *copy = xmalloc(op.n);
    memcpy(copy, op.p, op.n);
    g->op = xrealloc(g->op, g->n + 1, sizeof *g->op);
    g->op[g->n++] = (struct span){ copy, op.n };
    g->raw += op.n + 4;
    g->next++;
    return true;
}

static size_t batch_limit(const struct engine *e)
{
    size_t two_seconds = (size_t)e->rate * BATCH_SECONDS;
    if (!e->rate || two_seconds > e->batch_bytes)
        return e->batch_bytes;
    return two_seconds < BATCH_LEAST ? BATCH_LEAST : two_seconds;
}

static enum err mark_sent(struct engine *e, int64_t first, int64_t last, struct errinfo *reterr)
{
    TRY(txn_begin(e->db, reterr));
    return txn_end(e->db, outbox_sent(e->db, first, last, reterr), reterr);
}

static enum err prepare(struct engine *e, const struct incarnation *inc, struct gathering *g, struct link_ask *ask,
                        struct errinfo *reterr)
{
    struct replica rep;
    TRY(replica_get(e->db, &rep, reterr));
    TRY(outbox_from(e->db, g->next, gather, g, reterr));
    if (g->gap)
        return err_set(reterr, E_CORRUPT, "S434", "outbox", "operation %" PRId64 " is not there any more", g->next);
    if (!g->n)
        return OK;
    int64_t first = g->next - (int64_t)g->n;
    TRY(outbox_chain(e->db, first - 1, ask->chain_before, reterr));
    TRY(mark_sent(e, first, first + (int64_t)g->n - 1, reterr));
    memcpy(ask->host_id, rep.host_id, sizeof ask->host_id);
    memcpy(ask->incarnation, inc->id, sizeof ask->incarnation);
    ask->branch = span_of(e->o.branch);
    ask->first = (uint64_t)(first - inc->start);
    ask->op = g->op;
    ask->n_op = (uint32_t)g->n;
    return OK;
}

/* Behind what the host holds, or earlier: what it has but whose answer never arrived is sent again, and answered with
 * what was decided the first time. */
static enum err first_to_send(struct engine *e, const struct incarnation *inc, int64_t *ret, struct errinfo *reterr)
{
    int64_t unanswered = 0, unknown = inc->start + (int64_t)e->received_upto + 1;
    TRY(outbox_next(e->db, &unanswered, reterr));
    *ret = unanswered && unanswered < unknown ? unanswered : unknown;
    return OK;
}

bool engine_ask_ops(struct engine *e)
{
    struct incarnation inc;
    struct errinfo err;
    struct link_ask ask = { .kind = ASK_OPS };
    struct gathering g = { .e = e, .max_raw = batch_limit(e), .max_ops = e->batch_ops };
    enum err r = incarnation_get(e->db, &inc, &err);
    if (r == OK)
        r = first_to_send(e, &inc, &g.next, &err);
    if (r == OK)
        r = prepare(e, &inc, &g, &ask, &err);
    if (r == OK && g.n) {
        e->sent_first = ask.first;
        e->sent_last = ask.first + g.n - 1;
        engine_ask(e, &ask);
    } else if (r == E_CORRUPT) {
        log_errinfo(LOG_ERR, "sending", &err);
        engine_trouble(e, "S434", err.detail);
        e->push_barred = true;
    } else if (r != OK) {
        engine_store_failed(e, "sending", &err);
    }
    for (size_t i = 0; i < g.n; i++) {
        wipe((char *)(uintptr_t)g.op[i].p, g.op[i].n);
        free((char *)(uintptr_t)g.op[i].p);
    }
    free(g.op);
    return r == OK && g.n > 0;
}

/* ---- results ---- */

static enum op_state state_of(enum op_code code)
{
    static const enum op_state states[] = {
        [OPR_APPLIED] = OP_APPLIED,   [OPR_DUPLICATE] = OP_STATES,  [OPR_HELD] = OP_HELD,
        [OPR_CONFLICT] = OP_CONFLICT, [OPR_REJECTED] = OP_REJECTED, [OPR_QUARANTINED] = OP_STATES,
    };
    _Static_assert(ARRAY_LEN(states) == OP_CODES, "a code has no state");
    return states[code];
}

static enum err note_kind(void *arg, const struct outbox_row *row, struct errinfo *reterr)
{
    static const char notices[] = "notice.";
    (void)reterr;
    *(bool *)arg = strncmp(row->kind, notices, sizeof notices - 1) == 0;
    return OK;
}

/* Who has to look at it: a conflict has its category, a refused notice somebody at the counter. */
static enum err category_of(struct engine *e, int64_t seq, const struct result *r, const char **ret,
                            struct errinfo *reterr)
{
    bool notice = false;
    *ret = r->category == CONFLICT_NONE ? "" : conflict_info(r->category)->code;
    if (r->code != OPR_REJECTED)
        return OK;
    TRY(outbox_get(e->db, seq, note_kind, &notice, reterr));
    *ret = notice ? OUTBOX_REFUSED : "";
    return OK;
}

enum err engine_take_result(struct engine *e, int64_t start, const struct result *r, struct errinfo *reterr)
{
    struct replica rep;
    const char *category;
    bool news = false;
    TRY(replica_get(e->db, &rep, reterr));
    TRY(category_of(e, start + (int64_t)r->seq, r, &category, reterr));
    const struct outbox_answer a = { .seq = start + (int64_t)r->seq,
                                     .state = state_of(r->code),
                                     .category = category,
                                     .detail = r->detail,
                                     .host_seq = (int64_t)r->host_seq,
                                     .host_ms = r->host_ms,
                                     .awaits_copy = r->code == OPR_APPLIED && (int64_t)r->host_seq > rep.cursor };
    if (a.state == OP_STATES)
        return err_set(reterr, E_CORRUPT, NULL, "result", "code %d", (int)r->code);
    TRY(outbox_answer(e->db, &a, &news, reterr));
    return news && !a.awaits_copy ? tell(e, a.seq, reterr) : OK;
}

enum err engine_tell_arrived(struct engine *e, int64_t cursor, struct errinfo *reterr)
{
    int64_t seq = 0;
    TRY(outbox_arrived(e->db, cursor, &seq, reterr));
    while (seq) {
        TRY(tell(e, seq, reterr));
        TRY(outbox_arrived(e->db, cursor, &seq, reterr));
    }
    return OK;
}

static enum err check_range(const struct engine *e, const struct results *rs, struct errinfo *reterr)
{
    struct incarnation inc;
    TRY(incarnation_get(e->db, &inc, reterr));
    bool ours = strcmp(rs->branch, e->o.branch) == 0 && memcmp(rs->incarnation, inc.id, sizeof inc.id) == 0;
    for (size_t i = 0; ours && i < rs->n; i++)
        ours = rs->item[i].r.seq == e->sent_first + i;
    if (!ours || !rs->n || e->sent_first + rs->n > e->sent_last + 1)
        return err_set(reterr, E_CORRUPT, NULL, "results", "not of the batch that was sent");
    return OK;
}

static enum err take_all(struct engine *e, const struct results *rs, struct errinfo *reterr)
{
    struct incarnation inc;
    TRY(incarnation_get(e->db, &inc, reterr));
    for (size_t i = 0; i < rs->n; i++)
        TRY(engine_take_result(e, inc.start, &rs->item[i].r, reterr));
    return outbox_durable(e->db, inc.start + (int64_t)rs->durable_upto, reterr);
}

static bool quarantined(const struct results *rs)
{
    return rs->n && rs->item[0].r.code == OPR_QUARANTINED;
}

enum err engine_results(struct engine *e, struct span body, struct errinfo *reterr)
{
    struct results rs;
    TRY(results_decode(body, &rs, reterr));
    enum err r = check_range(e, &rs, reterr);
    if (r == OK && quarantined(&rs)) {
        e->greeted = false; /* the greeting says it again, and blocks */
        results_done(&rs);
        return outbox_unsend(e->db, reterr);
    }
    if (r == OK && (r = txn_begin(e->db, reterr)) == OK)
        r = txn_end(e->db, take_all(e, &rs, reterr), reterr);
    if (r == OK) {
        uint64_t upto = e->sent_first + rs.n - 1;
        e->received_upto = upto > e->received_upto ? upto : e->received_upto;
        e->want_pull = true; /* what we did comes back with the feed */
    }
    results_done(&rs);
    return r;
}
