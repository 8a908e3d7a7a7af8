/*
 * The daemon of a branch as an office starts it: in the background, no child of ours.
 */
#ifndef TESTS_SYSTEM_DAEMON_H
#define TESTS_SYSTEM_DAEMON_H

#include "program.h"

#include "app/instance.h"
#include "base/fsx.h"

#include <signal.h>

static inline pid_t daemon_start(const char *branchd, const char *dir)
{
    struct run r = run_with(branchd, "", (const char *const[]){ "--dir", dir, "--daemon", NULL });
    if (r.status != 0)
        fail_msg("madoguchi-branchd: %s", buf_str(&r.err));
    run_done(&r);
    char *path = place_path(dir, PLACE_BRANCH_PID);
    struct buf text = BUF_INIT;
    assert_int_equal(fs_read(path, 32, &text, NULL), OK);
    pid_t pid = (pid_t)strtol(buf_str(&text), NULL, 10);
    buf_done(&text);
    free(path);
    return pid;
}

/* It is gone when its lock can be taken. */
static inline void daemon_stop(const char *dir, pid_t daemon, int signo)
{
    char *path = place_path(dir, PLACE_BRANCH_PID);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDWR | O_CLOEXEC);
    kill(daemon, signo);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_OFD_SETLKW, &lock), 0);
    close(fd);
    free(path);
}

#endif
