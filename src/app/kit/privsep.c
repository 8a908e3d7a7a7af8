#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    KEPT_FD = 10,     /* our own descriptors start here, clear of what a child is given */
    DRAIN_MS = 2000,  /* a reaped child's last messages are waited for that long */
    HANGUP_MS = 2000, /* a child that has closed its channel ends within that time */
    EXEC_FAILED = 127,
    MAX_ARGS = 32,
};

struct child {
    struct privsep *ps;
    struct child *next;
    struct child_spec spec;
    pid_t pid;         /* 0: reaped or not started */
    struct chan *chan; /* NULL: ended */
    int status;
    int timer;     /* kill, drain or restart, whichever the state calls for; 0: none */
    int64_t since; /* when it was started */
    int64_t delay; /* before the next restart */
    bool stopping;
};

struct privsep {
    struct loop *loop;
    struct clock clock;
    int exe;
    int null;
    struct child *children;
    struct template *templates;
};

static void on_sigchld(void *arg);
static enum err launch(struct child *, struct errinfo *);
static void settle(struct child *);

static int open_high(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return fd;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, KEPT_FD);
    int saved = errno;
    close(fd);
    errno = saved;
    return high;
}

enum err privsep_new(struct loop *loop, struct privsep **ret, struct errinfo *reterr)
{
    struct privsep *ps = xcalloc(1, sizeof *ps);
    enum err e = OK;
    ps->loop = loop;
    ps->clock = clock_system();
    ps->exe = open_high("/proc/self/exe", O_PATH);
    ps->null = open_high("/dev/null", O_RDWR);
    if (ps->exe < 0 || ps->null < 0)
        e = err_sys(reterr, errno, NULL, ps->exe < 0 ? "open the running program" : "open /dev/null");
    if (e == OK)
        e = loop_signal(loop, SIGCHLD, on_sigchld, ps, reterr);
    if (e != OK) {
        privsep_free(ps);
        return e;
    }
    *ret = ps;
    return OK;
}

static void set_timer(struct child *c, int64_t ms, void (*cb)(void *))
{
    if (c->timer)
        loop_timer_del(c->ps->loop, c->timer);
    c->timer = cb ? loop_timer(c->ps->loop, ms, cb, c) : 0;
}

static void forget(struct child *c)
{
    struct child **at = &c->ps->children;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    set_timer(c, 0, NULL);
    chan_free(c->chan);
    free(c);
}

void privsep_free(struct privsep *ps)
{
    if (!ps)
        return;
    while (ps->children) {
        struct child *c = ps->children;
        if (c->pid) {
            kill(c->pid, SIGKILL);
            while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        }
        forget(c);
    }
    while (ps->templates)
        template_end(ps->templates);
    if (ps->exe >= 0)
        close(ps->exe);
    if (ps->null >= 0)
        close(ps->null);
    free(ps);
}

static void on_kill(void *arg)
{
    struct child *c = arg;
    c->timer = 0;
    if (c->pid)
        kill(c->pid, SIGKILL);
}

static enum err on_message(void *arg, const struct msg *m, struct errinfo *reterr)
{
    struct child *c = arg;
    return c->spec.ops->message(c->spec.arg, c, m, reterr);
}

static void on_closed(void *arg, const struct errinfo *why)
{
    struct child *c = arg;
    bool hung_up = why->code == E_OFFLINE;
    if (!hung_up)
        log_errinfo(LOG_ERR, c->spec.role, why);
    chan_free(c->chan); /* and `why` with it */
    c->chan = NULL;
    if (c->pid)
        set_timer(c, hung_up ? HANGUP_MS : 0, on_kill);
    else
        settle(c);
}

static const struct chan_ops CHAN_OPS = { .message = on_message, .closed = on_closed };

static void on_restart(void *arg)
{
    struct child *c = arg;
    struct errinfo err;
    c->timer = 0;
    if (launch(c, &err) == OK)
        return;
    log_errinfo(LOG_ERR, c->spec.role, &err);
    set_timer(c, c->delay, on_restart);
}

/* Both the process and its channel have ended. */
static void settle(struct child *c)
{
    set_timer(c, 0, NULL);
    bool again = c->spec.restart && !c->stopping;
    c->spec.ops->ended(c->spec.arg, c, c->status);
    if (!again || c->stopping) {
        forget(c);
        return;
    }
    int64_t held = c->ps->clock.mono_ms(c->ps->clock.self) - c->since;
    if (held >= c->spec.restart_max_ms)
        c->delay = c->spec.restart_min_ms;
    log_msg(LOG_WARN, "%s has ended (status 0x%x), starts again in %lld ms", c->spec.role, (unsigned)c->status,
            (long long)c->delay);
    set_timer(c, c->delay, on_restart);
    c->delay = c->delay * 2 < c->spec.restart_max_ms ? c->delay * 2 : c->spec.restart_max_ms;
}

static void on_drained(void *arg)
{
    struct child *c = arg;
    c->timer = 0;
    chan_free(c->chan);
    c->chan = NULL;
    settle(c);
}

static void on_sigchld(void *arg)
{
    struct privsep *ps = arg;
    for (struct template *t = ps->templates; t; t = template_next(t))
        template_reap(t);
    for (struct child *c = ps->children, *next; c; c = next) {
        next = c->next;
        if (!c->pid || waitpid(c->pid, &c->status, WNOHANG) != c->pid)
            continue;
        c->pid = 0;
        if (c->chan)
            set_timer(c, DRAIN_MS, on_drained);
        else
            settle(c);
    }
}

