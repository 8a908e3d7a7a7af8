#include "small_disk.h"
#include "check.h"

#include "base/fsx.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* This account keeps its number inside: files keep their owner. */
static bool own_namespace(void)
{
    char *uid = xprintf("%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
    char *gid = xprintf("%u %u 1", (unsigned)getegid(), (unsigned)getegid());
    bool ok = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put("/proc/self/uid_map", uid) &&
              put("/proc/self/setgroups", "deny") && put("/proc/self/gid_map", gid);
    free(uid);
    free(gid);
    return ok;
}

bool small_disk_mount(const char *at, const char *size, const char **ret_why)
{
    char *options = xprintf("size=%s,mode=0700", size);
    bool ok = (own_namespace() || unshare(CLONE_NEWNS) == 0) &&
              mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
              mount("none", at, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
    *ret_why = ok ? "" : strerror(errno);
    free(options);
    return ok;
}

bool small_disk_unmount(const char *at)
{
    return umount(at) == 0;
}

void small_disk_fill(const char *file)
{
    static const char block[65536];
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (size_t n = sizeof block; n > 0;)
        if (write(fd, block, n) <= 0) {
            assert_int_equal(errno, ENOSPC);
            n /= 2;
        }
    close(fd);
}
