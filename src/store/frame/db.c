#include "store/db.h"
#include "base/mem.h"
#include "frame_in.h"
#include "store/migrate.h"
#include "store/txn.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)

/* SQLite's result codes as ours; extended codes before their primary one. */
static const struct {
    int code;
    enum err err;
    bool fatal; /* nothing more is acknowledged */
} codes[] = {
    { SQLITE_CONSTRAINT_UNIQUE, E_EXISTS, false },
    { SQLITE_CONSTRAINT_PRIMARYKEY, E_EXISTS, false },
    { SQLITE_CONSTRAINT_ROWID, E_EXISTS, false },
    { SQLITE_CONSTRAINT_FOREIGNKEY, E_NOTFOUND, false },
    { SQLITE_CONSTRAINT_TRIGGER, E_DENIED, false },
    { SQLITE_CONSTRAINT, E_INVALID, false },
    { SQLITE_MISMATCH, E_INVALID, false },
    { SQLITE_TOOBIG, E_INVALID, false },
    { SQLITE_AUTH, E_DENIED, false },
    { SQLITE_BUSY, E_BUSY, false },
    { SQLITE_LOCKED, E_BUSY, false },
    { SQLITE_FULL, E_FULL, false },
    { SQLITE_IOERR_NOMEM, E_NOMEM, false },
    { SQLITE_NOMEM, E_NOMEM, false },
    { SQLITE_IOERR, E_IO, true },
    { SQLITE_READONLY, E_IO, true },
    { SQLITE_CANTOPEN, E_IO, true },
    { SQLITE_CORRUPT, E_CORRUPT, true },
    { SQLITE_NOTADB, E_CORRUPT, true },
};

enum err db_fail(struct db *db, int code, const char *what, struct errinfo *reterr)
{
    enum err e = E_CORRUPT; /* a catalogue statement that does not fit the schema */
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (codes[i].code == code || codes[i].code == (code & 0xff)) {
            e = codes[i].err;
            if (codes[i].fatal && !db->dead) {
                db->dead = true;
                /* what the log holds is decided by its checksums at the next open, not by us now */
                sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
            }
            break;
        }
    return err_set(reterr, e, NULL, what, "%s (%d)", sqlite3_errmsg(db->sql), code);
}

enum err db_exec(struct db *db, const char *sql, struct errinfo *reterr)
{
    int code = sqlite3_exec(db->sql, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OK : db_fail(db, code, "exec", reterr);
}

enum err db_alive(const struct db *db, struct errinfo *reterr)
{
    if (db->dead)
        return err_set(reterr, E_IO, "S020", NULL, "the store stopped after an I/O error");
    return OK;
}

const struct clock *db_clock(const struct db *db)
{
    return &db->clock;
}

int64_t db_now(const struct db *db)
{
    return db->clock.wall_ms(db->clock.self);
}

void db_hash(const struct db *db, const void *p, size_t n, uint8_t ret[DB_HASH])
{
    db->hash(p, n, ret);
}

void db_attach(struct db *db, const void *key, void *take, void (*free_fn)(void *))
{
    size_t i = 0;
    while (i < db->n_attached && db->attached[i].key != key)
        i++;
    if (i < db->n_attached)
        db->attached[i].free(db->attached[i].p);
    else
        db->attached = xrealloc(db->attached, ++db->n_attached, sizeof *db->attached);
    db->attached[i] = (struct attached){ key, take, free_fn };
}

void *db_attached(const struct db *db, const void *key)
{
    for (size_t i = 0; i < db->n_attached; i++)
        if (db->attached[i].key == key)
            return db->attached[i].p;
    return NULL;
}

static enum err create_file(const char *path, struct errinfo *reterr)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, DB_FILE_MODE);
    if (fd < 0 && errno == EEXIST)
        return err_set(reterr, E_EXISTS, NULL, path, "there is a file already");
    if (fd < 0)
        return err_sys(reterr, errno, path, "open");
    enum err e = fchmod(fd, DB_FILE_MODE) == 0 ? OK : err_sys(reterr, errno, path, "fchmod");
    close(fd);
    return e;
}

