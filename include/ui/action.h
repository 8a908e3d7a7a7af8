/*
 * What can be done on a screen (機能): one row per action with its key, its name, its sentence of help and what must
 * hold. One gate looks at the row; handlers never check again. Function bar, F1 and the manual are computed from the
 * rows, so there is no second list of keys. Rights shown here only hide what the service would refuse anyway.
 */
#ifndef UI_ACTION_H
#define UI_ACTION_H

#include "ui/key.h"
#include <stdbool.h>

struct screen;

/* What must hold, added. A screen says which of them hold now (screen_ops.facts). */
enum need {
    NEED_ROW = 1 << 0,       /* a row is chosen */
    NEED_FIELD = 1 << 1,     /* the cursor is in a field that takes text */
    NEED_CHOICES = 1 << 2,   /* the field has candidates */
    NEED_ROWS = 1 << 3,      /* the part of the form has repeated rows */
    NEED_CHECKED = 1 << 4,   /* checked since the last change */
    NEED_CLEAN = 1 << 5,     /* no error left */
    NEED_ACKED = 1 << 6,     /* every warning acknowledged */
    NEED_WARNINGS = 1 << 7,  /* there is a warning to acknowledge */
    NEED_ANSWERED = 1 << 8,  /* all points of the checklist answered */
    NEED_PERSON = 1 << 9,    /* a person is shown */
    NEED_MORE = 1 << 10,     /* there is a further page */
    NEED_STATE = 1 << 11,    /* the object is in the state for this; the screen decides */
    NEED_FINDINGS = 1 << 12, /* there are errors or warnings to look at */
    NEED_SUBJECT = 1 << 13,  /* someone is on the list */
    NEED_PAGES = 1 << 14,    /* pages were previewed */
    NEED_RETURNED = 1 << 15, /* the case was given back */
    NEED_MARKED = 1 << 16,   /* something on the list is marked */
    NEED_BITS = 17
};

struct action {
    enum key_code key;
    const char *label;  /* function bar, at most 12 columns; NULL: rare, told by F1 only */
    const char *help;   /* one sentence */
    unsigned need;      /* enum need */
    const char *method; /* service method that is run; NULL: none. Hidden when the operator may not call it */
    unsigned (*run)(struct screen *);
};

/* Japanese reason why not; NULL when all that is needed holds. */
const char *action_refusal(const struct action *, unsigned facts);

#endif
