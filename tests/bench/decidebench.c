/*
 * Times the way of a notice as two people take it: a clerk enters removals (転居届) of people who live alone, a
 * supervisor examines them and decides them in groups with one password a group; in groups of one each by itself,
 * until the host has posted it.
 *
 *   decidebench SOCKET CLERK SUPERVISOR COUNT GROUP < PEOPLE     passwords on descriptors 3 and 4; a 宛名番号 a line
 *
 * What is counted as decided is durable at the branch: the answer is sent after the commit.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct office {
    struct client *clerk, *supervisor;
    char password[256]; /* of the supervisor */
    char today[12];
    json_t *points;
    char **no; /* examined */
    size_t n;
};

static json_t *text_of(const json_t *o, const char *key)
{
    json_t *v = json_object_get(o, key);
    MUST(json_is_string(v));
    return v;
}

/* As a clerk types it; the town is one of the demonstration's. */
static json_t *removal(const struct office *o, const char *person, size_t n)
{
    char lot[32];
    snprintf(lot, sizeof lot, "%zu番地", 100 + n);
    const char *const typed[][3] = {
        { "filer", "filed_on", o->today },
        { "filer", "relation", "1" },
        { "filer", "id1", "12" },
        { "filer", "id_result", "1" },
        { "move", "moved_on", o->today },
        { "persons", "person", person },
        { "persons", "relation", "世帯主" },
        { "address", "addr_code", "99201" },
        { "address", "addr_town", "梅町二丁目" },
        { "address", "addr_lot", lot },
        { "dest", "to", "1" },
    };
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:i, s:s, s:s}", "s", typed[i][0], "r", 0, "f", typed[i][1], "v", typed[i][2]));
    return json_pack("{s:s, s:o}", "kind", "tenkyo", "values", list);
}

static void read_form(struct office *o)
{
    json_t *form = bench_call(o->supervisor, "notice.form", json_pack("{s:s}", "kind", "tenkyo"));
    o->points = json_array();
    for (size_t i = 0; i < json_array_size(json_object_get(form, "checklist")); i++)
        json_array_append_new(o->points, json_true());
    json_decref(form);
}

/* Whom the register says something about that a clerk would have to weigh is left out. */
static void take_in(struct office *o, const char *person, struct figure *enter, struct figure *examine)
{
    json_t *entered = bench_try(o->clerk, "notice.enter", removal(o, person, o->n), enter);
    if (!entered)
        return;
    const char *no = json_string_value(text_of(entered, "no"));
    json_t *examined = bench_try(o->supervisor, "notice.examine",
                                 json_pack("{s:s, s:O, s:b}", "no", no, "answers", o->points, "ok", 1), examine);
    MUST(examined);
    o->no[o->n++] = xstrdup(no);
    json_decref(examined);
    json_decref(entered);
}

static size_t decide_one(struct office *o, const char *no, struct figure *f)
{
    json_t *r =
        bench_try(o->supervisor, "notice.decide", json_pack("{s:s, s:s}", "no", no, "password", o->password), f);
    MUST(r);
    json_decref(r);
    return 1;
}

static size_t decide_group(struct office *o, size_t from, size_t n, struct figure *f)
{
    json_t *nos = json_array();
    for (size_t i = from; i < from + n; i++)
        json_array_append_new(nos, json_string(o->no[i]));
    json_t *r =
        bench_try(o->supervisor, "notice.decide_many", json_pack("{s:o, s:s}", "nos", nos, "password", o->password), f);
    MUST(r);
    size_t decided = (size_t)json_integer_value(json_object_get(r, "decided"));
    json_decref(r);
    return decided;
}

/* What a password alone takes, on purpose: nothing is decided. */
static double password_ms(struct office *o, size_t times)
{
    double from = bench_now_ms();
    for (size_t i = 0; i < times; i++)
        json_decref(bench_call(o->supervisor, "notice.decide_many",
                               json_pack("{s:[s], s:s}", "nos", "none", "password", o->password)));
    return bench_now_ms() - from;
}

static void decide_all(struct office *o, size_t group)
{
    struct figure f = { .name = group > 1 ? "decide a group" : "decide one" };
    size_t decided = 0;
    double from = bench_now_ms();
    for (size_t i = 0; i < o->n; i += group)
        decided +=
            group > 1 ? decide_group(o, i, o->n - i < group ? o->n - i : group, &f) : decide_one(o, o->no[i], &f);
    double seconds = (bench_now_ms() - from) / 1e3;
    figure_print(&f);
    printf("decisions\tgroup %zu\tdecided %zu\t%.1f /s\n", group, decided, (double)decided / seconds);
    seconds -= password_ms(o, f.n) / 1e3;
    if (group > 1)
        printf("without the password\tgroup %zu\tdecided %zu\t%.1f /s\n", group, decided, (double)decided / seconds);
    figure_done(&f);
}

static void set_today(struct office *o)
{
    struct clock clock = clock_system();
    int y, m, d, sec;
    clock_jst(clock.wall_ms(clock.self), &y, &m, &d, &sec);
    snprintf(o->today, sizeof o->today, "%04d%02d%02d", y, m, d);
}

int main(int argc, char **argv)
{
    struct office o = { 0 };
    struct figure enter = { .name = "enter" }, examine = { .name = "examine" };
    char password[256], *line = NULL;
    size_t cap = 0;
    if (argc != 6) {
        fprintf(stderr, "usage: decidebench SOCKET CLERK SUPERVISOR COUNT GROUP 3< PASSWORD 4< PASSWORD < PEOPLE\n");
        return 2;
    }
    size_t count = strtoul(argv[4], NULL, 10), group = strtoul(argv[5], NULL, 10);
    set_today(&o);
    o.no = xcalloc(count + 1, sizeof *o.no);
    o.clerk = bench_login(argv[1], argv[2], 3, password);
    wipe(password, sizeof password);
    o.supervisor = bench_login(argv[1], argv[3], 4, o.password);
    read_form(&o);
    while (o.n < count && getline(&line, &cap, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        take_in(&o, line, &enter, &examine);
    }
    figure_print(&enter);
    figure_print(&examine);
    if (group > 0)
        decide_all(&o, group);
    for (size_t i = 0; i < o.n; i++)
        free(o.no[i]);
    free(o.no);
    free(line);
    json_decref(o.points);
    figure_done(&enter);
    figure_done(&examine);
    wipe(o.password, sizeof o.password);
    client_close(o.clerk);
    client_close(o.supervisor);
    return 0;
}
