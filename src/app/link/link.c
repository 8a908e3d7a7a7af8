#include "app/link.h"
#include "app/confine.h"
#include "app/privsep.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "link_http.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPEN_FILES = 64, HTTPS_PORT = 443, SMALL_ANSWER = 64 << 10 };

static const struct msg_type TO_CHILD[] = {
    [LINK_CONFIG] = { "config", LINK_TO_CHILD_MAX },
    [LINK_ASK] = { "ask", LINK_TO_CHILD_MAX },
    [LINK_SIGN] = { "sign", LINK_STATEMENT_MAX },
};
static const struct msg_types LINK_IN = { TO_CHILD, ARRAY_LEN(TO_CHILD) };

static const struct msg_type FROM_CHILD[] = {
    [LINK_READY] = { "ready", SMALL_ANSWER },
    [LINK_FAILED] = { "failed", SMALL_ANSWER },
    [LINK_ANSWER] = { "answer", LINK_FROM_CHILD_MAX },
    [LINK_SIGNED] = { "signed", SMALL_ANSWER },
};
const struct msg_types link_out = { FROM_CHILD, ARRAY_LEN(FROM_CHILD) };

struct link {
    struct loop *loop;
    struct chan *chan;
    struct link_http *http; /* NULL until configured */
    char *url, *keys_dir, *key_path, *cert_path, *ca_path;
    struct alg_policy policy;
    struct key *key;
    struct buf cert; /* PEM */
    int64_t cert_until_ms;
    uint32_t tag; /* of the question under way */
};

static void put_path(const struct link_ask *, struct buf *);
static enum err sign_batch(struct link *, const struct link_ask *, struct buf *ret, struct errinfo *);
static enum err plain_body(struct link *, const struct link_ask *, struct buf *ret, struct errinfo *);

/* How each question goes over the wire. */
static const struct wire {
    bool post;
    const char *path, *type;
    enum err (*body)(struct link *, const struct link_ask *, struct buf *ret, struct errinfo *);
    size_t max_answer;
} WIRE[] = {
    [ASK_HEALTH] = { false, "/v1/health", NULL, NULL, SMALL_ANSWER },
    [ASK_HELLO] = { true, "/v1/hello", "application/json", plain_body, HELLO_MAX },
    [ASK_OPS] = { true, "/v1/ops", "application/octet-stream", sign_batch, RESULTS_MAX },
    [ASK_FEED] = { false, "/v1/feed", NULL, NULL, FEED_PAGE_MAX },
    [ASK_SNAPSHOT] = { true, "/v1/snapshot", "application/json", plain_body, MANIFEST_MAX },
    [ASK_CHUNK] = { false, "/v1/snapshot", NULL, NULL, SNAPSHOT_CHUNK_MAX },
    [ASK_LIFE] = { false, "/v1/ops", NULL, NULL, FEED_PAGE_MAX },
};
_Static_assert(ARRAY_LEN(WIRE) == ASK_KINDS, "a question has no row");

static void put_path(const struct link_ask *a, struct buf *ret)
{
    buf_adds(ret, WIRE[a->kind].path);
    switch (a->kind) {
    case ASK_FEED:
        buf_printf(ret, "?after=%" PRIu64 "&max=%" PRIu64, a->after, a->max);
        break;
    case ASK_CHUNK:
        buf_addc(ret, '/');
        hex_add(ret, a->snapshot, sizeof a->snapshot);
        buf_printf(ret, "/%" PRIu32, a->chunk);
        break;
    case ASK_LIFE:
        buf_adds(ret, "?incarnation=");
        hex_add(ret, a->incarnation, sizeof a->incarnation);
        buf_printf(ret, "&after=%" PRIu64, a->after);
        break;
    case ASK_HEALTH:
    case ASK_HELLO:
    case ASK_OPS:
    case ASK_SNAPSHOT:
    case ASK_KINDS:
        break;
    }
}

static enum err plain_body(struct link *l, const struct link_ask *a, struct buf *ret, struct errinfo *reterr)
{
    (void)l, (void)reterr;
    buf_add(ret, a->body.p, a->body.n);
    return OK;
}

static enum err sign_batch(struct link *l, const struct link_ask *a, struct buf *ret, struct errinfo *reterr)
{
    struct batch b;
    char branch[OP_BRANCH_MAX + 1] = "";
    memcpy(branch, a->branch.p, a->branch.n);
    batch_init(&b, a->host_id, branch, a->incarnation, a->first, a->chain_before);
    enum err e = a->n_op ? OK : err_set(reterr, E_INVALID, NULL, "batch", "empty");
    for (uint32_t i = 0; e == OK && i < a->n_op; i++)
        e = batch_add(&b, a->op[i], 0, reterr);
    if (e == OK)
        e = batch_encode(&b, l->key, &l->policy, ret, reterr);
    batch_done(&b);
    return e;
}

