/*
 * The story again and again, and in each telling one program is killed (SIGKILL) at a moment drawn from the seed: the
 * daemon of the branch, its link child or the host. The end is always the same. RUNS tellings; SEED repeats a course,
 * FROM begins with a later telling of it.
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

/* One telling; true when somebody was hit. ret_calls (may be NULL): how many moments there were for each. */
static bool tell(struct telling *t, enum victim victim, long moment, long delay_us, long ret_calls[VICTIMS])
{
    t->s = xcalloc(1, sizeof *t->s);
    story_open(t->s);
    t->s->victim = victim;
    t->s->moment = moment;
    t->s->delay_us = delay_us;
    story_move(t->s);
    story_stop(t->s);
    bool hit = t->s->hits > 0;
    t->s->victim = NOBODY;
    if (ret_calls)
        memcpy(ret_calls, t->s->calls, sizeof t->s->calls);
    story_check(t->s);
    story_close(t->s);
    free(t->s);
    t->s = NULL;
    return hit;
}

static void test_killed_at_any_moment(void **state)
{
    unsigned seed = (unsigned)number("SEED", (long)time(NULL)), g = seed;
    long runs = number("RUNS", 3), calls[VICTIMS];
    assert_false(tell(*state, NOBODY, 0, 0, calls));
    print_message("# SEED=%u, %ld calls\n", seed, calls[NOBODY]);
    long first = number("FROM", 1);
    for (long i = 0; i < runs; i++) {
        enum victim victim = (enum victim)(BRANCHD + i % 3);
        long moment = (long)draw(&g, (unsigned)calls[victim] - 1),
             delay = (long)draw(&g, 1u << (8 + draw(&g, DELAY_BITS - 7)));
        if (i + 1 < first)
            continue;
        print_message("# %ld: %s is killed at call %ld, %ld us\n", i + 1, names[victim], moment, delay);
        while (!tell(*state, victim, moment, delay, NULL)) /* a telling with fewer calls ends before its moment */
            moment /= 2;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_killed_at_any_moment, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
