/*
 * Making and handing out snapshots (全件副本の作成と配布). A snapshot is made a chunk at a time between other work, is
 * of one moment because history only grows, and lies as immutable files in DIR/snapshot/ID. A restart of the host keeps
 * it.
 */
#ifndef HOST_SNAPSHOT_H
#define HOST_SNAPSHOT_H

#include "host/host.h"
#include "sync/snapshot.h"

/* The manifest of a snapshot that is young enough (parameter HOST_SNAP_REUSE_MIN), else starts making one: *ret_ready
 * false, come back after some seconds. */
enum err host_snapshot_manifest(struct host *, bool *ret_ready, struct buf *ret, struct errinfo *) NODISCARD;
/* Makes the next chunk, if one is being made. *ret_more: call again soon. */
enum err host_snapshot_step(struct host *, bool *ret_more, struct errinfo *) NODISCARD;
/* Opens a chunk's file for reading. E_NOTFOUND: no such snapshot (any more) or chunk. */
enum err host_snapshot_chunk(struct host *, const uint8_t id[SNAPSHOT_ID], uint32_t n, int *ret_fd, size_t *ret_size,
                             struct errinfo *) NODISCARD;

#endif
