/*
 * A municipality for tests, made and run by the real programs: host and branch of one instance on loopback with
 * invented residents, the operators of the demonstration (data/demo/operators.tsv), and a day that stands at
 * 2026-07-01 09:00. Programs come from the environment: CTL, BRANCHD, HOSTD, MADOGUCHI, MADOGUCHI_SHARE. Nothing
 * sleeps: ends of programs are awaited on their pidfd, the counter by asking it again until a deadline.
 */
#ifndef TESTS_HARNESS_TOWN_H
#define TESTS_HARNESS_TOWN_H

#include "client/client.h"
#include <stdbool.h>
#include <sys/types.h>

#define TOWN_DEADLINE_MS 60000

struct town {
    char *top, *dir, *sock, *people;
    pid_t host, branch; /* 0: does not run */
    json_t *passwords;  /* of the operators */
};

/* Makes everything and starts it, and waits for the first load. `own`: lines of parameters.conf beside those for speed.
 */
void town_make(struct town *, const char *own, int residents);
/* The same with a clock that stands still. */
void town_make_held(struct town *, const char *own, int residents, const char *when);
void town_gone(struct town *); /* stops and removes everything */

void town_start_host(struct town *);
void town_enrol(struct town *); /* the branch, with a fresh code of the host */
void town_start_branch(struct town *);
/* Sends a signal to *pid and waits for its end. */
void town_end(pid_t *pid, int signo);
/* The link child of the branch now; 0: none. */
pid_t town_link(const struct town *);
void town_clock(struct town *, const char *when); /* "2026-07-02T09:00:00+09:00" */

/* A new session; operator NULL: not logged in. */
struct client *town_client(struct town *, const char *operator_id);
const char *town_password(const struct town *, const char *operator_id);
/* Must succeed; the result is the caller's. Params are stolen. */
json_t *town_ask(struct client *, const char *method, json_t *params);
/* Must be refused with this message id; returns the text shown (borrowed). */
const char *town_refused(struct client *, const char *method, json_t *params, const char *msg);

/* Asks status.get until `holds` says so; fails after the deadline and shows the last status. */
void town_until(struct client *, bool (*holds)(const json_t *status), const char *what);
bool town_ready(const json_t *status); /* host answers, copy loaded */
bool town_is(const json_t *status, const char *state);
bool town_host_ok(const json_t *status);

/* madoguchi-ctl with --dir and these words (NULL-terminated); its exit status, standard output in *ret (may be
 * NULL; caller frees). `input` (may be NULL) stands on standard input. */
int town_ctl(const struct town *, const char *input, char **ret, const char *const *words);
/* Text of the newest PDF of the directory printer (pdftotext); caller frees. */
char *town_printed(const struct town *);

const char *js_text(const json_t *object, const char *key); /* "" when absent */

#endif
