/*
 * Look-ups of residents and households (SC03–SC06). Nothing leaves without the shield; an item whose view the operator
 * does not have is not rendered. Source: spec/domain.md D.1, E.4, E.5; 標準仕様書 2.1, 3.4, 10.4.
 */
#include "base/utf8.h"
#include "domain/address.h"
#include "domain/household.h"
#include "domain/kana.h"
#include "domain/state.h"
#include "methods.h"
#include "service/present.h"
#include "service/shield.h"
#include "store/drafts.h"
#include "store/notices.h"
#include "store/people.h"
#include "store/replica.h"

#include <limits.h>
#include <string.h>

/* ---- numbers as they are typed ---- */

/* 宛名番号 and 世帯番号 may be typed without the zeros in front. */
static char *padded(struct call *c, const char *number)
{
    size_t n = strlen(number);
    if (n >= PERSON_ID_MAX || strspn(number, "0123456789") != n)
        return NULL;
    return arena_printf(c->arena, "%.*s%s", (int)(PERSON_ID_MAX - n), "000000000000000", number);
}

static enum err find_person(struct call *c, const char *number, struct resident **ret, struct errinfo *reterr)
{
    enum err e = people_by_id(c->svc->db, number, ret, reterr);
    const char *longer = e == E_NOTFOUND ? padded(c, number) : NULL;
    if (longer != NULL)
        e = people_by_id(c->svc->db, longer, ret, reterr);
    if (e == E_NOTFOUND) { /* the log names whom nobody is: a walk through the numbers is seen */
        call_subject(c, longer != NULL ? longer : number);
        return call_refuse(reterr, E_NOTFOUND, "S113", number);
    }
    return e;
}

/* ---- resident.search ---- */

struct finder {
    struct shield shield;
    bool by_place;                     /* asked where somebody lives: finding a person is telling the address */
    struct restrict_decision unmarked; /* of persons whom nothing restricts */
    struct judged {                    /* by place: what was found out of each row that is not hidden, in order */
        char id[PERSON_ID_MAX + 1];
        struct people_around around;
        struct restrict_decision decision;
    } * judged; /* arena */
    size_t n_judged, cap_judged, told;
};

static void keep(struct finder *f, const char *id, const struct people_around *around,
                 const struct restrict_decision *d)
{
    if (f->n_judged == f->cap_judged) {
        f->cap_judged = f->cap_judged ? f->cap_judged * 2 : 64;
        struct judged *more = arena_array(f->shield.call->arena, f->cap_judged, sizeof *more);
        if (f->n_judged)
            memcpy(more, f->judged, f->n_judged * sizeof *more);
        f->judged = more;
    }
    struct judged *j = &f->judged[f->n_judged++];
    snprintf(j->id, sizeof j->id, "%s", id);
    j->around = *around;
    j->decision = *d;
}

/* Rows are told in the order in which they were judged; those before the page are passed over. */
static const struct judged *kept(struct finder *f, const char *id)
{
    while (f->told < f->n_judged && strcmp(f->judged[f->told].id, id) != 0)
        f->told++;
    return f->told < f->n_judged ? &f->judged[f->told] : NULL;
}

static enum err judge(const struct finder *f, const struct resident *r, struct people_around *ret_around,
                      struct restrict_decision *ret, struct errinfo *reterr)
{
    TRY(people_around(f->shield.call->svc->db, r->id, resident_get(r, ATTR_HOUSEHOLD), ret_around, reterr));
    *ret = f->unmarked;
    return ret_around->restricted ? shield_person(&f->shield, r, RP_LIST, ret, reterr) : OK;
}

static enum err hide(void *arg, const struct resident *r, bool *ret_hide, struct errinfo *reterr)
{
    struct finder *f = arg;
    struct people_around around;
    struct restrict_decision d;
    *ret_hide = false;
    if (!f->by_place || f->shield.may_see)
        return OK;
    TRY(judge(f, r, &around, &d, reterr));
    *ret_hide = d.verdict == RV_REFUSE;
    if (!*ret_hide)
        keep(f, r->id, &around, &d);
    return OK;
}

