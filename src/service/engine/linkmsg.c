#include "service/linkmsg.h"
#include "base/cur.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

static const char *const ASKS[] = {
    [ASK_HEALTH] = "health",     [ASK_HELLO] = "hello", [ASK_OPS] = "ops",   [ASK_FEED] = "feed",
    [ASK_SNAPSHOT] = "snapshot", [ASK_CHUNK] = "chunk", [ASK_LIFE] = "life",
};
_Static_assert(ARRAY_LEN(ASKS) == ASK_KINDS, "a question has no name");

static const struct {
    const char *name, *label;
} CLASSES[] = {
    [LINK_OK] = { "ok", "" },
    [LINK_TRANSPORT] = { "transport", "回線がつながらないか、途中で切れました" },
    [LINK_BUSY] = { "busy", "本庁が混み合っています" },
    [LINK_AUTH] = { "auth", "本庁と互いに確かめられません" },
    [LINK_CLOCK] = { "clock", "証明書の期間と時計が合いません" },
    [LINK_STALE] = { "stale", "本庁の状態が変わっていました" },
    [LINK_GONE] = { "gone", "求めたものが本庁にもうありません" },
    [LINK_REFUSED] = { "refused", "本庁が要求を受け付けません" },
};
_Static_assert(ARRAY_LEN(CLASSES) == LINK_CLASSES, "a class has no name");

const char *link_ask_name(enum link_ask_kind k)
{
    return ASKS[k];
}

const char *link_class_name(enum link_class c)
{
    return CLASSES[c].name;
}

const char *link_class_label(enum link_class c)
{
    return CLASSES[c].label;
}

/* The reader of a message of a sibling: anything but its exact end is an error. */
static enum err finish(const struct cur *c, const char *what, struct errinfo *reterr)
{
    return cur_end(c) ? OK : err_set(reterr, E_CORRUPT, NULL, what, "not the message it should be");
}

void link_config_put(const struct link_config *m, struct buf *ret)
{
    put_bytes(ret, m->url);
    put_bytes(ret, m->keys_dir);
    put_bytes(ret, m->policy);
    put_bytes(ret, m->city);
    put_bytes(ret, m->host_name);
    put_u8(ret, m->trial);
    put_u32(ret, m->connect_ms);
    put_u32(ret, m->stall_ms);
}

enum err link_config_take(struct span in, struct link_config *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    struct link_config m;
    m.url = cur_bytes(&c, TEXT_MAX);
    m.keys_dir = cur_bytes(&c, TEXT_MAX);
    m.policy = cur_bytes(&c, TEXT_MAX);
    m.city = cur_bytes(&c, CERT_CITY_MAX);
    m.host_name = cur_bytes(&c, CERT_NAME_MAX);
    uint8_t trial = cur_u8(&c);
    m.trial = trial != 0;
    m.connect_ms = cur_u32(&c);
    m.stall_ms = cur_u32(&c);
    c.bad = c.bad || trial > 1;
    TRY(finish(&c, "link config", reterr));
    *ret = m;
    return OK;
}

void link_ask_put(const struct link_ask *m, struct buf *ret)
{
    put_u8(ret, (uint8_t)m->kind);
    put_bytes(ret, m->body);
    put_u64(ret, m->after);
    put_u64(ret, m->max);
    buf_add(ret, m->snapshot, sizeof m->snapshot);
    put_u32(ret, m->chunk);
    buf_add(ret, m->host_id, sizeof m->host_id);
    put_bytes(ret, m->branch);
    buf_add(ret, m->incarnation, sizeof m->incarnation);
    put_u64(ret, m->first);
    buf_add(ret, m->chain_before, sizeof m->chain_before);
    put_u32(ret, m->n_op);
    for (uint32_t i = 0; i < m->n_op; i++)
        put_bytes(ret, m->op[i]);
}

