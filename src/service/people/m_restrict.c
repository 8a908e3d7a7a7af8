/*
 * Restrictions and support measures (SC08, SC09): mark, levels, release by two persons, release for one request. What
 * is set holds here at once and travels as an operation. Kinds and details of support measures are for 支援措置責任者
 * (permission restrict.get); everybody else sees a mark. Source: spec/domain.md A.10; 標準仕様書 1.1.16, 3.1.
 */
#include "methods.h"
#include "service/auth.h"
#include "service/present.h"
#include "service/shield.h"
#include "store/certs.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/restriction.h"
#include "store/series.h"
#include "sync/restrict_body.h"

#include <string.h>

#define NO_MAX RESTRICT_ID_MAX

/* ---- rows ---- */

static void set_day(struct call *c, json_t *o, const char *key, const char *key_show, struct date day)
{
    char text[DATE_TEXT] = "";
    struct buf show = BUF_INIT;
    if (day.y != 0) {
        date_text(day, text);
        date_show(day, &c->svc->book->eras, &show);
    }
    set_text(o, key, text);
    set_text(o, key_show, buf_str(&show));
    buf_done(&show);
}

static void set_levels(json_t *o, const struct restriction *r)
{
    json_t *map = set_object(o, "levels");
    for (size_t p = 0; p < RP_COUNT; p++)
        set_text(map, restrict_process_code((enum restrict_process)p), restrict_level_code(r->level[p]));
}

/* A row as this operator may see it: of a support measure only that there is one. */
static void tell_row(struct call *c, json_t *o, const struct restriction *r)
{
    bool open = !restrict_protects(r->kind) || call_may(c, "restrict.get");
    struct restrict_query q = { .process = RP_VIEW, .row = r, .n = 1, .today = call_today(c), .now_ms = call_now(c) };
    q.alert_months = (int)rulebook_param_int(c->svc->book, "SUPPORT_ALERT_MONTHS");
    struct restrict_decision d = restrict_decide(&q);
    char temp[CLOCK_TEXT] = "";
    if (r->temp_until_ms > call_now(c))
        clock_iso_jst(r->temp_until_ms, temp);
    set_text(o, "no", r->id);
    set_text(o, "person", r->person);
    set_text(o, "household", r->household);
    set_bool(o, "open", open);
    set_text(o, "kind", open ? restrict_kind_code(r->kind) : "");
    set_text(o, "kind_label", open ? restrict_kind_label(r->kind) : restrict_kind_label(RK_OTHER));
    if (open) {
        set_levels(o, r);
        set_day(c, o, "from", "from_show", r->from);
        set_day(c, o, "until", "until_show", r->until);
        set_bool(o, "ending", d.ending);
        set_bool(o, "ended", d.ended);
    }
    set_bool(o, "released", r->released);
    set_text(o, "temp_until", temp);
    set_text(o, "temp_request", *temp != '\0' ? r->temp_request : "");
    if (*r->person != '\0')
        call_subject(c, r->person);
}

/* Name of the person, for those who may look the person up anyway. */
static enum err tell_name(struct call *c, json_t *o, const struct restriction *r, struct errinfo *reterr)
{
    struct resident *person = NULL;
    if (*r->person == '\0')
        return OK;
    enum err e = people_by_id(c->svc->db, r->person, &person, reterr);
    if (e == E_NOTFOUND)
        return OK;
    TRY(e);
    set_text(o, "name", present_name(person));
    resident_free(person);
    return OK;
}

static enum err read_rows(struct call *c, struct restriction_list *l, struct errinfo *reterr)
{
    const char *person = call_text(c, "person"), *household = call_text(c, "household");
    int64_t max = rulebook_param_int(c->svc->book, "SEARCH_MAX"), limit = call_int(c, "limit", max);
    if (*person != '\0' || *household != '\0')
        return restriction_of(c->svc->db, person, household, l, reterr);
    return restriction_page(c->svc->db, call_text(c, "after"), call_bool(c, "released"),
                            limit > 0 && limit < max ? limit : max, l, reterr);
}

