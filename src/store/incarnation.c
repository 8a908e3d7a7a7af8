#include "store/incarnation.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "outbox_in.h"
#include "stmt_in.h"
#include "store/meta.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BLOCKED  "sync.blocked"
#define REENROL  "sync.reenrol"
#define RECOVERY "sync.recovery"
enum { SIDE_FILE_MODE = 0600, SIDE_FILE_MAX = 64 };

static enum err last(struct db *db, struct incarnation *ret, bool *ret_found, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_INCARNATION_LAST);
    enum err e = stmt_row(q, ret_found, reterr);
    if (e == OK && *ret_found) {
        ret->start = col_i64(q, "start");
        ret->drawn_ms = col_i64(q, "drawn_ms");
        e = col_fixed(q, "id", ret->id, INCARNATION, reterr);
    }
    stmt_done(q);
    return e;
}

enum err incarnation_get(struct db *db, struct incarnation *ret, struct errinfo *reterr)
{
    struct incarnation inc;
    bool found = false;
    TRY(last(db, &inc, &found, reterr));
    if (!found)
        return err_set(reterr, E_NOTFOUND, "S430", NULL, "the store has no incarnation");
    *ret = inc;
    return OK;
}

static enum err add(struct db *db, const uint8_t id[INCARNATION], int64_t start, const char *reason,
                    struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_INCARNATION_ADD);
    stmt_i64(q, ":start", start);
    stmt_blob(q, ":id", id, INCARNATION);
    stmt_i64(q, ":drawn_ms", db_now(db));
    stmt_text(q, ":reason", reason);
    return stmt_run(q, reterr);
}

static enum err read_side(const char *path, uint8_t ret[INCARNATION], bool *ret_found, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    struct errinfo why;
    enum err e = fs_read(path, SIDE_FILE_MAX, &text, &why);
    if (e == E_NOTFOUND) {
        *ret_found = false;
        return OK;
    }
    struct span hex = buf_span(&text);
    if (hex.n && hex.p[hex.n - 1] == '\n')
        hex.n--;
    if (e == OK && unhex(hex, ret, INCARNATION, &why) == OK)
        *ret_found = true;
    else
        e = err_set(reterr, e == OK ? E_CORRUPT : e, "S430", "incarnation", "%s", why.detail);
    buf_done(&text);
    return e;
}

static enum err write_side(const char *path, const uint8_t id[INCARNATION], struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    hex_add(&text, id, INCARNATION);
    buf_addc(&text, '\n');
    enum err e = fs_write_atomic(path, SIDE_FILE_MODE, buf_span(&text), reterr);
    buf_done(&text);
    return e;
}

/* The file goes first: should the store not follow, the next start finds a store that has made nothing yet. */
static enum err draw(struct db *db, const char *side_file, const uint8_t id[INCARNATION], int64_t start,
                     const char *reason, struct errinfo *reterr)
{
    TRY(write_side(side_file, id, reterr));
    TRY(txn_begin(db, reterr));
    return txn_end(db, add(db, id, start, reason, reterr), reterr);
}

static enum err block(struct db *db, const char *msg, struct errinfo *reterr)
{
    TRY(txn_begin(db, reterr));
    return txn_end(db, store_block(db, msg, reterr), reterr);
}

enum err incarnation_open(struct db *db, const char *side_file, const uint8_t fresh[INCARNATION], bool *ret_ok,
                          struct errinfo *reterr)
{
    struct incarnation inc = { .start = 0 };
    uint8_t side[INCARNATION];
    bool in_store = false, in_file = false;
    char msg[24];
    TRY(last(db, &inc, &in_store, reterr));
    TRY(read_side(side_file, side, &in_file, reterr));
    if (!in_store) {
        TRY(draw(db, side_file, fresh, 0, "new", reterr));
    } else if (!in_file || memcmp(inc.id, side, INCARNATION) != 0) {
        TRY(block(db, "S430", reterr));
    }
    TRY(store_blocked(db, msg, reterr));
    *ret_ok = msg[0] == '\0';
    return OK;
}

/* What was sent into the unknown is for a person to look at, not to be sent once more. */
static enum err orphan(struct db *db, int64_t start, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_ORPHAN_CONFLICT);
    stmt_i64(q, ":start", start);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_OUTBOX_ORPHAN);
    stmt_i64(q, ":start", start);
    return stmt_run(q, reterr);
}

