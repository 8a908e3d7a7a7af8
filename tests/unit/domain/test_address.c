#include "check.h"

#include "base/mem.h"
#include "domain/address.h"

static struct resident *at(const char *town, const char *lot, const char *building)
{
    struct resident *r = resident_new();
    resident_set(r, ATTR_ADDR_PREF, "梅県");
    resident_set(r, ATTR_ADDR_CITY, "松川市");
    resident_set(r, ATTR_ADDR_TOWN, town);
    resident_set(r, ATTR_ADDR_LOT, lot);
    resident_set(r, ATTR_ADDR_BUILDING, building);
    return r;
}

static void test_show(void **state)
{
    (void)state;
    struct resident *r = at("梅町一丁目", "8番地3", "サンコーポ201");
    struct buf b = BUF_INIT;
    address_show(r, true, &b);
    assert_string_equal(buf_str(&b), "梅県松川市梅町一丁目8番地3　サンコーポ201");
    buf_clear(&b);
    address_show(r, false, &b);
    assert_string_equal(buf_str(&b), "梅県松川市梅町一丁目8番地3");
    buf_clear(&b);
    address_join(NULL, "松川市", "", NULL, NULL, &b);
    assert_string_equal(buf_str(&b), "松川市");
    buf_clear(&b);
    address_join(NULL, NULL, NULL, NULL, "サンコーポ", &b);
    assert_string_equal(buf_str(&b), "サンコーポ");
    buf_done(&b);
    resident_free(r);
}

static void folds(const char *in, const char *want)
{
    struct buf b = BUF_INIT;
    address_fold_numbers(span_of(in), &b);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_fold(void **state)
{
    (void)state;
    folds("8番地3", "8-3");
    folds("８番地の３", "8-3");
    folds("8番3号", "8-3");
    folds("８－３", "8-3");
    folds("8−3", "8-3");
    folds("8 番地 3", "8-3");
    folds("8 3", "8-3");
    folds("8番地", "8");
    folds("8番地3の2", "8-3-2");
    folds("梅町一丁目８番地", "梅町一丁目8");
    folds("港1丁目18-29", "港一丁目18-29");
    folds("港１０丁目２番", "港十丁目2");
    folds("港25丁目", "港二十五丁目");
    folds("番町の場", "番町の場"); /* words that stand behind no number stay */
    folds("甲8番地", "甲8");
    folds("", "");
    folds("  ", "");
}

static void compare(const char *lot, const char *building, const char *other_lot, const char *other_building,
                    enum address_same want)
{
    struct resident *a = at("梅町", lot, building), *b = at("梅町", other_lot, other_building);
    assert_int_equal(address_compare(a, b), want);
    assert_int_equal(address_compare(b, a), want);
    resident_free(a);
    resident_free(b);
}

static void test_compare(void **state)
{
    (void)state;
    compare("8番地3", "", "８－３", "", ADDRESS_SAME);
    compare("8番地3", "サンコーポ201", "8-3", "サンコーポ　２０１号", ADDRESS_SAME);
    compare("8番地3", "サンコーポ201", "8番地3", "サンコーポ202", ADDRESS_SAME_LOT);
    compare("8番地3", "サンコーポ201", "8番地3", "", ADDRESS_SAME_LOT);
    compare("8番地3", "", "8番地4", "", ADDRESS_OTHER);
    compare("8番地3", "", "83番地", "", ADDRESS_OTHER);
    struct resident *a = at("梅町", "8", ""), *b = at("松町", "8", "");
    assert_int_equal(address_compare(a, b), ADDRESS_OTHER);
    resident_free(a);
    resident_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
