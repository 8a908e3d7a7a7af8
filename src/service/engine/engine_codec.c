/* How an operation of the outbox becomes the bytes of sync/op.h. */
#include "base/mem.h"
#include "engine/engine_in.h"
#include "store/outage.h"
#include "sync/payload.h"

#include <string.h>

static bool copy(char *ret, size_t size, const char *text)
{
    size_t n = strlen(text);
    if (n >= size)
        return false;
    memcpy(ret, text, n + 1);
    return true;
}

static enum err fill(const struct engine *e, struct op *op, const struct outbox_new *in, struct errinfo *reterr)
{
    struct incarnation inc;
    struct replica rep;
    TRY(incarnation_get(e->db, &inc, reterr));
    TRY(replica_get(e->db, &rep, reterr));
    memcpy(op->incarnation, inc.id, sizeof op->incarnation);
    op->wall_ms = engine_wall(e);
    op->host_ms = rep.host_ms;
    op->since_host_ms = rep.heard_ms && op->wall_ms > rep.heard_ms ? op->wall_ms - rep.heard_ms : 0;
    memcpy(op->boot_id, e->svc->boot, sizeof op->boot_id);
    memcpy(op->forms_digest, e->svc->catalogue, sizeof op->forms_digest);
    op->schema = e->schema;
    bool fits = copy(op->branch, sizeof op->branch, e->o.branch) && copy(op->kind, sizeof op->kind, in->kind) &&
                copy(op->lane, sizeof op->lane, in->lane) && copy(op->app, sizeof op->app, e->o.app) &&
                copy(op->operator_id, sizeof op->operator_id, in->operator_id) &&
                copy(op->approver, sizeof op->approver, in->approver_id ? in->approver_id : "");
    return fits ? OK : err_set(reterr, E_INVALID, NULL, in->kind, "a member of the operation is too long");
}

/* What is done in a stop says so, and in a drill that nothing of it is meant. */
static enum err stop_flags(const struct engine *e, uint32_t *ret, struct errinfo *reterr)
{
    struct outage o;
    bool found = false;
    TRY(outage_current(e->db, &o, &found, reterr));
    *ret = OPF_OUTAGE;
    if (found && (o.types & OUTAGE_BIT(OUTAGE_DRILL)))
        *ret |= OPF_DRILL;
    if (found)
        outage_done(&o);
    return OK;
}

static enum err encode(void *self, const struct outbox_new *in, int64_t seq, int64_t lane_prev, bool in_outage,
                       struct buf *ret, struct errinfo *reterr)
{
    const struct engine *e = self;
    struct op op;
    op_init(&op);
    op.seq = (uint64_t)seq;
    op.lane_prev = (uint64_t)lane_prev;
    uint32_t stop = 0;
    enum err r = in_outage ? stop_flags(e, &stop, reterr) : OK;
    op.flags = (e->o.trial ? OPF_TRIAL : 0) | stop;
    if (r == OK)
        r = fill(e, &op, in, reterr);
    if (r == OK) {
        for (size_t i = 0; i < in->n_base; i++)
            op_add_base(&op, in->base[i].id, in->base[i].rev);
        op_set_payload(&op, in->payload, strlen(in->payload));
        const struct op_kind *kind = op_kind_find(in->kind);
        r = kind ? payload_check(kind, span_of(in->payload), reterr)
                 : err_set(reterr, E_INVALID, NULL, in->kind, "no such kind of operation");
    }
    if (r == OK)
        r = op_encode(&op, ret, reterr);
    op_done(&op);
    return r;
}

static void start(void *self, const uint8_t incarnation[8], uint8_t ret[OUTBOX_HASH])
{
    const struct engine *e = self;
    op_chain_start(e->o.branch, incarnation, ret);
}

void engine_use_codec(struct engine *e)
{
    const struct outbox_codec codec = { .encode = encode, .start = start, .self = e };
    _Static_assert(OP_INCARNATION == INCARNATION && OP_HASH == OUTBOX_HASH, "store and sync agree on sizes");
    outbox_use(e->db, &codec);
}
