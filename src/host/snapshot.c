#include "host/snapshot.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_ROWS 2000 /* read at a time; a chunk ends by its bytes */
#define ID_HEX    (2 * SNAPSHOT_ID)

/*
 * A snapshot in the making. Restrictions and open cases are taken at its first moment, in the same transaction-free
 * instant as the head of the feed; history follows in the order of its key, rows later than as_of left out.
 */
struct snapshot_maker {
    struct manifest m;
    char *dir;
    struct buf raw; /* entries of the chunk that is being filled */
    uint32_t entries;
    char id[PERSON_ID_MAX + 1]; /* of the last person read */
    int64_t rev;
    uint64_t persons;
    bool read_all;
};

void snapshot_maker_free(struct snapshot_maker *s)
{
    if (!s)
        return;
    manifest_done(&s->m);
    buf_done(&s->raw);
    free(s->dir);
    free(s);
}

static char *snapshot_dir(struct host *h, const uint8_t id[SNAPSHOT_ID])
{
    struct buf hex = BUF_INIT;
    hex_add(&hex, id, SNAPSHOT_ID);
    char *path = xprintf("%s/snapshot/%s", h->dir, buf_str(&hex));
    buf_done(&hex);
    return path;
}

static char *chunk_path(const char *dir, uint32_t n)
{
    return xprintf("%s/%06" PRIu32, dir, n);
}

/* ---- filling ---- */

static enum err write_chunk(struct snapshot_maker *s, struct errinfo *reterr)
{
    struct buf bytes = BUF_INIT;
    struct snapshot_chunk k;
    if (s->entries == 0)
        return OK;
    char *path = chunk_path(s->dir, (uint32_t)s->m.n);
    enum err e = chunk_encode(buf_span(&s->raw), s->entries, &bytes, &k, reterr);
    if (e == OK)
        e = fs_write_atomic(path, 0600, buf_span(&bytes), reterr);
    if (e == OK) {
        manifest_add(&s->m, &k);
        buf_clear(&s->raw);
        s->entries = 0;
    }
    free(path);
    buf_done(&bytes);
    return e;
}

static enum err add_entry(struct snapshot_maker *s, const struct feed_entry *f, struct errinfo *reterr)
{
    TRY(feed_entry_put(f, &s->raw, reterr));
    s->entries++;
    return s->raw.len >= SNAPSHOT_CHUNK ? write_chunk(s, reterr) : OK;
}

/* Restrictions or open cases: columns no, body, host_seq. */
static enum err add_documents(struct host *h, struct snapshot_maker *s, int query, enum feed_type type,
                              uint64_t *ret_count, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, query);
    enum err e;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        struct feed_entry f = { .host_seq = (uint64_t)q_get_int(&q, "host_seq"), .type = type };
        f.body = q_get_span(&q, "body");
        q_get_text(&q, "no", f.key, FEED_KEY_MAX);
        e = add_entry(s, &f, reterr);
        if (e != OK)
            break;
        ++*ret_count;
    }
    q_done(&q);
    return e;
}

static enum err add_rows(struct host *h, struct snapshot_maker *s, struct errinfo *reterr)
{
    bool have = false;
    int rows = 0;
    struct q q = q_get(h->b, Q_HISTORY_PAGE);
    q_text(&q, ":id", s->id);
    q_int(&q, ":rev", s->rev);
    q_int(&q, ":as_of", (int64_t)s->m.as_of);
    q_int(&q, ":n", PAGE_ROWS);
    enum err e;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        char id[PERSON_ID_MAX + 1];
        struct feed_entry f = { .host_seq = (uint64_t)q_get_int(&q, "host_seq"), .type = FEED_RESIDENT };
        f.body = q_get_span(&q, "body");
        q_get_text(&q, "id", id, PERSON_ID_MAX);
        s->rev = q_get_int(&q, "rev");
        snprintf(f.key, sizeof f.key, "%s/%" PRId64, id, s->rev);
        s->persons += strcmp(id, s->id) != 0;
        memcpy(s->id, id, sizeof s->id);
        e = add_entry(s, &f, reterr);
        if (e != OK)
            break;
        s->m.rows++;
        rows++;
    }
    q_done(&q);
    if (e == OK)
        s->read_all = rows < PAGE_ROWS;
    return e;
}

