/* The process that works out passwords: one question after the other, no memory of any. */
#include "app/confine.h"
#include "app/proof.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/password.h"
#include "proofmsg.h"

struct prover {
    struct loop *loop;
    struct chan *chan;
};

static enum err work(const struct proof_ask *a, struct proof_answer *ret, char **ret_made)
{
    if (a->make)
        return password_make(a->password, a->iterations, ret_made, NULL);
    return password_check(a->password, a->verifier, a->iterations, &ret->fits, NULL);
}

static enum err on_ask(void *arg, const struct msg *m, struct errinfo *reterr)
{
    struct prover *p = arg;
    struct proof_ask a;
    struct proof_texts t;
    struct proof_answer answer = { 0 };
    struct buf body = BUF_INIT;
    char *made = NULL;
    TRY(proof_ask_decode(m->body, &a, &t, reterr));
    answer.err = work(&a, &answer, &made);
    answer.verifier = made;
    proof_answer_encode(&answer, &body);
    chan_send(p->chan, PF_ANSWER, m->tag, buf_span(&body));
    buf_done(&body);
    wipe_str(made);
    proof_texts_done(&t);
    return OK;
}

static void on_closed(void *arg, const struct errinfo *why)
{
    struct prover *p = arg;
    loop_stop(p->loop, why->code == E_OFFLINE ? 0 : 1);
}

/* What the library fetches at its first use it fetches before the wall. */
static enum err warm_up(struct errinfo *reterr)
{
    char *verifier = NULL;
    bool fits = false;
    TRY(password_make("warm up", 1, &verifier, reterr));
    enum err e = password_check("warm up", verifier, 1, &fits, reterr);
    wipe_str(verifier);
    return e;
}

static enum err enter_wall(struct errinfo *reterr)
{
    struct confine_plan plan = { .role = CONFINE_PROOF };
    struct confine_state state;
    return confine_enter(&plan, &state, reterr);
}

int proof_main(int argc, char **argv)
{
    static const struct chan_ops ops = { on_ask, on_closed };
    struct errinfo e = { 0 };
    struct prover p = { 0 };
    (void)argv;
    log_init("madoguchi-branchd-proof", 2, LOG_WARN);
    if (argc != 3) {
        log_msg(LOG_ERR, "proof: expected -x proof");
        return 2;
    }
    if (privsep_enter("proof", &e) != OK || warm_up(&e) != OK || enter_wall(&e) != OK) {
        log_errinfo(LOG_ERR, "starting to work out passwords", &e);
        return 1;
    }
    p.loop = loop_new();
    p.chan = chan_new(p.loop, PRIVSEP_FD, &proof_to_child, &ops, &p);
    int code = loop_run(p.loop);
    chan_free(p.chan);
    loop_free(p.loop);
    return code;
}
