#include "domain/finding.h"
#include "base/mem.h"
#include "domain/notice.h"
#include "domain/rulebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void findings_add(struct findings *f, const char *msg, const char *section, int row, const char *field,
                  const char *about)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct finding *o = &f->f[i];
        if (o->row == row && strcmp(o->msg, msg) == 0 && strcmp(o->section, section) == 0 &&
            strcmp(o->field, field) == 0 && strcmp(o->about ? o->about : "", about ? about : "") == 0)
            return;
    }
    if (f->n == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 16;
        f->f = xrealloc(f->f, f->cap, sizeof *f->f);
    }
    struct finding *new = &f->f[f->n++];
    *new = (struct finding){ .row = row, .about = about ? xstrdup(about) : NULL };
    snprintf(new->msg, sizeof new->msg, "%s", msg);
    snprintf(new->section, sizeof new->section, "%s", section);
    snprintf(new->field, sizeof new->field, "%s", field);
}

void findings_done(struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        wipe_str(f->f[i].about);
    free(f->f);
    *f = (struct findings){ 0 };
}

bool findings_blocking(const struct rulebook *book, const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (rulebook_is_error(book, f->f[i].msg))
            return true;
    return false;
}
