/*
 * Conflicts (競合): a decision was based on something that changed meanwhile. Ten categories, what is proposed in each
 * and who decides. Nothing is ever merged, overwritten or forced by time. Source: spec sync §2.7.
 */
#ifndef SYNC_CONFLICT_H
#define SYNC_CONFLICT_H

#include "domain/record.h"

enum conflict {
    CONFLICT_NONE,
    CONFLICT_DISJOINT,    /* C1 other fields changed */
    CONFLICT_SAME_FIELD,  /* C2 the same field changed */
    CONFLICT_GONE,        /* C3 moved out, dead, removed */
    CONFLICT_DUPLICATE,   /* C4 perhaps entered twice */
    CONFLICT_SUPPRESSED,  /* C5 支援措置・抑止 set meanwhile */
    CONFLICT_AUTHORITY,   /* C6 operator or terminal may not (any more) */
    CONFLICT_SCHEMA,      /* C7 forms or code tables differ */
    CONFLICT_INTEGRITY,   /* C8 signature, chain, equivocation */
    CONFLICT_TIME,        /* C9 date implausible */
    CONFLICT_CERTIFICATE, /* C10 certificate issued on old data */
    CONFLICTS
};

struct conflict_info {
    const char *code;    /* "C1" */
    const char *label;   /* 別項目の変更 */
    const char *action;  /* what the screen proposes, in Japanese */
    const char *decider; /* role key: CLK, SUP, BM, SYS */
};
const struct conflict_info *conflict_info(enum conflict); /* never NULL */
enum conflict conflict_by_code(struct span code);         /* CONFLICT_NONE when unknown */

/* What happened to one person: the row the branch had, the row there is, and the row the branch wants. Any may be
 * NULL. Event header attributes do not count as changes. Pure. */
struct conflict_view {
    const struct resident *base, *theirs, *mine;
};
#define CONFLICT_FIELDS 80
struct conflict_verdict {
    enum conflict category;
    enum attr field[CONFLICT_FIELDS]; /* attributes both sides changed differently (C2), or theirs changed (C1, C3) */
    size_t n;
};
/* CONFLICT_NONE when theirs equals base but for the event header. */
void conflict_classify(const struct conflict_view *, struct conflict_verdict *ret);
/* The graver of two: several persons of one notice give one category. */
enum conflict conflict_worse(enum conflict, enum conflict);

#endif
