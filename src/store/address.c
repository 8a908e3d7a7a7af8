#include "store/address.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/kana.h"
#include "stmt_in.h"
#include "store/meta.h"

#include <stdlib.h>
#include <string.h>

#define META_LAST "address.import" /* number of the last import */
#define META_OPEN "address.open"   /* number of the one that is being read in */

#define LEVELS     3
#define AFTER_ALL  "\xF4\x8F\xBF\xBF" /* U+10FFFF, behind every text that begins the same */
#define ZIP_DIGITS 7
#define ZIP_LEAST  3

/* Reading in ------------------------------------------------------------------------------------------------------- */

enum err address_import_begin(struct db *db, int64_t *ret_import, struct errinfo *reterr)
{
    int64_t last = 0;
    TRY(meta_get_i64(db, META_LAST, 0, &last, reterr));
    TRY(stmt_run(stmt_get(db, Q_ADDRESS_DROP_OPEN), reterr));
    TRY(meta_set_i64(db, META_LAST, last + 1, reterr));
    TRY(meta_set_i64(db, META_OPEN, last + 1, reterr));
    *ret_import = last + 1;
    return OK;
}

static enum err check_open(struct db *db, int64_t import, struct errinfo *reterr)
{
    int64_t open = 0;
    TRY(meta_get_i64(db, META_OPEN, 0, &open, reterr));
    return import > 0 && import == open ? OK : err_set(reterr, E_CONFLICT, NULL, "import", "not the open one");
}

static void add_first(struct buf *b, const struct buf *key)
{
    const char *p = buf_str(key);
    if (key->len)
        buf_addcp(b, utf8_next(&p, key->p + key->len));
}

/* The keys of one town; the initials are those of the levels that have a reading. */
static void bind_keys(struct stmt *q, const struct address_town *t)
{
    static const char *const column[LEVELS] = { ":pref_key", ":city_key", ":town_key" };
    const char *const reading[LEVELS] = { t->pref_kana, t->city_kana, t->town_kana };
    struct buf key = BUF_INIT, initials = BUF_INIT;
    for (int i = 0; i < LEVELS; i++) {
        buf_clear(&key);
        kana_key(span_of(reading[i]), KANA_KEY1, &key);
        stmt_text(q, column[i], buf_str(&key));
        add_first(&initials, &key);
    }
    stmt_text(q, ":initials", buf_str(&initials));
    buf_done(&initials);
    buf_done(&key);
}

enum err address_import_add(struct db *db, int64_t import, const struct address_town *t, struct errinfo *reterr)
{
    TRY(check_open(db, import, reterr));
    struct stmt *part = stmt_get(db, Q_ADDRESS_PART_ADD);
    stmt_i64(part, ":import", import);
    stmt_text(part, ":city_code", t->city_code);
    TRY(stmt_run(part, reterr));

    const struct {
        const char *name, *value;
    } column[] = { { ":city_code", t->city_code }, { ":zip", t->zip },
                   { ":pref", t->pref },           { ":city", t->city },
                   { ":town", t->town },           { ":note", t->note },
                   { ":pref_kana", t->pref_kana }, { ":city_kana", t->city_kana },
                   { ":town_kana", t->town_kana } };
    struct stmt *q = stmt_get(db, Q_ADDRESS_TOWN_ADD);
    stmt_i64(q, ":import", import);
    for (size_t i = 0; i < ARRAY_LEN(column); i++)
        stmt_text(q, column[i].name, column[i].value);
    bind_keys(q, t);
    return stmt_run(q, reterr);
}

enum err address_import_commit(struct db *db, int64_t import, int64_t *ret_cities, struct errinfo *reterr)
{
    int64_t cities = 0;
    TRY(check_open(db, import, reterr));
    struct stmt *q = stmt_get(db, Q_ADDRESS_RETIRE);
    stmt_i64(q, ":import", import);
    TRY(stmt_run(q, reterr));
    q = stmt_get(db, Q_ADDRESS_ACTIVATE);
    stmt_i64(q, ":import", import);
    TRY(stmt_run_n(q, &cities, reterr));
    if (cities == 0)
        return err_set(reterr, E_NOTFOUND, NULL, "import", "nothing was added");
    TRY(meta_set(db, META_OPEN, NULL, reterr));
    *ret_cities = cities;
    return OK;
}

