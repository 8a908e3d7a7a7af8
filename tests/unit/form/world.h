/* A small fictitious register and ways to write notices about it, for the tests of checks and effects. */
#ifndef TEST_FORM_WORLD_H
#define TEST_FORM_WORLD_H

#include "fixture.h"
#include "harness/people.h"

#include "domain/effect.h"
#include "domain/finding.h"
#include "domain/household.h"

/* Numbers as a host would give them, but countable. */
struct counter {
    int people, households, codes;
};

static inline enum err give_person(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *e)
{
    (void)e;
    snprintf(ret, PERSON_ID_MAX + 1, "900%d", ++((struct counter *)self)->people);
    return OK;
}

static inline enum err give_household(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *e)
{
    (void)e;
    snprintf(ret, PERSON_ID_MAX + 1, "800%d", ++((struct counter *)self)->households);
    return OK;
}

static inline enum err give_code(void *self, char ret[12], struct errinfo *e)
{
    (void)e;
    ++((struct counter *)self)->codes;
    ret[0] = '\0';
    return OK;
}

static inline struct effect_ctx ctx_of(const struct rulebook *book, struct counter *c, struct date day)
{
    return (struct effect_ctx){ .book = book,
                                .today = day,
                                .received = day,
                                .office = "E",
                                .terminal = "E1",
                                .numbers = { give_person, give_household, give_code, c } };
}

static inline struct resident *add_person(struct world *w, const char *id, const char *household, const char *name,
                                          const char *sex, const char *birth, const char *relation)
{
    const struct made_person p = { id, household, name, sex, birth, relation };
    struct resident *r = make_person(&p);
    resident_set(r, ATTR_ADDR_PREF, "千早県");
    resident_set(r, ATTR_ADDR_CITY, "梅里市");
    resident_set(r, ATTR_REMARK, "備考はそのまま");
    resident_set(r, ATTR_EV_NOTE, "前の異動の留意事項");
    resident_list_add(&w->people, r);
    return r;
}

/* Heads' names go to the members. */
static inline void name_heads(struct world *w)
{
    for (size_t i = 0; i < w->people.n; i++)
        for (size_t h = 0; h < w->people.n; h++)
            if (resident_is_head(w->people.r[h]) &&
                resident_is(w->people.r[i], ATTR_HOUSEHOLD, resident_get(w->people.r[h], ATTR_HOUSEHOLD)))
                resident_set(w->people.r[i], ATTR_HEAD_NAME, resident_get(w->people.r[h], ATTR_NAME));
}

/* Households A (11) and B (22) of the acceptance scenarios. */
static inline void add_town(struct world *w)
{
    add_person(w, "101", "11", "川田　一郎", "1", "S50.05.10", "世帯主");
    add_person(w, "102", "11", "川田　花子", "2", "S53.03.02", "妻");
    add_person(w, "103", "11", "川田　次郎", "1", "H17.08.20", "子");
    add_person(w, "104", "11", "川田　キヨ", "2", "S24.01.15", "母");
    add_person(w, "201", "22", "鈴木　明", "1", "S45.01.01", "世帯主");
    name_heads(w);
}

static inline void world_done(struct world *w)
{
    resident_list_done(&w->people);
    resident_list_done(&w->similar);
}

/* The part every notice has: filed by the person, identity confirmed. */
static inline struct notice *notice_filed(const char *kind, const char *day)
{
    struct notice *n = notice_new(kind);
    n->no = xstrdup("E1-2026-000001");
    notice_set(n, "filer", 0, "filed_on", day);
    notice_set(n, "filer", 0, "relation", "1");
    notice_set(n, "filer", 0, "id1", "12");
    notice_set(n, "filer", 0, "id_result", "1");
    return n;
}

static inline const struct finding *finding(const struct findings *f, const char *msg)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->f[i].msg, msg) == 0)
            return &f->f[i];
    return NULL;
}

/* Fails unless the findings are exactly these messages ("" for none), in any order, each as often as named. */
static inline void expect_findings(const struct findings *f, const char *messages)
{
    char *left = xstrdup(messages);
    for (size_t i = 0; i < f->n; i++) {
        char *at = strstr(left, f->f[i].msg);
        if (!at)
            fail_msg("found %s at %s[%d].%s (%s), expected %s", f->f[i].msg, f->f[i].section, f->f[i].row,
                     f->f[i].field, f->f[i].about ? f->f[i].about : "", messages);
        else
            memset(at, ' ', strlen(f->f[i].msg));
    }
    if (strspn(left, " ") != strlen(left))
        fail_msg("not found: %s", left);
    free(left);
}

#endif
