/*
 * Back from a backup (復元のあと): a store that has gone back, or is a copy, enters nothing until the terminal was
 * registered again. Then it draws a new incarnation, asks the host for what it holds of the earlier ones, and settles
 * every operation: what the host decided is taken over, what was lost here is logged and its number is never given
 * again, and what the host never got is sent. Source: spec sync §2.2, §2.12 (R3).
 */
#include "base/log.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "engine/engine_in.h"
#include "store/series.h"
#include "store/txn.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- beginning ---- */

static enum err blocked_for_good(struct engine *e, bool *ret, struct errinfo *reterr)
{
    char msg[24];
    TRY(store_blocked(e->db, msg, reterr));
    *ret = strcmp(msg, "S430") == 0 || strcmp(msg, "S431") == 0;
    return OK;
}

static enum err write_begin(struct engine *e, const struct recovery *r, struct errinfo *reterr)
{
    TRY(recovery_set(e->db, r, reterr));
    TRY(reenrol_await(e->db, NULL, reterr));
    TRY(store_block(e->db, "S431", reterr));
    return r->renewed ? engine_log(e, "sync.reenrol", "config", "", "", reterr) : OK;
}

static enum err put_begin(struct engine *e, const struct recovery *r, struct errinfo *reterr)
{
    TRY(txn_begin(e->db, reterr));
    return txn_end(e->db, write_begin(e, r, reterr), reterr);
}

/* The intention stands before the new life: a crash in between draws another one, which is harmless. */
static enum err renew(struct engine *e, struct errinfo *reterr)
{
    struct recovery r = { .running = true };
    uint8_t fresh[INCARNATION];
    TRY(random_bytes(fresh, sizeof fresh, reterr));
    TRY(put_begin(e, &r, reterr));
    TRY(incarnation_renew(e->db, e->o.side_file, fresh, "再登録", reterr));
    r.renewed = true;
    TRY(put_begin(e, &r, reterr));
    e->recovering = true;
    e->foreign = false;
    log_msg(LOG_WARN, "registered again: what the host holds of this store is brought back");
    return OK;
}

enum err engine_back_resume(struct engine *e, struct errinfo *reterr)
{
    struct recovery r;
    TRY(recovery_get(e->db, &r, reterr));
    if (r.running && !r.renewed)
        return renew(e, reterr);
    e->recovering = r.running;
    return OK;
}

enum err engine_back_certified(struct engine *e, const char *serial, struct errinfo *reterr)
{
    struct buf then = BUF_INIT;
    bool blocked = false, found = false;
    if (e->recovering || !*serial)
        return OK;
    TRY(blocked_for_good(e, &blocked, reterr));
    if (!blocked)
        return OK;
    enum err x = reenrol_awaited(e->db, &then, &found, reterr);
    bool other = found && strcmp(buf_str(&then), serial) != 0;
    buf_done(&then);
    TRY(x);
    if (other)
        return renew(e, reterr);
    TRY(txn_begin(e->db, reterr));
    return txn_end(e->db, reenrol_await(e->db, serial, reterr), reterr);
}

/* ---- numbers ---- */

/* "EE1-N26-000012" of this terminal: series and year. */
static bool number_of(const struct engine *e, const char *no, char name[8], struct series *ret, int64_t *ret_n)
{
    const struct service_identity *id = &e->svc->id;
    size_t office = strlen(id->office), terminal = strlen(id->terminal);
    int yy = 0;
    if (strncmp(no, id->office, office) != 0 || strncmp(no + office, id->terminal, terminal) != 0)
        return false;
    if (sscanf(no + office + terminal, "-%7[A-Z]%2d-%" SCNd64, name, &yy, ret_n) != 3 || *ret_n < 1)
        return false;
    *ret = (struct series){ id->office, id->terminal, name, 2000 + yy };
    return true;
}

/* Given once already: never again. */
static enum err use_up(struct engine *e, const char *no, struct errinfo *reterr)
{
    struct series s;
    char name[8];
    int64_t n = 0, last = 0;
    if (!number_of(e, no, name, &s, &n))
        return OK;
    TRY(series_last(e->db, &s, &last, reterr));
    while (last < n)
        TRY(series_take(e->db, &s, &last, reterr));
    return OK;
}

/* ---- one operation as the host has it ---- */

struct held_op {
    struct span op;
    struct result r;
};

