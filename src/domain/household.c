#include "domain/household.h"
#include "base/mem.h"
#include "domain/address.h"
#include "domain/relation.h"

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

static unsigned member_faults(const struct household *h, const struct resident *r)
{
    struct relation rel;
    unsigned faults = 0;
    if (resident_is_head(r) && r != h->head)
        faults |= HF_TWO_HEADS;
    if (relation_parse(resident_get(r, ATTR_RELATION), &rel, NULL, NULL) != OK)
        faults |= HF_RELATION;
    const char *head_name = h->head != NULL ? resident_shown_name(h->head) : "";
    if (!resident_is(r, ATTR_HEAD_NAME, head_name))
        faults |= HF_HEAD_NAME;
    switch (address_compare(h->m[0], r)) {
    case ADDRESS_OTHER:
        faults |= HF_ADDRESS;
        break;
    case ADDRESS_SAME_LOT:
        faults |= HF_BUILDING;
        break;
    case ADDRESS_SAME:
        break;
    }
    return faults;
}

unsigned household_faults(const struct household *h)
{
    unsigned faults = h->head == NULL && h->n > 0 ? HF_NO_HEAD : 0;
    for (size_t i = 0; i < h->n; i++)
        faults |= member_faults(h, h->m[i]);
    return faults;
}
