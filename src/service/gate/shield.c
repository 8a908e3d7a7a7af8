#include "service/shield.h"
#include "domain/fieldtype.h"
#include "domain/notice_points.h"
#include "domain/reason.h"
#include "gate/internal.h"
#include "service/present.h"
#include "store/people.h"
#include "store/replica.h"
#include "store/restriction.h"

#include <string.h>

#define S_PER_H 3600

/* Age of the list by the host's clock. A list from the future cannot be judged: as if there were none. */
static int64_t list_age(const struct call *c, const struct replica *r)
{
    if (r->list_ms == 0)
        return -1;
    int64_t age_ms = call_now(c) - r->skew_ms - r->list_ms;
    int64_t slack_ms = rulebook_param_int(c->svc->book, "CLOCK_DIFF_S") * SECOND_MS;
    if (age_ms < -slack_ms)
        return -1;
    return age_ms > 0 ? age_ms / SECOND_MS : 0;
}

enum err shield_open(struct call *c, struct shield *ret, struct errinfo *reterr)
{
    struct replica r = { 0 };
    TRY(replica_get(c->svc->db, &r, reterr));
    *ret = (struct shield){ .call = c, .list_age_s = list_age(c, &r), .may_see = call_may(c, "restrict.get") };
    return OK;
}

static struct restrict_query query(const struct shield *s, enum restrict_process p, const struct restriction_list *l)
{
    const struct rulebook *book = s->call->svc->book;
    return (struct restrict_query){ .process = p,
                                    .row = l->r,
                                    .n = l->n,
                                    .today = call_today(s->call),
                                    .now_ms = call_now(s->call),
                                    .list_age_s = s->list_age_s,
                                    .list_max_age_s = rulebook_param_int(book, "SUPP_MAX_H") * S_PER_H,
                                    .alert_months = (int)rulebook_param_int(book, "SUPPORT_ALERT_MONTHS"),
                                    .may_see_details = s->may_see,
                                    .request = s->request,
                                    .temp_max_ms = rulebook_param_int(book, "TEMP_RELEASE_MIN") * MINUTE_MS };
}

struct restrict_decision shield_of_nobody(const struct shield *s, enum restrict_process p)
{
    struct restriction_list none = { .n = 0 };
    struct restrict_query q = query(s, p, &none);
    return restrict_decide(&q);
}

bool shield_stale(const struct shield *s)
{
    return shield_of_nobody(s, RP_LIST).reason == RR_STALE;
}

/* Ways out on which the address of the household is told with the person. A certificate tells it too, and has a rule
 * of its own. */
static const bool tells_address[] = {
    [RP_ENTRY] = false, [RP_CERTIFICATE] = false, [RP_VIEW] = true,
    [RP_LIST] = true,   [RP_EXPORT] = true,       [RP_PHONE] = true,
};
_Static_assert(ARRAY_LEN(tells_address) == RP_COUNT, "a process has no row");

/* Of the others in the household what hides an address, and what is stopped for this way out: it must not be walked
 * round by way of a housemate. */
static enum err add_protection(struct db *db, const struct resident *r, enum restrict_process p,
                               struct restriction_list *l, struct errinfo *reterr)
{
    size_t n = l->n;
    TRY(restriction_of_members(db, resident_get(r, ATTR_HOUSEHOLD), r->id, l, reterr));
    size_t kept = n;
    for (size_t i = n; i < l->n; i++) {
        if (restrict_protects(l->r[i].kind) || l->r[i].level[p] == RL_ERROR)
            l->r[kept++] = l->r[i];
    }
    l->n = kept;
    return OK;
}

enum err shield_person(const struct shield *s, const struct resident *r, enum restrict_process p,
                       struct restrict_decision *ret, struct errinfo *reterr)
{
    struct restriction_list l = { .n = 0 };
    struct db *db = s->call->svc->db;
    MUST(p < RP_COUNT);
    enum err e = restriction_of(db, r->id, resident_get(r, ATTR_HOUSEHOLD), &l, reterr);
    if (e == OK && tells_address[p])
        e = add_protection(db, r, p, &l, reterr);
    if (e == OK) {
        struct restrict_query q = query(s, p, &l);
        *ret = restrict_decide(&q);
    }
    restriction_list_done(&l);
    return e;
}

