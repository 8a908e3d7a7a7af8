/* What the programs behind tools/bench share: a clock, figures with their percentiles, and a session of the service. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "client/client.h"

double bench_now_ms(void);

/* Ends the program: what was being done, and what the service said to it. */
_Noreturn void bench_die(const char *what, const struct errinfo *, const struct client *);

struct figure {
    const char *name; /* borrowed */
    double *ms;
    size_t n, cap;
};
void figure_add(struct figure *, double ms);
/* Name, number, minimum, p50, p99, maximum and mean in milliseconds as one line; nothing without measurements. */
void figure_print(struct figure *);
void figure_done(struct figure *);

/* Connects and logs in with the password that stands on the descriptor. */
struct client *bench_login(const char *socket_path, const char *operator_id, int password_fd, char ret_password[256]);
/* The result, owned; ends the program when refused. Steals params. */
json_t *bench_call(struct client *, const char *method, json_t *params);
/* The same, timed; NULL when the service refuses what was asked. */
json_t *bench_try(struct client *, const char *method, json_t *params, struct figure *);

#endif
