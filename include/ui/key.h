/*
 * Keys, decoded from the bytes of a terminal by our own decoder: one bad byte costs one key, not forty; a paste is one
 * key with its text; function keys are known in the shapes of xterm, VT, Linux console and PuTTY whatever TERM
 * says, and terminfo may add more. Alt with a digit stands for a function key where the desk's terminal keeps
 * F1, F10 or F11 for itself. Pure: no terminal, no clock.
 */
#ifndef UI_KEY_H
#define UI_KEY_H

#include "base/buf.h"
#include <stdint.h>

/*    id         name */
#define KEY_LIST(X)       \
    X(NONE, "")           \
    X(CHAR, "char")       \
    X(CTRL, "ctrl")       \
    X(PASTE, "paste")     \
    X(ENTER, "Enter")     \
    X(TAB, "Tab")         \
    X(BACKTAB, "BackTab") \
    X(ESC, "Esc")         \
    X(BACKSPACE, "BS")    \
    X(DELETE, "Del")      \
    X(INSERT, "Ins")      \
    X(UP, "Up")           \
    X(DOWN, "Down")       \
    X(LEFT, "Left")       \
    X(RIGHT, "Right")     \
    X(HOME, "Home")       \
    X(END, "End")         \
    X(PGUP, "PgUp")       \
    X(PGDN, "PgDn")       \
    X(F1, "F1")           \
    X(F2, "F2")           \
    X(F3, "F3")           \
    X(F4, "F4")           \
    X(F5, "F5")           \
    X(F6, "F6")           \
    X(F7, "F7")           \
    X(F8, "F8")           \
    X(F9, "F9")           \
    X(F10, "F10")         \
    X(F11, "F11")         \
    X(F12, "F12")

/* clang-format off */
enum key_code {
#define KEY_ENUM(id, name) K_##id,
    KEY_LIST(KEY_ENUM)
#undef KEY_ENUM
    K_COUNT
};
/* clang-format on */

struct key {
    enum key_code code;
    uint32_t cp;      /* K_CHAR: code point; K_CTRL: lower-case letter */
    struct span text; /* K_PASTE: valid UTF-8, borrowed until the callback returns */
};

/* "F10", "Enter" …; for K_CHAR the empty name. */
const char *keycode_name(enum key_code);
/* K_NONE when there is none of that name (case matters). */
enum key_code keycode_by_name(struct span name);

#define KEY_ESC_MS    30           /* a lone ESC is the Esc key when nothing follows within this time */
#define KEY_PASTE_MAX (64u * 1024) /* bytes; the rest of a larger paste is dropped */

struct keydec;
struct keydec *keydec_new(void);
void keydec_free(struct keydec *); /* wipes; NULL allowed */
/* A further sequence for a key, beginning with ESC (from terminfo). Ignored when it is too long or already known. */
void keydec_add(struct keydec *, const char *seq, enum key_code);
/* Decodes and calls back for every complete key. */
void keydec_feed(struct keydec *, struct span bytes, void (*cb)(void *arg, const struct key *), void *arg);
/* The beginning of a sequence is held back: call keydec_flush after KEY_ESC_MS without input. Half a character waits
 * for the rest as long as it takes: a slow line must not lose it. */
bool keydec_waiting(const struct keydec *);
void keydec_flush(struct keydec *, void (*cb)(void *arg, const struct key *), void *arg);
/* Bytes that have become keys or were thrown away, since the start. */
uint64_t keydec_consumed(const struct keydec *);

#endif
