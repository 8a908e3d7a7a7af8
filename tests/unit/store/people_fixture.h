/* Store with rules for search keys, and residents in few words. */
#ifndef TESTS_STORE_PEOPLE_FIXTURE_H
#define TESTS_STORE_PEOPLE_FIXTURE_H

#include "fixture.h"

#include "store/people.h"

struct people_test {
    struct store_test *t;
};

/* Puts these groups, "head forms" pairs, and two eras in force. */
static inline void people_test_rules(struct people_test *p, const char *const (*group)[2], size_t n)
{
    struct code_table table = { .name = xstrdup("variants") };
    for (size_t i = 0; i < n; i++) {
        table.c = xrealloc(table.c, table.n + 1, sizeof *table.c);
        table.c[table.n++] = (struct code){ .code = xstrdup(group[i][0]), .label = xstrdup(group[i][1]) };
    }
    struct rulebook book = {
        .eras = { .n = 2,
                  .e = { { .key = 'S', .name = "昭和", .abbrev = "昭", .from = { 1926, 12, 25 }, .to = { 1989, 1, 7 } },
                         { .key = 'H', .name = "平成", .abbrev = "平", .from = { 1989, 1, 8 } } } },
        .table = &table,
        .n_table = 1,
    };
    assert_ok(people_use(p->t->db, &book, NULL));
    for (size_t i = 0; i < n; i++) {
        free(table.c[i].code);
        free(table.c[i].label);
    }
    free(table.c);
    free(table.name);
}

static inline int people_test_begin(void **state)
{
    static const char *const groups[][2] = { { "辺", "辺邊邉" }, { "高", "高髙" }, { "崎", "崎﨑" }, { "吉", "吉𠮷" } };
    struct people_test *p = xcalloc(1, sizeof *p);
    void *t = NULL;
    if (store_test_begin(&t) != 0)
        return -1;
    p->t = t;
    people_test_rules(p, groups, ARRAY_LEN(groups));
    *state = p;
    return 0;
}

static inline int people_test_end(void **state)
{
    struct people_test *p = *state;
    void *t = p->t;
    int bad = store_test_end(&t);
    free(p);
    return bad;
}

#define people_unit_test(f) cmocka_unit_test_setup_teardown(f, people_test_begin, people_test_end)

/* A living resident of 梅町8番地3; attributes follow as pairs of enum attr and text, ATTR_COUNT at the end. */
static inline struct resident *someone(const char *id, int64_t rev, ...)
{
    struct resident *r = resident_new();
    va_list ap;
    memcpy(r->id, id, strlen(id));
    r->rev = rev;
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_HOUSEHOLD, "907");
    resident_set(r, ATTR_ADDR_CITY, "梅市");
    resident_set(r, ATTR_ADDR_TOWN, "梅町");
    resident_set(r, ATTR_ADDR_LOT, "8番地3");
    va_start(ap, rev);
    for (enum attr a = va_arg(ap, enum attr); a != ATTR_COUNT; a = va_arg(ap, enum attr))
        resident_set(r, a, va_arg(ap, const char *));
    va_end(ap);
    return r;
}

/* Applies and frees. */
static inline enum err put(struct people_test *p, struct resident *take)
{
    assert_ok(txn_begin(p->t->db, NULL));
    enum err e = txn_end(p->t->db, people_apply(p->t->db, take, 1, NULL), NULL);
    resident_free(take);
    return e;
}

#endif
