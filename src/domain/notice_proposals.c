#include "domain/notice_proposals.h"
#include "base/mem.h"
#include "domain/order.h"
#include "domain/relation.h"
#include "effect_work_in.h"

#include <stdlib.h>
#include <string.h>

struct change_of_head {
    const struct kind *kind;
    const struct notice *notice;
    const struct world *world;
    const struct effect_ctx *ctx;
    const char *household;
    const struct section *leavers; /* NULL: nobody leaves */
    const struct resident *old, *new;
};

static const char *text_of(const struct change_of_head *c, const char *ref)
{
    struct site at = { .kind = c->kind };
    return ref_value(&at, c->notice, span_of(ref));
}

static bool leaves(const struct change_of_head *c, const struct resident *r)
{
    if (!c->leavers)
        return false;
    const char *key = section_field_of_type(c->leavers, FT_PERSON)->key;
    for (int row = 0; row < notice_rows(c->notice, c->leavers->id); row++)
        if (strcmp(notice_get(c->notice, c->leavers->id, row, key), r->id) == 0)
            return true;
    return false;
}

static bool member(const struct change_of_head *c, const struct resident *r)
{
    return resident_living(r) && resident_is(r, ATTR_HOUSEHOLD, c->household);
}

/* The one who stays and is old enough, when there is only one such and others stay too. */
static const struct resident *obvious_head(const struct change_of_head *c)
{
    const struct rulebook *b = c->ctx->book;
    const struct resident *adult = NULL;
    size_t adults = 0, stay = 0;
    if (strcmp(rulebook_param(b, "AUTO_HEAD_ADULT"), "yes") != 0)
        return NULL;
    for (size_t i = 0; i < c->world->people.n; i++) {
        const struct resident *r = c->world->people.r[i];
        if (!member(c, r) || leaves(c, r))
            continue;
        stay++;
        if (date_age(birth_sort(r, &b->eras), c->ctx->today) >= rulebook_param_int(b, "HEAD_AGE_MIN"))
            adults++, adult = r;
    }
    return stay >= 2 && adults == 1 ? adult : NULL;
}

static bool known_birth(const struct change_of_head *c, const struct resident *r)
{
    struct datex x;
    return datex_read(resident_get(r, ATTR_BIRTH_ON), &c->ctx->book->eras, &x, NULL) == OK && x.kind != DX_NONE;
}

static struct rel_person rel_person_of(const struct change_of_head *c, const struct resident *r)
{
    if (!r)
        return (struct rel_person){ .relation = "世帯主", .sex = "" };
    return (struct rel_person){
        .relation = resident_get(r, ATTR_RELATION),
        .sex = resident_get(r, ATTR_SEX),
        .birth = known_birth(c, r) ? birth_sort(r, &c->ctx->book->eras) : (struct date){ 0 },
    };
}

static void add_option(struct relation_proposal *p, const struct relation *rel)
{
    struct buf text = BUF_INIT;
    relation_text(rel, &text);
    p->option = xrealloc(p->option, p->n + 1, sizeof *p->option);
    p->option[p->n++] = xstrdup(buf_str(&text));
    buf_done(&text);
}

static void propose(const struct change_of_head *c, const struct resident *r, struct relation_proposals *ret)
{
    struct rel_person old = rel_person_of(c, c->old), new = rel_person_of(c, c->new), who = rel_person_of(c, r);
    struct rel_proposal made = { .n = 0, .ask = false };
    struct relation head = { { REL_HEAD }, 1 };
    if (r != c->new)
        relation_propose(&old, &new, &who, &made);
    if (ret->n == ret->cap) {
        ret->cap = ret->cap ? ret->cap * 2 : 8;
        ret->p = xrealloc(ret->p, ret->cap, sizeof *ret->p);
    }
    struct relation_proposal *p = &ret->p[ret->n++];
    *p = (struct relation_proposal){ .name = resident_shown_name(r),
                                     .was = resident_get(r, ATTR_RELATION),
                                     .ask = r != c->new && (made.ask || made.n == 0),
                                     .head = r == c->new,
                                     .leaves = leaves(c, r) };
    memcpy(p->id, r->id, sizeof p->id);
    if (r == c->new)
        add_option(p, &head);
    for (int i = 0; i < made.n; i++)
        add_option(p, &made.option[i]);
}

static void propose_all(struct change_of_head *c, const char *head_id, const struct section *others,
                        struct relation_proposals *ret)
{
    const struct resident_list *people = &c->world->people;
    for (size_t i = 0; i < people->n; i++)
        if (member(c, people->r[i]) && resident_is_head(people->r[i]))
            c->old = people->r[i];
    c->new = resident_list_find(people, head_id);
    bool head_goes = c->old && leaves(c, c->old);
    if (!*head_id && (head_goes || !c->leavers)) {
        c->new = obvious_head(c);
        ret->suggested = c->new != NULL;
    }
    bool stays = c->leavers && c->old && !head_goes; /* the head is not touched by this notice */
    if (!c->new || stays || !member(c, c->new) || leaves(c, c->new))
        return;
    ret->others = others;
    for (size_t i = 0; i < people->n; i++)
        if (member(c, people->r[i]))
            propose(c, people->r[i], ret);
}

/* Household of the first person of the section who is in the register. */
static const char *household_of_section(const struct change_of_head *c, const struct section *s)
{
    const char *key = section_field_of_type(s, FT_PERSON)->key;
    for (int row = 0; row < notice_rows(c->notice, s->id); row++) {
        const struct resident *r = resident_list_find(&c->world->people, notice_get(c->notice, s->id, row, key));
        if (r)
            return resident_get(r, ATTR_HOUSEHOLD);
    }
    return "";
}

enum err notice_proposals(const struct kind *k, const struct notice *n, const struct world *w,
                          const struct effect_ctx *ctx, struct relation_proposals *ret, struct errinfo *reterr)
{
    (void)reterr;
    struct relation_proposals all = { 0 };
    for (size_t i = 0; i < k->n_effect; i++) {
        const struct effect_step *e = &k->effect[i];
        struct change_of_head c = { .kind = k, .notice = n, .world = w, .ctx = ctx };
        const struct effect_verb *v = effect_verb(e->verb);
        if (!v->head)
            continue;
        if (v->leavers)
            c.leavers = kind_section(k, e->arg[v->leavers - 1]);
        c.household = v->household ? text_of(&c, e->arg[v->household - 1]) : household_of_section(&c, c.leavers);
        propose_all(&c, text_of(&c, e->arg[v->head - 1]), kind_section(k, e->arg[v->others - 1]), &all);
    }
    *ret = all;
    return OK;
}

void relation_proposals_done(struct relation_proposals *all)
{
    for (size_t i = 0; i < all->n; i++) {
        for (size_t o = 0; o < all->p[i].n; o++)
            free(all->p[i].option[o]);
        free(all->p[i].option);
    }
    free(all->p);
    *all = (struct relation_proposals){ 0 };
}
