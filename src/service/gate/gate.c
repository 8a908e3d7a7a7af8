/*
 * The one gate. Every request passes the same steps in the same order; a handler is reached only behind all of them,
 * and its answer leaves only after the log row is durable.
 */
#include "domain/date.h"
#include "gate/internal.h"
#include "store/meta.h"
#include "store/txn.h"
#include <stdlib.h>
#include <string.h>

#define CLOCK_BACK_MS 2000 /* the wall clock may step back this far without suspicion */

_Static_assert(IN_NORMAL == 1 << COUNTER_NORMAL && IN_SUSPECT == 1 << COUNTER_SUSPECT &&
                   IN_OUTAGE == 1 << COUNTER_OUTAGE && IN_RECOVERING == 1 << COUNTER_RECOVERING &&
                   IN_RECONCILED == 1 << COUNTER_RECONCILED && IN_ANY == (1 << COUNTER_STATES) - 1,
               "the states of the gate are those of the counter");

enum counter_state service_counter_state(struct service *svc)
{
    struct buf name = BUF_INIT;
    enum counter_state state = COUNTER_NORMAL;
    bool found = false;
    if (meta_get(svc->db, "counter.state", &name, &found, NULL) != OK)
        state = COUNTER_STATES;
    else if (found)
        state = counter_state_by_name(buf_span(&name));
    buf_done(&name);
    return state == COUNTER_STATES ? COUNTER_SUSPECT : state; /* in doubt look-ups only */
}

static enum err check_permission(const struct call *c, struct errinfo *reterr)
{
    if (c->method->flags & M_BEFORE_LOGIN)
        return OK;
    return call_may(c, c->method->name) ? OK : call_refuse(reterr, E_DENIED, "S003", c->method->name);
}

static enum err check_state(const struct call *c, struct errinfo *reterr)
{
    if (c->method->states == IN_ANY)
        return OK;
    enum counter_state state = service_counter_state(c->svc);
    return c->method->states & 1u << state ? OK : call_refuse(reterr, E_DENIED, "S009", counter_state_label(state));
}

static enum err check_call(struct call *c, struct errinfo *reterr)
{
    TRY(db_alive(c->svc->db, reterr));
    TRY(session_check(c, reterr));
    TRY(check_permission(c, reterr));
    TRY(check_state(c, reterr));
    TRY(params_check(c->method->params, c->params, reterr));
    return c->method->flags & M_SEARCH && !c->internal->again ? usage_search(c, reterr) : OK;
}

/* Log row --------------------------------------------------------------------------------------------------------- */

static void digest_params(struct call *c)
{
    json_t *shown = params_without_secrets(c->method->params, c->params);
    char *text = json_dumps(shown, JSON_COMPACT | JSON_SORT_KEYS);
    MUST(text);
    db_hash(c->svc->db, text, strlen(text), c->log.detail_hash);
    wipe_str(text);
    json_decref(shown);
}

static void begin_log(struct call *c)
{
    struct service *svc = c->svc;
    c->log = service_row(svc, c->method->name, c->method->action);
    c->log.place = svc->id.office;
    c->log.operator_id = c->session->op ? arena_strdup(c->arena, c->session->op->id) : "";
    c->log.session = c->session->id;
}

/* A row of its own begins: the text that the row before holds stays as it is. */
static void forget_subjects(struct call *c)
{
    c->internal->subjects = NULL;
    c->internal->n_subjects = c->internal->cap_subjects = 0;
}

static enum err append_log(struct call *c, struct errinfo *reterr)
{
    struct service *svc = c->svc;
    int64_t now = svc->clock.wall_ms(svc->clock.self);
    c->log.subjects = c->internal->subjects;
    if (now + CLOCK_BACK_MS < svc->last_log_ms)
        c->log.trust = LOG_TRUST_SUSPICIOUS;
    return service_append(svc, &c->log, reterr);
}

enum err call_log_part(struct call *c, const char *ticket, const char *result, const char *detail,
                       struct errinfo *reterr)
{
    struct oplog call = c->log;
    c->log.ticket = arena_strdup(c->arena, ticket);
    c->log.result = result;
    c->log.detail = arena_strdup(c->arena, detail);
    digest_params(c);
    enum err e = append_log(c, reterr);
    c->log = call;
    c->log.ticket = NULL;
    forget_subjects(c);
    return e;
}

/* What was refused is told as well, in a transaction of its own; the attempt to prove who one is counts in any case.
 * Before a login only proofs are told: nobody may fill the log from outside. */
