/*
 * Relation to the head of the household (続柄): its grammar, what it says about sex and rank, and the proposals for
 * every member when the head changes. The tables propose, the clerk decides: what data alone cannot tell is asked.
 * Source: spec A.7; 標準仕様書 1.1.11.
 *   relation := 世帯主 | 縁故者 | 同居人 | kin { の kin }     (1 to 4 atoms)
 */
#ifndef DOMAIN_RELATION_H
#define DOMAIN_RELATION_H

#include "domain/date.h"

enum rel_atom {
    REL_HEAD,                  /* 世帯主 */
    REL_HUSBAND,               /* 夫 */
    REL_WIFE,                  /* 妻 */
    REL_HUSBAND_UNFILED,       /* 夫（未届） */
    REL_WIFE_UNFILED,          /* 妻（未届） */
    REL_CHILD,                 /* 子 */
    REL_CHILD_SON_IN_LAW,      /* 子（子の夫）: adopted child who is also the husband of the head's child */
    REL_CHILD_DAUGHTER_IN_LAW, /* 子（子の妻） */
    REL_FATHER,
    REL_MOTHER,
    REL_ELDER_BROTHER,
    REL_ELDER_SISTER,
    REL_YOUNGER_BROTHER,
    REL_YOUNGER_SISTER,
    REL_KIN,    /* 縁故者 */
    REL_LODGER, /* 同居人 */
    REL_ATOMS
};

#define REL_MAX 4 /* atoms; a longer chain is stored as 縁故者 (alert W33) */
struct relation {
    enum rel_atom atom[REL_MAX];
    int n;
};

/* E11 for what the grammar does not hold. A chain of more than REL_MAX atoms gives 縁故者 and sets *ret_over; with
 * ret_over NULL it is E11 too. */
enum err relation_parse(const char *text, struct relation *ret, bool *ret_over, struct errinfo *) NODISCARD;
void relation_text(const struct relation *, struct buf *ret);
const char *relation_atom_text(enum rel_atom);

/* SEX_MALE or SEX_FEMALE when the last atom says so, "" otherwise. */
const char *relation_sex(const struct relation *);
/* False when the relation contradicts the sex; a blank sex contradicts nothing (alert W02). */
bool relation_fits_sex(const struct relation *, const char *sex);
bool relation_is_spouse(const struct relation *); /* 夫 妻 and 未届 */

/* A person as far as the proposals need one. */
struct rel_person {
    const char *relation; /* to the old head, 世帯主 for the old head */
    const char *sex;      /* SEX_..., "" = blank */
    struct date birth;    /* sort day; y = 0: unknown */
};

#define REL_OPTIONS 6
struct rel_proposal {
    struct relation option[REL_OPTIONS];
    int n;     /* 0: nothing can be proposed */
    bool ask;  /* the clerk must choose or type; otherwise option[0] holds */
    bool over; /* an option became 縁故者 because the chain was too long */
};

/* Relation of `who` to the new head, where both relations are to the old head. */
void relation_propose(const struct rel_person *old_head, const struct rel_person *new_head,
                      const struct rel_person *who, struct rel_proposal *ret);

#endif
