/*
 * First load of the register (初期データ移行): a stream of history rows straight into the host's database, with little
 * memory however many there are. Branches get it by snapshot: the feed starts behind it. Only for an empty register
 * that no process serves.
 */
#ifndef HOST_BULK_H
#define HOST_BULK_H

#include "domain/record.h"
#include "host/host.h"

struct host_bulk;
/* E_EXISTS when there are persons already (an interrupted load counts: start over with a new database). */
enum err host_bulk_begin(struct host *, struct host_bulk **ret, struct errinfo *) NODISCARD;
/* Rows of one person in order of rev. Borrowed. */
enum err host_bulk_add(struct host_bulk *, const struct resident *, struct errinfo *) NODISCARD;
/* A restriction as the payload of restrict.set (JSON). */
enum err host_bulk_restrict(struct host_bulk *, struct span payload, struct errinfo *) NODISCARD;
/* Finishes and frees, also on failure; from here the register is one that may be served. */
enum err host_bulk_commit(struct host_bulk *, struct errinfo *) NODISCARD;
void host_bulk_abort(struct host_bulk *); /* NULL allowed */

#endif
