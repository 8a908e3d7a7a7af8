/* The rows of a household's members in the order in which they came about. */
#include "app/demo.h"
#include "base/mem.h"
#include "demo_house.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFFICE   "本庁"
#define TERMINAL "本庁1"

static void set_date(struct resident *r, enum attr a, struct date d)
{
    char text[DATE_TEXT];
    date_text(d, text);
    resident_set(r, a, text);
}

/* Attributes of the wider kind of date, written with the era of the register. */
static void set_datex(const struct demo_maker *m, struct resident *r, enum attr a, struct date d)
{
    char text[24];
    snprintf(text, sizeof text, "%04d.%02d.%02d", d.y, d.m, d.d);
    for (size_t i = m->o->eras->n; i-- > 0;) {
        const struct era *e = &m->o->eras->e[i];
        if (date_cmp(e->from, d) > 0)
            continue;
        snprintf(text, sizeof text, "%c%02d.%02d.%02d", e->key, d.y - e->from.y + 1, d.m, d.d);
        break;
    }
    resident_set(r, a, text);
}

static char *address_line(const struct demo_place *p)
{
    return xprintf("%s%s%s%s%s%s", p->town->pref, p->town->city, p->town->town, p->lot, p->building ? "　" : "",
                   p->building ? p->building : "");
}

static void set_place(struct resident *r, const struct demo_place *p)
{
    resident_set(r, ATTR_ADDR_CODE, p->town->code);
    resident_set(r, ATTR_ADDR_ZIP, p->town->zip);
    resident_set(r, ATTR_ADDR_PREF, p->town->pref);
    resident_set(r, ATTR_ADDR_CITY, p->town->city);
    resident_set(r, ATTR_ADDR_TOWN, p->town->town);
    resident_set(r, ATTR_ADDR_LOT, p->lot);
    resident_set(r, ATTR_ADDR_BUILDING, p->building);
}

/* Header of one event; filed a few days after it. */
static struct date set_event(struct demo_maker *m, struct resident *r, const char *reason, struct date on)
{
    struct date filed = date_add(on, rng_between(&m->g, 0, 9));
    if (date_cmp(filed, m->o->today) > 0)
        filed = m->o->today;
    resident_set(r, ATTR_EV_REASON, reason);
    set_datex(m, r, ATTR_EV_ON, on);
    set_date(r, ATTR_EV_FILED_ON, filed);
    resident_set(r, ATTR_EV_FILED_AS, "1");
    set_date(r, ATTR_EV_PROCESSED_ON, filed);
    resident_set(r, ATTR_EV_OFFICE, OFFICE);
    resident_set(r, ATTR_EV_TERMINAL, TERMINAL);
    return filed;
}

static enum err emit_row(struct demo_maker *m, struct resident *r, struct errinfo *reterr)
{
    r->rev++;
    m->stats->rows++;
    return m->sink->resident(m->sink->self, r, reterr);
}

/* Since this day foreign residents are on the register (改正住民基本台帳法の施行); who was here before came on it then.
 */
static const struct date FOREIGN_FROM = { 2012, 7, 9 };

/* Since when somebody is on the register: born here, moved in with the family, or on the day of the law. */
static struct date on_register(const struct demo_house *h, const struct demo_member *x)
{
    struct date from = date_cmp(x->birth, h->since) > 0 ? x->birth : h->since;
    bool waits = resident_is(x->r, ATTR_CLASS, CLASS_FOREIGN) && date_cmp(from, FOREIGN_FROM) < 0;
    return waits ? FOREIGN_FROM : from;
}

/* First row: born here while the family lived here, or moved in with it by one notice. */
static void first_row(struct demo_maker *m, struct demo_house *h, const struct demo_member *x, struct resident *r)
{
    bool born_here = date_cmp(x->birth, h->since) > 0;
    bool foreign = resident_is(r, ATTR_CLASS, CLASS_FOREIGN);
    struct date from = on_register(h, x);
    bool before_move = h->before.town && date_cmp(from, h->moved) < 0;
    struct date filed = set_event(m, r, born_here ? "K03" : foreign ? "K02" : "K01", from);
    if (!born_here && !foreign) {
        h->filed = h->filed.y ? h->filed : filed;
        filed = h->filed;
        set_date(r, ATTR_EV_FILED_ON, filed);
        set_date(r, ATTR_EV_PROCESSED_ON, filed);
    }
    resident_set(r, ATTR_HOUSEHOLD, h->no);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    set_place(r, before_move ? &h->before : &h->place);
    set_datex(m, r, foreign ? ATTR_FOREIGN_SINCE : ATTR_RESIDENT_SINCE, from);
    set_datex(m, r, ATTR_ADDR_SINCE, from);
    set_date(r, ATTR_FILED_ON, filed);
    if (!born_here)
        resident_set(r, ATTR_PREV_ADDR, h->from);
}

