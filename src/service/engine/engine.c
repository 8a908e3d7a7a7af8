#include "service/engine.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "engine/engine_in.h"
#include "store/migrate.h"
#include "store/txn.h"

#include <stdlib.h>
#include <string.h>

enum { STALE_MAX = 3 }; /* greetings in a row that change nothing: then it is a fault like any other */

static const char *const HOSTS[] = { [HOST_UNKNOWN] = "unknown", [HOST_OK] = "ok", [HOST_DOWN] = "down" };

const char *engine_host_name(enum engine_host h)
{
    return HOSTS[h];
}

int64_t engine_mono(const struct engine *e)
{
    return e->svc->clock.mono_ms(e->svc->clock.self);
}

int64_t engine_wall(const struct engine *e)
{
    return e->svc->clock.wall_ms(e->svc->clock.self);
}

static int64_t param(const struct engine *e, const char *name)
{
    return rulebook_param_int(e->svc->book, name);
}

void engine_trouble(struct engine *e, const char *msg, const char *why)
{
    if (*msg && strcmp(msg, e->st.trouble) != 0)
        log_msg(LOG_ERR, "%s: %s", msg, why);
    snprintf(e->st.trouble, sizeof e->st.trouble, "%s", msg);
    snprintf(e->st.why, sizeof e->st.why, "%s", why);
}

/* The store answers for itself from now on (db_alive); here only the round stops. */
void engine_store_failed(struct engine *e, const char *what, const struct errinfo *why)
{
    log_errinfo(LOG_ERR, what, why);
    engine_trouble(e, *why->msg ? why->msg : "S484", why->detail);
    e->want_push = e->want_pull = false;
    e->not_before = engine_mono(e) + param(e, "RETRY_MAX_S") * 1000;
}

void engine_ask(struct engine *e, const struct link_ask *ask)
{
    MUST(!e->asking && e->ready);
    e->asking = true;
    e->asked = ask->kind;
    e->asked_at = engine_mono(e);
    e->o.ask(e->o.self, ask);
}

/* ---- waiting ---- */

/* Full jitter below a bound that doubles from one second to a minute and then grows by a minute to the most: a branch
 * that was away for a moment is back in a moment, and a city that comes back does not come in step. */
static int64_t back_off(struct engine *e)
{
    enum { SECOND = 1000, MINUTE = 60 * SECOND, DOUBLINGS = 6 };
    int64_t most = param(e, "RETRY_MAX_S") * SECOND;
    int64_t bound = e->fails < DOUBLINGS ? (int64_t)SECOND << e->fails : (int64_t)MINUTE * (e->fails - DOUBLINGS + 1);
    bound = bound > most ? most : bound;
    e->fails++;
    return 1 + e->o.random(e->o.self, (uint32_t)bound);
}

static void wait_for(struct engine *e, int64_t ms)
{
    e->not_before = engine_mono(e) + ms;
}

/* ---- what is asked next ---- */

static void new_round(struct engine *e)
{
    e->greeted = false;
    e->want_push = e->want_pull = true;
}

static bool wants_feed(const struct engine *e)
{
    return e->want_pull && !e->behind;
}

/* The next question of the round, by rank: greet, push, pull; a full copy gives way to them. What was lost is asked for
 * when the rows it made are in the copy. */
static void next(struct engine *e)
{
    if (!e->ready || e->asking || engine_mono(e) < e->not_before)
        return;
    if (!e->greeted && (e->want_push || e->want_pull || e->want_load || e->loading || e->recovering)) {
        engine_ask_hello(e);
        return;
    }
    if (e->want_push && engine_may_push(e)) {
        e->want_push = engine_ask_ops(e);
        if (e->want_push)
            return;
    }
    e->want_push = false;
    if (e->asking)
        return;
    if (wants_feed(e)) {
        engine_ask_feed(e);
    } else if (e->want_load || e->loading) {
        engine_ask_load(e);
    } else if (e->recovering && !engine_ask_back(e) && !e->recovering) {
        e->want_push = true; /* the store is open again, and what the host never got goes first */
        next(e);
    }
}

static void beat(struct engine *e)
{
    engine_beat(e);
    if (!e->ready || e->asking)
        return;
    if (e->host == HOST_OK && engine_mono(e) < e->not_before) { /* it sent us away, but is it there? */
        engine_ask(e, &(struct link_ask){ .kind = ASK_HEALTH });
        return;
    }
    e->not_before = 0;
    new_round(e);
}

int64_t engine_due(const struct engine *e)
{
    int64_t now = engine_mono(e), at = e->beat_at;
    bool work = e->want_push || e->want_pull || e->want_load || e->loading || e->recovering;
    if (e->ready && !e->asking && work && e->not_before < at)
        at = e->not_before;
    return at > now ? at - now : 0;
}

void engine_tick(struct engine *e)
{
    if (engine_mono(e) >= e->beat_at)
        beat(e);
    next(e);
}

void engine_wake(struct engine *e)
{
    e->want_push = true;
    next(e);
}