/* What the others in the household say. */
static enum err housemates(const struct shield *s, const struct resident *r, enum restrict_process p,
                           struct restrict_decision *ret, struct errinfo *reterr)
{
    struct restriction_list l = { .n = 0 };
    enum err e = add_protection(s->call->svc->db, r, p, &l, reterr);
    if (e == OK) {
        struct restrict_query q = query(s, p, &l);
        *ret = restrict_decide(&q);
    }
    restriction_list_done(&l);
    return e;
}

enum err shield_certificate(const struct shield *s, const struct resident *r, struct restrict_decision *ret,
                            bool *ret_shared, struct errinfo *reterr)
{
    struct restrict_decision own, others;
    TRY(shield_person(s, r, RP_CERTIFICATE, &own, reterr));
    TRY(housemates(s, r, RP_CERTIFICATE, &others, reterr));
    bool shared = others.verdict == RV_REFUSE && others.reason != RR_STALE;
    bool approvable = strcmp(rulebook_param(s->call->svc->book, "SUPPORT_HOUSEHOLD_CERT"), "approve") == 0;
    *ret = shared && !approvable ? others : own;
    ret->temporary = own.temporary || others.temporary;
    *ret_shared = shared;
    return OK;
}

enum err shield_household(const struct shield *s, const char *household, enum restrict_process p,
                          struct restrict_decision *ret, struct errinfo *reterr)
{
    struct restriction_list l = { .n = 0 };
    struct db *db = s->call->svc->db;
    enum err e = restriction_of(db, NULL, household, &l, reterr);
    if (e == OK)
        e = restriction_of_members(db, household, NULL, &l, reterr);
    if (e == OK) {
        struct restrict_query q = query(s, p, &l);
        *ret = restrict_decide(&q);
    }
    restriction_list_done(&l);
    return e;
}

enum err shield_marked(const struct shield *s, const struct resident *r, bool *ret, struct errinfo *reterr)
{
    struct restriction_list l = { .n = 0 };
    bool marked = false;
    enum err e = restriction_of(s->call->svc->db, r->id, resident_get(r, ATTR_HOUSEHOLD), &l, reterr);
    for (size_t i = 0; i < l.n; i++)
        marked = marked || restrict_in_force(&l.r[i], call_today(s->call));
    restriction_list_done(&l);
    if (e == OK)
        *ret = marked;
    return e;
}

bool shield_withholds(enum attr a)
{
    static const bool withheld[ATTR_COUNT] = {
        [ATTR_HOUSEHOLD] = true,       [ATTR_HEAD_NAME] = true,     [ATTR_ALIAS_LOG] = true,
        [ATTR_DOMICILE] = true,        [ATTR_DOMICILE_HEAD] = true, [ATTR_ADDR_CODE] = true,
        [ATTR_ADDR_ZIP] = true,        [ATTR_ADDR_PREF] = true,     [ATTR_ADDR_CITY] = true,
        [ATTR_ADDR_TOWN] = true,       [ATTR_ADDR_LOT] = true,      [ATTR_ADDR_BUILDING] = true,
        [ATTR_PREV_ADDR] = true,       [ATTR_PREV_COUNTRY] = true,  [ATTR_PREV_HEAD] = true,
        [ATTR_LAST_REGISTERED] = true, [ATTR_MOVED_FROM] = true,    [ATTR_PLANNED_TO] = true,
        [ATTR_PLANNED_HEAD] = true,    [ATTR_FIXED_TO] = true,      [ATTR_REMARK] = true,
        [ATTR_EV_OFFICE] = true,       [ATTR_EV_TERMINAL] = true,   [ATTR_EV_NOTICE_NO] = true,
        [ATTR_EV_NOTE] = true,
    };
    MUST(a < ATTR_COUNT);
    return withheld[a];
}

enum err shield_refuse(struct errinfo *reterr)
{
    return call_refuse(reterr, E_DENIED, RESTRICT_MSG, NULL);
}

static bool good_reason(const struct call *c)
{
    const struct rulebook *book = c->svc->book;
    return reason_holds(span_of(call_text(c, "reason")), (int)rulebook_param_int(book, "REASON_MIN_CHARS"),
                        (int)rulebook_param_int(book, "REASON_MIN_LETTERS"));
}

