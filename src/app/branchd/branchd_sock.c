/*
 * The service socket: length-framed JSON, many clients on one loop. One question of a connection is under way at a
 * time, and no further one is read before its answer is out, so a slow client holds up nobody but itself and never
 * more than one frame in each direction.
 */
#include "app/branchd.h"
#include "base/buf.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/mem.h"
#include "client/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_BYTES      65536
#define CONNECTIONS_MAX 64
#define PER_USER_MAX    24
#define OTHERS          16 /* of the connections are kept for users who have fewer than OTHERS_EACH */
#define OTHERS_EACH     2
#define FRAME_MS        10000 /* from the first byte of a question to its last */
#define BACKLOG         16
#define STUCK_MS        60000 /* a client that does not take its answer for so long is let go */

struct conn {
    struct conn *next;
    struct branchd_sock *sock;
    struct session *session;
    int fd;
    uid_t uid;
    struct buf in, out;
    bool asked;      /* a question is under way */
    int stuck_timer; /* while an answer waits to be taken */
    int frame_timer; /* while half a question is there */
};

struct branchd_sock {
    struct branchd *b;
    char *path;
    int fd;
    struct conn *conns;
    size_t n;
};

static void conn_close(struct conn *c)
{
    struct branchd_sock *s = c->sock;
    struct conn **at = &s->conns;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    s->n--;
    loop_fd_del(s->b->loop, c->fd);
    loop_timer_del(s->b->loop, c->stuck_timer);
    loop_timer_del(s->b->loop, c->frame_timer);
    session_close(c->session);
    close(c->fd);
    buf_done(&c->in);
    buf_done(&c->out);
    free(c);
}

static void stuck(void *arg)
{
    log_msg(LOG_WARN, "a client did not take its answer");
    conn_close(arg);
}

static void unfinished(void *arg)
{
    log_msg(LOG_WARN, "a client did not finish its question");
    conn_close(arg);
}

/* Half a question: its time runs from its first byte. */
static void watch_frame(struct conn *c)
{
    bool half = c->in.len && !c->asked && !c->out.len;
    if (half == (c->frame_timer != 0))
        return;
    loop_timer_del(c->sock->b->loop, c->frame_timer);
    c->frame_timer = half ? loop_timer(c->sock->b->loop, FRAME_MS, unfinished, c) : 0;
}

/* What we wait for: to write while an answer is there, to read while no question is under way. Hanging up is always
 * noticed. */
static void watch(struct conn *c)
{
    short events = c->out.len ? POLLOUT : c->asked ? POLLRDHUP : POLLIN | POLLRDHUP;
    loop_fd_events(c->sock->b->loop, c->fd, events);
    watch_frame(c);
    if (!c->out.len) {
        loop_timer_del(c->sock->b->loop, c->stuck_timer);
        c->stuck_timer = 0;
    } else if (!c->stuck_timer) {
        c->stuck_timer = loop_timer(c->sock->b->loop, STUCK_MS, stuck, c);
    }
}

static void put_frame(struct conn *c, const json_t *answer)
{
    frame_begin(&c->out);
    service_text(answer, &c->out);
    frame_end(&c->out);
}

static json_t *too_large(const json_t *answer)
{
    json_t *a = json_pack("{s:O, s:b, s:{s:s, s:s, s:s, s:s, s:s}}", "id", json_object_get(answer, "id"), "ok", 0,
                          "error", "code", err_name(E_INVALID), "msg", "S043", "item", "result", "text",
                          "結果が大きすぎます。", "remedy", "条件を絞ってください。");
    MUST(a);
    return a;
}

/* Called by the service, at once or later. */
static void answered(void *arg, json_t *answer)
{
    struct conn *c = arg;
    put_frame(c, answer);
    if (c->out.len > FRAME_HEAD + CLIENT_FRAME_MAX) {
        json_t *instead = too_large(answer);
        buf_done(&c->out);
        put_frame(c, instead);
        json_decref(instead);
    }
    json_decref(answer);
    c->asked = false;
    watch(c);
}

/* Hands over one whole frame, if there is one. False: the stream makes no sense. */
static bool take_frame(struct conn *c)
{
    size_t size = frame_size(&c->in);
    if (c->asked || c->out.len || size == 0)
        return true;
    if (size > FRAME_HEAD + CLIENT_FRAME_MAX)
        return false;
    if (c->in.len < size)
        return true;
    struct span in = frame_content(&c->in);
    json_t *request = json_loadb(in.p, in.n, JSON_REJECT_DUPLICATES, NULL);
    buf_consume(&c->in, size);
    if (!c->in.len)
        buf_done(&c->in); /* what was asked does not stay in memory */
    c->asked = true;
    service_call(c->session, request, answered, c);
    json_decref(request);
    return true;
}

