/*
 * The story of three days at a branch, told through the service as the counter tells it: a move of two of four, decided
 * by a second person and posted by the host, with a certificate before and one after; then a stop, in which a notice is
 * received, entered and replayed, and a certificate is made from the copy. Each step first looks how far things
 * are and then does what is missing, as people do after a crash; so the same steps serve the run in which programs are
 * killed at any moment.
 */
#ifndef TESTS_SYSTEM_STORY_H
#define TESTS_SYSTEM_STORY_H

#include "town.h"

enum teller { CLERK, FIRST, SECOND, RESPONSIBLE, TELLERS }; /* mado1, shinsa1, shinsa2, sekinin */
enum victim { NOBODY, BRANCHD, LINK, HOSTD, VICTIMS };

#define STORY_ARRIVES  "試験　到着"
#define STORY_ENTERED  "2026-07-02T08:30:00+09:00" /* a day after the reception; the copy is not yet a day old */
#define STORY_REPLAYED "2026-07-03T10:00:00+09:00"

struct story {
    struct town town;
    struct client *session[TELLERS];
    /* who */
    char *household, *mover, *mover_name, *child, *spouse, *other;
    char *restricted; /* protected: no certificate in a stop, and not why */
    char *arrived;    /* who moved in during the stop */
    char *old_address;
    char *zip, *addr_code, *town_name; /* where they go */
    /* what */
    char *move_no, *book_no, *arrival_no;
    bool silent; /* the host is, on purpose */
    /* the crash */
    enum victim victim;
    long calls[VICTIMS]; /* made while it ran */
    long moment;         /* the victim is hit at this call */
    long delay_us;
    int hits;
};

void story_open(struct story *);
void story_close(struct story *);
void story_find(struct story *); /* who moves, and whereto */
/* The steps up to where the host has the move. */
void story_move(struct story *);
/* The stop, from the silent host to the signature. */
void story_stop(struct story *);
/* What the last print says: the address before and after the move, and that and how it came from the copy. */
void story_old_address(struct story *);
void story_new_address(struct story *);
bool story_from_copy(struct story *); /* while the stop lasts; false: ask again */
/* Learns the numbers of what was entered and of who moved in. */
void story_learn(struct story *);
/* What must hold at the end, whatever happened. */
void story_check(struct story *);

#endif
