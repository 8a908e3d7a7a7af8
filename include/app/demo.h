/*
 * Demonstration municipality (試行用の架空の市): plausible households — ages, families, several generations, foreign
 * residents, old eras, removed records, protected persons — in a fictitious city. Deterministic by seed; streamed, so
 * that memory does not grow with the number of residents. Names and places come from data/demo; every person is
 * invented.
 */
#ifndef APP_DEMO_H
#define APP_DEMO_H

#include "domain/date.h"
#include "domain/record.h"

struct demo_restriction { /* one row for a protected person (支援措置) */
    const char *person;
    struct date from, to; /* to.y = 0: 仮支援, no end */
    bool provisional;
};

struct demo_sink {
    /* Rows of one person come in order of rev, all persons of a household one after the other. Borrowed. */
    enum err (*resident)(void *self, const struct resident *, struct errinfo *);
    enum err (*restriction)(void *self, const struct demo_restriction *, struct errinfo *);
    void *self;
};

struct demo_opts {
    const char *dir; /* data/demo */
    const struct eras *eras;
    struct date today;
    long residents; /* persons wanted, removed ones included */
    uint64_t seed;
    int serial_width; /* digits of 宛名番号 and 世帯番号 before the check digit */
};

struct demo_stats {
    long residents, living, removed, households, foreign, restricted, rows;
};

enum err demo_generate(const struct demo_opts *, const struct demo_sink *, struct demo_stats *ret,
                       struct errinfo *) NODISCARD;

#endif
