/* The exchange with the host as people see it: is it there, what waits, how fresh is the copy (S-30, S-34). */
#include "base/mem.h"
#include "engine/sync_in.h"
#include "methods.h"
#include "service/status.h"
#include "store/outage.h"
#include "store/outage_book.h"
#include "store/outbox_send.h"
#include "store/people.h"
#include "store/replica.h"
#include "sync/op.h"

#include <stdlib.h>
#include <string.h>

enum { SENT_ROWS = 50, HISTORY_ROWS = 60 };

/* ---- sync.status ---- */

static void tell_host(const struct call *c, const struct engine_status *st, json_t *o)
{
    static const char *const texts[] = { [HOST_UNKNOWN] = "本庁の応答を確かめています",
                                         [HOST_OK] = "本庁は応答しています",
                                         [HOST_DOWN] = "本庁は応答していません" };
    set_text(o, "host", engine_host_name(st->host));
    set_text(o, "host_text", texts[st->host]);
    sync_set_message(c, o, "trouble", st->trouble);
    set_time(o, "answered_at", st->answered_ms);
    set_int(o, "next_s", (st->next_ms + SECOND_MS - 1) / SECOND_MS);
    set_int(o, "missed", st->missed);
    set_int(o, "stable_s", st->stable_ms / SECOND_MS);
    set_int(o, "skew_ms", st->skew_ms);
    set_time(o, "cert_until", st->cert_until_ms);
}

/* `as_of_ms` is a time of the host, and so is now, as far as the host's clock was heard. */
static int64_t age_s(const struct call *c, const struct replica *rep, int64_t as_of_ms)
{
    int64_t age = call_now(c) - rep->skew_ms - as_of_ms;
    return as_of_ms && age > 0 ? age / SECOND_MS : 0;
}

static void tell_age(const struct call *c, json_t *o, const char *key, const struct replica *rep, int64_t as_of_ms)
{
    json_t *age = set_object(o, key);
    set_time(age, "as_of", as_of_ms);
    set_int(age, "age_s", age_s(c, rep, as_of_ms));
}

static void add_queue(json_t *list, const char *key, const char *label, int64_t count, int64_t oldest_s,
                      const char *level)
{
    json_t *row = add_object(list);
    set_text(row, "state", key);
    set_text(row, "label", label);
    set_int(row, "count", count);
    set_int(row, "oldest_s", oldest_s);
    set_text(row, "level", count ? level : "ok");
}

static enum err tell_queue(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct outbox_counts n;
    json_t *list = set_list(result, "queue");
    TRY(outbox_count(c->svc->db, NULL, &n, reterr));
    int64_t age = n.oldest_ms ? (call_now(c) - n.oldest_ms) / SECOND_MS : 0;
    const char *level = age * SECOND_MS > DAY_MS ? "late" : age > MINUTE_MS / SECOND_MS * 10 ? "soon" : "ok";
    add_queue(list, "pending", "送信待", n.n[OP_PENDING] + n.n[OP_INFLIGHT], age, level);
    add_queue(list, "waiting", "復旧待ち", n.waiting, age, level);
    add_queue(list, "held", "保留", n.n[OP_HELD], age, level);
    add_queue(list, "conflict", "競合", n.n[OP_CONFLICT], 0, "late");
    add_queue(list, "rejected", "却下", n.n[OP_REJECTED], 0, "soon");
    add_queue(list, "arriving", "登録済・副本待ち", n.awaits_copy, 0, "soon");
    add_queue(list, "applied", "反映済", n.n[OP_APPLIED] + n.n[OP_DURABLE] - n.awaits_copy, 0, "ok");
    add_queue(list, "closed", "取下げ・差替済", n.n[OP_WITHDRAWN] + n.n[OP_SUPERSEDED], 0, "ok");
    return OK;
}

struct telling {
    struct call *call;
    json_t *rows;
    int64_t start; /* of the incarnation */
};

static enum err tell_op(void *arg, const struct outbox_row *r, struct errinfo *reterr)
{
    struct telling *t = arg;
    struct op op;
    struct buf no = BUF_INIT;
    TRY(op_decode(r->op, &op, reterr));
    json_t *payload = json_loadb(op.payload, op.payload_len, 0, NULL), *row = json_object();
    json_t *detail = json_loads(r->result, 0, NULL);
    const char *msg = json_string_value(json_object_get(detail, "msg"));
    op_show(op.branch, op.seq, &no);
    set_int(row, "seq", r->seq);
    set_text(row, "op", buf_str(&no));
    set_text(row, "kind", r->kind);
    set_text(row, "title", op_title(t->call, r->kind, payload));
    set_text(row, "no", r->subject);
    set_text(row, "state", op_state_name(r->state));
    set_text(row, "state_label", op_state_label(r->state));
    set_time(row, "at", r->at_ms);
    set_int(row, "attempts", r->attempts);
    set_text(row, "category", r->category);
    sync_set_message(t->call, row, "message", msg ? msg : "");
    json_array_insert_new(t->rows, 0, row);
    json_decref(detail);
    json_decref(payload);
    buf_done(&no);
    op_done(&op);
    return OK;
}