/* Rows of one part; the part itself goes with the last of them. */
static enum err sweep_part(struct db *db, int64_t import, const char *city_code, int64_t max, int64_t *ret_removed,
                           struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_ADDRESS_SWEEP);
    stmt_i64(q, ":import", import);
    stmt_text(q, ":city_code", city_code);
    stmt_i64(q, ":max", max);
    TRY(stmt_run_n(q, ret_removed, reterr));
    if (*ret_removed == max)
        return OK;
    q = stmt_get(db, Q_ADDRESS_PART_DROP);
    stmt_i64(q, ":import", import);
    stmt_text(q, ":city_code", city_code);
    return stmt_run(q, reterr);
}

/* A part that is no longer in force; *ret_city is NULL when there is none. */
static enum err stale_part(struct db *db, int64_t *ret_import, char **ret_city, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_ADDRESS_STALE);
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK) {
        *ret_city = have ? col_dup(q, "city_code") : NULL;
        *ret_import = have ? col_i64(q, "import") : 0;
    }
    stmt_done(q);
    return e;
}

enum err address_sweep(struct db *db, int64_t max, bool *ret_left, struct errinfo *reterr)
{
    bool left = true;
    while (left && max > 0) {
        int64_t import = 0, removed = 0;
        char *city_code = NULL;
        TRY(stale_part(db, &import, &city_code, reterr));
        left = city_code != NULL;
        enum err e = left ? sweep_part(db, import, city_code, max, &removed, reterr) : OK;
        free(city_code);
        TRY(e);
        max -= removed;
    }
    *ret_left = left;
    return OK;
}

/* Looking up ------------------------------------------------------------------------------------------------------- */

struct gather { /* rows of several statements, each row once */
    struct db *db;
    const struct address_query *query;
    void (*cb)(void *arg, const struct address_town *);
    void *arg;
    int64_t *seen;
    size_t n;
    bool more;
};

static bool was_seen(const struct gather *g, int64_t id)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->seen[i] == id)
            return true;
    return false;
}

static void tell(struct gather *g, const struct stmt *q)
{
    if (was_seen(g, col_i64(q, "id")))
        return;
    g->more = g->n == g->query->limit;
    if (g->more)
        return;
    g->seen[g->n++] = col_i64(q, "id");
    g->cb(g->arg, &(struct address_town){ .city_code = col_text(q, "city_code"),
                                          .zip = col_text(q, "zip"),
                                          .pref = col_text(q, "pref"),
                                          .city = col_text(q, "city"),
                                          .town = col_text(q, "town"),
                                          .note = col_text(q, "note"),
                                          .pref_kana = col_text(q, "pref_kana"),
                                          .city_kana = col_text(q, "city_kana"),
                                          .town_kana = col_text(q, "town_kana") });
}

/* Runs a statement whose parameters are bound but for the limit, and is done with it. */
static enum err gather_rows(struct gather *g, struct stmt *q, struct errinfo *reterr)
{
    bool have = true;
    enum err e = OK;
    stmt_i64(q, ":limit", (int64_t)g->query->limit + 1); /* enough also when those seen before come again */
    while (e == OK && have && !g->more) {
        e = stmt_row(q, &have, reterr);
        if (e == OK && have)
            tell(g, q);
    }
    stmt_done(q);
    return e;
}

/* Everything that begins with `start`. */
static void bind_range(struct stmt *q, const char *from, const char *to, const char *start)
{
    char *end = xprintf("%s" AFTER_ALL, start);
    stmt_text(q, from, start);
    stmt_text(q, to, end);
    wipe_str(end);
}

static enum err find_zip(struct gather *g, struct errinfo *reterr)
{
    const char *zip = g->query->zip;
    size_t n = strlen(zip);
    if (n < ZIP_LEAST || n > ZIP_DIGITS || strspn(zip, "0123456789") != n)
        return err_set(reterr, E_INVALID, NULL, "zip", "not %d to %d digits", ZIP_LEAST, ZIP_DIGITS);
    struct stmt *q = stmt_get(g->db, Q_ADDRESS_BY_ZIP);
    bind_range(q, ":from", ":to", zip);
    return gather_rows(g, q, reterr);
}

/* Folded readings of the levels that were typed, the last of them the town. */
struct typed {
    char *key[LEVELS];
    size_t n;
};

static void typed_done(struct typed *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->key[i]);
}

