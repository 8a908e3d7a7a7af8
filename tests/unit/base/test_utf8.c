#include "check.h"

#include "base/mem.h"
#include "base/utf8.h"
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

static void test_every_scalar_value_round_trips(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[4];
        size_t n = utf8_put(bytes, cp);
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            assert_int_equal(n, 0);
            continue;
        }
        const char *p = bytes;
        assert_true(utf8_next(&p, bytes + n) == cp);
        assert_ptr_equal(p, bytes + n);
    }
    char bytes[4];
    assert_int_equal(utf8_put(bytes, 0x110000), 0);
    assert_int_equal(utf8_put(bytes, UTF8_BAD), 0);
}

static void test_every_truncation_is_bad(void **state)
{
    static const char *const whole[] = { "é", "窓", "𠮷", "\U0010FFFF", "\U000E0100" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        for (size_t n = 1; n < strlen(whole[i]); n++) {
            char *exact = malloc(n);
            memcpy(exact, whole[i], n);
            const char *p = exact;
            assert_true(utf8_next(&p, exact + n) == UTF8_BAD);
            assert_ptr_equal(p, exact + 1);
            assert_false(utf8_valid((struct span){ exact, n }));
            free(exact);
        }
}

/* Every sequence of four bytes from the ends of all classes of the standard's table, against another decoder. */
static void test_strict_as_the_standard(void **state)
{
    static const uint8_t edges[] = { 0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                     0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF };
    enum { N = ARRAY_LEN(edges) };
    (void)state;
    for (size_t i = 0; i < N * N * N * N; i++) {
        uint8_t s[4] = { edges[i % N], edges[i / N % N], edges[i / N / N % N], edges[i / N / N / N] };
        struct span span = { (const char *)s, 4 };
        assert_int_equal(utf8_valid(span), u8_check(s, 4) == NULL);
        const char *p = span.p;
        ucs4_t want;
        int n = u8_mbtoucr(&want, s, 4);
        uint32_t got = utf8_next(&p, span.p + 4);
        assert_true(got == (n > 0 ? want : UTF8_BAD));
        assert_int_equal(p - span.p, n > 0 ? n : 1);
    }
}

static void test_put_in_a_buffer(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    buf_addcp(&b, 'a');
    buf_addcp(&b, 0x7A93);
    buf_addcp(&b, 0x20BB7);
    assert_string_equal(buf_str(&b), "a窓𠮷");
    buf_done(&b);
}

static void put_surrogate(void *arg)
{
    buf_addcp(arg, 0xD800);
}

static void test_put_no_scalar_value(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    check_bug(put_surrogate, &b);
}

/* Newer marks than the judge knows are allowed where it sees an unassigned code point. */
static void test_marks_against_another_table(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        bool theirs = uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me);
        bool unknown = uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_Cn);
        if (utf8_is_mark(cp) != theirs && !unknown)
            fail_msg("U+%04X: ours %d, theirs %d", cp, utf8_is_mark(cp), theirs);
    }
    assert_true(utf8_is_mark(0x3099));
    assert_true(utf8_is_mark(0x309A));
    assert_false(utf8_is_mark(0x309B));
    assert_false(utf8_is_mark(0xFF9E));
}

static void test_selectors(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++)
        assert_int_equal(utf8_is_selector(cp), uc_is_property_variation_selector(cp) && cp >= 0xFE00);
}

