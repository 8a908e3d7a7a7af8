/*
 * Head of a branch's operation log (操作記録の末尾). The log only grows: at each greeting the branch tells its head
 * and, as proof that it is the same log, the hash it has where the host signed last. A shorter log or another hash
 * there means that rows were taken away, by an older copy of the store or by hand: the old head stays and the branch is
 * set apart until a person has looked. Source: spec reliability §0.10, sync §2.14.
 */
#include "loghead.h"
#include "internal.h"

#include <string.h>

static enum err stored(struct host *h, const char *branch, struct loghead *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_BRANCH_LOG_HEAD);
    q_text(&q, ":name", branch);
    enum err e = q_row(&q, &have, reterr);
    *ret = (struct loghead){ .seq = 0 };
    if (e == OK && have && q_get_int(&q, "log_seq") > 0) {
        ret->seq = (uint64_t)q_get_int(&q, "log_seq");
        e = q_get_fixed(&q, "log_head", ret->hash, sizeof ret->hash, reterr);
        if (e == OK)
            e = q_get_fixed(&q, "log_incarnation", ret->incarnation, OP_INCARNATION, reterr);
    }
    q_done(&q);
    return e;
}

enum err loghead_judge(struct host *h, const struct hello *in, struct loghead *ret, struct errinfo *reterr)
{
    TRY(stored(h, in->branch, ret, reterr));
    bool same_life = memcmp(ret->incarnation, in->incarnation, OP_INCARNATION) == 0;
    if (ret->seq == 0 || !same_life)
        ret->verdict = LOGHEAD_NEW;
    else if (in->log_seq < ret->seq)
        ret->verdict = LOGHEAD_SHORTER;
    else if (in->log_known_seq != ret->seq)
        ret->verdict = LOGHEAD_UNPROVEN;
    else
        ret->verdict = memcmp(in->log_known_head, ret->hash, sizeof ret->hash) == 0 ? LOGHEAD_GROWN : LOGHEAD_CHANGED;
    return OK;
}

bool loghead_is_broken(const struct loghead *l)
{
    return l->verdict == LOGHEAD_SHORTER || l->verdict == LOGHEAD_CHANGED;
}

static json_t *heads(const struct loghead *l, const struct hello *in)
{
    return json_pack("{s:s,s:s,s:I,s:I}", "branch", in->branch, "what",
                     l->verdict == LOGHEAD_SHORTER ? "log shorter" : "log", "signed", (json_int_t)l->seq, "told",
                     (json_int_t)in->log_seq);
}

static enum err set_apart(struct host *h, const struct loghead *l, const struct hello *in, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_BRANCH_STATE);
    q_text(&q, ":name", in->branch);
    q_text(&q, ":state", "quarantined");
    q_text(&q, ":reason", "oplog");
    TRY(q_run(&q, reterr));
    return journal(h, "host", "branch.quarantine", heads(l, in), reterr);
}

enum err loghead_keep(struct host *h, const struct loghead *l, const struct hello *in, bool quarantined,
                      struct errinfo *reterr)
{
    if (loghead_is_broken(l))
        return quarantined ? OK : set_apart(h, l, in, reterr);
    if (l->verdict == LOGHEAD_UNPROVEN)
        return OK;
    if (l->verdict == LOGHEAD_NEW && l->seq > 0) /* another life of the store: what it lacks can be read here */
        TRY(journal(h, "host", "branch.log", heads(l, in), reterr));
    struct q q = q_get(h->b, Q_BRANCH_LOG_HEAD_SET);
    q_text(&q, ":name", in->branch);
    q_blob(&q, ":incarnation", in->incarnation, OP_INCARNATION);
    q_int(&q, ":log_seq", (int64_t)in->log_seq);
    q_blob(&q, ":log_head", in->log_head, sizeof in->log_head);
    return q_run(&q, reterr);
}
