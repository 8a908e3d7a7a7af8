/*
 * Times certificates as a clerk issues them: request, preview, and the issue until the document lies in the tray.
 *
 *   certbench SOCKET CLERK COUNT PAUSE < PEOPLE     password on descriptor 3; a 宛名番号 a line
 *
 * PAUSE: milliseconds in which a clerk reads before the next key; 0 for one after the other.
 */
#include "base/mem.h"
#include "bench.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct figures {
    struct figure request, preview, issue, whole;
    int pause_ms;
};

static double paused(const struct figures *f)
{
    double from = bench_now_ms();
    poll(NULL, 0, f->pause_ms);
    return bench_now_ms() - from;
}

static json_t *asked(const char *person)
{
    return json_pack("{s:s, s:[s], s:{s:s, s:s, s:s, s:s, s:s, s:b, s:b}, s:[s, s], s:i}", "kind", "juminhyo_kojin",
                     "persons", person, "requester", "class", "third", "name", "請求者", "document", "12", "purpose",
                     "債権の回収", "proof", "契約書", "reason_holds", 1, "in_person", 1, "items", "head", "relation",
                     "copies", 1);
}

static bool may_have(const json_t *request)
{
    return request && json_is_true(json_object_get(json_object_get(request, "gate"), "ok")) &&
           !json_is_true(json_object_get(request, "needs_approval"));
}

static void must_be_printed(const json_t *issued)
{
    const json_t *first = json_array_get(json_object_get(issued, "issues"), 0);
    const char *state = json_string_value(json_object_get(first, "state"));
    if (!state || strcmp(state, "printed") != 0) {
        fprintf(stderr, "certbench: a certificate is %s\n", state ? state : "nowhere");
        exit(3);
    }
}

/* Who may not have one without more ado is left out. */
static bool one_certificate(struct client *c, const char *person, struct figures *f)
{
    paused(f);
    double read_ms = 0, from = bench_now_ms();
    json_t *request = bench_try(c, "cert.request", asked(person), &f->request);
    bool fine = may_have(request);
    if (fine) {
        json_t *p = json_pack("{s:O}", "request", json_object_get(request, "request"));
        json_t *preview = bench_try(c, "cert.preview", json_deep_copy(p), &f->preview);
        read_ms = paused(f);
        json_t *issued = bench_try(c, "cert.issue", p, &f->issue);
        must_be_printed(issued);
        figure_add(&f->whole, bench_now_ms() - from - read_ms);
        json_decref(preview);
        json_decref(issued);
    }
    json_decref(request);
    return fine;
}

int main(int argc, char **argv)
{
    struct figures f = {
        { .name = "request" }, { .name = "preview" }, { .name = "issue" }, { .name = "certificate" }, 0
    };
    char password[256], *line = NULL;
    size_t cap = 0, n = 0;
    if (argc != 5) {
        fprintf(stderr, "usage: certbench SOCKET CLERK COUNT PAUSE 3< PASSWORD < PEOPLE\n");
        return 2;
    }
    size_t count = strtoul(argv[3], NULL, 10);
    f.pause_ms = (int)strtol(argv[4], NULL, 10);
    struct client *c = bench_login(argv[1], argv[2], 3, password);
    wipe(password, sizeof password);
    while (n < count && getline(&line, &cap, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        n += one_certificate(c, line, &f);
    }
    struct figure *const all[] = { &f.request, &f.preview, &f.issue, &f.whole };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        figure_print(all[i]);
        figure_done(all[i]);
    }
    free(line);
    client_close(c);
    return 0;
}
