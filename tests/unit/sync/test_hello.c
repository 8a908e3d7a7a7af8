#include "sync_test.h"

#include "sync/enrol.h"
#include "sync/hello.h"

static bool hello_ok(struct span in, void *arg)
{
    (void)arg;
    struct hello h;
    return hello_decode(in, &h, NULL) == OK;
}

static bool welcome_ok(struct span in, void *arg)
{
    (void)arg;
    struct welcome w;
    bool ok = welcome_decode(in, &w, NULL) == OK;
    if (ok)
        welcome_done(&w);
    return ok;
}

static void test_hello(void **state)
{
    (void)state;
    struct hello h = { .proto = HELLO_PROTO,
                       .branch = "E1",
                       .trial = true,
                       .app = "0.1.0",
                       .cursor = 12,
                       .last_seq = 3,
                       .log_seq = 99,
                       .wall_ms = 1782864000000,
                       .disk_free = UINT64_MAX },
                 got;
    struct buf b = BUF_INIT;
    memset(h.chain, 0xab, sizeof h.chain);
    assert_int_equal(hello_encode(&h, &b, NULL), OK);
    assert_int_equal(hello_decode(buf_span(&b), &got, NULL), OK);
    assert_false(got.has_epoch);
    assert_true(got.trial && got.cursor == 12 && got.last_seq == 3 && got.log_seq == 99);
    assert_memory_equal(got.chain, h.chain, OP_HASH);
    assert_true(got.disk_free == INT64_MAX);
    test_all_cuts(&b, hello_ok, NULL);
    h.has_epoch = true;
    h.epoch[3] = 4;
    buf_clear(&b);
    assert_int_equal(hello_encode(&h, &b, NULL), OK);
    assert_int_equal(hello_decode(buf_span(&b), &got, NULL), OK);
    assert_true(got.has_epoch && got.epoch[3] == 4);
    buf_done(&b);
}

static void test_welcome(void **state)
{
    (void)state;
    struct welcome w, got;
    struct buf b = BUF_INIT;
    welcome_init(&w);
    w.status = WELCOME_QUARANTINED;
    memcpy(w.msg, "S402", 5);
    w.proto = HELLO_PROTO;
    w.now_ms = w.restriction_ms = 1782864000000;
    w.batch_ops = 500;
    w.batch_bytes = BATCH_RAW_MAX;
    w.feed_bytes = 1000;
    w.skew_ms = -61000;
    w.chain_ok = true;
    buf_add(&w.log_receipt, "\1\2\0\3", 4);
    assert_int_equal(welcome_encode(&w, &b, NULL), OK);
    assert_int_equal(welcome_decode(buf_span(&b), &got, NULL), OK);
    assert_int_equal(got.status, WELCOME_QUARANTINED);
    assert_string_equal(got.msg, "S402");
    assert_int_equal(got.skew_ms, -61000);
    assert_true(got.chain_ok);
    assert_int_equal(got.log_receipt.len, 4);
    assert_memory_equal(got.log_receipt.p, "\1\2\0\3", 4);
    test_all_cuts(&b, welcome_ok, NULL);
    welcome_done(&w);
    welcome_done(&got);
    buf_done(&b);
}

static void test_limits_of_a_welcome_are_checked(void **state)
{
    (void)state;
    struct welcome w;
    struct buf b = BUF_INIT;
    welcome_init(&w);
    w.proto = 1;
    w.batch_ops = BATCH_OPS_MAX + 1;
    w.batch_bytes = w.feed_bytes = 1;
    assert_int_equal(welcome_encode(&w, &b, NULL), OK);
    assert_false(welcome_ok(buf_span(&b), NULL));
    buf_done(&b);
}

