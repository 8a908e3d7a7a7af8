#include "store/migrate.h"
#include "base/mem.h"
#include "frame_in.h"
#include "store/txn.h"
#include <string.h>

/* The framework's own table stands before every statement of the catalogue. */
static const char table_sql[] = "CREATE TABLE IF NOT EXISTS migration ("
                                " number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 BLOB NOT NULL,"
                                " at_ms INTEGER NOT NULL) STRICT";

static enum err prepare(struct db *db, const char *sql, sqlite3_stmt **ret, struct errinfo *reterr)
{
    int code = sqlite3_prepare_v2(db->sql, sql, -1, ret, NULL);
    return code == SQLITE_OK ? OK : db_fail(db, code, "migration", reterr);
}

/* Compares a taken step with the list. *at is where the list stands. */
static enum err compare(struct db *db, sqlite3_stmt *s, const struct migration *m, size_t n, size_t *at,
                        struct errinfo *reterr)
{
    int number = sqlite3_column_int(s, 0);
    if (*at == n)
        return err_set(reterr, E_TOONEW, "S024", NULL, "the store is at step %d, the program at %d", number,
                       n ? m[n - 1].number : 0);
    uint8_t hash[DB_HASH];
    db->hash(m[*at].sql, strlen(m[*at].sql), hash);
    const char *name = (const char *)sqlite3_column_text(s, 1);
    if (m[*at].number != number || !name || strcmp(m[*at].name, name) != 0)
        return err_set(reterr, E_CORRUPT, "S022", NULL, "the store took step %d where the program has %d_%s", number,
                       m[*at].number, m[*at].name);
    if (sqlite3_column_bytes(s, 2) != DB_HASH || memcmp(sqlite3_column_blob(s, 2), hash, DB_HASH) != 0)
        return err_set(reterr, E_CORRUPT, "S022", NULL, "step %d_%s is not the one the store took", number, name);
    ++*at;
    return OK;
}

static enum err check_taken(struct db *db, const struct migration *m, size_t n, size_t *ret_at, struct errinfo *reterr)
{
    sqlite3_stmt *s = NULL;
    TRY(prepare(db, "SELECT number, name, sha256 FROM migration ORDER BY number", &s, reterr));
    size_t at = 0;
    enum err e = OK;
    int code;
    while (e == OK && (code = sqlite3_step(s)) == SQLITE_ROW)
        e = compare(db, s, m, n, &at, reterr);
    if (e == OK && code != SQLITE_DONE)
        e = db_fail(db, code, "migration", reterr);
    sqlite3_finalize(s);
    if (e == OK)
        *ret_at = at;
    return e;
}

static enum err record(struct db *db, const struct migration *m, struct errinfo *reterr)
{
    sqlite3_stmt *s = NULL;
    uint8_t hash[DB_HASH];
    db->hash(m->sql, strlen(m->sql), hash);
    TRY(prepare(db, "INSERT INTO migration VALUES (:number, :name, :sha256, :at)", &s, reterr));
    sqlite3_bind_int(s, 1, m->number);
    sqlite3_bind_text(s, 2, m->name, -1, SQLITE_STATIC);
    sqlite3_bind_blob(s, 3, hash, sizeof hash, SQLITE_STATIC);
    sqlite3_bind_int64(s, 4, db_now(db));
    int code = sqlite3_step(s);
    enum err e = code == SQLITE_DONE ? OK : db_fail(db, code, "migration", reterr);
    sqlite3_finalize(s);
    return e;
}

static enum err take(struct db *db, const struct migration *m, struct errinfo *reterr)
{
    TRY(txn_begin(db, reterr));
    enum err e = db_exec(db, m->sql, reterr);
    if (e == OK)
        e = record(db, m, reterr);
    return txn_end(db, e, reterr);
}

enum err migrate(struct db *db, const struct migration *m, size_t n, struct errinfo *reterr)
{
    MUST(!db->ready);
    size_t at = 0;
    TRY(txn_begin(db, reterr));
    TRY(txn_end(db, db_exec(db, table_sql, reterr), reterr));
    TRY(check_taken(db, m, n, &at, reterr));
    for (; at < n; at++)
        TRY(take(db, &m[at], reterr));
    return OK;
}

enum err migrate_version(struct db *db, int *ret, struct errinfo *reterr)
{
    sqlite3_stmt *s = NULL;
    TRY(prepare(db, "SELECT coalesce(max(number), 0) FROM migration", &s, reterr));
    int code = sqlite3_step(s);
    enum err e = code == SQLITE_ROW ? OK : db_fail(db, code, "migration", reterr);
    if (e == OK)
        *ret = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return e;
}
