/* Greeting: what both sides know of each other, and what follows when it does not fit. */
#include "base/log.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "engine/engine_in.h"
#include "store/txn.h"

#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

static uint64_t disk_free(const struct engine *e)
{
    struct statvfs v;
    return statvfs(e->o.store_path, &v) == 0 ? (uint64_t)v.f_bavail * v.f_frsize : 0;
}

/* What the log has at `seq` now: zeroes when it has nothing, which is no hash. */
static enum err log_at(struct engine *e, int64_t seq, uint8_t ret[OPLOG_HASH], struct errinfo *reterr)
{
    bool have = false;
    memset(ret, 0, OPLOG_HASH);
    return seq ? oplog_hash_at(e->db, seq, ret, &have, reterr) : OK;
}

static enum err fill(struct engine *e, struct hello *h, struct errinfo *reterr)
{
    struct incarnation inc;
    struct outbox_head head;
    struct replica rep;
    TRY(incarnation_get(e->db, &inc, reterr));
    TRY(outbox_head(e->db, &head, reterr));
    TRY(replica_get(e->db, &rep, reterr));
    TRY(oplog_head(e->db, &e->log_sent, reterr));
    *h = (struct hello){ .proto = HELLO_PROTO, .trial = e->o.trial, .schema = e->schema, .has_epoch = rep.has_host };
    memccpy(h->branch, e->o.branch, '\0', sizeof h->branch - 1);
    memccpy(h->app, e->o.app, '\0', sizeof h->app - 1);
    memcpy(h->incarnation, inc.id, sizeof h->incarnation);
    memcpy(h->forms_digest, e->svc->catalogue, sizeof h->forms_digest);
    memcpy(h->epoch, rep.epoch, sizeof h->epoch);
    memcpy(h->chain, head.chain, sizeof h->chain);
    memcpy(h->log_head, e->log_sent.hash, sizeof h->log_head);
    h->cursor = (uint64_t)rep.cursor;
    h->last_seq = (uint64_t)(head.seq - inc.start);
    h->log_seq = (uint64_t)e->log_sent.seq;
    h->log_known_seq = (uint64_t)e->log_known;
    TRY(log_at(e, e->log_known, h->log_known_head, reterr));
    h->wall_ms = engine_wall(e);
    h->disk_free = disk_free(e);
    return OK;
}

void engine_ask_hello(struct engine *e)
{
    struct buf body = BUF_INIT;
    struct errinfo err;
    enum err r = fill(e, &e->hello, &err);
    if (r == OK)
        r = hello_encode(&e->hello, &body, &err);
    if (r == OK)
        engine_ask(e, &(struct link_ask){ .kind = ASK_HELLO, .body = buf_span(&body) });
    else
        engine_store_failed(e, "greeting", &err);
    buf_done(&body);
}

/* ---- the answer ---- */

/* What each status of the host means here. */
static const struct {
    const char *trouble; /* "" = none */
    bool block;          /* nothing may be entered until it is mended */
    bool pull;           /* the copy is still brought up to date */
} STATUSES[] = {
    [WELCOME_OK] = { "", false, true },
    [WELCOME_WAIT] = { "", false, false },
    [WELCOME_QUARANTINED] = { "S432", true, false },
    [WELCOME_REENROL] = { "S431", true, true },
    [WELCOME_UPGRADE] = { "S435", false, false },
};
_Static_assert(ARRAY_LEN(STATUSES) == WELCOME_STATUSES, "a status has no row");

static enum err check_host(struct engine *e, const struct welcome *w, const struct replica *rep, struct errinfo *reterr)
{
    if (w->trial != e->o.trial)
        return err_set(reterr, E_DENIED, "S436", "host", "trial and real instance do not mix");
    if (rep->has_host && memcmp(rep->host_id, w->host_id, REPLICA_ID) != 0)
        return err_set(reterr, E_DENIED, "S439", "host", "another host than before");
    return OK;
}

/* Is what the host has of us what we have? A longer or another history there means that this store is a copy or older.
 */