static void test_statement_covers_every_member(void **state)
{
    (void)state;
    struct hello h = { .branch = "E1", .log_seq = 4 }, other = h;
    struct buf a = BUF_INIT, b = BUF_INIT;
    hello_log_statement(&h, 5, &a);
    other.log_head[31] = 1;
    hello_log_statement(&other, 5, &b);
    assert_int_equal(a.len, b.len);
    assert_memory_not_equal(a.p, b.p, a.len);
    buf_clear(&b);
    hello_log_statement(&h, 6, &b);
    assert_memory_not_equal(a.p, b.p, a.len);
    buf_done(&a);
    buf_done(&b);
}

static void test_code_reads_what_it_shows(void **state)
{
    (void)state;
    struct enrol_code c, got;
    char text[ENROL_TEXT];
    for (int round = 0; round < 256; round++) {
        for (size_t i = 0; i < ENROL_SECRET; i++)
            c.secret[i] = (uint8_t)(round * 7 + (int)i * 31);
        for (size_t i = 0; i < TLS_PIN; i++)
            c.pin[i] = (uint8_t)(round ^ (int)(i * 53));
        enrol_code_show(&c, text);
        assert_int_equal(strlen(text), ENROL_TEXT - 1);
        assert_int_equal(enrol_code_read(text, &got, NULL), OK);
        assert_memory_equal(&c, &got, sizeof c);
    }
    memset(&c, 0, sizeof c);
    assert_int_equal(enrol_code_read("oooo iIlL 0000-0000-0000-0000-0000-0000", &got, NULL), OK);
    enrol_code_show(&got, text);
    assert_string_equal(text, "0000-1111-0000-0000-0000-0000-0000-0000");
    static const char *const bad[] = { "", "0000", "0000-0000-0000-0000-0000-0000-0000-000U",
                                       "0000-0000-0000-0000-0000-0000-0000-0000-0", "あ" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(enrol_code_read(bad[i], &got, NULL), E_INVALID);
}

static bool request_ok(struct span in, void *arg)
{
    (void)arg;
    struct enrol_request r;
    bool ok = enrol_request_decode(in, &r, NULL) == OK;
    if (ok)
        enrol_request_done(&r);
    return ok;
}

static bool answer_ok(struct span in, void *arg)
{
    (void)arg;
    struct enrol_answer a;
    bool ok = enrol_answer_decode(in, &a, NULL) == OK;
    if (ok)
        enrol_answer_done(&a);
    return ok;
}

static void test_enrolment_messages(void **state)
{
    (void)state;
    struct enrol_request r = { .secret = { 1, 2 }, .trial = true }, got;
    struct buf b = BUF_INIT;
    buf_adds(&r.csr, "-----BEGIN\n");
    assert_int_equal(enrol_request_encode(&r, &b, NULL), OK);
    assert_int_equal(enrol_request_decode(buf_span(&b), &got, NULL), OK);
    assert_true(got.trial && got.secret[1] == 2);
    assert_string_equal(buf_str(&got.csr), "-----BEGIN\n");
    test_all_cuts(&b, request_ok, NULL);
    assert_false(
        request_ok(span_of("{\"secret\":\"00000000000000000000\",\"trial\":true,\"csr\":\"\",\"x\":1}"), NULL));
    enrol_request_done(&r);
    enrol_request_done(&got);
    buf_clear(&b);
    struct enrol_answer a = { .id = { .trial = true, .role = ROLE_BRANCH, .city = "131016", .name = "E1" } }, back;
    buf_adds(&a.cert, "c");
    buf_adds(&a.ca, "d");
    buf_adds(&a.host_pub, "e");
    assert_int_equal(enrol_answer_encode(&a, &b, NULL), OK);
    assert_int_equal(enrol_answer_decode(buf_span(&b), &back, NULL), OK);
    assert_string_equal(back.id.name, "E1");
    assert_string_equal(buf_str(&back.host_pub), "e");
    test_all_cuts(&b, answer_ok, NULL);
    enrol_answer_done(&a);
    enrol_answer_done(&back);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_welcome),
        cmocka_unit_test(test_limits_of_a_welcome_are_checked),
        cmocka_unit_test(test_statement_covers_every_member),
        cmocka_unit_test(test_code_reads_what_it_shows),
        cmocka_unit_test(test_enrolment_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
