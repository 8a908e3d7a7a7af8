/*
 * madoguchi-branchd: command line and start. `--daemon` returns when the socket answers; what went wrong before that
 * is told on standard error of whoever started it, later things in DIR/branch/branchd.log.
 */
#include "app/branchd.h"
#include "app/confine.h"
#include "base/buf.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FILES 256
enum { EXIT_DONE, EXIT_REFUSED, EXIT_USAGE, EXIT_SYSTEM };

#define ROLE(role, function) int function(int argc, char **argv);
#include "branchd_roles.def"
#undef ROLE

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
} roles[] = {
#define ROLE(role, function) { role, function },
#include "branchd_roles.def"
#undef ROLE
    { NULL, NULL },
};

static const char usage[] = "使い方: madoguchi-branchd [--dir DIR] [--daemon]\n"
                            "  --dir DIR   設置のディレクトリ(既定 ~/.local/share/madoguchi)\n"
                            "  --daemon    窓口につながる用意ができたら、背後で動き続ける\n"
                            "  --version   版を表示する\n";

/* JSON of the service holds personal data: nothing of it stays in freed memory. */
static void wipe_and_free(void *p)
{
    wipe(p, p ? malloc_usable_size(p) : 0);
    free(p);
}

static int run_role(const char *role, int argc, char **argv)
{
    for (size_t i = 0; roles[i].name; i++)
        if (strcmp(roles[i].name, role) == 0)
            return roles[i].main(argc, argv);
    fprintf(stderr, "madoguchi-branchd: -x %s: そのような役割はありません。\n", role);
    return EXIT_USAGE;
}

enum err branchd_lock(const char *dir, int *ret_fd, struct errinfo *reterr)
{
    char *path = place_path(dir, PLACE_BRANCH_PID);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char pid[24];
    int n = snprintf(pid, sizeof pid, "%" PRIdMAX "\n", (intmax_t)getpid());
    enum err e = OK;
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, place_facts(PLACE_BRANCH_PID)->mode);
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
static void open_log(const char *dir)
{
    char *path = place_path(dir, PLACE_BRANCH_LOG);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, place_facts(PLACE_BRANCH_LOG)->mode);
    free(path);
    if (fd >= 0)
        log_init("branchd", fd, LOG_INFO);
}

/* What a person at the shell reads when the start failed. */
static void print_failure(FILE *to, const struct errinfo *why)
{
    fprintf(to, "madoguchi-branchd: 始められませんでした(%s)。%s %s\n", err_name(why->code), why->item, why->detail);
}

static void ready_in_foreground(void *arg, const struct errinfo *why)
{
    (void)arg;
    if (why)
        print_failure(stderr, why);
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
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; null >= 0 && i <= 2; i++)
        dup2(null, i);
    if (null > 2)
        close(null);
}

/* In the process that stays: 0 when the daemon is ready or another one serves already. */
static int wait_until_ready(int fd)
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
        print_failure(stderr, &why);
    else
        fputs("madoguchi-branchd: 始められませんでした。記録(branchd.log)を確かめてください。\n", stderr);
    return EXIT_SYSTEM;
}

static int run_in_background(const char *dir, const char *program)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return EXIT_SYSTEM;
    pid_t pid = fork();
    if (pid != 0) {
        close(ends[1]);
        int status = pid > 0 ? wait_until_ready(ends[0]) : EXIT_SYSTEM;
        close(ends[0]);
        return status;
    }
    close(ends[0]);
    setsid();
    open_log(dir);
    if (chdir("/") != 0)
        log_msg(LOG_WARN, "the daemon keeps its working directory");
    return branchd_run(dir, program, ready_in_background, &ends[1]);
}

struct arguments {
    char *dir;
    bool background;
};

/* EXIT_DONE with dir NULL: everything was said. */
static int read_arguments(int argc, char **argv, struct arguments *ret)
{
    static const struct option options[] = {
        { "dir", required_argument, NULL, 'd' },
        { "daemon", no_argument, NULL, 'b' },
        { "version", no_argument, NULL, 'v' },
        { "help", no_argument, NULL, 'h' },
        { 0 },
    };
    const char *dir = NULL;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'd')
            dir = optarg;
        else if (o == 'b')
            ret->background = true;
        else if (o == 'v' || o == 'h') {
            fputs(o == 'v' ? "madoguchi-branchd " MADOGUCHI_VERSION "\n" : usage, stdout);
            return EXIT_DONE;
        } else {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    char *here = dir ? xstrdup(dir) : instance_default_dir();
    ret->dir = realpath(here, NULL); /* a daemon leaves its working directory */
    if (!ret->dir)
        fprintf(stderr, "madoguchi-branchd: %s: %s\n", here, strerror(errno));
    free(here);
    return ret->dir ? EXIT_DONE : EXIT_SYSTEM;
}

int main(int argc, char **argv)
{
    struct errinfo e;
    struct arguments a = { 0 };
    log_init("branchd", STDERR_FILENO, LOG_INFO);
    const char *role = privsep_role(argc, argv);
    if (role)
        return run_role(role, argc, argv);
    if (confine_basics(OPEN_FILES, &e) != OK) {
        print_failure(stderr, &e);
        return EXIT_SYSTEM;
    }
    json_set_alloc_funcs(malloc, wipe_and_free);
    int status = read_arguments(argc, argv, &a);
    if (status == EXIT_DONE && a.dir)
        status =
            a.background ? run_in_background(a.dir, argv[0]) : branchd_run(a.dir, argv[0], ready_in_foreground, NULL);
    free(a.dir);
    return status;
}
