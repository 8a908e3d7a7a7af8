/* What an administrator asks of the host: one function behind the socket and behind madoguchi-ctl alike. */
#include "base/mem.h"
#include "host/branches.h"
#include "host/serve.h"
#include "internal.h"
#include "reply.h"

#include <string.h>

struct admin_call {
    struct host *h;
    const struct ca *ca;
    json_t *in; /* {} for GET */
};

static const char *text_of(const struct admin_call *c, const char *key)
{
    const char *s = json_string_value(json_object_get(c->in, key));
    return s ? s : "";
}

static enum err make_code(struct admin_call *c, json_t **ret, struct errinfo *reterr)
{
    struct enrol_code code;
    char text[ENROL_TEXT];
    if (!c->ca)
        return err_set(reterr, E_DENIED, "S402", "ca", "this process enrols nobody");
    TRY(host_enrol_code(c->h, text_of(c, "branch"), ca_pem(c->ca), text_of(c, "who"), &code, reterr));
    enrol_code_show(&code, text);
    int64_t until = host_now(c->h) + rulebook_param_int(c->h->book, "HOST_CODE_MIN") * MINUTE_MS;
    *ret = json_pack("{s:s,s:I}", "code", text, "until_ms", (json_int_t)until);
    wipe(&code, sizeof code);
    wipe(text, sizeof text);
    return OK;
}

static void add_branch(void *arg, const struct host_branch *b)
{
    json_array_append_new(arg, json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:s}", "name", b->name, "state",
                                         b->state, "reason", b->reason, "created_ms", (json_int_t)b->created_ms,
                                         "last_seen_ms", (json_int_t)b->last_seen_ms, "skew_ms", (json_int_t)b->skew_ms,
                                         "cert_until_ms", (json_int_t)b->cert_until_ms, "received",
                                         (json_int_t)b->received, "durable", (json_int_t)b->durable, "app", b->app));
}

static enum err list_branches(struct admin_call *c, json_t **ret, struct errinfo *reterr)
{
    json_t *list = json_array();
    enum err e = host_branches(c->h, add_branch, list, reterr);
    if (e == OK)
        *ret = json_pack("{s:O}", "branches", list);
    json_decref(list);
    return e;
}

static enum err change_branch(struct admin_call *c, json_t **ret, struct errinfo *reterr)
{
    static const struct {
        const char *action;
        enum err (*run)(struct host *, const char *, const char *, const char *, struct errinfo *);
    } actions[] = { { "close", host_branch_close }, { "release", host_branch_release } };
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (strcmp(actions[i].action, text_of(c, "action")) != 0)
            continue;
        TRY(actions[i].run(c->h, text_of(c, "branch"), text_of(c, "reason"), text_of(c, "who"), reterr));
        *ret = json_object();
        return OK;
    }
    return err_set(reterr, E_INVALID, "S410", "action", "neither close nor release");
}

static enum err status(struct admin_call *c, json_t **ret, struct errinfo *reterr)
{
    uint64_t head = 0, low = 0, persons = 0, stuck = 0;
    TRY(feed_bounds(c->h, &head, &low, reterr));
    TRY(count_rows(c->h, Q_PERSON_COUNT, &persons, reterr));
    TRY(count_rows(c->h, Q_DUE_STUCK, &stuck, reterr));
    *ret = json_pack("{s:s,s:s,s:b,s:I,s:I,s:I,s:I}", "city", c->h->facts.city, "name", c->h->facts.name, "trial",
                     c->h->facts.trial, "now_ms", (json_int_t)host_now(c->h), "feed_head", (json_int_t)head, "persons",
                     (json_int_t)persons, "stuck", (json_int_t)stuck);
    return OK;
}

static void add_stuck(void *arg, const struct host_stuck *s)
{
    struct buf op = BUF_INIT;
    op_show(s->branch, s->seq, &op);
    json_array_append_new(arg,
                          json_pack("{s:s,s:s,s:s}", "branch", s->branch, "op", buf_str(&op), "on_day", s->on_day));
    buf_done(&op);
}

/* Those that were set aside; with "action":"retry" they are tried again, and the list is of what that was. */
static enum err due(struct admin_call *c, json_t **ret, struct errinfo *reterr)
{
    json_t *list = json_array();
    bool retry = strcmp(text_of(c, "action"), "retry") == 0;
    enum err e = host_due_stuck(c->h, add_stuck, list, reterr);
    if (e == OK && retry)
        e = host_due_retry(c->h, text_of(c, "reason"), text_of(c, "who"), reterr);
    if (e == OK)
        *ret = json_pack("{s:O,s:b}", "rows", list, "retried", retry);
    json_decref(list);
    return e;
}

static const struct {
    const char *path;
    enum err (*run)(struct admin_call *, json_t **, struct errinfo *);
} calls[] = {
    { "/admin/code", make_code },
    { "/admin/branches", list_branches },
    { "/admin/branch", change_branch },
    { "/admin/status", status },
    { "/admin/due", due },
};

void host_admin(struct host *h, const struct ca *ca, const char *path, struct span body, struct host_reply *ret)
{
    struct errinfo why = { .code = OK };
    json_t *out = NULL;
    struct admin_call c = { h, ca, body.n ? json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL) : json_object() };
    enum err e = json_is_object(c.in) ? err_set(&why, E_NOTFOUND, NULL, "path", "no such call")
                                      : err_set(&why, E_INVALID, "S410", "body", "not a JSON object");
    for (size_t i = 0; json_is_object(c.in) && i < ARRAY_LEN(calls); i++)
        if (strcmp(calls[i].path, path) == 0)
            e = calls[i].run(&c, &out, &why);
    if (e == OK)
        reply_json(out, ret);
    else
        reply_error(h->book, &why, NULL, ret);
    json_decref(c.in);
}
