/*
 * What a value of each field type is (項目の型): how typed text becomes the canonical value, how the value is shown,
 * and what may be wrong with it. Canonical values are what notices store, send and compare.
 */
#ifndef DOMAIN_FIELDTYPE_H
#define DOMAIN_FIELDTYPE_H

#include "domain/rulebook.h"

/* Text as a clerk types it ("R8.7.1", half-width kana, full-width digits) into the canonical value. What cannot be
 * understood is copied as it is, for value_problem to judge. */
void value_typed(const struct field *, const struct rulebook *, const char *typed, struct buf *ret);

/* 「令和8年7月1日」, the label of a code, the value itself. */
void value_show(const struct field *, const struct rulebook *, const char *value, struct buf *ret);

/* Message of a value that is not blank, or NULL. Messages W.. leave the value usable. Persons and households are judged
 * only by their form here. */
const char *value_problem(const struct field *, const struct rulebook *, const char *value);

#endif
