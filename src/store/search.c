/*
 * Search for people. One condition leads: its sources, each an index look-up, give candidates in order; the others are
 * judged on the candidate. A page ends as soon as it is full. Where several of name, reading and place are given, their
 * candidates are first compared as bare numbers, so that a person is read only when all of them found it.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/kana.h"
#include "domain/notice_points.h"
#include "people_in.h"
#include "stmt_in.h"

#include <stdlib.h>
#include <string.h>

#define LAST_CP "\xf4\x8f\xbf\xbf" /* U+10FFFF: behind everything that begins alike */

/* ---- what is asked, as keys ---- */

struct part {    /* a part of a name: in one piece, or the end of a 氏 and the beginning of a 名 */
    char *a, *b; /* b NULL: one piece */
    int kind, form;
};

#define PARTS  (1 + KANA_FOLDS)
#define PLACES 2 /* as it was typed; 「港1-18-29」 also as 港一丁目18-29 */
struct place {
    char *word, *rest;
};

struct keys {
    struct part part[PARTS]; /* [0] name, the others reading */
    size_t name, kana;       /* how many of each are in force: name first */
    struct place place[PLACES];
    size_t n_place;                             /* 0: not asked */
    char birth[DATE_TEXT], birth_to[DATE_TEXT]; /* "": not asked; the same twice: one day */
};

static void keys_done(struct keys *k)
{
    for (size_t i = 0; i < k->name + k->kana; i++) {
        wipe_str(k->part[i].a);
        wipe_str(k->part[i].b);
    }
    for (size_t i = 0; i < k->n_place; i++) {
        wipe_str(k->place[i].word);
        wipe_str(k->place[i].rest);
    }
}

static bool given(const char *s)
{
    return s != NULL && *s != '\0';
}

/* First word and the rest of a query; *ret_rest is empty for one word. */
static void query_words(const char *text, struct span *ret_first, struct span *ret_rest)
{
    const char *p = text, *end = text + strlen(text), *from = NULL;
    struct span first = { text, 0 }, rest = { end, 0 };
    while (p < end) {
        const char *at = p;
        uint32_t cp = utf8_next(&p, end);
        bool space = cp == ' ' || cp == 0x3000;
        if (!space && from == NULL)
            from = at;
        if (space && from != NULL) {
            first = (struct span){ from, (size_t)(at - from) };
            rest = (struct span){ p, (size_t)(end - p) };
            break;
        }
    }
    if (from != NULL && first.n == 0)
        first = (struct span){ from, (size_t)(end - from) };
    *ret_first = first;
    *ret_rest = rest;
}

static void add_part(struct keys *k, int kind, int form, struct buf *a, struct buf *b)
{
    struct part p = { .kind = kind, .form = form };
    for (size_t i = k->name; i < k->name + k->kana && kind == WORD_KANA; i++) {
        const struct part *there = &k->part[i];
        if (there->form == form && strcmp(there->a, buf_str(a)) == 0 &&
            strcmp(there->b != NULL ? there->b : "", buf_str(b)) == 0)
            return;
    }
    p.a = xstrdup(buf_str(a));
    p.b = b->len > 0 ? xstrdup(buf_str(b)) : NULL;
    k->part[k->name + k->kana] = p;
    if (kind == WORD_NAME)
        k->name++;
    else
        k->kana++;
}

static bool name_keys(const struct people_rules *rules, const char *text, struct keys *k)
{
    struct span first, rest;
    struct buf a = BUF_INIT, b = BUF_INIT;
    query_words(text, &first, &rest);
    variant_key(rules->variants, first, &a);
    variant_key(rules->variants, rest, &b);
    bool good = a.len > 0;
    if (good)
        add_part(k, WORD_NAME, FORM_FIRST, &a, &b);
    buf_done(&a);
    buf_done(&b);
    return good;
}

static bool kana_keys(const char *text, struct keys *k)
{
    struct span first, rest;
    bool good = true;
    query_words(text, &first, &rest);
    for (unsigned fold = 0; fold < KANA_FOLDS && good; fold++) {
        struct buf a = BUF_INIT, b = BUF_INIT;
        kana_key(first, fold, &a);
        kana_key(rest, fold, &b);
        good = a.len > 0;
        if (good)
            add_part(k, WORD_KANA, (fold & KANA_KEY2) != 0 ? FORM_SECOND : FORM_FIRST, &a, &b);
        buf_done(&a);
        buf_done(&b);
    }
    return good;
}

