/*
 * The daemon's part that makes copies of the store: page by page between other work, checked by a process of its own,
 * signed, and only then given its name. What an interrupted attempt leaves is removed at the next start.
 */
#include "app/backup.h"
#include "app/branchd.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "service/backupport.h"
#include "service/linkmsg.h"
#include "store/backup.h"
#include "store/incarnation.h"
#include "store/meta.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_SUFFIX ".part"
#define GRACE_MS    1000

struct backup_part {
    struct branchd *b;
    struct backup_port port;
    char *dir;
    int every; /* timer of the next look whether one is due */
    /* The one that is being made; copying is NULL and child is NULL: none. */
    bool busy;
    struct backup *copying;
    struct child *child;
    struct child_spec spec;
    const char *args[2];
    int timer;
    char *name, *part, *path, *manifest;
    struct backup_facts facts;
    struct check_result result;
    bool have_result, is_signed;
    char made_at[CLOCK_TEXT], incarnation[2 * INCARNATION + 1];
    void (*done)(void *arg, const struct backup_made *);
    void *arg;
};

static void set_timer(struct backup_part *p, int64_t ms, void (*cb)(void *))
{
    if (p->timer)
        loop_timer_del(p->b->loop, p->timer);
    p->timer = cb ? loop_timer(p->b->loop, ms, cb, p) : 0;
}

static void forget_names(struct backup_part *p)
{
    char **names[] = { &p->name, &p->part, &p->path, &p->manifest };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        free(*names[i]);
        *names[i] = NULL;
    }
}

static void remove_part(const char *part)
{
    static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        char *path = xprintf("%s%s", part, beside[i]);
        if (unlink(path) != 0 && errno != ENOENT)
            log_msg(LOG_WARN, "a part of a copy cannot be removed");
        free(path);
    }
}

/* ---- the end ---- */

static void remove_pair(const struct backup_part *p, const char *name)
{
    char *path = fs_join(p->dir, name), *manifest = backup_manifest_path(path);
    unlink(path);
    unlink(manifest);
    free(manifest);
    free(path);
}

/* Names sort by time. */
static void remove_oldest(const struct backup_part *p)
{
    char **names = NULL;
    size_t n = 0, keep = (size_t)rulebook_param_int(p->b->book, "BACKUP_KEEP");
    if (fs_list(p->dir, BACKUP_SUFFIX, &names, &n, NULL) != OK)
        return;
    for (size_t i = 0; n > keep && i < n - keep; i++)
        remove_pair(p, names[i]);
    fs_list_free(names, n);
}

static void finish(struct backup_part *p, enum err err, const struct errinfo *why)
{
    char sha256[2 * DIGEST_SIZE + 1] = "";
    struct buf hex = BUF_INIT;
    struct errinfo second = { 0 };
    hex_add(&hex, p->result.sha256, DIGEST_SIZE);
    snprintf(sha256, sizeof sha256, "%s", buf_str(&hex));
    buf_done(&hex);
    struct backup_made made = { err, why, p->name, p->path, sha256, p->result.size, p->facts.log.seq, p->is_signed };
    set_timer(p, 0, NULL);
    enum err e = service_backup_made(p->b->svc, &made, &second);
    if (err == OK && e != OK) {
        made = (struct backup_made){ .err = e, .why = &second, .name = p->name, .path = p->path, .sha256 = sha256 };
        unlink(p->path);
        unlink(p->manifest);
    }
    if (made.err != OK) {
        log_errinfo(LOG_ERR, "making a copy of the store", made.why);
        remove_part(p->part);
    } else {
        remove_oldest(p);
    }
    p->busy = false;
    if (p->done)
        p->done(p->arg, &made);
    forget_names(p);
}

/* Everything in it is borrowed but the certificate and the signature. */
static struct backup_manifest describe(struct backup_part *p)
{
    const struct instance *i = &p->b->instance;
    struct backup_manifest m = { .program = (char *)(uintptr_t)MADOGUCHI_VERSION,
                                 .made_at = p->made_at,
                                 .city_code = i->city_code,
                                 .office = i->office,
                                 .terminal = i->terminal,
                                 .incarnation = p->incarnation,
                                 .trial = i->trial,
                                 .size = p->result.size,
                                 .facts = p->facts };
    memcpy(m.sha256, p->result.sha256, sizeof m.sha256);
    return m;
}

/* The manifest first: a copy that has its name has a manifest. */
static enum err publish(struct backup_part *p, const struct link_signed *s, struct errinfo *reterr)
{
    struct backup_manifest m = describe(p);
    p->is_signed = s->err == OK;
    if (p->is_signed) {
        buf_add(&m.cert, s->cert.p, s->cert.n);
        buf_add(&m.sig, s->sig.p, s->sig.n);
    }
    enum err e = backup_manifest_write(p->manifest, &m, reterr);
    buf_done(&m.cert);
    buf_done(&m.sig);
    TRY(e);
    if (rename(p->part, p->path) != 0)
        return err_sys(reterr, errno, p->path, "rename");
    return fs_sync_dir(p->dir, reterr);
}

