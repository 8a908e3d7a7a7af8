#include "store/schema.h"

/* Generated. */
extern const struct stmt_def stmt_defs[];
extern const size_t stmt_count;
extern const struct migration store_migrations[];
extern const size_t store_migrations_n;

const struct db_schema store_schema = { stmt_defs, &stmt_count, store_migrations, &store_migrations_n };
