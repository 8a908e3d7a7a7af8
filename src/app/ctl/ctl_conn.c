/* The connection of madoguchi-ctl to the service. */
#include "base/mem.h"
#include "ctl_run.h"

#include <stdlib.h>

static enum err ask(struct ctl *c, const char *method, json_t *params, json_t **ret, struct errinfo *reterr)
{
    enum err e = client_call(c->client, method, params, c->timeout_ms, ret, reterr);
    if (e != OK && *client_text(c->client)) {
        buf_clear(&c->text);
        buf_clear(&c->remedy);
        buf_adds(&c->text, client_text(c->client));
        buf_adds(&c->remedy, client_remedy(c->client));
    }
    return e;
}

static enum err login(struct ctl *c, struct errinfo *reterr)
{
    char *password = NULL;
    json_t *r = NULL;
    TRY(ctl_secret(c, "password", "パスワード: ", &password, reterr));
    json_t *params = json_pack("{s:s, s:s}", "operator", ctl_opt(c, "as"), "password", password);
    wipe_str(password);
    if (!params)
        return ctl_usage(c, reterr, "操作者IDとパスワードはUTF-8の文字で指定してください。");
    TRY(ask(c, "session.login", params, &r, reterr));
    json_decref(r);
    return OK;
}

enum err ctl_connect(struct ctl *c, struct errinfo *reterr)
{
    if (c->client)
        return OK;
    char *path = place_path(c->dir, PLACE_SOCKET);
    enum err e = client_connect(path, &c->client, reterr);
    free(path);
    if (e == E_OFFLINE)
        return ctl_refuse(c, reterr, e, "madoguchi-branchd が動いているか、--dir が正しいか確かめてください。",
                          "業務サービスに接続できません。");
    TRY(e);
    return ctl_opt(c, "as") ? login(c, reterr) : OK;
}

enum err ctl_ask(struct ctl *c, const char *method, json_t *params, json_t **ret_result, struct errinfo *reterr)
{
    enum err e = ctl_connect(c, reterr);
    if (e != OK) {
        json_decref(params);
        return e;
    }
    return ask(c, method, params, ret_result, reterr);
}

const char *ctl_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

int64_t ctl_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}
