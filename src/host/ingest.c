/*
 * A batch from its first byte to its answer. The order is always: is it what it claims to be, has it been here, may it
 * act now, what does it do, write result beside effect, commit, answer.
 */
#include "base/mem.h"
#include "crypto/digest.h"
#include "sync/payload.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

struct ingest {
    struct host *h;
    const struct batch *batch;
    struct origin origin; /* seq changes with the operation */
    uint64_t received;
    uint8_t chain[OP_HASH]; /* after `received` */
    uint64_t durable;
    bool quarantined;
    struct results *results;
    size_t raw; /* bytes of results so far */
    const uint64_t *poison;
    size_t n_poison;
};

/* Operations at which the host itself stumbled, in this batch. */
#define POISON_MAX 8

/* One that could not be decided is set aside for a person, and the others go on. */
static enum err judge(struct ingest *in, const struct op *o, struct verdict *v, struct errinfo *reterr)
{
    struct handling a = { in->h, o, &in->origin, v, reterr };
    for (size_t i = 0; i < in->n_poison; i++) {
        if (in->poison[i] != o->seq)
            continue;
        TRY(journal(in->h, "host", "op.failed",
                    json_pack("{s:s,s:I,s:s}", "branch", o->branch, "seq", (json_int_t)o->seq, "kind", o->kind),
                    reterr));
        return verdict_conflict(&a, CONFLICT_INTEGRITY, "S474", NULL);
    }
    return op_judge(&a);
}

static enum err encode_verdict(struct host *h, uint64_t seq, const struct verdict *v, struct buf *ret,
                               struct errinfo *reterr)
{
    char *detail = v->detail ? json_dumps(v->detail, JSON_COMPACT) : xstrdup("{}");
    if (!detail)
        return err_set(reterr, E_CORRUPT, NULL, "result", "detail cannot be written");
    struct result r = { seq, v->code, v->category, v->host_seq, host_now(h), detail };
    enum err e = result_encode(&r, ret, reterr);
    wipe_str(detail);
    return e;
}

static enum err store_op(struct host *h, const struct origin *who, const struct batch_op *b, const struct op *o,
                         const struct verdict *v, struct span result, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_OP_ADD);
    q_op(&q, who->branch, who->incarnation, b->seq);
    q_blob(&q, ":hash", b->hash, OP_HASH);
    q_blob(&q, ":chain", b->chain, OP_HASH);
    q_blob(&q, ":bytes", b->bytes.p, b->bytes.n);
    q_text(&q, ":kind", o->kind);
    q_text(&q, ":lane", o->lane);
    q_int(&q, ":lane_prev", (int64_t)o->lane_prev);
    q_int(&q, ":code", v->code);
    q_int(&q, ":category", v->category);
    q_blob(&q, ":result", result.p, result.n);
    q_int(&q, ":received_ms", host_now(h));
    q_int(&q, ":blocks", op_blocks(o, v));
    return q_run(&q, reterr);
}

/* Writes the new verdict of a held operation and tells its branch by the feed. */
static enum err redecide(struct host *h, const struct origin *who, uint64_t seq, const struct verdict *v, bool blocking,
                         struct errinfo *reterr)
{
    struct buf result = BUF_INIT, key = BUF_INIT;
    uint64_t host_seq = 0;
    TRY(encode_verdict(h, seq, v, &result, reterr));
    struct q q = q_get(h->b, Q_OP_DECIDED);
    q_op(&q, who->branch, who->incarnation, seq);
    q_int(&q, ":code", v->code);
    q_int(&q, ":category", v->category);
    q_blob(&q, ":result", result.p, result.len);
    q_int(&q, ":blocks", blocking);
    enum err e = q_run(&q, reterr);
    hex_add(&key, who->incarnation, OP_INCARNATION);
    buf_printf(&key, "/%llu", (unsigned long long)seq);
    if (e == OK)
        e = feed_write(h, FEED_RESULT, buf_str(&key), who->branch, buf_span(&result), &host_seq, reterr);
    buf_done(&result);
    buf_done(&key);
    return e;
}

/* What op_get says that closing needs. */
static enum err look_at(struct host *h, const struct origin *who, uint64_t seq, enum op_code *ret_code,
                        struct buf *ret_lane, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_GET);
    q_op(&q, who->branch, who->incarnation, seq);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && have) {
        struct span lane = q_get_span(&q, "lane");
        buf_add(ret_lane, lane.p, lane.n);
        *ret_code = (enum op_code)q_get_int(&q, "code");
    }
    q_done(&q);
    return e;
}

