/* The copy against the hashes it came with. */
#include "base/mem.h"
#include "stmt_in.h"
#include "stmts.h"
#include "store/people.h"

#include <string.h>

enum err people_verify(struct db *db, int64_t after, int64_t max, void (*bad)(void *arg, const char *id, int64_t rev),
                       void *arg, int64_t *ret_last, int64_t *ret_rows, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_HISTORY_WALK);
    int64_t last = after, rows = 0;
    bool have = false;
    enum err e;
    stmt_i64(q, ":after", after);
    stmt_i64(q, ":max", max);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        uint8_t hash[DB_HASH], stored[DB_HASH];
        struct span body = col_span(q, "body");
        db_hash(db, body.p, body.n, hash);
        e = col_fixed(q, "body_hash", stored, DB_HASH, reterr);
        if (e != OK)
            break;
        if (memcmp(hash, stored, DB_HASH) != 0)
            bad(arg, col_text(q, "id"), col_i64(q, "rev"));
        last = col_i64(q, "n");
        rows++;
    }
    stmt_done(q);
    if (e == OK) {
        *ret_last = last;
        *ret_rows = rows;
    }
    return e;
}
