/*
 * What the daemons do alike: command line, the lock that says who runs here, going to the background once ready, and
 * the log. `--daemon` returns when the daemon answers; what went wrong before that is told on standard error of whoever
 * started it, later things in the log file.
 */
#ifndef APP_DAEMON_H
#define APP_DAEMON_H

#include "app/instance.h"

struct daemon_call {
    const char *dir;     /* of the instance, absolute */
    const char *program; /* argv[0] */
    const char *extra;   /* value of the program's own option, or NULL */
    /* Called once: with NULL when the daemon answers, with why when it will not. */
    void (*ready)(void *arg, const struct errinfo *why);
    void *arg;
};

struct daemon_program {
    const char *name;     /* "madoguchi-hostd" */
    const char *log_name; /* "hostd" */
    const char *usage;    /* all of it, Japanese */
    const char *extra;    /* name of one more option that takes a value, or NULL */
    enum place log;
    int (*run)(const struct daemon_call *); /* until asked to end; returns the exit status */
};

/* Exit statuses of the programs. */
enum { EXIT_DONE, EXIT_REFUSED, EXIT_USAGE, EXIT_SYSTEM };

int daemon_main(const struct daemon_program *, int argc, char **argv);

/* Takes the lock file; the descriptor keeps it. E_BUSY: another one runs. */
enum err daemon_lock(const char *dir, enum place pid, int *ret_fd, struct errinfo *) NODISCARD;

#endif
