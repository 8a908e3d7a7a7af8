/*
 * Pictures of numbers in cells (棒・折れ線・進み): bars, small histories, progress with rate and remaining time. The
 * number itself always stands beside the picture.
 */
#ifndef UI_CHART_H
#define UI_CHART_H

#include "ui/canvas.h"

/* A bar of value/most of `cols` columns; a value above 0 shows at least a half cell. */
void chart_bar(struct canvas *, int y, int x, int cols, enum style, int64_t value, int64_t most);
/* The last `cols` values as heights 0 … most; a negative value (no answer) is drawn as "x". */
void chart_history(struct canvas *, int y, int x, int cols, enum style, const int64_t *value, size_t n, int64_t most);

struct progress {
    int64_t done, total, rate, remaining_s; /* rate: per second; remaining_s < 0: not known */
    const char *unit;                       /* 件, 人 */
};
/* "███▌   45%  12,000/26,000件  毎秒350件  残り40秒" in one row. */
void chart_progress(struct canvas *, int y, int x, int cols, const struct progress *);
/* 26000 → "26,000". */
void chart_number(int64_t, struct buf *ret);

#endif
