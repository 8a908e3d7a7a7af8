#include "check.h"

#include "base/mem.h"
#include "domain/household.h"
#include "fixture.h"

static struct resident *add(struct resident_list *l, const char *id, const char *no, const char *relation)
{
    struct resident *r = resident_new();
    memcpy(r->id, id, strlen(id));
    resident_set(r, ATTR_HOUSEHOLD, no);
    resident_set(r, ATTR_RELATION, relation);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_HEAD_NAME, "川田　一郎");
    resident_set(r, ATTR_ADDR_LOT, "8番地3");
    resident_list_add(l, r);
    return r;
}

static void test_members(void **state)
{
    (void)state;
    struct resident_list l = { 0 };
    struct household h;
    add(&l, "2", "907", "妻");
    struct resident *head = add(&l, "1", "907", "世帯主");
    resident_set(head, ATTR_NAME, "川田　一郎");
    add(&l, "3", "908", "世帯主");
    struct resident *gone = add(&l, "4", "907", "子");
    resident_set(gone, ATTR_STATUS, STATUS_MOVED);
    household_of(&l, "907", &test_eras, &h);
    assert_int_equal(h.n, 2);
    assert_ptr_equal(h.head, head);
    assert_ptr_equal(h.m[0], head);
    assert_string_equal(h.no, "907");
    household_done(&h);
    household_of(&l, "nobody", &test_eras, &h);
    assert_int_equal(h.n, 0);
    household_done(&h);
    resident_list_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