enum err link_ask_take(struct span in, struct link_ask *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    struct link_ask m = { .op = NULL };
    uint8_t kind = cur_u8(&c);
    m.kind = (enum link_ask_kind)kind;
    m.body = cur_bytes(&c, HELLO_MAX);
    m.after = cur_u64(&c);
    m.max = cur_u64(&c);
    cur_fixed(&c, m.snapshot, sizeof m.snapshot);
    m.chunk = cur_u32(&c);
    cur_fixed(&c, m.host_id, sizeof m.host_id);
    m.branch = cur_bytes(&c, OP_BRANCH_MAX);
    cur_fixed(&c, m.incarnation, sizeof m.incarnation);
    m.first = cur_u64(&c);
    cur_fixed(&c, m.chain_before, sizeof m.chain_before);
    uint32_t n = cur_u32(&c);
    c.bad = c.bad || kind >= ASK_KINDS || n > BATCH_OPS_MAX;
    if (!c.bad && n) {
        m.op = xcalloc(n, sizeof *m.op);
        m.n_op = n;
        for (uint32_t i = 0; i < n; i++)
            m.op[i] = cur_bytes(&c, OP_MAX);
    }
    enum err e = finish(&c, "link ask", reterr);
    if (e == OK)
        *ret = m;
    else
        link_ask_done(&m);
    return e;
}

void link_ask_done(struct link_ask *m)
{
    free(m->op);
    m->op = NULL;
    m->n_op = 0;
}

void link_answer_put(const struct link_answer *m, struct buf *ret)
{
    put_u8(ret, (uint8_t)m->class);
    put_u16(ret, m->status);
    put_u32(ret, m->retry_ms);
    put_u32(ret, m->took_ms);
    put_bytes(ret, m->detail);
    put_bytes(ret, m->body);
}

enum err link_answer_take(struct span in, struct link_answer *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    struct link_answer m;
    uint8_t class = cur_u8(&c);
    m.class = (enum link_class) class;
    m.status = cur_u16(&c);
    m.retry_ms = cur_u32(&c);
    m.took_ms = cur_u32(&c);
    m.detail = cur_bytes(&c, TEXT_MAX);
    m.body = cur_bytes(&c, LINK_FROM_CHILD_MAX);
    c.bad = c.bad || class >= LINK_CLASSES;
    TRY(finish(&c, "link answer", reterr));
    *ret = m;
    return OK;
}

void link_ready_put(const struct link_ready *m, struct buf *ret)
{
    put_u64(ret, (uint64_t)m->cert_until_ms);
    put_bytes(ret, span_of(m->branch));
    put_bytes(ret, span_of(m->serial));
}

enum err link_ready_take(struct span in, struct link_ready *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    struct link_ready m = { .cert_until_ms = (int64_t)cur_u64(&c) };
    struct span branch = cur_bytes(&c, CERT_NAME_MAX), serial = cur_bytes(&c, CERT_SERIAL_HEX - 1);
    TRY(finish(&c, "link ready", reterr));
    memcpy(m.branch, branch.p, branch.n);
    memcpy(m.serial, serial.p, serial.n);
    *ret = m;
    return OK;
}

void link_signed_put(const struct link_signed *m, struct buf *ret)
{
    put_u8(ret, (uint8_t)m->err);
    put_bytes(ret, m->cert);
    put_bytes(ret, m->sig);
}

enum err link_signed_take(struct span in, struct link_signed *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    uint8_t err = cur_u8(&c);
    struct link_signed m = { .err = (enum err)err };
    m.cert = cur_bytes(&c, CERT_PEM_MAX);
    m.sig = cur_bytes(&c, SIG_MAX);
    c.bad = c.bad || err >= E_ERRS || (err == OK) != (m.cert.n > 0 && m.sig.n > 0);
    TRY(finish(&c, "link signed", reterr));
    *ret = m;
    return OK;
}

void link_failed_put(const struct errinfo *m, struct buf *ret)
{
    put_u8(ret, (uint8_t)m->code);
    put_bytes(ret, span_of(m->msg));
    put_bytes(ret, span_of(m->item));
    put_bytes(ret, span_of(m->detail));
}

enum err link_failed_take(struct span in, struct errinfo *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(in);
    uint8_t code = cur_u8(&c);
    struct span msg = cur_bytes(&c, sizeof ret->msg - 1);
    struct span item = cur_bytes(&c, sizeof ret->item - 1);
    struct span detail = cur_bytes(&c, sizeof ret->detail - 1);
    c.bad = c.bad || code == OK || code >= E_ERRS;
    TRY(finish(&c, "link failed", reterr));
    *ret = (struct errinfo){ .code = (enum err)code };
    memcpy(ret->msg, msg.p, msg.n);
    memcpy(ret->item, item.p, item.n);
    memcpy(ret->detail, detail.p, detail.n);
    return OK;
}
