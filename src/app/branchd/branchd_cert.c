/* The daemon's part that knows until when the branch's certificate holds, for the list of due dates. */
#include "app/branchd.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/ca.h"

#include <stdlib.h>

#define AGAIN_MS HOUR_MS /* a renewed one is noticed within the hour */

struct cert_part {
    struct branchd *b;
    char *path;
    int timer;
};

/* A branch that never enrolled has none. */
static void look(void *arg)
{
    struct cert_part *p = arg;
    struct buf pem = BUF_INIT;
    struct cert_facts facts;
    struct errinfo e = { 0 };
    p->timer = loop_timer(p->b->loop, AGAIN_MS, look, p);
    enum err err = fs_read(p->path, CERT_PEM_MAX, &pem, &e);
    if (err == OK)
        err = cert_read(buf_span(&pem), &facts, &e);
    p->b->plug.cert_until_ms = err == OK ? facts.until_ms : 0;
    if (err != OK && err != E_NOTFOUND)
        log_errinfo(LOG_WARN, "reading the certificate of the branch", &e);
    buf_done(&pem);
}

static void stop(void *state)
{
    struct cert_part *p = state;
    loop_timer_del(p->b->loop, p->timer);
    free(p->path);
    free(p);
}

static enum err start(struct branchd *b, void **ret_state, struct errinfo *reterr)
{
    struct cert_part *p = xcalloc(1, sizeof *p);
    char *keys = place_path(b->dir, PLACE_BRANCH_KEYS);
    (void)reterr;
    p->b = b;
    p->path = fs_join(keys, "branch.crt");
    free(keys);
    look(p);
    *ret_state = p;
    return OK;
}

const struct branchd_part branchd_cert = { "cert", start, stop };
