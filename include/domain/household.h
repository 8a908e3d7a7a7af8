/*
 * A household (世帯): the living members who carry its number, in the order of the standard, and its head, who is
 * never stored twice: head is the member whose relation is 世帯主, or nobody (世帯主未設定, which is lawful).
 * Source: spec A.3, A.7, A.12; 標準仕様書 1.1.10.
 */
#ifndef DOMAIN_HOUSEHOLD_H
#define DOMAIN_HOUSEHOLD_H

#include "domain/order.h"

struct household {
    char no[PERSON_ID_MAX + 1];
    const struct resident **m; /* borrowed from the list it was made of */
    size_t n;
    const struct resident *head; /* NULL: 世帯主未設定 */
};

/* Members of household `no` among `people`: living ones only. Empty when there is none. */
void household_of(const struct resident_list *people, const char *no, const struct eras *, struct household *ret);
void household_done(struct household *);

#endif
