/* Copies of the store (S-41). Source: spec/reliability.md §6.2. */
#include "base/mem.h"
#include "methods.h"
#include "service/backupport.h"
#include "store/meta.h"
#include "store/txn.h"
#include <stdlib.h>

enum err service_backup_made(struct service *svc, const struct backup_made *m, struct errinfo *reterr)
{
    char *detail = m->err == OK ? xprintf("%s sha256 %s %s", m->name, m->sha256, m->is_signed ? "署名あり" : "署名なし")
                                : xprintf("%s", err_name(m->err));
    int64_t now = svc->clock.wall_ms(svc->clock.self);
    enum err e = txn_begin(svc->db, reterr);
    if (e == OK) {
        if (m->err == OK)
            e = meta_set_i64(svc->db, BACKUP_LAST_MS, now, reterr);
        if (e == OK && m->err == OK)
            e = meta_set(svc->db, BACKUP_LAST_NAME, m->name, reterr);
        if (e == OK)
            e = service_note(svc, "backup.made", "export", err_name(m->err), detail, reterr);
        e = txn_end(svc->db, e, reterr);
    }
    free(detail);
    return e;
}

struct request { /* outlives the call when its session ends meanwhile */
    struct call *call;
    bool asked, done;
};

static void made(void *arg, const struct backup_made *m)
{
    struct request *r = arg;
    struct call *c = r->call;
    r->done = true;
    if (!c) {
        free(r);
        return;
    }
    set_text(c->result, "state", m->err == OK ? "verified" : "failed");
    set_text(c->result, "name", m->name);
    set_text(c->result, "path", m->path);
    set_text(c->result, "sha256", m->sha256);
    set_int(c->result, "size", m->size);
    set_int(c->result, "log_seq", m->log_seq);
    set_bool(c->result, "signed", m->is_signed);
    set_text(c->result, "why", m->err == OK ? "" : m->why->detail);
    service_poke(c->svc);
}

static void forget(struct call *c)
{
    struct request *r = c->state;
    r->call = NULL;
    if (r->done || !r->asked)
        free(r);
}

static void start(struct call *c)
{
    struct errinfo why = { 0 };
    struct request *r = c->state;
    const struct backup_port *port = c->svc->plug->backup;
    r->asked = true;
    if (port->start(port->self, made, r, &why) == OK)
        return;
    r->done = true;
    set_text(c->result, "state", "failed");
    set_text(c->result, "why", why.detail);
}

static enum err backup_make(struct call *c, struct errinfo *reterr)
{
    const struct service_plug *plug = c->svc->plug;
    if (!plug || !plug->backup)
        return call_refuse(reterr, E_NOTFOUND, "S060", NULL);
    struct request *r = xcalloc(1, sizeof *r);
    r->call = c;
    c->state = r;
    c->release = forget;
    c->committed = start;
    c->wait_ms = rulebook_param_int(c->svc->book, "BACKUP_WAIT_MS");
    return OK;
}

static bool backup_ready(struct call *c, bool late)
{
    const struct request *r = c->state;
    if (!r->done && late)
        set_text(c->result, "state", "running");
    return r->done || late;
}

static const struct method m_backup_rows[] = {
    { .name = "backup.make",
      .summary = "保存庫の控えを作り、別のプロセスで確かめます。業務は止まりません。",
      .result = "state(verified|running|failed), name, path, sha256, size, log_seq, signed, why",
      .action = "export",
      .states = IN_ANY,
      .run = backup_make,
      .ready = backup_ready },
};
METHOD_TABLE(m_backup);
