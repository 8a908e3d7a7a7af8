/*
 * Sorted ranges of code points, as the Unicode Character Database (version 15.0) classifies them.
 * Internal to the base layer.
 */
#ifndef BASE_RANGE_H
#define BASE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    uint32_t first, last;
};

static inline bool range_has(const struct range *table, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cp > table[mid].last)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && table[lo].first <= cp;
}

/* General categories Mn and Me: drawn over the character before. */
bool range_is_mark(uint32_t cp);

#endif
