/*
 * Reads declaration files line by line and tells where it hurts: every error names file, line and what was
 * expected. Used by forms, tables and configuration. `#` starts a comment at the beginning of a line.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/buf.h"

#define LINES_MAX_FILE (4u << 20) /* larger declaration files are refused */

struct lines {
    char *path; /* as shown in messages */
    char *text; /* whole file */
    size_t size;
    size_t at;
    int no;           /* number of the current line, from 1 */
    struct span line; /* current line without its end; borrowed from text */
    struct span raw;  /* the whole file, for digests */
};

/* Opens a regular file that is valid UTF-8 without NUL or CR. */
enum err lines_open(struct lines *, const char *path, struct errinfo *) NODISCARD;
/* From memory (tests, fuzzers); copies. */
enum err lines_text(struct lines *, const char *name, struct span text, struct errinfo *) NODISCARD;
void lines_close(struct lines *);
/* Next line that is neither blank nor a comment; false at the end. */
bool lines_next(struct lines *);
/* Leading spaces of the current line (tabs are an error for forms; tables use them as separators). */
size_t lines_indent(const struct lines *);
/* "forms/tenkyo.form:17: expected …": fills reterr (E_INVALID) with item = file:line. */
enum err lines_fail(const struct lines *, struct errinfo *, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Splits the current line at blanks; "quoted words" keep their blanks. At most max words; more is an error.
 * Words are borrowed from the file text. */
enum err lines_words(const struct lines *, struct span *ret, size_t max, size_t *ret_n, struct errinfo *) NODISCARD;
/* Splits the current line at tabs into exactly n cells. */
enum err lines_cells(const struct lines *, struct span *ret, size_t n, struct errinfo *) NODISCARD;

#endif
