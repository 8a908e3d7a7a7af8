/* First load, snapshots, backups and the edges of the feed. */
#include "host_test.h"

#include "sync/snapshot.h"

#include <unistd.h>

static void make(struct town *t, struct manifest *ret)
{
    struct key *pub = NULL;
    struct buf bytes = BUF_INIT;
    struct alg_policy policy = alg_policy_p256();
    char *path = fs_join(t->dir, "sign.key");
    bool ready = false, more = false;
    for (int i = 0; !ready && i < 1000; i++) {
        assert_ok(host_snapshot_manifest(t->host, &ready, &bytes, err));
        assert_ok(host_snapshot_step(t->host, &more, err));
    }
    assert_true(ready);
    assert_ok(key_load(path, &pub, err));
    assert_ok(manifest_decode(buf_span(&bytes), pub, &policy, ret, err));
    key_free(pub);
    buf_done(&bytes);
    free(path);
}

struct seen {
    uint64_t residents, restrictions, cases;
    uint64_t highest;
};

static void read_chunk(struct town *t, const struct manifest *m, uint32_t n, struct seen *s)
{
    int fd = -1;
    size_t size = 0;
    struct buf raw = BUF_INIT;
    assert_ok(host_snapshot_chunk(t->host, m->id, n, &fd, &size, err));
    char *bytes = xmalloc(size);
    assert_int_equal(read(fd, bytes, size), size);
    close(fd);
    assert_ok(chunk_decode((struct span){ bytes, size }, &m->chunk[n], &raw, err));
    struct span rest = buf_span(&raw);
    uint32_t entries = 0;
    for (; rest.n; entries++) {
        struct feed_entry f;
        assert_ok(feed_entry_take(&rest, &f, err));
        s->residents += f.type == FEED_RESIDENT;
        s->restrictions += f.type == FEED_RESTRICTION;
        s->cases += f.type == FEED_CASE;
        s->highest = f.host_seq > s->highest ? f.host_seq : s->highest;
    }
    assert_int_equal(entries, m->chunk[n].entries);
    free(bytes);
    buf_done(&raw);
}

static void test_snapshot_is_of_one_moment_and_survives(void **state)
{
    struct town *t = *state;
    struct buf none = BUF_INIT;
    bool ready = true, more = false;
    outbox_add(&t->e1, "restrict.set",
               "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"lock\",\"levels\":{},\"from\":\"2026-04-01\"}");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    uint64_t as_of = feed_head(t);
    assert_ok(host_snapshot_manifest(t->host, &ready, &none, err));
    assert_false(ready);
    /* What is posted while it is made is not in it. */
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    do
        assert_ok(host_snapshot_step(t->host, &more, err));
    while (more);
    town_restart(t);
    struct manifest m;
    make(t, &m);
    assert_int_equal(m.as_of, as_of);
    assert_true(m.trial);
    assert_int_equal(m.persons, 4);
    struct seen s = { 0 };
    for (uint32_t i = 0; i < m.n; i++)
        read_chunk(t, &m, i, &s);
    assert_int_equal(s.residents, m.rows);
    assert_int_equal(s.residents, 4);
    assert_int_equal(s.restrictions, 1);
    assert_true(s.highest <= m.as_of);
    int fd;
    size_t size;
    assert_int_equal(host_snapshot_chunk(t->host, m.id, (uint32_t)m.n, &fd, &size, NULL), E_NOTFOUND);
    uint8_t other[SNAPSHOT_ID] = { 1 };
    assert_int_equal(host_snapshot_chunk(t->host, other, 0, &fd, &size, NULL), E_NOTFOUND);
    manifest_done(&m);
}

static void test_old_snapshot_is_made_anew(void **state)
{
    struct town *t = *state;
    struct manifest a, b;
    make(t, &a);
    make(t, &b);
    assert_memory_equal(a.id, b.id, SNAPSHOT_ID);
    manifest_done(&b);
    t->now_ms += DAY_MS;
    make(t, &b);
    assert_memory_not_equal(a.id, b.id, SNAPSHOT_ID);
    manifest_done(&b);
    t->now_ms += DAY_MS;
    make(t, &b); /* only so many are kept */
    int fd;
    size_t size;
    assert_int_equal(host_snapshot_chunk(t->host, a.id, 0, &fd, &size, NULL), E_NOTFOUND);
    manifest_done(&a);
    manifest_done(&b);
}

static void test_many_chunks(void **state)
{
    struct town *t = *state;
    char *db = fs_join(t->dir, "big.db");
    struct host_backend *b = NULL;
    struct host_bulk *bulk = NULL;
    host_close(t->host);
    free(t->db);
    t->db = db;
    assert_ok(host_sqlite_open(db, true, town_clock(t), &b, err));
    assert_ok(host_create(b, town_clock(t), true, "992011", "H1", err));
    host_backend_close(b);
    town_open(t);
    assert_ok(host_bulk_begin(t->host, &bulk, err));
    for (int i = 0; i < 12000; i++) {
        char id[16], household[16];
        snprintf(id, sizeof id, "%010d", i * 10);
        snprintf(household, sizeof household, "%010d", i / 3 * 10);
        struct resident *r = town_person(id, household, "試　験", "1", "S50.05.10", "世帯主", "試　験");
        assert_ok(host_bulk_add(bulk, r, err));
        resident_free(r);
    }
    assert_ok(host_bulk_commit(bulk, err));
    struct manifest m;
    struct seen s = { 0 };
    make(t, &m);
    assert_true(m.n >= 3);
    for (uint32_t i = 0; i < m.n; i++)
        read_chunk(t, &m, i, &s);
    assert_int_equal(s.residents, 12000);
    assert_int_equal(m.persons, 12000);
    manifest_done(&m);
}

