/*
 * The address of a resident (住所): how it is printed, and when two are the same place. A lot (地番・住居番号) may be
 * written in several ways; the building (方書) is part of the address, so that another building on the same lot is
 * another address. Nothing is corrected. Source: spec A.6; 標準仕様書 4.1.2.1, 5.4.
 */
#ifndef DOMAIN_ADDRESS_H
#define DOMAIN_ADDRESS_H

#include "domain/record.h"

/* Prefecture, city, town, lot, and behind an ideographic space the building. */
void address_show(const struct resident *, bool building, struct buf *ret);
/* The first four only, as parts that a form gives. NULL or "" parts are left out. */
void address_join(const char *pref, const char *city, const char *town, const char *lot, const char *building,
                  struct buf *ret);

enum address_same { ADDRESS_OTHER, ADDRESS_SAME_LOT, ADDRESS_SAME };
/* Same lot: city, town and lot agree when their ways of writing are made alike. Same: the building agrees too. */
enum address_same address_compare(const struct resident *, const struct resident *);

/* Numbers of a lot made alike: full-width digits to half width, 番地 番 号 の ノ and dashes between numbers to "-",
 * none at the end; blanks dropped. */
void address_fold_numbers(struct span, struct buf *ret);

#endif
