#include "base/mem.h"
#include "domain/address.h"
#include "domain/fieldtype.h"
#include "domain/finding.h"
#include "domain/household.h"
#include "domain/notice_points.h"
#include "domain/notice_proposals.h"
#include "notice/notice_work.h"
#include "service/present.h"

#include <stdlib.h>
#include <string.h>

/* Notices, findings and what would come of them, as members of answers. */

/* ---- findings ---- */

static const char *item_of(const struct notice_work *w, const struct finding *f)
{
    const struct section *s = kind_section(w->kind, f->section);
    const struct field *field = s ? section_field(s, f->field) : NULL;
    return field ? field->label : s ? s->title : w->kind->title;
}

static void show_finding(const struct notice_work *w, const struct finding *f, json_t *row)
{
    const struct rulebook *book = w->call->svc->book;
    const struct message *m = rulebook_message(book, f->msg);
    struct buf text = BUF_INIT;
    rulebook_text(book, f->msg, item_of(w, f), f->about, &text);
    set_text(row, "msg", f->msg);
    set_text(row, "level", rulebook_is_error(book, f->msg) ? "E" : "W");
    set_text(row, "section", f->section);
    set_int(row, "row", f->row);
    set_text(row, "field", f->field);
    set_text(row, "text", buf_str(&text));
    set_text(row, "remedy", m ? m->remedy : "");
    buf_done(&text);
}

void show_findings(const struct notice_work *w, json_t *result)
{
    json_t *list = set_list(result, "findings");
    for (size_t i = 0; i < w->findings.n; i++)
        show_finding(w, &w->findings.f[i], add_object(list));
}

/* ---- values ---- */

static void person_shown(const struct notice_work *w, const char *value, struct buf *ret)
{
    const struct section *new = kind_creates(w->kind);
    int row = person_new_row(value);
    if (row >= 0 && new) {
        const struct field *name = section_field_of_attr(new, ATTR_NAME);
        buf_adds(ret, name ? notice_get(w->notice, new->id, row, name->key) : "");
        return;
    }
    const struct resident *r = resident_list_find(&w->world.people, value);
    if (r && !w->hidden)
        buf_adds(ret, present_name(r));
}

void show_values(const struct notice_work *w, json_t *result)
{
    json_t *list = set_list(result, "values");
    notice_values_json(w->notice, list);
    for (size_t i = 0; i < w->notice->n; i++) {
        const struct notice_value *v = &w->notice->v[i];
        const struct section *s = kind_section(w->kind, v->section);
        const struct field *f = s ? section_field(s, v->field) : NULL;
        struct buf shown = BUF_INIT;
        if (w->hidden && !w->own && (!f || shield_withholds_field(f))) {
            json_t *row = json_array_get(list, i);
            set_text(row, "v", "");
            set_text(row, "show", "");
            set_bool(row, "masked", true);
            continue;
        }
        if (f && f->type == FT_PERSON)
            person_shown(w, v->text, &shown);
        else if (f)
            value_show(f, w->call->svc->book, v->text, &shown);
        set_text(json_array_get(list, i), "show", buf_str(&shown));
        buf_done(&shown);
    }
}

/* ---- households before and after ---- */

#define TRIAL_HOUSEHOLD "TH-"

static bool is_trial(const char *no)
{
    return strncmp(no, TRIAL_HOUSEHOLD, sizeof TRIAL_HOUSEHOLD - 1) == 0;
}

static void show_household(const struct notice_work *w, const struct resident_list *people, const char *no,
                           json_t *list)
{
    struct household h;
    household_of(people, no, &w->call->svc->book->eras, &h);
    if (h.n) {
        json_t *row = add_object(list);
        struct buf address = BUF_INIT;
        address_show(h.head ? h.head : h.m[0], true, &address);
        set_text(row, "no", is_trial(no) ? "" : no);
        set_text(row, "address", buf_str(&address));
        json_t *members = set_list(row, "members");
        for (size_t i = 0; i < h.n; i++)
            present_member(w->call->svc->book, members, h.m[i], w->ctx.today, false);
        buf_done(&address);
    }
    household_done(&h);
}

/* Everybody as he would be. */
static void after_of(const struct notice_work *w, struct resident_list *ret)
{
    for (size_t i = 0; i < w->world.people.n; i++) {
        const struct resident *now = resident_list_find(&w->made.rows, w->world.people.r[i]->id);
        resident_list_add(ret, resident_copy(now ? now : w->world.people.r[i]));
    }
    for (size_t i = 0; i < w->made.rows.n; i++)
        if (!resident_list_find(&w->world.people, w->made.rows.r[i]->id))
            resident_list_add(ret, resident_copy(w->made.rows.r[i]));
}