static void test_load_only_into_an_empty_register(void **state)
{
    struct town *t = *state;
    struct host_bulk *b = NULL;
    assert_int_equal(host_bulk_begin(t->host, &b, NULL), E_EXISTS);
    assert_null(b);
}

/* Numbers go on behind those that were loaded. */
static void test_numbers_follow_the_load(void **state)
{
    struct town *t = *state;
    json_t *detail = NULL, *rows;
    struct feed_page p;
    uint64_t head = feed_head(t);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, &detail);
    rows = json_object_get(detail, "rows");
    assert_true(json_array_size(rows) >= 1);
    json_decref(detail);
    feed_of(t, "E1", head, &p);
    struct resident *r = NULL;
    assert_ok(resident_decode(p.e[0].body, &r, err));
    /* Loaded households are 11 and 22: bodies 1 and 2. */
    assert_true(strncmp(resident_get(r, ATTR_HOUSEHOLD), "000000003", 9) == 0);
    resident_free(r);
    feed_page_done(&p);
}

static void test_edges_of_the_feed(void **state)
{
    struct town *t = *state;
    struct buf page = BUF_INIT;
    uint64_t head = feed_head(t);
    assert_int_equal(host_feed(t->host, "E1", 0, 1000, &page, NULL), E_NOTFOUND); /* before the load */
    assert_int_equal(host_feed(t->host, "E1", head + 1, 1000, &page, NULL), E_INVALID);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    /* Small pages, read to the end, give what one large page gives. */
    struct feed_page all, p;
    feed_of(t, "E1", head, &all);
    uint64_t at = head;
    size_t n = 0;
    bool more = true;
    while (more) {
        buf_clear(&page);
        assert_ok(host_feed(t->host, "E1", at, 1, &page, err));
        assert_ok(feed_page_decode(buf_span(&page), &p, err));
        assert_true(p.n <= 1 && p.upto > at);
        for (size_t i = 0; i < p.n; i++, n++)
            assert_int_equal(p.e[i].host_seq, all.e[n].host_seq);
        at = p.upto;
        more = p.more;
        feed_page_done(&p);
    }
    assert_int_equal(n, all.n);
    assert_int_equal(at, all.upto);
    feed_page_done(&all);
    /* After many days the feed is cut. */
    t->now_ms += 91 * DAY_MS;
    more = true;
    while (more)
        assert_ok(host_day_batch(t->host, &more, err));
    buf_clear(&page);
    assert_int_equal(host_feed(t->host, "E1", head, 1000, &page, NULL), E_NOTFOUND);
    buf_done(&page);
}

static void test_backup_makes_durable(void **state)
{
    struct town *t = *state;
    struct results r;
    bool more = true;
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_send(t, &t->e1, 1, 1, &r);
    assert_int_equal(r.applied_upto, 1);
    assert_int_equal(r.durable_upto, 0);
    results_done(&r);
    while (more)
        assert_ok(host_backup_step(t->host, &more, err));
    outbox_send(t, &t->e1, 1, 1, &r);
    assert_int_equal(r.durable_upto, 1);
    results_done(&r);
    char *dir = fs_join(t->dir, "backup"), **name = NULL;
    size_t n = 0;
    assert_ok(fs_list(dir, ".db", &name, &n, err));
    assert_int_equal(n, 1);
    /* Nothing new: no further copy. */
    t->mono_ms += DAY_MS;
    assert_ok(host_backup_step(t->host, &more, err));
    assert_false(more);
    fs_list_free(name, n);
    /* The copy is a host of its own, with everything in it. */
    char *path = fs_join(dir, "restored.db");
    assert_ok(fs_list(dir, ".db", &name, &n, err));
    assert_int_equal(n, 1);
    char *from = fs_join(dir, name[0]);
    assert_int_equal(rename(from, path), 0);
    struct host_facts was = *host_facts(t->host);
    host_close(t->host);
    free(t->db);
    t->db = path;
    struct host_backend *b = NULL;
    assert_ok(host_sqlite_open(path, false, town_clock(t), &b, err));
    assert_ok(host_restored(b, town_clock(t), "test", err));
    host_backend_close(b);
    town_open(t);
    assert_memory_equal(host_facts(t->host)->host_id, was.host_id, HOST_ID);
    assert_memory_not_equal(host_facts(t->host)->epoch, was.epoch, FEED_EPOCH);
    outbox_send(t, &t->e1, 1, 1, &r);
    assert_true(r.item[0].repeated);
    results_done(&r);
    free(from);
    free(dir);
    fs_list_free(name, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        town_test(test_snapshot_is_of_one_moment_and_survives),
        town_test(test_old_snapshot_is_made_anew),
        town_test(test_many_chunks),
        town_test(test_load_only_into_an_empty_register),
        town_test(test_numbers_follow_the_load),
        town_test(test_edges_of_the_feed),
        town_test(test_backup_makes_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
