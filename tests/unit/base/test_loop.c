#include "check.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/loop.h"
#include <fcntl.h>
#include <poll.h>

/* A loop, two pipes, and a diary of what was called. */
struct fixture {
    struct loop *loop;
    int a[2], b[2];
    struct buf diary;
};

static int start(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->loop = loop_new();
    *state = f;
    return pipe2(f->a, O_CLOEXEC | O_NONBLOCK) || pipe2(f->b, O_CLOEXEC | O_NONBLOCK);
}

static int finish(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        close(f->a[i]);
        close(f->b[i]);
    }
    loop_free(f->loop);
    loop_free(NULL);
    buf_done(&f->diary);
    free(f);
    return 0;
}

static void make_ready(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static void note_a(void *arg, short revents)
{
    struct fixture *f = arg;
    buf_adds(&f->diary, revents & POLLIN ? "a" : revents & POLLHUP ? "h" : "?");
}

static void note_b(void *arg, short revents)
{
    struct fixture *f = arg;
    (void)revents;
    buf_adds(&f->diary, "b");
}

static void note_1(void *arg)
{
    buf_adds(&((struct fixture *)arg)->diary, "1");
}

static void note_2(void *arg)
{
    buf_adds(&((struct fixture *)arg)->diary, "2");
}

static void note_end(void *arg)
{
    buf_adds(&((struct fixture *)arg)->diary, ".");
}

static void stop_7(void *arg)
{
    loop_stop(((struct fixture *)arg)->loop, 7);
}

static void test_readable(void **state)
{
    struct fixture *f = *state;
    loop_fd(f->loop, f->a[0], POLLIN, note_a, f);
    loop_fd(f->loop, f->b[0], POLLIN, note_b, f);
    loop_once(f->loop, 0);
    assert_string_equal(buf_str(&f->diary), "");
    make_ready(f->a[1]);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "a");
    make_ready(f->b[1]);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "aab");
    loop_fd_del(f->loop, f->a[0]);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "aabb");
    loop_fd_del(f->loop, f->b[0]);
}

static void test_writable_and_hangup(void **state)
{
    struct fixture *f = *state;
    loop_fd(f->loop, f->b[1], POLLOUT, note_b, f);
    loop_once(f->loop, -1);
    loop_fd_del(f->loop, f->b[1]);
    loop_fd(f->loop, f->a[0], POLLIN, note_a, f);
    close(f->a[1]);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "bh");
    loop_fd_del(f->loop, f->a[0]);
    f->a[1] = dup(f->a[0]);
}

/* A paused descriptor must not wake the loop, not even by a hang-up. */
static void test_pause(void **state)
{
    struct fixture *f = *state;
    loop_fd(f->loop, f->a[0], POLLIN, note_a, f);
    make_ready(f->a[1]);
    close(f->a[1]);
    loop_fd_events(f->loop, f->a[0], 0);
    loop_timer(f->loop, 5, stop_7, f);
    loop_after(f->loop, note_end, f);
    assert_int_equal(loop_run(f->loop), 7);
    assert_string_equal(buf_str(&f->diary), ".");
    loop_fd_events(f->loop, f->a[0], POLLIN);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), ".a.");
    loop_fd_del(f->loop, f->a[0]);
    f->a[1] = dup(f->a[0]);
}

static void delete_both(void *arg, short revents)
{
    struct fixture *f = arg;
    note_a(f, revents);
    loop_fd_del(f->loop, f->a[0]);
    loop_fd_del(f->loop, f->b[0]);
}

static void test_removal_while_called(void **state)
{
    struct fixture *f = *state;
    loop_fd(f->loop, f->a[0], POLLIN, delete_both, f);
    loop_fd(f->loop, f->b[0], POLLIN, delete_both, f);
    make_ready(f->a[1]);
    make_ready(f->b[1]);
    loop_once(f->loop, -1);
    loop_once(f->loop, 0);
    assert_string_equal(buf_str(&f->diary), "a");
}

