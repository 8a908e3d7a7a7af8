#include "store/backup_check.h"
#include "base/mem.h"
#include "stmt_in.h"
#include "store/schema.h"
#include <string.h>

#define ROWS_AT_ONCE 10000

static const char *const names[] = {
    [BACKUP_OPERATORS] = "operators",       [BACKUP_LOGINS] = "logins",
    [BACKUP_RESIDENTS] = "residents",       [BACKUP_RESTRICTIONS] = "restrictions",
    [BACKUP_NOTICES] = "notices",           [BACKUP_NOTICE_EVENTS] = "notice_events",
    [BACKUP_CERTIFICATES] = "certificates", [BACKUP_PRINT_EVENTS] = "print_events",
    [BACKUP_OPERATIONS] = "operations",
};
_Static_assert(ARRAY_LEN(names) == BACKUP_COUNTS, "a count has no name");

const char *backup_count_name(enum backup_count i)
{
    return names[i];
}

enum err backup_facts(struct db *db, struct backup_facts *ret, struct errinfo *reterr)
{
    struct backup_facts f;
    TRY(oplog_head(db, &f.log, reterr));
    struct stmt *q = stmt_get(db, Q_BACKUP_COUNTS);
    enum err e = stmt_one(q, reterr);
    for (size_t i = 0; e == OK && i < BACKUP_COUNTS; i++)
        f.count[i] = col_i64(q, names[i]);
    stmt_done(q);
    if (e == OK)
        *ret = f;
    return e;
}

bool backup_facts_equal(const struct backup_facts *a, const struct backup_facts *b)
{
    return a->log.seq == b->log.seq && memcmp(a->log.hash, b->log.hash, OPLOG_HASH) == 0 &&
           memcmp(a->count, b->count, sizeof a->count) == 0;
}

static enum err check_chain(struct db *db, struct errinfo *reterr)
{
    struct oplog_check check = { .bad = 0 };
    while (!check.done)
        TRY(oplog_verify(db, &check, NULL, 0, ROWS_AT_ONCE, reterr));
    return check.fault == LOG_SOUND ? OK
                                    : err_set(reterr, E_CORRUPT, NULL, "oplog", "row %lld: fault %d",
                                              (long long)check.bad, (int)check.fault);
}

enum err backup_check(const char *path, void (*hash)(const void *p, size_t n, uint8_t ret[OPLOG_HASH]),
                      struct backup_facts *ret, struct errinfo *reterr)
{
    struct db *db = NULL;
    const struct db_options o = {
        .path = path, .check = true, .hash = hash, .schema = &store_schema, .clock = clock_system()
    };
    enum err e = db_open(&o, &db, reterr);
    if (e == OK)
        e = check_chain(db, reterr);
    if (e == OK)
        e = backup_facts(db, ret, reterr);
    db_close(db);
    return e;
}