/* A day, or a month or a year that was typed for want of the rest. */
static enum err read_birth(const struct rulebook *book, const char *typed, struct people_query *q,
                           struct errinfo *reterr)
{
    struct datex x;
    if (*typed == '\0')
        return OK;
    if (datex_read(typed, &book->eras, &x, NULL) == OK) {
        q->birth = q->birth_to = x.sort;
        return OK;
    }
    enum err e = datex_typed_range(typed, &book->eras, &q->birth, &q->birth_to, reterr);
    return e == OK ? OK : call_refuse(reterr, e, reterr->msg, "birth");
}

/* Behind the own prefecture and city; addresses of the register begin with the town. */
static const char *from_town(const struct rulebook *book, const char *address)
{
    const char *const own[] = { book->own_pref, book->own_city };
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        size_t n = own[i] != NULL ? strlen(own[i]) : 0;
        if (strncmp(address, own[i] != NULL ? own[i] : "", n) == 0)
            address += n;
    }
    return address;
}

/* In a list the town is what tells people apart: the own prefecture and city are left out. */
static void tell_place(const struct rulebook *book, json_t *o, const struct resident *r, bool withheld, int64_t size)
{
    struct buf address = BUF_INIT;
    if (!withheld)
        address_show(r, true, &address);
    set_text(o, "address", from_town(book, buf_str(&address)));
    set_text(o, "household", withheld ? "" : resident_get(r, ATTR_HOUSEHOLD));
    set_int(o, "household_size", withheld ? 0 : size);
    set_bool(o, "withheld", withheld);
    buf_done(&address);
}

static void tell_found(struct call *c, json_t *o, const struct resident *r)
{
    const struct rulebook *book = c->svc->book;
    struct buf status = BUF_INIT;
    present_status(book, r, &status);
    set_text(o, "id", r->id);
    set_int(o, "rev", r->rev);
    set_text(o, "name", present_name(r));
    set_text(o, "kana", resident_get(r, ATTR_KANA));
    set_text(o, "birth", resident_get(r, ATTR_BIRTH_ON));
    present_birth(book, o, r, call_today(c));
    present_set(book, o, "sex", r, ATTR_SEX);
    set_text(o, "status", resident_get(r, ATTR_STATUS));
    set_text(o, "status_label", buf_str(&status));
    set_text(o, "planned", resident_get(r, ATTR_PLANNED_ON));
    buf_done(&status);
}

static enum err add_found(struct call *c, struct finder *f, const struct resident *r, json_t *rows,
                          struct errinfo *reterr)
{
    struct people_around around;
    struct restrict_decision d;
    bool marked = false;
    const struct judged *known = kept(f, r->id);
    if (known != NULL) {
        around = known->around;
        d = known->decision;
    } else {
        TRY(judge(f, r, &around, &d, reterr));
    }
    if (around.restricted)
        TRY(shield_marked(&f->shield, r, &marked, reterr));
    json_t *o = add_object(rows);
    tell_found(c, o, r);
    tell_place(c->svc->book, o, r, d.verdict == RV_REFUSE, around.household_size);
    set_bool(o, "restricted", marked);
    set_bool(o, "provisional", around.open_case);
    call_subject(c, r->id);
    return OK;
}

/* Takes the parameters into a query; texts live in the arena. */
static enum err read_query(struct call *c, struct finder *f, struct people_query *q, struct errinfo *reterr)
{
    const struct rulebook *book = c->svc->book;
    struct buf kana = BUF_INIT;
    kana_from_romaji(span_of(call_text(c, "kana")), true, &kana);
    int64_t max = rulebook_param_int(book, "SEARCH_MAX"), limit = call_int(c, "limit", max);
    *q = (struct people_query){ .name = call_text(c, "name"),
                                .kana = arena_strdup(c->arena, buf_str(&kana)),
                                .address = from_town(book, call_text(c, "address")),
                                .id = call_text(c, "id"),
                                .household = call_text(c, "household"),
                                .include_removed = call_bool(c, "include_removed"),
                                .hide = hide,
                                .arg = f,
                                .offset = (int)call_int(c, "offset", 0),
                                .limit = (int)(limit > 0 && limit < max ? limit : max),
                                .examine = (int)rulebook_param_int(book, "SEARCH_EXAMINE") };
    buf_done(&kana);
    f->by_place = *q->address != '\0' || *q->household != '\0';
    if (f->by_place && shield_stale(&f->shield) && !f->shield.may_see)
        return call_refuse(reterr, E_DENIED, "S112", NULL);
    return read_birth(book, call_text(c, "birth"), q, reterr);
}

