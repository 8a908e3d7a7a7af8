/*
 * After a stop (復旧処理, S-34): a trial run that changes nothing, then the posting in the order of receipt. What is
 * taken up gets its numbers in one transaction; sending it is the sync engine's, and goes on by itself after any crash.
 */
#include "base/mem.h"
#include "domain/finding.h"
#include "domain/replay.h"
#include "engine/sync_in.h"
#include "methods.h"
#include "notice/notice_work.h"
#include "outage/outage_work.h"
#include "service/password.h"
#include "service/shield.h"
#include "store/certs.h"
#include "store/host_case.h"
#include "store/outage_book.h"
#include "store/outbox_send.h"
#include "store/outbox_wait.h"
#include "store/people.h"

#include <stdlib.h>
#include <string.h>

/* ---- the queue ---- */

enum verdict { V_OK, V_WARN, V_CONFLICT, V_REFUSED, V_WAIT, VERDICTS };
static const struct {
    const char *name, *label;
} VERDICT[] = {
    [V_OK] = { "ok", "反映できる" },         [V_WARN] = { "warn", "確認のうえ反映" },
    [V_CONFLICT] = { "conflict", "競合" },   [V_REFUSED] = { "refused", "問題あり" },
    [V_WAIT] = { "wait", "前の届出を待つ" },
};
_Static_assert(ARRAY_LEN(VERDICT) == VERDICTS, "a verdict has no row");

struct item {
    int64_t id;
    char *kind, *lane, *no, *received_at;
    json_t *payload;
    enum verdict verdict;
    const char *text; /* message id; lives as long as the call */
    char *about;
};
struct queue {
    struct call *call;
    const struct outage *outage;
    struct item *it;
    size_t n;
    struct replay_item *order; /* it in the order of the replay */
};

static void queue_done(struct queue *q)
{
    for (size_t i = 0; i < q->n; i++) {
        free(q->it[i].kind);
        free(q->it[i].lane);
        free(q->it[i].no);
        free(q->it[i].received_at);
        wipe_str(q->it[i].about);
        json_decref(q->it[i].payload);
    }
    free(q->it);
    free(q->order);
}

static enum err keep_item(void *arg, const struct waiting *w, struct errinfo *reterr)
{
    struct queue *q = arg;
    (void)reterr;
    q->it = xrealloc(q->it, q->n + 1, sizeof *q->it);
    q->it[q->n++] = (struct item){ .id = w->id,
                                   .kind = xstrdup(w->kind),
                                   .lane = xstrdup(w->lane),
                                   .no = xstrdup(w->subject),
                                   .received_at = xstrdup(w->received_at),
                                   .payload = json_loads(w->payload, 0, NULL) };
    return OK;
}

static const struct kind *kind_of(const struct queue *q, const struct item *it)
{
    const char *id = json_string_value(json_object_get(it->payload, "kind"));
    return id ? kind_find(&q->call->svc->book->kinds, id) : NULL;
}

static enum err sort(struct queue *q, struct errinfo *reterr)
{
    q->order = xcalloc(q->n ? q->n : 1, sizeof *q->order);
    for (size_t i = 0; i < q->n; i++) {
        const struct item *it = &q->it[i];
        const struct kind *k = kind_of(q, it);
        int64_t ms = 0;
        TRY(clock_parse(it->received_at, &ms, reterr));
        q->order[i] = (struct replay_item){ .received_ms = ms,
                                            .order = replay_class_of(k ? k->journal : ""),
                                            .office = q->call->svc->id.office,
                                            .notice_no = it->no,
                                            .made = it->id,
                                            .lane = it->lane,
                                            .at = i };
    }
    replay_sort(q->order, q->n);
    return OK;
}

static enum err queue_read(struct call *c, const struct outage *o, struct queue *ret, struct errinfo *reterr)
{
    *ret = (struct queue){ .call = c, .outage = o };
    enum err e = outbox_waiting(c->svc->db, o->no, keep_item, ret, reterr);
    return e == OK ? sort(ret, reterr) : e;
}

/* ---- the trial ---- */

static void judge(struct item *it, enum verdict v, const char *msg, const char *about)
{
    if (it->verdict >= v && it->verdict != V_OK)
        return;
    it->verdict = v;
    it->text = msg;
    wipe_str(it->about);
    it->about = xstrdup(about);
}