/* Between vfork and exec: only calls that are safe there, and nothing is written but this frame. */
static void become(const struct privsep *ps, int sock, char *const argv[], char *const envp[])
{
    sigset_t none;
    sigemptyset(&none);
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    bool ok = dup2(ps->null, STDIN_FILENO) >= 0 && dup2(ps->null, STDOUT_FILENO) >= 0;
    ok = ok && (sock == PRIVSEP_FD ? fcntl(sock, F_SETFD, 0) : dup2(sock, PRIVSEP_FD)) >= 0;
    ok = ok && close_range(PRIVSEP_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
    ok = ok && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
    if (ok)
        fexecve(ps->exe, argv, envp);
    _exit(EXEC_FAILED);
}

static void build_argv(const char *role, const char *const *args, char *ret[MAX_ARGS])
{
    size_t n = 0;
    ret[n++] = (char *)program_invocation_name;
    ret[n++] = (char *)"-x";
    ret[n++] = (char *)role;
    for (size_t i = 0; args && args[i]; i++) {
        MUST(n < MAX_ARGS - 1);
        ret[n++] = (char *)args[i];
    }
    ret[n] = NULL;
}

enum err privsep_exec(struct privsep *ps, int sock, const char *role, const char *const *args, const char *const *env,
                      pid_t *ret_pid, struct errinfo *reterr)
{
    char *argv[MAX_ARGS];
    static char *const no_env[] = { NULL };
    build_argv(role, args, argv);
    pid_t pid = vfork(); /* the store's pages are not copied for a program that is replaced at once */
    if (pid == 0)
        become(ps, sock, argv, env ? (char *const *)env : no_env);
    if (pid < 0)
        return err_sys(reterr, errno, role, "fork");
    *ret_pid = pid;
    return OK;
}

struct template **privsep_templates(struct privsep *ps)
{
    return &ps->templates;
}

struct loop *privsep_loop(struct privsep *ps)
{
    return ps->loop;
}

static enum err launch(struct child *c, struct errinfo *reterr)
{
    int pair[2];
    const struct child_spec *s = &c->spec;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return err_sys(reterr, errno, s->role, "socketpair");
    enum err e = s->of ? template_copy(s->of, pair[1], &c->pid, reterr) : E_OFFLINE;
    if (e != OK)
        e = privsep_exec(c->ps, pair[1], s->role, s->args, s->env, &c->pid, reterr);
    close(pair[1]);
    if (e != OK) {
        close(pair[0]);
        return e;
    }
    c->status = 0;
    c->since = c->ps->clock.mono_ms(c->ps->clock.self);
    c->chan = chan_new(c->ps->loop, pair[0], c->spec.in, &CHAN_OPS, c);
    if (c->spec.ops->started)
        c->spec.ops->started(c->spec.arg, c);
    return OK;
}

enum err child_start(struct privsep *ps, const struct child_spec *spec, struct child **ret, struct errinfo *reterr)
{
    struct child *c = xcalloc(1, sizeof *c);
    c->ps = ps;
    c->spec = *spec;
    c->delay = spec->restart_min_ms;
    c->next = ps->children;
    ps->children = c;
    *ret = c;
    enum err e = launch(c, reterr);
    if (e != OK) {
        *ret = NULL;
        forget(c);
    }
    return e;
}

void child_send(struct child *c, uint8_t type, uint32_t tag, struct span body)
{
    chan_send(c->chan, type, tag, body);
}

bool child_running(const struct child *c)
{
    return c->pid != 0 && c->chan;
}

pid_t child_pid(const struct child *c)
{
    return c->pid;
}

void child_restart(struct child *c)
{
    MUST(c->spec.restart);
    if (c->stopping)
        return;
    c->delay = c->spec.restart_min_ms;
    if (!c->pid && !c->chan) {
        set_timer(c, 0, on_restart);
    } else if (c->pid && c->chan) {
        chan_free(c->chan);
        c->chan = NULL;
        set_timer(c, HANGUP_MS, on_kill);
    }
}

static void on_stopped(void *arg)
{
    struct child *c = arg;
    c->timer = 0;
    settle(c);
}

void child_stop(struct child *c, int64_t grace_ms)
{
    c->stopping = true;
    chan_free(c->chan);
    c->chan = NULL;
    if (c->pid)
        set_timer(c, grace_ms, on_kill);
    else
        set_timer(c, 0, on_stopped);
}

const char *privsep_role(int argc, char **argv)
{
    return argc >= 3 && strcmp(argv[1], "-x") == 0 ? argv[2] : NULL;
}

/* Descriptors above the socket that are open, the one that looks excepted; -1 when /proc is not there. */
static int count_extra(void)
{
    DIR *d = opendir("/proc/self/fd");
    if (!d)
        return -1;
    int n = 0;
    const struct dirent *entry;
    while ((entry = readdir(d))) {
        int fd = atoi(entry->d_name);
        n += fd > PRIVSEP_FD && fd != dirfd(d);
    }
    closedir(d);
    return n;
}

enum err privsep_enter(const char *role, struct errinfo *reterr)
{
    struct stat st;
    if (fstat(PRIVSEP_FD, &st) != 0 || !S_ISSOCK(st.st_mode))
        return err_set(reterr, E_INVALID, NULL, role, "descriptor %d is not a socket", PRIVSEP_FD);
    int extra = count_extra();
    if (extra != 0)
        return err_set(reterr, E_DENIED, NULL, role, "%d further descriptors are open", extra);
    if (fcntl(PRIVSEP_FD, F_SETFD, FD_CLOEXEC) != 0)
        return err_sys(reterr, errno, role, "fcntl");
    if (prctl(PR_SET_NAME, role) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return err_sys(reterr, errno, role, "prctl");
    return OK;
}
