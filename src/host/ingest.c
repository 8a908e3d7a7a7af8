/*
 * A batch from its first byte to its answer. The order is always: is it what it claims to be, has it been here, may it
 * act now, what does it do, write result beside effect, commit, answer.
 */
#include "base/mem.h"
#include "crypto/digest.h"
#include "op_store.h"
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

/* ---- operations that were held ---- */

static enum err retry_held(struct ingest *in, uint64_t seq, bool *ret_settled, struct errinfo *reterr)
{
    struct op o;
    struct verdict v = { .code = OPR_HELD };
    struct buf lane = BUF_INIT;
    TRY(op_load(in->h, &in->origin, seq, &o, reterr));
    enum err e = judge(in, &o, &v, reterr);
    *ret_settled = v.code != OPR_HELD;
    if (e == OK && *ret_settled)
        e = op_redecide(in->h, &in->origin, seq, &v, op_blocks(&o, &v), reterr);
    if (e == OK && v.closes)
        e = op_close(in->h, &in->origin, v.closes, seq, &lane, reterr);
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
        e = op_held_after(in->h, &in->origin, lane, seq, &next, reterr);
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
        e = op_result(in->h, b->seq, &v, &result, reterr);
    if (e == OK)
        e = op_store(in->h, &in->origin, b, &o, &v, buf_span(&result), reterr);
    if (e == OK && v.closes) {
        e = op_close(in->h, &in->origin, v.closes, b->seq, &lane, reterr);
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
    enum err e = op_result(in->h, b->seq, &v, &result, reterr);
    if (e == OK)
        e = add_result(in, false, buf_span(&result), reterr);
    json_decref(v.detail);
    buf_done(&result);
    return e;
}

enum err life_is_borrowed(struct host *h, const char *branch, const uint8_t incarnation[OP_INCARNATION], bool *ret,
                          struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_CERT_USED);
    bool have = false;
    q_life(&q, branch, incarnation);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = have && q_get_int(&q, "n") > 0;
    q_done(&q);
    return e;
}

/* A new life of the store: only after the terminal was registered again (再登録). */
static enum err add_run(struct ingest *in, struct errinfo *reterr)
{
    bool borrowed = false;
    TRY(life_is_borrowed(in->h, in->origin.branch, in->origin.incarnation, &borrowed, reterr));
    if (borrowed)
        return err_set(reterr, E_DENIED, "S476", in->origin.branch, "a new life with the certificate of another");
    op_chain_start(in->origin.branch, in->origin.incarnation, in->chain);
    struct q q = q_get(in->h->b, Q_RUN_ADD);
    q_life(&q, in->origin.branch, in->origin.incarnation);
    q_blob(&q, ":chain", in->chain, OP_HASH);
    q_int(&q, ":at_ms", host_now(in->h));
    return q_run(&q, reterr);
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
    return have ? OK : add_run(in, reterr);
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

static enum err take_ops(struct ingest *in, struct errinfo *reterr)
{
    uint8_t before[OP_HASH];
    const struct batch *b = in->batch;
    TRY(op_chain_before(in->h, &in->origin, b->first, before, reterr));
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
