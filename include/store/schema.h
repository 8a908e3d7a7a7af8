/*
 * What makes a database the branch's store: its statements (data/sql/) and its steps (data/sql/migrations/).
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/migrate.h"
#include "store/stmt.h"

extern const struct db_schema store_schema;

#endif
