#include "base/mem.h"
#include "notice/notice_work.h"
#include "service/auth.h"

#include <stdlib.h>
#include <string.h>

/* The decision (決裁) about one case, and about several with one password (一括決裁). */

/* A case on its way to a decision. */
struct decision {
    struct case_row row;
    struct notice_work work;
    struct case_ack_list acks;
};

static void decision_done(struct decision *d)
{
    free(d->acks.id);
    notice_work_done(&d->work);
    case_row_done(&d->row);
}

/* Nobody of the case may have another row than when it was entered (E12). */
static enum err compare_bases(struct notice_work *w, const struct case_row *row, struct errinfo *reterr)
{
    struct case_base *base;
    size_t n;
    TRY(case_bases(w->call->svc->db, row, &base, &n, reterr));
    enum err e = OK;
    for (size_t i = 0; i < n && e == OK; i++) {
        const struct resident *r = resident_list_find(&w->world.people, base[i].id);
        if (!r || r->rev != base[i].rev)
            e = call_refuse(reterr, E_CONFLICT, "E12", base[i].id);
    }
    free(base);
    return e;
}

/* Nothing that must be looked at one by one: no alert, acknowledged or not, and nobody whom not everybody may see. */
static bool plain(const struct notice_work *w)
{
    bool alert = w->hidden;
    for (size_t i = 0; i < w->findings.n; i++)
        alert = alert || !rulebook_is_error(w->call->svc->book, w->findings.f[i].msg);
    return !alert;
}

/* All that must hold, before anything is written. Who may not decide learns nothing else. Among `several` there is one
 * sentence for all that is not plain, so that it does not tell who is protected. */
static enum err weigh(struct call *c, const char *no, bool several, struct decision *d, struct errinfo *reterr)
{
    TRY(case_get(c->svc->db, no, &d->row, reterr));
    TRY(may_step(c, &d->row, STEP_DECIDE, reterr));
    TRY(notice_work_case(c, &d->row, &d->work, reterr));
    enum err e = look_again(&d->work, &d->row, &d->acks, reterr);
    if (several && (e == OK || e == E_INVALID) && !plain(&d->work))
        return call_refuse(reterr, E_DENIED, "S231", NULL);
    if (e != OK)
        return e;
    return compare_bases(&d->work, &d->row, reterr);
}

/* Step and operation to the host. */
static enum err settle(struct call *c, struct decision *d, enum case_state *ret_after, struct errinfo *reterr)
{
    struct step_request r = { d->row.no, STEP_DECIDE, NULL, NULL };
    TRY(take_step(c, &d->row, &r, ret_after, reterr));
    free(d->row.decided_by);
    d->row.decided_by = xstrdup(call_operator(c));
    return send_notice(&d->work, &d->row, "notice.decide", d->acks.id, d->acks.n, reterr);
}

/* ---- one ---- */

enum err notice_decide(struct call *c, struct errinfo *reterr)
{
    struct decision d = { 0 };
    enum case_state after;
    TRY(auth_again(c, call_text(c, "password"), reterr));
    enum err e = weigh(c, call_text(c, "no"), false, &d, reterr);
    if (e == OK)
        e = settle(c, &d, &after, reterr);
    const struct service_plug *plug = c->svc->plug;
    bool there = plug && plug->host && strcmp(plug->host(plug->self), "ok") == 0;
    c->wait_ms = there ? rulebook_param_int(c->svc->book, "POST_WAIT_MS") : 0;
    decision_done(&d);
    return e;
}

static void tell_rows(void *arg, const struct case_event *ev)
{
    json_t *result = arg, *detail;
    if (ev->step != STEP_POST)
        return;
    detail = json_loads(ev->detail, 0, NULL);
    json_t *rows = json_object_get(detail, "rows");
    if (json_is_array(rows))
        json_object_set(result, "rows", rows);
    json_decref(detail);
}

static void tell_decided(struct call *c, const struct case_row *row)
{
    tell_state(c, row, row->state, c->result);
    set_text(c->result, "host_no", row->host_no);
    set_list(c->result, "rows");
    if (case_events(c->svc->db, row->no, tell_rows, c->result, NULL) != OK)
        set_list(c->result, "rows");
}

/* Asked after the decision and whenever something came from the host: whoever reads "posted" finds it in the copy. */
bool notice_decided(struct call *c, bool late)
{
    struct case_row row = { 0 };
    if (case_get(c->svc->db, call_text(c, "no"), &row, NULL) != OK)
        return true;
    bool go = late || row.state != CASE_DECIDED;
    if (go)
        tell_decided(c, &row);
    case_row_done(&row);
    return go;
}

/* ---- several ---- */

/* A refusal with its sentence concerns this case alone; anything else the whole call. */
static bool concerns_one(enum err e, const struct errinfo *why)
{
    return why->msg[0] && (e == E_INVALID || e == E_DENIED || e == E_CONFLICT || e == E_NOTFOUND || e == E_EXISTS);
}

static void tell_refused(struct call *c, const char *no, const struct decision *d, const struct errinfo *why,
                         json_t *row)
{
    set_text(row, "no", no);
    if (d->row.no)
        tell_state(c, &d->row, d->row.state, row);
    set_text(row, "msg", why->msg);
    set_sentence(c->svc, row, why->msg, why->item, why->item);
}

/* Nothing is written before all that could refuse was asked: what was decided before stands. */
static enum err decide_one_of(struct call *c, const char *no, json_t *row, bool *ret_decided, struct errinfo *reterr)
{
    struct decision d = { 0 };
    struct errinfo why = { 0 };
    enum case_state after;
    enum err e = weigh(c, no, true, &d, &why);
    bool decided = e == OK, refused = !decided && concerns_one(e, &why);
    set_bool(row, "decided", decided);
    if (decided) {
        e = settle(c, &d, &after, reterr);
        if (e == OK)
            tell_state(c, &d.row, after, row);
    } else if (refused) {
        tell_refused(c, no, &d, &why, row);
    } else {
        *reterr = why;
    }
    if (decided ? e == OK : refused)
        e = call_log_part(c, d.row.no ? d.row.no : "", refused ? err_name(why.code) : "ok", why.msg, reterr);
    decision_done(&d);
    *ret_decided = decided;
    return e;
}

enum err notice_decide_many(struct call *c, struct errinfo *reterr)
{
    const json_t *nos = call_json(c, "nos");
    int64_t most = rulebook_param_int(c->svc->book, "BATCH_DECIDE_MAX"), decided = 0;
    if ((int64_t)json_array_size(nos) > most)
        return call_refuse(reterr, E_INVALID, "S230", arena_printf(c->arena, "%lld", (long long)most));
    TRY(auth_again(c, call_text(c, "password"), reterr));
    json_t *rows = set_list(c->result, "rows");
    for (size_t i = 0; i < json_array_size(nos); i++) {
        bool done;
        TRY(decide_one_of(c, json_string_value(json_array_get(nos, i)), add_object(rows), &done, reterr));
        decided += done;
    }
    set_int(c->result, "decided", decided);
    set_int(c->result, "refused", (int64_t)json_array_size(nos) - decided);
    return OK;
}
