#include "check.h"

#include "base/fsx.h"
#include "base/lines.h"

static struct lines open_text(const char *text)
{
    struct lines l;
    struct errinfo e;
    assert_int_equal(lines_text(&l, "dir/x.form", span_of(text), &e), OK);
    return l;
}

static void test_next_skips_blank_and_comment(void **state)
{
    (void)state;
    struct lines l = open_text("# head\n\none\n \t \n  two # kept\n#\nthree");
    assert_true(lines_next(&l));
    assert_true(span_is(l.line, "one"));
    assert_int_equal(l.no, 3);
    assert_true(lines_next(&l));
    assert_true(span_is(l.line, "  two # kept"));
    assert_int_equal(l.no, 5);
    assert_int_equal(lines_indent(&l), 2);
    assert_true(lines_next(&l));
    assert_true(span_is(l.line, "three"));
    assert_int_equal(l.no, 7);
    assert_false(lines_next(&l));
    assert_false(lines_next(&l));
    lines_close(&l);
    lines_close(NULL);
}

static void test_indented_hash_is_no_comment(void **state)
{
    (void)state;
    struct lines l = open_text(" # text\n");
    assert_true(lines_next(&l));
    assert_true(span_is(l.line, " # text"));
    assert_false(lines_next(&l));
    lines_close(&l);
}

static void test_copies(void **state)
{
    (void)state;
    char text[] = "abc\n", name[] = "n";
    struct lines l;
    assert_int_equal(lines_text(&l, name, span_of(text), NULL), OK);
    memset(text, 'x', 3);
    name[0] = 'y';
    assert_true(span_is(l.raw, "abc\n"));
    assert_string_equal(l.path, "n");
    lines_close(&l);
}

static void test_empty(void **state)
{
    (void)state;
    struct lines l = open_text("");
    assert_false(lines_next(&l));
    assert_int_equal(l.raw.n, 0);
    lines_close(&l);
}

