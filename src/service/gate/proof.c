/*
 * Password work of a call. With a port the answer comes later: the call is rolled back, waits, and runs again from the
 * start with what is known by then, until it needs nothing more. Handlers see an ordinary failure in between and need
 * not know; nothing they did before it was committed.
 */
#include "gate/internal.h"
#include <stdlib.h>
#include <string.h>

struct proof {
    struct proof *next;
    struct proof_ask ask;
    struct proof_answer answer;
    bool known;
};

struct proof_ticket { /* outlives the call when its session ends meanwhile */
    struct call *call;
    struct proof *proof;
};

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same(const struct proof_ask *a, const struct proof_ask *b)
{
    return a->make == b->make && a->iterations == b->iterations && same_text(a->password, b->password) &&
           same_text(a->verifier, b->verifier);
}

static const struct proof_port *port(const struct call *c)
{
    return c->svc->plug ? c->svc->plug->proof : NULL;
}

/* The answer when it is known already; otherwise it is wanted, and the call ends here for now. */
static enum err look_up(struct call *c, const struct proof_ask *ask, const struct proof_answer **ret,
                        struct errinfo *reterr)
{
    struct call_internal *in = c->internal;
    struct proof *p = in->proofs;
    while (p && !same(&p->ask, ask))
        p = p->next;
    if (p && p->known) {
        *ret = &p->answer;
        return p->answer.err == OK ? OK : call_refuse(reterr, p->answer.err, "S018", NULL);
    }
    if (!in->wanted) {
        p = arena_alloc(c->arena, sizeof *p);
        *p = (struct proof){ .next = in->proofs, .ask = *ask };
        p->ask.password = arena_strdup(c->arena, ask->password);
        p->ask.verifier = ask->verifier ? arena_strdup(c->arena, ask->verifier) : NULL;
        in->proofs = in->wanted = p;
    }
    return err_set(reterr, E_BUSY, NULL, NULL, "a password is being worked out");
}

enum err proof_check(struct call *c, const char *password, const char *verifier, int iterations, bool *ret_fits,
                     struct errinfo *reterr)
{
    const struct proof_ask ask = { password, verifier, iterations, false };
    const struct proof_answer *a = NULL;
    if (!port(c))
        return c->svc->passwords.check(password, verifier, iterations, ret_fits, reterr);
    TRY(look_up(c, &ask, &a, reterr));
    *ret_fits = a->fits;
    return OK;
}

enum err proof_make(struct call *c, const char *password, int iterations, char **ret_verifier, struct errinfo *reterr)
{
    const struct proof_ask ask = { password, NULL, iterations, true };
    const struct proof_answer *a = NULL;
    if (!port(c))
        return c->svc->passwords.make(password, iterations, ret_verifier, reterr);
    TRY(look_up(c, &ask, &a, reterr));
    *ret_verifier = xstrdup(a->verifier);
    return OK;
}

bool proof_wanted(const struct call *c)
{
    return c->internal->wanted != NULL;
}

static void answered(void *arg, const struct proof_answer *a)
{
    struct proof_ticket *t = arg;
    struct call *c = t->call;
    struct proof *p = t->proof;
    free(t);
    if (!c)
        return;
    p->known = true;
    p->answer = *a;
    p->answer.verifier = a->verifier ? arena_strdup(c->arena, a->verifier) : NULL;
    if (a->err == OK && p->ask.make && !a->verifier)
        p->answer.err = E_CORRUPT;
    c->internal->wanted = NULL;
    c->internal->ticket = NULL;
    gate_resume(c);
}

void proof_start(struct call *c)
{
    struct proof_ticket *t = xcalloc(1, sizeof *t);
    *t = (struct proof_ticket){ c, c->internal->wanted };
    c->internal->ticket = t;
    port(c)->ask(port(c)->self, &t->proof->ask, answered, t);
}

void proof_forget(struct call *c)
{
    if (c->internal->ticket)
        c->internal->ticket->call = NULL;
}
