#include "check.h"

#include "base/mem.h"
#include "domain/restrict.h"

#define NOW 1000000000000
static const struct date today = { 2026, 7, 1 };
static const struct date days[] = { { 0 }, { 2026, 6, 30 }, { 2026, 7, 1 }, { 2026, 7, 2 } };

static struct restrict_query query(enum restrict_process p, const struct restriction *row, size_t n)
{
    return (struct restrict_query){ .process = p,
                                    .row = row,
                                    .n = n,
                                    .today = today,
                                    .now_ms = NOW,
                                    .list_age_s = 0,
                                    .list_max_age_s = 86400,
                                    .alert_months = 1,
                                    .request = "Q-1",
                                    .temp_max_ms = 600000 };
}

/* What the rules say about one row, written down a second time and otherwise. */
static enum restrict_verdict expected(const struct restrict_query *q)
{
    const struct restriction *r = q->row;
    bool started = r->from.y == 0 || r->from.d == 1 || r->from.m == 6;
    bool hidden = r->kind == RK_SUPPORT || r->kind == RK_PROVISIONAL;
    bool applies = (started || hidden) && !r->released; /* protection counts from its entry */
    bool entry = q->process == RP_ENTRY;
    bool fresh = q->list_age_s >= 0 && q->list_age_s <= q->list_max_age_s;
    bool refuse = false, alert = false;
    if (applies && q->process == RP_CERTIFICATE && r->temp_until_ms > NOW) {
        alert = hidden || r->level[q->process] != RL_NONE;
    } else if (applies) {
        refuse = r->level[q->process] == RL_ERROR || (hidden && !entry);
        alert = r->level[q->process] == RL_ALERT || hidden;
    }
    if (!fresh) {
        refuse = refuse || !entry;
        alert = alert || entry;
    }
    if (refuse && q->process == RP_VIEW && q->may_see_details)
        return RV_ALERT;
    return refuse ? RV_REFUSE : alert ? RV_ALERT : RV_ALLOW;
}

static void check_one(const struct restrict_query *q)
{
    struct restrict_decision d = restrict_decide(q);
    assert_int_equal(d.verdict, expected(q));
    if (d.verdict == RV_REFUSE)
        assert_string_equal(d.msg, RESTRICT_MSG); /* the same for every cause */
    else
        assert_null(d.msg);
    assert_int_equal(d.verdict != RV_ALLOW, d.reason != RR_NONE);
}

static void each_circumstance(struct restriction *r, enum restrict_process p)
{
    static const int64_t ages[] = { -1, 0, 86400, 86401 };
    static const int64_t temps[] = { 0, NOW - 1, NOW, NOW + 1 };
    memcpy(r->temp_request, "Q-1", 4);
    for (size_t age = 0; age < ARRAY_LEN(ages); age++) {
        for (size_t temp = 0; temp < ARRAY_LEN(temps); temp++) {
            for (int see = 0; see < 2; see++) {
                struct restrict_query q = query(p, r, 1);
                r->temp_until_ms = temps[temp];
                q.list_age_s = ages[age];
                q.may_see_details = see;
                check_one(&q);
            }
        }
    }
}

/* Every kind × target × process × level × from × until × released × temporary × age of the list × right. */
static void test_every_single_row(void **state)
{
    (void)state;
    for (int i = 0; i < RK_COUNT * 2 * RP_COUNT * RL_COUNT * 4 * 4 * 2; i++) {
        int rest = i;
        struct restriction r = { .kind = (enum restrict_kind)(rest % RK_COUNT) };
        rest /= RK_COUNT;
        memcpy(rest % 2 == 0 ? r.person : r.household, "1", 2);
        rest /= 2;
        enum restrict_process p = (enum restrict_process)(rest % RP_COUNT);
        rest /= RP_COUNT;
        r.level[p] = (enum restrict_level)(rest % RL_COUNT);
        rest /= RL_COUNT;
        r.from = days[rest % 4];
        rest /= 4;
        r.until = days[rest % 4];
        rest /= 4;
        r.released = rest % 2;
        each_circumstance(&r, p);
    }
}