/* Rows it was based on, against those there are now. */
static enum err compare_bases(struct queue *q, struct item *it, struct errinfo *reterr)
{
    size_t i;
    json_t *b;
    json_array_foreach (json_object_get(it->payload, "base"), i, b) {
        struct resident *r = NULL;
        const char *id = json_string_value(json_object_get(b, "id"));
        enum err e = id ? people_by_id(q->call->svc->db, id, &r, reterr) : E_NOTFOUND;
        if (e == OK && r->rev > json_integer_value(json_object_get(b, "rev")))
            judge(it, V_CONFLICT, resident_living(r) ? "S460" : "S548", id);
        resident_free(r);
        if (e != OK && e != E_NOTFOUND)
            return e;
    }
    return OK;
}

struct elsewhere {
    struct item *it;
};

static void see_case(void *arg, const struct host_case *c)
{
    struct elsewhere *x = arg;
    judge(x->it, V_WARN, "S549", c->no);
}

/* Somebody else is working on the same person. */
static enum err look_elsewhere(struct queue *q, struct item *it, struct errinfo *reterr)
{
    size_t i;
    json_t *b;
    struct elsewhere x = { it };
    json_array_foreach (json_object_get(it->payload, "base"), i, b) {
        const char *id = json_string_value(json_object_get(b, "id"));
        if (id)
            TRY(host_case_of(q->call->svc->db, id, q->call->svc->id.office, see_case, &x, reterr));
    }
    return OK;
}

/* The checks of the notice on what is there now. */
static enum err check_again(struct queue *q, struct item *it, struct errinfo *reterr)
{
    struct case_row row = { 0 };
    struct notice_work w = { 0 };
    enum err e = case_get(q->call->svc->db, it->no, &row, reterr);
    if (e == OK)
        e = notice_work_case(q->call, &row, &w, reterr);
    if (e == OK)
        e = notice_work_look(&w, reterr);
    notice_work_veil(&w);
    for (size_t i = 0; e == OK && i < w.findings.n; i++) {
        const struct finding *f = &w.findings.f[i];
        if (rulebook_is_error(q->call->svc->book, f->msg))
            judge(it, V_REFUSED, arena_strdup(q->call->arena, f->msg), f->about ? f->about : "");
    }
    notice_work_done(&w);
    case_row_done(&row);
    return e == E_NOTFOUND ? OK : e;
}

/* A notice counts once: by the last that was done to it. */
static bool last_of_notice(const struct queue *q, size_t at)
{
    const char *no = q->it[q->order[at].at].no;
    for (size_t i = at + 1; i < q->n; i++)
        if (strcmp(q->it[q->order[i].at].no, no) == 0)
            return false;
    return true;
}

static enum err try_item(struct queue *q, size_t at, struct errinfo *reterr)
{
    struct item *it = &q->it[q->order[at].at];
    size_t before = replay_predecessor(q->order, at);
    if (last_of_notice(q, at) && strcmp(it->kind, "notice.withdraw") != 0) {
        TRY(compare_bases(q, it, reterr));
        TRY(look_elsewhere(q, it, reterr));
        if (it->verdict != V_CONFLICT)
            TRY(check_again(q, it, reterr));
    }
    while (before != SIZE_MAX && strcmp(q->it[q->order[before].at].no, it->no) == 0)
        before = replay_predecessor(q->order, before);
    if (before != SIZE_MAX && it->verdict == V_OK && q->it[q->order[before].at].verdict != V_OK)
        judge(it, V_WAIT, "S550", q->it[q->order[before].at].no);
    return OK;
}

static enum err try_all(struct queue *q, struct errinfo *reterr)
{
    for (size_t i = 0; i < q->n; i++)
        TRY(try_item(q, i, reterr));
    return OK;
}

/* ---- telling ---- */

static enum err add_persons(const struct shield *s, json_t *list, const json_t *payload, struct errinfo *reterr)
{
    size_t i;
    json_t *b;
    json_array_foreach (json_object_get(payload, "base"), i, b) {
        const char *id = json_string_value(json_object_get(b, "id"));
        if (id) {
            call_subject(s->call, id);
            TRY(shield_add_name(s, list, id, reterr));
        }
    }
    return OK;
}

static enum err tell_item(const struct queue *q, const struct shield *s, const struct item *it, int64_t n, json_t *rows,
                          struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    json_t *row = add_object(rows);
    if (it->text)
        rulebook_text(q->call->svc->book, it->text, "", it->about, &text);
    set_int(row, "n", n);
    set_int(row, "op", it->id);
    set_text(row, "kind", it->kind);
    set_text(row, "title", op_title(q->call, it->kind, it->payload));
    set_text(row, "no", it->no);
    set_text(row, "received_at", it->received_at);
    set_text(row, "verdict", VERDICT[it->verdict].name);
    set_text(row, "verdict_label", VERDICT[it->verdict].label);
    set_text(row, "text", buf_str(&text));
    buf_done(&text);
    return add_persons(s, set_list(row, "persons"), it->payload, reterr);
}

