/*
 * The process that works out passwords (照合プロセス, `-x proof`): one, long-lived, with nothing but its socket; it
 * cannot open a file, connect or start anything. It answers in the order it was asked. When it ends, what it knew of is
 * answered with E_OFFLINE and it is started again; what is asked meanwhile waits for that.
 */
#ifndef APP_PROOF_H
#define APP_PROOF_H

#include "app/privsep.h"
#include "service/proofport.h"

struct proof_proc;
/* limit_ms: one that has not answered for so long is ended. */
enum err proof_proc_new(struct loop *, struct privsep *, int64_t limit_ms, struct proof_proc **ret,
                        struct errinfo *) NODISCARD;
/* Answers what is under way with E_OFFLINE; privsep_free ends the process. NULL allowed. */
void proof_proc_free(struct proof_proc *);
const struct proof_port *proof_proc_port(const struct proof_proc *);
pid_t proof_proc_pid(const struct proof_proc *); /* for tests; 0 while down */

/* main() of the child, behind privsep_role(). */
int proof_main(int argc, char **argv);

#endif
