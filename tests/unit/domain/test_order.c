#include "check.h"

#include "base/mem.h"
#include "domain/order.h"
#include "fixture.h"

static struct resident *person(const char *id, const char *name, const char *relation, const char *birth,
                               const char *sex)
{
    struct resident *r = resident_new();
    memcpy(r->id, id, strlen(id));
    resident_set(r, ATTR_NAME, name);
    resident_set(r, ATTR_RELATION, relation);
    resident_set(r, ATTR_BIRTH_ON, birth);
    resident_set(r, ATTR_SEX, sex);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    return r;
}

/* Ids after sorting, in one word; tried from both ends, since the result must not hang on the order of arrival. */
static void order_is(struct resident **list, size_t n, const char *want)
{
    for (int turn = 0; turn < 2; turn++) {
        const struct resident **m = xcalloc(n, sizeof *m);
        struct buf b = BUF_INIT;
        for (size_t i = 0; i < n; i++)
            m[i] = list[turn == 0 ? i : n - 1 - i];
        members_order(m, n, &test_eras);
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s%s", i > 0 ? " " : "", m[i]->id);
        assert_string_equal(buf_str(&b), want);
        buf_done(&b);
        free(m);
    }
}

static void done(struct resident **list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        resident_free(list[i]);
}

static void test_plain(void **state)
{
    (void)state;
    struct resident *m[] = {
        person("5", "川田　タケ", "父の母", "T05.01.01", SEX_FEMALE),
        person("4", "川田　キヨ", "母", "S24.01.15", SEX_FEMALE),
        person("9", "北　次", "同居人", "S50.01.01", SEX_MALE),
        person("3", "川田　次郎", "子", "H17.08.20", SEX_MALE),
        person("8", "南　一", "縁故者", "S60.01.01", SEX_MALE),
        person("2", "川田　花子", "妻", "S53.03.02", SEX_FEMALE),
        person("7", "川田　三郎", "子", "H15.08.20", SEX_MALE),
        person("6", "川田　四郎", "弟", "S55.08.20", SEX_MALE),
        person("1", "川田　一郎", "世帯主", "S50.05.10", SEX_MALE),
        person("A", "山　ウメ", "妻の母", "S20.08.20", SEX_FEMALE),
        person("B", "川田　春", "弟の妻", "S56.08.20", SEX_FEMALE),
        person("C", "川田　夏", "弟の子", "H20.08.20", SEX_FEMALE),
    };
    order_is(m, ARRAY_LEN(m), "1 2 7 3 4 6 5 A B C 8 9");
    done(m, ARRAY_LEN(m));
}

/* A child with a family here goes behind those without one, and takes the family along. */
static void test_families(void **state)
{
    (void)state;
    struct resident *m[] = {
        person("1", "川田　一郎", "世帯主", "S25.05.10", SEX_MALE),
        person("2", "川田　長", "子", "S50.01.01", SEX_MALE),
        person("3", "川田　次", "子", "S52.01.01", SEX_MALE),
        person("4", "川田　末", "子", "S60.01.01", SEX_FEMALE),
        person("5", "川田　嫁", "子の妻", "S51.01.01", SEX_FEMALE),
        person("6", "川田　孫", "子の子", "H12.01.01", SEX_MALE),
        person("7", "海　婿", "子の夫", "S59.01.01", SEX_MALE),
    };
    /* 嫁 and 孫 go with the elder son, 婿 with the daughter; 次 has nobody */
    order_is(m, ARRAY_LEN(m), "1 3 2 5 6 4 7");
    done(m, ARRAY_LEN(m));
}

static void test_surname_tells_whose_child(void **state)
{
    (void)state;
    struct resident *m[] = {
        person("1", "川田　一郎", "世帯主", "S25.05.10", SEX_MALE),
        person("2", "川田　長", "子", "S50.01.01", SEX_MALE),
        person("3", "海　次", "子", "S52.01.01", SEX_FEMALE),
        person("6", "海　孫", "子の子", "H12.01.01", SEX_MALE),
    };
    order_is(m, ARRAY_LEN(m), "1 2 3 6");
    done(m, ARRAY_LEN(m));
}

static void test_parents_koseki_head_first(void **state)
{
    (void)state;
    struct resident *m[] = {
        person("1", "川田　一郎", "世帯主", "S50.05.10", SEX_MALE),
        person("2", "川田　父", "父", "S25.01.01", SEX_MALE),
        person("3", "川田　母", "母", "S24.01.01", SEX_FEMALE),
    };
    order_is(m, ARRAY_LEN(m), "1 3 2"); /* by birth */
    resident_set(m[1], ATTR_DOMICILE_HEAD, "川田　父");
    resident_set(m[2], ATTR_DOMICILE_HEAD, "川田　父");
    order_is(m, ARRAY_LEN(m), "1 2 3");
    done(m, ARRAY_LEN(m));
}

static void test_position_wins(void **state)
{
    (void)state;
    struct resident *m[] = {
        person("1", "川田　一郎", "世帯主", "S50.05.10", SEX_MALE),
        person("2", "川田　花子", "妻", "S53.03.02", SEX_FEMALE),
        person("3", "川田　次郎", "子", "H17.08.20", SEX_MALE),
        person("4", "川田　新", "子", "H10.08.20", SEX_MALE),
    };
    resident_set(m[2], ATTR_POSITION, "1");
    resident_set(m[0], ATTR_POSITION, "2");
    resident_set(m[1], ATTR_POSITION, "10");
    order_is(m, ARRAY_LEN(m), "3 1 2 4"); /* who joined later stands at the end */
    done(m, ARRAY_LEN(m));
}

static void test_equal_and_unknown(void **state)
{
    (void)state;
    struct resident *m[] = {
        person("1", "川田　一郎", "世帯主", "S50.05.10", SEX_MALE),
        person("4", "川田　双", "子", "H17.08.20", SEX_MALE),
        person("3", "川田　子", "子", "H17.08.20", SEX_MALE),
        person("5", "川田　不", "子", "?0001-01-01/年月日不詳", SEX_MALE),
        person("6", "川田　謎", "祖父", "S01.12.25", SEX_MALE), /* not an expression: last */
        person("7", "川田　暦", "子", "H17.02.30", SEX_MALE),
    };
    order_is(m, ARRAY_LEN(m), "1 5 7 3 4 6");
    done(m, ARRAY_LEN(m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_families),
        cmocka_unit_test(test_surname_tells_whose_child),
        cmocka_unit_test(test_parents_koseki_head_first),
        cmocka_unit_test(test_position_wins),
        cmocka_unit_test(test_equal_and_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