static enum err list_rows(struct call *c, struct errinfo *reterr)
{
    struct restriction_list l = { .n = 0 };
    json_t *rows = set_list(c->result, "rows");
    enum err e = read_rows(c, &l, reterr);
    for (size_t i = 0; i < l.n && e == OK; i++) {
        json_t *o = add_object(rows);
        tell_row(c, o, &l.r[i]);
        e = tell_name(c, o, &l.r[i], reterr);
    }
    restriction_list_done(&l);
    return e;
}

static void tell_event(void *arg, const struct restriction_event *ev)
{
    char at[CLOCK_TEXT];
    json_t *o = add_object(arg);
    clock_iso_jst(ev->at_ms, at);
    set_text(o, "at", at);
    set_text(o, "what", ev->what);
    set_text(o, "operator", ev->operator_id);
    set_text(o, "approver", ev->approver_id);
    set_text(o, "reason", ev->reason);
}

static void tell_detail(struct call *c, const struct buf *detail)
{
    json_t *parsed = json_loadb(buf_str(detail), detail->len, 0, NULL); /* NULL: there is none */
    json_t *support = json_object_get(parsed, "support"), *o = set_object(c->result, "support");
    if (support != NULL)
        MUST(json_object_update(o, support) == 0);
    set_text(c->result, "note", json_string_value(json_object_get(parsed, "note")));
    json_decref(parsed);
}

static enum err get_row(struct call *c, struct errinfo *reterr)
{
    struct restriction r;
    struct buf detail = BUF_INIT;
    const char *no = call_text(c, "no");
    TRY(shield_reason(c, reterr));
    enum err e = restriction_get(c->svc->db, no, &r, &detail, reterr);
    if (e == E_NOTFOUND)
        e = call_refuse(reterr, E_NOTFOUND, "S116", no);
    if (e == OK) {
        tell_row(c, c->result, &r);
        tell_detail(c, &detail);
        e = tell_name(c, c->result, &r, reterr);
    }
    if (e == OK)
        e = restriction_events(c->svc->db, no, tell_event, set_list(c->result, "events"), reterr);
    c->log.ticket = arena_strdup(c->arena, no);
    buf_done(&detail);
    return e;
}

/* ---- setting ---- */

static enum err read_levels(const struct call *c, struct restriction *r, struct errinfo *reterr)
{
    json_t *map = call_json(c, "levels");
    const char *key;
    json_t *value;
    json_object_foreach (map, key, value) {
        enum restrict_process p = restrict_process_by_code(span_of(key));
        enum restrict_level l = restrict_level_by_code(span_of(json_string_value(value)));
        if (p == RP_COUNT || l == RL_COUNT)
            return call_refuse(reterr, E_INVALID, "S044", "levels");
        r->level[p] = l;
    }
    return OK;
}

/* A full measure lasts a year; a provisional one has no end; nothing ends before it starts. */
static enum err read_period(const struct call *c, struct restriction *r, struct errinfo *reterr)
{
    r->from = call_today(c);
    if (*call_text(c, "from") != '\0')
        TRY(date_read(call_text(c, "from"), &r->from, reterr));
    if (*call_text(c, "until") != '\0')
        TRY(date_read(call_text(c, "until"), &r->until, reterr));
    else if (r->kind == RK_SUPPORT)
        r->until = restrict_year_end(r->from);
    if (r->until.y != 0 && date_cmp(r->until, r->from) < 0)
        return call_refuse(reterr, E_INVALID, "S117", "until");
    return OK;
}

static enum err read_subject(struct call *c, struct restriction *r, struct errinfo *reterr)
{
    const char *person = call_text(c, "person"), *household = call_text(c, "household");
    if ((*person == '\0') == (*household == '\0'))
        return call_refuse(reterr, E_INVALID, "S118", "person");
    memcpy(r->person, person, strlen(person) + 1);
    memcpy(r->household, household, strlen(household) + 1);
    if (*person == '\0') {
        int64_t size = 0;
        TRY(people_household_size(c->svc->db, household, &size, reterr));
        return size > 0 ? OK : call_refuse(reterr, E_NOTFOUND, "S115", household);
    }
    struct resident *there = NULL;
    enum err e = people_by_id(c->svc->db, person, &there, reterr);
    resident_free(there);
    call_subject(c, person);
    return e == E_NOTFOUND ? call_refuse(reterr, E_NOTFOUND, "S113", person) : e;
}

