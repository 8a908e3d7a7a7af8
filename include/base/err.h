/*
 * Errors are values. Every function that can fail for a reason outside the program returns `enum err`
 * and, on failure, describes it once in a caller's `struct errinfo`. Layers below ui and app never print.
 * The text a clerk reads comes from data/messages.tsv, by message id; `detail` is for logs and never
 * holds personal data.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err {
    OK = 0,
    E_NOMEM,    /* a size given from outside could not be allocated */
    E_IO,       /* system call failed */
    E_FULL,     /* no space or quota left */
    E_BUSY,     /* somebody else holds it; try again */
    E_NOTFOUND, /* no such object */
    E_EXISTS,   /* already there */
    E_CONFLICT, /* the object changed since it was read */
    E_DENIED,   /* permission, two persons, restriction */
    E_INVALID,  /* input breaks a rule */
    E_CORRUPT,  /* stored or received bytes are not what was written */
    E_TOONEW,   /* made by a newer version */
    E_OFFLINE,  /* host or link not there */
    E_ERRS
};

/* Filled on failure only. `msg` is a row of data/messages.tsv, `item` names the field or object. */
struct errinfo {
    enum err code;
    char msg[24];
    char item[128];
    char detail[256];
};

#define NODISCARD         __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Returns from the calling function when `expr` fails. */
#define TRY(expr)                   \
    do {                            \
        enum err err_try_ = (expr); \
        if (err_try_ != OK)         \
            return err_try_;        \
    } while (0)

/* Fills `reterr` (may be NULL) and returns `code`, so that a failing function ends in one line.
 * `msg` and `item` may be NULL. Long texts are cut at a character boundary. */
enum err err_set(struct errinfo *reterr, enum err code, const char *msg, const char *item, const char *fmt, ...)
    PRINTF_LIKE(5, 6);

/* As err_set, with the text of errno `saved_errno` appended; ENOSPC and EDQUOT become E_FULL, others E_IO.
 * `msg` stays empty: the reader shows the text of the code. */
enum err err_sys(struct errinfo *reterr, int saved_errno, const char *item, const char *what);

/* Short English name of a code ("invalid"); never NULL. */
const char *err_name(enum err code);

#endif
