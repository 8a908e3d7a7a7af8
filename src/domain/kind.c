#include "domain/kind.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct field_type_info types[] = {
    [FT_TEXT] = { "text", "文字", 100 },
    [FT_NAME] = { "name", "氏名", 100 },
    [FT_KANA] = { "kana", "フリガナ", 100 },
    [FT_ALPHA] = { "alpha", "英大文字・数字", 100 },
    [FT_DIGITS] = { "digits", "数字", 15 },
    [FT_DATE] = { "date", "年月日", 10 },
    [FT_DATEX] = { "datex", "年月日(不詳可)", 72 },
    [FT_CHOICE] = { "choice", "選択", 8 },
    [FT_FLAG] = { "flag", "有無", 1 },
    [FT_PERSON] = { "person", "住民", 15 },
    [FT_HOUSEHOLD] = { "household", "世帯", 15 },
    [FT_RELATION] = { "relation", "続柄", 40 },
    [FT_ZIP] = { "zip", "郵便番号", 7 },
    [FT_TOWN] = { "town", "町字", 120 },
};
_Static_assert(ARRAY_LEN(types) == FT_COUNT, "a field type has no row");

const struct field_type_info *field_type_info(enum field_type t)
{
    MUST(t < FT_COUNT);
    return &types[t];
}

enum field_type field_type_by_name(struct span name)
{
    size_t t = 0;
    while (t < FT_COUNT && !span_is(name, types[t].name))
        t++;
    return (enum field_type)t;
}

int kind_cmp(const struct kind *a, const struct kind *b)
{
    int by_group = strcmp(a->group, b->group);
    if (by_group)
        return by_group;
    long x = strtol(a->menu_key, NULL, 10), y = strtol(b->menu_key, NULL, 10);
    return x != y ? (x < y ? -1 : 1) : strcmp(a->id, b->id);
}

const struct kind *kind_find(const struct kinds *kinds, const char *id)
{
    for (size_t i = 0; i < kinds->n; i++)
        if (strcmp(kinds->k[i]->id, id) == 0)
            return kinds->k[i];
    return NULL;
}

const struct section *kind_section(const struct kind *k, const char *id)
{
    for (size_t i = 0; i < k->n; i++)
        if (strcmp(k->s[i].id, id) == 0)
            return &k->s[i];
    return NULL;
}

const struct field *section_field(const struct section *s, const char *key)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->f[i].key, key) == 0)
            return &s->f[i];
    return NULL;
}

static void free_texts(char **t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(t[i]);
    free(t);
}

static void free_field(struct field *f)
{
    free(f->key);
    free(f->label);
    free(f->required_if);
    free(f->table);
    free(f->initial);
    free(f->help);
    free_texts(f->checks, f->n_checks);
}

static void free_section(struct section *s)
{
    free(s->id);
    free(s->title);
    for (size_t i = 0; i < s->n; i++)
        free_field(&s->f[i]);
    free(s->f);
}

void kind_free(struct kind *k)
{
    if (!k)
        return;
    char *texts[] = { k->id, k->title, k->group, k->law, k->journal, k->deadline_from, k->menu_key, k->file };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < k->n; i++)
        free_section(&k->s[i]);
    free(k->s);
    for (size_t i = 0; i < k->n_effect; i++) {
        free(k->effect[i].verb);
        free_texts(k->effect[i].arg, k->effect[i].n);
    }
    free(k->effect);
    free_texts(k->checks, k->n_checks);
    free_texts(k->checklist, k->n_checklist);
    free_texts(k->papers, k->n_papers);
    free(k);
}

const struct field *section_field_of_type(const struct section *s, enum field_type t)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->f[i].type == t)
            return &s->f[i];
    return NULL;
}

const struct field *section_field_of_attr(const struct section *s, enum attr a)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->f[i].attr == a)
            return &s->f[i];
    return NULL;
}
