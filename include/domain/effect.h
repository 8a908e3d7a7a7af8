/*
 * What a notice does to the register (異動の効果). One pure function, run by the branch to preview and by the host
 * to post, over a closed table of verbs. Input is the world before (the persons and households the notice
 * touches); output is the new history rows. Nothing is written here.
 */
#ifndef DOMAIN_EFFECT_H
#define DOMAIN_EFFECT_H

#include "domain/date.h"
#include "domain/notice.h"
#include "domain/rulebook.h"

/* The persons a notice touches, all members of every household involved. */
struct world {
    struct resident_list people;
};

/* Who gives numbers: the host the real ones, the branch provisional ones ("T-1"). */
struct number_source {
    enum err (*person)(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *);
    enum err (*household)(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *);
    enum err (*resident_code)(void *self, char ret[12], struct errinfo *); /* may answer "" (pending) */
    void *self;
};

struct effect_ctx {
    const struct rulebook *book;
    struct date today;     /* 処理日 */
    struct date received;  /* day the notice was received at the counter: deadlines are judged on it */
    const char *office, *terminal;
    struct number_source numbers;
    bool outage;
};

/* New rows, each with rev = rev of the row before + 1 (1 for a new person). */
struct changes {
    struct resident_list rows;
};

/* Ids of the persons and households that must be loaded into the world for this notice. Households are to be
 * loaded with all living members. The caller frees with idlist_done. */
struct idlist {
    char (*id)[PERSON_ID_MAX + 1];
    size_t n, cap;
};
void idlist_add(struct idlist *, const char *id); /* once */
void idlist_done(struct idlist *);
enum err notice_touches(const struct kind *, const struct notice *, struct idlist *ret_people,
                        struct idlist *ret_households, struct errinfo *) NODISCARD;

/* All checks of the kind, its fields and the common ones of spec F. Never fails for bad input: it reports. */
enum err notice_check(const struct kind *, const struct notice *, const struct world *, const struct effect_ctx *,
                      struct findings *ret, struct errinfo *) NODISCARD;

/* Applies the kind's effect steps. E_INVALID with the message id when the notice cannot be applied. */
enum err effect_apply(const struct kind *, const struct notice *, const struct world *before,
                      const struct effect_ctx *, struct changes *ret, struct errinfo *) NODISCARD;

/* The verb table, for the form reader and the manual: name, argument pattern, what it does in Japanese. */
struct effect_verb {
    const char *name;
    int min_args, max_args;
    const char *help;
};
const struct effect_verb *effect_verbs(size_t *ret_n);

#endif