static void add_place_key(struct span key, struct keys *k)
{
    struct span word, rest;
    place_split(key, &word, &rest);
    if (word.n > 0)
        k->place[k->n_place++] = (struct place){ xstrndup(word.p, word.n), xstrndup(rest.p, rest.n) };
}

/* Behind the name of a town the first of three numbers is the 丁目. */
static void block_of(const char *text, struct buf *ret)
{
    const char *digit = text + strcspn(text, "0123456789"), *dash = digit + strspn(digit, "0123456789");
    if (digit > text && *dash == '-' && strchr(dash + 1, '-') != NULL)
        buf_printf(ret, "%.*s丁目%s", (int)(dash - text), text, dash + 1);
}

static bool place_keys(const struct people_rules *rules, const char *text, struct keys *k)
{
    struct buf key = BUF_INIT, block = BUF_INIT, again = BUF_INIT;
    variant_address_key(rules->variants, span_of(text), &key);
    add_place_key(buf_span(&key), k);
    block_of(buf_str(&key), &block);
    variant_address_key(rules->variants, buf_span(&block), &again);
    if (again.len > 0)
        add_place_key(buf_span(&again), k);
    buf_done(&key);
    buf_done(&block);
    buf_done(&again);
    return k->n_place > 0;
}

static enum err keys_of(struct db *db, const struct people_query *q, struct keys *k, struct errinfo *reterr)
{
    const struct people_rules *rules = people_rules(db);
    bool good = (!given(q->name) || name_keys(rules, q->name, k)) && (!given(q->kana) || kana_keys(q->kana, k)) &&
                (!given(q->address) || place_keys(rules, q->address, k));
    if (q->birth.y != 0) {
        date_text(q->birth, k->birth);
        date_text(q->birth_to.y != 0 ? q->birth_to : q->birth, k->birth_to);
    }
    if (!good ||
        (!given(q->id) && !given(q->household) && q->birth.y == 0 && k->name + k->kana == 0 && k->n_place == 0))
        return err_set(reterr, E_INVALID, "S111", NULL, "nothing that can be looked up");
    return OK;
}

/* ---- does a candidate fit? ---- */

