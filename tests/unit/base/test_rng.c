#include "base/rng.h"
#include "check.h"

static void same_seed_same_sequence(void **state)
{
    (void)state;
    struct rng a, b, c;
    rng_seed(&a, 7);
    rng_seed(&b, 7);
    rng_seed(&c, 8);
    int differ = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_u64(&a);
        assert_int_equal(x, rng_u64(&b));
        differ += x != rng_u64(&c);
    }
    assert_true(differ > 95);
}

static void bounds_are_met_and_reached(void **state)
{
    (void)state;
    struct rng g;
    rng_seed(&g, 1);
    int seen[5] = { 0 };
    for (int i = 0; i < 5000; i++) {
        int v = rng_between(&g, -2, 2);
        assert_in_range(v + 2, 0, 4);
        seen[v + 2]++;
    }
    for (int i = 0; i < 5; i++)
        assert_in_range(seen[i], 850, 1150); /* a fifth of 5,000 each; this seed is far inside */
    assert_false(rng_chance(&g, 0));
    assert_true(rng_chance(&g, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_sequence),
        cmocka_unit_test(bounds_are_met_and_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
