/*
 * Search for people. One condition leads: its sources, each an index look-up, give candidates in order; the others are
 * judged on the candidate. So the cost is that of the narrowest condition, and a page ends as soon as it is full.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/kana.h"
#include "people.h"
#include "stmt.h"

#include <stdlib.h>
#include <string.h>

#define LAST_CP "\xf4\x8f\xbf\xbf" /* U+10FFFF: behind everything that begins alike */

/* ---- what is asked, as keys ---- */

struct part {    /* a part of a name: in one piece, or the end of a 氏 and the beginning of a 名 */
    char *a, *b; /* b NULL: one piece */
    int kind, form;
};

#define PARTS (1 + KANA_FOLDS)
struct place {
    char *word, *rest;
};

struct keys {
    struct part part[PARTS]; /* [0] name, the others reading */
    size_t name, kana;       /* how many of each are in force: name first */
    struct place place;      /* word NULL: not asked */
    char birth[DATE_TEXT];
};

static void keys_done(struct keys *k)
{
    for (size_t i = 0; i < k->name + k->kana; i++) {
        wipe_str(k->part[i].a);
        wipe_str(k->part[i].b);
    }
    wipe_str(k->place.word);
    wipe_str(k->place.rest);
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

static bool place_keys(const struct people_rules *rules, const char *text, struct keys *k)
{
    struct buf key = BUF_INIT;
    struct span word, rest;
    variant_address_key(rules->variants, span_of(text), &key);
    place_split(buf_span(&key), &word, &rest);
    if (word.n > 0) {
        k->place.word = xstrndup(word.p, word.n);
        k->place.rest = xstrndup(rest.p, rest.n);
    }
    buf_done(&key);
    return k->place.word != NULL;
}

static enum err keys_of(struct db *db, const struct people_query *q, struct keys *k, struct errinfo *reterr)
{
    const struct people_rules *rules = people_rules(db);
    bool good = (!given(q->name) || name_keys(rules, q->name, k)) && (!given(q->kana) || kana_keys(q->kana, k)) &&
                (!given(q->address) || place_keys(rules, q->address, k));
    if (q->birth.y != 0)
        date_text(q->birth, k->birth);
    if (!good ||
        (!given(q->id) && !given(q->household) && q->birth.y == 0 && k->name + k->kana == 0 && k->place.word == NULL))
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
    bool name = k->name == 0, kana = k->kana == 0, place = k->place.word == NULL;
    struct term t;
    while (!(name && kana && place) && term_next(&terms, &t)) {
        for (size_t i = 0; i < k->name + k->kana; i++) {
            if (!part_fits(&k->part[i], &t))
                continue;
            name = name || i < k->name;
            kana = kana || i >= k->name;
        }
        place = place || place_fits(&k->place, &t);
    }
    return name && kana && place;
}

/* ---- running ---- */

struct search {
    struct db *db;
    const struct people_query *q;
    struct keys keys;
    int64_t *seen; /* open addressing; 0 = empty: numbers of persons begin with 1 */
    size_t n_seen, cap_seen;
    int passed; /* fitting rows before the offset */
    struct people_found found;
    bool done;
};

static bool first_time(struct search *s, int64_t n)
{
    if (s->n_seen * 2 >= s->cap_seen) {
        size_t cap = s->cap_seen > 0 ? s->cap_seen * 2 : 256;
        int64_t *old = s->seen;
        size_t old_cap = s->cap_seen;
        s->seen = xcalloc(cap, sizeof *s->seen);
        s->cap_seen = cap;
        s->n_seen = 0;
        for (size_t i = 0; i < old_cap; i++) {
            if (old[i] != 0)
                (void)first_time(s, old[i]);
        }
        free(old);
    }
    size_t at = (size_t)((uint64_t)n * UINT64_C(0x9e3779b97f4a7c15) >> 20);
    for (;; at++) {
        int64_t *slot = &s->seen[at & (s->cap_seen - 1)];
        if (*slot == n)
            return false;
        if (*slot == 0) {
            *slot = n;
            s->n_seen++;
            return true;
        }
    }
}

/* Judges everything but what needs the record; *ret_id is empty when the candidate does not fit. */
static enum err judge(struct search *s, int64_t n, char ret_id[PERSON_ID_MAX + 1], struct errinfo *reterr)
{
    const struct people_query *q = s->q;
    struct stmt *row = stmt_get(s->db, Q_SEARCH_ROW);
    stmt_i64(row, ":n", n);
    enum err e = stmt_one(row, reterr);
    bool fits = e == OK && (q->include_removed || col_i64(row, "living") != 0) &&
                (!given(q->id) || strcmp(col_text(row, "id"), q->id) == 0) &&
                (!given(q->household) || strcmp(col_text(row, "household"), q->household) == 0) &&
                (q->birth.y == 0 || strcmp(col_text(row, "birth"), s->keys.birth) == 0) &&
                terms_fit(&s->keys, col_span(row, "terms"));
    struct span id = fits ? col_span(row, "id") : (struct span){ "", 0 };
    memcpy(ret_id, id.p, id.n);
    ret_id[id.n] = '\0';
    stmt_done(row);
    return e;
}

/* Puts a fitting person on the page, unless the page begins later, is full, or the caller hides the person. */
static enum err take(struct search *s, const char *id, struct errinfo *reterr)
{
    struct resident *r = NULL;
    bool hide = false;
    TRY(people_by_id(s->db, id, &r, reterr));
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

/* Feeds the candidates of a bound source through the judgement. */
static enum err drain(struct search *s, struct stmt *source, struct errinfo *reterr)
{
    bool have = false;
    enum err e = OK;
    while (!s->done && (e = stmt_row(source, &have, reterr)) == OK && have) {
        char id[PERSON_ID_MAX + 1];
        if (!first_time(s, col_i64(source, "n")))
            continue;
        if ((int)s->n_seen > s->q->examine) {
            s->found.more = s->done = true;
            break;
        }
        e = judge(s, col_i64(source, "n"), id, reterr);
        if (e == OK && *id != '\0')
            e = take(s, id, reterr);
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

static enum err from_place(struct search *s, struct errinfo *reterr)
{
    const struct place *p = &s->keys.place;
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

static enum err from_value(struct search *s, int stmt, const char *name, const char *value, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(s->db, stmt);
    stmt_text(q, name, value);
    return drain(s, q, reterr);
}

/* The narrowest condition leads. */
static enum err run(struct search *s, struct errinfo *reterr)
{
    const struct people_query *q = s->q;
    const struct keys *k = &s->keys;
    if (given(q->id))
        return from_value(s, Q_SEARCH_ID, ":id", q->id, reterr);
    if (given(q->household))
        return from_value(s, Q_SEARCH_HOUSEHOLD, ":household", q->household, reterr);
    if (q->birth.y != 0)
        return from_value(s, Q_SEARCH_BIRTH, ":birth", k->birth, reterr);
    if (k->place.word != NULL && *k->place.rest != '\0')
        return from_place(s, reterr);
    if (k->name > 0)
        return from_parts(s, k->part, k->name, reterr);
    if (k->kana > 0)
        return from_parts(s, k->part + k->name, k->kana, reterr);
    return from_place(s, reterr);
}

enum err people_search(struct db *db, const struct people_query *q, struct people_found *ret, struct errinfo *reterr)
{
    struct search s = { .db = db, .q = q };
    enum err e = keys_of(db, q, &s.keys, reterr);
    if (e == OK)
        e = run(&s, reterr);
    keys_done(&s.keys);
    free(s.seen);
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
