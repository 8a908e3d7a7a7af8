/*
 * Checked allocation and arenas. The x functions end the program (status EX_OSERR) when memory is gone, after
 * running the restore hook (the terminal is put back first); sizes that come from outside are checked before.
 * An arena owns everything taken from it; it is wiped when reset or freed, because it holds personal data.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/err.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void *xmalloc(size_t n) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t n, size_t size) __attribute__((returns_nonnull)); /* n * size checked */
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
char *xprintf(const char *fmt, ...) __attribute__((malloc, returns_nonnull)) PRINTF_LIKE(1, 2);

/* Overwrites memory in a way the compiler keeps. */
void wipe(void *p, size_t n);
/* Wipes and frees a string; NULL allowed. */
void wipe_str(char *s);

struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *); /* NULL allowed */
void arena_reset(struct arena *);
void *arena_alloc(struct arena *, size_t n) __attribute__((returns_nonnull)); /* zeroed, aligned for any type */
void *arena_array(struct arena *, size_t n, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *, const char *s) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *, const char *s, size_t n) __attribute__((returns_nonnull));
char *arena_printf(struct arena *, const char *fmt, ...) __attribute__((returns_nonnull)) PRINTF_LIKE(2, 3);

/* For the impossible only: runs the restore hook, says file, line and text, aborts. */
void bug_at(const char *file, int line, const char *fmt, ...) __attribute__((noreturn)) PRINTF_LIKE(3, 4);
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
#define MUST(cond)            \
    do {                      \
        if (!(cond))          \
            BUG("%s", #cond); \
    } while (0)

/* One hook, run before the program ends by BUG or lack of memory (the ui gives the terminal back). */
void mem_on_die(void (*hook)(void));
/* Who writes the last words of a BUG or of lack of memory; standard error until log_init. */
void mem_on_bug(void (*say)(const char *text));

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))

#endif
