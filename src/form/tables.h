/* Readers of data/: eras, holidays, parameters, code tables, messages. Each reports every bad line and goes on. */
#ifndef FORM_TABLES_H
#define FORM_TABLES_H

#include "form/formread.h"

/* `data` is the directory; `overrides` a file of "NAME = value" lines, or NULL. Returns the number of problems. */
size_t tables_read(const char *data, const char *overrides, struct rulebook *, struct catalog_report *);
/* Frees what tables_read filled. */
void tables_done(struct rulebook *);

#endif
