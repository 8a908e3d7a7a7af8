#include "base/loop.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct fd_handler {
    int fd;
    short events;
    uint64_t serial; /* tells a new handler of the same descriptor from the one that was polled */
    void (*cb)(void *arg, short revents);
    void *arg;
};

struct timer {
    int64_t due; /* monotonic milliseconds */
    uint64_t serial;
    void (*cb)(void *arg);
    void *arg;
};

struct signal_handler {
    int signo;
    void (*cb)(void *arg);
    void *arg;
};

struct after_handler {
    void (*cb)(void *arg);
    void *arg;
};

struct loop {
    struct clock clock;
    uint64_t serial;
    struct fd_handler *fds;
    size_t n_fds;
    struct timer *timers;
    size_t n_timers;
    struct signal_handler *signals;
    size_t n_signals;
    struct after_handler *afters;
    size_t n_afters;
    sigset_t mask;
    int signal_fd;
    bool stopped;
    int code;
};

/* What a round polls, with the handler each entry stands for; handlers may come and go meanwhile. */
struct round {
    struct pollfd *polls;
    uint64_t *serials;
    size_t n;
};

struct loop *loop_new(void)
{
    struct loop *l = xcalloc(1, sizeof *l);
    l->clock = clock_system();
    l->signal_fd = -1;
    sigemptyset(&l->mask);
    return l;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    if (l->n_fds || l->n_timers)
        log_msg(LOG_WARN, "event loop freed with %zu descriptors and %zu timers", l->n_fds, l->n_timers);
    /* The signals stay blocked: one that arrives during the end of the program must not cut it short. */
    if (l->signal_fd >= 0)
        close(l->signal_fd);
    free(l->fds);
    free(l->timers);
    free(l->signals);
    free(l->afters);
    free(l);
}

static int64_t now_ms(struct loop *l)
{
    return l->clock.mono_ms(l->clock.self);
}

static struct fd_handler *find_fd(struct loop *l, int fd)
{
    for (size_t i = 0; i < l->n_fds; i++)
        if (l->fds[i].fd == fd)
            return &l->fds[i];
    return NULL;
}

void loop_fd(struct loop *l, int fd, short events, void (*cb)(void *arg, short revents), void *arg)
{
    MUST(fd >= 0 && !find_fd(l, fd));
    l->fds = xrealloc(l->fds, l->n_fds + 1, sizeof *l->fds);
    l->fds[l->n_fds++] = (struct fd_handler){ .fd = fd, .events = events, .serial = ++l->serial, .cb = cb, .arg = arg };
}

void loop_fd_events(struct loop *l, int fd, short events)
{
    struct fd_handler *h = find_fd(l, fd);
    MUST(h);
    h->events = events;
}

void loop_fd_del(struct loop *l, int fd)
{
    struct fd_handler *h = find_fd(l, fd);
    MUST(h);
    *h = l->fds[--l->n_fds];
}

enum err loop_signal(struct loop *l, int signo, void (*cb)(void *arg), void *arg, struct errinfo *reterr)
{
    for (size_t i = 0; i < l->n_signals; i++)
        MUST(l->signals[i].signo != signo);
    sigset_t mask = l->mask, before;
    if (sigaddset(&mask, signo) != 0 || signo == SIGKILL || signo == SIGSTOP)
        return err_set(reterr, E_INVALID, NULL, NULL, "signal %d cannot be taken", signo);
    if (sigprocmask(SIG_BLOCK, &mask, &before) != 0)
        return err_sys(reterr, errno, NULL, "sigprocmask");
    int fd = signalfd(l->signal_fd, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        int saved = errno;
        sigprocmask(SIG_SETMASK, &before, NULL);
        return err_sys(reterr, saved, NULL, "signalfd");
    }
    l->signal_fd = fd;
    l->mask = mask;
    l->signals = xrealloc(l->signals, l->n_signals + 1, sizeof *l->signals);
    l->signals[l->n_signals++] = (struct signal_handler){ .signo = signo, .cb = cb, .arg = arg };
    return OK;
}

static int timer_id(uint64_t serial)
{
    return (int)(serial % INT_MAX) + 1;
}

int loop_timer(struct loop *l, int64_t delay_ms, void (*cb)(void *arg), void *arg)
{
    int64_t due;
    if (__builtin_add_overflow(now_ms(l), delay_ms > 0 ? delay_ms : 0, &due))
        due = INT64_MAX;
    l->timers = xrealloc(l->timers, l->n_timers + 1, sizeof *l->timers);
    l->timers[l->n_timers++] = (struct timer){ .due = due, .serial = ++l->serial, .cb = cb, .arg = arg };
    return timer_id(l->serial);
}

