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

/* All there are: office-terminal-series-year. */
#define SERIES_NOTICE      "N" /* 届出 */
#define SERIES_REQUEST     "Q" /* 証明書の請求 */
#define SERIES_ISSUE       "C" /* 証明書の発行 */
#define SERIES_OUTAGE      "T" /* 作動停止 */
#define SERIES_RESTRICTION "R" /* 抑止 */

struct series {
    const char *office, *terminal; /* "E", "1" */
    const char *name;              /* of the above */
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
/* After a restore (復元): takes the next `n` numbers of every series of this year and leaves them void. What was given
 * between the backup and its return is nowhere known, and must not be given again. Inside a transaction. */
enum err series_skip(struct db *, const char *office, const char *terminal, int64_t n, const char *reason,
                     const char *operator_id, struct errinfo *) NODISCARD;
enum err series_voids(struct db *, const struct series *, int64_t *ret_count, struct errinfo *) NODISCARD;
/* As people read it: "E1-N26-000123" (office, terminal, series, last two digits of the year). */
void series_text(const struct series *, int64_t no, struct buf *ret);

#endif