static void test_clusters(void **state)
{
    static const struct {
        const char *text;
        size_t first, count;
    } rows[] = {
        { "", 0, 0 },
        { "a", 1, 1 },
        { "窓口", 3, 2 },
        { "𠮷野", 4, 2 },
        { "葛\U000E0100城", 7, 2 },       /* 葛󠄀 with selector */
        { "\u304B\u309A\u304D", 6, 2 },   /* か゚: no composed form */
        { "か\u3099", 6, 1 },             /* typed on some machines */
        { "a\u0301\u0302\u0303b", 7, 2 }, /* several marks */
        { "\u0301a", 2, 2 },              /* a mark without base stands alone */
        { "\n\u0301", 1, 2 },             /* a control carries none */
        { "\xff\u0301", 1, 2 },           /* nor does a broken byte */
        { "ｶﾞ", 3, 2 },                   /* half-width voiced mark is a letter of its own */
        { "辻\uFE00", 6, 1 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(utf8_cluster(span_of(rows[i].text)), rows[i].first);
        assert_int_equal(utf8_count(span_of(rows[i].text)), rows[i].count);
    }
}

/* Each kana with each mark must compose exactly where Unicode has a letter for the two. */
static void test_compose_every_kana(void **state)
{
    (void)state;
    int composed = 0;
    for (uint32_t base = 0x3041; base <= 0x30FF; base++)
        for (uint32_t mark = 0x3099; mark <= 0x309A; mark++) {
            uint32_t in[2] = { base, mark }, out[4];
            size_t n = ARRAY_LEN(out);
            if (utf8_is_mark(base))
                continue;
            assert_non_null(u32_normalize(UNINORM_NFC, in, 2, out, &n));
            struct buf text = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
            buf_addcp(&text, base);
            buf_addcp(&text, mark);
            for (size_t i = 0; i < n; i++)
                buf_addcp(&want, out[i]);
            utf8_compose_kana(buf_span(&text), &got);
            assert_string_equal(buf_str(&got), buf_str(&want));
            composed += n == 1;
            buf_done(&text);
            buf_done(&want);
            buf_done(&got);
        }
    assert_int_equal(composed, 2 * 27 + 4);
}

/* 神 (U+FA19) is one of the kanji that NFC would replace; é stays two code points. */
static void test_compose_leaves_the_rest(void **state)
{
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "", "" },
        { "か\u3099き\u3099", "がぎ" },
        { "か\u3099\u3099", "が\u3099" },
        { "か\u309A", "か\u309A" },
        { "\u3099か", "\u3099か" },
        { "e\u0301", "e\u0301" },
        { "\uFA19", "\uFA19" },
        { "葛\U000E0100", "葛\U000E0100" },
        { "か\xff", "か\xff" },
        { "か\xe3\x82", "か\xe3\x82" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf got = BUF_INIT;
        buf_adds(&got, "<");
        utf8_compose_kana(span_of(rows[i].in), &got);
        assert_string_equal(buf_str(&got) + 1, rows[i].want);
        buf_done(&got);
    }
}

static void test_forbidden(void **state)
{
    static const struct {
        uint32_t cp;
        bool forbidden;
    } rows[] = {
        { 0x01, true },    { 0x09, true },     { 0x0A, true },     { 0x1F, true },    { 0x20, false },
        { 0x7E, false },   { 0x7F, true },     { 0x9F, true },     { 0xA0, false },   { 0xAD, true },
        { 0x61C, true },   { 0x200A, false },  { 0x200B, true },   { 0x200D, true },  { 0x200F, true },
        { 0x2010, false }, { 0x2028, true },   { 0x202A, true },   { 0x202E, true },  { 0x202F, false },
        { 0x2060, true },  { 0x2066, true },   { 0x2069, true },   { 0x3000, false }, { 0x3099, false },
        { 0x7A93, false }, { 0xE000, false },  { 0xFDD0, true },   { 0xFDEF, true },  { 0xFE00, false },
        { 0xFEFF, true },  { 0xFFFE, true },   { 0xFFFF, true },   { 0x1FFFE, true }, { 0x20BB7, false },
        { 0xE0001, true }, { 0xE0100, false }, { 0x10FFFF, true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = BUF_INIT;
        buf_adds(&b, "山");
        buf_addcp(&b, rows[i].cp);
        buf_adds(&b, "\x01");
        if (utf8_forbidden(buf_span(&b)) != (rows[i].forbidden ? rows[i].cp : 1))
            fail_msg("U+%04X", rows[i].cp);
        buf_done(&b);
    }
    assert_int_equal(utf8_forbidden(span_of("山田 太郎\u3000葛\U000E0100")), 0);
    assert_true(utf8_forbidden((struct span){ "a\0b", 3 }) == UTF8_BAD);
    assert_true(utf8_forbidden(span_of("a\xff")) == UTF8_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_scalar_value_round_trips),
        cmocka_unit_test(test_every_truncation_is_bad),
        cmocka_unit_test(test_strict_as_the_standard),
        cmocka_unit_test(test_put_in_a_buffer),
        cmocka_unit_test(test_put_no_scalar_value),
        cmocka_unit_test(test_marks_against_another_table),
        cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_compose_every_kana),
        cmocka_unit_test(test_compose_leaves_the_rest),
        cmocka_unit_test(test_forbidden),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
