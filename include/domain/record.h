/*
 * One history row of a resident (住民票の一履歴): identity (宛名番号, 履歴番号) and all attributes as they were at
 * that moment. The canonical body is the one encoding that is stored, hashed, sent and compared; there is one
 * writer and one reader of it. A row never changes; a correction is a further row (標準仕様書 1.2.1).
 */
#ifndef DOMAIN_RECORD_H
#define DOMAIN_RECORD_H

#include "base/buf.h"
#include "domain/attr.h"

#define PERSON_ID_MAX 15 /* digits; provisional keys before the host has given a number look like "T-1" */
struct resident {
    char id[PERSON_ID_MAX + 1]; /* 宛名番号 */
    int64_t rev;                /* 履歴番号, from 1; 0 = not yet a row */
    char *val[ATTR_COUNT];      /* owned; NULL = blank */
};

struct resident *resident_new(void);
struct resident *resident_copy(const struct resident *);
void resident_free(struct resident *); /* wipes; NULL allowed */

/* Never NULL; "" when blank. Borrowed until the attribute is set again. */
const char *resident_get(const struct resident *, enum attr);
/* Copies; NULL or "" makes it blank. */
void resident_set(struct resident *, enum attr, const char *);
bool resident_is(const struct resident *, enum attr, const char *);
/* A stay begins with the row `now`: the one before it was that of a removed record. */
bool record_begins(const struct resident *before, const struct resident *now);
bool resident_living(const struct resident *); /* 現存者: status 住民 (a planned move-out does not change it) */
bool resident_is_head(const struct resident *);
/* Name by which a person is called and stands as head: 氏名, else アルファベット. */
const char *resident_shown_name(const struct resident *);

/* Canonical body: {"id":"…","rev":"…","attr":"…",…}, attributes in the order of the list, blanks left out, only
 * \" \\ \n \t \u00xx escaped. resident_decode accepts exactly what resident_encode writes (E_CORRUPT otherwise). */
void resident_encode(const struct resident *, struct buf *ret);
enum err resident_decode(struct span body, struct resident **ret, struct errinfo *) NODISCARD;

/* Calls back for each attribute that differs (event header attributes included). */
void resident_diff(const struct resident *before, const struct resident *after,
                   void (*cb)(void *arg, enum attr, const char *before, const char *after), void *arg);

/* A growable list that owns its rows. */
struct resident_list {
    struct resident **r;
    size_t n, cap;
};
void resident_list_add(struct resident_list *, struct resident *take);
void resident_list_done(struct resident_list *);
struct resident *resident_list_find(const struct resident_list *, const char *id);

#endif
