#include "check.h"

#include "base/mem.h"
#include "wiped.h"
#include <stdalign.h>
#include <sysexits.h>

static void test_zero_size_is_a_pointer(void **state)
{
    (void)state;
    void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xrealloc(NULL, 0, 8);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    free(a);
    free(b);
    free(c);
}

static void test_strings(void **state)
{
    (void)state;
    char *a = xstrdup("窓口"), *b = xstrndup("窓口", 3), *c = xstrndup("ab", 9), *d = xprintf("%s-%d", "x", 7);
    assert_string_equal(a, "窓口");
    assert_string_equal(b, "窓");
    assert_string_equal(c, "ab");
    assert_string_equal(d, "x-7");
    free(a);
    free(b);
    free(c);
    free(d);
}

static void test_calloc_is_zeroed(void **state)
{
    (void)state;
    unsigned char *p = xcalloc(100, 3);
    for (int i = 0; i < 300; i++)
        assert_int_equal(p[i], 0);
    free(p);
}

static void test_wipe(void **state)
{
    (void)state;
    char text[] = MARKER;
    wipe(text, sizeof text);
    for (size_t i = 0; i < sizeof text; i++)
        assert_int_equal(text[i], 0);
    wipe(NULL, 0);
    wipe_str(NULL);
    markers_wiped = 0;
    wipe_str(xstrdup("a " MARKER));
    assert_int_equal(markers_wiped, 1);
}

static void test_arena_gives_aligned_zeroed_memory(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    for (size_t n = 0; n < 300; n++) {
        unsigned char *p = arena_alloc(a, n);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAA, n);
    }
    unsigned char *big = arena_array(a, 1000, 1000);
    big[999999] = 1;
    arena_free(a);
    arena_free(NULL);
}

static void test_arena_keeps_what_it_gave(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    char *kept[2000];
    for (int i = 0; i < 2000; i++)
        kept[i] = arena_printf(a, "number %d", i);
    for (int i = 0; i < 2000; i++) {
        char want[32];
        snprintf(want, sizeof want, "number %d", i);
        assert_string_equal(kept[i], want);
    }
    assert_string_equal(arena_strdup(a, "窓口"), "窓口");
    assert_string_equal(arena_strndup(a, "窓口", 3), "窓");
    arena_free(a);
}

static void test_arena_wipes(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    arena_strdup(a, MARKER);
    arena_alloc(a, 20000);
    arena_strdup(a, MARKER);
    markers_wiped = 0;
    arena_reset(a);
    assert_int_equal(markers_wiped, 2);
    arena_strdup(a, MARKER);
    arena_free(a);
    assert_int_equal(markers_wiped, 3);
}

static void hook(void)
{
    ssize_t n = write(STDERR_FILENO, "restored ", 9);
    (void)n;
}

static void run_bug(void *arg)
{
    (void)arg;
    mem_on_die(hook);
    BUG("impossible %d", 42);
}

static void test_bug_restores_then_logs_then_aborts(void **state)
{
    (void)state;
    char text[4096];
    int status = check_child(run_bug, NULL, text, sizeof text);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_memory_equal(text, "restored ", 9);
    assert_null(strstr(text + 9, "restored"));
    assert_non_null(strstr(text, "test_mem.c:"));
    assert_non_null(strstr(text, "impossible 42\n"));
}

static void failing_hook(void)
{
    BUG("hook");
}

static void run_failing_hook(void *arg)
{
    (void)arg;
    mem_on_die(failing_hook);
    BUG("first");
}

static void run_must(void *arg)
{
    MUST(arg == NULL);
    MUST(arg != NULL);
}

static void run_overflow(void *arg)
{
    volatile size_t half = SIZE_MAX / 2 + 1;
    (void)arg;
    free(xcalloc(half, 2));
}

static void run_arena_overflow(void *arg)
{
    volatile size_t all = SIZE_MAX;
    (void)arg;
    arena_alloc(arena_new(), all);
}

static void test_the_impossible_ends_the_program(void **state)
{
    (void)state;
    check_bug(run_must, NULL);
    check_bug(run_overflow, NULL);
    check_bug(run_arena_overflow, NULL);
    check_bug(run_failing_hook, NULL);
}

static void run_out_of_memory(void *arg)
{
    volatile size_t huge = PTRDIFF_MAX / 2;
    (void)arg;
    mem_on_die(hook);
    free(xmalloc(huge));
}

static void test_out_of_memory_restores_and_exits(void **state)
{
    (void)state;
    char text[4096];
    int status = check_child(run_out_of_memory, NULL, text, sizeof text);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EX_OSERR);
    assert_non_null(strstr(text, "restored "));
    assert_non_null(strstr(text, "out of memory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_size_is_a_pointer),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_calloc_is_zeroed),
        cmocka_unit_test(test_wipe),
        cmocka_unit_test(test_arena_gives_aligned_zeroed_memory),
        cmocka_unit_test(test_arena_keeps_what_it_gave),
        cmocka_unit_test(test_arena_wipes),
        cmocka_unit_test(test_bug_restores_then_logs_then_aborts),
        cmocka_unit_test(test_the_impossible_ends_the_program),
        cmocka_unit_test(test_out_of_memory_restores_and_exits),
    };
    return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
