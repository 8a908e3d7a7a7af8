/* What the renderer needs of a fontset besides its contract. */
#ifndef PAPER_TYPEFACE_H
#define PAPER_TYPEFACE_H

#include "paper/fontset.h"
#include <pango/pango.h>

/* A layout with the text set on one line at the size; borrowed, valid until the next call on the fontset. */
PangoLayout *fontset_layout(struct fontset *, struct span text, int size);

#endif
