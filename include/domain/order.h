/*
 * Order of the members on screens and on a copy of the household (記載順位). One rule, the standard's; what stored
 * relations do not tell (whose child a grandchild is) is taken from surname and age, and a stored 記載順位 wins over
 * everything. Source: spec A.8; 標準仕様書 5.2.
 */
#ifndef DOMAIN_ORDER_H
#define DOMAIN_ORDER_H

#include "domain/date.h"
#include "domain/record.h"

/* Sorts borrowed members of one household in place. */
void members_order(const struct resident **members, size_t n, const struct eras *);

/* Sort day of a member's birth; the first day of the calendar when it cannot be read. */
struct date birth_sort(const struct resident *, const struct eras *);

#endif
