#include "base/mem.h"
#include "base/utf8.h"
#include "domain/address.h"
#include "domain/kana.h"
#include "people_in.h"
#include "stmt_in.h"

#include <stdlib.h>
#include <string.h>

/* ---- terms of a row ---- */

bool term_next(struct span *text, struct term *ret)
{
    const char *end = text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
    if (end == NULL)
        return false;
    const char *a = text->p + 2;
    const char *tab = memchr(a, '\t', (size_t)(end - a));
    MUST(tab != NULL);
    *ret = (struct term){ .kind = text->p[0] - '0',
                          .form = text->p[1] - '0',
                          .a = { a, (size_t)(tab - a) },
                          .b = { tab + 1, (size_t)(end - tab - 1) } };
    text->n -= (size_t)(end + 1 - text->p);
    text->p = end + 1;
    return true;
}

static void add_term(struct buf *ret, int kind, int form, struct span a, struct span b)
{
    if (a.n == 0)
        return;
    buf_printf(ret, "%d%d", kind, form);
    buf_add(ret, a.p, a.n);
    buf_addc(ret, '\t');
    buf_add(ret, b.p, b.n);
    buf_addc(ret, '\n');
}

/* First word and the others. */
static void split_words(struct span text, struct span *ret_first, struct span *ret_rest)
{
    const char *end = text.p + text.n;
    for (const char *p = text.p; p < end;) {
        const char *from = p;
        uint32_t cp = utf8_next(&p, end);
        if (cp == ' ' || cp == 0x3000) {
            *ret_first = (struct span){ text.p, (size_t)(from - text.p) };
            *ret_rest = (struct span){ p, (size_t)(end - p) };
            return;
        }
    }
    *ret_first = text;
    *ret_rest = (struct span){ end, 0 };
}

static void add_name(const struct people_rules *rules, struct span surname, struct span given, struct buf *ret)
{
    struct buf a = BUF_INIT, b = BUF_INIT;
    variant_key(rules->variants, surname, &a);
    variant_key(rules->variants, given, &b);
    add_term(ret, WORD_NAME, FORM_FIRST, buf_span(&a), buf_span(&b));
    buf_done(&a);
    buf_done(&b);
}

static void add_kana(struct span surname, struct span given, struct buf *ret)
{
    struct buf a[2] = { BUF_INIT, BUF_INIT }, b[2] = { BUF_INIT, BUF_INIT };
    for (unsigned fold = 0; fold < 2; fold++) {
        kana_key(surname, fold, &a[fold]);
        kana_key(given, fold, &b[fold]);
    }
    if (span_eq(buf_span(&a[0]), buf_span(&a[1])) && span_eq(buf_span(&b[0]), buf_span(&b[1]))) {
        add_term(ret, WORD_KANA, FORM_FIRST | FORM_SECOND, buf_span(&a[0]), buf_span(&b[0]));
    } else {
        add_term(ret, WORD_KANA, FORM_FIRST, buf_span(&a[0]), buf_span(&b[0]));
        add_term(ret, WORD_KANA, FORM_SECOND, buf_span(&a[1]), buf_span(&b[1]));
    }
    for (unsigned fold = 0; fold < 2; fold++) {
        buf_done(&a[fold]);
        buf_done(&b[fold]);
    }
}

void place_split(struct span key, struct span *ret_word, struct span *ret_rest)
{
    size_t n = 0;
    while (n < key.n && (key.p[n] < '0' || key.p[n] > '9'))
        n++;
    *ret_word = (struct span){ key.p, n };
    *ret_rest = (struct span){ key.p + n, key.n - n };
}

static void add_place(const struct people_rules *rules, int kind, struct span text, struct buf *ret)
{
    struct buf key = BUF_INIT;
    struct span word, rest;
    variant_address_key(rules->variants, text, &key);
    place_split(buf_span(&key), &word, &rest);
    add_term(ret, kind, FORM_FIRST, word, rest);
    buf_done(&key);
}

void terms_of(const struct people_rules *rules, const struct resident *r, struct buf *ret)
{
    static const enum attr names[] = { ATTR_NAME, ATTR_NAME_ALPHA, ATTR_ALIAS };
    static const enum attr readings[] = { ATTR_KANA, ATTR_ALIAS_KANA };
    struct span surname, given, old = span_of(resident_get(r, ATTR_OLD_SURNAME));
    struct span old_kana = span_of(resident_get(r, ATTR_OLD_SURNAME_KANA));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        split_words(span_of(resident_get(r, names[i])), &surname, &given);
        add_name(rules, surname, given, ret);
    }
    for (size_t i = 0; i < ARRAY_LEN(readings); i++) {
        split_words(span_of(resident_get(r, readings[i])), &surname, &given);
        add_kana(surname, given, ret);
    }
    /* 旧氏 stands before today's 名 */
    split_words(span_of(resident_get(r, ATTR_NAME)), &surname, &given);
    add_name(rules, old, given, ret);
    split_words(span_of(resident_get(r, ATTR_KANA)), &surname, &given);
    add_kana(old_kana, given, ret);

    struct buf place = BUF_INIT;
    address_join(NULL, NULL, resident_get(r, ATTR_ADDR_TOWN), resident_get(r, ATTR_ADDR_LOT),
                 resident_get(r, ATTR_ADDR_BUILDING), &place);
    add_place(rules, WORD_TOWN, buf_span(&place), ret);
    add_place(rules, WORD_BUILDING, span_of(resident_get(r, ATTR_ADDR_BUILDING)), ret);
    buf_done(&place);
}

