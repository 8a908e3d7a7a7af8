#include "base/mem.h"
#include "crypto/digest.h"
#include "host/backend.h"
#include "store/backup.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/stmt.h"
#include "store/txn.h"

#include <stdlib.h>

#define COPY_PAGES 512 /* per step: about two megabytes, a few milliseconds */

extern const struct stmt_def host_stmt_defs[];
extern const size_t host_stmt_count;
extern const struct migration host_migrations[];
extern const size_t host_migrations_n;

static const struct db_schema host_schema = { host_stmt_defs, &host_stmt_count, host_migrations, &host_migrations_n };

struct sqlite_backend {
    struct host_backend base;
    struct db *db;
};

static struct db *db_of(struct host_backend *b)
{
    return ((struct sqlite_backend *)b)->db;
}

/* A query is the framework's statement under another name; a copy is its backup. */
static struct stmt *stmt_of(struct host_query *q)
{
    return (struct stmt *)q;
}

static const struct stmt *stmt_of_const(const struct host_query *q)
{
    return (const struct stmt *)q;
}

static void sqlite_close(struct host_backend *b)
{
    db_close(db_of(b));
    free(b);
}

static enum err sqlite_begin(struct host_backend *b, struct errinfo *reterr)
{
    return txn_begin(db_of(b), reterr);
}

static enum err sqlite_commit(struct host_backend *b, struct errinfo *reterr)
{
    return txn_commit(db_of(b), reterr);
}

static void sqlite_rollback(struct host_backend *b)
{
    txn_rollback(db_of(b));
}

static struct host_query *sqlite_query(struct host_backend *b, int id)
{
    return (struct host_query *)stmt_get(db_of(b), id);
}

static void sqlite_bind_int(struct host_query *q, const char *name, int64_t v)
{
    stmt_i64(stmt_of(q), name, v);
}

static void sqlite_bind_text(struct host_query *q, const char *name, struct span v)
{
    stmt_span(stmt_of(q), name, v);
}

static void sqlite_bind_blob(struct host_query *q, const char *name, struct span v)
{
    stmt_blob(stmt_of(q), name, v.p, v.n);
}

static enum err sqlite_row(struct host_query *q, bool *ret_have, struct errinfo *reterr)
{
    return stmt_row(stmt_of(q), ret_have, reterr);
}

static enum err sqlite_run(struct host_query *q, int64_t *ret_changed, struct errinfo *reterr)
{
    return stmt_run_n(stmt_of(q), ret_changed, reterr);
}

static int64_t sqlite_get_int(const struct host_query *q, const char *name)
{
    return col_i64(stmt_of_const(q), name);
}

static struct span sqlite_get_span(const struct host_query *q, const char *name)
{
    return col_span(stmt_of_const(q), name);
}

static bool sqlite_is_null(const struct host_query *q, const char *name)
{
    return col_null(stmt_of_const(q), name);
}

static void sqlite_done(struct host_query *q)
{
    stmt_done(stmt_of(q));
}

static enum err sqlite_copy_start(struct host_backend *b, const char *path, struct host_copy **ret,
                                  struct errinfo *reterr)
{
    struct backup *k = NULL;
    TRY(backup_start(db_of(b), path, &k, reterr));
    *ret = (struct host_copy *)k;
    return OK;
}

static enum err sqlite_copy_step(struct host_copy *k, int *ret_left, struct errinfo *reterr)
{
    int total;
    return backup_step((struct backup *)k, COPY_PAGES, ret_left, &total, reterr);
}

static enum err sqlite_copy_finish(struct host_copy *k, struct errinfo *reterr)
{
    return backup_finish((struct backup *)k, reterr);
}

static const struct host_backend_ops sqlite_ops = {
    .name = "sqlite",
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .query = sqlite_query,
    .bind_int = sqlite_bind_int,
    .bind_text = sqlite_bind_text,
    .bind_blob = sqlite_bind_blob,
    .row = sqlite_row,
    .run = sqlite_run,
    .get_int = sqlite_get_int,
    .get_span = sqlite_get_span,
    .is_null = sqlite_is_null,
    .done = sqlite_done,
    .copy_start = sqlite_copy_start,
    .copy_step = sqlite_copy_step,
    .copy_finish = sqlite_copy_finish,
};

enum err host_sqlite_open(const char *path, bool create, struct clock clock, struct host_backend **ret,
                          struct errinfo *reterr)
{
    struct sqlite_backend *s = xcalloc(1, sizeof *s);
    s->base.ops = &sqlite_ops;
    const struct db_options o = {
        .path = path, .create = create, .hash = digest_sha256, .clock = clock, .schema = &host_schema, .large = true
    };
    enum err e = db_open(&o, &s->db, reterr);
    if (e != OK) {
        free(s);
        return e;
    }
    *ret = &s->base;
    return OK;
}

void host_backend_close(struct host_backend *b)
{
    if (b)
        b->ops->close(b);
}
