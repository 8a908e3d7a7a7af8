/*
 * Restrictions and support measures as the branch knows them (抑止・支援措置の台帳). Rows come from the host or are set
 * here and take effect at once; they are released, never deleted, and every step is kept with who did it and why.
 * Judging is domain/restrict.h's, permission the service's. Source: spec/domain.md A.10; 標準仕様書 3.1, 1.1.16.
 */
#ifndef STORE_RESTRICTION_H
#define STORE_RESTRICTION_H

#include "base/buf.h"
#include "domain/restrict.h"

struct db;

struct restriction_list {
    struct restriction *r;
    size_t n, cap;
};
void restriction_list_done(struct restriction_list *); /* wipes */

/* Who does something and why. */
struct restriction_step {
    const char *operator_id, *approver_id; /* approver NULL: none */
    const char *reason;
};

/* All of these inside a transaction. `detail` is the JSON text of the support data and the note; "" = none. */
/* From the host: it is right, except that a temporary release here stays. */
enum err restriction_apply(struct db *, const struct restriction *, const char *detail, int64_t host_seq,
                           struct errinfo *) NODISCARD;
/* Set here. E_EXISTS when the number is taken. */
enum err restriction_add(struct db *, const struct restriction *, const char *detail, const struct restriction_step *,
                         struct errinfo *) NODISCARD;
/* E_NOTFOUND; E_CONFLICT when it is released already. */
enum err restriction_release(struct db *, const char *id, const struct restriction_step *, struct errinfo *) NODISCARD;
/* Released here for one certificate request until then (一時解除), in place of an earlier one; never leaves the branch.
 * Errors as restriction_release. */
enum err restriction_temp(struct db *, const char *id, const char *request, int64_t until_ms,
                          const struct restriction_step *, struct errinfo *) NODISCARD;
/* What was released for the request is used up. */
enum err restriction_temp_used(struct db *, const char *request, struct errinfo *) NODISCARD;

/* One row; detail may be NULL. E_NOTFOUND. */
enum err restriction_get(struct db *, const char *id, struct restriction *ret, struct buf *ret_detail,
                         struct errinfo *) NODISCARD;
/* Appends the rows that are not released: of the person, of the household itself. NULL or "": none of that sort. */
enum err restriction_of(struct db *, const char *person, const char *household, struct restriction_list *ret,
                        struct errinfo *) NODISCARD;
/* Appends the rows of the living members of a household that are not released, without those of `except` (or NULL). */
enum err restriction_of_members(struct db *, const char *household, const char *except, struct restriction_list *ret,
                                struct errinfo *) NODISCARD;
/* Appends up to max rows in the order of their numbers, those behind `after` ("": from the first). */
enum err restriction_page(struct db *, const char *after, bool with_released, int64_t max, struct restriction_list *ret,
                          struct errinfo *) NODISCARD;

struct restriction_event {
    int64_t at_ms;
    const char *what; /* host, set, release, temp */
    const char *operator_id, *approver_id, *reason;
};
/* Oldest first; borrowed for the call. */
enum err restriction_events(struct db *, const char *id, void (*cb)(void *arg, const struct restriction_event *),
                            void *arg, struct errinfo *) NODISCARD;

#endif