/* The last ones, newest first. */
static enum err tell_sent(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct outbox_head head;
    struct telling t = { .call = c, .rows = set_list(result, "sent") };
    TRY(outbox_head(c->svc->db, &head, reterr));
    for (int64_t seq = head.seq > SENT_ROWS ? head.seq - SENT_ROWS + 1 : 1; seq <= head.seq; seq++) {
        enum err e = outbox_get(c->svc->db, seq, tell_op, &t, reterr);
        if (e != OK && e != E_NOTFOUND)
            return e;
    }
    return OK;
}

static enum err tell_status(struct call *c, struct errinfo *reterr)
{
    struct engine_status st;
    struct replica rep;
    char blocked[24];
    TRY(replica_get(c->svc->db, &rep, reterr));
    TRY(store_blocked(c->svc->db, blocked, reterr));
    sync_state(c, &st);
    tell_host(c, &st, c->result);
    sync_set_message(c, c->result, "blocked", blocked);
    tell_age(c, c->result, "copy", &rep, rep.as_of_ms);
    tell_age(c, c->result, "list", &rep, rep.list_ms);
    set_int(c->result, "cursor", rep.cursor);
    sync_tell_load(&st, c->result);
    TRY(tell_queue(c, c->result, reterr));
    return tell_sent(c, c->result, reterr);
}

static enum err sync_status(struct call *c, struct errinfo *reterr)
{
    return tell_status(c, reterr);
}

/* ---- sync.now ---- */

static void go(struct call *c)
{
    engine_round_now(sync_engine(c));
}

static enum err need_engine(struct call *c, struct errinfo *reterr)
{
    return sync_engine(c) ? OK : call_refuse(reterr, E_OFFLINE, "S438", NULL);
}

static enum err sync_now(struct call *c, struct errinfo *reterr)
{
    TRY(need_engine(c, reterr));
    c->committed = go;
    c->wait_ms = rulebook_param_int(c->svc->book, "POST_WAIT_MS");
    return OK;
}

static bool round_done(struct call *c, bool late)
{
    struct engine_status st;
    struct errinfo err;
    sync_state(c, &st);
    if (st.busy && !late)
        return false;
    if (tell_status(c, &err) != OK)
        json_object_clear(c->result);
    return true;
}

/* ---- snapshot ---- */

static enum err snapshot_status(struct call *c, struct errinfo *reterr)
{
    struct engine_status st;
    struct replica rep;
    struct snapshot_load load = { .chunks = 0 };
    bool found = false;
    TRY(replica_get(c->svc->db, &rep, reterr));
    TRY(snapshot_current(c->svc->db, &load, NULL, &found, reterr));
    sync_state(c, &st);
    tell_age(c, c->result, "copy", &rep, rep.as_of_ms);
    tell_age(c, c->result, "list", &rep, rep.list_ms);
    set_int(c->result, "chunks", load.chunks);
    set_int(c->result, "have", load.have);
    set_time(c->result, "started_at", load.started_ms);
    sync_tell_load(&st, c->result);
    return OK;
}

static void start_load(struct call *c)
{
    engine_load(sync_engine(c));
}

static enum err snapshot_pull(struct call *c, struct errinfo *reterr)
{
    TRY(need_engine(c, reterr));
    c->committed = start_load;
    return OK;
}

#define VERIFY_MAX 5000

static void tell_bad(void *arg, const char *id, int64_t rev)
{
    json_t *row = add_object(arg);
    set_text(row, "id", id);
    set_int(row, "rev", rev);
}

static enum err snapshot_verify(struct call *c, struct errinfo *reterr)
{
    int64_t last = 0, rows = 0;
    TRY(people_verify(c->svc->db, call_int(c, "after", 0), call_int(c, "max", VERIFY_MAX), tell_bad,
                      set_list(c->result, "bad"), &last, &rows, reterr));
    set_int(c->result, "last", last);
    set_int(c->result, "rows", rows);
    return OK;
}

static const struct param_spec VERIFY[] = {
    { "after", P_INT, false, INT64_MAX, NULL },
    { "max", P_INT, false, VERIFY_MAX, NULL },
    { 0 },
};

