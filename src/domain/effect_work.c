#include "base/mem.h"
#include "effect_work_in.h"

#include <string.h>

enum err work_fail(struct work *w, const char *msg, const struct entry *e)
{
    return err_set(w->reterr, E_INVALID, msg, e ? e->now->id : NULL, "effect of %s", w->kind->id);
}

const struct section *work_section(const struct work *w, const char *id)
{
    const struct section *s = kind_section(w->kind, id);
    MUST(s);
    return s;
}

const char *work_value(const struct work *w, const char *ref)
{
    struct site at = { .kind = w->kind };
    return ref_value(&at, w->notice, span_of(ref));
}

struct entry *work_person(struct work *w, const char *value)
{
    int row = person_new_row(value);
    if (row >= 0) {
        bool known = w->created && row < notice_rows(w->notice, w->created->id);
        return known ? &w->e[w->created_at[row]] : NULL;
    }
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->e[i].now->id, value) == 0)
            return &w->e[i];
    return NULL;
}

struct entry *work_row(struct work *w, const struct section *s, int row)
{
    if (s == w->created)
        return &w->e[w->created_at[row]];
    const char *value = notice_get(w->notice, s->id, row, section_field_of_type(s, FT_PERSON)->key);
    struct entry *e = *value ? work_person(w, value) : NULL;
    if (!e)
        err_set(w->reterr, E_INVALID, *value ? "S211" : "E16", value, "row %d of %s", row + 1, s->id);
    return e;
}

bool entry_in(const struct entry *e, const char *no)
{
    return resident_living(e->now) && resident_is(e->now, ATTR_HOUSEHOLD, no);
}

bool entry_was_in(const struct entry *e, const char *no)
{
    return e->was && resident_living(e->was) && resident_is(e->was, ATTR_HOUSEHOLD, no);
}

struct entry *work_head(struct work *w, const char *no)
{
    for (size_t i = 0; i < w->n; i++)
        if (entry_in(&w->e[i], no) && resident_is_head(w->e[i].now))
            return &w->e[i];
    return NULL;
}

void entry_because(struct entry *e, const char *reason, bool ex_officio)
{
    if (!e->reason) {
        e->reason = reason;
        e->ex_officio = ex_officio;
    }
}

void work_head_name(struct work *w, const char *no, const char *reason)
{
    struct entry *head = work_head(w, no);
    const char *name = head ? resident_shown_name(head->now) : "";
    for (size_t i = 0; i < w->n; i++) {
        struct entry *e = &w->e[i];
        if (!entry_in(e, no) || resident_is(e->now, ATTR_HEAD_NAME, name))
            continue;
        resident_set(e->now, ATTR_HEAD_NAME, name);
        entry_because(e, reason, false);
    }
}

/* Era of a day; of two the newer. */
static char era_of(const struct eras *eras, struct date d, int *ret_year)
{
    for (size_t i = eras->n; i-- > 0;) {
        if (date_cmp(eras->e[i].from, d) > 0)
            continue;
        *ret_year = d.y - eras->e[i].from.y + 1;
        return eras->e[i].key;
    }
    *ret_year = d.y;
    return 0;
}

void work_datex_of(const struct work *w, struct date d, struct buf *ret)
{
    struct datex x = { .kind = DX_DAY, .m = d.m, .d = d.d, .sort = d };
    x.era = era_of(&w->ctx->book->eras, d, &x.y);
    datex_text(&x, ret);
}

enum err work_datex(struct work *w, const char *ref, struct buf *ret)
{
    struct site at = { .kind = w->kind };
    const struct section *s;
    const struct field *f = ref_field(&at, span_of(ref), &s);
    MUST(f);
    const char *text = work_value(w, ref);
    if (f->type == FT_DATEX || !*text) {
        buf_adds(ret, text);
        return OK;
    }
    struct date d;
    TRY(date_read(text, &d, w->reterr));
    work_datex_of(w, d, ret);
    return OK;
}
