/*
 * The page model as character cells, for the screen (交付前の確認). Order, grouping and dividing lines are those of the
 * paper; widths follow the paper in proportion and texts wrap inside their column. Only ASCII is used for lines, so
 * that columns hold on every terminal.
 */
#ifndef PAPER_PREVIEW_H
#define PAPER_PREVIEW_H

#include "base/width.h"
#include "paper/page.h"

#define PREVIEW_COLS 78

/* Appends the lines of one page (from 0), each ended by '\n' and at most `cols` columns wide, without trailing blanks.
 */
void preview_page(const struct doc *, size_t page, const struct width_profile *, int cols, struct buf *ret);

#endif
