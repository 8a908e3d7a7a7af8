#include "domain/certificate.h"
#include "base/mem.h"
#include "cert_format_in.h"
#include <stdlib.h>
#include <string.h>

static const char *const show_word[] = {
    [SHOW_ALWAYS] = "always",
    [SHOW_ASK] = "ask",
    [SHOW_REASON] = "reason",
    [SHOW_NEVER] = "never",
};
_Static_assert(ARRAY_LEN(show_word) == SHOWS, "a rule has no word");

static const char *const show_label[] = {
    [SHOW_ALWAYS] = "記載する",
    [SHOW_ASK] = "請求があれば記載する",
    [SHOW_REASON] = "理由に必要なときだけ記載する",
    [SHOW_NEVER] = "記載できない",
};
_Static_assert(ARRAY_LEN(show_label) == SHOWS, "a rule has no label");

static const char *const subject_word[] = {
    [SUBJECT_LIVING] = "living", [SUBJECT_REMOVED] = "removed", [SUBJECT_LEAVING] = "leaving", [SUBJECT_LATE] = "late"
};
_Static_assert(ARRAY_LEN(subject_word) == SUBJECTS, "a subject has no word");

static const char *const relation_word[] = {
    [REL_SELF] = "self",   [REL_HOUSEHOLD] = "household", [REL_PROXY] = "proxy",
    [REL_THIRD] = "third", [REL_OFFICE] = "office",
};
_Static_assert(ARRAY_LEN(relation_word) == RELS, "a relation has no word");

static const char *const named_word[] = {
    [NAMED_SELF] = "self",
    [NAMED_MEMBER] = "member",
    [NAMED_OTHER] = "other",
};
_Static_assert(ARRAY_LEN(named_word) == NAMEDS, "a name has no word");

/* ---- reading the tables: the note of a code is "key=value key=value" ---- */

struct loader {
    const struct rulebook *book;
    struct cert_rules *rules;
    const char *table, *code; /* where it reads */
    struct errinfo *reterr;
};

static enum err bad(const struct loader *l, struct span word, const char *what)
{
    struct buf item = BUF_INIT;
    buf_printf(&item, "data/tables/%s.tsv: %s", l->table, l->code);
    err_set(l->reterr, E_INVALID, NULL, item.p, "'%.*s': expected %s", (int)(word.n < 60 ? word.n : 60), word.p, what);
    buf_done(&item);
    return E_INVALID;
}

/* Next "key=value" of a note; false at the end. */
static bool next_pair(const char **at, struct span *ret_key, struct span *ret_value)
{
    const char *p = *at + strspn(*at, " ");
    size_t n = strcspn(p, " ");
    const char *eq = memchr(p, '=', n);
    *ret_key = (struct span){ p, eq ? (size_t)(eq - p) : n };
    *ret_value = eq ? (struct span){ eq + 1, n - ret_key->n - 1 } : (struct span){ p + n, 0 };
    *at = p + n;
    return n > 0;
}

static enum err a_text(const struct loader *l, struct span v, char **ret)
{
    if (!v.n || *ret)
        return bad(l, v, "a text, once");
    *ret = xstrndup(v.p, v.n);
    return OK;
}

/* The name of a parameter, as the rulebook holds it. */
static enum err a_param(const struct loader *l, struct span v, const char **ret)
{
    for (size_t i = 0; i < l->book->n_param; i++)
        if (span_is(v, l->book->param[i].name)) {
            *ret = l->book->param[i].name;
            return OK;
        }
    return bad(l, v, "a row of data/parameters.tsv");
}

static enum err an_exemption(const struct loader *l, struct span v, const char **ret)
{
    const struct code_table *t = rulebook_table(l->book, "cert_exemptions");
    for (size_t i = 0; t && i < t->n; i++)
        if (span_is(v, t->c[i].code)) {
            *ret = t->c[i].code;
            return OK;
        }
    return bad(l, v, "a row of data/tables/cert_exemptions.tsv");
}

static enum err a_flag(const struct loader *l, struct span v, bool *ret)
{
    if (!span_is(v, "yes") && !span_is(v, "no"))
        return bad(l, v, "yes or no");
    *ret = span_is(v, "yes");
    return OK;
}

