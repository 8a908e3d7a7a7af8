#include "base/mem.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A process that can say no more ends all the same. */
static void say_plainly(const char *text)
{
    char line[512];
    int n = snprintf(line, sizeof line, "%s\n", text);
    ssize_t done = write(STDERR_FILENO, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    (void)done;
}

static void (*die_hook)(void);
static void (*last_words)(const char *text) = say_plainly;

void mem_on_die(void (*hook)(void))
{
    die_hook = hook;
}

void mem_on_bug(void (*say)(const char *text))
{
    last_words = say;
}

/* The hook runs at most once, also when it fails itself. */
static void run_hook(void)
{
    void (*hook)(void) = die_hook;
    die_hook = NULL;
    if (hook)
        hook();
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
    char what[256], text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    run_hook();
    snprintf(text, sizeof text, "bug at %s:%d: %s", file, line, what);
    last_words(text);
    abort();
}

static void __attribute__((noreturn)) out_of_memory(size_t n)
{
    char text[64];
    run_hook();
    snprintf(text, sizeof text, "out of memory, %zu bytes wanted", n);
    last_words(text);
    _exit(EX_OSERR);
}

static size_t product(size_t n, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(n, size, &all))
        BUG("size overflow: %zu * %zu", n, size);
    return all;
}

void *xmalloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (!p)
        out_of_memory(n);
    return p;
}

void *xcalloc(size_t n, size_t size)
{
    size_t all = product(n, size);
    void *p = calloc(1, all ? all : 1);
    if (!p)
        out_of_memory(all);
    return p;
}

void *xrealloc(void *p, size_t n, size_t size)
{
    size_t all = product(n, size);
    void *q = realloc(p, all ? all : 1);
    if (!q)
        out_of_memory(all);
    return q;
}

char *xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

char *xstrndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *p = xmalloc(len + 1);
    memcpy(p, s, len);
    p[len] = '\0';
    return p;
}

char *xprintf(const char *fmt, ...)
{
    char *s;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (n < 0)
        out_of_memory(0);
    return s;
}

void wipe(void *p, size_t n)
{
    if (n)
        explicit_bzero(p, n);
}

void wipe_str(char *s)
{
    if (!s)
        return;
    wipe(s, strlen(s));
    free(s);
}

enum { ARENA_BLOCK = 8192 };

struct block {
    struct block *next;
    size_t used, cap;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct block *top; /* the block that is filled; the others are full */
};

struct arena *arena_new(void)
{
    return xcalloc(1, sizeof(struct arena));
}

static void block_free(struct block *b)
{
    wipe(b->data, b->used);
    free(b);
}

void arena_reset(struct arena *a)
{
    while (a->top) {
        struct block *next = a->top->next;
        block_free(a->top);
        a->top = next;
    }
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a);
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t want;
    if (__builtin_add_overflow(n ? n : 1, alignof(max_align_t) - 1, &want))
        BUG("size overflow: %zu", n);
    want -= want % alignof(max_align_t);
    if (!a->top || a->top->cap - a->top->used < want) {
        size_t cap = want > ARENA_BLOCK ? want : ARENA_BLOCK;
        size_t all;
        if (__builtin_add_overflow(cap, sizeof(struct block), &all))
            BUG("size overflow: %zu", n);
        struct block *b = xcalloc(1, all);
        b->cap = cap;
        b->next = a->top;
        a->top = b;
    }
    void *p = a->top->data + a->top->used;
    a->top->used += want;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    return arena_alloc(a, product(n, size));
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *p = arena_alloc(a, len + 1);
    memcpy(p, s, len);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    MUST(n >= 0);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}