static void replace_b(void *arg, short revents)
{
    struct fixture *f = arg;
    note_a(f, revents);
    loop_fd_del(f->loop, f->a[0]);
    loop_fd_del(f->loop, f->b[0]);
    loop_fd(f->loop, f->b[0], POLLIN, note_b, f);
    for (int i = 0; i < 50; i++) /* moves the table of handlers */
        loop_fd(f->loop, 1000 + i, 0, note_b, f);
}

/* The new handler of a descriptor must not get what was polled for the old one. */
static void test_replacement_while_called(void **state)
{
    struct fixture *f = *state;
    loop_fd(f->loop, f->a[0], POLLIN, replace_b, f);
    loop_fd(f->loop, f->b[0], POLLIN, replace_b, f);
    make_ready(f->a[1]);
    make_ready(f->b[1]);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "a");
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "ab");
    for (int i = 0; i < 50; i++)
        loop_fd_del(f->loop, 1000 + i);
    loop_fd_del(f->loop, f->b[0]);
}

static void pause_b(void *arg, short revents)
{
    struct fixture *f = arg;
    note_a(f, revents);
    loop_fd_events(f->loop, f->b[0], 0);
}

static void test_pause_while_called(void **state)
{
    struct fixture *f = *state;
    loop_fd(f->loop, f->a[0], POLLIN, pause_b, f);
    loop_fd(f->loop, f->b[0], POLLIN, note_b, f);
    make_ready(f->a[1]);
    make_ready(f->b[1]);
    close(f->b[1]); /* a hang-up is polled too, and must wait as well */
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "a");
    loop_fd_del(f->loop, f->a[0]);
    loop_fd_del(f->loop, f->b[0]);
    f->b[1] = dup(f->b[0]);
}

static void test_timers_in_order(void **state)
{
    struct fixture *f = *state;
    loop_timer(f->loop, 20, stop_7, f);
    loop_timer(f->loop, 4, note_2, f);
    loop_timer(f->loop, 2, note_1, f);
    int gone = loop_timer(f->loop, 3, note_end, f);
    assert_true(gone > 0);
    loop_timer_del(f->loop, gone);
    loop_timer_del(f->loop, gone);
    assert_int_equal(loop_run(f->loop), 7);
    assert_string_equal(buf_str(&f->diary), "12");
}

static void test_same_time_in_order_of_setting(void **state)
{
    struct fixture *f = *state;
    int gone = loop_timer(f->loop, 0, note_end, f);
    loop_timer(f->loop, 0, note_1, f);
    loop_timer(f->loop, -5, note_2, f);
    loop_timer_del(f->loop, gone); /* leaves a hole that the last timer fills */
    int never = loop_timer(f->loop, INT64_MAX, note_end, f);
    while (f->diary.len < 2)
        loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "12");
    loop_timer_del(f->loop, never);
}

struct rearm {
    struct fixture *f;
    int id, fired;
};

static void rearm(void *arg)
{
    struct rearm *r = arg;
    r->fired++;
    loop_timer_del(r->f->loop, r->id); /* its own, already gone */
    r->id = loop_timer(r->f->loop, 0, rearm, r);
}

static void stop_on_input(void *arg, short revents)
{
    (void)revents;
    stop_7(arg);
}

static void test_timer_that_sets_itself_starves_nobody(void **state)
{
    struct fixture *f = *state;
    struct rearm r = { .f = f };
    r.id = loop_timer(f->loop, 0, rearm, &r);
    loop_once(f->loop, -1);
    assert_int_equal(r.fired, 1);
    loop_fd(f->loop, f->a[0], POLLIN, stop_on_input, f);
    make_ready(f->a[1]);
    assert_int_equal(loop_run(f->loop), 7);
    assert_int_equal(r.fired, 2);
    loop_timer_del(f->loop, r.id);
    loop_fd_del(f->loop, f->a[0]);
}

struct victim {
    struct fixture *f;
    int id;
};

static void kill_other(void *arg)
{
    struct victim *v = arg;
    note_1(v->f);
    loop_timer_del(v->f->loop, v->id);
}

