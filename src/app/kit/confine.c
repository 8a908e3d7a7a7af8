#include "app/confine.h"
#include "base/mem.h"
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Abilities a role is made of. */
enum {
    CAN_RUN = 1 << 0,     /* memory, time, signals to itself, descriptors it already has */
    CAN_READ = 1 << 1,    /* open files for reading */
    CAN_WRITE = 1 << 2,   /* make, change and remove files */
    CAN_THREAD = 1 << 3,  /* libcurl resolves names in a thread, pango looks up sizes of a font in one */
    CAN_INET = 1 << 4,    /* connect by IP */
    CAN_UNIX = 1 << 5,    /* connect to unix sockets */
    CAN_SPAWN = 1 << 6,   /* start programs and load code */
    CAN_SERVE = 1 << 7,   /* listen on a unix socket */
    CAN_CONFINE = 1 << 8, /* wall in its children */
    CAN_TTY = 1 << 9,
    CAN_ACCEPT = 1 << 10, /* take connections on sockets that listen already */
};

static const struct {
    const char *name;
    unsigned can;
} ROLES[] = {
    [CONFINE_LINK] = { "link", CAN_RUN | CAN_READ | CAN_THREAD | CAN_INET },
    [CONFINE_PAPER] = { "paper", CAN_RUN | CAN_READ | CAN_THREAD },
    [CONFINE_PROOF] = { "proof", CAN_RUN },
    [CONFINE_CHECK] = { "check", CAN_RUN | CAN_READ | CAN_WRITE },
    [CONFINE_SPOOL] = { "spool", CAN_RUN | CAN_READ | CAN_WRITE | CAN_THREAD | CAN_INET | CAN_UNIX | CAN_SPAWN },
    [CONFINE_UI] = { "ui", CAN_RUN | CAN_READ | CAN_UNIX | CAN_TTY },
    [CONFINE_BRANCHD] = { "branchd", CAN_RUN | CAN_READ | CAN_WRITE | CAN_THREAD | CAN_INET | CAN_UNIX | CAN_SPAWN |
                                         CAN_SERVE | CAN_ACCEPT | CAN_CONFINE },
    [CONFINE_HOSTD] = { "hostd", CAN_RUN | CAN_READ | CAN_WRITE | CAN_THREAD | CAN_ACCEPT },
};
_Static_assert(ARRAY_LEN(ROLES) == CONFINE_ROLES, "a role has no row");

