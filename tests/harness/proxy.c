#include "harness/proxy.h"
#include "base/buf.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 16 << 10 };

struct pair;
struct flow { /* one direction of a connection */
    struct pair *pair;
    struct buf held; /* read, not yet written */
    bool eof;        /* the reading side has ended */
    bool drop;
    int timer; /* of the delay; 0: may be written now */
};
struct pair {
    struct proxy *p;
    struct pair *next;
    int fd[2]; /* [PROXY_UP] reads from the branch, [PROXY_DOWN] from the host */
    struct flow flow[2];
    bool stalled, dead;
};
struct proxy {
    struct loop *loop;
    int listen_fd;
    uint16_t port, target;
    int64_t delay_ms;
    struct {
        uint64_t left;
        enum proxy_end what;
    } order[2];
    uint64_t bytes[2];
    unsigned connections, events;
    struct pair *pairs;
};

static void on_branch(void *arg, short revents);
static void on_host(void *arg, short revents);

static void drop_pair(struct pair *x, bool reset)
{
    struct pair **at = &x->p->pairs;
    while (*at != x)
        at = &(*at)->next;
    *at = x->next;
    for (int i = 0; i < 2; i++) {
        struct linger hard = { .l_onoff = 1 };
        if (reset)
            setsockopt(x->fd[i], SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        loop_fd_del(x->p->loop, x->fd[i]);
        close(x->fd[i]);
        if (x->flow[i].timer)
            loop_timer_del(x->p->loop, x->flow[i].timer);
        buf_done(&x->flow[i].held);
    }
    free(x);
}

static void rearm(struct pair *x)
{
    for (int i = 0; i < 2; i++) {
        const struct flow *in = &x->flow[i], *out = &x->flow[1 - i];
        short events = 0;
        if (!in->eof && in->held.len < PIECE)
            events |= POLLIN;
        if (out->held.len && !out->timer)
            events |= POLLOUT;
        loop_fd_events(x->p->loop, x->fd[i], x->stalled ? 0 : events);
    }
}

static void on_delay(void *arg)
{
    struct flow *f = arg;
    f->timer = 0;
    rearm(f->pair);
}

/* Does what was ordered. False when the connection is gone. */
static bool come_to_pass(struct pair *x, enum proxy_way way)
{
    enum proxy_end what = x->p->order[way].what;
    x->p->order[way].what = PROXY_PASS;
    x->p->events++;
    x->stalled = x->stalled || what == PROXY_STALL;
    x->flow[way].drop = x->flow[way].drop || what == PROXY_DROP;
    if (what == PROXY_FIN || what == PROXY_RST) {
        /* what was let through before the cut still arrives */
        struct buf *held = &x->flow[way].held;
        if (held->len)
            (void)!send(x->fd[1 - way], held->p, held->len, MSG_NOSIGNAL);
        drop_pair(x, what == PROXY_RST);
        return false;
    }
    return true;
}

/* Bytes that may pass before the order is carried out. */
static size_t allowed(const struct proxy *p, enum proxy_way way)
{
    return p->order[way].what == PROXY_PASS || p->order[way].left > PIECE ? PIECE : (size_t)p->order[way].left;
}

static bool take(struct pair *x, enum proxy_way way)
{
    struct proxy *p = x->p;
    struct flow *f = &x->flow[way];
    char piece[PIECE];
    size_t room = allowed(p, way);
    if (room == 0)
        return come_to_pass(x, way);
    ssize_t n = recv(x->fd[way], piece, room, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        f->eof = true;
        if (!f->held.len) {
            shutdown(x->fd[1 - way], SHUT_WR);
            if (x->flow[1 - way].eof || n < 0) {
                drop_pair(x, n < 0);
                return false;
            }
        }
        return true;
    }
    p->bytes[way] += (uint64_t)n;
    if (!f->drop)
        buf_add(&f->held, piece, (size_t)n);
    if (p->delay_ms && f->held.len && !f->timer)
        f->timer = loop_timer(p->loop, p->delay_ms, on_delay, f);
    if (p->order[way].what != PROXY_PASS && (p->order[way].left -= (uint64_t)n) == 0)
        return come_to_pass(x, way);
    return true;
}

static bool give(struct pair *x, enum proxy_way way)
{
    struct flow *f = &x->flow[way];
    if (!f->held.len || f->timer)
        return true;
    ssize_t n = send(x->fd[1 - way], f->held.p, f->held.len, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n < 0) {
        drop_pair(x, true);
        return false;
    }
    buf_consume(&f->held, (size_t)n);
    if (f->eof && !f->held.len) {
        shutdown(x->fd[1 - way], SHUT_WR);
        if (x->flow[1 - way].eof) {
            drop_pair(x, false);
            return false;
        }
    }
    return true;
}

static void on_side(struct pair *x, enum proxy_way way, short revents)
{
    bool alive = true;
    if (revents & (POLLIN | POLLHUP | POLLERR))
        alive = x->flow[way].eof ? true : take(x, way);
    if (alive && (revents & POLLOUT))
        alive = give(x, (enum proxy_way)(1 - way));
    if (alive && x->flow[way].eof && (revents & (POLLHUP | POLLERR))) {
        drop_pair(x, true);
        alive = false;
    }
    if (alive)
        rearm(x);
}

static void on_branch(void *arg, short revents)
{
    on_side(arg, PROXY_UP, revents);
}

static void on_host(void *arg, short revents)
{
    on_side(arg, PROXY_DOWN, revents);
}

static int dial(uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(fd >= 0);
    if (!port || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        close(fd);
        return -1;
    }
    MUST(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    return fd;
}

static void on_accept(void *arg, short revents)
{
    struct proxy *p = arg;
    (void)revents;
    int branch = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (branch < 0)
        return;
    int host = dial(p->target);
    if (host < 0) {
        close(branch);
        return;
    }
    struct pair *x = xcalloc(1, sizeof *x);
    x->p = p;
    x->fd[PROXY_UP] = branch;
    x->fd[PROXY_DOWN] = host;
    x->flow[0].pair = x->flow[1].pair = x;
    x->next = p->pairs;
    p->pairs = x;
    p->connections++;
    loop_fd(p->loop, branch, POLLIN, on_branch, x);
    loop_fd(p->loop, host, POLLIN, on_host, x);
}

struct proxy *proxy_new(struct loop *loop, uint16_t target_port)
{
    struct proxy *p = xcalloc(1, sizeof *p);
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t n = sizeof a;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->loop = loop;
    p->target = target_port;
    p->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    MUST(p->listen_fd >= 0 && bind(p->listen_fd, (struct sockaddr *)&a, n) == 0 && listen(p->listen_fd, 64) == 0);
    MUST(getsockname(p->listen_fd, (struct sockaddr *)&a, &n) == 0);
    p->port = ntohs(a.sin_port);
    loop_fd(loop, p->listen_fd, POLLIN, on_accept, p);
    return p;
}

void proxy_free(struct proxy *p)
{
    if (!p)
        return;
    proxy_cut(p, PROXY_RST);
    loop_fd_del(p->loop, p->listen_fd);
    close(p->listen_fd);
    free(p);
}

uint16_t proxy_port(const struct proxy *p)
{
    return p->port;
}

void proxy_target(struct proxy *p, uint16_t port)
{
    p->target = port;
}

void proxy_after(struct proxy *p, enum proxy_way way, uint64_t bytes, enum proxy_end what)
{
    p->order[way].left = bytes;
    p->order[way].what = what;
}

void proxy_delay(struct proxy *p, int64_t ms)
{
    p->delay_ms = ms;
}

void proxy_cut(struct proxy *p, enum proxy_end how)
{
    while (p->pairs && (how == PROXY_FIN || how == PROXY_RST))
        drop_pair(p->pairs, how == PROXY_RST);
    for (struct pair *x = p->pairs; x; x = x->next) {
        x->stalled = x->stalled || how == PROXY_STALL;
        rearm(x);
    }
}

uint64_t proxy_bytes(const struct proxy *p, enum proxy_way way)
{
    return p->bytes[way];
}

unsigned proxy_connections(const struct proxy *p)
{
    return p->connections;
}

unsigned proxy_events(const struct proxy *p)
{
    return p->events;
}
