/* The process that checks a copy of the store: opens it, walks its log, counts, hashes, says what it found. */
#include "app/backup.h"
#include "app/confine.h"
#include "app/privsep.h"
#include "base/cur.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct msg_type out[] = { [CHECK_RESULT] = { "result", 4096 } };
const struct msg_types check_out = { out, ARRAY_LEN(out) };
static const struct msg_types nothing = { NULL, 0 };

static void result_write(const struct check_result *r, struct buf *b)
{
    put_u8(b, (uint8_t)r->err);
    put_bytes(b, span_of(r->detail));
    put_u64(b, (uint64_t)r->size);
    buf_add(b, r->sha256, sizeof r->sha256);
    put_u64(b, (uint64_t)r->facts.log.seq);
    buf_add(b, r->facts.log.hash, sizeof r->facts.log.hash);
    for (size_t i = 0; i < BACKUP_COUNTS; i++)
        put_u64(b, (uint64_t)r->facts.count[i]);
}

enum err check_result_read(struct span body, struct check_result *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(body);
    struct check_result r = { .err = (enum err)cur_u8(&c) };
    struct span detail = cur_bytes(&c, sizeof r.detail - 1);
    if (detail.n)
        memcpy(r.detail, detail.p, detail.n);
    r.size = (int64_t)cur_u64(&c);
    cur_fixed(&c, r.sha256, sizeof r.sha256);
    r.facts.log.seq = (int64_t)cur_u64(&c);
    cur_fixed(&c, r.facts.log.hash, sizeof r.facts.log.hash);
    for (size_t i = 0; i < BACKUP_COUNTS; i++)
        r.facts.count[i] = (int64_t)cur_u64(&c);
    if (!cur_end(&c) || r.err >= E_ERRS)
        return err_set(reterr, E_CORRUPT, NULL, "check", "not a message of this build");
    *ret = r;
    return OK;
}

static enum err enter_wall(const char *path, struct errinfo *reterr)
{
    char *dir = xstrdup(path), *slash = strrchr(dir, '/');
    if (slash)
        *slash = '\0';
    const struct confine_path paths[] = { { slash ? dir : ".", CONFINE_WRITE }, { "/dev/urandom", CONFINE_READ } };
    const struct confine_plan plan = { .role = CONFINE_CHECK, .path = paths, .n = ARRAY_LEN(paths) };
    struct confine_state state;
    enum err e = confine_enter(&plan, &state, reterr);
    free(dir);
    return e;
}

static enum err on_message(void *arg, const struct msg *m, struct errinfo *reterr)
{
    (void)arg;
    (void)m;
    return err_set(reterr, E_CORRUPT, NULL, "check", "nobody speaks to this process");
}

static void on_closed(void *arg, const struct errinfo *why)
{
    loop_stop(arg, why->code == E_OFFLINE ? 0 : 1);
}

/* Stays until the parent has read it. */
static int tell(const struct check_result *r)
{
    static const struct chan_ops ops = { on_message, on_closed };
    struct loop *loop = loop_new();
    struct chan *chan = chan_new(loop, PRIVSEP_FD, &nothing, &ops, loop);
    struct buf body = BUF_INIT;
    result_write(r, &body);
    chan_send(chan, CHECK_RESULT, 0, buf_span(&body));
    buf_done(&body);
    int code = loop_run(loop);
    chan_free(chan);
    loop_free(loop);
    return code;
}

int check_main(int argc, char **argv)
{
    struct errinfo e = { 0 };
    struct check_result r = { 0 };
    log_init("madoguchi-branchd-check", 2, LOG_WARN);
    if (argc != 4) {
        log_msg(LOG_ERR, "check: expected -x check PATH");
        return 2;
    }
    if (privsep_enter("check", &e) != OK || enter_wall(argv[3], &e) != OK) {
        log_errinfo(LOG_ERR, "starting to check a copy", &e);
        return 1;
    }
    r.err = backup_check(argv[3], digest_sha256, &r.facts, &e);
    if (r.err == OK)
        r.err = backup_hash_file(argv[3], r.sha256, &r.size, &e);
    if (r.err != OK)
        snprintf(r.detail, sizeof r.detail, "%.100s %.150s", e.item, e.detail);
    return tell(&r);
}
