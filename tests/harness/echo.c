/* A program for testing terminal, keys and canvas: one line of input, the size, the last key. F10 ends it, F9 dies. */
#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "ui/lineedit.h"
#include "ui/term.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct echo {
    struct loop *loop;
    struct term *term;
    struct canvas *cv;
    struct lineedit line;
    struct buf last;
    int esc_timer;
    bool dirty;
};

static void draw(void *arg)
{
    struct echo *e = arg;
    if (!e->dirty)
        return;
    e->dirty = false;
    canvas_clear(e->cv);
    canvas_padded(e->cv, 0, 0, canvas_cols(e->cv), STYLE_TITLE, "端末の試験 ○ 葛\xF3\xA0\x84\x80城");
    canvas_box(e->cv, (struct rect){ 1, 0, 3, 30 }, STYLE_FRAME, "入力");
    lineedit_draw(&e->line, e->cv, 2, 2, 20, true);
    canvas_printf(e->cv, 4, 0, 40, STYLE_NORMAL, "size %dx%d", canvas_cols(e->cv), canvas_rows(e->cv));
    canvas_printf(e->cv, 5, 0, 60, STYLE_STRONG, "last %s", buf_str(&e->last));
    canvas_text(e->cv, 6, 0, 60, STYLE_ERROR, lineedit_trouble(&e->line));
    canvas_right(e->cv, canvas_rows(e->cv) - 1, 0, canvas_cols(e->cv), STYLE_ACTION, "右下");
    term_show(e->term, e->cv, "echo");
}

static void on_key(void *arg, const struct key *k)
{
    struct echo *e = arg;
    e->dirty = true;
    if (k->code == K_F9)
        BUG("asked to die");
    if (k->code == K_F10)
        loop_stop(e->loop, 0);
    lineedit_key(&e->line, k);
    buf_clear(&e->last);
    buf_adds(&e->last, keycode_name(k->code));
    if (k->code == K_CHAR)
        buf_printf(&e->last, "U+%04X", k->cp);
    else if (k->code == K_CTRL)
        buf_printf(&e->last, "Ctrl-%c", (char)k->cp);
}

static void on_esc(void *arg)
{
    struct echo *e = arg;
    e->esc_timer = 0;
    term_flush_keys(e->term, on_key, e);
}

static void on_input(void *arg, short revents)
{
    struct echo *e = arg;
    (void)revents;
    if (!term_read(e->term, on_key, e))
        loop_stop(e->loop, 1);
    if (e->esc_timer)
        loop_timer_del(e->loop, e->esc_timer);
    e->esc_timer = term_waiting(e->term) ? loop_timer(e->loop, KEY_ESC_MS, on_esc, e) : 0;
}

static void on_resize(void *arg)
{
    struct echo *e = arg;
    int rows, cols;
    term_size(e->term, &rows, &cols);
    canvas_resize(e->cv, rows, cols);
    e->dirty = true;
}

static void on_hangup(void *arg)
{
    struct echo *e = arg;
    loop_stop(e->loop, 1);
}

int main(void)
{
    struct echo e = { .dirty = true };
    struct errinfo err;
    const char *ambiguous = getenv("MADOGUCHI_AMBIGUOUS");
    struct term_opt opt = { .in = 0, .out = 1, .ambiguous = ambiguous ? atoi(ambiguous) : 0, .mark = true };
    e.loop = loop_new();
    if (loop_signal(e.loop, SIGWINCH, on_resize, &e, &err) != OK ||
        loop_signal(e.loop, SIGHUP, on_hangup, &e, &err) != OK)
        return 2;
    if (term_start(&opt, &e.term, &err) != OK) {
        fprintf(stderr, "%s %s\n", err.msg, err.detail);
        return 3;
    }
    e.cv = canvas_new(1, 1, term_profile(e.term), term_glyphs(e.term));
    lineedit_init(&e.line, EDIT_TEXT, 30);
    on_resize(&e);
    loop_fd(e.loop, 0, POLLIN, on_input, &e);
    loop_after(e.loop, draw, &e);
    e.esc_timer = loop_timer(e.loop, 0, on_esc, &e); /* what was typed while the terminal was asked; the first frame */
    int rc = loop_run(e.loop);
    loop_fd_del(e.loop, 0);
    term_stop(e.term);
    canvas_free(e.cv);
    lineedit_done(&e.line);
    buf_done(&e.last);
    loop_free(e.loop);
    return rc;
}
