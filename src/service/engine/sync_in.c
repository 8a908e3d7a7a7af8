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
