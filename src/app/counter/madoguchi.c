/*
 * madoguchi (窓口): the program at the window. Shows screens and asks the service; has no database, no network, no
 * keys. Starts the service of the instance when it does not run yet.
 */
#include "app/charcode.h"
#include "app/instance.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "form/catalog.h"
#include "ui/screens.h"
#include "ui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 1000

struct app {
    char *dir, *share, *socket;
    struct rulebook *book;
    struct loop *loop;
    struct term *term;
    struct canvas *cv;
    struct ui *ui;
    struct charcode *chars;
    int tick, esc;
    bool drawn; /* what is on the terminal is up to date */
};

/* Drawing: once per turn of the loop, and before a call that takes long. */

static void show(struct app *a)
{
    ui_draw(a->ui, a->cv);
    term_show(a->term, a->cv, ui_mark(a->ui));
    a->drawn = true;
}

/* What is being waited for, while a call takes long. */
static void show_waiting(void *arg)
{
    struct app *a = arg;
    ui_draw(a->ui, a->cv);
    term_show(a->term, a->cv, NULL);
}

static void after(void *arg)
{
    struct app *a = arg;
    if (a->ui->ended)
        loop_stop(a->loop, 0);
    else if (!a->drawn)
        show(a);
}

static void beep(void *arg)
{
    term_beep(((struct app *)arg)->term);
}

/* Events. */

static void on_key(void *arg, const struct key *k)
{
    struct app *a = arg;
    a->drawn = false;
    if (k->code == K_CTRL && k->cp == 'l')
        term_redraw(a->term);
    else if (!a->ui->ended)
        ui_key(a->ui, k);
}

static void on_esc(void *arg)
{
    struct app *a = arg;
    a->esc = 0;
    a->drawn = false;
    term_flush_keys(a->term, on_key, a);
}

static void on_input(void *arg, short revents)
{
    struct app *a = arg;
    (void)revents;
    a->drawn = false;
    if (!term_read(a->term, on_key, a))
        loop_stop(a->loop, 0);
    if (a->esc)
        loop_timer_del(a->loop, a->esc);
    a->esc = term_waiting(a->term) ? loop_timer(a->loop, KEY_ESC_MS, on_esc, a) : 0;
}

static void on_resize(void *arg)
{
    struct app *a = arg;
    int rows, cols;
    term_size(a->term, &rows, &cols);
    canvas_resize(a->cv, rows, cols);
    ui_resize(a->ui, rows, cols);
    a->drawn = false;
}

static void on_tick(void *arg)
{
    struct app *a = arg;
    a->tick = loop_timer(a->loop, TICK_MS, on_tick, a);
    a->drawn = false;
    ui_tick(a->ui);
}

static void on_end(void *arg)
{
    loop_stop(((struct app *)arg)->loop, 0);
}

/* The service. */

/* The daemon stands beside this program, or somewhere in PATH. */
static char *daemon_path(void)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        char *path = slash ? xprintf("%.*s/madoguchi-branchd", (int)(slash - self), self) : NULL;
        if (path && access(path, X_OK) == 0)
            return path;
        free(path);
    }
    return xstrdup("madoguchi-branchd");
}

/* The daemon must neither hold nor write to the terminal of the counter. What it says before it serves goes to `said`.
 */
static void become_daemon(const struct app *a, const char *path, int said)
{
    int null = open("/dev/null", O_RDWR);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(fd == STDERR_FILENO ? said : null, fd);
    execlp(path, "madoguchi-branchd", "--dir", a->dir, "--daemon", (char *)NULL);
    _exit(127);
}

/* The sentence behind the program's name; the details below it are for the log. */
static void first_sentence(int fd, struct buf *ret)
{
    char said[1024];
    size_t n = 0;
    ssize_t got;
    while (n < sizeof said && ((got = read(fd, said + n, sizeof said - n)) > 0 || (got < 0 && errno == EINTR)))
        n += got > 0 ? (size_t)got : 0;
    const char *end = memchr(said, '\n', n), *at = memmem(said, n, ": ", 2);
    if (end && at && at < end)
        buf_add(ret, at + 2, (size_t)(end - at - 2));
}

