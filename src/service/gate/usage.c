#include "domain/notice_points.h"
#include "gate/internal.h"
#include <stdlib.h>
#include <string.h>

/*
 * How much each operator has asked for lately, whatever connection it came through: searches of the minute and of the
 * hour, and the different persons of the hour. Source: spec/reliability.md §3.1 (2.4.1), §2.3 L8 and L10.
 */

static const struct {
    const char *param;
    int64_t span_ms;
} windows[] = { { "SEARCH_PER_MIN", MINUTE_MS }, { "SEARCH_PER_H", HOUR_MS } };
enum { WINDOWS = ARRAY_LEN(windows) };

struct usage {
    struct usage *next;
    char *operator_id;
    int64_t since_ms[WINDOWS], searches[WINDOWS];
    int64_t seen_since_ms[USE_COUNT];
    struct idlist seen[USE_COUNT];
};

static struct usage *usage_of(struct call *c)
{
    struct service *svc = c->svc;
    for (struct usage *u = svc->usage; u; u = u->next)
        if (strcmp(u->operator_id, call_operator(c)) == 0)
            return u;
    struct usage *u = xcalloc(1, sizeof *u);
    *u = (struct usage){ .next = svc->usage, .operator_id = xstrdup(call_operator(c)) };
    svc->usage = u;
    return u;
}

void usage_free(struct service *svc)
{
    while (svc->usage) {
        struct usage *u = svc->usage;
        svc->usage = u->next;
        for (int i = 0; i < USE_COUNT; i++)
            idlist_done(&u->seen[i]);
        free(u->operator_id);
        free(u);
    }
}

enum err usage_search(struct call *c, struct errinfo *reterr)
{
    struct usage *u = usage_of(c);
    int64_t now = mono_ms(c->svc);
    for (int i = 0; i < WINDOWS; i++) {
        if (u->searches[i] == 0 || now - u->since_ms[i] >= windows[i].span_ms) {
            u->since_ms[i] = now;
            u->searches[i] = 0;
        }
        if (u->searches[i] >= rulebook_param_int(c->svc->book, windows[i].param))
            return call_refuse(reterr, E_BUSY, "S012", NULL);
    }
    for (int i = 0; i < WINDOWS; i++)
        u->searches[i]++;
    return OK;
}

/* The persons of this hour. */
static struct idlist *seen_lately(struct call *c, enum use use)
{
    struct usage *u = usage_of(c);
    int64_t now = mono_ms(c->svc);
    if (now - u->seen_since_ms[use] >= HOUR_MS || !u->seen[use].n) {
        idlist_done(&u->seen[use]);
        u->seen_since_ms[use] = now;
    }
    return &u->seen[use];
}

static size_t place_of(const struct idlist *l, const char *id)
{
    size_t at = 0;
    while (at < l->n && strcmp(l->id[at], id) != 0)
        at++;
    return at;
}

size_t usage_nth(struct call *c, const char *id)
{
    struct idlist *seen = seen_lately(c, USE_VIEW);
    idlist_add(seen, id);
    return place_of(seen, id) + 1;
}

enum err usage_check(struct call *c, const char *id, struct errinfo *reterr)
{
    struct idlist *seen = seen_lately(c, USE_CHECK);
    if (place_of(seen, id) < seen->n)
        return OK;
    TRY(usage_search(c, reterr));
    idlist_add(seen, id);
    return OK;
}
