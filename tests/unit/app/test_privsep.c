#include "app/privsep.h"
#include "base/clock.h"
#include "base/cur.h"
#include "base/log.h"
#include "base/mem.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { T_TEXT = 1, PATIENCE_MS = 20000 };

static const struct msg_type TYPES[] = { [T_TEXT] = { "text", 4096 } };
static const struct msg_types IN = { TYPES, ARRAY_LEN(TYPES) };

/* ---- what the child does: one small program for each role ---- */

static enum err echo_message(void *arg, const struct msg *m, struct errinfo *reterr)
{
    struct chan **c = arg;
    (void)reterr;
    chan_send(*c, m->type, m->tag, m->body);
    return OK;
}

static void echo_closed(void *arg, const struct errinfo *why)
{
    (void)arg;
    _exit(why->code == E_OFFLINE ? 0 : 1);
}

static int child_echo(void)
{
    static const struct chan_ops ops = { echo_message, echo_closed };
    static struct chan *c;
    struct loop *l = loop_new();
    c = chan_new(l, PRIVSEP_FD, &IN, &ops, &c);
    return loop_run(l);
}

static void say(const char *text)
{
    struct buf b = BUF_INIT;
    put_u32(&b, (uint32_t)strlen(text));
    put_u8(&b, MSG_VERSION);
    put_u8(&b, T_TEXT);
    put_u16(&b, 0);
    put_u32(&b, 0);
    buf_adds(&b, text);
    MUST(send(PRIVSEP_FD, b.p, b.len, 0) == (ssize_t)b.len);
    buf_done(&b);
}

/* Says what it was born with, then leaves at once: the words must arrive although it is gone. */
static int child_inspect(void)
{
    struct errinfo err;
    struct buf b = BUF_INIT;
    sigset_t mask;
    int env = 0;
    while (environ[env])
        env++;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    bool entered = privsep_enter("inspect", &err) == OK;
    buf_printf(&b, "entered=%d env=%d first=%s chld=%d stdin=%d", entered, env, env ? environ[0] : "-",
               sigismember(&mask, SIGCHLD), (int)read(STDIN_FILENO, &mask, 1));
    say(buf_str(&b));
    buf_done(&b);
    return 5;
}

static int stay(void)
{
    while (pause() < 0)
        ;
    return 0;
}

static int child_garbage(void)
{
    MUST(send(PRIVSEP_FD, "this is not a message", 21, 0) == 21);
    return stay();
}

/* Hangs up and lives on. */
static int child_linger(void)
{
    close(PRIVSEP_FD);
    return stay();
}

static int child_extra(void)
{
    struct errinfo err;
    int fd = dup(PRIVSEP_FD);
    say(privsep_enter("extra", &err) == E_DENIED ? "denied" : "entered");
    close(fd);
    return 0;
}

static int child_crash(void)
{
    return 7;
}

/* Gets ready, and says in each copy what there is of itself. */
static int child_copied(void)
{
    struct errinfo err = { 0 };
    struct buf b = BUF_INIT;
    if (privsep_enter("copied", &err) != OK)
        return 9;
    pid_t first = getpid();
    if (privsep_copies("copied", &err) != OK)
        return err.code == E_OFFLINE ? 0 : 8;
    buf_printf(&b, "copy=%d parent=%d entered=%d ", getpid() != first, (int)getppid(),
               privsep_enter("copied", &err) == OK);
    say(buf_str(&b));
    buf_done(&b);
    return 6;
}

/* A thread of its own may hold a lock that is held for good in a copy. */
static void *linger(void *arg)
{
    stay();
    return arg;
}

static int child_threaded(void)
{
    struct errinfo err = { 0 };
    pthread_t t;
    MUST(pthread_create(&t, NULL, linger, NULL) == 0);
    return privsep_copies("threaded", &err) == OK ? 0 : 8;
}

static const struct {
    const char *role;
    int (*run)(void);
} CHILDREN[] = {
    { "echo", child_echo },   { "inspect", child_inspect }, { "garbage", child_garbage }, { "linger", child_linger },
    { "extra", child_extra }, { "crash", child_crash },     { "copied", child_copied },
};

/* ---- the parent ---- */

struct watch {
    struct buf text;
    int messages, started, ended;
    int status;
    struct child *child;
    int stop_after; /* starts */
    int64_t at[16]; /* when each start happened */
};

static void on_started(void *arg, struct child *c)
{
    struct watch *w = arg;
    struct clock clock = clock_system();
    w->child = c;
    if (w->started < (int)ARRAY_LEN(w->at))
        w->at[w->started] = clock.mono_ms(clock.self);
    w->started++;
}

static enum err on_message(void *arg, struct child *c, const struct msg *m, struct errinfo *reterr)
{
    struct watch *w = arg;
    (void)c, (void)reterr;
    w->messages++;
    buf_add(&w->text, m->body.p, m->body.n);
    return OK;
}

static void on_ended(void *arg, struct child *c, int status)
{
    struct watch *w = arg;
    w->ended++;
    w->status = status;
    if (w->started == w->stop_after)
        child_stop(c, 0);
}

