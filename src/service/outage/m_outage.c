/*
 * Stops of the counter (S-30): what state it is in, what has to happen next, and the steps of people. Whether a step
 * may be taken is domain/outage.h's; here it is confirmed by passwords, written down and told to the host.
 */
#include "base/mem.h"
#include "engine/sync_in.h"
#include "methods.h"
#include "outage/outage_work.h"
#include "service/auth.h"
#include "service/shield.h"
#include "store/outage_book.h"
#include "store/outbox.h"
#include "store/replica.h"

#include <stdlib.h>
#include <string.h>

enum { REASON_MAX = 200, TYPES_MAX = 7, NOTE_MAX = 200, PROBES_MAX = 10 };

/* ---- steps: one row each ---- */

/* Where the counter goes and who confirms. */
static const struct step {
    const char *method;
    enum outage_event event;
    bool two; /* a second person in any case */
} STEPS[] = {
    { "outage.declare", OUTAGE_DECLARE, false }, { "outage.cancel", OUTAGE_CANCEL, false },
    { "outage.ratify", OUTAGE_RATIFY, false },   { "outage.change", OUTAGE_CHANGE, false },
    { "outage.end", OUTAGE_END, true },          { "outage.reconcile", OUTAGE_RECONCILE, true },
    { "outage.close", OUTAGE_CLOSE, true },
};

static const struct step *step_of(const char *method)
{
    size_t i = 0;
    while (strcmp(STEPS[i].method, method) != 0)
        i++;
    return &STEPS[i];
}

static enum err read_types(struct call *c, const struct step *s, const struct outage *o, unsigned *ret,
                           struct errinfo *reterr)
{
    bool asks = s->event == OUTAGE_DECLARE || s->event == OUTAGE_CHANGE;
    *ret = o ? o->types : 0;
    if (!asks)
        return OK;
    TRY(outage_types_read(span_of(call_text(c, "types")), ret, reterr));
    unsigned drill = OUTAGE_BIT(OUTAGE_DRILL);
    if (o && (o->types & drill) != (*ret & drill)) /* a drill does not become earnest, nor the other way */
        return call_refuse(reterr, E_INVALID, "S501", "types");
    return *ret & drill && !c->svc->id.trial ? call_refuse(reterr, E_DENIED, "S511", "types") : OK;
}

/* The host learns of every step: outage.phase. */
static enum err tell_host(struct call *c, const char *no, const struct outage_act *a, struct errinfo *reterr)
{
    char at[CLOCK_TEXT];
    struct buf types = BUF_INIT;
    int64_t seq = 0;
    clock_iso_jst(call_now(c), at);
    outage_types_text(a->types, &types);
    json_t *p = json_pack("{s:s,s:s,s:s,s:s,s:s}", "no", no, "phase", outage_event_name(a->event), "type",
                          buf_str(&types), "at", at, "reason", a->reason);
    MUST(p);
    char *text = json_dumps(p, JSON_COMPACT);
    const struct outbox_new op = { "outage.phase", "", text, NULL, 0, a->operator_id, *a->second ? a->second : NULL };
    enum err e = outbox_add(c->svc->db, &op, &seq, reterr);
    json_decref(p);
    wipe_str(text);
    buf_done(&types);
    return e == E_DENIED ? OK : e; /* a store that may not write to the host has its stops all the same */
}

static enum err add_probes(struct call *c, const char *no, struct errinfo *reterr)
{
    size_t i;
    json_t *row;
    json_array_foreach (call_json(c, "probes"), i, row) {
        const struct outage_probe p = { .what = json_string_value(json_object_get(row, "what")),
                                        .verdict = json_string_value(json_object_get(row, "verdict")),
                                        .detail = json_string_value(json_object_get(row, "detail")),
                                        .operator_id = call_operator(c) };
        struct outage_probe full = p;
        full.detail = p.detail ? p.detail : "";
        TRY(outage_probe_add(c->svc->db, no, &full, reterr));
    }
    return OK;
}

static enum err begin(struct call *c, const struct outage_act *a, struct buf *ret_no, struct errinfo *reterr)
{
    struct replica rep;
    TRY(replica_get(c->svc->db, &rep, reterr));
    const struct outage_start s = { c->svc->id.office, c->svc->id.terminal, rep.as_of_ms, rep.list_ms, *a };
    return outage_begin(c->svc->db, &s, ret_no, reterr);
}

