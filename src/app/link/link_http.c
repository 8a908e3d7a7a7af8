#include "link_http.h"
#include "base/clock.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    RETRY_MAX_MS = 300 * 1000, /* a host never sends us away for longer */
    RETRY_DEFAULT_MS = 5000,
    KEEP_CONNECTION_S = 3600,
    KEEPALIVE_S = 20,
};

struct link_http {
    struct loop *loop;
    struct clock clock;
    struct tls_client tls;
    uint8_t pin[TLS_PIN];
    bool enrol;
    char *base;
    CURLM *multi;
    CURL *easy;
    int timer;
    char why[CURL_ERROR_SIZE];
    /* the request under way */
    bool busy;
    struct curl_slist *headers;
    struct buf url, out, in;
    size_t max_answer;
    bool too_long;
    int64_t since;
    void (*cb)(void *arg, const struct http_answer *);
    void *arg;
};

/* A descriptor of libcurl's that the loop watches. */
struct watched {
    struct link_http *h;
    curl_socket_t fd;
};

static void collect(struct link_http *);

/* ---- libcurl on the loop ---- */

static void on_fd(void *arg, short revents)
{
    struct watched w = *(struct watched *)arg; /* libcurl may let go of it meanwhile */
    int running, what = 0;
    what |= revents & POLLIN ? CURL_CSELECT_IN : 0;
    what |= revents & POLLOUT ? CURL_CSELECT_OUT : 0;
    what |= revents & (POLLERR | POLLHUP) ? CURL_CSELECT_ERR : 0;
    curl_multi_socket_action(w.h->multi, w.fd, what, &running);
    collect(w.h);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct link_http *h = arg;
    struct watched *w = known;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w)
            loop_fd_del(h->loop, fd);
        free(w);
        curl_multi_assign(h->multi, fd, NULL);
        return 0;
    }
    short events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    if (w) {
        loop_fd_events(h->loop, fd, events);
        return 0;
    }
    w = xcalloc(1, sizeof *w);
    *w = (struct watched){ h, fd };
    loop_fd(h->loop, fd, events, on_fd, w);
    curl_multi_assign(h->multi, fd, w);
    return 0;
}

static void on_timer(void *arg)
{
    struct link_http *h = arg;
    int running;
    h->timer = 0;
    curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(h);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
    struct link_http *h = arg;
    (void)multi;
    if (h->timer)
        loop_timer_del(h->loop, h->timer);
    h->timer = ms < 0 ? 0 : loop_timer(h->loop, ms, on_timer, h);
    return 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    struct link_http *h = arg;
    if (size * n > h->max_answer - h->in.len) {
        h->too_long = true;
        return 0;
    }
    buf_add(&h->in, p, size * n);
    return size * n;
}

static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
    struct link_http *h = arg;
    struct errinfo err;
    (void)easy;
    enum err e = h->enrol ? tls_client_setup_enrol(ctx, h->pin, &err) : tls_client_setup(ctx, &h->tls, &err);
    return e == OK ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

/* ---- what an answer means ---- */

static enum link_class class_of_status(long status)
{
    static const struct {
        long status;
        enum link_class class;
    } known[] = {
        { 200, LINK_OK },   { 401, LINK_AUTH }, { 403, LINK_AUTH }, { 404, LINK_GONE },      { 409, LINK_STALE },
        { 410, LINK_GONE }, { 429, LINK_BUSY }, { 503, LINK_BUSY }, { 408, LINK_TRANSPORT },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].status == status)
            return known[i].class;
    return status >= 400 && status < 500 ? LINK_REFUSED : LINK_TRANSPORT;
}

/* With TLS 1.3 our refusal arrives as an alert on the first read; libcurl hands on OpenSSL's name of it. */
static bool alerted(const char *why, const char *alert)
{
    return strstr(why, "alert") && strstr(why, alert);
}

static enum link_class class_of_failure(CURL *easy, CURLcode code, const char *why)
{
    long verify = X509_V_OK;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verify);
    if (verify == X509_V_ERR_CERT_NOT_YET_VALID || verify == X509_V_ERR_CERT_HAS_EXPIRED ||
        alerted(why, "certificate expired"))
        return LINK_CLOCK;
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_ISSUER_ERROR ||
        alerted(why, "certificate") || alerted(why, "unknown ca") || alerted(why, "access denied"))
        return LINK_AUTH;
    return LINK_TRANSPORT;
}

static uint32_t retry_after(CURL *easy)
{
    curl_off_t s = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &s);
    if (s <= 0)
        return RETRY_DEFAULT_MS;
    return s > RETRY_MAX_MS / 1000 ? RETRY_MAX_MS : (uint32_t)s * 1000;
}

static void describe(struct link_http *h, CURLcode code, struct http_answer *a)
{
    long status = 0;
    curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
    a->status = (uint16_t)status;
    a->took_ms = (uint32_t)(h->clock.mono_ms(h->clock.self) - h->since);
    if (h->too_long)
        a->class = LINK_REFUSED;
    else if (code == CURLE_OK)
        a->class = class_of_status(status);
    else
        a->class = class_of_failure(h->easy, code, h->why);
    if (a->class == LINK_BUSY)
        a->retry_ms = retry_after(h->easy);
    const char *why = h->too_long ? "answer too long" : *h->why ? h->why : curl_easy_strerror(code);
    if (a->class != LINK_OK)
        memccpy(a->detail, why, '\0', sizeof a->detail - 1);
}

