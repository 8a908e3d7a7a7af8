/*
 * Times a full-screen program from outside, on a pseudo-terminal, the same way for every program: what counts is the
 * cell on the screen (libvterm), not the byte in the pipe.
 *
 *   ptybench start RUNS TEXT -- COMMAND…         from fork to the first screen that shows TEXT
 *   ptybench keys KEYS TEXT BEFORE -- COMMAND…   after TEXT is shown and the bytes BEFORE are sent (\e, \r understood):
 *                                                from one letter typed to the letter on the screen
 *
 * Prints one line: what, runs, p50, p99 and maximum in milliseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

enum { ROWS = 24, COLS = 80, DEAD_MS = 20000 };

struct run {
    pid_t pid;
    int fd;
    VTerm *vt;
    VTermScreen *screen;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "ptybench: %s\n", what);
    exit(3);
}

static void answer(const char *s, size_t n, void *user)
{
    struct run *r = user;
    while (n) {
        ssize_t w = write(r->fd, s, n);
        if (w < 0)
            return;
        s += w;
        n -= (size_t)w;
    }
}

static void start(struct run *r, char **argv)
{
    struct winsize ws = { .ws_row = ROWS, .ws_col = COLS };
    r->vt = vterm_new(ROWS, COLS);
    vterm_set_utf8(r->vt, 1);
    vterm_output_set_callback(r->vt, answer, r);
    r->screen = vterm_obtain_screen(r->vt);
    vterm_screen_enable_altscreen(r->screen, 1);
    vterm_screen_reset(r->screen, 1);
    r->pid = forkpty(&r->fd, NULL, NULL, &ws);
    if (r->pid < 0)
        die("no pseudo-terminal");
    if (r->pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        unsetenv("LINES");
        unsetenv("COLUMNS");
        execvp(argv[0], argv);
        _exit(127);
    }
}

static void stop(struct run *r)
{
    kill(r->pid, SIGKILL);
    waitpid(r->pid, NULL, 0);
    close(r->fd);
    vterm_free(r->vt);
}

/* Feeds what the program has drawn; false when it has ended. */
static bool feed(struct run *r)
{
    char b[65536];
    struct pollfd p = { .fd = r->fd, .events = POLLIN };
    if (poll(&p, 1, DEAD_MS) <= 0)
        die("the program is silent");
    ssize_t n = read(r->fd, b, sizeof b);
    if (n <= 0)
        return n < 0 && (errno == EINTR || errno == EAGAIN);
    vterm_input_write(r->vt, b, (size_t)n);
    return true;
}

static bool shows(struct run *r, const char *text)
{
    char row[COLS * 24];
    for (int y = 0; y < ROWS; y++) {
        VTermRect rect = { .start_row = y, .end_row = y + 1, .start_col = 0, .end_col = COLS };
        size_t n = vterm_screen_get_text(r->screen, row, sizeof row - 1, rect);
        row[n] = '\0';
        if (strstr(row, text))
            return true;
    }
    return false;
}

static void wait_text(struct run *r, const char *text)
{
    double from = now_ms();
    while (!shows(r, text)) {
        if (!feed(r))
            die("the program has ended before it showed the text");
        if (now_ms() - from > DEAD_MS)
            die("the text did not appear");
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void report(const char *what, double *ms, long n)
{
    qsort(ms, (size_t)n, sizeof *ms, by_value);
    printf("%s\truns %ld\tp50 %.3f ms\tp99 %.3f ms\tmax %.3f ms\n", what, n, ms[n / 2], ms[(n * 99) / 100], ms[n - 1]);
}

static void measure_start(long runs, const char *text, char **argv)
{
    double *ms = calloc((size_t)runs, sizeof *ms);
    for (long i = 0; ms && i < runs; i++) {
        struct run r;
        double from = now_ms();
        start(&r, argv);
        wait_text(&r, text);
        ms[i] = now_ms() - from;
        stop(&r);
    }
    report("start", ms, runs);
    free(ms);
}

static void send_script(struct run *r, const char *s)
{
    for (; *s; s++) {
        char c = *s;
        if (c == '\\' && s[1])
            c = *++s == 'e' ? '\033' : *s == 'r' ? '\r' : *s;
        answer(&c, 1, r);
    }
}

/* Number of cells that show the letter; a new one is the echo. */
static int count_letter(struct run *r, char letter)
{
    int n = 0;
    VTermPos at;
    for (at.row = 0; at.row < ROWS; at.row++)
        for (at.col = 0; at.col < COLS; at.col++) {
            VTermScreenCell cell;
            vterm_screen_get_cell(r->screen, at, &cell);
            n += cell.chars[0] == (uint32_t)letter;
        }
    return n;
}

/* Types a letter, then takes it back, so that a short field is enough. */
static void measure_keys(long keys, const char *text, const char *before, char **argv)
{
    double *ms = calloc((size_t)keys, sizeof *ms);
    struct run r;
    start(&r, argv);
    wait_text(&r, text);
    send_script(&r, before);
    for (long i = 0; ms && i < keys; i++) {
        char letter = (char)('a' + i % 26), back = '\177';
        int was = count_letter(&r, letter);
        double from = now_ms();
        answer(&letter, 1, &r);
        while (count_letter(&r, letter) <= was)
            if (!feed(&r))
                die("the program has ended");
        ms[i] = now_ms() - from;
        answer(&back, 1, &r);
        while (count_letter(&r, letter) > was)
            if (!feed(&r))
                die("the program has ended");
    }
    stop(&r);
    report("keys", ms, keys);
    free(ms);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc > 5 && strcmp(argv[1], "start") == 0 && strcmp(argv[4], "--") == 0)
        measure_start(strtol(argv[2], NULL, 10), argv[3], argv + 5);
    else if (argc > 6 && strcmp(argv[1], "keys") == 0 && strcmp(argv[5], "--") == 0)
        measure_keys(strtol(argv[2], NULL, 10), argv[3], argv[4], argv + 6);
    else {
        fprintf(stderr, "usage: ptybench start RUNS TEXT -- COMMAND…\n"
                        "       ptybench keys KEYS TEXT BEFORE -- COMMAND…\n");
        return 2;
    }
    return 0;
}
