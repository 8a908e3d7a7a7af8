#include "store/people.h"
#include "base/cur.h"
#include "base/mem.h"
#include "domain/notice_points.h"
#include "domain/order.h"
#include "people_in.h"
#include "stmt_in.h"
#include "store/meta.h"

#include <stdlib.h>
#include <string.h>

#define META_KEYS "people.keys" /* digest of the variant groups that the derived rows were made with */

static const char rules_key; /* its address */

static void rules_free(void *rules)
{
    struct people_rules *r = rules;
    variants_free(r->variants);
    free(r);
}

enum err people_use(struct db *db, const struct rulebook *book, struct errinfo *reterr)
{
    struct variants *variants = NULL;
    TRY(variants_new(rulebook_table(book, "variants"), &variants, reterr));
    struct people_rules *r = xcalloc(1, sizeof *r);
    *r = (struct people_rules){ variants, book->eras };
    db_attach(db, &rules_key, r, rules_free);
    return OK;
}

const struct people_rules *people_rules(const struct db *db)
{
    const struct people_rules *r = db_attached(db, &rules_key);
    MUST(r);
    return r;
}

/* ---- history ---- */

/* *ret_new is false when the very row was there. */
static enum err history_take(struct db *db, const struct resident *r, int64_t host_seq, bool *ret_new,
                             struct errinfo *reterr)
{
    uint8_t hash[DB_HASH], there[DB_HASH];
    int64_t inserted = 0;
    struct buf body = BUF_INIT;
    resident_encode(r, &body);
    db_hash(db, body.p, body.len, hash);
    struct stmt *q = stmt_get(db, Q_HISTORY_INSERT);
    stmt_text(q, ":id", r->id);
    stmt_i64(q, ":rev", r->rev);
    stmt_span(q, ":body", buf_span(&body));
    stmt_blob(q, ":hash", hash, sizeof hash);
    stmt_i64(q, ":host_seq", host_seq);
    enum err e = stmt_run_n(q, &inserted, reterr);
    buf_done(&body);
    if (e != OK || inserted > 0) {
        *ret_new = inserted > 0;
        return e;
    }
    q = stmt_get(db, Q_HISTORY_HASH);
    stmt_text(q, ":id", r->id);
    stmt_i64(q, ":rev", r->rev);
    e = stmt_one(q, reterr);
    if (e == E_NOTFOUND) /* neither taken nor there: a check of the table refused it */
        e = err_set(reterr, E_INVALID, "S110", "resident_history", "not a number of a person or of a row");
    if (e == OK)
        e = col_fixed(q, "body_hash", there, sizeof there, reterr);
    stmt_done(q);
    if (e == OK && memcmp(hash, there, sizeof hash) != 0)
        e = err_set(reterr, E_CORRUPT, "S110", "resident_history", "another content under a number that is there");
    if (e == OK)
        *ret_new = false;
    return e;
}

/* ---- derived rows ---- */

struct known {      /* what the store has of a person */
    int64_t n, rev; /* n = 0: nobody */
    struct buf terms;
};

static enum err known_get(struct db *db, const char *id, struct known *ret, struct errinfo *reterr)
{
    bool have = false;
    struct stmt *q = stmt_get(db, Q_RESIDENT_KEY);
    stmt_text(q, ":id", id);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        struct span terms = col_span(q, "terms");
        ret->n = col_i64(q, "n");
        ret->rev = col_i64(q, "rev");
        buf_add(&ret->terms, terms.p, terms.n);
    }
    stmt_done(q);
    return e;
}

static bool has_line(const struct buf *terms, const char *line, size_t n)
{
    const char *end = buf_str(terms) + terms->len;
    for (const char *p = buf_str(terms); p < end;) {
        const char *next = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
        if ((size_t)(next - p) == n && memcmp(p, line, n) == 0)
            return true;
        p = next;
    }
    return false;
}

static void bind_number(struct stmt *q, const char *name, const struct resident *r, enum attr a)
{
    const char *v = resident_get(r, a);
    stmt_text(q, name, *v != '\0' ? v : NULL);
}

static void bind_row(struct db *db, struct stmt *q, const struct resident *r, const struct buf *terms)
{
    char birth[DATE_TEXT];
    struct buf card = BUF_INIT;
    card_of(r, &card);
    date_text(birth_sort(r, &people_rules(db)->eras), birth);
    stmt_i64(q, ":rev", r->rev);
    stmt_i64(q, ":living", resident_living(r));
    stmt_text(q, ":household", resident_get(r, ATTR_HOUSEHOLD));
    stmt_text(q, ":birth", birth);
    bind_number(q, ":my_number", r, ATTR_MY_NUMBER);
    bind_number(q, ":resident_code", r, ATTR_RESIDENT_CODE);
    bind_number(q, ":card_no", r, ATTR_CARD_NO);
    stmt_span(q, ":terms", buf_span(terms));
    stmt_blob(q, ":card", card.p, card.len);
    buf_done(&card);
}

