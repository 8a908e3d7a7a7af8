#include "check.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "branch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>

#define WORDS_MAX 32
#define END_MS    20000

extern char **environ;

static const char *program(const char *variable)
{
    const char *path = getenv(variable);
    if (!path)
        fail_msg("%s is not set", variable);
    return path;
}

int branch_run(const char *const *argv, const char *input, char **ret)
{
    int in[2], out[2], status;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    struct buf got = BUF_INIT;
    char bytes[4096];
    ssize_t n;
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    if (input)
        assert_int_equal(fs_write_all(in[1], span_of(input), NULL), OK);
    close(in[1]);
    while ((n = read(out[0], bytes, sizeof bytes)) > 0)
        buf_add(&got, bytes, (size_t)n);
    close(out[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (ret)
        *ret = xstrdup(buf_str(&got));
    buf_done(&got);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int branch_ctl(struct branch *b, const char *input, char **ret, const char *const *words)
{
    const char *argv[WORDS_MAX + 4] = { program("CTL") };
    size_t n = 1;
    for (; *words; words++) {
        assert_true(n <= WORDS_MAX);
        argv[n++] = *words;
    }
    argv[n++] = "--dir";
    argv[n] = b->dir;
    return branch_run(argv, input, ret);
}

static void write_operators(const char *path)
{
    static const char *const people[][2] = { { "clk1", "CLK" }, { "sup1", "SUP" }, { "bm1", "BM" },
                                             { "rsp1", "RSP" }, { "sys1", "SYS" }, { "aud1", "AUD" } };
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(people); i++)
        buf_printf(&text, "%s\t試験 %s\t%s\t-\t" BRANCH_PASSWORD "\n", people[i][0], people[i][0], people[i][1]);
    assert_int_equal(fs_write_atomic(path, 0600, buf_span(&text), NULL), OK);
    buf_done(&text);
}

void branch_make(struct branch *b)
{
    void *top = NULL;
    assert_int_equal(check_tmpdir(&top), 0);
    *b = (struct branch){ .top = top, .dir = fs_join(top, "i") };
    b->sock = fs_join(b->dir, "branch/run/branchd.sock");
    char *people = fs_join(b->top, "operators"), *own = fs_join(b->dir, "parameters.conf");
    write_operators(people);
    assert_int_equal(mkdir(b->dir, 0700), 0);
    assert_int_equal(fs_write_atomic(own, 0600, span_of("KDF_ITER = 1000\n"), NULL), OK);
    free(own);
    assert_int_equal(
        branch_ctl(b, NULL, NULL,
                   (const char *const[]){ "init", "--trial", "--city-code", "99201", "--office", "E", "--office-name",
                                          "東支所", "--terminal", "1", "--operators", people, NULL }),
        0);
    free(people);
}

void branch_start(struct branch *b)
{
    const char *const argv[] = { program("BRANCHD"), "--dir", b->dir, "--daemon", NULL };
    struct buf pid = BUF_INIT;
    assert_int_equal(branch_run(argv, NULL, NULL), 0);
    char *path = fs_join(b->dir, "branch/run/branchd.pid");
    assert_int_equal(fs_read(path, 64, &pid, NULL), OK);
    b->pid = (pid_t)strtol(buf_str(&pid), NULL, 10);
    assert_true(b->pid > 1);
    buf_done(&pid);
    free(path);
}

bool branch_stop(struct branch *b, int signo)
{
    int fd = (int)syscall(SYS_pidfd_open, b->pid, 0);
    assert_true(fd >= 0);
    assert_int_equal(kill(b->pid, signo), 0);
    struct pollfd p = { .fd = fd, .events = POLLIN };
    bool ended = poll(&p, 1, END_MS) == 1;
    close(fd);
    if (ended)
        b->pid = 0;
    return ended;
}

void branch_gone(struct branch *b)
{
    if (b->pid && !branch_stop(b, SIGTERM))
        branch_stop(b, SIGKILL);
    void *top = b->top;
    check_tmpdir_gone(&top);
    free(b->dir);
    free(b->sock);
}
