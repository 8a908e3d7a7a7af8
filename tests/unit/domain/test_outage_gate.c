#include "check.h"

#include "base/mem.h"
#include "domain/outage.h"
#include "domain/outage_gate.h"

enum { HOUR = 3600 * 1000, DAY = 24 * HOUR };

static const struct outage_limits LIMITS = { 24LL * HOUR, 72LL * HOUR, 7LL * DAY, 24LL * HOUR, 10, false };

static struct outage_ask plain(void)
{
    return (struct outage_ask){ .types = OUTAGE_BIT(OUTAGE_LINK),
                                .applicant = APPLICANT_SELF,
                                .in_person = true,
                                .photo_id = true,
                                .copy_age_ms = HOUR,
                                .restriction_age_ms = HOUR,
                                .copy_verified = true,
                                .sheets = 1 };
}

static void show(const struct outage_decision *d, struct buf *b)
{
    static const char *const verdicts[] = { "issue", "hold", "refuse" };
    buf_clear(b);
    buf_adds(b, verdicts[d->verdict]);
    buf_adds(b, d->approvals & APPROVE_SUP ? " SUP" : "");
    buf_adds(b, d->approvals & APPROVE_BM ? " BM" : "");
    buf_adds(b, d->approvals & APPROVE_RSP_PHONE ? " RSP" : "");
    buf_adds(b, d->approvals & CONFIRM_HOST_PHONE ? " HOST" : "");
}

/* The table of spec standard §2.5, row by row as it is printed there. */
static void test_the_age_table(void **state)
{
    static const struct {
        int64_t copy, list;
        const char *types, *self, *proxy, *third, *office;
    } rows[] = {
        { HOUR, HOUR, "L", "issue", "issue SUP", "hold", "hold RSP" },
        { 24LL * HOUR, HOUR, "L", "issue", "issue SUP", "hold", "hold RSP" },
        { 24LL * HOUR + 1, HOUR, "L", "issue SUP", "hold", "hold", "hold" },
        { 72LL * HOUR, HOUR, "H", "issue SUP", "hold", "hold", "hold" },
        { 72LL * HOUR + 1, HOUR, "L", "issue RSP", "hold", "hold", "hold RSP" },
        { 7LL * DAY, HOUR, "L", "issue RSP", "hold", "hold", "hold RSP" },
        { 7LL * DAY + 1, HOUR, "L", "refuse", "refuse", "refuse", "refuse" },
        { -1, HOUR, "L", "refuse", "refuse", "refuse", "refuse" },
        { HOUR, 24LL * HOUR, "L", "issue", "issue SUP", "hold", "hold RSP" },
        { HOUR, 24LL * HOUR + 1, "L", "issue HOST", "refuse", "refuse", "hold" },
        { HOUR, 24LL * HOUR + 1, "H", "issue SUP BM", "refuse", "refuse", "hold" },
        { HOUR, 24LL * HOUR + 1, "LH", "issue SUP BM", "refuse", "refuse", "hold" },
        { HOUR, -1, "L", "issue HOST", "refuse", "refuse", "hold" },
        { 30LL * HOUR, 30LL * HOUR, "L", "issue SUP HOST", "refuse", "refuse", "hold" },
        { 100LL * HOUR, 30LL * HOUR, "H", "issue SUP BM RSP", "refuse", "refuse", "hold" },
    };
    struct buf b = BUF_INIT;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *const want[APPLICANTS] = { rows[i].self, rows[i].proxy, rows[i].third, rows[i].office };
        for (int a = 0; a < APPLICANTS; a++) {
            struct outage_ask ask = plain();
            struct outage_decision d;
            assert_int_equal(outage_types_read(span_of(rows[i].types), &ask.types, NULL), OK);
            ask.applicant = (enum outage_applicant)a;
            ask.copy_age_ms = rows[i].copy;
            ask.restriction_age_ms = rows[i].list;
            outage_decide(&LIMITS, &ask, &d);
            show(&d, &b);
            if (strcmp(buf_str(&b), want[a]) != 0)
                fail_msg("row %zu applicant %d: %s, expected %s", i, a, buf_str(&b), want[a]);
        }
    }
    buf_done(&b);
}

static void test_every_x_code_refuses_whatever_else_is_fine(void **state)
{
    (void)state;
    for (int x = 0; x < OUTAGE_REFUSALS; x++)
        for (int a = 0; a < APPLICANTS; a++) {
            struct outage_ask ask = plain();
            struct outage_decision d;
            ask.applicant = (enum outage_applicant)a;
            ask.refusals = 1u << x;
            ask.supervisor = true;
            outage_decide(&LIMITS, &ask, &d);
            assert_int_equal(d.verdict, GATE_REFUSE);
            assert_int_equal(d.approvals, 0);
            assert_string_equal(d.msg, outage_refusal_code((enum outage_refusal)x));
        }
}