/* A number with the zeros in front. */
static bool with_zeros(struct call *c, struct people_query *q)
{
    const char *id = *q->id != '\0' ? padded(c, q->id) : NULL;
    const char *household = *q->household != '\0' ? padded(c, q->household) : NULL;
    q->id = id != NULL ? id : q->id;
    q->household = household != NULL ? household : q->household;
    return id != NULL || household != NULL;
}

/* A name in kana that nobody bears is a reading. */
static bool as_reading(struct call *c, struct people_query *q)
{
    struct buf kana = BUF_INIT;
    kana_wide(span_of(q->name), &kana);
    bool is_reading = *q->name != '\0' && *q->kana == '\0' && kana_check(buf_span(&kana), INT_MAX, NULL) == OK;
    if (is_reading) {
        q->kana = arena_strdup(c->arena, buf_str(&kana));
        q->name = "";
    }
    buf_done(&kana);
    return is_reading;
}

/* Searches; what finds nobody is tried in the other way that it may have been meant. */
static enum err search(struct call *c, struct people_query *q, struct people_found *ret, struct errinfo *reterr)
{
    static bool (*const other[])(struct call *, struct people_query *) = { with_zeros, as_reading };
    TRY(people_search(c->svc->db, q, ret, reterr));
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        if (ret->rows.n > 0 || ret->more || !other[i](c, q))
            continue;
        resident_list_done(&ret->rows);
        TRY(people_search(c->svc->db, q, ret, reterr));
    }
    return OK;
}

/* How many there would be with 除票, where nobody living was found. */
static enum err tell_removed(struct call *c, const struct people_query *asked, const struct people_found *found,
                             struct errinfo *reterr)
{
    struct people_query q = *asked;
    struct people_found removed = { 0 };
    if (found->rows.n == 0 && !found->more && !q.include_removed && q.offset == 0) {
        q.include_removed = true;
        TRY(people_search(c->svc->db, &q, &removed, reterr));
    }
    set_int(c->result, "removed", (int64_t)removed.rows.n);
    set_bool(c->result, "removed_more", removed.more);
    resident_list_done(&removed.rows);
    return OK;
}

static enum err tell_age_of_copy(struct call *c, struct errinfo *reterr)
{
    struct replica r = { 0 };
    char text[CLOCK_TEXT] = "";
    TRY(replica_get(c->svc->db, &r, reterr));
    if (r.as_of_ms != 0)
        clock_iso_jst(r.as_of_ms, text);
    set_text(c->result, "as_of", text);
    return OK;
}

static enum err resident_search(struct call *c, struct errinfo *reterr)
{
    struct finder f = { .by_place = false };
    struct people_query q;
    struct people_found found = { 0 };
    TRY(shield_open(c, &f.shield, reterr));
    f.unmarked = shield_of_nobody(&f.shield, RP_LIST);
    TRY(read_query(c, &f, &q, reterr));
    TRY(search(c, &q, &found, reterr));
    json_t *rows = set_list(c->result, "rows");
    enum err e = OK;
    for (size_t i = 0; i < found.rows.n && e == OK; i++)
        e = add_found(c, &f, found.rows.r[i], rows, reterr);
    if ((int64_t)found.rows.n >= rulebook_param_int(c->svc->book, "SEARCH_MASS"))
        c->log.detail = arena_printf(c->arena, "mass %zu", found.rows.n);
    set_bool(c->result, "more", found.more);
    set_bool(c->result, "restrict_stale", shield_stale(&f.shield));
    set_bool(c->result, "as_kana", *call_text(c, "name") != '\0' && *q.name == '\0');
    if (e == OK)
        e = tell_removed(c, &q, &found, reterr);
    resident_list_done(&found.rows);
    return e == OK ? tell_age_of_copy(c, reterr) : e;
}

/* ---- resident.get ---- */

static bool concerns(const struct resident *r, enum attr a)
{
    enum attr_who who = attr_info(a)->who;
    bool foreign = resident_is(r, ATTR_CLASS, CLASS_FOREIGN);
    return who == AW_BOTH || (who == AW_FOREIGN) == foreign;
}

static bool may_show(const struct call *c, enum attr a, bool withheld)
{
    return call_may_view(c, attr_info(a)->view) && !(withheld && shield_withholds(a));
}