static void test_timer_removed_by_another(void **state)
{
    struct fixture *f = *state;
    struct victim v = { .f = f };
    loop_timer(f->loop, 0, kill_other, &v);
    v.id = loop_timer(f->loop, 0, note_2, f);
    loop_timer(f->loop, 1, stop_7, f);
    assert_int_equal(loop_run(f->loop), 7);
    assert_string_equal(buf_str(&f->diary), "1");
}

static void test_after_each_round(void **state)
{
    struct fixture *f = *state;
    loop_after(f->loop, note_end, f);
    loop_after(f->loop, note_2, f);
    loop_timer(f->loop, 0, note_1, f);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "1.2");
    loop_once(f->loop, 0);
    assert_string_equal(buf_str(&f->diary), "1.2.2");
}

static void test_signals(void **state)
{
    struct fixture *f = *state;
    struct errinfo e;
    assert_int_equal(loop_signal(f->loop, SIGUSR1, note_1, f, &e), OK);
    assert_int_equal(loop_signal(f->loop, SIGUSR2, note_2, f, &e), OK);
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    assert_true(sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2));
    assert_false(sigismember(&now, SIGTERM));
    raise(SIGUSR2);
    loop_once(f->loop, -1);
    assert_string_equal(buf_str(&f->diary), "2");
    raise(SIGUSR1);
    raise(SIGUSR1); /* standard signals are not counted */
    raise(SIGUSR2);
    loop_once(f->loop, -1);
    loop_once(f->loop, 0);
    assert_int_equal(f->diary.len, 3);
    assert_non_null(strchr(buf_str(&f->diary), '1'));
}

static void test_signals_that_cannot_be_taken(void **state)
{
    static const int bad[] = { SIGKILL, SIGSTOP, 0, -1, 9999 };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct errinfo e;
        assert_int_equal(loop_signal(f->loop, bad[i], note_1, f, &e), E_INVALID);
        assert_int_equal(e.code, E_INVALID);
    }
}

static void register_twice(void *arg)
{
    struct fixture *f = arg;
    loop_fd(f->loop, f->a[0], POLLIN, note_a, f);
    loop_fd(f->loop, f->a[0], POLLIN, note_a, f);
}

static void remove_unknown(void *arg)
{
    struct fixture *f = arg;
    loop_fd_del(f->loop, f->a[0]);
}

static void close_too_early(void *arg)
{
    struct fixture *f = arg;
    loop_fd(f->loop, f->a[0], POLLIN, note_a, f);
    close(f->a[0]);
    loop_once(f->loop, 0);
}

static void test_misuse_ends_the_program(void **state)
{
    check_bug(register_twice, *state);
    check_bug(remove_unknown, *state);
    check_bug(close_too_early, *state);
}

static void free_too_early(void *arg)
{
    struct fixture *f = arg;
    log_init("test", STDERR_FILENO, LOG_WARN);
    loop_fd(f->loop, f->a[0], POLLIN, note_a, f);
    loop_timer(f->loop, 1000, note_1, f);
    loop_free(f->loop);
}

static void test_forgotten_handlers_are_reported(void **state)
{
    char text[1000];
    int status = check_child(free_too_early, *state, text, sizeof text);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_non_null(strstr(text, "1 descriptors and 1 timers"));
}

static void test_stop_before_run(void **state)
{
    struct fixture *f = *state;
    loop_stop(f->loop, 3);
    assert_int_equal(loop_run(f->loop), 3);
    loop_timer(f->loop, 0, stop_7, f);
    assert_int_equal(loop_run(f->loop), 7);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_readable),
        TEST(test_writable_and_hangup),
        TEST(test_pause),
        TEST(test_removal_while_called),
        TEST(test_replacement_while_called),
        TEST(test_pause_while_called),
        TEST(test_timers_in_order),
        TEST(test_same_time_in_order_of_setting),
        TEST(test_timer_that_sets_itself_starves_nobody),
        TEST(test_timer_removed_by_another),
        TEST(test_after_each_round),
        TEST(test_signals),
        TEST(test_signals_that_cannot_be_taken),
        TEST(test_misuse_ends_the_program),
        TEST(test_forgotten_handlers_are_reported),
        TEST(test_stop_before_run),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