/* `by` took the place of `seq` or withdrew it. One that was still held gets its final answer with that. */
static enum err close_op(struct host *h, const struct origin *who, uint64_t seq, uint64_t by, struct buf *ret_lane,
                         struct errinfo *reterr)
{
    enum op_code code = OPR_APPLIED;
    TRY(look_at(h, who, seq, &code, ret_lane, reterr));
    if (code == OPR_HELD) {
        struct verdict v = { .code = OPR_REJECTED };
        v.detail = json_pack("{s:s,s:I}", "msg", "S453", "superseded_by", (json_int_t)by);
        enum err e = redecide(h, who, seq, &v, false, reterr);
        json_decref(v.detail);
        TRY(e);
    }
    struct q q = q_get(h->b, Q_OP_CLOSE);
    q_op(&q, who->branch, who->incarnation, seq);
    q_int(&q, ":by", (int64_t)by);
    return q_run(&q, reterr);
}

/* ---- operations that were held ---- */

static enum err held_after(struct host *h, const struct origin *who, const char *lane, uint64_t after, uint64_t *ret,
                           struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_LANE_HELD);
    q_life(&q, who->branch, who->incarnation);
    q_text(&q, ":lane", lane);
    q_int(&q, ":after", (int64_t)after);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = have ? (uint64_t)q_get_int(&q, "seq") : 0;
    q_done(&q);
    return e;
}

static enum err load_op(struct host *h, const struct origin *who, uint64_t seq, struct op *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_BYTES);
    q_op(&q, who->branch, who->incarnation, seq);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        e = have ? op_decode(q_get_span(&q, "bytes"), ret, reterr) : err_set(reterr, E_CORRUPT, NULL, "op", "lost");
    q_done(&q);
    return e;
}

static enum err retry_held(struct ingest *in, uint64_t seq, bool *ret_settled, struct errinfo *reterr)
{
    struct op o;
    struct verdict v = { .code = OPR_HELD };
    struct buf lane = BUF_INIT;
    TRY(load_op(in->h, &in->origin, seq, &o, reterr));
    enum err e = judge(in, &o, &v, reterr);
    *ret_settled = v.code != OPR_HELD;
    if (e == OK && *ret_settled)
        e = redecide(in->h, &in->origin, seq, &v, op_blocks(&o, &v), reterr);
    if (e == OK && v.closes)
        e = close_op(in->h, &in->origin, v.closes, seq, &lane, reterr);
    json_decref(v.detail);
    op_done(&o);
    buf_done(&lane);
    return e;
}

/* Something of the lane was settled: those that waited get their turn, in order, until one waits again. */
static enum err release_lane(struct ingest *in, const char *lane, struct errinfo *reterr)
{
    uint64_t seq = 0, keep = in->origin.seq;
    bool settled = *lane != '\0';
    enum err e = OK;
    while (e == OK && settled) {
        uint64_t next = 0;
        e = held_after(in->h, &in->origin, lane, seq, &next, reterr);
        if (e != OK || next == 0)
            break;
        in->origin.seq = seq = next;
        e = retry_held(in, next, &settled, reterr);
    }
    if (e == OK)
        in->origin.seq = keep; /* otherwise it names the one that failed */
    return e;
}

/* ---- the batch ---- */

static enum err add_result(struct ingest *in, bool repeated, struct span bytes, struct errinfo *reterr)
{
    in->raw += bytes.n + 5;
    return results_add(in->results, repeated, bytes, reterr);
}

static enum err new_op(struct ingest *in, const struct batch_op *b, struct errinfo *reterr)
{
    struct op o;
    struct verdict v = { .code = OPR_HELD };
    struct buf result = BUF_INIT, lane = BUF_INIT;
    TRY(op_decode(b->bytes, &o, reterr));
    in->origin.seq = b->seq;
    enum err e = judge(in, &o, &v, reterr);
    if (e == OK)
        e = encode_verdict(in->h, b->seq, &v, &result, reterr);
    if (e == OK)
        e = store_op(in->h, &in->origin, b, &o, &v, buf_span(&result), reterr);
    if (e == OK && v.closes) {
        e = close_op(in->h, &in->origin, v.closes, b->seq, &lane, reterr);
        if (e == OK)
            e = release_lane(in, buf_str(&lane), reterr);
    }
    if (e == OK) {
        in->received = b->seq;
        memcpy(in->chain, b->chain, OP_HASH);
        e = add_result(in, false, buf_span(&result), reterr);
    }
    json_decref(v.detail);
    op_done(&o);
    buf_done(&result);
    buf_done(&lane);
    return e;
}

