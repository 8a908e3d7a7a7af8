/* Somebody else's host at the address of ours, same municipality, same name: the branch does not speak with it. */
#include "check.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "town.h"

#include <string.h>

static int begin(void **state)
{
    struct town *t = xcalloc(1, sizeof *t);
    *state = t;
    town_make(t, "HEARTBEAT_S = 1\nFAIL_N = 2\nRETRY_MAX_S = 1\n", 50);
    return 0;
}

static int end(void **state)
{
    town_gone(*state);
    free(*state);
    return 0;
}

static char *listen_address(const struct town *t)
{
    struct buf conf = BUF_INIT;
    char *path = fs_join(t->dir, "instance.conf");
    assert_int_equal(fs_read(path, 1 << 16, &conf, NULL), OK);
    const char *at = strstr(buf_str(&conf), "127.0.0.1:");
    assert_non_null(at);
    char *address = xstrndup(at, strcspn(at, " \n"));
    buf_done(&conf);
    free(path);
    return address;
}

static bool not_ours(const json_t *status)
{
    return town_is(status, "suspect") && strcmp(js_text(status, "host"), "down") == 0;
}

static void test_foreign_host(void **state)
{
    struct town *t = *state, other = { .dir = fs_join(t->top, "other") };
    char *listen = listen_address(t);
    town_end(&t->host, SIGTERM);
    assert_int_equal(mkdir(other.dir, 0700), 0);
    assert_int_equal(
        town_ctl(&other, NULL, NULL,
                 (const char *const[]){ "host", "init", "--trial", "--city-code", "99201", "--listen", listen, NULL }),
        0);
    town_start_host(&other);
    struct client *c = town_client(t, NULL);
    town_until(c, not_ours, "a stop suspected although something answers at the address");
    town_end(&other.host, SIGTERM);
    town_start_host(t);
    town_until(c, town_host_ok, "the right host");
    client_close(c);
    free(other.dir);
    free(listen);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_foreign_host, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
