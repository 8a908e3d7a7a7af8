/* `enrol`: makes this instance a branch of a host with the one-time code that the host's administrator reads out. */
#include "app/ctl.h"
#include "app/link.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "ctl_store.h"
#include "domain/rulebook.h"
#include "form/catalog.h"

#include <stdlib.h>

static enum err enrol(struct ctl *c, struct errinfo *reterr)
{
    const struct instance *i = ctl_instance(c);
    struct alg_policy policy;
    struct rulebook *book;
    struct cert_id id;
    char *code = NULL, *keys = NULL;
    if (!*i->host_url)
        return ctl_refuse(c, reterr, E_INVALID, "instance.conf の host_url に https://… を書いてください。",
                          "ホストのアドレスが決まっていません。");
    TRY(ctl_policy(c, &policy, reterr));
    TRY(ctl_rules(c, &book, reterr));
    enum err e = ctl_secret(c, "code", "登録コード: ", &code, reterr);
    if (e == OK) {
        keys = place_path(ctl_dir(c), PLACE_BRANCH_KEYS);
        struct link_enrol order = { .url = i->host_url,
                                    .code = code,
                                    .keys_dir = keys,
                                    .policy = &policy,
                                    .trial = i->trial,
                                    .connect_ms = (uint32_t)rulebook_param_int(book, "LINK_CONNECT_S") * 1000,
                                    .stall_ms = (uint32_t)rulebook_param_int(book, "LINK_STALL_S") * 1000 };
        e = link_enrol(&order, &id, reterr);
    }
    if (e == OK) {
        ctl_say(c, "%s の支所 %s として登録しました%s。", id.city, id.name, id.trial ? " 【試験】" : "");
        ctl_result(c, json_pack("{s:s, s:s, s:b}", "city", id.city, "branch", id.name, "trial", id.trial));
    }
    wipe_str(code);
    free(keys);
    rulebook_free(book);
    return e;
}

static const struct ctl_option options[] = {
    CTL_SECRET_FD("code", "登録コード"),
    CTL_SECRET_FILE("code", "登録コード"),
    { 0 },
};

static const struct ctl_command rows[] = {
    { .name = "enrol",
      .help = "ホストから渡された登録コードで、この支所を登録する",
      .more = "コードは一度しか使えない。ホストに届かなかったときは、同じコードでやり直せる。",
      .need = CTL_INSTANCE,
      .option = options,
      .run = enrol },
};
const struct ctl_table ctl_enrol_commands = { rows, ARRAY_LEN(rows) };
