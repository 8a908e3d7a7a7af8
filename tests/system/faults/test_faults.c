/*
 * What goes wrong in an office: each time a clear Japanese sentence, nothing lost, and work goes on once it is mended.
 * Real programs, an instance of their own, and a share directory that can be damaged.
 */
#include "../program.h"

#include "base/fsx.h"
#include "branch.h"
#include "client/client.h"
#include "small_disk.h"

#include <sys/resource.h>

#define CALL_MS 20000

struct office {
    struct branch b;
    char *share; /* copies of forms/ and data/ */
};

static void copy_share(struct office *o)
{
    void *top = NULL;
    const char *from = getenv("SOURCE_SHARE");
    assert_int_equal(check_tmpdir(&top), 0);
    o->share = top;
    char *forms = fs_join(from, "forms"), *data = fs_join(from, "data");
    const char *const argv[] = { "/bin/cp", "-r", forms, data, o->share, NULL };
    assert_int_equal(branch_run(argv, NULL, NULL), 0);
    setenv("MADOGUCHI_SHARE", o->share, 1);
    free(forms);
    free(data);
}

static int open_office(void **state)
{
    struct office *o = xcalloc(1, sizeof *o);
    *state = o;
    copy_share(o);
    branch_make(&o->b);
    return 0;
}

static int close_office(void **state)
{
    struct office *o = *state;
    void *share = o->share;
    branch_gone(&o->b);
    check_tmpdir_gone(&share);
    free(o);
    return 0;
}

static struct client *log_in(struct office *o, const char *who)
{
    struct client *c = NULL;
    json_t *r = NULL;
    assert_int_equal(client_connect(o->b.sock, &c, NULL), OK);
    assert_int_equal(client_call(c, "session.login",
                                 json_pack("{s:s, s:s}", "operator", who, "password", BRANCH_PASSWORD), CALL_MS, &r,
                                 NULL),
                     OK);
    json_decref(r);
    return c;
}

static json_t *ask(struct client *c, const char *method, json_t *params)
{
    json_t *r = NULL;
    struct errinfo why = { 0 };
    if (client_call(c, method, params, CALL_MS, &r, &why) != OK)
        fail_msg("%s: %s %s", method, client_text(c), why.detail);
    return r;
}

static enum err refusal(struct client *c, const char *method, json_t *params)
{
    json_t *r = NULL;
    enum err e = client_call(c, method, params, CALL_MS, &r, NULL);
    json_decref(r);
    return e;
}

/* The log of operations is one chain from the first row on. */
static void intact(struct office *o)
{
    bool done = false;
    struct client *c = log_in(o, "aud1");
    json_t *r = ask(c, "log.verify", json_pack("{s:b}", "restart", 1));
    for (; !(done = json_is_true(json_object_get(r, "done"))); r = ask(c, "log.verify", NULL))
        json_decref(r);
    if (!json_is_true(json_object_get(r, "sound")))
        fail_msg("the log is broken: %s", json_dumps(r, JSON_COMPACT));
    json_decref(r);
    client_close(c);
}

/* What must hold does, as the examiner asks it. */
static void audited(struct office *o)
{
    char *file = fs_join(o->b.top, "password");
    assert_int_equal(fs_write_atomic(file, 0600, span_of(BRANCH_PASSWORD "\n"), NULL), OK);
    struct run r = run_with(
        getenv("CTL"), "",
        (const char *const[]){ "--dir", o->b.dir, "--as", "aud1", "--password-file", file, "audit", "check", NULL });
    if (r.status != 0)
        fail_msg("audit check: %s%s", buf_str(&r.out), buf_str(&r.err));
    run_done(&r);
    free(file);
}

/* Starts the daemon, which must say no and why. */
static struct run refused_start(struct office *o)
{
    struct run r = run_with(getenv("BRANCHD"), "", (const char *const[]){ "--dir", o->b.dir, "--daemon", NULL });
    assert_int_not_equal(r.status, 0);
    return r;
}

