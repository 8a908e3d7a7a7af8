#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [OK] = "ok",
    [E_NOMEM] = "nomem",
    [E_IO] = "io",
    [E_FULL] = "full",
    [E_BUSY] = "busy",
    [E_NOTFOUND] = "notfound",
    [E_EXISTS] = "exists",
    [E_CONFLICT] = "conflict",
    [E_DENIED] = "denied",
    [E_INVALID] = "invalid",
    [E_CORRUPT] = "corrupt",
    [E_TOONEW] = "toonew",
    [E_OFFLINE] = "offline",
};
_Static_assert(ARRAY_LEN(names) == E_ERRS, "one name for each error");

/* Drops the character that the end of a full buffer of `size` bytes cut in two. */
static void drop_partial(char *s, size_t size)
{
    size_t at = size - 1;
    while (at > 0 && ((unsigned char)s[at - 1] & 0xC0) == 0x80)
        at--;
    if (at == 0)
        return;
    unsigned char lead = (unsigned char)s[at - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (size - at < want)
        s[at - 1] = '\0';
}

static void copy_text(char *ret, size_t size, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);
static void copy_text(char *ret, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(ret, size, fmt, ap);
    if (n >= 0 && (size_t)n >= size)
        drop_partial(ret, size);
}

static void copy_str(char *ret, size_t size, const char *s)
{
    size_t n = s ? strnlen(s, size) : 0;
    memcpy(ret, n ? s : "", n < size ? n : size - 1);
    ret[n < size ? n : size - 1] = '\0';
    if (n == size)
        drop_partial(ret, size);
}

enum err err_set(struct errinfo *reterr, enum err code, const char *msg, const char *item, const char *fmt, ...)
{
    if (!reterr)
        return code;
    /* Built aside: the texts may come from *reterr itself when a caller adds context. */
    struct errinfo e = { .code = code };
    copy_str(e.msg, sizeof e.msg, msg);
    copy_str(e.item, sizeof e.item, item);
    va_list ap;
    va_start(ap, fmt);
    copy_text(e.detail, sizeof e.detail, fmt, ap);
    va_end(ap);
    *reterr = e;
    return code;
}

enum err err_sys(struct errinfo *reterr, int saved_errno, const char *item, const char *what)
{
    enum err code = saved_errno == ENOSPC || saved_errno == EDQUOT ? E_FULL : E_IO;
    const char *text = strerrordesc_np(saved_errno);
    if (!text)
        return err_set(reterr, code, NULL, item, "%s: errno %d", what, saved_errno);
    return err_set(reterr, code, NULL, item, "%s: %s", what, text);
}

const char *err_name(enum err code)
{
    return (unsigned)code < ARRAY_LEN(names) ? names[code] : "unknown";
}
