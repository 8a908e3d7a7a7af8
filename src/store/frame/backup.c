#include "store/backup.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "frame_in.h"
#include "store/txn.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct backup {
    struct db *db;
    sqlite3 *to;
    sqlite3_backup *copy;
    char *path;
    bool complete;
};

static enum err create_empty(const char *path, struct errinfo *reterr)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, DB_FILE_MODE);
    if (fd < 0 && errno == EEXIST)
        return err_set(reterr, E_EXISTS, NULL, path, "there is a file already");
    if (fd < 0)
        return err_sys(reterr, errno, path, "open");
    close(fd);
    return OK;
}

static void discard(struct backup *b)
{
    sqlite3_close(b->to);
    unlink(b->path);
    free(b->path);
    free(b);
}

enum err backup_start(struct db *db, const char *path, struct backup **ret, struct errinfo *reterr)
{
    TRY(db_alive(db, reterr));
    MUST(txn_depth(db) == 0);
    TRY(create_empty(path, reterr));
    struct backup *b = xcalloc(1, sizeof *b);
    b->db = db;
    b->path = xstrdup(path);
    enum err e = OK;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &b->to, flags, NULL) != SQLITE_OK ||
        sqlite3_exec(b->to, "PRAGMA synchronous=FULL; PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK ||
        !(b->copy = sqlite3_backup_init(b->to, "main", db->sql, "main")))
        e = err_set(reterr, E_IO, NULL, path, "the copy cannot be started: %s", sqlite3_errmsg(b->to));
    if (e == OK)
        *ret = b;
    else
        discard(b);
    return e;
}

enum err backup_step(struct backup *b, int pages, int *ret_left, int *ret_total, struct errinfo *reterr)
{
    TRY(db_alive(b->db, reterr));
    int code = sqlite3_backup_step(b->copy, pages);
    if (code != SQLITE_OK && code != SQLITE_DONE)
        return err_set(reterr, code == SQLITE_FULL ? E_FULL : E_IO, NULL, b->path, "copy: %s", sqlite3_errstr(code));
    b->complete = code == SQLITE_DONE;
    *ret_left = sqlite3_backup_remaining(b->copy);
    *ret_total = sqlite3_backup_pagecount(b->copy);
    return OK;
}

static enum err sync_file_and_dir(const char *path, struct errinfo *reterr)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_sys(reterr, errno, path, "open");
    enum err e = fsync(fd) == 0 ? OK : err_sys(reterr, errno, path, "fsync");
    close(fd);
    TRY(e);
    const char *slash = strrchr(path, '/');
    char *dir = slash && slash != path ? xstrndup(path, (size_t)(slash - path)) : xstrdup(slash ? "/" : ".");
    e = fs_sync_dir(dir, reterr);
    free(dir);
    return e;
}

enum err backup_finish(struct backup *b, struct errinfo *reterr)
{
    enum err e = OK;
    if (!b)
        return OK;
    int code = b->copy ? sqlite3_backup_finish(b->copy) : SQLITE_OK;
    sqlite3_close(b->to);
    b->to = NULL;
    if (b->complete && code != SQLITE_OK)
        e = err_set(reterr, E_IO, NULL, b->path, "copy: %s", sqlite3_errstr(code));
    if (b->complete && e == OK)
        e = sync_file_and_dir(b->path, reterr);
    if (b->complete && e == OK) {
        free(b->path);
        free(b);
    } else {
        discard(b);
    }
    return e;
}