static void test_wrong_password(void **state)
{
    struct office *o = *state;
    branch_start(&o->b);
    char *file = fs_join(o->b.top, "wrong");
    assert_int_equal(fs_write_atomic(file, 0600, span_of("asagao no hana 43\n"), NULL), OK);
    struct run r = run_with(getenv("CTL"), "",
                            (const char *const[]){ "--dir", o->b.dir, "--as", "clk1", "--password-file", file, "call",
                                                   "notice.kinds", NULL });
    assert_int_equal(r.status, 1);
    has(&r.err, "操作者かパスワードが違います。");
    has(&r.err, "入力し直してください。");
    assert_int_equal(r.out.len, 0);
    run_done(&r);
    free(file);
    intact(o);
    audited(o);
}

static json_t *operator_of(const char *id)
{
    return json_pack("{s:s, s:s, s:[s], s:s}", "id", id, "name", "試験 新人", "roles", "CLK", "password",
                     "himawari no tane 7");
}

static bool knows(struct office *o, const char *id)
{
    bool found = false;
    size_t i;
    json_t *row;
    struct client *c = log_in(o, "sys1");
    json_t *r = ask(c, "operator.list", NULL);
    json_array_foreach (json_object_get(r, "rows"), i, row)
        found = found || strcmp(json_string_value(json_object_get(row, "id")), id) == 0;
    json_decref(r);
    client_close(c);
    return found;
}

/* The clerk reads why, in words. */
static void said_for_space(struct client *c)
{
    if (!strstr(client_text(c), "空き") && !strstr(client_text(c), "保存"))
        fail_msg("it says: %s %s", client_text(c), client_remedy(c));
    print_message("# it says: %s %s\n", client_text(c), client_remedy(c));
}

/* What was promised is kept, nothing else, and work goes on. */
static void kept_over_a_restart(struct office *o)
{
    branch_stop(&o->b, SIGKILL);
    branch_start(&o->b);
    assert_true(knows(o, "before"));
    assert_false(knows(o, "during"));
    struct client *c = log_in(o, "sys1");
    json_decref(ask(c, "operator.create", operator_of("after")));
    client_close(c);
    assert_true(knows(o, "after"));
    intact(o);
    audited(o);
}

/* No byte can be written any more, by the limit of the process. */
static void test_full_disk_by_limit(void **state)
{
    struct office *o = *state;
    struct rlimit none = { .rlim_cur = 1, .rlim_max = RLIM_INFINITY };
    branch_start(&o->b);
    struct client *c = log_in(o, "sys1");
    json_decref(ask(c, "operator.create", operator_of("before")));
    assert_int_equal(prlimit(o->b.pid, RLIMIT_FSIZE, &none, NULL), 0);
    enum err e = refusal(c, "operator.create", operator_of("during"));
    assert_true(e == E_FULL || e == E_IO);
    said_for_space(c);
    client_close(c);
    kept_over_a_restart(o);
}

/* A real file system without a free byte; with room again the same service goes on. */
static void test_full_disk(void **state)
{
    struct office *o = *state;
    const char *why, *was = getenv("TMPDIR");
    void *top = NULL;
    assert_int_equal(check_tmpdir(&top), 0);
    if (!small_disk_mount(top, "24m", &why)) {
        print_message("# no file system of its own here (%s): only the limit of the process was tried\n", why);
        check_tmpdir_gone(&top);
        return;
    }
    print_message("# a file system of 24 MiB, filled to the last byte\n");
    struct branch first = o->b;
    setenv("TMPDIR", top, 1);
    branch_make(&o->b);
    char *fill = fs_join(o->b.top, "fill");
    branch_start(&o->b);
    struct client *c = log_in(o, "sys1");
    json_decref(ask(c, "operator.create", operator_of("before")));
    small_disk_fill(fill);
    enum err e = refusal(c, "operator.create", operator_of("during"));
    assert_true(e == E_FULL || e == E_IO);
    said_for_space(c);
    client_close(c);
    assert_int_equal(unlink(fill), 0);
    kept_over_a_restart(o);
    branch_gone(&o->b);
    assert_true(small_disk_unmount(top));
    if (was)
        setenv("TMPDIR", was, 1);
    else
        unsetenv("TMPDIR");
    o->b = first;
    check_tmpdir_gone(&top);
    free(fill);
}

static void damage(const char *path, const char *line)
{
    struct buf text = BUF_INIT;
    assert_int_equal(fs_read(path, 1 << 20, &text, NULL), OK);
    buf_adds(&text, line);
    assert_int_equal(fs_write_atomic(path, 0644, buf_span(&text), NULL), OK);
    buf_done(&text);
}

