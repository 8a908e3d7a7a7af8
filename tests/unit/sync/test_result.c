#include "sync_test.h"

#include "sync/result.h"

static bool accepts(struct span in, void *arg)
{
    (void)arg;
    struct results r;
    bool ok = results_decode(in, &r, NULL) == OK;
    if (ok)
        results_done(&r);
    return ok;
}

static void bytes_of(uint64_t seq, enum op_code code, enum conflict category, struct buf *ret)
{
    char detail[] = "{\"rows\":[]}";
    struct result r = { .seq = seq, .code = code, .category = category, .host_seq = 5, .host_ms = 6, .detail = detail };
    assert_int_equal(result_encode(&r, ret, NULL), OK);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct results r, got;
    struct buf a = BUF_INIT, b = BUF_INIT, all = BUF_INIT;
    bytes_of(1, OPR_APPLIED, CONFLICT_NONE, &a);
    bytes_of(2, OPR_CONFLICT, CONFLICT_GONE, &b);
    results_init(&r, "E1", test_incarnation);
    r.applied_upto = 2;
    r.durable_upto = 1;
    assert_int_equal(results_add(&r, true, buf_span(&a), NULL), OK);
    assert_int_equal(results_add(&r, false, buf_span(&b), NULL), OK);
    assert_int_equal(results_encode(&r, &all, NULL), OK);
    assert_int_equal(results_decode(buf_span(&all), &got, NULL), OK);
    assert_int_equal(got.n, 2);
    assert_true(got.item[0].repeated);
    assert_int_equal(got.item[0].len, a.len);
    assert_memory_equal(got.item[0].bytes, a.p, a.len);
    assert_int_equal(got.item[1].r.category, CONFLICT_GONE);
    assert_string_equal(got.item[1].r.detail, "{\"rows\":[]}");
    assert_true(got.applied_upto == 2 && got.durable_upto == 1);
    test_all_cuts(&all, accepts, NULL);
    results_done(&r);
    results_done(&got);
    buf_done(&a);
    buf_done(&b);
    buf_done(&all);
}

static bool accepts_one(struct span in, void *arg)
{
    (void)arg;
    struct result r;
    bool ok = result_decode(in, &r, NULL) == OK;
    if (ok)
        result_done(&r);
    return ok;
}

static void test_one_result(void **state)
{
    (void)state;
    struct buf b = BUF_INIT, none = BUF_INIT;
    char detail[] = "{}";
    bytes_of(9, OPR_REJECTED, CONFLICT_NONE, &b);
    test_all_cuts(&b, accepts_one, NULL);
    struct result bad[] = {
        { .seq = 0, .code = OPR_APPLIED, .detail = detail },
        { .seq = 1, .code = OPR_DUPLICATE, .detail = detail },
        { .seq = 1, .code = OPR_CONFLICT, .detail = detail },
        { .seq = 1, .code = OPR_APPLIED, .category = CONFLICT_GONE, .detail = detail },
        { .seq = 1, .code = OP_CODES, .detail = detail },
        { .seq = 1, .code = OPR_APPLIED, .detail = NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(result_encode(&bad[i], &none, NULL), E_INVALID);
    assert_int_equal(none.len, 0);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_round_trip), cmocka_unit_test(test_one_result) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
