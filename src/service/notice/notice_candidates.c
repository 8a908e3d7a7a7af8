#include "base/mem.h"
#include "base/utf8.h"
#include "domain/address.h"
#include "domain/fieldtype.h"
#include "domain/household.h"
#include "domain/notice_points.h"
#include "domain/notice_proposals.h"
#include "domain/relation.h"
#include "notice/notice_work.h"
#include "service/present.h"
#include "store/address.h"
#include "store/people.h"

#include <stdlib.h>
#include <string.h>

/* 候補 (F2): what may stand in a field, from the notice itself, the register and the tables. */

#define ROWS_MAX 30

struct asking {
    struct call *call;
    struct notice_work w;
    struct shield shield;
    const struct section *section;
    const struct field *field;
    int row;
    const char *text;
    json_t *rows;
};

static json_t *offer(struct asking *a, const char *value, const char *label, const char *note)
{
    json_t *row = add_object(a->rows);
    set_text(row, "value", value);
    set_text(row, "label", label);
    set_text(row, "note", note);
    return row;
}

static void fill(json_t *list, const struct section *s, enum attr attr, const char *value)
{
    const struct field *f = section_field_of_attr(s, attr);
    if (!f || !*value)
        return;
    json_t *v = add_object(list);
    set_text(v, "f", f->key);
    set_text(v, "v", value);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool full(const struct asking *a)
{
    return json_array_size(a->rows) >= ROWS_MAX;
}

/* ---- persons and households ---- */

/* Somebody who must not stand in a list is left out, as if he were not there. */
static enum err hide(void *arg, const struct resident *r, bool *ret_hide, struct errinfo *reterr)
{
    const struct asking *a = arg;
    return shield_off_lists(&a->shield, r, ret_hide, reterr);
}

static void note_of(const struct asking *a, const struct resident *r, struct buf *ret)
{
    const struct eras *eras = &a->call->svc->book->eras;
    struct datex born;
    buf_adds(ret, resident_get(r, ATTR_RELATION));
    buf_addc(ret, ' ');
    if (datex_read(resident_get(r, ATTR_BIRTH_ON), eras, &born, NULL) == OK)
        datex_show_short(&born, eras, ret);
}

static enum err offer_person(struct asking *a, const struct resident *r, struct errinfo *reterr)
{
    struct buf note = BUF_INIT;
    bool hidden = false;
    if (full(a))
        return OK;
    TRY(hide(a, r, &hidden, reterr));
    if (hidden)
        return OK;
    note_of(a, r, &note);
    offer(a, r->id, present_name(r), buf_str(&note));
    call_subject(a->call, r->id);
    buf_done(&note);
    return OK;
}

static enum err offer_household(struct asking *a, const char *no, struct errinfo *reterr)
{
    struct resident_list people = { 0 };
    struct household h;
    struct buf label = BUF_INIT, note = BUF_INIT;
    bool hidden = false;
    TRY(people_load_household(a->call->svc->db, no, &people, reterr));
    household_of(&people, no, &a->call->svc->book->eras, &h);
    enum err e = OK;
    for (size_t i = 0; i < h.n && e == OK && !hidden; i++)
        e = hide(a, h.m[i], &hidden, reterr);
    if (e == OK && h.n && !hidden && !full(a)) {
        buf_adds(&label, present_name(h.head ? h.head : h.m[0]));
        buf_printf(&label, h.head ? "" : "(世帯主未設定)");
        address_show(h.m[0], true, &note);
        offer(a, no, buf_str(&label), buf_str(&note));
        call_subject(a->call, h.m[0]->id);
    }
    household_done(&h);
    resident_list_done(&people);
    buf_done(&label);
    buf_done(&note);
    return e;
}

/* By name or reading, and birthday; y = 0 for any. */
static enum err search(struct asking *a, const char *text, struct date born, bool removed_too, struct people_found *ret,
                       struct errinfo *reterr)
{
    TRY(usage_search(a->call, reterr));
    const unsigned char *t = (const unsigned char *)text;
    bool kana = t[0] == 0xE3 && (t[1] == 0x81 || t[1] == 0x82 || t[1] == 0x83); /* U+3040–30FF */
    struct people_query q = { .name = kana ? NULL : text,
                              .kana = kana ? text : NULL,
                              .birth = born,
                              .include_removed = removed_too,
                              .hide = hide,
                              .arg = a,
                              .limit = ROWS_MAX,
                              .examine = (int)rulebook_param_int(a->call->svc->book, "SEARCH_MAX") };
    return people_search(a->call->svc->db, &q, ret, reterr);
}

/* The household the notice is about: named in it, or that of the first person in it. */
static const char *household_of_notice(const struct asking *a)
{
    if (kind_about_household(a->w.kind) && a->w.households.n)
        return a->w.households.id[0];
    for (size_t i = 0; i < a->w.people.n; i++) {
        const struct resident *r = resident_list_find(&a->w.world.people, a->w.people.id[i]);
        if (r)
            return resident_get(r, ATTR_HOUSEHOLD);
    }
    return "";
}

static bool named_already(const struct asking *a, const char *id)
{
    for (int row = 0; row < notice_rows(a->w.notice, a->section->id); row++)
        if (row != a->row && strcmp(notice_get(a->w.notice, a->section->id, row, a->field->key), id) == 0)
            return true;
    return false;
}

/* 世帯全員: each with the relation that he has. Whoever may not stand in a list is not among them; the check then sees
 * that somebody is left behind. */
static enum err offer_whole(struct asking *a, const struct household *h, struct errinfo *reterr)
{
    const struct field *relation = section_field_of_type(a->section, FT_RELATION);
    for (size_t i = 0; i < h->n; i++) {
        size_t before = json_array_size(a->rows);
        TRY(offer_person(a, h->m[i], reterr));
        if (!relation || json_array_size(a->rows) == before)
            continue;
        json_t *v = add_object(set_list(json_array_get(a->rows, before), "fill"));
        set_text(v, "f", relation->key);
        set_text(v, "v", resident_get(h->m[i], ATTR_RELATION));
    }
    return OK;
}

/* Those who are not in the notice yet; before them, where the form says so, all at once. */
static enum err offer_rest(struct asking *a, const struct household *h, struct errinfo *reterr)
{
    size_t before = json_array_size(a->rows);
    for (size_t i = 0; i < h->n; i++)
        if (!named_already(a, h->m[i]->id))
            TRY(offer_person(a, h->m[i], reterr));
    if (!a->section->whole || json_array_size(a->rows) < before + 2)
        return OK;
    json_t *all = json_pack("{s:s, s:s, s:s, s:b}", "value", "", "label", "世帯の全員", "note", "今の続柄", "whole", 1);
    json_array_insert_new(a->rows, before, all);
    return OK;
}

static enum err offer_members(struct asking *a, struct errinfo *reterr)
{
    struct household h;
    bool whole = a->section->whole && call_bool(a->call, "whole");
    household_of(&a->w.world.people, household_of_notice(a), &a->call->svc->book->eras, &h);
    enum err e = whole ? offer_whole(a, &h, reterr) : offer_rest(a, &h, reterr);
    household_done(&h);
    return e;
}

/* "新1", "新2": the rows of new persons, in sections that add to them. */
static void offer_new(struct asking *a)
{
    const struct section *created = kind_creates(a->w.kind);
    const struct field *name = created && created != a->section ? section_field_of_attr(created, ATTR_NAME) : NULL;
    for (int row = 0; name && row < notice_rows(a->w.notice, created->id); row++) {
        char *value = xprintf("新%d", row + 1);
        if (begins(value, a->text) && !named_already(a, value))
            offer(a, value, notice_get(a->w.notice, created->id, row, name->key), "転入する人");
        free(value);
    }
}

static bool all_digits(const char *s)
{
    return s[strspn(s, "0123456789")] == '\0';
}

/* ---- removed records that a new person may continue (再転入) ---- */

/* What the record has for the row, as far as the operator may see it: the clerk goes on from there. */
static void fill_row(const struct asking *a, const struct resident *r, json_t *list)
{
    const struct eras *eras = &a->call->svc->book->eras;
    for (size_t i = 0; i < a->section->n; i++) {
        enum attr attr = a->section->f[i].attr;
        struct datex day;
        struct buf shown = BUF_INIT;
        if (attr == ATTR_COUNT || !call_may_view(a->call, attr_info(attr)->view))
            continue;
        if (a->section->f[i].type == FT_DATEX && datex_read(resident_get(r, attr), eras, &day, NULL) == OK)
            datex_show(&day, eras, &shown);
        else
            buf_adds(&shown, resident_get(r, attr));
        fill(list, a->section, attr, buf_str(&shown));
        buf_done(&shown);
    }
}

static enum err offer_removed(struct asking *a, const char *id, struct errinfo *reterr)
{
    struct resident *r = NULL;
    struct restrict_decision d;
    struct buf note = BUF_INIT;
    bool hidden = false;
    if (full(a))
        return OK;
    TRY(people_by_id(a->call->svc->db, id, &r, reterr));
    enum err e = resident_living(r) ? OK : hide(a, r, &hidden, reterr);
    if (e == OK && !resident_living(r) && !hidden)
        e = shield_person(&a->shield, r, RP_VIEW, &d, reterr);
    if (e == OK && !resident_living(r) && !hidden && d.verdict != RV_REFUSE) {
        note_of(a, r, &note);
        json_t *row = offer(a, r->id, present_name(r), buf_str(&note));
        fill_row(a, r, set_list(row, "fill"));
        call_subject(a->call, r->id);
    }
    buf_done(&note);
    resident_free(r);
    return e;
}

static const char *of_row(const struct asking *a, enum attr attr)
{
    const struct field *f = section_field_of_attr(a->section, attr);
    return f ? notice_get(a->w.notice, a->section->id, a->row, f->key) : "";
}

/* By what was typed, or else by the name and the birthday that stand in the row. */
static enum err removed(struct asking *a, struct errinfo *reterr)
{
    struct people_found found = { 0 };
    struct datex born = { .kind = DX_NONE };
    struct errinfo why = { 0 };
    if (*a->text && all_digits(a->text)) {
        TRY(usage_search(a->call, reterr));
        enum err e = offer_removed(a, a->text, &why);
        if (e != OK && e != E_NOTFOUND)
            *reterr = why;
        return e == E_NOTFOUND ? OK : e;
    }
    const char *name = *a->text ? a->text : of_row(a, ATTR_NAME);
    if (!*a->text && datex_read(of_row(a, ATTR_BIRTH_ON), &a->call->svc->book->eras, &born, NULL) != OK)
        born = (struct datex){ .kind = DX_NONE };
    if (!*name && born.kind == DX_NONE)
        return OK;
    TRY(search(a, name, born.kind == DX_NONE ? (struct date){ 0 } : born.sort, true, &found, reterr));
    enum err e = OK;
    for (size_t i = 0; i < found.rows.n && e == OK; i++)
        e = offer_removed(a, found.rows.r[i]->id, reterr);
    resident_list_done(&found.rows);
    return e;
}

static enum err persons(struct asking *a, struct errinfo *reterr)
{
    struct people_found found = { 0 };
    struct resident *one = NULL;
    if (a->section == kind_creates(a->w.kind))
        return removed(a, reterr);
    offer_new(a);
    if (!*a->text)
        return offer_members(a, reterr);
    if (person_new_row(a->text) >= 0)
        return OK;
    enum err e = OK;
    if (all_digits(a->text)) {
        TRY(usage_search(a->call, reterr));
        e = people_by_id(a->call->svc->db, a->text, &one, reterr);
        if (e == OK)
            e = offer_person(a, one, reterr);
        resident_free(one);
        return e == E_NOTFOUND ? OK : e;
    }
    e = search(a, a->text, (struct date){ 0 }, false, &found, reterr);
    for (size_t i = 0; i < found.rows.n && e == OK; i++)
        e = offer_person(a, found.rows.r[i], reterr);
    resident_list_done(&found.rows);
    return e;
}

static enum err households(struct asking *a, struct errinfo *reterr)
{
    struct people_found found = { 0 };
    struct idlist seen = { 0 };
    if (!*a->text) {
        const char *no = household_of_notice(a);
        return *no ? offer_household(a, no, reterr) : OK;
    }
    if (all_digits(a->text)) {
        TRY(usage_search(a->call, reterr));
        return offer_household(a, a->text, reterr);
    }
    enum err e = search(a, a->text, (struct date){ 0 }, false, &found, reterr);
    for (size_t i = 0; i < found.rows.n && e == OK; i++) {
        size_t before = seen.n;
        idlist_add(&seen, resident_get(found.rows.r[i], ATTR_HOUSEHOLD));
        if (seen.n > before)
            e = offer_household(a, seen.id[before], reterr);
    }
    idlist_done(&seen);
    resident_list_done(&found.rows);
    return e;
}

/* ---- relations, codes, addresses ---- */

/* Proposals tell who lives there and how they are related. */
static enum err somebody_hidden(struct asking *a, bool *ret, struct errinfo *reterr)
{
    struct idlist people = { 0 };
    for (size_t i = 0; i < a->w.world.people.n; i++)
        idlist_add(&people, a->w.world.people.r[i]->id);
    enum err e = shield_hides_one(&a->shield, &people, false, ret, reterr);
    idlist_done(&people);
    return e;
}

static bool offer_proposals(struct asking *a, const char *id, struct errinfo *reterr)
{
    struct relation_proposals all;
    bool found = false;
    a->w.ctx = (struct effect_ctx){ .book = a->call->svc->book, .today = call_today(a->call) };
    if (notice_proposals(a->w.kind, a->w.notice, &a->w.world, &a->w.ctx, &all, reterr) != OK)
        return false;
    for (size_t i = 0; i < all.n; i++)
        for (size_t o = 0; strcmp(all.p[i].id, id) == 0 && o < all.p[i].n; o++) {
            offer(a, all.p[i].option[o], all.p[i].option[o], all.p[i].ask ? "確かめて選ぶ" : "候補");
            found = true;
        }
    relation_proposals_done(&all);
    return found;
}

static enum err relations(struct asking *a, struct errinfo *reterr)
{
    const struct field *who = section_field_of_type(a->section, FT_PERSON);
    const char *id = who ? notice_get(a->w.notice, a->section->id, a->row, who->key) : "";
    bool hidden = false;
    TRY(somebody_hidden(a, &hidden, reterr));
    if (!hidden && !*a->text && *id && offer_proposals(a, id, reterr))
        return OK;
    for (int i = 0; i < REL_ATOMS; i++) {
        const char *atom = relation_atom_text((enum rel_atom)i);
        if (begins(atom, a->text))
            offer(a, atom, atom, "");
    }
    return OK;
}

static enum err codes(struct asking *a, struct errinfo *reterr)
{
    const struct code_table *t = rulebook_table(a->call->svc->book, a->field->table);
    (void)reterr;
    for (size_t i = 0; t && i < t->n; i++)
        if (begins(t->c[i].code, a->text) || begins(t->c[i].label, a->text))
            offer(a, t->c[i].code, t->c[i].label, t->c[i].note);
    return OK;
}

/* A town brings its number and municipality along, and its 住所コード when it is one of ours: the dictionary of postal
 * numbers knows none. */
static void offer_town(void *arg, const struct address_town *t)
{
    struct asking *a = arg;
    const struct rulebook *book = a->call->svc->book;
    bool own = strcmp(t->city_code, book->own_city_code) == 0;
    const char *code = own ? rulebook_town_code(book, t->town) : NULL;
    struct buf label = BUF_INIT;
    buf_printf(&label, "%s%s%s", t->pref, t->city, t->town);
    json_t *row = offer(a, a->field->type == FT_ZIP ? t->zip : t->town, buf_str(&label), t->zip);
    json_t *list = set_list(row, "fill");
    fill(list, a->section, ATTR_ADDR_ZIP, t->zip);
    fill(list, a->section, ATTR_ADDR_CODE, code ? code : "");
    fill(list, a->section, ATTR_ADDR_PREF, t->pref);
    fill(list, a->section, ATTR_ADDR_CITY, t->city);
    fill(list, a->section, ATTR_ADDR_TOWN, t->town);
    buf_done(&label);
}

/* Katakana or hiragana, with the blanks between the levels. */
static bool is_reading(const char *text)
{
    const char *end = text + strlen(text);
    for (const char *p = text; p < end;) {
        uint32_t cp = utf8_next(&p, end);
        bool kana = (cp >= 0x3041 && cp <= 0x30FF) || (cp >= 0xFF66 && cp <= 0xFF9F);
        if (!kana && cp != ' ' && cp != 0x3000)
            return false;
    }
    return true;
}

/* What was typed, as the dictionary is asked: a number, initials per level, or the beginning of the name. */
static struct address_query town_query(const struct asking *a, const struct buf *typed)
{
    struct address_query q = { .zip = "", .initials = "", .text = "", .limit = ROWS_MAX };
    q.own_city = a->call->svc->book->own_city_code;
    if (a->field->type == FT_ZIP || all_digits(a->text))
        q.zip = a->field->type == FT_ZIP ? buf_str(typed) : a->text;
    else if (is_reading(a->text))
        q.initials = a->text;
    else
        q.text = a->text;
    return q;
}

static enum err towns(struct asking *a, struct errinfo *reterr)
{
    bool more;
    struct buf typed = BUF_INIT;
    struct errinfo why;
    if (!*a->text)
        return OK;
    value_typed(a->field, a->call->svc->book, a->text, &typed);
    struct address_query q = town_query(a, &typed);
    enum err e = address_find(a->call->svc->db, &q, offer_town, a, &more, &why);
    if (e != OK && e != E_INVALID)
        *reterr = why;
    buf_done(&typed);
    return e == E_INVALID ? OK : e;
}

/* 本籍 is often an address that stands in the notice or the household already (spec B-10). */
static enum err texts(struct asking *a, struct errinfo *reterr)
{
    (void)reterr;
    if (a->field->attr != ATTR_DOMICILE)
        return OK;
    for (size_t i = 0; i < a->w.kind->n; i++) {
        const struct section *s = &a->w.kind->s[i];
        const struct field *f = section_field_of_attr(s, ATTR_PREV_ADDR);
        if (f && *notice_get(a->w.notice, s->id, 0, f->key))
            offer(a, notice_get(a->w.notice, s->id, 0, f->key), notice_get(a->w.notice, s->id, 0, f->key), f->label);
    }
    for (size_t i = 0; i < a->w.world.people.n && !full(a); i++) {
        const char *domicile = resident_get(a->w.world.people.r[i], ATTR_DOMICILE);
        bool hidden = false;
        TRY(hide(a, a->w.world.people.r[i], &hidden, reterr));
        if (*domicile && !hidden && call_may_view(a->call, AV_DOMICILE))
            offer(a, domicile, domicile, "世帯の人の本籍");
    }
    return OK;
}

static enum err (*const sources[])(struct asking *, struct errinfo *) = {
    [FT_TEXT] = texts,   [FT_NAME] = texts,     [FT_KANA] = texts,           [FT_ALPHA] = texts,
    [FT_DIGITS] = texts, [FT_DATE] = texts,     [FT_DATEX] = texts,          [FT_CHOICE] = codes,
    [FT_FLAG] = texts,   [FT_PERSON] = persons, [FT_HOUSEHOLD] = households, [FT_RELATION] = relations,
    [FT_ZIP] = towns,    [FT_TOWN] = towns,
};
_Static_assert(ARRAY_LEN(sources) == FT_COUNT, "a field type has no source of candidates");

static enum err ask(struct asking *a, struct errinfo *reterr)
{
    struct call *c = a->call;
    a->section = kind_section(a->w.kind, call_text(c, "section"));
    a->field = a->section ? section_field(a->section, call_text(c, "field")) : NULL;
    if (!a->field)
        return call_refuse(reterr, E_NOTFOUND, "S220", call_text(c, "field"));
    a->row = (int)call_int(c, "row", 0);
    a->text = call_text(c, "text");
    a->rows = set_list(c->result, "rows");
    TRY(shield_open(c, &a->shield, reterr));
    TRY(notice_touches(a->w.kind, a->w.notice, &a->w.people, &a->w.households, reterr));
    TRY(people_world(c->svc->db, &a->w.people, &a->w.households, &a->w.world, reterr));
    return sources[a->field->type](a, reterr);
}

enum err notice_candidates(struct call *c, struct errinfo *reterr)
{
    struct asking a = { .call = c };
    enum err e = notice_work_read(c, call_text(c, "kind"), call_json(c, "values"), &a.w, reterr);
    if (e == OK)
        e = ask(&a, reterr);
    notice_work_done(&a.w);
    return e;
}
