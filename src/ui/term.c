#include "ui/term.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "tui.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define PROBE_MS 500 /* a terminal that has not answered by then is taken as narrow */

struct term {
    struct term_opt opt;
    struct width_profile profile;
    enum glyph_set glyphs;
    struct termios before;
    FILE *file;
    SCREEN *curses;
    struct painter *painter;
    struct keydec *keys;
    struct buf early; /* typed while the terminal was being asked */
    unsigned long frame;
};

/* For the restore hook, which takes no argument. */
static struct term *running;

static void say(const struct term *t, const char *s)
{
    struct errinfo ignored;
    if (fs_write_all(t->opt.out, span_of(s), &ignored) != OK)
        return; /* the window is gone; reading will tell */
}

static void give_back(struct term *t)
{
    if (t->curses) {
        say(t, "\033[?2004l");
        curs_set(1);
        endwin();
    }
    tcsetattr(t->opt.in, TCSAFLUSH, &t->before);
}

static void restore_on_die(void)
{
    if (running)
        give_back(running);
    running = NULL;
}

static enum err need_utf8(struct errinfo *reterr)
{
    if (setlocale(LC_ALL, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return OK;
    if (setlocale(LC_ALL, "C.UTF-8") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return OK;
    return err_set(reterr, E_INVALID, "S600", NULL, "no UTF-8 locale");
}

/* Looks for "ESC [ row ; column R" and takes it out of b. */
static bool take_position(struct buf *b, int *ret_col)
{
    for (size_t i = 0; i + 2 < b->len; i++) {
        int row, col, n = 0;
        if (sscanf(b->p + i, "\033[%d;%d%n", &row, &col, &n) != 2 || n == 0 || b->p[i + (size_t)n] != 'R')
            continue;
        size_t end = i + (size_t)n + 1;
        memmove(b->p + i, b->p + end, b->len - end + 1);
        b->len -= end - i;
        *ret_col = col;
        return true;
    }
    return false;
}

/* Draws `text` at the left edge, asks where the cursor is, wipes it. Columns, or 0 when there is no answer. */
static int probe(struct term *t, const char *text)
{
    struct clock clock = clock_system();
    int64_t end = clock.mono_ms(clock.self) + PROBE_MS;
    int col;
    say(t, "\r");
    say(t, text);
    say(t, "\033[6n");
    for (;;) {
        int64_t left = end - clock.mono_ms(clock.self);
        struct pollfd p = { .fd = t->opt.in, .events = POLLIN };
        char bytes[256];
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            break;
        ssize_t n = read(t->opt.in, bytes, sizeof bytes);
        if (n <= 0)
            break;
        buf_add(&t->early, bytes, (size_t)n);
        if (take_position(&t->early, &col)) {
            say(t, "\r\033[K");
            return col - 1;
        }
    }
    say(t, "\r\033[K");
    return 0;
}

static void raw_input(const struct term *t)
{
    struct termios raw = t->before;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 0;
    tcsetattr(t->opt.in, TCSANOW, &raw);
}

static void measure(struct term *t)
{
    t->profile.ambiguous = t->opt.ambiguous ? t->opt.ambiguous : probe(t, "\xE2\x97\x8B"); /* ○ */
    if (t->profile.ambiguous != 2) {
        t->profile.ambiguous = 1;
        t->glyphs = GLYPHS_UNICODE;
        return;
    }
    bool line_set = !t->opt.ambiguous && probe(t, "\033(0q\033(B") == 1;
    t->glyphs = line_set ? GLYPHS_ACS : GLYPHS_ASCII;
    if (line_set)
        setenv("NCURSES_NO_UTF8_ACS", "1", 1);
}

static enum err start_curses(struct term *t, struct errinfo *reterr)
{
    int fd = fcntl(t->opt.out, F_DUPFD_CLOEXEC, 0);
    t->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!t->file) {
        if (fd >= 0)
            close(fd);
        return err_sys(reterr, errno, NULL, "terminal");
    }
    t->curses = newterm(NULL, t->file, stdin);
    if (!t->curses)
        return err_set(reterr, E_INVALID, "S602", NULL, "terminal type not known");
    raw();
    noecho();
    nonl();
    raw_input(t);
    t->painter = painter_new();
    painter_profile(&t->profile);
    key_from_terminfo(t->keys);
    return OK;
}

enum err term_start(const struct term_opt *opt, struct term **ret, struct errinfo *reterr)
{
    MUST(!running);
    TRY(need_utf8(reterr));
    if (!isatty(opt->in) || !isatty(opt->out))
        return err_set(reterr, E_INVALID, "S601", NULL, "not a terminal");
    struct term *t = xcalloc(1, sizeof *t);
    t->opt = *opt;
    if (tcgetattr(opt->in, &t->before) != 0) {
        free(t);
        return err_sys(reterr, errno, NULL, "tcgetattr");
    }
    t->keys = keydec_new();
    running = t;
    mem_on_die(restore_on_die);
    raw_input(t);
    measure(t);
    enum err e = start_curses(t, reterr);
    if (e != OK) {
        term_stop(t);
        return e;
    }
    say(t, "\033[?2004h");
    *ret = t;
    return OK;
}

void term_stop(struct term *t)
{
    if (!t)
        return;
    give_back(t);
    running = NULL;
    mem_on_die(NULL);
    if (t->curses)
        delscreen(t->curses);
    if (t->file)
        fclose(t->file);
    painter_free(t->painter);
    keydec_free(t->keys);
    buf_done(&t->early);
    free(t);
}

const struct width_profile *term_profile(const struct term *t)
{
    return &t->profile;
}

enum glyph_set term_glyphs(const struct term *t)
{
    return t->glyphs;
}

void term_size(struct term *t, int *ret_rows, int *ret_cols)
{
    struct winsize ws = { .ws_row = 24, .ws_col = 80 };
    if (ioctl(t->opt.out, TIOCGWINSZ, &ws) != 0 || ws.ws_row == 0 || ws.ws_col == 0)
        ws = (struct winsize){ .ws_row = 24, .ws_col = 80 };
    *ret_rows = ws.ws_row;
    *ret_cols = ws.ws_col;
    if (ws.ws_row != LINES || ws.ws_col != COLS) {
        resizeterm(ws.ws_row, ws.ws_col);
        painter_forget(t->painter);
    }
}

bool term_read(struct term *t, void (*cb)(void *arg, const struct key *), void *arg)
{
    char bytes[4096];
    if (t->early.len) {
        keydec_feed(t->keys, buf_span(&t->early), cb, arg);
        buf_done(&t->early);
    }
    ssize_t n = read(t->opt.in, bytes, sizeof bytes);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0) {
        /* With VMIN 0 nothing to read also gives 0; a closed window shows as hang-up. */
        struct pollfd p = { .fd = t->opt.in };
        return poll(&p, 1, 0) >= 0 && !(p.revents & (POLLHUP | POLLERR));
    }
    keydec_feed(t->keys, (struct span){ bytes, (size_t)n }, cb, arg);
    wipe(bytes, (size_t)n);
    return true;
}

bool term_waiting(const struct term *t)
{
    return keydec_waiting(t->keys) || t->early.len > 0;
}

void term_flush_keys(struct term *t, void (*cb)(void *arg, const struct key *), void *arg)
{
    if (t->early.len) {
        keydec_feed(t->keys, buf_span(&t->early), cb, arg);
        buf_done(&t->early);
    }
    keydec_flush(t->keys, cb, arg);
}

void term_show(struct term *t, const struct canvas *cv, const char *screen)
{
    painter_paint(t->painter, cv);
    wnoutrefresh(stdscr);
    doupdate();
    t->frame++;
    if (!t->opt.mark || !screen)
        return;
    fprintf(t->file, "\033]2;%s#%lu:%llu:%dx%d\a", screen, t->frame, (unsigned long long)keydec_consumed(t->keys),
            canvas_cols(cv), canvas_rows(cv));
    fflush(t->file);
}

void term_redraw(struct term *t)
{
    painter_forget(t->painter);
    clearok(curscr, TRUE);
}

void term_beep(struct term *t)
{
    say(t, "\a");
}