/* False: the connection is to be closed. */
static bool can_read(struct conn *c)
{
    char *bytes = xmalloc(READ_BYTES);
    ssize_t n = read(c->fd, bytes, READ_BYTES);
    bool ok = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
    if (n > 0) {
        buf_add(&c->in, bytes, (size_t)n);
        wipe(bytes, (size_t)n);
    }
    free(bytes);
    return ok && take_frame(c);
}

static bool can_write(struct conn *c)
{
    ssize_t n = send(c->fd, c->out.p, c->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    buf_consume(&c->out, (size_t)n);
    if (c->out.len) {
        loop_timer_del(c->sock->b->loop, c->stuck_timer); /* it takes something: the time starts anew */
        c->stuck_timer = 0;
        return true;
    }
    buf_done(&c->out);
    return take_frame(c); /* one may have come meanwhile */
}

static void conn_event(void *arg, short revents)
{
    struct conn *c = arg;
    bool ok = !(revents & (POLLERR | POLLNVAL));
    if (ok && (revents & POLLOUT))
        ok = can_write(c);
    if (ok && (revents & POLLIN))
        ok = can_read(c);
    else if (ok && (revents & (POLLHUP | POLLRDHUP)))
        ok = false; /* gone while its question is under way: the answer has no reader */
    if (ok)
        watch(c);
    else
        conn_close(c);
}

static size_t of_user(const struct branchd_sock *s, uid_t uid)
{
    size_t n = 0;
    for (const struct conn *c = s->conns; c; c = c->next)
        n += c->uid == uid;
    return n;
}

/* The oldest connection of this user (any: of whoever) in which nobody has logged in gives way. */
static bool make_room(struct branchd_sock *s, const uid_t *uid)
{
    struct conn *oldest = NULL;
    for (struct conn *c = s->conns; c; c = c->next) /* the newest comes first */
        if (!session_in_use(c->session) && !c->asked && !c->out.len && (!uid || c->uid == *uid))
            oldest = c;
    if (oldest)
        conn_close(oldest);
    return oldest != NULL;
}

/* Nobody takes all places: not one user, and not several users those of who is not there yet. */
static bool has_place(struct branchd_sock *s, uid_t uid)
{
    size_t own = of_user(s, uid);
    if (own >= PER_USER_MAX && !make_room(s, &uid))
        return false;
    own = of_user(s, uid);
    if (s->n >= CONNECTIONS_MAX)
        return own < OTHERS_EACH && make_room(s, NULL);
    return s->n < CONNECTIONS_MAX - OTHERS || own < OTHERS_EACH || make_room(s, &uid);
}

static void conn_open(struct branchd_sock *s, int fd, const struct ucred *who)
{
    struct conn *c = xcalloc(1, sizeof *c);
    c->sock = s;
    c->fd = fd;
    c->uid = who->uid;
    c->session = session_open(s->b->svc, &(struct service_peer){ who->uid, who->pid });
    c->next = s->conns;
    s->conns = c;
    s->n++;
    loop_fd(s->b->loop, fd, POLLIN | POLLRDHUP, conn_event, c);
}

static void can_accept(void *arg, short revents)
{
    struct branchd_sock *s = arg;
    struct ucred who;
    socklen_t size = sizeof who;
    (void)revents;
    int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
    if (known && has_place(s, who.uid)) {
        conn_open(s, fd, &who);
        return;
    }
    log_msg(LOG_WARN, "a connection was refused: %zu are open", s->n);
    close(fd);
}

/* Nobody else can be there: the lock is ours. */
static enum err bind_to(int fd, const char *path, struct errinfo *reterr)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n >= sizeof a.sun_path)
        return err_set(reterr, E_INVALID, NULL, path, "longer than a socket's name may be");
    memcpy(a.sun_path, path, n);
    if (unlink(path) != 0 && errno != ENOENT)
        return err_sys(reterr, errno, path, "unlink");
    if (bind(fd, (const struct sockaddr *)&a, sizeof a) != 0)
        return err_sys(reterr, errno, path, "bind");
    if (chmod(path, place_facts(PLACE_SOCKET)->mode) != 0)
        return err_sys(reterr, errno, path, "chmod");
    return listen(fd, BACKLOG) == 0 ? OK : err_sys(reterr, errno, path, "listen");
}

enum err branchd_listen(struct branchd *b, struct branchd_sock **ret, struct errinfo *reterr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_sys(reterr, errno, NULL, "socket");
    char *path = place_path(b->dir, PLACE_SOCKET);
    enum err e = bind_to(fd, path, reterr);
    if (e != OK) {
        free(path);
        close(fd);
        return e;
    }
    struct branchd_sock *s = xcalloc(1, sizeof *s);
    s->b = b;
    s->path = path;
    s->fd = fd;
    loop_fd(b->loop, fd, POLLIN, can_accept, s);
    *ret = s;
    return OK;
}

void branchd_unlisten(struct branchd_sock *s)
{
    if (!s)
        return;
    while (s->conns)
        conn_close(s->conns);
    loop_fd_del(s->b->loop, s->fd);
    close(s->fd);
    unlink(s->path);
    free(s->path);
    free(s);
}
