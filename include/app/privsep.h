/*
 * Children of madoguchi-branchd. A child is our own program started again (`-x role`), so that it has a fresh memory
 * layout and nothing of its parent: one socket on descriptor 3, everything above closed, an empty environment but
 * for what is named, no signal mask. A child that ends is reported; one that is to live is started again, the later
 * the more often it fails, and the counter goes on without it meanwhile.
 */
#ifndef APP_PRIVSEP_H
#define APP_PRIVSEP_H

#include "app/msg.h"
#include <sys/types.h>

#define PRIVSEP_FD 3

struct privsep;
/* Takes SIGCHLD of the loop; one per process. Remembers the running program itself, not its path: a child is always
 * of the same build, also after an upgrade. */
enum err privsep_new(struct loop *, struct privsep **ret, struct errinfo *) NODISCARD;
void privsep_free(struct privsep *); /* ends and reaps all children; NULL allowed */

struct child;
struct child_ops {
    /* The child runs; its channel is ready (also after each restart). */
    void (*started)(void *arg, struct child *);
    enum err (*message)(void *arg, struct child *, const struct msg *, struct errinfo *);
    /* It is gone and reaped: exit status as of waitpid(2). With `restart` it comes back by itself, otherwise the
     * child is freed when this returns. */
    void (*ended)(void *arg, struct child *, int status);
};

struct child_spec {
    const char *role;           /* -x role */
    const char *const *args;    /* further arguments, NULL-terminated, or NULL. Never personal data. */
    const char *const *env;     /* NAME=value, NULL-terminated, or NULL: the whole environment of the child */
    const struct msg_types *in; /* messages it may send us */
    const struct child_ops *ops;
    void *arg;
    struct template *of; /* NULL, or what it is a copy of: the same role and arguments, ready ahead */
    bool restart;
    int64_t restart_min_ms, restart_max_ms; /* doubles from min to max; starts anew after it held for max */
};

/* Starts a child now. The spec and what it points to stay valid as long as the child. */
enum err child_start(struct privsep *, const struct child_spec *, struct child **ret, struct errinfo *) NODISCARD;
/* Nothing is sent while the child is down. */
void child_send(struct child *, uint8_t type, uint32_t tag, struct span body);
bool child_running(const struct child *);
pid_t child_pid(const struct child *); /* 0 while down */
/* Of one with `restart`: closes the channel, by which it ends, and starts it again as soon as the first time; one that
 * waits for its restart is started at the next turn. `ended` and `started` are called as ever. */
void child_restart(struct child *);
/* Closes the channel (the child ends by that) and kills it after grace_ms; never restarted. */
void child_stop(struct child *, int64_t grace_ms);

/*
 * A template (雛形): a process of a role that gets ready once, holds nothing of anybody and is copied for each child,
 * because getting ready (libraries, fonts) costs more than most jobs. A copy is a child of ours like any other, with a
 * socket of its own; it puts up its own wall and knows of no other copy. While there is no template ready, children of
 * it are started as programs.
 */
struct template;
/* Starts it now; `ready` is called from the loop when it can be copied, also after it had to be started again. What
 * the arguments point to stays valid as long as the template. */
struct template *template_new(struct privsep *, const char *role, const char *const *args, void (*ready)(void *arg),
                              void *arg);
void template_free(struct template *);       /* ends it; its copies live on. NULL allowed */
pid_t template_pid(const struct template *); /* 0 while down, and until it is ready */

/* In main(), before anything else: the role after `-x`, or NULL when this is an ordinary start. */
const char *privsep_role(int argc, char **argv);
/* In a child: takes the role's name for ps(1) and makes sure that descriptor 3 is a socket, that nothing above it is
 * open and that this process does not outlive its parent. */
enum err privsep_enter(const char *role, struct errinfo *) NODISCARD;
/* In a child that is ready for its first message and has no thread: OK at once in one that is a program of its own. A
 * template stays inside until its parent has gone, which ends it; in each of its copies this returns OK, with the
 * copy's own socket on descriptor 3. */
enum err privsep_copies(const char *role, struct errinfo *) NODISCARD;

#endif
