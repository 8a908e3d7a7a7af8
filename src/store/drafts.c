#include "store/drafts.h"
#include "base/mem.h"
#include "stmt_in.h"

#include <stdio.h>
#include <string.h>

enum err draft_new(struct db *db, const char *kind, const char *operator_id, const char *notice_no, const char *book,
                   int64_t *ret_id, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_DRAFT_INSERT);
    stmt_text(q, ":kind", kind);
    stmt_text(q, ":operator", operator_id);
    stmt_text(q, ":notice_no", notice_no);
    stmt_text(q, ":book", book);
    stmt_i64(q, ":now", db_now(db));
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret_id = col_i64(q, "id");
    stmt_done(q);
    return e;
}

static enum err save_value(struct db *db, int64_t id, const struct notice_value *v, struct errinfo *reterr)
{
    bool clear = !v->text || !*v->text;
    struct stmt *q = stmt_get(db, clear ? Q_DRAFT_VALUE_CLEAR : Q_DRAFT_VALUE_SET);
    stmt_i64(q, ":draft", id);
    stmt_text(q, ":section", v->section);
    stmt_i64(q, ":row", v->row);
    stmt_text(q, ":field", v->field);
    if (!clear)
        stmt_text(q, ":text", v->text);
    return stmt_run(q, reterr);
}

enum err draft_save(struct db *db, int64_t id, const struct notice_value *v, size_t n, bool whole,
                    struct errinfo *reterr)
{
    int64_t changed = 0;
    MUST(txn_depth(db) > 0);
    struct stmt *q = stmt_get(db, Q_DRAFT_SAVED);
    stmt_i64(q, ":id", id);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run_n(q, &changed, reterr));
    if (changed == 0)
        return err_set(reterr, E_NOTFOUND, "S221", NULL, "no draft %lld", (long long)id);
    if (whole) {
        q = stmt_get(db, Q_DRAFT_VALUES_CLEAR);
        stmt_i64(q, ":draft", id);
        TRY(stmt_run(q, reterr));
    }
    for (size_t i = 0; i < n; i++)
        TRY(save_value(db, id, &v[i], reterr));
    return OK;
}

enum err draft_discard(struct db *db, int64_t id, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_DRAFT_DELETE);
    stmt_i64(q, ":id", id);
    return stmt_run(q, reterr);
}

enum err draft_purge(struct db *db, int64_t saved_before_ms, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_DRAFT_PURGE);
    stmt_i64(q, ":before", saved_before_ms);
    return stmt_run(q, reterr);
}

static struct draft draft_of(const struct stmt *q)
{
    return (struct draft){ .id = col_i64(q, "id"),
                           .kind = col_text(q, "kind"),
                           .operator_id = col_text(q, "operator"),
                           .notice_no = col_text(q, "notice_no"),
                           .book = col_text(q, "book"),
                           .created_ms = col_i64(q, "created_ms"),
                           .saved_ms = col_i64(q, "saved_ms") };
}

static enum err read_values(struct db *db, int64_t id, struct notice *n, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_DRAFT_VALUES);
    bool have = true;
    enum err e = OK;
    stmt_i64(q, ":draft", id);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        notice_set(n, col_text(q, "section"), (int)col_i64(q, "row"), col_text(q, "field"), col_text(q, "text"));
    stmt_done(q);
    return e;
}

enum err draft_get(struct db *db, int64_t id, struct notice **ret, void (*meta)(void *arg, const struct draft *),
                   void *arg, struct errinfo *reterr)
{
    struct notice *n = NULL;
    struct stmt *q = stmt_get(db, Q_DRAFT_GET);
    stmt_i64(q, ":id", id);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        struct draft d = draft_of(q);
        n = notice_new(d.kind);
        if (meta)
            meta(arg, &d);
    }
    stmt_done(q);
    if (e == OK && !n)
        e = err_set(reterr, E_NOTFOUND, "S221", NULL, "no draft %lld", (long long)id);
    if (e == OK)
        e = read_values(db, id, n, reterr);
    if (e == OK)
        *ret = n;
    else
        notice_free(n);
    return e;
}

enum err draft_list(struct db *db, const char *operator_id, void (*cb)(void *arg, const struct draft *), void *arg,
                    struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_DRAFT_LIST);
    bool have = true;
    enum err e = OK;
    stmt_text(q, ":operator", operator_id);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct draft d = draft_of(q);
        cb(arg, &d);
    }
    stmt_done(q);
    return e;
}

/* ---- locks ---- */

#define KEY_MAX (2 + PERSON_ID_MAX + 1)

static void key_of(enum lock_of what, const char *id, char ret[KEY_MAX])
{
    snprintf(ret, KEY_MAX, "%c:%s", what == LOCK_PERSON ? 'p' : 'h', id);
}

enum err lock_holder(struct db *db, enum lock_of what, const char *id, struct edit_lock *ret, bool *ret_held,
                     struct errinfo *reterr)
{
    char key[KEY_MAX];
    bool have = false;
    key_of(what, id, key);
    struct stmt *q = stmt_get(db, Q_LOCK_GET);
    stmt_text(q, ":key", key);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        *ret = (struct edit_lock){ .draft = col_i64(q, "draft"), .until_ms = col_i64(q, "until_ms") };
        snprintf(ret->operator_id, sizeof ret->operator_id, "%s", col_text(q, "operator"));
    }
    stmt_done(q);
    if (e == OK)
        *ret_held = have && ret->until_ms > db_now(db);
    return e;
}

enum err lock_take(struct db *db, enum lock_of what, const char *id, const char *operator_id, int64_t draft,
                   int64_t lease_ms, struct errinfo *reterr)
{
    char key[KEY_MAX];
    struct edit_lock now;
    bool held = false;
    MUST(txn_depth(db) > 0);
    TRY(lock_holder(db, what, id, &now, &held, reterr));
    if (held && strcmp(now.operator_id, operator_id) != 0)
        return err_set(reterr, E_BUSY, "S218", now.operator_id, "%s is being edited", id);
    key_of(what, id, key);
    struct stmt *q = stmt_get(db, Q_LOCK_TAKE);
    stmt_text(q, ":key", key);
    stmt_text(q, ":operator", operator_id);
    stmt_i64(q, ":draft", draft);
    stmt_i64(q, ":now", db_now(db));
    stmt_i64(q, ":until", db_now(db) + lease_ms);
    return stmt_run(q, reterr);
}

enum err lock_release(struct db *db, int64_t draft, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_LOCK_RELEASE);
    stmt_i64(q, ":draft", draft);
    return stmt_run(q, reterr);
}
