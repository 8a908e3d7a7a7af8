#include "base/mem.h"
#include "domain/address.h"
#include "domain/relation.h"
#include "effect_work_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RELATION_HEAD "世帯主"

/* ---- values of a row ---- */

/* Copies every value of a row that goes into the record; blank values change nothing. */
static void copy_values(struct work *w, const struct section *s, int row, struct resident *r)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *value = notice_get(w->notice, s->id, row, s->f[i].key);
        bool header =
            s->f[i].attr < ATTR_COUNT && attr_info(s->f[i].attr)->view == AV_EVENT && s->f[i].attr != ATTR_EV_NOTE;
        if (s->f[i].attr < ATTR_COUNT && *value && !header)
            resident_set(r, s->f[i].attr, value);
    }
}

/* Relation of a row in the one way of writing; a chain that is too long is 縁故者. */
static enum err row_relation(struct work *w, const struct section *s, int row, const struct entry *e, struct buf *ret)
{
    const struct field *f = section_field_of_type(s, FT_RELATION);
    const char *text = f ? notice_get(w->notice, s->id, row, f->key) : "";
    struct relation rel;
    bool over;
    if (!*text)
        return work_fail(w, "E35", e);
    if (relation_parse(text, &rel, &over, NULL) != OK)
        return work_fail(w, "E11", e);
    buf_clear(ret);
    relation_text(&rel, ret);
    return OK;
}

/* ---- create, fill, amend, set, clear ---- */

static enum err new_entry(struct work *w, struct entry **ret)
{
    struct resident *r = resident_new();
    enum err err = w->ctx->numbers.person(w->ctx->numbers.self, r->id, w->reterr);
    if (err != OK) {
        resident_free(r);
        return err;
    }
    w->e = xrealloc(w->e, w->n + 1, sizeof *w->e);
    w->e[w->n] = (struct entry){ .now = r };
    *ret = &w->e[w->n++];
    return OK;
}

/* What a removed record carries and a resident does not. */
static void revive(struct resident *r)
{
    static const enum attr gone[] = { ATTR_REMOVED_REASON,  ATTR_REMOVED_ON,     ATTR_REMOVED_FILED_ON, ATTR_PLANNED_TO,
                                      ATTR_PLANNED_ON,      ATTR_PLANNED_HEAD,   ATTR_FIXED_TO,         ATTR_FIXED_ON,
                                      ATTR_FIXED_NOTICE_ON, ATTR_MOVED_FROM,     ATTR_POSITION,         ATTR_HOUSEHOLD,
                                      ATTR_RELATION,        ATTR_HEAD_NAME,      ATTR_REFORM_ON,        ATTR_PREV_HEAD,
                                      ATTR_PREV_COUNTRY,    ATTR_LAST_REGISTERED };
    for (size_t i = 0; i < ARRAY_LEN(gone); i++)
        resident_set(r, gone[i], "");
}

/* The entry a row of new persons stands for: a removed record that comes back (再転入), or a new one. */
static enum err row_entry(struct work *w, const struct section *s, int row, struct entry **ret)
{
    const struct field *again = section_field_of_type(s, FT_PERSON);
    const char *id = again ? notice_get(w->notice, s->id, row, again->key) : "";
    if (!*id)
        return new_entry(w, ret);
    struct entry *e = work_person(w, id);
    if (!e || resident_living(e->now))
        return err_set(w->reterr, E_INVALID, e ? "E20" : "S211", id, "row %d of %s", row + 1, s->id);
    revive(e->now);
    *ret = e;
    return OK;
}

static enum err give_code(struct work *w, struct resident *r)
{
    char code[12];
    if (*resident_get(r, ATTR_RESIDENT_CODE))
        return OK;
    TRY(w->ctx->numbers.resident_code(w->ctx->numbers.self, code, w->reterr));
    resident_set(r, ATTR_RESIDENT_CODE, code);
    return OK;
}

