/*
 * The card of a person: what a list shows, so that a page of a search reads one row a person and no body. Values in a
 * fixed order, each closed by a zero byte, which no value can hold.
 */
#include "base/mem.h"
#include "people_in.h"

#include <string.h>

/* The order is that of the stored cards: a change of it needs a migration that makes them anew. */
static const enum attr shown[] = {
    ATTR_NAME,       ATTR_NAME_ALPHA, ATTR_KANA,      ATTR_BIRTH_ON,  ATTR_SEX,      ATTR_RELATION,      ATTR_STATUS,
    ATTR_PLANNED_ON, ATTR_ADDR_PREF,  ATTR_ADDR_CITY, ATTR_ADDR_TOWN, ATTR_ADDR_LOT, ATTR_ADDR_BUILDING,
};

void card_of(const struct resident *r, struct buf *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        buf_adds(ret, resident_get(r, shown[i]));
        buf_addc(ret, '\0');
    }
}

enum err card_read(struct span card, struct resident *r, struct errinfo *reterr)
{
    const char *p = card.p, *end = card.p + card.n;
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        const char *zero = p < end ? memchr(p, '\0', (size_t)(end - p)) : NULL;
        if (zero == NULL)
            return err_set(reterr, E_CORRUPT, NULL, "resident", "a card of %zu values instead of %zu", i,
                           ARRAY_LEN(shown));
        resident_set(r, shown[i], p);
        p = zero + 1;
    }
    return p == end ? OK : err_set(reterr, E_CORRUPT, NULL, "resident", "a card with more than its values");
}
