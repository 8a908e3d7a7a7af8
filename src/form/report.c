#include "base/mem.h"
#include "form/formread.h"

#include <stdlib.h>

void report_add(struct catalog_report *r, const char *where, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    buf_printf(&b, "%s: ", where);
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    r->line = xrealloc(r->line, r->n + 1, sizeof *r->line);
    r->line[r->n++] = buf_steal(&b);
}

void report_errinfo(struct catalog_report *r, const struct errinfo *e)
{
    report_add(r, e->item, "%s", e->detail);
}

void catalog_report_done(struct catalog_report *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->line[i]);
    free(r->line);
    *r = (struct catalog_report){ 0 };
}