static enum err read_restriction(struct call *c, struct restriction *r, struct errinfo *reterr)
{
    r->kind = restrict_kind_by_code(span_of(call_text(c, "kind")));
    if (r->kind == RK_COUNT)
        return call_refuse(reterr, E_INVALID, "S044", "kind");
    TRY(read_subject(c, r, reterr));
    TRY(read_levels(c, r, reterr));
    return read_period(c, r, reterr);
}

/* Support data and note as the store keeps them; "" for none. Lives in the arena. */
static const char *detail_text(struct call *c)
{
    json_t *detail = json_object();
    MUST(detail != NULL);
    if (call_has(c, "support"))
        MUST(json_object_set(detail, "support", call_json(c, "support")) == 0);
    if (*call_text(c, "note") != '\0')
        set_text(detail, "note", call_text(c, "note"));
    char *text = json_object_size(detail) > 0 ? json_dumps(detail, JSON_COMPACT) : NULL;
    const char *copy = arena_strdup(c->arena, text != NULL ? text : "");
    wipe_str(text);
    json_decref(detail);
    return copy;
}

static enum err take_number(struct call *c, struct restriction *r, struct errinfo *reterr)
{
    struct series s = { c->svc->id.office, c->svc->id.terminal, SERIES_RESTRICTION, series_year(call_now(c)) };
    struct buf text = BUF_INIT;
    int64_t no = 0;
    TRY(series_take(c->svc->db, &s, &no, reterr));
    series_text(&s, no, &text);
    MUST(text.len <= RESTRICT_ID_MAX);
    memcpy(r->id, text.p, text.len + 1);
    buf_done(&text);
    return OK;
}

/* Operations on one restriction apply in order. */
static enum err tell_host(struct call *c, const char *kind, const char *no, const char *payload, const char *approver,
                          struct errinfo *reterr)
{
    int64_t seq = 0;
    struct outbox_new op = {
        .kind = kind, .lane = no, .payload = payload, .operator_id = call_operator(c), .approver_id = approver
    };
    return outbox_add(c->svc->db, &op, &seq, reterr);
}

static enum err set_row(struct call *c, struct errinfo *reterr)
{
    struct restriction r = { .kind = RK_OTHER };
    struct buf payload = BUF_INIT;
    TRY(shield_reason(c, reterr));
    TRY(read_restriction(c, &r, reterr));
    TRY(take_number(c, &r, reterr));
    struct restriction_step step = { .operator_id = call_operator(c), .reason = call_text(c, "reason") };
    const char *detail = detail_text(c);
    enum err e = restriction_add(c->svc->db, &r, detail, &step, reterr);
    if (e == OK)
        e = restrict_body_write(&r, detail, false, &payload, reterr);
    if (e == OK)
        e = tell_host(c, "restrict.set", r.id, buf_str(&payload), NULL, reterr);
    c->log.ticket = arena_strdup(c->arena, r.id);
    set_text(c->result, "no", r.id);
    set_day(c, c->result, "until", "until_show", r.until);
    buf_done(&payload);
    return e;
}

/* ---- releasing ---- */

/* The row, for the log: whom it concerns. */
static enum err name_subject(struct call *c, const char *no, struct errinfo *reterr)
{
    struct restriction r;
    enum err e = restriction_get(c->svc->db, no, &r, NULL, reterr);
    c->log.ticket = arena_strdup(c->arena, no);
    if (e == E_NOTFOUND)
        return call_refuse(reterr, E_NOTFOUND, "S116", no);
    if (e == OK && *r.person != '\0')
        call_subject(c, r.person);
    return e;
}

