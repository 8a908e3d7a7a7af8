/*
 * Type for certificates, strictly: exactly one font file, and no other font on the machine can be reached. Before a
 * text is drawn every run of it is examined: the font must be the declared one, every glyph must exist, and every
 * ideographic variation sequence must be in the font. What is not there is refused with its code point; nothing is
 * substituted and nothing is normalised (文字の代替はしない). Lengths are hundredths of a millimetre, sizes tenths of a
 * point. Source: 標準仕様書 5.8; spec C.3, W51.
 */
#ifndef PAPER_FONTSET_H
#define PAPER_FONTSET_H

#include "base/buf.h"
#include <stdint.h>

struct fontset;
/* `file` must hold the family `family` (E_INVALID otherwise, S302); E_NOTFOUND when there is no such file. */
enum err fontset_open(const char *file, const char *family, struct fontset **ret, struct errinfo *) NODISCARD;
void fontset_close(struct fontset *); /* NULL allowed */

/* E_INVALID (S301) when a character has no glyph; item names `what` and the code points ("氏名 U+845B U+E0100"). */
enum err fontset_check(struct fontset *, struct span text, const char *what, struct errinfo *) NODISCARD;
/* The first base (and selector, or 0) that the font lacks; false when all are there. */
bool fontset_missing(struct fontset *, struct span text, uint32_t *ret_base, uint32_t *ret_selector);

/* Width of a text set on one line. */
int fontset_width(struct fontset *, struct span text, int size);

/* Breaks the text into lines of at most `width`; writes the lines separated by '\n'. */
size_t fontset_break(struct fontset *, struct span text, int size, int width, struct buf *ret);

struct fit {
    int size; /* that was found */
    size_t lines;
    bool over;         /* does not fit even at the smallest size */
    size_t fits_bytes; /* when over: bytes of the text that would fit at the smallest size */
};
/* Largest size between max and min at which the text takes at most `lines` lines in the box. The lines are written to
 * ret_text separated by '\n' (all of them, also when over). */
struct fit fontset_fit(struct fontset *, struct span text, int width, int height, int max, int min, int lines,
                       struct buf *ret_text);

/* Distance from line to line. */
int fontset_leading(int size);
/* Tenths of a point as hundredths of a millimetre. */
int fontset_em(int size);

#endif
