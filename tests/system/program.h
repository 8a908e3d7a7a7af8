/*
 * Running one of our programs as a person does: its own descriptors, its exit status, what it wrote.
 */
#ifndef TESTS_SYSTEM_PROGRAM_H
#define TESTS_SYSTEM_PROGRAM_H

#include "check.h"

#include "base/buf.h"
#include "base/mem.h"
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>

struct run {
    int status;
    struct buf out, err;
};

static inline void run_done(struct run *r)
{
    buf_done(&r->out);
    buf_done(&r->err);
}

static inline void drain(int fd, struct buf *into)
{
    char chunk[4096];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        buf_add(into, chunk, (size_t)n);
}

/* Both outputs at once, so that neither fills while the other is waited for. */
static inline void drain_both(int a, struct buf *into_a, int b, struct buf *into_b)
{
    struct pollfd p[] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
    struct buf *into[] = { into_a, into_b };
    while (p[0].fd >= 0 || p[1].fd >= 0) {
        assert_true(poll(p, 2, -1) > 0);
        for (int i = 0; i < 2; i++) {
            char chunk[4096];
            if (!p[i].revents)
                continue;
            ssize_t n = read(p[i].fd, chunk, sizeof chunk);
            if (n > 0)
                buf_add(into[i], chunk, (size_t)n);
            else
                p[i].fd = -1;
        }
    }
}

static inline void child(const char *program, int in, int out, int err, const char *const *args)
{
    const char *argv[32] = { program };
    size_t n = 1;
    while (*args && n < ARRAY_LEN(argv) - 1)
        argv[n++] = *args++;
    dup2(in, 0);
    dup2(out, 1);
    dup2(err, 2);
    execv(program, (char *const *)(uintptr_t)argv);
    _exit(99);
}

/* Starts the program and waits for its end; input is what stands on its standard input. */
static inline struct run run_with(const char *program, const char *input, const char *const *args)
{
    struct run r = { .out = BUF_INIT, .err = BUF_INIT };
    int in[2], out[2], err[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(program, in[0], out[1], err[1], args);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    (void)!write(in[1], input, strlen(input));
    close(in[1]);
    drain_both(out[0], &r.out, err[0], &r.err);
    close(out[0]);
    close(err[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    r.status = WEXITSTATUS(status);
    return r;
}

static inline void has(const struct buf *b, const char *text)
{
    if (!strstr(buf_str(b), text))
        fail_msg("\"%s\" is not in: %s", text, buf_str(b));
}

/* The whole of standard output is one document. */
static inline json_t *document(const struct run *r)
{
    json_error_t where;
    json_t *j = json_loadb(r->out.p, r->out.len, JSON_REJECT_DUPLICATES, &where);
    if (!j)
        fail_msg("not one JSON document: %s", buf_str(&r->out));
    assert_int_equal(r->err.len, 0);
    return j;
}

static inline const char *text_in(const json_t *j, const char *a, const char *b)
{
    const char *s = json_string_value(json_object_get(json_object_get(j, a), b));
    return s ? s : "";
}

#endif