static enum err write_step(struct call *c, const struct outage *o, const struct outage_act *a, struct errinfo *reterr)
{
    struct buf no = BUF_INIT;
    const char *cause = call_has(c, "cause") ? call_text(c, "cause") : NULL;
    const char *contact = call_has(c, "contact_no") ? call_text(c, "contact_no") : NULL;
    int64_t expected = 0;
    enum err e = OK;
    if (call_has(c, "expected_at") && *call_text(c, "expected_at"))
        e = clock_parse(call_text(c, "expected_at"), &expected, reterr);
    if (o)
        buf_adds(&no, o->no);
    else if (e == OK)
        e = begin(c, a, &no, reterr);
    if (e == OK)
        e = outage_note(c->svc->db, buf_str(&no), expected, cause, contact, reterr);
    if (e == OK)
        e = add_probes(c, buf_str(&no), reterr);
    if (e == OK && o) /* last: a stop that is over takes no more notes */
        e = outage_move(c->svc->db, o->no, a, reterr);
    if (e == OK)
        e = tell_host(c, buf_str(&no), a, reterr);
    if (e == OK) {
        c->log.ticket = arena_strdup(c->arena, buf_str(&no));
        c->log.reason = a->reason;
        set_text(c->result, "no", buf_str(&no));
        set_text(c->result, "state", counter_state_name(a->to));
        set_text(c->result, "state_label", counter_state_label(a->to));
    }
    buf_done(&no);
    return e;
}

static enum err take_step(struct call *c, const struct step *s, const struct outage *o, struct errinfo *reterr)
{
    struct outage_facts f;
    struct outage_act a = { .event = s->event, .operator_id = call_operator(c), .reason = call_text(c, "reason") };
    TRY(shield_reason(c, reterr));
    TRY(read_types(c, s, o, &a.types, reterr));
    unsigned roles = 0;
    TRY(stop_confirm(c, s->method, s->two, &a.second, &roles, reterr));
    if (o && (s->event == OUTAGE_RECONCILE || s->event == OUTAGE_CLOSE))
        TRY(replay_recheck(c, o, reterr));
    TRY(stop_facts(c, o, &f, reterr));
    f.roles = roles;
    f.new_types = s->event == OUTAGE_DECLARE || s->event == OUTAGE_CHANGE ? a.types : 0;
    f.skew_accepted = call_bool(c, "skew_accepted");
    TRY(outage_step(service_counter_state(c->svc), s->event, &f, &a.to, reterr));
    return write_step(c, o, &a, reterr);
}

static enum err step(struct call *c, struct errinfo *reterr)
{
    struct outage o;
    bool found = false;
    TRY(outage_current(c->svc->db, &o, &found, reterr));
    enum err e = take_step(c, step_of(c->method->name), found ? &o : NULL, reterr);
    if (found)
        outage_done(&o);
    return e;
}

/* ---- outage.status ---- */

static void tell_types(json_t *result, unsigned types)
{
    struct buf b = BUF_INIT;
    outage_types_text(types, &b);
    set_text(result, "types", buf_str(&b));
    buf_clear(&b);
    outage_types_labels(types, &b);
    set_text(result, "types_label", buf_str(&b));
    json_t *all = set_list(result, "types_all");
    for (int t = 0; t < OUTAGE_TYPES; t++) {
        const char letter[] = { outage_type_letter((enum outage_type)t), '\0' };
        json_t *row = add_object(all);
        set_text(row, "code", letter);
        set_text(row, "label", outage_type_label((enum outage_type)t));
    }
    buf_done(&b);
}

static void tell_times(const struct call *c, const struct outage *o, json_t *result)
{
    int64_t due = o->detected_ms + rulebook_param_int(c->svc->book, "RATIFY_MIN") * MINUTE_MS;
    bool automatic = strcmp(o->detected_by, "auto") == 0 && !o->ratified_ms && !o->declared_ms;
    set_time(result, "detected_at", o->detected_ms);
    set_time(result, "declared_at", o->declared_ms);
    set_time(result, "ratified_at", o->ratified_ms);
    set_time(result, "ratify_due", automatic ? due : 0);
    set_time(result, "expected_at", o->expected_ms);
    set_time(result, "ended_at", o->ended_ms);
    set_time(result, "copy_as_of", o->copy_as_of_ms);
    set_time(result, "list_as_of", o->list_as_of_ms);
    set_text(result, "reason", o->symptoms);
    set_text(result, "cause", o->cause);
}