/* ---- rows of the table ---- */

static enum err put_begin(struct host *h, const struct snapshot_maker *s, struct errinfo *reterr)
{
    struct buf hex = BUF_INIT;
    hex_add(&hex, s->m.id, SNAPSHOT_ID);
    TRY(h->b->ops->begin(h->b, reterr));
    struct q q = q_get(h->b, Q_SNAPSHOT_BEGIN);
    q_text(&q, ":id", buf_str(&hex));
    q_int(&q, ":made_ms", s->m.as_of_ms);
    q_int(&q, ":as_of", (int64_t)s->m.as_of);
    enum err e = host_end(h, q_run(&q, reterr), reterr);
    buf_done(&hex);
    return e;
}

static enum err put_ready(struct host *h, const struct snapshot_maker *s, struct errinfo *reterr)
{
    struct buf hex = BUF_INIT, manifest = BUF_INIT;
    hex_add(&hex, s->m.id, SNAPSHOT_ID);
    enum err e = manifest_encode(&s->m, h->sign, &h->policy, &manifest, reterr);
    if (e == OK)
        e = h->b->ops->begin(h->b, reterr);
    if (e == OK) {
        struct q q = q_get(h->b, Q_SNAPSHOT_READY);
        q_text(&q, ":id", buf_str(&hex));
        q_blob(&q, ":manifest", manifest.p, manifest.len);
        e = host_end(h, q_run(&q, reterr), reterr);
    }
    buf_done(&hex);
    buf_done(&manifest);
    return e;
}

/* ---- old ones ---- */

static void remove_files(const char *dir)
{
    char **name = NULL;
    size_t n = 0;
    if (fs_list(dir, "", &name, &n, NULL) != OK)
        return;
    for (size_t i = 0; i < n; i++) {
        char *path = fs_join(dir, name[i]);
        unlink(path);
        free(path);
    }
    fs_list_free(name, n);
    rmdir(dir);
}

/* Ids to drop: all but the newest `keep` ready ones. Unfinished ones of an earlier process go too. */
static enum err outdated(struct host *h, int64_t keep, struct buf *ret, size_t *ret_n, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_SNAPSHOT_LIST);
    enum err e;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        struct span id = q_get_span(&q, "id");
        if (q_get_int(&q, "ready") && keep-- > 0)
            continue;
        buf_add(ret, id.p, ID_HEX);
        ++*ret_n;
    }
    q_done(&q);
    return e;
}

static enum err drop_outdated(struct host *h, struct errinfo *reterr)
{
    struct buf ids = BUF_INIT;
    size_t n = 0;
    enum err e = outdated(h, rulebook_param_int(h->book, "HOST_SNAP_KEEP") - 1, &ids, &n, reterr);
    for (size_t i = 0; e == OK && i < n; i++) {
        char *id = xstrndup(ids.p + i * ID_HEX, ID_HEX), *dir = xprintf("%s/snapshot/%s", h->dir, id);
        e = h->b->ops->begin(h->b, reterr);
        if (e == OK) {
            struct q q = q_get(h->b, Q_SNAPSHOT_DROP);
            q_text(&q, ":id", id);
            e = host_end(h, q_run(&q, reterr), reterr);
        }
        if (e == OK)
            remove_files(dir);
        free(id);
        free(dir);
    }
    buf_done(&ids);
    return e;
}

/* ---- making ---- */

