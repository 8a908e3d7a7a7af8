/*
 * Copy of the open store (複製), page by page between other work: the copy is of one moment, the last step. The file is
 * new, 0600, and on the disk with its directory entry when the copy is finished. Encrypting, verifying in another
 * process and keeping generations is the business of the caller. Source: spec/reliability.md §6.2.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "base/clock.h"
#include "store/oplog.h"

struct db;
struct backup;

/* E_EXISTS when there is a file at `path`. */
enum err backup_start(struct db *, const char *path, struct backup **ret, struct errinfo *) NODISCARD;
/* Copies some pages. *ret_left is what remains, 0 when complete. Writes to the store between steps are allowed. */
enum err backup_step(struct backup *, int pages, int *ret_left, int *ret_total, struct errinfo *) NODISCARD;
/* After a complete copy: syncs it. Otherwise removes the file. Frees in both cases; NULL allowed. */
enum err backup_finish(struct backup *, struct errinfo *) NODISCARD;

/* What a copy must have in common with its source at the moment of the last step: end of the operation log, and how
 * many rows there are of what counts. */
enum backup_count {
    BACKUP_OPERATORS,
    BACKUP_LOGINS,
    BACKUP_RESIDENTS,
    BACKUP_RESTRICTIONS,
    BACKUP_NOTICES,
    BACKUP_NOTICE_EVENTS,
    BACKUP_CERTIFICATES,
    BACKUP_PRINT_EVENTS,
    BACKUP_OPERATIONS,
    BACKUP_COUNTS
};
struct backup_facts {
    struct oplog_head log;
    int64_t count[BACKUP_COUNTS];
};
const char *backup_count_name(enum backup_count);
enum err backup_facts(struct db *, struct backup_facts *ret, struct errinfo *) NODISCARD;
bool backup_facts_equal(const struct backup_facts *, const struct backup_facts *);
/* Opens the copy with every check there is and walks its operation log from the first row. For a process of its own.
 * E_CORRUPT says what is wrong. */
enum err backup_check(const char *path, void (*hash)(const void *p, size_t n, uint8_t ret[OPLOG_HASH]),
                      struct backup_facts *ret, struct errinfo *) NODISCARD;

#endif
