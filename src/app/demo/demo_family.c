/* Who lives together: patterns of households, ages, names. */
#include "base/mem.h"
#include "demo_house.h"
#include "domain/checkdigit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FULL_SPACE "　"

/* One seat of a pattern: relation to the head, age relative to the head's, and how likely it is taken. */
struct seat {
    const char *relation; /* NULL ends the list */
    const char *sex;      /* NULL: either; "o": other than the head's */
    int age_from, age_to; /* years younger (negative: older) than the head */
    uint32_t per_mille;
    bool own_surname; /* does not take the name of the household */
};

struct pattern {
    uint32_t weight;
    int head_from, head_to;
    struct seat seat[8];
};

/* Shares loosely after the national census: a third lives alone, a quarter are couples with children. */
static const struct pattern PATTERNS[] = {
    { 350, 19, 96, { { 0 } } },
    { 200, 24, 90, { { "配偶者", "o", -4, 6, 1000, false }, { 0 } } },
    { 270,
      26,
      60,
      { { "配偶者", "o", -4, 6, 1000, false },
        { "子", NULL, 22, 34, 1000, false },
        { "子", NULL, 24, 38, 620, false },
        { "子", NULL, 26, 40, 180, false },
        { 0 } } },
    { 75, 24, 62, { { "子", NULL, 21, 34, 1000, false }, { "子", NULL, 23, 36, 400, false }, { 0 } } },
    { 60,
      35,
      60,
      { { "配偶者", "o", -4, 6, 950, false },
        { "子", NULL, 24, 34, 1000, false },
        { "子", NULL, 26, 36, 500, false },
        { "父", "1", -34, -24, 500, false },
        { "母", "2", -32, -22, 850, false },
        { 0 } } },
    { 25,
      62,
      88,
      { { "配偶者", "o", -3, 6, 700, false },
        { "子", "1", 24, 34, 1000, false },
        { "子の妻", "2", 24, 36, 900, false },
        { "子の子", NULL, 52, 62, 900, false },
        { "子の子", NULL, 54, 62, 500, false },
        { 0 } } },
    { 12, 24, 60, { { "未届", "o", -6, 6, 1000, true }, { "子", NULL, 22, 32, 300, false }, { 0 } } },
    { 8, 30, 70, { { "同居人", NULL, -10, 20, 1000, true }, { "縁故者", NULL, -20, 30, 200, true }, { 0 } } },
};

static const struct pattern *pick_pattern(struct rng *g)
{
    uint32_t total = 0;
    for (size_t i = 0; i < ARRAY_LEN(PATTERNS); i++)
        total += PATTERNS[i].weight;
    uint32_t at = rng_below(g, total);
    size_t i = 0;
    while (at >= PATTERNS[i].weight)
        at -= PATTERNS[i++].weight;
    return &PATTERNS[i];
}

/* A number of the register whose check digit the standard defines; serials without one are skipped. */
static void serial(uint64_t *next, int width, char ret[PERSON_ID_MAX + 1])
{
    int cd;
    char body[PERSON_ID_MAX + 1];
    do {
        snprintf(body, sizeof body, "%0*llu", width, (unsigned long long)(*next)++);
        cd = checkdigit_serial(span_of(body));
    } while (cd < 0);
    snprintf(ret, PERSON_ID_MAX + 1, "%.*s%d", width, body, cd);
}

/* A different body for every serial: multiplying by a factor prime to ten only permutes. */
static char *scrambled(uint64_t serial_no, uint64_t factor, uint64_t modulus, int digits, int (*check)(struct span))
{
    char body[16];
    uint64_t v = (serial_no * factor + 271828u) % modulus;
    snprintf(body, sizeof body, "%0*llu", digits, (unsigned long long)v);
    return xprintf("%s%d", body, check(span_of(body)));
}

static struct date birth_for_age(struct demo_maker *m, int age)
{
    struct date d = m->o->today;
    d.y -= age;
    if (!date_valid(d))
        d.d = 28;
    return date_add(d, -rng_between(&m->g, 1, 364));
}