static enum err same_history(struct engine *e, const struct welcome *w, const struct incarnation *inc, bool *ret,
                             struct errinfo *reterr)
{
    struct outbox_head head;
    uint8_t chain[OUTBOX_HASH];
    TRY(outbox_head(e->db, &head, reterr));
    *ret = false;
    if (w->status != WELCOME_OK || w->received_upto > (uint64_t)(head.seq - inc->start))
        return OK;
    enum err r = w->received_upto ? outbox_chain(e->db, inc->start + (int64_t)w->received_upto, chain, reterr) : OK;
    if (r == OK)
        *ret = !w->received_upto || memcmp(chain, w->received_chain, sizeof chain) == 0;
    if (r == E_NOTFOUND) /* pruned: the host had it in a backup once */
        *ret = true;
    return r == E_NOTFOUND ? OK : r;
}

/* Restored from a backup, it has forgotten what it had acknowledged: those operations are sent again, and what it had
 * told us beyond its head is told once more. */
static enum err host_was_restored(struct engine *e, const struct welcome *w, const struct incarnation *inc,
                                  struct replica *rep, struct errinfo *reterr)
{
    int64_t again = 0;
    bool other_epoch = rep->has_host && memcmp(rep->epoch, w->epoch, REPLICA_ID) != 0;
    bool behind = (uint64_t)rep->cursor > w->feed_head;
    TRY(outbox_forgotten(e->db, inc->start + (int64_t)w->received_upto, &again, reterr));
    if (!other_epoch && !behind && again == 0)
        return OK;
    if (behind) {
        TRY(people_host_restored(e->db, (int64_t)w->feed_head, reterr));
        rep->cursor = (int64_t)w->feed_head;
    }
    char *detail = xprintf("epoch %s, operations to send again %" PRId64 ", cursor %" PRId64,
                           other_epoch ? "changed" : "the same", again, rep->cursor);
    log_msg(LOG_ERR, "the host was restored: %s", detail);
    enum err r = engine_log(e, "sync.restored", "config", "", detail, reterr);
    free(detail);
    return r;
}

/* The host's signature over the head of our log proves later that nothing was cut off before it. */
static enum err keep_receipt(struct engine *e, const struct welcome *w, struct errinfo *reterr)
{
    struct buf statement = BUF_INIT;
    if (!w->log_receipt.len || !e->log_sent.seq)
        return OK;
    hello_log_statement(&e->hello, w->now_ms, &statement);
    enum err r =
        key_verify(e->o.host, e->o.policy, LOG_RECEIPT_LABEL, buf_span(&statement), buf_span(&w->log_receipt), reterr);
    buf_done(&statement);
    if (r == OK)
        r = oplog_head_sent(e->db, &e->log_sent, "host", reterr);
    return r == E_EXISTS ? OK : r;
}

static enum err prune(struct engine *e, const struct welcome *w, const struct incarnation *inc, struct errinfo *reterr)
{
    int64_t n = 0, keep = rulebook_param_int(e->svc->book, "OUTBOX_KEEP_D") * DAY_MS;
    TRY(outbox_durable(e->db, inc->start + (int64_t)w->durable_upto, reterr));
    return outbox_prune(e->db, engine_wall(e) - keep, &n, reterr);
}

static void remember(struct engine *e, const struct welcome *w, struct replica *rep)
{
    rep->has_host = true;
    memcpy(rep->host_id, w->host_id, REPLICA_ID);
    memcpy(rep->epoch, w->epoch, REPLICA_ID);
    rep->heard_ms = engine_wall(e);
    rep->host_ms = w->now_ms;
    rep->skew_ms = w->skew_ms;
    e->st.skew_ms = w->skew_ms;
    e->received_upto = w->received_upto;
    e->batch_ops = w->batch_ops && w->batch_ops < BATCH_OPS_MAX ? w->batch_ops : BATCH_OPS_MAX;
    e->batch_bytes = w->batch_bytes && w->batch_bytes < BATCH_RAW_MAX ? w->batch_bytes : BATCH_RAW_MAX;
    e->feed_bytes = w->feed_bytes && w->feed_bytes < FEED_PAGE_MAX ? w->feed_bytes : FEED_PAGE_MAX;
    e->feed_head = w->feed_head;
    e->level = e->level && (uint64_t)rep->cursor >= w->feed_head;
    e->list_ms = w->restriction_ms;
    int64_t allowed = rulebook_param_int(e->svc->book, "CLOCK_WARN_S") * 1000;
    bool off = w->skew_ms > allowed || w->skew_ms < -allowed;
    e->svc->trust = off ? LOG_TRUST_SUSPICIOUS : LOG_TRUST_HOST;
}

