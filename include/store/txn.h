/*
 * Transactions that know who they are. A writing use case is one transaction: business rows, number, log row and
 * outbox row, or nothing. Begins are BEGIN IMMEDIATE and nest by depth; only the outermost commit is real, and an
 * inner rollback dooms the whole. A write outside a transaction is a bug.
 */
#ifndef STORE_TXN_H
#define STORE_TXN_H

#include "base/err.h"

struct db;

#define txn_begin(db, reterr) txn_begin_at((db), __FILE__, __LINE__, (reterr))
enum err txn_begin_at(struct db *, const char *file, int line, struct errinfo *) NODISCARD;
/* OK means durable. On failure everything is rolled back. */
enum err txn_commit(struct db *, struct errinfo *) NODISCARD;
/* Leaves one level; harmless without a transaction, so that an error path may always call it. */
void txn_rollback(struct db *);

/* Ends the level by `e`: commits when OK, rolls back otherwise. Returns e, or the error of the commit. */
enum err txn_end(struct db *, enum err e, struct errinfo *) NODISCARD;

int txn_depth(const struct db *);

#endif