void engine_round_now(struct engine *e)
{
    e->not_before = 0;
    e->push_barred = false;
    new_round(e);
    next(e);
}

void engine_load(struct engine *e)
{
    e->want_load = !e->loading;
    next(e);
}

/* ---- answers ---- */

/* What is out there is unknown again. */
static void lost(struct engine *e)
{
    struct errinfo err;
    e->greeted = false;
    if (outbox_unsend(e->db, &err) != OK)
        engine_store_failed(e, "taking back what was sent", &err);
}

static void measure(struct engine *e, const struct link_answer *a)
{
    if (a->body.n < 4096 || !a->took_ms)
        return;
    uint64_t rate = (uint64_t)a->body.n * 1000 / a->took_ms;
    rate = rate > UINT32_MAX ? UINT32_MAX : rate;
    e->rate = e->rate ? (uint32_t)((e->rate * UINT64_C(3) + rate) / 4) : (uint32_t)rate;
}

static enum err greeted(struct engine *e, struct span body, struct errinfo *reterr)
{
    enum err r = engine_welcome(e, body, reterr);
    e->greeted = r == OK;
    if (r == OK)
        e->want_push = e->want_pull = true;
    return r;
}

static enum err nothing(struct engine *e, struct span body, struct errinfo *reterr)
{
    (void)e, (void)body, (void)reterr;
    return OK;
}

static enum err (*const TAKE[])(struct engine *, struct span body, struct errinfo *) = {
    [ASK_HEALTH] = nothing,           [ASK_HELLO] = greeted,      [ASK_OPS] = engine_results, [ASK_FEED] = engine_page,
    [ASK_SNAPSHOT] = engine_manifest, [ASK_CHUNK] = engine_chunk, [ASK_LIFE] = engine_life,
};
_Static_assert(ARRAY_LEN(TAKE) == ASK_KINDS, "an answer has no reader");

static void take(struct engine *e, const struct link_answer *a)
{
    struct errinfo err = { .code = OK };
    e->stale = 0;
    measure(e, a);
    enum err r = TAKE[e->asked](e, a->body, &err);
    if (r == OK)
        return;
    log_errinfo(LOG_WARN, link_ask_name(e->asked), &err);
    if (r == E_IO || r == E_FULL) {
        engine_store_failed(e, link_ask_name(e->asked), &err);
        return;
    }
    if (r != E_DENIED && r != E_CONFLICT) /* those have said themselves what is wrong */
        engine_trouble(e, *err.msg ? err.msg : "S485", err.detail);
    lost(e);
    if (e->not_before <= engine_mono(e))
        wait_for(e, back_off(e));
}

static void on_transport(struct engine *e, const struct link_answer *a)
{
    (void)a;
    lost(e);
    wait_for(e, back_off(e));
}

static void on_busy(struct engine *e, const struct link_answer *a)
{
    uint32_t spread = a->retry_ms / 4 + 1;
    engine_heard(e);
    wait_for(e, (int64_t)a->retry_ms + e->o.random(e->o.self, spread));
}

/* Trying again quickly changes nothing: a person has to look. */
static void on_stop(struct engine *e, const struct link_answer *a)
{
    lost(e);
    engine_trouble(e, a->class == LINK_CLOCK ? "S481" : "S480", e->st.why);
    wait_for(e, param(e, "RETRY_MAX_S") * 1000);
}

static void on_stale(struct engine *e, const struct link_answer *a)
{
    (void)a;
    engine_heard(e);
    lost(e);
    e->want_push = e->want_pull = true;
    if (++e->stale > STALE_MAX)
        wait_for(e, back_off(e));
}

static void on_gone(struct engine *e, const struct link_answer *a)
{
    engine_heard(e);
    if (e->asked == ASK_CHUNK) {
        engine_load_drop(e);
    } else if (e->asked == ASK_FEED) { /* the feed no longer reaches back so far */
        e->behind = true;
        e->want_load = !e->loading;
    } else {
        on_stale(e, a);
    }
}

/* The host cannot read what we say: sending it again is no use until somebody has looked. */
static void on_refused(struct engine *e, const struct link_answer *a)
{
    (void)a;
    engine_heard(e);
    lost(e);
    engine_trouble(e, "S483", e->st.why);
    e->push_barred = e->push_barred || e->asked == ASK_OPS;
    wait_for(e, param(e, "RETRY_MAX_S") * 1000);
}

static void on_ok(struct engine *e, const struct link_answer *a)
{
    engine_heard(e);
    take(e, a);
}

static void (*const HANDLE[])(struct engine *, const struct link_answer *) = {
    [LINK_OK] = on_ok,      [LINK_TRANSPORT] = on_transport, [LINK_BUSY] = on_busy, [LINK_AUTH] = on_stop,
    [LINK_CLOCK] = on_stop, [LINK_STALE] = on_stale,         [LINK_GONE] = on_gone, [LINK_REFUSED] = on_refused,
};
_Static_assert(ARRAY_LEN(HANDLE) == LINK_CLASSES, "a class has no handler");

