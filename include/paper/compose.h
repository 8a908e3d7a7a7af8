/*
 * Puts one copy of a certificate on pages (組版): layout + copy + type → page model. Nothing asked for is dropped: what
 * has no place in the layout or does not fit goes on a 別紙; the certification stands on the last page only. Every text
 * is checked against the font before it is placed. Source: spec C.3; 標準仕様書 5.1, 5.6, 5.8.
 */
#ifndef PAPER_COMPOSE_H
#define PAPER_COMPOSE_H

#include "domain/cert_copy.h"
#include "paper/fontset.h"
#include "paper/page.h"

/* What becomes of a text that is too long for its place (parameter CERT_OVERFLOW). */
enum overflow_rule { OVERFLOW_ANNEX, OVERFLOW_LIMIT, OVERFLOW_BLANK, OVERFLOW_RULES };
/* "annex", "limit", "blank"; E_INVALID for another word. */
enum err overflow_rule_of(const char *word, enum overflow_rule *ret, struct errinfo *) NODISCARD;

struct compose_input {
    const struct layout *layout;
    const struct cert_copy *copy;
    struct fontset *fonts;
    enum overflow_rule rule;
    const char *check; /* short check code as printed */
    const char *qr;    /* content of the QR symbol */
};

/* E_INVALID S301: a character without glyph, item and code point named. S303: a text of the copy as a whole (sentence,
 * certifier …) does not fit the layout. */
enum err compose(const struct compose_input *, struct doc **ret, struct errinfo *) NODISCARD;

#endif
