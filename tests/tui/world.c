#include "world.h"
#include "base/fsx.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
    struct world_programs p;
    char dir[64];
};

static const struct {
    const char *id, *line, *password;
} operators[] = {
    { "kawaguchi", "川口 みどり\tCLK\tdomicile", "umeboshi-koutei-26" },
    { "yamamoto", "山本 昇\tSUP\tdomicile,my_number", "umeboshi-koutei-27" },
    { "kansa", "監査 花\tAUD\t-", "umeboshi-koutei-28" },
    { "kanri", "管理 太郎\tSYS\t-", "umeboshi-koutei-29" },
};

static void give_up(const char *what)
{
    fprintf(stderr, "world: %s\n", what);
    exit(1);
}

/* Runs a program to its end; its output is shown only when it fails. */
static void run(const struct world *w, const char *const *argv)
{
    char *share = xprintf("MADOGUCHI_SHARE=%s", w->p.share), *home = xprintf("HOME=%s", w->dir);
    const char *const env[] = { share, home, "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=Asia/Tokyo", NULL };
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(2, 1);
        execve(argv[0], (char *const *)argv, (char *const *)env);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    free(share);
    free(home);
    if (status != 0)
        give_up(argv[0]);
}

static void write_file(const struct world *w, const char *name, const struct buf *text)
{
    struct errinfo e;
    char *path = fs_join(w->dir, name);
    if (fs_write_atomic(path, 0600, buf_span(text), &e) != OK)
        give_up(path);
    free(path);
}

static void make_operators(const struct world *w)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        buf_printf(&b, "%s\t%s\t%s\n", operators[i].id, operators[i].line, operators[i].password);
    write_file(w, "operators.tsv", &b);
    buf_done(&b);
}

/* Passwords are derived slowly on purpose; here speed is worth more. */
static void make_parameters(const struct world *w, const char *dir)
{
    struct buf b = BUF_INIT;
    struct errinfo e;
    (void)w;
    buf_adds(&b, "KDF_ITER = 1000\n");
    char *path = xprintf("%s/parameters.conf", dir);
    if (fs_write_atomic(path, 0644, buf_span(&b), &e) != OK)
        give_up(path);
    free(path);
    buf_done(&b);
}

void world_start_daemon(struct world *w)
{
    char *dir = xprintf("%s/instance", w->dir);
    run(w, (const char *const[]){ w->p.branchd, "--dir", dir, "--daemon", NULL });
    free(dir);
}

/* The daemon holds a lock on its file as long as it lives; taking it waits for the end. */
void world_stop_daemon(struct world *w)
{
    char *path = xprintf("%s/instance/branch/run/branchd.pid", w->dir), text[32] = "";
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDWR);
    if (fd >= 0 && read(fd, text, sizeof text - 1) > 0 && atoi(text) > 1 && kill(atoi(text), SIGTERM) == 0)
        while (fcntl(fd, F_OFD_SETLKW, &lock) != 0 && errno == EINTR)
            ;
    if (fd >= 0)
        close(fd);
    free(path);
}

struct world *world_new(const struct world_programs *programs)
{
    struct world *w = xcalloc(1, sizeof *w);
    w->p = *programs;
    snprintf(w->dir, sizeof w->dir, "/tmp/counter.XXXXXX");
    if (!mkdtemp(w->dir))
        give_up("mkdtemp");
    make_operators(w);
    char *dir = xprintf("%s/instance", w->dir), *people = xprintf("%s/operators.tsv", w->dir);
    run(w, (const char *const[]){ w->p.ctl,
                                  "--dir",
                                  dir,
                                  "init",
                                  "--trial",
                                  "--city-code",
                                  "99201",
                                  "--city-name",
                                  "梅里市",
                                  "--office",
                                  "E",
                                  "--office-name",
                                  "東支所",
                                  "--terminal",
                                  "1",
                                  "--host-url",
                                  "https://localhost:9/",
                                  "--operators",
                                  people,
                                  NULL });
    make_parameters(w, dir);
    run(w, (const char *const[]){ w->p.ctl, "--dir", dir, "clock", "set", "2026-07-01T10:42:00+09:00", NULL });
    run(w, (const char *const[]){ w->p.seed, dir, w->p.share, NULL });
    free(dir);
    free(people);
    world_start_daemon(w);
    return w;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void world_free(struct world *w)
{
    world_stop_daemon(w);
    nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
}

struct tui *world_counter(struct world *w, int rows, int cols, void (*fail)(const char *))
{
    char *dir = xprintf("%s/instance", w->dir), *share = xprintf("MADOGUCHI_SHARE=%s", w->p.share);
    const char *const argv[] = { w->p.counter, "--dir", dir, NULL }, *const env[] = { share, NULL };
    struct tui_opt opt = { .rows = rows, .cols = cols, .argv = argv, .env = env, .fail = fail };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "login");
    free(dir);
    free(share);
    return t;
}

const char *world_password(const char *operator_id)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (strcmp(operators[i].id, operator_id) == 0)
            return operators[i].password;
    return "";
}

struct tui *world_login(struct world *w, const char *operator_id, void (*fail)(const char *))
{
    struct tui *t = world_counter(w, 24, 80, fail);
    tui_type(t, operator_id);
    tui_key(t, K_ENTER);
    tui_type(t, world_password(operator_id));
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "menu");
    return t;
}
