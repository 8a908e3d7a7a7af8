#include "engine/sync_in.h"
#include "sync/payload.h"

struct engine *sync_engine(const struct call *c)
{
    return c->svc->plug ? c->svc->plug->engine : NULL;
}

void sync_state(const struct call *c, struct engine_status *ret)
{
    const struct engine *e = sync_engine(c);
    *ret = (struct engine_status){ .host = HOST_UNKNOWN };
    if (e)
        engine_status(e, ret);
}

void sync_set_message(const struct call *c, json_t *object, const char *key, const char *msg)
{
    json_t *o = set_object(object, key);
    const struct message *m = *msg ? rulebook_message(c->svc->book, msg) : NULL;
    set_text(o, "msg", msg);
    set_text(o, "text", m ? m->text : "");
    set_text(o, "remedy", m ? m->remedy : "");
}

const char *op_title(const struct call *c, const char *op_kind, const json_t *payload)
{
    const char *kind = json_string_value(json_object_get(payload, "kind"));
    const struct kind *k = kind ? kind_find(&c->svc->book->kinds, kind) : NULL;
    const struct op_kind *o = op_kind_find(op_kind);
    return k ? k->title : o ? o->label : op_kind;
}

void sync_tell_load(const struct engine_status *st, json_t *result)
{
    enum { KIB = 1024 };
    int64_t rate = st->load_per_s / KIB, left = (st->load_total - st->load_done) / KIB;
    json_t *o = set_object(result, "load");
    set_bool(o, "active", st->loading);
    set_int(o, "done", st->load_done / KIB);
    set_int(o, "total", st->load_total / KIB);
    set_int(o, "rate", rate);
    set_int(o, "remaining_s", rate > 0 ? (left + rate - 1) / rate : 0);
    set_text(o, "unit", "KiB");
}
