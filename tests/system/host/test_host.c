/* The host as people run it: madoguchi-ctl host, madoguchi-hostd in the background, and a branch that enrols. */
#include "check.h"

#include "../../harness/branch.h"
#include "app/instance.h"
#include "base/fsx.h"
#include "base/mem.h"

#include <jansson.h>
#include <poll.h>
#include <sys/syscall.h>

#define END_MS 20000

struct site {
    struct branch b; /* branch and host stand in one instance */
    pid_t host;
};

static int ctl(struct site *s, const char *input, char **ret, const char *const *words)
{
    return branch_ctl(&s->b, input, ret, words);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static json_t *ask(struct site *s, const char *const *words)
{
    char *out = NULL;
    assert_int_equal(ctl(s, NULL, &out, words), 0);
    json_t *j = json_loads(out, 0, NULL);
    assert_non_null(j);
    free(out);
    return j;
}

/* Port and process of the daemon, from what it says of itself. */
static int host_port(struct site *s)
{
    struct buf log = BUF_INIT;
    char *path = place_path(s->b.dir, PLACE_HOST_LOG);
    assert_int_equal(fs_read(path, 1 << 20, &log, NULL), OK);
    const char *at = NULL, *p = log.p;
    while ((p = strstr(p, "listening on port ")) != NULL)
        at = p += strlen("listening on port ");
    assert_non_null(at);
    int port = (int)strtol(at, NULL, 10);
    buf_done(&log);
    free(path);
    return port;
}

static void start_host(struct site *s)
{
    struct buf pid = BUF_INIT;
    char *path = place_path(s->b.dir, PLACE_HOST_PID);
    assert_int_equal(
        branch_run(WORDS(getenv("HOSTD"), "--dir", s->b.dir, "--listen", "127.0.0.1:0", "--daemon"), NULL, NULL), 0);
    assert_int_equal(fs_read(path, 32, &pid, NULL), OK);
    s->host = (pid_t)strtol(pid.p, NULL, 10);
    buf_done(&pid);
    free(path);
}

/* The daemon is nobody's child: its end is waited for by a descriptor of the process. */
static void stop_host(struct site *s)
{
    if (!s->host)
        return;
    struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, s->host, 0), .events = POLLIN };
    assert_true(p.fd >= 0);
    kill(s->host, SIGTERM);
    assert_int_equal(poll(&p, 1, END_MS), 1);
    close(p.fd);
    s->host = 0;
}

static int begin(void **state)
{
    struct site *s = xcalloc(1, sizeof *s);
    branch_make(&s->b);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct site *s = *state;
    stop_host(s);
    branch_gone(&s->b);
    free(s);
    return 0;
}

static void make_host(struct site *s)
{
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "init", "--listen", "127.0.0.1:18443")), 0);
}

static void name_host(struct site *s, int port)
{
    struct instance i = { .trial = false };
    assert_int_equal(instance_load(s->b.dir, &i, NULL), OK);
    free(i.host_url);
    i.host_url = xprintf("https://127.0.0.1:%d", port);
    assert_int_equal(instance_save(s->b.dir, &i, NULL), OK);
    instance_done(&i);
}

static void test_host_is_made_once(void **state)
{
    struct site *s = *state;
    make_host(s);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "init")), 1);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "init", "--city-code", "13101")), 1);
    /* Without a daemon the same questions go to the register itself. */
    json_t *j = ask(s, WORDS("--json", "host", "status"));
    assert_true(json_is_true(json_object_get(j, "trial")));
    json_decref(j);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "close", "E9", "--reason", "廃止")), 1);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "close", "E9")), 2);
}

static void test_branch_enrols(void **state)
{
    struct site *s = *state;
    json_t *j, *b;
    make_host(s);
    start_host(s);
    name_host(s, host_port(s));
    /* A second one in the same place says that it is served already. */
    assert_int_equal(branch_run(WORDS(getenv("HOSTD"), "--dir", s->b.dir, "--daemon"), NULL, NULL), 0);
    struct instance i = { .trial = false };
    assert_int_equal(instance_load(s->b.dir, &i, NULL), OK);
    j = ask(s, WORDS("--json", "host", "enrol-code", i.office));
    char *code = xprintf("%s\n", json_string_value(json_object_get(j, "code")));
    json_decref(j);
    assert_int_equal(ctl(s, "0000-0000-0000-0000-0000-0000-0000-0000\n", NULL, WORDS("enrol", "--code-fd", "0")), 1);
    assert_int_equal(ctl(s, code, NULL, WORDS("enrol", "--code-fd", "0")), 0);
    j = ask(s, WORDS("--json", "host", "branches"));
    b = json_array_get(json_object_get(j, "branches"), 0);
    assert_string_equal(json_string_value(json_object_get(b, "name")), i.office);
    assert_true(json_integer_value(json_object_get(b, "cert_until_ms")) > 0);
    json_decref(j);
    char *cert = fs_join(s->b.dir, "branch/keys/branch.crt");
    assert_int_equal(access(cert, R_OK), 0);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "close", i.office, "--reason", "盗難の届出")), 0);
    j = ask(s, WORDS("--json", "host", "branches"));
    b = json_array_get(json_object_get(j, "branches"), 0);
    assert_string_equal(json_string_value(json_object_get(b, "state")), "closed");
    json_decref(j);
    free(cert);
    free(code);
    instance_done(&i);
}

static void test_restore_is_refused_while_it_runs(void **state)
{
    struct site *s = *state;
    make_host(s);
    char *store = place_path(s->b.dir, PLACE_HOST_STORE), *copy = fs_join(s->b.dir, "copy.db");
    assert_int_equal(rename(store, copy), 0); /* a closed register is one file */
    char *other = fs_join(s->b.dir, "host/ca/ca.key");
    assert_int_equal(access(other, R_OK), 0);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "restore", copy)), 0);
    start_host(s);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "restore", copy)), 3);
    stop_host(s);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "restore", copy)), 0);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "restore", "/nonexistent")), 1);
    assert_int_equal(ctl(s, NULL, NULL, WORDS("host", "status")), 0);
    free(store);
    free(copy);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_host_is_made_once, begin, end),
        cmocka_unit_test_setup_teardown(test_branch_enrols, begin, end),
        cmocka_unit_test_setup_teardown(test_restore_is_refused_while_it_runs, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
