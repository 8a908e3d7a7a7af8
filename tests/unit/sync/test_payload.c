#include "sync_test.h"

#include "sync/payload.h"

static void sample(struct notice_payload *p)
{
    notice_payload_init(p);
    p->notice = notice_new("tenkyo");
    p->notice->no = xstrdup("E1-1");
    notice_set(p->notice, "move", 0, "moved_on", "2026-06-28");
    notice_set(p->notice, "persons", 1, "name", "葛󠄀飾"); /* with a variation selector */
    p->received_at = xstrdup("2026-07-01T09:00:00+09:00");
    p->received_on = xstrdup("2026-07-01");
    p->entered_by = xstrdup("kawaguchi");
    p->forms_digest = xstrdup("00");
    p->acks = xcalloc(1, sizeof *p->acks);
    p->acks[p->n_acks++] = xstrdup("W03");
    p->base = xcalloc(1, sizeof *p->base);
    p->base[p->n_base++] = (struct op_base){ .id = "101", .rev = 4 };
}

static bool accepts(struct span in, void *arg)
{
    (void)arg;
    struct notice_payload p;
    bool ok = notice_payload_decode(in, &p, NULL) == OK;
    if (ok)
        notice_payload_done(&p);
    return ok;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct notice_payload p, got;
    struct buf a = BUF_INIT, b = BUF_INIT;
    sample(&p);
    p.supersedes = 12;
    assert_int_equal(notice_payload_encode(&p, &a, NULL), OK);
    assert_int_equal(notice_payload_decode(buf_span(&a), &got, NULL), OK);
    assert_string_equal(got.notice->kind, "tenkyo");
    assert_string_equal(notice_get(got.notice, "persons", 1, "name"), "葛󠄀飾");
    assert_string_equal(got.acks[0], "W03");
    assert_int_equal(got.base[0].rev, 4);
    assert_null(got.decided_by);
    assert_int_equal(got.supersedes, 12);
    assert_int_equal(notice_payload_encode(&got, &b, NULL), OK);
    assert_string_equal(buf_str(&a), buf_str(&b));
    test_all_cuts(&a, accepts, NULL);
    assert_int_equal(payload_check(op_kind_find("notice.enter"), buf_span(&a), NULL), OK);
    assert_int_equal(payload_check(op_kind_find("notice.decide"), buf_span(&a), NULL), E_INVALID);
    notice_payload_done(&p);
    notice_payload_done(&got);
    buf_done(&a);
    buf_done(&b);
}

static void test_incomplete_notice_is_not_written(void **state)
{
    (void)state;
    struct notice_payload p;
    struct buf b = BUF_INIT;
    sample(&p);
    free(p.entered_by);
    p.entered_by = NULL;
    assert_int_equal(notice_payload_encode(&p, &b, NULL), E_INVALID);
    p.entered_by = xstrdup("\xff");
    assert_int_equal(notice_payload_encode(&p, &b, NULL), E_INVALID);
    assert_int_equal(b.len, 0);
    notice_payload_done(&p);
}

static void test_malformed_lists_are_refused(void **state)
{
    (void)state;
    struct notice_payload p;
    struct buf good = BUF_INIT;
    sample(&p);
    assert_int_equal(notice_payload_encode(&p, &good, NULL), OK);
    static const struct {
        const char *from, *to;
    } bad[] = {
        { "\"r\":0", "\"r\":-1" },
        { "\"r\":0", "\"r\":\"0\"" },
        { "\"s\":\"move\"", "\"s\":\"\"" },
        { "\"acks\":[\"W03\"]", "\"acks\":[3]" },
        { "\"rev\":4", "\"rev\":-4" },
        { "\"id\":\"101\"", "\"id\":\"10111111111111111\"" },
        { "\"no\":", "\"nr\":" },
        { "\"base\":[", "\"more\":1,\"base\":[" },
        { "\"v\":\"2026-06-28\"", "\"v\":\"\"" },
        { "\"v\":\"2026-06-28\"", "\"v\":\"a\\u0000b\"" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *at = strstr(good.p, bad[i].from);
        assert_non_null(at);
        char *text = xprintf("%.*s%s%s", (int)(at - good.p), good.p, bad[i].to, at + strlen(bad[i].from));
        if (accepts(span_of(text), NULL))
            fail_msg("accepted %s", bad[i].to);
        free(text);
    }
    notice_payload_done(&p);
    buf_done(&good);
}

static void test_kinds(void **state)
{
    (void)state;
    assert_null(op_kind_find("notice.teleport"));
    assert_true(op_kind_find("restrict.release")->second_person);
    const struct op_kind *k = op_kind_find("cert.void");
    assert_int_equal(payload_check(k, span_of("{\"no\":\"1\",\"reason\":\"x\"}"), NULL), OK);
    struct errinfo err;
    assert_int_equal(payload_check(k, span_of("{\"no\":\"1\"}"), &err), E_INVALID);
    assert_int_equal(payload_check(k, span_of("{\"no\":1,\"reason\":\"x\"}"), &err), E_INVALID);
    assert_int_equal(payload_check(k, span_of("{\"no\":\"1\",\"reason\":\"x\",\"y\":1}"), &err), E_INVALID);
    assert_int_equal(payload_check(k, span_of("{\"no\":\"1\",\"no\":\"2\",\"reason\":\"x\"}"), &err), E_INVALID);
    assert_int_equal(payload_check(k, span_of("[]"), &err), E_INVALID);
    assert_int_equal(payload_check(k, span_of("{\"no\":\"1\",\"reason\":\"x\"} "), &err), OK);
    assert_int_equal(payload_check(k, span_of("{\"no\":\"1\",\"reason\":\"x\"}x"), &err), E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_incomplete_notice_is_not_written),
        cmocka_unit_test(test_malformed_lists_are_refused),
        cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
