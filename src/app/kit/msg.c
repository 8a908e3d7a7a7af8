#include "app/msg.h"
#include "base/cur.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_STEP = 64 << 10 };

struct chan {
    struct loop *loop;
    int fd; /* -1: ended */
    const struct msg_types *in;
    const struct chan_ops *ops;
    void *arg;
    struct buf got;  /* bytes received, not yet a whole message */
    struct buf out;  /* bytes to send */
    size_t out_from; /* of which these have gone */
    int end_timer;   /* tells of the end outside chan_send; 0: none */
    struct errinfo why;
    bool busy; /* a callback runs */
    bool gone; /* chan_free was called meanwhile */
};

static void on_fd(void *arg, short revents);

struct chan *chan_new(struct loop *loop, int fd, const struct msg_types *in, const struct chan_ops *ops, void *arg)
{
    struct chan *c = xcalloc(1, sizeof *c);
    c->loop = loop;
    c->fd = fd;
    c->in = in;
    c->ops = ops;
    c->arg = arg;
    int flags = fcntl(fd, F_GETFL);
    MUST(flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    loop_fd(loop, fd, POLLIN, on_fd, c);
    return c;
}

static void hang_up(struct chan *c)
{
    if (c->fd < 0)
        return;
    loop_fd_del(c->loop, c->fd);
    close(c->fd);
    c->fd = -1;
}

void chan_free(struct chan *c)
{
    if (!c)
        return;
    hang_up(c);
    if (c->end_timer)
        loop_timer_del(c->loop, c->end_timer);
    c->end_timer = 0;
    if (c->busy) {
        c->gone = true;
        return;
    }
    buf_done(&c->got);
    buf_done(&c->out);
    free(c);
}

static void on_end(void *arg)
{
    struct chan *c = arg;
    c->end_timer = 0;
    c->ops->closed(c->arg, &c->why);
}

/* The owner hears of it from the loop, because it may free the channel on hearing it. */
static void end(struct chan *c, const struct errinfo *why)
{
    if (c->fd < 0)
        return;
    hang_up(c);
    c->why = *why;
    c->end_timer = loop_timer(c->loop, 0, on_end, c);
}

/* Splits the first whole message off `got`. False: none yet, or the channel has ended. */
static bool next_message(struct chan *c, struct msg *ret)
{
    struct errinfo why;
    if (c->fd < 0 || c->got.len < MSG_HEAD)
        return false;
    struct cur in = cur_of((struct span){ c->got.p, MSG_HEAD });
    uint32_t len = cur_u32(&in);
    uint8_t version = cur_u8(&in);
    uint8_t type = cur_u8(&in);
    uint16_t zero = cur_u16(&in);
    uint32_t tag = cur_u32(&in);
    bool known = version == MSG_VERSION && zero == 0 && type < c->in->n && c->in->t[type].name;
    if (!known || len > c->in->t[type].max) {
        err_set(&why, E_CORRUPT, NULL, NULL, "message version %u type %u length %u", version, type, len);
        end(c, &why);
        return false;
    }
    if (c->got.len - MSG_HEAD < len)
        return false;
    *ret = (struct msg){ .type = type, .tag = tag, .body = { c->got.p + MSG_HEAD, len } };
    return true;
}

static void dispatch(struct chan *c)
{
    struct msg m;
    struct errinfo why;
    while (!c->gone && next_message(c, &m)) {
        err_set(&why, E_CORRUPT, NULL, NULL, "refused");
        if (c->ops->message(c->arg, &m, &why) != OK)
            end(c, &why);
        buf_consume(&c->got, MSG_HEAD + m.body.n);
    }
}

/* One read for each turn of the loop, so that a talkative peer cannot starve the others. */
static void receive(struct chan *c)
{
    struct errinfo why;
    buf_reserve(&c->got, READ_STEP);
    ssize_t n = recv(c->fd, c->got.p + c->got.len, READ_STEP, 0);
    if (n > 0) {
        c->got.len += (size_t)n;
        c->got.p[c->got.len] = '\0';
        return;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0 && errno != ECONNRESET)
        err_sys(&why, errno, NULL, "recv");
    else if (c->got.len)
        err_set(&why, E_CORRUPT, NULL, NULL, "cut off within a message");
    else
        err_set(&why, E_OFFLINE, NULL, NULL, "the other process has closed the channel");
    end(c, &why);
}

static void transmit(struct chan *c)
{
    struct errinfo why;
    while (c->fd >= 0 && c->out_from < c->out.len) {
        ssize_t n = send(c->fd, c->out.p + c->out_from, c->out.len - c->out_from, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) {
            /* What the peer said before it went is still to be read; the reading side finds the end. */
            if (errno == EPIPE || errno == ECONNRESET)
                break;
            err_sys(&why, errno, NULL, "send");
            end(c, &why);
            return;
        }
        c->out_from += (size_t)n;
    }
    if (c->out_from == c->out.len) {
        buf_clear(&c->out);
        c->out_from = 0;
    }
    if (c->fd >= 0)
        loop_fd_events(c->loop, c->fd, c->out.len ? POLLIN | POLLOUT : POLLIN);
}

static void on_fd(void *arg, short revents)
{
    struct chan *c = arg;
    c->busy = true;
    if (revents & POLLOUT)
        transmit(c);
    if (c->fd >= 0 && (revents & (POLLIN | POLLHUP | POLLERR)))
        receive(c);
    dispatch(c);
    c->busy = false;
    if (c->gone)
        chan_free(c);
}

void chan_send(struct chan *c, uint8_t type, uint32_t tag, struct span body)
{
    struct errinfo why;
    if (!c || c->fd < 0)
        return;
    if (c->out.len - c->out_from + body.n > CHAN_QUEUE_MAX) {
        err_set(&why, E_BUSY, NULL, NULL, "%zu bytes are not being read", c->out.len - c->out_from);
        end(c, &why);
        return;
    }
    buf_consume(&c->out, c->out_from);
    c->out_from = 0;
    put_u32(&c->out, (uint32_t)body.n);
    put_u8(&c->out, MSG_VERSION);
    put_u8(&c->out, type);
    put_u16(&c->out, 0);
    put_u32(&c->out, tag);
    buf_add(&c->out, body.p, body.n);
    transmit(c);
}

size_t chan_queued(const struct chan *c)
{
    return c->out.len - c->out_from;
}