/* ---- dictionary ---- */

static enum err add_tails(struct db *db, int kind, struct span key, int64_t w, struct errinfo *reterr)
{
    const char *end = key.p + key.n;
    for (const char *p = key.p; p < end;) {
        struct stmt *q = stmt_get(db, Q_WORD_TAIL_INSERT);
        stmt_i64(q, ":kind", kind);
        stmt_i64(q, ":place", p == key.p ? 0 : 1);
        stmt_span(q, ":tail", (struct span){ p, (size_t)(end - p) });
        stmt_i64(q, ":w", w);
        TRY(stmt_run(q, reterr));
        (void)utf8_next(&p, end);
    }
    return OK;
}

static enum err word_in_store(struct db *db, int kind, struct span key, int64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    struct stmt *q = stmt_get(db, Q_WORD_GET);
    stmt_i64(q, ":kind", kind);
    stmt_span(q, ":key", key);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK)
        *ret = have ? col_i64(q, "w") : 0;
    stmt_done(q);
    return e;
}

static enum err word_add(struct db *db, int kind, struct span key, int64_t *ret, struct errinfo *reterr)
{
    int64_t w = 0;
    struct stmt *q = stmt_get(db, Q_WORD_INSERT);
    stmt_i64(q, ":kind", kind);
    stmt_span(q, ":key", key);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        w = col_i64(q, "w");
    stmt_done(q);
    if (e == OK)
        e = add_tails(db, kind, key, w, reterr);
    if (e == OK)
        *ret = w;
    return e;
}

/* Open addressing; an empty slot has w 0. */
struct slot {
    char *key; /* kind as one character, then the word */
    size_t n;
    int64_t w;
};
struct word_cache {
    struct slot *slot;
    size_t n, cap; /* cap: a power of two */
};

static size_t hash_of(int kind, struct span key)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t)kind;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * UINT64_C(1099511628211);
    return (size_t)(h ^ (h >> 32));
}

static struct slot *cache_slot(struct slot *slots, size_t cap, int kind, struct span key)
{
    for (size_t i = hash_of(kind, key);; i++) {
        struct slot *s = &slots[i & (cap - 1)];
        if (s->w == 0 || (s->n == key.n && s->key[0] == (char)kind && memcmp(s->key + 1, key.p, key.n) == 0))
            return s;
    }
}

static void cache_grow(struct word_cache *c)
{
    size_t cap = c->cap > 0 ? c->cap * 2 : 1024;
    struct slot *slots = xcalloc(cap, sizeof *slots);
    for (size_t i = 0; i < c->cap; i++) {
        struct slot *s = &c->slot[i];
        if (s->w != 0)
            *cache_slot(slots, cap, s->key[0], (struct span){ s->key + 1, s->n }) = *s;
    }
    free(c->slot);
    c->slot = slots;
    c->cap = cap;
}

static void cache_put(struct word_cache *c, int kind, struct span key, int64_t w)
{
    if (c->n * 2 >= c->cap)
        cache_grow(c);
    char *copy = xmalloc(key.n + 1);
    copy[0] = (char)kind;
    memcpy(copy + 1, key.p, key.n);
    *cache_slot(c->slot, c->cap, kind, key) = (struct slot){ copy, key.n, w };
    c->n++;
}

enum err word_cache_new(struct db *db, struct word_cache **ret, struct errinfo *reterr)
{
    struct word_cache *c = xcalloc(1, sizeof *c);
    struct stmt *q = stmt_get(db, Q_WORD_EACH);
    bool have = false;
    enum err e;
    cache_grow(c);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cache_put(c, (int)col_i64(q, "kind"), col_span(q, "key"), col_i64(q, "w"));
    stmt_done(q);
    if (e != OK) {
        word_cache_free(c);
        return e;
    }
    *ret = c;
    return OK;
}

void word_cache_free(struct word_cache *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->cap; i++) {
        if (c->slot[i].w == 0)
            continue;
        wipe(c->slot[i].key, c->slot[i].n + 1);
        free(c->slot[i].key);
    }
    free(c->slot);
    free(c);
}

enum err word_number(struct db *db, struct word_cache *c, int kind, struct span key, int64_t *ret,
                     struct errinfo *reterr)
{
    int64_t w = 0;
    if (c != NULL)
        w = cache_slot(c->slot, c->cap, kind, key)->w;
    else
        TRY(word_in_store(db, kind, key, &w, reterr));
    if (w == 0) {
        TRY(word_add(db, kind, key, &w, reterr));
        if (c != NULL)
            cache_put(c, kind, key, w);
    }
    *ret = w;
    return OK;
}