static void tell_item(struct call *c, json_t *items, const struct resident *r, enum attr a, bool withheld)
{
    bool show = may_show(c, a, withheld);
    json_t *o = add_object(items);
    set_text(o, "key", attr_info(a)->key);
    set_text(o, "label", attr_info(a)->label);
    set_text(o, "value", show ? resident_get(r, a) : "");
    if (show)
        present_set(c->svc->book, o, "show", r, a);
    else
        set_text(o, "show", "");
    set_bool(o, "masked", !show);
    if (show && a == ATTR_MY_NUMBER && *resident_get(r, a) != '\0')
        c->log.my_number = true;
}

static void tell_restriction(struct call *c, const struct restrict_decision *d, bool marked)
{
    static const char *const levels[] = { [RV_ALLOW] = "none", [RV_ALERT] = "alert", [RV_REFUSE] = "error" };
    static const char *const texts[] = { [RV_ALLOW] = NULL, [RV_ALERT] = "S122", [RV_REFUSE] = RESTRICT_MSG };
    struct buf text = BUF_INIT;
    json_t *o = set_object(c->result, "restriction");
    if (texts[d->verdict] != NULL)
        rulebook_say(c->svc->book, texts[d->verdict], NULL, NULL, &text);
    set_text(o, "level", levels[d->verdict]);
    set_text(o, "text", buf_str(&text));
    set_bool(o, "marked", marked);
    /* periods are details of the measure */
    set_bool(o, "ending", d->ending && d->verdict == RV_ALERT);
    set_bool(o, "ended", d->ended && d->verdict == RV_ALERT);
    buf_done(&text);
}

static enum err tell_household(struct call *c, json_t *o, const char *no, const struct resident *self,
                               struct errinfo *reterr)
{
    struct resident_list people = { 0 };
    struct household h;
    TRY(people_load_household(c->svc->db, no, &people, reterr));
    household_of(&people, no, &c->svc->book->eras, &h);
    json_t *members = set_list(o, "members");
    set_text(o, "no", no);
    for (size_t i = 0; i < h.n; i++) {
        present_member(c->svc->book, members, h.m[i], call_today(c), self != NULL && strcmp(h.m[i]->id, self->id) == 0);
        call_subject(c, h.m[i]->id);
    }
    household_done(&h);
    resident_list_done(&people);
    return OK;
}

/* Open notice about the person, and who is typing one. */
static enum err tell_work(struct call *c, const struct resident *r, struct errinfo *reterr)
{
    char no[CASE_NO_MAX + 1];
    struct edit_lock lock;
    bool held = false;
    TRY(case_of_person(c->svc->db, r->id, no, reterr));
    json_t *list = set_list(c->result, "provisional");
    if (*no != '\0') {
        struct case_row row;
        TRY(case_get(c->svc->db, no, &row, reterr));
        json_t *o = add_object(list);
        set_text(o, "no", row.no);
        set_text(o, "kind", row.kind);
        set_text(o, "state", case_state_key(row.state));
        set_text(o, "state_label", case_state_label(row.state, *row.outage_no != '\0'));
        case_row_done(&row);
    }
    TRY(lock_holder(c->svc->db, LOCK_PERSON, r->id, &lock, &held, reterr));
    json_t *o = set_object(c->result, "lock");
    set_text(o, "operator", held ? lock.operator_id : "");
    set_bool(o, "own", held && strcmp(lock.operator_id, call_operator(c)) == 0);
    return OK;
}

/* Who may see a protected person says why. */
static enum err check_reason(struct call *c, const struct restrict_decision *d, const struct shield *s,
                             struct errinfo *reterr)
{
    bool opened = s->may_see && d->verdict == RV_ALERT && (d->reason == RR_SUPPORT || d->reason == RR_PROVISIONAL);
    c->log.reason = arena_strdup(c->arena, call_text(c, "reason"));
    return opened ? shield_reason(c, reterr) : OK;
}