static void test_refused_bytes(void **state)
{
    static const struct {
        struct span text;
        const char *item, *detail;
    } rows[] = {
        { { "a\nb\r\n", 5 }, "f:2", "carriage return" }, { { "a\0b", 3 }, "f:1", "NUL" },
        { { "a\n\n\xff", 4 }, "f:3", "UTF-8" },          { { "\xe7\xaa", 2 }, "f:1", "UTF-8" },
        { { "\xc0\x80", 2 }, "f:1", "UTF-8" },           { { "\xed\xa0\x80", 3 }, "f:1", "UTF-8" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lines l = { .no = 77 };
        struct errinfo e;
        assert_int_equal(lines_text(&l, "f", rows[i].text, &e), E_INVALID);
        assert_string_equal(e.item, rows[i].item);
        assert_non_null(strstr(e.detail, rows[i].detail));
        assert_int_equal(l.no, 77);
    }
}

static void test_size_limit(void **state)
{
    char *path = fs_join(*state, "f");
    char *big = malloc(LINES_MAX_FILE + 1);
    struct lines l;
    struct errinfo e;
    memset(big, 'a', LINES_MAX_FILE + 1);
    assert_int_equal(lines_text(&l, "f", (struct span){ big, LINES_MAX_FILE + 1 }, &e), E_INVALID);
    assert_int_equal(lines_text(&l, "f", (struct span){ big, LINES_MAX_FILE }, &e), OK);
    lines_close(&l);
    assert_int_equal(fs_write_atomic(path, 0600, (struct span){ big, LINES_MAX_FILE + 1 }, &e), OK);
    assert_int_equal(lines_open(&l, path, &e), E_INVALID);
    assert_int_equal(truncate(path, LINES_MAX_FILE), 0);
    assert_int_equal(lines_open(&l, path, &e), OK);
    assert_int_equal(l.size, LINES_MAX_FILE);
    assert_string_equal(l.path, path);
    lines_close(&l);
    unlink(path);
    assert_int_equal(lines_open(&l, path, &e), E_NOTFOUND);
    free(big);
    free(path);
}

static void test_fail_names_file_and_line(void **state)
{
    (void)state;
    struct lines l = open_text("\n\nhere\n");
    struct errinfo e;
    assert_true(lines_next(&l));
    assert_int_equal(lines_fail(&l, &e, "expected %s", "日付"), E_INVALID);
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(e.item, "dir/x.form:3");
    assert_string_equal(e.detail, "expected 日付");
    lines_close(&l);
}

static void test_fail_keeps_the_end_of_a_long_path(void **state)
{
    (void)state;
    struct buf name = BUF_INIT;
    for (int i = 0; i < 80; i++)
        buf_adds(&name, "窓");
    buf_adds(&name, "/last.form");
    struct lines l;
    struct errinfo e;
    assert_int_equal(lines_text(&l, buf_str(&name), span_of("x"), &e), OK);
    assert_true(lines_next(&l));
    lines_fail(&l, &e, "x");
    assert_memory_equal(e.item, "窓窓", 6);
    assert_string_equal(e.item + strlen(e.item) - 12, "/last.form:1");
    lines_close(&l);
    buf_done(&name);
}

static void test_words(void **state)
{
    static const struct {
        const char *line;
        size_t n;
        const char *words[4];
    } rows[] = {
        { "a", 1, { "a" } },
        { "  a  b\tc ", 3, { "a", "b", "c" } },
        { "field \"氏名 漢字\" 100", 3, { "field", "氏名 漢字", "100" } },
        { "\"\" \"x\"", 2, { "", "x" } },
        { "\"a\tb\"", 1, { "a\tb" } },
        { "a b c d", 4, { "a", "b", "c", "d" } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lines l = open_text(rows[i].line);
        struct span words[4];
        size_t n;
        assert_true(lines_next(&l));
        assert_int_equal(lines_words(&l, words, 4, &n, NULL), OK);
        assert_int_equal(n, rows[i].n);
        for (size_t k = 0; k < n; k++)
            assert_true(span_is(words[k], rows[i].words[k]));
        lines_close(&l);
    }
}

static void test_words_refused(void **state)
{
    static const char *const rows[] = { "a b c d e", "a \"b", "a b\"c", "\"a\"b", "\"", "a\"", "a \"b\"\"c\"" };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lines l = open_text(rows[i]);
        struct span words[4] = { { NULL, 77 } };
        size_t n = 77;
        struct errinfo e;
        assert_true(lines_next(&l));
        assert_int_equal(lines_words(&l, words, 4, &n, &e), E_INVALID);
        assert_string_equal(e.item, "dir/x.form:1");
        assert_int_equal(n, 77);
        assert_int_equal(words[0].n, 77);
        lines_close(&l);
    }
}

static void test_cells(void **state)
{
    (void)state;
    struct lines l = open_text("a\t氏 名\t\td\n\t\t\n\ta\t\t");
    struct span cells[4];
    struct errinfo e;
    assert_true(lines_next(&l));
    assert_int_equal(lines_cells(&l, cells, 4, &e), OK);
    assert_true(span_is(cells[0], "a"));
    assert_true(span_is(cells[1], "氏 名"));
    assert_true(span_is(cells[2], ""));
    assert_true(span_is(cells[3], "d"));
    assert_int_equal(lines_cells(&l, cells, 3, &e), E_INVALID);
    assert_int_equal(lines_cells(&l, cells, 5, &e), E_INVALID);
    assert_non_null(strstr(e.detail, "5"));
    assert_true(lines_next(&l));
    assert_int_equal(l.no, 3);
    assert_int_equal(lines_cells(&l, cells, 4, &e), OK);
    assert_true(span_is(cells[0], ""));
    assert_true(span_is(cells[1], "a"));
    assert_true(span_is(cells[3], ""));
    lines_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_skips_blank_and_comment),
        cmocka_unit_test(test_indented_hash_is_no_comment),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_refused_bytes),
        cmocka_unit_test_setup_teardown(test_size_limit, check_tmpdir, check_tmpdir_gone),
        cmocka_unit_test(test_fail_names_file_and_line),
        cmocka_unit_test(test_fail_keeps_the_end_of_a_long_path),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_words_refused),
        cmocka_unit_test(test_cells),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