/* System calls that an ability brings, whatever their arguments. */
static const struct {
    int nr;
    unsigned can;
} CALLS[] = {
    { SCMP_SYS(read), CAN_RUN },
    { SCMP_SYS(write), CAN_RUN },
    { SCMP_SYS(readv), CAN_RUN },
    { SCMP_SYS(writev), CAN_RUN },
    { SCMP_SYS(close), CAN_RUN },
    { SCMP_SYS(fstat), CAN_RUN },
    { SCMP_SYS(newfstatat), CAN_RUN },
    { SCMP_SYS(lseek), CAN_RUN },
    { SCMP_SYS(fcntl), CAN_RUN },
    { SCMP_SYS(dup), CAN_RUN },
    { SCMP_SYS(munmap), CAN_RUN },
    { SCMP_SYS(mremap), CAN_RUN },
    { SCMP_SYS(madvise), CAN_RUN },
    { SCMP_SYS(brk), CAN_RUN },
    { SCMP_SYS(rt_sigaction), CAN_RUN },
    { SCMP_SYS(rt_sigprocmask), CAN_RUN },
    { SCMP_SYS(rt_sigreturn), CAN_RUN },
    { SCMP_SYS(sigaltstack), CAN_RUN },
    { SCMP_SYS(signalfd4), CAN_RUN },
    { SCMP_SYS(tgkill), CAN_RUN },
    { SCMP_SYS(poll), CAN_RUN },
    { SCMP_SYS(ppoll), CAN_RUN },
    { SCMP_SYS(select), CAN_RUN },
    { SCMP_SYS(pselect6), CAN_RUN },
    { SCMP_SYS(epoll_create1), CAN_RUN },
    { SCMP_SYS(epoll_ctl), CAN_RUN },
    { SCMP_SYS(epoll_wait), CAN_RUN },
    { SCMP_SYS(epoll_pwait), CAN_RUN },
    { SCMP_SYS(eventfd2), CAN_RUN },
    { SCMP_SYS(pipe2), CAN_RUN },
    { SCMP_SYS(socketpair), CAN_RUN },
    { SCMP_SYS(clock_gettime), CAN_RUN },
    { SCMP_SYS(clock_getres), CAN_RUN },
    { SCMP_SYS(clock_nanosleep), CAN_RUN },
    { SCMP_SYS(gettimeofday), CAN_RUN },
    { SCMP_SYS(time), CAN_RUN },
    { SCMP_SYS(getpid), CAN_RUN },
    { SCMP_SYS(getppid), CAN_RUN },
    { SCMP_SYS(gettid), CAN_RUN },
    { SCMP_SYS(getuid), CAN_RUN },
    { SCMP_SYS(geteuid), CAN_RUN },
    { SCMP_SYS(getgid), CAN_RUN },
    { SCMP_SYS(getegid), CAN_RUN },
    { SCMP_SYS(exit), CAN_RUN },
    { SCMP_SYS(exit_group), CAN_RUN },
    { SCMP_SYS(futex), CAN_RUN },
    { SCMP_SYS(restart_syscall), CAN_RUN },
    { SCMP_SYS(getrandom), CAN_RUN },
    { SCMP_SYS(sched_yield), CAN_RUN },
    { SCMP_SYS(sched_getaffinity), CAN_RUN },
    { SCMP_SYS(sysinfo), CAN_RUN },
    { SCMP_SYS(uname), CAN_RUN },
    { SCMP_SYS(getrusage), CAN_RUN },
    { SCMP_SYS(recvfrom), CAN_RUN },
    { SCMP_SYS(sendto), CAN_RUN },
    { SCMP_SYS(recvmsg), CAN_RUN },
    { SCMP_SYS(sendmsg), CAN_RUN },
    { SCMP_SYS(shutdown), CAN_RUN },
    { SCMP_SYS(membarrier), CAN_RUN },

    { SCMP_SYS(stat), CAN_READ },
    { SCMP_SYS(lstat), CAN_READ },
    { SCMP_SYS(statx), CAN_READ },
    { SCMP_SYS(access), CAN_READ },
    { SCMP_SYS(faccessat), CAN_READ },
    { SCMP_SYS(faccessat2), CAN_READ },
    { SCMP_SYS(readlink), CAN_READ },
    { SCMP_SYS(readlinkat), CAN_READ },
    { SCMP_SYS(getdents64), CAN_READ },
    { SCMP_SYS(getcwd), CAN_READ },
    { SCMP_SYS(pread64), CAN_READ },
    { SCMP_SYS(fadvise64), CAN_READ },
    { SCMP_SYS(statfs), CAN_READ },
    { SCMP_SYS(fstatfs), CAN_READ },

    { SCMP_SYS(open), CAN_WRITE },
    { SCMP_SYS(openat), CAN_WRITE },
    { SCMP_SYS(creat), CAN_WRITE },
    { SCMP_SYS(pwrite64), CAN_WRITE },
    { SCMP_SYS(fsync), CAN_WRITE },
    { SCMP_SYS(fdatasync), CAN_WRITE },
    { SCMP_SYS(ftruncate), CAN_WRITE },
    { SCMP_SYS(fallocate), CAN_WRITE },
    { SCMP_SYS(flock), CAN_WRITE },
    { SCMP_SYS(unlink), CAN_WRITE },
    { SCMP_SYS(unlinkat), CAN_WRITE },
    { SCMP_SYS(rename), CAN_WRITE },
    { SCMP_SYS(renameat), CAN_WRITE },
    { SCMP_SYS(renameat2), CAN_WRITE },
    { SCMP_SYS(link), CAN_WRITE },
    { SCMP_SYS(linkat), CAN_WRITE },
    { SCMP_SYS(mkdir), CAN_WRITE },
    { SCMP_SYS(mkdirat), CAN_WRITE },
    { SCMP_SYS(rmdir), CAN_WRITE },
    { SCMP_SYS(chmod), CAN_WRITE },
    { SCMP_SYS(fchmod), CAN_WRITE },
    { SCMP_SYS(fchmodat), CAN_WRITE },
    { SCMP_SYS(chown), CAN_WRITE },
    { SCMP_SYS(fchown), CAN_WRITE },
    { SCMP_SYS(umask), CAN_WRITE },
    { SCMP_SYS(utimensat), CAN_WRITE },
    { SCMP_SYS(sendfile), CAN_WRITE },
    { SCMP_SYS(copy_file_range), CAN_WRITE },

    { SCMP_SYS(set_robust_list), CAN_THREAD },
    { SCMP_SYS(set_tid_address), CAN_THREAD },
    { SCMP_SYS(rseq), CAN_THREAD },
    { SCMP_SYS(sched_getparam), CAN_THREAD },
    { SCMP_SYS(sched_getscheduler), CAN_THREAD },

    { SCMP_SYS(connect), CAN_INET | CAN_UNIX },
    { SCMP_SYS(getsockopt), CAN_INET | CAN_UNIX | CAN_ACCEPT },
    { SCMP_SYS(setsockopt), CAN_INET | CAN_UNIX | CAN_ACCEPT },
    { SCMP_SYS(getsockname), CAN_INET | CAN_UNIX | CAN_ACCEPT },
    { SCMP_SYS(getpeername), CAN_INET | CAN_UNIX | CAN_ACCEPT },
    { SCMP_SYS(sendmmsg), CAN_INET },
    { SCMP_SYS(recvmmsg), CAN_INET },
    { SCMP_SYS(bind), CAN_INET | CAN_SERVE }, /* the resolver binds its netlink socket */
    { SCMP_SYS(listen), CAN_SERVE },
    { SCMP_SYS(accept4), CAN_ACCEPT },

    { SCMP_SYS(clone), CAN_SPAWN },
    { SCMP_SYS(fork), CAN_SPAWN },
    { SCMP_SYS(vfork), CAN_SPAWN },
    { SCMP_SYS(execve), CAN_SPAWN },
    { SCMP_SYS(execveat), CAN_SPAWN },
    { SCMP_SYS(wait4), CAN_SPAWN },
    { SCMP_SYS(waitid), CAN_SPAWN },
    { SCMP_SYS(kill), CAN_SPAWN },
    { SCMP_SYS(dup2), CAN_SPAWN },
    { SCMP_SYS(dup3), CAN_SPAWN },
    { SCMP_SYS(pipe), CAN_SPAWN },
    { SCMP_SYS(close_range), CAN_SPAWN },
    { SCMP_SYS(mmap), CAN_SPAWN },
    { SCMP_SYS(mprotect), CAN_SPAWN },
    { SCMP_SYS(arch_prctl), CAN_SPAWN },
    { SCMP_SYS(prctl), CAN_SPAWN },
    { SCMP_SYS(setsid), CAN_SPAWN },
    { SCMP_SYS(setpgid), CAN_SPAWN },
    { SCMP_SYS(getpgrp), CAN_SPAWN | CAN_TTY },
    { SCMP_SYS(chdir), CAN_SPAWN },
    { SCMP_SYS(prlimit64), CAN_SPAWN },
    { SCMP_SYS(getrlimit), CAN_SPAWN },
    { SCMP_SYS(setrlimit), CAN_SPAWN },

    { SCMP_SYS(seccomp), CAN_CONFINE },
    { SCMP_SYS(landlock_create_ruleset), CAN_CONFINE },
    { SCMP_SYS(landlock_add_rule), CAN_CONFINE },
    { SCMP_SYS(landlock_restrict_self), CAN_CONFINE },

    { SCMP_SYS(ioctl), CAN_TTY | CAN_SPAWN },
};

