/*
 * A branch for tests that talk to the real programs: an instance of its own in a temporary directory, made by
 * `madoguchi-ctl init`, with operators "clk1", "sup1", "bm1", "rsp1", "sys1", "aud1" (password BRANCH_PASSWORD), and
 * the daemon that serves it. The programs are named by the environment: BRANCHD, CTL, MADOGUCHI_SHARE.
 */
#ifndef TESTS_HARNESS_BRANCH_H
#define TESTS_HARNESS_BRANCH_H

#include <stdbool.h>
#include <sys/types.h>

#define BRANCH_PASSWORD "asagao no hana 42"

struct branch {
    char *top;  /* temporary directory */
    char *dir;  /* of the instance */
    char *sock; /* of the service */
    pid_t pid;  /* of the daemon, 0 while none runs */
};

void branch_make(struct branch *); /* set up, not started */
void branch_start(struct branch *);
/* Sends a signal and waits for the end; false when the daemon was not ours to see end within 20 s. */
bool branch_stop(struct branch *, int signo);
void branch_gone(struct branch *); /* stops and removes everything */

/* Runs madoguchi-ctl with --dir and the given words (NULL-terminated); `input` goes to its standard input. Returns the
 * exit status; what it wrote to standard output is in *ret (caller frees; may be NULL). */
int branch_ctl(struct branch *, const char *input, char **ret, const char *const *words);

/* Runs a program and waits; standard output goes to *ret (may be NULL), standard error to this one's. */
int branch_run(const char *const *argv, const char *input, char **ret);

#endif
