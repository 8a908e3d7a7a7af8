#include "store/replica.h"
#include "base/mem.h"
#include "stmt_in.h"
#include "store/meta.h"

#include <string.h>

static const struct {
    const char *key;
    size_t at;
} NUMBERS[] = {
    { "sync.cursor", offsetof(struct replica, cursor) },      { "sync.as_of", offsetof(struct replica, as_of_ms) },
    { "sync.list_as_of", offsetof(struct replica, list_ms) }, { "sync.heard", offsetof(struct replica, heard_ms) },
    { "sync.host_time", offsetof(struct replica, host_ms) },  { "sync.skew", offsetof(struct replica, skew_ms) },
    { "sync.durable", offsetof(struct replica, durable_ms) },
};
#define HOST_ID_KEY "sync.host_id"
#define EPOCH_KEY   "sync.epoch"

static int64_t *number_of(struct replica *r, size_t i)
{
    return (int64_t *)(void *)((char *)r + NUMBERS[i].at);
}

static enum err get_id(struct db *db, const char *key, uint8_t ret[REPLICA_ID], bool *ret_found, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    enum err e = meta_get(db, key, &text, ret_found, reterr);
    if (e == OK && *ret_found)
        e = unhex(buf_span(&text), ret, REPLICA_ID, reterr);
    buf_done(&text);
    return e;
}

enum err replica_get(struct db *db, struct replica *ret, struct errinfo *reterr)
{
    struct replica r = { .has_host = false };
    bool has_epoch = false;
    for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++)
        TRY(meta_get_i64(db, NUMBERS[i].key, 0, number_of(&r, i), reterr));
    TRY(get_id(db, HOST_ID_KEY, r.host_id, &r.has_host, reterr));
    TRY(get_id(db, EPOCH_KEY, r.epoch, &has_epoch, reterr));
    r.has_host = r.has_host && has_epoch;
    *ret = r;
    return OK;
}

static enum err set_id(struct db *db, const char *key, const uint8_t id[REPLICA_ID], struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    hex_add(&text, id, REPLICA_ID);
    enum err e = meta_set(db, key, buf_str(&text), reterr);
    buf_done(&text);
    return e;
}

enum err replica_set(struct db *db, const struct replica *r, struct errinfo *reterr)
{
    struct replica copy = *r;
    for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++)
        TRY(meta_set_i64(db, NUMBERS[i].key, *number_of(&copy, i), reterr));
    if (r->has_host) {
        TRY(set_id(db, HOST_ID_KEY, r->host_id, reterr));
        TRY(set_id(db, EPOCH_KEY, r->epoch, reterr));
    }
    return OK;
}

enum err snapshot_begin(struct db *db, const uint8_t id[REPLICA_ID], struct span manifest, int64_t chunks,
                        int64_t bytes, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_SNAPSHOT_DROP);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_SNAPSHOT_INSERT);
    stmt_blob(q, ":id", id, REPLICA_ID);
    stmt_blob(q, ":manifest", manifest.p, manifest.n);
    stmt_i64(q, ":chunks", chunks);
    stmt_i64(q, ":bytes", bytes);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_SNAPSHOT_CHUNK_FORGET);
    stmt_blob(q, ":id", id, REPLICA_ID);
    return stmt_run(q, reterr);
}

enum err snapshot_current(struct db *db, struct snapshot_load *ret, struct buf *ret_manifest, bool *ret_found,
                          struct errinfo *reterr)
{
    struct snapshot_load load = { .chunks = 0 };
    struct stmt *q = stmt_get(db, Q_SNAPSHOT_LOADING);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        load.chunks = col_i64(q, "chunks");
        load.have = col_i64(q, "have");
        load.bytes = col_i64(q, "bytes");
        load.have_bytes = col_i64(q, "have_bytes");
        load.started_ms = col_i64(q, "started_ms");
        e = col_fixed(q, "id", load.id, REPLICA_ID, reterr);
    }
    if (e == OK && have) {
        struct span m = col_span(q, "manifest");
        if (ret_manifest)
            buf_add(ret_manifest, m.p, m.n);
        *ret = load;
    }
    if (e == OK)
        *ret_found = have;
    stmt_done(q);
    return e;
}

enum err snapshot_next(struct db *db, const uint8_t id[REPLICA_ID], int64_t *ret_n, struct errinfo *reterr)
{
    struct snapshot_load load;
    bool found = false, have = true;
    int64_t next = 0;
    TRY(snapshot_current(db, &load, NULL, &found, reterr));
    if (!found || memcmp(load.id, id, REPLICA_ID) != 0)
        return err_set(reterr, E_NOTFOUND, NULL, "snapshot", "not the one on its way");
    struct stmt *q = stmt_get(db, Q_SNAPSHOT_CHUNK_AFTER);
    stmt_blob(q, ":id", id, REPLICA_ID);
    enum err e = OK;
    while ((e = stmt_row(q, &have, reterr)) == OK && have && col_i64(q, "n") == next)
        next++;
    stmt_done(q);
    if (e == OK)
        *ret_n = next < load.chunks ? next : -1;
    return e;
}

enum err snapshot_took(struct db *db, const uint8_t id[REPLICA_ID], int64_t n, int64_t bytes, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_SNAPSHOT_CHUNK_ADD);
    stmt_blob(q, ":id", id, REPLICA_ID);
    stmt_i64(q, ":n", n);
    stmt_i64(q, ":bytes", bytes);
    stmt_i64(q, ":now", db_now(db));
    return stmt_run(q, reterr);
}

enum err snapshot_end(struct db *db, const uint8_t id[REPLICA_ID], bool done, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_SNAPSHOT_FINISH);
    stmt_blob(q, ":id", id, REPLICA_ID);
    stmt_text(q, ":state", done ? "done" : "dropped");
    stmt_i64(q, ":now", db_now(db));
    return stmt_run(q, reterr);
}

enum err link_changed(struct db *db, int64_t at_ms, bool up, const char *why, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_LINK_CHANGE_ADD);
    stmt_i64(q, ":at_ms", at_ms);
    stmt_i64(q, ":up", up);
    stmt_text(q, ":why", why);
    return stmt_run(q, reterr);
}

enum err link_changes(struct db *db, int64_t since_ms, int64_t limit,
                      void (*cb)(void *arg, int64_t at_ms, bool up, const char *why), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_LINK_CHANGE_LIST);
    stmt_i64(q, ":since", since_ms);
    stmt_i64(q, ":limit", limit);
    bool have = true;
    enum err e = OK;
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cb(arg, col_i64(q, "at_ms"), col_i64(q, "up") != 0, col_text(q, "why"));
    stmt_done(q);
    return e;
}
