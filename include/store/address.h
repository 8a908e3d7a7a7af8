/*
 * Dictionary of postal numbers and towns (郵便番号・町域の辞書): an aid of entry, never a check: old names are typed as
 * they are. It is read in from the file of Japan Post, municipality by municipality: rows are collected beside those in
 * force, and one commit puts all municipalities of the file in force at once. Never sees the file.
 * Source: spec/domain.md A.6.
 */
#ifndef STORE_ADDRESS_H
#define STORE_ADDRESS_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct db;

struct address_town {      /* all texts, "" where there is none; borrowed */
    const char *city_code; /* 全国地方公共団体コード without check digit, 5 digits */
    const char *zip;       /* 7 digits */
    const char *pref, *city, *town, *note;
    const char *pref_kana, *city_kana, *town_kana; /* full-width katakana */
};

/* Reading in. Each inside a transaction of the caller. begin forgets an import that was not finished; *ret_import is
 * the number of the new one. add and commit answer E_CONFLICT for one that another has taken the place of. */
enum err address_import_begin(struct db *, int64_t *ret_import, struct errinfo *) NODISCARD;
enum err address_import_add(struct db *, int64_t import, const struct address_town *, struct errinfo *) NODISCARD;
/* E_NOTFOUND when nothing was added. *ret_cities: how many municipalities were replaced or are new. */
enum err address_import_commit(struct db *, int64_t import, int64_t *ret_cities, struct errinfo *) NODISCARD;
/* Removes at most `max` rows that are no longer in force; *ret_left: there may be more. */
enum err address_sweep(struct db *, int64_t max, bool *ret_left, struct errinfo *) NODISCARD;

/* What is looked for: the first of these that is neither NULL nor empty.
 *   zip       3 to 7 digits from its beginning
 *   initials  readings from their beginning, separated by blanks: "ト ヒ シ" prefecture, municipality, town; two are
 *             municipality and town in the own prefecture, one is a town of the own municipality
 *   text      beginning of the town (the own municipality's first), of municipality and town, or of the whole */
struct address_query {
    const char *zip, *initials, *text;
    const char *own_city; /* code, 5 digits */
    size_t limit;
};
/* Calls back for at most `limit` rows, each once. *ret_more: there are further ones. E_INVALID with the item "zip" or
 * "initials" when that is of another form. */
enum err address_find(struct db *, const struct address_query *, void (*cb)(void *arg, const struct address_town *),
                      void *arg, bool *ret_more, struct errinfo *) NODISCARD;

#endif
