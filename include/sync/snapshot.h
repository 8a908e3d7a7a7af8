/*
 * Snapshot (全件副本): the whole register of a moment, as a signed manifest and zstd chunks of feed entries of about 1
 * MiB. Chunks are immutable and named by number; each is checked against its hash before use, so a transfer resumes at
 * any chunk, on any day, even after both sides restarted. After a snapshot the feed is read from as_of. Source: spec
 * sync §2.11.
 */
#ifndef SYNC_SNAPSHOT_H
#define SYNC_SNAPSHOT_H

#include "crypto/keys.h"
#include "sync/batch.h"
#include "sync/feed.h"

#define SNAPSHOT_ID         16
#define SNAPSHOT_CHUNK      (1u << 20) /* aim, before compression */
#define SNAPSHOT_CHUNK_MAX  (2u << 20) /* raw and compressed */
#define SNAPSHOT_CHUNKS_MAX 65536
#define MANIFEST_MAX        (4u << 20)

struct snapshot_chunk {
    uint32_t raw, size; /* bytes before and after compression */
    uint32_t entries;
    uint8_t hash[32]; /* SHA-256 of the compressed bytes */
};
struct manifest {
    uint8_t id[SNAPSHOT_ID];
    uint8_t host_id[HOST_ID];
    uint8_t epoch[FEED_EPOCH];
    bool trial;
    uint64_t as_of; /* feed head of the moment */
    int64_t as_of_ms;
    int64_t restriction_ms; /* the restriction list is complete as of this host time */
    uint64_t persons, rows, restrictions, cases;
    struct snapshot_chunk *chunk;
    size_t n;
};
void manifest_init(struct manifest *);
void manifest_done(struct manifest *);
void manifest_add(struct manifest *, const struct snapshot_chunk *);
enum err manifest_encode(const struct manifest *, const struct key *host, const struct alg_policy *, struct buf *ret,
                         struct errinfo *) NODISCARD;
/* Checks the signature with the host's public key (host-pub) as well. */
enum err manifest_decode(struct span, const struct key *host, const struct alg_policy *, struct manifest *ret,
                         struct errinfo *) NODISCARD;

/* raw = concatenated feed_entry_put bytes. Fills ret_chunk and appends the compressed bytes. */
enum err chunk_encode(struct span raw, uint32_t entries, struct buf *ret, struct snapshot_chunk *ret_chunk,
                      struct errinfo *) NODISCARD;
/* Hash, size and inflation; walk ret with feed_entry_take. */
enum err chunk_decode(struct span bytes, const struct snapshot_chunk *, struct buf *ret, struct errinfo *) NODISCARD;

#endif
