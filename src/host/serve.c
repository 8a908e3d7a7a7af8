#include "host/serve.h"
#include "base/log.h"
#include "base/mem.h"
#include "conn.h"
#include "host/branches.h"
#include "host/snapshot.h"
#include "internal.h"
#include "reply.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BODY_MAX      (512u << 10) /* of a request: the largest is a batch */
#define HEADERS_MAX   8192
#define ADMIN_BODY    8192
#define WORK_IDLE_MS  1000 /* between looks for work */
#define STOP_GRACE_MS 3000 /* for answers that are on their way */
#define RETRY_S       "2"

_Static_assert(BODY_MAX > BATCH_MAX && BODY_MAX > HELLO_MAX && BODY_MAX > ENROL_MAX, "a request does not fit");

struct host_server {
    struct host *h;
    struct ca *ca;
    SSL_CTX *tls;
    struct event_base *base;
    struct evhttp *https, *admin;
    struct conns *conns;
    struct event *work, *term, *intr, *grace;
    char *admin_path;
    int port;
    int answering; /* answers not yet handed to the kernel */
    bool stopping;
    struct errinfo fatal;
};

/* ---- answers ---- */

static void answered(struct evhttp_request *req, void *arg)
{
    struct host_server *s = arg;
    (void)req;
    s->answering--;
    if (s->stopping && s->answering == 0)
        event_base_loopbreak(s->base);
}

static void send_reply(struct host_server *s, struct evhttp_request *req, const char *type, struct host_reply *r)
{
    struct evbuffer *out = evbuffer_new();
    MUST(out);
    evbuffer_add(out, buf_str(&r->body), r->body.len);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    if (r->status == 503)
        evhttp_add_header(headers, "Retry-After", RETRY_S);
    if (s->stopping)
        evhttp_add_header(headers, "Connection", "close");
    s->answering++;
    evhttp_request_set_on_complete_cb(req, answered, s);
    evhttp_send_reply(req, r->status, NULL, out);
    evbuffer_free(out);
    buf_done(&r->body);
}

/* ---- calls ---- */

struct call {
    struct host_server *s;
    struct evhttp_request *req;
    struct span body;
    const char *rest; /* of the path, behind that of the route */
    bool known;       /* a branch of ours, by its certificate */
    struct cert_facts peer;
};

enum { JSON, BYTES };
static const char *const types[] = { [JSON] = "application/json", [BYTES] = "application/octet-stream" };

static enum err call_health(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    const struct host_facts *f = host_facts(c->s->h);
    uint64_t head = 0, low = 0;
    struct buf epoch = BUF_INIT;
    TRY(feed_bounds(c->s->h, &head, &low, reterr));
    hex_add(&epoch, f->epoch, FEED_EPOCH);
    buf_printf(ret, "{\"ok\":true,\"trial\":%s,\"now_ms\":%lld,\"epoch\":\"%s\",\"feed_head\":%llu}",
               f->trial ? "true" : "false", (long long)host_now(c->s->h), buf_str(&epoch), (unsigned long long)head);
    buf_done(&epoch);
    return OK;
}

static enum err call_hello(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    struct hello in;
    struct welcome out;
    TRY(hello_decode(c->body, &in, reterr));
    TRY(host_hello(c->s->h, c->peer.id.name, &in, &out, reterr));
    out.cert_until_ms = c->peer.until_ms;
    enum err e = welcome_encode(&out, ret, reterr);
    welcome_done(&out);
    return e;
}

static enum err call_ops(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    uint64_t upto = 0;
    return host_ingest(c->s->h, c->peer.id.name, c->body, ret, &upto, reterr);
}

/* A whole number of the query; `otherwise` when it is not there. */
static enum err query_number(struct call *c, const char *key, uint64_t otherwise, uint64_t *ret, struct errinfo *reterr)
{
    struct evkeyvalq q;
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(c->req));
    char *end = NULL;
    if (evhttp_parse_query_str(query ? query : "", &q) != 0)
        return err_set(reterr, E_INVALID, "S410", key, "query cannot be read");
    const char *text = evhttp_find_header(&q, key);
    errno = 0;
    unsigned long long v = text ? strtoull(text, &end, 10) : otherwise;
    bool ok = !text || (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && v <= INT64_MAX);
    evhttp_clear_headers(&q);
    if (!ok)
        return err_set(reterr, E_INVALID, "S410", key, "not a number");
    *ret = v;
    return OK;
}