static void tell_stable(const struct outage_facts *f, json_t *result)
{
    json_t *o = set_object(result, "stable");
    set_int(o, "n", f->answers_n);
    set_int(o, "need_n", f->stable_n);
    set_int(o, "s", f->answers_ms / SECOND_MS);
    set_int(o, "need_s", f->stable_ms / SECOND_MS);
}

static bool may_explain(const struct call *c, enum counter_state state, const struct outage_facts *f)
{
    bool late = state == COUNTER_RECOVERING || state == COUNTER_RECONCILED;
    return late && f->differences && call_may(c, "outage.explain");
}

/* Steps that are possible now, were the right persons to confirm them. */
static void tell_can(const struct call *c, const struct outage_facts *f, json_t *result)
{
    enum counter_state state = service_counter_state(c->svc), to;
    json_t *list = set_list(result, "can");
    for (size_t i = 0; i < ARRAY_LEN(STEPS); i++) {
        struct outage_facts g = *f;
        g.roles = OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP | OUTAGE_BY_SYS;
        g.skew_accepted = true;
        if (call_may(c, STEPS[i].method) && outage_step(state, STEPS[i].event, &g, &to, NULL) == OK)
            add_text(list, STEPS[i].method);
    }
    static const struct {
        const char *method;
        bool sends;
    } replay[] = { { "replay.plan", false }, { "replay.commit", true }, { "replay.resume", true } };
    for (size_t i = 0; state == COUNTER_RECOVERING && i < ARRAY_LEN(replay); i++)
        if (call_may(c, replay[i].method) && (f->copy_level || !replay[i].sends))
            add_text(list, replay[i].method);
    if (may_explain(c, state, f))
        add_text(list, "outage.explain");
}

struct blocks {
    const struct call *call;
    json_t *list;
};

static void tell_block(void *arg, const char *label, bool holds, const char *msg)
{
    const struct blocks *b = arg;
    const struct message *m = rulebook_message(b->call->svc->book, msg);
    json_t *row = add_object(b->list);
    set_text(row, "label", label);
    set_bool(row, "ok", holds);
    set_text(row, "text", holds || !m ? "" : m->text);
}

static void tell_counts(const struct outage_counts *n, int64_t open, json_t *result)
{
    const struct {
        const char *label;
        int64_t value;
    } rows[] = {
        { "停止時受付", n->received },
        { "反映済", n->posted },
        { "本庁代行", n->by_host_office },
        { "取下げ・返戻", n->withdrawn + n->returned },
        { "未反映の操作", n->op_pending + n->op_sent + n->op_held },
        { "競合", n->op_conflict },
        { "停止時の証明書", n->cert_numbers },
        { "応答未確認", n->unanswered },
        { "終わっていないもの", open },
    };
    json_t *list = set_list(result, "counts");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *row = add_object(list);
        set_text(row, "label", rows[i].label);
        set_int(row, "value", rows[i].value);
    }
}

static enum err tell_balance(struct call *c, const char *no, const struct outage_counts *n, struct errinfo *reterr)
{
    struct outage_line line[OUTAGE_LINES];
    json_t *list = set_list(c->result, "balance");
    outage_balance(n, line);
    for (int i = 0; i < OUTAGE_LINES; i++) {
        bool explained = false, even = line[i].left == line[i].right;
        if (!even)
            TRY(book_explained(c->svc->db, no, line[i].key, line[i].left - line[i].right, &explained, reterr));
        json_t *row = add_object(list);
        set_text(row, "key", line[i].key);
        set_text(row, "label", line[i].label);
        set_int(row, "left", line[i].left);
        set_int(row, "right", line[i].right);
        set_bool(row, "ok", even || explained);
        set_bool(row, "explained", explained);
    }
    return OK;
}

static void tell_phase(void *arg, const struct outage_phase *p)
{
    unsigned types = 0;
    struct buf labels = BUF_INIT;
    json_t *row = add_object(arg);
    enum counter_state state = counter_state_by_name(span_of(p->state));
    int event = 0;
    while (event < OUTAGE_EVENTS && strcmp(outage_event_name((enum outage_event)event), p->event) != 0)
        event++;
    if (*p->types && outage_types_read(span_of(p->types), &types, NULL) == OK)
        outage_types_labels(types, &labels);
    set_time(row, "at", p->at_ms);
    set_text(row, "event", p->event);
    set_text(row, "label", event < OUTAGE_EVENTS ? outage_event_label((enum outage_event)event) : p->event);
    set_text(row, "state", p->state);
    set_text(row, "state_label", counter_state_label(state == COUNTER_STATES ? COUNTER_NORMAL : state));
    set_text(row, "who", strcmp(p->operator_id, "auto") == 0 ? "自動" : p->operator_id);
    set_text(row, "second", p->second);
    set_text(row, "reason", p->reason);
    set_text(row, "types_label", buf_str(&labels));
    buf_done(&labels);
}

