#include "check.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "base/width.h"
#include <unictype.h>
#include <uniwidth.h>

static const struct width_profile BROAD = { .ambiguous = 2 };

static void test_classes(void **state)
{
    static const struct {
        uint32_t cp;
        int narrow, broad;
    } rows[] = {
        { 0x00, 0, 0 },     { 0x1B, 0, 0 },     { 0x7F, 0, 0 },    { 0x9F, 0, 0 },
        { 'a', 1, 1 },      { 0xFF71, 1, 1 },   { 0xFF9E, 1, 1 },                     /* ｱ ﾞ */
        { 0x3042, 2, 2 },   { 0x309B, 2, 2 },   { 0x3000, 2, 2 },  { 0xFF21, 2, 2 },  /* あ ゛ 　 Ａ */
        { 0xFFE5, 2, 2 },   { 0x4E00, 2, 2 },   { 0x9FFF, 2, 2 },  { 0xFA19, 2, 2 },  /* ￥ 一 神 */
        { 0x20BB7, 2, 2 },  { 0x2A6DF, 2, 2 },  { 0x31350, 2, 2 }, { 0x323AF, 2, 2 }, /* 𠮷, extensions B and H */
        { 0x3FFFD, 2, 2 },  { 0x32FF, 2, 2 },   { 0x3231, 2, 2 },  { 0x1F600, 2, 2 }, /* ㋿ ㈱ emoji */
        { 0x1B001, 2, 2 },  { 0xAC00, 2, 2 },   { 0x1100, 2, 2 },  { 0x303F, 1, 1 },  /* hentaigana, Hangul */
        { 0x3099, 0, 0 },   { 0x309A, 0, 0 },   { 0xFE00, 0, 0 },  { 0xFE0F, 0, 0 },
        { 0xE0100, 0, 0 },  { 0xE01EF, 0, 0 },  { 0x0301, 0, 0 },  { 0x200B, 0, 0 },
        { 0x2460, 1, 2 },   { 0x25CB, 1, 2 },   { 0x25CF, 1, 2 },  { 0x25A1, 1, 2 }, /* ① ○ ● □ */
        { 0x25A0, 1, 2 },   { 0x2500, 1, 2 },   { 0x2192, 1, 2 },  { 0x03B1, 1, 2 }, /* ■ ─ → α */
        { 0x0416, 1, 2 },   { 0x203B, 1, 2 },   { 0x2026, 1, 2 },  { 0xD7, 1, 2 },   /* Ж ※ … × */
        { 0xE000, 1, 2 },   { 0xF0000, 1, 2 },  { 0x2160, 1, 2 },  { 0x2605, 1, 2 }, /* 外字 Ⅰ ★ */
        { 0x10FFFF, 1, 1 }, { UTF8_BAD, 1, 1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int narrow = width_cp(&WIDTH_NARROW, rows[i].cp), broad = width_cp(&BROAD, rows[i].cp);
        if (narrow != rows[i].narrow || broad != rows[i].broad)
            fail_msg("U+%04X: %d %d", rows[i].cp, narrow, broad);
    }
}

/* Blocks in which JIS X 0208, 0212 and 0213 have their characters, and the planes of kanji. */
static const struct {
    uint32_t first, last;
} jis[] = {
    { 0x0020, 0x007E }, { 0x00A1, 0x00AC },   { 0x00AE, 0x02FF },   { 0x0300, 0x036F },   { 0x0370, 0x045F },
    { 0x1E00, 0x1FFF }, { 0x2010, 0x2027 },   { 0x2030, 0x205E },   { 0x2070, 0x27FF },   { 0x2900, 0x2BFF },
    { 0x3000, 0x4DBF }, { 0x4E00, 0x9FFC },   { 0xE000, 0xFAD9 },   { 0xFE00, 0xFE0F },   { 0xFE30, 0xFE6B },
    { 0xFF01, 0xFFEE }, { 0x1B000, 0x1B16F }, { 0x20000, 0x3FFFD }, { 0xE0100, 0xE01EF },
};

/* The judge counts every letter of an EUC-JP terminal from U+00A1 on as two columns: an upper bound for us. */
static void test_against_another_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(jis); i++)
        for (uint32_t cp = jis[i].first; cp <= jis[i].last; cp++) {
            if (uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_Cn) && cp < 0x20000)
                continue;
            int narrow = width_cp(&WIDTH_NARROW, cp), broad = width_cp(&BROAD, cp);
            if (narrow != uc_width(cp, "UTF-8") || broad < narrow || broad > uc_width(cp, "EUC-JP"))
                fail_msg("U+%04X: %d %d", cp, narrow, broad);
        }
}

static void test_strings(void **state)
{
    static const struct {
        const char *text;
        int narrow, broad;
    } rows[] = {
        { "", 0, 0 },         { "abc", 3, 3 },  { "山田太郎", 8, 8 },
        { "ﾔﾏﾀﾞ", 4, 4 },     { "①②", 2, 4 },   { "葛\U000E0100城", 4, 4 },
        { "か\u309A", 2, 2 }, { "a\tb", 2, 2 }, { "𠮷野家", 6, 6 },
        { "\xff", 1, 1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(width_str(&WIDTH_NARROW, span_of(rows[i].text)), rows[i].narrow);
        assert_int_equal(width_str(&BROAD, span_of(rows[i].text)), rows[i].broad);
    }
    assert_int_equal(width_cluster(&WIDTH_NARROW, span_of("葛\U000E0100")), 2);
}

static void test_fit_never_splits_a_cluster(void **state)
{
    static const struct {
        const char *text;
        int cols;
        size_t bytes;
        int used;
    } rows[] = {
        { "abc", 0, 0, 0 },          { "abc", 2, 2, 2 },        { "abc", 9, 3, 3 },  { "山田", 1, 0, 0 },
        { "山田", 2, 3, 2 },         { "山田", 3, 3, 2 },       { "山田", 4, 6, 4 }, { "葛\U000E0100城", 2, 7, 2 },
        { "葛\U000E0100", 1, 0, 0 }, { "か\u309Aき", 3, 6, 2 }, { "a山", 2, 1, 1 },  { "", 5, 0, 0 },
        { "abc", -1, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int used = 77;
        assert_int_equal(width_fit(&WIDTH_NARROW, span_of(rows[i].text), rows[i].cols, &used), rows[i].bytes);
        assert_int_equal(used, rows[i].used);
    }
}

static void test_pad(void **state)
{
    static const struct {
        const char *text;
        int cols;
        const char *want;
    } rows[] = {
        { "", 3, "   " },
        { "abc", 3, "abc" },
        { "abc", 5, "abc  " },
        { "abcd", 3, "ab>" },
        { "山田", 4, "山田" },
        { "山田", 5, "山田 " },
        { "山田太", 5, "山田>" },
        { "山田太", 4, "山> " },
        { "山田", 2, "> " },
        { "山", 1, ">" },
        { "山", 0, "" },
        { "山", -3, "" },
        { "葛\U000E0100城", 3, "葛\U000E0100>" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = BUF_INIT;
        width_pad(&WIDTH_NARROW, &b, span_of(rows[i].text), rows[i].cols);
        assert_string_equal(buf_str(&b), rows[i].want);
        if (rows[i].cols > 0)
            assert_int_equal(width_str(&WIDTH_NARROW, buf_span(&b)), rows[i].cols);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes), cmocka_unit_test(test_against_another_table),
        cmocka_unit_test(test_strings), cmocka_unit_test(test_fit_never_splits_a_cluster),
        cmocka_unit_test(test_pad),
    };
    return cmocka_run_group_tests_name("width", tests, NULL, NULL);
}