/* ---- what others show of it ---- */

static enum err tell_outage(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct outage o;
    struct buf labels = BUF_INIT;
    bool found = false;
    json_t *types = set_list(result, "types");
    TRY(outage_current(c->svc->db, &o, &found, reterr));
    set_text(result, "outage_no", found ? o.no : "");
    set_time(result, "since", found ? o.detected_ms : 0);
    for (int t = 0; found && t < OUTAGE_TYPES; t++)
        if (o.types & OUTAGE_BIT(t))
            add_text(types, outage_type_label((enum outage_type)t));
    if (found)
        outage_types_labels(o.types, &labels);
    set_text(result, "types_label", buf_str(&labels));
    buf_done(&labels);
    if (found)
        outage_done(&o);
    return OK;
}

status_part status_sync, dashboard_sync;

/* Part of status.get. */
enum err status_sync(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct replica rep;
    struct outbox_counts n;
    struct engine_status st;
    char blocked[24];
    TRY(tell_outage(c, result, reterr));
    TRY(replica_get(c->svc->db, &rep, reterr));
    TRY(outbox_count(c->svc->db, NULL, &n, reterr));
    TRY(store_blocked(c->svc->db, blocked, reterr));
    sync_state(c, &st);
    set_time(result, "copy_as_of", rep.as_of_ms);
    set_int(result, "copy_age_s", age_s(c, &rep, rep.as_of_ms));
    set_time(result, "restrict_as_of", rep.list_ms);
    set_int(result, "restrict_age_s", age_s(c, &rep, rep.list_ms));
    set_int(result, "unposted", n.n[OP_PENDING] + n.n[OP_INFLIGHT] + n.n[OP_HELD] + n.waiting + n.awaits_copy);
    set_int(result, "unposted_oldest_s", n.oldest_ms ? (call_now(c) - n.oldest_ms) / SECOND_MS : 0);
    set_int(result, "conflicts", n.conflicts);
    sync_set_message(c, result, "trouble", *blocked ? blocked : st.trouble);
    return OK;
}

static void tell_change(void *arg, int64_t at_ms, bool up, const char *why)
{
    json_t *row = add_object(arg);
    set_time(row, "at", at_ms);
    set_bool(row, "up", up);
    set_text(row, "why", why);
}

/* Part of dashboard.get: when the host was heard, the last week. */
enum err dashboard_sync(struct call *c, json_t *result, struct errinfo *reterr)
{
    return link_changes(c->svc->db, call_now(c) - 7LL * DAY_MS, HISTORY_ROWS, tell_change,
                        set_list(result, "link_history"), reterr);
}

#define STATUS_RESULT                                                                                              \
    "host, host_text, trouble{msg,text,remedy}, blocked{msg,text,remedy}, answered_at, next_s, missed, stable_s, " \
    "skew_ms, cert_until, copy{as_of,age_s}, list{as_of,age_s}, cursor, "                                          \
    "load{active,done,total,rate,remaining_s,unit}, "                                                              \
    "queue[{state,label,count,oldest_s,level}], "                                                                  \
    "sent[{seq,op,kind,title,no,state,state_label,at,attempts,category,message}]"

static const struct method m_sync_rows[] = {
    { .name = "sync.status",
      .summary = "本庁との送受信の状態、副本の古さ、送信の待ちと最近の結果を返します。",
      .result = STATUS_RESULT,
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET | M_BACKGROUND,
      .run = sync_status },
    { .name = "sync.now",
      .summary = "待ち時間を置かずに、本庁と一回送受信します。",
      .result = STATUS_RESULT,
      .action = "config",
      .states = IN_ANY,
      .run = sync_now,
      .ready = round_done },
    { .name = "snapshot.status",
      .summary = "副本の時点と、全件副本の取り込みの進みを返します。",
      .result = "copy{as_of,age_s}, list{as_of,age_s}, chunks, have, started_at, "
                "load{active,done,total,rate,remaining_s,unit}",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET | M_BACKGROUND,
      .run = snapshot_status },
    { .name = "snapshot.pull",
      .summary = "全件副本を取り込み直します。終わるまで今の副本を使います。途中で切れても続きから取り込みます。",
      .result = "",
      .action = "config",
      .states = IN_ANY,
      .run = snapshot_pull },
    { .name = "snapshot.verify",
      .summary = "副本の行が本庁から受け取ったままかを、afterの次からmax行まで確かめます。rowsが0なら終わりです。",
      .result = "bad[{id,rev}], last, rows",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET,
      .params = VERIFY,
      .run = snapshot_verify },
};
METHOD_TABLE(m_sync);
