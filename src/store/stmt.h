/*
 * The statement catalogue: every SQL statement of the store has a name in data/sql/NOUN.sql and an entry Q_NAME in
 * stmts.h. A statement is prepared once, bound by name and read by column name; an unknown name is a bug. Use:
 *
 *     struct stmt *q = stmt_get(db, Q_PERSON_BY_ID);
 *     stmt_text(q, ":id", id);
 *     bool have = false;
 *     enum err e = stmt_row(q, &have, reterr);
 *     if (e == OK && have)
 *         name = col_text(q, "name");
 *     stmt_done(q);
 *
 * Private to the store layer: only repositories speak SQL.
 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include "base/buf.h"
#include "stmts.h"
#include "store/db.h"
#include "store/txn.h"

struct stmt;

/* Never NULL; a statement that cannot be prepared answers with its error when it is run. A bug when it is in use. */
struct stmt *stmt_get(struct db *, enum stmt_id) __attribute__((returns_nonnull));

void stmt_i64(struct stmt *, const char *name, int64_t);
void stmt_text(struct stmt *, const char *name, const char *);           /* NULL binds NULL; copied */
void stmt_span(struct stmt *, const char *name, struct span);            /* text; p NULL binds NULL; copied */
void stmt_blob(struct stmt *, const char *name, const void *, size_t n); /* NULL binds NULL; copied */
void stmt_null(struct stmt *, const char *name);

/* Next row. *ret_have false at the end. */
enum err stmt_row(struct stmt *, bool *ret_have, struct errinfo *) NODISCARD;
/* Runs a statement that gives no rows, and is done with it. E_EXISTS: unique or primary key; E_NOTFOUND: foreign key;
 * E_INVALID: check or type; E_DENIED: refused by a trigger (its text in detail). */
enum err stmt_run(struct stmt *, struct errinfo *) NODISCARD;
/* As stmt_run, and how many rows were changed. */
enum err stmt_run_n(struct stmt *, int64_t *ret_changed, struct errinfo *) NODISCARD;
/* The row of a statement that should give one: E_NOTFOUND without. The caller reads its columns and calls stmt_done
 * in every case. */
enum err stmt_one(struct stmt *, struct errinfo *) NODISCARD;
/* Resets and clears the bindings; safe on every path. NULL allowed. */
void stmt_done(struct stmt *);

/* Columns of the current row, valid until the next stmt_ call on it. */
int64_t col_i64(const struct stmt *, const char *name); /* 0 for NULL */
bool col_null(const struct stmt *, const char *name);
const char *col_text(const struct stmt *, const char *name); /* "" for NULL */
struct span col_span(const struct stmt *, const char *name); /* text or blob; n 0 for NULL */
char *col_dup(const struct stmt *, const char *name);        /* caller frees; NULL for NULL */
/* Copies a blob of exactly n bytes; another length is E_CORRUPT. */
enum err col_fixed(const struct stmt *, const char *name, void *ret, size_t n, struct errinfo *) NODISCARD;

#endif
