#include "domain/variant.h"
#include "base/cur.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/address.h"

#include <stdlib.h>

struct form {
    uint32_t cp, group;
};

struct variants {
    struct form *f; /* sorted by cp */
    size_t n, cap;
};

static void add_form(struct variants *v, uint32_t cp, uint32_t group)
{
    if (v->n == v->cap) {
        v->cap = v->cap > 0 ? v->cap * 2 : 256;
        v->f = xrealloc(v->f, v->cap, sizeof *v->f);
    }
    v->f[v->n++] = (struct form){ cp, group };
}

static enum err add_group(struct variants *v, const struct code *row, struct errinfo *reterr)
{
    struct span head = span_of(row->code), forms = span_of(row->label);
    const char *p = head.p;
    uint32_t group = head.n > 0 ? utf8_next(&p, head.p + head.n) : UTF8_BAD;
    bool has_head = false;
    if (group == UTF8_BAD || p != head.p + head.n)
        return err_set(reterr, E_INVALID, NULL, row->code, "a group is named by one character");
    for (p = forms.p; p < forms.p + forms.n;) {
        uint32_t cp = utf8_next(&p, forms.p + forms.n);
        has_head = has_head || cp == group;
        add_form(v, cp, group);
    }
    if (!has_head)
        return err_set(reterr, E_INVALID, NULL, row->code, "the character that names a group stands in it");
    return OK;
}

static int by_cp(const void *a, const void *b)
{
    const struct form *x = a, *y = b;
    return (x->cp > y->cp) - (x->cp < y->cp);
}

enum err variants_new(const struct code_table *t, struct variants **ret, struct errinfo *reterr)
{
    struct variants *v = xcalloc(1, sizeof *v);
    enum err e = OK;
    for (size_t i = 0; t != NULL && i < t->n && e == OK; i++)
        e = add_group(v, &t->c[i], reterr);
    if (v->n > 0)
        qsort(v->f, v->n, sizeof *v->f, by_cp);
    for (size_t i = 1; i < v->n && e == OK; i++) {
        if (v->f[i].cp == v->f[i - 1].cp)
            e = err_set(reterr, E_INVALID, NULL, "variants", "U+%04X stands in two groups", (unsigned)v->f[i].cp);
    }
    if (e != OK) {
        variants_free(v);
        return e;
    }
    *ret = v;
    return OK;
}

void variants_free(struct variants *v)
{
    if (v == NULL)
        return;
    free(v->f);
    free(v);
}

void variants_bytes(const struct variants *v, struct buf *ret)
{
    for (size_t i = 0; v != NULL && i < v->n; i++) {
        put_u32(ret, v->f[i].cp);
        put_u32(ret, v->f[i].group);
    }
}

uint32_t variant_fold(const struct variants *v, uint32_t cp)
{
    struct form want = { .cp = cp };
    const struct form *f = v != NULL && v->n > 0 ? bsearch(&want, v->f, v->n, sizeof *v->f, by_cp) : NULL;
    return f != NULL ? f->group : cp;
}

/* Full-width ASCII to half width, small letters to capitals. */
static uint32_t fold_latin(uint32_t cp)
{
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        cp -= 0xFEE0;
    return cp >= 'a' && cp <= 'z' ? cp - 0x20 : cp;
}

static bool is_separator(uint32_t cp)
{
    static const uint32_t signs[] = { ' ', 0x3000, 0x30FB, 0xFF65, 0x00B7, ',', '.', '\'' };
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (cp == signs[i])
            return true;
    }
    return false;
}

void variant_key(const struct variants *v, struct span text, struct buf *ret)
{
    const char *end = text.p + text.n;
    for (const char *p = text.p; p < end;) {
        uint32_t cp = utf8_next(&p, end);
        if (cp == UTF8_BAD || cp < ' ' || utf8_is_selector(cp))
            continue;
        cp = fold_latin(cp);
        if (!is_separator(cp))
            buf_addcp(ret, variant_fold(v, cp));
    }
}

void variant_address_key(const struct variants *v, struct span text, struct buf *ret)
{
    struct buf alike = BUF_INIT;
    address_fold_numbers(text, &alike);
    variant_key(v, buf_span(&alike), ret);
    buf_done(&alike);
}
