/* What the files of the host share. */
#ifndef HOST_INTERNAL_H
#define HOST_INTERNAL_H

#include "domain/effect.h"
#include "domain/notice_points.h"
#include "domain/record.h"
#include "domain/restrict.h"
#include "host/host.h"
#include "q.h"
#include "sync/feed.h"
#include "sync/op.h"

#include <jansson.h>

struct snapshot_maker;
struct backup_maker;

struct host {
    struct host_backend *b;
    struct clock clock;
    const struct rulebook *book;
    uint8_t forms_digest[32];
    struct alg_policy policy;
    struct key *sign;
    char *dir;
    struct host_facts facts;
    struct slot *slots; /* branches that drain their outbox now: admission.c */
    size_t n_slots;
    struct date pruned_on; /* day the feed was last cut */
    struct snapshot_maker *snapshot;
    struct backup_maker *backup;
};

/* Which operation of which branch made something; branch "" is the host itself. */
struct origin {
    const char *branch;
    const uint8_t *incarnation;
    uint64_t seq;
};
extern const struct origin ORIGIN_HOST;

/* ---- facts, journal, numbers (state.c) ---- */
enum err fact_get(struct host_backend *, const char *k, struct buf *ret, bool *ret_found, struct errinfo *) NODISCARD;
enum err fact_set(struct host_backend *, const char *k, const char *v, struct errinfo *) NODISCARD;
/* Inside a transaction; steals detail. */
enum err journal(struct host *, const char *who, const char *what, json_t *detail, struct errinfo *) NODISCARD;
/* Real numbers for effect_apply (付番). `drawn` remembers new persons in order, for the branch's provisional keys. */
struct numbers {
    struct host *h;
    struct idlist drawn;
};
struct number_source numbers_real(struct numbers *);
/* "T-1" …: what a branch would give; used to compute what it wanted. */
struct numbers_trial {
    int n;
};
struct number_source numbers_provisional(struct numbers_trial *);

/* Ends a transaction by e: commits when OK. */
enum err host_end(struct host *, enum err e, struct errinfo *) NODISCARD;

/* ---- lives of a branch's store (ingest.c) ---- */
/* Did another life begin with the certificate that is in force? Then this one has none of its own. */
enum err life_is_borrowed(struct host *, const char *branch, const uint8_t incarnation[OP_INCARNATION], bool *ret,
                          struct errinfo *) NODISCARD;

/* ---- register and feed (people.c) ---- */
/* Current row; E_NOTFOUND. */
enum err person_load(struct host *, const char *id, struct resident **ret, struct errinfo *) NODISCARD;
enum err person_load_at(struct host *, const char *id, int64_t rev, struct resident **ret, struct errinfo *) NODISCARD;
/* Current rev, 0 when unknown. */
enum err person_rev(struct host *, const char *id, int64_t *ret, struct errinfo *) NODISCARD;
/* Rows of a statement with a column body; those whose person is in the list already are left out. Ends the statement.
 */
enum err people_take(struct q *, struct resident_list *, struct errinfo *) NODISCARD;
/* Adds members that are not in the list yet. */
enum err household_load(struct host *, const char *no, struct resident_list *, struct errinfo *) NODISCARD;
/* Writes one history row with its feed entry. */
enum err person_write(struct host *, const struct resident *, const struct origin *, uint64_t *ret_host_seq,
                      struct errinfo *) NODISCARD;
/* History and search columns only, for the first load. */
enum err person_store(struct host *, const struct resident *, struct span body, uint64_t host_seq, int64_t at_ms,
                      const struct origin *, struct errinfo *) NODISCARD;
/* Column n of a statement without parameters. */
enum err count_rows(struct host *, int query, uint64_t *ret, struct errinfo *) NODISCARD;
/* Takes the next number and writes the entry; branch NULL: for all. */
enum err feed_write(struct host *, enum feed_type, const char *key, const char *branch, struct span body,
                    uint64_t *ret_host_seq, struct errinfo *) NODISCARD;
/* A reader of another epoch shares with this one what is numbered up to *head at most: lowers it to that. */
enum err epoch_parted(struct host *, const uint8_t epoch[FEED_EPOCH], uint64_t *head, struct errinfo *) NODISCARD;
enum err feed_bounds(struct host *, uint64_t *ret_head, uint64_t *ret_low, struct errinfo *) NODISCARD;

/* ---- restrictions (restriction.c) ---- */
enum err restriction_parse(json_t *payload, struct restriction *ret, struct errinfo *) NODISCARD;
/* Writes row and feed entry; steals body (payload, released flag and all). */
enum err restriction_write(struct host *, const struct restriction *, json_t *body, uint64_t *ret_host_seq,
                           struct errinfo *) NODISCARD;
/* Is somebody of the list, or their household, bound for `process` by what was set after since_ms? */
enum err restriction_since(struct host *, const struct resident_list *, enum restrict_process, int64_t since_ms,
                           bool *ret, struct errinfo *) NODISCARD;
/* Who moved out by these rows is protected on as 仮支援措置, by this municipality as the one of the address before
 * (spec A.10). *ret_host_seq changes only when something was written. */
enum err restriction_follow(struct host *, const struct resident_list *before, const struct resident_list *rows,
                            uint64_t *ret_host_seq, struct errinfo *) NODISCARD;

/* ---- branches (branches.c) ---- */
/* Is the branch quarantined? E_DENIED for one that this host does not have, or has closed. */
enum err branch_state(struct host *, const char *branch, bool *ret_quarantined, struct errinfo *) NODISCARD;

/* ---- days ---- */
struct date host_today(const struct host *);

void snapshot_maker_free(struct snapshot_maker *);
void backup_maker_free(struct backup_maker *);

#endif
