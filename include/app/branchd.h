/*
 * madoguchi-branchd (支所デーモン): owns the store, runs the service for every client of the socket, and is the parent
 * of the link and paper processes. What it consists of beside the socket are parts (src/app/branchd/branchd_parts.def):
 * each is started once everything below is open and stopped in reverse order. The roles a child may be started in with
 * `-x` are rows of src/app/branchd/branchd_roles.def.
 */
#ifndef APP_BRANCHD_H
#define APP_BRANCHD_H

#include "app/instance.h"
#include "app/privsep.h"
#include "base/loop.h"
#include "service/service.h"

/* Who has the branch's key signs a copy of the store (控えの署名): the part that owns the link child. Answers later,
 * exactly once, from the event loop or from within the call: E_NOTFOUND when this branch is not registered, E_OFFLINE
 * when the child cannot work. One at a time. */
struct link_signed;
struct branchd_seal {
    void *self;
    void (*sign)(void *self, struct span statement, void (*done)(void *arg, const struct link_signed *), void *arg);
    void (*forget)(void *self); /* the answer is not wanted any more */
};

struct branchd {
    const char *dir;     /* of the instance */
    const char *share;   /* holds forms/ and data/ */
    const char *program; /* as it was started: argv[0] */
    struct instance instance;
    struct clock clock; /* of the instance: settable on a trial */
    struct loop *loop;
    struct rulebook *book;
    struct db *db;
    struct service *svc;
    struct service_plug plug;        /* the part that knows the host fills it in */
    struct privsep *privsep;         /* children: app/privsep.h */
    const struct branchd_seal *seal; /* NULL: nobody signs */
};

struct branchd_part {
    const char *name;
    /* Timers and descriptors go to b->loop; service_on_commit and b->plug tell what the service does and needs. */
    enum err (*start)(struct branchd *b, void **ret_state, struct errinfo *);
    void (*stop)(void *state);
};

/* Opens everything and serves until SIGTERM or SIGINT. ready(arg, NULL) is called once the socket answers,
 * ready(arg, why) when it will not. Returns the exit status. */
int branchd_run(const char *dir, const char *program, void (*ready)(void *arg, const struct errinfo *why), void *arg);

/* The socket (include/client/client.h) and its connections. */
struct branchd_sock;
enum err branchd_listen(struct branchd *, struct branchd_sock **ret, struct errinfo *) NODISCARD;
void branchd_unlisten(struct branchd_sock *); /* ends every connection; NULL allowed */

#endif
