/*
 * The page model (頁): what stands where on each sheet of one copy, in hundredths of a millimetre, with texts already
 * broken into lines and sized. PDF, preview and tests are drawn from this one model, so that what was previewed is what
 * is printed. Holds personal data; wiped when freed.
 */
#ifndef PAPER_PAGE_H
#define PAPER_PAGE_H

#include "paper/layout.h"

enum mark_kind { MK_FRAME, MK_RULE, MK_TEXT, MK_SEAL, MK_QR, MK_COUNT };

struct mark {
    enum mark_kind kind;
    int x, y, w, h; /* MK_RULE: x, y to w, h */
    enum stroke stroke;
    char *text; /* MK_TEXT: lines separated by '\n' */
    int size;   /* tenths of a point */
    enum halign halign;
    enum valign valign;
    bool label; /* MK_TEXT: a label of the layout, not a value */
};

struct page {
    struct mark *m;
    size_t n, cap;
};

/* A text that did not fit even at its smallest size (文字超過リスト, W51). */
struct overflow {
    char *person; /* name, "" for a value of the whole copy */
    char *label;
    size_t chars, fits;
};

struct doc {
    int w, h;
    char *title;
    char *across; /* 【試験】, or "" */
    char *qr;     /* content of the QR symbol */
    struct page *p;
    size_t n;
    struct overflow *over;
    size_t n_over;
};

struct doc *doc_new(int w, int h);
void doc_free(struct doc *); /* wipes; NULL allowed */
/* Borrowed until the next page is added. */
struct page *doc_page_add(struct doc *);
/* Zeroed; borrowed until the next mark is added. */
struct mark *page_mark_add(struct page *, enum mark_kind, int x, int y, int w, int h);
void doc_overflow_add(struct doc *, const char *person, const char *label, size_t chars, size_t fits);

#endif
