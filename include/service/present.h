/*
 * Attributes of a resident as people read them: dates in the calendar of their group, codes as words. Used by every
 * answer that shows a record, so that one thing looks the same everywhere. Source: 標準仕様書 1.1.9; spec/domain.md
 * A.4.
 */
#ifndef SERVICE_PRESENT_H
#define SERVICE_PRESENT_H

#include "domain/record.h"
#include "domain/rulebook.h"
#include <jansson.h>

/* Appends the value as it is shown; as it is stored when it cannot be read. */
void present_attr(const struct rulebook *, enum attr, const char *value, struct buf *ret);
/* Sets "KEY_show" … : key = the shown value of the attribute. */
void present_set(const struct rulebook *, json_t *object, const char *key, const struct resident *, enum attr);
/* Sets "birth_show", for lists "birth_short" (昭50. 5.10), and of a resident born on a day "age", the one of today. */
void present_birth(const struct rulebook *, json_t *object, const struct resident *, struct date today);
/* Name as it is called by: 氏名, else アルファベット. */
const char *present_name(const struct resident *);
/* 住民, 転出予定, 転出, 死亡, 消除. */
void present_status(const struct rulebook *, const struct resident *, struct buf *ret);
/* {id,name,relation,birth_show,birth_short,sex,age,self}: a row of a household; appended to the list. */
void present_member(const struct rulebook *, json_t *list, const struct resident *, struct date today, bool self);

#endif
