#include "notice/notice_work.h"
#include "base/mem.h"
#include "domain/fieldtype.h"
#include "domain/notice_calendar.h"
#include "domain/notice_check.h"
#include "domain/notice_points.h"
#include "service/present.h"
#include "store/drafts.h"
#include "store/people.h"

#include <stdlib.h>
#include <string.h>

void notice_work_done(struct notice_work *w)
{
    notice_free(w->notice);
    idlist_done(&w->people);
    idlist_done(&w->households);
    idlist_done(&w->bound);
    idlist_done(&w->also);
    resident_list_done(&w->world.people);
    resident_list_done(&w->world.similar);
    findings_done(&w->findings);
    changes_done(&w->made);
}

/* ---- reading ---- */

/* What the clerk typed, in the one way of writing of its field. */
static void put_value(struct notice_work *w, const struct rulebook *book, const json_t *v)
{
    const char *s = json_string_value(json_object_get(v, "s")), *f = json_string_value(json_object_get(v, "f"));
    const char *text = json_string_value(json_object_get(v, "v"));
    const struct section *section = kind_section(w->kind, s);
    const struct field *field = section ? section_field(section, f) : NULL;
    int row = (int)json_integer_value(json_object_get(v, "r"));
    struct buf canonical = BUF_INIT;
    if (field && text && *text)
        value_typed(field, book, text, &canonical);
    else
        buf_adds(&canonical, text ? text : "");
    notice_set(w->notice, s, row, f, buf_str(&canonical));
    buf_done(&canonical);
}

static void start_work(struct call *c, const struct kind *k, struct notice_work *w)
{
    *w = (struct notice_work){ .call = c, .kind = k, .own_no = "", .received_ms = call_now(c) };
}

enum err notice_work_read(struct call *c, const char *kind, const json_t *values, struct notice_work *ret,
                          struct errinfo *reterr)
{
    const struct kind *k = kind_find(&c->svc->book->kinds, kind);
    if (!k)
        return call_refuse(reterr, E_NOTFOUND, "S221", "kind");
    start_work(c, k, ret);
    ret->notice = notice_new(kind);
    for (size_t i = 0; i < json_array_size(values); i++)
        put_value(ret, c->svc->book, json_array_get(values, i));
    notice_calendar(k, c->svc->book, ret->notice);
    return OK;
}

enum err notice_work_case(struct call *c, const struct case_row *row, struct notice_work *ret, struct errinfo *reterr)
{
    const struct kind *k = kind_find(&c->svc->book->kinds, row->kind);
    if (!k)
        return call_refuse(reterr, E_NOTFOUND, "S219", row->kind);
    start_work(c, k, ret);
    ret->own_no = arena_strdup(c->arena, row->no);
    ret->received_ms = row->received_ms;
    return case_values(c->svc->db, row, &ret->notice, reterr);
}

void notice_values_json(const struct notice *n, json_t *list)
{
    for (size_t i = 0; i < n->n; i++) {
        json_t *v = add_object(list);
        set_text(v, "s", n->v[i].section);
        set_int(v, "r", n->v[i].row);
        set_text(v, "f", n->v[i].field);
        set_text(v, "v", n->v[i].text);
    }
}

/* ---- the part of the register ---- */

const char *received_day(int64_t ms, char ret[DATE_TEXT])
{
    date_text(date_of_ms(ms), ret);
    return ret;
}

static enum err add_similar(struct notice_work *w, const struct idlist *ids, struct errinfo *reterr)
{
    for (size_t i = 0; i < ids->n; i++) {
        struct resident *r = NULL;
        if (resident_list_find(&w->world.similar, ids->id[i]))
            continue;
        TRY(people_by_id(w->call->svc->db, ids->id[i], &r, reterr));
        resident_list_add(&w->world.similar, r);
    }
    return OK;
}

static enum err find_similar(struct notice_work *w, const struct identity *who, struct errinfo *reterr)
{
    struct db *db = w->call->svc->db;
    struct idlist ids = { 0 };
    struct datex born;
    enum err e = OK;
    if (*who->my_number)
        e = people_by_number(db, ATTR_MY_NUMBER, who->my_number, &ids, reterr);
    if (e == OK && *who->resident_code)
        e = people_by_number(db, ATTR_RESIDENT_CODE, who->resident_code, &ids, reterr);
    if (e == OK && *who->card_no)
        e = people_by_number(db, ATTR_CARD_NO, who->card_no, &ids, reterr);
    bool three = *who->name && datex_read(who->birth_on, &w->call->svc->book->eras, &born, NULL) == OK;
    if (e == OK && three)
        e = people_same(db, who->name, born.sort, who->sex, &ids, reterr);
    if (e == OK)
        e = add_similar(w, &ids, reterr);
    idlist_done(&ids);
    return e;
}