static const struct child_ops OPS = { on_started, on_message, on_ended };

struct fixture {
    struct loop *loop;
    struct privsep *ps;
    struct watch w;
};

static int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    struct errinfo err;
    f->loop = loop_new();
    assert_int_equal(privsep_new(f->loop, &f->ps, &err), OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    privsep_free(f->ps);
    loop_free(f->loop);
    buf_done(&f->w.text);
    free(f);
    return 0;
}

static struct child *start(struct fixture *f, const char *role, bool restart)
{
    static const char *const env[] = { "LANG=C.UTF-8", NULL };
    struct child_spec spec = { .role = role,
                               .env = env,
                               .in = &IN,
                               .ops = &OPS,
                               .arg = &f->w,
                               .restart = restart,
                               .restart_min_ms = 20,
                               .restart_max_ms = 80 };
    struct child *c = NULL;
    struct errinfo err;
    assert_int_equal(child_start(f->ps, &spec, &c, &err), OK);
    return c;
}

static void turn_until(struct fixture *f, const int *counter, int want)
{
    for (int i = 0; i < 100000 && *counter < want; i++)
        loop_once(f->loop, PATIENCE_MS);
    assert_true(*counter >= want);
}

static void it_answers_and_goes_when_told(void **state)
{
    struct fixture *f = *state;
    struct child *c = start(f, "echo", true);
    assert_true(child_running(c));
    child_send(c, T_TEXT, 9, span_of("one"));
    child_send(c, T_TEXT, 9, span_of("two"));
    turn_until(f, &f->w.messages, 2);
    assert_string_equal(buf_str(&f->w.text), "onetwo");
    child_stop(c, PATIENCE_MS);
    turn_until(f, &f->w.ended, 1);
    assert_true(WIFEXITED(f->w.status) && WEXITSTATUS(f->w.status) == 0);
    assert_int_equal(f->w.started, 1);
}

static void it_is_born_with_nothing_of_ours(void **state)
{
    struct fixture *f = *state;
    int leak = dup(STDERR_FILENO); /* not close-on-exec: must not get through */
    start(f, "inspect", false);
    turn_until(f, &f->w.ended, 1);
    close(leak);
    assert_string_equal(buf_str(&f->w.text), "entered=1 env=1 first=LANG=C.UTF-8 chld=0 stdin=0");
    assert_true(WIFEXITED(f->w.status) && WEXITSTATUS(f->w.status) == 5);
}

static void it_refuses_further_descriptors(void **state)
{
    struct fixture *f = *state;
    start(f, "extra", false);
    turn_until(f, &f->w.ended, 1);
    assert_string_equal(buf_str(&f->w.text), "denied");
}

static void a_bad_message_is_its_death(void **state)
{
    struct fixture *f = *state;
    start(f, "garbage", false);
    turn_until(f, &f->w.ended, 1);
    assert_true(WIFSIGNALED(f->w.status) && WTERMSIG(f->w.status) == SIGKILL);
    assert_int_equal(f->w.messages, 0);
}

static void one_that_hangs_up_may_not_linger(void **state)
{
    struct fixture *f = *state;
    start(f, "linger", false);
    turn_until(f, &f->w.ended, 1);
    assert_true(WIFSIGNALED(f->w.status) && WTERMSIG(f->w.status) == SIGKILL);
}

static void it_comes_back_ever_later(void **state)
{
    struct fixture *f = *state;
    f->w.stop_after = 4;
    start(f, "crash", true);
    turn_until(f, &f->w.ended, 4);
    assert_int_equal(f->w.started, 4);
    assert_true(WIFEXITED(f->w.status) && WEXITSTATUS(f->w.status) == 7);
    static const int64_t wait[] = { 20, 40, 80 };
    for (int i = 0; i < 3; i++)
        assert_true(f->w.at[i + 1] - f->w.at[i] >= wait[i]);
}

static void killed_it_comes_back(void **state)
{
    struct fixture *f = *state;
    struct child *c = start(f, "echo", true);
    pid_t before = child_pid(c);
    kill(before, SIGKILL);
    turn_until(f, &f->w.started, 2);
    assert_int_not_equal(child_pid(c), before);
    child_send(c, T_TEXT, 0, span_of("back"));
    turn_until(f, &f->w.messages, 1);
    assert_string_equal(buf_str(&f->w.text), "back");
}

static void told_to_it_comes_back_at_once(void **state)
{
    struct fixture *f = *state;
    struct child *c = start(f, "echo", true);
    pid_t before = child_pid(c);
    child_restart(c);
    child_restart(c); /* it is on its way already */
    assert_false(child_running(c));
    turn_until(f, &f->w.started, 2);
    assert_int_equal(f->w.ended, 1);
    assert_true(WIFEXITED(f->w.status) && WEXITSTATUS(f->w.status) == 0);
    assert_int_not_equal(child_pid(c), before);
    child_send(c, T_TEXT, 0, span_of("back"));
    turn_until(f, &f->w.messages, 1);
    assert_string_equal(buf_str(&f->w.text), "back");
}

