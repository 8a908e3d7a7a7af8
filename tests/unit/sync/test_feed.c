#include "sync_test.h"

#include "sync/feed.h"

static bool accepts(struct span in, void *arg)
{
    (void)arg;
    struct feed_page p;
    bool ok = feed_page_decode(in, &p, NULL) == OK;
    if (ok)
        feed_page_done(&p);
    return ok;
}

static struct feed_entry entry(uint64_t seq, const char *body)
{
    struct feed_entry f = { .host_seq = seq, .type = FEED_RESIDENT, .key = "000000000000017/2", .body = span_of(body) };
    return f;
}

static void sample(struct feed_page *p)
{
    feed_page_init(p);
    memset(p->epoch, 7, sizeof p->epoch);
    p->after = 10;
    p->upto = 15;
    p->head = 20;
    p->more = true;
    p->host_ms = 1782864000000;
    struct feed_entry a = entry(11, "{\"id\":\"17\"}"), b = entry(15, "");
    assert_int_equal(feed_page_add(p, &a, NULL), OK);
    assert_int_equal(feed_page_add(p, &b, NULL), OK);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct feed_page p, got;
    struct buf b = BUF_INIT;
    sample(&p);
    assert_int_equal(feed_page_encode(&p, &b, NULL), OK);
    assert_int_equal(feed_page_decode(buf_span(&b), &got, NULL), OK);
    assert_int_equal(got.n, 2);
    assert_int_equal(got.e[0].host_seq, 11);
    assert_true(span_is(got.e[0].body, "{\"id\":\"17\"}"));
    assert_int_equal(got.e[1].body.n, 0);
    assert_string_equal(got.e[1].key, "000000000000017/2");
    assert_true(got.more && got.after == 10 && got.upto == 15 && got.head == 20);
    assert_memory_equal(got.epoch, p.epoch, FEED_EPOCH);
    feed_page_done(&p);
    feed_page_done(&got);
    buf_done(&b);
}

static void test_every_cut_and_flip_is_seen(void **state)
{
    (void)state;
    struct feed_page p;
    struct buf b = BUF_INIT;
    sample(&p);
    assert_int_equal(feed_page_encode(&p, &b, NULL), OK);
    test_all_cuts(&b, accepts, NULL);
    test_all_flips(&b, accepts, NULL);
    feed_page_done(&p);
    buf_done(&b);
}

static void test_empty_page(void **state)
{
    (void)state;
    struct feed_page p;
    struct buf b = BUF_INIT;
    feed_page_init(&p);
    p.after = p.upto = p.head = 3;
    assert_int_equal(feed_page_encode(&p, &b, NULL), OK);
    test_all_cuts(&b, accepts, NULL);
    feed_page_done(&p);
    buf_done(&b);
}

static void test_order_and_range_are_strict(void **state)
{
    (void)state;
    struct feed_page p;
    struct buf b = BUF_INIT;
    sample(&p);
    struct feed_entry old = entry(10, ""), again = entry(15, ""), beyond = entry(16, "");
    assert_int_equal(feed_page_add(&p, &old, NULL), E_INVALID);
    assert_int_equal(feed_page_add(&p, &again, NULL), E_INVALID);
    assert_int_equal(feed_page_add(&p, &beyond, NULL), OK);
    assert_int_equal(feed_page_encode(&p, &b, NULL), E_INVALID); /* upto is 15 */
    p.upto = 16;
    p.more = false;
    assert_int_equal(feed_page_encode(&p, &b, NULL), E_INVALID); /* head is 20 */
    p.head = 16;
    assert_int_equal(feed_page_encode(&p, &b, NULL), OK);
    feed_page_done(&p);
    buf_done(&b);
}

static void test_entries_are_capped(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    char *big = xmalloc(FEED_BODY_MAX + 2);
    memset(big, 'x', FEED_BODY_MAX + 1);
    big[FEED_BODY_MAX + 1] = '\0';
    struct feed_entry f = entry(1, big), got;
    assert_int_equal(feed_entry_put(&f, &b, NULL), E_INVALID);
    f.body.n = FEED_BODY_MAX;
    assert_int_equal(feed_entry_put(&f, &b, NULL), OK);
    struct span s = buf_span(&b);
    assert_int_equal(feed_entry_take(&s, &got, NULL), OK);
    assert_int_equal(s.n, 0);
    f.type = 0;
    assert_int_equal(feed_entry_put(&f, &b, NULL), E_INVALID);
    free(big);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),         cmocka_unit_test(test_every_cut_and_flip_is_seen),
        cmocka_unit_test(test_empty_page),         cmocka_unit_test(test_order_and_range_are_strict),
        cmocka_unit_test(test_entries_are_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