static void add_total(json_t *list, const char *label, int64_t value)
{
    json_t *row = add_object(list);
    set_text(row, "label", label);
    set_int(row, "value", value);
}

static enum err tell_totals(const struct queue *q, struct errinfo *reterr)
{
    struct outbox_counts n;
    int64_t by[VERDICTS] = { 0 };
    json_t *list = set_list(q->call->result, "totals");
    for (size_t i = 0; i < q->n; i++)
        if (last_of_notice(q, i))
            by[q->it[q->order[i].at].verdict]++;
    for (int v = 0; v < VERDICTS; v++)
        add_total(list, VERDICT[v].label, by[v]);
    TRY(outbox_count(q->call->svc->db, q->outage->no, &n, reterr));
    add_total(list, "送信中", n.n[OP_PENDING] + n.n[OP_INFLIGHT]);
    add_total(list, "保留", n.n[OP_HELD]);
    add_total(list, "本庁での競合", n.n[OP_CONFLICT]);
    add_total(list, "反映済", n.n[OP_APPLIED] + n.n[OP_DURABLE]);
    return OK;
}

static enum err tell_plan(struct queue *q, struct errinfo *reterr)
{
    struct shield s;
    int64_t n = 0;
    json_t *rows = set_list(q->call->result, "rows");
    TRY(shield_open(q->call, &s, reterr));
    for (size_t i = 0; i < q->n; i++)
        if (last_of_notice(q, i))
            TRY(tell_item(q, &s, &q->it[q->order[i].at], ++n, rows, reterr));
    return tell_totals(q, reterr);
}

/* ---- certificates of the stop ---- */

struct comparison {
    struct call *call;
    struct buf changed; /* 宛名番号 */
    char issued_on[DATE_TEXT];
    enum err err;
    struct errinfo *reterr;
};

/* Was there a newer row when the certificate was issued, made by anybody but the notices of this stop? */
static enum err changed_before(struct comparison *x, const char *id, int64_t rev, bool *ret)
{
    struct resident *r = NULL;
    enum err e = OK;
    *ret = false;
    for (int64_t next = rev + 1; e == OK && !*ret; next++) {
        e = people_at_rev(x->call->svc->db, id, next, &r, x->reterr);
        if (e != OK)
            break;
        const char *on = resident_get(r, ATTR_EV_PROCESSED_ON), *no = resident_get(r, ATTR_EV_NOTICE_NO);
        bool ours = false;
        struct case_row row = { 0 };
        if (*no && case_get(x->call->svc->db, no, &row, NULL) == OK)
            ours = *row.outage_no != '\0';
        case_row_done(&row);
        *ret = !ours && strcmp(on, x->issued_on) <= 0;
        resident_free(r);
        r = NULL;
    }
    return e == E_NOTFOUND ? OK : e;
}

static void compare_person(void *arg, const char *person, int64_t rev)
{
    struct comparison *x = arg;
    bool changed = false;
    if (x->err != OK)
        return;
    x->err = changed_before(x, person, rev, &changed);
    if (changed)
        buf_printf(&x->changed, "%s%s", x->changed.len ? " " : "", person);
}

struct certs {
    char (*no)[64];
    int64_t *issued_ms;
    size_t n;
};

static void keep_cert(void *arg, const struct book_cert *b)
{
    struct certs *all = arg;
    if (*b->settled_by)
        return;
    all->no = xrealloc(all->no, all->n + 1, sizeof *all->no);
    all->issued_ms = xrealloc(all->issued_ms, all->n + 1, sizeof *all->issued_ms);
    memccpy(all->no[all->n], b->cert_no, '\0', sizeof all->no[0] - 1);
    all->no[all->n][sizeof all->no[0] - 1] = '\0';
    all->issued_ms[all->n++] = b->issued_ms;
}

static enum err compare_cert(struct call *c, const struct outage *o, const char *no, int64_t issued_ms,
                             struct errinfo *reterr)
{
    struct comparison x = { .call = c, .reterr = reterr };
    struct date d = date_of_ms(issued_ms);
    date_text(d, x.issued_on);
    enum err e = cert_issue_persons(c->svc->db, no, compare_person, &x, reterr);
    if (e == OK)
        e = x.err;
    if (e == OK)
        e = book_cert_found(c->svc->db, o->no, no, buf_str(&x.changed), reterr);
    buf_done(&x.changed);
    return e;
}