static void finish(struct link_http *h, CURLcode code)
{
    struct http_answer a = { .class = LINK_TRANSPORT };
    struct buf body = h->in;
    h->in = BUF_INIT;
    describe(h, code, &a);
    curl_multi_remove_handle(h->multi, h->easy);
    curl_slist_free_all(h->headers);
    h->headers = NULL;
    buf_clear(&h->out);
    h->busy = false;
    a.body = buf_span(&body);
    h->cb(h->arg, &a);
    buf_done(&body);
}

static void collect(struct link_http *h)
{
    int left;
    const CURLMsg *m;
    while (h->busy && (m = curl_multi_info_read(h->multi, &left)))
        if (m->msg == CURLMSG_DONE) {
            finish(h, m->data.result);
            return;
        }
}

/* ---- set-up ---- */

static bool set_options(struct link_http *h, const struct link_http_config *cfg)
{
    CURL *c = h->easy;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
    bad |= curl_easy_setopt(c, CURLOPT_PROXY, "");
    bad |= curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    bad |= curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    bad |= curl_easy_setopt(c, CURLOPT_SSL_ENABLE_ALPN, 1L);
    bad |= curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    bad |= curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    bad |= curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L); /* crypto/tls.h proves the host by its certificate */
    bad |= curl_easy_setopt(c, CURLOPT_CAINFO, NULL);       /* nothing of the system's trust store is read */
    bad |= curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    bad |= curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
    bad |= curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, h);
    bad |= curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)cfg->connect_ms);
    bad |= curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    bad |= curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)(cfg->stall_ms + 999) / 1000);
    bad |= curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    bad |= curl_easy_setopt(c, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
    bad |= curl_easy_setopt(c, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
    bad |= curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, (long)KEEP_CONNECTION_S);
    bad |= curl_easy_setopt(c, CURLOPT_MAXLIFETIME_CONN, (long)KEEP_CONNECTION_S);
    bad |= curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->why);
    bad |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    bad |= curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
    return bad == CURLE_OK;
}

enum err link_http_new(struct loop *loop, const struct link_http_config *cfg, struct link_http **ret,
                       struct errinfo *reterr)
{
    struct link_http *h = xcalloc(1, sizeof *h);
    h->loop = loop;
    h->clock = clock_system();
    h->tls = cfg->tls;
    h->enrol = cfg->pin != NULL;
    if (h->enrol)
        memcpy(h->pin, cfg->pin, sizeof h->pin);
    h->base = xstrdup(cfg->url);
    h->multi = curl_multi_init();
    h->easy = curl_easy_init();
    if (!h->multi || !h->easy || !set_options(h, cfg)) {
        link_http_free(h);
        return err_set(reterr, E_INVALID, NULL, "libcurl", "an option is not supported");
    }
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 1L);
    *ret = h;
    return OK;
}

void link_http_free(struct link_http *h)
{
    if (!h)
        return;
    if (h->busy)
        curl_multi_remove_handle(h->multi, h->easy);
    if (h->easy)
        curl_easy_cleanup(h->easy);
    if (h->multi)
        curl_multi_cleanup(h->multi);
    if (h->timer)
        loop_timer_del(h->loop, h->timer);
    curl_slist_free_all(h->headers);
    buf_done(&h->url);
    buf_done(&h->out);
    buf_done(&h->in);
    free(h->base);
    free(h);
}

bool link_http_busy(const struct link_http *h)
{
    return h->busy;
}

void link_http_ask(struct link_http *h, const struct http_request *r, void (*cb)(void *arg, const struct http_answer *),
                   void *arg)
{
    MUST(!h->busy);
    h->busy = true;
    h->cb = cb;
    h->arg = arg;
    h->max_answer = r->max_answer;
    h->too_long = false;
    h->since = h->clock.mono_ms(h->clock.self);
    *h->why = '\0';
    buf_clear(&h->in);
    buf_clear(&h->url);
    buf_printf(&h->url, "%s%s", h->base, r->path);
    curl_easy_setopt(h->easy, CURLOPT_URL, buf_str(&h->url));
    h->headers = curl_slist_append(NULL, "Expect:"); /* no round trip before the body */
    if (r->post) {
        char *type = xprintf("Content-Type: %s", r->type);
        h->headers = curl_slist_append(h->headers, type);
        free(type);
        buf_clear(&h->out);
        buf_add(&h->out, r->body.p, r->body.n);
        curl_easy_setopt(h->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, buf_str(&h->out));
        curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->out.len);
    } else {
        curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
    }
    MUST(h->headers);
    curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers);
    MUST(curl_multi_add_handle(h->multi, h->easy) == CURLM_OK);
}