static const char *sex_of(struct demo_maker *m, const struct seat *s, const char *head_sex)
{
    if (s->sex && s->sex[0] != 'o')
        return s->sex;
    if (s->sex)
        return strcmp(head_sex, SEX_MALE) == 0 ? SEX_FEMALE : SEX_MALE;
    return rng_chance(&m->g, 500) ? SEX_MALE : SEX_FEMALE;
}

/* Seats are neutral; the register's words follow from the sex. */
static const char *relation_word(const char *seat, const char *sex)
{
    bool man = strcmp(sex, SEX_MALE) == 0;
    if (strcmp(seat, "配偶者") == 0)
        return man ? "夫" : "妻";
    if (strcmp(seat, "未届") == 0)
        return man ? "夫（未届）" : "妻（未届）";
    return seat;
}

static void name_japanese(struct demo_maker *m, const struct demo_house *h, bool own_surname, const char *sex,
                          struct date birth, struct resident *r)
{
    const struct demo_row *s = own_surname ? demo_pick(&m->g, &m->t.surnames) : h->surname;
    const struct demo_row *g = demo_pick_given(&m->g, &m->t.given, sex, birth.y);
    char *name = xprintf("%s" FULL_SPACE "%s", s->cell[0], g->cell[0]);
    char *kana = xprintf("%s" FULL_SPACE "%s", s->cell[1], g->cell[1]);
    resident_set(r, ATTR_CLASS, CLASS_JAPANESE);
    resident_set(r, ATTR_NAME, name);
    resident_set(r, ATTR_KANA, kana);
    resident_set(r, ATTR_DOMICILE, h->domicile);
    free(name);
    free(kana);
}

static void stay_until(struct demo_maker *m, const struct demo_row *f, struct resident *r)
{
    long years = strtol(f->cell[8], NULL, 10);
    char text[DATE_TEXT];
    resident_set(r, ATTR_STAY_STATUS, f->cell[7]);
    if (years <= 0)
        return;
    resident_set(r, ATTR_STAY_PERIOD, f->cell[8]);
    date_text(date_add(m->o->today, rng_between(&m->g, 20, (int)years * 365)), text);
    resident_set(r, ATTR_STAY_UNTIL, text);
}

static void name_foreign(struct demo_maker *m, const struct demo_row *f, struct resident *r)
{
    char *alpha = xprintf("%s %s", f->cell[1], f->cell[2]);
    char *card =
        xprintf("%c%c%08u%c%c", (char)('A' + rng_below(&m->g, 26)), (char)('A' + rng_below(&m->g, 26)),
                rng_below(&m->g, 100000000), (char)('A' + rng_below(&m->g, 26)), (char)('A' + rng_below(&m->g, 26)));
    resident_set(r, ATTR_CLASS, CLASS_FOREIGN);
    resident_set(r, ATTR_NAME_ALPHA, alpha);
    resident_set(r, ATTR_KANA, f->cell[3]);
    resident_set(r, ATTR_NATIONALITY, f->cell[0]);
    resident_set(r, ATTR_FOREIGN_CLASS, strcmp(f->cell[7], "特別永住者") == 0 ? "02" : "01");
    resident_set(r, ATTR_CARD_NO, card);
    if (strcmp(f->cell[5], "-") != 0) {
        resident_set(r, ATTR_ALIAS, f->cell[5]);
        resident_set(r, ATTR_ALIAS_KANA, f->cell[6]);
    }
    stay_until(m, f, r);
    free(alpha);
    free(card);
}

static void birth_text(struct demo_maker *m, bool foreign, struct date d, struct resident *r)
{
    char text[24];
    snprintf(text, sizeof text, "%04d.%02d.%02d", d.y, d.m, d.d);
    for (size_t i = m->o->eras->n; !foreign && i-- > 0;) {
        const struct era *e = &m->o->eras->e[i];
        if (date_cmp(e->from, d) > 0)
            continue;
        snprintf(text, sizeof text, "%c%02d.%02d.%02d", e->key, d.y - e->from.y + 1, d.m, d.d);
        break;
    }
    resident_set(r, ATTR_BIRTH_ON, text);
}

