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

struct rulebook;

/* Result of a check. Errors must be mended, alerts must be acknowledged (spec F); the message says which it is. */
struct finding {
    char msg[24]; /* row of data/messages.tsv */
    char section[40];
    int row;
    char field[40];
    char *about; /* subject for the message text (a name, a date), or NULL */
};
struct findings {
    struct finding *f;
    size_t n, cap;
};
/* Section "" means the whole notice. What is there already is not added twice. */
void findings_add(struct findings *, const char *msg, const char *section, int row, const char *field,
                  const char *about);
void findings_done(struct findings *);
bool findings_blocking(const struct rulebook *, const struct findings *); /* holds an error */

#endif