static enum err block(struct engine *e, const char *msg, struct errinfo *reterr)
{
    char now[24];
    TRY(store_blocked(e->db, now, reterr));
    if (strcmp(now, msg) == 0 || strcmp(now, "S430") == 0)
        return OK;
    TRY(store_block(e->db, msg, reterr));
    if (strcmp(msg, "S431") == 0) /* until the terminal shows another certificate */
        TRY(reenrol_await(e->db, e->hello_of.serial, reterr));
    return engine_log(e, "sync.block", "config", "", msg, reterr);
}

static enum err unblock(struct engine *e, struct errinfo *reterr)
{
    char msg[24];
    TRY(store_blocked(e->db, msg, reterr));
    return strcmp(msg, "S432") == 0 ? store_block(e->db, "", reterr) : OK; /* the quarantine was lifted */
}

/* What only a branch whose history the host shares may believe. */
static enum err accept_history(struct engine *e, const struct welcome *w, const struct incarnation *inc,
                               struct replica *rep, struct errinfo *reterr)
{
    TRY(host_was_restored(e, w, inc, rep, reterr));
    TRY(prune(e, w, inc, reterr));
    return unblock(e, reterr);
}

static enum err accept(struct engine *e, const struct welcome *w, bool *ret_ours, struct errinfo *reterr)
{
    struct incarnation inc;
    struct replica rep;
    TRY(incarnation_get(e->db, &inc, reterr));
    TRY(replica_get(e->db, &rep, reterr));
    TRY(check_host(e, w, &rep, reterr));
    TRY(same_history(e, w, &inc, ret_ours, reterr));
    TRY(*ret_ours ? accept_history(e, w, &inc, &rep, reterr) : block(e, "S431", reterr));
    TRY(keep_receipt(e, w, reterr));
    e->log_known = (int64_t)w->log_known;
    remember(e, w, &rep);
    e->behind = rep.as_of_ms == 0 || (uint64_t)rep.cursor < w->feed_min;
    e->want_load = (e->want_load || e->behind) && !e->loading;
    return replica_set(e->db, &rep, reterr);
}

static enum err take(struct engine *e, const struct welcome *w, struct errinfo *reterr)
{
    bool ours = false;
    TRY(txn_begin(e->db, reterr));
    TRY(txn_end(e->db, accept(e, w, &ours, reterr), reterr));
    e->foreign = !ours;
    engine_trouble(e, ours ? "" : "S431", ours ? "" : "the host has another history of this branch");
    return OK;
}

/* The host said no: tells the person, waits as long as it wants. */
static enum err turned_away(struct engine *e, const struct welcome *w, struct errinfo *reterr)
{
    const char *msg = STATUSES[w->status].trouble;
    int64_t wait = w->retry_ms > 0 ? w->retry_ms : rulebook_param_int(e->svc->book, "RETRY_MAX_S") * 1000;
    e->not_before = engine_mono(e) + wait;
    if (STATUSES[w->status].block) {
        TRY(txn_begin(e->db, reterr));
        TRY(txn_end(e->db, block(e, msg, reterr), reterr));
    }
    return err_set(reterr, E_DENIED, msg, "host", "%s", welcome_status_name(w->status));
}

enum err engine_welcome(struct engine *e, struct span body, struct errinfo *reterr)
{
    struct welcome w;
    TRY(welcome_decode(body, &w, reterr));
    enum err r = STATUSES[w.status].pull ? take(e, &w, reterr) : turned_away(e, &w, reterr);
    if (r == E_DENIED && reterr)
        engine_trouble(e, reterr->msg, reterr->detail);
    welcome_done(&w);
    return r;
}
