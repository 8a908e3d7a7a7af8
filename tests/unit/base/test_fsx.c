#include "check.h"

#include "base/fsx.h"
#include <fcntl.h>

static char *in_dir(void **state, const char *name)
{
    return fs_join(*state, name);
}

static void must_write(const char *path, const char *text)
{
    assert_int_equal(fs_write_atomic(path, 0600, span_of(text), NULL), OK);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void test_write_and_read(void **state)
{
    char *path = in_dir(state, "a");
    struct buf b = BUF_INIT;
    struct errinfo e;
    buf_adds(&b, "old");
    mode_t before = umask(0077);
    assert_int_equal(fs_write_atomic(path, 0644, (struct span){ "x\0y", 3 }, &e), OK);
    umask(before);
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(fs_read(path, 3, &b, &e), OK);
    assert_int_equal(b.len, 3);
    assert_memory_equal(b.p, "x\0y", 4);
    must_write(path, "");
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(fs_read(path, 0, &b, &e), OK);
    assert_int_equal(b.len, 0);
    buf_done(&b);
    free(path);
}

static void test_big_file(void **state)
{
    char *path = in_dir(state, "big");
    struct buf b = BUF_INIT, got = BUF_INIT;
    for (int i = 0; i < 100000; i++)
        buf_printf(&b, "%d,", i);
    assert_int_equal(fs_write_atomic(path, 0600, buf_span(&b), NULL), OK);
    assert_int_equal(fs_read(path, b.len, &got, NULL), OK);
    assert_true(span_eq(buf_span(&b), buf_span(&got)));
    buf_done(&b);
    buf_done(&got);
    free(path);
}

static void expect_unread(const char *path, size_t max, enum err want)
{
    struct buf b = BUF_INIT;
    struct errinfo e;
    buf_adds(&b, "old");
    assert_int_equal(fs_read(path, max, &b, &e), want);
    assert_int_equal(e.code, want);
    assert_non_null(strstr(e.item, strrchr(path, '/')));
    assert_string_equal(buf_str(&b), "old");
    buf_done(&b);
}

static void test_read_refuses(void **state)
{
    char *path = in_dir(state, "a"), *link = in_dir(state, "link"), *fifo = in_dir(state, "fifo");
    must_write(path, "abc");
    assert_int_equal(symlink("a", link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_unread(path, 2, E_INVALID);
    expect_unread(link, 100, E_INVALID);
    expect_unread(fifo, 100, E_INVALID);
    expect_unread(*state, 100, E_INVALID);
    unlink(path);
    expect_unread(path, 100, E_NOTFOUND);
    free(path);
    free(link);
    free(fifo);
}

/* Files under /proc have size 0 for fstat: the limit must hold while reading too. */
static void test_limit_holds_for_growing_files(void **state)
{
    (void)state;
    expect_unread("/proc/self/status", 10, E_INVALID);
}

static size_t entries(const char *dir)
{
    char **names;
    size_t n;
    assert_int_equal(fs_list(dir, "", &names, &n, NULL), OK);
    fs_list_free(names, n);
    return n;
}

static void test_failed_write_leaves_the_old_file_only(void **state)
{
    char *path = in_dir(state, "a"), *missing = in_dir(state, "no/such");
    struct errinfo e;
    must_write(path, "old");
    /* A directory in the place of the target: rename fails after the content was written. */
    char *dir = in_dir(state, "dir");
    assert_int_equal(fs_mkdir_p(dir, 0700, NULL), OK);
    assert_int_not_equal(fs_write_atomic(dir, 0600, span_of("new"), &e), OK);
    assert_int_equal(entries(*state), 1);
    assert_int_equal(fs_write_atomic(missing, 0600, span_of("new"), &e), E_NOTFOUND);
    assert_int_equal(entries(*state), 1);
    free(path);
    free(missing);
    free(dir);
}

/* With a file size limit the write stops half way: the old content must stay. */
static void write_beyond_limit(void *arg)
{
    struct rlimit small = { 1000, 1000 };
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    struct buf b = BUF_INIT;
    while (b.len < 5000)
        buf_adds(&b, "new");
    enum err err = fs_write_atomic(arg, 0600, buf_span(&b), NULL);
    buf_done(&b);
    _exit(err == E_IO ? 7 : 1);
}

static void test_write_that_stops_half_way(void **state)
{
    char *path = in_dir(state, "a"), text[100];
    struct buf b = BUF_INIT;
    must_write(path, "old");
    int status = check_child(write_beyond_limit, path, text, sizeof text);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_int_equal(fs_read(path, 100, &b, NULL), OK);
    assert_string_equal(buf_str(&b), "old");
    assert_int_equal(entries(*state), 1);
    buf_done(&b);
    free(path);
}

static void test_relative_name(void **state)
{
    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(*state), 0);
    must_write("plain", "x");
    assert_int_equal(entries("."), 1);
    assert_int_equal(chdir(before), 0);
    free(before);
}

static void test_mkdir_p(void **state)
{
    char *deep = in_dir(state, "x//y/z/"), *x = in_dir(state, "x"), *z = in_dir(state, "x/y/z");
    struct errinfo e;
    mode_t before = umask(0077);
    assert_int_equal(fs_mkdir_p(deep, 0755, &e), OK);
    umask(before);
    assert_int_equal(mode_of(x), 0755);
    assert_int_equal(mode_of(z), 0755);
    assert_int_equal(chmod(x, 0700), 0);
    assert_int_equal(fs_mkdir_p(deep, 0755, &e), OK);
    assert_int_equal(mode_of(x), 0700);
    char *file = in_dir(state, "file"), *below = in_dir(state, "file/d");
    must_write(file, "");
    assert_int_equal(fs_mkdir_p(file, 0755, &e), E_EXISTS);
    assert_int_not_equal(fs_mkdir_p(below, 0755, &e), OK);
    free(deep);
    free(x);
    free(z);
    free(file);
    free(below);
}

static void test_join(void **state)
{
    static const struct {
        const char *a, *b, *want;
    } rows[] = {
        { "a", "b", "a/b" },     { "a/", "b", "a/b" }, { "a//", "/b", "a/b" },    { "/", "b", "/b" },
        { "/", "/b/c", "/b/c" }, { "", "b", "b" },     { "/a/b", "c", "/a/b/c" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *got = fs_join(rows[i].a, rows[i].b);
        assert_string_equal(got, rows[i].want);
        free(got);
    }
}

static void test_list(void **state)
{
    static const char *const files[] = { "b.form", "a.form", "B.form", "c.form.old", "form", "è.form" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = in_dir(state, files[i]);
        must_write(path, "");
        free(path);
    }
    char *dir = in_dir(state, "d.form"), *link = in_dir(state, "l.form");
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(symlink("a.form", link), 0);
    char **names;
    size_t n;
    assert_int_equal(fs_list(*state, ".form", &names, &n, NULL), OK);
    assert_int_equal(n, 4);
    assert_string_equal(names[0], "B.form");
    assert_string_equal(names[1], "a.form");
    assert_string_equal(names[2], "b.form");
    assert_string_equal(names[3], "è.form");
    fs_list_free(names, n);
    assert_int_equal(fs_list(*state, ".none", &names, &n, NULL), OK);
    assert_int_equal(n, 0);
    fs_list_free(names, n);
    struct errinfo e;
    char *gone = in_dir(state, "gone");
    n = 77;
    assert_int_equal(fs_list(gone, "", &names, &n, &e), E_NOTFOUND);
    assert_int_equal(n, 77);
    free(gone);
    free(dir);
    free(link);
}

static void test_sync_dir(void **state)
{
    char *file = in_dir(state, "f");
    must_write(file, "");
    assert_int_equal(fs_sync_dir(*state, NULL), OK);
    assert_int_equal(fs_sync_dir(file, NULL), E_NOTFOUND);
    free(file);
}

static void test_write_all_to_a_full_device(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct errinfo e;
    assert_true(fd >= 0);
    assert_int_equal(fs_write_all(fd, span_of("x"), &e), E_FULL);
    assert_int_equal(e.code, E_FULL);
    close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, check_tmpdir, check_tmpdir_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_write_and_read),
        TEST(test_big_file),
        TEST(test_read_refuses),
        TEST(test_limit_holds_for_growing_files),
        TEST(test_failed_write_leaves_the_old_file_only),
        TEST(test_write_that_stops_half_way),
        TEST(test_relative_name),
        TEST(test_mkdir_p),
        TEST(test_join),
        TEST(test_list),
        TEST(test_sync_dir),
        TEST(test_write_all_to_a_full_device),
    };
    return cmocka_run_group_tests_name("fsx", tests, NULL, NULL);
}
