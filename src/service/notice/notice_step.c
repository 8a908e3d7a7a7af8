#include "base/mem.h"
#include "notice/notice_work.h"
#include "service/notices.h"
#include "store/outage_book.h"
#include "store/outbox_send.h"
#include "sync/payload.h"

#include <stdlib.h>
#include <string.h>

/* Steps of a case: who may take them, what is written, what the host is told and what it answered. */

#define BY_HOST "host"

static unsigned roles_of(const struct call *c)
{
    unsigned roles = 0;
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        if (call_has_role(c, (enum role)r))
            roles |= ROLE_BIT(r);
    return roles;
}

/* The line of the book of a stop goes with the case. */
static enum err mark_book(struct db *db, const char *no, enum case_state s, const char *host_no, struct errinfo *reterr)
{
    static const enum book_state marks[] = {
        [CASE_DRAFT] = BOOK_STATES,        [CASE_RECEIVED] = BOOK_PAPER,    [CASE_ENTERED] = BOOK_ENTERED,
        [CASE_EXAMINED] = BOOK_EXAMINED,   [CASE_RETURNED] = BOOK_RETURNED, [CASE_DECIDED] = BOOK_DECIDED,
        [CASE_POSTED] = BOOK_POSTED,       [CASE_CONFLICT] = BOOK_CONFLICT, [CASE_DELEGATED] = BOOK_HOST,
        [CASE_WITHDRAWN] = BOOK_WITHDRAWN,
    };
    _Static_assert(ARRAY_LEN(marks) == CASE_STATES, "a state has no mark in the book");
    return book_set_notice(db, no, marks[s], host_no, reterr);
}

static enum err write_step(struct db *db, const char *no, const struct case_event *ev, const char *host_no,
                           struct errinfo *reterr)
{
    TRY(case_step_taken(db, no, ev, reterr));
    return mark_book(db, no, ev->state, host_no, reterr);
}

/* What the rules say about the step, from who asks and the state of the counter. */
static enum err apply_rules(struct call *c, const struct case_row *row, const struct step_request *r,
                            struct case_event *ret, struct errinfo *reterr)
{
    struct case_actor who = { .roles = roles_of(c),
                              .counter = service_counter_state(c->svc),
                              .reason = r->reason ? r->reason : "",
                              .reason_min = (int)rulebook_param_int(c->svc->book, "REASON_MIN_CHARS"),
                              .reason_letters = (int)rulebook_param_int(c->svc->book, "REASON_MIN_LETTERS") };
    *ret = (struct case_event){
        .step = r->step, .operator_id = call_operator(c), .reason = who.reason, .detail = r->detail
    };
    TRY(case_entered_by(c->svc->db, row->no, call_operator(c), &who.entered, reterr));
    return case_step(row->state, r->step, &who, &ret->state, reterr);
}

enum err may_step(struct call *c, const struct case_row *row, enum case_step step, struct errinfo *reterr)
{
    struct case_event ev;
    const struct step_request r = { row->no, step, NULL, NULL };
    return apply_rules(c, row, &r, &ev, reterr);
}

enum err take_step(struct call *c, const struct case_row *row, const struct step_request *r, enum case_state *ret_after,
                   struct errinfo *reterr)
{
    struct case_event ev;
    TRY(apply_rules(c, row, r, &ev, reterr));
    TRY(write_step(c->svc->db, r->no, &ev, NULL, reterr));
    c->log.ticket = arena_strdup(c->arena, r->no);
    if (*ev.reason)
        c->log.reason = arena_strdup(c->arena, ev.reason);
    *ret_after = ev.state;
    return OK;
}

/* ---- to the host ---- */

/* Shorter numbers first. */
static bool smaller(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    return m != n ? m < n : strcmp(a, b) < 0;
}