static void tell_probe(void *arg, const struct outage_probe *p)
{
    json_t *row = add_object(arg);
    set_time(row, "at", p->at_ms);
    set_text(row, "what", p->what);
    set_text(row, "verdict", p->verdict);
    set_text(row, "detail", p->detail);
    set_text(row, "who", p->operator_id);
}

static void tell_grey(void *arg, const struct outage_grey *g)
{
    json_t *row = add_object(arg);
    set_int(row, "seq", g->seq);
    set_text(row, "kind", g->kind);
    set_text(row, "no", g->subject);
    set_text(row, "found", g->found);
}

static enum err tell_stop(struct call *c, const struct outage *o, struct errinfo *reterr)
{
    struct outage_counts n;
    int64_t open = 0;
    struct db *db = c->svc->db;
    TRY(book_counts(db, o->no, &n, &open, reterr));
    set_text(c->result, "no", o->no);
    tell_times(c, o, c->result);
    tell_counts(&n, open, c->result);
    TRY(tell_balance(c, o->no, &n, reterr));
    TRY(outage_phases(db, o->no, tell_phase, set_list(c->result, "phases"), reterr));
    TRY(outage_probes(db, o->no, tell_probe, set_list(c->result, "probes"), reterr));
    return outage_greys(db, o->no, tell_grey, set_list(c->result, "unanswered"), reterr);
}

static void tell_nothing(json_t *result)
{
    static const char *const lists[] = { "counts", "balance", "phases", "probes", "unanswered" };
    set_text(result, "no", "");
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        set_list(result, lists[i]);
}

static enum err tell_status(struct call *c, const struct outage *o, struct errinfo *reterr)
{
    struct outage_facts f;
    struct engine_status st;
    enum counter_state state = service_counter_state(c->svc);
    TRY(stop_facts(c, o, &f, reterr));
    sync_state(c, &st);
    set_text(c->result, "state", counter_state_name(state));
    set_text(c->result, "state_label", counter_state_label(state));
    set_text(c->result, "host", engine_host_name(st.host));
    set_int(c->result, "skew_ms", st.skew_ms);
    tell_types(c->result, o ? o->types : 0);
    tell_stable(&f, c->result);
    tell_can(c, &f, c->result);
    struct blocks b = { c, set_list(c->result, "blocks") };
    outage_needs(state, &f, tell_block, &b);
    if (o)
        return tell_stop(c, o, reterr);
    tell_nothing(c->result);
    return OK;
}

static enum err outage_status(struct call *c, struct errinfo *reterr)
{
    struct outage o;
    bool found = false;
    TRY(outage_current(c->svc->db, &o, &found, reterr));
    enum err e = tell_status(c, found ? &o : NULL, reterr);
    if (found)
        outage_done(&o);
    return e;
}

/* ---- explaining a difference ---- */

static enum err explain(struct call *c, const struct outage *o, struct errinfo *reterr)
{
    struct outage_counts n;
    struct outage_line line[OUTAGE_LINES];
    int64_t open = 0;
    TRY(book_counts(c->svc->db, o->no, &n, &open, reterr));
    outage_balance(&n, line);
    for (int i = 0; i < OUTAGE_LINES; i++)
        if (strcmp(line[i].key, call_text(c, "line")) == 0)
            return book_explain(c->svc->db, o->no, line[i].key, line[i].left - line[i].right, call_text(c, "reason"),
                                call_operator(c), reterr);
    return call_refuse(reterr, E_INVALID, "S509", "line");
}

static enum err outage_explain(struct call *c, struct errinfo *reterr)
{
    struct outage o;
    const char *second;
    unsigned roles = 0;
    TRY(shield_reason(c, reterr));
    TRY(stop_confirm(c, c->method->name, false, &second, &roles, reterr));
    if (!(roles & OUTAGE_BY_RSP))
        return call_refuse(reterr, E_DENIED, "S513", "差異の説明");
    TRY(stop_open(c, &o, reterr));
    c->log.ticket = arena_strdup(c->arena, o.no);
    enum err e = explain(c, &o, reterr);
    outage_done(&o);
    return e;
}

/* ---- rows ---- */

