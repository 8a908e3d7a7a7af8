/* The story, told through the service. */
#include "story_in.h"

static int begin(void **state)
{
    struct story *s = xcalloc(1, sizeof *s);
    *state = s;
    story_open(s);
    return 0;
}

static int end(void **state)
{
    story_close(*state);
    free(*state);
    return 0;
}

static void test_story(void **state)
{
    struct story *s = *state;
    story_move(s);
    story_stop(s);
    story_check(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_story, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
