/* Greeting: what the host knows of this life of the branch's store, and whose turn it is. */
#include "base/mem.h"
#include "internal.h"
#include "loghead.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_MS 1000

struct slot {
    char branch[OP_BRANCH_MAX + 1];
    int64_t until_ms;
};

struct life { /* row of run, or what a new one would be */
    bool known;
    bool borrowed; /* new, with the certificate another one began with */
    uint64_t received, durable;
    uint8_t chain[OP_HASH];
};

static enum err load_life(struct host *h, const struct hello *in, struct life *ret, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_RUN_GET);
    q_life(&q, in->branch, in->incarnation);
    enum err e = q_row(&q, &ret->known, reterr);
    if (e == OK && ret->known) {
        ret->received = (uint64_t)q_get_int(&q, "received_upto");
        ret->durable = (uint64_t)q_get_int(&q, "durable_upto");
        e = q_get_fixed(&q, "chain", ret->chain, OP_HASH, reterr);
    }
    q_done(&q);
    if (e == OK && !ret->known) {
        op_chain_start(in->branch, in->incarnation, ret->chain);
        e = life_is_borrowed(h, in->branch, in->incarnation, &ret->borrowed, reterr);
    }
    return e;
}

/* Chain at `seq`; *ret_have false when the host is behind it. */
static enum err chain_at(struct host *h, const struct hello *in, uint64_t seq, uint8_t ret[OP_HASH], bool *ret_have,
                         struct errinfo *reterr)
{
    if (seq == 0) {
        op_chain_start(in->branch, in->incarnation, ret);
        *ret_have = true;
        return OK;
    }
    struct q q = q_get(h->b, Q_OP_GET);
    q_op(&q, in->branch, in->incarnation, seq);
    enum err e = q_row(&q, ret_have, reterr);
    if (e == OK && *ret_have)
        e = q_get_fixed(&q, "chain", ret, OP_HASH, reterr);
    q_done(&q);
    return e;
}

static enum err first_held(struct host *h, const struct hello *in, uint64_t received, uint64_t *ret,
                           struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_FIRST_HELD);
    q_life(&q, in->branch, in->incarnation);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = have ? (uint64_t)q_get_int(&q, "seq") - 1 : received;
    q_done(&q);
    return e;
}

/* ---- whose turn (受付の順番): small outboxes at once, long ones a few at a time ---- */

static struct slot *slot_of(struct host *h, const char *branch, int64_t now)
{
    struct slot *free_one = NULL;
    for (size_t i = 0; i < h->n_slots; i++) {
        if (h->slots[i].until_ms > now && strcmp(h->slots[i].branch, branch) == 0)
            return &h->slots[i];
        if (h->slots[i].until_ms <= now && !free_one)
            free_one = &h->slots[i];
    }
    return free_one;
}

static bool may_drain(struct host *h, const char *branch, uint64_t backlog)
{
    int64_t now = h->clock.mono_ms(h->clock.self);
    if (!h->slots) {
        h->n_slots = (size_t)rulebook_param_int(h->book, "HOST_DRAIN_SLOTS");
        h->slots = xcalloc(h->n_slots ? h->n_slots : 1, sizeof *h->slots);
    }
    if (backlog <= (uint64_t)rulebook_param_int(h->book, "HOST_DRAIN_SMALL"))
        return true;
    struct slot *s = slot_of(h, branch, now);
    if (!s)
        return false;
    memcpy(s->branch, branch, strlen(branch) + 1);
    s->until_ms = now + rulebook_param_int(h->book, "HOST_DRAIN_LEASE_S") * 1000;
    return true;
}

/* ---- the answer ---- */

static void settle_status(struct welcome *w, enum welcome_status status, const char *msg)
{
    w->status = status;
    memcpy(w->msg, msg, strlen(msg) + 1);
}

static void set_limits(const struct host *h, struct welcome *w)
{
    w->batch_ops = BATCH_OPS_MAX;
    w->batch_bytes = BATCH_RAW_MAX;
    w->feed_bytes = (uint32_t)rulebook_param_int(h->book, "HOST_FEED_PAGE_KIB") * 1024;
}

static enum err compare_chains(struct host *h, const struct hello *in, const struct life *life, struct welcome *w,
                               struct errinfo *reterr)
{
    uint8_t chain[OP_HASH];
    bool have = false;
    if (in->last_seq > life->received) {
        w->chain_ok = true; /* the host is behind: the first batch shows */
        return OK;
    }
    TRY(chain_at(h, in, in->last_seq, chain, &have, reterr));
    w->chain_ok = have && memcmp(chain, in->chain, OP_HASH) == 0;
    return OK;
}

