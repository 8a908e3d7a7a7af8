/* Conflicts (S-35): what was, what the branch wants, what the host has — and what two persons decide about it. */
#include "base/mem.h"
#include "domain/notice_points.h"
#include "engine/sync_in.h"
#include "methods.h"
#include "outage/outage_work.h"
#include "service/notices.h"
#include "service/password.h"
#include "service/present.h"
#include "service/shield.h"
#include "store/op_conflict.h"
#include "store/people.h"
#include "sync/conflict.h"
#include "sync/op.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 200, GROUND_MAX = 200 };

/* Who may settle what each category asks for; bits of domain/outage.h, 0 = whoever may call. */
static const struct {
    const char *decider;
    unsigned roles;
} DECIDERS[] = {
    { "SUP", OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP },
    { "BM", OUTAGE_BY_BM | OUTAGE_BY_RSP },
    { "SYS", OUTAGE_BY_SYS | OUTAGE_BY_BM | OUTAGE_BY_RSP },
};

static bool about_notice(const char *kind)
{
    static const char notices[] = "notice.";
    return strncmp(kind, notices, sizeof notices - 1) == 0;
}

/* ---- one conflict, out of its statement ---- */

struct kept {
    struct op_conflict c;
    struct buf text[9];
    json_t *detail, *payload;
    char lane[OP_LANE_MAX + 1];
};

static const char *keep(struct kept *k, size_t i, const char *text)
{
    buf_adds(&k->text[i], text);
    return buf_str(&k->text[i]);
}

static enum err keep_conflict(void *arg, const struct op_conflict *c, struct errinfo *reterr)
{
    struct kept *k = arg;
    (void)reterr;
    k->c = *c;
    k->c.category = keep(k, 0, c->category);
    k->c.kind = keep(k, 1, c->kind);
    k->c.subject = keep(k, 2, c->subject);
    k->c.operator_id = keep(k, 3, c->operator_id);
    k->c.approver = keep(k, 4, c->approver);
    k->c.outage_no = keep(k, 5, c->outage_no);
    k->c.ground = keep(k, 6, c->ground);
    k->c.decided_by = keep(k, 7, c->decided_by);
    k->c.second = keep(k, 8, c->second);
    k->detail = json_loads(c->detail, 0, NULL);
    k->c.detail = NULL;
    return OK;
}

static enum err keep_payload(void *arg, const struct outbox_row *row, struct errinfo *reterr)
{
    struct kept *k = arg;
    struct op op;
    TRY(op_decode(row->op, &op, reterr));
    k->payload = json_loadb(op.payload, op.payload_len, 0, NULL);
    memcpy(k->lane, op.lane, sizeof k->lane);
    op_done(&op);
    return OK;
}

static void kept_done(struct kept *k)
{
    for (size_t i = 0; i < ARRAY_LEN(k->text); i++)
        buf_done(&k->text[i]);
    json_decref(k->detail);
    json_decref(k->payload);
}

static enum err load(struct call *c, int64_t seq, struct kept *ret, struct errinfo *reterr)
{
    enum err e = op_conflict_get(c->svc->db, seq, keep_conflict, ret, reterr);
    if (e == E_NOTFOUND)
        return call_refuse(reterr, E_NOTFOUND, "S541", NULL);
    return e == OK ? outbox_get(c->svc->db, seq, keep_payload, ret, reterr) : e;
}

/* ---- telling ---- */

static const char *category_label(const char *category)
{
    return strcmp(category, OUTBOX_REFUSED) == 0 ? "本庁が受け付けなかった"
                                                 : conflict_info(conflict_by_code(span_of(category)))->label;
}

static const char *decider_of(const char *category)
{
    const struct conflict_info *i = conflict_info(conflict_by_code(span_of(category)));
    return strcmp(category, OUTBOX_REFUSED) == 0 ? "SUP" : i->decider;
}

static enum err tell_persons(const struct shield *s, const struct kept *k, json_t *o, struct errinfo *reterr)
{
    size_t i;
    json_t *b, *list = set_list(o, "persons");
    json_array_foreach (json_object_get(k->payload, "base"), i, b) {
        const char *id = json_string_value(json_object_get(b, "id"));
        if (id) {
            call_subject(s->call, id);
            TRY(shield_add_name(s, list, id, reterr));
        }
    }
    return OK;
}

