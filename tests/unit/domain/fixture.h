/* Eras and texts that the domain's tests share. */
#ifndef TEST_DOMAIN_FIXTURE_H
#define TEST_DOMAIN_FIXTURE_H

#include "domain/date.h"

static const struct eras test_eras = {
    .n = 5,
    .e = {
        { .key = 'M', .name = "明治", .abbrev = "明", .from = { 1868, 1, 25 }, .to = { 1912, 7, 30 } },
        { .key = 'T', .name = "大正", .abbrev = "大", .from = { 1912, 7, 30 }, .to = { 1926, 12, 25 } },
        { .key = 'S', .name = "昭和", .abbrev = "昭", .from = { 1926, 12, 25 }, .to = { 1989, 1, 7 } },
        { .key = 'H', .name = "平成", .abbrev = "平", .from = { 1989, 1, 8 }, .to = { 2019, 4, 30 } },
        { .key = 'R', .name = "令和", .abbrev = "令", .from = { 2019, 5, 1 } },
    },
};

#endif
