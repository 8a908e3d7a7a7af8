/* The daemon's part that speaks with the host: owns the link child and the sync engine, and lets each hear the other.
 */
#include "app/branchd.h"
#include "app/link.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "service/engine.h"
#include "service/paperport.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESTART_MIN_MS 1000
#define RESTART_MAX_MS 60000
#define STOP_GRACE_MS  2000
#define PEM_MAX        (16u << 10)
#define PAPER_FIRST_MS 100 /* so long the host may wait for somebody at the counter who waits for paper */

/* Which certificate it is: a new one is another file. All zero: none. */
struct cert_mark {
    ino_t inode;
    struct timespec mtime;
};

struct sync_part {
    struct branchd *b;
    struct engine *engine;
    struct child *child; /* NULL: this instance has no host */
    struct alg_policy policy;
    struct key *host; /* host-pub */
    char *side_file, *keys_dir, *policy_path, *branch_dir;
    int timer;
    int wake; /* a timer: something was committed that the engine does not know of yet */
    bool put_off;
    uint32_t tag;
    struct branchd_seal seal;
    bool ready;            /* the child holds the key */
    struct cert_mark cert; /* as the child found it when it started */
    bool host_again;       /* host-pub may be another one than `host` */
    /* The statement of a copy that waits for its signature; done is NULL: none. */
    struct buf statement;
    uint32_t sign_tag;
    void (*sealed)(void *arg, const struct link_signed *);
    void *sealed_arg;
};

static void on_timer(void *arg);

/* The engine says when it wants to be called; after every event the timer is set anew. */
static void arm(struct sync_part *p)
{
    if (p->timer)
        loop_timer_del(p->b->loop, p->timer);
    p->timer = loop_timer(p->b->loop, engine_due(p->engine), on_timer, p);
}

/* ---- registered anew ---- */

static char *cert_path(const struct sync_part *p)
{
    return fs_join(p->keys_dir, "branch.crt");
}

/* Is there a certificate that the child has not seen when it started? Registering writes it last of all. */
static bool is_other_cert(const struct sync_part *p, struct cert_mark *ret)
{
    struct stat st;
    char *path = cert_path(p);
    bool there = stat(path, &st) == 0;
    free(path);
    if (!there)
        return false;
    *ret = (struct cert_mark){ st.st_ino, st.st_mtim };
    return ret->inode != p->cert.inode || ret->mtime.tv_sec != p->cert.mtime.tv_sec ||
           ret->mtime.tv_nsec != p->cert.mtime.tv_nsec;
}

/* The child has read its keys once and is walled in: another one reads the new ones. */
static void follow_cert(struct sync_part *p)
{
    struct cert_mark now;
    if (!p->child || !is_other_cert(p, &now))
        return;
    log_msg(LOG_INFO, "registered anew: the link starts again with the new certificate");
    p->ready = false;
    engine_link_down(p->engine, "registered anew");
    child_restart(p->child);
}

static void on_timer(void *arg)
{
    struct sync_part *p = arg;
    p->timer = 0;
    follow_cert(p);
    engine_tick(p->engine);
    arm(p);
}

/* A round of the exchange takes as much of the machine as a certificate does, and nobody stands waiting for it. */
static void on_wake(void *arg)
{
    struct sync_part *p = arg;
    const struct paper_port *paper = p->b->plug.paper;
    p->put_off = !p->put_off && paper && paper->busy(paper->self);
    p->wake = p->put_off ? loop_timer(p->b->loop, PAPER_FIRST_MS, on_wake, p) : 0;
    if (p->wake)
        return;
    engine_wake(p->engine);
    arm(p);
}

static void on_commit(void *arg)
{
    struct sync_part *p = arg;
    if (!p->wake)
        p->wake = loop_timer(p->b->loop, 0, on_wake, p);
}

static void on_ask(void *self, const struct link_ask *ask)
{
    struct sync_part *p = self;
    struct buf b = BUF_INIT;
    link_ask_put(ask, &b);
    child_send(p->child, LINK_ASK, ++p->tag, buf_span(&b));
    buf_done(&b);
}

static uint32_t on_random(void *self, uint32_t bound)
{
    uint32_t v = 0;
    (void)self;
    MUST(bound > 0);
    if (random_bytes(&v, sizeof v, NULL) != OK)
        return bound / 2;
    return v % bound;
}

/* ---- signing ---- */

