#include "reply.h"
#include "base/mem.h"

#include <string.h>

static const int statuses[] = {
    [OK] = 200,         [E_NOMEM] = 503,  [E_IO] = 503,       [E_FULL] = 503,   [E_BUSY] = 503,
    [E_NOTFOUND] = 404, [E_EXISTS] = 409, [E_CONFLICT] = 409, [E_DENIED] = 403, [E_INVALID] = 400,
    [E_CORRUPT] = 400,  [E_TOONEW] = 400, [E_OFFLINE] = 503,
};
_Static_assert(sizeof statuses / sizeof *statuses == E_ERRS, "an error has no status");

void reply_json(json_t *take, struct host_reply *ret)
{
    char *text = json_dumps(take, JSON_COMPACT);
    json_decref(take);
    MUST(text);
    ret->status = 200;
    buf_adds(&ret->body, text);
    wipe_str(text);
}

void reply_error(const struct rulebook *book, const struct errinfo *why, json_t *more, struct host_reply *ret)
{
    struct buf text = BUF_INIT;
    json_t *o = more ? more : json_object();
    if (*why->msg && rulebook_message(book, why->msg))
        rulebook_say(book, why->msg, why->item, "", &text);
    json_object_set_new(o, "error",
                        json_pack("{s:s,s:s,s:s,s:s}", "code", err_name(why->code), "msg", why->msg, "item", why->item,
                                  "text", buf_str(&text)));
    buf_done(&text);
    reply_json(o, ret);
    ret->status = statuses[why->code];
}