static enum err call_feed(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    uint64_t after = 0, max = 0, limit = (uint64_t)rulebook_param_int(c->s->h->book, "HOST_FEED_PAGE_KIB") * 1024;
    TRY(query_number(c, "after", 0, &after, reterr));
    TRY(query_number(c, "max", limit, &max, reterr));
    return host_feed(c->s->h, c->peer.id.name, after, (uint32_t)(max < limit ? max : limit), ret, reterr);
}

/* incarnation=HEX&after=N */
static enum err call_life(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    struct evkeyvalq q;
    uint8_t incarnation[OP_INCARNATION];
    uint64_t after = 0, max = (uint64_t)rulebook_param_int(c->s->h->book, "HOST_FEED_PAGE_KIB") * 1024;
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(c->req));
    if (evhttp_parse_query_str(query ? query : "", &q) != 0)
        return err_set(reterr, E_INVALID, "S410", "incarnation", "query cannot be read");
    const char *hex = evhttp_find_header(&q, "incarnation");
    enum err e = unhex(span_of(hex ? hex : ""), incarnation, sizeof incarnation, NULL);
    evhttp_clear_headers(&q);
    if (e != OK)
        return err_set(reterr, E_INVALID, "S410", "incarnation", "not an incarnation");
    TRY(query_number(c, "after", 0, &after, reterr));
    return host_life(c->s->h, c->peer.id.name, incarnation, after, max, ret, reterr);
}

static enum err call_snapshot(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    bool ready = false;
    TRY(host_snapshot_manifest(c->s->h, &ready, ret, reterr));
    if (ready)
        return OK;
    event_active(c->s->work, EV_TIMEOUT, 0);
    return err_set(reterr, E_BUSY, NULL, "snapshot", "is being made");
}

static enum err read_all(int fd, size_t size, struct buf *ret, struct errinfo *reterr)
{
    buf_reserve(ret, size);
    while (size > 0) {
        char chunk[65536];
        ssize_t n = read(fd, chunk, size < sizeof chunk ? size : sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? err_sys(reterr, errno, "snapshot", "read")
                         : err_set(reterr, E_CORRUPT, NULL, "snapshot", "cut");
        buf_add(ret, chunk, (size_t)n);
        size -= (size_t)n;
    }
    return OK;
}

/* "/ID/N" */
static enum err call_chunk(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    uint8_t id[SNAPSHOT_ID];
    unsigned n = 0;
    int used = 0, fd = -1;
    size_t size = 0;
    const char *p = c->rest;
    if (strlen(p) < 2 * SNAPSHOT_ID + 2 || p[2 * SNAPSHOT_ID] != '/' ||
        unhex((struct span){ p, 2 * SNAPSHOT_ID }, id, SNAPSHOT_ID, NULL) != OK ||
        sscanf(p + 2 * SNAPSHOT_ID + 1, "%7u%n", &n, &used) != 1 || p[2 * SNAPSHOT_ID + 1 + used] != '\0')
        return err_set(reterr, E_NOTFOUND, "S473", "snapshot", "no such chunk");
    TRY(host_snapshot_chunk(c->s->h, id, n, &fd, &size, reterr));
    enum err e = read_all(fd, size, ret, reterr);
    close(fd);
    return e;
}

static enum err call_enrol(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    struct enrol_request in;
    struct enrol_answer out;
    if (!c->s->ca)
        return err_set(reterr, E_DENIED, "S402", "enrolment", "this process enrols nobody");
    TRY(enrol_request_decode(c->body, &in, reterr));
    enum err e = host_enrol(c->s->h, c->s->ca, &in, &out, reterr);
    enrol_request_done(&in);
    TRY(e);
    e = enrol_answer_encode(&out, ret, reterr);
    enrol_answer_done(&out);
    return e;
}

static const struct route {
    enum evhttp_cmd_type method;
    const char *path;
    bool prefix;    /* what follows is for the call */
    bool anonymous; /* needs no certificate */
    int gone;       /* status instead of 404 */
    int beyond;     /* status instead of 400 */
    int type;
    enum err (*run)(struct call *, struct buf *ret, struct errinfo *);
} routes[] = {
    { EVHTTP_REQ_GET, "/v1/health", false, false, 0, 0, JSON, call_health },
    { EVHTTP_REQ_POST, "/v1/hello", false, false, 0, 0, JSON, call_hello },
    { EVHTTP_REQ_POST, "/v1/ops", false, false, 0, 0, BYTES, call_ops },
    { EVHTTP_REQ_GET, "/v1/ops", false, false, 0, 0, BYTES, call_life },
    { EVHTTP_REQ_GET, "/v1/feed", false, false, 410, 409, BYTES, call_feed },
    { EVHTTP_REQ_POST, "/v1/snapshot", false, false, 0, 0, BYTES, call_snapshot },
    { EVHTTP_REQ_GET, "/v1/snapshot/", true, false, 0, 0, BYTES, call_chunk },
    { EVHTTP_REQ_POST, "/v1/enrol", false, true, 0, 0, JSON, call_enrol },
};

static const struct route *route_of(struct call *c)
{
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(c->req));
    for (size_t i = 0; path && i < ARRAY_LEN(routes); i++) {
        size_t n = strlen(routes[i].path);
        bool fits = routes[i].prefix ? strncmp(path, routes[i].path, n) == 0 : strcmp(path, routes[i].path) == 0;
        if (fits && routes[i].method == evhttp_request_get_command(c->req)) {
            c->rest = path + n;
            return &routes[i];
        }
    }
    return NULL;
}

