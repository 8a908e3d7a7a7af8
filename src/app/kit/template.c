/* Templates: processes that got ready once and are copied. Both ends of what daemon and template say to each other. */
#include "template.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ANSWER_MS = 1000, /* a copy takes less than one */
    SETTLE_MS = 500,  /* for threads that are about to end */
};

struct template
{
    struct privsep *ps;
    struct template *next;
    const char *role;
    const char *const *args;
    void (*cb)(void *arg);
    void *arg;
    pid_t pid; /* 0: reaped or not started */
    int fd;    /* -1: down */
    bool ready;
};

/* ---- what is said: an order is one byte and a socket, an answer one of these ---- */

struct said {
    int32_t pid; /* of the copy; 0: ready; negative: an errno */
};

static bool send_order(int fd, int sock)
{
    char byte = 0;
    struct iovec iov = { &byte, 1 };
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } with = { .room = { 0 } };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &with, .msg_controllen = sizeof with };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof sock);
    memcpy(CMSG_DATA(c), &sock, sizeof sock);
    return sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

/* The socket of the next copy, or -1 when there will be none. */
static int next_order(int fd)
{
    char byte;
    struct iovec iov = { &byte, 1 };
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } with;
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &with, .msg_controllen = sizeof with };
    ssize_t n;
    while ((n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    const struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
    int sock = -1;
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof sock))
        memcpy(&sock, CMSG_DATA(c), sizeof sock);
    return sock;
}

/* ---- the daemon's end ---- */

static void lost(struct template *t, const char *why)
{
    log_msg(LOG_WARN, "template of %s: %s", t->role, why);
    loop_fd_del(privsep_loop(t->ps), t->fd);
    close(t->fd);
    t->fd = -1;
    t->ready = false;
    if (t->pid)
        kill(t->pid, SIGKILL);
}

static void on_fd(void *arg, short revents)
{
    struct template *t = arg;
    struct said s;
    (void)revents;
    ssize_t n = recv(t->fd, &s, sizeof s, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n != sizeof s || s.pid != 0 || t->ready) {
        lost(t, n == 0 ? "has ended" : "an answer that nobody waits for");
        return;
    }
    t->ready = true;
    t->cb(t->arg);
}

static enum err start(struct template *t, struct errinfo *reterr)
{
    static const struct timeval limit = { ANSWER_MS / 1000, 0 };
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return err_sys(reterr, errno, t->role, "socketpair");
    enum err e = OK;
    if (setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
        e = err_sys(reterr, errno, t->role, "setsockopt");
    if (e == OK)
        e = privsep_exec(t->ps, pair[1], t->role, t->args, NULL, &t->pid, reterr);
    close(pair[1]);
    if (e != OK) {
        close(pair[0]);
        return e;
    }
    t->fd = pair[0];
    loop_fd(privsep_loop(t->ps), t->fd, POLLIN, on_fd, t);
    return OK;
}

static void start_or_tell(struct template *t)
{
    struct errinfo e = { 0 };
    if (start(t, &e) != OK)
        log_errinfo(LOG_ERR, t->role, &e);
}

struct template *template_new(struct privsep *ps, const char *role, const char *const *args, void (*ready)(void *arg),
                              void *arg)
{
    struct template *t = xcalloc(1, sizeof *t);
    *t = (struct template){ .ps = ps, .role = role, .args = args, .cb = ready, .arg = arg, .fd = -1 };
    t->next = *privsep_templates(ps);
    *privsep_templates(ps) = t;
    start_or_tell(t);
    return t;
}

void template_end(struct template *t)
{
    struct template **at = privsep_templates(t->ps);
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (t->fd >= 0) {
        loop_fd_del(privsep_loop(t->ps), t->fd);
        close(t->fd);
    }
    if (t->pid) {
        kill(t->pid, SIGKILL);
        while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    *t = (struct template){ .fd = -1 };
}

void template_free(struct template *t)
{
    if (t && t->ps)
        template_end(t);
    free(t);
}

pid_t template_pid(const struct template *t)
{
    return t->ready ? t->pid : 0;
}

struct template *template_next(const struct template *t)
{
    return t->next;
}

void template_reap(struct template *t)
{
    int status;
    if (!t->pid || waitpid(t->pid, &status, WNOHANG) != t->pid)
        return;
    t->pid = 0;
    if (t->fd >= 0)
        lost(t, "has ended");
}

enum err template_copy(struct template *t, int sock, pid_t *ret_pid, struct errinfo *reterr)
{
    struct said s = { 0 };
    if (!t->ready) {
        if (t->fd < 0 && !t->pid)
            start_or_tell(t);
        return err_set(reterr, E_OFFLINE, NULL, t->role, "not ready to be copied");
    }
    if (!send_order(t->fd, sock) || recv(t->fd, &s, sizeof s, 0) != sizeof s || s.pid <= 0) {
        lost(t, "made no copy");
        return err_set(reterr, E_OFFLINE, NULL, t->role, "no copy was made");
    }
    *ret_pid = s.pid;
    return OK;
}

/* ---- the template's end ---- */

/* Threads of libraries have done their work and are about to end: a lock that one of them holds would be held for good
 * in a copy. */
static bool settled(void)
{
    struct clock c = clock_system();
    int64_t until = c.mono_ms(c.self) + SETTLE_MS;
    struct stat st;
    for (;;) {
        if (stat("/proc/self/task", &st) == 0 && st.st_nlink == 3) /* ".", ".." and this one */
            return true;
        if (c.mono_ms(c.self) >= until)
            return false;
        sched_yield();
    }
}

/* A child of our parent, so that it is watched and reaped there like every other. */
static pid_t copy_self(void)
{
    return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0);
}

static enum err become_copy(const char *role, int sock, struct errinfo *reterr)
{
    if (dup3(sock, PRIVSEP_FD, O_CLOEXEC) < 0)
        return err_sys(reterr, errno, role, "dup3");
    close(sock);
    if (prctl(PR_SET_NAME, role) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return err_sys(reterr, errno, role, "prctl");
    return OK;
}

static enum err answer(const char *role, int32_t pid, struct errinfo *reterr)
{
    struct said s = { pid };
    if (send(PRIVSEP_FD, &s, sizeof s, MSG_NOSIGNAL) != sizeof s)
        return err_set(reterr, E_OFFLINE, NULL, role, "nobody wants copies any more");
    return OK;
}

enum err privsep_copies(const char *role, struct errinfo *reterr)
{
    int type = 0, sock;
    socklen_t n = sizeof type;
    char name[16];
    if (getsockopt(PRIVSEP_FD, SOL_SOCKET, SO_TYPE, &type, &n) != 0)
        return err_sys(reterr, errno, role, "getsockopt");
    if (type == SOCK_STREAM)
        return OK;
    if (!settled())
        return err_set(reterr, E_BUSY, NULL, role, "threads are left");
    snprintf(name, sizeof name, "%.6s-template", role);
    if (prctl(PR_SET_NAME, name) != 0)
        return err_sys(reterr, errno, role, "prctl");
    TRY(answer(role, 0, reterr));
    while ((sock = next_order(PRIVSEP_FD)) >= 0) {
        pid_t pid = copy_self();
        if (pid == 0)
            return become_copy(role, sock, reterr);
        int saved = errno;
        close(sock);
        TRY(answer(role, pid < 0 ? -saved : pid, reterr));
    }
    return err_set(reterr, E_OFFLINE, NULL, role, "nobody wants copies any more");
}
