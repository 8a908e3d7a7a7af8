/*
 * What the build's generators share: a directory read in byte order, C string literals, and the depfile by which
 * ninja notices that a file was added, changed or taken away.
 */
#ifndef TOOLS_GEN_H
#define TOOLS_GEN_H

#include <stddef.h>
#include <stdio.h>

struct gen_file {
    char *name; /* without the directory */
    char *path;
    char *text;
};
struct gen_dir {
    char *path;
    struct gen_file *file;
    size_t n;
};

/* Prints "file:line: text" (line 0: without it) and exits 1. */
void gen_fail(const char *path, int line, const char *fmt, ...) __attribute__((noreturn, format(printf, 3, 4)));
/* Regular files whose name ends in `suffix`, sorted. */
struct gen_dir gen_read_dir(const char *dir, const char *suffix);
/* One text as C string literals, a line each, indented. */
void gen_literal(FILE *, const char *text, size_t n);
FILE *gen_open(const char *path);
void gen_close(FILE *, const char *path);
/* "outputs: directory and files". */
void gen_depfile(const char *path, const char *const *output, size_t n_output, const struct gen_dir *);

#endif