static void seal_answer(struct sync_part *p, const struct link_signed *s)
{
    void (*done)(void *, const struct link_signed *) = p->sealed;
    p->sealed = NULL;
    buf_clear(&p->statement);
    if (done)
        done(p->sealed_arg, s);
}

static void seal_fails(struct sync_part *p, enum err why)
{
    seal_answer(p, &(struct link_signed){ .err = why });
}

static void seal_send(struct sync_part *p)
{
    if (p->sealed)
        child_send(p->child, LINK_SIGN, ++p->sign_tag, buf_span(&p->statement));
}

static bool is_registered(const struct sync_part *p)
{
    char *cert = cert_path(p);
    bool there = access(cert, F_OK) == 0;
    free(cert);
    return there;
}

/* A child that is starting again will say whether it can. */
static void seal_sign(void *self, struct span statement, void (*done)(void *arg, const struct link_signed *), void *arg)
{
    struct sync_part *p = self;
    MUST(!p->sealed);
    p->sealed = done;
    p->sealed_arg = arg;
    buf_add(&p->statement, statement.p, statement.n);
    if (!p->child || (!p->ready && !is_registered(p)))
        seal_fails(p, E_NOTFOUND);
    else if (p->ready)
        seal_send(p);
}

static void seal_forget(void *self)
{
    struct sync_part *p = self;
    p->sealed = NULL;
    buf_clear(&p->statement);
}

static enum err on_signed(struct sync_part *p, const struct msg *m, struct errinfo *reterr)
{
    struct link_signed s;
    TRY(link_signed_take(m->body, &s, reterr));
    if (m->tag == p->sign_tag && p->sealed) /* otherwise it came too late */
        seal_answer(p, &s);
    return OK;
}

/* ---- the child ---- */

static uint32_t seconds_ms(const struct branchd *b, const char *param)
{
    return (uint32_t)rulebook_param_int(b->book, param) * 1000;
}

static void on_started(void *arg, struct child *c)
{
    struct sync_part *p = arg;
    const struct instance *i = &p->b->instance;
    struct cert_mark now;
    struct buf m = BUF_INIT;
    if (is_other_cert(p, &now)) {
        p->cert = now;
        p->host_again = true;
        engine_link_anew(p->engine);
    }
    const struct link_config cfg = {
        .url = span_of(i->host_url),
        .keys_dir = span_of(p->keys_dir),
        .policy = span_of(p->policy_path),
        .city = span_of(i->city_code),
        .host_name = span_of(i->host_name),
        .trial = i->trial,
        .connect_ms = seconds_ms(p->b, "LINK_CONNECT_S"),
        .stall_ms = seconds_ms(p->b, "LINK_STALL_S"),
    };
    link_config_put(&cfg, &m);
    child_send(c, LINK_CONFIG, 0, buf_span(&m));
    buf_done(&m);
}

/* Registered meanwhile, or since the start: its key is read when the child has found ours. */
static enum err load_host_key(struct sync_part *p, struct errinfo *reterr)
{
    struct buf pem = BUF_INIT;
    struct key *host = NULL;
    if (p->host && !p->host_again)
        return OK;
    char *path = fs_join(p->keys_dir, "host-pub");
    enum err e = fs_read(path, PEM_MAX, &pem, reterr);
    if (e == OK)
        e = key_public_read(buf_span(&pem), &host, reterr);
    if (e == OK && p->engine)
        engine_use_host(p->engine, host);
    if (e == OK) {
        key_free(p->host);
        p->host = host;
        p->host_again = false;
    }
    buf_done(&pem);
    free(path);
    return e;
}

static enum err on_ready(struct sync_part *p, const struct msg *m, struct errinfo *reterr)
{
    struct link_ready r;
    struct errinfo why;
    TRY(link_ready_take(m->body, &r, reterr));
    if (load_host_key(p, &why) != OK)
        log_errinfo(LOG_ERR, "the host's public key", &why);
    engine_link_up(p->engine, &r);
    p->ready = true;
    seal_send(p);
    return OK;
}

static enum err on_failed(struct sync_part *p, const struct msg *m, struct errinfo *reterr)
{
    struct errinfo why;
    TRY(link_failed_take(m->body, &why, reterr));
    engine_link_down(p->engine, why.detail);
    seal_fails(p, E_OFFLINE);
    return OK;
}

static enum err on_answer(struct sync_part *p, const struct msg *m, struct errinfo *reterr)
{
    struct link_answer a;
    if (m->tag != p->tag)
        return err_set(reterr, E_CORRUPT, NULL, "link", "an answer to no question");
    TRY(link_answer_take(m->body, &a, reterr));
    engine_answer(p->engine, &a);
    return OK;
}