/* Its case may be here, from before the backup. Where it stands otherwise, a person compares with the paper. */
static enum err tell_case(struct engine *e, const struct held_op *h, struct errinfo *reterr)
{
    struct errinfo why;
    if (h->r.code != OPR_APPLIED)
        return OK;
    enum err x = engine_tell_lost(e, h->op, &h->r, &why);
    if (x == OK || x == E_INVALID)
        return OK;
    *reterr = why;
    return x;
}

/* Made after the backup: nobody here knows of it any more. */
static enum err found_lost(struct engine *e, const struct held_op *h, struct errinfo *reterr)
{
    struct op op;
    TRY(op_decode(h->op, &op, reterr));
    json_t *payload = json_loadb(op.payload, op.payload_len, 0, NULL);
    const char *subject = json_string_value(json_object_get(payload, "no"));
    char *no = xstrdup(subject ? subject : ""), *detail = xprintf("%s %s", op.kind, op_code_name(h->r.code));
    enum err x = use_up(e, no, reterr);
    if (x == OK)
        x = tell_case(e, h, reterr);
    if (x == OK)
        x = engine_log(e, "restore.found", "config", no, detail, reterr);
    free(detail);
    free(no);
    json_decref(payload);
    op_done(&op);
    return x;
}

static enum err same_bytes(void *arg, const struct outbox_row *row, struct errinfo *reterr)
{
    const struct span *op = arg;
    uint8_t hash[OP_HASH];
    op_hash(*op, hash);
    if (memcmp(hash, row->hash, sizeof hash) == 0)
        return OK;
    return err_set(reterr, E_CONFLICT, NULL, "operation", "the host has another one of this number");
}

/* Known here as well: what was decided is taken over. Another content under one number stays for a person. */
static enum err found_known(struct engine *e, struct held_op *h, struct errinfo *reterr)
{
    struct errinfo why;
    int64_t seq = e->past.inc.start + (int64_t)h->r.seq;
    enum err x = outbox_get(e->db, seq, same_bytes, &h->op, &why);
    if (x == OK)
        return engine_take_result(e, e->past.inc.start, &h->r, reterr);
    if (x == E_NOTFOUND) /* pruned long ago */
        return OK;
    if (x == E_CONFLICT)
        return engine_log(e, "restore.differs", "config", "", "", reterr);
    *reterr = why;
    return x;
}

static enum err take_op(struct engine *e, struct held_op *h, struct recovery *r, struct errinfo *reterr)
{
    if (e->past.inc.start + (int64_t)h->r.seq <= e->past.ended)
        return found_known(e, h, reterr);
    r->found++;
    return found_lost(e, h, reterr);
}

/* Entries 2n-1 and 2n are the operation and what was decided. */
static enum err take_pair(struct engine *e, const struct feed_entry pair[2], struct recovery *r, struct errinfo *reterr)
{
    struct held_op h = { .op = pair[0].body };
    if (pair[0].type != FEED_OP || pair[1].type != FEED_RESULT || pair[0].host_seq + 1 != pair[1].host_seq)
        return err_set(reterr, E_CORRUPT, NULL, "life", "not an operation and its result");
    TRY(result_decode(pair[1].body, &h.r, reterr));
    enum err x = 2 * h.r.seq == pair[1].host_seq
                     ? take_op(e, &h, r, reterr)
                     : err_set(reterr, E_CORRUPT, NULL, "life", "a result of another operation");
    result_done(&h.r);
    return x;
}

static enum err take_page(struct engine *e, const struct feed_page *p, struct errinfo *reterr)
{
    struct recovery r;
    TRY(recovery_get(e->db, &r, reterr));
    if (p->n % 2 || (p->after != 2 * r.after && p->after != p->head))
        return err_set(reterr, E_CORRUPT, NULL, "life", "not what was asked for");
    for (size_t i = 0; i < p->n; i += 2)
        TRY(take_pair(e, &p->e[i], &r, reterr));
    r.after = p->upto / 2;
    if (!p->more) {
        r.life = e->past.n;
        r.after = 0;
    }
    return recovery_set(e->db, &r, reterr);
}

enum err engine_life(struct engine *e, struct span body, struct errinfo *reterr)
{
    struct feed_page p;
    TRY(feed_page_decode(body, &p, reterr));
    enum err x = txn_begin(e->db, reterr);
    if (x == OK)
        x = txn_end(e->db, take_page(e, &p, reterr), reterr);
    feed_page_done(&p);
    return x;
}

/* ---- what the host never got ---- */

struct orphan {
    struct buf op, outage_no;
};

static enum err keep_orphan(void *arg, const struct outbox_row *row, struct errinfo *reterr)
{
    struct orphan *o = arg;
    (void)reterr;
    buf_add(&o->op, row->op.p, row->op.n);
    buf_adds(&o->outage_no, row->outage_no);
    return OK;
}

