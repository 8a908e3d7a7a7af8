/* Whose signature a manifest carries, and whether it is one. */
#include "app/backup.h"
#include "service/linkmsg.h"

#include <string.h>

static enum err is_of_branch(const struct backup_manifest *m, const struct cert_id *id, struct errinfo *reterr)
{
    if (id->role == ROLE_BRANCH && id->trial == m->trial && strcmp(id->city, m->city_code) == 0 &&
        strcmp(id->name, m->office) == 0)
        return OK;
    return err_set(reterr, E_DENIED, NULL, "signature", "of another branch");
}

enum err backup_seal_check(const struct backup_manifest *m, struct span ca_pem, const struct alg_policy *policy,
                           struct errinfo *reterr)
{
    struct cert_facts f;
    struct key *k = NULL;
    struct buf statement = BUF_INIT;
    if (!m->cert.len || !m->sig.len)
        return err_set(reterr, E_NOTFOUND, NULL, "signature", "none");
    enum err e = cert_issued_by(buf_span(&m->cert), ca_pem, &f, reterr);
    if (e == OK)
        e = is_of_branch(m, &f.id, reterr);
    if (e == OK)
        e = key_public_of_cert(buf_span(&m->cert), &k, reterr);
    if (e == OK) {
        backup_manifest_statement(m, &statement);
        e = key_verify(k, policy, BACKUP_LABEL, buf_span(&statement), buf_span(&m->sig), reterr);
    }
    buf_done(&statement);
    key_free(k);
    return e;
}
