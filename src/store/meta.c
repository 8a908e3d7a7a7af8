#include "store/meta.h"
#include "base/mem.h"
#include "stmt_in.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum err meta_get(struct db *db, const char *key, struct buf *ret, bool *ret_found, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_META_GET);
    bool have = false;
    stmt_text(q, ":k", key);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        struct span v = col_span(q, "v");
        buf_add(ret, v.p, v.n);
    }
    if (e == OK && ret_found)
        *ret_found = have;
    stmt_done(q);
    return e;
}

enum err meta_get_i64(struct db *db, const char *key, int64_t otherwise, int64_t *ret, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    bool found = false;
    enum err e = meta_get(db, key, &text, &found, reterr);
    if (e == OK && !found)
        *ret = otherwise;
    if (e == OK && found) {
        char *end;
        errno = 0;
        long long v = strtoll(buf_str(&text), &end, 10);
        if (errno || !text.len || *end)
            e = err_set(reterr, E_CORRUPT, NULL, key, "not a number");
        else
            *ret = v;
    }
    buf_done(&text);
    return e;
}

enum err meta_set(struct db *db, const char *key, const char *value, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, value ? Q_META_SET : Q_META_DELETE);
    stmt_text(q, ":k", key);
    if (value)
        stmt_text(q, ":v", value);
    return stmt_run(q, reterr);
}

enum err meta_set_i64(struct db *db, const char *key, int64_t value, struct errinfo *reterr)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return meta_set(db, key, text, reterr);
}
