/*
 * Each forbidden action is tried by a process of its own behind the wall of each role: it must be refused or be the
 * end of that process. Each action a role needs must still work. Without this second half a wall that stops
 * everything would pass.
 */
#include "app/confine.h"
#include "base/log.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALLOWED = 0, DENIED = 1, BROKEN = 2 };

struct place {
    char dir[64]; /* mkdtemp */
    char in[128]; /* a directory within the wall, with a file */
    char in_file[160];
    char out_file[160]; /* a file outside */
    char sock[160];     /* a listening unix socket, within */
    int tcp, sock_fd;
    uint16_t port, other_port;
};

static struct place P; /* of this test program; set once before the tests */

static int yes(bool worked)
{
    return worked ? ALLOWED : DENIED;
}

/* ---- actions ---- */

static int read_in(void)
{
    char c;
    int fd = open(P.in_file, O_RDONLY);
    return yes(fd >= 0 && read(fd, &c, 1) == 1);
}
static int read_out(void)
{
    return yes(open(P.out_file, O_RDONLY) >= 0);
}
static int list_out(void)
{
    return yes(open(P.dir, O_RDONLY | O_DIRECTORY) >= 0);
}
static int read_passwd(void)
{
    return yes(open("/etc/shadow", O_RDONLY) >= 0);
}
static int write_in(void)
{
    int fd = open(P.in_file, O_WRONLY | O_APPEND);
    return yes(fd >= 0 && write(fd, "x", 1) == 1);
}
static int make_in(void)
{
    char path[192];
    snprintf(path, sizeof path, "%s/new-%d", P.in, (int)getpid());
    return yes(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600) >= 0);
}
static int make_out(void)
{
    char path[192];
    snprintf(path, sizeof path, "%s/new-%d", P.dir, (int)getpid());
    return yes(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600) >= 0);
}
static int truncate_out(void)
{
    return yes(truncate(P.out_file, 0) == 0);
}
static int unlink_out(void)
{
    return yes(unlink(P.out_file) == 0);
}
static int rename_out(void)
{
    return yes(rename(P.out_file, P.in_file) == 0);
}
static int symlink_out(void)
{
    char path[192];
    snprintf(path, sizeof path, "%s/link-%d", P.dir, (int)getpid());
    return yes(symlink("/etc", path) == 0);
}
static int proc_mem(void)
{
    return yes(open("/proc/1/environ", O_RDONLY) >= 0);
}
static int exec_true(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return DENIED;
}
static int spawn_process(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return yes(pid > 0);
}
static int connect_tcp(uint16_t port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return yes(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
}
static int tcp_host(void)
{
    return connect_tcp(P.port);
}
static int tcp_elsewhere(void)
{
    return connect_tcp(P.other_port);
}
static int udp_socket(void)
{
    return yes(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
}
static int packet_socket(void)
{
    return yes(socket(AF_PACKET, SOCK_RAW, 0) >= 0);
}
static int vsock_socket(void)
{
    return yes(socket(AF_VSOCK, SOCK_STREAM, 0) >= 0);
}
static int listen_tcp(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return yes(fd >= 0 && listen(fd, 1) == 0);
}
/* On a socket that listened before the wall stood. */
static int accept_tcp(void)
{
    fcntl(P.sock_fd, F_SETFL, O_NONBLOCK);
    return yes(accept4(P.sock_fd, NULL, NULL, SOCK_CLOEXEC) >= 0 || errno == EAGAIN);
}
static int unix_connect(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    memcpy(a.sun_path, P.sock, strlen(P.sock) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return yes(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
}
static int trace_parent(void)
{
    return yes(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0);
}
static int read_parent(void)
{
    char c;
    struct iovec mine = { &c, 1 }, theirs = { &P, 1 };
    return yes(process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0) == 1);
}
static int signal_parent(void)
{
    return yes(kill(getppid(), SIGCONT) == 0);
}
static int mount_tmp(void)
{
    return yes(mount("none", P.in, "tmpfs", 0, NULL) == 0);
}
static int leave_namespace(void)
{
    return yes(syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */) == 0);
}
static int change_root(void)
{
    return yes(chroot(P.in) == 0);
}
static int load_bpf(void)
{
    char attr[128] = { 0 };
    return yes(syscall(SYS_bpf, 0, attr, sizeof attr) >= 0);
}
static int use_io_uring(void)
{
    char params[256] = { 0 };
    return yes(syscall(SYS_io_uring_setup, 1, params) >= 0);
}
static int fault_handling(void)
{
    return yes(syscall(SYS_userfaultfd, 1 /* user mode only */) >= 0);
}
static int kernel_keys(void)
{
    return yes(syscall(SYS_keyctl, 0, -3, 1) >= 0);
}
static int become_other(void)
{
    return yes(setuid(65534) == 0);
}
static int set_clock(void)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    return yes(settimeofday(&now, NULL) == 0);
}
static int map_code(void)
{
    return yes(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}
static int make_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return yes(p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0);
}
static int raise_limit(void)
{
    struct rlimit r;
    return yes(getrlimit(RLIMIT_NOFILE, &r) == 0 && setrlimit(RLIMIT_NOFILE, &r) == 0);
}
static int take_memory(void)
{
    char *p = malloc(3u << 20);
    if (p)
        memset(p, 1, 3u << 20);
    bool got = p != NULL;
    free(p);
    return yes(got);
}
static int draw_random(void)
{
    unsigned char b[16];
    return yes(getentropy(b, sizeof b) == 0);
}
static void *in_thread(void *arg)
{
    *(int *)arg = 1;
    return NULL;
}
static int run_thread(void)
{
    pthread_t t;
    int ran = 0;
    return yes(pthread_create(&t, NULL, in_thread, &ran) == 0 && pthread_join(t, NULL) == 0 && ran);
}

/* ---- the table: what each role must be able to do; all else must be refused ---- */

enum {
    L = 1 << CONFINE_LINK,
    A = 1 << CONFINE_PAPER,
    S = 1 << CONFINE_SPOOL,
    U = 1 << CONFINE_UI,
    B = 1 << CONFINE_BRANCHD,
    H = 1 << CONFINE_HOSTD,
    ALL = L | A | S | U | B | H,
    NEEDS_LANDLOCK = 1 << 16, /* only the kernel's newer wall can refuse it */
    NEEDS_NET = 1 << 17,      /* the same from ABI 4 on */
};

static const struct {
    const char *name;
    int (*act)(void);
    unsigned may;
} PROBES[] = {
    { "take memory", take_memory, ALL },
    { "draw random bytes", draw_random, ALL },
    { "read within", read_in, ALL },
    { "run a thread", run_thread, L | A | S | B | H },
    { "connect to the host", tcp_host, L | S | B },
    { "connect to a unix socket", unix_connect, S | U | B },
    { "start a program", exec_true, S | B },
    { "start a process", spawn_process, S | B },
    { "write within", write_in, S | B | H },
    { "make a file within", make_in, S | B | H },
    { "read outside", read_out, NEEDS_LANDLOCK },
    { "list outside", list_out, NEEDS_LANDLOCK },
    { "read /etc/shadow", read_passwd, NEEDS_LANDLOCK },
    { "read another's environment", proc_mem, NEEDS_LANDLOCK },
    { "make a file outside", make_out, NEEDS_LANDLOCK },
    { "truncate outside", truncate_out, 0 },
    { "remove outside", unlink_out, NEEDS_LANDLOCK },
    { "move outside", rename_out, NEEDS_LANDLOCK },
    { "link outside", symlink_out, 0 },
    { "connect elsewhere", tcp_elsewhere, S | B | NEEDS_NET },
    { "packet socket", packet_socket, 0 },
    { "vm socket", vsock_socket, 0 },
    { "listen on tcp", listen_tcp, B | NEEDS_NET },
    { "accept a connection", accept_tcp, B | H },
    { "udp", udp_socket, L | S | B },
    { "trace the parent", trace_parent, 0 },
    { "read the parent's memory", read_parent, 0 },
    { "signal the parent", signal_parent, S | B },
    { "mount", mount_tmp, 0 },
    { "leave the namespace", leave_namespace, 0 },
    { "change root", change_root, 0 },
    { "load bpf", load_bpf, 0 },
    { "io_uring", use_io_uring, 0 },
    { "userfaultfd", fault_handling, 0 },
    { "kernel keys", kernel_keys, 0 },
    { "change user", become_other, 0 },
    { "set the clock", set_clock, 0 },
    { "map code", map_code, S | B },
    { "turn data into code", make_code, S | B },
    { "change limits", raise_limit, S | B },
};

static int probe(enum confine_role role, int (*act)(void), int *ret_abi)
{
    int pipefd[2], status;
    assert_int_equal(pipe(pipefd), 0);
    pid_t pid = fork();
    if (pid == 0) {
        const struct confine_path paths[] = {
            { P.in, role == CONFINE_LINK || role == CONFINE_UI ? CONFINE_READ : CONFINE_WRITE },
            { "/usr", CONFINE_EXEC },
            { "/lib", CONFINE_EXEC },
            { "/lib64", CONFINE_EXEC },
            { "/nowhere/at/all", CONFINE_READ },
        };
        const struct confine_plan plan = { .role = role, .path = paths, .n = ARRAY_LEN(paths), .tcp_port = P.port };
        struct confine_state st;
        struct errinfo err;
        close(P.tcp);
        if (confine_basics(256, &err) != OK || confine_enter(&plan, &st, &err) != OK || !st.seccomp)
            _exit(BROKEN);
        if (write(pipefd[1], &st.landlock_abi, sizeof st.landlock_abi) < 0)
            _exit(BROKEN);
        _exit(act());
    }
    close(pipefd[1]);
    assert_int_equal(read(pipefd[0], ret_abi, sizeof *ret_abi), (ssize_t)sizeof *ret_abi);
    close(pipefd[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? DENIED : BROKEN;
    return WEXITSTATUS(status);
}

static bool kernel_can(unsigned may, int abi)
{
    return !((may & NEEDS_LANDLOCK) && abi < 1) && !((may & NEEDS_NET) && abi < 4);
}

static void try_all(enum confine_role role)
{
    int tried = 0, abi = 0;
    for (size_t i = 0; i < ARRAY_LEN(PROBES); i++) {
        bool allowed = PROBES[i].may & (1u << role);
        int got = probe(role, PROBES[i].act, &abi);
        if (!allowed && !kernel_can(PROBES[i].may, abi))
            continue;
        if (got != (allowed ? ALLOWED : DENIED))
            fail_msg("%s: %s is %s", confine_role_name(role), PROBES[i].name,
                     got == ALLOWED  ? "allowed"
                     : got == DENIED ? "denied"
                                     : "broken");
        tried += !allowed;
    }
    print_message("# %s: %d forbidden actions denied, Landlock ABI %d\n", confine_role_name(role), tried, abi);
}

static void link_role(void **state)
{
    (void)state;
    try_all(CONFINE_LINK);
}
static void paper_role(void **state)
{
    (void)state;
    try_all(CONFINE_PAPER);
}
static void spool_role(void **state)
{
    (void)state;
    try_all(CONFINE_SPOOL);
}
static void ui_role(void **state)
{
    (void)state;
    try_all(CONFINE_UI);
}
static void branchd_role(void **state)
{
    (void)state;
    try_all(CONFINE_BRANCHD);
}

static void hostd_role(void **state)
{
    (void)state;
    try_all(CONFINE_HOSTD);
}

/* The probes mean nothing when they fail without the wall, too. */
static void the_probes_work_outside(void **state)
{
    static int (*const plain[])(void) = { read_in,      read_out,  write_in,   make_out, tcp_host,  tcp_elsewhere,
                                          unix_connect, exec_true, run_thread, map_code, make_code, listen_tcp };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        int status;
        pid_t pid = fork();
        if (pid == 0)
            _exit(plain[i]());
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), ALLOWED);
    }
}