/* ---- answers ---- */

static void answer(struct link *l, const struct link_answer *a)
{
    struct buf b = BUF_INIT;
    link_answer_put(a, &b);
    chan_send(l->chan, LINK_ANSWER, l->tag, buf_span(&b));
    buf_done(&b);
}

/* The alert that says so may be lost with the connection. */
static enum link_class class_of(const struct link *l, enum link_class class)
{
    struct clock clock = clock_system();
    return class == LINK_TRANSPORT && clock.wall_ms(clock.self) > l->cert_until_ms ? LINK_CLOCK : class;
}

static void on_answer(void *arg, const struct http_answer *h)
{
    const struct link_answer a = { .class = class_of(arg, h->class),
                                   .status = h->status,
                                   .retry_ms = h->retry_ms,
                                   .took_ms = h->took_ms,
                                   .detail = span_of(h->detail),
                                   .body = h->body };
    answer(arg, &a);
}

static enum err on_ask(struct link *l, const struct msg *m, struct errinfo *reterr)
{
    struct link_ask ask;
    struct buf path = BUF_INIT, body = BUF_INIT;
    struct errinfo why;
    if (!l->http || link_http_busy(l->http))
        return err_set(reterr, E_CORRUPT, NULL, "link", "asked out of turn");
    TRY(link_ask_take(m->body, &ask, reterr));
    l->tag = m->tag;
    const struct wire *w = &WIRE[ask.kind];
    if (w->body && w->body(l, &ask, &body, &why) != OK) {
        const struct link_answer a = { .class = LINK_REFUSED, .detail = span_of(why.detail) };
        log_errinfo(LOG_ERR, link_ask_name(ask.kind), &why);
        answer(l, &a);
    } else {
        put_path(&ask, &path);
        const struct http_request r = { w->post, buf_str(&path), w->type, buf_span(&body), w->max_answer };
        link_http_ask(l->http, &r, on_answer, l);
    }
    link_ask_done(&ask);
    buf_done(&path);
    buf_done(&body);
    return OK;
}

/* Only statements of copies of the store, whatever the parent asks: the label is ours. */
static enum err on_sign(struct link *l, const struct msg *m, struct errinfo *reterr)
{
    struct buf sig = BUF_INIT, b = BUF_INIT;
    struct errinfo why;
    if (!l->http)
        return err_set(reterr, E_CORRUPT, NULL, "link", "asked to sign before it was configured");
    struct link_signed s = { .err = key_sign(l->key, &l->policy, BACKUP_LABEL, m->body, &sig, &why) };
    if (s.err == OK) {
        s.cert = buf_span(&l->cert);
        s.sig = buf_span(&sig);
    } else {
        log_errinfo(LOG_ERR, "signing a copy of the store", &why);
    }
    link_signed_put(&s, &b);
    chan_send(l->chan, LINK_SIGNED, m->tag, buf_span(&b));
    buf_done(&sig);
    buf_done(&b);
    return OK;
}

/* ---- start ---- */

/* The port in "https://host:port", for the wall. */
static uint16_t port_of(const char *url)
{
    const char *at = strrchr(url, ':');
    char *end = NULL;
    unsigned long port = at ? strtoul(at + 1, &end, 10) : 0;
    return at && end > at + 1 && port > 0 && port < 65536 ? (uint16_t)port : HTTPS_PORT;
}

static enum err wall(const struct link *l, struct errinfo *reterr)
{
    const struct confine_path paths[] = {
        { l->key_path, CONFINE_READ },
        { l->cert_path, CONFINE_READ },
        { l->ca_path, CONFINE_READ },
        { "/etc/hosts", CONFINE_READ },
        { "/etc/resolv.conf", CONFINE_READ },
        { "/run/systemd/resolve", CONFINE_READ }, /* what resolv.conf may point to */
        { "/etc/nsswitch.conf", CONFINE_READ },
        { "/etc/host.conf", CONFINE_READ },
        { "/etc/gai.conf", CONFINE_READ },
        { "/etc/services", CONFINE_READ },
        { "/etc/localtime", CONFINE_READ },
    };
    const struct confine_plan plan = { CONFINE_LINK, paths, ARRAY_LEN(paths), port_of(l->url) };
    struct confine_state st;
    TRY(confine_enter(&plan, &st, reterr));
    log_msg(LOG_INFO, "confined, Landlock ABI %d", st.landlock_abi);
    return OK;
}

