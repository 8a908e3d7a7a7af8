/*
 * Drafts (下書き) and edit locks (排他). A draft is what a clerk has typed so far, saved field by field, so that a
 * crash loses at most the field being typed. A lock says who is typing about a person or a household, for a lease that
 * every save prolongs; a lease that ran out may be taken by anybody, and whatever was typed is still there. Source:
 * spec/domain.md E.3; 標準仕様書 10.3.
 */
#ifndef STORE_DRAFTS_H
#define STORE_DRAFTS_H

#include "domain/notice.h"
#include <stdint.h>

struct db;

struct draft { /* texts borrowed for the call */
    int64_t id;
    const char *kind, *operator_id;
    const char *notice_no; /* "" unless a case is entered again */
    const char *book;      /* "" unless it comes from a line in the book of a stop */
    int64_t created_ms, saved_ms;
};

/* All that write: inside a transaction. */
enum err draft_new(struct db *, const char *kind, const char *operator_id, const char *notice_no, const char *book,
                   int64_t *ret_id, struct errinfo *) NODISCARD;
/* Saves these values and no others; "" removes one. `whole`: what is not named is removed. E_NOTFOUND. */
enum err draft_save(struct db *, int64_t id, const struct notice_value *, size_t n, bool whole,
                    struct errinfo *) NODISCARD;
/* Values and locks go with it. A draft that is not there is no error. */
enum err draft_discard(struct db *, int64_t id, struct errinfo *) NODISCARD;
/* Drafts nobody has saved since; they go. */
enum err draft_purge(struct db *, int64_t saved_before_ms, struct errinfo *) NODISCARD;

/* E_NOTFOUND. The caller frees *ret; meta may be NULL. */
enum err draft_get(struct db *, int64_t id, struct notice **ret, void (*meta)(void *arg, const struct draft *),
                   void *arg, struct errinfo *) NODISCARD;
/* Newest first. */
enum err draft_list(struct db *, const char *operator_id, void (*cb)(void *arg, const struct draft *), void *arg,
                    struct errinfo *) NODISCARD;

enum lock_of { LOCK_PERSON, LOCK_HOUSEHOLD };
struct edit_lock {
    char operator_id[33];
    int64_t draft;
    int64_t until_ms;
};
/* Takes or prolongs it for the draft. E_BUSY S218 (item: who holds it) when another operator holds it and the lease has
 * not run out. Inside a transaction. */
enum err lock_take(struct db *, enum lock_of, const char *id, const char *operator_id, int64_t draft, int64_t lease_ms,
                   struct errinfo *) NODISCARD;
/* Gives back all locks of the draft. Inside a transaction. */
enum err lock_release(struct db *, int64_t draft, struct errinfo *) NODISCARD;
/* *ret_held false: nobody, or the lease ran out. */
enum err lock_holder(struct db *, enum lock_of, const char *id, struct edit_lock *ret, bool *ret_held,
                     struct errinfo *) NODISCARD;

#endif
