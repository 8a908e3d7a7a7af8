/*
 * The story again and again, and in each telling one program is killed (SIGKILL) at a moment drawn from the seed: the
 * daemon of the branch, its link child or the host. The end is always the same. RUNS tellings; SEED repeats a course.
 */
#include "story_in.h"

#include <time.h>

#define DELAY_BITS 19 /* up to half a second, short ones more often */

static const char *const names[VICTIMS] = {
    [NOBODY] = "nobody", [BRANCHD] = "madoguchi-branchd", [LINK] = "the link child", [HOSTD] = "madoguchi-hostd"
};

/* Small, so that a failure can be repeated on any machine. */
static unsigned draw(unsigned *state, unsigned bound)
{
    *state = *state * 1103515245u + 12345u;
    return (*state >> 8) % bound;
}

static long number(const char *variable, long otherwise)
{
    const char *text = getenv(variable);
    return text ? strtol(text, NULL, 10) : otherwise;
}

struct telling {
    struct story *s;
};

static int end(void **state)
{
    struct telling *t = *state;
    if (t->s)
        story_close(t->s);
    free(t->s);
    free(t);
    return 0;
}

static int begin(void **state)
{
    *state = xcalloc(1, sizeof(struct telling));
    return 0;
}

/* One telling; answers how many calls it took, and whether anybody was hit. */
static long tell(struct telling *t, enum victim victim, long moment, long delay_us, bool *ret_hit)
{
    t->s = xcalloc(1, sizeof *t->s);
    story_open(t->s);
    t->s->victim = victim;
    t->s->moment = moment;
    t->s->delay_us = delay_us;
    story_move(t->s);
    *ret_hit = t->s->hits > 0;
    t->s->victim = NOBODY;
    story_check(t->s);
    long calls = t->s->calls;
    story_close(t->s);
    free(t->s);
    t->s = NULL;
    return calls;
}

static void test_killed_at_any_moment(void **state)
{
    unsigned seed = (unsigned)number("SEED", (long)time(NULL)), g = seed;
    bool hit = false;
    long runs = number("RUNS", 6), calls = tell(*state, NOBODY, 0, 0, &hit);
    assert_false(hit);
    print_message("# SEED=%u, %ld calls\n", seed, calls);
    for (long i = 0; i < runs; i++) {
        enum victim victim = (enum victim)(BRANCHD + i % 3);
        long moment = (long)draw(&g, (unsigned)calls - 1), delay = (long)draw(&g, 1u << (8 + draw(&g, DELAY_BITS - 7)));
        print_message("# %ld: %s is killed at call %ld, %ld us\n", i + 1, names[victim], moment, delay);
        for (hit = false; !hit; moment /= 2) /* a telling with fewer calls ends before its moment */
            tell(*state, victim, moment, delay, &hit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_killed_at_any_moment, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
