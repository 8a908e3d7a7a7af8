#include "conn.h"
#include "base/mem.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>

struct conns {
    struct event_base *base;
    struct evconnlistener *listener;
    size_t n, max;
    struct timeval idle;
    int index; /* of our data in an SSL object */
    bool refusing;
};

struct conn {
    struct conns *all;
    struct bufferevent *bev;
    struct event *deadline;
};

/* Called by OpenSSL when the connection's SSL object goes. */
static void conn_gone(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    struct conn *c = ptr;
    (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
    if (!c)
        return;
    c->all->n--;
    if (c->all->listener && !c->all->refusing)
        evconnlistener_enable(c->all->listener);
    event_free(c->deadline);
    free(c);
}

struct conns *conns_new(struct event_base *base, size_t max, int64_t idle_ms)
{
    struct conns *all = xcalloc(1, sizeof *all);
    all->base = base;
    all->max = max;
    all->idle = (struct timeval){ idle_ms / 1000, idle_ms % 1000 * 1000 };
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
static void too_slow(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    (void)fd, (void)what;
    evutil_socket_t s = bufferevent_getfd(c->bev);
    if (s >= 0)
        shutdown(s, SHUT_RDWR);
}

void conns_add(struct conns *all, SSL *ssl, struct bufferevent *bev)
{
    struct conn *c = xcalloc(1, sizeof *c);
    c->all = all;
    c->bev = bev;
    c->deadline = evtimer_new(all->base, too_slow, c);
    MUST(c->deadline && SSL_set_ex_data(ssl, all->index, c));
    event_add(c->deadline, &all->idle);
    all->n++;
    if (all->n >= all->max && all->listener)
        evconnlistener_disable(all->listener);
}

void conns_progress(SSL *ssl, struct conns *all)
{
    struct conn *c = SSL_get_ex_data(ssl, all->index);
    if (c)
        event_add(c->deadline, &all->idle);
}
