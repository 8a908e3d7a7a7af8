#include "demo_tables.h"
#include "base/fsx.h"
#include "base/lines.h"
#include "base/mem.h"
#include "codec/postal.h"
#include <stdlib.h>
#include <string.h>

/* The first city of towns.csv is the demonstration city. */

static enum err number(const struct lines *l, struct span s, uint32_t *ret, struct errinfo *reterr)
{
    uint32_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || i == 6)
            return lines_fail(l, reterr, "a number of at most six digits expected");
        v = v * 10 + (uint32_t)(s.p[i] - '0');
    }
    *ret = v;
    return OK;
}

/* Rows of `cells` columns; the last one is the weight when `weighted`. */
static enum err load(const char *dir, const char *name, size_t cells, bool weighted, struct demo_table *t,
                     struct errinfo *reterr)
{
    struct lines l;
    char *path = fs_join(dir, name);
    enum err e = lines_open(&l, path, reterr);
    free(path);
    TRY(e);
    while (e == OK && lines_next(&l)) {
        struct span v[DEMO_CELLS];
        struct demo_row r = { .weight = 1 };
        e = lines_cells(&l, v, cells, reterr);
        if (e == OK && weighted)
            e = number(&l, v[cells - 1], &r.weight, reterr);
        if (e != OK)
            break;
        for (size_t i = 0; i < cells; i++)
            r.cell[i] = xstrndup(v[i].p, v[i].n);
        if (t->n == t->cap) {
            t->cap = t->cap ? t->cap * 2 : 64;
            t->r = xrealloc(t->r, t->cap, sizeof *t->r);
        }
        t->r[t->n++] = r;
        t->total += r.weight;
    }
    lines_close(&l);
    if (e == OK && t->total == 0)
        e = err_set(reterr, E_INVALID, "S708", name, "no rows");
    return e;
}

static enum err add_town(void *arg, const struct postal_town *p, struct errinfo *reterr)
{
    struct demo_tables *t = arg;
    (void)reterr;
    if (!*p->town)
        return OK;
    bool own = t->own.n == 0 || strcmp(p->city, t->own.t[0].city) == 0;
    struct demo_towns *to = own ? &t->own : &t->other;
    if (to->n == to->cap) {
        to->cap = to->cap ? to->cap * 2 : 64;
        to->t = xrealloc(to->t, to->cap, sizeof *to->t);
    }
    size_t no = to->n++;
    to->t[no] = (struct demo_town){ .code = xprintf("%s%03zu000", p->city_code, no + 1),
                                    .zip = xstrdup(p->zip),
                                    .pref = xstrdup(p->pref),
                                    .city = xstrdup(p->city),
                                    .town = xstrdup(p->town) };
    return OK;
}

static enum err load_towns(const char *dir, struct demo_tables *t, struct errinfo *reterr)
{
    struct postal_report report;
    char *path = fs_join(dir, "towns.csv");
    enum err e = postal_read(path, add_town, t, &report, reterr);
    if (e == OK && report.n_reject)
        e = err_set(reterr, E_INVALID, "S709", path, "line %ld is not of the layout", report.reject[0].line);
    if (e == OK && t->other.n == 0)
        e = err_set(reterr, E_INVALID, "S708", path, "no town of another city");
    postal_report_done(&report);
    free(path);
    return e;
}

enum err demo_tables_load(const char *dir, struct demo_tables *ret, struct errinfo *reterr)
{
    *ret = (struct demo_tables){ 0 };
    TRY(load(dir, "surnames.tsv", 3, true, &ret->surnames, reterr));
    TRY(load(dir, "given.tsv", 6, true, &ret->given, reterr));
    TRY(load(dir, "foreign.tsv", 9, false, &ret->foreign, reterr));
    TRY(load(dir, "buildings.tsv", 2, true, &ret->buildings, reterr));
    return load_towns(dir, ret, reterr);
}

static void table_done(struct demo_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        for (size_t c = 0; c < DEMO_CELLS; c++)
            free(t->r[i].cell[c]);
    free(t->r);
}

static void towns_done(struct demo_towns *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->t[i].code);
        free(t->t[i].zip);
        free(t->t[i].pref);
        free(t->t[i].city);
        free(t->t[i].town);
    }
    free(t->t);
}

void demo_tables_done(struct demo_tables *t)
{
    table_done(&t->surnames);
    table_done(&t->given);
    table_done(&t->foreign);
    table_done(&t->buildings);
    towns_done(&t->own);
    towns_done(&t->other);
    *t = (struct demo_tables){ 0 };
}

const struct demo_row *demo_pick(struct rng *g, const struct demo_table *t)
{
    uint32_t at = rng_below(g, t->total);
    size_t i = 0;
    while (at >= t->r[i].weight)
        at -= t->r[i++].weight;
    return &t->r[i];
}

const struct demo_row *demo_pick_given(struct rng *g, const struct demo_table *t, const char *sex, int birth_year)
{
    uint32_t total = 0;
    const struct demo_row *last = &t->r[0];
    for (int pass = 0; pass < 2; pass++) {
        uint32_t at = pass ? rng_below(g, total) : 0;
        for (size_t i = 0; i < t->n; i++) {
            const struct demo_row *r = &t->r[i];
            if (strcmp(r->cell[2], sex) != 0 || strtol(r->cell[3], NULL, 10) > birth_year ||
                strtol(r->cell[4], NULL, 10) < birth_year)
                continue;
            last = r;
            if (!pass)
                total += r->weight;
            else if (at < r->weight)
                return r;
            else
                at -= r->weight;
        }
        if (total == 0)
            break;
    }
    return last;
}