/* Smallest 世帯番号 the notice touches; its own number when it touches none. */
static const char *lane_of(const struct notice_work *w, const char *no)
{
    const char *lane = NULL;
    for (size_t i = 0; i < w->households.n; i++)
        if (!lane || smaller(w->households.id[i], lane))
            lane = w->households.id[i];
    for (size_t i = 0; i < w->bound.n; i++) {
        const struct resident *r = resident_list_find(&w->world.people, w->bound.id[i]);
        const char *household = r && resident_living(r) ? resident_get(r, ATTR_HOUSEHOLD) : "";
        if (*household && (!lane || smaller(household, lane)))
            lane = household;
    }
    return lane ? lane : no;
}

static char *text_or_null(const char *s)
{
    return *s ? xstrdup(s) : NULL;
}

static struct notice *copy_of(const struct notice *n, const char *no)
{
    struct notice *copy = notice_new(n->kind);
    copy->no = xstrdup(no);
    for (size_t i = 0; i < n->n; i++)
        notice_set(copy, n->v[i].section, n->v[i].row, n->v[i].field, n->v[i].text);
    return copy;
}

static void fill_payload(const struct notice_work *w, const struct case_row *row, const char *const *acks,
                         size_t n_acks, struct notice_payload *p)
{
    char day[DATE_TEXT];
    struct buf digest = BUF_INIT;
    hex_add(&digest, w->call->svc->catalogue, sizeof w->call->svc->catalogue);
    p->notice = copy_of(w->notice, row->no);
    p->received_at = xstrdup(row->received_at);
    p->received_on = xstrdup(received_day(row->received_ms, day));
    p->outage_no = text_or_null(row->outage_no);
    p->office = text_or_null(w->call->svc->id.office_name);
    p->terminal = text_or_null(w->call->svc->id.terminal);
    p->entered_by = text_or_null(row->entered_by);
    p->examined_by = text_or_null(row->examined_by);
    p->decided_by = text_or_null(row->decided_by);
    p->acks = xcalloc(n_acks + 1, sizeof *p->acks);
    for (size_t i = 0; i < n_acks; i++)
        p->acks[p->n_acks++] = xstrdup(acks[i]);
    p->base = xcalloc(w->bound.n + 1, sizeof *p->base);
    for (size_t i = 0; i < w->bound.n; i++) {
        struct op_base *b = &p->base[p->n_base++];
        memcpy(b->id, w->bound.id[i], strlen(w->bound.id[i]) + 1);
        b->rev = resident_list_find(&w->world.people, w->bound.id[i])->rev;
    }
    p->forms_digest = buf_steal(&digest);
}

static enum err add_operation(struct notice_work *w, const char *op_kind, const char *no, const char *json,
                              struct errinfo *reterr)
{
    int64_t seq;
    struct outbox_base *base = xcalloc(w->bound.n + 1, sizeof *base);
    for (size_t i = 0; i < w->bound.n; i++)
        base[i] = (struct outbox_base){ w->bound.id[i], resident_list_find(&w->world.people, w->bound.id[i])->rev };
    struct outbox_new op = { .kind = op_kind,
                             .lane = lane_of(w, no),
                             .payload = json,
                             .base = base,
                             .n_base = w->bound.n,
                             .operator_id = call_operator(w->call) };
    enum err e = outbox_add(w->call->svc->db, &op, &seq, reterr);
    free(base);
    return e;
}

enum err send_notice(struct notice_work *w, const struct case_row *row, const char *op_kind, const char *const *acks,
                     size_t n_acks, struct errinfo *reterr)
{
    struct notice_payload p;
    struct buf json = BUF_INIT;
    notice_payload_init(&p);
    fill_payload(w, row, acks, n_acks, &p);
    enum err e = notice_payload_encode(&p, &json, reterr);
    if (e == OK)
        e = add_operation(w, op_kind, row->no, buf_str(&json), reterr);
    buf_done(&json);
    notice_payload_done(&p);
    return e;
}

/* ---- return, withdraw ---- */

#define AT_HOST "本庁で登録済(副本待ち)"

