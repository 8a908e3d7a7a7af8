#include "methods.h"
#include <string.h>

static const struct method_table *const tables[] = {
#define TABLE(name) &name,
#include "methods.def"
#undef TABLE
};

void method_each(void (*cb)(void *arg, const struct method *), void *arg)
{
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (size_t i = 0; i < tables[t]->n; i++)
            cb(arg, &tables[t]->m[i]);
}

const struct method *method_find(const char *name)
{
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (size_t i = 0; i < tables[t]->n; i++)
            if (strcmp(tables[t]->m[i].name, name) == 0)
                return &tables[t]->m[i];
    return NULL;
}