static enum err moved_row(struct demo_maker *m, const struct demo_house *h, struct resident *r, struct errinfo *reterr)
{
    char *from = address_line(&h->before);
    set_event(m, r, "M01", h->moved);
    set_place(r, &h->place);
    resident_set(r, ATTR_MOVED_FROM, from);
    set_datex(m, r, ATTR_ADDR_SINCE, h->moved);
    free(from);
    return emit_row(m, r, reterr);
}

static enum err removed_row(struct demo_maker *m, const char *reason, const char *status, struct date on,
                            const char *to, struct resident *r, struct errinfo *reterr)
{
    struct date filed = set_event(m, r, reason, on);
    resident_set(r, ATTR_STATUS, status);
    resident_set(r, ATTR_REMOVED_REASON, reason);
    set_datex(m, r, ATTR_REMOVED_ON, on);
    set_date(r, ATTR_REMOVED_FILED_ON, filed);
    if (to) {
        resident_set(r, ATTR_PLANNED_TO, to);
        set_date(r, ATTR_PLANNED_ON, on);
        resident_set(r, ATTR_FIXED_TO, to);
        set_date(r, ATTR_FIXED_ON, on);
        set_date(r, ATTR_FIXED_NOTICE_ON, filed);
    }
    m->stats->removed++;
    m->stats->living--;
    return emit_row(m, r, reterr);
}

static enum err emit_member(struct demo_maker *m, struct demo_house *h, const struct demo_member *x, struct date end,
                            struct errinfo *reterr)
{
    struct resident *r = resident_copy(x->r);
    first_row(m, h, x, r);
    enum err e = emit_row(m, r, reterr);
    m->stats->residents++;
    m->stats->living++;
    if (resident_is(r, ATTR_CLASS, CLASS_FOREIGN))
        m->stats->foreign++;
    struct date from = on_register(h, x);
    if (e == OK && h->before.town && date_cmp(from, h->moved) < 0)
        e = moved_row(m, h, r, reterr);
    else if (h->before.town && date_cmp(x->birth, h->moved) < 0)
        (void)rng_between(&m->g, 0, 9); /* moved before the law: the draw of that row, so that all others stay */
    if (date_cmp(end, from) < 0)
        end = from;
    if (e == OK && x->dead)
        e = removed_row(m, "D03", STATUS_DEAD, end, NULL, r, reterr);
    else if (e == OK && h->gone)
        e = removed_row(m, "D01", STATUS_MOVED, end, h->from, r, reterr);
    resident_free(r);
    return e;
}

/* About one household in six hundred is under protection; one of five of them before the decision. */
static enum err protect(struct demo_maker *m, const struct demo_house *h, struct errinfo *reterr)
{
    bool wanted = m->stats->households % 600 == 17 || (m->stats->restricted == 0 && m->stats->households > 40);
    if (h->gone || h->foreign || h->m[0].dead || !wanted)
        return OK;
    bool provisional = m->stats->restricted % 5 == 4;
    struct date from = date_add(m->o->today, -rng_between(&m->g, 20, 300));
    struct date to = provisional ? (struct date){ 0 } : date_add(date_add_months(from, 12), -1);
    for (size_t i = 0; i < h->n; i++) {
        struct demo_restriction row = { h->m[i].r->id, from, to, provisional };
        m->stats->restricted++;
        TRY(m->sink->restriction(m->sink->self, &row, reterr));
    }
    return OK;
}

enum err demo_house_emit(struct demo_maker *m, struct demo_house *h, struct errinfo *reterr)
{
    struct date last = h->before.town ? h->moved : h->since;
    int days = date_days(last, m->o->today);
    struct date end = date_add(last, days > 1 ? rng_between(&m->g, days / 2, days - 1) : 0);
    for (size_t i = 0; i < h->n; i++)
        TRY(emit_member(m, h, &h->m[i], date_cmp(h->m[i].birth, end) > 0 ? m->o->today : end, reterr));
    m->stats->households++;
    return protect(m, h, reterr);
}

enum err demo_generate(const struct demo_opts *o, const struct demo_sink *sink, struct demo_stats *ret,
                       struct errinfo *reterr)
{
    *ret = (struct demo_stats){ 0 };
    struct demo_maker m = { .o = o, .sink = sink, .stats = ret, .person_serial = 100001, .household_serial = 500001 };
    rng_seed(&m.g, o->seed);
    enum err e = demo_tables_load(o->dir, &m.t, reterr);
    while (e == OK && ret->residents < o->residents) {
        struct demo_house h;
        long room = o->residents - ret->residents;
        e = demo_house_make(&m, room < DEMO_HOUSE_MAX ? (int)room : DEMO_HOUSE_MAX, &h, reterr);
        if (e == OK)
            e = demo_house_emit(&m, &h, reterr);
        demo_house_done(&h);
    }
    demo_tables_done(&m.t);
    return e;
}
