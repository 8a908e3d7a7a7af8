/*
 * What the service asks of the processes that make paper: to draw one immutable copy, and to hand a drawn copy to the
 * printer. Both answer later, exactly once, from the event loop, never from within the call. The processes decide
 * nothing: they are told everything, and what they drew is compared here before the first byte goes out.
 */
#ifndef SERVICE_PAPERPORT_H
#define SERVICE_PAPERPORT_H

#include "base/buf.h"
#include <stdint.h>

#define PAPER_HASH 32

struct paper_draw {
    struct span copy;  /* domain/cert_copy.h */
    const char *check; /* short check code as printed */
    const char *qr;
    const char *created;  /* creation date of the document, ISO */
    const char *overflow; /* CERT_OVERFLOW */
    bool preview;         /* lines for the screen instead of a document */
    int ambiguous;        /* columns of characters of ambiguous width, for the preview */
};

struct paper_overflow {
    const char *person, *label;
    int64_t chars, fits;
};

struct paper_drawn { /* borrowed for the call of `done` */
    enum err err;    /* and then only `why` */
    const struct errinfo *why;
    int64_t pages;
    struct span document; /* PDF; with `preview` the lines of the pages, each page ended by a form feed */
    uint8_t copy_hash[PAPER_HASH], subject_hash[PAPER_HASH]; /* as they stand in the document */
    const struct paper_overflow *over;
    size_t n_over;
};

enum paper_sent {
    PAPER_SENT,     /* the printer has taken all of it */
    PAPER_NOT_SENT, /* certainly nothing came out */
    PAPER_UNSURE    /* nobody knows */
};

struct paper_send {
    struct span document;
    const char *name;           /* of the job and the file: no personal data */
    const char *method, *queue; /* CERT_PRINT_TO, CERT_LP_QUEUE */
};

struct paper_port {
    void *self;
    void (*draw)(void *self, const struct paper_draw *, void (*done)(void *arg, const struct paper_drawn *), void *arg);
    void (*send)(void *self, const struct paper_send *, void (*done)(void *arg, enum paper_sent, const char *detail),
                 void *arg);
    /* Something was asked and not answered yet: somebody at the counter waits for paper. */
    bool (*busy)(void *self);
    /* Authentication code of the check codes, and which key made it (8 hexadecimal digits). */
    void (*mac)(void *self, const void *p, size_t n, uint8_t ret[PAPER_HASH]);
    const char *key_id;
};

#endif
