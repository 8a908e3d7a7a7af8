/*
 * What a notice points to: persons, households, and who a new person may be already. It tells what must be loaded into
 * the world before anything is judged or applied.
 */
#ifndef DOMAIN_NOTICE_POINTS_H
#define DOMAIN_NOTICE_POINTS_H

#include "domain/notice.h"

/* Ids of the persons and households that must be loaded into the world for this notice. Households are to be
 * loaded with all living members. The caller frees with idlist_done. */
struct idlist {
    char (*id)[PERSON_ID_MAX + 1];
    size_t n, cap;
};
void idlist_add(struct idlist *, const char *id); /* once */
void idlist_done(struct idlist *);
/* Values of the fields of type person name residents; "新2" is the second row of new persons. */
enum err notice_touches(const struct kind *, const struct notice *, struct idlist *ret_people,
                        struct idlist *ret_households, struct errinfo *) NODISCARD;

/* Section whose rows become new persons; NULL when the kind makes none. */
const struct section *kind_creates(const struct kind *);
/* The household itself is what the notice is about (世帯主変更), not somebody in it. */
bool kind_about_household(const struct kind *);

/* By what a new person may be found to be known already (再転入, 二重登録): numbers, and the three informations
 * 氏名・生年月日・性別. Borrowed from the notice; "" where nothing was given. The caller frees the array. */
struct identity {
    const char *my_number, *resident_code, *card_no;
    const char *name, *birth_on, *sex;
};
enum err notice_identities(const struct kind *, const struct notice *, struct identity **ret, size_t *ret_n,
                           struct errinfo *) NODISCARD;

#endif
