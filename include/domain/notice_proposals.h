/*
 * Proposals for the relations (続柄) of a household whose head changes by a notice: the tables of relation.h propose,
 * the clerk decides.
 */
#ifndef DOMAIN_NOTICE_PROPOSALS_H
#define DOMAIN_NOTICE_PROPOSALS_H

#include "domain/effect.h"

/* What is proposed for the 続柄 of everybody in a household whose head changes (spec A.7). */
struct relation_proposal {
    char id[PERSON_ID_MAX + 1];
    const char *name, *was; /* borrowed from the world */
    char **option;          /* most likely first; one option and not `ask`: certain */
    size_t n;
    bool ask;    /* the clerk must choose or type */
    bool head;   /* the new head */
    bool leaves; /* leaves the household by this notice: for information */
};
struct relation_proposals {
    struct relation_proposal *p;
    size_t n, cap;
    const struct section *others; /* where the answers belong; NULL when nobody's head changes */
    bool suggested;               /* nobody was named, but only one adult stays: the obvious head (spec B-07) */
};
enum err notice_proposals(const struct kind *, const struct notice *, const struct world *, const struct effect_ctx *,
                          struct relation_proposals *ret, struct errinfo *) NODISCARD;
void relation_proposals_done(struct relation_proposals *);

#endif