static const struct code_table *table_of(struct loader *l, const char *name, enum err *ret)
{
    const struct code_table *t = rulebook_table(l->book, name);
    l->table = name;
    l->code = "";
    *ret = t && t->n ? OK : bad(l, span_of(name), "a table with rows");
    return t;
}

/* ---- requesters ---- */

static enum err requester_word(struct loader *l, struct cert_requester *r, struct span key, struct span v)
{
    if (span_is(key, "relation")) {
        int i = span_index(v, relation_word, RELS);
        r->relation = (enum cert_relation)i;
        return i < RELS ? OK : bad(l, v, "self, household, proxy, third or office");
    }
    if (span_is(key, "named")) {
        int i = span_index(v, named_word, NAMEDS);
        r->named = (enum cert_named)i;
        return i < NAMEDS ? OK : bad(l, v, "self, member or other");
    }
    if (span_is(key, "document"))
        return a_flag(l, v, &r->document);
    if (span_is(key, "reason"))
        return a_flag(l, v, &r->reason);
    if (span_is(key, "proof"))
        return a_flag(l, v, &r->proof);
    if (span_is(key, "basis"))
        return a_text(l, v, &r->basis);
    if (span_is(key, "mark"))
        return a_text(l, v, &r->mark);
    if (span_is(key, "exempt"))
        return an_exemption(l, v, &r->exempt);
    return bad(l, key, "relation, basis, named, document, reason, proof, exempt or mark");
}

static enum err load_requesters(struct loader *l)
{
    enum err err;
    const struct code_table *t = table_of(l, "cert_requesters", &err);
    TRY(err);
    l->rules->requester = xcalloc(t->n, sizeof *l->rules->requester);
    l->rules->n_requester = t->n;
    for (size_t i = 0; i < t->n; i++) {
        struct cert_requester *r = &l->rules->requester[i];
        *r = (struct cert_requester){ .code = t->c[i].code, .label = t->c[i].label, .relation = RELS, .named = NAMEDS };
        l->code = r->code;
        struct span key, v;
        for (const char *at = t->c[i].note; next_pair(&at, &key, &v);)
            TRY(requester_word(l, r, key, v));
        if (!r->basis || r->relation == RELS || r->named == NAMEDS)
            return bad(l, span_of(t->c[i].note), "relation=, basis= and named=");
        r->exempt = r->exempt ? r->exempt : "";
        r->mark = r->mark ? r->mark : xstrdup("");
    }
    return OK;
}

/* ---- items ---- */

static enum err show_words(struct loader *l, struct cert_item *item, struct span key, struct span v, bool *ret_known)
{
    bool all = span_is(key, "all");
    *ret_known = all;
    for (size_t i = 0; i < l->rules->n_requester; i++) {
        if (!all && !span_is(key, l->rules->requester[i].code))
            continue;
        *ret_known = true;
        int show = span_index(v, show_word, SHOWS);
        if (show == SHOWS)
            return bad(l, v, "always, ask, reason or never");
        item->show[i] = (enum cert_show)show;
    }
    return OK;
}

static enum err item_word(struct loader *l, struct cert_item *item, struct span key, struct span v)
{
    if (span_is(key, "from")) {
        item->attr = attr_by_key(v);
        return item->attr < ATTR_COUNT ? OK : bad(l, v, "the key of an attribute");
    }
    if (span_is(key, "as")) {
        item->format = cert_format_find(v);
        return item->format < cert_formats() ? OK : bad(l, v, "a format");
    }
    if (span_is(key, "table")) {
        for (size_t i = 0; i < l->book->n_table; i++)
            if (span_is(v, l->book->table[i].name))
                item->table = l->book->table[i].name;
        return *item->table ? OK : bad(l, v, "a code table");
    }
    if (span_is(key, "with")) {
        const struct code_table *t = rulebook_table(l->book, l->table);
        for (size_t i = 0; t && i < t->n; i++)
            if (span_is(v, t->c[i].code))
                item->with = t->c[i].code;
        return *item->with ? OK : bad(l, v, "an item of the same table");
    }
    if (span_is(key, "number"))
        return a_flag(l, v, &item->number);
    if (span_is(key, "history"))
        return a_flag(l, v, &item->history);
    bool known;
    TRY(show_words(l, item, key, v, &known));
    return known ? OK : bad(l, key, "from, as, table, with, number, history, all or a requester");
}

