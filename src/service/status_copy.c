/*
 * What the top line says of the local copy (副本), of the stop and of the work that the host does not have yet.
 */
#include "service/status.h"
#include "store/outage.h"
#include "store/outbox_send.h"
#include "store/replica.h"

#define MS_PER_S INT64_C(1000)

status_part status_copy, status_stop;

static void tell_time(json_t *result, const char *key, int64_t ms)
{
    char text[CLOCK_TEXT];
    if (ms > 0)
        clock_iso_jst(ms, text);
    set_text(result, key, ms > 0 ? text : "");
}

/* By the host's clock, as far as it was heard: never younger than it is. */
static int64_t age_s(const struct call *c, const struct replica *r)
{
    int64_t age = call_now(c) - r->skew_ms - r->as_of_ms;
    return r->as_of_ms && age > 0 ? age / MS_PER_S : 0;
}

enum err status_copy(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct replica r;
    struct outbox_counts n;
    TRY(replica_get(c->svc->db, &r, reterr));
    TRY(outbox_count(c->svc->db, NULL, &n, reterr));
    tell_time(result, "copy_as_of", r.as_of_ms);
    set_int(result, "copy_age_s", age_s(c, &r));
    tell_time(result, "restrict_as_of", r.list_ms);
    set_int(result, "unposted", n.n[OP_PENDING] + n.n[OP_INFLIGHT] + n.n[OP_HELD] + n.waiting);
    set_int(result, "conflicts", n.conflicts);
    return OK;
}

enum err status_stop(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct outage o;
    bool open = false;
    TRY(outage_current(c->svc->db, &o, &open, reterr));
    json_t *types = set_list(result, "types");
    tell_time(result, "since", open ? o.detected_ms : 0);
    if (!open)
        return OK;
    for (unsigned t = 0; t < OUTAGE_TYPES; t++)
        if (o.types & OUTAGE_BIT(t))
            add_text(types, outage_type_label((enum outage_type)t));
    outage_done(&o);
    return OK;
}
