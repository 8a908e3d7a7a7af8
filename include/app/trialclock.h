/*
 * The settable clock of a trial instance (試行環境の時計): another clock plus an offset that stands in a file.
 * `madoguchi-ctl clock set` writes the file; every process that holds this clock sees the change at its next question,
 * so that a day's end or a deadline can be tried without waiting. Only wall time is moved, never the monotonic clock.
 * On a real instance this clock is the other one and the file is never looked at.
 */
#ifndef APP_TRIALCLOCK_H
#define APP_TRIALCLOCK_H

#include "base/clock.h"

struct trialclock;
/* `path` need not exist: then the offset is 0. */
struct trialclock *trialclock_new(const char *path, bool trial, struct clock under) __attribute__((returns_nonnull));
void trialclock_free(struct trialclock *); /* NULL allowed */
/* Valid as long as the trialclock. A file that cannot be read leaves the last offset in force and is logged once. */
struct clock trialclock_clock(struct trialclock *);

/* How far the clock is moved, or the moment at which it stands. */
struct trialtime {
    bool held;
    int64_t ms; /* offset, or wall time */
};
int64_t trialtime_now(struct trialtime, struct clock under);

/* The file: one decimal number of milliseconds, behind "=" the moment of a held clock. Reading one that is not there
 * gives offset 0. E_INVALID: another content, or further away than a century (a held moment: from 1970). */
#define TRIALCLOCK_MAX_MS (INT64_C(100) * 366 * 86400 * 1000)
enum err trialclock_read(const char *path, struct trialtime *ret, struct errinfo *) NODISCARD;
enum err trialclock_write(const char *path, struct trialtime, struct errinfo *) NODISCARD;

#endif