/* Items that the group of the person has not got: somebody may have been naturalised while away. */
static void keep_to_class(struct resident *r, bool foreign)
{
    for (size_t a = 0; a < ATTR_COUNT; a++)
        if (attr_info((enum attr)a)->who == (foreign ? AW_JAPANESE : AW_FOREIGN))
            resident_set(r, (enum attr)a, "");
}

/* create SECTION DAY */
static enum err verb_create(struct work *w, char *const *arg)
{
    const struct section *s = work_section(w, arg[0]);
    int rows = notice_rows(w->notice, s->id);
    struct buf since = BUF_INIT;
    enum err err = work_datex(w, arg[1], &since);
    size_t *at = xcalloc((size_t)rows + 1, sizeof *at);
    for (int row = 0; row < rows && err == OK; row++) {
        struct entry *e = NULL;
        err = row_entry(w, s, row, &e);
        if (err != OK)
            break;
        at[row] = (size_t)(e - w->e);
        copy_values(w, s, row, e->now);
        if (!*resident_get(e->now, ATTR_CLASS))
            resident_set(e->now, ATTR_CLASS, CLASS_JAPANESE);
        bool foreign = resident_is(e->now, ATTR_CLASS, CLASS_FOREIGN);
        keep_to_class(e->now, foreign);
        resident_set(e->now, ATTR_FILED_ON, notice_filed_on(w->kind, w->notice));
        resident_set(e->now, foreign ? ATTR_FOREIGN_SINCE : ATTR_RESIDENT_SINCE, buf_str(&since));
        resident_set(e->now, ATTR_STATUS, STATUS_LIVING);
        err = give_code(w, e->now);
    }
    free(w->created_at);
    w->created_at = at;
    w->created = s;
    buf_done(&since);
    return err;
}

/* fill PERSONS SECTION */
static enum err verb_fill(struct work *w, char *const *arg)
{
    const struct section *persons = work_section(w, arg[0]), *s = work_section(w, arg[1]);
    for (int row = 0; row < notice_rows(w->notice, persons->id); row++) {
        struct entry *e = work_row(w, persons, row);
        if (!e)
            return E_INVALID;
        copy_values(w, s, 0, e->now);
    }
    return OK;
}

/* amend PERSONS */
static enum err verb_amend(struct work *w, char *const *arg)
{
    const struct section *s = work_section(w, arg[0]);
    for (int row = 0; row < notice_rows(w->notice, s->id); row++) {
        struct entry *e = work_row(w, s, row);
        if (!e)
            return E_INVALID;
        copy_values(w, s, row, e->now);
    }
    return OK;
}

static enum err set_all(struct work *w, const char *section, const char *attr, const char *value)
{
    const struct section *s = work_section(w, section);
    for (int row = 0; row < notice_rows(w->notice, s->id); row++) {
        struct entry *e = work_row(w, s, row);
        if (!e)
            return E_INVALID;
        resident_set(e->now, attr_by_key(span_of(attr)), value);
    }
    return OK;
}

/* set PERSONS ATTRIBUTE WORD */
static enum err verb_set(struct work *w, char *const *arg)
{
    return set_all(w, arg[0], arg[1], arg[2]);
}

/* clear PERSONS ATTRIBUTE */
static enum err verb_clear(struct work *w, char *const *arg)
{
    return set_all(w, arg[0], arg[1], "");
}

/* copy-head-name PERSONS */
static enum err verb_copy_head_name(struct work *w, char *const *arg)
{
    const struct section *s = work_section(w, arg[0]);
    for (int row = 0; row < notice_rows(w->notice, s->id); row++) {
        struct entry *e = work_row(w, s, row);
        if (!e)
            return E_INVALID;
        work_head_name(w, resident_get(e->now, ATTR_HOUSEHOLD), NULL);
    }
    return OK;
}

/* ---- place, move ---- */

