/*
 * Before and after, side by side (異動前・異動後): the households as they are and as they would be, member by member,
 * and below each item that changes. Fed with the answer of notice.check or notice.get.
 */
#ifndef UI_CHANGEVIEW_H
#define UI_CHANGEVIEW_H

#include "ui/canvas.h"
#include "ui/key.h"
#include <jansson.h>

struct change_line;
struct changeview {
    json_t *doc;
    struct change_line *line;
    int n;
    int scroll, view_h;
    int w;              /* of the last layout */
    int name, relation; /* columns of a member */
};

void changeview_set(struct changeview *, json_t *doc); /* keeps a reference; NULL empties */
void changeview_done(struct changeview *);
void changeview_layout(struct changeview *, struct rect); /* height and width count */
void changeview_draw(const struct changeview *, struct canvas *, struct rect, bool focus);
bool changeview_key(struct changeview *, const struct key *); /* scrolling */

/* "label   before → after" of {label,before,after}, in one row. */
void change_item_draw(struct canvas *, int y, int x, int cols, const json_t *item);

#endif
