#include "ctl_confirm.h"
#include "base/mem.h"

enum err ctl_confirm(struct ctl *c, json_t *params, struct errinfo *reterr)
{
    const char *approver = ctl_opt(c, "approver");
    char *password = NULL;
    TRY(ctl_secret(c, "confirm", approver ? "承認者のパスワード: " : "もう一度、本人のパスワード: ", &password,
                   reterr));
    if (approver)
        json_object_set_new(params, "approver", json_string(approver));
    json_object_set_new(params, "password", json_string(password));
    wipe_str(password);
    return OK;
}
