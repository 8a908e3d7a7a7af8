/* The process that hands a finished document over: one document, one answer, then the end. */
#include "app/confine.h"
#include "app/paper.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "papermsg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LP_PROGRAM "/usr/bin/lp"

struct spooler;

/* How paper is made (CERT_PRINT_TO): what may be reached, and how a document goes there. */
struct method {
    const char *name;
    struct confine_path path[8];
    size_t n_path;
    void (*send)(const struct spooler *, const struct send_request *, struct sent_answer *);
};

struct spooler {
    struct loop *loop;
    struct chan *chan;
    const struct method *method;
    const char *target; /* directory, or queue */
    bool answered;
};

static void say(struct sent_answer *a, enum paper_sent sent, const char *detail)
{
    a->sent = sent;
    snprintf(a->detail, sizeof a->detail, "%s", detail);
}

/* ---- directory printer ---- */

static void to_directory(const struct spooler *s, const struct send_request *r, struct sent_answer *a)
{
    struct errinfo e = { 0 };
    char *file = xprintf("%s.pdf", r->name), *path = fs_join(s->target, file);
    if (access(path, F_OK) == 0)
        say(a, PAPER_NOT_SENT, "a file of that name is there");
    else if (fs_write_atomic(path, 0600, r->document, &e) == OK)
        say(a, PAPER_SENT, "");
    else /* the last step may have been done before the failure was seen */
        say(a, access(path, F_OK) == 0 ? PAPER_UNSURE : PAPER_NOT_SENT, err_name(e.code));
    free(path);
    free(file);
}

/* ---- CUPS ---- */

static int start_lp(const struct spooler *s, const char *title, int input, pid_t *ret)
{
    char program[] = LP_PROGRAM, d[] = "-d", t[] = "-t", o[] = "-o", media[] = "media=A4";
    char *queue = (char *)(uintptr_t)s->target, *name = (char *)(uintptr_t)title;
    char *argv[] = { program, d, queue, t, name, o, media, NULL };
    char path[] = "PATH=/usr/bin:/bin";
    char *envp[] = { path, NULL };
    posix_spawn_file_actions_t f;
    posix_spawn_file_actions_init(&f);
    posix_spawn_file_actions_adddup2(&f, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&f, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    int rc = posix_spawn(ret, LP_PROGRAM, &f, NULL, argv, envp);
    posix_spawn_file_actions_destroy(&f);
    return rc;
}

/* Feeds lp on its standard input, so that the document is never a file of ours; lp itself says what became of it. */
static int feed(pid_t pid, int fd, struct span document, int *ret_status)
{
    struct errinfo e;
    bool all = fs_write_all(fd, document, &e) == OK;
    close(fd);
    while (waitpid(pid, ret_status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return all ? 0 : 1;
}

static void to_lp(const struct spooler *s, const struct send_request *r, struct sent_answer *a)
{
    int ends[2], status = 0;
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        say(a, PAPER_NOT_SENT, "no pipe to lp");
        return;
    }
    int rc = start_lp(s, r->name, ends[0], &pid);
    close(ends[0]);
    if (rc != 0) {
        close(ends[1]);
        say(a, PAPER_NOT_SENT, "lp could not be started");
        return;
    }
    int fed = feed(pid, ends[1], r->document, &status);
    if (fed == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        say(a, PAPER_SENT, "");
    else if (fed >= 0 && WIFEXITED(status) && WEXITSTATUS(status) != 0) /* lp says no before CUPS has a job */
        say(a, PAPER_NOT_SENT, "lp refused the document");
    else
        say(a, PAPER_UNSURE, "lp was ended");
}

/* A path of NULL is the target. */
static const struct method methods[] = {
    { "directory", { { NULL, CONFINE_WRITE } }, 1, to_directory },
    { "lp",
      { { "/usr", CONFINE_EXEC },
        { "/lib", CONFINE_EXEC },
        { "/lib64", CONFINE_EXEC },
        { "/bin", CONFINE_EXEC },
        { "/etc", CONFINE_READ },
        { "/run/cups", CONFINE_WRITE },
        { "/dev/null", CONFINE_WRITE } },
      7,
      to_lp },
};

/* ---- one document ---- */

static enum err on_request(void *arg, const struct msg *m, struct errinfo *reterr)
{
    struct spooler *s = arg;
    struct send_request r;
    struct sent_answer a = { .sent = PAPER_NOT_SENT };
    uint8_t hash[DIGEST_SIZE];
    struct buf body = BUF_INIT;
    if (s->answered)
        return err_set(reterr, E_CORRUPT, NULL, "spool", "a second document");
    TRY(send_decode(m->body, &r, reterr));
    digest_sha256(r.document.p, r.document.n, hash);
    if (equal_secret(hash, r.hash, sizeof hash))
        s->method->send(s, &r, &a);
    else
        say(&a, PAPER_NOT_SENT, "the document is not what was announced");
    s->answered = true;
    sent_encode(&a, &body);
    chan_send(s->chan, PM_SENT, 0, buf_span(&body));
    buf_done(&body);
    return OK;
}

static void on_closed(void *arg, const struct errinfo *why)
{
    struct spooler *s = arg;
    loop_stop(s->loop, why->code == E_OFFLINE ? 0 : 1);
}

static enum err enter_wall(const struct spooler *s, struct errinfo *reterr)
{
    struct confine_path path[ARRAY_LEN(s->method->path)];
    for (size_t i = 0; i < s->method->n_path; i++) {
        path[i] = s->method->path[i];
        if (!path[i].path)
            path[i].path = s->target;
    }
    struct confine_plan plan = { CONFINE_SPOOL, path, s->method->n_path, 0 };
    struct confine_state state;
    return confine_enter(&plan, &state, reterr);
}

static int serve(struct spooler *s)
{
    static const struct chan_ops ops = { on_request, on_closed };
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    s->loop = loop_new();
    s->chan = chan_new(s->loop, PRIVSEP_FD, &spool_to_child, &ops, s);
    int code = loop_run(s->loop);
    chan_free(s->chan);
    loop_free(s->loop);
    return code;
}

int spool_main(int argc, char **argv)
{
    struct errinfo e = { 0 };
    struct spooler s = { .target = argc == 5 ? argv[4] : "" };
    log_init("madoguchi-branchd-spool", 2, LOG_WARN);
    for (size_t i = 0; argc == 5 && i < ARRAY_LEN(methods); i++)
        if (!strcmp(argv[3], methods[i].name))
            s.method = &methods[i];
    if (!s.method || !*s.target || *s.target == '-') {
        log_msg(LOG_ERR, "spool: expected -x spool directory|lp TARGET");
        return 2;
    }
    uint8_t hash[DIGEST_SIZE];
    enum err err = privsep_enter("spool", &e);
    digest_sha256("", 0, hash); /* the library reads its configuration at the first one */
    if (err == OK)
        err = privsep_copies("spool", &e);
    if (err == OK)
        err = enter_wall(&s, &e);
    if (err == OK)
        return serve(&s);
    if (err == E_OFFLINE)
        return 0;
    log_errinfo(LOG_ERR, "starting to spool", &e);
    return 1;
}