/* Old people: some born before 昭和, some of whom nobody knows when. By their number, so that nobody else changes. */
static void old_birth(struct demo_maker *m, int age, struct demo_member *x)
{
    char text[64];
    if (age >= 88 && m->person_serial % 4 == 0) {
        x->birth = date_add_months(x->birth, -14 * 12);
        birth_text(m, false, x->birth, x->r);
    } else if (age >= 75 && m->person_serial % 7 == 0) {
        snprintf(text, sizeof text, "?%04d-01-01/昭和%d年頃", x->birth.y, x->birth.y - 1925);
        resident_set(x->r, ATTR_BIRTH_ON, text);
    }
}

static void add_member(struct demo_maker *m, struct demo_house *h, const char *relation, const char *sex, int age,
                       bool own_surname)
{
    struct demo_member *x = &h->m[h->n++];
    *x = (struct demo_member){ .r = resident_new(), .birth = birth_for_age(m, age) };
    struct resident *r = x->r;
    serial(&m->person_serial, m->o->serial_width, r->id);
    if (h->foreign && h->n == 1)
        name_foreign(m, h->foreign, r);
    else
        name_japanese(m, h, own_surname || h->foreign, sex, x->birth, r);
    bool foreign = resident_is(r, ATTR_CLASS, CLASS_FOREIGN);
    birth_text(m, foreign, x->birth, r);
    if (!foreign)
        old_birth(m, age, x);
    x->own_surname = own_surname;
    resident_set(r, ATTR_SEX, sex);
    resident_set(r, ATTR_RELATION, relation);
    resident_set(r, ATTR_KANA_STATE, rng_chance(&m->g, 850) ? "3" : "0");
    char *my = scrambled(m->person_serial, UINT64_C(74850248271), UINT64_C(100000000000), 11, checkdigit_my_number);
    char *code = scrambled(m->person_serial, UINT64_C(6364136223), UINT64_C(10000000000), 10, checkdigit_resident_code);
    resident_set(r, ATTR_MY_NUMBER, my);
    resident_set(r, ATTR_RESIDENT_CODE, code);
    if (age >= 18 && !foreign)
        resident_set(r, ATTR_VOTER, "1");
    if (rng_chance(&m->g, 720))
        resident_set(r, ATTR_CARD_HOLDER, "1");
    free(my);
    free(code);
}

static const struct resident *who_is(const struct demo_house *h, const char *relation)
{
    for (size_t i = 0; i < h->n; i++)
        if (resident_is(h->m[i].r, ATTR_RELATION, relation))
            return h->m[i].r;
    return NULL;
}

/* 筆頭者: parents and children with a family of their own stand in another 戸籍 than the head. */
static const struct resident *leads(const struct demo_house *h, const struct demo_member *x)
{
    static const struct {
        const char *relation, *of;
    } others[] = { { "父", "父" }, { "母", "父" }, { "子の妻", "子" }, { "子の子", "子" } };
    const struct resident *found = h->foreign || x->own_surname ? x->r : h->m[0].r;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (resident_is(x->r, ATTR_RELATION, others[i].relation))
            found = who_is(h, others[i].of);
    if (resident_is(x->r, ATTR_RELATION, "子") && who_is(h, "子の妻"))
        found = x->r;
    return found ? found : x->r;
}