static enum err load_world(struct notice_work *w, struct errinfo *reterr)
{
    struct identity *who = NULL;
    size_t n = 0;
    TRY(notice_touches(w->kind, w->notice, &w->people, &w->households, reterr));
    TRY(people_world(w->call->svc->db, &w->people, &w->households, &w->world, reterr));
    TRY(notice_identities(w->kind, w->notice, &who, &n, reterr));
    enum err e = OK;
    for (size_t i = 0; i < n && e == OK; i++)
        e = find_similar(w, &who[i], reterr);
    free(who);
    return e;
}

/* ---- what only the service can say ---- */

/* First row and field that names the person. */
static void report_person(struct notice_work *w, const char *msg, const struct resident *r)
{
    const char *name = present_name(r);
    for (size_t i = 0; i < w->kind->n; i++) {
        const struct section *s = &w->kind->s[i];
        const struct field *f = section_field_of_type(s, FT_PERSON);
        for (int row = 0; f && row < notice_rows(w->notice, s->id); row++)
            if (strcmp(notice_get(w->notice, s->id, row, f->key), r->id) == 0) {
                findings_add(&w->findings, msg, s->id, row, f->key, name);
                return;
            }
    }
    findings_add(&w->findings, msg, "", 0, "", name);
}

static bool of_support(const struct restrict_decision *d)
{
    return d->reason == RR_SUPPORT || d->reason == RR_PROVISIONAL;
}

/* Restrictions on one person of the world. Alerts name nobody: whom it is about is for the responsible to know. */
static enum err check_restrictions(struct notice_work *w, const struct shield *s, const struct resident *r,
                                   struct errinfo *reterr)
{
    struct restrict_decision entry, view;
    TRY(shield_person(s, r, RP_ENTRY, &entry, reterr));
    TRY(shield_person(s, r, RP_VIEW, &view, reterr));
    if (entry.verdict == RV_REFUSE)
        report_person(w, "E13", r);
    if (of_support(&entry) || of_support(&view))
        findings_add(&w->findings, "W06", "", 0, "", NULL);
    else if (entry.verdict == RV_ALERT)
        findings_add(&w->findings, entry.reason == RR_STALE ? "W72" : "W07", "", 0, "", NULL);
    w->hidden = w->hidden || shield_hidden(s, &view);
    if (s->may_see && of_support(&view))
        w->call->log.reason = arena_strdup(w->call->arena, call_text(w->call, "reason"));
    return OK;
}

static enum err check_all_restrictions(struct notice_work *w, struct errinfo *reterr)
{
    struct shield s;
    bool other = false;
    TRY(shield_open(w->call, &s, reterr));
    for (size_t i = 0; i < w->world.people.n; i++)
        TRY(check_restrictions(w, &s, w->world.people.r[i], reterr));
    TRY(shield_hides_one(&s, &w->also, false, &other, reterr));
    w->hidden = w->hidden || other;
    return OK;
}

/* ---- what is told of it ---- */

#define SOMEBODY "○" /* in place of a name or number */

static bool of_register(const struct notice_work *w, const struct finding *f)
{
    const struct resident_list *const lists[] = { &w->world.people, &w->world.similar };
    for (size_t l = 0; f->about && l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < lists[l]->n; i++)
            if (strcmp(f->about, present_name(lists[l]->r[i])) == 0 ||
                strcmp(f->about, resident_shown_name(lists[l]->r[i])) == 0)
                return true;
    return strcmp(f->msg, "W04") == 0; /* how many are left */
}

void notice_work_veil(struct notice_work *w)
{
    struct findings told = { .n = 0 };
    if (!w->hidden)
        return;
    for (size_t i = 0; i < w->findings.n; i++) {
        const struct finding *f = &w->findings.f[i];
        if (!shield_veils(f->msg))
            findings_add(&told, f->msg, f->section, f->row, f->field, of_register(w, f) ? SOMEBODY : f->about);
    }
    findings_done(&w->findings);
    w->findings = told;
}