/* A stored order goes on behind its last; where none is stored, none is begun. */
static long next_position(const struct work *w, const char *household)
{
    long last = 0;
    for (size_t i = 0; i < w->n; i++) {
        long p = entry_in(&w->e[i], household) ? strtol(resident_get(w->e[i].now, ATTR_POSITION), NULL, 10) : 0;
        if (p > last)
            last = p;
    }
    return last ? last + 1 : 0;
}

static void put_position(struct resident *r, long position)
{
    char text[24] = "";
    if (position)
        snprintf(text, sizeof text, "%ld", position);
    resident_set(r, ATTR_POSITION, text);
}

static bool lived_in(const struct work *w, const char *household)
{
    for (size_t i = 0; i < w->n; i++)
        if (entry_was_in(&w->e[i], household))
            return true;
    return false;
}

/* place PERSONS HOUSEHOLD */
static enum err verb_place(struct work *w, char *const *arg)
{
    const struct section *s = work_section(w, arg[0]);
    const char *joined = work_value(w, arg[1]);
    char fresh[PERSON_ID_MAX + 1];
    if (!*joined)
        TRY(w->ctx->numbers.household(w->ctx->numbers.self, fresh, w->reterr));
    else if (!lived_in(w, joined))
        return err_set(w->reterr, E_INVALID, "S211", joined, "household to join");
    const char *no = *joined ? joined : fresh;
    struct buf relation = BUF_INIT;
    enum err err = OK;
    for (int row = 0; row < notice_rows(w->notice, s->id) && err == OK; row++) {
        struct entry *e = work_row(w, s, row);
        if (e && !resident_living(e->now))
            err = work_fail(w, "E20", e);
        else
            err = e ? row_relation(w, s, row, e, &relation) : E_INVALID;
        if (err != OK)
            break;
        put_position(e->now, next_position(w, no));
        resident_set(e->now, ATTR_HOUSEHOLD, no);
        resident_set(e->now, ATTR_RELATION, buf_str(&relation));
    }
    if (err == OK)
        work_head_name(w, no, NULL);
    buf_done(&relation);
    return err;
}

static const enum attr address_attrs[] = { ATTR_ADDR_CODE, ATTR_ADDR_ZIP, ATTR_ADDR_PREF,    ATTR_ADDR_CITY,
                                           ATTR_ADDR_TOWN, ATTR_ADDR_LOT, ATTR_ADDR_BUILDING };

/* The address as typed; nothing typed: that of the household that is joined. */
static bool new_address(struct work *w, const struct section *s, const struct entry *mover, struct resident *ret)
{
    const struct field *town = section_field_of_attr(s, ATTR_ADDR_TOWN);
    if (town && *notice_get(w->notice, s->id, 0, town->key)) {
        resident_set(ret, ATTR_ADDR_PREF, w->ctx->book->own_pref);
        resident_set(ret, ATTR_ADDR_CITY, w->ctx->book->own_city);
        copy_values(w, s, 0, ret);
        const char *code = rulebook_town_code(w->ctx->book, resident_get(ret, ATTR_ADDR_TOWN));
        if (code)
            resident_set(ret, ATTR_ADDR_CODE, code);
        return true;
    }
    const char *no = resident_get(mover->now, ATTR_HOUSEHOLD);
    const struct entry *from = NULL;
    for (size_t i = 0; i < w->n; i++)
        if (entry_in(&w->e[i], no) && entry_was_in(&w->e[i], no) && (!from || resident_is_head(w->e[i].now)))
            from = &w->e[i];
    for (size_t i = 0; from && i < ARRAY_LEN(address_attrs); i++)
        resident_set(ret, address_attrs[i], resident_get(from->now, address_attrs[i]));
    return from != NULL;
}