static enum err load_item(struct loader *l, const struct code *c, struct cert_item *item)
{
    struct span key, v;
    *item = (struct cert_item){
        .code = c->code, .label = c->label, .attr = ATTR_COUNT, .table = "", .with = "", .history = true
    };
    item->show = xcalloc(l->rules->n_requester, sizeof *item->show);
    item->format = cert_formats();
    l->code = c->code;
    for (size_t i = 0; i < l->rules->n_requester; i++)
        item->show[i] = SHOWS;
    for (const char *at = c->note; next_pair(&at, &key, &v);)
        TRY(item_word(l, item, key, v));
    if (item->attr == ATTR_COUNT || item->format == cert_formats())
        return bad(l, span_of(c->note), "from= and as=");
    if (cert_format_has_table(item->format) != (*item->table != 0))
        return bad(l, span_of(c->note), "table= with as=code and only there");
    for (size_t i = 0; i < l->rules->n_requester; i++)
        if (item->show[i] == SHOWS)
            return bad(l, span_of(l->rules->requester[i].code), "a rule for every requester");
    return OK;
}

/* The item table of a kind, read once however many kinds name it. */
static enum err load_items(struct loader *l, const char *name, size_t *ret)
{
    for (size_t i = 0; i < l->rules->n_items; i++)
        if (!strcmp(l->rules->items[i].name, name)) {
            *ret = i;
            return OK;
        }
    enum err err;
    const struct code_table *t = table_of(l, name, &err);
    TRY(err);
    l->rules->items = xrealloc(l->rules->items, l->rules->n_items + 1, sizeof *l->rules->items);
    struct cert_items *items = &l->rules->items[l->rules->n_items++];
    *items = (struct cert_items){ .name = t->name, .i = xcalloc(t->n, sizeof *items->i) };
    for (; items->n < t->n; items->n++) {
        err = load_item(l, &t->c[items->n], &items->i[items->n]);
        if (err != OK) {
            items->n++;
            return err;
        }
    }
    *ret = l->rules->n_items - 1;
    return OK;
}

/* ---- kinds ---- */

/* A requester who is somebody else for this kind (同一世帯員 for a removed record). */
static enum err deny(const struct loader *l, struct cert_kind *k, struct span v)
{
    for (size_t i = 0; i < l->rules->n_requester; i++)
        if (span_is(v, l->rules->requester[i].code)) {
            k->denied[i] = true;
            return OK;
        }
    return bad(l, v, "a requester");
}

static enum err kind_word(struct loader *l, struct cert_kind *k, size_t *items, struct span key, struct span v)
{
    if (span_is(key, "subject")) {
        int i = span_index(v, subject_word, SUBJECTS);
        k->subject = (enum cert_subject)i;
        return i < SUBJECTS ? OK : bad(l, v, "living, removed or leaving");
    }
    if (span_is(key, "offline"))
        return a_flag(l, v, &k->offline);
    if (span_is(key, "fee"))
        return a_param(l, v, &k->fee);
    if (span_is(key, "whole"))
        return a_param(l, v, &k->whole);
    if (span_is(key, "part"))
        return a_param(l, v, &k->part);
    if (span_is(key, "frozen"))
        return a_flag(l, v, &k->frozen);
    if (span_is(key, "deny"))
        return deny(l, k, v);
    if (!span_is(key, "items"))
        return bad(l, key, "items, subject, offline, frozen, deny, fee, whole or part");
    struct loader inner = *l;
    for (size_t i = 0; i < l->book->n_table; i++)
        if (span_is(v, l->book->table[i].name))
            return load_items(&inner, l->book->table[i].name, items);
    return bad(l, v, "an item table");
}

