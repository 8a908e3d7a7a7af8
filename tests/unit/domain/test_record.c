#include "check.h"

#include "base/mem.h"
#include "domain/record.h"

#define S(literal) ((struct span){ literal, sizeof(literal) - 1 })

static void test_table(void **state)
{
    (void)state;
    for (size_t a = 0; a < ATTR_COUNT; a++) {
        const struct attr_info *i = attr_info((enum attr)a);
        assert_true(i->max > 0);
        assert_true(*i->label != '\0');
        assert_int_equal(attr_by_key(span_of(i->key)), a); /* keys are different */
    }
    assert_int_equal(attr_by_key(S("nonsense")), ATTR_COUNT);
    assert_int_equal(attr_by_key(S("")), ATTR_COUNT);
}

static void test_values(void **state)
{
    (void)state;
    struct resident *r = resident_new();
    assert_string_equal(resident_get(r, ATTR_NAME), "");
    resident_set(r, ATTR_NAME, "川田　一郎");
    assert_true(resident_is(r, ATTR_NAME, "川田　一郎"));
    resident_set(r, ATTR_NAME, resident_get(r, ATTR_NAME));
    assert_string_equal(resident_get(r, ATTR_NAME), "川田　一郎");
    resident_set(r, ATTR_NAME, "");
    assert_null(r->val[ATTR_NAME]);
    assert_false(resident_living(r));
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_PLANNED_ON, "2026-08-01");
    assert_true(resident_living(r));
    assert_false(resident_is_head(r));
    resident_set(r, ATTR_RELATION, "世帯主");
    assert_true(resident_is_head(r));
    struct resident *copy = resident_copy(r);
    resident_set(r, ATTR_RELATION, "子");
    assert_true(resident_is_head(copy));
    resident_free(r);
    resident_free(copy);
    resident_free(NULL);
}

static struct resident *sample(void)
{
    struct resident *r = resident_new();
    memcpy(r->id, "000000000123455", 16);
    r->rev = 3;
    resident_set(r, ATTR_HOUSEHOLD, "000000000001235");
    resident_set(r, ATTR_NAME, "𠮷﨑　髙志");
    resident_set(r, ATTR_REMARK, "行\n欄\tq\"b\\c\x01");
    return r;
}

#define BODY                                                                                                     \
    "{\"id\":\"000000000123455\",\"rev\":\"3\",\"household\":\"000000000001235\",\"name\":\"𠮷﨑　髙志\"," \
    "\"remark\":\"行\\n欄\\tq\\\"b\\\\c\\u0001\"}"

static void test_encode(void **state)
{
    (void)state;
    struct resident *r = sample();
    struct buf b = BUF_INIT;
    resident_encode(r, &b);
    assert_string_equal(buf_str(&b), BODY);
    buf_done(&b);
    resident_free(r);
}

static void test_decode(void **state)
{
    (void)state;
    struct resident *r = NULL;
    struct buf again = BUF_INIT;
    assert_int_equal(resident_decode(S(BODY), &r, NULL), OK);
    assert_string_equal(r->id, "000000000123455");
    assert_int_equal(r->rev, 3);
    assert_string_equal(resident_get(r, ATTR_REMARK), "行\n欄\tq\"b\\c\x01");
    resident_encode(r, &again);
    assert_string_equal(buf_str(&again), BODY);
    buf_done(&again);
    resident_free(r);
}

static void test_decode_refuses(void **state)
{
    (void)state;
    const struct span bad[] = {
        S(""),
        S("{}"),
        S("{\"id\":\"\",\"rev\":\"1\"}"),
        S("{\"id\":\"1234567890123456\",\"rev\":\"1\"}"),
        S("{\"id\":\"1\",\"rev\":1}"),
        S("{\"id\":\"1\",\"rev\":\"\"}"),
        S("{\"id\":\"1\",\"rev\":\"01\"}"),
        S("{\"id\":\"1\",\"rev\":\"-1\"}"),
        S("{\"id\":\"1\",\"rev\":\"1234567890123456789\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\"} "),
        S("{\"id\":\"1\", \"rev\":\"1\"}"),
        S("{\"rev\":\"1\",\"id\":\"1\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"a\",\"name\":\"a\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"a\",\"household\":\"1\"}"), /* order of the list */
        S("{\"id\":\"1\",\"rev\":\"1\",\"nom\":\"a\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name_\":\"a\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"\\u0041\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"\\u000a\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"\\u001F\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"\\u0000\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"\\/\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"a\x01\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"a\0\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"\xc0\xaf\"}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"a\",}"),
        S("{\"id\":\"1\",\"rev\":\"1\",\"name\":\"a\"}}"),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct resident *r = NULL;
        struct errinfo e = { .code = OK };
        assert_int_equal(resident_decode(bad[i], &r, &e), E_CORRUPT);
        assert_null(r);
        assert_int_equal(e.code, E_CORRUPT);
    }
}

static void test_decode_refuses_every_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(BODY) - 1; n++) {
        char *cut = xmalloc(n + 1); /* of its own size, so that a read past the end is seen */
        memcpy(cut, BODY, n);
        struct resident *r = NULL;
        assert_int_equal(resident_decode((struct span){ cut, n }, &r, NULL), E_CORRUPT);
        free(cut);
    }
}

/* Whatever single byte is changed: refused, or read as a body that is written exactly so. */
static void test_decode_takes_only_what_is_written(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(BODY) - 1; at++) {
        for (int byte = 0; byte < 256; byte++) {
            char body[] = BODY;
            body[at] = (char)byte;
            struct span s = { body, sizeof body - 1 };
            struct resident *r = NULL;
            struct buf again = BUF_INIT;
            if (resident_decode(s, &r, NULL) != OK)
                continue;
            resident_encode(r, &again);
            assert_true(span_eq(buf_span(&again), s));
            buf_done(&again);
            resident_free(r);
        }
    }
}

static void count_diff(void *arg, enum attr a, const char *before, const char *after)
{
    struct buf *seen = arg;
    buf_printf(seen, "%s:%s>%s ", attr_info(a)->key, before, after);
}

static void test_diff(void **state)
{
    (void)state;
    struct resident *a = sample(), *b = sample();
    struct buf seen = BUF_INIT;
    resident_diff(a, b, count_diff, &seen);
    assert_string_equal(buf_str(&seen), "");
    resident_set(b, ATTR_NAME, "吉崎　高志");
    resident_set(b, ATTR_REMARK, "");
    resident_set(b, ATTR_EV_REASON, "M04");
    resident_diff(a, b, count_diff, &seen);
    assert_string_equal(buf_str(&seen), "name:𠮷﨑　髙志>吉崎　高志 remark:行\n欄\tq\"b\\c\x01> ev_reason:>M04 ");
    buf_done(&seen);
    resident_free(a);
    resident_free(b);
}

static void test_list(void **state)
{
    (void)state;
    struct resident_list l = { 0 };
    for (int i = 0; i < 20; i++) {
        struct resident *r = resident_new();
        r->id[0] = (char)('a' + i);
        resident_list_add(&l, r);
    }
    assert_int_equal(l.n, 20);
    assert_ptr_equal(resident_list_find(&l, "c"), l.r[2]);
    assert_null(resident_list_find(&l, "z"));
    resident_list_done(&l);
    assert_int_equal(l.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_refuses),
        cmocka_unit_test(test_decode_refuses_every_cut),
        cmocka_unit_test(test_decode_takes_only_what_is_written),
        cmocka_unit_test(test_diff),
        cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
