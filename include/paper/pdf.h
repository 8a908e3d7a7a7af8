/*
 * Page model → PDF bytes, by cairo and pango with one embedded font. The same model gives the same bytes: the creation
 * date is the caller's. Two marks stand in the document information: the hash of the copy and the hash of its subject;
 * whoever sends the file to a printer reads them back and compares (spec: reliability 2.4).
 */
#ifndef PAPER_PDF_H
#define PAPER_PDF_H

#include "paper/fontset.h"
#include "paper/page.h"

#define PDF_MARK 64 /* lower-case hexadecimal of 32 bytes */

struct pdf_input {
    struct fontset *fonts;
    struct span seal;      /* PNG of the 公印, or empty; drawn black */
    const char *created;   /* "2026-07-01T00:00:00+09:00" */
    const char *copy_hash; /* PDF_MARK characters, or "" for a preview */
    const char *subject_hash;
};

/* E_INVALID S304: the seal is not a PNG. E_IO when cairo refuses. Appends nothing on failure. */
enum err pdf_render(const struct doc *, const struct pdf_input *, struct buf *ret, struct errinfo *) NODISCARD;
/* Reads the marks of a PDF that pdf_render wrote; E_CORRUPT when they are not there exactly once. */
enum err pdf_marks(struct span pdf, char ret_copy[PDF_MARK + 1], char ret_subject[PDF_MARK + 1],
                   struct errinfo *) NODISCARD;
/* Whether these bytes end as a whole PDF does. */
bool pdf_whole(struct span pdf);

#endif