static enum err check_file(const char *path, struct errinfo *reterr)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? err_set(reterr, E_NOTFOUND, NULL, path, "no store")
                               : err_sys(reterr, errno, path, "lstat");
    if (!S_ISREG(st.st_mode))
        return err_set(reterr, E_DENIED, "S021", path, "not a regular file");
    if (st.st_nlink != 1)
        return err_set(reterr, E_DENIED, "S021", path, "has a second name");
    if (st.st_uid != geteuid())
        return err_set(reterr, E_DENIED, "S021", path, "belongs to another account");
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(reterr, E_DENIED, "S021", path, "is open to others");
    return OK;
}

static void set_limits(sqlite3 *sql)
{
    static const struct {
        int id, value;
    } limits[] = {
        { SQLITE_LIMIT_LENGTH, DB_VALUE_MAX },
        { SQLITE_LIMIT_SQL_LENGTH, 100000 },
        { SQLITE_LIMIT_COLUMN, 128 },
        { SQLITE_LIMIT_EXPR_DEPTH, 100 },
        { SQLITE_LIMIT_COMPOUND_SELECT, 8 },
        { SQLITE_LIMIT_VDBE_OP, 25000 },
        { SQLITE_LIMIT_FUNCTION_ARG, 16 },
        { SQLITE_LIMIT_ATTACHED, 0 },
        { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 128 },
        { SQLITE_LIMIT_TRIGGER_DEPTH, 10 },
        { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };
    static const struct {
        int id, value;
    } config[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },
        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
        { SQLITE_DBCONFIG_ENABLE_TRIGGER, 1 },
        { SQLITE_DBCONFIG_DQS_DML, 0 },
        { SQLITE_DBCONFIG_DQS_DDL, 0 },
        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        sqlite3_limit(sql, limits[i].id, limits[i].value);
    for (size_t i = 0; i < ARRAY_LEN(config); i++)
        MUST(sqlite3_db_config(sql, config[i].id, config[i].value, NULL) == SQLITE_OK);
    sqlite3_extended_result_codes(sql, 1);
}

/* Runs a pragma and compares the value it answers; `want` NULL takes any. */
static enum err pragma(struct db *db, const char *text, const char *want, struct errinfo *reterr)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db->sql, text, -1, &s, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(s);
    enum err e = OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        e = db_fail(db, code, text, reterr);
    else if (want && (code != SQLITE_ROW || strcmp((const char *)sqlite3_column_text(s, 0), want) != 0))
        e = err_set(reterr, E_CORRUPT, "S022", text, "expected %s", want);
    sqlite3_finalize(s);
    return e;
}

static enum err pragmas(struct db *db, struct errinfo *reterr)
{
    static const struct {
        const char *text, *want;
    } list[] = {
        { "PRAGMA locking_mode=EXCLUSIVE", "exclusive" },
        { "PRAGMA journal_mode=WAL", "wal" },
        { "PRAGMA synchronous=FULL", NULL },
        { "PRAGMA foreign_keys=ON", NULL },
        { "PRAGMA foreign_keys", "1" },
        { "PRAGMA recursive_triggers=ON", NULL }, /* REPLACE fires the triggers that refuse deletion */
        { "PRAGMA recursive_triggers", "1" },
        { "PRAGMA secure_delete=ON", "1" },
        { "PRAGMA temp_store=MEMORY", NULL },
        { "PRAGMA mmap_size=0", NULL },
        { "PRAGMA cache_size=-32768", NULL }, /* KiB: a first load rewrites the same index pages over and over */
        { "PRAGMA cell_size_check=ON", NULL },
        { "PRAGMA synchronous", "2" },
    };
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        TRY(pragma(db, list[i].text, list[i].want, reterr));
    int code = sqlite3_wal_autocheckpoint(db->sql, DB_CHECKPOINT_AT);
    return code == SQLITE_OK ? OK : db_fail(db, code, "wal_autocheckpoint", reterr);
}