static enum err keep_evidence(struct ingest *in, const char *what, uint64_t seq, struct span bytes,
                              struct errinfo *reterr)
{
    struct q q = q_get(in->h->b, Q_EVIDENCE_ADD);
    q_int(&q, ":at_ms", host_now(in->h));
    q_op(&q, in->origin.branch, in->origin.incarnation, seq);
    q_text(&q, ":what", what);
    q_blob(&q, ":bytes", bytes.p, bytes.n);
    TRY(q_run(&q, reterr));
    q = q_get(in->h->b, Q_BRANCH_STATE);
    q_text(&q, ":name", in->origin.branch);
    q_text(&q, ":state", "quarantined");
    q_text(&q, ":reason", what);
    TRY(q_run(&q, reterr));
    in->quarantined = true;
    return journal(in->h, "host", "branch.quarantine",
                   json_pack("{s:s,s:s,s:I}", "branch", in->origin.branch, "what", what, "seq", (json_int_t)seq),
                   reterr);
}

/* Seen before: the same bytes again, or two contents under one number. */
static enum err known_op(struct ingest *in, const struct batch_op *b, struct errinfo *reterr)
{
    bool have = false, same = false;
    struct q q = q_get(in->h->b, Q_OP_GET);
    q_op(&q, in->origin.branch, in->origin.incarnation, b->seq);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && !have)
        e = err_set(reterr, E_CORRUPT, NULL, "op", "an operation that was received is not there");
    if (e == OK) {
        struct span hash = q_get_span(&q, "hash"), chain = q_get_span(&q, "chain");
        same = hash.n == OP_HASH && memcmp(hash.p, b->hash, OP_HASH) == 0 && chain.n == OP_HASH &&
               memcmp(chain.p, b->chain, OP_HASH) == 0;
        if (same)
            e = add_result(in, true, q_get_span(&q, "result"), reterr);
    }
    q_done(&q);
    if (e == OK && !same)
        e = keep_evidence(in, "equivocation", b->seq, b->bytes, reterr);
    return e;
}

static enum err quarantined_op(struct ingest *in, const struct batch_op *b, struct errinfo *reterr)
{
    struct buf result = BUF_INIT;
    struct verdict v = { OPR_QUARANTINED, CONFLICT_INTEGRITY, 0, json_pack("{s:s}", "msg", "S450"), 0 };
    enum err e = encode_verdict(in->h, b->seq, &v, &result, reterr);
    if (e == OK)
        e = add_result(in, false, buf_span(&result), reterr);
    json_decref(v.detail);
    buf_done(&result);
    return e;
}

static enum err load_run(struct ingest *in, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(in->h->b, Q_RUN_GET);
    q_life(&q, in->origin.branch, in->origin.incarnation);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && have) {
        in->received = (uint64_t)q_get_int(&q, "received_upto");
        in->durable = (uint64_t)q_get_int(&q, "durable_upto");
        e = q_get_fixed(&q, "chain", in->chain, OP_HASH, reterr);
    }
    q_done(&q);
    TRY(e);
    if (have)
        return OK;
    op_chain_start(in->origin.branch, in->origin.incarnation, in->chain);
    q = q_get(in->h->b, Q_RUN_ADD);
    q_life(&q, in->origin.branch, in->origin.incarnation);
    q_blob(&q, ":chain", in->chain, OP_HASH);
    q_int(&q, ":at_ms", host_now(in->h));
    return q_run(&q, reterr);
}

static enum err store_run(struct ingest *in, struct errinfo *reterr)
{
    struct q q = q_get(in->h->b, Q_RUN_RECEIVED);
    q_life(&q, in->origin.branch, in->origin.incarnation);
    q_int(&q, ":received_upto", (int64_t)in->received);
    q_blob(&q, ":chain", in->chain, OP_HASH);
    q_int(&q, ":at_ms", host_now(in->h));
    return q_run(&q, reterr);
}

/* Chain before the operation `seq`, as far as this host has it. */
static enum err chain_before(struct host *h, const struct origin *who, uint64_t seq, uint8_t ret[OP_HASH],
                             struct errinfo *reterr)
{
    if (seq == 1) {
        op_chain_start(who->branch, who->incarnation, ret);
        return OK;
    }
    bool have = false;
    struct q q = q_get(h->b, Q_OP_GET);
    q_op(&q, who->branch, who->incarnation, seq - 1);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        e = have ? q_get_fixed(&q, "chain", ret, OP_HASH, reterr) : err_set(reterr, E_CORRUPT, NULL, "op", "lost");
    q_done(&q);
    return e;
}

