#include "outbox_fixture.h"

#include "store/replica.h"

static void test_it_is_what_was_set(void **state)
{
    struct store_test *t = *state;
    struct replica r;
    assert_ok(replica_get(t->db, &r, NULL));
    assert_false(r.has_host);
    assert_int_equal(r.cursor, 0);
    r = (struct replica){ .has_host = true,
                          .host_id = { 1 },
                          .epoch = { 2 },
                          .cursor = 77,
                          .as_of_ms = 5,
                          .list_ms = 6,
                          .heard_ms = 7,
                          .host_ms = 8,
                          .skew_ms = -9,
                          .durable_ms = 10 };
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(replica_set(t->db, &r, NULL));
    assert_ok(txn_commit(t->db, NULL));
    struct replica got;
    memset(&got, 0x55, sizeof got);
    assert_ok(replica_get(t->db, &got, NULL));
    assert_true(got.has_host);
    assert_memory_equal(got.host_id, r.host_id, REPLICA_ID);
    assert_memory_equal(got.epoch, r.epoch, REPLICA_ID);
    assert_int_equal(got.cursor, 77);
    assert_int_equal(got.as_of_ms, 5);
    assert_int_equal(got.list_ms, 6);
    assert_int_equal(got.heard_ms, 7);
    assert_int_equal(got.host_ms, 8);
    assert_int_equal(got.skew_ms, -9);
    assert_int_equal(got.durable_ms, 10);
}

static void take(struct store_test *t, const uint8_t id[REPLICA_ID], int64_t n)
{
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(snapshot_took(t->db, id, n, 100, NULL));
    assert_ok(txn_commit(t->db, NULL));
}

static int64_t next(struct store_test *t, const uint8_t id[REPLICA_ID])
{
    int64_t n = -2;
    assert_ok(snapshot_next(t->db, id, &n, NULL));
    return n;
}

static void test_a_load_goes_on_where_it_stopped(void **state)
{
    struct store_test *t = *state;
    static const uint8_t id[REPLICA_ID] = { 3 }, other[REPLICA_ID] = { 4 };
    struct snapshot_load load;
    struct buf manifest = BUF_INIT;
    bool found = true;
    int64_t n;
    assert_ok(snapshot_current(t->db, &load, NULL, &found, NULL));
    assert_false(found);
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(snapshot_begin(t->db, id, span_of("signed"), 4, 350, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(next(t, id), 0);
    take(t, id, 0);
    take(t, id, 1);
    take(t, id, 3);
    store_test_reopen(t);
    assert_int_equal(next(t, id), 2);
    assert_int_equal(snapshot_next(t->db, other, &n, NULL), E_NOTFOUND);
    assert_ok(snapshot_current(t->db, &load, &manifest, &found, NULL));
    assert_true(found);
    assert_string_equal(buf_str(&manifest), "signed");
    assert_int_equal(load.have, 3);
    assert_int_equal(load.have_bytes, 300);
    take(t, id, 2);
    assert_int_equal(next(t, id), -1);
    assert_ok(txn_begin(t->db, NULL));
    assert_int_equal(snapshot_took(t->db, id, 2, 100, NULL), E_EXISTS);
    assert_ok(snapshot_end(t->db, id, true, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_ok(snapshot_current(t->db, &load, NULL, &found, NULL));
    assert_false(found);
    buf_done(&manifest);
}

static void test_a_new_load_drops_the_old_one(void **state)
{
    struct store_test *t = *state;
    static const uint8_t id[REPLICA_ID] = { 3 }, other[REPLICA_ID] = { 4 };
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(snapshot_begin(t->db, id, span_of("a"), 4, 350, NULL));
    assert_ok(snapshot_begin(t->db, other, span_of("b"), 0, 0, NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_int_equal(next(t, other), -1);
}

static void see(void *arg, int64_t at_ms, bool up, const char *why)
{
    buf_printf(arg, "%lld%c%s ", (long long)at_ms, up ? '+' : '-', why);
}

static void test_link_history(void **state)
{
    struct store_test *t = *state;
    struct buf seen = BUF_INIT;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(link_changed(t->db, 10, true, "", NULL));
    assert_ok(link_changed(t->db, 20, false, "timeout", NULL));
    assert_ok(link_changed(t->db, 30, true, "", NULL));
    assert_ok(txn_commit(t->db, NULL));
    assert_ok(link_changes(t->db, 20, 10, see, &seen, NULL));
    assert_string_equal(buf_str(&seen), "30+ 20-timeout ");
    buf_done(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_it_is_what_was_set),
        store_unit_test(test_a_load_goes_on_where_it_stopped),
        store_unit_test(test_a_new_load_drops_the_old_one),
        store_unit_test(test_link_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
