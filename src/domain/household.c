#include "domain/household.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void household_of(const struct resident_list *people, const char *no, const struct eras *eras, struct household *ret)
{
    struct household h = { .n = 0 };
    size_t len = strlen(no);
    memcpy(h.no, no, len < sizeof h.no ? len : sizeof h.no - 1);
    h.m = xcalloc(people->n > 0 ? people->n : 1, sizeof *h.m);
    for (size_t i = 0; i < people->n; i++) {
        const struct resident *r = people->r[i];
        if (resident_living(r) && resident_is(r, ATTR_HOUSEHOLD, no))
            h.m[h.n++] = r;
    }
    members_order(h.m, h.n, eras);
    for (size_t i = 0; i < h.n && h.head == NULL; i++) {
        if (resident_is_head(h.m[i]))
            h.head = h.m[i];
    }
    *ret = h;
}

void household_done(struct household *h)
{
    free(h->m);
    *h = (struct household){ .n = 0 };
}