static bool contains(struct span text, const char *part)
{
    return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static bool begins(struct span text, const char *part)
{
    size_t n = strlen(part);
    return text.n >= n && memcmp(text.p, part, n) == 0;
}

static bool ends(struct span text, const char *part)
{
    size_t n = strlen(part);
    return text.n >= n && memcmp(text.p + text.n - n, part, n) == 0;
}

static bool part_fits(const struct part *p, const struct term *t)
{
    if (p->kind != t->kind || (p->form & t->form) == 0)
        return false;
    if (p->b != NULL)
        return ends(t->a, p->a) && begins(t->b, p->b);
    struct buf whole = BUF_INIT;
    buf_add(&whole, t->a.p, t->a.n);
    buf_add(&whole, t->b.p, t->b.n);
    bool fits = contains(buf_span(&whole), p->a);
    buf_done(&whole);
    return fits;
}

static bool place_fits(const struct place *p, const struct term *t)
{
    if (t->kind != WORD_TOWN && t->kind != WORD_BUILDING)
        return false;
    return *p->rest != '\0' ? ends(t->a, p->word) && begins(t->b, p->rest) : contains(t->a, p->word);
}

static bool terms_fit(const struct keys *k, struct span terms)
{
    bool name = k->name == 0, kana = k->kana == 0, place = k->n_place == 0;
    struct term t;
    while (!(name && kana && place) && term_next(&terms, &t)) {
        for (size_t i = 0; i < k->name + k->kana; i++) {
            if (!part_fits(&k->part[i], &t))
                continue;
            name = name || i < k->name;
            kana = kana || i >= k->name;
        }
        for (size_t i = 0; i < k->n_place; i++)
            place = place || place_fits(&k->place[i], &t);
    }
    return name && kana && place;
}

/* ---- running ---- */

/* Numbers of persons, which begin with 1. Open addressing; 0 = empty. */
struct set {
    int64_t *slot;
    size_t n, cap; /* cap: a power of two */
};

static int64_t *set_slot(const struct set *s, int64_t n)
{
    size_t at = (size_t)((uint64_t)n * UINT64_C(0x9e3779b97f4a7c15) >> 20);
    while (s->slot[at & (s->cap - 1)] != n && s->slot[at & (s->cap - 1)] != 0)
        at++;
    return &s->slot[at & (s->cap - 1)];
}

static void set_grow(struct set *s)
{
    struct set more = { .n = s->n, .cap = s->cap > 0 ? s->cap * 2 : 256 };
    more.slot = xcalloc(more.cap, sizeof *more.slot);
    for (size_t i = 0; i < s->cap; i++) {
        if (s->slot[i] != 0)
            *set_slot(&more, s->slot[i]) = s->slot[i];
    }
    free(s->slot);
    *s = more;
}

/* False when it was there. */
static bool set_add(struct set *s, int64_t n)
{
    if (s->n * 2 >= s->cap)
        set_grow(s);
    int64_t *slot = set_slot(s, n);
    bool is_new = *slot == 0;
    *slot = n;
    s->n += is_new;
    return is_new;
}

static bool set_has(const struct set *s, int64_t n)
{
    return s->cap > 0 && *set_slot(s, n) == n;
}

/* Candidates of one condition as bare numbers, in their order. */
struct pool {
    struct set set;
    int64_t *n;
    size_t cap;
    bool whole; /* all of them, not only as many as fit */
};

struct search {
    struct db *db;
    const struct people_query *q;
    struct keys keys;
    struct set seen;
    struct pool *pool; /* being filled; NULL: candidates are judged at once */
    bool led_by_terms; /* the leading condition is a name, a reading or a place */
    int passed;        /* fitting rows before the offset */
    struct people_found found;
    bool done;
};

/* The person of a row as a list shows it. */
static enum err read_row(const struct stmt *row, struct resident **ret, struct errinfo *reterr)
{
    struct resident *r = resident_new();
    struct span id = col_span(row, "id");
    MUST(id.n <= PERSON_ID_MAX);
    memcpy(r->id, id.p, id.n);
    r->rev = col_i64(row, "rev");
    resident_set(r, ATTR_HOUSEHOLD, col_text(row, "household"));
    enum err e = card_read(col_span(row, "card"), r, reterr);
    if (e == OK)
        *ret = r;
    else
        resident_free(r);
    return e;
}

/* Only what the leading condition does not say already. */
static bool other_terms(const struct search *s)
{
    const struct keys *k = &s->keys;
    return (k->name > 0) + (k->kana > 0) + (k->n_place > 0) > (s->led_by_terms ? 1 : 0);
}

static bool born_within(const struct keys *k, const char *day)
{
    return strcmp(day, k->birth) >= 0 && strcmp(day, k->birth_to) <= 0;
}

/* *ret is NULL when the candidate does not fit. */
static enum err judge(struct search *s, int64_t n, struct resident **ret, struct errinfo *reterr)
{
    const struct people_query *q = s->q;
    struct stmt *row = stmt_get(s->db, Q_SEARCH_ROW);
    stmt_i64(row, ":n", n);
    enum err e = stmt_one(row, reterr);
    bool fits = e == OK && (q->include_removed || col_i64(row, "living") != 0) &&
                (!given(q->id) || strcmp(col_text(row, "id"), q->id) == 0) &&
                (!given(q->household) || strcmp(col_text(row, "household"), q->household) == 0) &&
                (q->birth.y == 0 || born_within(&s->keys, col_text(row, "birth"))) &&
                (!other_terms(s) || terms_fit(&s->keys, col_span(row, "terms")));
    *ret = NULL;
    if (fits)
        e = read_row(row, ret, reterr);
    stmt_done(row);
    return e;
}

/* Puts a fitting person on the page, unless the page begins later, is full, or the caller hides the person. */
static enum err take(struct search *s, struct resident *take_r, struct errinfo *reterr)
{
    struct resident *r = take_r;
    bool hide = false;
    enum err e = s->q->hide != NULL ? s->q->hide(s->q->arg, r, &hide, reterr) : OK;
    if (e == OK && !hide) {
        if (s->passed < s->q->offset) {
            s->passed++;
        } else if ((int)s->found.rows.n < s->q->limit) {
            resident_list_add(&s->found.rows, r);
            r = NULL;
        } else {
            s->found.more = s->done = true;
        }
    }
    resident_free(r);
    return e;
}

static enum err consider(struct search *s, int64_t n, struct errinfo *reterr)
{
    struct resident *r = NULL;
    if (!set_add(&s->seen, n))
        return OK;
    if ((int)s->seen.n > s->q->examine) {
        s->found.more = s->done = true;
        return OK;
    }
    TRY(judge(s, n, &r, reterr));
    return r != NULL ? take(s, r, reterr) : OK;
}

/* A number costs so little of what a person costs that so many more may be compared than examined. */
#define COMPARED_PER_EXAMINED 3

static void pool_add(struct search *s, int64_t n)
{
    struct pool *p = s->pool;
    if (p->set.n >= (size_t)s->q->examine * COMPARED_PER_EXAMINED && !set_has(&p->set, n)) {
        p->whole = false;
        s->done = true;
    } else if (set_add(&p->set, n)) {
        if (p->set.n > p->cap) {
            p->cap = p->cap > 0 ? p->cap * 2 : 256;
            p->n = xrealloc(p->n, p->cap, sizeof *p->n);
        }
        p->n[p->set.n - 1] = n;
    }
}

/* Takes the candidates of a bound source. */
static enum err drain(struct search *s, struct stmt *source, struct errinfo *reterr)
{
    bool have = false;
    enum err e = OK;
    while (!s->done && (e = stmt_row(source, &have, reterr)) == OK && have) {
        if (s->pool != NULL)
            pool_add(s, col_i64(source, "n"));
        else
            e = consider(s, col_i64(source, "n"), reterr);
        if (e != OK)
            break;
    }
    stmt_done(source);
    return e;
}

static void bind_range(struct stmt *q, const char *from)
{
    struct buf to = BUF_INIT;
    buf_adds(&to, from);
    buf_adds(&to, LAST_CP);
    stmt_text(q, ":from", from);
    stmt_span(q, ":to", buf_span(&to));
    buf_done(&to);
}

/* ---- sources of a name ---- */

/* The part stands in one word: 氏 or 名. */
static enum err from_word(struct search *s, int stmt, int place, const struct part *p, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(s->db, stmt);
    stmt_i64(q, ":kind", p->kind);
    stmt_i64(q, ":place", place);
    stmt_i64(q, ":form", p->form);
    bind_range(q, p->a);
    return drain(s, q, reterr);
}

static enum err from_across(struct search *s, int place, const struct part *p, struct span end, const char *begin,
                            struct errinfo *reterr)
{
    struct stmt *q = stmt_get(s->db, Q_SEARCH_ACROSS);
    stmt_i64(q, ":kind", p->kind);
    stmt_i64(q, ":place", place);
    stmt_i64(q, ":form", p->form);
    stmt_span(q, ":end", end);
    bind_range(q, begin);
    return drain(s, q, reterr);
}

/* The part may stand over the border of 氏 and 名 that the query does not show. Where it takes only the end of a 氏,
 * both sides have two characters at least: less says nothing and costs most. */
static enum err from_splits(struct search *s, int place, const struct part *p, struct errinfo *reterr)
{
    struct span key = span_of(p->a);
    const char *end = key.p + key.n;
    if (place == 1 && p->kind == WORD_KANA && utf8_count(key) < 4)
        return OK;
    for (const char *at = key.p; at < end && !s->done;) {
        (void)utf8_next(&at, end);
        struct span head = { key.p, (size_t)(at - key.p) }, tail = { at, (size_t)(end - at) };
        if (tail.n > 0)
            TRY(from_across(s, place, p, head, at, reterr));
    }
    return OK;
}

static enum err from_part(struct search *s, int step, const struct part *p, struct errinfo *reterr)
{
    int place = step < 3 ? 0 : 1; /* beginnings first */
    if (p->b != NULL)
        return step % 3 == 0 ? from_across(s, place, p, span_of(p->a), p->b, reterr) : OK;
    switch (step % 3) {
    case 0:
        return from_word(s, Q_SEARCH_SURNAME, place, p, reterr);
    case 1:
        return from_splits(s, place, p, reterr);
    default:
        return from_word(s, Q_SEARCH_GIVEN, place, p, reterr);
    }
}

static enum err from_parts(struct search *s, const struct part *p, size_t n, struct errinfo *reterr)
{
    for (int step = 0; step < 6; step++) {
        for (size_t i = 0; i < n && !s->done; i++)
            TRY(from_part(s, step, &p[i], reterr));
    }
    return OK;
}

/* ---- other sources ---- */

static enum err from_one_place(struct search *s, const struct place *p, struct errinfo *reterr)
{
    for (int i = 0; i < 4 && !s->done; i++) {
        bool rest = *p->rest != '\0';
        struct stmt *q = stmt_get(s->db, rest ? Q_SEARCH_PLACE_REST : Q_SEARCH_PLACE);
        stmt_i64(q, ":kind", i % 2 == 0 ? WORD_TOWN : WORD_BUILDING);
        stmt_i64(q, ":place", i / 2);
        if (rest)
            stmt_text(q, ":end", p->word);
        bind_range(q, rest ? p->rest : p->word);
        TRY(drain(s, q, reterr));
    }
    return OK;
}

static enum err from_place(struct search *s, struct errinfo *reterr)
{
    for (size_t i = 0; i < s->keys.n_place; i++)
        TRY(from_one_place(s, &s->keys.place[i], reterr));
    return OK;
}

static enum err from_value(struct search *s, int stmt, const char *name, const char *value, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(s->db, stmt);
    stmt_text(q, name, value);
    return drain(s, q, reterr);
}

static enum err from_name(struct search *s, struct errinfo *reterr)
{
    return from_parts(s, s->keys.part, s->keys.name, reterr);
}

static enum err from_kana(struct search *s, struct errinfo *reterr)
{
    return from_parts(s, s->keys.part + s->keys.name, s->keys.kana, reterr);
}

/* ---- several of name, reading and place ---- */

#define TERMS 3
struct feeds {
    enum err (*feed[TERMS])(struct search *, struct errinfo *);
    size_t n;
};

static enum err fill(struct search *s, enum err (*feed)(struct search *, struct errinfo *), struct pool *p,
                     struct errinfo *reterr)
{
    p->whole = true;
    s->pool = p;
    enum err e = feed(s, reterr);
    s->pool = NULL;
    s->done = false;
    return e;
}

/* The smallest of those that are whole; NULL when none is. */
static const struct pool *smallest(const struct pool *p, size_t n)
{
    const struct pool *least = NULL;
    for (size_t i = 0; i < n; i++) {
        if (p[i].whole && (least == NULL || p[i].set.n < least->set.n))
            least = &p[i];
    }
    return least;
}

static bool in_all(const struct pool *p, size_t n, int64_t person)
{
    bool in = true;
    for (size_t i = 0; i < n && in; i++)
        in = !p[i].whole || set_has(&p[i].set, person);
    return in;
}

static enum err from_pools(struct search *s, const struct feeds *f, struct pool *p, struct errinfo *reterr)
{
    for (size_t i = 0; i < f->n; i++)
        TRY(fill(s, f->feed[i], &p[i], reterr));
    const struct pool *lead = smallest(p, f->n);
    if (lead == NULL) /* each finds too many: as if the first were alone */
        return f->feed[0](s, reterr);
    for (size_t i = 0; i < lead->set.n && !s->done; i++) {
        if (in_all(p, f->n, lead->n[i]))
            TRY(consider(s, lead->n[i], reterr));
    }
    return OK;
}

static enum err from_several(struct search *s, const struct feeds *f, struct errinfo *reterr)
{
    struct pool pools[TERMS] = { { .whole = false } };
    enum err e = from_pools(s, f, pools, reterr);
    for (size_t i = 0; i < TERMS; i++) {
        free(pools[i].set.slot);
        free(pools[i].n);
    }
    return e;
}

/* Those that are asked for, the narrowest by nature first. */
static struct feeds feeds_of(const struct keys *k)
{
    struct feeds f = { .n = 0 };
    bool numbered = k->n_place > 0 && *k->place[0].rest != '\0';
    if (numbered)
        f.feed[f.n++] = from_place;
    if (k->name > 0)
        f.feed[f.n++] = from_name;
    if (k->kana > 0)
        f.feed[f.n++] = from_kana;
    if (k->n_place > 0 && !numbered)
        f.feed[f.n++] = from_place;
    return f;
}

static enum err from_birth(struct search *s, struct errinfo *reterr)
{
    if (strcmp(s->keys.birth, s->keys.birth_to) == 0)
        return from_value(s, Q_SEARCH_BIRTH, ":birth", s->keys.birth, reterr);
    struct stmt *q = stmt_get(s->db, Q_SEARCH_BORN);
    stmt_text(q, ":from", s->keys.birth);
    stmt_text(q, ":to", s->keys.birth_to);
    return drain(s, q, reterr);
}

/* The narrowest condition leads: a day does before a name, a month or a year only when it is alone. */
static enum err run(struct search *s, struct errinfo *reterr)
{
    const struct people_query *q = s->q;
    if (given(q->id))
        return from_value(s, Q_SEARCH_ID, ":id", q->id, reterr);
    if (given(q->household))
        return from_value(s, Q_SEARCH_HOUSEHOLD, ":household", q->household, reterr);
    struct feeds f = feeds_of(&s->keys);
    if (q->birth.y != 0 && (f.n == 0 || strcmp(s->keys.birth, s->keys.birth_to) == 0))
        return from_birth(s, reterr);
    s->led_by_terms = true;
    return f.n == 1 ? f.feed[0](s, reterr) : from_several(s, &f, reterr);
}

enum err people_search(struct db *db, const struct people_query *q, struct people_found *ret, struct errinfo *reterr)
{
    struct search s = { .db = db, .q = q };
    enum err e = keys_of(db, q, &s.keys, reterr);
    if (e == OK)
        e = run(&s, reterr);
    keys_done(&s.keys);
    free(s.seen.slot);
    if (e != OK) {
        resident_list_done(&s.found.rows);
        return e;
    }
    *ret = s.found;
    return OK;
}

/* ---- the same person? ---- */

static bool name_is(struct span terms, const char *key)
{
    struct term t;
    while (term_next(&terms, &t)) {
        if (t.kind == WORD_NAME && t.a.n + t.b.n == strlen(key) && memcmp(key, t.a.p, t.a.n) == 0 &&
            memcmp(key + t.a.n, t.b.p, t.b.n) == 0)
            return true;
    }
    return false;
}

static enum err same_sex(struct db *db, const char *id, const char *sex, bool *ret, struct errinfo *reterr)
{
    struct resident *r = NULL;
    TRY(people_by_id(db, id, &r, reterr));
    const char *there = resident_get(r, ATTR_SEX);
    *ret = *sex == '\0' || *there == '\0' || strcmp(sex, there) == 0;
    resident_free(r);
    return OK;
}

static enum err same_one(struct db *db, int64_t n, const char *key, const char *sex, struct idlist *ret,
                         struct errinfo *reterr)
{
    char id[PERSON_ID_MAX + 1] = "";
    bool same = false;
    struct stmt *row = stmt_get(db, Q_SEARCH_ROW);
    stmt_i64(row, ":n", n);
    enum err e = stmt_one(row, reterr);
    if (e == OK && name_is(col_span(row, "terms"), key))
        memcpy(id, col_text(row, "id"), col_span(row, "id").n + 1);
    stmt_done(row);
    if (e != OK || *id == '\0')
        return e;
    TRY(same_sex(db, id, sex, &same, reterr));
    if (same)
        idlist_add(ret, id);
    return OK;
}

enum err people_same(struct db *db, const char *name, struct date birth, const char *sex, struct idlist *ret,
                     struct errinfo *reterr)
{
    char day[DATE_TEXT];
    struct buf key = BUF_INIT;
    bool have = false;
    enum err e;
    date_text(birth, day);
    variant_key(people_rules(db)->variants, span_of(name), &key);
    struct stmt *q = stmt_get(db, Q_SEARCH_BIRTH);
    stmt_text(q, ":birth", day);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        e = same_one(db, col_i64(q, "n"), buf_str(&key), sex, ret, reterr);
        if (e != OK)
            break;
    }
    stmt_done(q);
    buf_done(&key);
    return e;
}