static void release_payload(struct call *c, const char *no, struct buf *ret)
{
    char on[DATE_TEXT];
    json_t *o = json_object();
    MUST(o != NULL);
    date_text(call_today(c), on);
    set_text(o, "no", no);
    set_text(o, "reason", call_text(c, "reason"));
    set_text(o, "on", on);
    char *text = json_dumps(o, JSON_COMPACT);
    MUST(text != NULL);
    buf_adds(ret, text);
    wipe_str(text);
    json_decref(o);
}

static enum err release_row(struct call *c, struct errinfo *reterr)
{
    const char *no = call_text(c, "no"), *approver = call_text(c, "approver");
    struct buf payload = BUF_INIT;
    TRY(shield_reason(c, reterr));
    TRY(name_subject(c, no, reterr));
    TRY(auth_second(c, approver, call_text(c, "password"), "restrict.release", reterr));
    struct restriction_step step = { .operator_id = call_operator(c),
                                     .approver_id = approver,
                                     .reason = call_text(c, "reason") };
    TRY(restriction_release(c->svc->db, no, &step, reterr));
    release_payload(c, no, &payload);
    enum err e = tell_host(c, "restrict.release", no, buf_str(&payload), approver, reterr);
    buf_done(&payload);
    return e;
}

/* ---- releasing for one request (一時解除) ---- */

struct asked { /* a request, as far as it matters here */
    struct call *call;
    bool single; /* not issued yet, one copy */
    struct idlist persons;
};

static void read_asked(void *arg, const struct cert_request *r)
{
    struct asked *a = arg;
    a->single = r->state == REQUEST_OPEN && r->copies == 1;
    for (size_t i = 0; i < r->n_person; i++)
        idlist_add(&a->persons, r->person[i]);
}

/* Is the row one of those that stand in the way of the request? */
static enum err in_the_way(const struct asked *a, const char *no, bool *ret, struct errinfo *reterr)
{
    struct db *db = a->call->svc->db;
    struct restriction_list l = { .n = 0 };
    enum err e = OK;
    for (size_t i = 0; i < a->persons.n && e == OK; i++) {
        struct resident *r = NULL;
        e = people_by_id(db, a->persons.id[i], &r, reterr);
        if (e == OK)
            e = restriction_of(db, r->id, resident_get(r, ATTR_HOUSEHOLD), &l, reterr);
        if (e == OK)
            e = restriction_of_members(db, resident_get(r, ATTR_HOUSEHOLD), r->id, &l, reterr);
        resident_free(r);
    }
    for (size_t i = 0; i < l.n; i++)
        *ret = *ret || strcmp(l.r[i].id, no) == 0;
    restriction_list_done(&l);
    return e;
}

static enum err check_request(struct call *c, const char *no, const char *request, struct errinfo *reterr)
{
    struct asked a = { .call = c };
    bool fits = false;
    enum err e = cert_request_get(c->svc->db, request, read_asked, &a, reterr);
    if (e == E_NOTFOUND)
        e = call_refuse(reterr, E_NOTFOUND, "S317", "request");
    if (e == OK)
        e = in_the_way(&a, no, &fits, reterr);
    if (e == OK && !(a.single && fits))
        e = call_refuse(reterr, E_CONFLICT, "S123", "request");
    idlist_done(&a.persons);
    return e;
}

/* Two persons; of what hides where somebody lives one of them is 支援措置責任者. */
static enum err confirm_temp(struct call *c, const struct restriction *r, struct errinfo *reterr)
{
    bool responsible = !restrict_protects(r->kind) || call_may(c, "restrict.get");
    return auth_second(c, call_text(c, "approver"), call_text(c, "password"),
                       responsible ? c->method->name : "restrict.get", reterr);
}

static enum err release_for_request(struct call *c, struct errinfo *reterr)
{
    const char *no = call_text(c, "no"), *request = call_text(c, "request");
    struct restriction r;
    int64_t max = rulebook_param_int(c->svc->book, "TEMP_RELEASE_MIN"), minutes = call_int(c, "minutes", max);
    TRY(shield_reason(c, reterr));
    TRY(name_subject(c, no, reterr));
    if (minutes < 1 || minutes > max)
        return call_refuse(reterr, E_INVALID, "S119", "minutes");
    TRY(restriction_get(c->svc->db, no, &r, NULL, reterr));
    TRY(check_request(c, no, request, reterr));
    TRY(confirm_temp(c, &r, reterr));
    int64_t until_ms = call_now(c) + minutes * MINUTE_MS;
    struct restriction_step step = { .operator_id = call_operator(c),
                                     .approver_id = c->log.approver,
                                     .reason = call_text(c, "reason") };
    TRY(restriction_temp(c->svc->db, no, request, until_ms, &step, reterr));
    c->log.detail = arena_printf(c->arena, "request %s", request);
    set_time(c->result, "until", until_ms);
    return OK;
}

