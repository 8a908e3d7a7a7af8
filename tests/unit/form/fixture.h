/* The tables and forms of the source tree, as the tests of the form layer use them. */
#ifndef TEST_FORM_FIXTURE_H
#define TEST_FORM_FIXTURE_H

#include "base/fsx.h"
#include "base/mem.h"
#include "form/formread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static inline char *tree(const char *below)
{
    const char *root = getenv("SOURCE_ROOT");
    return fs_join(root ? root : ".", below);
}

static inline struct rulebook *tree_book(void)
{
    struct rulebook *book = NULL;
    struct catalog_report report = { 0 };
    struct errinfo e = { 0 };
    char *forms = tree("forms"), *data = tree("data");
    if (catalog_load(forms, data, NULL, &book, &report, &e) != OK)
        for (size_t i = 0; i < report.n; i++)
            print_message("# %s\n", report.line[i]);
    assert_non_null(book);
    char **own[] = { &book->own_pref, &book->own_city, &book->own_city_code };
    static const char *const here[] = { "千早県", "梅里市", "99201" }; /* whatever municipality is the default */
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        free(*own[i]);
        *own[i] = xstrdup(here[i]);
    }
    catalog_report_done(&report);
    free(forms);
    free(data);
    return book;
}

/* A new directory; the caller removes it with tmp_remove. */
static inline char *tmp_new(void)
{
    char *dir = xstrdup("/tmp/form-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static inline void tmp_write(const char *dir, const char *name, const char *text)
{
    struct errinfo e;
    char *path = fs_join(dir, name);
    assert_int_equal(fs_write_atomic(path, 0600, span_of(text), &e), OK);
    free(path);
}

static inline void tmp_remove(char *take)
{
    char **name;
    size_t n;
    struct errinfo e;
    assert_int_equal(fs_list(take, "", &name, &n, &e), OK);
    for (size_t i = 0; i < n; i++) {
        char *path = fs_join(take, name[i]);
        unlink(path);
        free(path);
    }
    fs_list_free(name, n);
    rmdir(take);
    free(take);
}

#endif
