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