static void test_some_codes_are_found_here(void **state)
{
    struct outage_ask ask = plain();
    struct outage_decision d;
    (void)state;
    ask.photo_id = false;
    outage_decide(&LIMITS, &ask, &d);
    assert_string_equal(d.msg, "X10");
    ask.applicant = APPLICANT_OFFICE; /* an office shows no photograph */
    outage_decide(&LIMITS, &ask, &d);
    assert_int_equal(d.verdict, GATE_HOLD);
    ask = plain();
    ask.types |= OUTAGE_BIT(OUTAGE_SAFETY);
    outage_decide(&LIMITS, &ask, &d);
    assert_string_equal(d.msg, "X11");
    ask = plain();
    ask.sheets = 10;
    outage_decide(&LIMITS, &ask, &d);
    assert_int_equal(d.verdict, GATE_ISSUE);
    ask.sheets = 11;
    outage_decide(&LIMITS, &ask, &d);
    assert_string_equal(d.msg, "X09");
    ask = plain();
    ask.own_record = true;
    outage_decide(&LIMITS, &ask, &d);
    assert_string_equal(d.msg, "X14");
    ask.supervisor = true;
    outage_decide(&LIMITS, &ask, &d);
    assert_int_equal(d.verdict, GATE_ISSUE);
    ask = plain();
    ask.copy_verified = false;
    outage_decide(&LIMITS, &ask, &d);
    assert_int_equal(d.verdict, GATE_REFUSE);
    assert_string_equal(d.msg, "S520");
    ask = plain();
    ask.types = OUTAGE_BIT(OUTAGE_HOST);
    ask.restriction_age_ms = 2LL * DAY;
    ask.in_person = false;
    outage_decide(&LIMITS, &ask, &d);
    assert_int_equal(d.verdict, GATE_REFUSE);
    assert_string_equal(d.msg, "S521");
}

static void test_the_office_may_ask_for_a_supervisor_each_time(void **state)
{
    struct outage_limits l = LIMITS;
    struct outage_ask ask = plain();
    struct outage_decision d;
    (void)state;
    l.always_sup = true;
    outage_decide(&l, &ask, &d);
    assert_int_equal(d.verdict, GATE_ISSUE);
    assert_int_equal(d.approvals, APPROVE_SUP);
    ask.applicant = APPLICANT_THIRD; /* does not turn a plain hold into one that can be lifted */
    outage_decide(&l, &ask, &d);
    assert_int_equal(d.verdict, GATE_HOLD);
    assert_int_equal(d.approvals, 0);
}

/* Nobody learns from the clerk's screen that somebody is protected. */
static void test_a_protected_person_reads_like_any_other(void **state)
{
    (void)state;
    assert_string_equal(outage_refusal_text(X01_PROTECTED, false), "要本庁確認");
    assert_string_equal(outage_refusal_text(X04_PROTECTION, false), "要本庁確認");
    assert_non_null(strstr(outage_refusal_text(X01_PROTECTED, true), "支援措置"));
    for (int x = 0; x < OUTAGE_REFUSALS; x++)
        assert_null(strstr(outage_refusal_text((enum outage_refusal)x, false), "支援"));
}

static void test_more_doubt_never_makes_it_easier(void **state)
{
    unsigned seed = 75;
    (void)state;
    print_message("# seed %u\n", seed);
    for (int i = 0; i < 20000; i++) {
        struct outage_ask a = plain();
        struct outage_decision before, after;
        a.applicant = (enum outage_applicant)(rand_r(&seed) % APPLICANTS);
        a.copy_age_ms = (int64_t)(rand_r(&seed) % 200) * HOUR;
        a.restriction_age_ms = (int64_t)(rand_r(&seed) % 50) * HOUR;
        a.photo_id = rand_r(&seed) % 4;
        outage_decide(&LIMITS, &a, &before);
        struct outage_ask b = a;
        if (rand_r(&seed) % 2)
            b.restriction_age_ms += 30LL * HOUR;
        else
            b.refusals |= 1u << rand_r(&seed) % OUTAGE_REFUSALS;
        outage_decide(&LIMITS, &b, &after);
        assert_true(after.verdict >= before.verdict);
    }
}

static void test_days(void **state)
{
    const struct date none = { 0 }, copy = { 2026, 7, 1 }, today = { 2026, 7, 4 };
    (void)state;
    assert_true(outage_came_due((struct date){ 2026, 7, 2 }, copy, today));
    assert_true(outage_came_due(today, copy, today));
    assert_false(outage_came_due(copy, copy, today));
    assert_false(outage_came_due((struct date){ 2026, 7, 5 }, copy, today));
    assert_false(outage_came_due(none, copy, today));
    assert_true(outage_protection_runs((struct date){ 2026, 1, 1 }, none, copy, today));
    assert_true(outage_protection_runs((struct date){ 2026, 7, 3 }, none, copy, today));
    assert_true(outage_protection_runs((struct date){ 2026, 1, 1 }, (struct date){ 2026, 7, 2 }, copy, today));
    assert_true(outage_protection_runs((struct date){ 2026, 1, 1 }, copy, copy, today));
    assert_false(outage_protection_runs((struct date){ 2026, 1, 1 }, (struct date){ 2026, 6, 30 }, copy, today));
    assert_false(outage_protection_runs((struct date){ 2026, 7, 5 }, none, copy, today));
    assert_false(outage_protection_runs(none, none, copy, today));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_age_table),
        cmocka_unit_test(test_every_x_code_refuses_whatever_else_is_fine),
        cmocka_unit_test(test_some_codes_are_found_here),
        cmocka_unit_test(test_the_office_may_ask_for_a_supervisor_each_time),
        cmocka_unit_test(test_a_protected_person_reads_like_any_other),
        cmocka_unit_test(test_more_doubt_never_makes_it_easier),
        cmocka_unit_test(test_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
