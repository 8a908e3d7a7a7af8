/*
 * The register while effect steps work on it: a copy of every resident of the world, what each was, and why it is
 * being changed. Entries stand in the order of their numbers, new persons behind, so that branch and host come to the
 * same rows from the same notice.
 */
#ifndef DOMAIN_EFFECT_WORK_IN_H
#define DOMAIN_EFFECT_WORK_IN_H

#include "domain/effect.h"

struct entry {
    const struct resident *was; /* NULL: new person */
    struct resident *now;
    const char *reason; /* 異動事由 of the row; NULL: the kind's own */
    bool ex_officio;    /* 職権: the row carries no filing date */
    const char *on;     /* day of the row where it is not the event day; NULL else */
};

struct work {
    const struct kind *kind;
    const struct notice *notice;
    const struct effect_ctx *ctx;
    bool due; /* only the waiting steps run: what is no longer so is passed over */
    struct entry *e;
    size_t n;
    const struct section *created; /* rows of this section are new persons … */
    size_t *created_at;            /* … and this is the entry of each row */
    struct errinfo *reterr;
};

/* Entry of a value of a person field ("123", "新2"), or NULL. */
struct entry *work_person(struct work *, const char *value);
/* Entry of a row of a section of persons; NULL with E16 or E20 in reterr when the row names nobody. */
struct entry *work_row(struct work *, const struct section *, int row);
/* E_INVALID with message and the name of the person concerned. */
enum err work_fail(struct work *, const char *msg, const struct entry *);
/* Value of a reference outside repeated sections. */
const char *work_value(const struct work *, const char *ref);
/* A section by the word in the step. */
const struct section *work_section(const struct work *, const char *id);
/* Living in household `no` now / before. */
bool entry_in(const struct entry *, const char *no);
bool entry_was_in(const struct entry *, const char *no);
struct entry *work_head(struct work *, const char *no);
/* Copies the head's name to all members (世帯主の氏名). */
void work_head_name(struct work *, const char *no, const char *reason);
/* Marks why an entry changes; the first reason of a run stays. */
void entry_because(struct entry *, const char *reason, bool ex_officio);
/* Canonical day-or-不詳 text of the value of a date field. */
enum err work_datex(struct work *, const char *ref, struct buf *ret);
void work_datex_of(const struct work *, struct date, struct buf *ret);

#endif
