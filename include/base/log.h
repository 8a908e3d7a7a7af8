/*
 * Technical log of a process, to standard error or a file; never to the terminal of the counter, never with
 * personal data. One line is one event; control characters and non-ASCII are written as \u{…}.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* `program` is borrowed for the life of the process. fd -1 silences. Until then errors go to
 * standard error. */
void log_init(const char *program, int fd, enum log_level max);
void log_msg(enum log_level, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "while WHAT: code, item, detail". */
void log_errinfo(enum log_level, const char *what, const struct errinfo *);

#endif