static void one_that_waits_is_started_now(void **state)
{
    static const char *const env[] = { NULL };
    struct fixture *f = *state;
    const struct child_spec spec = { .role = "crash",
                                     .env = env,
                                     .in = &IN,
                                     .ops = &OPS,
                                     .arg = &f->w,
                                     .restart = true,
                                     .restart_min_ms = 1000 * PATIENCE_MS,
                                     .restart_max_ms = 1000 * PATIENCE_MS };
    struct child *c = NULL;
    f->w.stop_after = 2;
    assert_int_equal(child_start(f->ps, &spec, &c, NULL), OK);
    turn_until(f, &f->w.ended, 1);
    child_restart(c);
    turn_until(f, &f->w.ended, 2);
    assert_int_equal(f->w.started, 2);
}

static void none_outlives_the_parent(void **state)
{
    struct fixture *f = NULL;
    (void)state;
    set_up((void **)&f);
    pid_t pid = child_pid(start(f, "garbage", false));
    tear_down((void **)&f);
    assert_int_equal(kill(pid, 0), -1);
}

/* ---- templates ---- */

static void on_ready(void *arg)
{
    ++*(int *)arg;
}

static struct child *start_of(struct fixture *f, struct template *t)
{
    const struct child_spec spec = { .role = "copied", .of = t, .in = &IN, .ops = &OPS, .arg = &f->w };
    struct child *c = NULL;
    struct errinfo err;
    buf_clear(&f->w.text);
    assert_int_equal(child_start(f->ps, &spec, &c, &err), OK);
    return c;
}

/* What one says who is a copy, or a program of its own; both are our children and have nothing but their socket. */
static void must_say(struct fixture *f, bool copy)
{
    char want[64];
    snprintf(want, sizeof want, "copy=%d parent=%d entered=1 ", copy, (int)getpid());
    turn_until(f, &f->w.ended, f->w.started);
    assert_string_equal(buf_str(&f->w.text), want);
    assert_true(WIFEXITED(f->w.status) && WEXITSTATUS(f->w.status) == 6);
}

static void a_template_is_copied(void **state)
{
    struct fixture *f = *state;
    int ready = 0;
    struct template *t = template_new(f->ps, "copied", NULL, on_ready, &ready);
    assert_int_equal(template_pid(t), 0);
    start_of(f, t); /* nobody waits until it is ready */
    must_say(f, false);
    turn_until(f, &ready, 1);
    pid_t was = template_pid(t);
    assert_true(was > 0);
    for (int i = 0; i < 3; i++) {
        struct child *c = start_of(f, t);
        assert_true(child_pid(c) > 0 && child_pid(c) != was);
        must_say(f, true);
    }
    assert_int_equal(template_pid(t), was);
    template_free(t);
    assert_int_equal(kill(was, 0), -1);
}

static void a_template_that_died_is_not_missed(void **state)
{
    struct fixture *f = *state;
    int ready = 0;
    struct template *t = template_new(f->ps, "copied", NULL, on_ready, &ready);
    turn_until(f, &ready, 1);
    pid_t was = template_pid(t);
    kill(was, SIGKILL);
    while (kill(was, 0) == 0)
        loop_once(f->loop, PATIENCE_MS);
    assert_int_equal(template_pid(t), 0);
    start_of(f, t); /* asks for it again */
    must_say(f, false);
    turn_until(f, &ready, 2);
    assert_int_not_equal(template_pid(t), was);
    start_of(f, t);
    must_say(f, true);
    template_free(t);
}

static void a_template_does_not_outlive_the_parent(void **state)
{
    struct fixture *f = NULL;
    int ready = 0;
    (void)state;
    set_up((void **)&f);
    struct template *t = template_new(f->ps, "copied", NULL, on_ready, &ready);
    turn_until(f, &ready, 1);
    pid_t pid = template_pid(t);
    tear_down((void **)&f);
    assert_int_equal(kill(pid, 0), -1);
    template_free(t);
}

/* Started as a template it ends with an error, and so it is one that died. */
static void with_threads_there_is_no_template(void **state)
{
    int pair[2], status = 0;
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pair[1], PRIVSEP_FD);
        _exit(child_threaded());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 8);
    close(pair[0]);
    close(pair[1]);
}

int main(int argc, char **argv)
{
    const char *role = privsep_role(argc, argv);
    for (size_t i = 0; role && i < ARRAY_LEN(CHILDREN); i++)
        if (strcmp(CHILDREN[i].role, role) == 0)
            _exit(CHILDREN[i].run());
    log_init("test-app-privsep", -1, LOG_ERR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_answers_and_goes_when_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_born_with_nothing_of_ours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_refuses_further_descriptors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bad_message_is_its_death, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_hangs_up_may_not_linger, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_comes_back_ever_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_it_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(told_to_it_comes_back_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_waits_is_started_now, set_up, tear_down),
        cmocka_unit_test(none_outlives_the_parent),
        cmocka_unit_test_setup_teardown(a_template_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_template_that_died_is_not_missed, set_up, tear_down),
        cmocka_unit_test(a_template_does_not_outlive_the_parent),
        cmocka_unit_test(with_threads_there_is_no_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
