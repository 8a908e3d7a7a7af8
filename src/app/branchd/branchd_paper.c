/* The daemon's part that makes paper: gives the service its port. */
#include "app/branchd.h"
#include "app/paper.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "paper/layout.h"

#include <stdlib.h>

#define LIMIT_FACTOR 3 /* a process may take so much longer than an answer waits for it */

struct paper_part {
    struct branchd *branchd;
    struct paper *paper;
    char *seal_dir, *out_dir, *key_file;
};

static void stop(void *state)
{
    struct paper_part *p = state;
    p->branchd->plug.paper = NULL;
    paper_free(p->paper);
    free(p->seal_dir);
    free(p->out_dir);
    free(p->key_file);
    free(p);
}

/* Every certificate has a layout that fits its table, or the counter does not open. */
static enum err check_layouts(const struct branchd *b, struct errinfo *reterr)
{
    struct cert_rules *rules = NULL;
    TRY(cert_rules_load(b->book, &rules, reterr));
    char *dir = fs_join(b->share, "forms/layout");
    enum err e = layouts_check(rules, dir, reterr);
    free(dir);
    cert_rules_free(rules);
    return e;
}

static enum err start(struct branchd *b, void **ret_state, struct errinfo *reterr)
{
    struct paper_part *p = xcalloc(1, sizeof *p);
    p->branchd = b;
    p->seal_dir = place_path(b->dir, PLACE_SEAL);
    p->out_dir = place_path(b->dir, PLACE_OUT);
    p->key_file = place_path(b->dir, PLACE_CHECK_KEY);
    struct paper_config config = {
        .share = b->share,
        .seal_dir = p->seal_dir,
        .font = rulebook_param(b->book, "CERT_FONT"),
        .out_dir = p->out_dir,
        .key_file = p->key_file,
        .limit_ms = LIMIT_FACTOR * rulebook_param_int(b->book, "CERT_WAIT_MS"),
    };
    enum err e = check_layouts(b, reterr);
    if (e == OK)
        e = place_make(b->dir, PLACE_SEAL, reterr);
    if (e == OK)
        e = place_make(b->dir, PLACE_OUT, reterr);
    if (e == OK)
        e = place_make(b->dir, PLACE_BRANCH_KEYS, reterr);
    if (e == OK)
        e = paper_new(b->loop, b->privsep, &config, &p->paper, reterr);
    if (e != OK) {
        stop(p);
        return e;
    }
    b->plug.paper = paper_port(p->paper);
    *ret_state = p;
    return OK;
}

const struct branchd_part branchd_paper = { "paper", start, stop };