/* Inserts or refreshes the person's row; an older history row only adds terms. Sets k->n. */
static enum err row_put(struct db *db, const struct resident *r, struct known *k, bool terms_grew,
                        struct errinfo *reterr)
{
    struct stmt *q;
    enum err e;
    if (k->n == 0) {
        q = stmt_get(db, Q_RESIDENT_INSERT);
        stmt_text(q, ":id", r->id);
        bind_row(db, q, r, &k->terms);
        e = stmt_one(q, reterr);
        if (e == OK)
            k->n = col_i64(q, "n");
        stmt_done(q);
        return e;
    }
    if (r->rev >= k->rev) {
        q = stmt_get(db, Q_RESIDENT_UPDATE);
        bind_row(db, q, r, &k->terms);
    } else if (terms_grew) {
        q = stmt_get(db, Q_RESIDENT_TERMS);
        stmt_span(q, ":terms", buf_span(&k->terms));
    } else {
        return OK;
    }
    stmt_i64(q, ":n", k->n);
    return stmt_run(q, reterr);
}

static enum err index_name(struct db *db, struct word_cache *c, const struct term *t, int64_t n, struct errinfo *reterr)
{
    int64_t s = 0, g = 0;
    TRY(word_number(db, c, t->kind, t->a, &s, reterr));
    TRY(word_number(db, c, t->kind, t->b, &g, reterr));
    struct stmt *q = stmt_get(db, Q_PERSON_NAME_INSERT);
    stmt_i64(q, ":s", s);
    stmt_i64(q, ":g", g);
    stmt_i64(q, ":n", n);
    stmt_i64(q, ":form", t->form);
    return stmt_run(q, reterr);
}

static enum err index_place(struct db *db, struct word_cache *c, const struct term *t, int64_t n,
                            struct errinfo *reterr)
{
    int64_t w = 0;
    TRY(word_number(db, c, t->kind, t->a, &w, reterr));
    struct stmt *q = stmt_get(db, Q_PERSON_PLACE_INSERT);
    stmt_i64(q, ":w", w);
    stmt_span(q, ":rest", t->b);
    stmt_i64(q, ":n", n);
    return stmt_run(q, reterr);
}

static enum err index_terms(struct db *db, struct word_cache *c, struct span terms, int64_t n, struct errinfo *reterr)
{
    struct term t;
    while (term_next(&terms, &t)) {
        bool name = t.kind == WORD_NAME || t.kind == WORD_KANA;
        TRY(name ? index_name(db, c, &t, n, reterr) : index_place(db, c, &t, n, reterr));
    }
    return OK;
}

static enum err derive(struct db *db, struct word_cache *c, const struct resident *r, struct errinfo *reterr)
{
    struct known k = { .terms = BUF_INIT };
    struct buf terms = BUF_INIT, fresh = BUF_INIT;
    enum err e = known_get(db, r->id, &k, reterr);
    if (e != OK)
        goto out;
    terms_of(people_rules(db), r, &terms);
    const char *end = buf_str(&terms) + terms.len;
    for (const char *p = buf_str(&terms); p < end;) {
        const char *next = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
        size_t n = (size_t)(next - p);
        if (!has_line(&k.terms, p, n)) {
            buf_add(&k.terms, p, n);
            buf_add(&fresh, p, n);
        }
        p = next;
    }
    e = row_put(db, r, &k, fresh.len > 0, reterr);
    if (e == OK)
        e = index_terms(db, c, buf_span(&fresh), k.n, reterr);
out:
    buf_done(&k.terms);
    buf_done(&terms);
    buf_done(&fresh);
    return e;
}

/* ---- which groups the keys were made with ---- */

#define KEY_FORM 2 /* goes up when keys are made in another way: 丁目 in digits */

static void keys_digest(struct db *db, struct buf *ret)
{
    uint8_t hash[DB_HASH];
    struct buf bytes = BUF_INIT;
    variants_bytes(people_rules(db)->variants, &bytes);
    put_u32(&bytes, KEY_FORM);
    db_hash(db, buf_str(&bytes), bytes.len, hash);
    hex_add(ret, hash, sizeof hash);
    buf_done(&bytes);
}

/* Remembers with the first row what the keys are made with. */
static enum err note_keys(struct db *db, struct errinfo *reterr)
{
    struct buf there = BUF_INIT, now = BUF_INIT;
    bool found = false;
    enum err e = meta_get(db, META_KEYS, &there, &found, reterr);
    if (e == OK && !found) {
        keys_digest(db, &now);
        e = meta_set(db, META_KEYS, buf_str(&now), reterr);
    }
    buf_done(&there);
    buf_done(&now);
    return e;
}