/* ---- signing ---- */

/* Without a signature it is still a copy, and says so. */
static void on_sealed(void *arg, const struct link_signed *s)
{
    struct backup_part *p = arg;
    struct errinfo e = { 0 };
    set_timer(p, 0, NULL);
    if (s->err != OK)
        log_msg(LOG_WARN, "a copy of the store is not signed: %s", err_name(s->err));
    enum err err = publish(p, s, &e);
    finish(p, err, &e);
}

static void on_seal_limit(void *arg)
{
    struct backup_part *p = arg;
    const struct link_signed none = { .err = E_OFFLINE };
    p->timer = 0;
    if (p->b->seal)
        p->b->seal->forget(p->b->seal->self);
    on_sealed(p, &none);
}

static void seal(struct backup_part *p)
{
    const struct branchd_seal *s = p->b->seal;
    const struct link_signed none = { .err = E_NOTFOUND };
    struct buf statement = BUF_INIT;
    clock_iso_jst(p->b->clock.wall_ms(p->b->clock.self), p->made_at);
    if (!s) {
        on_sealed(p, &none);
        return;
    }
    struct backup_manifest m = describe(p);
    backup_manifest_statement(&m, &statement);
    set_timer(p, rulebook_param_int(p->b->book, "BACKUP_SIGN_MS"), on_seal_limit);
    s->sign(s->self, buf_span(&statement), on_sealed, p);
    buf_done(&statement);
}

/* ---- the end of the check ---- */

static void judge(struct backup_part *p)
{
    struct errinfo e = { 0 };
    enum err err;
    if (!p->have_result)
        err = err_set(&e, E_OFFLINE, NULL, p->name, "the process that checks it has ended");
    else if (p->result.err != OK)
        err = err_set(&e, p->result.err, NULL, p->name, "%s", p->result.detail);
    else if (!backup_facts_equal(&p->facts, &p->result.facts))
        err = err_set(&e, E_CORRUPT, NULL, p->name, "the copy differs from the store");
    else
        err = OK;
    if (err == OK)
        seal(p);
    else
        finish(p, err, &e);
}

/* ---- checking ---- */

static enum err on_result(void *arg, struct child *c, const struct msg *m, struct errinfo *reterr)
{
    struct backup_part *p = arg;
    TRY(check_result_read(m->body, &p->result, reterr));
    p->have_result = true;
    child_stop(c, GRACE_MS);
    return OK;
}

static void on_ended(void *arg, struct child *c, int status)
{
    struct backup_part *p = arg;
    (void)c;
    (void)status;
    p->child = NULL;
    judge(p);
}

static void on_limit(void *arg)
{
    struct backup_part *p = arg;
    p->timer = 0;
    if (p->child && child_pid(p->child))
        kill(child_pid(p->child), SIGKILL);
}

static enum err start_check(struct backup_part *p, struct errinfo *reterr)
{
    static const struct child_ops ops = { .message = on_result, .ended = on_ended };
    p->args[0] = p->part;
    p->have_result = false;
    p->spec = (struct child_spec){ .role = "check", .args = p->args, .in = &check_out, .ops = &ops, .arg = p };
    set_timer(p, rulebook_param_int(p->b->book, "BACKUP_LIMIT_MS"), on_limit);
    return child_start(p->b->privsep, &p->spec, &p->child, reterr);
}

/* ---- copying ---- */

/* "" in a store that never spoke to a host. */
static enum err note_incarnation(struct backup_part *p, struct errinfo *reterr)
{
    struct incarnation inc;
    struct buf hex = BUF_INIT;
    p->incarnation[0] = '\0';
    enum err e = incarnation_get(p->b->db, &inc, reterr);
    if (e != OK)
        return e == E_NOTFOUND ? OK : e;
    hex_add(&hex, inc.id, sizeof inc.id);
    snprintf(p->incarnation, sizeof p->incarnation, "%s", buf_str(&hex));
    buf_done(&hex);
    return OK;
}

static void step(void *arg)
{
    struct backup_part *p = arg;
    struct errinfo e = { 0 };
    int left = 0, total = 0;
    p->timer = 0;
    enum err err = backup_step(p->copying, (int)rulebook_param_int(p->b->book, "BACKUP_STEP_PAGES"), &left, &total, &e);
    if (err == OK && left > 0) {
        set_timer(p, 0, step);
        return;
    }
    if (err == OK) /* nothing was written since the last step: the copy is of this moment */
        err = backup_facts(p->b->db, &p->facts, &e);
    if (err == OK)
        err = note_incarnation(p, &e);
    struct errinfo ending = { 0 };
    enum err end = backup_finish(p->copying, &ending);
    p->copying = NULL;
    if (err == OK && end != OK) {
        err = end;
        e = ending;
    }
    if (err == OK)
        err = start_check(p, &e);
    if (err != OK)
        finish(p, err, &e);
}