void loop_timer_del(struct loop *l, int id)
{
    for (size_t i = 0; i < l->n_timers; i++)
        if (timer_id(l->timers[i].serial) == id) {
            l->timers[i] = l->timers[--l->n_timers];
            return;
        }
}

void loop_after(struct loop *l, void (*cb)(void *arg), void *arg)
{
    l->afters = xrealloc(l->afters, l->n_afters + 1, sizeof *l->afters);
    l->afters[l->n_afters++] = (struct after_handler){ .cb = cb, .arg = arg };
}

/* The timer that fires first among those up to `last_serial`; NULL when there is none. */
static struct timer *first_timer(struct loop *l, uint64_t last_serial)
{
    struct timer *first = NULL;
    for (size_t i = 0; i < l->n_timers; i++) {
        struct timer *t = &l->timers[i];
        if (t->serial > last_serial)
            continue;
        if (!first || t->due < first->due || (t->due == first->due && t->serial < first->serial))
            first = t;
    }
    return first;
}

/* Timers that are set meanwhile wait for the next round, so that they cannot starve the descriptors. */
static void run_timers(struct loop *l)
{
    uint64_t last_serial = l->serial;
    int64_t now = now_ms(l);
    struct timer *first;
    while ((first = first_timer(l, last_serial)) && first->due <= now) {
        struct timer t = *first;
        *first = l->timers[--l->n_timers];
        t.cb(t.arg);
    }
}

static void run_signal(struct loop *l, int signo)
{
    for (size_t i = 0; i < l->n_signals; i++)
        if (l->signals[i].signo == signo) {
            struct signal_handler h = l->signals[i];
            h.cb(h.arg);
            return;
        }
}

static void run_signals(struct loop *l)
{
    struct signalfd_siginfo info;
    while (read(l->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        run_signal(l, (int)info.ssi_signo);
}

static void run_fd(struct loop *l, const struct pollfd *p, uint64_t serial)
{
    if (p->revents & POLLNVAL)
        BUG("descriptor %d was closed before its handler was removed", p->fd);
    const struct fd_handler *h = find_fd(l, p->fd);
    if (!h || h->serial != serial || h->events == 0)
        return;
    short revents = p->revents & (short)(h->events | POLLERR | POLLHUP);
    if (revents)
        h->cb(h->arg, revents);
}

/* Entry 0 is the signal descriptor. poll ignores negative descriptors: none, or a paused one. */
static struct round round_of(struct loop *l)
{
    struct round r = { .n = l->n_fds + 1 };
    r.polls = xcalloc(r.n, sizeof *r.polls);
    r.serials = xcalloc(r.n, sizeof *r.serials);
    r.polls[0] = (struct pollfd){ .fd = l->signal_fd, .events = POLLIN };
    for (size_t i = 1; i < r.n; i++) {
        const struct fd_handler *h = &l->fds[i - 1];
        r.polls[i] = (struct pollfd){ .fd = h->events ? h->fd : -1, .events = h->events };
        r.serials[i] = h->serial;
    }
    return r;
}

static int timeout_of(struct loop *l, int64_t max_ms)
{
    int64_t wait = max_ms < 0 ? INT64_MAX : max_ms;
    const struct timer *first = first_timer(l, UINT64_MAX);
    if (first) {
        int64_t now = now_ms(l);
        int64_t left = first->due > now ? first->due - now : 0;
        wait = left < wait ? left : wait;
    }
    if (wait == INT64_MAX)
        return -1;
    return wait > INT_MAX ? INT_MAX : (int)wait;
}

void loop_once(struct loop *l, int64_t max_ms)
{
    struct round r = round_of(l);
    int n = poll(r.polls, r.n, timeout_of(l, max_ms));
    if (n < 0 && errno != EINTR)
        BUG("poll: errno %d", errno);
    if (n > 0 && r.polls[0].revents)
        run_signals(l);
    for (size_t i = 1; n > 0 && i < r.n; i++)
        if (r.polls[i].revents)
            run_fd(l, &r.polls[i], r.serials[i]);
    run_timers(l);
    for (size_t i = 0; i < l->n_afters; i++) {
        struct after_handler h = l->afters[i];
        h.cb(h.arg);
    }
    free(r.polls);
    free(r.serials);
}

int loop_run(struct loop *l)
{
    while (!l->stopped)
        loop_once(l, -1);
    l->stopped = false;
    return l->code;
}

void loop_stop(struct loop *l, int code)
{
    l->stopped = true;
    l->code = code;
}