/* Last contact and log head; the receipt is the host's word for it, and only for a log that has kept what was signed.
 */
static enum err remember(struct host *h, const struct hello *in, const struct loghead *log, bool quarantined,
                         struct welcome *w, struct errinfo *reterr)
{
    bool good = w->status != WELCOME_REENROL && !loghead_is_broken(log) && log->verdict != LOGHEAD_UNPROVEN;
    TRY(h->b->ops->begin(h->b, reterr));
    struct q q = q_get(h->b, Q_BRANCH_SEEN);
    q_text(&q, ":name", in->branch);
    q_int(&q, ":at_ms", w->now_ms);
    q_int(&q, ":skew_ms", w->skew_ms);
    q_text(&q, ":app", in->app);
    enum err e = q_run(&q, reterr);
    if (e == OK && w->status != WELCOME_REENROL)
        e = loghead_keep(h, log, in, quarantined, reterr);
    TRY(host_end(h, e, reterr));
    w->log_known = good ? in->log_seq : log->seq;
    if (!good)
        return OK;
    struct buf statement = BUF_INIT;
    hello_log_statement(in, w->now_ms, &statement);
    e = key_sign(h->sign, &h->policy, LOG_RECEIPT_LABEL, buf_span(&statement), &w->log_receipt, reterr);
    buf_done(&statement);
    return e;
}

static enum err fill(struct host *h, const struct hello *in, const struct life *life, struct welcome *w,
                     struct errinfo *reterr)
{
    w->proto = HELLO_PROTO;
    memcpy(w->host_id, h->facts.host_id, HOST_ID);
    memcpy(w->epoch, h->facts.epoch, FEED_EPOCH);
    w->trial = h->facts.trial;
    w->now_ms = w->restriction_ms = host_now(h);
    w->skew_ms = in->wall_ms - w->now_ms;
    w->received_upto = life->received;
    memcpy(w->received_chain, life->chain, OP_HASH);
    w->durable_upto = life->durable;
    memcpy(w->forms_digest, h->forms_digest, sizeof w->forms_digest);
    set_limits(h, w);
    TRY(first_held(h, in, life->received, &w->applied_upto, reterr));
    TRY(feed_bounds(h, &w->feed_head, &w->feed_min, reterr));
    if (in->has_epoch && memcmp(in->epoch, h->facts.epoch, FEED_EPOCH) != 0) {
        /* It falls back to where its course and ours part, and reads on from there. */
        TRY(epoch_parted(h, in->epoch, &w->feed_head, reterr));
        w->restriction_ms = 0;
    }
    return compare_chains(h, in, life, w, reterr);
}

static void decide_status(struct host *h, const struct hello *in, const struct life *life, bool quarantined,
                          const struct loghead *log, struct welcome *w)
{
    settle_status(w, WELCOME_OK, "");
    if (in->proto != HELLO_PROTO)
        settle_status(w, WELCOME_UPGRADE, "S470");
    else if (quarantined)
        settle_status(w, WELCOME_QUARANTINED, "S450");
    else if (in->last_seq < life->received || !w->chain_ok)
        settle_status(w, WELCOME_REENROL, "S471"); /* an older store, or a copy of one */
    else if (life->borrowed)
        settle_status(w, WELCOME_REENROL, "S476");
    else if (loghead_is_broken(log))
        settle_status(w, WELCOME_QUARANTINED, "S475"); /* rows of the operation log are gone */
    else if (!may_drain(h, in->branch, in->last_seq - life->received)) {
        settle_status(w, WELCOME_WAIT, "");
        w->retry_ms = RETRY_MS * (int64_t)(1 + h->n_slots);
    }
}

enum err host_hello(struct host *h, const char *branch, const struct hello *in, struct welcome *ret,
                    struct errinfo *reterr)
{
    struct welcome w;
    struct life life = { .known = false };
    struct loghead log;
    bool quarantined = false;
    if (strcmp(in->branch, branch) != 0)
        return err_set(reterr, E_DENIED, "S451", branch, "greets as another branch");
    if (in->trial != h->facts.trial)
        return err_set(reterr, E_DENIED, "S448", branch, "trial and real do not mix");
    TRY(branch_state(h, branch, &quarantined, reterr));
    TRY(load_life(h, in, &life, reterr));
    TRY(loghead_judge(h, in, &log, reterr));
    welcome_init(&w);
    enum err e = fill(h, in, &life, &w, reterr);
    if (e == OK) {
        decide_status(h, in, &life, quarantined, &log, &w);
        e = remember(h, in, &log, quarantined, &w, reterr);
    }
    if (e != OK) {
        welcome_done(&w);
        return e;
    }
    *ret = w;
    return OK;
}