/* The certificate is looked at for each request: a revocation ends connections that are open. */
static enum err identify(struct call *c, struct errinfo *reterr)
{
    struct evhttp_connection *conn = evhttp_request_get_connection(c->req);
    SSL *ssl = bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(conn));
    conns_progress(ssl, c->s->conns);
    enum err e = tls_peer(ssl, &c->peer, reterr);
    if (e == E_NOTFOUND)
        return OK;
    TRY(e);
    TRY(host_admit(c->s->h, &c->peer, reterr));
    c->known = true;
    return OK;
}

static struct span body_of(struct evhttp_request *req)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(req);
    size_t n = evbuffer_get_length(in);
    return (struct span){ n ? (const char *)evbuffer_pullup(in, -1) : "", n };
}

/* An error of the database or the disk is not the branch's; after one of reading or writing nothing more is said. */
static void note_failure(struct host_server *s, const struct errinfo *why)
{
    if (why->code != E_IO && why->code != E_FULL && why->code != E_NOMEM)
        return;
    log_errinfo(LOG_ERR, "answering", why);
    if (why->code == E_IO) {
        s->fatal = *why;
        host_serve_stop(s);
    }
}

static void on_request(struct evhttp_request *req, void *arg)
{
    struct errinfo why = { .code = OK };
    struct call c = { .s = arg, .req = req, .body = body_of(req) };
    struct host_reply r = { .status = 200 };
    const struct route *route = route_of(&c);
    enum err e = identify(&c, &why);
    if (e == OK && !route)
        e = err_set(&why, E_NOTFOUND, NULL, "path", "no such call");
    if (e == OK && !c.known && !route->anonymous)
        e = err_set(&why, E_DENIED, "S451", "peer", "no certificate");
    if (e == OK)
        e = route->run(&c, &r.body, &why);
    if (e != OK) {
        buf_done(&r.body);
        note_failure(c.s, &why);
        reply_error(c.s->h->book, &why, NULL, &r);
        if (e == E_NOTFOUND && route && route->gone)
            r.status = route->gone;
        if (e == E_INVALID && route && route->beyond && strcmp(why.msg, "S446") == 0)
            r.status = route->beyond;
    }
    send_reply(c.s, req, e == OK ? types[route->type] : types[JSON], &r);
}

static void on_admin(struct evhttp_request *req, void *arg)
{
    struct host_server *s = arg;
    struct host_reply r = { .status = 200 };
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
    host_admin(s->h, s->ca, path ? path : "", body_of(req), &r);
    send_reply(s, req, types[JSON], &r);
}

/* ---- the host's own work ---- */

static const struct {
    const char *what;
    enum err (*step)(struct host *, bool *ret_more, struct errinfo *);
} works[] = {
    { "making a snapshot", host_snapshot_step },
    { "backing up", host_backup_step },
    { "the day's work", host_day_batch },
};

