#include "form/catalog.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "form/formread.h"
#include "tables.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum err open_part(void *dir, const char *name, struct lines *ret, struct errinfo *reterr)
{
    char *file = xprintf("%s.part", name), *path = fs_join(dir, file);
    enum err err = lines_open(ret, path, reterr);
    free(path);
    free(file);
    return err;
}

static size_t read_one(const char *dir, const char *file, struct rulebook *book, struct catalog_report *report)
{
    struct part_source parts = { open_part, (void *)(uintptr_t)dir };
    struct lines l;
    struct errinfo e;
    struct kind *k;
    char *path = fs_join(dir, file), *id = xstrndup(file, strlen(file) - strlen(".form"));
    size_t before = report->n;
    if (lines_open(&l, path, &e) != OK) {
        report_errinfo(report, &e);
    } else {
        if (form_read(&l, id, &parts, book, &k, report, &e) == OK) {
            book->kinds.k = xrealloc(book->kinds.k, book->kinds.n + 1, sizeof *book->kinds.k);
            book->kinds.k[book->kinds.n++] = k;
        }
        lines_close(&l);
    }
    free(id);
    free(path);
    return report->n - before;
}

static int by_menu(const void *a, const void *b)
{
    return kind_cmp(*(struct kind *const *)a, *(struct kind *const *)b);
}

static size_t check_menu(struct kinds *kinds, struct catalog_report *report)
{
    size_t before = report->n;
    if (kinds->n)
        qsort(kinds->k, kinds->n, sizeof *kinds->k, by_menu);
    for (size_t i = 0; i < kinds->n; i++)
        for (size_t j = i + 1; j < kinds->n; j++) {
            const struct kind *a = kinds->k[i], *b = kinds->k[j];
            if (strcmp(a->group, b->group) == 0 && strcmp(a->menu_key, b->menu_key) == 0)
                report_add(report, b->file, "menu %s of group %s is taken by %s", b->menu_key, b->group, a->file);
            if (strcmp(a->title, b->title) == 0)
                report_add(report, b->file, "title \"%s\" is taken by %s", b->title, a->file);
        }
    return report->n - before;
}

static size_t read_forms(const char *dir, struct rulebook *book, struct catalog_report *report)
{
    char **name;
    size_t n, problems = 0;
    struct errinfo e;
    if (fs_list(dir, ".form", &name, &n, &e) != OK) {
        report_add(report, dir, "expected a directory of forms");
        return 1;
    }
    for (size_t i = 0; i < n; i++)
        problems += read_one(dir, name[i], book, report);
    fs_list_free(name, n);
    return problems + check_menu(&book->kinds, report);
}

enum err catalog_load(const char *forms, const char *data, const char *overrides, struct rulebook **ret,
                      struct catalog_report *ret_report, struct errinfo *reterr)
{
    struct catalog_report report = { 0 };
    struct rulebook *book = xcalloc(1, sizeof *book);
    size_t problems = tables_read(data, overrides, book, &report);
    problems += read_forms(forms, book, &report);
    enum err err = OK;
    if (problems) {
        err = err_set(reterr, E_INVALID, NULL, "catalog", "%s", report.line[0]);
        rulebook_free(book);
    } else {
        *ret = book;
    }
    if (ret_report)
        *ret_report = report;
    else
        catalog_report_done(&report);
    return err;
}

void rulebook_free(struct rulebook *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->kinds.n; i++)
        kind_free(b->kinds.k[i]);
    free(b->kinds.k);
    tables_done(b);
    free(b);
}

/* ---- the bytes that decide, for the digest ---- */

static enum err add_file(const char *dir, const char *name, struct buf *ret, struct errinfo *reterr)
{
    struct lines l;
    char *path = fs_join(dir, name);
    enum err err = lines_open(&l, path, reterr);
    free(path);
    if (err != OK)
        return err;
    buf_printf(ret, "%s %zu\n", name, l.raw.n);
    buf_add(ret, l.raw.p, l.raw.n);
    lines_close(&l);
    return OK;
}

static enum err add_files(const char *dir, const char *suffix, struct buf *ret, struct errinfo *reterr)
{
    char **name;
    size_t n;
    TRY(fs_list(dir, suffix, &name, &n, reterr));
    enum err err = OK;
    for (size_t i = 0; i < n && err == OK; i++)
        err = add_file(dir, name[i], ret, reterr);
    fs_list_free(name, n);
    return err;
}

enum err catalog_bytes(const char *forms, const char *data, struct buf *ret, struct errinfo *reterr)
{
    struct buf all = BUF_INIT;
    char *tables = fs_join(data, "tables");
    enum err err = add_files(forms, ".form", &all, reterr);
    if (err == OK)
        err = add_files(forms, ".part", &all, reterr);
    if (err == OK)
        err = add_files(data, ".tsv", &all, reterr);
    if (err == OK)
        err = add_files(tables, ".tsv", &all, reterr);
    if (err == OK)
        buf_add(ret, all.p, all.len);
    free(tables);
    buf_done(&all);
    return err;
}

/* ---- where it all lies ---- */

static bool is_share(const char *dir)
{
    char *forms = fs_join(dir, "forms");
    bool yes = access(forms, X_OK) == 0;
    free(forms);
    return yes;
}

/* The directory of the program's file, or NULL. */
static char *program_dir(const char *argv0)
{
    char *path = realpath("/proc/self/exe", NULL);
    if (!path && argv0)
        path = realpath(argv0, NULL);
    char *slash = path ? strrchr(path, '/') : NULL;
    if (slash)
        *slash = '\0';
    return path;
}

char *catalog_share_dir(const char *argv0)
{
    const char *named = getenv("MADOGUCHI_SHARE");
    if (named && *named)
        return xstrdup(named);
    static const char *const beside[] = {
        "../share/madoguchi", /* installed: bin/ and share/ */
        "../../..",           /* build/src/app */
    };
    char *dir = program_dir(argv0), *found = NULL;
    for (size_t i = 0; dir && !found && i < ARRAY_LEN(beside); i++) {
        char *try = fs_join(dir, beside[i]);
        if (is_share(try))
            found = realpath(try, NULL);
        free(try);
    }
    free(dir);
    return found ? found : xstrdup("/usr/share/madoguchi");
}
