/*
 * Reading of short typed texts: numbers and literals, where a full-width digit, letter or sign means the same as
 * its half-width one. Internal to the domain.
 */
#ifndef DOMAIN_SCAN_IN_H
#define DOMAIN_SCAN_IN_H

#include "base/buf.h"

struct scan {
    const char *p, *end;
};

struct scan scan_of(struct span);
bool scan_end(const struct scan *);
struct span scan_trim(struct span); /* without blanks at both ends */
void scan_blanks(struct scan *);    /* ASCII and ideographic spaces */
/* The next code point, full-width ASCII turned into ASCII; 0 at the end and for malformed text. */
uint32_t scan_peek(const struct scan *);
uint32_t scan_take(struct scan *);
bool scan_char(struct scan *, uint32_t cp);         /* takes it when it is the next one */
bool scan_literal(struct scan *, const char *text); /* takes it when it is next */
/* Takes `min` to `max` digits; false, and nothing taken, when there are fewer. */
bool scan_number(struct scan *, int min, int max, int *ret);

#endif
