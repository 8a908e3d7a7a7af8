/*
 * A full copy that is cut on its way: how much is there is told, the old copy stays in use, a kill in between loses
 * nothing, it goes on with what is missing and with nothing else, and a damaged piece is refused with a sentence.
 */
#include "check.h"

#include "../program.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "proxy.h"
#include "town.h"
#include "tui.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define RESIDENTS 5000
#define CUT       (200u << 10) /* bytes on the wire, of about half a MiB */
#define KIB       1024

static const char own[] =
    "HEARTBEAT_S = 1\nFAIL_N = 100\nRETRY_MAX_S = 1\nSEARCH_PER_MIN = 10000\nSEARCH_PER_H = 10000\n";

struct bench {
    struct town t;
    pid_t line; /* a process of its own between branch and host */
    int ctl;
};

/* ---- the line: one letter is an order, the answer is the number of bytes that came down so far ---- */

struct line {
    struct loop *loop;
    struct proxy *proxy;
    uint16_t host;
    int fd;
};

static void obey(void *arg, short revents)
{
    struct line *l = arg;
    char order = 0;
    (void)revents;
    if (read(l->fd, &order, 1) != 1) {
        loop_stop(l->loop, 0);
        return;
    }
    if (order == 'c')
        proxy_after(l->proxy, PROXY_DOWN, CUT, PROXY_RST);
    if (order == 'o')
        proxy_target(l->proxy, l->host);
    const uint64_t said[] = { proxy_bytes(l->proxy, PROXY_DOWN), proxy_port(l->proxy), proxy_events(l->proxy) };
    MUST(write(l->fd, said, sizeof said) == sizeof said);
}

/* Once cut, it stays so until somebody mends it. */
static void stay_cut(void *arg)
{
    struct line *l = arg;
    static unsigned seen;
    if (proxy_events(l->proxy) == seen)
        return;
    seen = proxy_events(l->proxy);
    proxy_target(l->proxy, 0);
}

static void run_line(int fd, uint16_t host)
{
    struct line l = { .loop = loop_new(), .host = host, .fd = fd };
    l.proxy = proxy_new(l.loop, host);
    loop_fd(l.loop, fd, POLLIN, obey, &l);
    loop_after(l.loop, stay_cut, &l);
    _exit(loop_run(l.loop));
}

struct said {
    uint64_t bytes, port, events;
};

static struct said tell_line(struct bench *b, char order)
{
    struct said s;
    assert_int_equal(write(b->ctl, &order, 1), 1);
    assert_int_equal(recv(b->ctl, &s, sizeof s, MSG_WAITALL), sizeof s);
    return s;
}

/* ---- the town behind it ---- */

static char *conf_path(const struct bench *b)
{
    return fs_join(b->t.dir, "instance.conf");
}

/* The port the branch speaks to now; with `port` it speaks to that one after its next start. */
static uint16_t host_port(struct bench *b, uint16_t port)
{
    static const char key[] = "https://127.0.0.1:";
    struct buf conf = BUF_INIT, changed = BUF_INIT;
    char *path = conf_path(b), *end = NULL;
    assert_int_equal(fs_read(path, 1 << 16, &conf, NULL), OK);
    const char *at = strstr(buf_str(&conf), key);
    assert_non_null(at);
    at += sizeof key - 1;
    uint16_t was = (uint16_t)strtoul(at, &end, 10);
    if (port) {
        buf_add(&changed, conf.p, (size_t)(at - conf.p));
        buf_printf(&changed, "%u%s", port, end);
        assert_int_equal(fs_write_atomic(path, 0644, buf_span(&changed), NULL), OK);
    }
    buf_done(&conf);
    buf_done(&changed);
    free(path);
    return was;
}

static int begin(void **state)
{
    int ends[2];
    struct bench *b = xcalloc(1, sizeof *b);
    *state = b;
    town_make(&b->t, own, RESIDENTS);
    town_end(&b->t.branch, SIGTERM);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    uint16_t host = host_port(b, 0);
    b->line = fork();
    if (b->line == 0) {
        close(ends[0]);
        run_line(ends[1], host);
    }
    close(ends[1]);
    b->ctl = ends[0];
    host_port(b, (uint16_t)tell_line(b, '?').port);
    town_start_branch(&b->t);
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    close(b->ctl);
    waitpid(b->line, NULL, 0);
    town_gone(&b->t);
    free(b);
    return 0;
}

