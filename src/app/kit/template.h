/* What privsep.c and template.c share. Not for others. */
#ifndef APP_KIT_TEMPLATE_H
#define APP_KIT_TEMPLATE_H

#include "app/privsep.h"

/* Starts the running program again in a role, with `sock` on descriptor PRIVSEP_FD. */
enum err privsep_exec(struct privsep *, int sock, const char *role, const char *const *args, const char *const *env,
                      pid_t *ret_pid, struct errinfo *) NODISCARD;

/* Where the templates of a privsep hang, newest first. */
struct template **privsep_templates(struct privsep *);
struct loop *privsep_loop(struct privsep *);
struct template *template_next(const struct template *);

/* A copy with `sock` on descriptor PRIVSEP_FD, a child of this process; E_OFFLINE unless the template is ready. One
 * that has ended is started again for those who come later. */
enum err template_copy(struct template *, int sock, pid_t *ret_pid, struct errinfo *) NODISCARD;
/* The privsep goes, and the process with it; the rest is its owner's. */
void template_end(struct template *);
/* After SIGCHLD: takes note when it has ended. */
void template_reap(struct template *);

#endif