enum err replay_recheck(struct call *c, const struct outage *o, struct errinfo *reterr)
{
    struct certs all = { .n = 0 };
    int64_t open = 0;
    TRY(outage_grey_check(c->svc->db, o->no, &open, reterr));
    enum err e = book_certs(c->svc->db, o->no, keep_cert, &all, reterr);
    for (size_t i = 0; e == OK && i < all.n; i++)
        e = compare_cert(c, o, all.no[i], all.issued_ms[i], reterr);
    free(all.no);
    free(all.issued_ms);
    return e;
}

/* ---- methods ---- */

static enum err plan(struct call *c, const struct outage *o, struct errinfo *reterr)
{
    struct queue q;
    enum err e = queue_read(c, o, &q, reterr);
    if (e == OK)
        e = replay_recheck(c, o, reterr);
    if (e == OK)
        e = try_all(&q, reterr);
    if (e == OK)
        e = tell_plan(&q, reterr);
    queue_done(&q);
    return e;
}

static enum err replay_plan(struct call *c, struct errinfo *reterr)
{
    struct outage o;
    TRY(stop_open(c, &o, reterr));
    c->log.ticket = arena_strdup(c->arena, o.no);
    enum err e = plan(c, &o, reterr);
    outage_done(&o);
    return e;
}

/* Who confirms has typed in none of it. */
static enum err check_entrants(const struct queue *q, const char *second, struct errinfo *reterr)
{
    for (size_t i = 0; i < q->n; i++) {
        const char *by = json_string_value(json_object_get(q->it[i].payload, "entered_by"));
        if (by && strcmp(by, second) == 0)
            return call_refuse(reterr, E_DENIED, "S545", q->it[i].no);
    }
    return OK;
}

static enum err take_up(struct queue *q, struct errinfo *reterr)
{
    for (size_t i = 0; i < q->n; i++) {
        int64_t seq = 0;
        TRY(outbox_take_up(q->call->svc->db, q->it[q->order[i].at].id, &seq, reterr));
    }
    set_int(q->call->result, "taken", (int64_t)q->n);
    return OK;
}

static void send_now(struct call *c)
{
    if (sync_engine(c))
        engine_round_now(sync_engine(c));
}

static enum err commit(struct call *c, const struct outage *o, struct errinfo *reterr)
{
    struct queue q;
    const char *second;
    unsigned roles = 0;
    TRY(stop_confirm(c, c->method->name, true, &second, &roles, reterr));
    TRY(stop_level(c, reterr));
    enum err e = queue_read(c, o, &q, reterr);
    if (e == OK)
        e = check_entrants(&q, second, reterr);
    if (e == OK)
        e = replay_recheck(c, o, reterr);
    if (e == OK)
        e = take_up(&q, reterr);
    if (e == OK)
        e = tell_totals(&q, reterr);
    queue_done(&q);
    return e;
}

/* Commit and resume are one: what was taken up before is on its way already, what came later is taken up now. */
static enum err replay_commit(struct call *c, struct errinfo *reterr)
{
    struct outage o;
    TRY(stop_open(c, &o, reterr));
    c->log.ticket = arena_strdup(c->arena, o.no);
    c->committed = send_now;
    enum err e = commit(c, &o, reterr);
    outage_done(&o);
    return e;
}

static const struct param_spec TWO[] = { { "approver", P_ID, true, 32, NULL },
                                         { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
                                         { 0 } };

static const struct method m_replay_rows[] = {
    { .name = "replay.plan",
      .summary = "復旧で反映するものを受付の順に並べ、いまの副本で試した結果を返します。何も変えません。",
      .result = "rows[{n,op,kind,title,no,received_at,persons[],verdict,verdict_label,text}], totals[{label,value}]",
      .action = "list",
      .states = IN_OUTAGE | IN_RECOVERING,
      .flags = M_LOOKUP,
      .run = replay_plan },
    { .name = "replay.commit",
      .summary = "受付の順に番号を付け、本庁に送ります。入力した人と別の承認者が確かめます。",
      .result = "taken, totals[{label,value}]",
      .action = "add",
      .states = IN_RECOVERING,
      .params = TWO,
      .run = replay_commit },
    { .name = "replay.resume",
      .summary = "止まったところから続けます。後から入力したものも送ります。",
      .result = "taken, totals[{label,value}]",
      .action = "add",
      .states = IN_RECOVERING,
      .params = TWO,
      .run = replay_commit },
};
METHOD_TABLE(m_replay);
