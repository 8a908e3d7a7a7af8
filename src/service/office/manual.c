#include "office/manual.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MAX_BYTES (64u << 10)
#define SUFFIX         ".txt"

struct manual {
    struct manual_page *p;
    size_t n;
};

static void page_done(struct manual_page *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->line[i]);
    free(p->line);
    free(p->screen);
    free(p->title);
}

void manual_free(struct manual *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++)
        page_done(&m->p[i]);
    free(m->p);
    free(m);
}

static void add_line(struct manual_page *p, const char *text, size_t n)
{
    if (!p->title) {
        p->title = xstrndup(text, n);
        return;
    }
    p->line = xrealloc(p->line, p->n + 1, sizeof *p->line);
    p->line[p->n++] = xstrndup(text, n);
}

/* Lines may be as long as they like: the screen wraps them. */
static enum err read_page(const char *dir, const char *file, struct manual_page *p, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    char *path = fs_join(dir, file);
    enum err e = fs_read(path, PAGE_MAX_BYTES, &text, reterr);
    free(path);
    p->screen = xstrndup(file, strlen(file) - strlen(SUFFIX));
    const char *at = buf_str(&text);
    while (e == OK && *at) {
        size_t n = strcspn(at, "\n");
        if (utf8_forbidden((struct span){ at, n }) || !utf8_valid((struct span){ at, n }))
            e = err_set(reterr, E_INVALID, NULL, file, "not plain text");
        else
            add_line(p, at, n);
        at += n + (at[n] == '\n');
    }
    if (e == OK && (!p->title || !*p->title))
        e = err_set(reterr, E_INVALID, NULL, file, "expected a title in the first line");
    buf_done(&text);
    return e;
}

enum err manual_load(const char *data_dir, struct manual **ret, struct errinfo *reterr)
{
    char *dir = fs_join(data_dir, "manual"), **name = NULL;
    size_t n = 0;
    struct manual *m = xcalloc(1, sizeof *m);
    enum err e = fs_list(dir, SUFFIX, &name, &n, reterr);
    m->p = xcalloc(n + 1, sizeof *m->p);
    for (size_t i = 0; i < n && e == OK; i++)
        e = read_page(dir, name[i], &m->p[m->n++], reterr);
    fs_list_free(name, n);
    free(dir);
    if (e == OK)
        *ret = m;
    else
        manual_free(m);
    return e;
}

const struct manual_page *manual_pages(const struct manual *m, size_t *ret_n)
{
    *ret_n = m->n;
    return m->p;
}

const struct manual_page *manual_find(const struct manual *m, const char *screen)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->p[i].screen, screen) == 0)
            return &m->p[i];
    return NULL;
}