static void make_names(struct backup_part *p)
{
    struct oplog_head head = { .seq = 0 };
    int64_t now = p->b->clock.wall_ms(p->b->clock.self);
    int y, m, d, sec;
    clock_jst(now, &y, &m, &d, &sec);
    if (oplog_head(p->b->db, &head, NULL) != OK)
        head.seq = 0;
    p->name = xprintf("%04d%02d%02d-%02d%02d%02d-%" PRId64, y, m, d, sec / 3600, sec / 60 % 60, sec % 60, head.seq);
    char *stem = fs_join(p->dir, p->name);
    p->part = xprintf("%s" PART_SUFFIX, stem);
    p->path = xprintf("%s" BACKUP_SUFFIX, stem);
    p->manifest = xprintf("%s" BACKUP_MANIFEST, stem);
    free(stem);
}

static enum err begin(void *self, void (*done)(void *, const struct backup_made *), void *arg, struct errinfo *reterr)
{
    struct backup_part *p = self;
    if (p->busy)
        return err_set(reterr, E_BUSY, "S032", "backup", "a copy is being made");
    make_names(p);
    memset(&p->result, 0, sizeof p->result);
    p->is_signed = false;
    enum err e = access(p->path, F_OK) == 0 ? err_set(reterr, E_EXISTS, NULL, p->path, "there is one of this moment")
                                            : backup_start(p->b->db, p->part, &p->copying, reterr);
    if (e != OK) {
        forget_names(p);
        return e;
    }
    p->busy = true;
    p->done = done;
    p->arg = arg;
    set_timer(p, 0, step);
    return OK;
}

/* ---- by itself ---- */

static bool is_due(struct backup_part *p)
{
    int64_t last = 0, every = rulebook_param_int(p->b->book, "BACKUP_EVERY_MIN") * MINUTE_MS;
    int64_t now = p->b->clock.wall_ms(p->b->clock.self);
    if (meta_get_i64(p->b->db, BACKUP_LAST_MS, 0, &last, NULL) != OK)
        return false;
    return every > 0 && (now - last >= every || now < last);
}

static void look(void *arg)
{
    struct backup_part *p = arg;
    struct errinfo e = { 0 };
    p->every = loop_timer(p->b->loop, MINUTE_MS, look, p);
    if (!p->busy && is_due(p) && begin(p, NULL, NULL, &e) != OK)
        log_errinfo(LOG_ERR, "starting a copy of the store", &e);
}

/* ---- start and stop ---- */

static bool has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);
    return n > s && strcmp(name + n - s, suffix) == 0;
}

/* Parts, and manifests whose copy never got its name. */
static enum err clean(const struct backup_part *p, struct errinfo *reterr)
{
    static const char *const suffixes[] = { PART_SUFFIX, PART_SUFFIX "-wal", PART_SUFFIX "-shm", PART_SUFFIX "-journal",
                                            BACKUP_MANIFEST };
    for (size_t k = 0; k < ARRAY_LEN(suffixes); k++) {
        char **names = NULL;
        size_t n = 0;
        TRY(fs_list(p->dir, suffixes[k], &names, &n, reterr));
        for (size_t i = 0; i < n; i++) {
            char *path = fs_join(p->dir, names[i]), *copy = NULL;
            if (has_suffix(names[i], BACKUP_MANIFEST)) {
                char *stem = xstrndup(path, strlen(path) - strlen(BACKUP_MANIFEST));
                copy = xprintf("%s" BACKUP_SUFFIX, stem);
                free(stem);
            }
            if (!copy || access(copy, F_OK) != 0)
                unlink(path);
            free(copy);
            free(path);
        }
        fs_list_free(names, n);
    }
    return OK;
}

static void stop(void *state)
{
    struct backup_part *p = state;
    const struct errinfo why = { .code = E_OFFLINE, .detail = "the daemon ends" };
    const struct backup_made gone = { .err = E_OFFLINE, .why = &why };
    p->b->plug.backup = NULL;
    loop_timer_del(p->b->loop, p->every);
    set_timer(p, 0, NULL);
    if (p->copying && backup_finish(p->copying, NULL) != OK) /* incomplete: removes the file */
        log_msg(LOG_WARN, "a copy was not finished");
    if (p->busy && p->done)
        p->done(p->arg, &gone);
    forget_names(p);
    free(p->dir);
    free(p);
}

static enum err start(struct branchd *b, void **ret_state, struct errinfo *reterr)
{
    struct backup_part *p = xcalloc(1, sizeof *p);
    p->b = b;
    p->dir = place_path(b->dir, PLACE_BACKUP);
    p->port = (struct backup_port){ p, begin };
    enum err e = place_make(b->dir, PLACE_BACKUP, reterr);
    if (e == OK)
        e = clean(p, reterr);
    if (e != OK) {
        free(p->dir);
        free(p);
        return e;
    }
    p->every = loop_timer(b->loop, MINUTE_MS, look, p);
    b->plug.backup = &p->port;
    *ret_state = p;
    return OK;
}

const struct branchd_part branchd_backup = { "backup", start, stop };
