/*
 * Blank sheets (用紙受払簿): loaded − printed − spoiled = remaining, signed by two at every entry. A count that differs
 * from the book needs a reason and becomes the book. Sheets of print jobs count themselves. Source: spec reliability
 * 2.5; standard M8, S-22.
 */
#ifndef STORE_STOCK_H
#define STORE_STOCK_H

#include "base/err.h"
#include <stdint.h>

struct db;

enum stock_what { STOCK_LOAD, STOCK_SPOIL, STOCK_COUNT, STOCK_WHATS };
const char *stock_name(enum stock_what);         /* "load" */
const char *stock_label(enum stock_what);        /* 補充 */
enum stock_what stock_by_name(const char *name); /* STOCK_WHATS when unknown */

struct stock_sums {
    int64_t loaded, used, spoiled, adjusted, remaining; /* adjusted: by counts */
};
enum err stock_sums(struct db *, const char *printer, struct stock_sums *ret, struct errinfo *) NODISCARD;

struct stock_row {                   /* texts borrowed; NULL is "" when written */
    int64_t at_ms, sheets, expected; /* at_ms and expected are given */
    enum stock_what what;
    const char *printer, *first_no, *last_no, *reason, *operator_id, *witness;
};
/* Inside a transaction. E_INVALID S007 when a spoiled sheet or a difference has no reason of 5 characters. */
enum err stock_add(struct db *, const struct stock_row *, struct errinfo *) NODISCARD;
/* Newest first. */
enum err stock_rows(struct db *, const char *printer, int64_t max, void (*cb)(void *arg, const struct stock_row *),
                    void *arg, struct errinfo *) NODISCARD;

#endif
