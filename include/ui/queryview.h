/*
 * Conditions above, what was found below (条件と一覧): the one way to look something up. The conditions are a small
 * form, the rest is a list; Enter on the last condition runs the query, Tab goes between the two. Without conditions it
 * is only a list.
 */
#ifndef UI_QUERYVIEW_H
#define UI_QUERYVIEW_H

#include "ui/formview.h"
#include "ui/listview.h"
#include "ui/ui.h"

struct query_field {
    const char *key, *label, *type, *help; /* as in the description of a form; key is the parameter */
    int max, cols;
};

struct queryview {
    const struct query_field *field;
    int n_field;
    struct form *form;
    struct formview view;
    struct listview list;
    int form_rows; /* of the last layout */
    bool in_list;
    bool more; /* there is a further page */
};

enum query_event {
    QUERY_IGNORED,
    QUERY_HANDLED,
    QUERY_REFUSED, /* a letter may not stand there; said already */
    QUERY_RUN,     /* Enter on the last condition */
    QUERY_CHOSEN,  /* Enter on a row */
};

void queryview_init(struct queryview *, struct ui *, const struct query_field *, int n, const struct list_col *,
                    int n_col, const char *empty);
void queryview_done(struct queryview *);
void queryview_layout(struct queryview *, struct rect);
void queryview_draw(const struct queryview *, struct canvas *, struct rect);
enum query_event queryview_key(struct queryview *, struct ui *, const struct key *);
/* Conditions that are not blank, flags as true; caller owns. NULL: the condition being typed is no value. */
json_t *queryview_params(struct queryview *);
/* First page, or a further one. Takes the rows; the focus goes to the list when there are any. */
void queryview_found(struct queryview *, json_t *take, bool more, bool further);
/* Begins the input of a character by its code in the condition with the focus. */
void queryview_code(struct queryview *, struct ui *);
void queryview_clear(struct queryview *);
unsigned queryview_facts(const struct queryview *); /* NEED_ROW, NEED_MORE */

#endif