static void add_made(void *arg, const struct case_event *ev)
{
    json_t *detail = ev->step == STEP_POST && *ev->detail ? json_loads(ev->detail, 0, NULL) : NULL, *row;
    size_t i;
    json_array_foreach (json_object_get(detail, "rows"), i, row) {
        const char *id = json_string_value(json_object_get(row, "id"));
        if (id && strlen(id) <= PERSON_ID_MAX)
            idlist_add(arg, id);
    }
    json_decref(detail);
}

enum err notice_work_persons(struct call *c, const struct case_row *row, struct idlist *ret, struct errinfo *reterr)
{
    struct case_base *base = NULL;
    size_t n = 0;
    TRY(case_bases(c->svc->db, row, &base, &n, reterr));
    for (size_t i = 0; i < n; i++)
        idlist_add(ret, base[i].id);
    free(base);
    return case_events(c->svc->db, row->no, add_made, ret, reterr);
}

static enum err check_open_cases(struct notice_work *w, struct errinfo *reterr)
{
    for (size_t i = 0; i < w->bound.n; i++) {
        char no[CASE_NO_MAX + 1];
        TRY(case_of_person(w->call->svc->db, w->bound.id[i], no, reterr));
        const struct resident *r = resident_list_find(&w->world.people, w->bound.id[i]);
        if (*no && strcmp(no, w->own_no) != 0 && r)
            report_person(w, "E14", r);
    }
    return OK;
}

/* Who is typing about the same people at another desk. */
static enum err check_locks(struct notice_work *w, struct errinfo *reterr)
{
    for (size_t i = 0; i < w->people.n; i++) {
        struct edit_lock l;
        bool held = false;
        TRY(lock_holder(w->call->svc->db, LOCK_PERSON, w->people.id[i], &l, &held, reterr));
        const struct resident *r = resident_list_find(&w->world.people, w->people.id[i]);
        if (held && r && strcmp(l.operator_id, call_operator(w->call)) != 0)
            report_person(w, "S218", r);
    }
    return OK;
}

/* Persons named or changed who are in the register already. */
static void bind_people(struct notice_work *w)
{
    for (size_t i = 0; i < w->people.n; i++)
        if (resident_list_find(&w->world.people, w->people.id[i]))
            idlist_add(&w->bound, w->people.id[i]);
    for (size_t i = 0; i < w->made.rows.n; i++)
        if (resident_list_find(&w->world.people, w->made.rows.r[i]->id))
            idlist_add(&w->bound, w->made.rows.r[i]->id);
    for (size_t i = 0; i < w->bound.n; i++)
        call_subject(w->call, w->bound.id[i]);
}

enum err notice_work_look(struct notice_work *w, struct errinfo *reterr)
{
    struct service *svc = w->call->svc;
    struct errinfo why;
    w->ctx = (struct effect_ctx){ .book = svc->book,
                                  .today = call_today(w->call),
                                  .received = date_of_ms(w->received_ms),
                                  .office = svc->id.office_name,
                                  .terminal = svc->id.terminal,
                                  .numbers = trial_source(&w->numbers),
                                  .outage = service_counter_state(svc) == COUNTER_OUTAGE };
    TRY(load_world(w, reterr));
    TRY(notice_check(w->kind, w->notice, &w->world, &w->ctx, &w->findings, reterr));
    w->tried = effect_all(w->kind, w->notice, &w->world, &w->ctx, &w->made, &why) == OK;
    bind_people(w);
    TRY(check_all_restrictions(w, reterr));
    TRY(check_open_cases(w, reterr));
    return check_locks(w, reterr);
}

/* ---- may it go on? ---- */

static bool acknowledged(const char *msg, const char *const *acks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(acks[i], msg) == 0)
            return true;
    return false;
}

enum err notice_work_passes(const struct notice_work *w, const char *const *acks, size_t n, struct errinfo *reterr)
{
    const struct findings *f = &w->findings;
    for (size_t i = 0; i < f->n; i++)
        if (rulebook_is_error(w->call->svc->book, f->f[i].msg))
            return call_refuse(reterr, E_INVALID, "S222", f->f[i].msg);
    for (size_t i = 0; i < f->n; i++)
        if (!acknowledged(f->f[i].msg, acks, n) && !(w->hidden && shield_veils(f->f[i].msg)))
            return call_refuse(reterr, E_INVALID, "S217", f->f[i].msg);
    return OK;
}
