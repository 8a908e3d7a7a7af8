/* What an office scripts: the copy, the stop and the replay from the shell, with the real programs. */
#include "check.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "town.h"

enum { DONE = 0, REFUSED = 1, USAGE = 2 };

static struct town T;

static char *secret(const char *operator_id)
{
    char *path = xprintf("%s/%s.secret", T.top, operator_id);
    assert_int_equal(fs_write_atomic(path, 0600, span_of(town_password(&T, operator_id)), NULL), OK);
    return path;
}

/* As shinsa1; `confirm` gives the second password. The one document that was printed is the caller's. */
static json_t *ask(int expected, const char *confirm, const char *const *words)
{
    char *own = secret("shinsa1"), *two = secret(confirm), *out = NULL;
    const char *argv[24] = { "--json", "--as", "shinsa1", "--password-file", own };
    bool confirms = strcmp(words[0], "snapshot") != 0 && strcmp(words[1], "status") != 0;
    size_t n = 5;
    while (*words)
        argv[n++] = *words++;
    if (confirms) {
        argv[n++] = "--confirm-file";
        argv[n++] = two;
    }
    argv[n] = NULL;
    int rc = town_ctl(&T, NULL, &out, argv);
    if (rc != expected)
        fail_msg("%s %s ended with %d: %s", argv[5], argv[6], rc, out);
    json_t *r = json_loads(out, 0, NULL);
    if (!r)
        fail_msg("not one document: %s", out);
    free(out);
    free(own);
    free(two);
    return r;
}
#define ASK(expected, confirm, ...) ask((expected), (confirm), (const char *const[]){ __VA_ARGS__, NULL })

static void gone(json_t *take)
{
    json_decref(take);
}

static void test_the_copy(void **state)
{
    (void)state;
    json_t *r = ASK(DONE, "shinsa1", "snapshot", "show");
    assert_string_not_equal(js_text(json_object_get(r, "copy"), "as_of"), "");
    gone(r);
    r = ASK(DONE, "shinsa1", "snapshot", "verify");
    assert_true(json_is_true(json_object_get(r, "sound")));
    assert_true(json_integer_value(json_object_get(r, "rows")) > 0);
    gone(r);
    gone(ASK(DONE, "shinsa1", "snapshot", "pull"));
    gone(ASK(USAGE, "shinsa1", "snapshot", "away"));
}

static bool silent(const json_t *status)
{
    return !town_host_ok(status);
}

static void until(bool (*holds)(const json_t *), const char *what)
{
    struct client *c = town_client(&T, "shinsa1");
    town_until(c, holds, what);
    client_close(c);
}

/* Each round with the host is an answer more. */
static void until_stable(void)
{
    struct client *c = town_client(&T, "shinsa1");
    for (bool may = false; !may;) {
        json_decref(town_ask(c, "sync.now", NULL));
        json_t *r = town_ask(c, "outage.status", NULL), *stable = json_object_get(r, "stable");
        may = json_integer_value(json_object_get(stable, "n")) >= json_integer_value(json_object_get(stable, "need_n"));
        json_decref(r);
    }
    client_close(c);
}

static void test_a_stop(void **state)
{
    (void)state;
    json_t *r = ASK(DONE, "shinsa1", "outage", "status");
    assert_string_equal(js_text(r, "state"), "normal");
    gone(r);
    r = ASK(REFUSED, "shinsa1", "replay", "--dry-run");
    assert_string_equal(js_text(json_object_get(r, "error"), "msg"), "S009");
    gone(r);
    gone(ASK(USAGE, "shinsa1", "outage", "declare"));
    gone(ASK(USAGE, "shinsa1", "replay", "--dry-run", "--commit"));
    town_end(&T.host, SIGTERM);
    r = ASK(DONE, "shinsa1", "outage", "declare", "--types", "H", "--reason", "本庁の機器の故障");
    assert_string_equal(js_text(r, "state"), "outage");
    gone(r);
    until(silent, "the host is missed");
    r = ASK(REFUSED, "shinsa2", "outage", "end", "--reason", "復旧を確かめたため", "--approver", "shinsa2");
    assert_string_equal(js_text(json_object_get(r, "error"), "msg"), "S504");
    gone(r);
    town_start_host(&T);
    until(town_host_ok, "the host answers again");
    until_stable();
    r = ASK(DONE, "shinsa2", "outage", "end", "--reason", "復旧を確かめたため", "--approver", "shinsa2");
    assert_string_equal(js_text(r, "state"), "recovering");
    gone(r);
    gone(ASK(DONE, "shinsa1", "replay", "--dry-run"));
    gone(ASK(USAGE, "shinsa1", "replay", "--commit"));
    r = ASK(REFUSED, "shinsa1", "replay", "--commit", "--approver", "shinsa2");
    assert_string_equal(js_text(json_object_get(r, "error"), "msg"), "S001");
    gone(r);
    r = ASK(DONE, "shinsa2", "replay", "--commit", "--approver", "shinsa2");
    assert_true(json_is_array(json_object_get(r, "totals")));
    gone(r);
    gone(ASK(DONE, "shinsa2", "replay", "--resume", "--approver", "shinsa2"));
}

static int begin(void **state)
{
    (void)state;
    town_make(&T, "HEARTBEAT_S = 1\nSTABLE_OK_N = 1\nSTABLE_MIN = 0\nRETRY_MAX_S = 1\n", 100);
    return 0;
}

static int end(void **state)
{
    (void)state;
    town_gone(&T);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_copy),
        cmocka_unit_test(test_a_stop),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
