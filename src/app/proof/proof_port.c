#include "app/proof.h"
#include "base/log.h"
#include "base/mem.h"
#include "proofmsg.h"

#include <signal.h>
#include <stdlib.h>

enum { RESTART_MIN_MS = 100, RESTART_MAX_MS = 10000 };

struct job {
    struct job *next;
    uint32_t tag;
    struct buf body;
    bool sent; /* not yet while the child is down */
    void (*done)(void *arg, const struct proof_answer *);
    void *arg;
};

struct proof_proc {
    struct loop *loop;
    struct child *child;
    struct child_spec spec;
    struct proof_port port;
    struct job *first, **last; /* in the order they were asked */
    uint32_t tag;
    int64_t limit_ms;
    int timer; /* of the first job; 0: none */
};

static void set_timer(struct proof_proc *p, int64_t ms, void (*cb)(void *))
{
    if (p->timer)
        loop_timer_del(p->loop, p->timer);
    p->timer = cb ? loop_timer(p->loop, ms, cb, p) : 0;
}

static void answer_first(struct proof_proc *p, const struct proof_answer *a)
{
    struct job *j = p->first;
    p->first = j->next;
    if (!p->first)
        p->last = &p->first;
    j->done(j->arg, a);
    buf_done(&j->body);
    free(j);
}

/* What was asked until now; a call that is answered may ask anew. With `sent` only what the child knew of. */
static void fail_all(struct proof_proc *p, bool sent)
{
    const struct proof_answer gone = { .err = E_OFFLINE };
    uint32_t until = p->tag;
    while (p->first && (p->first->sent || !sent) && (int32_t)(p->first->tag - until) <= 0)
        answer_first(p, &gone);
}

static void on_limit(void *arg);

static void watch(struct proof_proc *p)
{
    set_timer(p, p->limit_ms, p->first ? on_limit : NULL);
}

static void on_limit(void *arg)
{
    struct proof_proc *p = arg;
    p->timer = 0;
    log_msg(LOG_ERR, "proof: no answer for %lld ms", (long long)p->limit_ms);
    if (child_pid(p->child))
        kill(child_pid(p->child), SIGKILL); /* the end is reported, and answers everybody */
    else
        fail_all(p, false);
    watch(p);
}

static void send_waiting(struct proof_proc *p)
{
    for (struct job *j = p->first; j; j = j->next)
        if (!j->sent) {
            child_send(p->child, PF_ASK, j->tag, buf_span(&j->body));
            buf_done(&j->body);
            j->sent = true;
        }
}

/* Not at the first start: child_start has not returned yet, and nothing was asked. */
static void on_started(void *arg, struct child *c)
{
    struct proof_proc *p = arg;
    (void)c;
    if (p->first)
        send_waiting(p);
}

static enum err on_message(void *arg, struct child *c, const struct msg *m, struct errinfo *reterr)
{
    struct proof_proc *p = arg;
    struct proof_answer a;
    struct proof_texts t;
    (void)c;
    if (!p->first || p->first->tag != m->tag)
        return err_set(reterr, E_CORRUPT, NULL, "proof", "an answer that nobody waits for");
    TRY(proof_answer_decode(m->body, &a, &t, reterr));
    answer_first(p, &a);
    proof_texts_done(&t);
    watch(p);
    return OK;
}

static void on_ended(void *arg, struct child *c, int status)
{
    (void)c;
    (void)status;
    fail_all(arg, true);
    watch(arg);
}

static void ask(void *self, const struct proof_ask *a, void (*done)(void *, const struct proof_answer *), void *arg)
{
    struct proof_proc *p = self;
    struct job *j = xcalloc(1, sizeof *j);
    bool idle = !p->first;
    *j = (struct job){ .tag = ++p->tag, .done = done, .arg = arg };
    *p->last = j;
    p->last = &j->next;
    proof_ask_encode(a, &j->body);
    if (child_running(p->child))
        send_waiting(p);
    if (idle)
        watch(p);
}

enum err proof_proc_new(struct loop *loop, struct privsep *privsep, int64_t limit_ms, struct proof_proc **ret,
                        struct errinfo *reterr)
{
    static const struct child_ops ops = { .started = on_started, .message = on_message, .ended = on_ended };
    struct proof_proc *p = xcalloc(1, sizeof *p);
    p->loop = loop;
    p->limit_ms = limit_ms;
    p->last = &p->first;
    p->port = (struct proof_port){ p, ask };
    p->spec = (struct child_spec){ .role = "proof",
                                   .in = &proof_from_child,
                                   .ops = &ops,
                                   .arg = p,
                                   .restart = true,
                                   .restart_min_ms = RESTART_MIN_MS,
                                   .restart_max_ms = RESTART_MAX_MS };
    enum err e = child_start(privsep, &p->spec, &p->child, reterr);
    if (e == OK)
        *ret = p;
    else
        free(p);
    return e;
}

void proof_proc_free(struct proof_proc *p)
{
    if (!p)
        return;
    fail_all(p, false);
    set_timer(p, 0, NULL);
    free(p);
}

const struct proof_port *proof_proc_port(const struct proof_proc *p)
{
    return &p->port;
}

pid_t proof_proc_pid(const struct proof_proc *p)
{
    return child_pid(p->child);
}
