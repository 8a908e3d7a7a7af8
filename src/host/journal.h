/* The host's journal: what was done to the host itself. Each row's hash covers the row and the hash before it. */
#ifndef HOST_JOURNAL_H
#define HOST_JOURNAL_H

#include "host/backend.h"
#include <jansson.h>

/* Inside a transaction; steals detail. */
enum err journal_add(struct host_backend *, int64_t at_ms, const char *who, const char *what, json_t *detail,
                     struct errinfo *) NODISCARD;

#endif