/* It names an operation of the life before by its number: a person decides about both. */
static bool names_another(const struct op *op)
{
    json_t *payload = json_loadb(op->payload, op->payload_len, 0, NULL);
    bool yes = json_object_get(payload, "supersedes") != NULL;
    json_decref(payload);
    return yes;
}

static enum err add_again(struct engine *e, const struct op *op, const char *outage_no, struct errinfo *reterr)
{
    int64_t seq = 0;
    struct outbox_base *base = xcalloc(op->n_base + 1, sizeof *base);
    char *payload = xstrndup(op->payload, op->payload_len);
    for (size_t i = 0; i < op->n_base; i++)
        base[i] = (struct outbox_base){ op->base[i].id, op->base[i].rev };
    const struct outbox_new again = { .kind = op->kind,
                                      .lane = op->lane,
                                      .payload = payload,
                                      .base = base,
                                      .n_base = op->n_base,
                                      .operator_id = op->operator_id,
                                      .approver_id = *op->approver ? op->approver : NULL };
    enum err x = outbox_add_again(e->db, &again, outage_no, &seq, reterr);
    wipe_str(payload);
    free(base);
    return x;
}

static enum err send_again(struct engine *e, int64_t seq, struct recovery *r, struct errinfo *reterr)
{
    struct op op;
    struct orphan was = { BUF_INIT, BUF_INIT };
    enum err x = outbox_get(e->db, seq, keep_orphan, &was, reterr);
    if (x == OK)
        x = op_decode(buf_span(&was.op), &op, reterr);
    if (x != OK)
        goto out;
    if (!names_another(&op)) {
        x = add_again(e, &op, buf_str(&was.outage_no), reterr);
        if (x == OK)
            x = outbox_resent(e->db, seq, reterr);
        r->resent++;
    }
    op_done(&op);
out:
    buf_done(&was.op);
    buf_done(&was.outage_no);
    return x;
}

/* Every life was asked for: what nobody answered for did not arrive. */
static enum err finish(struct engine *e, struct recovery *r, struct errinfo *reterr)
{
    struct incarnation inc;
    int64_t seq = 0;
    TRY(incarnation_get(e->db, &inc, reterr));
    TRY(store_block(e->db, "", reterr));
    TRY(outbox_orphan_next(e->db, 0, inc.start, &seq, reterr));
    while (seq) {
        TRY(send_again(e, seq, r, reterr));
        TRY(outbox_orphan_next(e->db, seq, inc.start, &seq, reterr));
    }
    char *detail = xprintf("found %" PRId64 " resent %" PRId64, r->found, r->resent);
    log_msg(LOG_WARN, "back from a backup: %s", detail);
    enum err x = engine_log(e, "sync.recovered", "config", "", detail, reterr);
    free(detail);
    r->running = false;
    return x == OK ? recovery_set(e->db, r, reterr) : x;
}

/* ---- asking ---- */

/* From where on something of this life is unknown here. */
static enum err first_unknown(struct engine *e, uint64_t *ret, struct errinfo *reterr)
{
    const struct past_life *p = &e->past;
    int64_t orphan = 0;
    TRY(outbox_orphan_next(e->db, p->inc.start, p->ended, &orphan, reterr));
    *ret = (uint64_t)((orphan ? orphan - 1 : p->ended) - p->inc.start);
    return OK;
}

static enum err next_question(struct engine *e, struct recovery *r, bool *ret_more, struct errinfo *reterr)
{
    TRY(recovery_get(e->db, r, reterr));
    TRY(incarnation_past(e->db, r->life, &e->past, ret_more, reterr));
    if (!*ret_more)
        return finish(e, r, reterr);
    if (r->after)
        return OK;
    TRY(first_unknown(e, &r->after, reterr));
    return recovery_set(e->db, r, reterr);
}

bool engine_ask_back(struct engine *e)
{
    struct recovery r;
    struct errinfo err;
    bool more = false;
    enum err x = txn_begin(e->db, &err);
    if (x == OK)
        x = txn_end(e->db, next_question(e, &r, &more, &err), &err);
    if (x != OK) {
        engine_store_failed(e, "bringing back", &err);
        return false;
    }
    e->recovering = more;
    if (more) {
        struct link_ask ask = { .kind = ASK_LIFE, .after = r.after };
        memcpy(ask.incarnation, e->past.inc.id, sizeof ask.incarnation);
        engine_ask(e, &ask);
    }
    return more;
}
