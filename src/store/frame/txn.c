#include "store/txn.h"
#include "base/mem.h"
#include "frame_in.h"

enum err txn_begin_at(struct db *db, const char *file, int line, struct errinfo *reterr)
{
    TRY(db_alive(db, reterr));
    if (db->depth == 0) {
        TRY(db_exec(db, "BEGIN IMMEDIATE", reterr));
        db->begin_file = file;
        db->begin_line = line;
        db->doomed = false;
    }
    db->depth++;
    return OK;
}

static void roll_back(struct db *db)
{
    /* an error may have rolled back already; a rollback that fails leaves nothing committed either */
    if (!sqlite3_get_autocommit(db->sql))
        sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

enum err txn_commit(struct db *db, struct errinfo *reterr)
{
    MUST(db->depth > 0);
    if (--db->depth > 0)
        return OK;
    enum err e = db_alive(db, reterr);
    if (e == OK && (db->doomed || sqlite3_get_autocommit(db->sql)))
        e = err_set(reterr, E_CONFLICT, "S023", NULL, "a part of the transaction begun at %s:%d was rolled back",
                    db->begin_file, db->begin_line);
    if (e == OK) {
        db->commits = true;
        e = db_exec(db, "COMMIT", reterr);
        db->commits = false;
    }
    if (e != OK)
        roll_back(db);
    return e;
}

void txn_rollback(struct db *db)
{
    if (db->depth == 0)
        return;
    db->doomed = true;
    if (--db->depth == 0)
        roll_back(db);
}

enum err txn_end(struct db *db, enum err e, struct errinfo *reterr)
{
    if (e == OK)
        return txn_commit(db, reterr);
    txn_rollback(db);
    return e;
}

int txn_depth(const struct db *db)
{
    return db->depth;
}
