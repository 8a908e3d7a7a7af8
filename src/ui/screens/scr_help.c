/* F1: what this screen is for, from the manual, and its keys, from the actions of the screen itself. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

struct help {
    struct buf text;
    char *title;
    int scroll, rows;
    int view_h;
};

static void add_actions(struct buf *b, const struct action *a, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (a[i].help)
            buf_printf(b, "  %-4s %s。\n", keycode_name(a[i].key), a[i].help);
}

/* A page of the manual, when there is one; the first gives the title. */
static void add_page(struct screen *s, const char *id, const char *tag)
{
    struct help *h = s->priv;
    size_t i;
    json_t *line;
    char *screen = xprintf("%s%s", id, tag);
    json_t *page = ui_ask(s->ui, "manual.page", json_pack("{s:s}", "screen", screen));
    free(screen);
    if (page && h->text.len)
        buf_adds(&h->text, "\n");
    if (page && !h->title && *js(page, "title"))
        h->title = xstrdup(js(page, "title"));
    json_array_foreach (ja(page, "lines"), i, line)
        if (json_is_string(line))
            buf_printf(&h->text, "%s\n", json_string_value(line));
    json_decref(page);
}

/* What the screen shows now (a kind of notice), then what the screen is for, then its keys. */
static bool help_open(struct screen *s, const void *arg)
{
    struct help *h = s->priv;
    const struct screen_ops *of = s->below ? s->below->ops : NULL;
    unsigned n;
    if (s->below && *s->below->tag)
        add_page(s, arg, s->below->tag);
    add_page(s, arg, "");
    if (!h->title)
        h->title = xstrdup(of && of->title ? of->title : "説明");
    buf_adds(&h->text, h->text.len ? "\nキー\n" : "キー\n");
    if (of)
        add_actions(&h->text, of->actions, of->n_actions);
    const struct action *common = bars_common(&n);
    if (!of || !(of->flags & SCREEN_QUIET))
        add_actions(&h->text, common, n);
    buf_adds(&h->text, "  Alt+数字でも同じ働きをします(Alt+1=F1 … Alt+0=F10、Alt+-=F11、Alt+==F12)。\n");
    return true;
}

static void help_free(struct screen *s)
{
    struct help *h = s->priv;
    buf_done(&h->text);
    free(h->title);
}

/* Columns by which a line goes in when it needs further rows: behind the mark of an item, behind the name of a key. */
static int hanging(struct span line)
{
    static const struct {
        const char *begin;
        int cols;
    } rows[] = { { "・", 2 }, { "  F", 7 }, { "  ", 2 } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (line.n > strlen(rows[i].begin) && memcmp(line.p, rows[i].begin, strlen(rows[i].begin)) == 0)
            return rows[i].cols;
    return 0;
}

/* One line of the text from row y on; returns the rows it takes. */
static int draw_line(struct canvas *cv, const struct width_profile *wp, int y, int cols, struct span line)
{
    int used, indent = hanging(line);
    size_t n = width_fit(wp, line, cols, &used);
    if (cv)
        canvas_span(cv, y, 0, cols, STYLE_NORMAL, (struct span){ line.p, n });
    if (n == line.n)
        return 1;
    char *rest = xstrndup(line.p + n, line.n - n);
    struct rect r = { y + 1, indent, cv ? canvas_rows(cv) - y - 1 : 0, cols - indent };
    int rows = 1 + canvas_wrap(cv, wp, r, STYLE_NORMAL, rest);
    free(rest);
    return rows;
}

/* The whole text; NULL canvas: only counts the rows. */
static int draw_text(struct canvas *cv, const struct width_profile *wp, int cols, const char *text)
{
    int y = 0;
    while (*text) {
        size_t n = strcspn(text, "\n");
        y += draw_line(cv, wp, y, cols, (struct span){ text, n });
        text += n + (text[n] == '\n');
    }
    return y;
}

static void help_layout(struct screen *s, struct rect body)
{
    struct help *h = s->priv;
    h->view_h = body.h - 2;
    h->rows = draw_text(NULL, &WIDTH_NARROW, body.w - 4, buf_str(&h->text));
    int most = h->rows > h->view_h ? h->rows - h->view_h : 0;
    h->scroll = h->scroll > most ? most : h->scroll < 0 ? 0 : h->scroll;
}

static void help_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct help *h = s->priv;
    struct rect in = canvas_box(cv, body, STYLE_FRAME, h->title);
    struct canvas *page = canvas_new(h->rows > 0 ? h->rows : 1, in.w - 2, canvas_profile(cv), canvas_glyphs(cv));
    draw_text(page, canvas_profile(cv), in.w - 2, buf_str(&h->text));
    for (int y = 0; y < in.h && y + h->scroll < h->rows; y++) {
        struct buf row = BUF_INIT;
        canvas_row_text(page, y + h->scroll, &row);
        canvas_text(cv, in.y + y, in.x + 1, in.w - 2, STYLE_NORMAL, buf_str(&row));
        buf_done(&row);
    }
    canvas_free(page);
    bars_more(cv, in, h->scroll > 0, h->scroll + in.h < h->rows);
    canvas_cursor(cv, in.y, in.x);
}

static unsigned help_key(struct screen *s, const struct key *k)
{
    struct help *h = s->priv;
    if (k->code == K_ENTER || k->code == K_ESC)
        return R_CLOSE;
    return bars_scroll(k, h->view_h, &h->scroll) ? R_HANDLED : R_NONE;
}

static unsigned help_close(struct screen *s)
{
    (void)s;
    return R_CLOSE;
}

static const struct action help_actions[] = {
    { .key = K_F3, .label = "戻る", .help = "説明を閉じる", .run = help_close },
};

const struct screen_ops scr_help = {
    .id = "help",
    .title = "説明",
    .flags = SCREEN_QUIET,
    .priv_size = sizeof(struct help),
    .open = help_open,
    .layout = help_layout,
    .draw = help_draw,
    .key = help_key,
    .free = help_free,
    SCREEN_ACTIONS(help_actions),
};
