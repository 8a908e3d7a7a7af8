#include "check.h"

#include "base/mem.h"
#include "sync/payload.h"
#include "sync/restrict_body.h"

#define FULL                                                                                              \
    "{\"no\":\"E1-R26-000001\",\"person\":\"0015\",\"kind\":\"support\",\"levels\":{\"entry\":\"alert\"," \
    "\"certificate\":\"error\"},\"from\":\"2026-04-01\",\"until\":\"2027-03-31\","                        \
    "\"support\":{\"applicant\":\"現住所地\"},\"note\":\"窓口で\",\"released\":false}"

static void test_there_and_back(void **state)
{
    (void)state;
    struct restriction r;
    struct buf detail = BUF_INIT, again = BUF_INIT;
    assert_int_equal(restrict_body_read(span_of(FULL), &r, &detail, NULL), OK);
    assert_string_equal(r.id, "E1-R26-000001");
    assert_string_equal(r.person, "0015");
    assert_string_equal(r.household, "");
    assert_int_equal(r.kind, RK_SUPPORT);
    assert_int_equal(r.level[RP_ENTRY], RL_ALERT);
    assert_int_equal(r.level[RP_CERTIFICATE], RL_ERROR);
    assert_int_equal(r.level[RP_PHONE], RL_NONE);
    assert_int_equal(r.until.y, 2027);
    assert_false(r.released);
    assert_string_equal(buf_str(&detail), "{\"support\":{\"applicant\":\"現住所地\"},\"note\":\"窓口で\"}");
    assert_int_equal(restrict_body_write(&r, buf_str(&detail), true, &again, NULL), OK);
    assert_string_equal(buf_str(&again), FULL);
    buf_done(&detail);
    buf_done(&again);
}

/* What the service sends is what the table of payloads takes. */
static void test_payload(void **state)
{
    (void)state;
    struct restriction r = { .id = "R-1", .household = "907", .kind = RK_OTHER, .from = { 2026, 7, 1 } };
    struct buf b = BUF_INIT;
    assert_int_equal(restrict_body_write(&r, "", false, &b, NULL), OK);
    assert_int_equal(payload_check(op_kind_find("restrict.set"), buf_span(&b), NULL), OK);
    buf_done(&b);
}

static void test_read_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"no\":\"1\"}",
        "{\"no\":\"1\",\"person\":\"1\",\"household\":\"2\",\"kind\":\"other\",\"levels\":{}}",
        "{\"no\":\"1\",\"kind\":\"other\",\"levels\":{}}",
        "{\"no\":\"\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{}}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"dv\",\"levels\":{}}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\"}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{\"view\":2}}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{\"view\":\"strong\"}}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{\"fax\":\"error\"}}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{},\"from\":\"2026-02-30\"}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{},\"released\":\"no\"}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{},\"extra\":\"x\"}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{},\"support\":\"x\"}",
        "{\"no\":\"1\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{},\"note\":1}",
        "{\"no\":\"1\",\"no\":\"2\",\"person\":\"1\",\"kind\":\"other\",\"levels\":{}}",
        "{\"no\":\"1\",\"person\":\"1234567890123456\",\"kind\":\"other\",\"levels\":{}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct restriction r;
        struct buf detail = BUF_INIT;
        assert_int_equal(restrict_body_read(span_of(bad[i]), &r, &detail, NULL), E_CORRUPT);
        assert_int_equal(detail.len, 0);
        buf_done(&detail);
    }
}

static void test_write_refuses_other_details(void **state)
{
    (void)state;
    struct restriction r = { .id = "R-1", .household = "907", .kind = RK_OTHER };
    static const char *const bad[] = { "x", "[]", "{\"person\":\"0015\"}", "{\"support\":1}", "{\"note\":{}}" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct buf b = BUF_INIT;
        assert_int_equal(restrict_body_write(&r, bad[i], false, &b, NULL), E_CORRUPT);
        assert_int_equal(b.len, 0);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_payload),
        cmocka_unit_test(test_read_refuses),
        cmocka_unit_test(test_write_refuses_other_details),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