static void put_address(const struct entry *e, const struct resident *to, const char *since)
{
    struct resident *r = e->now;
    if (e->was && resident_living(e->was)) {
        struct buf old = BUF_INIT;
        address_show(e->was, true, &old);
        resident_set(r, ATTR_MOVED_FROM, buf_str(&old));
        buf_done(&old);
    }
    for (size_t i = 0; i < ARRAY_LEN(address_attrs); i++)
        resident_set(r, address_attrs[i], resident_get(to, address_attrs[i]));
    resident_set(r, ATTR_ADDR_SINCE, since);
}

/* move PERSONS SECTION DAY */
static enum err verb_move(struct work *w, char *const *arg)
{
    const struct section *persons = work_section(w, arg[0]), *address = work_section(w, arg[1]);
    struct buf since = BUF_INIT;
    enum err err = work_datex(w, arg[2], &since);
    for (int row = 0; row < notice_rows(w->notice, persons->id) && err == OK; row++) {
        struct entry *e = work_row(w, persons, row);
        if (!e) {
            err = E_INVALID;
            break;
        }
        struct resident *to = resident_new();
        bool known = new_address(w, address, e, to);
        if (known)
            put_address(e, to, buf_str(&since));
        else
            err = work_fail(w, "S227", e);
        resident_free(to);
    }
    buf_done(&since);
    return err;
}

/* ---- heads ---- */

static const char *other_relation(struct work *w, const struct section *others, const struct entry *e, int *ret_row)
{
    for (int row = 0; row < notice_rows(w->notice, others->id); row++) {
        const struct field *person = section_field_of_type(others, FT_PERSON);
        if (strcmp(notice_get(w->notice, others->id, row, person->key), e->now->id) == 0) {
            *ret_row = row;
            return notice_get(w->notice, others->id, row, section_field_of_type(others, FT_RELATION)->key);
        }
    }
    return "";
}

static bool all_said(struct work *w, const char *no, const struct entry *head, const struct section *others)
{
    int row;
    for (size_t i = 0; i < w->n; i++)
        if (&w->e[i] != head && entry_in(&w->e[i], no) && !*other_relation(w, others, &w->e[i], &row))
            return false;
    return true;
}

/* Gives a household another head, and everybody in it the relation the clerk confirmed. */
static enum err new_head(struct work *w, const char *no, struct entry *head, const struct section *others,
                         const char *reason)
{
    struct buf relation = BUF_INIT;
    enum err err = OK;
    for (size_t i = 0; i < w->n && err == OK; i++) {
        struct entry *e = &w->e[i];
        int row = 0;
        if (!entry_in(e, no) || e == head)
            continue;
        if (!*other_relation(w, others, e, &row)) {
            err = work_fail(w, "E36", e);
            break;
        }
        err = row_relation(w, others, row, e, &relation);
        if (err == OK && strcmp(buf_str(&relation), RELATION_HEAD) == 0)
            err = work_fail(w, "E10", e);
        if (err != OK)
            break;
        if (!resident_is(e->now, ATTR_RELATION, buf_str(&relation)))
            entry_because(e, reason, false);
        resident_set(e->now, ATTR_RELATION, buf_str(&relation));
    }
    if (err == OK) {
        entry_because(head, reason, false);
        resident_set(head->now, ATTR_RELATION, RELATION_HEAD);
        work_head_name(w, no, reason);
    }
    buf_done(&relation);
    return err;
}

/* set-head HOUSEHOLD PERSON SECTION */
static enum err verb_set_head(struct work *w, char *const *arg)
{
    const char *no = work_value(w, arg[0]);
    struct entry *head = work_person(w, work_value(w, arg[1]));
    if (!head || !entry_in(head, no))
        return work_fail(w, "E34", head);
    return new_head(w, no, head, work_section(w, arg[2]), NULL);
}

/* Household that somebody of the section has left in this run; NULL when nobody has. Each is given once, to the first
 * row that left it. */
