/* The daemon's part that works out passwords: gives the service its port. */
#include "app/branchd.h"
#include "app/proof.h"
#include "base/mem.h"

#include <stdlib.h>

struct proof_part {
    struct branchd *branchd;
    struct proof_proc *proc;
};

static void stop(void *state)
{
    struct proof_part *p = state;
    p->branchd->plug.proof = NULL;
    proof_proc_free(p->proc);
    free(p);
}

static enum err start(struct branchd *b, void **ret_state, struct errinfo *reterr)
{
    struct proof_part *p = xcalloc(1, sizeof *p);
    p->branchd = b;
    enum err e = proof_proc_new(b->loop, b->privsep, rulebook_param_int(b->book, "PROOF_LIMIT_MS"), &p->proc, reterr);
    if (e != OK) {
        free(p);
        return e;
    }
    b->plug.proof = proof_proc_port(p->proc);
    *ret_state = p;
    return OK;
}

const struct branchd_part branchd_proof = { "proof", start, stop };