static enum err on_message(void *arg, struct child *c, const struct msg *m, struct errinfo *reterr)
{
    static enum err (*const takes[LINK_MSGS])(struct sync_part *, const struct msg *, struct errinfo *) = {
        [LINK_READY] = on_ready, [LINK_FAILED] = on_failed, [LINK_ANSWER] = on_answer, [LINK_SIGNED] = on_signed
    };
    struct sync_part *p = arg;
    (void)c;
    TRY(takes[m->type](p, m, reterr));
    arm(p);
    return OK;
}

static void on_ended(void *arg, struct child *c, int status)
{
    struct sync_part *p = arg;
    (void)c, (void)status;
    engine_link_down(p->engine, "the link process has ended");
    p->ready = false;
    arm(p);
}

static enum err start_child(struct sync_part *p, struct errinfo *reterr)
{
    static const struct child_ops ops = { on_started, on_message, on_ended };
    static const char *const env[] = { "LANG=C.UTF-8", NULL };
    const struct child_spec spec = { .role = "link",
                                     .env = env,
                                     .in = &link_out,
                                     .ops = &ops,
                                     .arg = p,
                                     .restart = true,
                                     .restart_min_ms = RESTART_MIN_MS,
                                     .restart_max_ms = RESTART_MAX_MS };
    if (!*p->b->instance.host_url) {
        log_msg(LOG_WARN, "this instance has no host");
        return OK;
    }
    return child_start(p->b->privsep, &spec, &p->child, reterr);
}

/* ---- what the service asks ---- */

static const char *tell_host(void *self)
{
    const struct sync_part *p = self;
    struct engine_status st;
    engine_status(p->engine, &st);
    return engine_host_name(st.host);
}

/* ---- life ---- */

static void stop(void *state)
{
    struct sync_part *p = state;
    p->b->seal = NULL;
    p->b->plug.self = NULL;
    p->b->plug.engine = NULL;
    p->b->plug.host = NULL;
    if (p->timer)
        loop_timer_del(p->b->loop, p->timer);
    if (p->wake)
        loop_timer_del(p->b->loop, p->wake);
    if (p->child)
        child_stop(p->child, STOP_GRACE_MS);
    engine_free(p->engine);
    key_free(p->host);
    free(p->side_file);
    free(p->keys_dir);
    free(p->policy_path);
    free(p->branch_dir);
    buf_done(&p->statement);
    free(p);
}

static enum err open_engine(struct sync_part *p, struct errinfo *reterr)
{
    const struct branchd *b = p->b;
    const struct engine_options o = { .svc = b->svc,
                                      .branch = b->instance.office,
                                      .trial = b->instance.trial,
                                      .app = MADOGUCHI_VERSION,
                                      .side_file = p->side_file,
                                      .store_path = p->branch_dir,
                                      .host = p->host,
                                      .policy = &p->policy,
                                      .ask = on_ask,
                                      .random = on_random,
                                      .self = p };
    return engine_new(&o, &p->engine, reterr);
}

static enum err start(struct branchd *b, void **ret_state, struct errinfo *reterr)
{
    struct sync_part *p = xcalloc(1, sizeof *p);
    struct errinfo why;
    p->b = b;
    p->side_file = place_path(b->dir, PLACE_INCARNATION);
    p->keys_dir = place_path(b->dir, PLACE_BRANCH_KEYS);
    p->branch_dir = place_path(b->dir, PLACE_BRANCH);
    p->policy_path = fs_join(b->share, "data/tables/crypto_allow.tsv");
    enum err e = place_make(b->dir, PLACE_BRANCH_KEYS, reterr);
    if (e == OK)
        e = alg_policy_load(p->policy_path, &p->policy, reterr);
    if (e == OK && load_host_key(p, &why) != OK && why.code != E_NOTFOUND)
        log_errinfo(LOG_ERR, "the host's public key", &why);
    if (e == OK)
        e = open_engine(p, reterr);
    if (e == OK)
        e = start_child(p, reterr);
    if (e != OK) {
        stop(p);
        return e;
    }
    service_on_commit(b->svc, on_commit, p);
    p->seal = (struct branchd_seal){ p, seal_sign, seal_forget };
    b->seal = &p->seal;
    b->plug.self = p;
    b->plug.engine = p->engine;
    b->plug.host = tell_host;
    arm(p);
    *ret_state = p;
    return OK;
}

const struct branchd_part branchd_sync = { "sync", start, stop };