/* Two rows: never milder than either alone, and not stricter than the stricter one. */
static void test_strictest_wins(void **state)
{
    (void)state;
    for (int i = 0; i < RK_COUNT * RL_COUNT * RK_COUNT * RL_COUNT * RP_COUNT; i++) {
        enum restrict_process p = (enum restrict_process)(i % RP_COUNT);
        int rest = i / RP_COUNT;
        struct restriction two[2] = { { .kind = (enum restrict_kind)(rest % RK_COUNT) } };
        two[0].level[p] = (enum restrict_level)(rest / RK_COUNT % RL_COUNT);
        rest /= RK_COUNT * RL_COUNT;
        two[1].kind = (enum restrict_kind)(rest % RK_COUNT);
        two[1].level[p] = (enum restrict_level)(rest / RK_COUNT % RL_COUNT);
        struct restrict_query both = query(p, two, 2), first = query(p, &two[0], 1), second = query(p, &two[1], 1);
        enum restrict_verdict a = restrict_decide(&first).verdict, b = restrict_decide(&second).verdict;
        assert_int_equal(restrict_decide(&both).verdict, a > b ? a : b);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    for (int p = 0; p < RP_COUNT; p++) {
        struct restrict_query q = query((enum restrict_process)p, NULL, 0);
        struct restrict_decision d = restrict_decide(&q);
        assert_int_equal(d.verdict, RV_ALLOW);
        assert_null(d.msg);
    }
}

/* Scenario 41. */
static void test_the_end_lifts_nothing(void **state)
{
    (void)state;
    struct restriction r = { .kind = RK_OTHER, .until = { 2026, 6, 30 } };
    r.level[RP_CERTIFICATE] = RL_ERROR;
    struct restrict_query q = query(RP_CERTIFICATE, &r, 1);
    struct restrict_decision d = restrict_decide(&q);
    assert_int_equal(d.verdict, RV_REFUSE);
    assert_true(d.ended);
    assert_false(d.ending);
    r.temp_until_ms = NOW + 600000;
    memcpy(r.temp_request, "Q-1", 4);
    assert_int_equal(restrict_decide(&q).verdict, RV_ALERT);
    assert_true(restrict_decide(&q).temporary);
    q.request = "Q-2"; /* another request, none, another function, a clock that was set back: as if there were none */
    assert_int_equal(restrict_decide(&q).verdict, RV_REFUSE);
    q.request = NULL;
    assert_int_equal(restrict_decide(&q).verdict, RV_REFUSE);
    q.request = "Q-1";
    q.now_ms = NOW - 1;
    assert_int_equal(restrict_decide(&q).verdict, RV_REFUSE);
    q.now_ms = NOW;
    r.kind = RK_SUPPORT;
    assert_int_equal(restrict_decide(&q).verdict, RV_ALERT);
    for (int p = 0; p < RP_COUNT; p++)
        if (p != RP_CERTIFICATE && p != RP_ENTRY) {
            q.process = (enum restrict_process)p;
            assert_int_equal(restrict_decide(&q).verdict, RV_REFUSE);
        }
    q.process = RP_CERTIFICATE;
    r.kind = RK_OTHER;
    q.now_ms = NOW + 600000;
    assert_int_equal(restrict_decide(&q).verdict, RV_REFUSE);
    r.released = true;
    assert_int_equal(restrict_decide(&q).verdict, RV_ALLOW);
}

static void test_period(void **state)
{
    (void)state;
    struct restriction r = { .kind = RK_SUPPORT, .until = { 2026, 8, 1 } };
    struct restrict_query q = query(RP_VIEW, &r, 1);
    assert_true(restrict_decide(&q).ending); /* from one month before */
    r.until.d = 2;
    assert_false(restrict_decide(&q).ending);
    q.alert_months = 2;
    assert_true(restrict_decide(&q).ending);
    struct date end = restrict_year_end((struct date){ 2020, 4, 1 });
    assert_int_equal(date_cmp(end, (struct date){ 2021, 3, 31 }), 0);
    end = restrict_year_end((struct date){ 2024, 2, 29 });
    assert_int_equal(date_cmp(end, (struct date){ 2025, 2, 28 }), 0);
}

static void test_reason_names_the_strictest(void **state)
{
    (void)state;
    struct restriction rows[] = { { .kind = RK_OTHER }, { .kind = RK_PROVISIONAL }, { .kind = RK_LOCK } };
    rows[0].level[RP_VIEW] = RL_ALERT;
    struct restrict_query q = query(RP_VIEW, rows, 3);
    assert_int_equal(restrict_decide(&q).reason, RR_PROVISIONAL);
    q.n = 1;
    assert_int_equal(restrict_decide(&q).reason, RR_OTHER);
    q.list_age_s = -1;
    assert_int_equal(restrict_decide(&q).reason, RR_STALE);
}

static void test_codes(void **state)
{
    (void)state;
    for (int k = 0; k < RK_COUNT; k++) {
        assert_int_equal(restrict_kind_by_code(span_of(restrict_kind_code((enum restrict_kind)k))), k);
        assert_true(*restrict_kind_label((enum restrict_kind)k) != '\0');
    }
    for (int p = 0; p < RP_COUNT; p++)
        assert_int_equal(restrict_process_by_code(span_of(restrict_process_code((enum restrict_process)p))), p);
    for (int l = 0; l < RL_COUNT; l++)
        assert_int_equal(restrict_level_by_code(span_of(restrict_level_code((enum restrict_level)l))), l);
    assert_int_equal(restrict_level_by_code(span_of("2")), RL_COUNT);
    assert_int_equal(restrict_kind_by_code(span_of("")), RK_COUNT);
    assert_int_equal(restrict_process_by_code(span_of("x")), RP_COUNT);
    assert_string_equal(restrict_reason_code(RR_STALE), "stale");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_single_row),
        cmocka_unit_test(test_strictest_wins),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_the_end_lifts_nothing),
        cmocka_unit_test(test_period),
        cmocka_unit_test(test_reason_names_the_strictest),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
