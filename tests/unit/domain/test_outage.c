#include "check.h"

#include "base/mem.h"
#include "domain/outage.h"

/* What the office wrote down (spec standard §2.1): state, event, who, and where it leads. Everything that is not here
 * must be refused. */
static const struct {
    const char *from, *event, *roles, *to;
} ALLOWED[] = {
    { "normal", "suspect", "auto", "suspect" },
    { "normal", "declare", "SUP BM RSP", "outage" },
    { "suspect", "declare", "SUP BM RSP", "outage" },
    { "suspect", "cancel", "SUP BM RSP", "normal" },
    { "suspect", "ratify", "SUP BM RSP", "suspect" },
    { "outage", "ratify", "SUP BM RSP", "outage" },
    { "outage", "change", "SUP BM RSP", "outage" },
    { "outage", "cancel", "SUP BM RSP", "normal" },
    { "outage", "end", "SUP BM RSP", "recovering" },
    { "recovering", "relapse", "auto SUP BM RSP", "outage" },
    { "recovering", "reconcile", "SUP BM RSP", "reconciled" },
    { "reconciled", "relapse", "auto SUP BM RSP", "outage" },
    { "reconciled", "close", "RSP", "normal" },
};
static const char *const ROLES[] = { "CLK", "SUP", "BM", "RSP", "SYS", "AUD", "auto" };

static unsigned role_of(const char *key)
{
    return strcmp(key, "auto") == 0 ? OUTAGE_BY_ITSELF : outage_role_bit(span_of(key));
}

static const char *where(enum counter_state from, enum outage_event event, const char *role)
{
    for (size_t i = 0; i < ARRAY_LEN(ALLOWED); i++)
        if (strcmp(ALLOWED[i].from, counter_state_name(from)) == 0 &&
            strcmp(ALLOWED[i].event, outage_event_name(event)) == 0 && strstr(ALLOWED[i].roles, role))
            return ALLOWED[i].to;
    return NULL;
}

static const struct outage_facts FINE = { .types = OUTAGE_BIT(OUTAGE_LINK),
                                          .new_types = OUTAGE_BIT(OUTAGE_LINK),
                                          .host_answers = true,
                                          .copy_level = true,
                                          .answers_n = 5,
                                          .answers_ms = 600000,
                                          .stable_n = 5,
                                          .stable_ms = 600000 };

static void test_only_the_listed_steps_are_taken(void **state)
{
    int taken = 0;
    (void)state;
    for (int s = 0; s < COUNTER_STATES; s++)
        for (int e = 0; e < OUTAGE_EVENTS; e++)
            for (size_t r = 0; r < ARRAY_LEN(ROLES); r++) {
                struct outage_facts f = FINE;
                enum counter_state to = COUNTER_STATES;
                f.roles = role_of(ROLES[r]);
                const char *want = where((enum counter_state)s, (enum outage_event)e, ROLES[r]);
                enum err got = outage_step((enum counter_state)s, (enum outage_event)e, &f, &to, NULL);
                if ((got == OK) != (want != NULL) || (want && strcmp(want, counter_state_name(to)) != 0))
                    fail_msg("%s %s by %s: %s", counter_state_name((enum counter_state)s),
                             outage_event_name((enum outage_event)e), ROLES[r], err_name(got));
                assert_true(want || to == COUNTER_STATES);
                taken += got == OK;
            }
    assert_int_equal(taken, 37);
}