enum err people_outdated(struct db *db, bool *ret, struct errinfo *reterr)
{
    struct buf there = BUF_INIT, now = BUF_INIT;
    bool found = false;
    enum err e = meta_get(db, META_KEYS, &there, &found, reterr);
    keys_digest(db, &now);
    if (e == OK)
        *ret = found && !span_eq(buf_span(&there), buf_span(&now));
    buf_done(&there);
    buf_done(&now);
    return e;
}

/* ---- applying ---- */

static enum err apply(struct db *db, struct word_cache *c, const struct resident *r, int64_t host_seq,
                      struct errinfo *reterr)
{
    bool is_new = false;
    TRY(history_take(db, r, host_seq, &is_new, reterr));
    return is_new ? derive(db, c, r, reterr) : OK;
}

enum err people_apply(struct db *db, const struct resident *r, int64_t host_seq, struct errinfo *reterr)
{
    TRY(note_keys(db, reterr));
    return apply(db, NULL, r, host_seq, reterr);
}

struct people_bulk {
    struct db *db;
    struct word_cache *cache; /* made with the first row */
};

struct people_bulk *people_bulk_new(struct db *db)
{
    struct people_bulk *b = xcalloc(1, sizeof *b);
    b->db = db;
    return b;
}

enum err people_bulk_apply(struct people_bulk *b, const struct resident *r, int64_t host_seq, struct errinfo *reterr)
{
    if (b->cache == NULL) {
        TRY(note_keys(b->db, reterr));
        TRY(word_cache_new(b->db, &b->cache, reterr));
    }
    return apply(b->db, b->cache, r, host_seq, reterr);
}

void people_bulk_free(struct people_bulk *b)
{
    if (b == NULL)
        return;
    word_cache_free(b->cache);
    free(b);
}

static enum err derive_all(struct db *db, struct errinfo *reterr)
{
    struct word_cache *cache = NULL;
    TRY(word_cache_new(db, &cache, reterr));
    struct stmt *q = stmt_get(db, Q_HISTORY_ALL);
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct resident *r = NULL;
        e = people_decode(q, &r, reterr);
        if (e == OK)
            e = derive(db, cache, r, reterr);
        resident_free(r);
        if (e != OK)
            break;
    }
    stmt_done(q);
    word_cache_free(cache);
    return e;
}

enum err people_rebuild(struct db *db, struct errinfo *reterr)
{
    static const int drops[] = { Q_DERIVED_DROP_RESIDENT, Q_DERIVED_DROP_WORD, Q_DERIVED_DROP_WORD_TAIL,
                                 Q_DERIVED_DROP_PERSON_NAME, Q_DERIVED_DROP_PERSON_PLACE };
    struct buf digest = BUF_INIT;
    TRY(txn_begin(db, reterr));
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(drops) && e == OK; i++)
        e = stmt_run(stmt_get(db, drops[i]), reterr);
    if (e == OK)
        e = derive_all(db, reterr);
    keys_digest(db, &digest);
    if (e == OK)
        e = meta_set(db, META_KEYS, buf_str(&digest), reterr);
    buf_done(&digest);
    return txn_end(db, e, reterr);
}

/* ---- reading ---- */

enum err people_decode(const struct stmt *q, struct resident **ret, struct errinfo *reterr)
{
    return resident_decode(col_span(q, "body"), ret, reterr);
}

/* The one row of a bound statement. */
static enum err one_body(struct stmt *q, struct resident **ret, struct errinfo *reterr)
{
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = people_decode(q, ret, reterr);
    stmt_done(q);
    return e;
}

/* All rows of a bound statement; nothing is added when it fails. */
static enum err all_bodies(struct stmt *q, struct resident_list *ret, struct errinfo *reterr)
{
    struct resident_list got = { 0 };
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct resident *r = NULL;
        e = people_decode(q, &r, reterr);
        if (e != OK)
            break;
        resident_list_add(&got, r);
    }
    stmt_done(q);
    for (size_t i = 0; i < got.n && e == OK; i++) {
        resident_list_add(ret, got.r[i]);
        got.r[i] = NULL;
    }
    resident_list_done(&got);
    return e;
}

enum err people_by_id(struct db *db, const char *id, struct resident **ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESIDENT_BODY);
    stmt_text(q, ":id", id);
    return one_body(q, ret, reterr);
}

enum err people_at_rev(struct db *db, const char *id, int64_t rev, struct resident **ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_HISTORY_BODY);
    stmt_text(q, ":id", id);
    stmt_i64(q, ":rev", rev);
    return one_body(q, ret, reterr);
}