/* ---- table ---- */

static const struct param_spec list_params[] = {
    { "person", P_ID, false, PERSON_ID_MAX, NULL }, { "household", P_ID, false, PERSON_ID_MAX, NULL },
    { "after", P_ID, false, NO_MAX, NULL },         { "released", P_BOOL, false, 0, NULL },
    { "limit", P_INT, false, 10000, NULL },         { 0 },
};
static const struct param_spec get_params[] = {
    { "no", P_ID, true, NO_MAX, NULL },
    { "reason", P_TEXT, true, 200, NULL },
    { 0 },
};
static const struct param_spec set_params[] = {
    { "person", P_ID, false, PERSON_ID_MAX, NULL },
    { "household", P_ID, false, PERSON_ID_MAX, NULL },
    { "kind", P_ID, true, 16, NULL },
    { "levels", P_MAP, false, 8, NULL },
    { "from", P_DAY, false, 0, NULL },
    { "until", P_DAY, false, 0, NULL },
    { "support", P_MAP, false, 500, NULL },
    { "note", P_TEXT, false, 1000, NULL },
    { "reason", P_TEXT, true, 200, NULL },
    { 0 },
};
static const struct param_spec release_params[] = {
    { "no", P_ID, true, NO_MAX, NULL },
    { "reason", P_TEXT, true, 200, NULL },
    { "approver", P_ID, true, OPERATOR_ID_MAX, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};
static const struct param_spec temp_params[] = {
    { "no", P_ID, true, NO_MAX, NULL },
    { "request", P_ID, true, NO_MAX, NULL },
    { "minutes", P_INT, false, 1440, NULL },
    { "reason", P_TEXT, true, 200, NULL },
    { "approver", P_ID, true, OPERATOR_ID_MAX, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { 0 },
};

static const struct method m_restrict_rows[] = {
    { .name = "restrict.list",
      .summary = "抑止・支援措置の一覧です。支援措置の種類と内容は、支援措置責任者だけに出します。",
      .result = "rows[{no,person,name?,household,open,kind,kind_label,levels{}?,from?,from_show?,until?,until_show?,"
                "ending?,ended?,released,temp_until,"
                "temp_request}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = list_params,
      .run = list_rows },
    { .name = "restrict.get",
      .summary = "抑止・支援措置の内容と経過を、理由を記録して返します。",
      .result = "restrict.listの一行, note, support{}, events[{at,what,operator,approver,reason}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = get_params,
      .run = get_row },
    { .name = "restrict.set",
      .summary = "抑止・支援措置を設定します。この支所ではすぐに効き、本庁に送ります。",
      .result = "no, until, until_show",
      .action = "add",
      .states = IN_ANY,
      .params = set_params,
      .run = set_row },
    { .name = "restrict.release",
      .summary = "抑止・支援措置を、別の職員の承認を受けて解除します。",
      .result = "",
      .action = "change",
      .states = IN_NORMAL | IN_RECOVERING | IN_RECONCILED,
      .params = release_params,
      .run = release_row },
    { .name = "restrict.temp",
      .summary = "抑止を、一つの請求の証明書一通についてだけ、二人で一時解除します(支援措置では一人が支援措置責任者)。"
                 "照会や検索では隠れたままです。印刷で使われるか時間が来ると元に戻り、ほかには伝わりません。",
      .result = "until",
      .action = "change",
      .states = IN_NORMAL | IN_RECOVERING | IN_RECONCILED,
      .params = temp_params,
      .run = release_for_request },
};
METHOD_TABLE(m_restrict);
