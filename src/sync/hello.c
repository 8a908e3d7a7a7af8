#include "sync/hello.h"
#include "base/cur.h"
#include "base/mem.h"
#include "jsonx.h"

#include <string.h>

#define MS_MIN  (-62135596800000) /* year 1 */
#define MS_MAX  253402300799999   /* year 9999 */
#define SIG_HEX (2 * SIG_MAX)

static const char *const statuses[] = {
    [WELCOME_OK] = "ok",           [WELCOME_WAIT] = "wait",       [WELCOME_QUARANTINED] = "quarantined",
    [WELCOME_REENROL] = "reenrol", [WELCOME_UPGRADE] = "upgrade",
};
_Static_assert(sizeof statuses / sizeof *statuses == WELCOME_STATUSES, "a status has no name");

const char *welcome_status_name(enum welcome_status s)
{
    return (unsigned)s < WELCOME_STATUSES ? statuses[s] : "unknown";
}

void welcome_init(struct welcome *w)
{
    memset(w, 0, sizeof *w);
}

void welcome_done(struct welcome *w)
{
    buf_done(&w->log_receipt);
    memset(w, 0, sizeof *w);
}

static void set_int(json_t *o, const char *key, uint64_t v)
{
    json_object_set_new(o, key, json_integer((json_int_t)(v > INT64_MAX ? INT64_MAX : v)));
}

static void set_ms(json_t *o, const char *key, int64_t v)
{
    json_object_set_new(o, key, json_integer(v));
}

static enum err finish(json_t *o, const char *item, struct buf *ret, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    jx_write(o, &text);
    enum err e = text.len <= HELLO_MAX ? OK : err_set(reterr, E_INVALID, NULL, item, "too long");
    if (e == OK)
        buf_add(ret, text.p, text.len);
    buf_done(&text);
    return e;
}

enum err hello_encode(const struct hello *h, struct buf *ret, struct errinfo *reterr)
{
    json_t *o = json_object();
    set_int(o, "proto", (uint64_t)h->proto);
    jx_set_text(o, "branch", span_of(h->branch));
    jx_set_hex(o, "incarnation", h->incarnation, OP_INCARNATION);
    json_object_set_new(o, "trial", json_boolean(h->trial));
    jx_set_text(o, "app", span_of(h->app));
    set_int(o, "schema", h->schema);
    jx_set_hex(o, "forms_digest", h->forms_digest, sizeof h->forms_digest);
    if (h->has_epoch)
        jx_set_hex(o, "epoch", h->epoch, FEED_EPOCH);
    set_int(o, "cursor", h->cursor);
    set_int(o, "last_seq", h->last_seq);
    jx_set_hex(o, "chain", h->chain, OP_HASH);
    set_int(o, "log_seq", h->log_seq);
    jx_set_hex(o, "log_head", h->log_head, sizeof h->log_head);
    set_int(o, "log_known_seq", h->log_known_seq);
    jx_set_hex(o, "log_known_head", h->log_known_head, sizeof h->log_known_head);
    set_ms(o, "wall_ms", h->wall_ms);
    set_int(o, "disk_free", h->disk_free);
    return finish(o, "hello", ret, reterr);
}

enum err hello_decode(struct span json, struct hello *ret, struct errinfo *reterr)
{
    struct jx j;
    struct hello h = { .proto = 0 };
    TRY(jx_load(json, HELLO_MAX, "hello", &j, reterr));
    h.proto = (int)jx_int(&j, "proto", 1, 1000);
    jx_str(&j, "branch", h.branch, OP_BRANCH_MAX);
    jx_hex(&j, "incarnation", h.incarnation, OP_INCARNATION);
    h.trial = jx_bool(&j, "trial");
    jx_str(&j, "app", h.app, OP_APP_MAX);
    h.schema = (uint32_t)jx_int(&j, "schema", 0, UINT32_MAX);
    jx_hex(&j, "forms_digest", h.forms_digest, sizeof h.forms_digest);
    h.has_epoch = json_object_get(j.o, "epoch") != NULL;
    if (h.has_epoch)
        jx_hex(&j, "epoch", h.epoch, FEED_EPOCH);
    h.cursor = (uint64_t)jx_int(&j, "cursor", 0, INT64_MAX);
    h.last_seq = (uint64_t)jx_int(&j, "last_seq", 0, INT64_MAX);
    jx_hex(&j, "chain", h.chain, OP_HASH);
    h.log_seq = (uint64_t)jx_int(&j, "log_seq", 0, INT64_MAX);
    jx_hex(&j, "log_head", h.log_head, sizeof h.log_head);
    h.log_known_seq = (uint64_t)jx_int(&j, "log_known_seq", 0, INT64_MAX);
    jx_hex(&j, "log_known_head", h.log_known_head, sizeof h.log_known_head);
    h.wall_ms = jx_int(&j, "wall_ms", MS_MIN, MS_MAX);
    h.disk_free = (uint64_t)jx_int(&j, "disk_free", 0, INT64_MAX);
    enum err e = jx_end(&j, false, E_CORRUPT, "hello", reterr);
    jx_done(&j);
    if (e == OK)
        *ret = h;
    return e;
}