/* ---- what is seen ---- */

static json_t *status_of(struct client *c)
{
    return town_ask(c, "sync.status", NULL);
}

static int64_t number(const json_t *status, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(status, "load"), key));
}

static bool loading(const json_t *status)
{
    return json_is_true(json_object_get(json_object_get(status, "load"), "active"));
}

static void until(struct bench *b, struct client *c, bool (*holds)(struct bench *, const json_t *), const char *what)
{
    struct timespec from, now;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (bool done = false; !done;) {
        json_t *s = status_of(c);
        done = holds(b, s);
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (!done && now.tv_sec - from.tv_sec > TOWN_DEADLINE_MS / 1000)
            fail_msg("%s did not come: %s", what, json_dumps(s, JSON_COMPACT));
        json_decref(s);
        struct pollfd gone = { .fd = client_fd(c), .events = POLLIN };
        poll(&gone, 1, 20);
    }
}

static bool is_ok(struct bench *b, const json_t *s)
{
    (void)b;
    return strcmp(js_text(s, "host"), "ok") == 0;
}

static bool is_cut(struct bench *b, const json_t *s)
{
    return loading(s) && tell_line(b, '?').events == 1 && strcmp(js_text(s, "host"), "down") == 0;
}

static bool is_refused(struct bench *b, const json_t *s)
{
    (void)b;
    return strcmp(js_text(json_object_get(s, "trouble"), "msg"), "S485") == 0;
}

static bool is_whole(struct bench *b, const json_t *s)
{
    (void)b;
    return !loading(s) && *js_text(json_object_get(s, "trouble"), "msg") == '\0';
}

/* The copy from before is what people work with. */
static void old_copy_serves(struct client *c)
{
    json_t *s = status_of(c),
           *r = town_ask(c, "resident.search", json_pack("{s:s, s:i}", "address", "本町", "limit", 5));
    assert_true(*js_text(json_object_get(s, "copy"), "as_of") != '\0');
    assert_true(json_array_size(json_object_get(r, "rows")) > 0);
    json_decref(r);
    json_decref(s);
}

static void failed(const char *text)
{
    fail_msg("%s", text);
}

static struct tui *sync_screen(struct bench *b)
{
    char *share = xprintf("MADOGUCHI_SHARE=%s", getenv("MADOGUCHI_SHARE"));
    const char *const argv[] = { getenv("MADOGUCHI"), "--dir", b->t.dir, NULL }, *const env[] = { share, NULL };
    struct tui_opt opt = { .argv = argv, .env = env, .fail = failed, .rows = 40, .cols = 120 };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "login");
    tui_type(t, "mado2");
    tui_key(t, K_ENTER);
    tui_type(t, town_password(&b->t, "mado2"));
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "menu");
    tui_script(t, "8<@sync>");
    free(share);
    return t;
}

/* "42%  214/512KiB" */
static void screen_shows(struct bench *b, int64_t done, int64_t total)
{
    char *text = xprintf("%lld%%  %lld/%lldKiB", (long long)(done * 100 / total), (long long)done, (long long)total);
    struct tui *t = sync_screen(b);
    tui_expect_seen(t, text);
    tui_hang_up(t);
    print_message("# %s\n", text);
    free(text);
}

static void clean(struct bench *b)
{
    char *file = fs_join(b->t.top, "password"), *said = NULL;
    assert_int_equal(fs_write_atomic(file, 0600, span_of(town_password(&b->t, "kansa")), NULL), OK);
    if (town_ctl(&b->t, NULL, &said,
                 (const char *const[]){ "--as", "kansa", "--password-file", file, "audit", "check", NULL }) != 0)
        fail_msg("audit check: %s", said);
    unlink(file);
    free(said);
    free(file);
}

/* ---- courses ---- */

