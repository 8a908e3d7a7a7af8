#include "domain/rulebook.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *rulebook_param(const struct rulebook *b, const char *name)
{
    for (size_t i = 0; i < b->n_param; i++)
        if (strcmp(b->param[i].name, name) == 0)
            return b->param[i].value;
    BUG("no parameter %s", name);
}

int64_t rulebook_param_int(const struct rulebook *b, const char *name)
{
    const char *value = rulebook_param(b, name);
    char *end;
    long long n = strtoll(value, &end, 10);
    if (end == value || *end)
        BUG("parameter %s is not a whole number", name);
    return n;
}

const struct code_table *rulebook_table(const struct rulebook *b, const char *name)
{
    for (size_t i = 0; i < b->n_table; i++)
        if (strcmp(b->table[i].name, name) == 0)
            return &b->table[i];
    return NULL;
}

const char *rulebook_label(const struct rulebook *b, const char *table, const char *code)
{
    const struct code_table *t = rulebook_table(b, table);
    for (size_t i = 0; t && i < t->n; i++)
        if (strcmp(t->c[i].code, code) == 0)
            return t->c[i].label;
    return code;
}

const char *rulebook_town_code(const struct rulebook *b, const char *town)
{
    const struct code_table *t = rulebook_table(b, "towns");
    for (size_t i = 0; t && i < t->n; i++)
        if (strcmp(t->c[i].label, town) == 0 && strncmp(t->c[i].code, b->own_city_code, strlen(b->own_city_code)) == 0)
            return t->c[i].code;
    return NULL;
}

static int by_id(const void *id, const void *message)
{
    return strcmp(id, ((const struct message *)message)->id);
}

const struct message *rulebook_message(const struct rulebook *b, const char *id)
{
    return b->n_message ? bsearch(id, b->message, b->n_message, sizeof *b->message, by_id) : NULL;
}

bool rulebook_is_error(const struct rulebook *b, const char *id)
{
    const struct message *m = rulebook_message(b, id);
    return !m || m->level != 'W';
}

/* Copies text with the two places filled in. */
static void fill(const char *text, const char *item, const char *about, struct buf *ret)
{
    static const char ITEM[] = "{item}", ABOUT[] = "{about}";
    while (*text) {
        if (strncmp(text, ITEM, sizeof ITEM - 1) == 0) {
            buf_adds(ret, item ? item : "");
            text += sizeof ITEM - 1;
        } else if (strncmp(text, ABOUT, sizeof ABOUT - 1) == 0) {
            buf_adds(ret, about ? about : "");
            text += sizeof ABOUT - 1;
        } else {
            buf_addc(ret, *text++);
        }
    }
}

void rulebook_text(const struct rulebook *b, const char *id, const char *item, const char *about, struct buf *ret)
{
    const struct message *m = rulebook_message(b, id);
    fill(m ? m->text : id, item, about, ret);
}

void rulebook_say(const struct rulebook *b, const char *id, const char *item, const char *about, struct buf *ret)
{
    const struct message *m = rulebook_message(b, id);
    rulebook_text(b, id, item, about, ret);
    if (m && m->remedy[0]) {
        buf_addc(ret, ' ');
        fill(m->remedy, item, about, ret);
    }
}
