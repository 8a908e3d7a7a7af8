/*
 * Characters by their code (文字コード入力): 面区点 of JIS X 0213 ("1-16-1", "16-1") through iconv, and MJ numbers of
 * the character information base ("MJ000001") through the glyph names and the variation selectors of the font that
 * certificates are printed with — so that what can be typed is what can be printed. Knows no terminal.
 */
#ifndef APP_CHARCODE_H
#define APP_CHARCODE_H

#include "base/buf.h"

struct charcode;
/* The font for MJ numbers. Nothing is read before a code is looked up; a font that cannot be read has no number. */
struct charcode *charcode_new(const char *font_file) __attribute__((returns_nonnull));
void charcode_free(struct charcode *); /* NULL allowed */
/* Appends the character of the code, with its selector where it has one. False when there is none. The shape of
 * edit_lookup (ui/lineedit.h). */
bool charcode_find(void *charcode, struct span code, struct buf *ret);

#endif
