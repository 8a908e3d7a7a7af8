#include "sync_test.h"

#include "sync/conflict.h"

static struct resident *person(const char *lot, const char *name)
{
    struct resident *r = resident_new();
    memcpy(r->id, "101", 4);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_ADDR_LOT, lot);
    resident_set(r, ATTR_NAME, name);
    return r;
}

static enum conflict verdict(const struct resident *base, const struct resident *theirs, const struct resident *mine,
                             size_t *ret_fields)
{
    struct conflict_verdict v;
    conflict_classify(&(struct conflict_view){ base, theirs, mine }, &v);
    if (ret_fields)
        *ret_fields = v.n;
    return v.category;
}

static void test_categories(void **state)
{
    (void)state;
    size_t n = 0;
    struct resident *base = person("1", "川田"), *lot2 = person("2", "川田"), *lot3 = person("3", "川田"),
                    *name = person("1", "川田　花"), *both = person("2", "川田　花");
    assert_int_equal(verdict(base, base, lot2, &n), CONFLICT_NONE);
    assert_int_equal(verdict(base, lot2, lot3, &n), CONFLICT_SAME_FIELD);
    assert_int_equal(n, 1);
    assert_int_equal(verdict(base, name, lot2, &n), CONFLICT_DISJOINT);
    assert_int_equal(verdict(base, both, lot3, NULL), CONFLICT_SAME_FIELD);
    assert_int_equal(verdict(base, lot2, lot2, NULL), CONFLICT_DUPLICATE); /* the same change, twice */
    assert_int_equal(verdict(base, both, lot2, NULL), CONFLICT_DISJOINT);
    assert_int_equal(verdict(base, lot2, NULL, NULL),
                     CONFLICT_SAME_FIELD); /* ours cannot be told: a supervisor looks */
    assert_int_equal(verdict(NULL, lot2, NULL, NULL), CONFLICT_DUPLICATE);
    assert_int_equal(verdict(base, NULL, lot2, NULL), CONFLICT_GONE);
    resident_set(name, ATTR_STATUS, STATUS_DEAD);
    assert_int_equal(verdict(base, name, lot2, NULL), CONFLICT_GONE);
    resident_free(base);
    resident_free(lot2);
    resident_free(lot3);
    resident_free(name);
    resident_free(both);
}

static void test_event_header_is_no_change(void **state)
{
    (void)state;
    struct resident *base = person("1", "川田"), *theirs = person("1", "川田");
    resident_set(theirs, ATTR_EV_NOTE, "誤記の確認");
    resident_set(theirs, ATTR_EV_ON, "R8.07.01");
    assert_int_equal(verdict(base, theirs, NULL, NULL), CONFLICT_NONE);
    resident_free(base);
    resident_free(theirs);
}

static void test_table(void **state)
{
    (void)state;
    for (int c = CONFLICT_NONE + 1; c < CONFLICTS; c++) {
        const struct conflict_info *i = conflict_info((enum conflict)c);
        assert_int_equal(conflict_by_code(span_of(i->code)), c);
        assert_true(*i->label && *i->action && *i->decider);
        assert_int_equal(conflict_worse((enum conflict)c, CONFLICT_NONE), c);
        assert_int_equal(conflict_worse(CONFLICT_INTEGRITY, (enum conflict)c), CONFLICT_INTEGRITY);
    }
    assert_int_equal(conflict_by_code(span_of("C11")), CONFLICT_NONE);
    assert_int_equal(conflict_worse(CONFLICT_DISJOINT, CONFLICT_SAME_FIELD), CONFLICT_SAME_FIELD);
    assert_int_equal(conflict_worse(CONFLICT_SAME_FIELD, CONFLICT_DISJOINT), CONFLICT_SAME_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_event_header_is_no_change),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
