#include "store/host_case.h"
#include "base/mem.h"
#include "stmt_in.h"

#include <string.h>

static enum err put_persons(struct db *db, const struct host_case *c, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_HOST_CASE_PERSON_CLEAR);
    stmt_text(q, ":no", c->no);
    TRY(stmt_run(q, reterr));
    for (size_t i = 0; i < c->n_person; i++) {
        q = stmt_get(db, Q_HOST_CASE_PERSON_ADD);
        stmt_text(q, ":person", c->person[i]);
        stmt_text(q, ":no", c->no);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

enum err host_case_apply(struct db *db, const struct host_case *c, struct errinfo *reterr)
{
    MUST(txn_depth(db) > 0);
    if (strcmp(c->state, "entered") != 0) {
        struct stmt *q = stmt_get(db, Q_HOST_CASE_REMOVE);
        stmt_text(q, ":no", c->no);
        return stmt_run(q, reterr);
    }
    struct stmt *q = stmt_get(db, Q_HOST_CASE_PUT);
    stmt_text(q, ":no", c->no);
    stmt_text(q, ":kind", c->kind);
    stmt_text(q, ":state", c->state);
    stmt_text(q, ":branch", c->branch);
    stmt_i64(q, ":host_seq", c->host_seq);
    TRY(stmt_run(q, reterr));
    return put_persons(db, c, reterr);
}

enum err host_case_clear(struct db *db, struct errinfo *reterr)
{
    MUST(txn_depth(db) > 0);
    return stmt_run(stmt_get(db, Q_HOST_CASE_REMOVE_ALL), reterr);
}

enum err host_case_of(struct db *db, const char *person, const char *own,
                      void (*cb)(void *arg, const struct host_case *), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_HOST_CASE_OF);
    stmt_text(q, ":person", person);
    stmt_text(q, ":own", own);
    bool have = true;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        const struct host_case c = { .no = col_text(q, "no"),
                                     .kind = col_text(q, "kind"),
                                     .state = col_text(q, "state"),
                                     .branch = col_text(q, "branch"),
                                     .host_seq = col_i64(q, "host_seq") };
        cb(arg, &c);
    }
    stmt_done(q);
    return e;
}
