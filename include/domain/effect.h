/*
 * What a notice does to the register (異動の効果). One pure function, run by the branch to preview and by the host
 * to post, over a closed table of verbs. Input is the world before (the persons and households the notice
 * touches); output is the new history rows. Nothing is written here.
 */
#ifndef DOMAIN_EFFECT_H
#define DOMAIN_EFFECT_H

#include "domain/date.h"
#include "domain/notice.h"
#include "domain/ref.h"
#include "domain/rulebook.h"

/* What the register holds before. */
struct world {
    struct resident_list people;  /* the persons a notice touches, all members of every household involved */
    struct resident_list similar; /* residents and removed records that notice_identities led to */
};

/* Who gives numbers: the host the real ones, the branch provisional ones ("T-1"). */
struct number_source {
    enum err (*person)(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *);
    enum err (*household)(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *);
    enum err (*resident_code)(void *self, char ret[12], struct errinfo *); /* may answer "" (pending) */
    void *self;
};

/* Numbers for a trial or a preview: "T-1" for persons, "TH-1" for households, no code. */
struct trial_numbers {
    int people, households;
};
struct number_source trial_source(struct trial_numbers *);

struct effect_ctx {
    const struct rulebook *book;
    struct date today;    /* 処理日 */
    struct date received; /* day the notice was received at the counter: deadlines are judged on it */
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
/* Values of the fields of type person name residents; "新2" is the second row of new persons. */
enum err notice_touches(const struct kind *, const struct notice *, struct idlist *ret_people,
                        struct idlist *ret_households, struct errinfo *) NODISCARD;

/* Day of the filing (届出日): value of the field that fills ev_filed_on; "" when there is none. */
const char *notice_filed_on(const struct kind *, const struct notice *);
/* Section whose rows become new persons; NULL when the kind makes none. */
const struct section *kind_creates(const struct kind *);
/* The household itself is what the notice is about (世帯主変更), not somebody in it. */
bool kind_about_household(const struct kind *);
/* Row (from 0) that "新2" means; -1 when the value is no new person. */
int person_new_row(const char *value);

/* By what a new person may be found to be known already (再転入, 二重登録): numbers, and the three informations
 * 氏名・生年月日・性別. Borrowed from the notice; "" where nothing was given. The caller frees the array. */
struct identity {
    const char *my_number, *resident_code, *card_no;
    const char *name, *birth_on, *sex;
};
enum err notice_identities(const struct kind *, const struct notice *, struct identity **ret, size_t *ret_n,
                           struct errinfo *) NODISCARD;

/* All checks of the kind, its fields and the common ones of spec F. Never fails for bad input: it reports. */
enum err notice_check(const struct kind *, const struct notice *, const struct world *, const struct effect_ctx *,
                      struct findings *ret, struct errinfo *) NODISCARD;

/* Applies the kind's effect steps. Steps behind `on DAY` are applied too when that day has come (転出予定日), else they
 * wait for effect_due. Rows are in a fixed order: by number, new persons last. E_INVALID with the message id when the
 * notice cannot be applied. */
enum err effect_apply(const struct kind *, const struct notice *, const struct world *before, const struct effect_ctx *,
                      struct changes *ret, struct errinfo *) NODISCARD;
/* Applies only the steps behind `on DAY` (転出予定日到来). What became of the household since is taken as it is: where
 * the planned head is no longer there, the household is left without one (世帯主未設定). */
enum err effect_due(const struct kind *, const struct notice *, const struct world *before, const struct effect_ctx *,
                    struct changes *ret, struct errinfo *) NODISCARD;
/* Applies all steps whatever the day: what the notice comes to in the end (before/after of the screen). */
enum err effect_all(const struct kind *, const struct notice *, const struct world *before, const struct effect_ctx *,
                    struct changes *ret, struct errinfo *) NODISCARD;
/* Day on which the waiting steps fall due; y = 0 when the kind has none. */
struct date effect_due_on(const struct kind *, const struct notice *);
void changes_done(struct changes *);

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

struct work;
/* The verb table, for the form reader and the manual: name, argument pattern, what it does in Japanese. */
struct effect_verb {
    const char *name;
    int min_args, max_args;
    const char *help;
    enum arg_type arg[CALL_ARGS];
    /* What the step means to others than the register, as the number of an argument from 1; 0: nothing. */
    int creates;   /* rows of this section become new persons */
    int household; /* the household whose head it changes */
    int leavers;   /* the section of those who leave their household, and may take its head with them */
    int head;      /* the new head */
    int others;    /* the section with the relations of the other members */
    enum err (*run)(struct work *, char *const *arg); /* NULL: `on`, behind which steps wait */
};
const struct effect_verb *effect_verbs(size_t *ret_n);
const struct effect_verb *effect_verb(const char *name); /* NULL when there is none */

#endif
