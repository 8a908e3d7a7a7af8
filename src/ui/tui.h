/* Inside the library `tui`: what term.c needs of its two neighbours. */
#ifndef UI_TUI_H
#define UI_TUI_H

#include "ui/canvas.h"
#include "ui/key.h"

/* canvas_curses.c */
struct painter;
/* After newterm(): prepares colours or monochrome. */
struct painter *painter_new(void);
void painter_free(struct painter *); /* wipes */
/* Hands changed rows to curses and places the cursor; doupdate() is the caller's. */
void painter_paint(struct painter *, const struct canvas *);
void painter_forget(struct painter *);
/* Columns that curses' wcwidth() has to answer for ambiguous characters. */
void painter_profile(const struct width_profile *);

/* key.c: adds what terminfo knows of this terminal. */
void key_from_terminfo(struct keydec *);

#endif
