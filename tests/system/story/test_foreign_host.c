/*
 * Somebody else's host at the address of ours, same municipality, same name: the branch does not speak with it, says in
 * Japanese why, on the screen too, and keeps what it has.
 */
#include "check.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "town.h"
#include "tui.h"

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

static void failed(const char *text)
{
    fail_msg("%s", text);
}

#define TEXT   "本庁がこの端末を受け付けないか、接続した先が本庁と確かめられません。"
#define REMEDY "システム管理者に連絡してください。入力した内容は残っています。"

/* 8: 本庁との同期. */
static void screen_says_so(struct town *t)
{
    char *share = xprintf("MADOGUCHI_SHARE=%s", getenv("MADOGUCHI_SHARE"));
    const char *const argv[] = { getenv("MADOGUCHI"), "--dir", t->dir, NULL }, *const env[] = { share, NULL };
    struct tui_opt opt = { .argv = argv, .env = env, .fail = failed, .rows = 30, .cols = 100 };
    struct tui *u = tui_start(&opt);
    tui_expect_screen(u, "login");
    tui_type(u, "mado2");
    tui_key(u, K_ENTER);
    tui_type(u, town_password(t, "mado2"));
    tui_key(u, K_ENTER);
    tui_expect_screen(u, "menu");
    tui_script(u, "8<@sync>");
    tui_expect_seen(u, "本庁は応答していません");
    tui_expect_seen(u, TEXT);
    tui_expect_seen(u, REMEDY);
    tui_hang_up(u);
    free(share);
}

static void status_says_so(struct town *t)
{
    struct client *c = town_client(t, "mado1");
    json_t *s = town_ask(c, "sync.status", NULL), *trouble = json_object_get(s, "trouble");
    assert_string_equal(js_text(s, "host"), "down");
    assert_string_equal(js_text(trouble, "msg"), "S480");
    assert_string_equal(js_text(trouble, "text"), TEXT);
    assert_string_equal(js_text(trouble, "remedy"), REMEDY);
    json_decref(s);
    client_close(c);
}

static void clean(struct town *t)
{
    char *file = fs_join(t->top, "password"), *said = NULL;
    assert_int_equal(fs_write_atomic(file, 0600, span_of(town_password(t, "kansa")), NULL), OK);
    if (town_ctl(t, NULL, &said,
                 (const char *const[]){ "--as", "kansa", "--password-file", file, "audit", "check", NULL }) != 0)
        fail_msg("audit check: %s", said);
    unlink(file);
    free(said);
    free(file);
}

/* Nothing of the copy came from there. */
static char *copy_as_of(struct client *c)
{
    json_t *s = town_ask(c, "status.get", NULL);
    char *text = xstrdup(js_text(s, "copy_as_of"));
    json_decref(s);
    return text;
}

static void test_foreign_host(void **state)
{
    struct town *t = *state, other = { .dir = fs_join(t->top, "other") };
    char *listen = listen_address(t);
    struct client *c = town_client(t, NULL);
    town_end(&t->host, SIGTERM);
    char *before = copy_as_of(c);
    assert_int_equal(mkdir(other.dir, 0700), 0);
    assert_int_equal(
        town_ctl(&other, NULL, NULL,
                 (const char *const[]){ "host", "init", "--trial", "--city-code", "99201", "--listen", listen, NULL }),
        0);
    town_start_host(&other);
    town_until(c, not_ours, "a stop suspected although something answers at the address");
    status_says_so(t);
    screen_says_so(t);
    char *after = copy_as_of(c);
    assert_string_equal(before, after);
    town_end(&other.host, SIGTERM);
    town_start_host(t);
    town_until(c, town_host_ok, "the right host");
    client_close(c);
    clean(t);
    free(before);
    free(after);
    free(other.dir);
    free(listen);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_foreign_host, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
