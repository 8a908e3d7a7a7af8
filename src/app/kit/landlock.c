#include "landlock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights on files, by the ABI that brought them. */
enum fs_right {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_MAKE_ALL = 0x1ff << 4, /* remove and make entries of every type */
    FS_REFER = 1 << 13,       /* ABI 2 */
    FS_TRUNCATE = 1 << 14,    /* ABI 3 */
    FS_IOCTL_DEV = 1 << 15,   /* ABI 5 */
};
enum { FS_ABI1 = (1 << 13) - 1 };
enum { NET_BIND_TCP = 1 << 0, NET_CONNECT_TCP = 1 << 1 };            /* ABI 4 */
enum { SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0, SCOPE_SIGNAL = 1 << 1 }; /* ABI 6 */
enum { RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2, ASK_VERSION = 1 };

struct ruleset_attr {
    uint64_t fs, net, scoped;
};
struct path_rule {
    uint64_t rights;
    int32_t fd;
} __attribute__((packed));
struct port_rule {
    uint64_t rights, port;
};

static const uint64_t ACCESS[] = {
    [CONFINE_READ] = FS_READ_FILE | FS_READ_DIR,
    [CONFINE_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_MAKE_ALL | FS_REFER | FS_TRUNCATE | FS_IOCTL_DEV,
    [CONFINE_EXEC] = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE,
};
/* Of these only what makes sense for a single file. */
enum { FILE_RIGHTS = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV };

static int ask_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, (unsigned)ASK_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

static uint64_t fs_rights(int abi)
{
    uint64_t all = FS_ABI1;
    all |= abi >= 2 ? FS_REFER : 0;
    all |= abi >= 3 ? FS_TRUNCATE : 0;
    all |= abi >= 5 ? FS_IOCTL_DEV : 0;
    return all;
}

/* The process that starts the others may not take from them what one of them needs. */
static struct ruleset_attr handled(const struct confine_plan *plan, int abi)
{
    bool parent = plan->role == CONFINE_BRANCHD || plan->role == CONFINE_SPOOL;
    return (struct ruleset_attr){
        .fs = fs_rights(abi),
        .net = abi >= 4 && !parent ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
        .scoped = abi >= 6 && !parent ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0,
    };
}

static size_t attr_size(int abi)
{
    size_t words = abi >= 6 ? 3 : abi >= 4 ? 2 : 1;
    return words * sizeof(uint64_t);
}

static enum err add_path(int ruleset, const struct confine_path *p, uint64_t all, struct errinfo *reterr)
{
    struct stat st;
    int fd = open(p->path, O_PATH | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return OK;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int saved = errno;
        if (fd >= 0)
            close(fd);
        return err_sys(reterr, saved, p->path, "open");
    }
    struct path_rule rule = { .rights = ACCESS[p->access] & all, .fd = fd };
    if (!S_ISDIR(st.st_mode))
        rule.rights &= FILE_RIGHTS;
    long rc = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0u);
    int saved = errno;
    close(fd);
    return rc == 0 ? OK : err_sys(reterr, saved, p->path, "landlock_add_rule");
}

static enum err fill(int ruleset, const struct confine_plan *plan, const struct ruleset_attr *attr,
                     struct errinfo *reterr)
{
    for (size_t i = 0; i < plan->n; i++)
        TRY(add_path(ruleset, &plan->path[i], attr->fs, reterr));
    if (!attr->net || !plan->tcp_port)
        return OK;
    struct port_rule rule = { .rights = NET_CONNECT_TCP, .port = plan->tcp_port };
    if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0u) != 0)
        return err_sys(reterr, errno, NULL, "landlock_add_rule for the port");
    return OK;
}

enum err landlock_enter(const struct confine_plan *plan, int *ret_abi, struct errinfo *reterr)
{
    int abi = ask_abi();
    if (abi == 0) {
        *ret_abi = 0;
        return OK;
    }
    struct ruleset_attr attr = handled(plan, abi);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, attr_size(abi), 0u);
    if (ruleset < 0)
        return err_sys(reterr, errno, NULL, "landlock_create_ruleset");
    enum err e = fill(ruleset, plan, &attr, reterr);
    if (e == OK && syscall(SYS_landlock_restrict_self, ruleset, 0u) != 0)
        e = err_sys(reterr, errno, NULL, "landlock_restrict_self");
    close(ruleset);
    if (e == OK)
        *ret_abi = abi;
    return e;
}
