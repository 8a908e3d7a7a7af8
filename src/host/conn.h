/*
 * Connections of the server: how many there are and how long each may go without a finished request. libevent's own
 * timeouts start again with every byte, so a peer that sends one byte a second would stay for ever. Who has not shown a
 * verified certificate has little time and few places, altogether and from one address, and gives way to who comes
 * later: the other places are the branches'. Private to host.
 */
#ifndef HOST_CONN_H
#define HOST_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct event_base;
struct evconnlistener;
struct ssl_st;

struct conns_limits {
    size_t max;      /* altogether */
    size_t unknown;  /* of them without a certificate */
    size_t address;  /* of these from one address */
    int64_t idle_ms; /* without a request */
    int64_t hand_ms; /* until the handshake is done */
};

struct conns;
struct conns *conns_new(struct event_base *, const struct conns_limits *) __attribute__((returns_nonnull));
/* After the connections are gone. */
void conns_free(struct conns *); /* NULL allowed */
/* Borrowed; paused while there are too many connections. */
void conns_listener(struct conns *, struct evconnlistener *);
/* No new connections from now on. */
void conns_refuse(struct conns *);
/* The connection lives as long as its SSL object. */
void conns_add(struct conns *, struct ssl_st *, struct bufferevent *);
/* A request arrived whole: its time begins again. */
void conns_progress(struct ssl_st *, struct conns *);

#endif
