#include "sync_test.h"

static bool decode(struct span s, void *arg)
{
    (void)arg;
    struct op o;
    bool ok = op_decode(s, &o, NULL) == OK;
    if (ok)
        op_done(&o);
    return ok;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct op o, again;
    struct buf a = BUF_INIT, b = BUF_INIT;
    test_op(&o, 7);
    assert_int_equal(op_encode(&o, &a, NULL), OK);
    assert_int_equal(op_decode(buf_span(&a), &again, NULL), OK);
    assert_int_equal(again.seq, 7);
    assert_string_equal(again.kind, "notice.withdraw");
    assert_string_equal(again.payload, o.payload);
    assert_int_equal(again.n_base, 2);
    assert_string_equal(again.base[0].id, "000000000000005");
    assert_int_equal(again.base[1].rev, 3);
    assert_int_equal(again.since_host_ms, 10000);
    assert_int_equal(op_encode(&again, &b, NULL), OK);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.p, b.p, a.len);
    op_done(&o);
    op_done(&again);
    buf_done(&a);
    buf_done(&b);
}

/* The bytes are evidence kept for decades: this digest was computed apart from this program, from the list of members
 * in op.h. */
static void test_encoding_is_the_published_one(void **state)
{
    (void)state;
    struct buf a = BUF_INIT, hex = BUF_INIT;
    uint8_t hash[OP_HASH], chain[OP_HASH];
    test_op_bytes(1, &a);
    op_hash(buf_span(&a), hash);
    hex_add(&hex, hash, sizeof hash);
    assert_string_equal(buf_str(&hex), "752eeb82060ea261cb143124f85f59d9c3e061c91e94594054f35cd1fc83f4b4");
    op_chain_start("E1", test_incarnation, chain);
    op_chain_next(chain, hash, chain);
    buf_clear(&hex);
    hex_add(&hex, chain, sizeof chain);
    assert_string_equal(buf_str(&hex), "fa400a3f8205ea3d77e3f79e92537a902c681a1c5b1854b1624aeb6ac3ba2c0d");
    buf_done(&a);
    buf_done(&hex);
}

static void test_cuts_are_refused(void **state)
{
    (void)state;
    struct buf a = BUF_INIT;
    test_op_bytes(3, &a);
    test_all_cuts(&a, decode, NULL);
    buf_done(&a);
}

static void test_base_is_sorted_and_unique(void **state)
{
    (void)state;
    struct op o;
    op_init(&o);
    op_add_base(&o, "3", 9);
    op_add_base(&o, "1", 4);
    op_add_base(&o, "2", 6);
    op_add_base(&o, "1", 2);
    op_add_base(&o, "3", 11);
    assert_int_equal(o.n_base, 3);
    assert_string_equal(o.base[0].id, "1");
    assert_int_equal(o.base[0].rev, 2);
    assert_int_equal(o.base[2].rev, 9);
    op_done(&o);
}

static void refuse(struct op *o, const char *item)
{
    struct buf b = BUF_INIT;
    struct errinfo err;
    assert_int_equal(op_encode(o, &b, &err), E_INVALID);
    assert_string_equal(err.item, item);
    assert_int_equal(b.len, 0);
    op_done(o);
    test_op(o, 5);
}

static void test_broken_members_are_refused(void **state)
{
    (void)state;
    struct op o;
    test_op(&o, 5);
    o.branch[0] = '\0';
    refuse(&o, "branch");
    memset(o.branch, 'A', sizeof o.branch);
    refuse(&o, "branch");
    o.seq = 0;
    o.lane_prev = 0;
    refuse(&o, "seq");
    o.lane_prev = 5;
    refuse(&o, "seq");
    o.flags = 8;
    refuse(&o, "flags");
    o.lane[0] = '\0';
    refuse(&o, "lane");
    o.kind[0] = '\x1b';
    refuse(&o, "kind");
    o.base[0].rev = -1;
    refuse(&o, "base");
    o.base[1] = o.base[0];
    refuse(&o, "base");
    op_set_payload(&o, "", 0);
    refuse(&o, "payload");
    op_set_payload(&o, "\xff", 1);
    refuse(&o, "payload");
    op_set_payload(&o, "a\0b", 3);
    refuse(&o, "payload");
    o.operator_id[0] = '\0';
    refuse(&o, "operator");
    op_done(&o);
}

static void test_size_is_capped(void **state)
{
    (void)state;
    struct op o;
    struct buf b = BUF_INIT;
    test_op(&o, 5);
    char *big = xmalloc(OP_PAYLOAD_MAX + 1);
    memset(big, 'x', OP_PAYLOAD_MAX + 1);
    op_set_payload(&o, big, OP_PAYLOAD_MAX);
    assert_int_equal(op_encode(&o, &b, NULL), OK);
    op_set_payload(&o, big, OP_PAYLOAD_MAX + 1);
    assert_int_equal(op_encode(&o, &b, NULL), E_INVALID);
    free(big);
    op_done(&o);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_encoding_is_the_published_one),
        cmocka_unit_test(test_cuts_are_refused),
        cmocka_unit_test(test_base_is_sorted_and_unique),
        cmocka_unit_test(test_broken_members_are_refused),
        cmocka_unit_test(test_size_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
