/*
 * Times requests over the service socket, as the counter makes them: each figure is one request and its answer.
 *
 *   svcbench SOCKET OPERATOR < SCRIPT     password on descriptor 3
 *
 * Each line of the script is NAME, a tab, METHOD, a tab, parameters as JSON. Requests of one NAME form one figure;
 * printed are the number, p50, p99 and maximum in milliseconds. A refusal ends the run: a figure of refusals is no
 * figure.
 */
#include "base/mem.h"
#include "client/client.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_NAMES  16
#define TIMEOUT_MS 30000

struct figure {
    char *name;
    double *ms;
    size_t n, cap;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what, const struct errinfo *e, const struct client *c)
{
    fprintf(stderr, "svcbench: %s: %s %s %s %s\n", what, err_name(e->code), e->msg, e->detail, c ? client_text(c) : "");
    exit(3);
}

static struct figure *figure_of(struct figure *f, const char *name)
{
    size_t i = 0;
    while (i < MAX_NAMES && f[i].name && strcmp(f[i].name, name) != 0)
        i++;
    MUST(i < MAX_NAMES);
    if (!f[i].name)
        f[i].name = xstrdup(name);
    return &f[i];
}

static void add(struct figure *f, double ms)
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

static void login(struct client *c, const char *operator_id)
{
    struct errinfo e = { 0 };
    char password[256] = "";
    json_t *result = NULL;
    ssize_t n = read(3, password, sizeof password - 1);
    while (n > 0 && (password[n - 1] == '\n' || password[n - 1] == '\r'))
        n--;
    password[n > 0 ? n : 0] = '\0';
    json_t *params = json_pack("{s:s, s:s}", "operator", operator_id, "password", password);
    wipe(password, sizeof password);
    if (client_call(c, "session.login", params, TIMEOUT_MS, &result, &e) != OK)
        die("login", &e, c);
    json_decref(result);
}

static void one_request(struct client *c, char *line, struct figure *figures)
{
    struct errinfo e = { 0 };
    json_t *result = NULL;
    char *method = strchr(line, '\t'), *json = method ? strchr(method + 1, '\t') : NULL;
    MUST(json);
    *method++ = '\0';
    *json++ = '\0';
    json_t *params = json_loads(json, 0, NULL);
    MUST(params);
    double from = now_ms();
    if (client_call(c, method, params, TIMEOUT_MS, &result, &e) != OK)
        die(line, &e, c);
    add(figure_of(figures, line), now_ms() - from);
    json_decref(result);
}

int main(int argc, char **argv)
{
    struct client *c = NULL;
    struct errinfo e = { 0 };
    struct figure figures[MAX_NAMES] = { { 0 } };
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    if (argc != 3) {
        fprintf(stderr, "usage: svcbench SOCKET OPERATOR 3< PASSWORD-FILE < SCRIPT\n");
        return 2;
    }
    if (client_connect(argv[1], &c, &e) != OK)
        die("connect", &e, NULL);
    login(c, argv[2]);
    while ((n = getline(&line, &cap, stdin)) > 0) {
        line[strcspn(line, "\n")] = '\0';
        one_request(c, line, figures);
    }
    for (struct figure *f = figures; f < figures + MAX_NAMES && f->name; f++) {
        qsort(f->ms, f->n, sizeof *f->ms, by_value);
        printf("%s\truns %zu\tp50 %.3f ms\tp99 %.3f ms\tmax %.3f ms\n", f->name, f->n, f->ms[f->n / 2],
               f->ms[f->n * 99 / 100], f->ms[f->n - 1]);
        free(f->ms);
        free(f->name);
    }
    free(line);
    client_close(c);
    return 0;
}
