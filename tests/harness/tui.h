/*
 * Runs a real program on a pseudo-terminal and looks at the screen it draws (libvterm). Never sleeps: every wait is for
 * a frame mark — the window title "SCREEN#FRAME:BYTES:COLSxROWS" that the program sets behind each frame — and the
 * time-out (5 s, TUI_TIMEOUT_MS) is only for the dead. The environment of the program is empty except for what is
 * said here. A failed expectation prints the screen with a ruler and the last marks, then calls `fail`.
 */
#ifndef TESTS_HARNESS_TUI_H
#define TESTS_HARNESS_TUI_H

#include "ui/key.h"
#include <stdbool.h>
#include <vterm.h>

struct tui_opt {
    int rows, cols;                 /* 0: 24 x 80 */
    const char *const *argv;        /* NULL-terminated; argv[0] is a path */
    const char *const *env;         /* further NAME=value, NULL-terminated; may be NULL */
    const char *term;               /* NULL: xterm-256color */
    const char *lang;               /* LC_ALL; NULL: C.UTF-8 */
    const char *cwd;                /* NULL: the temporary home */
    void (*fail)(const char *text); /* must not return; NULL: print and exit 1 */
};

/* Attributes of a cell, added. */
enum tui_attr { TUI_PLAIN = 0, TUI_BOLD = 1, TUI_UNDERLINE = 2, TUI_REVERSE = 4, TUI_COLOUR = 8 };

struct tui;
struct tui *tui_start(const struct tui_opt *);
const char *tui_home(const struct tui *); /* temporary directory of this run */

/* Keys. tui_script takes text with keys between angle brackets: "転居<Enter><F10>", "<@menu>" waits for a screen,
 * "<Alt-1>",
 * "<Ctrl-v>", "<lt>" is "<". Keys wait for the frame of the one before, as a person does. */
void tui_type(struct tui *, const char *utf8);
void tui_key(struct tui *, enum key_code);
void tui_ctrl(struct tui *, char letter);
void tui_paste(struct tui *, const char *utf8);
void tui_bytes(struct tui *, const char *bytes, size_t n);
void tui_script(struct tui *, const char *script);
void tui_resize(struct tui *, int rows, int cols);

/* The frame of this screen in which everything sent so far has been worked off and the size is the present one. */
void tui_expect_screen(struct tui *, const char *screen);
/* A frame of the present size, whether or not all input has been worked off (half a character cannot be). */
void tui_expect_resized(struct tui *);
/* Any screen, all input worked off. */
void tui_settle(struct tui *);
/* Text at a place, in columns, from 0; waits until it is there. */
void tui_expect_text(struct tui *, int row, int col, const char *text);
/* Text anywhere in one row; returns the row. */
int tui_expect_seen(struct tui *, const char *text);
void tui_expect_unseen(struct tui *, const char *text); /* of the present frame */
void tui_expect_attr(struct tui *, int row, int col, unsigned attr);
void tui_expect_cursor(struct tui *, int row, int col);
/* What goldens leave out: in each row, so many columns behind these words (measured times, random codes). Borrowed. */
void tui_golden_mask(struct tui *, const char *words, int cols);
/* Compares with TUI_GOLDEN_DIR/NAME.txt: text, styles below a row that has any, cursor. MADOGUCHI_GOLDEN=write renews
 * (refused when CI is set). */
void tui_expect_golden(struct tui *, const char *name);

/* The program must end by itself with this exit status, leave the alternate screen, show the cursor, and restore
 * echo. Frees. */
void tui_expect_exit(struct tui *, int status);
/* Ends the program by SIGHUP as a closed window does; same checks except the exit status. Frees. */
void tui_hang_up(struct tui *);

/* For pictures. */
VTermScreen *tui_vterm(struct tui *);
void tui_size(const struct tui *, int *ret_rows, int *ret_cols);
bool tui_cursor(const struct tui *, int *ret_row, int *ret_col);
const char *tui_screen(const struct tui *); /* name in the last mark */
void tui_row(struct tui *, int row, char *ret, size_t size);

#endif