/* Calls that an ability brings for certain arguments only: (argument & mask) == value. */
#define WHOLE        UINT64_MAX
#define OPEN_CHANGES (O_ACCMODE | O_CREAT | O_TRUNC)
static const struct {
    int nr;
    unsigned can;
    unsigned arg;
    uint64_t mask, value;
} PARTS[] = {
    { SCMP_SYS(mmap), CAN_RUN, 2, PROT_EXEC, 0 },
    { SCMP_SYS(mprotect), CAN_RUN, 2, PROT_EXEC, 0 },
    { SCMP_SYS(prctl), CAN_RUN, 0, WHOLE, PR_SET_NAME },
    { SCMP_SYS(prlimit64), CAN_RUN, 2, WHOLE, 0 }, /* ask, not set */
    { SCMP_SYS(open), CAN_READ, 1, OPEN_CHANGES, O_RDONLY },
    { SCMP_SYS(openat), CAN_READ, 2, OPEN_CHANGES, O_RDONLY },
    { SCMP_SYS(clone), CAN_THREAD, 0, CLONE_THREAD, CLONE_THREAD },
    { SCMP_SYS(socket), CAN_INET, 0, WHOLE, AF_INET },
    { SCMP_SYS(socket), CAN_INET, 0, WHOLE, AF_INET6 },
    { SCMP_SYS(socket), CAN_INET, 0, WHOLE, AF_NETLINK }, /* the resolver asks for the addresses of this machine */
    { SCMP_SYS(socket), CAN_UNIX, 0, WHOLE, AF_UNIX },
    { SCMP_SYS(ioctl), CAN_RUN, 1, WHOLE, TCGETS }, /* stdio asks whether this is a terminal */
    { SCMP_SYS(ioctl), CAN_RUN, 1, WHOLE, FIONREAD },
    { SCMP_SYS(ioctl), CAN_RUN, 1, WHOLE, FIONBIO },
};

