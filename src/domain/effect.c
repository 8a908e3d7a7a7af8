#include "domain/effect.h"
#include "base/mem.h"
#include "effect_work_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the world while it is worked on ---- */

/* Numbers by value: shorter ones first. */
static int id_cmp(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    return m != n ? (m < n ? -1 : 1) : strcmp(a, b);
}

static int entry_cmp(const void *a, const void *b)
{
    return id_cmp(((const struct entry *)a)->now->id, ((const struct entry *)b)->now->id);
}

static void work_init(struct work *w, const struct world *before)
{
    w->e = xcalloc(before->people.n + 1, sizeof *w->e);
    for (size_t i = 0; i < before->people.n; i++) {
        const struct resident *was = before->people.r[i];
        w->e[w->n++] = (struct entry){ .was = was, .now = resident_copy(was) };
    }
    if (w->n)
        qsort(w->e, w->n, sizeof *w->e, entry_cmp);
}

static void work_done(struct work *w)
{
    for (size_t i = 0; i < w->n; i++)
        resident_free(w->e[i].now);
    free(w->e);
    free(w->created_at);
}

/* ---- rows that come out ---- */

struct differ {
    bool differs;
};

static void note_difference(void *arg, enum attr a, const char *before, const char *after)
{
    (void)before;
    (void)after;
    struct differ *d = arg;
    if (attr_info(a)->view != AV_EVENT)
        d->differs = true;
}

static bool changed(const struct entry *e)
{
    if (!e->was)
        return true;
    struct differ d = { false };
    resident_diff(e->was, e->now, note_difference, &d);
    return d.differs;
}

/* The event header of a row (異動者の見出し). */
static void stamp(struct work *w, struct entry *e, const char *event_on)
{
    static const char *const filed_as[] = {
        [FILED_NOTICE] = "1", [FILED_EX_OFFICIO] = "2", [FILED_REQUEST] = "3", [FILED_CLAIM] = "4"
    };
    enum filing filing = e->ex_officio ? FILED_EX_OFFICIO : w->kind->filing;
    char today[DATE_TEXT];
    date_text(w->ctx->today, today);
    struct resident *r = e->now;
    resident_set(r, ATTR_EV_REASON, e->reason ? e->reason : w->kind->journal);
    resident_set(r, ATTR_EV_ON, e->on ? e->on : event_on);
    resident_set(r, ATTR_EV_FILED_ON, e->ex_officio ? "" : notice_filed_on(w->kind, w->notice));
    resident_set(r, ATTR_EV_FILED_AS, filed_as[filing]);
    resident_set(r, ATTR_EV_PROCESSED_ON, today);
    resident_set(r, ATTR_EV_OFFICE, w->ctx->office);
    resident_set(r, ATTR_EV_TERMINAL, w->ctx->terminal);
    resident_set(r, ATTR_EV_NOTICE_NO, w->notice->no);
    if (e->was && resident_is(r, ATTR_EV_NOTE, resident_get(e->was, ATTR_EV_NOTE)))
        resident_set(r, ATTR_EV_NOTE, "");
    r->rev = e->was ? e->was->rev + 1 : 1;
}

static bool two_heads(struct work *w, const struct entry *e)
{
    for (size_t i = 0; i < w->n; i++)
        if (&w->e[i] != e && entry_in(&w->e[i], resident_get(e->now, ATTR_HOUSEHOLD)) && resident_is_head(w->e[i].now))
            return true;
    return false;
}

static enum err collect(struct work *w, struct changes *ret)
{
    struct buf event_on = BUF_INIT;
    enum err err = work_datex(w, w->kind->deadline_from, &event_on);
    for (size_t i = 0; i < w->n && err == OK; i++) {
        struct entry *e = &w->e[i];
        if (!changed(e))
            continue;
        if (resident_living(e->now) && resident_is_head(e->now) && two_heads(w, e)) {
            err = work_fail(w, "E10", e);
        } else {
            stamp(w, e, buf_str(&event_on));
            resident_list_add(&ret->rows, resident_copy(e->now));
        }
    }
    buf_done(&event_on);
    return err;
}

/* ---- numbers for the trial ---- */

static enum err trial_person(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *reterr)
{
    (void)reterr;
    struct trial_numbers *t = self;
    snprintf(ret, PERSON_ID_MAX + 1, "T-%d", ++t->people);
    return OK;
}

static enum err trial_household(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *reterr)
{
    (void)reterr;
    struct trial_numbers *t = self;
    snprintf(ret, PERSON_ID_MAX + 1, "TH-%d", ++t->households);
    return OK;
}

static enum err trial_code(void *self, char ret[12], struct errinfo *reterr)
{
    (void)self;
    (void)reterr;
    ret[0] = '\0';
    return OK;
}

struct number_source trial_source(struct trial_numbers *t)
{
    return (struct number_source){ trial_person, trial_household, trial_code, t };
}

/* ---- steps ---- */

/* Number of the step `on DAY`, or n_effect. */
static size_t waiting_from(const struct kind *k)
{
    size_t i = 0;
    while (i < k->n_effect && effect_verb(k->effect[i].verb)->run)
        i++;
    return i;
}

struct date effect_due_on(const struct kind *k, const struct notice *n)
{
    struct date due = { 0 };
    size_t i = waiting_from(k);
    if (i == k->n_effect)
        return due;
    struct site at = { .kind = k };
    if (date_read(ref_value(&at, n, span_of(k->effect[i].arg[0])), &due, NULL) != OK)
        due = (struct date){ 0 };
    return due;
}

static enum err run(const struct kind *k, const struct notice *n, const struct world *before,
                    const struct effect_ctx *ctx, size_t from, size_t to, struct changes *ret, struct errinfo *reterr)
{
    struct work w = { .kind = k, .notice = n, .ctx = ctx, .due = from > 0, .reterr = reterr };
    struct changes made = { 0 };
    enum err err = OK;
    work_init(&w, before);
    for (size_t i = from; i < to && err == OK; i++) {
        const struct effect_verb *v = effect_verb(k->effect[i].verb);
        if (v->run)
            err = v->run(&w, k->effect[i].arg);
    }
    if (err == OK)
        err = collect(&w, &made);
    if (err == OK)
        *ret = made;
    else
        changes_done(&made);
    work_done(&w);
    return err;
}

enum err effect_apply(const struct kind *k, const struct notice *n, const struct world *before,
                      const struct effect_ctx *ctx, struct changes *ret, struct errinfo *reterr)
{
    size_t to = waiting_from(k);
    struct date due = effect_due_on(k, n);
    if (to < k->n_effect && due.y && date_cmp(due, ctx->today) <= 0)
        to = k->n_effect;
    return run(k, n, before, ctx, 0, to, ret, reterr);
}

enum err effect_due(const struct kind *k, const struct notice *n, const struct world *before,
                    const struct effect_ctx *ctx, struct changes *ret, struct errinfo *reterr)
{
    return run(k, n, before, ctx, waiting_from(k), k->n_effect, ret, reterr);
}

enum err effect_all(const struct kind *k, const struct notice *n, const struct world *before,
                    const struct effect_ctx *ctx, struct changes *ret, struct errinfo *reterr)
{
    return run(k, n, before, ctx, 0, k->n_effect, ret, reterr);
}

void changes_done(struct changes *c)
{
    resident_list_done(&c->rows);
}
