#include "domain/notice.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct notice *notice_new(const char *kind)
{
    struct notice *n = xcalloc(1, sizeof *n);
    n->kind = xstrdup(kind);
    return n;
}

static void value_done(struct notice_value *v)
{
    free(v->section);
    free(v->field);
    wipe_str(v->text);
}

void notice_free(struct notice *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->n; i++)
        value_done(&n->v[i]);
    free(n->v);
    free(n->kind);
    free(n->no);
    free(n);
}

/* Position of a value, or n->n. */
static size_t find(const struct notice *n, const char *section, int row, const char *field)
{
    size_t i = 0;
    while (i < n->n &&
           !(n->v[i].row == row && strcmp(n->v[i].section, section) == 0 && strcmp(n->v[i].field, field) == 0))
        i++;
    return i;
}

static void remove_value(struct notice *n, size_t i)
{
    value_done(&n->v[i]);
    memmove(&n->v[i], &n->v[i + 1], (n->n - i - 1) * sizeof *n->v);
    n->n--;
}

void notice_set(struct notice *n, const char *section, int row, const char *field, const char *text)
{
    size_t i = find(n, section, row, field);
    if (!text || !*text) {
        if (i < n->n)
            remove_value(n, i);
        return;
    }
    if (i < n->n) {
        char *copy = xstrdup(text); /* text may be the value itself */
        wipe_str(n->v[i].text);
        n->v[i].text = copy;
        return;
    }
    if (n->n == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 32;
        n->v = xrealloc(n->v, n->cap, sizeof *n->v);
    }
    n->v[n->n++] = (struct notice_value){ xstrdup(section), row, xstrdup(field), xstrdup(text) };
}

const char *notice_get(const struct notice *n, const char *section, int row, const char *field)
{
    size_t i = find(n, section, row, field);
    return i < n->n ? n->v[i].text : "";
}

int notice_rows(const struct notice *n, const char *section)
{
    int rows = 0;
    for (size_t i = 0; i < n->n; i++)
        if (n->v[i].row >= rows && strcmp(n->v[i].section, section) == 0)
            rows = n->v[i].row + 1;
    return rows;
}

void notice_remove_row(struct notice *n, const char *section, int row)
{
    for (size_t i = n->n; i-- > 0;) {
        if (strcmp(n->v[i].section, section) != 0)
            continue;
        if (n->v[i].row == row)
            remove_value(n, i);
        else if (n->v[i].row > row)
            n->v[i].row--;
    }
}

const char *notice_filed_on(const struct kind *k, const struct notice *n)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct field *f = section_field_of_attr(&k->s[i], ATTR_EV_FILED_ON);
        if (f)
            return notice_get(n, k->s[i].id, 0, f->key);
    }
    return "";
}

#define NEW_PERSON "新"

int person_new_row(const char *value)
{
    size_t n = strlen(NEW_PERSON);
    if (strncmp(value, NEW_PERSON, n) != 0)
        return -1;
    char *end;
    long row = strtol(value + n, &end, 10);
    return end > value + n && !*end && row >= 1 && row <= 999 ? (int)row - 1 : -1;
}
