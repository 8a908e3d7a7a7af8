/*
 * The statement catalogue: every SQL statement of a database has a name in data/sql/NOUN.sql (the host's:
 * data/sql/host) and an entry Q_NAME in the generated stmts.h beside the code that uses it. A statement is prepared
 * once, bound by name and read by column name; an unknown name is a bug. Use:
 *
 *     struct stmt *q = stmt_get(db, Q_PERSON_BY_ID);
 *     stmt_text(q, ":id", id);
 *     bool have = false;
 *     enum err e = stmt_row(q, &have, reterr);
 *     if (e == OK && have)
 *         name = col_text(q, "name");
 *     stmt_done(q);
 *
 * For the repositories of store and the backend of host: nobody else speaks SQL.
 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include "base/buf.h"
#include "store/db.h"
#include "store/txn.h"

enum stmt_rows { ROWS_NONE, ROWS_ONE, ROWS_MANY };

struct stmt_def { /* one row of a generated catalogue */
    const char *name;
    const char *where; /* "operator.sql:12" */
    enum stmt_rows rows;
    bool scan; /* may read a whole table */
    const char *sql;
};

/* Everything that makes a database this one and no other: its statements and its steps. */
struct migration;
struct db_schema {
    const struct stmt_def *stmt;
    const size_t *n_stmt; /* generated beside the table */
    const struct migration *step;
    const size_t *n_step;
};

struct stmt;

/* `id` is of the catalogue the database was opened with. Never NULL; a statement that cannot be prepared answers with
 * its error when it is run. A bug when it is in use. */
struct stmt *stmt_get(struct db *, int id) __attribute__((returns_nonnull));

void stmt_i64(struct stmt *, const char *name, int64_t);
void stmt_text(struct stmt *, const char *name, const char *);           /* NULL binds NULL; copied */
void stmt_span(struct stmt *, const char *name, struct span);            /* text; p NULL binds NULL; copied */
void stmt_blob(struct stmt *, const char *name, const void *, size_t n); /* NULL binds NULL; copied */

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