static void households_of(const struct resident_list *people, struct idlist *ret)
{
    for (size_t i = 0; i < people->n; i++)
        if (resident_living(people->r[i]))
            idlist_add(ret, resident_get(people->r[i], ATTR_HOUSEHOLD));
}

static void show_households(const struct notice_work *w, json_t *result)
{
    struct resident_list after = { 0 };
    struct idlist before_no = { 0 }, after_no = { 0 };
    json_t *list = set_list(result, "before");
    households_of(&w->world.people, &before_no);
    for (size_t i = 0; i < before_no.n; i++)
        show_household(w, &w->world.people, before_no.id[i], list);
    after_of(w, &after);
    households_of(&after, &after_no);
    list = set_list(result, "after");
    for (size_t i = 0; i < after_no.n; i++)
        show_household(w, &after, after_no.id[i], list);
    idlist_done(&before_no);
    idlist_done(&after_no);
    resident_list_done(&after);
}

/* ---- changes of each person ---- */

struct teller {
    const struct notice_work *w;
    json_t *items;
};

static void show_change(void *arg, enum attr a, const char *before, const char *after)
{
    const struct teller *t = arg;
    const struct attr_info *info = attr_info(a);
    if (info->view == AV_EVENT)
        return;
    json_t *row = add_object(t->items);
    set_text(row, "key", info->key);
    set_text(row, "label", info->label);
    const char *side[] = { before, after }, *name[] = { "before", "after" };
    for (int i = 0; i < 2; i++) {
        struct buf text = BUF_INIT;
        if (*side[i] && !call_may_view(t->w->call, info->view))
            buf_adds(&text, "＊＊＊");
        else if (a == ATTR_HOUSEHOLD && is_trial(side[i]))
            buf_adds(&text, "(新しい番号)");
        else
            present_attr(t->w->call->svc->book, a, side[i], &text);
        set_text(row, name[i], buf_str(&text));
        buf_done(&text);
    }
}

static void show_changes(const struct notice_work *w, json_t *result)
{
    json_t *list = set_list(result, "changes");
    struct resident *nobody = resident_new();
    for (size_t i = 0; i < w->made.rows.n; i++) {
        const struct resident *now = w->made.rows.r[i], *was = resident_list_find(&w->world.people, now->id);
        json_t *row = add_object(list);
        set_text(row, "id", now->id);
        set_text(row, "name", present_name(now));
        set_bool(row, "new", !was);
        struct teller t = { w, set_list(row, "items") };
        resident_diff(was ? was : nobody, now, show_change, &t);
    }
    resident_free(nobody);
}

/* ---- relations to a new head ---- */

static enum err show_relations(const struct notice_work *w, json_t *result, struct errinfo *reterr)
{
    struct relation_proposals all = { .n = 0 };
    if (!w->past)
        TRY(notice_proposals(w->kind, w->notice, &w->world, &w->ctx, &all, reterr));
    json_t *list = set_list(result, "relations");
    set_text(result, "relations_section", all.others ? all.others->id : "");
    set_bool(result, "head_suggested", all.suggested);
    for (size_t i = 0; i < all.n; i++) {
        const struct relation_proposal *p = &all.p[i];
        json_t *row = add_object(list), *options = set_list(row, "proposal");
        set_text(row, "id", p->id);
        set_text(row, "name", p->name);
        set_text(row, "was", p->was);
        set_bool(row, "ask", p->ask);
        set_bool(row, "head", p->head);
        set_bool(row, "leaves", p->leaves);
        for (size_t o = 0; o < p->n; o++)
            add_text(options, p->option[o]);
    }
    relation_proposals_done(&all);
    return OK;
}

enum err show_preview(const struct notice_work *w, json_t *result, struct errinfo *reterr)
{
    set_bool(result, "hidden", w->hidden);
    if (w->hidden) { /* somebody in it may not be shown: then nobody is, so that nothing can be inferred */
        static const char *const lists[] = { "before", "after", "changes", "relations" };
        for (size_t i = 0; i < ARRAY_LEN(lists); i++)
            set_list(result, lists[i]);
        return OK;
    }
    show_households(w, result);
    show_changes(w, result);
    return show_relations(w, result, reterr);
}
