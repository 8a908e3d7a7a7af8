#include "store/stmt.h"
#include "base/mem.h"
#include "frame_in.h"
#include <stdlib.h>
#include <string.h>

struct stmt *stmt_get(struct db *db, int id)
{
    MUST(id >= 0 && (size_t)id < *db->schema->n_stmt);
    struct stmt *q = &db->stmt[id];
    if (q->busy)
        BUG("statement %s is in use already", db->schema->stmt[id].name);
    q->db = db;
    q->def = &db->schema->stmt[id];
    q->failed = SQLITE_OK;
    q->busy = true;
    q->bound[0] = q->bound[1] = 0;
    if (!q->s && !db->dead)
        q->failed = sqlite3_prepare_v3(db->sql, q->def->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->s, NULL);
    return q;
}

/* Index of a parameter, or 0 when the statement could not be prepared. */
static int parameter(struct stmt *q, const char *name)
{
    if (!q->s)
        return 0;
    int i = sqlite3_bind_parameter_index(q->s, name);
    if (i <= 0 || i > 128)
        BUG("statement %s has no parameter %s", q->def->name, name);
    q->bound[(i - 1) / 64] |= UINT64_C(1) << ((i - 1) % 64);
    return i;
}

static void note(struct stmt *q, int code)
{
    if (code != SQLITE_OK && q->failed == SQLITE_OK)
        q->failed = code;
}

void stmt_i64(struct stmt *q, const char *name, int64_t v)
{
    int i = parameter(q, name);
    if (i)
        note(q, sqlite3_bind_int64(q->s, i, v));
}

void stmt_text(struct stmt *q, const char *name, const char *v)
{
    stmt_span(q, name, v ? span_of(v) : (struct span){ NULL, 0 });
}

void stmt_span(struct stmt *q, const char *name, struct span v)
{
    int i = parameter(q, name);
    if (i && v.p)
        note(q, sqlite3_bind_text64(q->s, i, v.p, v.n, SQLITE_TRANSIENT, SQLITE_UTF8));
    else if (i)
        note(q, sqlite3_bind_null(q->s, i));
}

void stmt_blob(struct stmt *q, const char *name, const void *p, size_t n)
{
    int i = parameter(q, name);
    if (i && p)
        note(q, sqlite3_bind_blob64(q->s, i, p, n, SQLITE_TRANSIENT));
    else if (i)
        note(q, sqlite3_bind_null(q->s, i));
}

static void must_be_complete(const struct stmt *q)
{
    int n = sqlite3_bind_parameter_count(q->s);
    for (int i = 0; i < n; i++)
        if (!(q->bound[i / 64] >> (i % 64) & 1))
            BUG("statement %s: %s was not bound", q->def->name, sqlite3_bind_parameter_name(q->s, i + 1));
    if (!sqlite3_stmt_readonly(q->s) && q->db->depth == 0)
        BUG("statement %s writes outside a transaction", q->def->name);
}

enum err stmt_row(struct stmt *q, bool *ret_have, struct errinfo *reterr)
{
    MUST(q->busy);
    TRY(db_alive(q->db, reterr));
    if (q->failed != SQLITE_OK)
        return db_fail(q->db, q->failed, q->def->name, reterr);
    must_be_complete(q);
    int code = sqlite3_step(q->s);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return db_fail(q->db, code, q->def->name, reterr);
    *ret_have = code == SQLITE_ROW;
    return OK;
}

enum err stmt_run_n(struct stmt *q, int64_t *ret_changed, struct errinfo *reterr)
{
    bool have = false;
    if (q->def->rows != ROWS_NONE)
        BUG("statement %s gives rows", q->def->name);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK)
        *ret_changed = sqlite3_changes64(q->db->sql);
    stmt_done(q);
    return e;
}

enum err stmt_run(struct stmt *q, struct errinfo *reterr)
{
    int64_t changed;
    return stmt_run_n(q, &changed, reterr);
}

enum err stmt_one(struct stmt *q, struct errinfo *reterr)
{
    bool have = false;
    if (q->def->rows != ROWS_ONE)
        BUG("statement %s does not give one row", q->def->name);
    TRY(stmt_row(q, &have, reterr));
    return have ? OK : err_set(reterr, E_NOTFOUND, NULL, q->def->name, "no row");
}

void stmt_done(struct stmt *q)
{
    if (!q)
        return;
    if (q->s) {
        sqlite3_reset(q->s);
        sqlite3_clear_bindings(q->s);
    }
    q->busy = false;
}

void stmt_finalize_all(struct db *db)
{
    for (size_t i = 0; i < *db->schema->n_stmt; i++) {
        MUST(!db->stmt[i].busy);
        sqlite3_finalize(db->stmt[i].s);
        db->stmt[i].s = NULL;
    }
}

static int column(const struct stmt *q, const char *name)
{
    int n = q->s ? sqlite3_data_count(q->s) : 0;
    for (int i = 0; i < n; i++)
        if (strcmp(sqlite3_column_name(q->s, i), name) == 0)
            return i;
    BUG("statement %s has no row with a column %s", q->def->name, name);
}

int64_t col_i64(const struct stmt *q, const char *name)
{
    return sqlite3_column_int64(q->s, column(q, name));
}

bool col_null(const struct stmt *q, const char *name)
{
    return sqlite3_column_type(q->s, column(q, name)) == SQLITE_NULL;
}

const char *col_text(const struct stmt *q, const char *name)
{
    const unsigned char *t = sqlite3_column_text(q->s, column(q, name));
    return t ? (const char *)t : "";
}

struct span col_span(const struct stmt *q, const char *name)
{
    int i = column(q, name);
    const void *p = sqlite3_column_blob(q->s, i);
    return (struct span){ p ? p : "", (size_t)sqlite3_column_bytes(q->s, i) };
}

char *col_dup(const struct stmt *q, const char *name)
{
    return col_null(q, name) ? NULL : xstrdup(col_text(q, name));
}

enum err col_fixed(const struct stmt *q, const char *name, void *ret, size_t n, struct errinfo *reterr)
{
    struct span s = col_span(q, name);
    if (s.n != n)
        return err_set(reterr, E_CORRUPT, NULL, name, "%zu bytes instead of %zu", s.n, n);
    memcpy(ret, s.p, n);
    return OK;
}
