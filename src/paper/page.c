#include "paper/page.h"
#include "base/mem.h"
#include <stdlib.h>

struct doc *doc_new(int w, int h)
{
    struct doc *d = xcalloc(1, sizeof *d);
    d->w = w;
    d->h = h;
    d->title = xstrdup("");
    d->across = xstrdup("");
    d->qr = xstrdup("");
    return d;
}

void doc_free(struct doc *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n; i++) {
        for (size_t k = 0; k < d->p[i].n; k++)
            wipe_str(d->p[i].m[k].text);
        free(d->p[i].m);
    }
    free(d->p);
    for (size_t i = 0; i < d->n_over; i++) {
        wipe_str(d->over[i].person);
        free(d->over[i].label);
    }
    free(d->over);
    free(d->title);
    free(d->across);
    wipe_str(d->qr);
    free(d);
}

struct page *doc_page_add(struct doc *d)
{
    d->p = xrealloc(d->p, d->n + 1, sizeof *d->p);
    d->p[d->n] = (struct page){ 0 };
    return &d->p[d->n++];
}

struct mark *page_mark_add(struct page *p, enum mark_kind kind, int x, int y, int w, int h)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 64;
        p->m = xrealloc(p->m, p->cap, sizeof *p->m);
    }
    struct mark *m = &p->m[p->n++];
    *m = (struct mark){ .kind = kind, .x = x, .y = y, .w = w, .h = h };
    return m;
}

void doc_overflow_add(struct doc *d, const char *person, const char *label, size_t chars, size_t fits)
{
    d->over = xrealloc(d->over, d->n_over + 1, sizeof *d->over);
    d->over[d->n_over++] =
        (struct overflow){ .person = xstrdup(person), .label = xstrdup(label), .chars = chars, .fits = fits };
}
