#include "service/service.h"
#include "base/fsx.h"
#include "cert/cert.h"
#include "gate/internal.h"
#include "office/due.h"
#include "office/manual.h"
#include "office/sections.h"
#include "store/people.h"
#include "store/txn.h"
#include <stdlib.h>
#include <string.h>

int64_t mono_ms(const struct service *svc)
{
    return svc->clock.mono_ms(svc->clock.self);
}

static enum err load_tables(struct service *svc, const char *data_dir, struct errinfo *reterr)
{
    char *path = fs_join(data_dir, "permissions.tsv");
    enum err e = permissions_load(path, &svc->permissions, reterr);
    free(path);
    TRY(e);
    path = fs_join(data_dir, "common-passwords.txt");
    e = common_passwords_load(path, &svc->common, reterr);
    free(path);
    if (e == OK)
        e = manual_load(data_dir, &svc->manual, reterr);
    if (e == OK)
        e = due_check(svc->book, reterr);
    return e == OK ? sections_check(svc->book, reterr) : e;
}

struct oplog service_row(const struct service *svc, const char *function, const char *action)
{
    struct oplog row = { .trust = svc->trust,
                         .office = svc->id.office,
                         .terminal = svc->id.terminal,
                         .function = function,
                         .action = action,
                         .result = "ok" };
    memcpy(row.boot, svc->boot, sizeof row.boot);
    return row;
}

enum err service_append(struct service *svc, struct oplog *row, struct errinfo *reterr)
{
    TRY(oplog_append(svc->db, row, reterr));
    svc->last_log_ms = row->at_ms;
    return OK;
}

enum err service_note(struct service *svc, const char *function, const char *action, const char *result,
                      const char *detail, struct errinfo *reterr)
{
    struct oplog row = service_row(svc, function, action);
    row.result = result;
    row.detail = detail;
    return service_append(svc, &row, reterr);
}

/* The start is a row of the log: it says which rules are in force from now on. */
static enum err log_start(struct service *svc, struct errinfo *reterr)
{
    struct buf rules = BUF_INIT;
    buf_adds(&rules, "rules ");
    hex_add(&rules, svc->catalogue, sizeof svc->catalogue);
    enum err e = txn_begin(svc->db, reterr);
    if (e == OK)
        e = txn_end(svc->db, service_note(svc, "service.start", "config", "ok", buf_str(&rules), reterr), reterr);
    buf_done(&rules);
    return e;
}

/* Search keys follow the variant groups in force: a changed table makes them anew. */
static enum err open_people(const struct service_options *o, struct errinfo *reterr)
{
    bool outdated = false;
    TRY(people_use(o->db, o->book, reterr));
    TRY(people_outdated(o->db, &outdated, reterr));
    return outdated ? people_rebuild(o->db, reterr) : OK;
}

enum err service_open(const struct service_options *o, struct service **ret, struct errinfo *reterr)
{
    struct service *svc = xcalloc(1, sizeof *svc);
    svc->db = o->db;
    svc->book = o->book;
    svc->clock = o->clock;
    svc->id = o->identity;
    svc->passwords = o->passwords;
    svc->trust = LOG_TRUST_LOCAL;
    svc->waiting = xcalloc(1, sizeof *svc->waiting);
    memcpy(svc->catalogue, o->catalogue, sizeof svc->catalogue);
    enum err e = open_people(o, reterr);
    if (e == OK)
        e = load_tables(svc, o->data_dir, reterr);
    if (e == OK)
        e = svc->passwords.random(svc->boot, sizeof svc->boot, reterr);
    if (e == OK)
        e = log_start(svc, reterr);
    if (e == OK)
        e = cert_desk_open(svc, &svc->certs, reterr);
    if (e == OK)
        *ret = svc;
    else
        service_close(svc);
    return e;
}

void service_close(struct service *svc)
{
    if (!svc)
        return;
    while (svc->sessions)
        session_close(svc->sessions);
    cert_desk_close(svc->certs);
    while (svc->hooks) {
        struct commit_hook *h = svc->hooks;
        svc->hooks = h->next;
        free(h);
    }
    usage_free(svc);
    manual_free(svc->manual);
    permissions_free(svc->permissions);
    common_passwords_free(svc->common);
    free(svc->waiting);
    free(svc);
}

void service_plug(struct service *svc, struct service_plug *plug)
{
    svc->plug = plug;
}

void service_on_commit(struct service *svc, void (*cb)(void *arg), void *arg)
{
    struct commit_hook *h = xcalloc(1, sizeof *h);
    *h = (struct commit_hook){ svc->hooks, cb, arg };
    svc->hooks = h;
}

void service_tick(struct service *svc)
{
    int64_t rows = rulebook_param_int(svc->book, "LOG_INDEX_ROWS");
    sessions_tick(svc);
    gate_tick(svc);
    if (oplog_index(svc->db, rows, rows, NULL) != OK)
        return; /* tried again at the next tick; a store that stopped says so itself */
}

void service_poke(struct service *svc)
{
    gate_tick(svc);
}
