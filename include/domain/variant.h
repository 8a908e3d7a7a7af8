/*
 * Variant forms of kanji (異体字): groups in which each character finds all the others. Used to make search keys and
 * nothing else; a stored name keeps its form. The groups are the rows of data/tables/variants.tsv (code: the form
 * that stands for the group, label: all forms), extended by the office's own 外字.
 * Source: spec D.3; 標準仕様書 2.1.2.
 */
#ifndef DOMAIN_VARIANT_H
#define DOMAIN_VARIANT_H

#include "domain/rulebook.h"

struct variants;
/* E_INVALID when a character stands in two groups, or the form that stands for a group is not in it. NULL table: no
 * groups. */
enum err variants_new(const struct code_table *, struct variants **ret, struct errinfo *) NODISCARD;
void variants_free(struct variants *);

/* All groups as bytes, for a digest: keys must be made anew when it changes. */
void variants_bytes(const struct variants *, struct buf *ret);

/* The character that stands for the group of cp; cp itself when it is in none. NULL variants: no groups. */
uint32_t variant_fold(const struct variants *, uint32_t cp);
/* Search key of a name, an address or a query: variants folded, width and case of Latin folded, blanks, separators and
 * variation selectors dropped. */
void variant_key(const struct variants *, struct span text, struct buf *ret);
/* Key of the address search: as variant_key, and numbers of lots made alike (8番地の3, ８－３ → 8-3). */
void variant_address_key(const struct variants *, struct span text, struct buf *ret);

#endif