/* Runs "madoguchi-branchd --daemon", which ends with 0 when its socket is ready. */
static int start_service(void *arg, struct buf *ret_why)
{
    struct app *a = arg;
    int status = -1, said[2];
    if (pipe2(said, O_CLOEXEC) != 0)
        return -1;
    char *path = daemon_path();
    pid_t pid = fork();
    if (pid == 0)
        become_daemon(a, path, said[1]);
    close(said[1]);
    first_sentence(said[0], ret_why);
    close(said[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    free(path);
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Start and end. */

static int complain(const char *what, const struct errinfo *e)
{
    fprintf(stderr, "madoguchi: %s (%s%s%s)\n", what, e->item, *e->item ? ": " : "", e->detail);
    return 1;
}

static int cannot_start(const struct app *a, const struct errinfo *e)
{
    struct buf text = BUF_INIT;
    if (rulebook_message(a->book, e->msg))
        rulebook_say(a->book, e->msg, e->item, "", &text);
    else
        buf_adds(&text, "画面を始められません。");
    int rc = complain(buf_str(&text), e);
    buf_done(&text);
    return rc;
}

static enum err load_tables(struct app *a, const char *argv0, struct errinfo *reterr)
{
    a->share = catalog_share_dir(argv0);
    char *forms = fs_join(a->share, "forms"), *data = fs_join(a->share, "data");
    char *own = fs_join(a->dir, INSTANCE_PARAMETERS);
    enum err e = catalog_load(forms, data, access(own, R_OK) == 0 ? own : NULL, &a->book, NULL, reterr);
    free(own);
    free(forms);
    free(data);
    return e;
}

static int number_of(const char *name)
{
    const char *s = getenv(name);
    return s ? atoi(s) : 0;
}

static enum err signals(struct app *a, struct errinfo *reterr)
{
    static const int ends[] = { SIGTERM, SIGHUP, SIGINT };
    TRY(loop_signal(a->loop, SIGWINCH, on_resize, a, reterr));
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        TRY(loop_signal(a->loop, ends[i], on_end, a, reterr));
    return OK;
}

static int run(struct app *a)
{
    a->chars = charcode_new(rulebook_param(a->book, "CERT_FONT"));
    struct ui_opt opt = { .eras = &a->book->eras,
                          .ambiguous = term_profile(a->term)->ambiguous,
                          .lock_min = (int)rulebook_param_int(a->book, "IDLE_LOCK_MIN"),
                          .status_s = (int)rulebook_param_int(a->book, "UI_STATUS_S"),
                          .clock = clock_system(),
                          .socket = a->socket,
                          .char_code = charcode_find,
                          .char_arg = a->chars,
                          .start_service = start_service,
                          .start_arg = a,
                          .beep = beep,
                          .flush = show_waiting,
                          .show_arg = a };
    a->ui = ui_new(&opt);
    a->cv = canvas_new(1, 1, term_profile(a->term), term_glyphs(a->term));
    on_resize(a);
    ui_push(a->ui, &scr_login, NULL);
    loop_fd(a->loop, STDIN_FILENO, POLLIN, on_input, a);
    loop_after(a->loop, after, a);
    a->tick = loop_timer(a->loop, TICK_MS, on_tick, a);
    a->esc = loop_timer(a->loop, 0, on_esc, a); /* keys that came early, and the first frame */
    int rc = loop_run(a->loop);
    loop_fd_del(a->loop, STDIN_FILENO);
    loop_timer_del(a->loop, a->tick);
    if (a->esc)
        loop_timer_del(a->loop, a->esc);
    return rc;
}

static int usage(FILE *to, int rc)
{
    fprintf(to, "使い方: madoguchi [--dir 設置ディレクトリ]\n"
                "  窓口の画面を開きます。業務サービスが動いていなければ起動します。\n");
    return rc;
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { "help", no_argument, NULL, 'h' },
                                             { NULL, 0, NULL, 0 } };
    struct app a = { .dir = NULL };
    struct errinfo e = { .code = OK };
    int rc = 1;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'h')
            return usage(stdout, 0);
        if (o != 'd')
            return usage(stderr, 2);
        a.dir = xstrdup(optarg);
    }
    if (optind < argc)
        return usage(stderr, 2);
    log_init("madoguchi", -1, LOG_ERR);
    if (!a.dir)
        a.dir = instance_default_dir();
    a.socket = place_path(a.dir, PLACE_SOCKET);
    struct term_opt opt = { .in = STDIN_FILENO,
                            .out = STDOUT_FILENO,
                            .ambiguous = number_of("MADOGUCHI_AMBIGUOUS"),
                            .mark = number_of("MADOGUCHI_FRAME_MARK") != 0 };
    a.loop = loop_new();
    if (load_tables(&a, argv[0], &e) != OK)
        complain("例規・コード表を読めません。", &e);
    else if (signals(&a, &e) != OK || term_start(&opt, &a.term, &e) != OK)
        cannot_start(&a, &e);
    else
        rc = run(&a);
    ui_free(a.ui);
    term_stop(a.term);
    canvas_free(a.cv);
    charcode_free(a.chars);
    loop_free(a.loop);
    rulebook_free(a.book);
    free(a.share);
    free(a.socket);
    free(a.dir);
    return rc;
}