static void do_work(evutil_socket_t fd, short what, void *arg)
{
    struct host_server *s = arg;
    bool again = false;
    (void)fd, (void)what;
    for (size_t i = 0; i < ARRAY_LEN(works) && !s->stopping; i++) {
        struct errinfo why;
        bool more = false;
        if (works[i].step(s->h, &more, &why) != OK) {
            log_errinfo(LOG_ERR, works[i].what, &why);
            note_failure(s, &why);
            more = false;
        }
        again |= more;
    }
    const struct timeval soon = { 0, 0 }, later = { WORK_IDLE_MS / 1000, WORK_IDLE_MS % 1000 * 1000 };
    if (!s->stopping)
        event_add(s->work, again ? &soon : &later);
}

/* ---- start and stop ---- */

static struct bufferevent *new_connection(struct event_base *base, void *arg)
{
    struct host_server *s = arg;
    SSL *ssl = SSL_new(s->tls);
    MUST(ssl);
    tls_host_require(ssl, !(s->ca && host_enrol_open(s->h)));
    struct bufferevent *bev =
        bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    MUST(bev);
    conns_add(s->conns, ssl, bev);
    return bev;
}

/* "address:port", the address in brackets when it has colons. */
static enum err split_address(const char *listen, char *host, size_t size, const char **ret_port,
                              struct errinfo *reterr)
{
    const char *colon = strrchr(listen, ':');
    bool brackets = *listen == '[' && colon && colon > listen && colon[-1] == ']';
    const char *from = listen + brackets, *to = colon ? colon - brackets : NULL;
    if (!colon || to <= from || (size_t)(to - from) >= size || !colon[1])
        return err_set(reterr, E_INVALID, NULL, listen, "expected address:port");
    memcpy(host, from, (size_t)(to - from));
    host[to - from] = '\0';
    *ret_port = colon + 1;
    return OK;
}

static enum err listen_https(struct host_server *s, const char *listen, struct errinfo *reterr)
{
    char host[256];
    const char *port = NULL;
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *a = NULL;
    TRY(split_address(listen, host, sizeof host, &port, reterr));
    if (getaddrinfo(host, port, &hints, &a) != 0)
        return err_set(reterr, E_INVALID, NULL, listen, "no such address");
    struct evconnlistener *l =
        evconnlistener_new_bind(s->base, NULL, NULL, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                                -1, a->ai_addr, (int)a->ai_addrlen);
    int saved = errno;
    freeaddrinfo(a);
    if (!l)
        return saved == EADDRINUSE ? err_set(reterr, E_BUSY, NULL, listen, "address is taken")
                                   : err_sys(reterr, saved, listen, "bind");
    struct sockaddr_storage bound;
    socklen_t n = sizeof bound;
    char text[16];
    if (getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&bound, &n) == 0 &&
        getnameinfo((struct sockaddr *)&bound, n, NULL, 0, text, sizeof text, NI_NUMERICSERV) == 0)
        s->port = (int)strtol(text, NULL, 10);
    MUST(evhttp_bind_listener(s->https, l));
    conns_listener(s->conns, l);
    return OK;
}

static void set_limits(struct evhttp *http, size_t body, int64_t seconds)
{
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_max_headers_size(http, HEADERS_MAX);
    evhttp_set_max_body_size(http, (ssize_t)body);
    evhttp_set_timeout(http, (int)seconds);
}

static enum err listen_admin(struct host_server *s, const char *path, struct errinfo *reterr)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof a.sun_path)
        return err_set(reterr, E_INVALID, NULL, path, "path of a socket is too long");
    memcpy(a.sun_path, path, strlen(path) + 1);
    unlink(path);
    mode_t old = umask(0177);
    struct evconnlistener *l = evconnlistener_new_bind(
        s->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, (struct sockaddr *)&a, sizeof a);
    int saved = errno;
    umask(old);
    if (!l)
        return err_sys(reterr, saved, path, "bind");
    s->admin = evhttp_new(s->base);
    MUST(s->admin);
    set_limits(s->admin, ADMIN_BODY, 10);
    evhttp_set_gencb(s->admin, on_admin, s);
    MUST(evhttp_bind_listener(s->admin, l));
    s->admin_path = xstrdup(path);
    return OK;
}

static void on_signal(evutil_socket_t no, short what, void *arg)
{
    (void)no, (void)what;
    log_msg(LOG_INFO, "asked to end");
    host_serve_stop(arg);
}

