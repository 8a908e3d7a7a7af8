/*
 * The central host (本庁): register, operations of the branches, feed. All state is in its database; this object holds
 * what does not change while it runs. One thread; the HTTP side (host/serve.h) and the commands of madoguchi-ctl call
 * the same functions. Never prints.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "crypto/keys.h"
#include "domain/rulebook.h"
#include "host/backend.h"
#include "sync/batch.h"
#include "sync/enrol.h"
#include "sync/hello.h"

struct host;

struct host_options {
    struct host_backend *backend; /* taken, also on failure */
    struct clock clock;           /* of the instance: settable on a trial */
    const struct rulebook *book;  /* borrowed */
    uint8_t forms_digest[32];     /* of catalog_bytes */
    struct alg_policy policy;
    struct key *sign; /* taken, also on failure: signs snapshots and receipts. NULL: a command that signs nothing */
    const char *dir;  /* the host's directory, for snapshots and backups */
};

struct host_facts { /* who this host is; drawn once */
    bool trial;
    char city[CERT_CITY_MAX + 1];
    char name[CERT_NAME_MAX + 1];
    uint8_t host_id[HOST_ID];
    uint8_t epoch[FEED_EPOCH]; /* drawn anew when the database was restored from a backup */
};

/* Writes the facts into an empty database: ids are drawn. E_EXISTS when it has some. */
enum err host_create(struct host_backend *, struct clock, bool trial, const char *city, const char *name,
                     struct errinfo *) NODISCARD;
/* After a restore: a new epoch, so that branches send again what the backup had not yet. */
enum err host_restored(struct host_backend *, struct clock, const char *who, struct errinfo *) NODISCARD;

/* Is this the register of that municipality, and of that kind? */
enum err host_is_of(struct host_backend *, bool trial, const char *city, bool *ret, struct errinfo *) NODISCARD;

enum err host_open(const struct host_options *, struct host **ret, struct errinfo *) NODISCARD;
void host_close(struct host *); /* NULL allowed */
const struct host_facts *host_facts(const struct host *);
int64_t host_now(const struct host *);

/* One batch of the branch whose certificate was verified. Everything is decided in one transaction, and answered only
 * after its commit: on OK the bytes in ret (results_encode) are durable facts. Errors, nothing done: E_CORRUPT (format,
 * chain or signature), E_DENIED (not this branch's or this host's), E_CONFLICT (a gap: ret_upto tells what is held),
 * E_BUSY, E_FULL, E_IO. */
enum err host_ingest(struct host *, const char *branch, struct span batch, struct buf *ret, uint64_t *ret_upto,
                     struct errinfo *) NODISCARD;
/* What this host holds of one life of the branch's store, behind operation `after`, for a store that was restored and
 * has lost some of it: a feed page in which operation n stands as entry 2n-1 (FEED_OP, the bytes) and 2n (FEED_RESULT,
 * what was decided); head 0: this life is not known. About max_bytes long, at least one operation. */
enum err host_life(struct host *, const char *branch, const uint8_t incarnation[OP_INCARNATION], uint64_t after,
                   size_t max_bytes, struct buf *ret, struct errinfo *) NODISCARD;
/* cert_until_ms of the welcome is the caller's. */
enum err host_hello(struct host *, const char *branch, const struct hello *, struct welcome *ret,
                    struct errinfo *) NODISCARD;
/* One page behind `after`, about max_bytes long (at least one entry). E_NOTFOUND: the cursor is too old, a snapshot is
 * needed; E_INVALID: it lies beyond the head. */
enum err host_feed(struct host *, const char *branch, uint64_t after, uint32_t max_bytes, struct buf *ret,
                   struct errinfo *) NODISCARD;

/* What falls due today (転出予定日到来): posts the waiting steps of one notice; prunes the feed when nothing is left.
 * Repeatable. *ret_more: call again. */
enum err host_day_batch(struct host *, bool *ret_more, struct errinfo *) NODISCARD;
/* Notices whose waiting steps could not be carried out (処理できなかった転出予定). */
struct host_stuck {
    const char *branch, *on_day;
    uint64_t seq; /* of the operation */
};
enum err host_due_stuck(struct host *, void (*cb)(void *arg, const struct host_stuck *), void *arg,
                        struct errinfo *) NODISCARD;
/* The cause was mended: all of them get their turn again with the next batch. E_INVALID without a reason. */
enum err host_due_retry(struct host *, const char *reason, const char *who, struct errinfo *) NODISCARD;

/* Backup of the database into DIR/backup, a piece per call; when a copy is complete and synced, operations that it
 * holds become durable. *ret_more: call again soon. Does nothing when nothing was received since the last one or that
 * was less than parameter HOST_BACKUP_MIN ago. */
enum err host_backup_step(struct host *, bool *ret_more, struct errinfo *) NODISCARD;

#endif