/* A full copy was asked for and cut; *ret_done and *ret_total in KiB. */
static struct client *cut_in_the_middle(struct bench *b, int64_t *ret_done, int64_t *ret_total)
{
    struct client *c = town_client(&b->t, "system");
    until(b, c, is_ok, "the host");
    tell_line(b, 'c');
    json_decref(town_ask(c, "snapshot.pull", NULL));
    client_close(c);
    c = town_client(&b->t, "mado1");
    until(b, c, is_cut, "the cut");
    json_t *s = status_of(c);
    *ret_done = number(s, "done");
    *ret_total = number(s, "total");
    json_decref(s);
    print_message("# cut at %lld of %lld KiB\n", (long long)*ret_done, (long long)*ret_total);
    assert_true(*ret_done > 0 && *ret_done < *ret_total);
    return c;
}

static void test_it_goes_on_where_it_was_cut(void **state)
{
    struct bench *b = *state;
    int64_t done = 0, total = 0;
    struct client *c = cut_in_the_middle(b, &done, &total);
    old_copy_serves(c);
    screen_shows(b, done, total);
    client_close(c);
    town_end(&b->t.branch, SIGKILL);
    town_start_branch(&b->t);
    c = town_client(&b->t, "mado1");
    json_t *s = status_of(c);
    assert_true(loading(s));
    assert_int_equal(number(s, "done"), done);
    json_decref(s);
    old_copy_serves(c);
    uint64_t before = tell_line(b, 'o').bytes;
    until(b, c, is_ok, "the host again");
    until(b, c, is_whole, "the whole copy");
    int64_t came = (int64_t)(tell_line(b, '?').bytes - before) / KIB;
    print_message("# %lld KiB came for the %lld KiB that were missing\n", (long long)came, (long long)(total - done));
    assert_true(came >= total - done);
    assert_true(came < total - done + done / 2); /* greetings and the feed, but no piece a second time */
    old_copy_serves(c);
    client_close(c);
    clean(b);
}

/* The last piece on the host's disk, whose name sorts last. */
static char *last_piece(struct bench *b)
{
    char *out = NULL, *dir = fs_join(b->t.dir, "host/snapshot");
    const char *const argv[] = { "/usr/bin/find", dir, "-type", "f", "-name", "0*", NULL };
    struct run r = run_with(argv[0], "", argv + 1);
    assert_int_equal(r.status, 0);
    char *rest = r.out.p, *line;
    for (buf_str(&r.out); (line = strsep(&rest, "\n"));)
        if (*line && (!out || strcmp(line, out) > 0)) {
            free(out);
            out = xstrdup(line);
        }
    assert_non_null(out);
    run_done(&r);
    free(dir);
    return out;
}

static void test_a_damaged_piece_is_refused(void **state)
{
    struct bench *b = *state;
    int64_t done = 0, total = 0;
    struct client *c = cut_in_the_middle(b, &done, &total);
    struct buf sound = BUF_INIT, broken = BUF_INIT;
    char *piece = last_piece(b);
    assert_int_equal(fs_read(piece, 4u << 20, &sound, NULL), OK);
    buf_add(&broken, sound.p, sound.len);
    broken.p[broken.len / 2] ^= 1;
    assert_int_equal(fs_write_atomic(piece, 0600, buf_span(&broken), NULL), OK);
    tell_line(b, 'o');
    until(b, c, is_refused, "the refusal");
    json_t *s = status_of(c);
    assert_true(loading(s));
    assert_true(number(s, "done") >= done && number(s, "done") < total);
    assert_string_equal(js_text(json_object_get(s, "trouble"), "text"), "本庁から届いた内容を読めません。");
    assert_string_equal(js_text(json_object_get(s, "trouble"), "remedy"),
                        "システム管理者に連絡してください。前の内容はそのまま使えます。");
    json_decref(s);
    old_copy_serves(c);
    assert_int_equal(fs_write_atomic(piece, 0600, buf_span(&sound), NULL), OK);
    until(b, c, is_whole, "the whole copy");
    old_copy_serves(c);
    client_close(c);
    clean(b);
    buf_done(&sound);
    buf_done(&broken);
    free(piece);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_it_goes_on_where_it_was_cut), TEST(test_a_damaged_piece_is_refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