static enum err tell_person(struct call *c, const struct resident *r, struct errinfo *reterr)
{
    struct shield s;
    struct restrict_decision d;
    bool marked = false;
    call_subject(c, r->id);
    TRY(shield_opening(c, r->id, reterr));
    TRY(shield_open(c, &s, reterr));
    TRY(shield_person(&s, r, RP_VIEW, &d, reterr));
    TRY(shield_marked(&s, r, &marked, reterr));
    TRY(check_reason(c, &d, &s, reterr));
    bool withheld = d.verdict == RV_REFUSE;
    set_text(c->result, "id", r->id);
    set_int(c->result, "rev", r->rev);
    json_t *items = set_list(c->result, "items");
    for (size_t a = 0; a < ATTR_COUNT; a++) {
        if (concerns(r, (enum attr)a))
            tell_item(c, items, r, (enum attr)a, withheld);
    }
    tell_restriction(c, &d, marked);
    TRY(tell_work(c, r, reterr));
    json_t *household = set_object(c->result, "household");
    if (!withheld)
        return tell_household(c, household, resident_get(r, ATTR_HOUSEHOLD), r, reterr);
    set_text(household, "no", "");
    set_list(household, "members");
    return OK;
}

static enum err resident_show(struct call *c, struct errinfo *reterr)
{
    struct resident *r = NULL;
    TRY(find_person(c, call_text(c, "id"), &r, reterr));
    enum err e = tell_person(c, r, reterr);
    resident_free(r);
    return e;
}

/* ---- resident.history ---- */

struct change_teller {
    struct call *c;
    json_t *list;
    bool withheld;
};

static void tell_change(void *arg, enum attr a, const char *before, const char *after)
{
    const struct change_teller *t = arg;
    if (attr_info(a)->view == AV_EVENT)
        return;
    bool show = may_show(t->c, a, t->withheld);
    const char *const values[] = { before, after };
    static const char *const keys[] = { "before", "after" };
    json_t *o = add_object(t->list);
    set_text(o, "key", attr_info(a)->key);
    set_text(o, "label", attr_info(a)->label);
    set_bool(o, "masked", !show);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct buf b = BUF_INIT;
        if (show)
            present_attr(t->c->svc->book, a, values[i], &b);
        set_text(o, keys[i], buf_str(&b));
        buf_done(&b);
    }
    if (show && a == ATTR_MY_NUMBER)
        t->c->log.my_number = true;
}

static void set_shown(struct call *c, json_t *o, const char *key, const struct resident *r, enum attr a, bool withheld)
{
    if (may_show(c, a, withheld))
        present_set(c->svc->book, o, key, r, a);
    else
        set_text(o, key, "");
}

/* `before` is NULL for the first row of a stay, whose changes would be the whole record. */
static void tell_row(struct call *c, json_t *rows, int stay, const struct resident *before, const struct resident *r,
                     bool withheld)
{
    json_t *o = add_object(rows);
    set_int(o, "rev", r->rev);
    set_int(o, "stay", stay);
    set_text(o, "reason", resident_get(r, ATTR_EV_REASON));
    set_shown(c, o, "reason_label", r, ATTR_EV_REASON, withheld);
    set_shown(c, o, "event_on", r, ATTR_EV_ON, withheld);
    set_shown(c, o, "filed_on", r, ATTR_EV_FILED_ON, withheld);
    set_shown(c, o, "processed_on", r, ATTR_EV_PROCESSED_ON, withheld);
    set_shown(c, o, "office", r, ATTR_EV_OFFICE, withheld);
    set_shown(c, o, "notice_no", r, ATTR_EV_NOTICE_NO, withheld);
    struct change_teller t = { c, set_list(o, "changes"), withheld };
    if (before != NULL)
        resident_diff(before, r, tell_change, &t);
}

static enum err tell_history(struct call *c, const struct resident_list *l, struct errinfo *reterr)
{
    struct shield s;
    struct restrict_decision d;
    const struct resident *now = l->r[l->n - 1];
    call_subject(c, now->id);
    TRY(shield_opening(c, now->id, reterr));
    TRY(shield_open(c, &s, reterr));
    TRY(shield_person(&s, now, RP_VIEW, &d, reterr));
    TRY(check_reason(c, &d, &s, reterr));
    json_t *rows = set_list(c->result, "rows");
    int stay = 0;
    for (size_t i = 0; i < l->n; i++) {
        bool begins = i == 0 || record_begins(l->r[i - 1], l->r[i]);
        stay += begins;
        tell_row(c, rows, stay, begins ? NULL : l->r[i - 1], l->r[i], d.verdict == RV_REFUSE);
    }
    return OK;
}

static enum err resident_history(struct call *c, struct errinfo *reterr)
{
    struct resident *r = NULL;
    struct resident_list l = { 0 };
    TRY(find_person(c, call_text(c, "id"), &r, reterr));
    enum err e = people_history(c->svc->db, r->id, &l, reterr);
    if (e == OK)
        e = tell_history(c, &l, reterr);
    resident_list_done(&l);
    resident_free(r);
    return e;
}

