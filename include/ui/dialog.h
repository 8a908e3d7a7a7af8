/*
 * Small windows over a screen (小窓): a question, a text to read, a line to type, a choice from rows, and the second
 * person who gives name and password (承認者). The answer goes to the screen that asked, after the window has closed.
 */
#ifndef UI_DIALOG_H
#define UI_DIALOG_H

#include "ui/ui.h"

#define REASON_MIN 5 /* characters of a reason; the service has the last word */

/* What came back. Texts are borrowed for the call and wiped afterwards. */
struct dialog_answer {
    bool ok;            /* false: given up */
    const char *text;   /* line typed, or the reason */
    const char *person; /* second person */
    const char *password;
    int row;             /* chosen row, and */
    const json_t *value; /* the row as the service gave it */
};
/* Runs with the asking screen on top again; returns a result for it (enum result). */
typedef unsigned dialog_done(struct screen *owner, const struct dialog_answer *);

/* Yes or no; "yes" has its own words ("破棄する"). Enter takes the safe answer (no) when `danger`. */
void dialog_confirm(struct ui *, const char *text, const char *yes, bool danger, dialog_done *);
/* Text to read; Enter closes. */
void dialog_message(struct ui *, const char *title, const char *text);
/* One line, at least `min` characters. */
void dialog_line(struct ui *, const char *title, const char *label, int min, dialog_done *);
/* Password of the operator, or operator and password of a second person; with `reason` also a line. */
void dialog_password(struct ui *, const char *title, const char *text, dialog_done *);
void dialog_second(struct ui *, const char *title, const char *text, const char *reason_label, dialog_done *);
/* Any number of rows [{value,label,on}]: `value` of the answer is the array with "on" as it was left. */
void dialog_check(struct ui *, const char *title, json_t *rows, dialog_done *);
/* Rows [{value,label,note}]; `rows` is borrowed for the call and kept by reference. */
void dialog_choose(struct ui *, const char *title, json_t *rows, dialog_done *);

#endif
