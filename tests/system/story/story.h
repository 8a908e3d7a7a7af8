/*
 * The story of a day at a branch, told through the service as the counter tells it: a move of two of four, decided by a
 * second person and posted by the host, with a certificate before and one after. Each step first looks how far things
 * are and then does what is missing, as people do after a crash; so the same steps serve the run in which programs are
 * killed at any moment.
 */
#ifndef TESTS_SYSTEM_STORY_H
#define TESTS_SYSTEM_STORY_H

#include "town.h"

enum teller { CLERK, FIRST, SECOND, TELLERS }; /* mado1, shinsa1, shinsa2 */
enum victim { NOBODY, BRANCHD, LINK, HOSTD, VICTIMS };

struct story {
    struct town town;
    struct client *session[TELLERS];
    /* who */
    char *household, *mover, *mover_name, *child, *spouse, *other;
    char *zip, *addr_code, *town_name; /* where they go */
    /* what */
    char *move_no;
    /* the crash */
    enum victim victim;
    long calls, moment; /* the victim is hit at this call */
    long delay_us;
    int hits;
};

void story_open(struct story *);
void story_close(struct story *);
void story_find(struct story *); /* who moves, and whereto */
/* The steps up to where the host has the move. */
void story_move(struct story *);
/* What must hold at the end, whatever happened. */
void story_check(struct story *);

#endif
