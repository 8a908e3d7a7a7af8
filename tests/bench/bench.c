#include "bench.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MS = 60000, PASSWORD_MAX = 256 };

double bench_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void bench_die(const char *what, const struct errinfo *e, const struct client *c)
{
    fprintf(stderr, "bench: %s: %s %s %s %s %s\n", what, err_name(e->code), e->msg, e->item, e->detail,
            c ? client_text(c) : "");
    exit(3);
}

void figure_add(struct figure *f, double ms)
{
    if (f->n == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 256;
        f->ms = xrealloc(f->ms, f->cap, sizeof *f->ms);
    }
    f->ms[f->n++] = ms;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void figure_print(struct figure *f)
{
    double sum = 0;
    if (!f->n)
        return;
    qsort(f->ms, f->n, sizeof *f->ms, by_value);
    for (size_t i = 0; i < f->n; i++)
        sum += f->ms[i];
    printf("%s\truns %zu\tmin %.3f ms\tp50 %.3f ms\tp99 %.3f ms\tmax %.3f ms\tmean %.3f ms\n", f->name, f->n, f->ms[0],
           f->ms[f->n / 2], f->ms[f->n * 99 / 100], f->ms[f->n - 1], sum / (double)f->n);
}

void figure_done(struct figure *f)
{
    free(f->ms);
}

struct client *bench_login(const char *socket_path, const char *operator_id, int password_fd,
                           char ret_password[PASSWORD_MAX])
{
    struct client *c = NULL;
    struct errinfo e = { 0 };
    if (client_connect(socket_path, &c, &e) != OK)
        bench_die("connect", &e, NULL);
    ssize_t n = read(password_fd, ret_password, PASSWORD_MAX - 1);
    while (n > 0 && (ret_password[n - 1] == '\n' || ret_password[n - 1] == '\r'))
        n--;
    ret_password[n > 0 ? n : 0] = '\0';
    json_decref(
        bench_call(c, "session.login", json_pack("{s:s, s:s}", "operator", operator_id, "password", ret_password)));
    return c;
}

json_t *bench_call(struct client *c, const char *method, json_t *params)
{
    struct errinfo e = { 0 };
    json_t *result = NULL;
    MUST(params);
    if (client_call(c, method, params, TIMEOUT_MS, &result, &e) != OK)
        bench_die(method, &e, c);
    return result;
}

json_t *bench_try(struct client *c, const char *method, json_t *params, struct figure *f)
{
    struct errinfo e = { 0 };
    json_t *result = NULL;
    MUST(params);
    double from = bench_now_ms();
    enum err err = client_call(c, method, params, TIMEOUT_MS, &result, &e);
    if (err == E_OFFLINE || err == E_CORRUPT || err == E_BUSY)
        bench_die(method, &e, c);
    if (err != OK)
        return NULL;
    figure_add(f, bench_now_ms() - from);
    return result;
}
