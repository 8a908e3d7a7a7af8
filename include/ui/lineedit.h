/*
 * One line of input (入力欄) that counts characters as people see them and columns as the terminal does: a kanji
 * with its variation selector is one character, is never cut, and comes back exactly as it was typed. Kana fields
 * turn romaji into katakana, so that a desk without an input method can work; any character can be entered by its
 * code. Nothing is normalised except kana with a combining voiced mark.
 */
#ifndef UI_LINEEDIT_H
#define UI_LINEEDIT_H

#include "ui/canvas.h"
#include "ui/key.h"

enum edit_mode {
    EDIT_TEXT,
    EDIT_NAME,   /* as text; a blank becomes the ideographic space between 氏 and 名 */
    EDIT_KANA,   /* katakana; romaji, hiragana and half-width kana become katakana */
    EDIT_ALPHA,  /* ASCII, letters become upper case */
    EDIT_DIGITS, /* ASCII digits; full-width digits become ASCII, hyphens are left out */
    EDIT_DATE,   /* as text; full-width ASCII becomes ASCII, letters upper case */
    EDIT_SECRET, /* shown as asterisks, wiped */
    EDIT_MODES
};

enum edit_result {
    EDIT_IGNORED, /* not a key for a line of input */
    EDIT_MOVED,
    EDIT_CHANGED,
    EDIT_REFUSED, /* character not allowed here, or the line is full; lineedit_trouble() says which */
};

/* Turns a code ("U+9AD9", "1-16-1", "MJ000001") into text. False when there is no such character. */
typedef bool edit_lookup(void *arg, struct span code, struct buf *ret);

struct lineedit {
    struct buf text;
    size_t at; /* byte offset of the caret, between characters */
    enum edit_mode mode;
    int max;           /* characters; 0 = EDIT_MAX_DEFAULT */
    struct buf typing; /* romaji not yet kana, or the code */
    bool code;         /* a code is being typed */
    const char *trouble;
    edit_lookup *lookup; /* for codes other than U+; may be NULL */
    void *lookup_arg;
};

#define EDIT_MAX_DEFAULT 300 /* characters, where neither form nor attribute says */

void lineedit_init(struct lineedit *, enum edit_mode, int max);
void lineedit_done(struct lineedit *); /* wipes */
/* Replaces the text (not filtered) and puts the caret behind it. */
void lineedit_set(struct lineedit *, const char *text);
const char *lineedit_text(const struct lineedit *); /* without letters still being typed */
int lineedit_count(const struct lineedit *);        /* characters */

enum edit_result lineedit_key(struct lineedit *, const struct key *);
/* Begins the input of one character by its code; Enter or a space ends it, Esc gives up. */
void lineedit_code(struct lineedit *);
/* Ends pending romaji ("n" becomes ン, a lone consonant goes). Call when the field is left. */
void lineedit_leave(struct lineedit *);
/* Japanese reason for the last EDIT_REFUSED, "" if none. */
const char *lineedit_trouble(const struct lineedit *);

/* Draws into `cols` columns of row y; with focus it also places the cursor. Text that is wider scrolls, "<" and ">"
 * show that there is more. */
void lineedit_draw(const struct lineedit *, struct canvas *, int y, int x, int cols, bool focus);
/* "U+845B U+E0100": the code points of the character at the caret. */
void lineedit_show_code(const struct lineedit *, struct buf *ret);

#endif
