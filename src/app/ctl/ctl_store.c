#include "ctl_store.h"
#include "app/trialclock.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/policy.h"
#include "form/catalog.h"
#include "store/schema.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum err ctl_store_open(struct ctl *c, const struct instance *i, bool create, struct ctl_store *ret,
                        struct errinfo *reterr)
{
    char *path = place_path(ctl_dir(c), PLACE_STORE), *offset = place_path(ctl_dir(c), PLACE_BRANCH_CLOCK);
    ret->clock = trialclock_new(offset, i->trial, clock_system());
    struct db_options o = { .path = path,
                            .create = create,
                            .hash = digest_sha256,
                            .schema = &store_schema,
                            .clock = trialclock_clock(ret->clock) };
    enum err e = random_bytes(ret->boot, sizeof ret->boot, reterr);
    if (e == OK)
        e = db_open(&o, &ret->db, reterr);
    if (e == E_BUSY)
        e = ctl_refuse(c, reterr, e, "止めてから実行するか、--as を付けて業務サービスに依頼してください。",
                       "madoguchi-branchd が保存庫を使っています。");
    free(offset);
    free(path);
    return e;
}

void ctl_store_close(struct ctl_store *s)
{
    db_close(s->db);
    trialclock_free(s->clock);
}

enum err ctl_rules(struct ctl *c, struct rulebook **ret, struct errinfo *reterr)
{
    char *forms = fs_join(ctl_share(c), "forms"), *data = fs_join(ctl_share(c), "data");
    char *own = fs_join(ctl_dir(c), INSTANCE_PARAMETERS);
    enum err e = catalog_load(forms, data, access(own, F_OK) == 0 ? own : NULL, ret, NULL, reterr);
    free(own);
    free(data);
    free(forms);
    return e;
}

enum err ctl_policy(struct ctl *c, struct alg_policy *ret, struct errinfo *reterr)
{
    char *path = fs_join(ctl_share(c), "data/tables/crypto_allow.tsv");
    enum err e = alg_policy_load(path, ret, reterr);
    free(path);
    return e;
}

enum err ctl_store_log(struct ctl_store *s, const struct instance *i, const char *function, const char *detail,
                       struct errinfo *reterr)
{
    char *who = xprintf("uid:%" PRIuMAX, (uintmax_t)getuid());
    struct oplog row = { .trust = LOG_TRUST_LOCAL,
                         .office = i->office,
                         .terminal = i->terminal,
                         .operator_id = who,
                         .function = function,
                         .action = "config",
                         .result = "ok",
                         .detail = detail };
    memcpy(row.boot, s->boot, sizeof row.boot);
    enum err e = oplog_append(s->db, &row, reterr);
    free(who);
    return e;
}
