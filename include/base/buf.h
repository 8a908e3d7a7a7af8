/*
 * Growable bytes. A buf may hold any byte; when it is used as a string it is always NUL-terminated
 * behind its length. A span is a borrowed view.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *p;    /* NUL-terminated, or NULL while empty and never grown */
    size_t len; /* bytes in use */
    size_t cap;
};

struct span {
    const char *p;
    size_t n;
};

#define BUF_INIT ((struct buf){ NULL, 0, 0 })

void buf_init(struct buf *);
void buf_done(struct buf *); /* wipes, frees, leaves an empty buf */
void buf_clear(struct buf *);
void buf_add(struct buf *, const void *p, size_t n);
void buf_adds(struct buf *, const char *s);
void buf_addc(struct buf *, char c);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void buf_reserve(struct buf *, size_t more);
void buf_consume(struct buf *, size_t n); /* drops the first n bytes */
const char *buf_str(const struct buf *);  /* never NULL */
char *buf_steal(struct buf *);            /* caller frees; the buf is empty afterwards */

struct span span_of(const char *s);
struct span buf_span(const struct buf *);
bool span_eq(struct span a, struct span b);
bool span_is(struct span a, const char *s);
struct span span_trim(struct span);                                   /* without ASCII blanks at both ends */
int span_index(struct span, const char *const *words, int n);         /* of the word that it is; n: of none */
char *span_dup(struct span) __attribute__((malloc, returns_nonnull)); /* caller frees; an empty one is "" */

/* Lower-case hexadecimal. unhex fails with E_INVALID on odd length or another character. */
void hex_add(struct buf *, const void *p, size_t n);
enum err unhex(struct span hex, uint8_t *ret, size_t want, struct errinfo *) NODISCARD;

#endif
