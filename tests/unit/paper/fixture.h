/* A copy of a certificate with fictitious residents, and what is needed to put it on paper. */
#ifndef PAPER_FIXTURE_H
#define PAPER_FIXTURE_H

#include "check.h"

#include "paper/compose.h"
#include "paper/pdf.h"

#define FONT_FILE    "/usr/share/fonts/truetype/ipamj/ipamjm.ttf"
#define FONT_FAMILY  "IPAmjMincho"
#define HASH_COPY    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HASH_SUBJECT "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define CREATED      "2026-07-01T00:00:00+09:00"

struct fixture {
    struct layout *layout;
    struct fontset *fonts;
    struct cert_copy *copy;
    struct compose_input in;
    struct buf seal;
};

/* Opens forms/layout/NAME.layout of the source tree; the copy has its texts but no person. */
void fixture_open(struct fixture *, const char *layout);
void fixture_close(struct fixture *);
/* A Japanese resident of the example household; asked = domicile, relation and head are shown. */
struct cert_person *fixture_japanese(struct fixture *, const char *name, bool asked);
/* A foreign resident with everything shown. */
struct cert_person *fixture_foreign(struct fixture *, const char *name);
/* Replaces the text of a cell. */
void fixture_cell(struct cert_person *, const char *item, const char *text);

struct doc *fixture_compose(struct fixture *);
void fixture_pdf(struct fixture *, const struct doc *, struct buf *ret);
/* The text of the marks of a page that are values, one per line. */
void fixture_values(const struct doc *, size_t page, struct buf *ret);
char *fixture_source(const char *path) __attribute__((returns_nonnull));

/* Runs a program found on PATH with the arguments up to NULL; its standard output is in ret. Fails the test when the
 * program fails. */
void fixture_run(struct buf *ret, const char *program, ...);

#endif
