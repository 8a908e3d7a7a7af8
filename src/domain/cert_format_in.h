/* How an item of a certificate gets its text from a row: a closed table, named in the item tables by as=. */
#ifndef DOMAIN_CERT_FORMAT_IN_H
#define DOMAIN_CERT_FORMAT_IN_H

#include "domain/certificate.h"

struct format_ctx {
    const struct rulebook *book;
    struct date today;
};

/* Row of the table for a word, or the number of rows. */
size_t cert_format_find(struct span word);
size_t cert_formats(void);
/* Whether the format needs table=. */
bool cert_format_has_table(size_t format);
/* Appends the text of the item in this row; nothing when blank. */
void cert_format(const struct format_ctx *, const struct cert_item *, const struct resident *, struct buf *ret);

#endif