static void test_damaged_form(void **state)
{
    struct office *o = *state;
    char *form = fs_join(o->share, "forms/tenkyo.form");
    struct buf sound = BUF_INIT;
    branch_start(&o->b);
    branch_stop(&o->b, SIGTERM);
    assert_int_equal(fs_read(form, 1 << 20, &sound, NULL), OK);
    damage(form, "\neffect\n  explode persons\n");
    struct run r = refused_start(o);
    has(&r.err, "始められませんでした");
    has(&r.err, "tenkyo.form");
    run_done(&r);
    r = run_with(getenv("CTL"), "", (const char *const[]){ "forms", "check", NULL });
    assert_int_equal(r.status, 1);
    has(&r.out, "tenkyo.form:");
    run_done(&r);
    assert_int_equal(fs_write_atomic(form, 0644, buf_span(&sound), NULL), OK);
    branch_start(&o->b);
    intact(o);
    buf_done(&sound);
    free(form);
}

/* The head of the store and a page in its middle: told, not repaired in silence, and the right file works again. */
static void test_corrupted_store(void **state)
{
    struct office *o = *state;
    char *store = fs_join(o->b.dir, "branch/store.db");
    struct buf sound = BUF_INIT, broken = BUF_INIT;
    branch_start(&o->b);
    branch_stop(&o->b, SIGTERM);
    assert_int_equal(fs_read(store, 64 << 20, &sound, NULL), OK);
    buf_add(&broken, sound.p, sound.len);
    memset(broken.p, 0x5A, 4096);
    assert_int_equal(fs_write_atomic(store, 0600, buf_span(&broken), NULL), OK);
    struct run r = refused_start(o);
    has(&r.err, "始められませんでした");
    has(&r.err, "壊れている");
    run_done(&r);
    assert_int_equal(fs_write_atomic(store, 0600, buf_span(&sound), NULL), OK);
    branch_start(&o->b);
    intact(o);
    buf_done(&sound);
    buf_done(&broken);
    free(store);
}

static const char new_form[] = "form 1\ntitle 自転車置場使用届\ngroup 試験\nmenu 9\nlaw 条例第3条\nreason M03\n"
                               "filing request\nevent a.on\noutage hold\nsection a 共通\n"
                               "  on date 申出年月日 required\n    help \"申し出た日。\"\nsection p 人 rows 1..5\n"
                               "  who person 氏名 required\n  remark text 備考 to remark\n"
                               "effect\n  amend p\nchecklist\n  \"確かめた\"\n";

static bool lists(const json_t *rows, const char *key, const char *value)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        if (strcmp(json_string_value(json_object_get(row, key)), value) == 0)
            return true;
    return false;
}

/* One file dropped into a directory: menu, entry screen, manual page and statistics, without a rebuild. */
static void test_new_form(void **state)
{
    struct office *o = *state;
    char *file = fs_join(o->share, "forms/jitensha.form");
    branch_start(&o->b);
    struct client *c = log_in(o, "clk1");
    json_t *r = ask(c, "notice.kinds", NULL);
    assert_false(lists(json_object_get(r, "kinds"), "title", "自転車置場使用届"));
    json_decref(r);
    client_close(c);
    branch_stop(&o->b, SIGTERM);
    assert_int_equal(fs_write_atomic(file, 0644, span_of(new_form), NULL), OK);
    branch_start(&o->b);
    c = log_in(o, "clk1");
    r = ask(c, "notice.kinds", NULL);
    assert_true(lists(json_object_get(r, "kinds"), "title", "自転車置場使用届"));
    json_decref(r);
    r = ask(c, "notice.form", json_pack("{s:s}", "kind", "jitensha"));
    assert_int_equal(json_array_size(json_object_get(r, "sections")), 2);
    json_decref(r);
    r = ask(c, "manual.page", json_pack("{s:s}", "screen", "notice:jitensha"));
    assert_string_equal(json_string_value(json_object_get(r, "title")), "自転車置場使用届");
    json_decref(r);
    r = ask(c, "notice.statistics", NULL);
    assert_true(lists(json_object_get(r, "rows"), "kind", "jitensha"));
    json_decref(r);
    client_close(c);
    free(file);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_office, close_office)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_wrong_password), TEST(test_full_disk_by_limit), TEST(test_full_disk),
        TEST(test_damaged_form),   TEST(test_corrupted_store),    TEST(test_new_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
