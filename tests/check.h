/*
 * What every test program includes first: cmocka with the headers it wants before it, a temporary directory
 * that goes away again, and checks on programs that must end.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int check_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

/* Setup and teardown of a test: *state is the path of an empty directory. */
static inline int check_tmpdir(void **state)
{
    const char *top = getenv("TMPDIR");
    char *path;
    if (asprintf(&path, "%s/test-XXXXXX", top && *top ? top : "/tmp") < 0)
        return -1;
    *state = path;
    return mkdtemp(path) ? 0 : -1;
}

static inline int check_tmpdir_gone(void **state)
{
    int bad = nftw(*state, check_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return bad;
}

/* Runs body(arg) in a child whose standard error is caught in ret (NUL-terminated); returns the wait status. */
static inline int check_child(void (*body)(void *arg), void *arg, char *ret, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit none = { 0, 0 };
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL); /* cmocka catches it to name the test */
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        body(arg);
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    ssize_t got;
    while (n + 1 < size && (got = read(ends[0], ret + n, size - 1 - n)) > 0)
        n += (size_t)got;
    ret[n] = '\0';
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* body must end by BUG. */
static inline void check_bug(void (*body)(void *arg), void *arg)
{
    char text[4096];
    int status = check_child(body, arg, text, sizeof text);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(text, "bug at "));
}

#endif
