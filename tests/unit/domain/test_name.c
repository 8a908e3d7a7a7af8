#include "check.h"

#include "base/mem.h"
#include "domain/name.h"

static void accepts(enum name_kind k, const char *name)
{
    assert_int_equal(name_check(k, span_of(name), 100, NULL), OK);
}

static void refuses(enum name_kind k, const char *name)
{
    struct errinfo e;
    assert_int_equal(name_check(k, span_of(name), 100, &e), E_INVALID);
    assert_string_equal(e.msg, "E19");
}

static void test_person(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",           "川田　一郎",   "𠮷﨑　髙志", "葛󠄀城　辻󠄀子", "佐々木　さくら", "アン・マリー",
        "ジョー　Ｊ", "\ue000川　一", "塚　福",     "鈴木　𛂞な"
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        accepts(NAME_PERSON, good[i]);
    static const char *const bad[] = { "川田 一郎",  "　川田",       "川田　",     "川田　　一郎", "ｶﾜﾀﾞ",
                                       "川田\n一郎", "川田☆",        "川田😀",      "川\u200b田",   "川\u202e田",
                                       "川田3",      "あ\U000e0100", "\U000e0100", "김",           "\xff" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        refuses(NAME_PERSON, bad[i]);
}

static void test_length_is_in_characters(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 100; i++)
        buf_adds(&b, "葛󠄀");
    accepts(NAME_PERSON, buf_str(&b));
    buf_adds(&b, "葛");
    refuses(NAME_PERSON, buf_str(&b));
    buf_done(&b);
    assert_int_equal(name_check(NAME_PERSON, span_of("𠮷﨑　髙志"), 5, NULL), OK);
    assert_int_equal(name_check(NAME_PERSON, span_of("𠮷﨑　髙志"), 4, NULL), E_INVALID);
}

static void test_alias(void **state)
{
    (void)state;
    accepts(NAME_ALIAS, "金田　さくら");
    accepts(NAME_ALIAS, "リー　健");
    refuses(NAME_ALIAS, "Lee 健");
    refuses(NAME_ALIAS, "LEE");
    refuses(NAME_ALIAS, "Ｌ健");
    refuses(NAME_ALIAS, "金☆");
    refuses(NAME_ALIAS, "이");
    refuses(NAME_ALIAS, "\ue000健");
}

static void test_alpha(void **state)
{
    (void)state;
    accepts(NAME_ALPHA, "O'NEIL JEAN-LUC");
    accepts(NAME_ALPHA, "SMITH, JOHN JR.");
    refuses(NAME_ALPHA, "Smith");
    refuses(NAME_ALPHA, "ＳＭＩＴＨ");
    refuses(NAME_ALPHA, "SMITH  JOHN");
    refuses(NAME_ALPHA, "SMITH　JOHN");
    refuses(NAME_ALPHA, "SMITH2");
}

static void typed_is(enum name_kind k, const char *typed, const char *want)
{
    struct buf b = BUF_INIT;
    name_typed(k, span_of(typed), &b);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_typed(void **state)
{
    (void)state;
    typed_is(NAME_PERSON, "  川田 一郎 ", "川田　一郎");
    typed_is(NAME_PERSON, "川田　 　一郎", "川田　一郎");
    typed_is(NAME_PERSON, "か\xe3\x82\x99", "が");
    typed_is(NAME_PERSON, "塚󠄁　神", "塚󠄁　神"); /* kanji stay what they are */
    typed_is(NAME_ALPHA, " smith   john", "SMITH JOHN");
}

static void test_split(void **state)
{
    (void)state;
    struct span family, given;
    name_split(span_of("川田　一郎"), &family, &given);
    assert_true(span_is(family, "川田"));
    assert_true(span_is(given, "一郎"));
    name_split(span_of("ジョー　Ｊ　スミス"), &family, &given);
    assert_true(span_is(given, "Ｊ　スミス"));
    name_split(span_of("一郎"), &family, &given);
    assert_true(span_is(family, "一郎"));
    assert_int_equal(given.n, 0);
}

static void test_unregistered(void **state)
{
    (void)state;
    assert_true(name_has_unregistered(span_of("川\ue000")));
    assert_true(name_has_unregistered(span_of("川\U000f0000")));
    assert_false(name_has_unregistered(span_of("𠮷﨑　髙志")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_person),       cmocka_unit_test(test_length_is_in_characters),
        cmocka_unit_test(test_alias),        cmocka_unit_test(test_alpha),
        cmocka_unit_test(test_typed),        cmocka_unit_test(test_split),
        cmocka_unit_test(test_unregistered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
