/* `madoguchi-ctl import addresses` against madoguchi-branchd with a store of its own. */
#include "../daemon.h"
#include "../program.h"

#include "app/instance.h"
#include "base/fsx.h"
#include <pty.h>

#define PASSWORD "asagao no hana 42"

static const char *CTL, *BRANCHD, *TOWNS; /* set once by main */

#define RUN(input, ...) run_with(CTL, (input), (const char *const[]){ __VA_ARGS__, NULL })

struct branch {
    char *dir, *password, *file;
    pid_t daemon;
};

static void put(const char *path, const char *text)
{
    assert_int_equal(fs_write_atomic(path, 0600, span_of(text), NULL), OK);
}

static int set_up(void **state)
{
    struct branch *b = xcalloc(1, sizeof *b);
    void *dir;
    if (check_tmpdir(&dir) != 0)
        return -1;
    *state = b;
    b->dir = dir;
    b->password = fs_join(b->dir, "password");
    b->file = fs_join(b->dir, "towns.csv");
    char *people = fs_join(b->dir, "people"), *own = fs_join(b->dir, "parameters.conf");
    put(b->password, PASSWORD "\n");
    put(people, "sys1\t試験 用子\tSYS\t-\t" PASSWORD "\nclk1\t窓口 花子\tCLK\t-\t" PASSWORD "\n");
    put(own, "KDF_ITER = 1000\n");
    struct run r = RUN("", "--dir", b->dir, "init", "--trial", "--city-code=99201", "--office=E",
                       "--office-name=東支所", "--terminal=1", "--operators", people);
    if (r.status != 0)
        fail_msg("init: %s", buf_str(&r.err));
    run_done(&r);
    free(people);
    free(own);
    b->daemon = daemon_start(BRANCHD, b->dir);
    return 0;
}

static int tear_down(void **state)
{
    struct branch *b = *state;
    void *dir = b->dir;
    daemon_stop(b->dir, b->daemon, SIGTERM);
    free(b->file);
    free(b->password);
    free(b);
    return check_tmpdir_gone(&dir);
}

static struct run import_as(const struct branch *b, const char *operator_id, const char *file, const char *json)
{
    return RUN("", "--dir", b->dir, "--as", operator_id, "--password-file", b->password, "import", "addresses", file,
               json);
}

/* Towns that a clerk gets for a query, separated by commas. */
static char *look_up(const struct branch *b, const char *query)
{
    struct buf towns = BUF_INIT;
    struct run r =
        RUN(query, "--dir", b->dir, "--as", "clk1", "--password-file", b->password, "--json", "call", "address.lookup");
    json_t *j = document(&r), *row;
    size_t i;
    json_array_foreach (json_object_get(j, "rows"), i, row)
        buf_printf(&towns, "%s%s", i ? "," : "", json_string_value(json_object_get(row, "town")));
    json_decref(j);
    run_done(&r);
    return towns.len ? buf_steal(&towns) : xstrdup("");
}

static void expect(const struct branch *b, const char *query, const char *want)
{
    char *got = look_up(b, query);
    assert_string_equal(got, want);
    free(got);
}

static int64_t number(const json_t *j, const char *key)
{
    assert_true(json_is_number(json_object_get(j, key)));
    return json_integer_value(json_object_get(j, key));
}

static void test_import(void **state)
{
    struct branch *b = *state;
    struct run r = import_as(b, "sys1", TOWNS, "--json");
    assert_int_equal(r.status, 0);
    json_t *j = document(&r);
    assert_int_equal(number(j, "lines"), 45);
    assert_int_equal(number(j, "records"), 45);
    assert_int_equal(number(j, "merged"), 0);
    assert_int_equal(number(j, "cities"), 3);
    assert_int_equal(json_array_size(json_object_get(j, "rejected")), 0);
    assert_true(number(j, "peak_kib") > 0);
    assert_true(json_is_real(json_object_get(j, "seconds")));
    json_decref(j);
    run_done(&r);
    expect(b, "{\"zip\":\"999-0001\"}", "梅町一丁目");
    expect(b, "{\"initials\":\"ウメマチイ\"}", "梅町一丁目");
}

