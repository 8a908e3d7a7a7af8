/* A full copy: chunk by chunk, each verified against the signed manifest and committed; any chunk may be the last one
 * before a crash. What was there stays in use until the copy is complete. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_in.h"
#include "store/host_case.h"
#include "store/txn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void engine_load_forget(struct engine *e)
{
    people_bulk_free(e->bulk);
    e->bulk = NULL;
    manifest_done(&e->m);
    manifest_init(&e->m);
    e->loading = false;
}

static int64_t total_bytes(const struct manifest *m)
{
    int64_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += m->chunk[i].size;
    return n;
}

static void begin(struct engine *e, int64_t have_bytes)
{
    e->loading = true;
    e->want_load = false;
    e->load_bytes = total_bytes(&e->m);
    e->load_have = e->load_base = have_bytes;
    e->load_since = engine_mono(e);
}

/* What was on its way when this process ended. It waits for the key by which its manifest was signed. */
enum err engine_load_resume(struct engine *e, struct errinfo *reterr)
{
    struct snapshot_load load;
    struct buf bytes = BUF_INIT;
    bool found = false;
    if (!e->o.host || e->loading)
        return OK;
    TRY(snapshot_current(e->db, &load, &bytes, &found, reterr));
    enum err r = OK;
    if (found && manifest_decode(buf_span(&bytes), e->o.host, e->o.policy, &e->m, NULL) == OK)
        begin(e, load.have_bytes);
    else if (found && (r = txn_begin(e->db, reterr)) == OK) /* signed by a key that is no longer the host's */
        r = txn_end(e->db, snapshot_end(e->db, load.id, false, reterr), reterr);
    buf_done(&bytes);
    return r;
}

/* The host no longer has it, or it turned out wrong: from the beginning, with a new one. */
void engine_load_drop(struct engine *e)
{
    struct errinfo err;
    enum err r = txn_begin(e->db, &err);
    if (r == OK)
        r = txn_end(e->db, snapshot_end(e->db, e->m.id, false, &err), &err);
    if (r != OK)
        engine_store_failed(e, "dropping a copy", &err);
    engine_load_forget(e);
    e->want_load = true;
}

void engine_ask_load(struct engine *e)
{
    struct errinfo err;
    if (!e->loading) {
        engine_ask(e, &(struct link_ask){ .kind = ASK_SNAPSHOT });
        return;
    }
    if (snapshot_next(e->db, e->m.id, &e->chunk, &err) != OK) {
        engine_store_failed(e, "loading", &err);
        return;
    }
    MUST(e->chunk >= 0);
    struct link_ask ask = { .kind = ASK_CHUNK, .chunk = (uint32_t)e->chunk };
    memcpy(ask.snapshot, e->m.id, sizeof ask.snapshot);
    engine_ask(e, &ask);
}

/* ---- answers ---- */

static enum err check_manifest(const struct engine *e, const struct manifest *m, struct errinfo *reterr)
{
    struct replica rep;
    TRY(replica_get(e->db, &rep, reterr));
    if (m->trial != e->o.trial || memcmp(m->host_id, rep.host_id, REPLICA_ID) != 0)
        return err_set(reterr, E_DENIED, "S439", "snapshot", "of another host");
    if (memcmp(m->epoch, rep.epoch, REPLICA_ID) != 0)
        return err_set(reterr, E_CONFLICT, NULL, "snapshot", "of another epoch of the host");
    return OK;
}

static enum err finish(struct engine *, struct errinfo *);

static enum err store_manifest(struct engine *e, struct span bytes, struct errinfo *reterr)
{
    TRY(snapshot_begin(e->db, e->m.id, bytes, (int64_t)e->m.n, total_bytes(&e->m), reterr));
    char *detail = xprintf("%" PRIu64 " persons, %" PRIu64 " rows, %zu chunks", e->m.persons, e->m.rows, e->m.n);
    enum err r = engine_log(e, "snapshot.load", "config", "", detail, reterr);
    free(detail);
    if (r == OK && e->m.n == 0)
        r = finish(e, reterr);
    return r;
}