/* ---- household.get ---- */

static enum err household_number(struct call *c, const char **ret, struct errinfo *reterr)
{
    const char *no = call_text(c, "no");
    int64_t size = 0;
    TRY(people_household_size(c->svc->db, no, &size, reterr));
    const char *longer = size == 0 ? padded(c, no) : NULL;
    if (longer != NULL) {
        no = longer;
        TRY(people_household_size(c->svc->db, no, &size, reterr));
    }
    if (size == 0)
        return call_refuse(reterr, E_NOTFOUND, "S115", call_text(c, "no"));
    *ret = no;
    return OK;
}

static enum err household_show(struct call *c, struct errinfo *reterr)
{
    struct shield s;
    struct restrict_decision d;
    const char *no = NULL;
    c->log.ticket = call_text(c, "no");
    TRY(shield_open(c, &s, reterr));
    TRY(household_number(c, &no, reterr));
    TRY(shield_opening(c, no, reterr));
    TRY(shield_household(&s, no, RP_VIEW, &d, reterr));
    if (d.verdict == RV_REFUSE)
        return shield_refuse(reterr);
    TRY(check_reason(c, &d, &s, reterr));
    TRY(tell_household(c, c->result, no, NULL, reterr));
    struct resident_list people = { 0 };
    struct buf address = BUF_INIT;
    enum err e = people_load_household(c->svc->db, no, &people, reterr);
    if (e == OK)
        address_show(people.r[0], true, &address);
    set_text(c->result, "address", buf_str(&address));
    buf_done(&address);
    resident_list_done(&people);
    return e;
}

/* ---- table ---- */

static const struct param_spec search_params[] = {
    { "name", P_TEXT, false, 100, NULL },          { "kana", P_TEXT, false, 100, NULL },
    { "birth", P_TEXT, false, 100, NULL },         { "address", P_TEXT, false, 300, NULL },
    { "id", P_ID, false, PERSON_ID_MAX, NULL },    { "household", P_ID, false, PERSON_ID_MAX, NULL },
    { "include_removed", P_BOOL, false, 0, NULL }, { "limit", P_INT, false, 10000, NULL },
    { "offset", P_INT, false, 1000000, NULL },     { 0 },
};
static const struct param_spec get_params[] = {
    { "id", P_ID, true, PERSON_ID_MAX, NULL },
    { "reason", P_TEXT, false, 200, NULL },
    { 0 },
};
static const struct param_spec household_params[] = {
    { "no", P_ID, true, PERSON_ID_MAX, NULL },
    { "reason", P_TEXT, false, 200, NULL },
    { 0 },
};

static const struct method m_resident_rows[] = {
    { .name = "resident.search",
      .summary =
          "氏名、フリガナ、生年月日、住所、宛名番号、世帯番号で住民をさがします。過去の氏名と住所でも見つかります。",
      .result =
          "rows[{id,rev,name,kana,birth,birth_show,birth_short,sex,age?,address,household,household_size,"
          "withheld,status,"
          "status_label,planned,restricted,provisional}], more, removed, removed_more, as_kana, restrict_stale, as_of",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP | M_SEARCH,
      .params = search_params,
      .run = resident_search },
    { .name = "resident.get",
      .summary = "一人の記載事項、世帯、抑止の有無、処理中の届出を返します。表示できない項目は中身を出しません。",
      .result = "id, rev, items[{key,label,value,show,masked}], household{no,members[{id,name,relation,birth_show,"
                "birth_short,sex,age?,self}]}, restriction{level,text,marked,ending,ended}, "
                "provisional[{no,kind,state,state_label}], lock{operator,own}",
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = get_params,
      .run = resident_show },
    { .name = "resident.history",
      .summary = "一人の履歴を、異動ごとの変更の前後とともに返します。",
      .result = "rows[{rev,stay,reason,reason_label,event_on,filed_on,processed_on,office,notice_no,"
                "changes[{key,label,before,after,masked}]}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = get_params,
      .run = resident_history },
    { .name = "household.get",
      .summary = "世帯の住所と世帯員を、記載の順に返します。",
      .result = "no, address, members[{id,name,relation,birth_show,birth_short,sex,age?,self}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = household_params,
      .run = household_show },
};
METHOD_TABLE(m_resident);
