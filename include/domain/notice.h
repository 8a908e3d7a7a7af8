/*
 * One notice (届出・職権記録) as entered: kind plus values, nothing else. Values are canonical text (dates as in
 * date.h), addressed by section, row (from 0) and field. The state of a case and who did what stand outside.
 */
#ifndef DOMAIN_NOTICE_H
#define DOMAIN_NOTICE_H

#include "domain/kind.h"
#include "domain/record.h"

struct notice_value {
    char *section;
    int row;
    char *field;
    char *text;
};

struct notice {
    char *kind;
    char *no; /* 受付番号, or NULL while a draft */
    struct notice_value *v;
    size_t n, cap;
};

struct notice *notice_new(const char *kind);
void notice_free(struct notice *);                                                                   /* wipes */
void notice_set(struct notice *, const char *section, int row, const char *field, const char *text); /* "" removes */
const char *notice_get(const struct notice *, const char *section, int row, const char *field);      /* never NULL */
int notice_rows(const struct notice *, const char *section); /* highest row used + 1 */
void notice_remove_row(struct notice *, const char *section, int row);

/* Day of the filing (届出日): value of the field that fills ev_filed_on; "" when there is none. */
const char *notice_filed_on(const struct kind *, const struct notice *);
/* Row (from 0) that "新2" means; -1 when the value is no new person. */
int person_new_row(const char *value);

#endif