static enum err last_seq(struct db *db, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OUTBOX_LAST);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK)
        *ret = have ? col_i64(q, "seq") : 0;
    stmt_done(q);
    return e;
}

enum err incarnation_renew(struct db *db, const char *side_file, const uint8_t fresh[INCARNATION], const char *reason,
                           struct errinfo *reterr)
{
    int64_t last_made = 0;
    TRY(last_seq(db, &last_made, reterr));
    TRY(write_side(side_file, fresh, reterr));
    TRY(txn_begin(db, reterr));
    enum err e = add(db, fresh, last_made, reason, reterr);
    if (e == OK)
        e = orphan(db, last_made, reterr);
    if (e == OK)
        e = store_block(db, "", reterr);
    return txn_end(db, e, reterr);
}

enum err store_blocked(struct db *db, char ret_msg[24], struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    enum err e = meta_get(db, BLOCKED, &text, NULL, reterr);
    if (e == OK && text.len >= 24)
        e = err_set(reterr, E_CORRUPT, NULL, BLOCKED, "too long");
    if (e == OK)
        memcpy(ret_msg, buf_str(&text), text.len + 1);
    buf_done(&text);
    return e;
}

enum err store_block(struct db *db, const char *msg, struct errinfo *reterr)
{
    return meta_set(db, BLOCKED, *msg ? msg : NULL, reterr);
}

enum err incarnation_find(struct db *db, const uint8_t id[INCARNATION], struct incarnation *ret, bool *ret_found,
                          struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_INCARNATION_BY_ID);
    stmt_blob(q, ":id", id, INCARNATION);
    enum err e = stmt_row(q, ret_found, reterr);
    if (e == OK && *ret_found) {
        ret->start = col_i64(q, "start");
        ret->drawn_ms = col_i64(q, "drawn_ms");
        memcpy(ret->id, id, INCARNATION);
    }
    stmt_done(q);
    return e;
}

enum err incarnation_past(struct db *db, int64_t n, struct past_life *ret, bool *ret_found, struct errinfo *reterr)
{
    struct past_life p = { .n = 0 };
    struct stmt *q = stmt_get(db, Q_INCARNATION_PAST);
    stmt_i64(q, ":n", n);
    enum err e = stmt_row(q, ret_found, reterr);
    if (e == OK && *ret_found) {
        p.n = col_i64(q, "n");
        p.ended = col_i64(q, "ended");
        p.inc.start = col_i64(q, "start");
        p.inc.drawn_ms = col_i64(q, "drawn_ms");
        e = col_fixed(q, "id", p.inc.id, INCARNATION, reterr);
    }
    stmt_done(q);
    if (e == OK && *ret_found)
        *ret = p;
    return e;
}

enum err reenrol_await(struct db *db, const char *serial, struct errinfo *reterr)
{
    return meta_set(db, REENROL, serial, reterr);
}

enum err reenrol_awaited(struct db *db, struct buf *ret_serial, bool *ret_found, struct errinfo *reterr)
{
    return meta_get(db, REENROL, ret_serial, ret_found, reterr);
}

#define RECOVERY_TEXT "%d %" SCNd64 " %" SCNu64 " %" SCNd64 " %" SCNd64

enum err recovery_get(struct db *db, struct recovery *ret, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    struct recovery r = { .running = false };
    int renewed = 0;
    enum err e = meta_get(db, RECOVERY, &text, &r.running, reterr);
    if (e == OK && r.running &&
        sscanf(buf_str(&text), RECOVERY_TEXT, &renewed, &r.life, &r.after, &r.found, &r.resent) != 5)
        e = err_set(reterr, E_CORRUPT, NULL, RECOVERY, "cannot be read");
    buf_done(&text);
    if (e != OK)
        return e;
    r.renewed = renewed != 0;
    *ret = r;
    return OK;
}

enum err recovery_set(struct db *db, const struct recovery *r, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    buf_printf(&text, "%d %" PRId64 " %" PRIu64 " %" PRId64 " %" PRId64, r->renewed, r->life, r->after, r->found,
               r->resent);
    enum err e = meta_set(db, RECOVERY, r->running ? buf_str(&text) : NULL, reterr);
    buf_done(&text);
    return e;
}
