/*
 * The small language in which forms point at values: references ("section.field", or "field" of the same row),
 * days ("today", "received", or a reference), conditions ("dest.to = 2", "filer.proxy filled", joined by "and").
 * Used by required-if, by checks and by effect steps, so that all three say the same thing in the same words.
 * ref_problem and cond_problem are for the form reader; at run time the text is known to be good.
 */
#ifndef DOMAIN_REF_H
#define DOMAIN_REF_H

#include "domain/notice.h"

/* What an argument of a check or an effect verb must be. */
enum arg_type {
    ARG_NONE,
    ARG_SECTION, /* a section */
    ARG_SINGLE,  /* a section that occurs once */
    ARG_PERSONS, /* a section with a field of type person */
    ARG_REF,     /* a field: of this row, or of a section that occurs once */
    ARG_PERSON,  /* the same, of type person */
    ARG_HOUSEHOLD,
    ARG_DATE, /* today, received, or a field of type date or datex */
    ARG_INT,
    ARG_STATUS, /* moved, dead, removed */
    ARG_ATTR,   /* key of an attribute of the record */
    ARG_REASON, /* row of data/tables/reason.tsv; the reader checks that it exists */
    ARG_PARAM,  /* row of data/parameters.tsv; the reader checks that it exists */
    ARG_COND,   /* a condition: takes all words that are left; about the rows of the first argument if it has persons */
    ARG_TEXT,
    ARG_TYPES
};

#define CALL_ARGS 4 /* most arguments of a check or verb */

/* Where a text stands: `section` is NULL outside sections. */
struct site {
    const struct kind *kind;
    const struct section *section;
    const struct field *field;
    int row;
};

/* Name of an argument type for messages and manual ("SECTION"). */
const char *arg_type_name(enum arg_type);
/* NULL when the text is a good argument here, else what was expected, in English. */
const char *arg_problem(enum arg_type, const struct site *, struct span text);

/* Field a reference names; *ret_section gets its section. NULL when there is none. */
const struct field *ref_field(const struct site *, struct span ref, const struct section **ret_section);
/* Value it has; never NULL. */
const char *ref_value(const struct site *, const struct notice *, struct span ref);

const char *cond_problem(const struct site *, struct span cond);
bool cond_true(const struct site *, const struct notice *, struct span cond);

/* Next blank-separated word of *rest; empty at the end. */
struct span word_next(struct span *rest);

#endif
