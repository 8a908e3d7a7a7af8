#include "check.h"

#include "base/mem.h"
#include "domain/attr.h"
#include "domain/relation.h"

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int n;
        const char *sex;
    } good[] = {
        { "世帯主", 1, "" },           { "縁故者", 1, "" },
        { "同居人", 1, "" },           { "妻", 1, SEX_FEMALE },
        { "夫（未届）", 1, SEX_MALE }, { "子（子の夫）", 1, SEX_MALE },
        { "子の夫", 2, SEX_MALE },     { "子（子の妻）の子", 2, "" },
        { "父の父", 2, SEX_MALE },     { "妻の父の母", 3, SEX_FEMALE },
        { "子の子の子の子", 4, "" },   { "妻（未届）の子", 2, "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct relation r;
        struct buf b = BUF_INIT;
        bool over = true;
        assert_int_equal(relation_parse(good[i].text, &r, &over, NULL), OK);
        assert_int_equal(r.n, good[i].n);
        assert_false(over);
        assert_string_equal(relation_sex(&r), good[i].sex);
        relation_text(&r, &b);
        assert_string_equal(buf_str(&b), good[i].text);
        buf_done(&b);
    }
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",       "祖父",     "祖母",       "孫",         "おじ",       "甥",         "姪",       "曾孫",
        "使用人", "準世帯主", "長男",       "二女",       "本人",       "子の",       "の子",     "子のの子",
        "子子",   "子 ",      "世帯主の子", "縁故者の子", "子の世帯主", "子の同居人", "夫(未届)", "子（未届）"
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct relation r = { .n = -1 };
        struct errinfo e;
        bool over = false;
        assert_int_equal(relation_parse(bad[i], &r, &over, &e), E_INVALID);
        assert_string_equal(e.msg, "E11");
        assert_int_equal(r.n, -1);
    }
}

static void test_too_long(void **state)
{
    (void)state;
    struct relation r;
    bool over = false;
    assert_int_equal(relation_parse("子の子の子の子の子", &r, &over, NULL), OK);
    assert_true(over);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.atom[0], REL_KIN);
    assert_int_equal(relation_parse("子の子の子の子の子", &r, NULL, NULL), E_INVALID);
    assert_int_equal(relation_parse("子の子の子の子の孫", &r, &over, NULL), E_INVALID);
}

static void test_sex(void **state)
{
    (void)state;
    struct relation wife = { { REL_WIFE }, 1 }, child = { { REL_CHILD }, 1 };
    assert_true(relation_fits_sex(&wife, SEX_FEMALE));
    assert_false(relation_fits_sex(&wife, SEX_MALE));
    assert_true(relation_fits_sex(&wife, ""));
    assert_true(relation_fits_sex(&child, SEX_MALE));
    assert_true(relation_is_spouse(&wife));
    assert_false(relation_is_spouse(&child));
}

/* ---- proposals ---- */

#define BORN(y) \
    {           \
        y, 1, 1 \
    }

static void proposal_is(const struct rel_person *old, const struct rel_person *new, const struct rel_person *who,
                        const char *want)
{
    struct rel_proposal p;
    struct buf b = BUF_INIT;
    relation_propose(old, new, who, &p);
    for (int i = 0; i < p.n; i++) {
        if (i > 0)
            buf_addc(&b, '|');
        relation_text(&p.option[i], &b);
    }
    if (p.ask)
        buf_addc(&b, '?');
    if (p.over)
        buf_addc(&b, '!');
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

struct expectation {
    const char *relation, *sex, *want;
    int born;
};

static void proposals(const struct rel_person *old, const struct rel_person *new, const struct expectation *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct rel_person who = { e[i].relation, e[i].sex, BORN(e[i].born) };
        proposal_is(old, new, &who, e[i].want);
    }
    proposal_is(old, new, new, "世帯主");
}

/* Scenario 1: 一郎 leaves, 花子 (妻) becomes head. */
static void test_wife_becomes_head(void **state)
{
    (void)state;
    struct rel_person old = { "世帯主", SEX_MALE, BORN(1975) }, new = { "妻", SEX_FEMALE, BORN(1978) };
    static const struct expectation e[] = {
        { "子", SEX_MALE, "子|夫の子?", 2005 },
        { "父", SEX_MALE, "夫の父", 1945 },
        { "母", SEX_FEMALE, "夫の母", 1949 },
        { "兄", SEX_MALE, "夫の兄", 1970 },
        { "妻の子", SEX_MALE, "子", 2000 },
        { "妻の母", SEX_FEMALE, "母", 1950 },
        { "夫の子", SEX_MALE, "?", 2000 }, /* not hers */
        { "縁故者", SEX_MALE, "縁故者?", 1980 },
        { "同居人", SEX_MALE, "同居人?", 1980 },
        { "子の子", SEX_MALE, "子の子|夫の子の子?", 2024 },
        { "父の父", SEX_MALE, "夫の父の父?", 1920 },
        { "子の子の子の子", SEX_MALE, "縁故者?!", 2026 },
        { "祖父", SEX_MALE, "?", 1920 }, /* not an expression: typed by the clerk */
    };
    proposals(&old, &new, e, ARRAY_LEN(e));
    proposal_is(&old, &new, &old, "夫");
}