static const struct param_spec PROBE[] = {
    { "what", P_ID, true, 20, NULL },
    { "verdict", P_ID, true, 10, NULL },
    { "detail", P_TEXT, false, NOTE_MAX, NULL },
    { 0 },
};
static const struct param_spec PROBE_LIST[] = { { "", P_OBJECT, true, 0, PROBE }, { 0 } };

#define NOTES                                                                                       \
    { "expected_at", P_TEXT, false, CLOCK_TEXT, NULL }, { "cause", P_TEXT, false, NOTE_MAX, NULL }, \
    {                                                                                               \
        "contact_no", P_TEXT, false, 40, NULL                                                       \
    }

static const struct param_spec WITH_TYPES[] = {
    { "types", P_ID, true, TYPES_MAX, NULL },
    PARAM_CONFIRM(REASON_MAX),
    NOTES,
    { "probes", P_LIST, false, PROBES_MAX, PROBE_LIST },
    { 0 },
};
static const struct param_spec PLAIN[] = { PARAM_CONFIRM(REASON_MAX), NOTES, { 0 } };
static const struct param_spec ENDING[] = {
    PARAM_CONFIRM(REASON_MAX), NOTES, { "skew_accepted", P_BOOL, false, 0, NULL }, { 0 }
};
static const struct param_spec EXPLAIN[] = {
    { "line", P_ID, true, 20, NULL },
    PARAM_CONFIRM(REASON_MAX),
    { 0 },
};

#define STEP_RESULT "no, state, state_label"

static const struct method m_outage_rows[] = {
    { .name = "outage.status",
      .summary = "業務状態と停止の経過、次の手順とその条件、件数と照合表を返します。",
      .result =
          "state, state_label, no, types, types_label, types_all[{code,label}], detected_at, declared_at, ratified_at, "
          "ratify_due, expected_at, ended_at, copy_as_of, list_as_of, reason, cause, host, skew_ms, "
          "stable{n,need_n,s,need_s}, can[], blocks[{label,ok,text}], counts[{label,value}], "
          "balance[{key,label,left,right,ok,explained}], "
          "phases[{at,event,label,state,state_label,who,second,reason,types_label}], "
          "probes[{at,what,verdict,detail,who}], unanswered[{seq,kind,no,found}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET | M_BACKGROUND,
      .run = outage_status },
    { .name = "outage.declare",
      .summary = "作動停止を宣言します。",
      .result = STEP_RESULT,
      .action = "config",
      .states = IN_NORMAL | IN_SUSPECT,
      .params = WITH_TYPES,
      .run = step },
    { .name = "outage.change",
      .summary = "停止の種別を変えます。同じ停止の新しい段階になります。",
      .result = STEP_RESULT,
      .action = "config",
      .states = IN_OUTAGE,
      .params = WITH_TYPES,
      .run = step },
    { .name = "outage.cancel",
      .summary = "停止ではなかったとして取り消します。何も受け付けておらず、本庁が応答しているときだけです。",
      .result = STEP_RESULT,
      .action = "config",
      .states = IN_SUSPECT | IN_OUTAGE,
      .params = PLAIN,
      .run = step },
    { .name = "outage.ratify",
      .summary = "自動の停止、または承認者がいない間の停止を追認します。",
      .result = STEP_RESULT,
      .action = "config",
      .states = IN_SUSPECT | IN_OUTAGE,
      .params = PLAIN,
      .run = step },
    { .name = "outage.end",
      .summary = "復旧を宣言し、停止時の受付を締め切ります。二人で行います。",
      .result = STEP_RESULT,
      .action = "config",
      .states = IN_OUTAGE,
      .params = ENDING,
      .run = step },
    { .name = "outage.reconcile",
      .summary = "すべて反映し、照合表が合ったことを二人で確かめます。",
      .result = STEP_RESULT,
      .action = "config",
      .states = IN_RECOVERING,
      .params = PLAIN,
      .run = step },
    { .name = "outage.close",
      .summary = "住民記録責任者が結果を認証し、停止を終えます。",
      .result = STEP_RESULT,
      .action = "config",
      .states = IN_RECONCILED,
      .params = PLAIN,
      .run = step },
    { .name = "outage.explain",
      .summary = "照合表の合わない行について、住民記録責任者が理由を記録します。",
      .result = "",
      .action = "config",
      .states = IN_RECOVERING | IN_RECONCILED,
      .params = EXPLAIN,
      .run = outage_explain },
};
METHOD_TABLE(m_outage);
