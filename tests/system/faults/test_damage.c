/*
 * A page in the middle of the store is damaged: the daemon says so in Japanese and does not serve, so nothing is
 * printed or decided from it; the counter shows the sentence; nothing is written into the damaged file; and a verified
 * copy brings everything back.
 */
#include "check.h"

#include "../program.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "town.h"
#include "tui.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <time.h>

static const char own[] =
    "HEARTBEAT_S = 1\nFAIL_N = 20\nRETRY_MAX_S = 1\nSEARCH_PER_MIN = 10000\nSEARCH_PER_H = 10000\n";

struct bench {
    struct town t;
    char *store, *backup; /* a verified copy */
    struct buf sound;     /* bytes of the store when it was closed in order */
};

/* ---- programs ---- */

static struct run ctl_as(struct bench *b, const char *who, const char *const *words)
{
    char *file = fs_join(b->t.top, "password");
    const char *argv[24] = { "--dir", b->t.dir, "--json", "--as", who, "--password-file", file };
    size_t n = 7;
    assert_int_equal(fs_write_atomic(file, 0600, span_of(town_password(&b->t, who)), NULL), OK);
    for (; *words; words++)
        argv[n++] = *words;
    struct run r = run_with(getenv("CTL"), "", argv);
    unlink(file);
    free(file);
    return r;
}
#define CTL(b, who, ...) ctl_as((b), (who), (const char *const[]){ __VA_ARGS__, NULL })

static void take_backup(struct bench *b)
{
    struct run r = CTL(b, "system", "backup");
    json_t *said = json_loads(buf_str(&r.out), 0, NULL);
    if (r.status != 0)
        fail_msg("backup: %s", buf_str(&r.err));
    b->backup = xstrdup(js_text(said, "path"));
    json_decref(said);
    run_done(&r);
}

static void clean(struct bench *b)
{
    struct run r = CTL(b, "kansa", "audit", "check");
    if (r.status != 0)
        fail_msg("audit check: %s %s", buf_str(&r.out), buf_str(&r.err));
    run_done(&r);
}

static int begin(void **state)
{
    struct bench *b = xcalloc(1, sizeof *b);
    *state = b;
    town_make(&b->t, own, 200);
    b->store = fs_join(b->t.dir, "branch/store.db");
    take_backup(b);
    town_end(&b->t.branch, SIGTERM);
    assert_int_equal(fs_read(b->store, 256u << 20, &b->sound, NULL), OK);
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    town_gone(&b->t);
    buf_done(&b->sound);
    free(b->store);
    free(b->backup);
    free(b);
    return 0;
}

/* ---- damage ---- */

/* A leaf in the middle of this table or index; asked of a copy, so that the store itself is not opened. */
static long middle_leaf(struct bench *b, const char *name)
{
    static const char sql[] = "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 "
                              "OFFSET (SELECT count(*) / 2 FROM dbstat WHERE name = ?1 AND pagetype = 'leaf')";
    char *copy = fs_join(b->t.top, "look.db");
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    assert_int_equal(fs_write_atomic(copy, 0600, buf_span(&b->sound), NULL), OK);
    assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    long page = (long)sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    unlink(copy);
    free(copy);
    assert_true(page > 2);
    return page;
}

static size_t page_size(const struct buf *store)
{
    const unsigned char *p = (const unsigned char *)store->p;
    return (size_t)p[16] << 8 | p[17];
}

static void break_page(struct bench *b, long page)
{
    char junk[1024];
    memset(junk, 0x5A, sizeof junk);
    int fd = open(b->store, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, junk, sizeof junk, (off_t)page_size(&b->sound) * (page - 1)), sizeof junk);
    close(fd);
}

static void failed(const char *text)
{
    fail_msg("%s", text);
}

/* The clerk at the window reads why nothing can be done. */
static void counter_says_so(struct bench *b)
{
    char *share = xprintf("MADOGUCHI_SHARE=%s", getenv("MADOGUCHI_SHARE"));
    const char *const argv[] = { getenv("MADOGUCHI"), "--dir", b->t.dir, NULL }, *const env[] = { share, NULL };
    struct tui_opt opt = { .argv = argv, .env = env, .fail = failed, .rows = 30, .cols = 120 };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "login");
    tui_type(t, "mado1");
    tui_key(t, K_ENTER);
    tui_type(t, town_password(&b->t, "mado1"));
    tui_key(t, K_ENTER);
    tui_expect_seen(t, "始められませんでした。内容が壊れているか、書きかえられています。");
    tui_hang_up(t);
    free(share);
}