static enum err start(struct host *h, struct errinfo *reterr)
{
    uint64_t low = 0;
    struct snapshot_maker *s = xcalloc(1, sizeof *s);
    manifest_init(&s->m);
    s->m.trial = h->facts.trial;
    memcpy(s->m.host_id, h->facts.host_id, HOST_ID);
    memcpy(s->m.epoch, h->facts.epoch, FEED_EPOCH);
    s->m.as_of_ms = s->m.restriction_ms = host_now(h);
    enum err e = random_bytes(s->m.id, SNAPSHOT_ID, reterr);
    s->dir = snapshot_dir(h, s->m.id);
    if (e == OK)
        e = drop_outdated(h, reterr);
    if (e == OK)
        e = feed_bounds(h, &s->m.as_of, &low, reterr);
    if (e == OK)
        e = fs_mkdir_p(s->dir, 0700, reterr);
    if (e == OK)
        e = put_begin(h, s, reterr);
    if (e == OK)
        e = add_documents(h, s, Q_RESTRICTION_ALL, FEED_RESTRICTION, &s->m.restrictions, reterr);
    if (e == OK)
        e = add_documents(h, s, Q_CASE_OPEN, FEED_CASE, &s->m.cases, reterr);
    if (e != OK) {
        snapshot_maker_free(s);
        return e;
    }
    h->snapshot = s;
    return OK;
}

enum err host_snapshot_step(struct host *h, bool *ret_more, struct errinfo *reterr)
{
    struct snapshot_maker *s = h->snapshot;
    *ret_more = false;
    if (!s)
        return OK;
    enum err e = s->read_all ? OK : add_rows(h, s, reterr);
    if (e == OK && !s->read_all) {
        *ret_more = true;
        return OK;
    }
    s->m.persons = s->persons;
    if (e == OK)
        e = write_chunk(s, reterr);
    if (e == OK)
        e = put_ready(h, s, reterr);
    snapshot_maker_free(s);
    h->snapshot = NULL;
    return e;
}

/* The newest finished one, if it is of this epoch and young enough. */
static enum err reusable(struct host *h, struct buf *ret, bool *ret_have, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_SNAPSHOT_LATEST);
    enum err e = q_row(&q, ret_have, reterr);
    if (e == OK && *ret_have) {
        struct span manifest = q_get_span(&q, "manifest");
        int64_t age = host_now(h) - q_get_int(&q, "made_ms");
        *ret_have = age >= 0 && age < rulebook_param_int(h->book, "HOST_SNAP_REUSE_MIN") * MINUTE_MS;
        if (*ret_have)
            buf_add(ret, manifest.p, manifest.n);
    }
    q_done(&q);
    return e;
}

static enum err usable(struct host *h, struct span bytes, bool *ret, struct errinfo *reterr)
{
    struct manifest m;
    uint64_t head = 0, low = 0;
    *ret = false;
    TRY(feed_bounds(h, &head, &low, reterr));
    if (manifest_decode(bytes, h->sign, &h->policy, &m, NULL) != OK)
        return OK;
    *ret = memcmp(m.epoch, h->facts.epoch, FEED_EPOCH) == 0 && m.as_of >= low && m.as_of <= head;
    manifest_done(&m);
    return OK;
}

enum err host_snapshot_manifest(struct host *h, bool *ret_ready, struct buf *ret, struct errinfo *reterr)
{
    struct buf found = BUF_INIT;
    bool have = false;
    enum err e = reusable(h, &found, &have, reterr);
    if (e == OK && have)
        e = usable(h, buf_span(&found), &have, reterr);
    if (e == OK && have)
        buf_add(ret, found.p, found.len);
    else if (e == OK && !h->snapshot)
        e = start(h, reterr);
    buf_done(&found);
    if (e == OK)
        *ret_ready = have;
    return e;
}

enum err host_snapshot_chunk(struct host *h, const uint8_t id[SNAPSHOT_ID], uint32_t n, int *ret_fd, size_t *ret_size,
                             struct errinfo *reterr)
{
    struct stat st;
    char *dir = snapshot_dir(h, id), *path = chunk_path(dir, n);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    enum err e = OK;
    if (fd < 0)
        e = errno == ENOENT ? err_set(reterr, E_NOTFOUND, "S473", "snapshot", "no such chunk")
                            : err_sys(reterr, errno, "snapshot", "open");
    else if (fstat(fd, &st) < 0)
        e = err_sys(reterr, errno, "snapshot", "fstat");
    free(path);
    free(dir);
    if (e != OK) {
        if (fd >= 0)
            close(fd);
        return e;
    }
    *ret_fd = fd;
    *ret_size = (size_t)st.st_size;
    return OK;
}
