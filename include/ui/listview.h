/*
 * A list of rows as the service gave them (一覧): columns by key, paging, one chosen row. Columns are as wide as what
 * stands in them, at first at most their usual width; what room is left goes to those that would cut something. What
 * does not fit on a narrow screen is left out from the right, with a mark.
 */
#ifndef UI_LISTVIEW_H
#define UI_LISTVIEW_H

#include "ui/canvas.h"
#include "ui/key.h"
#include <jansson.h>

struct list_col {
    const char *key; /* member of the row */
    const char *title;
    int width; /* usual columns */
    int grow;  /* share of the room left when it cuts something; 0: only when nobody else wants it */
    bool right;
    /* Text of the cell; NULL: the member as it is (strings, integers; true is "*"). */
    void (*text)(const json_t *row, struct buf *ret);
};

struct listview {
    const struct list_col *col;
    size_t n_col;
    json_t *rows; /* array */
    size_t sel;
    const char *empty;                      /* shown when there is no row */
    enum style (*style)(const json_t *row); /* NULL: normal */
    int page;                               /* rows of the last layout */
    bool foot;                              /* a further line says which rows these are */
};

void listview_init(struct listview *, const struct list_col *, size_t n, const char *empty);
void listview_done(struct listview *);
/* Takes an array (NULL: none). The choice stays where it was, as far as there are rows. */
void listview_set(struct listview *, json_t *take);
size_t listview_count(const struct listview *);
json_t *listview_row(const struct listview *); /* chosen row, borrowed; NULL when empty */
/* Arrows, Home, End, PgUp, PgDn; digits jump to the row of that number on the page. False: not a key of a list. */
bool listview_key(struct listview *, const struct key *);
void listview_layout(struct listview *, struct rect); /* before drawing: how many rows are a page */
/* Column heads in the first row. With focus the chosen row is marked and the cursor stands on it. */
void listview_draw(const struct listview *, struct canvas *, struct rect, bool focus);

#endif
