/*
 * Strict reading of small JSON objects: every getter names a key, a missing or wrongly typed one makes the reader bad,
 * and jx_end may insist that no other key is there.
 */
#ifndef SYNC_JSONX_H
#define SYNC_JSONX_H

#include "base/buf.h"
#include <jansson.h>

struct jx {
    json_t *o;       /* owned when loaded by jx_load */
    size_t used;     /* keys that were asked for and found */
    const char *bad; /* first key that misses or has a wrong type */
};

/* One object, duplicate keys refused, nothing behind it. */
enum err jx_load(struct span json, size_t max, const char *item, struct jx *ret, struct errinfo *) NODISCARD;
void jx_done(struct jx *);
/* Borrowed member of a type; NULL makes bad unless optional. */
json_t *jx_get(struct jx *, const char *key, json_type, bool optional);
void jx_str(struct jx *, const char *key, char *ret, size_t max);
char *jx_dup(struct jx *, const char *key, bool optional); /* caller frees; NULL when left out */
void jx_buf(struct jx *, const char *key, struct buf *ret, size_t max);
int64_t jx_int(struct jx *, const char *key, int64_t lo, int64_t hi);
bool jx_bool(struct jx *, const char *key);
void jx_hex(struct jx *, const char *key, uint8_t *ret, size_t n);
/* strict: other keys are an error too. */
enum err jx_end(const struct jx *, bool strict, enum err code, const char *item, struct errinfo *) NODISCARD;

void jx_set_hex(json_t *o, const char *key, const uint8_t *p, size_t n);
void jx_set_text(json_t *o, const char *key, struct span);
/* Compact text, keys in the order they were set; steals o. */
void jx_write(json_t *o, struct buf *ret);

#endif
