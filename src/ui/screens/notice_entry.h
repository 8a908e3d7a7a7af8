/* The notice being entered: shared by the form (scr_notice.c) and its check (scr_check.c). Inside the layer ui. */
#ifndef UI_NOTICE_ENTRY_H
#define UI_NOTICE_ENTRY_H

#include "ui/formview.h"
#include "ui/screens.h"

struct entry {
    char *kind, *title;
    char *draft, *saved; /* id of the draft, and the words for when it was saved */
    struct form *form;
    struct formview view;
    json_t *checked; /* answer of the last notice.check; NULL after a change */
    json_t *acks;    /* numbers of the warnings that were acknowledged */
    char *again;     /* number of a case that was given back and is entered again, or NULL */
    char *book;      /* line in the book of the stop that is typed in, or NULL */
    char *no;        /* number of the case: the notice was entered */
    char *reason;    /* for looking at somebody protected, or NULL */
    bool go;         /* on coming back, go to this field */
    struct form_place to;
};

/* Params of notice.candidates for a field. Caller owns. */
json_t *entry_question(const struct entry *, struct form_place, const char *text);

/* 仮登録. True: it has its number (entry.no); false: refused, and said why. */
bool entry_register(struct screen *, struct entry *);

extern const struct screen_ops scr_check; /* struct entry: 事前確認 */

#endif
