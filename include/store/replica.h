/*
 * How far the local copy of the register (副本) has come: the feed position that was committed with its rows, as of
 * when the copy and the restriction list are complete, and a full copy on its way. Writes happen inside the transaction
 * of the rows they stand for. Source: spec sync §2.11, standard §2.5.
 */
#ifndef STORE_REPLICA_H
#define STORE_REPLICA_H

#include "base/buf.h"
#include <stdint.h>

struct db;

#define REPLICA_ID 16

struct replica {
    bool has_host; /* host_id and epoch were heard once */
    uint8_t host_id[REPLICA_ID], epoch[REPLICA_ID];
    int64_t cursor;     /* feed position; 0 = never loaded */
    int64_t as_of_ms;   /* host time of the copy; 0 = never */
    int64_t list_ms;    /* the same of the restriction list */
    int64_t heard_ms;   /* branch time of the last answer of the host */
    int64_t host_ms;    /* host time in it */
    int64_t skew_ms;    /* branch clock minus host clock, as the host measured it */
    int64_t durable_ms; /* when the host last said that something is in a backup */
};
enum err replica_get(struct db *, struct replica *ret, struct errinfo *) NODISCARD;
enum err replica_set(struct db *, const struct replica *, struct errinfo *) NODISCARD;

/* A full copy on its way: at most one. */
struct snapshot_load {
    uint8_t id[REPLICA_ID];
    int64_t chunks, have;      /* number of chunks, and of those taken over */
    int64_t bytes, have_bytes; /* of the transfer */
    int64_t started_ms;
};
/* Starts one from its first chunk; another that was on its way is dropped. */
enum err snapshot_begin(struct db *, const uint8_t id[REPLICA_ID], struct span manifest, int64_t chunks, int64_t bytes,
                        struct errinfo *) NODISCARD;
/* ret_manifest may be NULL. */
enum err snapshot_current(struct db *, struct snapshot_load *ret, struct buf *ret_manifest, bool *ret_found,
                          struct errinfo *) NODISCARD;
/* First chunk that was not taken over yet; -1 = none is missing. */
enum err snapshot_next(struct db *, const uint8_t id[REPLICA_ID], int64_t *ret_n, struct errinfo *) NODISCARD;
enum err snapshot_took(struct db *, const uint8_t id[REPLICA_ID], int64_t n, int64_t bytes, struct errinfo *) NODISCARD;
/* Complete and counted, or dropped. */
enum err snapshot_end(struct db *, const uint8_t id[REPLICA_ID], bool done, struct errinfo *) NODISCARD;

/* When the host was heard and when not: changes since a moment, newest first. */
enum err link_changed(struct db *, int64_t at_ms, bool up, const char *why, struct errinfo *) NODISCARD;
enum err link_changes(struct db *, int64_t since_ms, int64_t limit,
                      void (*cb)(void *arg, int64_t at_ms, bool up, const char *why), void *arg,
                      struct errinfo *) NODISCARD;

#endif
