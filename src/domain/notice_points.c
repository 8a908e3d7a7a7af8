#include "domain/notice_points.h"
#include "base/mem.h"
#include "domain/effect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void idlist_add(struct idlist *l, const char *id)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->id[i], id) == 0)
            return;
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 8;
        l->id = xrealloc(l->id, l->cap, sizeof *l->id);
    }
    snprintf(l->id[l->n++], sizeof *l->id, "%s", id);
}

void idlist_done(struct idlist *l)
{
    free(l->id);
    *l = (struct idlist){ 0 };
}

static void touch(const struct notice *n, const struct section *s, const struct field *f, struct idlist *people,
                  struct idlist *households)
{
    if (f->type != FT_PERSON && f->type != FT_HOUSEHOLD)
        return;
    for (int row = 0; row < notice_rows(n, s->id); row++) {
        const char *value = notice_get(n, s->id, row, f->key);
        bool usable = *value && strlen(value) <= PERSON_ID_MAX && person_new_row(value) < 0;
        if (usable)
            idlist_add(f->type == FT_PERSON ? people : households, value);
    }
}

enum err notice_touches(const struct kind *k, const struct notice *n, struct idlist *ret_people,
                        struct idlist *ret_households, struct errinfo *reterr)
{
    (void)reterr;
    for (size_t i = 0; i < k->n; i++)
        for (size_t f = 0; f < k->s[i].n; f++)
            touch(n, &k->s[i], &k->s[i].f[f], ret_people, ret_households);
    return OK;
}

const struct section *kind_creates(const struct kind *k)
{
    for (size_t i = 0; i < k->n_effect; i++) {
        int section = effect_verb(k->effect[i].verb)->creates;
        if (section)
            return kind_section(k, k->effect[i].arg[section - 1]);
    }
    return NULL;
}

bool kind_about_household(const struct kind *k)
{
    for (size_t i = 0; i < k->n_effect; i++)
        if (effect_verb(k->effect[i].verb)->household)
            return true;
    return false;
}

static const char *value_for(const struct notice *n, const struct section *s, int row, enum attr a)
{
    const struct field *f = section_field_of_attr(s, a);
    return f ? notice_get(n, s->id, row, f->key) : "";
}

/* A value of the new person in a section of further items ("新2" in a person field). */
static const char *further_value(const struct kind *k, const struct notice *n, int new_row, enum attr a)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct section *s = &k->s[i];
        const struct field *who = section_field_of_type(s, FT_PERSON);
        if (!who || !section_field_of_attr(s, a))
            continue;
        for (int row = 0; row < notice_rows(n, s->id); row++)
            if (person_new_row(notice_get(n, s->id, row, who->key)) == new_row)
                return value_for(n, s, row, a);
    }
    return "";
}

enum err notice_identities(const struct kind *k, const struct notice *n, struct identity **ret, size_t *ret_n,
                           struct errinfo *reterr)
{
    (void)reterr;
    const struct section *s = kind_creates(k);
    size_t rows = s ? (size_t)notice_rows(n, s->id) : 0;
    struct identity *all = xcalloc(rows + 1, sizeof *all);
    for (size_t i = 0; i < rows; i++) {
        int row = (int)i;
        const char *card = value_for(n, s, row, ATTR_CARD_NO);
        all[i] = (struct identity){
            .my_number = value_for(n, s, row, ATTR_MY_NUMBER),
            .resident_code = value_for(n, s, row, ATTR_RESIDENT_CODE),
            .card_no = *card ? card : further_value(k, n, row, ATTR_CARD_NO),
            .name = value_for(n, s, row, ATTR_NAME),
            .birth_on = value_for(n, s, row, ATTR_BIRTH_ON),
            .sex = value_for(n, s, row, ATTR_SEX),
        };
    }
    *ret = all;
    *ret_n = rows;
    return OK;
}
