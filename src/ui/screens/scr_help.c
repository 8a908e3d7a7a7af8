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
        if (a[i].label && a[i].help)
            buf_printf(b, "  %-4s %s。\n", keycode_name(a[i].key), a[i].help);
}

static bool help_open(struct screen *s, const void *arg)
{
    struct help *h = s->priv;
    const struct screen_ops *of = s->below ? s->below->ops : NULL;
    unsigned n;
    size_t i;
    json_t *line;
    json_t *page = ui_ask(s->ui, "manual.page", json_pack("{s:s}", "screen", (const char *)arg));
    h->title = xstrdup(page && *js(page, "title") ? js(page, "title") : of && of->title ? of->title : "説明");
    json_array_foreach (ja(page, "lines"), i, line)
        if (json_is_string(line))
            buf_printf(&h->text, "%s\n", json_string_value(line));
    json_decref(page);
    buf_adds(&h->text, h->text.len ? "\nキー\n" : "キー\n");
    if (of)
        add_actions(&h->text, of->actions, of->n_actions);
    const struct action *common = bars_common(&n);
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

static void help_layout(struct screen *s, struct rect body)
{
    struct help *h = s->priv;
    struct rect in = { 0, 0, 0, body.w - 4 };
    h->view_h = body.h - 2;
    h->rows = canvas_wrap(NULL, &WIDTH_NARROW, in, STYLE_NORMAL, buf_str(&h->text));
    int most = h->rows > h->view_h ? h->rows - h->view_h : 0;
    h->scroll = h->scroll > most ? most : h->scroll < 0 ? 0 : h->scroll;
}

static void help_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct help *h = s->priv;
    struct rect in = canvas_box(cv, body, STYLE_FRAME, h->title);
    struct canvas *page = canvas_new(h->rows > 0 ? h->rows : 1, in.w - 2, canvas_profile(cv), canvas_glyphs(cv));
    canvas_wrap(page, canvas_profile(cv), canvas_all(page), STYLE_NORMAL, buf_str(&h->text));
    for (int y = 0; y < in.h && y + h->scroll < h->rows; y++) {
        struct buf row = BUF_INIT;
        canvas_row_text(page, y + h->scroll, &row);
        canvas_text(cv, in.y + y, in.x + 1, in.w - 2, STYLE_NORMAL, buf_str(&row));
        buf_done(&row);
    }
    canvas_free(page);
    if (h->scroll > 0)
        canvas_glyph(cv, in.y, in.x + in.w - 1, STYLE_STRONG, GLYPH_UP);
    if (h->scroll + in.h < h->rows)
        canvas_glyph(cv, in.y + in.h - 1, in.x + in.w - 1, STYLE_STRONG, GLYPH_DOWN);
    canvas_cursor(cv, in.y, in.x);
}

static unsigned help_key(struct screen *s, const struct key *k)
{
    struct help *h = s->priv;
    switch ((int)k->code) {
    case K_UP:
        h->scroll--;
        return R_HANDLED;
    case K_DOWN:
        h->scroll++;
        return R_HANDLED;
    case K_PGUP:
        h->scroll -= h->view_h;
        return R_HANDLED;
    case K_PGDN:
        h->scroll += h->view_h;
        return R_HANDLED;
    case K_ENTER:
    case K_ESC:
        return R_CLOSE;
    default:
        return R_NONE;
    }
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
