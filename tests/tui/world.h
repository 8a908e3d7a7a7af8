/*
 * A branch for tests at the counter: an instance of its own in a temporary directory, with operators, invented
 * residents and a clock that begins at 2026-07-01 10:42, its daemon running. Everything real but the residents' way in.
 */
#ifndef TESTS_TUI_WORLD_H
#define TESTS_TUI_WORLD_H

#include "tui.h"

struct world_programs { /* absolute paths */
    const char *ctl, *branchd, *counter, *seed, *share;
};

struct world;
/* Ends the test program when the branch cannot be made. */
struct world *world_new(const struct world_programs *);
void world_free(struct world *); /* stops the daemon, removes everything */
void world_stop_daemon(struct world *);
void world_start_daemon(struct world *);

/* The counter on a terminal, at the login. `fail` as in tui.h. */
struct tui *world_counter(struct world *, int rows, int cols, void (*fail)(const char *));
/* The same, logged in; operators: kawaguchi (CLK), yamamoto (SUP), kansa (AUD). */
struct tui *world_login(struct world *, const char *operator_id, void (*fail)(const char *));
const char *world_password(const char *operator_id);

#endif