enum err shield_reason(struct call *c, struct errinfo *reterr)
{
    const char *reason = call_text(c, "reason");
    c->log.reason = arena_strdup(c->arena, reason);
    return good_reason(c) ? OK : call_refuse(reterr, E_INVALID, "S007", "reason");
}

enum err shield_opening(struct call *c, const char *id, struct errinfo *reterr)
{
    size_t nth = usage_nth(c, id);
    if ((int64_t)nth <= rulebook_param_int(c->svc->book, "VIEW_PER_H"))
        return OK;
    c->log.detail = arena_printf(c->arena, "mass %zu", nth);
    if (*call_text(c, "reason") == '\0')
        return call_refuse(reterr, E_DENIED, "S062", "reason");
    return shield_reason(c, reterr);
}

enum err shield_off_lists(const struct shield *s, const struct resident *r, bool *ret, struct errinfo *reterr)
{
    struct restrict_decision d;
    TRY(shield_person(s, r, RP_LIST, &d, reterr));
    *ret = d.verdict == RV_REFUSE;
    return OK;
}

enum err shield_add_name(const struct shield *s, json_t *list, const char *id, struct errinfo *reterr)
{
    struct resident *r = NULL;
    bool hidden = true;
    enum err e = people_by_id(s->call->svc->db, id, &r, reterr);
    if (e == E_NOTFOUND)
        return OK;
    if (e == OK)
        e = shield_off_lists(s, r, &hidden, reterr);
    if (e == OK && !hidden)
        add_text(list, present_name(r));
    resident_free(r);
    return e;
}

/* ---- notices ---- */

bool shield_hidden(const struct shield *s, const struct restrict_decision *view)
{
    bool protects = view->reason == RR_SUPPORT || view->reason == RR_PROVISIONAL;
    return view->verdict == RV_REFUSE || (s->may_see && protects && !good_reason(s->call));
}

static enum err hides(const struct shield *s, const char *id, bool listed, bool *ret, struct errinfo *reterr)
{
    struct resident *r = NULL;
    struct restrict_decision d;
    enum err e = people_by_id(s->call->svc->db, id, &r, reterr);
    if (e == E_NOTFOUND)
        return OK;
    if (e == OK)
        e = shield_person(s, r, listed ? RP_LIST : RP_VIEW, &d, reterr);
    if (e == OK)
        *ret = listed ? d.verdict == RV_REFUSE : shield_hidden(s, &d);
    resident_free(r);
    return e;
}

enum err shield_hides_one(const struct shield *s, const struct idlist *people, bool listed, bool *ret,
                          struct errinfo *reterr)
{
    *ret = false;
    for (size_t i = 0; i < people->n && !*ret; i++)
        TRY(hides(s, people->id[i], listed, ret, reterr));
    return OK;
}

enum err shield_hides_household(const struct shield *s, const char *household, bool *ret, struct errinfo *reterr)
{
    struct restrict_decision d;
    *ret = false;
    if (*household == '\0')
        return OK;
    TRY(shield_household(s, household, RP_VIEW, &d, reterr));
    *ret = shield_hidden(s, &d);
    return OK;
}

bool shield_withholds_field(const struct field *f)
{
    static const bool tells_place[FT_COUNT] = { [FT_HOUSEHOLD] = true, [FT_ZIP] = true, [FT_TOWN] = true };
    bool of_record = f->attr < ATTR_COUNT;
    return tells_place[f->type] || (of_record ? shield_withholds(f->attr) : f->type == FT_TEXT);
}

bool shield_veils(const char *msg)
{
    static const char *const compared[] = { "E31", "E32", "E33", "E34", "S207", "W34" };
    for (size_t i = 0; i < ARRAY_LEN(compared); i++)
        if (strcmp(compared[i], msg) == 0)
            return true;
    return false;
}

enum err shield_checking(struct call *c, const struct idlist *people, const struct idlist *households,
                         struct errinfo *reterr)
{
    const struct idlist *const lists[] = { people, households };
    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < lists[l]->n; i++)
            TRY(usage_check(c, lists[l]->id[i], reterr));
    return OK;
}