static enum err log_refusal(struct call *c, const struct errinfo *why, struct errinfo *reterr)
{
    if (!c->session->op && !c->internal->one_attempt)
        return OK;
    struct oplog about = c->log; /* keeps who, where and to whom; what was not done leaves no versions */
    about.rev_before = about.rev_after = 0;
    about.result = err_name(why->code);
    about.detail = why->msg;
    c->log = about;
    digest_params(c);
    TRY(txn_begin(c->svc->db, reterr));
    enum err e = auth_record(c, reterr);
    if (e == OK)
        e = append_log(c, reterr);
    return txn_end(c->svc->db, e, reterr);
}

/* Running ---------------------------------------------------------------------------------------------------------- */

static enum err run_in_txn(struct call *c, struct errinfo *reterr)
{
    TRY(txn_begin(c->svc->db, reterr));
    enum err e = c->method->run(c, reterr);
    if (e == OK && proof_wanted(c))
        e = err_set(reterr, E_BUSY, NULL, NULL, "the handler went on without its proof");
    if (e == OK)
        e = auth_record(c, reterr);
    if (e == OK) {
        digest_params(c);
        e = append_log(c, reterr);
    }
    return txn_end(c->svc->db, e, reterr);
}

static enum err run(struct call *c, struct errinfo *reterr)
{
    TRY(check_call(c, reterr));
    if (c->method->flags & M_QUIET)
        return c->method->run(c, reterr);
    TRY(run_in_txn(c, reterr));
    for (struct commit_hook *h = c->svc->hooks; h && !(c->method->flags & M_LOOKUP); h = h->next)
        h->cb(h->arg);
    return OK;
}

/* Answers ---------------------------------------------------------------------------------------------------------- */

static void call_free(struct call *c)
{
    proof_forget(c);
    if (c->release)
        c->release(c);
    json_decref((json_t *)(uintptr_t)c->params);
    json_decref(c->result);
    json_decref(c->internal->id);
    json_decref(c->internal->answer);
    free(c->internal);
    arena_free(c->arena);
    free(c);
}

/* Frees the call first: the receiver may close the session. */
static void deliver(struct call *c, json_t *take_answer)
{
    void (*reply)(void *, json_t *) = c->internal->reply;
    void *arg = c->internal->arg;
    call_free(c);
    reply(arg, take_answer);
}

static void deliver_result(struct call *c)
{
    deliver(c, answer_ok(c->internal->id, json_incref(c->result)));
}

static void hold_back(struct call *c, int64_t ms)
{
    c->internal->due_ms = mono_ms(c->svc) + ms;
    c->internal->next = c->svc->waiting->first;
    c->svc->waiting->first = c;
}

static void succeed(struct call *c)
{
    if (c->committed)
        c->committed(c);
    if (c->method->ready && c->wait_ms > 0 && !c->method->ready(c, false)) {
        hold_back(c, c->wait_ms);
        return;
    }
    if (c->method->ready && c->wait_ms <= 0)
        c->method->ready(c, true);
    deliver_result(c);
}

/* Wrong proofs are answered late, so that a connection cannot try many. */
static void fail(struct call *c, struct errinfo *why)
{
    struct errinfo second;
    bool deny_late = c->internal->one_attempt && strcmp(c->internal->attempt.result, "ok") != 0;
    if (db_alive(c->svc->db, NULL) == OK && log_refusal(c, why, &second) != OK)
        *why = second;
    json_t *answer = answer_error(c->svc, c->internal->id, why);
    if (deny_late) {
        c->internal->answer = answer;
        hold_back(c, rulebook_param_int(c->svc->book, "LOGIN_DELAY_MS"));
    } else {
        deliver(c, answer);
    }
}

static void go(struct call *c)
{
    struct errinfo e = { 0 };
    begin_log(c);
    enum err code = run(c, &e);
    if (proof_wanted(c)) {
        hold_back(c, 0);
        proof_start(c);
    } else if (code == OK) {
        succeed(c);
    } else {
        fail(c, &e);
    }
}

/* Nothing of the earlier attempt counts but the passwords that were worked out. */
void gate_resume(struct call *c)
{
    struct call **at = &c->svc->waiting->first;
    while (*at != c)
        at = &(*at)->internal->next;
    *at = c->internal->next;
    if (c->release)
        c->release(c);
    c->release = NULL;
    json_decref(c->result);
    c->result = json_object();
    MUST(c->result);
    forget_subjects(c);
    c->internal->one_attempt = false;
    c->internal->again = true;
    c->committed = NULL;
    c->state = NULL;
    c->wait_ms = 0;
    go(c);
}