/* The host may have it already while the rows it made are still on their way. */
void tell_state(const struct call *c, const struct case_row *row, enum case_state s, json_t *ret)
{
    bool awaited = false;
    if (s == CASE_DECIDED && outbox_awaited(c->svc->db, "notice.decide", row->no, &awaited, NULL) != OK)
        awaited = false;
    set_text(ret, "no", row->no);
    set_text(ret, "state", case_state_key(s));
    set_text(ret, "state_label", awaited ? AT_HOST : case_state_label(s, *row->outage_no));
}

enum err notice_return(struct call *c, struct errinfo *reterr)
{
    struct case_row row = { 0 };
    enum case_state after;
    struct step_request r = { call_text(c, "no"), STEP_RETURN, call_text(c, "reason"), NULL };
    TRY(case_get(c->svc->db, r.no, &row, reterr));
    enum err e = take_step(c, &row, &r, &after, reterr);
    if (e == OK)
        tell_state(c, &row, after, c->result);
    case_row_done(&row);
    return e;
}

static enum err send_withdrawal(struct call *c, const struct case_row *row, const char *reason, struct errinfo *reterr)
{
    struct notice_work w = { 0 };
    json_t *payload = json_object();
    set_text(payload, "no", row->no);
    set_text(payload, "reason", reason);
    char *text = json_dumps(payload, JSON_COMPACT);
    MUST(text);
    enum err e = notice_work_case(c, row, &w, reterr);
    if (e == OK)
        e = notice_work_look(&w, reterr);
    if (e == OK)
        e = add_operation(&w, "notice.withdraw", row->no, text, reterr);
    notice_work_done(&w);
    free(text);
    json_decref(payload);
    return e;
}

enum err notice_withdraw(struct call *c, struct errinfo *reterr)
{
    struct case_row row = { 0 };
    enum case_state after;
    struct step_request r = { call_text(c, "no"), STEP_WITHDRAW, call_text(c, "reason"), NULL };
    TRY(case_get(c->svc->db, r.no, &row, reterr));
    /* A conflict is settled where both versions are seen (conflict.resolve). */
    enum err e = row.state == CASE_CONFLICT ? call_refuse(reterr, E_INVALID, "S213", "競合") : OK;
    if (e == OK)
        e = take_step(c, &row, &r, &after, reterr);
    if (e == OK)
        e = send_withdrawal(c, &row, r.reason, reterr);
    if (e == OK)
        tell_state(c, &row, after, c->result);
    case_row_done(&row);
    return e;
}

/* ---- examine ---- */

/* Answers to the points of the checklist, as the event keeps them. */
static enum err read_answers(const struct call *c, const struct kind *k, bool ok, char **ret, struct errinfo *reterr)
{
    const json_t *given = call_json(c, "answers");
    if (ok && json_array_size(given) != k->n_checklist)
        return call_refuse(reterr, E_INVALID, "S216", NULL);
    json_t *detail = json_object(), *list = set_list(detail, "answers");
    bool all = true;
    for (size_t i = 0; i < json_array_size(given) && i < k->n_checklist; i++) {
        json_t *point = add_object(list);
        bool yes = json_is_true(json_array_get(given, i));
        set_text(point, "point", k->checklist[i]);
        set_bool(point, "ok", yes);
        all = all && yes;
    }
    char *text = json_dumps(detail, JSON_COMPACT);
    json_decref(detail);
    MUST(text);
    if (ok && !all) {
        free(text);
        return call_refuse(reterr, E_INVALID, "S224", NULL);
    }
    *ret = text;
    return OK;
}

static void collect_ack(void *arg, const char *msg)
{
    struct case_ack_list *a = arg;
    a->id = xrealloc(a->id, a->n + 1, sizeof *a->id);
    a->id[a->n++] = arena_strdup(a->arena, msg);
}

