#include "ui/chart.h"
#include "ui/bars.h"

#define EIGHTHS 8

void chart_bar(struct canvas *cv, int y, int x, int cols, enum style style, int64_t value, int64_t most)
{
    if (most <= 0 || value <= 0 || cols <= 0)
        return;
    int64_t halves = value * cols * 2 / most;
    halves = halves < 1 ? 1 : halves > cols * 2 ? cols * 2 : halves;
    for (int i = 0; i < halves / 2; i++)
        canvas_glyph(cv, y, x + i, style, GLYPH_BLOCK);
    if (halves % 2)
        canvas_glyph(cv, y, x + (int)(halves / 2), style, GLYPH_HALF);
}

void chart_history(struct canvas *cv, int y, int x, int cols, enum style style, const int64_t *value, size_t n,
                   int64_t most)
{
    size_t from = n > (size_t)cols ? n - (size_t)cols : 0;
    for (size_t i = from; i < n; i++, x++) {
        if (value[i] < 0 || most <= 0) {
            canvas_text(cv, y, x, 1, STYLE_HINT, "x");
            continue;
        }
        int64_t level = (value[i] * EIGHTHS + most - 1) / most;
        level = level < 1 ? 1 : level > EIGHTHS ? EIGHTHS : level;
        canvas_glyph(cv, y, x, style, (enum glyph)(GLYPH_LEVEL1 + level - 1));
    }
}

void chart_number(int64_t n, struct buf *ret)
{
    if (n < 0) {
        buf_addc(ret, '-');
        n = -n;
    }
    if (n < 1000) {
        buf_printf(ret, "%lld", (long long)n);
        return;
    }
    chart_number(n / 1000, ret);
    buf_printf(ret, ",%03lld", (long long)(n % 1000));
}

#define TEXT_COLS 52 /* room for the words behind the bar */

void chart_progress(struct canvas *cv, int y, int x, int cols, const struct progress *p)
{
    struct buf b = BUF_INIT;
    int64_t total = p->total > 0 ? p->total : 1;
    int bar = cols - TEXT_COLS > 10 ? cols - TEXT_COLS : 10;
    for (int i = 0; i < bar; i++)
        canvas_text(cv, y, x + i, 1, STYLE_HINT, ".");
    chart_bar(cv, y, x, bar, STYLE_BAR_A, p->done, total);
    buf_printf(&b, " %3lld%%  ", (long long)(p->done * 100 / total));
    chart_number(p->done, &b);
    buf_addc(&b, '/');
    chart_number(p->total, &b);
    buf_adds(&b, p->unit);
    if (p->rate > 0) {
        buf_adds(&b, "  毎秒");
        chart_number(p->rate, &b);
        buf_adds(&b, p->unit);
    }
    if (p->remaining_s >= 0 && p->done < p->total) {
        buf_adds(&b, "  残り");
        bars_age(p->remaining_s, &b);
    }
    canvas_text(cv, y, x + bar, cols - bar, STYLE_NORMAL, buf_str(&b));
    buf_done(&b);
}