static enum err load_kinds(struct loader *l)
{
    enum err err;
    const struct code_table *t = table_of(l, "cert_kinds", &err);
    TRY(err);
    size_t *items = xcalloc(t->n, sizeof *items);
    l->rules->kind = xcalloc(t->n, sizeof *l->rules->kind);
    l->rules->n_kind = t->n;
    for (size_t i = 0; i < t->n && err == OK; i++) {
        struct cert_kind *k = &l->rules->kind[i];
        *k = (struct cert_kind){ .code = t->c[i].code, .label = t->c[i].label, .layout = t->c[i].code };
        items[i] = SIZE_MAX;
        k->subject = SUBJECTS;
        k->denied = xcalloc(l->rules->n_requester, sizeof *k->denied);
        l->code = k->code;
        struct span key, v;
        for (const char *at = t->c[i].note; err == OK && next_pair(&at, &key, &v);)
            err = kind_word(l, k, &items[i], key, v);
        if (err == OK && (!k->fee || !k->whole || !k->part || k->subject == SUBJECTS || items[i] == SIZE_MAX))
            err = bad(l, span_of(t->c[i].note), "items=, subject=, fee=, whole= and part=");
    }
    for (size_t i = 0; i < t->n && err == OK; i++) /* the tables do not move any more */
        l->rules->kind[i].items = &l->rules->items[items[i]];
    free(items);
    return err;
}

enum err cert_rules_load(const struct rulebook *book, struct cert_rules **ret, struct errinfo *reterr)
{
    struct loader l = { .book = book, .rules = xcalloc(1, sizeof *l.rules), .reterr = reterr };
    enum err err = load_requesters(&l);
    if (err == OK)
        err = load_kinds(&l);
    if (err == OK)
        err = variants_new(rulebook_table(book, "variants"), &l.rules->variants, reterr);
    if (err == OK)
        *ret = l.rules;
    else
        cert_rules_free(l.rules);
    return err;
}

void cert_rules_free(struct cert_rules *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_items; i++) {
        for (size_t k = 0; k < r->items[i].n; k++)
            free(r->items[i].i[k].show);
        free(r->items[i].i);
    }
    free(r->items);
    for (size_t i = 0; i < r->n_requester; i++) {
        free(r->requester[i].basis);
        free(r->requester[i].mark);
    }
    free(r->requester);
    for (size_t i = 0; i < r->n_kind; i++)
        free(r->kind[i].denied);
    free(r->kind);
    variants_free(r->variants);
    free(r);
}

/* ---- looking up ---- */

const struct cert_kind *cert_kind_find(const struct cert_rules *r, const char *code)
{
    for (size_t i = 0; i < r->n_kind; i++)
        if (!strcmp(r->kind[i].code, code))
            return &r->kind[i];
    return NULL;
}

const struct cert_requester *cert_requester_find(const struct cert_rules *r, const char *code)
{
    for (size_t i = 0; i < r->n_requester; i++)
        if (!strcmp(r->requester[i].code, code))
            return &r->requester[i];
    return NULL;
}

const struct cert_item *cert_item_find(const struct cert_kind *k, struct span code)
{
    for (size_t i = 0; i < k->items->n; i++)
        if (span_is(code, k->items->i[i].code))
            return &k->items->i[i];
    return NULL;
}

enum cert_show cert_show_of(const struct cert_rules *r, const struct cert_item *item, const struct cert_requester *who)
{
    return item->show[who - r->requester];
}

const char *cert_show_label(enum cert_show s)
{
    return show_label[s];
}

enum err cert_fee(const struct rulebook *book, const struct cert_kind *kind, const struct cert_requester *who,
                  const char *exempt, int64_t *ret_yen, const char **ret_why, struct errinfo *reterr)
{
    const struct code_table *t = rulebook_table(book, "cert_exemptions");
    const char *code = *exempt ? exempt : who->exempt;
    for (size_t i = 0; t && i < t->n; i++)
        if (!strcmp(t->c[i].code, code)) {
            *ret_yen = 0;
            *ret_why = t->c[i].label;
            return OK;
        }
    if (*code)
        return err_set(reterr, E_INVALID, "S316", "exempt", "no such exemption");
    *ret_yen = rulebook_param_int(book, kind->fee);
    *ret_why = "";
    return OK;
}
