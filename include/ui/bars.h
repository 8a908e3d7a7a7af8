/*
 * The lines that every screen has (上の2行・案内行・機能キー): who, where, when, how the counter and the copy stand,
 * the message, and what can be done now. Below: the pieces that many screens are made of, so that they look the same.
 */
#ifndef UI_BARS_H
#define UI_BARS_H

#include "ui/ui.h"

void bars_top(const struct ui *, struct canvas *);
void bars_message(const struct ui *, struct canvas *);
/* Keys of the screen and the common ones that the gate lets through now, in the order of the keys. */
void bars_bottom(const struct ui *, struct canvas *, const struct screen *);
/* Columns that the function bar needs with every action of the screen shown (for tests and the manual). */
int bars_need(const struct width_profile *, const struct screen_ops *);

/* Actions that screens have in common: F1, F3, F12. */
const struct action *bars_common(unsigned *ret_n);
/* F1, for screens that do without the others. */
unsigned bars_help(struct screen *);
/* "2分", "3時間", "5日": the age of something, as coarse as a person says it. */
void bars_age(int64_t seconds, struct buf *ret);
/* "令8.7.1 10:42". */
void bars_when(const struct ui *, const char *iso, struct buf *ret);
/* "10:42" on the day itself, "6月30日" before. `iso` as in the answers of the service. */
void bars_clock(const struct ui *, const char *iso, struct buf *ret);
/* Gives each row a member "at_show": its member `key` as bars_when. */
void bars_times(const struct ui *, json_t *rows, const char *key);
/* Names in the member "persons" (strings or objects with "name"), as the text of a column. */
void bars_persons(const json_t *row, struct buf *ret);

/* A line across with a title. */
void bars_section(struct canvas *, int y, int x, int cols, const char *title);
/* Names of tabs in the first row of the rectangle, the one that is open marked, a line below or behind them. Returns
 * the column of the open one: the place of the cursor where the part itself has none. */
int bars_tabs(struct canvas *, struct rect, const char *const *name, int n, int at);
/* Arrows at the right edge: there is more above, below. */
void bars_more(struct canvas *, struct rect, bool above, bool below);
/* Arrows and PgUp, PgDn move what scrolls by lines and pages; the limits are the caller's. False: another key. */
bool bars_scroll(const struct key *, int page, int *scroll);
/* "ok", "soon", "late": how old something is allowed to be. */
enum style bars_level(const char *level);

#endif
