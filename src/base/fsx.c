#include "base/fsx.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As err_sys, and tells apart what a caller may want to act upon. */
static enum err fail(struct errinfo *reterr, int saved_errno, const char *path, const char *what)
{
    static const struct {
        int number;
        enum err code;
    } special[] = {
        { ENOENT, E_NOTFOUND }, { ENOTDIR, E_NOTFOUND }, { EACCES, E_DENIED },
        { EPERM, E_DENIED },    { EEXIST, E_EXISTS },    { ELOOP, E_INVALID },
    };
    enum err code = err_sys(reterr, saved_errno, path, what);
    for (size_t i = 0; i < ARRAY_LEN(special); i++)
        if (special[i].number == saved_errno)
            code = special[i].code;
    if (reterr)
        reterr->code = code;
    return code;
}

static enum err read_fd(int fd, const char *path, size_t max, struct buf *into, struct errinfo *reterr)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail(reterr, errno, path, "fstat");
    if (!S_ISREG(st.st_mode))
        return err_set(reterr, E_INVALID, NULL, path, "not a regular file");
    if ((uint64_t)st.st_size > max)
        return err_set(reterr, E_INVALID, NULL, path, "larger than %zu bytes", max);
    buf_reserve(into, (size_t)st.st_size);
    for (;;) {
        char chunk[16384];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(reterr, errno, path, "read");
        if (n > 0)
            buf_add(into, chunk, (size_t)n);
        wipe(chunk, n > 0 ? (size_t)n : 0);
        if (n == 0)
            return OK;
        if (into->len > max) /* grew since fstat */
            return err_set(reterr, E_INVALID, NULL, path, "larger than %zu bytes", max);
    }
}

enum err fs_read(const char *path, size_t max, struct buf *ret, struct errinfo *reterr)
{
    /* O_NONBLOCK: a FIFO in the place of the file must not hang us before fstat tells. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail(reterr, errno, path, "open");
    struct buf got = BUF_INIT;
    enum err err = read_fd(fd, path, max, &got, reterr);
    close(fd);
    if (err != OK) {
        buf_done(&got);
        return err;
    }
    buf_done(ret);
    *ret = got;
    return OK;
}

enum err fs_write_all(int fd, struct span s, struct errinfo *reterr)
{
    while (s.n > 0) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(reterr, errno, NULL, "write");
        s.p += n;
        s.n -= (size_t)n;
    }
    return OK;
}

enum err fs_sync_dir(const char *dir, struct errinfo *reterr)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(reterr, errno, dir, "open");
    enum err err = OK;
    if (fsync(fd) != 0)
        err = fail(reterr, errno, dir, "fsync");
    close(fd);
    return err;
}

static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return xstrdup(".");
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

/* Content and mode on the disk, under a name nobody looks for. Closes fd in every case. */
static enum err fill(int fd, mode_t mode, const char *path, struct span s, struct errinfo *reterr)
{
    enum err err = OK;
    if (fchmod(fd, mode) != 0)
        err = fail(reterr, errno, path, "fchmod");
    if (err == OK)
        err = fs_write_all(fd, s, reterr);
    if (err == OK && fsync(fd) != 0)
        err = fail(reterr, errno, path, "fsync");
    if (close(fd) != 0 && err == OK)
        err = fail(reterr, errno, path, "close");
    return err;
}

enum err fs_write_atomic(const char *path, mode_t mode, struct span s, struct errinfo *reterr)
{
    enum err err;
    char *temp = xprintf("%s.XXXXXX", path);
    char *dir = parent_of(path);
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0) {
        err = fail(reterr, errno, path, "create");
        goto out;
    }
    err = fill(fd, mode, path, s, reterr);
    if (err == OK && rename(temp, path) != 0)
        err = fail(reterr, errno, path, "rename");
    if (err != OK) {
        unlink(temp);
        goto out;
    }
    err = fs_sync_dir(dir, reterr);
out:
    free(dir);
    free(temp);
    return err;
}

/* One directory; one that is there already keeps its mode. */
static enum err make_dir(const char *path, mode_t mode, struct errinfo *reterr)
{
    if (mkdir(path, mode) == 0) /* the umask may have taken bits away */
        return chmod(path, mode) == 0 ? OK : fail(reterr, errno, path, "chmod");
    int saved = errno;
    struct stat st;
    if (saved == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return OK;
    return fail(reterr, saved, path, "mkdir");
}

enum err fs_mkdir_p(const char *path, mode_t mode, struct errinfo *reterr)
{
    char *part = xstrdup(path);
    enum err err = OK;
    for (char *p = part; err == OK && *p;) {
        p += strspn(p, "/");
        p += strcspn(p, "/");
        char end = *p;
        *p = '\0';
        err = make_dir(part, mode, reterr);
        *p = end;
        p += strspn(p, "/");
    }
    free(part);
    return err;
}

char *fs_join(const char *a, const char *b)
{
    size_t n = strlen(a);
    if (n == 0)
        return xstrdup(b);
    MUST(n <= INT_MAX);
    bool root = a[strspn(a, "/")] == '\0';
    while (n > 0 && a[n - 1] == '/')
        n--;
    b += strspn(b, "/");
    return root ? xprintf("/%s", b) : xprintf("%.*s/%s", (int)n, a, b);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool wanted(DIR *dir, const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    struct stat st;
    return n >= m && strcmp(name + n - m, suffix) == 0 && fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(st.st_mode);
}

enum err fs_list(const char *path, const char *suffix, char ***ret, size_t *ret_n, struct errinfo *reterr)
{
    DIR *dir = opendir(path);
    if (!dir)
        return fail(reterr, errno, path, "opendir");
    char **names = NULL;
    size_t n = 0;
    struct dirent *d;
    while (errno = 0, (d = readdir(dir))) {
        if (!wanted(dir, d->d_name, suffix))
            continue;
        names = xrealloc(names, n + 1, sizeof *names);
        names[n++] = xstrdup(d->d_name);
    }
    int saved = errno;
    closedir(dir);
    if (saved) {
        fs_list_free(names, n);
        return fail(reterr, saved, path, "readdir");
    }
    if (n)
        qsort(names, n, sizeof *names, by_bytes);
    *ret = names;
    *ret_n = n;
    return OK;
}

void fs_list_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}