/* Must run on the empty database, before its first page is written. */
static enum err reserve_bytes(struct db *db, struct errinfo *reterr)
{
    int n = DB_RESERVED;
    int code = sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_RESERVE_BYTES, &n);
    return code == SQLITE_OK ? OK : db_fail(db, code, "reserve bytes", reterr);
}

static enum err check_identity(struct db *db, struct errinfo *reterr)
{
    TRY(pragma(db, "PRAGMA application_id", TEXT_OF(DB_APPLICATION), reterr));
    int n = -1;
    if (sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_RESERVE_BYTES, &n) != SQLITE_OK || n != DB_RESERVED)
        return err_set(reterr, E_CORRUPT, "S022", db->path, "pages without %d reserved bytes", DB_RESERVED);
    return OK;
}

static enum err check_content(struct db *db, struct errinfo *reterr)
{
    TRY(pragma(db, "PRAGMA quick_check(1)", "ok", reterr));
    return pragma(db, "SELECT count(*) FROM pragma_foreign_key_check", "0", reterr);
}

/* From now on only what catalogue statements need. */
static int authorize(void *arg, int action, const char *a, const char *b, const char *schema, const char *trigger)
{
    (void)arg, (void)b, (void)schema, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
        return SQLITE_OK;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        return strncmp(a, "sqlite_", 7) == 0 && strcmp(a, "sqlite_sequence") != 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA: /* asked by the full-text index */
        return strcmp(a, "data_version") == 0 ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int commit_guard(void *arg)
{
    const struct db *db = arg;
    if (!db->commits)
        BUG("a commit went past txn_commit");
    return 0;
}

static enum err set_up(struct db *db, const struct db_options *o, struct errinfo *reterr)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int code = sqlite3_open_v2(o->path, &db->sql, flags, o->vfs);
    if (!db->sql)
        return err_set(reterr, E_NOMEM, NULL, o->path, "sqlite3_open");
    if (code != SQLITE_OK)
        return db_fail(db, code, o->path, reterr);
    set_limits(db->sql);
    if (o->create)
        TRY(reserve_bytes(db, reterr));
    TRY(pragmas(db, reterr));
    if (o->large)
        TRY(pragma(db, "PRAGMA cache_size=-65536", NULL, reterr));
    if (o->create)
        TRY(pragma(db, "PRAGMA application_id=" TEXT_OF(DB_APPLICATION), NULL, reterr));
    TRY(check_identity(db, reterr));
    if (o->check)
        TRY(check_content(db, reterr));
    sqlite3_commit_hook(db->sql, commit_guard, db);
    TRY(migrate(db, db->schema->step, *db->schema->n_step, reterr));
    MUST(sqlite3_set_authorizer(db->sql, authorize, NULL) == SQLITE_OK);
    db->ready = true;
    return OK;
}

enum err db_open(const struct db_options *o, struct db **ret, struct errinfo *reterr)
{
    if (strncmp(o->path, "file:", 5) == 0) /* Debian's SQLite would read it as a URI */
        return err_set(reterr, E_INVALID, NULL, o->path, "not a plain path");
    if (o->create)
        TRY(create_file(o->path, reterr));
    TRY(check_file(o->path, reterr));
    struct db *db = xcalloc(1, sizeof *db);
    db->schema = o->schema;
    db->stmt = xcalloc(*db->schema->n_stmt, sizeof *db->stmt);
    db->clock = o->clock;
    db->hash = o->hash;
    db->path = xstrdup(o->path);
    enum err e = set_up(db, o, reterr);
    if (e == OK)
        *ret = db;
    else
        db_close(db);
    return e;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    MUST(db->depth == 0);
    stmt_finalize_all(db);
    MUST(sqlite3_close(db->sql) == SQLITE_OK);
    for (size_t i = 0; i < db->n_attached; i++)
        db->attached[i].free(db->attached[i].p);
    free(db->attached);
    free(db->stmt);
    free(db->path);
    free(db);
}

enum err db_checkpoint(struct db *db, struct errinfo *reterr)
{
    TRY(db_alive(db, reterr));
    MUST(db->depth == 0);
    int code = sqlite3_wal_checkpoint_v2(db->sql, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? OK : db_fail(db, code, "checkpoint", reterr);
}