static void tell_head(const struct call *c, const struct kept *k, json_t *o)
{
    const char *decider = decider_of(k->c.category);
    enum role role = role_by_code(span_of(decider));
    set_int(o, "seq", k->c.seq);
    set_text(o, "no", k->c.subject);
    set_text(o, "kind", k->c.kind);
    set_text(o, "title", op_title(c, k->c.kind, k->payload));
    set_text(o, "category", k->c.category);
    set_text(o, "label", category_label(k->c.category));
    set_text(o, "decider", decider);
    set_text(o, "decider_label", role == ROLE_COUNT ? decider : role_label(role));
    set_text(o, "outage_no", k->c.outage_no);
    set_bool(o, "decided", k->c.decided);
    set_text(o, "decision", k->c.decided ? conflict_decision_name(k->c.decision) : "");
    set_text(o, "decision_label", k->c.decided ? conflict_decision_label(k->c.decision) : "");
    set_text(o, "ground", k->c.ground);
    set_text(o, "decided_by", k->c.decided_by);
    set_text(o, "second", k->c.second);
    set_time(o, "opened_at", k->c.opened_ms);
}

static void tell_age(const struct call *c, const struct kept *k, json_t *o)
{
    int64_t age = (call_now(c) - k->c.opened_ms) / SECOND_MS;
    int64_t late = rulebook_param_int(c->svc->book, "OPEN_NOTICE_H") * 3600;
    set_int(o, "age_s", age);
    set_text(o, "level", k->c.decided || age <= late ? "ok" : "late");
}

struct numbers {
    int64_t *seq;
    size_t n;
};

static enum err keep_seq(void *arg, const struct op_conflict *c, struct errinfo *reterr)
{
    struct numbers *all = arg;
    (void)reterr;
    all->seq = xrealloc(all->seq, all->n + 1, sizeof *all->seq);
    all->seq[all->n++] = c->seq;
    return OK;
}

static enum err tell_row(struct call *c, const struct shield *s, int64_t seq, json_t *rows, struct errinfo *reterr)
{
    struct kept k = { .detail = NULL };
    enum err e = load(c, seq, &k, reterr);
    if (e == OK) {
        json_t *row = add_object(rows);
        tell_head(c, &k, row);
        tell_age(c, &k, row);
        e = tell_persons(s, &k, row, reterr);
    }
    kept_done(&k);
    return e;
}

static enum err conflict_list(struct call *c, struct errinfo *reterr)
{
    struct numbers all = { .n = 0 };
    struct shield s;
    json_t *rows = set_list(c->result, "rows");
    TRY(shield_open(c, &s, reterr));
    enum err e = op_conflict_list(c->svc->db, call_bool(c, "decided"), LIST_MAX, keep_seq, &all, reterr);
    for (size_t i = 0; e == OK && i < all.n; i++)
        e = tell_row(c, &s, all.seq[i], rows, reterr);
    free(all.seq);
    return e;
}

/* ---- the three columns ---- */

enum { BASE, MINE, THEIRS, COLUMNS };
static const char *const COLUMN_KEYS[COLUMNS] = { "base", "mine", "theirs" };

static const char *value_of(const struct resident *r, enum attr a)
{
    return r ? resident_get(r, a) : "";
}

static enum err read_columns(const struct kept *k, struct resident *ret[COLUMNS], struct errinfo *reterr)
{
    for (int i = 0; i < COLUMNS; i++) {
        const json_t *text = json_object_get(k->detail, COLUMN_KEYS[i]);
        if (json_is_string(text))
            TRY(resident_decode(span_of(json_string_value(text)), &ret[i], reterr));
    }
    return OK;
}

static void shown(const struct call *c, enum attr a, const char *value, struct buf *ret)
{
    buf_clear(ret);
    if (*value)
        present_attr(c->svc->book, a, value, ret);
}

static void tell_item(const struct call *c, enum attr a, struct resident *const body[COLUMNS], json_t *items)
{
    struct buf text = BUF_INIT;
    const char *base = value_of(body[BASE], a);
    json_t *row = add_object(items);
    set_text(row, "key", attr_info(a)->key);
    set_text(row, "label", attr_info(a)->label);
    for (int i = 0; i < COLUMNS; i++) {
        shown(c, a, value_of(body[i], a), &text);
        set_text(row, COLUMN_KEYS[i], buf_str(&text));
    }
    set_bool(row, "mine_changed", body[MINE] && strcmp(base, value_of(body[MINE], a)) != 0);
    set_bool(row, "theirs_changed", body[THEIRS] && strcmp(base, value_of(body[THEIRS], a)) != 0);
    buf_done(&text);
}

static bool differs(enum attr a, struct resident *const body[COLUMNS])
{
    const char *base = value_of(body[BASE], a);
    bool mine = body[MINE] && strcmp(base, value_of(body[MINE], a)) != 0;
    return mine || (body[THEIRS] && strcmp(base, value_of(body[THEIRS], a)) != 0);
}

