#include "domain/outage_gate.h"

#include <string.h>

struct outage_limits outage_limits_of(const struct rulebook *book)
{
    enum { HOUR_MS = 3600 * 1000, DAY_H = 24 };
    return (struct outage_limits){
        .free_ms = rulebook_param_int(book, "SNAP_FREE_H") * HOUR_MS,
        .sup_ms = rulebook_param_int(book, "SNAP_SUP_H") * HOUR_MS,
        .max_ms = rulebook_param_int(book, "SNAP_MAX_D") * DAY_H * HOUR_MS,
        .restriction_ms = rulebook_param_int(book, "SUPP_MAX_H") * HOUR_MS,
        .sheets = rulebook_param_int(book, "OFFLINE_COPIES_MAX"),
        .always_sup = strcmp(rulebook_param(book, "OUTAGE_CERT_SUP"), "yes") == 0,
    };
}
