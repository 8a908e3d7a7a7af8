/* What the files of the store framework share. Repositories use stmt.h and txn.h. */
#ifndef STORE_FRAME_IN_H
#define STORE_FRAME_IN_H

#include "store/db.h"
#include "store/stmt.h"
#include <sqlite3.h>

struct stmt {
    struct db *db;
    const struct stmt_def *def;
    sqlite3_stmt *s;
    bool busy;
    uint64_t bound[2]; /* bit of each bound parameter: none may be forgotten */
    int failed;        /* SQLite code of a prepare or bind that failed, else 0 */
};

struct attached {
    const void *key;
    void *p;
    void (*free)(void *);
};

struct db {
    sqlite3 *sql;
    const struct db_schema *schema;
    struct stmt *stmt; /* *schema->n_stmt of them, prepared when first used */
    struct clock clock;
    void (*hash)(const void *p, size_t n, uint8_t ret[DB_HASH]);
    bool dead;    /* an I/O error was seen: fail-stop */
    bool ready;   /* opened and migrated: only catalogue statements from now on */
    int depth;    /* of nested transactions */
    bool doomed;  /* an inner level was rolled back */
    bool commits; /* txn_commit is at work: the commit guard lets it pass */
    const char *begin_file;
    int begin_line;
    char *path;
    struct attached *attached; /* what repositories keep here */
    size_t n_attached;
};

/* Turns an SQLite code into an error; marks the store dead where it must be. `what` names the statement. */
enum err db_fail(struct db *, int code, const char *what, struct errinfo *);
/* Runs fixed SQL text (pragmas, transaction control, migrations). */
enum err db_exec(struct db *, const char *sql, struct errinfo *) NODISCARD;
/* Finalises every prepared statement. */
void stmt_finalize_all(struct db *);

#endif
