#include "internal.h"
#include "store/migrate.h"

const struct db_schema store_schema = { stmt_defs, &stmt_count, store_migrations, &store_migrations_n };