static void people(struct demo_maker *m, struct demo_house *h, int room)
{
    const struct pattern *p = pick_pattern(&m->g);
    int head_age = rng_between(&m->g, p->head_from, p->head_to);
    const char *sex = h->foreign ? h->foreign->cell[4] : rng_chance(&m->g, 700) ? SEX_MALE : SEX_FEMALE;
    add_member(m, h, "世帯主", sex, head_age, false);
    for (const struct seat *s = p->seat; s->relation && (int)h->n < room && h->n < DEMO_HOUSE_MAX; s++) {
        int age = head_age - rng_between(&m->g, s->age_from, s->age_to);
        if (age < 0 || age > 108 || !rng_chance(&m->g, s->per_mille))
            continue;
        const char *of = sex_of(m, s, sex);
        add_member(m, h, relation_word(s->relation, of), of, age, s->own_surname);
    }
    for (size_t i = 0; i < h->n; i++) {
        const char *name = resident_get(h->m[0].r, ATTR_NAME);
        resident_set(h->m[i].r, ATTR_HEAD_NAME, *name ? name : resident_get(h->m[0].r, ATTR_NAME_ALPHA));
        if (resident_is(h->m[i].r, ATTR_CLASS, CLASS_JAPANESE))
            resident_set(h->m[i].r, ATTR_DOMICILE_HEAD, resident_get(leads(h, &h->m[i]), ATTR_NAME));
    }
    /* Now and then the record of an old member, not the head, ends with death. */
    struct demo_member *last = &h->m[h->n - 1];
    last->dead = h->n > 1 && date_age(last->birth, m->o->today) > 70 && rng_chance(&m->g, 300);
}

static void place(struct demo_maker *m, struct demo_place *p)
{
    p->town = &m->t.own.t[rng_below(&m->g, (uint32_t)m->t.own.n)];
    bool blocks = strstr(p->town->town, "丁目") != NULL; /* 住居表示 */
    int a = rng_between(&m->g, 1, blocks ? 30 : 2400), b = rng_between(&m->g, 1, blocks ? 40 : 12);
    p->lot = blocks ? xprintf("%d番%d号", a, b) : xprintf("%d番地%d", a, b);
    if (rng_chance(&m->g, 380))
        p->building = xprintf("%s %d%02d号室", demo_pick(&m->g, &m->t.buildings)->cell[0], rng_between(&m->g, 1, 9),
                              rng_between(&m->g, 1, 15));
}

static char *elsewhere(struct demo_maker *m)
{
    const struct demo_town *t = &m->t.other.t[rng_below(&m->g, (uint32_t)m->t.other.n)];
    return xprintf("%s%s%s%d番地", t->pref, t->city, t->town, rng_between(&m->g, 1, 900));
}

enum err demo_house_make(struct demo_maker *m, int room, struct demo_house *h, struct errinfo *reterr)
{
    (void)reterr;
    *h = (struct demo_house){ 0 };
    serial(&m->household_serial, m->o->serial_width, h->no);
    h->surname = demo_pick(&m->g, &m->t.surnames);
    if (rng_chance(&m->g, 35))
        h->foreign = &m->t.foreign.r[rng_below(&m->g, (uint32_t)m->t.foreign.n)];
    place(m, &h->place);
    h->from = elsewhere(m);
    h->domicile = rng_chance(&m->g, 500) ? elsewhere(m)
                                         : xprintf("%s%s%s%d番地", h->place.town->pref, h->place.town->city,
                                                   h->place.town->town, rng_between(&m->g, 1, 1500));
    people(m, h, room);
    int grown = date_age(h->m[0].birth, m->o->today) - 18;
    h->since = date_add(m->o->today, -rng_between(&m->g, 30, 60 + 365 * (grown > 45 ? 45 : grown)));
    if (rng_chance(&m->g, 250)) {
        place(m, &h->before);
        int days = date_days(h->since, m->o->today);
        h->moved = date_add(h->since, rng_between(&m->g, days / 3, days * 2 / 3));
    }
    h->gone = rng_chance(&m->g, 40);
    return OK;
}

void demo_house_done(struct demo_house *h)
{
    for (size_t i = 0; i < h->n; i++)
        resident_free(h->m[i].r);
    free(h->place.lot);
    free(h->place.building);
    free(h->before.lot);
    free(h->before.building);
    free(h->from);
    free(h->domicile);
    *h = (struct demo_house){ 0 };
}