static void refused_to_serve(struct bench *b)
{
    struct run r = run_with(getenv("BRANCHD"), "", (const char *const[]){ "--dir", b->t.dir, "--daemon", NULL });
    assert_int_not_equal(r.status, 0);
    has(&r.err, "始められませんでした。内容が壊れているか、書きかえられています。");
    has(&r.err, "システム管理者に連絡してください。");
    run_done(&r);
    static const char *const methods[] = { "cert.request", "notice.decide", "resident.search" };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        r = CTL(b, "mado1", "call", methods[i]);
        assert_int_not_equal(r.status, 0);
        has(&r.out, "業務サービス");
        run_done(&r);
    }
}

static void is_untouched(struct bench *b, const struct buf *broken)
{
    struct buf now = BUF_INIT;
    assert_int_equal(fs_read(b->store, 256u << 20, &now, NULL), OK);
    assert_int_equal(now.len, broken->len);
    assert_memory_equal(now.p, broken->p, now.len);
    buf_done(&now);
}

static const json_t *blocked(const json_t *status)
{
    return json_object_get(status, "blocked");
}

static void until_open(struct client *c)
{
    struct timespec from, now;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (bool open = false; !open;) {
        json_t *s = town_ask(c, "sync.status", NULL);
        open = *js_text(blocked(s), "msg") == '\0' && town_host_ok(s);
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (!open && now.tv_sec - from.tv_sec > TOWN_DEADLINE_MS / 1000)
            fail_msg("the store stays closed: %s", json_dumps(s, JSON_COMPACT));
        json_decref(s);
        struct pollfd gone = { .fd = client_fd(c), .events = POLLIN };
        poll(&gone, 1, 20);
    }
}

/* Registered again with a fresh code while it runs, the terminal works again; the same certificate does not do. */
static void registered_again(struct bench *b)
{
    town_start_branch(&b->t);
    struct client *c = town_client(&b->t, "mado1");
    town_until(c, town_host_ok, "the host");
    json_t *s = town_ask(c, "sync.status", NULL);
    assert_string_equal(js_text(blocked(s), "msg"), "S431");
    assert_string_equal(js_text(blocked(s), "remedy"),
                        "システム管理者に連絡し、本庁に再登録してください。照会はできます。");
    json_decref(s);
    town_enrol(&b->t);
    until_open(c);
    client_close(c);
    clean(b);
}

/* From the copy: the damaged file is kept aside, what was loaded can be read, and nothing is promised before the
 * terminal is registered again. */
static void comes_back(struct bench *b)
{
    struct run r =
        run_with(getenv("CTL"), "", (const char *const[]){ "--dir", b->t.dir, "restore", b->backup, "--aside", NULL });
    if (r.status != 0)
        fail_msg("restore: %s", buf_str(&r.err));
    has(&r.out, "復元しました。");
    has(&r.out, "元の保存庫: ");
    run_done(&r);
    town_start_branch(&b->t);
    struct client *c = town_client(&b->t, "mado1");
    json_t *found = town_ask(c, "resident.search", json_pack("{s:s, s:i}", "address", "本町", "limit", 5));
    assert_true(json_array_size(json_object_get(found, "rows")) > 0);
    json_decref(found);
    client_close(c);
    clean(b);
    town_end(&b->t.branch, SIGTERM);
    registered_again(b);
}

static void damaged(struct bench *b, const char *what)
{
    struct buf broken = BUF_INIT;
    long page = middle_leaf(b, what);
    print_message("# page %ld of %zu, a leaf of %s\n", page, b->sound.len / page_size(&b->sound), what);
    break_page(b, page);
    assert_int_equal(fs_read(b->store, 256u << 20, &broken, NULL), OK);
    refused_to_serve(b);
    counter_says_so(b);
    is_untouched(b, &broken);
    comes_back(b);
    buf_done(&broken);
}

static void test_a_leaf_of_the_register(void **state)
{
    damaged(*state, "resident_history");
}

static void test_a_leaf_of_an_index(void **state)
{
    damaged(*state, "resident_household");
}

/* The log of operations is what everything is proved by. */
static void test_a_leaf_of_the_log(void **state)
{
    damaged(*state, "oplog");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_a_leaf_of_the_register), TEST(test_a_leaf_of_an_index),
                                        TEST(test_a_leaf_of_the_log) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
