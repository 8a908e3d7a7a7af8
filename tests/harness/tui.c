#include "tui.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define MARKS_KEPT 5
#define MASKS_MAX  8

struct mark {
    char screen[64];
    unsigned long frame;
    unsigned long long bytes;
    int rows, cols;
};

struct tui {
    struct tui_opt opt;
    char home[64];
    int fd;
    pid_t pid;
    bool ended;
    int status;
    VTerm *vt;
    VTermScreen *screen;
    int rows, cols;
    bool counting; /* bytes going out are keys, not answers of the terminal */
    unsigned long long sent;
    bool alternate, cursor;
    struct mark mark[MARKS_KEPT]; /* newest first */
    struct {
        const char *words;
        int cols;
    } mask[MASKS_MAX];
    size_t masks;
    struct buf raw;
};

static const struct {
    enum key_code code;
    VTermKey key;
} keys[] = {
    { K_ENTER, VTERM_KEY_ENTER },   { K_TAB, VTERM_KEY_TAB },
    { K_ESC, VTERM_KEY_ESCAPE },    { K_UP, VTERM_KEY_UP },
    { K_DOWN, VTERM_KEY_DOWN },     { K_LEFT, VTERM_KEY_LEFT },
    { K_RIGHT, VTERM_KEY_RIGHT },   { K_HOME, VTERM_KEY_HOME },
    { K_END, VTERM_KEY_END },       { K_PGUP, VTERM_KEY_PAGEUP },
    { K_PGDN, VTERM_KEY_PAGEDOWN }, { K_INSERT, VTERM_KEY_INS },
    { K_DELETE, VTERM_KEY_DEL },    { K_BACKSPACE, VTERM_KEY_BACKSPACE },
};

/* Screen as text. */

static size_t cell_text(struct tui *t, int row, int col, char *ret, int *ret_width)
{
    VTermScreenCell c;
    VTermPos pos = { .row = row, .col = col };
    vterm_screen_get_cell(t->screen, pos, &c);
    *ret_width = c.chars[0] == (uint32_t)-1 ? 0 : c.width;
    if (*ret_width == 0)
        return 0;
    if (!c.chars[0]) {
        ret[0] = ' ';
        return 1;
    }
    size_t n = 0;
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && c.chars[i]; i++)
        n += utf8_put(ret + n, c.chars[i]);
    return n;
}

static void row_text(struct tui *t, int row, int from, struct buf *ret)
{
    char text[4 * VTERM_MAX_CHARS_PER_CELL];
    size_t keep = ret->len;
    for (int col = from; col < t->cols; col++) {
        int width;
        size_t n = cell_text(t, row, col, text, &width);
        buf_add(ret, text, n);
        if (n && text[0] != ' ')
            keep = ret->len;
    }
    if (ret->p)
        ret->p[ret->len = keep] = '\0';
}

void tui_row(struct tui *t, int row, char *ret, size_t size)
{
    struct buf b = BUF_INIT;
    row_text(t, row, 0, &b);
    snprintf(ret, size, "%s", buf_str(&b));
    buf_done(&b);
}

/* Failure. */

static void print_screen(struct tui *t, struct buf *b)
{
    for (int tens = 0; tens < (t->cols + 9) / 10; tens++)
        buf_printf(b, "%s%-10d", tens ? "" : "   |", tens * 10);
    buf_adds(b, "\n");
    for (int y = 0; y < t->rows; y++) {
        buf_printf(b, "%3d|", y);
        row_text(t, y, 0, b);
        buf_adds(b, "\n");
    }
    VTermPos pos;
    vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &pos);
    buf_printf(b, "cursor %d,%d%s; sent %llu bytes; marks:", pos.row, pos.col, t->cursor ? "" : " (hidden)", t->sent);
    for (int i = 0; i < MARKS_KEPT && t->mark[i].frame; i++)
        buf_printf(b, " %s#%lu:%llu:%dx%d", t->mark[i].screen, t->mark[i].frame, t->mark[i].bytes, t->mark[i].cols,
                   t->mark[i].rows);
    buf_adds(b, "\n");
}

