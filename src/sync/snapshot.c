#include "sync/snapshot.h"
#include "base/cur.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>

#define MANIFEST_LABEL "madoguchi snapshot 1"
#define CHUNK_ROW      44
static const char magic[] = { 'M', 'G', 'S', '1' };

void manifest_init(struct manifest *m)
{
    memset(m, 0, sizeof *m);
}

void manifest_done(struct manifest *m)
{
    free(m->chunk);
    memset(m, 0, sizeof *m);
}

void manifest_add(struct manifest *m, const struct snapshot_chunk *c)
{
    m->chunk = xrealloc(m->chunk, m->n + 1, sizeof *m->chunk);
    m->chunk[m->n++] = *c;
}

static void put_manifest(const struct manifest *m, struct buf *ret)
{
    buf_add(ret, magic, sizeof magic);
    buf_add(ret, m->id, SNAPSHOT_ID);
    buf_add(ret, m->host_id, HOST_ID);
    buf_add(ret, m->epoch, FEED_EPOCH);
    put_u8(ret, m->trial);
    put_u64(ret, m->as_of);
    put_u64(ret, (uint64_t)m->as_of_ms);
    put_u64(ret, (uint64_t)m->restriction_ms);
    put_u64(ret, m->persons);
    put_u64(ret, m->rows);
    put_u64(ret, m->restrictions);
    put_u64(ret, m->cases);
    put_u32(ret, (uint32_t)m->n);
    for (size_t i = 0; i < m->n; i++) {
        put_u32(ret, m->chunk[i].raw);
        put_u32(ret, m->chunk[i].size);
        put_u32(ret, m->chunk[i].entries);
        buf_add(ret, m->chunk[i].hash, sizeof m->chunk[i].hash);
    }
}

enum err manifest_encode(const struct manifest *m, const struct key *k, const struct alg_policy *policy,
                         struct buf *ret, struct errinfo *reterr)
{
    struct buf body = BUF_INIT, sig = BUF_INIT;
    if (m->n > SNAPSHOT_CHUNKS_MAX)
        return err_set(reterr, E_INVALID, NULL, "snapshot", "too many chunks");
    put_manifest(m, &body);
    enum err e = key_sign(k, policy, MANIFEST_LABEL, buf_span(&body), &sig, reterr);
    if (e == OK) {
        put_bytes(ret, buf_span(&body));
        put_bytes(ret, buf_span(&sig));
    }
    buf_done(&body);
    buf_done(&sig);
    return e;
}

static void take_chunks(struct cur *c, struct manifest *m)
{
    uint32_t n = cur_u32(c);
    if (n > SNAPSHOT_CHUNKS_MAX || (size_t)(c->end - c->p) != (size_t)n * CHUNK_ROW)
        c->bad = true;
    if (c->bad || n == 0)
        return;
    m->chunk = xcalloc(n, sizeof *m->chunk);
    for (m->n = 0; m->n < n; m->n++) {
        struct snapshot_chunk *k = &m->chunk[m->n];
        k->raw = cur_u32(c);
        k->size = cur_u32(c);
        k->entries = cur_u32(c);
        cur_fixed(c, k->hash, sizeof k->hash);
        if (k->raw > SNAPSHOT_CHUNK_MAX || k->size > SNAPSHOT_CHUNK_MAX)
            c->bad = true;
    }
}

static bool take_manifest(struct span body, struct manifest *m)
{
    struct cur c = cur_of(body);
    char found[sizeof magic];
    cur_fixed(&c, found, sizeof found);
    cur_fixed(&c, m->id, SNAPSHOT_ID);
    cur_fixed(&c, m->host_id, HOST_ID);
    cur_fixed(&c, m->epoch, FEED_EPOCH);
    uint8_t trial = cur_u8(&c);
    m->trial = trial == 1;
    m->as_of = cur_u64(&c);
    m->as_of_ms = (int64_t)cur_u64(&c);
    m->restriction_ms = (int64_t)cur_u64(&c);
    m->persons = cur_u64(&c);
    m->rows = cur_u64(&c);
    m->restrictions = cur_u64(&c);
    m->cases = cur_u64(&c);
    take_chunks(&c, m);
    return cur_end(&c) && trial <= 1 && memcmp(found, magic, sizeof magic) == 0;
}

enum err manifest_decode(struct span in, const struct key *k, const struct alg_policy *policy, struct manifest *ret,
                         struct errinfo *reterr)
{
    struct manifest m;
    struct cur c = cur_of(in);
    struct span body = cur_bytes(&c, MANIFEST_MAX), sig = cur_bytes(&c, SIG_MAX);
    if (in.n > MANIFEST_MAX || !cur_end(&c))
        return err_set(reterr, E_CORRUPT, NULL, "snapshot", "malformed manifest");
    TRY(key_verify(k, policy, MANIFEST_LABEL, body, sig, reterr));
    manifest_init(&m);
    if (!take_manifest(body, &m)) {
        manifest_done(&m);
        return err_set(reterr, E_CORRUPT, NULL, "snapshot", "malformed manifest");
    }
    *ret = m;
    return OK;
}

enum err chunk_encode(struct span raw, uint32_t entries, struct buf *ret, struct snapshot_chunk *ret_chunk,
                      struct errinfo *reterr)
{
    struct buf packed = BUF_INIT;
    enum err e = raw.n <= SNAPSHOT_CHUNK_MAX ? zip(raw, &packed, reterr) : E_INVALID;
    if (e == OK && packed.len > SNAPSHOT_CHUNK_MAX)
        e = E_INVALID;
    if (e == E_INVALID)
        err_set(reterr, e, NULL, "snapshot", "chunk of %zu bytes", raw.n);
    if (e == OK) {
        struct snapshot_chunk k = { .raw = (uint32_t)raw.n, .size = (uint32_t)packed.len, .entries = entries };
        digest_sha256(packed.p, packed.len, k.hash);
        buf_add(ret, packed.p, packed.len);
        *ret_chunk = k;
    }
    buf_done(&packed);
    return e;
}

enum err chunk_decode(struct span bytes, const struct snapshot_chunk *k, struct buf *ret, struct errinfo *reterr)
{
    uint8_t hash[32];
    digest_sha256(bytes.p, bytes.n, hash);
    if (bytes.n != k->size || memcmp(hash, k->hash, sizeof hash) != 0)
        return err_set(reterr, E_CORRUPT, NULL, "snapshot", "chunk does not match its hash");
    return unzip(bytes, k->raw, SNAPSHOT_CHUNK_MAX, ret, reterr);
}