enum err engine_manifest(struct engine *e, struct span body, struct errinfo *reterr)
{
    manifest_done(&e->m);
    manifest_init(&e->m);
    TRY(manifest_decode(body, e->o.host, e->o.policy, &e->m, reterr));
    enum err r = check_manifest(e, &e->m, reterr);
    if (r == OK && (r = txn_begin(e->db, reterr)) == OK)
        r = txn_end(e->db, store_manifest(e, body, reterr), reterr);
    if (r == OK && e->m.n)
        begin(e, 0);
    else
        engine_load_forget(e);
    if (r == OK) {
        e->want_load = false;
        e->behind = e->loading && e->behind;
        e->want_pull = true;
    }
    if (r == E_CONFLICT)
        e->greeted = false;
    return r;
}

static enum err apply_all(struct engine *e, struct span raw, uint32_t entries, struct errinfo *reterr)
{
    uint32_t n = 0;
    if (!e->bulk)
        e->bulk = people_bulk_new(e->db);
    for (struct feed_entry f; raw.n; n++) {
        TRY(feed_entry_take(&raw, &f, reterr));
        TRY(engine_apply(e, &f, e->bulk, reterr));
    }
    return n == entries ? OK : err_set(reterr, E_CORRUPT, NULL, "snapshot", "a chunk has %u of %u entries", n, entries);
}

/* Counted before it is believed. */
static enum err check_counts(struct engine *e, struct errinfo *reterr)
{
    int64_t persons = 0, living = 0, rows = 0;
    TRY(people_count(e->db, &persons, &living, &rows, reterr));
    if (persons < (int64_t)e->m.persons || rows < (int64_t)e->m.rows)
        return err_set(reterr, E_CORRUPT, "S482", "snapshot",
                       "%" PRId64 " of %" PRIu64 " persons, %" PRId64 " of %" PRIu64 " rows", persons, e->m.persons,
                       rows, e->m.rows);
    return OK;
}

static enum err finish(struct engine *e, struct errinfo *reterr)
{
    struct replica rep;
    TRY(check_counts(e, reterr));
    TRY(replica_get(e->db, &rep, reterr));
    if ((int64_t)e->m.as_of > rep.cursor) {
        rep.cursor = (int64_t)e->m.as_of;
        rep.as_of_ms = e->m.as_of_ms;
        rep.list_ms = e->m.restriction_ms;
    } else if (!rep.as_of_ms) {
        rep.as_of_ms = e->m.as_of_ms;
        rep.list_ms = e->m.restriction_ms;
    }
    TRY(snapshot_end(e->db, e->m.id, true, reterr));
    TRY(engine_log(e, "snapshot.done", "config", "", "", reterr));
    TRY(replica_set(e->db, &rep, reterr));
    return engine_tell_arrived(e, rep.cursor, reterr);
}

static enum err take_chunk(struct engine *e, struct span raw, bool *ret_last, struct errinfo *reterr)
{
    const struct snapshot_chunk *c = &e->m.chunk[e->chunk];
    int64_t next = 0;
    if (e->chunk == 0) /* cases are told anew; what is closed is not in the copy */
        TRY(host_case_clear(e->db, reterr));
    TRY(apply_all(e, raw, c->entries, reterr));
    TRY(snapshot_took(e->db, e->m.id, e->chunk, c->size, reterr));
    TRY(snapshot_next(e->db, e->m.id, &next, reterr));
    *ret_last = next < 0;
    return next < 0 ? finish(e, reterr) : OK;
}

enum err engine_chunk(struct engine *e, struct span body, struct errinfo *reterr)
{
    struct buf raw = BUF_INIT;
    bool last = false;
    enum err r = chunk_decode(body, &e->m.chunk[e->chunk], &raw, reterr);
    if (r == OK && (r = txn_begin(e->db, reterr)) == OK) {
        r = txn_end(e->db, take_chunk(e, buf_span(&raw), &last, reterr), reterr);
        if (r != OK) { /* does not live over a rollback */
            people_bulk_free(e->bulk);
            e->bulk = NULL;
        }
    }
    buf_done(&raw);
    if (r == OK)
        e->load_have += e->m.chunk[e->chunk].size;
    if (r == OK && last) {
        log_msg(LOG_INFO, "the full copy is complete: %" PRIu64 " rows", e->m.rows);
        engine_load_forget(e);
        e->behind = false;
        e->want_pull = true;
    }
    if (r == E_CORRUPT && reterr && strcmp(reterr->msg, "S482") == 0)
        engine_load_drop(e);
    return r;
}