static bool read_levels(const char *text, struct typed *ret)
{
    static const char blank[] = "　";
    struct buf wide = BUF_INIT;
    bool ok = true;
    kana_wide(span_of(text), &wide);
    for (const char *at = buf_str(&wide); at && ok;) {
        const char *gap = strstr(at, blank);
        struct buf key = BUF_INIT;
        kana_key(gap ? (struct span){ at, (size_t)(gap - at) } : span_of(at), KANA_KEY1, &key);
        ok = key.len > 0 && ret->n < LEVELS;
        if (ok)
            ret->key[ret->n++] = buf_steal(&key);
        buf_done(&key);
        at = gap ? gap + sizeof blank - 1 : NULL;
    }
    buf_done(&wide);
    return ok;
}

static enum err find_own_kana(struct gather *g, const char *town_key, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(g->db, Q_ADDRESS_BY_OWN_KANA);
    stmt_text(q, ":city_code", g->query->own_city);
    bind_range(q, ":from", ":to", town_key);
    return gather_rows(g, q, reterr);
}

/* pref NULL: any prefecture whose reading begins with key[0]. */
static enum err find_three(struct gather *g, const char *pref, const char *const key[LEVELS], struct errinfo *reterr)
{
    static const char *const range[LEVELS][2] = { { ":pref_from", ":pref_to" },
                                                  { ":city_from", ":city_to" },
                                                  { ":town_from", ":town_to" } };
    struct buf initials = BUF_INIT;
    struct stmt *q = stmt_get(g->db, Q_ADDRESS_BY_INITIALS);
    stmt_text(q, ":pref", pref);
    for (int i = 0; i < LEVELS; i++) {
        const char *p = key[i];
        bind_range(q, range[i][0], range[i][1], key[i]);
        buf_addcp(&initials, utf8_next(&p, p + strlen(p)));
    }
    stmt_text(q, ":initials", buf_str(&initials));
    buf_done(&initials);
    return gather_rows(g, q, reterr);
}

static enum err find_own_pref(struct gather *g, const struct typed *t, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(g->db, Q_ADDRESS_OWN);
    bool have = false;
    stmt_text(q, ":city_code", g->query->own_city);
    enum err e = stmt_row(q, &have, reterr);
    char *pref = e == OK && have ? col_dup(q, "pref") : NULL;
    char *pref_key = pref ? col_dup(q, "pref_key") : NULL;
    stmt_done(q);
    if (e == OK && pref_key && *pref_key)
        e = find_three(g, pref, (const char *const[]){ pref_key, t->key[0], t->key[1] }, reterr);
    free(pref_key);
    free(pref);
    return e;
}

static enum err find_initials(struct gather *g, struct errinfo *reterr)
{
    struct typed t = { .n = 0 };
    enum err e;
    if (!read_levels(g->query->initials, &t))
        e = err_set(reterr, E_INVALID, NULL, "initials", "not one to three readings");
    else if (t.n == 1)
        e = find_own_kana(g, t.key[0], reterr);
    else if (t.n == 2)
        e = find_own_pref(g, &t, reterr);
    else
        e = find_three(g, NULL, (const char *const[]){ t.key[0], t.key[1], t.key[2] }, reterr);
    typed_done(&t);
    return e;
}

static enum err find_text(struct gather *g, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(g->db, Q_ADDRESS_BY_OWN_TEXT);
    stmt_text(q, ":city_code", g->query->own_city);
    bind_range(q, ":from", ":to", g->query->text);
    TRY(gather_rows(g, q, reterr));
    static const int elsewhere[] = { Q_ADDRESS_BY_FULL_TEXT, Q_ADDRESS_BY_CITY_TEXT, Q_ADDRESS_BY_TEXT };
    for (size_t i = 0; i < ARRAY_LEN(elsewhere) && !g->more; i++) {
        q = stmt_get(g->db, elsewhere[i]);
        bind_range(q, ":from", ":to", g->query->text);
        TRY(gather_rows(g, q, reterr));
    }
    return OK;
}

static bool given(const char *text)
{
    return text && *text;
}

enum err address_find(struct db *db, const struct address_query *query,
                      void (*cb)(void *arg, const struct address_town *), void *arg, bool *ret_more,
                      struct errinfo *reterr)
{
    struct gather g = { .db = db, .query = query, .cb = cb, .arg = arg };
    enum err e = OK;
    g.seen = xcalloc(query->limit + 1, sizeof *g.seen);
    if (given(query->zip))
        e = find_zip(&g, reterr);
    else if (given(query->initials))
        e = find_initials(&g, reterr);
    else if (given(query->text))
        e = find_text(&g, reterr);
    if (e == OK)
        *ret_more = g.more;
    free(g.seen);
    return e;
}
