/*
 * The clock is an argument. Three times are never mixed: legal dates (typed), this clock (evidence) and the
 * host's sequence (order). Nothing but clock_system() asks the operating system.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct clock {
    int64_t (*wall_ms)(void *self); /* milliseconds since 1970-01-01T00:00Z; settable on a trial instance */
    int64_t (*mono_ms)(void *self); /* never goes back; unrelated to wall time */
    void *self;
};

struct clock clock_system(void);

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   INT64_C(3600000)
#define DAY_MS    INT64_C(86400000)

/* "2026-07-01T09:00:00+09:00" ↔ ms. Japanese Standard Time is a fixed +09:00; parse takes Z or ±hh:mm. */
#define CLOCK_TEXT 32
void clock_iso_jst(int64_t wall_ms, char ret[CLOCK_TEXT]);
enum err clock_parse(const char *text, int64_t *ret_ms, struct errinfo *) NODISCARD;
/* Calendar day in Japan as year, month, day and seconds since midnight. */
void clock_jst(int64_t wall_ms, int *ret_y, int *ret_m, int *ret_d, int *ret_sec);

#endif
