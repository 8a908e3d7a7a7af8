/*
 * Number series (採番): gapless per office, terminal, series and fiscal year (年度). A number is taken inside the
 * transaction that uses it, so a rolled-back use gives it back; a number that was used and abandoned stays as 欠番 with
 * reason and operator. The terminal is part of the number: two machines that cannot see each other cannot collide.
 * Source: spec/standard.md M1.
 */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include "base/buf.h"
#include <stdint.h>

struct db;

struct series {
    const char *office, *terminal; /* "E", "1" */
    const char *name;              /* "N" 届出, "C" 証明 … one or two letters, owned by the part that uses it */
    int year;                      /* 年度: the year in which its April lies */
};

/* Fiscal year of a moment in Japan. */
int series_year(int64_t wall_ms);
/* Next number, from 1. Inside a transaction. */
enum err series_take(struct db *, const struct series *, int64_t *ret, struct errinfo *) NODISCARD;
/* Last number taken, 0 when none. */
enum err series_last(struct db *, const struct series *, int64_t *ret, struct errinfo *) NODISCARD;
/* Marks a number that was taken as 欠番. reason: at least 5 characters (E_INVALID). E_EXISTS when it is void already,
 * E_DENIED when it was never taken. */
enum err series_void(struct db *, const struct series *, int64_t no, const char *reason, const char *operator_id,
                     struct errinfo *) NODISCARD;
enum err series_voids(struct db *, const struct series *, int64_t *ret_count, struct errinfo *) NODISCARD;
/* As people read it: "E1-N26-000123" (office, terminal, series, last two digits of the year). */
void series_text(const struct series *, int64_t no, struct buf *ret);

#endif
