/*
 * A store (保存庫): one SQLite file, one connection, one owner. What is in it is the schema of the caller. Everything
 * that makes a commit trustworthy is set here once: WAL with synchronous=FULL, exclusive locking, foreign keys, secure
 * deletion, nothing temporary on disk, no statement outside the catalogue. After an I/O error the store is dead until
 * it is opened again: nothing that comes later is acknowledged. Never sees OpenSSL: the hash comes in as an argument.
 * Source: spec/reliability.md §3.3, §8.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/clock.h"
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define DB_HASH          32 /* SHA-256 */
#define DB_RESERVED      32 /* bytes kept free at the end of each page, for a page-encrypting file layer */
#define DB_FILE_MODE     0600
#define DB_VALUE_MAX     (8 << 20)  /* one text or blob */
#define DB_APPLICATION   1298228327 /* "Madg" in the file header */
#define DB_CHECKPOINT_AT 1000       /* pages in the log before it is folded back */

struct db;
struct db_schema;

struct db_options {
    const char *path;
    bool create; /* the file must not exist; otherwise it must */
    bool check;  /* PRAGMA quick_check and foreign_key_check before use (E_CORRUPT) */
    void (*hash)(const void *p, size_t n, uint8_t ret[DB_HASH]);
    struct clock clock;
    const struct db_schema *schema; /* store/stmt.h */
    bool large;                     /* 64 MiB of page cache instead of SQLite's 2: a city's register */
    const char *vfs; /* SQLite file layer, or NULL for the default; tests inject faults, encryption hooks in */
};

/* Opens and migrates. Refuses a symbolic link, a second hard link, another owner, a mode wider than 0600 (E_DENIED),
 * a file that is not ours or was made without reserved bytes (E_CORRUPT), one held by another process (E_BUSY) and
 * one of a newer program (E_TOONEW). */
enum err db_open(const struct db_options *, struct db **ret, struct errinfo *) NODISCARD;
/* Folds the log back and closes; NULL allowed. Complains (BUG) about an open transaction or statement. */
void db_close(struct db *);

/* E_IO once an I/O error was seen; every statement and commit answers it from then on. */
enum err db_alive(const struct db *, struct errinfo *) NODISCARD;
/* What the store was opened with. */
const struct clock *db_clock(const struct db *);
int64_t db_now(const struct db *); /* wall clock, ms */
void db_hash(const struct db *, const void *p, size_t n, uint8_t ret[DB_HASH]);

/* What a repository keeps with the open store, under the address of an object of its own: freed when something else is
 * put there and when the store is closed. */
void db_attach(struct db *, const void *key, void *take, void (*free)(void *));
void *db_attached(const struct db *, const void *key); /* NULL when there is nothing */

/* Folds the write-ahead log back into the file and empties it. */
enum err db_checkpoint(struct db *, struct errinfo *) NODISCARD;

#endif
