/* What the files of the operation log share. */
#ifndef STORE_SRC_OPLOG_H
#define STORE_SRC_OPLOG_H

#include "store/oplog.h"

/* Calls back for each blank-separated person of a row. */
enum err oplog_each_subject(const char *subjects, enum err (*cb)(void *arg, struct span, struct errinfo *), void *arg,
                            struct errinfo *) NODISCARD;
/* Number of the last row whose persons are in the index. */
enum err oplog_indexed(struct db *, int64_t *ret, struct errinfo *) NODISCARD;

#endif