/* Is the person hidden, or anybody in a household that one of the columns names? */
static enum err hides(const struct shield *s, const struct kept *k, struct resident *const body[COLUMNS], bool *ret,
                      struct errinfo *reterr)
{
    struct idlist people = { 0 };
    const char *id = json_string_value(json_object_get(k->detail, "id"));
    if (id)
        idlist_add(&people, id);
    enum err e = shield_hides_one(s, &people, false, ret, reterr);
    for (int i = 0; e == OK && i < COLUMNS && !*ret; i++)
        e = shield_hides_household(s, value_of(body[i], ATTR_HOUSEHOLD), ret, reterr);
    idlist_done(&people);
    return e;
}

/* Only what the operator may see, and nothing that tells where a protected person lives. */
static enum err tell_items(const struct shield *s, const struct kept *k, json_t *result, struct errinfo *reterr)
{
    struct resident *body[COLUMNS] = { NULL };
    bool withheld = false;
    json_t *items = set_list(result, "items");
    enum err e = read_columns(k, body, reterr);
    if (e == OK)
        e = hides(s, k, body, &withheld, reterr);
    for (int a = 0; e == OK && a < ATTR_COUNT; a++) {
        const struct attr_info *info = attr_info((enum attr)a);
        bool hidden = !call_may_view(s->call, info->view) || (withheld && shield_withholds((enum attr)a));
        if (info->view != AV_EVENT && !hidden && differs((enum attr)a, body))
            tell_item(s->call, (enum attr)a, body, items);
    }
    for (int i = 0; i < COLUMNS; i++)
        resident_free(body[i]);
    return e;
}

static const struct {
    enum conflict_decision decision;
    const char *note;
    bool notice_only;
} CHOICES[] = {
    { DECIDE_RESEND, "最新の記録をもとに、届出を入力し直します。", true },
    { DECIDE_LINK, "同じ内容が本庁で入力されています。ここからは送りません。", true },
    { DECIDE_WITHDRAW, "届出を取り下げます。", true },
    { DECIDE_KEEP, "本庁の内容のままとします。", false },
};

static void tell_choices(const struct kept *k, json_t *result)
{
    json_t *list = set_list(result, "decisions");
    for (size_t i = 0; !k->c.decided && i < ARRAY_LEN(CHOICES); i++) {
        if (CHOICES[i].notice_only && !about_notice(k->c.kind))
            continue;
        json_t *row = add_object(list);
        set_text(row, "code", conflict_decision_name(CHOICES[i].decision));
        set_text(row, "label", conflict_decision_label(CHOICES[i].decision));
        set_text(row, "note", CHOICES[i].note);
    }
}

static enum err tell_one(struct call *c, const struct kept *k, struct errinfo *reterr)
{
    struct shield s;
    struct buf why = BUF_INIT;
    const char *msg = json_string_value(json_object_get(k->detail, "msg"));
    const char *about = json_string_value(json_object_get(k->detail, "id"));
    TRY(shield_open(c, &s, reterr));
    if (msg)
        rulebook_say(c->svc->book, msg, about ? about : "", about ? about : "", &why);
    tell_head(c, k, c->result);
    set_text(c->result, "action",
             why.len ? buf_str(&why) : conflict_info(conflict_by_code(span_of(k->c.category)))->action);
    buf_done(&why);
    tell_choices(k, c->result);
    TRY(tell_persons(&s, k, c->result, reterr));
    return tell_items(&s, k, c->result, reterr);
}

static enum err conflict_get(struct call *c, struct errinfo *reterr)
{
    struct kept k = { .detail = NULL };
    enum err e = load(c, call_int(c, "seq", 0), &k, reterr);
    if (e == OK) {
        c->log.ticket = arena_strdup(c->arena, k.c.subject);
        c->log.reason = arena_strdup(c->arena, call_text(c, "reason"));
        e = tell_one(c, &k, reterr);
    }
    kept_done(&k);
    return e;
}

/* ---- the decision ---- */

static enum err check_persons(struct call *c, const struct kept *k, const char *second, unsigned roles,
                              struct errinfo *reterr)
{
    unsigned need = 0;
    for (size_t i = 0; i < ARRAY_LEN(DECIDERS); i++)
        if (strcmp(DECIDERS[i].decider, decider_of(k->c.category)) == 0)
            need = DECIDERS[i].roles;
    if (need && !(roles & need))
        return call_refuse(reterr, E_DENIED, "S503", "競合の決定");
    const char *who[] = { call_operator(c), second };
    int involved = 0;
    for (size_t i = 0; i < ARRAY_LEN(who); i++)
        involved += strcmp(who[i], k->c.operator_id) == 0 || strcmp(who[i], k->c.approver) == 0;
    return involved == 2 ? call_refuse(reterr, E_DENIED, "S546", NULL) : OK;
}