/* More rows than one request holds, lines that are no records, and a municipality that is replaced whole. */
static void test_replace_with_rejects(void **state)
{
    struct branch *b = *state;
    struct buf text = BUF_INIT;
    struct run r = import_as(b, "sys1", TOWNS, "--json");
    run_done(&r);
    for (int i = 0; i < 2500; i++)
        buf_printf(&text,
                   "99201,\"999  \",\"9991%03d\",\"チハヤケン\",\"ウメサトシ\",\"マチ\",\"千早県\",\"梅里市\",\"町%d\","
                   "0,0,0,0,0,0\n",
                   i % 1000, i);
    buf_adds(&text,
             "これは記録ではない\n99201,\"999  \",\"99\",\"ア\",\"ア\",\"ア\",\"県\",\"市\",\"町\",0,0,0,0,0,0\n");
    put(b->file, buf_str(&text));
    buf_done(&text);
    r = import_as(b, "sys1", b->file, "--json");
    assert_int_equal(r.status, 0);
    json_t *j = document(&r);
    assert_int_equal(number(j, "lines"), 2502);
    assert_int_equal(number(j, "records"), 2500);
    assert_int_equal(number(j, "cities"), 1);
    const json_t *rejected = json_object_get(j, "rejected");
    assert_int_equal(json_array_size(rejected), 2);
    assert_int_equal(number(json_array_get(rejected, 1), "line"), 2502);
    json_decref(j);
    run_done(&r);
    expect(b, "{\"zip\":\"9990001\"}", "");
    expect(b, "{\"zip\":\"9991999\"}", "町９９９,町１９９９");
    r = import_as(b, "sys1", b->file, NULL);
    assert_int_equal(r.status, 0);
    has(&r.out, "読めずに除いた行: 2行");
    has(&r.out, "2502行目: ");
    run_done(&r);
}

static void test_refused(void **state)
{
    struct branch *b = *state;
    struct run r = import_as(b, "clk1", TOWNS, NULL);
    assert_int_equal(r.status, 1);
    has(&r.err, "権限がありません");
    run_done(&r);
    put(b->file, "何かの文書\n");
    r = import_as(b, "sys1", b->file, NULL);
    assert_int_equal(r.status, 1);
    has(&r.err, "読める行が1つもありません");
    run_done(&r);
    unlink(b->file);
    r = import_as(b, "sys1", b->file, "--json");
    assert_int_equal(r.status, 1);
    json_t *j = document(&r);
    assert_string_equal(text_in(j, "error", "code"), "notfound");
    json_decref(j);
    run_done(&r);
    r = RUN("", "--dir", b->dir, "import", "addresses", TOWNS);
    assert_int_equal(r.status, 2); /* nobody is named */
    run_done(&r);
    expect(b, "{\"zip\":\"999\"}", "");
}

/* On a terminal there is a bar, and it is gone at the end. */
static void test_progress(void **state)
{
    struct branch *b = *state;
    struct buf seen = BUF_INIT;
    int tty, status;
    pid_t pid = forkpty(&tty, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        const char *const args[] = { "--dir",     b->dir, "--as=sys1", "--password-file", b->password, "import",
                                     "addresses", TOWNS,  NULL };
        child(CTL, 0, 1, 2, args);
    }
    drain(tty, &seen);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    has(&seen, "\r住所辞書 [##############################] 100% 45");
    has(&seen, "\r\033[K");
    has(&seen, "45件の町字を3市区町村に取り込みました");
    close(tty);
    buf_done(&seen);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_import),
        TEST(test_replace_with_rejects),
        TEST(test_refused),
        TEST(test_progress),
    };
    if (argc < 5)
        return 1;
    CTL = argv[1];
    BRANCHD = argv[2];
    setenv("MADOGUCHI_SHARE", argv[3], 1);
    TOWNS = argv[4];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
