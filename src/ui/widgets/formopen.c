/* What is still to be filled in. Conditions are the service's own text, read by the same code (domain/ref.h). */
#include "base/mem.h"
#include "domain/ref.h"
#include "ui/form.h"

#include <stdlib.h>

/* As much of a kind as conditions see: ids of sections, keys of fields. Heap. */
static struct kind *kind_of(const struct form *f)
{
    struct kind *k = xcalloc(1, sizeof *k);
    k->s = xcalloc((size_t)f->n + 1, sizeof *k->s);
    k->n = (size_t)f->n;
    for (size_t s = 0; s < k->n; s++) {
        const struct form_section *from = &f->section[s];
        struct section *to = &k->s[s];
        *to = (struct section){ .id = xstrdup(from->id), .n = (size_t)from->n_field };
        to->f = xcalloc(to->n + 1, sizeof *to->f);
        for (size_t i = 0; i < to->n; i++)
            to->f[i].key = xstrdup(from->field[i].key);
    }
    return k;
}

static struct notice *values_of(const struct form *f)
{
    struct notice *n = notice_new("");
    for (int s = 0; s < f->n; s++)
        for (int r = 0; r < f->section[s].n_row; r++)
            for (int i = 0; i < f->section[s].n_field; i++) {
                struct form_place at = { s, r, i };
                notice_set(n, f->section[s].id, r, form_field(f, at)->key, form_value(f, at));
            }
    return n;
}

static bool open_at(const struct form *f, const struct kind *k, const struct notice *n, struct form_place at)
{
    const struct form_section *s = &f->section[at.s];
    const struct form_field *field = form_field(f, at);
    if (form_cell(f, at)->wrong)
        return true;
    if (*form_value(f, at) || (s->max > 1 && at.r >= s->min && form_row_blank(f, at.s, at.r)))
        return false;
    struct site site = { .kind = k, .section = &k->s[at.s], .field = &k->s[at.s].f[at.f], .row = at.r };
    return field->required || (*field->required_if && cond_true(&site, n, span_of(field->required_if)));
}

static void next(const struct form *f, struct form_place *at)
{
    if (++at->f < f->section[at->s].n_field)
        return;
    at->f = 0;
    if (++at->r < f->section[at->s].n_row)
        return;
    at->r = 0;
    do
        at->s = (at->s + 1) % f->n;
    while (!f->section[at->s].n_field);
}

bool form_next_open(const struct form *f, struct form_place from, struct form_place *ret)
{
    struct kind *k = kind_of(f);
    struct notice *n = values_of(f);
    struct form_place at = from;
    bool open = false;
    for (next(f, &at); !open && (at.s != from.s || at.r != from.r || at.f != from.f); next(f, &at))
        if (open_at(f, k, n, at)) {
            open = true;
            *ret = at;
        }
    kind_free(k);
    notice_free(n);
    return open;
}
