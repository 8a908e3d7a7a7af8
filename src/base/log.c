#include "base/log.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1024, LINE_MAX_BYTES = 4096, ESCAPE_MAX = sizeof "\\u{10FFFF}" };

static const char *const level_names[] = {
    [LOG_ERR] = "error",
    [LOG_WARN] = "warning",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

/* The one log of the process. Until log_init only errors are written. */
static struct {
    const char *program;
    int fd;
    enum log_level max;
} the_log = { .program = "-", .fd = STDERR_FILENO, .max = LOG_ERR };

static void say_last_words(const char *text)
{
    log_msg(LOG_ERR, "%s", text);
}

void log_init(const char *program, int fd, enum log_level max)
{
    the_log.program = program;
    the_log.fd = fd;
    the_log.max = max;
    mem_on_bug(say_last_words);
}

/* Appends printable ASCII as it is and everything else as \u{…}; a byte that is not UTF-8 as \x{…}. */
static size_t escape(char *ret, size_t size, const char *text)
{
    const char *p = text, *end = text + strlen(text);
    size_t n = 0;
    while (p < end && n + ESCAPE_MAX < size) {
        unsigned char byte = (unsigned char)*p;
        uint32_t cp = utf8_next(&p, end);
        if (cp == UTF8_BAD)
            n += (size_t)snprintf(ret + n, size - n, "\\x{%02X}", byte);
        else if (cp < 0x20 || cp > 0x7E)
            n += (size_t)snprintf(ret + n, size - n, "\\u{%X}", cp);
        else
            ret[n++] = (char)cp;
    }
    return n;
}

/* A log that cannot be written must not stop the work at the counter. */
static void write_line(const char *line, size_t n)
{
    ssize_t done = write(the_log.fd, line, n);
    (void)done;
}

void log_msg(enum log_level level, const char *fmt, ...)
{
    if (the_log.fd < 0 || level > the_log.max)
        return;
    char text[TEXT_MAX], when[CLOCK_TEXT], line[LINE_MAX_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct clock clock = clock_system();
    clock_iso_jst(clock.wall_ms(clock.self), when);
    int head = snprintf(line, sizeof line / 2, "%s %.64s[%ld] %s: ", when, the_log.program, (long)getpid(),
                        level_names[level]);
    size_t n = (size_t)head;
    n += escape(line + n, sizeof line - n - 1, text);
    line[n++] = '\n';
    write_line(line, n);
}

void log_errinfo(enum log_level level, const char *what, const struct errinfo *e)
{
    log_msg(level, "while %s: %s, %s, %s", what, err_name(e->code), e->item, e->detail);
}