static void test_conditions_are_named(void **state)
{
    static const struct {
        enum counter_state from;
        enum outage_event event;
        size_t at; /* member that spoils it */
        int64_t value;
        const char *msg;
    } spoil[] = {
        { COUNTER_SUSPECT, OUTAGE_CANCEL, offsetof(struct outage_facts, entered), 1, "S505" },
        { COUNTER_OUTAGE, OUTAGE_CANCEL, offsetof(struct outage_facts, entered), 1, "S505" },
        { COUNTER_OUTAGE, OUTAGE_END, offsetof(struct outage_facts, answers_n), 4, "S506" },
        { COUNTER_OUTAGE, OUTAGE_END, offsetof(struct outage_facts, answers_ms), 599999, "S506" },
        { COUNTER_RECOVERING, OUTAGE_RECONCILE, offsetof(struct outage_facts, open_items), 1, "S508" },
        { COUNTER_RECOVERING, OUTAGE_RECONCILE, offsetof(struct outage_facts, differences), 1, "S509" },
        { COUNTER_RECONCILED, OUTAGE_CLOSE, offsetof(struct outage_facts, open_items), 1, "S508" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(spoil); i++) {
        struct outage_facts f = FINE;
        struct errinfo err;
        enum counter_state to = COUNTER_STATES;
        f.roles = OUTAGE_BY_RSP;
        assert_int_equal(outage_step(spoil[i].from, spoil[i].event, &f, &to, &err), OK);
        to = COUNTER_STATES;
        memcpy((char *)&f + spoil[i].at, &spoil[i].value, sizeof spoil[i].value);
        assert_int_equal(outage_step(spoil[i].from, spoil[i].event, &f, &to, &err), E_CONFLICT);
        assert_string_equal(err.msg, spoil[i].msg);
        assert_int_equal(to, COUNTER_STATES);
    }
}

static void test_a_silent_host_or_a_wrong_clock_ends_nothing(void **state)
{
    struct outage_facts f = FINE;
    struct errinfo err;
    enum counter_state to;
    (void)state;
    f.roles = OUTAGE_BY_BM;
    f.host_answers = false;
    assert_int_equal(outage_step(COUNTER_OUTAGE, OUTAGE_END, &f, &to, &err), E_CONFLICT);
    assert_string_equal(err.msg, "S504");
    assert_int_equal(outage_step(COUNTER_SUSPECT, OUTAGE_CANCEL, &f, &to, &err), E_CONFLICT);
    f.host_answers = true;
    f.copy_level = false; /* what changed meanwhile is not here */
    assert_int_equal(outage_step(COUNTER_OUTAGE, OUTAGE_END, &f, &to, &err), E_CONFLICT);
    assert_string_equal(err.msg, "S512");
    f.copy_level = true;
    f.skew_too_large = true;
    assert_int_equal(outage_step(COUNTER_OUTAGE, OUTAGE_END, &f, &to, &err), E_CONFLICT);
    assert_string_equal(err.msg, "S507");
    f.skew_accepted = true;
    assert_int_equal(outage_step(COUNTER_OUTAGE, OUTAGE_END, &f, &to, &err), OK);
}

static void test_a_safety_stop_belongs_to_the_system_manager(void **state)
{
    static const enum outage_event events[] = { OUTAGE_DECLARE, OUTAGE_CHANGE, OUTAGE_END, OUTAGE_CANCEL };
    struct errinfo err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        struct outage_facts f = FINE;
        enum counter_state to;
        enum counter_state from = events[i] == OUTAGE_DECLARE ? COUNTER_NORMAL : COUNTER_OUTAGE;
        f.roles = OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP;
        if (i < 2)
            f.new_types = OUTAGE_BIT(OUTAGE_SAFETY);
        else
            f.types = OUTAGE_BIT(OUTAGE_SAFETY) | OUTAGE_BIT(OUTAGE_HOST);
        assert_int_equal(outage_step(from, events[i], &f, &to, &err), E_DENIED);
        assert_string_equal(err.msg, "S514");
        f.roles = OUTAGE_BY_SYS;
        assert_int_equal(outage_step(from, events[i], &f, &to, NULL), OK);
    }
}

static void test_types(void **state)
{
    static const char *const bad[] = { "", "X", "LL", "DL", "l", "LHBPMSL" };
    unsigned types = 77;
    struct buf b = BUF_INIT;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(outage_types_read(span_of(bad[i]), &types, NULL), E_INVALID);
    assert_int_equal(types, 77);
    assert_int_equal(outage_types_read(span_of("HL"), &types, NULL), OK);
    outage_types_text(types, &b);
    assert_string_equal(buf_str(&b), "LH");
    buf_clear(&b);
    outage_types_labels(types, &b);
    assert_string_equal(buf_str(&b), "回線停止・ホスト停止");
    buf_done(&b);
}

static void test_the_table_balances_or_says_by_how_much(void **state)
{
    struct outage_line line[OUTAGE_LINES];
    struct outage_counts c = {
        .received = 10, .posted = 6, .by_host_office = 1, .withdrawn = 1, .returned = 1, .held = 1
    };
    (void)state;
    c.ops = 12, c.op_pending = 1, c.op_sent = 2, c.op_held = 1, c.op_conflict = 1, c.op_rejected = 2, c.op_applied = 4;
    c.op_withdrawn = 1;
    c.cert_numbers = 5, c.cert_handed = 3, c.cert_spoiled = 1, c.cert_void = 1;
    c.sheets_used = 9, c.sheets_good = 7, c.sheets_spoiled = 2;
    c.fee_due = 1500, c.fee_taken = 900, c.fee_exempt = 300, c.fee_open = 300;
    outage_balance(&c, line);
    for (int i = 0; i < OUTAGE_LINES; i++)
        assert_int_equal(line[i].left, line[i].right);
    /* every count matters: one more of any spoils exactly one line */
    for (size_t at = 0; at < sizeof c / sizeof(int64_t); at++) {
        struct outage_counts d = c;
        int bad = 0;
        ((int64_t *)(void *)&d)[at]++;
        outage_balance(&d, line);
        for (int i = 0; i < OUTAGE_LINES; i++)
            bad += line[i].left != line[i].right;
        assert_int_equal(bad, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_listed_steps_are_taken),
        cmocka_unit_test(test_conditions_are_named),
        cmocka_unit_test(test_a_silent_host_or_a_wrong_clock_ends_nothing),
        cmocka_unit_test(test_a_safety_stop_belongs_to_the_system_manager),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_the_table_balances_or_says_by_how_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
