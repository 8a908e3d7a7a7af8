#include "fixture.h"

/* Forms one by one: the real ones, all their truncations, and a directory of bad ones. */

static struct rulebook *book;
static struct buf part;

static enum err open_part(void *self, const char *name, struct lines *ret, struct errinfo *e)
{
    (void)self;
    if (strcmp(name, "filer") != 0)
        return err_set(e, E_NOTFOUND, NULL, name, "no such part");
    return lines_text(ret, "filer.part", buf_span(&part), e);
}

static const struct part_source parts = { open_part, NULL };

static enum err read_text(const char *name, const char *id, struct span text, struct catalog_report *report)
{
    struct lines l;
    struct errinfo e = { 0 };
    struct kind *k = NULL;
    enum err err = lines_text(&l, name, text, &e);
    if (err != OK) {
        report_errinfo(report, &e);
        return err;
    }
    err = form_read(&l, id, &parts, book, &k, report, &e);
    if (err == OK)
        kind_free(k);
    else
        assert_non_null(strstr(e.detail, ": "));
    lines_close(&l);
    return err;
}

static void read_file(const char *dir, const char *name, struct buf *ret)
{
    struct errinfo e;
    char *path = fs_join(dir, name);
    assert_int_equal(fs_read(path, 1 << 20, ret, &e), OK);
    free(path);
}

static void each(const char *below, void (*cb)(const char *dir, const char *name, const char *id))
{
    char **name, *dir = tree(below);
    size_t n;
    struct errinfo e;
    assert_int_equal(fs_list(dir, ".form", &name, &n, &e), OK);
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        char *id = xstrndup(name[i], strlen(name[i]) - 5);
        cb(dir, name[i], id);
        free(id);
    }
    fs_list_free(name, n);
    free(dir);
}

static void good(const char *dir, const char *name, const char *id)
{
    struct buf text = BUF_INIT;
    struct catalog_report report = { 0 };
    read_file(dir, name, &text);
    enum err err = read_text(name, id, buf_span(&text), &report);
    for (size_t i = 0; i < report.n; i++)
        print_message("# %s\n", report.line[i]);
    assert_int_equal(err, OK);
    assert_int_equal(report.n, 0);
    catalog_report_done(&report);
    buf_done(&text);
}

static void test_all_forms_are_good(void **state)
{
    (void)state;
    each("forms", good);
}

/* However a form is cut, reading ends with a kind or with reasons, and never with half of either. */
static void cut(const char *dir, const char *name, const char *id)
{
    struct buf text = BUF_INIT;
    read_file(dir, name, &text);
    for (size_t n = 0; n < text.len; n++) {
        struct catalog_report report = { 0 };
        enum err err = read_text(name, id, (struct span){ text.p, n }, &report);
        assert_int_equal(err == OK, report.n == 0);
        catalog_report_done(&report);
    }
    buf_done(&text);
}

static void test_every_truncation_is_refused_or_whole(void **state)
{
    (void)state;
    each("forms", cut);
}

/* Every byte changed once, to what breaks most: a blank, a quotation mark, a line end. */
static void scratch(const char *dir, const char *name, const char *id)
{
    static const char harm[] = { ' ', '"', '\n', '\0' };
    struct buf text = BUF_INIT;
    read_file(dir, name, &text);
    for (size_t i = 0; i < text.len; i += 3) {
        struct catalog_report report = { 0 };
        char was = text.p[i];
        text.p[i] = harm[i % sizeof harm];
        enum err err = read_text(name, id, buf_span(&text), &report);
        assert_int_equal(err == OK, report.n == 0);
        text.p[i] = was;
        catalog_report_done(&report);
    }
    buf_done(&text);
}

static void test_scratched_forms_end_in_reasons(void **state)
{
    (void)state;
    each("forms", scratch);
}

/* Lines "#! …" of a bad form are the report it must make, in order. */
static void bad(const char *dir, const char *name, const char *id)
{
    struct buf text = BUF_INIT;
    struct catalog_report report = { 0 };
    read_file(dir, name, &text);
    assert_int_not_equal(read_text(name, id, buf_span(&text), &report), OK);
    size_t expected = 0;
    for (char *p = text.p; p && *p;) {
        char *nl = strchr(p, '\n');
        if (strncmp(p, "#! ", 3) == 0) {
            char *want = xstrndup(p + 3, (size_t)(nl - p - 3));
            const char *have = expected < report.n ? report.line[expected] : "(nothing)";
            if (strcmp(want, have) != 0)
                fail_msg("%s:\n  expected %s\n  found    %s", name, want, have);
            free(want);
            expected++;
        }
        p = nl ? nl + 1 : NULL;
    }
    if (expected < report.n)
        fail_msg("%s: also found %s", name, report.line[expected]);
    catalog_report_done(&report);
    buf_done(&text);
}

static void test_bad_forms_say_where_it_hurts(void **state)
{
    (void)state;
    each("tests/unit/form/bad", bad);
}

static int set_up(void **state)
{
    (void)state;
    book = tree_book();
    char *forms = tree("forms");
    read_file(forms, "filer.part", &part);
    free(forms);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rulebook_free(book);
    buf_done(&part);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_forms_are_good),
        cmocka_unit_test(test_bad_forms_say_where_it_hurts),
        cmocka_unit_test(test_every_truncation_is_refused_or_whole),
        cmocka_unit_test(test_scratched_forms_end_in_reasons),
    };
    return cmocka_run_group_tests_name("form-forms", tests, set_up, tear_down);
}
