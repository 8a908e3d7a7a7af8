/*
 * The terminal (端末): curses started and stopped, bytes in, a canvas out. Belongs to the small library `tui`, the only
 * one that sees <curses.h>; everything else works on a canvas. Gives the terminal back whatever happens.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "ui/canvas.h"
#include "ui/key.h"

struct term_opt {
    int in, out;   /* descriptors of the terminal */
    int ambiguous; /* columns of ambiguous characters: 1, 2, or 0 to ask the terminal */
    bool mark;     /* tell the frame in the window title, see term_show */
};

struct term;
/* Sets the locale to UTF-8 (C.UTF-8 when the environment has none), asks the terminal how wide it draws ambiguous
 * characters, switches to the alternate screen, raw input, bracketed paste. One terminal per process. E_INVALID: not
 * a terminal, or of a type that is not known. */
enum err term_start(const struct term_opt *, struct term **ret, struct errinfo *) NODISCARD;
/* Everything back as it was. NULL allowed. Also runs when the program dies (mem_on_die). */
void term_stop(struct term *);

const struct width_profile *term_profile(const struct term *);
enum glyph_set term_glyphs(const struct term *);
/* Asks for the size of the window and tells curses. */
void term_size(struct term *, int *ret_rows, int *ret_cols);

/* Reads what is there and decodes it. False at the end of input (the window was closed). */
bool term_read(struct term *, void (*cb)(void *arg, const struct key *), void *arg);
/* See keydec.h: a lone ESC is pending. */
bool term_waiting(const struct term *);
void term_flush_keys(struct term *, void (*cb)(void *arg, const struct key *), void *arg);

/* Shows the canvas and, with `mark`, sets the window title to "SCREEN#FRAME:BYTES:COLSxROWS" behind it: the picture
 * is complete when the title arrives, and BYTES input bytes had been worked off when it was drawn. `screen` NULL: a
 * picture in between (a call is under way), without a mark. */
void term_show(struct term *, const struct canvas *, const char *screen);
/* Paints every cell anew with the next term_show. */
void term_redraw(struct term *);
void term_beep(struct term *);

#endif