static void on_grace(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    event_base_loopbreak(((struct host_server *)arg)->base);
}

void host_serve_stop(struct host_server *s)
{
    const struct timeval grace = { STOP_GRACE_MS / 1000, 0 };
    if (s->stopping)
        return;
    s->stopping = true;
    conns_refuse(s->conns);
    event_add(s->grace, &grace);
    /* From inside a call its own answer is still to come: the next turn looks again. */
    const struct timeval soon = { 0, 1000 };
    if (s->answering == 0)
        event_base_loopexit(s->base, &soon);
}

static enum err check_loaded(struct host *h, struct errinfo *reterr)
{
    struct buf v = BUF_INIT;
    bool found = false;
    enum err e = fact_get(h->b, "host.loading", &v, &found, reterr);
    if (e == OK && found && strcmp(buf_str(&v), "yes") == 0)
        e = err_set(reterr, E_CORRUPT, "S472", "register", "the first load was interrupted");
    buf_done(&v);
    return e;
}

static void set_up(struct host_server *s)
{
    s->base = event_base_new();
    s->https = evhttp_new(s->base);
    MUST(s->base && s->https);
    set_limits(s->https, BODY_MAX, rulebook_param_int(s->h->book, "HOST_CONN_IDLE_S"));
    evhttp_set_bevcb(s->https, new_connection, s);
    evhttp_set_gencb(s->https, on_request, s);
    const struct rulebook *book = s->h->book;
    const struct conns_limits limits = { .max = (size_t)rulebook_param_int(book, "HOST_CONN_MAX"),
                                         .unknown = (size_t)rulebook_param_int(book, "HOST_CONN_UNKNOWN"),
                                         .address = (size_t)rulebook_param_int(book, "HOST_CONN_ADDRESS"),
                                         .idle_ms = rulebook_param_int(book, "HOST_CONN_IDLE_S") * 1000,
                                         .hand_ms = rulebook_param_int(book, "HOST_CONN_HAND_S") * 1000 };
    s->conns = conns_new(s->base, &limits);
    s->work = evtimer_new(s->base, do_work, s);
    s->grace = evtimer_new(s->base, on_grace, s);
    s->term = evsignal_new(s->base, SIGTERM, on_signal, s);
    s->intr = evsignal_new(s->base, SIGINT, on_signal, s);
    MUST(s->work && s->grace && s->term && s->intr);
    const struct timeval now = { 0, 0 };
    event_add(s->work, &now);
    event_add(s->term, NULL);
    event_add(s->intr, NULL);
    signal(SIGPIPE, SIG_IGN);
}

enum err host_serve_start(const struct host_serve_options *o, struct host_server **ret, struct errinfo *reterr)
{
    TRY(check_loaded(o->host, reterr));
    struct host_server *s = xcalloc(1, sizeof *s);
    s->h = o->host;
    s->ca = o->ca;
    set_up(s);
    enum err e = tls_host_ctx(&o->files, &s->tls, reterr);
    if (e == OK)
        e = listen_https(s, o->listen, reterr);
    if (e == OK && o->admin)
        e = listen_admin(s, o->admin, reterr);
    if (e != OK) {
        host_serve_free(s);
        return e;
    }
    *ret = s;
    return OK;
}

static void free_event(struct event *e)
{
    if (e)
        event_free(e);
}

void host_serve_free(struct host_server *s)
{
    if (!s)
        return;
    if (s->https)
        evhttp_free(s->https);
    if (s->admin)
        evhttp_free(s->admin);
    if (s->admin_path)
        unlink(s->admin_path);
    free(s->admin_path);
    free_event(s->work);
    free_event(s->grace);
    free_event(s->term);
    free_event(s->intr);
    /* Connections are freed by the loop after their last callback. */
    event_base_loop(s->base, EVLOOP_NONBLOCK);
    conns_free(s->conns);
    tls_ctx_free(s->tls);
    event_base_free(s->base);
    free(s);
}

int host_serve_port(const struct host_server *s)
{
    return s->port;
}

enum err host_serve_run(struct host_server *s, struct errinfo *reterr)
{
    event_base_dispatch(s->base);
    if (s->fatal.code == OK)
        return OK;
    if (reterr)
        *reterr = s->fatal;
    return s->fatal.code;
}