static enum err load(struct link *l, const struct link_config *c, struct link_ready *ret, struct errinfo *reterr)
{
    struct cert_facts facts;
    char *policy = xstrndup(c->policy.p, c->policy.n);
    l->url = xstrndup(c->url.p, c->url.n);
    l->keys_dir = xstrndup(c->keys_dir.p, c->keys_dir.n);
    l->key_path = fs_join(l->keys_dir, "branch.key");
    l->cert_path = fs_join(l->keys_dir, "branch.crt");
    l->ca_path = fs_join(l->keys_dir, "ca.crt");
    enum err e = alg_policy_load(policy, &l->policy, reterr);
    if (e == OK)
        e = key_load(l->key_path, &l->key, reterr);
    if (e == OK)
        e = fs_read(l->cert_path, CERT_PEM_MAX, &l->cert, reterr);
    if (e == OK)
        e = cert_read(buf_span(&l->cert), &facts, reterr);
    if (e == OK && (facts.id.role != ROLE_BRANCH || facts.id.trial != c->trial))
        e = err_set(reterr, E_DENIED, "S436", l->cert_path, "not the certificate of such a branch");
    if (e == OK) {
        ret->cert_until_ms = l->cert_until_ms = facts.until_ms;
        memcpy(ret->branch, facts.id.name, sizeof ret->branch);
        memcpy(ret->serial, facts.serial, sizeof ret->serial);
    }
    free(policy);
    return e;
}

static enum err start(struct link *l, const struct link_config *c, struct link_ready *ret, struct errinfo *reterr)
{
    TRY(load(l, c, ret, reterr));
    struct link_http_config cfg = { .url = l->url, .connect_ms = c->connect_ms, .stall_ms = c->stall_ms };
    cfg.tls.files = (struct tls_files){ l->key_path, l->cert_path, l->ca_path };
    cfg.tls.host = (struct cert_id){ .trial = c->trial, .role = ROLE_HOST };
    memcpy(cfg.tls.host.city, c->city.p, c->city.n);
    memcpy(cfg.tls.host.name, c->host_name.p, c->host_name.n);
    unsetenv("SSLKEYLOGFILE"); /* libcurl would write the session's keys there */
    if (curl_global_init(CURL_GLOBAL_SSL) != CURLE_OK)
        return err_set(reterr, E_IO, NULL, "libcurl", "curl_global_init");
    TRY(link_http_new(l->loop, &cfg, &l->http, reterr));
    return wall(l, reterr);
}

static enum err on_config(struct link *l, const struct msg *m, struct errinfo *reterr)
{
    struct link_config c;
    struct link_ready ready = { .cert_until_ms = 0 };
    struct errinfo why;
    struct buf b = BUF_INIT;
    if (l->url)
        return err_set(reterr, E_CORRUPT, NULL, "link", "configured twice");
    TRY(link_config_take(m->body, &c, reterr));
    if (start(l, &c, &ready, &why) == OK) {
        link_ready_put(&ready, &b);
        chan_send(l->chan, LINK_READY, m->tag, buf_span(&b));
    } else {
        log_errinfo(LOG_ERR, "start", &why);
        link_failed_put(&why, &b);
        chan_send(l->chan, LINK_FAILED, m->tag, buf_span(&b));
        link_http_free(l->http);
        l->http = NULL;
        loop_stop(l->loop, 1);
    }
    buf_done(&b);
    return OK;
}

static enum err on_message(void *arg, const struct msg *m, struct errinfo *reterr)
{
    static enum err (*const takes[])(struct link *, const struct msg *, struct errinfo *) = {
        [LINK_CONFIG] = on_config, [LINK_ASK] = on_ask, [LINK_SIGN] = on_sign
    };
    return takes[m->type](arg, m, reterr);
}

static void on_closed(void *arg, const struct errinfo *why)
{
    struct link *l = arg;
    if (why->code != E_OFFLINE)
        log_errinfo(LOG_ERR, "parent", why);
    loop_stop(l->loop, why->code == E_OFFLINE ? 0 : 1);
}

int link_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    static const struct chan_ops ops = { on_message, on_closed };
    struct link l = { .loop = NULL };
    struct errinfo err;
    log_init("link", STDERR_FILENO, LOG_INFO);
    if (privsep_enter("link", &err) != OK || confine_basics(OPEN_FILES, &err) != OK) {
        log_errinfo(LOG_ERR, "start", &err);
        return 1;
    }
    l.loop = loop_new();
    l.chan = chan_new(l.loop, PRIVSEP_FD, &LINK_IN, &ops, &l);
    int code = loop_run(l.loop);
    link_http_free(l.http);
    key_free(l.key);
    buf_done(&l.cert);
    chan_free(l.chan);
    loop_free(l.loop);
    free(l.url);
    free(l.keys_dir);
    free(l.key_path);
    free(l.cert_path);
    free(l.ca_path);
    return code;
}
