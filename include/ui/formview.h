/*
 * The form on the screen (入力画面): any form of the service becomes sections, labels and inputs in as many columns as
 * fit, with the order of Enter, scrolling, and what is wrong beside each field. There is one of it for every kind.
 */
#ifndef UI_FORMVIEW_H
#define UI_FORMVIEW_H

#include "ui/form.h"

struct form_item;
struct formview {
    struct form *form;      /* borrowed */
    struct form_place at;   /* focus */
    struct form_item *item; /* layout */
    int n_item, rows;       /* rows: height of the whole */
    int scroll;
    int view_h;
};

/* What a key did. */
enum form_event {
    FORM_IGNORED, /* not a key of the form */
    FORM_MOVED,
    FORM_TYPED,   /* a field is being typed into */
    FORM_STORED,  /* a value was stored: time to save the draft */
    FORM_UNFIT,   /* what was typed is no value; the foot of the form says why */
    FORM_REFUSED, /* the character may not stand there; lineedit_trouble of the cell says why */
    FORM_WANTS,   /* candidates are wanted for the field with the focus */
    FORM_ENDED,   /* Enter on the last field */
};

void formview_init(struct formview *, struct form *);
void formview_done(struct formview *);
/* Before drawing: the rectangle decides columns and scrolling. The last three rows are for the help of the field. */
void formview_layout(struct formview *, struct rect);
void formview_draw(const struct formview *, struct canvas *, struct rect, bool focus);

enum form_event formview_key(struct formview *, const struct key *);
/* Leaves the field as Enter does, for the next one that must be filled in (form_next_open). FORM_ENDED: none is left.
 */
enum form_event formview_next_open(struct formview *);
/* Stores what is being typed (before a check, a save, a change of screen). False: it is no value; the field says why.
 */
bool formview_settle(struct formview *);
/* Moves the focus, without storing what was typed before. */
void formview_go(struct formview *, struct form_place);
/* The field with the focus got its value by a choice: go on to the next one. */
enum form_event formview_picked(struct formview *, const char *code, const char *label);
/* First field with an error, then first with a warning. False: none. */
bool formview_go_finding(struct formview *);

#endif
