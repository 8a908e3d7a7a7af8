#include "conn.h"
#include "base/mem.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct conns {
    struct event_base *base;
    struct evconnlistener *listener;
    struct conn *first; /* the oldest */
    size_t n;
    struct conns_limits limits;
    struct timeval idle, hand;
    int index; /* of our data in an SSL object */
    bool refusing;
};

struct conn {
    struct conn *next;
    struct conns *all;
    struct bufferevent *bev;
    struct event *deadline;
    struct sockaddr_storage from;
    bool settled; /* it has its address and its time */
    bool known;   /* a certificate of ours was verified */
    bool dropped; /* on its way out */
};

/* Called by OpenSSL when the connection's SSL object goes. */
static void conn_gone(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    struct conn *c = ptr;
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    if (!c)
        return;
    struct conn **at = &c->all->first;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->all->n--;
    if (c->all->listener && !c->all->refusing)
        evconnlistener_enable(c->all->listener);
    event_free(c->deadline);
    free(c);
}

static struct timeval timeval_of(int64_t ms)
{
    return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

struct conns *conns_new(struct event_base *base, const struct conns_limits *limits)
{
    struct conns *all = xcalloc(1, sizeof *all);
    all->base = base;
    all->limits = *limits;
    all->idle = timeval_of(limits->idle_ms);
    all->hand = timeval_of(limits->hand_ms);
    all->index = SSL_get_ex_new_index(0, NULL, NULL, NULL, conn_gone);
    MUST(all->index >= 0);
    return all;
}

void conns_free(struct conns *all)
{
    free(all);
}

void conns_listener(struct conns *all, struct evconnlistener *l)
{
    all->listener = l;
}

void conns_refuse(struct conns *all)
{
    all->refusing = true;
    if (all->listener)
        evconnlistener_disable(all->listener);
}

/* libevent sees the end of the stream and frees the connection. */
static void drop(struct conn *c)
{
    evutil_socket_t s = bufferevent_getfd(c->bev);
    c->dropped = true;
    if (s >= 0)
        shutdown(s, SHUT_RDWR);
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
    const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
    if (a->ss_family != b->ss_family)
        return false;
    return a->ss_family == AF_INET6 ? memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0
                                    : a4->sin_addr.s_addr == b4->sin_addr.s_addr;
}

/* The oldest one without a certificate gives way when there are more than `most`; from: of this address only. */
static void make_room(struct conns *all, const struct sockaddr_storage *from, size_t most)
{
    struct conn *oldest = NULL;
    size_t n = 0;
    for (struct conn *c = all->first; c; c = c->next)
        if (c->settled && !c->known && !c->dropped && (!from || same_address(&c->from, from))) {
            oldest = oldest ? oldest : c;
            n++;
        }
    if (n > most)
        drop(oldest);
}

/* Accepted: only now libevent has given it its socket. */
static void settle(struct conn *c)
{
    socklen_t size = sizeof c->from;
    evutil_socket_t s = bufferevent_getfd(c->bev);
    c->settled = true;
    if (s < 0 || getpeername(s, (struct sockaddr *)&c->from, &size) != 0)
        memset(&c->from, 0, sizeof c->from);
    event_add(c->deadline, &c->all->hand);
    make_room(c->all, &c->from, c->all->limits.address);
    make_room(c->all, NULL, c->all->limits.unknown);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    (void)fd, (void)what;
    if (c->settled)
        drop(c);
    else
        settle(c);
}

/* A verified certificate makes it a branch's; without one (enrolment) the request must follow soon. */
static void on_handshake(const SSL *ssl, int where, int ret)
{
    struct conn *c = SSL_get_app_data(ssl);
    (void)ret;
    if (!(where & SSL_CB_HANDSHAKE_DONE) || !c || c->known)
        return;
    c->known = SSL_get0_peer_certificate(ssl) && SSL_get_verify_result(ssl) == X509_V_OK;
    c->settled = true;
    event_add(c->deadline, c->known ? &c->all->idle : &c->all->hand);
}

void conns_add(struct conns *all, SSL *ssl, struct bufferevent *bev)
{
    static const struct timeval at_once = { 0, 0 };
    struct conn *c = xcalloc(1, sizeof *c), **at = &all->first;
    c->all = all;
    c->bev = bev;
    c->deadline = evtimer_new(all->base, on_time, c);
    MUST(c->deadline && SSL_set_ex_data(ssl, all->index, c) && SSL_set_app_data(ssl, c));
    SSL_set_info_callback(ssl, on_handshake);
    while (*at)
        at = &(*at)->next;
    *at = c;
    event_add(c->deadline, &at_once);
    all->n++;
    if (all->n >= all->limits.max && all->listener)
        evconnlistener_disable(all->listener);
}

void conns_progress(SSL *ssl, struct conns *all)
{
    struct conn *c = SSL_get_ex_data(ssl, all->index);
    if (c && !c->dropped)
        event_add(c->deadline, c->known ? &all->idle : &all->hand);
}
