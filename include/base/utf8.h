/*
 * Strict UTF-8 and user-perceived characters. Stored text is never normalised: NFC replaces 75 kanji of
 * JIS X 0213. Only kana followed by U+3099/U+309A is composed, and only where text is typed.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"
#include <stdint.h>

#define UTF8_BAD 0xFFFFFFFFu

/* Decodes one code point at *p (< end), moves *p behind it. UTF8_BAD for overlong, surrogate, cut or > U+10FFFF,
 * and moves one byte. */
uint32_t utf8_next(const char **p, const char *end);
/* Writes 1–4 bytes, returns their number (0 when cp is not a scalar value). */
size_t utf8_put(char ret[4], uint32_t cp);
void buf_addcp(struct buf *, uint32_t cp);
bool utf8_valid(struct span);

/* Next cluster: base + combining marks + variation selectors. Returns bytes used, 0 at the end. */
size_t utf8_cluster(struct span);
/* Number of clusters: the unit in which field lengths are counted (variation selectors not counted). */
size_t utf8_count(struct span);
bool utf8_is_mark(uint32_t cp);     /* combining mark, variation selector, kana voiced mark U+3099/309A */
bool utf8_is_selector(uint32_t cp); /* U+FE00–FE0F, U+E0100–E01EF */

/* Appends `in` with kana + U+3099/U+309A composed where a composed letter exists. */
void utf8_compose_kana(struct span in, struct buf *ret);
/* First code point that may not stand in a stored text (control, bidi control, zero-width, soft hyphen,
 * unassigned noncharacter), or 0. UTF8_BAD stands for NUL and for bytes that are not UTF-8. */
uint32_t utf8_forbidden(struct span);

#endif
