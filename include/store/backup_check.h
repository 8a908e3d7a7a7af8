/*
 * Is a copy of the branch's store (複製) sound, and of the moment it says? What it has in common with its source.
 * Source: spec/reliability.md §6.2.
 */
#ifndef STORE_BACKUP_CHECK_H
#define STORE_BACKUP_CHECK_H

#include "store/oplog.h"

struct db;

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
