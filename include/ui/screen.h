/*
 * A screen (画面) is a const struct of functions and the size of its private data; NULL members mean the default. The
 * stack owns the private data. Drawing reads the model and writes cells, nothing else.
 */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "ui/action.h"
#include "ui/canvas.h"

struct ui;
struct screen;

/* What a key did, added. */
enum result {
    R_NONE = 0,
    R_HANDLED = 1, /* the key meant something here */
    R_CLOSE = 2,   /* this screen is done */
    R_MENU = 4,    /* back to the menu */
    R_QUIT = 8,    /* end of the program */
};

enum screen_flag {
    SCREEN_MODAL = 1, /* drawn over the one below, which stays visible; F3 and F12 are its own business */
    SCREEN_BLANK = 2, /* nothing of what lies below may be seen or reached (lock, login) */
    SCREEN_QUIET = 4, /* no common actions in the function bar */
};

struct screen_ops {
    const char *id;    /* in the frame mark, and the page of the manual */
    const char *title; /* 業務名 in the top line; NULL: ask title_of */
    unsigned flags;
    size_t priv_size;
    bool (*open)(struct screen *, const void *arg);    /* false: not opened, the message line says why */
    void (*layout)(struct screen *, struct rect body); /* before drawing: what depends on the size */
    void (*draw)(const struct screen *, struct canvas *, struct rect body);
    unsigned (*key)(struct screen *, const struct key *); /* keys that no action takes */
    unsigned (*facts)(const struct screen *);
    bool (*allows)(const struct screen *, const char *method); /* what the service said is possible now */
    unsigned (*resume)(struct screen *);                       /* the screen above has closed; returns a result */
    void (*tick)(struct screen *);                             /* about once a second while on top */
    bool (*dirty)(const struct screen *);                      /* leaving would lose something */
    const char *(*title_of)(const struct screen *);
    const char *(*subject)(const struct screen *); /* right end of the second line */
    unsigned (*closed)(struct screen *); /* already off the stack; the screen below may be called back here. Returns a
                               result for it */
    void (*free)(struct screen *);       /* private data's own allocations */
    const struct action *actions;
    unsigned n_actions;
};

struct screen {
    const struct screen_ops *ops;
    struct ui *ui;
    struct screen *below;
    void *priv;
    char tag[48]; /* ":tenkyo" behind the id in the frame mark, "" if none */
};

#define SCREEN_ACTIONS(table) .actions = (table), .n_actions = sizeof(table) / sizeof *(table)

#endif