static const char *left_household(struct work *w, const struct section *s, int row, const struct entry *e)
{
    if (!e->was || !resident_living(e->was))
        return NULL;
    const char *no = resident_get(e->was, ATTR_HOUSEHOLD);
    if (entry_in(e, no))
        return NULL;
    for (int r = 0; r < row; r++) {
        const struct entry *o = work_row(w, s, r);
        if (o && entry_was_in(o, no) && !entry_in(o, no))
            return NULL;
    }
    return no;
}

/* The household after somebody has left: its head is still there, or one person stays and becomes head ex officio
 * (令第11条), or the notice says who, or nobody is head for now. */
static enum err settle_rest(struct work *w, const char *no, char *const *arg)
{
    struct entry *last = NULL;
    size_t stay = 0;
    for (size_t i = 0; i < w->n; i++)
        if (entry_in(&w->e[i], no))
            stay++, last = &w->e[i];
    struct entry *keeps = work_head(w, no);
    if (keeps)
        return *work_value(w, arg[1]) && !w->due ? work_fail(w, "S228", keeps) : OK;
    if (!stay)
        return OK;
    if (stay == 1) {
        entry_because(last, arg[3], true);
        resident_set(last->now, ATTR_RELATION, RELATION_HEAD);
        work_head_name(w, no, arg[3]);
        return OK;
    }
    const char *value = work_value(w, arg[1]);
    struct entry *head = *value ? work_person(w, value) : NULL;
    bool there = head && entry_in(head, no);
    const struct section *others = work_section(w, arg[2]);
    /* When a day comes that was planned long ago, somebody may be there of whom nothing was said. */
    if (there && (!w->due || all_said(w, no, head, others)))
        return new_head(w, no, head, others, arg[3]);
    if (*value && !w->due)
        return work_fail(w, "E34", head);
    for (size_t i = 0; i < w->n; i++)
        if (entry_in(&w->e[i], no))
            entry_because(&w->e[i], arg[3], true);
    work_head_name(w, no, arg[3]);
    return OK;
}

/* remain PERSONS PERSON SECTION REASON */
static enum err verb_remain(struct work *w, char *const *arg)
{
    const struct section *s = work_section(w, arg[0]);
    for (int row = 0; row < notice_rows(w->notice, s->id); row++) {
        struct entry *e = work_row(w, s, row);
        if (!e)
            return E_INVALID;
        const char *no = left_household(w, s, row, e);
        if (no)
            TRY(settle_rest(w, no, arg));
    }
    return OK;
}

/* ---- removal ---- */

static const struct removal {
    const char *word, *status;
} removals[] = { { "moved", STATUS_MOVED }, { "dead", STATUS_DEAD }, { "removed", STATUS_REMOVED } };

static const char *status_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(removals); i++)
        if (strcmp(removals[i].word, word) == 0)
            return removals[i].status;
    BUG("no status %s", word);
}

/* Day of the removal: the planned one, or that of the arrival elsewhere when it was earlier (標準仕様書 1.1.5). */
static enum err removal_day(struct work *w, const char *ref, const struct resident *r, struct buf *ret)
{
    struct date planned, fixed;
    TRY(work_datex(w, ref, ret));
    bool both = date_read(work_value(w, ref), &planned, NULL) == OK &&
                date_read(resident_get(r, ATTR_FIXED_ON), &fixed, NULL) == OK;
    if (!both || date_cmp(fixed, planned) >= 0)
        return OK;
    buf_clear(ret);
    work_datex_of(w, fixed, ret);
    return OK;
}