static void test_unfiled_spouse_becomes_head(void **state)
{
    (void)state;
    struct rel_person old = { "世帯主", SEX_MALE, BORN(1975) }, new = { "妻（未届）", SEX_FEMALE, BORN(1978) };
    static const struct expectation e[] = {
        { "子", SEX_MALE, "子|夫（未届）の子?", 2005 },
        { "母", SEX_FEMALE, "夫（未届）の母", 1949 },
        { "弟", SEX_MALE, "夫（未届）の弟", 1979 },
        { "妻（未届）の子", SEX_MALE, "子", 2000 },
    };
    proposals(&old, &new, e, ARRAY_LEN(e));
    proposal_is(&old, &new, &old, "夫（未届）");
    struct rel_person husband = { "夫", SEX_MALE, BORN(1970) }, she = { "世帯主", SEX_FEMALE, BORN(1970) };
    proposal_is(&she, &husband, &she, "妻");
}

static void test_child_becomes_head(void **state)
{
    (void)state;
    struct rel_person old = { "世帯主", SEX_MALE, BORN(1975) }, new = { "子", SEX_MALE, BORN(2000) };
    static const struct expectation e[] = {
        { "妻", SEX_FEMALE, "母|父の妻?", 1978 },
        { "妻（未届）", SEX_FEMALE, "母|父の妻（未届）?", 1978 },
        { "子", SEX_MALE, "兄", 1998 },
        { "子", SEX_FEMALE, "姉", 1998 },
        { "子", SEX_MALE, "弟", 2003 },
        { "子", SEX_FEMALE, "妹", 2003 },
        { "子", SEX_FEMALE, "姉|妹?", 2000 }, /* twins */
        { "子", "", "弟|妹?", 2003 },
        { "母", SEX_FEMALE, "父の母", 1949 },
        { "兄", SEX_MALE, "父の兄", 1970 },
        { "妻の子", SEX_MALE, "兄?", 1998 },
        { "妻の父", SEX_MALE, "?", 1950 },
        { "縁故者", SEX_MALE, "縁故者?", 1980 },
        { "子の妻", SEX_FEMALE, "妻?", 2000 },
        { "子の子", SEX_FEMALE, "子?", 2024 },
    };
    proposals(&old, &new, e, ARRAY_LEN(e));
    proposal_is(&old, &new, &old, "父");
    old.sex = SEX_FEMALE;
    proposal_is(&old, &new, &old, "母");
    struct rel_person father = { "父", SEX_MALE, BORN(1949) };
    proposal_is(&old, &new, &father, "母の父");
    old.sex = "";
    proposal_is(&old, &new, &old, "父|母?");
    proposal_is(&old, &new, &father, "父の父|母の父?");
}

static void test_parent_becomes_head(void **state)
{
    (void)state;
    struct rel_person old = { "世帯主", SEX_MALE, BORN(1975) }, new = { "母", SEX_FEMALE, BORN(1949) };
    static const struct expectation e[] = {
        { "妻", SEX_FEMALE, "子の妻", 1978 },
        { "子", SEX_MALE, "子の子", 2005 },
        { "父", SEX_MALE, "夫?", 1945 },
        { "妹", SEX_FEMALE, "子", 1980 },
        { "妻の子", SEX_MALE, "子の妻の子?", 2000 },
        { "子の子", SEX_MALE, "子の子の子?", 2024 },
        { "同居人", SEX_MALE, "同居人?", 1980 },
    };
    proposals(&old, &new, e, ARRAY_LEN(e));
    proposal_is(&old, &new, &old, "子");
}

static void test_sibling_becomes_head(void **state)
{
    (void)state;
    struct rel_person old = { "世帯主", SEX_MALE, BORN(1975) }, new = { "弟", SEX_MALE, BORN(1980) };
    static const struct expectation e[] = {
        { "妻", SEX_FEMALE, "兄の妻", 1978 },    { "子", SEX_MALE, "兄の子", 2005 },
        { "母", SEX_FEMALE, "母", 1949 },        { "妹", SEX_FEMALE, "姉", 1978 },
        { "妹", SEX_FEMALE, "妹", 1985 },        { "妻の子", SEX_MALE, "兄の妻の子?", 2000 },
        { "縁故者", SEX_MALE, "縁故者?", 1980 },
    };
    proposals(&old, &new, e, ARRAY_LEN(e));
    proposal_is(&old, &new, &old, "兄");
    new.birth.y = 1975;
    proposal_is(&old, &new, &old, "兄|弟?");
}

static void test_others_are_asked(void **state)
{
    (void)state;
    static const char *const was[] = { "縁故者", "同居人", "子の子", "妻の母", "子（子の夫）", "祖父" };
    static const char *const members[] = { "世帯主", "妻", "子", "母", "兄", "妻の子", "縁故者" };
    for (size_t i = 0; i < ARRAY_LEN(was); i++) {
        struct rel_person old = { "世帯主", SEX_MALE, BORN(1975) }, new = { was[i], SEX_MALE, BORN(1980) };
        for (size_t k = 0; k < ARRAY_LEN(members); k++) {
            struct rel_person who = { members[k], SEX_FEMALE, BORN(1990) };
            proposal_is(&old, &new, &who, "?");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_sex),
        cmocka_unit_test(test_wife_becomes_head),
        cmocka_unit_test(test_unfiled_spouse_becomes_head),
        cmocka_unit_test(test_child_becomes_head),
        cmocka_unit_test(test_parent_becomes_head),
        cmocka_unit_test(test_sibling_becomes_head),
        cmocka_unit_test(test_others_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
