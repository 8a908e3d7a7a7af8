#include "op_store.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum err op_result(struct host *h, uint64_t seq, const struct verdict *v, struct buf *ret, struct errinfo *reterr)
{
    char *detail = v->detail ? json_dumps(v->detail, JSON_COMPACT) : xstrdup("{}");
    if (!detail)
        return err_set(reterr, E_CORRUPT, NULL, "result", "detail cannot be written");
    struct result r = { seq, v->code, v->category, v->host_seq, host_now(h), detail };
    enum err e = result_encode(&r, ret, reterr);
    wipe_str(detail);
    return e;
}

enum err op_store(struct host *h, const struct origin *who, const struct batch_op *b, const struct op *o,
                  const struct verdict *v, struct span result, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_OP_ADD);
    q_op(&q, who->branch, who->incarnation, b->seq);
    q_blob(&q, ":hash", b->hash, OP_HASH);
    q_blob(&q, ":chain", b->chain, OP_HASH);
    q_blob(&q, ":bytes", b->bytes.p, b->bytes.n);
    q_text(&q, ":kind", o->kind);
    q_text(&q, ":lane", o->lane);
    q_int(&q, ":lane_prev", (int64_t)o->lane_prev);
    q_int(&q, ":code", v->code);
    q_int(&q, ":category", v->category);
    q_blob(&q, ":result", result.p, result.n);
    q_int(&q, ":received_ms", host_now(h));
    q_int(&q, ":blocks", op_blocks(o, v));
    return q_run(&q, reterr);
}

enum err op_redecide(struct host *h, const struct origin *who, uint64_t seq, const struct verdict *v, bool blocking,
                     struct errinfo *reterr)
{
    struct buf result = BUF_INIT, key = BUF_INIT;
    uint64_t host_seq = 0;
    TRY(op_result(h, seq, v, &result, reterr));
    struct q q = q_get(h->b, Q_OP_DECIDED);
    q_op(&q, who->branch, who->incarnation, seq);
    q_int(&q, ":code", v->code);
    q_int(&q, ":category", v->category);
    q_blob(&q, ":result", result.p, result.len);
    q_int(&q, ":blocks", blocking);
    enum err e = q_run(&q, reterr);
    hex_add(&key, who->incarnation, OP_INCARNATION);
    buf_printf(&key, "/%llu", (unsigned long long)seq);
    if (e == OK)
        e = feed_write(h, FEED_RESULT, buf_str(&key), who->branch, buf_span(&result), &host_seq, reterr);
    buf_done(&result);
    buf_done(&key);
    return e;
}

/* What op_get says that closing needs. */
static enum err look_at(struct host *h, const struct origin *who, uint64_t seq, enum op_code *ret_code,
                        struct buf *ret_lane, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_GET);
    q_op(&q, who->branch, who->incarnation, seq);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && have) {
        struct span lane = q_get_span(&q, "lane");
        buf_add(ret_lane, lane.p, lane.n);
        *ret_code = (enum op_code)q_get_int(&q, "code");
    }
    q_done(&q);
    return e;
}

enum err op_close(struct host *h, const struct origin *who, uint64_t seq, uint64_t by, struct buf *ret_lane,
                  struct errinfo *reterr)
{
    enum op_code code = OPR_APPLIED;
    TRY(look_at(h, who, seq, &code, ret_lane, reterr));
    if (code == OPR_HELD) {
        struct verdict v = { .code = OPR_REJECTED };
        v.detail = json_pack("{s:s,s:I}", "msg", "S453", "superseded_by", (json_int_t)by);
        enum err e = op_redecide(h, who, seq, &v, false, reterr);
        json_decref(v.detail);
        TRY(e);
    }
    struct q q = q_get(h->b, Q_OP_CLOSE);
    q_op(&q, who->branch, who->incarnation, seq);
    q_int(&q, ":by", (int64_t)by);
    return q_run(&q, reterr);
}

enum err op_held_after(struct host *h, const struct origin *who, const char *lane, uint64_t after, uint64_t *ret,
                       struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_LANE_HELD);
    q_life(&q, who->branch, who->incarnation);
    q_text(&q, ":lane", lane);
    q_int(&q, ":after", (int64_t)after);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = have ? (uint64_t)q_get_int(&q, "seq") : 0;
    q_done(&q);
    return e;
}

enum err op_load(struct host *h, const struct origin *who, uint64_t seq, struct op *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_OP_BYTES);
    q_op(&q, who->branch, who->incarnation, seq);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        e = have ? op_decode(q_get_span(&q, "bytes"), ret, reterr) : err_set(reterr, E_CORRUPT, NULL, "op", "lost");
    q_done(&q);
    return e;
}

enum err op_chain_before(struct host *h, const struct origin *who, uint64_t seq, uint8_t ret[OP_HASH],
                         struct errinfo *reterr)
{
    if (seq == 1) {
        op_chain_start(who->branch, who->incarnation, ret);
        return OK;
    }
    bool have = false;
    struct q q = q_get(h->b, Q_OP_GET);
    q_op(&q, who->branch, who->incarnation, seq - 1);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        e = have ? q_get_fixed(&q, "chain", ret, OP_HASH, reterr) : err_set(reterr, E_CORRUPT, NULL, "op", "lost");
    q_done(&q);
    return e;
}