enum err welcome_encode(const struct welcome *w, struct buf *ret, struct errinfo *reterr)
{
    json_t *o = json_object();
    jx_set_text(o, "status", span_of(welcome_status_name(w->status)));
    jx_set_text(o, "msg", span_of(w->msg));
    set_int(o, "proto", (uint64_t)w->proto);
    jx_set_hex(o, "host_id", w->host_id, HOST_ID);
    jx_set_hex(o, "epoch", w->epoch, FEED_EPOCH);
    json_object_set_new(o, "trial", json_boolean(w->trial));
    set_ms(o, "now_ms", w->now_ms);
    set_ms(o, "retry_ms", w->retry_ms);
    set_int(o, "received_upto", w->received_upto);
    jx_set_hex(o, "received_chain", w->received_chain, OP_HASH);
    json_object_set_new(o, "chain_ok", json_boolean(w->chain_ok));
    set_int(o, "applied_upto", w->applied_upto);
    set_int(o, "durable_upto", w->durable_upto);
    set_int(o, "feed_head", w->feed_head);
    set_int(o, "feed_min", w->feed_min);
    set_ms(o, "restriction_ms", w->restriction_ms);
    set_int(o, "batch_ops", w->batch_ops);
    set_int(o, "batch_bytes", w->batch_bytes);
    set_int(o, "feed_bytes", w->feed_bytes);
    jx_set_hex(o, "forms_digest", w->forms_digest, sizeof w->forms_digest);
    set_ms(o, "skew_ms", w->skew_ms);
    set_ms(o, "cert_until_ms", w->cert_until_ms);
    set_int(o, "log_known", w->log_known);
    jx_set_hex(o, "log_receipt", (const uint8_t *)buf_str(&w->log_receipt), w->log_receipt.len);
    return finish(o, "welcome", ret, reterr);
}

static enum welcome_status take_status(struct jx *j)
{
    char name[16];
    jx_str(j, "status", name, sizeof name - 1);
    for (int s = 0; s < WELCOME_STATUSES; s++)
        if (strcmp(name, statuses[s]) == 0)
            return (enum welcome_status)s;
    j->bad = j->bad ? j->bad : "status";
    return WELCOME_WAIT;
}

static void take_receipt(struct jx *j, struct buf *ret)
{
    uint8_t sig[SIG_MAX];
    struct buf hex = BUF_INIT;
    jx_buf(j, "log_receipt", &hex, SIG_HEX);
    if (unhex(buf_span(&hex), sig, hex.len / 2, NULL) == OK)
        buf_add(ret, sig, hex.len / 2);
    else
        j->bad = j->bad ? j->bad : "log_receipt";
    buf_done(&hex);
}

static void take_limits(struct jx *j, struct welcome *w)
{
    w->batch_ops = (uint32_t)jx_int(j, "batch_ops", 1, BATCH_OPS_MAX);
    w->batch_bytes = (uint32_t)jx_int(j, "batch_bytes", 1, BATCH_RAW_MAX);
    w->feed_bytes = (uint32_t)jx_int(j, "feed_bytes", 1, FEED_PAGE_MAX);
}

enum err welcome_decode(struct span json, struct welcome *ret, struct errinfo *reterr)
{
    struct jx j;
    struct welcome w;
    TRY(jx_load(json, HELLO_MAX, "welcome", &j, reterr));
    welcome_init(&w);
    w.status = take_status(&j);
    jx_str(&j, "msg", w.msg, sizeof w.msg - 1);
    w.proto = (int)jx_int(&j, "proto", 1, 1000);
    jx_hex(&j, "host_id", w.host_id, HOST_ID);
    jx_hex(&j, "epoch", w.epoch, FEED_EPOCH);
    w.trial = jx_bool(&j, "trial");
    w.now_ms = jx_int(&j, "now_ms", MS_MIN, MS_MAX);
    w.retry_ms = jx_int(&j, "retry_ms", 0, MS_MAX);
    w.received_upto = (uint64_t)jx_int(&j, "received_upto", 0, INT64_MAX);
    jx_hex(&j, "received_chain", w.received_chain, OP_HASH);
    w.chain_ok = jx_bool(&j, "chain_ok");
    w.applied_upto = (uint64_t)jx_int(&j, "applied_upto", 0, INT64_MAX);
    w.durable_upto = (uint64_t)jx_int(&j, "durable_upto", 0, INT64_MAX);
    w.feed_head = (uint64_t)jx_int(&j, "feed_head", 0, INT64_MAX);
    w.feed_min = (uint64_t)jx_int(&j, "feed_min", 0, INT64_MAX);
    w.restriction_ms = jx_int(&j, "restriction_ms", MS_MIN, MS_MAX);
    take_limits(&j, &w);
    jx_hex(&j, "forms_digest", w.forms_digest, sizeof w.forms_digest);
    w.skew_ms = jx_int(&j, "skew_ms", -2 * MS_MAX, 2 * MS_MAX);
    w.cert_until_ms = jx_int(&j, "cert_until_ms", MS_MIN, MS_MAX);
    w.log_known = (uint64_t)jx_int(&j, "log_known", 0, INT64_MAX);
    take_receipt(&j, &w.log_receipt);
    enum err e = jx_end(&j, false, E_CORRUPT, "welcome", reterr);
    jx_done(&j);
    if (e == OK)
        *ret = w;
    else
        welcome_done(&w);
    return e;
}

void hello_log_statement(const struct hello *h, int64_t host_ms, struct buf *ret)
{
    put_bytes(ret, span_of(h->branch));
    buf_add(ret, h->incarnation, OP_INCARNATION);
    put_u64(ret, h->log_seq);
    buf_add(ret, h->log_head, sizeof h->log_head);
    put_u64(ret, (uint64_t)host_ms);
}