static enum err take_ops(struct ingest *in, struct errinfo *reterr)
{
    uint8_t before[OP_HASH];
    const struct batch *b = in->batch;
    TRY(chain_before(in->h, &in->origin, b->first, before, reterr));
    if (!in->quarantined && memcmp(before, b->chain_before, OP_HASH) != 0)
        TRY(keep_evidence(in, "chain", b->first, b->body, reterr));
    /* What does not fit into one answer is not taken: the branch sends it again. */
    for (size_t i = 0; i < b->n && in->raw + RESULT_MAX + 5 <= RESULTS_RAW_MAX; i++) {
        if (!in->quarantined && b->op[i].seq <= in->received)
            TRY(known_op(in, &b->op[i], reterr));
        else if (!in->quarantined)
            TRY(new_op(in, &b->op[i], reterr));
        if (in->quarantined)
            TRY(quarantined_op(in, &b->op[i], reterr));
    }
    return store_run(in, reterr);
}

static enum err applied_upto(struct ingest *in, uint64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(in->h->b, Q_OP_FIRST_HELD);
    q_life(&q, in->origin.branch, in->origin.incarnation);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = have ? (uint64_t)q_get_int(&q, "seq") - 1 : in->received;
    q_done(&q);
    return e;
}

static enum err in_transaction(struct ingest *in, uint64_t *ret_upto, struct errinfo *reterr)
{
    TRY(branch_state(in->h, in->origin.branch, &in->quarantined, reterr));
    TRY(load_run(in, reterr));
    *ret_upto = in->received;
    if (in->batch->first > in->received + 1)
        return err_set(reterr, E_CONFLICT, "S452", in->origin.branch, "operations before %llu are missing",
                       (unsigned long long)in->batch->first);
    TRY(take_ops(in, reterr));
    TRY(applied_upto(in, &in->results->applied_upto, reterr));
    in->results->durable_upto = in->durable;
    *ret_upto = in->received;
    return OK;
}

/* Public key of the certificate in force with which the batch says it was signed. */
static enum err signer(struct host *h, const struct batch *b, struct key **ret, struct errinfo *reterr)
{
    uint8_t id[KEY_ID];
    bool have = false;
    TRY(sig_key_id(b->sig, id, reterr));
    struct q q = q_get(h->b, Q_CERT_BY_KEY);
    q_text(&q, ":branch", b->branch);
    q_blob(&q, ":key_id", id, sizeof id);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && !have)
        e = err_set(reterr, E_DENIED, "S451", b->branch, "signed with a key that is not in force");
    if (e == OK)
        e = key_public_read(q_get_span(&q, "public_pem"), ret, reterr);
    q_done(&q);
    return e;
}

static enum err check_batch(struct host *h, const char *branch, const struct batch *b, struct errinfo *reterr)
{
    struct key *k = NULL;
    if (strcmp(b->branch, branch) != 0 || memcmp(b->host_id, h->facts.host_id, HOST_ID) != 0)
        return err_set(reterr, E_DENIED, "S451", branch, "a batch of another branch or for another host");
    TRY(signer(h, b, &k, reterr));
    enum err e = batch_verify(b, k, &h->policy, reterr);
    key_free(k);
    return e;
}

/* Errors that come of one operation or of what it touches; all others are of the disk or the database. */
static bool of_one_operation(enum err e)
{
    return e == E_INVALID || e == E_CORRUPT || e == E_NOTFOUND || e == E_EXISTS || e == E_DENIED;
}

/* Again from the start when one operation fails, with that one set aside: nothing is half written. */
static enum err ingest(struct host *h, const struct batch *b, struct results *results, uint64_t *ret_upto,
                       struct errinfo *reterr)
{
    uint64_t poison[POISON_MAX];
    for (size_t n = 0;; n++) {
        struct ingest in = { .h = h, .batch = b, .origin = { b->branch, b->incarnation, 0 }, .results = results };
        in.poison = poison;
        in.n_poison = n;
        results_done(results);
        results_init(results, b->branch, b->incarnation);
        TRY(h->b->ops->begin(h->b, reterr));
        enum err e = host_end(h, in_transaction(&in, ret_upto, reterr), reterr);
        if (e == OK || n == POISON_MAX || in.origin.seq == 0 || !of_one_operation(e))
            return e;
        poison[n] = in.origin.seq;
    }
}

enum err host_ingest(struct host *h, const char *branch, struct span bytes, struct buf *ret, uint64_t *ret_upto,
                     struct errinfo *reterr)
{
    struct batch b;
    struct results results;
    TRY(batch_decode(bytes, &b, reterr));
    results_init(&results, b.branch, b.incarnation);
    enum err e = check_batch(h, branch, &b, reterr);
    if (e == OK)
        e = ingest(h, &b, &results, ret_upto, reterr);
    if (e == OK)
        e = results_encode(&results, ret, reterr);
    results_done(&results);
    batch_done(&b);
    return e;
}