/* Nobody has an honest reason for these: the process ends on the spot. Everything else that is not allowed answers
 * ENOSYS, so that a newer libc falls back to what it used before. */
static const struct {
    int nr;
    unsigned unless;
} HOSTILE[] = {
    { SCMP_SYS(execve), CAN_SPAWN },
    { SCMP_SYS(execveat), CAN_SPAWN },
    { SCMP_SYS(ptrace), 0 },
    { SCMP_SYS(process_vm_readv), 0 },
    { SCMP_SYS(process_vm_writev), 0 },
    { SCMP_SYS(bpf), 0 },
    { SCMP_SYS(perf_event_open), 0 },
    { SCMP_SYS(mount), 0 },
    { SCMP_SYS(umount2), 0 },
    { SCMP_SYS(pivot_root), 0 },
    { SCMP_SYS(chroot), 0 },
    { SCMP_SYS(setns), 0 },
    { SCMP_SYS(unshare), 0 },
    { SCMP_SYS(init_module), 0 },
    { SCMP_SYS(finit_module), 0 },
    { SCMP_SYS(kexec_load), 0 },
    { SCMP_SYS(reboot), 0 },
    { SCMP_SYS(swapon), 0 },
    { SCMP_SYS(keyctl), 0 },
    { SCMP_SYS(userfaultfd), 0 },
    { SCMP_SYS(io_uring_setup), 0 },
    { SCMP_SYS(setuid), 0 },
    { SCMP_SYS(settimeofday), 0 },
    { SCMP_SYS(clock_settime), 0 },
};

const char *confine_role_name(enum confine_role role)
{
    return ROLES[role].name;
}

static enum err limit(int what, rlim_t most, const char *name, struct errinfo *reterr)
{
    struct rlimit r;
    if (getrlimit(what, &r) != 0)
        return err_sys(reterr, errno, name, "getrlimit");
    r.rlim_max = most < r.rlim_max ? most : r.rlim_max;
    r.rlim_cur = r.rlim_max;
    return setrlimit(what, &r) == 0 ? OK : err_sys(reterr, errno, name, "setrlimit");
}

