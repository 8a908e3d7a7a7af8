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

static unsigned faults(const struct resident_list *l)
{
    struct household h;
    household_of(l, "907", &test_eras, &h);
    unsigned f = household_faults(&h);
    household_done(&h);
    return f;
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
    assert_int_equal(household_faults(&h), 0);
    household_done(&h);
    household_of(&l, "nobody", &test_eras, &h);
    assert_int_equal(h.n, 0);
    assert_int_equal(household_faults(&h), 0);
    household_done(&h);
    resident_list_done(&l);
}

static void test_faults(void **state)
{
    (void)state;
    struct resident_list l = { 0 };
    struct resident *a = add(&l, "1", "907", "世帯主"), *b = add(&l, "2", "907", "妻");
    resident_set(a, ATTR_NAME, "川田　一郎");
    assert_int_equal(faults(&l), 0);
    resident_set(b, ATTR_RELATION, "世帯主");
    assert_int_equal(faults(&l), HF_TWO_HEADS);
    resident_set(b, ATTR_RELATION, "孫");
    assert_int_equal(faults(&l), HF_RELATION);
    resident_set(b, ATTR_RELATION, "妻");
    resident_set(a, ATTR_NAME, "山田　一郎");
    assert_int_equal(faults(&l), HF_HEAD_NAME);
    resident_set(a, ATTR_NAME, "川田　一郎");
    resident_set(b, ATTR_ADDR_LOT, "8-4");
    assert_int_equal(faults(&l), HF_ADDRESS);
    resident_set(b, ATTR_ADDR_LOT, "8-3");
    resident_set(b, ATTR_ADDR_BUILDING, "サンコーポ");
    assert_int_equal(faults(&l), HF_BUILDING);
    resident_set(b, ATTR_ADDR_BUILDING, "");
    resident_set(a, ATTR_RELATION, "妻"); /* 世帯主未設定 with the head's name blank everywhere is in order */
    resident_set(a, ATTR_HEAD_NAME, "");
    resident_set(b, ATTR_HEAD_NAME, "");
    assert_int_equal(faults(&l), HF_NO_HEAD);
    resident_list_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
