#include "check.h"

#include "base/mem.h"
#include "domain/kana.h"

static void test_hits(void **state)
{
    (void)state;
    static const struct {
        const char *query, *name;
        bool hit;
    } vectors[] = {
        { "ハラダ", "ワラダ", true },
        { "ミズノ", "ミヅノ", true },
        { "ジュウミン", "ヂュウミン", true },
        { "ミツノ", "ミヅノ", true },
        { "チュウミン", "ヂュウミン", true },
        { "ミツノ", "ミズノ", false },
        { "サトウ", "サトオ", true },
        { "マツダ", "マスダ", false },
        { "ｻﾄｵ", "サトウ", true },
        { "オウノ", "オオノ", true },
        { "ヴアレリ", "ハレリ", true },
        { "オオノ", "オノ", false },
        { "ハナコ", "ヤマダ　ハナコ", true },
        { "オーノ", "オノ", true },
        { "ショウジ", "シヨウシ", true },
        { "カヲル", "カオル", true },
        /* the space of a name is no long vowel */
        { "ウメ", "オノ　ウメ", true },
        { "オノ ウメ", "オノ　ウメ", true },
        { "オノウメ", "オノ　ウメ", true },
        { "さとう", "サトウ　ハナコ", true },
        { "ヤマダハナ", "ヤマダ　ハナコ", true },
        { "ﾊﾞﾝ", "ヴァン", true },
        { "イネ", "ヰネ", true },
        { "スズキ", "サトウ", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        assert_int_equal(kana_hit(span_of(vectors[i].query), span_of(vectors[i].name)), vectors[i].hit);
}

static void key_is(const char *kana, unsigned fold, const char *want)
{
    struct buf b = BUF_INIT;
    kana_key(span_of(kana), fold, &b);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_keys(void **state)
{
    (void)state;
    key_is("ミヅノ　ヂロウ", KANA_KEY1, "ミツノチロオ");
    key_is("ミヅノ　ヂロウ", KANA_KEY2, "ミスノシロオ");
    key_is("サトウ", KANA_KEY1 | KANA_PLAIN_U, "サトウ");
    key_is("ヴァ ヴィ ヴ ヴェ ヴォ ヴュ", KANA_KEY1, "ハヒフヘホフユ");
    key_is("ワヲヰヱヮヵヶッャ", KANA_KEY1, "ハオイエハカケツヤ");
    key_is("ぱぴぷぺぽ", KANA_KEY1, "ハヒフヘホ");
    key_is("か\xe3\x82\x99き", KANA_KEY1, "カキ"); /* loose mark */
    key_is("ア・イ－ウ‐エ―オ–カｰキ-ク", KANA_KEY1, "アイウエオカキク");
    key_is("", KANA_KEY1, "");
    key_is("Smith", KANA_KEY1, "SMITH");
}

static void wide_is(const char *in, const char *want)
{
    struct buf b = BUF_INIT;
    kana_wide(span_of(in), &b);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_wide(void **state)
{
    (void)state;
    wide_is("ｶﾞｷﾞﾊﾟﾋﾟｳﾞ", "ガギパピヴ");
    wide_is("ｱｲｳｴｵ ｧｨｩｪｫｬｭｮｯｰ", "アイウエオ　ァィゥェォャュョッー");
    wide_is("ﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ", "ナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン");
    wide_is("かわだ　　いちろう", "カワダ　イチロウ");
    wide_is("  ｶﾜﾀﾞ  ", "カワダ");
    wide_is("ゔゕゖ", "ヴヵヶ");
}

static void test_check(void **state)
{
    (void)state;
    static const char *const good[] = { "", "カワダ　イチロウ", "ジョー・ヴァン", "ヷヸヹヺ" };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(kana_check(span_of(good[i]), 20, NULL), OK);
    static const char *const bad[] = { "かわだ",   "ｶﾜﾀﾞ",     "カワダ イチロウ",
                                       "　カワダ", "カワダ　", "カワダ　　イチロウ",
                                       "川田",     "A" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct errinfo e;
        assert_int_equal(kana_check(span_of(bad[i]), 20, &e), E_INVALID);
        assert_string_equal(e.msg, "E19");
    }
    assert_int_equal(kana_check(span_of("カワダ"), 2, NULL), E_INVALID);
    assert_int_equal(kana_check(span_of("カワダ"), 3, NULL), OK);
}

static void romaji_is(const char *in, bool final, const char *want)
{
    struct buf b = BUF_INIT;
    kana_from_romaji(span_of(in), final, &b);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_romaji(void **state)
{
    (void)state;
    romaji_is("kawada", false, "カワダ");
    romaji_is("KAWADA", false, "カワダ");
    romaji_is("ichirou", false, "イチロウ");
    romaji_is("shinjuku", false, "シンジュク");
    romaji_is("sinzyuku", false, "シンジュク");
    romaji_is("kennichi", false, "ケンイチ");
    romaji_is("ken'ichi", false, "ケンイチ");
    romaji_is("hattori", false, "ハットリ");
    romaji_is("matchi", false, "マッチ");
    romaji_is("yuuko-", false, "ユウコー");
    romaji_is("va", false, "ヴァ");
    romaji_is("wyi", false, "ヰ");
    romaji_is("xtsu", false, "ッ");
    romaji_is("ken suzuki", false, "ケン スズキ");
    /* unfinished */
    romaji_is("ka", false, "カ");
    romaji_is("kaw", false, "カw");
    romaji_is("ken", false, "ケn");
    romaji_is("ken", true, "ケン");
    romaji_is("kenn", false, "ケン");
    romaji_is("ky", false, "ky");
    romaji_is("kk", false, "ッk");
    romaji_is("カワda", false, "カワダ");
    romaji_is("", true, "");
    romaji_is("n'", false, "ン");
    romaji_is("4", false, "4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits),  cmocka_unit_test(test_keys),   cmocka_unit_test(test_wide),
        cmocka_unit_test(test_check), cmocka_unit_test(test_romaji),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