/* remove PERSONS STATUS DAY */
static enum err verb_remove(struct work *w, char *const *arg)
{
    const struct section *s = work_section(w, arg[0]);
    struct buf day = BUF_INIT;
    enum err err = OK;
    for (int row = 0; row < notice_rows(w->notice, s->id) && err == OK; row++) {
        struct entry *e = work_row(w, s, row);
        if (!e || !resident_living(e->now)) {
            if (!w->due)
                err = e ? work_fail(w, "E20", e) : E_INVALID;
            continue;
        }
        buf_clear(&day);
        err = removal_day(w, arg[2], e->now, &day);
        if (err != OK)
            break;
        resident_set(e->now, ATTR_STATUS, status_of(arg[1]));
        resident_set(e->now, ATTR_REMOVED_REASON, w->kind->journal);
        resident_set(e->now, ATTR_REMOVED_ON, buf_str(&day));
        resident_set(e->now, ATTR_REMOVED_FILED_ON, notice_filed_on(w->kind, w->notice));
        e->on = resident_get(e->now, ATTR_REMOVED_ON);
    }
    buf_done(&day);
    return err;
}

static const struct effect_verb verbs[] = {
    { .name = "amend",
      .min_args = 1,
      .max_args = 1,
      .help = "行ごとに、入力した値で記載事項を改める",
      .arg = { ARG_PERSONS },
      .run = verb_amend },
    { .name = "clear",
      .min_args = 2,
      .max_args = 2,
      .help = "記載事項を空欄にする",
      .arg = { ARG_PERSONS, ARG_ATTR },
      .run = verb_clear },
    { .name = "copy-head-name",
      .min_args = 1,
      .max_args = 1,
      .help = "世帯主の氏名を世帯の全員に写す",
      .arg = { ARG_PERSONS },
      .run = verb_copy_head_name },
    { .name = "create",
      .min_args = 2,
      .max_args = 2,
      .help = "新しい住民を記載する。除票の人は宛名番号を引き継ぐ",
      .arg = { ARG_SECTION, ARG_DATE },
      .creates = 1,
      .run = verb_create },
    { .name = "fill",
      .min_args = 2,
      .max_args = 2,
      .help = "共通の欄の値を全員の記載事項に入れる",
      .arg = { ARG_PERSONS, ARG_SINGLE },
      .run = verb_fill },
    { .name = "move",
      .min_args = 3,
      .max_args = 3,
      .help = "住所を移す。入力がなければ入る世帯の住所にする",
      .arg = { ARG_PERSONS, ARG_SINGLE, ARG_DATE },
      .run = verb_move },
    { .name = "on", .min_args = 1, .max_args = 1, .help = "この後の手順は、その日が来てから行う", .arg = { ARG_DATE } },
    { .name = "place",
      .min_args = 2,
      .max_args = 2,
      .help = "世帯に入れる。世帯番号がなければ新しい世帯にする",
      .arg = { ARG_PERSONS, ARG_HOUSEHOLD },
      .run = verb_place },
    { .name = "remain",
      .min_args = 4,
      .max_args = 4,
      .help = "抜けた世帯の世帯主を定める。一人残れば職権で世帯主にする",
      .arg = { ARG_PERSONS, ARG_PERSON, ARG_PERSONS, ARG_REASON },
      .leavers = 1,
      .head = 2,
      .others = 3,
      .run = verb_remain },
    { .name = "remove",
      .min_args = 3,
      .max_args = 3,
      .help = "消除して除票にする",
      .arg = { ARG_PERSONS, ARG_STATUS, ARG_DATE },
      .run = verb_remove },
    { .name = "set",
      .min_args = 3,
      .max_args = 3,
      .help = "記載事項に決まった値を入れる",
      .arg = { ARG_PERSONS, ARG_ATTR, ARG_TEXT },
      .run = verb_set },
    { .name = "set-head",
      .min_args = 3,
      .max_args = 3,
      .help = "世帯主を変え、全員の続柄を改める",
      .arg = { ARG_HOUSEHOLD, ARG_PERSON, ARG_PERSONS },
      .household = 1,
      .head = 2,
      .others = 3,
      .run = verb_set_head },
};

const struct effect_verb *effect_verbs(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(verbs);
    return verbs;
}

const struct effect_verb *effect_verb(const char *name)
{
    size_t n;
    const struct effect_verb *v = effect_verbs(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(v[i].name, name) == 0)
            return &v[i];
    return NULL;
}
