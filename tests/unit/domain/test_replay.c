#include "check.h"

#include "base/mem.h"
#include "domain/replay.h"

enum { MINUTE = 60000 };

static struct replay_item item(int64_t received, enum replay_class order, const char *office, const char *no,
                               int64_t made, const char *lane)
{
    return (struct replay_item){ received, order, office, no, made, lane, (size_t)made };
}

static void test_receipt_rules_and_classes_only_break_ties(void **state)
{
    struct replay_item it[] = {
        item(3 * MINUTE, REPLAY_CREATE, "E1", "05", 1, "a"),
        item(1 * MINUTE + 59999, REPLAY_REMOVE, "E1", "04", 2, "a"),
        item(1 * MINUTE, REPLAY_CHANGE, "E1", "03", 3, "a"),
        item(1 * MINUTE + 30000, REPLAY_CREATE, "E2", "02", 4, "a"),
        item(1 * MINUTE + 40000, REPLAY_CREATE, "E1", "06", 5, "a"),
        item(0, REPLAY_REMOVE, "E9", "99", 6, "a"),
        item(1 * MINUTE + 40000, REPLAY_CREATE, "E1", "06", 0, "a"), /* entered before decided */
    };
    static const size_t want[] = { 6, 0, 5, 4, 3, 2, 1 };
    (void)state;
    replay_sort(it, ARRAY_LEN(it));
    for (size_t i = 0; i < ARRAY_LEN(it); i++)
        assert_int_equal(it[i].at, want[i]);
}

static void test_the_result_does_not_depend_on_the_order_of_entry(void **state)
{
    enum { N = 60 };
    struct replay_item first[N], other[N];
    static char no[N][8];
    unsigned seed = 4711;
    (void)state;
    print_message("# seed %u\n", seed);
    for (int i = 0; i < N; i++) {
        snprintf(no[i], sizeof no[i], "%d", i / 2);
        first[i] = item((rand_r(&seed) % 6) * (MINUTE / 2), (enum replay_class)(rand_r(&seed) % REPLAY_CLASSES), "E1",
                        no[i], i, "");
    }
    replay_sort(first, N);
    for (int round = 0; round < 100; round++) {
        memcpy(other, first, sizeof first);
        for (int i = N - 1; i > 0; i--) {
            int k = rand_r(&seed) % (i + 1);
            struct replay_item t = other[i];
            other[i] = other[k];
            other[k] = t;
        }
        replay_sort(other, N);
        for (int i = 0; i < N; i++)
            assert_int_equal(other[i].at, first[i].at);
    }
}

static void test_predecessors_are_of_the_same_lane(void **state)
{
    const struct replay_item it[] = {
        item(0, REPLAY_CHANGE, "E1", "1", 1, "a"), item(1, REPLAY_CHANGE, "E1", "2", 2, "b"),
        item(2, REPLAY_CHANGE, "E1", "3", 3, ""),  item(3, REPLAY_CHANGE, "E1", "4", 4, "a"),
        item(4, REPLAY_CHANGE, "E1", "5", 5, ""),
    };
    (void)state;
    assert_int_equal(replay_predecessor(it, 0), SIZE_MAX);
    assert_int_equal(replay_predecessor(it, 1), SIZE_MAX);
    assert_int_equal(replay_predecessor(it, 3), 0);
    assert_int_equal(replay_predecessor(it, 4), SIZE_MAX);
}

static void test_classes_of_reasons(void **state)
{
    (void)state;
    assert_int_equal(replay_class_of("K01"), REPLAY_CREATE);
    assert_int_equal(replay_class_of("M01"), REPLAY_CHANGE);
    assert_int_equal(replay_class_of("D03"), REPLAY_REMOVE);
    assert_int_equal(replay_class_of(""), REPLAY_CHANGE);
    replay_sort(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_receipt_rules_and_classes_only_break_ties),
        cmocka_unit_test(test_the_result_does_not_depend_on_the_order_of_entry),
        cmocka_unit_test(test_predecessors_are_of_the_same_lane),
        cmocka_unit_test(test_classes_of_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