enum err people_history(struct db *db, const char *id, struct resident_list *ret, struct errinfo *reterr)
{
    size_t before = ret->n;
    struct stmt *q = stmt_get(db, Q_HISTORY_OF);
    stmt_text(q, ":id", id);
    TRY(all_bodies(q, ret, reterr));
    return ret->n > before ? OK : err_set(reterr, E_NOTFOUND, NULL, "resident", "nobody has this number");
}

enum err people_load_household(struct db *db, const char *household, struct resident_list *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_HOUSEHOLD_BODIES);
    stmt_text(q, ":household", household);
    return all_bodies(q, ret, reterr);
}

enum err people_household_size(struct db *db, const char *household, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_HOUSEHOLD_SIZE);
    stmt_text(q, ":household", household);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "size");
    stmt_done(q);
    return e;
}

enum err people_around(struct db *db, const char *id, const char *household, struct people_around *ret,
                       struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESIDENT_AROUND);
    stmt_text(q, ":id", id);
    stmt_text(q, ":household", household);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = (struct people_around){ .household_size = col_i64(q, "size"),
                                       .restricted = col_i64(q, "restricted") != 0,
                                       .open_case = col_i64(q, "open_case") != 0 };
    stmt_done(q);
    return e;
}

/* Adds the living members of a household that are not in the list. */
static enum err add_household(struct db *db, const char *household, struct resident_list *l, struct errinfo *reterr)
{
    struct resident_list members = { 0 };
    enum err e = people_load_household(db, household, &members, reterr);
    for (size_t i = 0; i < members.n && e == OK; i++) {
        if (resident_list_find(l, members.r[i]->id) != NULL)
            continue;
        resident_list_add(l, members.r[i]);
        members.r[i] = NULL;
    }
    resident_list_done(&members);
    return e;
}

static enum err add_person(struct db *db, const char *id, struct resident_list *l, struct errinfo *reterr)
{
    struct resident *r = NULL;
    if (resident_list_find(l, id) != NULL)
        return OK;
    enum err e = people_by_id(db, id, &r, reterr);
    if (e == E_NOTFOUND)
        return OK;
    TRY(e);
    resident_list_add(l, r);
    return *resident_get(r, ATTR_HOUSEHOLD) != '\0' ? add_household(db, resident_get(r, ATTR_HOUSEHOLD), l, reterr)
                                                    : OK;
}

enum err people_world(struct db *db, const struct idlist *people, const struct idlist *households, struct world *ret,
                      struct errinfo *reterr)
{
    struct world w = { 0 };
    enum err e = OK;
    for (size_t i = 0; i < people->n && e == OK; i++)
        e = add_person(db, people->id[i], &w.people, reterr);
    for (size_t i = 0; i < households->n && e == OK; i++)
        e = add_household(db, households->id[i], &w.people, reterr);
    if (e != OK) {
        resident_list_done(&w.people);
        return e;
    }
    *ret = w;
    return OK;
}

enum err people_by_number(struct db *db, enum attr a, const char *number, struct idlist *ret, struct errinfo *reterr)
{
    static const struct {
        enum attr attr;
        int stmt;
    } by[] = {
        { ATTR_MY_NUMBER, Q_RESIDENT_BY_MY_NUMBER },
        { ATTR_RESIDENT_CODE, Q_RESIDENT_BY_RESIDENT_CODE },
        { ATTR_CARD_NO, Q_RESIDENT_BY_CARD_NO },
    };
    size_t i = 0;
    while (i < ARRAY_LEN(by) && by[i].attr != a)
        i++;
    MUST(i < ARRAY_LEN(by));
    struct stmt *q = stmt_get(db, by[i].stmt);
    stmt_text(q, ":number", number);
    bool have = false;
    enum err e;
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        idlist_add(ret, col_text(q, "id"));
    stmt_done(q);
    return e;
}

enum err people_count(struct db *db, int64_t *ret_persons, int64_t *ret_living, int64_t *ret_rows,
                      struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_RESIDENT_COUNTS);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        *ret_persons = col_i64(q, "persons");
        *ret_living = col_i64(q, "living");
        *ret_rows = col_i64(q, "history");
    }
    stmt_done(q);
    return e;
}

enum err people_host_restored(struct db *db, int64_t host_seq, struct errinfo *reterr)
{
    int64_t n = 0;
    MUST(txn_depth(db) > 0);
    struct stmt *q = stmt_get(db, Q_HISTORY_LOSE);
    stmt_i64(q, ":host_seq", host_seq);
    stmt_i64(q, ":now", db_now(db));
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_HISTORY_FORGET);
    stmt_i64(q, ":host_seq", host_seq);
    TRY(stmt_run_n(q, &n, reterr));
    return n ? people_rebuild(db, reterr) : OK;
}
