/*
 * What an auditor looks for first in the operation log (操作記録の分析): per operator and day how much was done,
 * outside office hours, refused, searched, in bulk, with 個人番号, printed; and who failed to log in. Only counts, no
 * persons. Source: 標準仕様書 10.2; spec/domain.md E.5.
 */
#ifndef STORE_OPLOG_REPORT_H
#define STORE_OPLOG_REPORT_H

#include "base/err.h"
#include <stdint.h>

struct db;

struct oplog_report_ask {
    int64_t from_ms, to_ms;
    int64_t opens_s, closes_s; /* office hours, seconds since midnight in Japan */
    int64_t mass; /* a row with at least so many persons counts as bulk (大量検索), and one marked `mass` */
};
struct oplog_report_row {
    const char *operator_id;
    int64_t day; /* days since 1970-01-01, in Japan */
    int64_t rows, outside, refused, searches, mass, my_number, prints;
};
enum err oplog_report(struct db *, const struct oplog_report_ask *,
                      void (*cb)(void *arg, const struct oplog_report_row *), void *arg, struct errinfo *) NODISCARD;
/* Failed proofs per operator, most first; "" stands for unknown ones. */
enum err login_report(struct db *, const struct oplog_report_ask *,
                      void (*cb)(void *arg, const char *operator_id, int64_t failed), void *arg,
                      struct errinfo *) NODISCARD;

#endif
