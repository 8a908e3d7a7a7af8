/* The real process that works out passwords. */
#include "app/proof.h"
#include "base/mem.h"
#include "check.h"
#include "crypto/password.h"

#include <signal.h>

enum { PATIENCE_MS = 20000, FEW = 10, ENDLESS = 2000000000 };

struct bench {
    struct loop *loop;
    struct privsep *privsep;
    struct proof_proc *proc;
    int timer, done;
    struct proof_answer last;
    char verifier[512];
};

static void too_late(void *arg)
{
    (void)arg;
    fail_msg("no answer");
}

static int begin_with(void **state, int64_t limit_ms)
{
    struct bench *b = xcalloc(1, sizeof *b);
    *state = b;
    b->loop = loop_new();
    b->timer = loop_timer(b->loop, PATIENCE_MS, too_late, b);
    assert_int_equal(privsep_new(b->loop, &b->privsep, NULL), OK);
    return proof_proc_new(b->loop, b->privsep, limit_ms, &b->proc, NULL) == OK ? 0 : -1;
}

static int begin(void **state)
{
    return begin_with(state, PATIENCE_MS);
}

static int begin_impatient(void **state)
{
    return begin_with(state, 50);
}

static int end(void **state)
{
    struct bench *b = *state;
    proof_proc_free(b->proc);
    privsep_free(b->privsep);
    loop_timer_del(b->loop, b->timer);
    loop_free(b->loop);
    free(b);
    return 0;
}

static void done(void *arg, const struct proof_answer *a)
{
    struct bench *b = arg;
    b->done++;
    b->last = *a;
    snprintf(b->verifier, sizeof b->verifier, "%s", a->verifier ? a->verifier : "");
}

static void ask(struct bench *b, const char *password, const char *verifier, int iterations, bool make)
{
    const struct proof_port *port = proof_proc_port(b->proc);
    port->ask(port->self, &(struct proof_ask){ password, verifier, iterations, make }, done, b);
}

static void await(struct bench *b, int answers)
{
    while (b->done < answers)
        loop_once(b->loop, PATIENCE_MS);
}

static void test_makes_and_compares(void **state)
{
    struct bench *b = *state;
    ask(b, "asagao no hana 42", NULL, FEW, true);
    assert_int_equal(b->done, 0); /* never from within */
    await(b, 1);
    assert_int_equal(b->last.err, OK);
    char *verifier = xstrdup(b->verifier);
    ask(b, "asagao no hana 42", verifier, FEW, false);
    await(b, 2);
    assert_true(b->last.fits);
    ask(b, "asagao no hana 43", verifier, FEW, false);
    ask(b, "asagao no hana 42", NULL, FEW, false);
    await(b, 3);
    assert_int_equal(b->last.err, OK);
    assert_false(b->last.fits);
    await(b, 4);
    assert_int_equal(b->last.err, OK);
    assert_false(b->last.fits);
    ask(b, "asagao no hana 42", "rot13$nonsense", FEW, false);
    await(b, 5);
    assert_int_equal(b->last.err, E_CORRUPT);
    free(verifier);
}

/* Killed at work: that question is answered, and the next one by the next process. */
static void test_comes_back(void **state)
{
    struct bench *b = *state;
    ask(b, "asagao no hana 42", NULL, ENDLESS, false);
    ask(b, "asagao no hana 42", NULL, ENDLESS, false);
    pid_t first = proof_proc_pid(b->proc);
    assert_int_equal(kill(first, SIGKILL), 0);
    await(b, 2);
    assert_int_equal(b->last.err, E_OFFLINE);
    assert_int_equal(proof_proc_pid(b->proc), 0);
    ask(b, "asagao no hana 42", NULL, FEW, true); /* while it is down */
    await(b, 3);
    assert_int_equal(b->last.err, OK);
    assert_true(proof_proc_pid(b->proc) > 0 && proof_proc_pid(b->proc) != first);
}

static void test_a_process_that_does_not_answer_is_ended(void **state)
{
    struct bench *b = *state;
    ask(b, "asagao no hana 42", NULL, ENDLESS, false);
    await(b, 1);
    assert_int_equal(b->last.err, E_OFFLINE);
}

/* What waits when the daemon ends is answered, so that nothing is kept for it. */
static void test_ends_with_work_under_way(void **state)
{
    struct bench *b = *state;
    ask(b, "asagao no hana 42", NULL, ENDLESS, false);
    proof_proc_free(b->proc);
    b->proc = NULL;
    assert_int_equal(b->done, 1);
    assert_int_equal(b->last.err, E_OFFLINE);
}

static void test_is_walled_in(void **state)
{
    struct bench *b = *state;
    ask(b, "asagao no hana 42", NULL, FEW, true);
    await(b, 1); /* behind the wall by now */
    char *path = xprintf("/proc/%d/status", (int)proof_proc_pid(b->proc)), line[256];
    FILE *f = fopen(path, "r");
    bool filtered = false;
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        filtered = filtered || strcmp(line, "Seccomp:\t2\n") == 0;
    fclose(f);
    free(path);
    assert_true(filtered);
}

#define proof_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(int argc, char **argv)
{
    if (privsep_role(argc, argv))
        return proof_main(argc, argv);
    const struct CMUnitTest tests[] = {
        proof_test(test_makes_and_compares),
        proof_test(test_comes_back),
        cmocka_unit_test_setup_teardown(test_a_process_that_does_not_answer_is_ended, begin_impatient, end),
        proof_test(test_ends_with_work_under_way),
        proof_test(test_is_walled_in),
    };
    return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