/* Takes one waiting call out of the list whose answer may go now. */
static struct call *take_ready(struct service *svc)
{
    int64_t now = mono_ms(svc);
    for (struct call **at = &svc->waiting->first; *at; at = &(*at)->internal->next) {
        struct call *c = *at;
        bool late = now >= c->internal->due_ms;
        if (c->internal->ticket)
            continue;
        bool go = c->internal->answer ? late : c->method->ready(c, late) || late;
        if (go) {
            *at = c->internal->next;
            return c;
        }
    }
    return NULL;
}

void gate_tick(struct service *svc)
{
    for (struct call *c; (c = take_ready(svc)) != NULL;) {
        if (c->internal->answer)
            deliver(c, json_incref(c->internal->answer));
        else
            deliver_result(c);
    }
}

void gate_drop(struct session *s)
{
    for (struct call **at = &s->svc->waiting->first; *at;) {
        struct call *c = *at;
        if (c->session != s) {
            at = &c->internal->next;
            continue;
        }
        *at = c->internal->next;
        call_free(c);
    }
}

static bool answer_is_held(const struct session *s)
{
    for (const struct call *c = s->svc->waiting->first; c; c = c->internal->next)
        if (c->session == s && (c->internal->answer || c->internal->ticket))
            return true;
    return false;
}

/* Envelope --------------------------------------------------------------------------------------------------------- */

/* The method that is asked for, or NULL and why not. */
static const struct method *envelope(const struct session *s, const json_t *request, struct errinfo *reterr)
{
    const char *name = json_string_value(json_object_get(request, "method"));
    const struct method *m = name ? method_find(name) : NULL;
    enum err e = OK;
    if (!name || !json_is_integer(json_object_get(request, "id")))
        e = call_refuse(reterr, E_INVALID, "S010", NULL);
    else if (!m)
        e = call_refuse(reterr, E_NOTFOUND, "S011", NULL);
    else if (answer_is_held(s))
        e = call_refuse(reterr, E_BUSY, "S012", NULL);
    return e == OK ? m : NULL;
}

static struct call *call_new(struct session *s, const struct method *m, const json_t *request)
{
    struct call *c = xcalloc(1, sizeof *c);
    c->internal = xcalloc(1, sizeof *c->internal);
    c->arena = arena_new();
    c->svc = s->svc;
    c->session = s;
    c->method = m;
    c->params = json_incref(json_object_get(request, "params"));
    c->result = json_object();
    MUST(c->result);
    c->internal->id = json_incref(json_object_get(request, "id"));
    c->now_ms = s->svc->clock.wall_ms(s->svc->clock.self);
    return c;
}

void gate_call(struct session *s, const struct method *m, const json_t *request, void (*reply)(void *, json_t *),
               void *arg)
{
    struct call *c = call_new(s, m, request);
    c->internal->reply = reply;
    c->internal->arg = arg;
    go(c);
}

void service_call(struct session *s, const json_t *request, void (*reply)(void *arg, json_t *answer), void *arg)
{
    struct errinfo e = { 0 };
    const struct method *m = envelope(s, request, &e);
    const json_t *id = json_object_get(request, "id");
    if (m)
        gate_call(s, m, request, reply, arg);
    else
        reply(arg, answer_error(s->svc, json_is_integer(id) ? id : NULL, &e));
}

/* What handlers ask ------------------------------------------------------------------------------------------------ */

const char *call_operator(const struct call *c)
{
    return c->session->op ? c->session->op->id : "";
}

bool call_has_role(const struct call *c, enum role r)
{
    return c->session->op && (c->session->op->roles & ROLE_BIT(r));
}

bool call_may(const struct call *c, const char *method)
{
    return c->session->op && (permission_roles(c->svc->permissions, method) & c->session->op->roles);
}

bool call_may_view(const struct call *c, unsigned attr_view)
{
    return !view_name(attr_view) || (c->session->op && (c->session->op->views & 1u << attr_view));
}

int64_t call_now(const struct call *c)
{
    return c->now_ms;
}

struct date call_today(const struct call *c)
{
    return date_of_ms(c->now_ms);
}

void call_subject(struct call *c, const char *person_id)
{
    struct call_internal *in = c->internal;
    const char *have = in->subjects ? in->subjects : "";
    size_t n = strlen(person_id);
    for (const char *p = have; (p = strstr(p, person_id)) != NULL; p += n)
        if ((p == have || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return;
    if (in->n_subjects + n + 2 > in->cap_subjects) {
        in->cap_subjects = (in->cap_subjects + n + 2) * 2;
        char *more = arena_alloc(c->arena, in->cap_subjects);
        memcpy(more, have, in->n_subjects);
        in->subjects = more;
    }
    if (in->n_subjects)
        in->subjects[in->n_subjects++] = ' ';
    memcpy(in->subjects + in->n_subjects, person_id, n + 1);
    in->n_subjects += n;
}
