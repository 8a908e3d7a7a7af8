#include "fixture.h"

#include <string.h>

static struct fontset *fonts;

static int open_fonts(void **state)
{
    (void)state;
    return fontset_open(FONT_FILE, FONT_FAMILY, &fonts, NULL);
}

static int close_fonts(void **state)
{
    (void)state;
    fontset_close(fonts);
    return 0;
}

static void test_wrong_font(void **state)
{
    (void)state;
    struct fontset *f = NULL;
    struct errinfo e = { 0 };
    assert_int_equal(fontset_open("/nowhere/x.ttf", FONT_FAMILY, &f, &e), E_NOTFOUND);
    assert_string_equal(e.msg, "S302");
    assert_int_equal(fontset_open(FONT_FILE, "Noto Serif CJK JP", &f, &e), E_INVALID);
    assert_null(f);
}

static void test_kanji_of_names(void **state)
{
    (void)state;
    /* Outside JIS X 0208, outside the BMP, and with a selector that this font has. */
    static const char *const good[] = { "𠮷",         "﨑",           "髙",           "葛󠄂", "辻󠄂",
                                        "川田　一郎", "O'NEIL-SMITH", "カガビズピプ", "（未届）" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct errinfo e = { 0 };
        if (fontset_check(fonts, span_of(good[i]), "氏名", &e) != OK)
            fail_msg("%zu: %s", i, e.item);
    }
}

static void test_missing_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *item;
    } bad[] = {
        { "川田\U0001F600郎", "氏名 U+1F600" },
        { "葛\U000E0100城", "氏名 U+845B U+E0100" }, /* a selector of another collection */
        { "\uE000", "氏名 U+E000" },                 /* 外字 */
        { "\U000F0000", "氏名 U+F0000" },
        { "あ\uFE00", "氏名 U+3042 U+FE00" },
        { "\U000E0102", "氏名 U+0000 U+E0102" }, /* a selector after nothing */
        { "ก", "氏名 U+0E01" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct errinfo e = { 0 };
        assert_int_equal(fontset_check(fonts, span_of(bad[i].text), "氏名", &e), E_INVALID);
        assert_string_equal(e.msg, "S301");
        assert_string_equal(e.item, bad[i].item);
        assert_null(strstr(e.detail, "川")); /* no text of a person in a detail */
    }
}

static void test_width_is_linear(void **state)
{
    (void)state;
    struct span four = span_of("一二三四");
    assert_in_range(fontset_width(fonts, four, 100), 4 * 353 - 3, 4 * 353 + 3);
    assert_in_range(fontset_width(fonts, four, 200), 8 * 353 - 5, 8 * 353 + 5);
    /* A selector takes no width. */
    assert_int_equal(fontset_width(fonts, span_of("葛󠄂"), 100), fontset_width(fonts, span_of("葛"), 100));
}

static void test_fit_shrinks_then_reports(void **state)
{
    (void)state;
    struct buf text = BUF_INIT, out = BUF_INIT;
    for (int i = 0; i < 40; i++)
        buf_adds(&text, "𠮷");
    struct fit fit = fontset_fit(fonts, buf_span(&text), 5000, 1000, 120, 60, 3, &out);
    assert_false(fit.over);
    assert_true(fit.size < 120 && fit.size >= 60);
    assert_int_equal(fit.fits_bytes, text.len);
    for (int i = 0; i < 100; i++)
        buf_adds(&text, "葛󠄂");
    buf_clear(&out);
    fit = fontset_fit(fonts, buf_span(&text), 5000, 1000, 120, 60, 3, &out);
    assert_true(fit.over);
    assert_int_equal(fit.size, 60);
    assert_true(fit.fits_bytes > 40 && fit.fits_bytes < text.len);
    /* The cut is at a whole character with its selector. */
    assert_true(fit.fits_bytes <= 160 || (fit.fits_bytes - 160) % strlen("葛󠄂") == 0);
    buf_done(&text);
    buf_done(&out);
}

static void test_break_keeps_every_character(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    struct span text = span_of("葛󠄂城𠮷﨑髙志辻󠄂邉𠮷﨑髙志");
    size_t n = fontset_break(fonts, text, 100, 1100, &out);
    assert_int_equal(n, 4); /* twelve characters, three to a line */
    size_t kept = 0;
    for (size_t i = 0; i < out.len; i++)
        kept += out.p[i] != '\n';
    assert_int_equal(kept, text.n);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_font),
        cmocka_unit_test(test_kanji_of_names),
        cmocka_unit_test(test_missing_is_named),
        cmocka_unit_test(test_width_is_linear),
        cmocka_unit_test(test_fit_shrinks_then_reports),
        cmocka_unit_test(test_break_keeps_every_character),
    };
    return cmocka_run_group_tests_name("fontset", tests, open_fonts, close_fonts);
}
