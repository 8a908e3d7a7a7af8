/* Heartbeats: is the host there, for how long, and when is its silence a stop? */
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_in.h"
#include "service/method.h"
#include "store/outage.h"
#include "store/txn.h"

#include <inttypes.h>
#include <string.h>

#define BY_ITSELF "auto"

enum err engine_log(struct engine *e, const char *function, const char *action, const char *ticket, const char *detail,
                    struct errinfo *reterr)
{
    struct oplog row = service_row(e->svc, function, action);
    row.ticket = ticket;
    row.detail = detail;
    return service_append(e->svc, &row, reterr);
}

static enum err note_change(struct engine *e, bool up, const char *why, struct errinfo *reterr)
{
    TRY(txn_begin(e->db, reterr));
    return txn_end(e->db, link_changed(e->db, engine_wall(e), up, why, reterr), reterr);
}

static void set_host(struct engine *e, enum engine_host host, const char *why)
{
    struct errinfo err;
    if (e->host == host)
        return;
    e->host = host;
    e->level = false; /* until a greeting and what comes after it */
    log_msg(LOG_INFO, "the host is %s%s%s", engine_host_name(host), *why ? ": " : "", why);
    if (note_change(e, host == HOST_OK, why, &err) != OK)
        engine_store_failed(e, "noting the link", &err);
}

void engine_heard(struct engine *e)
{
    int64_t now = engine_mono(e);
    if (e->host != HOST_OK)
        e->up_since = now;
    e->answered = true;
    e->fails = 0;
    e->st.missed = 0;
    e->st.answered_ms = engine_wall(e);
    set_host(e, HOST_OK, "");
}

/* ---- suspicion ---- */

static enum err suspect(struct engine *e, struct errinfo *reterr)
{
    struct replica rep;
    struct buf no = BUF_INIT;
    char *symptoms = xprintf("本庁の応答が%" PRId64 "回続けてありません。", e->st.missed);
    enum err r = replica_get(e->db, &rep, reterr);
    if (r == OK) {
        const struct outage_start start = { e->svc->id.office,
                                            e->svc->id.terminal,
                                            rep.as_of_ms,
                                            rep.list_ms,
                                            { OUTAGE_SUSPECT, COUNTER_SUSPECT, 0, BY_ITSELF, "", symptoms } };
        r = outage_begin(e->db, &start, &no, reterr);
    }
    if (r == OK)
        r = engine_log(e, "outage.suspect", "config", buf_str(&no), link_class_label(e->st.class), reterr);
    free(symptoms);
    buf_done(&no);
    return r;
}

/* While it is being replayed it fails again: the same stop goes on. */
static enum err relapse(struct engine *e, struct errinfo *reterr)
{
    struct outage o;
    bool found = false;
    TRY(outage_current(e->db, &o, &found, reterr));
    if (!found)
        return OK;
    const struct outage_act act = { OUTAGE_RELAPSE, COUNTER_OUTAGE, o.types, BY_ITSELF, "", "復旧処理中に応答なし" };
    enum err r = outage_move(e->db, o.no, &act, reterr);
    if (r == OK)
        r = engine_log(e, "outage.relapse", "config", o.no, "", reterr);
    outage_done(&o);
    return r;
}

static void decide(struct engine *e, enum outage_event event, enum err (*act)(struct engine *, struct errinfo *))
{
    const struct outage_facts facts = { .roles = OUTAGE_BY_ITSELF };
    enum counter_state to;
    struct errinfo err;
    if (outage_step(service_counter_state(e->svc), event, &facts, &to, NULL) != OK)
        return;
    enum err r = txn_begin(e->db, &err);
    if (r == OK)
        r = txn_end(e->db, act(e, &err), &err);
    if (r != OK)
        engine_store_failed(e, outage_event_name(event), &err);
    else
        log_msg(LOG_WARN, "the counter is %s", counter_state_name(to));
}

void engine_beat(struct engine *e)
{
    const struct rulebook *book = e->svc->book;
    e->beat_at = engine_mono(e) + rulebook_param_int(book, "HEARTBEAT_S") * 1000;
    if (e->answered) {
        e->answered = false;
        e->st.answers++;
        return;
    }
    e->st.answers = 0;
    e->st.missed++;
    set_host(e, HOST_DOWN, link_class_label(e->st.class));
    if (e->st.missed < rulebook_param_int(book, "FAIL_N") ||
        strcmp(rulebook_param(book, "AUTO_PROVISIONAL"), "yes") != 0)
        return;
    decide(e, OUTAGE_SUSPECT, suspect);
    decide(e, OUTAGE_RELAPSE, relapse);
}
