#include "app/daemon.h"
#include "base/buf.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum err daemon_lock(const char *dir, enum place pid_file, int *ret_fd, struct errinfo *reterr)
{
    char *path = place_path(dir, pid_file);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char pid[24];
    int n = snprintf(pid, sizeof pid, "%" PRIdMAX "\n", (intmax_t)getpid());
    enum err e = OK;
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, place_facts(pid_file)->mode);
    if (fd < 0)
        e = err_sys(reterr, errno, path, "open");
    else if (fcntl(fd, F_OFD_SETLK, &lock) != 0)
        e = errno == EAGAIN || errno == EACCES
                ? err_set(reterr, E_BUSY, NULL, path, "another one runs in this instance")
                : err_sys(reterr, errno, path, "lock");
    else if (ftruncate(fd, 0) != 0)
        e = err_sys(reterr, errno, path, "ftruncate");
    else
        e = fs_write_all(fd, (struct span){ pid, (size_t)n }, reterr);
    free(path);
    if (e == OK)
        *ret_fd = fd;
    else if (fd >= 0)
        close(fd);
    return e;
}

/* Standard error of a daemon is its log file. */
static void open_log(const struct daemon_program *p, const char *dir)
{
    char *path = place_path(dir, p->log);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, place_facts(p->log)->mode);
    free(path);
    if (fd >= 0)
        log_init(p->log_name, fd, LOG_INFO);
}

static const char *const reasons[] = {
    [OK] = "",
    [E_NOMEM] = "メモリが足りません。",
    [E_IO] = "ファイルを読み書きできません。記憶装置と権限を確かめてください。",
    [E_FULL] = "ディスクに空きがありません。空きを作ってから始めてください。",
    [E_BUSY] = "ほかで使用中です。",
    [E_NOTFOUND] = "必要なファイルがありません。設置の場所(--dir)を確かめてください。",
    [E_EXISTS] = "既にあります。",
    [E_CONFLICT] = "設定と保存庫の内容が合いません。instance.conf を確かめてください。",
    [E_DENIED] = "許可されていません。ファイルの持ち主と許可を確かめてください。",
    [E_INVALID] = "設定か届出の定義に誤りがあります。示された行を直してください。",
    [E_CORRUPT] = "内容が壊れているか、書きかえられています。使うのをやめ、システム管理者に連絡してください。",
    [E_TOONEW] = "保存庫は新しい版のプログラムで作られています。プログラムを新しくしてください。",
    [E_OFFLINE] = "接続できません。",
};
_Static_assert(ARRAY_LEN(reasons) == E_ERRS, "an error has no text");

/* What a person at the shell reads when the start failed. */
static void print_failure(const char *name, const struct errinfo *why)
{
    fprintf(stderr, "%s: 始められませんでした。%s\n  詳細: %s %s\n", name, reasons[why->code], why->item, why->detail);
}

static void ready_in_foreground(void *arg, const struct errinfo *why)
{
    if (why)
        print_failure(*(const char **)arg, why);
}

/* The pipe to the process that started the daemon: one errinfo when it failed, else one byte. */
static void ready_in_background(void *arg, const struct errinfo *why)
{
    int *fd = arg;
    enum err e = why ? fs_write_all(*fd, (struct span){ (const char *)why, sizeof *why }, NULL)
                     : fs_write_all(*fd, (struct span){ "+", 1 }, NULL);
    if (e != OK)
        log_msg(LOG_WARN, "whoever started the daemon does not listen");
    close(*fd);
}

/* At once, not when ready: children that are started before that must not keep the starter's descriptors either. */
static void let_go_of_terminal(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; null >= 0 && i <= 2; i++)
        dup2(null, i);
    if (null > 2)
        close(null);
}

/* In the process that stays: EXIT_DONE when the daemon is ready or another one serves already. */
static int wait_until_ready(const struct daemon_program *p, int fd)
{
    struct errinfo why = { 0 };
    char *at = (char *)&why;
    size_t n = 0;
    ssize_t got;
    while (n < sizeof why && ((got = read(fd, at + n, sizeof why - n)) > 0 || (got < 0 && errno == EINTR)))
        n += got > 0 ? (size_t)got : 0;
    if (n == 1)
        return EXIT_DONE;
    if (n == sizeof why && why.code == E_BUSY)
        return EXIT_DONE;
    if (n == sizeof why)
        print_failure(p->name, &why);
    else
        fprintf(stderr, "%s: 始められませんでした。記録(%s.log)を確かめてください。\n", p->name, p->log_name);
    return EXIT_SYSTEM;
}

static int run_in_background(const struct daemon_program *p, struct daemon_call *call)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return EXIT_SYSTEM;
    pid_t pid = fork();
    if (pid != 0) {
        close(ends[1]);
        int status = pid > 0 ? wait_until_ready(p, ends[0]) : EXIT_SYSTEM;
        close(ends[0]);
        return status;
    }
    close(ends[0]);
    setsid();
    open_log(p, call->dir);
    let_go_of_terminal();
    if (chdir("/") != 0)
        log_msg(LOG_WARN, "the daemon keeps its working directory");
    call->ready = ready_in_background;
    call->arg = &ends[1];
    return p->run(call);
}

static int run_in_foreground(const struct daemon_program *p, struct daemon_call *call)
{
    const char *name = p->name;
    call->ready = ready_in_foreground;
    call->arg = &name;
    return p->run(call);
}

struct arguments {
    const char *dir, *extra;
    bool background, said; /* said: everything was, nothing is to be run */
};

static int wrong_usage(const struct daemon_program *p)
{
    fputs(p->usage, stderr);
    return EXIT_USAGE;
}

static int read_arguments(const struct daemon_program *p, int argc, char **argv, struct arguments *a)
{
    const struct option options[] = {
        { "dir", required_argument, NULL, 'd' },    { "daemon", no_argument, NULL, 'b' },
        { "version", no_argument, NULL, 'v' },      { "help", no_argument, NULL, 'h' },
        { p->extra, required_argument, NULL, 'x' }, { NULL, 0, NULL, 0 },
    };
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'd')
            a->dir = optarg;
        else if (o == 'x')
            a->extra = optarg;
        else if (o == 'b')
            a->background = true;
        else if (o == 'v' || o == 'h') {
            if (o == 'v')
                printf("%s %s\n", p->name, MADOGUCHI_VERSION);
            else
                fputs(p->usage, stdout);
            a->said = true;
            return EXIT_DONE;
        } else {
            return wrong_usage(p);
        }
    }
    return optind < argc ? wrong_usage(p) : EXIT_DONE;
}

int daemon_main(const struct daemon_program *p, int argc, char **argv)
{
    struct arguments a = { .dir = NULL };
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails, and is answered as one */
    int status = read_arguments(p, argc, argv, &a);
    if (status != EXIT_DONE || a.said)
        return status;
    char *here = a.dir ? xstrdup(a.dir) : instance_default_dir();
    char *dir = realpath(here, NULL); /* a daemon leaves its working directory */
    if (dir) {
        struct daemon_call call = { .dir = dir, .program = argv[0], .extra = a.extra };
        status = a.background ? run_in_background(p, &call) : run_in_foreground(p, &call);
    } else {
        fprintf(stderr, "%s: %s: %s\n", p->name, here, strerror(errno));
        status = EXIT_SYSTEM;
    }
    free(dir);
    free(here);
    return status;
}