enum err look_again(struct notice_work *w, const struct case_row *row, struct case_ack_list *acks,
                    struct errinfo *reterr)
{
    acks->arena = w->call->arena;
    TRY(case_acks(w->call->svc->db, row, collect_ack, acks, reterr));
    TRY(notice_work_look(w, reterr));
    return notice_work_passes(w, acks->id, acks->n, reterr);
}

static enum err examine(struct call *c, const struct case_row *row, struct errinfo *reterr)
{
    struct notice_work w = { 0 };
    struct case_ack_list acks = { 0 };
    enum case_state after;
    char *detail = NULL;
    bool ok = call_bool(c, "ok");
    enum err e = notice_work_case(c, row, &w, reterr);
    if (e == OK)
        e = read_answers(c, w.kind, ok, &detail, reterr);
    if (e == OK && ok)
        e = look_again(&w, row, &acks, reterr);
    struct step_request r = { row->no, ok ? STEP_EXAMINE : STEP_RETURN, call_text(c, "reason"), detail };
    if (e == OK)
        e = take_step(c, row, &r, &after, reterr);
    if (e == OK)
        tell_state(c, row, after, c->result);
    free(acks.id);
    free(detail);
    notice_work_done(&w);
    return e;
}

enum err notice_examine(struct call *c, struct errinfo *reterr)
{
    struct case_row row = { 0 };
    TRY(case_get(c->svc->db, call_text(c, "no"), &row, reterr));
    enum err e = examine(c, &row, reterr);
    case_row_done(&row);
    return e;
}

/* ---- what the host answered ---- */

enum err notice_settle(struct call *c, const char *no, enum case_step step, const char *reason, struct errinfo *reterr)
{
    struct case_row row = { 0 };
    enum case_state after;
    struct step_request r = { no, step, reason, NULL };
    TRY(case_get(c->svc->db, no, &row, reterr));
    enum err e = take_step(c, &row, &r, &after, reterr);
    case_row_done(&row);
    return e;
}

static enum err host_step(struct service *svc, const struct case_row *row, enum case_step step,
                          const struct op_news *news, struct errinfo *reterr)
{
    struct case_actor program = { .counter = service_counter_state(svc), .reason = "" };
    char *detail = json_dumps(news->detail, JSON_COMPACT | JSON_ENCODE_ANY);
    struct case_event ev = { .step = step, .operator_id = BY_HOST, .detail = detail };
    const char *host_no = json_string_value(json_object_get(news->detail, "no"));
    enum err e = case_step(row->state, step, &program, &ev.state, reterr);
    if (e == OK)
        e = write_step(svc->db, row->no, &ev, host_no, reterr);
    if (e == OK && host_no)
        e = case_posted_as(svc->db, row->no, host_no, reterr);
    free(detail);
    return e;
}

static enum err told(struct service *svc, const struct case_row *row, const struct op_news *news,
                     struct errinfo *reterr)
{
    bool decide_op = strcmp(news->kind, "notice.decide") == 0, enter_op = strcmp(news->kind, "notice.enter") == 0;
    bool refused = news->state == OP_CONFLICT || news->state == OP_REJECTED;
    if (decide_op && news->state == OP_APPLIED && row->state != CASE_POSTED)
        return host_step(svc, row, STEP_POST, news, reterr);
    if ((decide_op || enter_op) && refused && case_rule(STEP_CLASH)->from & CASE_BIT(row->state))
        return host_step(svc, row, STEP_CLASH, news, reterr);
    return OK; /* what is held has no answer yet */
}

/* A notice that was never entered here is nobody's case. */
enum err notice_told(struct service *svc, const struct op_news *news, struct errinfo *reterr)
{
    struct case_row row = { 0 };
    struct errinfo why;
    enum err e = case_get(svc->db, news->subject, &row, &why);
    if (e == E_NOTFOUND)
        return OK;
    if (e == OK)
        e = told(svc, &row, news, &why);
    case_row_done(&row);
    if (e != OK)
        *reterr = why;
    return e;
}
