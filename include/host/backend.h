/*
 * What the host stands on: a database behind a small struct of functions. Everything above speaks of statements by
 * their names in data/sql/host and of transactions; whether SQLite or PostgreSQL answers is decided where the host is
 * opened. Writing transactions are serialised: the number of a feed row is taken inside the transaction that commits
 * it, so that the order of numbers is the order of commits. A backend may hold statements without rows back until the
 * next answer is needed (pipeline); an error then shows at that point or at the commit.
 */
#ifndef HOST_BACKEND_H
#define HOST_BACKEND_H

#include "base/buf.h"
#include "base/clock.h"

struct host_backend; /* first member of every backend: const struct host_backend_ops *ops */
struct host_query;   /* one statement while it is used */
struct host_copy;    /* a backup on its way */

struct host_backend_ops {
    const char *name;
    void (*close)(struct host_backend *);

    enum err (*begin)(struct host_backend *, struct errinfo *);
    enum err (*commit)(struct host_backend *, struct errinfo *); /* OK: durable */
    void (*rollback)(struct host_backend *);

    /* `id` is a Q_… of the host's catalogue. Parameters and columns by name; a wrong name is a bug. */
    struct host_query *(*query)(struct host_backend *, int id);
    void (*bind_int)(struct host_query *, const char *name, int64_t);
    void (*bind_text)(struct host_query *, const char *name, struct span); /* p NULL: NULL */
    void (*bind_blob)(struct host_query *, const char *name, struct span);
    enum err (*row)(struct host_query *, bool *ret_have, struct errinfo *);
    enum err (*run)(struct host_query *, int64_t *ret_changed, struct errinfo *); /* no rows; ends the use */
    int64_t (*get_int)(const struct host_query *, const char *name);              /* 0 for NULL */
    struct span (*get_span)(const struct host_query *, const char *name);         /* n 0 for NULL */
    bool (*is_null)(const struct host_query *, const char *name);
    void (*done)(struct host_query *); /* NULL allowed */

    /* Copy of one moment while work goes on. NULL members: the database is backed up by its own means. */
    enum err (*copy_start)(struct host_backend *, const char *path, struct host_copy **ret, struct errinfo *);
    enum err (*copy_step)(struct host_copy *, int *ret_left, struct errinfo *);
    enum err (*copy_finish)(struct host_copy *, struct errinfo *);
};

struct host_backend {
    const struct host_backend_ops *ops;
};

/* SQLite in one file, with the same settings as a branch's store (WAL, synchronous=FULL, one connection). */
enum err host_sqlite_open(const char *path, bool create, struct clock, struct host_backend **ret,
                          struct errinfo *) NODISCARD;
void host_backend_close(struct host_backend *); /* NULL allowed */

#endif
