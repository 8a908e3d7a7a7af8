/* data/permissions.tsv: which role may call which method. What is not listed is refused. */
#include "base/lines.h"
#include "domain/role.h"
#include "gate/internal.h"
#include <stdlib.h>
#include <string.h>

#define CELLS (1 + ROLE_COUNT)

struct permission {
    char *method;
    unsigned roles;
};
struct permissions {
    struct permission *p; /* sorted by method */
    size_t n;
};

/* "method CLK SUP …": the order of the columns is the file's. */
static enum err read_head(struct lines *l, unsigned ret_bit[ROLE_COUNT], struct errinfo *reterr)
{
    struct span cell[CELLS];
    unsigned all = 0;
    TRY(lines_cells(l, cell, CELLS, reterr));
    if (!span_is(cell[0], "method"))
        return lines_fail(l, reterr, "expected the head: method and the roles");
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        enum role r = role_by_code(cell[1 + i]);
        if (r == ROLE_COUNT || (all & ROLE_BIT(r)))
            return lines_fail(l, reterr, "column %zu is not a role or is there twice", i + 2);
        all |= ret_bit[i] = ROLE_BIT(r);
    }
    return OK;
}

static enum err read_row(struct lines *l, const unsigned bit[ROLE_COUNT], struct permissions *p, struct errinfo *reterr)
{
    struct span cell[CELLS];
    unsigned roles = 0;
    TRY(lines_cells(l, cell, CELLS, reterr));
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        if (span_is(cell[1 + i], "x"))
            roles |= bit[i];
        else if (!span_is(cell[1 + i], "-"))
            return lines_fail(l, reterr, "expected x or - in column %zu", i + 2);
    }
    for (size_t i = 0; i < p->n; i++)
        if (span_is(cell[0], p->p[i].method))
            return lines_fail(l, reterr, "%s is there twice", p->p[i].method);
    p->p = xrealloc(p->p, p->n + 1, sizeof *p->p);
    p->p[p->n++] = (struct permission){ xstrndup(cell[0].p, cell[0].n), roles };
    return OK;
}

static int by_method(const void *a, const void *b)
{
    return strcmp(((const struct permission *)a)->method, ((const struct permission *)b)->method);
}

enum err permissions_load(const char *path, struct permissions **ret, struct errinfo *reterr)
{
    struct lines l;
    unsigned bit[ROLE_COUNT] = { 0 };
    TRY(lines_open(&l, path, reterr));
    struct permissions *p = xcalloc(1, sizeof *p);
    enum err e = OK;
    if (!lines_next(&l))
        e = lines_fail(&l, reterr, "expected the head: method and the roles");
    else
        e = read_head(&l, bit, reterr);
    while (e == OK && lines_next(&l))
        e = read_row(&l, bit, p, reterr);
    lines_close(&l);
    if (e != OK) {
        permissions_free(p);
        return e;
    }
    if (p->n)
        qsort(p->p, p->n, sizeof *p->p, by_method);
    *ret = p;
    return OK;
}

void permissions_free(struct permissions *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        free(p->p[i].method);
    free(p->p);
    free(p);
}

unsigned permission_roles(const struct permissions *p, const char *method)
{
    struct permission key = { (char *)(uintptr_t)method, 0 };
    const struct permission *found = p->n ? bsearch(&key, p->p, p->n, sizeof key, by_method) : NULL;
    return found ? found->roles : 0;
}