void engine_answer(struct engine *e, const struct link_answer *a)
{
    MUST(e->asking);
    e->asking = false;
    e->st.class = a->class;
    if (a->class != LINK_OK)
        snprintf(e->st.why, sizeof e->st.why, "%s %u %.*s", link_ask_name(e->asked), a->status, (int)a->detail.n,
                 a->detail.p);
    HANDLE[a->class](e, a);
    service_poke(e->svc);
    next(e);
}

/* ---- the child ---- */

void engine_use_host(struct engine *e, const struct key *host)
{
    struct errinfo err;
    e->o.host = host;
    if (engine_load_resume(e, &err) != OK)
        engine_store_failed(e, "going on with a full copy", &err);
}

/* The certificate must be of this office: another's would send our operations under its name. */
void engine_link_up(struct engine *e, const struct link_ready *r)
{
    if (!e->o.host || strcmp(r->branch, e->o.branch) != 0) {
        engine_trouble(e, "S436", "the certificate is not of this branch, or the host's key is missing");
        return;
    }
    struct errinfo err;
    if (engine_back_certified(e, r->serial, &err) != OK) {
        engine_store_failed(e, "registering again", &err);
        return;
    }
    e->ready = true;
    e->asking = false;
    e->hello_of = *r;
    e->not_before = 0;
    new_round(e);
    next(e);
}

void engine_link_down(struct engine *e, const char *why)
{
    e->ready = false;
    e->asking = false;
    e->st.class = LINK_TRANSPORT;
    snprintf(e->st.why, sizeof e->st.why, "%s", why);
    lost(e);
}

void engine_link_anew(struct engine *e)
{
    static const char *const of_it[] = { "S436", "S480", "S481" };
    for (size_t i = 0; i < ARRAY_LEN(of_it); i++)
        if (strcmp(e->st.trouble, of_it[i]) == 0) {
            engine_trouble(e, "", "");
            break;
        }
}

/* ---- life ---- */

/* Is the log still the one that the host has signed? What it has there is told at the next greeting, too. */
static enum err check_log(struct engine *e, struct errinfo *reterr)
{
    struct oplog_head head;
    uint8_t now[OPLOG_HASH];
    char blocked[24];
    bool have = false;
    TRY(oplog_head_newest(e->db, "host", &head, reterr));
    e->log_known = head.seq;
    if (head.seq)
        TRY(oplog_hash_at(e->db, head.seq, now, &have, reterr));
    if (!head.seq || (have && memcmp(now, head.hash, sizeof now) == 0))
        return OK;
    engine_trouble(e, "S475", "the operation log is not the one the host has signed");
    TRY(store_blocked(e->db, blocked, reterr));
    if (*blocked)
        return OK;
    TRY(txn_begin(e->db, reterr));
    return txn_end(e->db, store_block(e->db, "S475", reterr), reterr);
}

static enum err set_up(struct engine *e, struct errinfo *reterr)
{
    uint8_t fresh[INCARNATION];
    bool ok = false;
    int schema = 0;
    TRY(migrate_version(e->db, &schema, reterr));
    e->schema = (uint32_t)schema;
    engine_use_codec(e);
    TRY(random_bytes(fresh, sizeof fresh, reterr));
    TRY(incarnation_open(e->db, e->o.side_file, fresh, &ok, reterr));
    if (!ok)
        engine_trouble(e, "S430", "this store is a copy, an older state, or must be registered again");
    TRY(check_log(e, reterr));
    TRY(outbox_unsend(e->db, reterr));
    TRY(engine_back_resume(e, reterr));
    return engine_load_resume(e, reterr);
}

enum err engine_new(const struct engine_options *o, struct engine **ret, struct errinfo *reterr)
{
    struct engine *e = xcalloc(1, sizeof *e);
    e->o = *o;
    e->svc = o->svc;
    e->db = o->svc->db;
    e->batch_ops = BATCH_OPS_MAX;
    e->batch_bytes = BATCH_RAW_MAX;
    e->feed_bytes = FEED_PAGE_MAX;
    manifest_init(&e->m);
    e->beat_at = engine_mono(e) + param(e, "HEARTBEAT_S") * 1000;
    enum err r = set_up(e, reterr);
    if (r != OK) {
        engine_free(e);
        return r;
    }
    *ret = e;
    return OK;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    engine_load_forget(e);
    manifest_done(&e->m);
    free(e);
}

void engine_status(const struct engine *e, struct engine_status *ret)
{
    int64_t now = engine_mono(e), ran = now - e->load_since;
    *ret = e->st;
    ret->host = e->host;
    ret->busy = e->asking;
    ret->next_ms = engine_due(e);
    ret->stable_ms = e->host == HOST_OK ? now - e->up_since : 0;
    ret->cert_until_ms = e->hello_of.cert_until_ms;
    ret->loading = e->loading || e->want_load;
    ret->level = e->host == HOST_OK && e->level && !ret->loading;
    ret->load_done = e->load_have;
    ret->load_total = e->load_bytes;
    ret->load_per_s = ran > 0 ? (e->load_have - e->load_base) * 1000 / ran : 0;
}
