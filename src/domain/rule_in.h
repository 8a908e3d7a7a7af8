/* What the checks share: the notice being judged, and the ways to look at it and to report. */
#ifndef DOMAIN_RULE_IN_H
#define DOMAIN_RULE_IN_H

#include "domain/finding.h"
#include "domain/rule.h"

struct check {
    const struct kind *kind;
    const struct notice *notice;
    const struct world *world;
    const struct effect_ctx *ctx;
    struct findings *out;
};

typedef void rule_fn(const struct check *, const struct site *, const struct rule_call *);

/* Checks of one field. */
rule_fn rule_not_after, rule_not_before, rule_living, rule_removed, rule_not_left, rule_member_of, rule_once,
    rule_blank_if, rule_filled, rule_my_number, rule_resident_code, rule_card_number, rule_own_city, rule_in_dictionary,
    rule_within_months, rule_ahead_months, rule_report_if, rule_new_head, rule_calendar, rule_elsewhere,
    rule_not_planned, rule_same_person, rule_town_code;
/* Checks of the whole notice. */
rule_fn rule_one_household, rule_not_same_address, rule_other_household, rule_same_lot, rule_leaving_planned,
    rule_filed_within, rule_not_before_resident, rule_has, rule_known_persons, rule_blank_names, rule_rows_for,
    rule_rows_only;

/* Reports at the place of the check, with the check's message. */
void report(const struct check *, const struct site *, const struct rule_call *, const char *about);
/* Reports at a field of another row; the field may be NULL. */
void report_at(const struct check *, const struct section *, int row, const struct field *, const char *msg,
               const char *about);

/* Value of the field the site stands at. */
const char *site_value(const struct check *, const struct site *);
/* Day of "today", "received" or a field; false when it is blank or no day. */
bool check_day(const struct check *, const struct site *, struct span ref, struct date *ret);
/* Day of a canonical value, plain or with 不詳. */
bool value_day(const struct check *, const char *value, struct date *ret);
/* 届出日, on which periods are judged; the day of receipt where none was given. */
struct date check_filed(const struct check *);
/* Nothing but blanks. */
bool blank_text(const char *);
/* Resident a person field names, NULL when there is none. */
const struct resident *check_person(const struct check *, const char *value);
/* Resident in a row of a section of persons. */
const struct resident *row_person(const struct check *, const struct section *, int row);
/* Somebody who lives in the household, its head if it has one. */
const struct resident *household_voice(const struct check *, const char *no);
const struct section *call_section(const struct check *, struct span id);

/* The parts of notice_check that stand in no form. */
void check_values(const struct check *);  /* required, types, number of rows, and the checks of fields */
void check_event(const struct check *);   /* 異動日 and the period for filing */
void check_outcome(const struct check *); /* what the register would look like afterwards */

#endif