/* The bytes of the program, so that `cat` shows what happened. */
static void keep_raw(struct tui *t)
{
    const char *dir = getenv("TUI_LOG_DIR");
    struct errinfo e;
    if (!dir)
        return;
    char *path = xprintf("%s/tui-%ld.bytes", dir, (long)t->pid);
    if (fs_write_atomic(path, 0600, buf_span(&t->raw), &e) == OK)
        fprintf(stderr, "bytes of the program: %s\n", path);
    free(path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void stop_child(struct tui *t, int signo)
{
    if (!t->ended) {
        kill(t->pid, signo);
        waitpid(t->pid, &t->status, 0);
    }
    t->ended = true;
}

static void release(struct tui *t)
{
    stop_child(t, SIGKILL);
    close(t->fd);
    vterm_free(t->vt);
    nftw(t->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    buf_done(&t->raw);
    free(t);
}

static void __attribute__((noreturn, format(printf, 2, 3))) fail(struct tui *t, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    buf_adds(&b, "\n");
    print_screen(t, &b);
    keep_raw(t);
    fprintf(stderr, "%s", buf_str(&b));
    void (*cb)(const char *) = t->opt.fail;
    release(t);
    if (cb)
        cb("screen is not as expected (see above)");
    exit(1);
}

/* Terminal. */

static void terminal_says(const char *s, size_t n, void *arg)
{
    struct tui *t = arg;
    struct errinfo e;
    if (t->counting)
        t->sent += n;
    if (fs_write_all(t->fd, (struct span){ s, n }, &e) != OK)
        t->ended = t->ended || waitpid(t->pid, &t->status, WNOHANG) == t->pid;
}

static void take_mark(struct tui *t, const char *title)
{
    struct mark m = { .frame = 0 };
    const char *hash = strrchr(title, '#');
    if (!hash || sscanf(hash, "#%lu:%llu:%dx%d", &m.frame, &m.bytes, &m.cols, &m.rows) != 4)
        return;
    snprintf(m.screen, sizeof m.screen, "%.*s", (int)(hash - title), title);
    memmove(t->mark + 1, t->mark, sizeof *t->mark * (MARKS_KEPT - 1));
    t->mark[0] = m;
}

static int property(VTermProp prop, VTermValue *v, void *arg)
{
    struct tui *t = arg;
    if (prop == VTERM_PROP_TITLE)
        take_mark(t, v->string);
    else if (prop == VTERM_PROP_ALTSCREEN)
        t->alternate = v->boolean;
    else if (prop == VTERM_PROP_CURSORVISIBLE)
        t->cursor = v->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = property };

/* Reads once. False when the program has closed the terminal. */
static bool pump(struct tui *t, int ms)
{
    char bytes[8192];
    struct pollfd p = { .fd = t->fd, .events = POLLIN };
    if (poll(&p, 1, ms) <= 0)
        return true;
    ssize_t n = read(t->fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n <= 0)
        return false;
    buf_add(&t->raw, bytes, (size_t)n);
    vterm_input_write(t->vt, bytes, (size_t)n);
    return true;
}

static int64_t now_ms(void)
{
    struct clock c = clock_system();
    return c.mono_ms(c.self);
}

static int64_t deadline(void)
{
    const char *ms = getenv("TUI_TIMEOUT_MS");
    return now_ms() + (ms ? strtol(ms, NULL, 10) : 5000);
}

/* Waits until `done` holds; false after the time-out or the end of the program. */
static bool wait_for(struct tui *t, bool (*done)(struct tui *, const void *), const void *arg)
{
    int64_t end = deadline();
    while (!done(t, arg)) {
        int64_t left = end - now_ms();
        if (left <= 0 || !pump(t, (int)left))
            return done(t, arg);
    }
    return true;
}

static void child(const struct tui *t)
{
    char *home = xprintf("HOME=%s", t->home), *tmp = xprintf("TMPDIR=%s", t->home);
    char *term = xprintf("TERM=%s", t->opt.term ? t->opt.term : "xterm-256color");
    char *lang = xprintf("LC_ALL=%s", t->opt.lang ? t->opt.lang : "C.UTF-8");
    const char *env[64] = { home, tmp, term, lang, "PATH=/usr/bin:/bin", "TZ=Asia/Tokyo", "MADOGUCHI_FRAME_MARK=1" };
    size_t n = 7;
    for (size_t i = 0; t->opt.env && t->opt.env[i] && n + 1 < ARRAY_LEN(env); i++)
        env[n++] = t->opt.env[i];
    if (chdir(t->opt.cwd ? t->opt.cwd : t->home) != 0)
        _exit(126);
    execve(t->opt.argv[0], (char *const *)t->opt.argv, (char *const *)env);
    _exit(127);
}

struct tui *tui_start(const struct tui_opt *opt)
{
    struct tui *t = xcalloc(1, sizeof *t);
    t->opt = *opt;
    t->rows = opt->rows ? opt->rows : 24;
    t->cols = opt->cols ? opt->cols : 80;
    t->cursor = true;
    snprintf(t->home, sizeof t->home, "/tmp/tui.XXXXXX");
    MUST(mkdtemp(t->home));
    t->vt = vterm_new(t->rows, t->cols);
    vterm_set_utf8(t->vt, 1);
    vterm_output_set_callback(t->vt, terminal_says, t);
    t->screen = vterm_obtain_screen(t->vt);
    vterm_screen_set_callbacks(t->screen, &callbacks, t);
    vterm_screen_enable_altscreen(t->screen, 1);
    vterm_screen_reset(t->screen, 1);
    struct winsize ws = { .ws_row = (unsigned short)t->rows, .ws_col = (unsigned short)t->cols };
    t->pid = forkpty(&t->fd, NULL, NULL, &ws);
    if (t->pid < 0) {
        fprintf(stderr, "no pseudo-terminal on this machine\n");
        exit(77);
    }
    if (t->pid == 0)
        child(t);
    return t;
}

const char *tui_home(const struct tui *t)
{
    return t->home;
}

/* Keys. */

void tui_bytes(struct tui *t, const char *bytes, size_t n)
{
    t->counting = true;
    terminal_says(bytes, n, t);
    t->counting = false;
}

void tui_type(struct tui *t, const char *utf8)
{
    tui_bytes(t, utf8, strlen(utf8));
}

void tui_key(struct tui *t, enum key_code code)
{
    VTermKey key = VTERM_KEY_NONE;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (keys[i].code == code)
            key = keys[i].key;
    if (code >= K_F1 && code <= K_F12)
        key = (VTermKey)VTERM_KEY_FUNCTION(code - K_F1 + 1);
    if (t->mark[0].frame)
        tui_settle(t);
    if (code == K_BACKTAB) {
        tui_bytes(t, "\033[Z", 3);
        return;
    }
    MUST(key != VTERM_KEY_NONE);
    t->counting = true;
    vterm_keyboard_key(t->vt, key, VTERM_MOD_NONE);
    t->counting = false;
    if (code == K_ESC) /* with the next letter it would be another key */
        tui_settle(t);
}

void tui_ctrl(struct tui *t, char letter)
{
    char c = (char)(letter & 0x1F);
    tui_settle(t);
    tui_bytes(t, &c, 1);
}

void tui_paste(struct tui *t, const char *utf8)
{
    t->counting = true;
    vterm_keyboard_start_paste(t->vt);
    terminal_says(utf8, strlen(utf8), t);
    vterm_keyboard_end_paste(t->vt);
    t->counting = false;
}

/* "<F10>" and the like, without the brackets. */
static void script_key(struct tui *t, struct span name)
{
    enum key_code code = keycode_by_name(name);
    if (code != K_NONE) {
        tui_key(t, code);
    } else if (span_is(name, "lt")) {
        tui_type(t, "<");
    } else if (name.p[0] == '@') {
        char *screen = xstrndup(name.p + 1, name.n - 1);
        tui_expect_screen(t, screen);
        free(screen);
    } else if (name.n == 6 && memcmp(name.p, "Ctrl-", 5) == 0) {
        tui_ctrl(t, name.p[5]);
    } else if (name.n == 5 && memcmp(name.p, "Alt-", 4) == 0) {
        tui_bytes(t, (char[]){ '\033', name.p[4] }, 2);
    } else {
        fail(t, "script: no key named %.*s", (int)name.n, name.p);
    }
}

void tui_script(struct tui *t, const char *script)
{
    while (*script) {
        const char *close = *script == '<' ? strchr(script, '>') : NULL;
        if (close) {
            script_key(t, (struct span){ script + 1, (size_t)(close - script - 1) });
            script = close + 1;
            continue;
        }
        size_t n = strcspn(script + 1, "<") + 1;
        tui_bytes(t, script, n);
        script += n;
    }
}

void tui_resize(struct tui *t, int rows, int cols)
{
    struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
    t->rows = rows;
    t->cols = cols;
    vterm_set_size(t->vt, rows, cols);
    MUST(ioctl(t->fd, TIOCSWINSZ, &ws) == 0);
}

/* Expectations. */

static bool settled(struct tui *t, const void *screen)
{
    const struct mark *m = &t->mark[0];
    return m->frame && m->bytes >= t->sent && m->rows == t->rows && m->cols == t->cols &&
           (!screen || strcmp(m->screen, screen) == 0);
}

static bool resized(struct tui *t, const void *unused)
{
    const struct mark *m = &t->mark[0];
    (void)unused;
    return m->frame && m->rows == t->rows && m->cols == t->cols;
}

void tui_expect_resized(struct tui *t)
{
    if (!wait_for(t, resized, NULL))
        fail(t, "no frame of the new size");
}

void tui_expect_screen(struct tui *t, const char *screen)
{
    if (!wait_for(t, settled, screen))
        fail(t, "expected the screen \"%s\"", screen);
}

void tui_settle(struct tui *t)
{
    if (!wait_for(t, settled, NULL))
        fail(t, "no frame for what was typed");
}

struct place {
    int row, col;
    const char *text;
};

static bool text_there(struct tui *t, const void *arg)
{
    const struct place *p = arg;
    struct buf b = BUF_INIT;
    row_text(t, p->row, p->col, &b);
    bool same = strncmp(buf_str(&b), p->text, strlen(p->text)) == 0;
    buf_done(&b);
    return same && settled(t, NULL);
}

void tui_expect_text(struct tui *t, int row, int col, const char *text)
{
    struct place p = { row, col, text };
    if (row >= t->rows || !wait_for(t, text_there, &p))
        fail(t, "expected \"%s\" at row %d, column %d", text, row, col);
}

static int row_with(struct tui *t, const char *text)
{
    for (int y = 0; y < t->rows; y++) {
        struct buf b = BUF_INIT;
        row_text(t, y, 0, &b);
        bool there = strstr(buf_str(&b), text);
        buf_done(&b);
        if (there)
            return y;
    }
    return -1;
}

static bool seen(struct tui *t, const void *text)
{
    return settled(t, NULL) && row_with(t, text) >= 0;
}

int tui_expect_seen(struct tui *t, const char *text)
{
    if (!wait_for(t, seen, text))
        fail(t, "expected to see \"%s\"", text);
    return row_with(t, text);
}

void tui_expect_unseen(struct tui *t, const char *text)
{
    tui_settle(t);
    if (row_with(t, text) >= 0)
        fail(t, "expected not to see \"%s\"", text);
}

static unsigned attr_of(const VTermScreenCell *c)
{
    bool plain = VTERM_COLOR_IS_DEFAULT_FG(&c->fg) && VTERM_COLOR_IS_DEFAULT_BG(&c->bg);
    return (c->attrs.bold ? TUI_BOLD : 0u) | (c->attrs.underline ? TUI_UNDERLINE : 0u) |
           (c->attrs.reverse ? TUI_REVERSE : 0u) | (plain ? 0u : TUI_COLOUR);
}

void tui_expect_attr(struct tui *t, int row, int col, unsigned attr)
{
    VTermScreenCell c;
    tui_settle(t);
    vterm_screen_get_cell(t->screen, (VTermPos){ .row = row, .col = col }, &c);
    if (attr_of(&c) != attr)
        fail(t, "expected attributes %u at row %d, column %d, found %u", attr, row, col, attr_of(&c));
}

bool tui_cursor(const struct tui *t, int *ret_row, int *ret_col)
{
    VTermPos pos;
    vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &pos);
    *ret_row = pos.row;
    *ret_col = pos.col;
    return t->cursor;
}

void tui_expect_cursor(struct tui *t, int row, int col)
{
    int y, x;
    tui_settle(t);
    if (!tui_cursor(t, &y, &x) || y != row || x != col)
        fail(t, "expected the cursor at row %d, column %d", row, col);
}

/* Goldens. Each look on the screen gets a letter in the order of its appearance; the legend stands below. */

#define LOOKS_MAX 52

struct looks {
    VTermScreenCell cell[LOOKS_MAX];
    size_t n;
};

static void colour_text(const VTermColor *c, bool is_default, char ret[16])
{
    if (is_default)
        snprintf(ret, 16, "-");
    else if (VTERM_COLOR_IS_INDEXED(c))
        snprintf(ret, 16, "%d", c->indexed.idx);
    else
        snprintf(ret, 16, "#%02x%02x%02x", c->rgb.red, c->rgb.green, c->rgb.blue);
}

static char look_letter(struct looks *l, const VTermScreenCell *c)
{
    if (attr_of(c) == TUI_PLAIN)
        return '.';
    for (size_t i = 0; i < l->n; i++)
        if (attr_of(&l->cell[i]) == attr_of(c) && vterm_color_is_equal(&l->cell[i].fg, &c->fg) &&
            vterm_color_is_equal(&l->cell[i].bg, &c->bg))
            return (char)(i < 26 ? 'a' + i : 'A' + i - 26);
    if (l->n == LOOKS_MAX)
        return '?';
    l->cell[l->n++] = *c;
    return look_letter(l, c);
}

void tui_golden_mask(struct tui *t, const char *words, int cols)
{
    MUST(t->masks < MASKS_MAX);
    t->mask[t->masks].words = words;
    t->mask[t->masks++].cols = cols;
}

/* Columns from *ret_from up to *ret_to are left out of this row. */
static void masked(struct tui *t, int row, int *ret_from, int *ret_to)
{
    *ret_from = *ret_to = t->cols;
    for (int x = 0; x < t->cols; x++)
        for (size_t i = 0; i < t->masks; i++) {
            struct buf b = BUF_INIT;
            row_text(t, row, x, &b);
            size_t n = strlen(t->mask[i].words);
            if (b.len >= n && memcmp(b.p, t->mask[i].words, n) == 0) {
                *ret_from = x + width_str(&WIDTH_NARROW, span_of(t->mask[i].words));
                *ret_to = *ret_from + t->mask[i].cols;
            }
            buf_done(&b);
        }
}

static void golden_text(struct tui *t, int row, int from, int to, struct buf *ret)
{
    struct buf line = BUF_INIT;
    char text[4 * VTERM_MAX_CHARS_PER_CELL];
    size_t keep = 0;
    for (int x = 0; x < t->cols; x++) {
        int width;
        size_t n = cell_text(t, row, x, text, &width);
        bool out = x >= from && x < to;
        buf_add(&line, out ? "?" : text, out ? 1 : n);
        if (out || (n && text[0] != ' '))
            keep = line.len;
    }
    buf_add(ret, buf_str(&line), keep);
    buf_done(&line);
}

static void snapshot(struct tui *t, struct buf *b)
{
    struct looks looks = { .n = 0 };
    for (int y = 0; y < t->rows; y++) {
        struct buf styles = BUF_INIT;
        bool any = false;
        char letter = '.';
        int from, to;
        masked(t, y, &from, &to);
        for (int x = 0; x < t->cols; x++) {
            VTermScreenCell c;
            if (x >= from && x < to) {
                buf_addc(&styles, letter = '.');
                continue;
            }
            vterm_screen_get_cell(t->screen, (VTermPos){ .row = y, .col = x }, &c);
            if (c.chars[0] != (uint32_t)-1) /* a right half looks like its left one */
                letter = look_letter(&looks, &c);
            any |= letter != '.';
            buf_addc(&styles, letter);
        }
        buf_addc(b, '|');
        golden_text(t, y, from, to, b);
        buf_addc(b, '\n');
        if (any)
            buf_printf(b, "~%s\n", buf_str(&styles));
        buf_done(&styles);
    }
    for (size_t i = 0; i < looks.n; i++) {
        const VTermScreenCell *c = &looks.cell[i];
        char fg[16], bg[16];
        colour_text(&c->fg, VTERM_COLOR_IS_DEFAULT_FG(&c->fg), fg);
        colour_text(&c->bg, VTERM_COLOR_IS_DEFAULT_BG(&c->bg), bg);
        buf_printf(b, "%c: %s on %s%s%s%s\n", look_letter(&looks, c), fg, bg, c->attrs.bold ? " bold" : "",
                   c->attrs.underline ? " underline" : "", c->attrs.reverse ? " reverse" : "");
    }
    int y, x;
    bool on = tui_cursor(t, &y, &x);
    buf_printf(b, on ? "cursor %d,%d\n" : "cursor hidden\n", y, x);
}

/* First lines that differ, both versions. */
static void print_difference(const char *want, const char *got)
{
    for (int line = 1, shown = 0; (*want || *got) && shown < 6; line++) {
        size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");
        if (w != g || memcmp(want, got, w) != 0) {
            fprintf(stderr, "line %d\n  golden %.*s\n  screen %.*s\n", line, (int)w, want, (int)g, got);
            shown++;
        }
        want += w + (want[w] == '\n');
        got += g + (got[g] == '\n');
    }
}

void tui_expect_golden(struct tui *t, const char *name)
{
    struct buf got = BUF_INIT, want = BUF_INIT;
    struct errinfo e;
    const char *dir = getenv("TUI_GOLDEN_DIR"), *write = getenv("MADOGUCHI_GOLDEN");
    tui_settle(t);
    if (!dir)
        fail(t, "TUI_GOLDEN_DIR is not set");
    char *path = xprintf("%s/%s.txt", dir, name);
    snapshot(t, &got);
    if (write && strcmp(write, "write") == 0 && !getenv("CI")) {
        if (fs_write_atomic(path, 0644, buf_span(&got), &e) != OK)
            fail(t, "cannot write the golden %s", name);
    } else if (fs_read(path, 1u << 20, &want, &e) != OK) {
        fail(t, "no golden %s; MADOGUCHI_GOLDEN=write makes it", name);
    } else if (!span_eq(buf_span(&want), buf_span(&got))) {
        print_difference(buf_str(&want), buf_str(&got));
        fail(t, "the screen differs from the golden %s", name);
    }
    free(path);
    buf_done(&got);
    buf_done(&want);
}

/* End. */

static bool closed(struct tui *t)
{
    int64_t end = deadline();
    while (now_ms() < end)
        if (!pump(t, (int)(end - now_ms())))
            return true;
    return false;
}

static void expect_terminal_back(struct tui *t)
{
    struct termios tio;
    if (t->alternate)
        fail(t, "the alternate screen was not left");
    if (!t->cursor)
        fail(t, "the cursor was left hidden");
    if (tcgetattr(t->fd, &tio) == 0 && !(tio.c_lflag & ECHO))
        fail(t, "echo was not restored");
}

void tui_expect_exit(struct tui *t, int status)
{
    if (!closed(t))
        fail(t, "the program did not end");
    stop_child(t, 0);
    expect_terminal_back(t);
    if (!WIFEXITED(t->status) || WEXITSTATUS(t->status) != status)
        fail(t, "expected exit status %d, got %s %d", status, WIFEXITED(t->status) ? "exit" : "signal",
             WIFEXITED(t->status) ? WEXITSTATUS(t->status) : WTERMSIG(t->status));
    release(t);
}

void tui_hang_up(struct tui *t)
{
    kill(t->pid, SIGHUP);
    if (!closed(t))
        fail(t, "the program did not end");
    stop_child(t, 0);
    expect_terminal_back(t);
    release(t);
}

VTermScreen *tui_vterm(struct tui *t)
{
    return t->screen;
}

void tui_size(const struct tui *t, int *ret_rows, int *ret_cols)
{
    *ret_rows = t->rows;
    *ret_cols = t->cols;
}

const char *tui_screen(const struct tui *t)
{
    return t->mark[0].screen;
}
