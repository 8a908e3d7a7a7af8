#include "notice/notice_work.h"
#include "store/people.h"

#include <string.h>

/* A case that has ended is shown as it was then: rows of the history, not what would come of it today. */

struct past {
    struct notice_work *w;
    const json_t *rows; /* {id, rev} of the posting; NULL: nothing was written */
    char day[DATE_TEXT];
    struct resident_list before, after;
};

static void keep_posting(void *arg, const struct case_event *ev)
{
    json_t **ret = arg, *detail = ev->step == STEP_POST && *ev->detail ? json_loads(ev->detail, 0, NULL) : NULL;
    if (!detail)
        return;
    json_decref(*ret);
    *ret = json_incref(json_object_get(detail, "rows"));
    json_decref(detail);
}

/* The row that the posting wrote; 0: none. */
static int64_t posted_rev(const struct past *p, const char *id)
{
    size_t i;
    const json_t *row;
    json_array_foreach (p->rows, i, row) {
        const char *is = json_string_value(json_object_get(row, "id"));
        if (is && strcmp(is, id) == 0)
            return json_integer_value(json_object_get(row, "rev"));
    }
    return 0;
}

/* Of whom the case wrote nothing: the row of that day. */
static bool was_then(const struct past *p, const struct resident *r, int64_t rev)
{
    return rev ? r->rev < rev : strcmp(resident_get(r, ATTR_EV_PROCESSED_ON), p->day) <= 0;
}

static enum err add_past(struct past *p, const char *id, struct errinfo *reterr)
{
    struct resident_list all = { 0 };
    const struct resident *before = NULL, *after = NULL;
    int64_t rev = posted_rev(p, id);
    enum err e = resident_list_find(&p->before, id) || resident_list_find(&p->after, id)
                     ? OK
                     : people_history(p->w->call->svc->db, id, &all, reterr);
    for (size_t i = 0; i < all.n; i++) {
        before = was_then(p, all.r[i], rev) ? all.r[i] : before;
        after = rev && all.r[i]->rev == rev ? all.r[i] : after;
    }
    if (before)
        resident_list_add(&p->before, resident_copy(before));
    if (after)
        resident_list_add(&p->after, resident_copy(after));
    resident_list_done(&all);
    return e == E_NOTFOUND ? OK : e; /* not in this copy (any more) */
}

static enum err add_all(struct past *p, struct errinfo *reterr)
{
    const struct notice_work *w = p->w;
    for (size_t i = 0; i < w->also.n; i++)
        TRY(add_past(p, w->also.id[i], reterr));
    for (size_t i = 0; i < w->world.people.n; i++)
        TRY(add_past(p, w->world.people.r[i]->id, reterr));
    return OK;
}

enum err notice_work_past(struct notice_work *w, const struct case_row *row, struct errinfo *reterr)
{
    struct past p = { .w = w };
    json_t *rows = NULL;
    date_text(date_of_ms(row->changed_ms), p.day);
    enum err e = case_events(w->call->svc->db, row->no, keep_posting, &rows, reterr);
    p.rows = rows;
    if (e == OK)
        e = add_all(&p, reterr);
    if (e == OK) {
        resident_list_done(&w->world.people);
        resident_list_done(&w->made.rows);
        findings_done(&w->findings);
        w->world.people = p.before;
        w->made.rows = p.after;
        w->past = true;
    } else {
        resident_list_done(&p.before);
        resident_list_done(&p.after);
    }
    json_decref(rows);
    return e;
}
