#include "check.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/* What the log wrote since the file was opened. */
struct caught {
    int fd;
    char text[8192];
};

static int open_caught(void **state)
{
    struct caught *c = calloc(1, sizeof *c);
    FILE *f = tmpfile();
    c->fd = dup(fileno(f));
    fclose(f);
    *state = c;
    log_init("prog", c->fd, LOG_INFO);
    return 0;
}

static int close_caught(void **state)
{
    struct caught *c = *state;
    log_init("prog", -1, LOG_ERR);
    close(c->fd);
    free(c);
    return 0;
}

static const char *caught_text(struct caught *c)
{
    ssize_t n = pread(c->fd, c->text, sizeof c->text - 1, 0);
    assert_true(n >= 0);
    c->text[n] = '\0';
    return c->text;
}

static const char *message(struct caught *c)
{
    const char *level = strstr(caught_text(c), "] ");
    assert_non_null(level);
    return level + 2;
}

static void test_line(void **state)
{
    char pid[32], when[CLOCK_TEXT];
    int64_t ms;
    log_msg(LOG_WARN, "link %s after %d s", "down", 30);
    const char *text = caught_text(*state);
    snprintf(pid, sizeof pid, " prog[%ld] ", (long)getpid());
    assert_non_null(strstr(text, pid));
    snprintf(when, sizeof when, "%.25s", text);
    assert_int_equal(clock_parse(when, &ms, NULL), OK);
    assert_string_equal(message(*state), "warning: link down after 30 s\n");
}

static void test_levels(void **state)
{
    log_msg(LOG_DEBUG, "not shown");
    assert_string_equal(caught_text(*state), "");
    log_msg(LOG_ERR, "shown");
    assert_string_equal(message(*state), "error: shown\n");
}

static void test_silent(void **state)
{
    log_init("prog", -1, LOG_DEBUG);
    log_msg(LOG_ERR, "lost");
    assert_string_equal(caught_text(*state), "");
}

static void test_escapes(void **state)
{
    log_msg(LOG_ERR, "a\nb\t\x1b[2J\x7f窓𠮷\xff~");
    assert_string_equal(message(*state), "error: a\\u{A}b\\u{9}\\u{1B}[2J\\u{7F}\\u{7A93}\\u{20BB7}\\x{FF}~\n");
}

static void test_long_text_is_one_bounded_line(void **state)
{
    char big[5000];
    memset(big, '\n', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    log_msg(LOG_ERR, "%s", big);
    const char *text = caught_text(*state);
    assert_true(strlen(text) <= 4096);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_errinfo(void **state)
{
    struct errinfo e;
    err_set(&e, E_CORRUPT, "M-1", "journal", "page %d", 3);
    log_errinfo(LOG_ERR, "opening", &e);
    assert_string_equal(message(*state), "error: while opening: corrupt, journal, page 3\n");
}

static void end_by_bug(void *arg)
{
    (void)arg;
    log_init("prog", STDERR_FILENO, LOG_ERR);
    BUG("no way on");
}

static void test_last_words_are_a_line_of_the_log(void **state)
{
    char text[4096];
    (void)state;
    check_child(end_by_bug, NULL, text, sizeof text);
    assert_non_null(strstr(text, " prog["));
    assert_non_null(strstr(text, " error: bug at "));
    assert_non_null(strstr(text, "no way on"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_caught, close_caught)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_line),
        TEST(test_levels),
        TEST(test_silent),
        TEST(test_escapes),
        TEST(test_errinfo),
        TEST(test_long_text_is_one_bounded_line),
        TEST(test_last_words_are_a_line_of_the_log),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
