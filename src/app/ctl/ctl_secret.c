/* Passwords for madoguchi-ctl: from a descriptor, a file or the terminal, never from an argument. */
#include "app/ctl.h"
#include "base/buf.h"
#include "base/fsx.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_MAX 1024 /* as crypto/password.h takes */

/* One line, byte by byte: what follows on the descriptor belongs to somebody else. */
static enum err read_line(struct ctl *c, int fd, struct buf *ret, struct errinfo *reterr)
{
    char byte;
    for (;;) {
        ssize_t n = read(fd, &byte, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(reterr, errno, NULL, "read");
        if (n == 0 || byte == '\n')
            return OK;
        if (ret->len == SECRET_MAX)
            return ctl_refuse(c, reterr, E_INVALID, NULL, "パスワードが長すぎます。");
        buf_addc(ret, byte);
    }
}

static enum err from_fd(struct ctl *c, const char *name, const char *number, struct buf *ret, struct errinfo *reterr)
{
    char *end;
    long fd = strtol(number, &end, 10);
    if (*number < '0' || *number > '9' || *end != '\0' || fd > 65535)
        return ctl_usage(c, reterr, "--%s-fd は記述子の番号です。", name);
    return read_line(c, (int)fd, ret, reterr);
}

static enum err from_file(struct ctl *c, const char *path, struct buf *ret, struct errinfo *reterr)
{
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        return ctl_refuse(c, reterr, E_DENIED, "chmod 600 で本人だけが読めるようにしてください。",
                          "ほかの人が読めるファイルからパスワードは読みません: %s", path);
    TRY(fs_read(path, SECRET_MAX + 1, ret, reterr));
    const char *newline = memchr(buf_str(ret), '\n', ret->len);
    if (newline && newline != ret->p + ret->len - 1)
        return ctl_refuse(c, reterr, E_INVALID, NULL, "パスワードのファイルは1行です: %s", path);
    return OK;
}

/* Without echo, and with ^C as a character: the terminal is always put back. */
static enum err from_terminal(struct ctl *c, const char *prompt, struct buf *ret, struct errinfo *reterr)
{
    struct termios before, quiet;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0 || tcgetattr(tty, &before) != 0) {
        if (tty >= 0)
            close(tty);
        return ctl_usage(c, reterr, "端末がないので、パスワードを記述子かファイルで渡してください。");
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    enum err e = fs_write_all(tty, span_of(prompt), reterr);
    if (tcsetattr(tty, TCSAFLUSH, &quiet) != 0 && e == OK)
        e = err_sys(reterr, errno, "/dev/tty", "tcsetattr");
    if (e == OK)
        e = read_line(c, tty, ret, reterr);
    tcsetattr(tty, TCSAFLUSH, &before);
    if (fs_write_all(tty, span_of("\n"), NULL) == OK && e == OK && memchr(buf_str(ret), 003, ret->len))
        e = ctl_refuse(c, reterr, E_INVALID, NULL, "中止しました。");
    close(tty);
    return e;
}

enum err ctl_secret(struct ctl *c, const char *name, const char *prompt, char **ret, struct errinfo *reterr)
{
    char *fd_option = xprintf("%s-fd", name), *file_option = xprintf("%s-file", name);
    const char *fd = ctl_opt(c, fd_option), *file = ctl_opt(c, file_option);
    struct buf got = BUF_INIT;
    enum err e;
    if (fd && file)
        e = ctl_usage(c, reterr, "--%s と --%s は一緒に使えません。", fd_option, file_option);
    else if (fd)
        e = from_fd(c, name, fd, &got, reterr);
    else if (file)
        e = from_file(c, file, &got, reterr);
    else
        e = from_terminal(c, prompt, &got, reterr);
    size_t n = got.len && got.p[got.len - 1] == '\n' ? got.len - 1 : got.len;
    if (e == OK && (n == 0 || memchr(got.p, '\0', n)))
        e = ctl_refuse(c, reterr, E_INVALID, NULL, "パスワードがありません。");
    if (e == OK)
        *ret = xstrndup(got.p, n);
    buf_done(&got);
    free(file_option);
    free(fd_option);
    return e;
}