static void no_core_and_no_way_back(void **state)
{
    int status;
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        struct errinfo err;
        struct rlimit core;
        if (confine_basics(64, &err) != OK || getrlimit(RLIMIT_CORE, &core) != 0)
            _exit(BROKEN);
        int extra = 0;
        while (extra < 100 && dup(STDERR_FILENO) >= 0)
            extra++;
        _exit(core.rlim_cur == 0 && core.rlim_max == 0 && extra < 64 && umask(0) == 077 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int listen_on(uint16_t *ret_port)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t n = sizeof a;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

static void put_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && write(fd, "x", 1) == 1);
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    memcpy(P.dir, "/tmp/confine-XXXXXX", sizeof "/tmp/confine-XXXXXX");
    assert_non_null(mkdtemp(P.dir));
    snprintf(P.in, sizeof P.in, "%s/in", P.dir);
    snprintf(P.in_file, sizeof P.in_file, "%s/file", P.in);
    snprintf(P.out_file, sizeof P.out_file, "%s/file", P.dir);
    snprintf(P.sock, sizeof P.sock, "%s/sock", P.in);
    assert_int_equal(mkdir(P.in, 0700), 0);
    put_file(P.in_file);
    put_file(P.out_file);
    P.tcp = listen_on(&P.port);
    listen_on(&P.other_port);
    P.sock_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(a.sun_path, P.sock, strlen(P.sock) + 1);
    assert_int_equal(bind(P.sock_fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(P.sock_fd, 64), 0);
    return 0;
}

/* In a process of its own: 0 when nothing of its starter's is left. */
static int after_start(int fd)
{
    char line[128];
    unsigned long long caps = 1;
    if (confine_daemon(NULL) != OK)
        return 1;
    if (getenv("SSLKEYLOGFILE") || getenv("LD_LIBRARY_PATH") || !getenv("PATH"))
        return 2;
    if (fcntl(fd, F_GETFD) >= 0)
        return 3;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "CapEff: %llx", &caps) == 1)
            break;
    if (f)
        fclose(f);
    return caps == 0 ? 0 : 4;
}

static void a_daemon_takes_nothing_along(void **state)
{
    int status = -1;
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setenv("SSLKEYLOGFILE", "/tmp/x", 1);
        setenv("LD_LIBRARY_PATH", "/tmp", 1);
        _exit(after_start(dup(STDERR_FILENO)));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int tear_down(void **state)
{
    char cmd[128];
    (void)state;
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", P.dir);
    return system(cmd);
}

int main(void)
{
    log_init("test-app-confine", -1, LOG_ERR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_probes_work_outside),
        cmocka_unit_test(no_core_and_no_way_back),
        cmocka_unit_test(a_daemon_takes_nothing_along),
        cmocka_unit_test(link_role),
        cmocka_unit_test(paper_role),
        cmocka_unit_test(spool_role),
        cmocka_unit_test(ui_role),
        cmocka_unit_test(branchd_role),
        cmocka_unit_test(hostd_role),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
