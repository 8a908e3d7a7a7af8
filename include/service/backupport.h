/*
 * What the service asks of the part of the daemon that makes copies of the store (控え): one at a time, page by page
 * between other work, and checked by a process of its own before it counts. Answers later, exactly once, from the
 * event loop, never from within the call. Source: spec/reliability.md §6.2.
 */
#ifndef SERVICE_BACKUPPORT_H
#define SERVICE_BACKUPPORT_H

#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

struct service;

struct backup_made { /* borrowed for the call of `done` */
    enum err err;    /* and then only `why` */
    const struct errinfo *why;
    const char *name, *path, *sha256;
    int64_t size, log_seq;
    bool is_signed; /* with the branch's key; not while the branch is not registered */
};

struct backup_port {
    void *self;
    /* E_BUSY: one is being made. */
    enum err (*start)(void *self, void (*done)(void *arg, const struct backup_made *), void *arg, struct errinfo *);
};

/* By the part, before it answers: a copy without its row in the operation log does not exist. */
enum err service_backup_made(struct service *, const struct backup_made *, struct errinfo *) NODISCARD;

/* Facts of the last one, in the store. */
#define BACKUP_LAST_MS   "backup.last_ms"
#define BACKUP_LAST_NAME "backup.last_name"

#endif
