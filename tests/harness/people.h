/*
 * A resident as most tests want one: a living Japanese of 梅町一丁目 whose lot is the number of the household. What a
 * test is about it sets itself.
 */
#ifndef TESTS_HARNESS_PEOPLE_H
#define TESTS_HARNESS_PEOPLE_H

#include "base/err.h"
#include "domain/record.h"

#include <stdio.h>

struct made_person {
    const char *id, *household, *name, *sex, *birth, *relation;
};

static inline struct resident *make_person(const struct made_person *p)
{
    struct resident *r = resident_new();
    snprintf(r->id, sizeof r->id, "%s", p->id);
    r->rev = 1;
    resident_set(r, ATTR_HOUSEHOLD, p->household);
    resident_set(r, ATTR_CLASS, CLASS_JAPANESE);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_NAME, p->name);
    resident_set(r, ATTR_KANA, "テスト");
    resident_set(r, ATTR_SEX, p->sex);
    resident_set(r, ATTR_BIRTH_ON, p->birth);
    resident_set(r, ATTR_RELATION, p->relation);
    resident_set(r, ATTR_RESIDENT_SINCE, "H20.04.01");
    resident_set(r, ATTR_ADDR_SINCE, "H20.04.01");
    resident_set(r, ATTR_ADDR_PREF, "うめ県");
    resident_set(r, ATTR_ADDR_CITY, "梅市");
    resident_set(r, ATTR_ADDR_CODE, "99201001000");
    resident_set(r, ATTR_ADDR_TOWN, "梅町一丁目");
    resident_set(r, ATTR_ADDR_LOT, p->household);
    return r;
}

#endif