/* What our programs and their libraries read. Everything else is somebody's wish (SSLKEYLOGFILE, LD_…, http_proxy). */
static const char *const environment[] = { "HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TZ", "MADOGUCHI_SHARE" };

static enum err clean_environment(struct errinfo *reterr)
{
    char *kept[ARRAY_LEN(environment)] = { NULL };
    bool ok = true;
    for (size_t i = 0; i < ARRAY_LEN(environment); i++)
        if (getenv(environment[i]))
            kept[i] = xstrdup(getenv(environment[i]));
    ok = clearenv() == 0;
    for (size_t i = 0; i < ARRAY_LEN(environment); i++) {
        if (ok && kept[i])
            ok = setenv(environment[i], kept[i], 1) == 0;
        free(kept[i]);
    }
    return ok ? OK : err_sys(reterr, errno, NULL, "environment");
}

static enum err drop_capabilities(struct errinfo *reterr)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { .effective = 0 } };
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
        return err_sys(reterr, errno, NULL, "prctl");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) /* or root would have them back with the next program */
        return err_sys(reterr, errno, NULL, "prctl");
    return syscall(SYS_capset, &head, none) == 0 ? OK : err_sys(reterr, errno, NULL, "capset");
}

enum err confine_daemon(struct errinfo *reterr)
{
    if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
        return err_sys(reterr, errno, NULL, "close_range");
    TRY(clean_environment(reterr));
    return drop_capabilities(reterr);
}

enum err confine_basics(unsigned files, struct errinfo *reterr)
{
    umask(077);
    TRY(limit(RLIMIT_CORE, 0, "RLIMIT_CORE", reterr));
    TRY(limit(RLIMIT_NOFILE, files, "RLIMIT_NOFILE", reterr));
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_sys(reterr, errno, NULL, "prctl");
    return OK;
}

/* libseccomp answers -EDOM for a call this architecture does not have: nothing to allow or to refuse then. */
static int rule(scmp_filter_ctx f, uint32_t action, int nr)
{
    int rc = nr < 0 ? 0 : seccomp_rule_add_array(f, action, nr, 0, NULL);
    return rc == -EDOM ? 0 : rc;
}

static int part(scmp_filter_ctx f, int nr, unsigned arg, uint64_t mask, uint64_t value)
{
    struct scmp_arg_cmp cmp = { .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value };
    return nr < 0 ? 0 : seccomp_rule_add_array(f, SCMP_ACT_ALLOW, nr, 1, &cmp);
}

static int fill(scmp_filter_ctx f, unsigned can)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(CALLS); i++)
        if (CALLS[i].can & can)
            rc = rule(f, SCMP_ACT_ALLOW, CALLS[i].nr);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(PARTS); i++)
        if (PARTS[i].can & can)
            rc = part(f, PARTS[i].nr, PARTS[i].arg, PARTS[i].mask, PARTS[i].value);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(HOSTILE); i++)
        if (!(HOSTILE[i].unless & can))
            rc = rule(f, SCMP_ACT_KILL_PROCESS, HOSTILE[i].nr);
    return rc;
}

static enum err filter(unsigned can, struct errinfo *reterr)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!f)
        return err_set(reterr, E_IO, NULL, NULL, "no seccomp filter to be had");
    int rc = fill(f, can);
    if (rc == 0)
        rc = seccomp_load(f);
    seccomp_release(f);
    return rc == 0 ? OK : err_sys(reterr, -rc, NULL, "seccomp");
}

enum err confine_enter(const struct confine_plan *plan, struct confine_state *ret, struct errinfo *reterr)
{
    struct confine_state state = { .seccomp = true };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_sys(reterr, errno, NULL, "prctl");
    TRY(landlock_enter(plan, &state.landlock_abi, reterr));
    TRY(filter(ROLES[plan->role].can, reterr));
    *ret = state;
    return OK;
}
