/*
 * A day as it was typed: era and three numbers, before it is known whether the day exists. Internal to date.c and
 * datex.c.
 */
#ifndef DOMAIN_DATE_PARTS_IN_H
#define DOMAIN_DATE_PARTS_IN_H

#include "domain/date.h"
#include "scan_in.h"

struct date_parts {
    const struct era *era; /* NULL: 西暦 */
    int y, m, d;           /* in that calendar */
};

/* Messages of spec F.1. */
#define MSG_NOT_A_DAY "E05"
#define MSG_BAD_DATE  "E06"

const struct era *era_by_key(const struct eras *, char key);
/* Takes an era as key (R), abbreviation (令) or name (令和); NULL when none is next. */
const struct era *scan_era(struct scan *, const struct eras *);
/* Year of the era or 元; up to `max` digits. */
bool scan_year(struct scan *, int max, int *ret);

/* The whole text is one of the typed forms; says nothing about whether the day exists. */
bool date_parts_typed(struct span typed, const struct eras *, struct date_parts *ret);
/* Gregorian year of the era's year. */
int date_parts_year(const struct date_parts *);
/* The three numbers moved to the Gregorian year; the day need not exist. */
struct date date_parts_nominal(const struct date_parts *);
/* 明治5年 and before: the lunar calendar was in force, so that month and day name no Gregorian day. */
bool date_parts_lunar(const struct date_parts *);
bool era_holds(const struct era *, struct date);
int month_length(int y, int m);

#endif
