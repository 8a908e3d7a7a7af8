#include "gen.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void gen_fail(const char *path, int line, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s:", path);
    if (line)
        fprintf(stderr, "%d:", line);
    fputc(' ', stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

static void *need(void *p)
{
    if (!p)
        gen_fail("generator", 0, "out of memory");
    return p;
}

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        gen_fail(path, 0, "cannot be read");
    long size = ftell(f);
    rewind(f);
    if (size < 0)
        gen_fail(path, 0, "cannot be read");
    char *text = need(calloc(1, (size_t)size + 1));
    if (fread(text, 1, (size_t)size, f) != (size_t)size)
        gen_fail(path, 0, "cannot be read");
    fclose(f);
    if (strlen(text) != (size_t)size)
        gen_fail(path, 0, "holds a NUL byte");
    return text;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct gen_file *)a)->name, ((const struct gen_file *)b)->name);
}

struct gen_dir gen_read_dir(const char *path, const char *suffix)
{
    struct gen_dir ret = { .path = need(strdup(path)) };
    DIR *d = opendir(path);
    if (!d)
        gen_fail(path, 0, "cannot be listed");
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name), s = strlen(suffix);
        if (n <= s || e->d_name[0] == '.' || strcmp(e->d_name + n - s, suffix) != 0)
            continue;
        ret.file = need(realloc(ret.file, (ret.n + 1) * sizeof *ret.file));
        struct gen_file *f = &ret.file[ret.n++];
        f->name = need(strdup(e->d_name));
        f->path = need(malloc(strlen(path) + n + 2));
        snprintf(f->path, strlen(path) + n + 2, "%s/%s", path, e->d_name);
        f->text = read_all(f->path);
    }
    closedir(d);
    if (ret.n)
        qsort(ret.file, ret.n, sizeof *ret.file, by_name);
    return ret;
}

void gen_literal(FILE *f, const char *text, size_t n)
{
    fputs("        \"", f);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            fputs(i + 1 < n ? "\\n\"\n        \"" : "\\n", f);
        else if (c == '"' || c == '\\' || c == '?')
            fprintf(f, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            fprintf(f, "\\%03o", c);
        else
            fputc(c, f);
    }
    fputc('"', f);
}

FILE *gen_open(const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        gen_fail(path, 0, "cannot be written");
    return f;
}

void gen_close(FILE *f, const char *path)
{
    if (ferror(f) || fclose(f) != 0)
        gen_fail(path, 0, "cannot be written");
}

void gen_depfile(const char *path, const char *const *output, size_t n_output, const struct gen_dir *d)
{
    FILE *f = gen_open(path);
    for (size_t i = 0; i < n_output; i++)
        fprintf(f, "%s%s", i ? " " : "", output[i]);
    fprintf(f, ": %s", d->path);
    for (size_t i = 0; i < d->n; i++)
        fprintf(f, " \\\n  %s", d->file[i].path);
    fputc('\n', f);
    gen_close(f, path);
}
