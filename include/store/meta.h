/*
 * Facts of the store itself, as key and text: office, terminal, incarnation, cursors, the state of the counter.
 * Keys are "part.name"; each part owns its own.
 */
#ifndef STORE_META_H
#define STORE_META_H

#include "base/buf.h"
#include <stdint.h>

struct db;

/* Appends the value; nothing when the key is not there (then *ret_found is false; ret_found may be NULL). */
enum err meta_get(struct db *, const char *key, struct buf *ret, bool *ret_found, struct errinfo *) NODISCARD;
/* As a number; `otherwise` when not there, E_CORRUPT when not a number. */
enum err meta_get_i64(struct db *, const char *key, int64_t otherwise, int64_t *ret, struct errinfo *) NODISCARD;
/* Inside a transaction. NULL removes. */
enum err meta_set(struct db *, const char *key, const char *value, struct errinfo *) NODISCARD;
enum err meta_set_i64(struct db *, const char *key, int64_t value, struct errinfo *) NODISCARD;

#endif