/* The host closes what it holds of it. An operation of an earlier life of this store is not the host's to close. */
static enum err tell_host(struct call *c, const struct kept *k, int64_t *ret_seq, struct errinfo *reterr)
{
    bool orphan = conflict_by_code(span_of(k->c.category)) == CONFLICT_INTEGRITY;
    *ret_seq = 0;
    if (orphan || !about_notice(k->c.kind))
        return OK;
    json_t *p = json_pack("{s:s,s:s}", "no", k->c.subject, "reason", call_text(c, "ground"));
    MUST(p);
    char *text = json_dumps(p, JSON_COMPACT);
    const struct outbox_new op = { "notice.withdraw", k->lane, text, NULL, 0, call_operator(c), NULL };
    enum err e = outbox_add(c->svc->db, &op, ret_seq, reterr);
    json_decref(p);
    wipe_str(text);
    return e;
}

static enum err settle_case(struct call *c, const struct kept *k, enum conflict_decision d, struct errinfo *reterr)
{
    static const enum case_step steps[CONFLICT_DECISIONS] = { [DECIDE_RESEND] = STEP_REOPEN,
                                                              [DECIDE_LINK] = STEP_POST,
                                                              [DECIDE_WITHDRAW] = STEP_WITHDRAW,
                                                              [DECIDE_KEEP] = STEP_WITHDRAW };
    if (!about_notice(k->c.kind))
        return OK;
    enum err e = notice_settle(c, k->c.subject, steps[d], call_text(c, "ground"), reterr);
    return e == E_NOTFOUND ? OK : e; /* an operation without a case here */
}

static enum err resolve(struct call *c, const struct kept *k, enum conflict_decision d, struct errinfo *reterr)
{
    const char *second;
    unsigned roles = 0;
    int64_t successor = 0;
    if (k->c.decided)
        return call_refuse(reterr, E_CONFLICT, "S541", NULL);
    if (!about_notice(k->c.kind) && d != DECIDE_KEEP)
        return call_refuse(reterr, E_INVALID, "S547", "decision");
    TRY(stop_confirm(c, c->method->name, true, &second, &roles, reterr));
    TRY(check_persons(c, k, second, roles, reterr));
    if (d != DECIDE_RESEND)
        TRY(tell_host(c, k, &successor, reterr));
    const struct op_decision od = { k->c.seq, d, call_text(c, "ground"), call_operator(c), second, successor };
    TRY(op_conflict_decide(c->svc->db, &od, reterr));
    TRY(settle_case(c, k, d, reterr));
    c->log.ticket = arena_strdup(c->arena, k->c.subject);
    c->log.reason = call_text(c, "ground");
    set_text(c->result, "decision", conflict_decision_name(d));
    set_text(c->result, "decision_label", conflict_decision_label(d));
    return OK;
}

static enum err conflict_resolve(struct call *c, struct errinfo *reterr)
{
    struct kept k = { .detail = NULL };
    enum conflict_decision d = conflict_decision_by_name(span_of(call_text(c, "decision")));
    if (d == CONFLICT_DECISIONS)
        return call_refuse(reterr, E_INVALID, "S547", "decision");
    enum err e = load(c, call_int(c, "seq", 0), &k, reterr);
    if (e == OK)
        e = resolve(c, &k, d, reterr);
    kept_done(&k);
    return e;
}

static const struct param_spec LIST[] = { { "decided", P_BOOL, false, 0, NULL }, { 0 } };
static const struct param_spec ONE[] = { { "seq", P_INT, true, INT64_MAX, NULL },
                                         { "reason", P_TEXT, false, 200, NULL },
                                         { 0 } };
static const struct param_spec RESOLVE[] = {
    { "seq", P_INT, true, INT64_MAX, NULL },
    { "decision", P_ID, true, 20, NULL },
    { "ground", P_TEXT, true, GROUND_MAX, NULL },
    { "approver", P_ID, true, 32, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};

static const struct method m_conflict_rows[] = {
    { .name = "conflict.list",
      .summary = "本庁との競合の一覧を返します。決まっていないものは古い順、決まったものは新しい順です。",
      .result =
          "rows[{seq,no,kind,title,persons[],category,label,decider,decider_label,outage_no,opened_at,age_s,level,"
          "decided,decision,decision_label,ground,decided_by,second}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = LIST,
      .run = conflict_list },
    { .name = "conflict.get",
      .summary = "一つの競合を、入力したとき、こちらの届出、今の本庁の三列で返します。",
      .result = "as conflict.list, action, items[{key,label,base,mine,theirs,mine_changed,theirs_changed}], "
                "decisions[{code,label,note}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = ONE,
      .run = conflict_get },
    { .name = "conflict.resolve",
      .summary = "競合の処理を、根拠を付けて二人で決めます。何も上書きしません。",
      .result = "decision, decision_label",
      .action = "change",
      .states = IN_NORMAL | IN_RECOVERING | IN_RECONCILED,
      .params = RESOLVE,
      .run = conflict_resolve },
};
METHOD_TABLE(m_conflict);
