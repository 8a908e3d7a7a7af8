/*
 * Migrations: the schema as an ordered list of steps, forward only, each in one transaction. A store remembers number,
 * name and SHA-256 of every step it took, so that an edited old step, a step taken out of order and a newer program
 * are all noticed. Files: data/sql/migrations/NNNN_name.sql, embedded by tools/migrategen.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "base/err.h"
#include <stddef.h>

struct db;

struct migration {
    int number; /* ascending; gaps are allowed */
    const char *name;
    const char *sql;
};

/* Takes the steps that are missing. E_TOONEW when the store has a step that is not in the list behind its last one,
 * E_CORRUPT when a step it took differs or a step was skipped. */
enum err migrate(struct db *, const struct migration *, size_t n, struct errinfo *) NODISCARD;
/* Number of the last step a store has taken, 0 when none. */
enum err migrate_version(struct db *, int *ret, struct errinfo *) NODISCARD;

#endif
