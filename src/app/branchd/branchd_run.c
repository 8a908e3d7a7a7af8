/* What the daemon consists of: built up in one order, torn down in the reverse one. */
#include "app/branchd.h"
#include "app/confine.h"
#include "app/daemon.h"
#include "app/trialclock.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "form/catalog.h"
#include "store/meta.h"
#include "store/schema.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS       1000
#define EXIT_FAILED   3
#define RULE_FILE_MAX (1u << 20)

#define PART(name) extern const struct branchd_part name;
#include "branchd_parts.def"
#undef PART

static const struct branchd_part *const parts[] = {
#define PART(name) &name,
#include "branchd_parts.def"
#undef PART
    NULL,
};

struct daemon {
    struct branchd b;
    struct trialclock *trialclock;
    struct branchd_sock *sock;
    void *state[ARRAY_LEN(parts)];
    size_t started;
    int lock_fd, tick;
};

/* The office's own values, or NULL when it has none. Caller frees. */
static char *own_parameters(const struct branchd *b)
{
    char *path = fs_join(b->dir, INSTANCE_PARAMETERS);
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static enum err add_file(const char *dir, const char *name, struct buf *ret, struct errinfo *reterr)
{
    char *path = fs_join(dir, name);
    enum err e = fs_read(path, RULE_FILE_MAX, ret, reterr);
    free(path);
    return e;
}

/* Digest of every rule in force: forms, tables, parameters, messages, permissions, the office's own values. */
static enum err digest_rules(const struct branchd *b, uint8_t ret[DIGEST_SIZE], struct errinfo *reterr)
{
    struct buf all = BUF_INIT;
    char *forms = fs_join(b->share, "forms"), *data = fs_join(b->share, "data"), *own = own_parameters(b);
    enum err e = catalog_bytes(forms, data, &all, reterr);
    if (e == OK)
        e = add_file(data, "permissions.tsv", &all, reterr);
    if (e == OK)
        e = add_file(data, "common-passwords.txt", &all, reterr);
    if (e == OK && own)
        e = fs_read(own, RULE_FILE_MAX, &all, reterr);
    if (e == OK)
        digest_sha256(all.p, all.len, ret);
    buf_done(&all);
    free(own);
    free(forms);
    free(data);
    return e;
}

static enum err load_rules(struct daemon *d, struct errinfo *reterr)
{
    struct branchd *b = &d->b;
    char *forms = fs_join(b->share, "forms"), *data = fs_join(b->share, "data"), *own = own_parameters(b);
    enum err e = catalog_load(forms, data, own, &b->book, NULL, reterr);
    free(own);
    free(forms);
    free(data);
    return e;
}

static enum err open_store(struct daemon *d, struct errinfo *reterr)
{
    char *path = place_path(d->b.dir, PLACE_STORE);
    struct db_options o = {
        .path = path, .check = true, .hash = digest_sha256, .schema = &store_schema, .clock = d->b.clock
    };
    enum err e = db_open(&o, &d->b.db, reterr);
    free(path);
    return e;
}

static enum err same_as(struct db *db, const char *key, const char *value, struct errinfo *reterr)
{
    struct buf kept = BUF_INIT;
    bool found = false;
    enum err e = meta_get(db, key, &kept, &found, reterr);
    if (e == OK && found && strcmp(buf_str(&kept), value) != 0)
        e = err_set(reterr, E_CONFLICT, "S025", "instance.conf", "%s: %s, the store was made with %s", key, value,
                    buf_str(&kept));
    buf_done(&kept);
    return e;
}

/* What the store was founded as is not changed by a line of a text file: a trial prints no real papers. */
static enum err check_origin(const struct branchd *b, struct errinfo *reterr)
{
    TRY(same_as(b->db, "branch.trial", b->instance.trial ? "yes" : "no", reterr));
    TRY(same_as(b->db, "branch.city_code", b->instance.city_code, reterr));
    return same_as(b->db, "branch.office", b->instance.office, reterr);
}

static enum err open_service(struct daemon *d, struct errinfo *reterr)
{
    struct branchd *b = &d->b;
    char *data = fs_join(b->share, "data");
    struct service_options o = {
        .db = b->db,
        .book = b->book,
        .data_dir = data,
        .identity = { b->instance.city_code, b->instance.office, b->instance.office_name, b->instance.terminal,
                      b->instance.trial },
        .clock = b->clock,
        .passwords = { password_make, password_check, random_bytes },
    };
    enum err e = digest_rules(b, o.catalogue, reterr);
    if (e == OK)
        e = service_open(&o, &b->svc, reterr);
    if (e == OK)
        service_plug(b->svc, &b->plug);
    free(data);
    return e;
}

/* Nothing of the machine but what this program and its children need. */
static enum err build_wall(struct daemon *d, struct errinfo *reterr)
{
    char program[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    char *branch = place_path(d->b.dir, PLACE_BRANCH);
    const struct confine_path paths[] = {
        { branch, CONFINE_WRITE },
        { d->b.dir, CONFINE_READ },
        { d->b.share, CONFINE_READ },
        { program, CONFINE_EXEC },
        { "/usr", CONFINE_EXEC },
        { "/lib", CONFINE_EXEC },
        { "/lib64", CONFINE_EXEC },
        { "/etc", CONFINE_READ },
        { "/proc", CONFINE_READ },
        { "/dev/null", CONFINE_WRITE },
        { "/dev/urandom", CONFINE_READ },
        { "/run/cups", CONFINE_WRITE },
        { "/run/systemd/resolve", CONFINE_READ },
        { "/var/cache/fontconfig", CONFINE_READ },
    };
    const struct confine_plan plan = { .role = CONFINE_BRANCHD, .path = paths, .n = ARRAY_LEN(paths) };
    struct confine_state state = { 0 };
    enum err e = confine_enter(&plan, &state, reterr);
    if (e == OK)
        log_msg(LOG_INFO, "confined: landlock %d, seccomp %s", state.landlock_abi, state.seccomp ? "yes" : "no");
    free(branch);
    return e;
}

static void stop_now(void *arg)
{
    struct branchd *b = arg;
    log_msg(LOG_INFO, "asked to end");
    loop_stop(b->loop, 0);
}

static enum err take_signals(struct branchd *b, struct errinfo *reterr)
{
    TRY(loop_signal(b->loop, SIGTERM, stop_now, b, reterr));
    return loop_signal(b->loop, SIGINT, stop_now, b, reterr);
}

/* After an I/O error nothing is acknowledged any more: a fresh start reads what really is on the disk. */
static void tick(void *arg)
{
    struct daemon *d = arg;
    struct errinfo e;
    service_tick(d->b.svc);
    d->tick = loop_timer(d->b.loop, TICK_MS, tick, d);
    if (db_alive(d->b.db, &e) == OK)
        return;
    log_errinfo(LOG_ERR, "using the store", &e);
    loop_stop(d->b.loop, EXIT_FAILED);
}

static enum err start_parts(struct daemon *d, struct errinfo *reterr)
{
    for (size_t i = 0; parts[i]; i++) {
        TRY(parts[i]->start(&d->b, &d->state[i], reterr));
        d->started = i + 1;
        log_msg(LOG_INFO, "started %s", parts[i]->name);
    }
    return OK;
}

static enum err start(struct daemon *d, struct errinfo *reterr)
{
    struct branchd *b = &d->b;
    TRY(instance_load(b->dir, &b->instance, reterr));
    TRY(place_make(b->dir, PLACE_BRANCH_RUN, reterr));
    TRY(place_safe(b->dir, PLACE_BRANCH, reterr));
    TRY(place_safe(b->dir, PLACE_BRANCH_RUN, reterr));
    TRY(daemon_lock(b->dir, PLACE_BRANCH_PID, &d->lock_fd, reterr));
    char *offset = place_path(b->dir, PLACE_BRANCH_CLOCK);
    d->trialclock = trialclock_new(offset, b->instance.trial, clock_system());
    free(offset);
    b->clock = trialclock_clock(d->trialclock);
    b->loop = loop_new();
    TRY(take_signals(b, reterr));
    TRY(load_rules(d, reterr));
    TRY(open_store(d, reterr));
    TRY(check_origin(b, reterr));
    TRY(open_service(d, reterr));
    TRY(privsep_new(b->loop, &b->privsep, reterr));
    TRY(branchd_listen(b, &d->sock, reterr));
    TRY(build_wall(d, reterr));
    TRY(start_parts(d, reterr));
    d->tick = loop_timer(b->loop, TICK_MS, tick, d);
    return OK;
}

static void stop(struct daemon *d)
{
    struct branchd *b = &d->b;
    branchd_unlisten(d->sock);
    while (d->started > 0) {
        d->started--;
        parts[d->started]->stop(d->state[d->started]);
    }
    privsep_free(b->privsep);
    service_close(b->svc);
    db_close(b->db);
    rulebook_free(b->book);
    if (b->loop)
        loop_timer_del(b->loop, d->tick);
    loop_free(b->loop);
    trialclock_free(d->trialclock);
    instance_done(&b->instance);
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    free((char *)(uintptr_t)b->share);
}

int branchd_run(const char *dir, const char *program, void (*ready)(void *arg, const struct errinfo *why), void *arg)
{
    struct daemon d = { .b = { .dir = dir, .program = program, .share = catalog_share_dir(program) }, .lock_fd = -1 };
    struct errinfo e = { 0 };
    int status = EXIT_FAILED;
    if (start(&d, &e) == OK) {
        log_msg(LOG_INFO, "serving");
        ready(arg, NULL);
        status = loop_run(d.b.loop);
    } else {
        log_errinfo(LOG_ERR, "starting", &e);
        ready(arg, &e);
    }
    stop(&d);
    log_msg(LOG_INFO, "ended with %d", status);
    return status;
}
