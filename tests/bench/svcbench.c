/*
 * Times requests over the service socket, as the counter makes them: each figure is one request and its answer.
 *
 *   svcbench SOCKET OPERATOR < SCRIPT     password on descriptor 3
 *
 * Each line of the script is NAME, a tab, METHOD, a tab, parameters as JSON. Requests of one NAME form one figure. A
 * refusal ends the run: a figure of refusals is no figure.
 */
#include "base/mem.h"
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 16

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

static void one_request(struct client *c, char *line, struct figure *figures)
{
    char *method = strchr(line, '\t'), *json = method ? strchr(method + 1, '\t') : NULL;
    MUST(json);
    *method++ = '\0';
    *json++ = '\0';
    json_t *params = json_loads(json, 0, NULL);
    double from = bench_now_ms();
    json_t *result = bench_call(c, method, params);
    figure_add(figure_of(figures, line), bench_now_ms() - from);
    json_decref(result);
}

int main(int argc, char **argv)
{
    struct figure figures[MAX_NAMES] = { { 0 } };
    char password[256], *line = NULL;
    size_t cap = 0;
    if (argc != 3) {
        fprintf(stderr, "usage: svcbench SOCKET OPERATOR 3< PASSWORD < SCRIPT\n");
        return 2;
    }
    struct client *c = bench_login(argv[1], argv[2], 3, password);
    wipe(password, sizeof password);
    while (getline(&line, &cap, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        one_request(c, line, figures);
    }
    for (struct figure *f = figures; f < figures + MAX_NAMES && f->name; f++) {
        figure_print(f);
        figure_done(f);
        free((char *)(uintptr_t)f->name);
    }
    free(line);
    client_close(c);
    return 0;
}
