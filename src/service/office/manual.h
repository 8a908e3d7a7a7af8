/* Pages of the manual (端末機操作手引書) as they stand in data/manual, one per screen, read at the start. */
#ifndef SERVICE_MANUAL_H
#define SERVICE_MANUAL_H

#include "base/err.h"
#include <stddef.h>

struct manual;
struct manual_page {
    char *screen; /* file name without its ending */
    char *title;  /* first line */
    char **line;
    size_t n;
};

/* E_INVALID for a page without a title or with a line that is wider than the screen can wrap. */
enum err manual_load(const char *data_dir, struct manual **ret, struct errinfo *) NODISCARD;
void manual_free(struct manual *);
const struct manual_page *manual_find(const struct manual *, const char *screen); /* NULL when there is none */
const struct manual_page *manual_pages(const struct manual *, size_t *ret_n);     /* sorted by screen */

#endif
