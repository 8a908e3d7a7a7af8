#include "store/due.h"
#include "stmt_in.h"

enum err due_planned(struct db *db, void (*cb)(void *arg, const struct resident *), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_DUE_PLANNED);
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct resident *r = NULL;
        e = resident_decode(col_span(q, "body"), &r, reterr);
        if (e != OK)
            break;
        cb(arg, r);
        resident_free(r);
    }
    stmt_done(q);
    return e;
}
