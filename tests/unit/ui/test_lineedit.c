#include "check.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "ui/lineedit.h"

#include <time.h>

static enum edit_result key(struct lineedit *le, enum key_code code)
{
    return lineedit_key(le, &(struct key){ .code = code });
}

static enum edit_result type(struct lineedit *le, const char *text)
{
    enum edit_result r = EDIT_IGNORED;
    for (const char *p = text, *end = text + strlen(text); p < end;)
        r = lineedit_key(le, &(struct key){ .code = K_CHAR, .cp = utf8_next(&p, end) });
    return r;
}

static void expect_typed(enum edit_mode mode, int max, const char *typed, const char *want)
{
    struct lineedit le;
    lineedit_init(&le, mode, max);
    type(&le, typed);
    lineedit_leave(&le);
    assert_string_equal(lineedit_text(&le), want);
    lineedit_done(&le);
}

#define IVS   "\xF3\xA0\x84\x80" /* U+E0100 */
#define VOICE "\xE3\x82\x99"     /* U+3099 */
#define SEMI  "\xE3\x82\x9A"     /* U+309A */

static void test_names_stay_as_typed(void **state)
{
    (void)state;
    expect_typed(EDIT_NAME, 0, "葛" IVS "城 花子", "葛" IVS "城　花子");
    expect_typed(EDIT_NAME, 0, "𠮷﨑　髙志", "𠮷﨑　髙志");
    expect_typed(EDIT_TEXT, 0, "か" VOICE "行", "が行");
    expect_typed(EDIT_TEXT, 0, "か" SEMI "行", "か行");             /* no such letter: the mark is refused */
    expect_typed(EDIT_TEXT, 0, "神\xEF\xA8\x99", "神\xEF\xA8\x99"); /* U+FA19 is not U+795E */
    expect_typed(EDIT_TEXT, 0,
                 "a\xE2\x80\xAE"
                 "b",
                 "ab"); /* no bidi control */
}

static void test_length_counts_characters(void **state)
{
    (void)state;
    struct lineedit le;
    lineedit_init(&le, EDIT_NAME, 3);
    assert_int_equal(type(&le, "葛" IVS "城𠮷"), EDIT_CHANGED);
    assert_int_equal(lineedit_count(&le), 3);
    assert_int_equal(type(&le, "山"), EDIT_REFUSED);
    assert_string_equal(lineedit_text(&le), "葛" IVS "城𠮷");
    assert_true(strlen(lineedit_trouble(&le)) > 0);
    key(&le, K_HOME);
    key(&le, K_RIGHT);
    assert_int_equal(type(&le, IVS), EDIT_CHANGED); /* a selector takes no room */
    lineedit_done(&le);
}

static void test_romaji_becomes_kana(void **state)
{
    (void)state;
    expect_typed(EDIT_KANA, 0, "kawada hanako", "カワダ　ハナコ");
    expect_typed(EDIT_KANA, 0, "SHIN'ICHI", "シンイチ");
    expect_typed(EDIT_KANA, 0, "kenn", "ケン");
    expect_typed(EDIT_KANA, 0, "ken", "ケン");
    expect_typed(EDIT_KANA, 0, "satou-", "サトウー");
    expect_typed(EDIT_KANA, 0, "かわだ", "カワダ");
    expect_typed(EDIT_KANA, 0, "ｶﾜﾀﾞ", "カワダ");
    expect_typed(EDIT_KANA, 0, "カワ山ダ", "カワダ");
}

static void test_unfinished_syllable_is_seen_not_stored(void **state)
{
    (void)state;
    struct lineedit le;
    lineedit_init(&le, EDIT_KANA, 10);
    type(&le, "kaky");
    assert_string_equal(lineedit_text(&le), "カ");
    struct canvas *cv = canvas_new(1, 20, &WIDTH_NARROW, GLYPHS_UNICODE);
    lineedit_draw(&le, cv, 0, 0, 12, true);
    struct buf b = BUF_INIT;
    canvas_row_text(cv, 0, &b);
    assert_string_equal(buf_str(&b), "カky");
    assert_int_equal(canvas_row(cv, 0)[2].style, STYLE_TYPING);
    assert_int_equal(canvas_row(cv, 0)[1].style, STYLE_FOCUS);
    key(&le, K_BACKSPACE);
    type(&le, "a");
    assert_string_equal(lineedit_text(&le), "カカ");
    buf_done(&b);
    canvas_free(cv);
    lineedit_done(&le);
}

static void test_modes_filter(void **state)
{
    (void)state;
    expect_typed(EDIT_DIGITS, 7, "１２３-0004x", "1230004");
    expect_typed(EDIT_ALPHA, 0, "nguyen　Van", "NGUYEN VAN");
    expect_typed(EDIT_DATE, 0, "ｒ８．４．１", "R8.4.1");
    expect_typed(EDIT_DATE, 0, "昭和25年頃", "昭和25年頃");
}

static bool find_code(void *arg, struct span code, struct buf *ret)
{
    (void)arg;
    if (!span_is(code, "1-16-1"))
        return false;
    buf_adds(ret, "亜");
    return true;
}

static void test_character_by_code(void **state)
{
    (void)state;
    struct lineedit le;
    lineedit_init(&le, EDIT_NAME, 10);
    le.lookup = find_code;
    lineedit_code(&le);
    type(&le, "u+9ad9");
    assert_string_equal(lineedit_text(&le), "");
    key(&le, K_ENTER);
    assert_string_equal(lineedit_text(&le), "髙");
    lineedit_code(&le);
    type(&le, "1-16-1 ");
    assert_string_equal(lineedit_text(&le), "髙亜");
    lineedit_code(&le);
    type(&le, "D800");
    assert_int_equal(key(&le, K_ENTER), EDIT_REFUSED);
    lineedit_code(&le);
    type(&le, "U+202E");
    assert_int_equal(key(&le, K_ENTER), EDIT_REFUSED);
    lineedit_code(&le);
    type(&le, "20BB7");
    key(&le, K_ESC);
    assert_string_equal(lineedit_text(&le), "髙亜");
    struct buf b = BUF_INIT;
    lineedit_show_code(&le, &b);
    assert_string_equal(buf_str(&b), "U+4E9C");
    buf_done(&b);
    lineedit_done(&le);
}

static void test_editing_keys(void **state)
{
    (void)state;
    struct lineedit le;
    lineedit_init(&le, EDIT_TEXT, 0);
    lineedit_set(&le, "山田太郎");
    key(&le, K_LEFT);
    key(&le, K_LEFT);
    key(&le, K_BACKSPACE);
    assert_string_equal(lineedit_text(&le), "山太郎");
    key(&le, K_DELETE);
    assert_string_equal(lineedit_text(&le), "山郎");
    key(&le, K_END);
    lineedit_key(&le, &(struct key){ .code = K_CTRL, .cp = 'u' });
    assert_string_equal(lineedit_text(&le), "");
    assert_int_equal(key(&le, K_ENTER), EDIT_IGNORED);
    assert_int_equal(key(&le, K_BACKSPACE), EDIT_MOVED);
    lineedit_done(&le);
}

static void test_secret_is_not_drawn(void **state)
{
    (void)state;
    struct lineedit le;
    struct buf b = BUF_INIT;
    lineedit_init(&le, EDIT_SECRET, 0);
    type(&le, "窓口pass");
    struct canvas *cv = canvas_new(1, 20, &WIDTH_NARROW, GLYPHS_UNICODE);
    lineedit_draw(&le, cv, 0, 0, 20, true);
    canvas_row_text(cv, 0, &b);
    assert_string_equal(buf_str(&b), "******");
    assert_string_equal(lineedit_text(&le), "窓口pass");
    buf_done(&b);
    canvas_free(cv);
    lineedit_done(&le);
}

/* Any keys: the drawing stays in its columns, the cursor too, the caret stands between characters, the length holds. */
static void test_random_keys_stay_in_place(void **state)
{
    (void)state;
    static const uint32_t cps[] = { 'a',    'k',     'n',     '-',    ' ',    '1',    0x5DDD, 0x30AB,
                                    0x3099, 0xE0100, 0x20BB7, 0xFF76, 0xFF9E, 0x25CB, 0x202E, 0x7F };
    static const enum key_code codes[] = {
        K_LEFT, K_RIGHT, K_HOME, K_END, K_DELETE, K_BACKSPACE, K_ESC, K_ENTER, K_F1
    };
    unsigned seed = (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    for (int mode = 0; mode < EDIT_MODES; mode++) {
        struct lineedit le;
        struct canvas *cv = canvas_new(1, 40, &WIDTH_NARROW, GLYPHS_UNICODE);
        lineedit_init(&le, (enum edit_mode)mode, 14);
        for (int i = 0; i < 4000; i++) {
            struct key k = { .code = K_CHAR, .cp = cps[(size_t)rand() % ARRAY_LEN(cps)] };
            if (rand() % 3 == 0)
                k = (struct key){ .code = codes[(size_t)rand() % ARRAY_LEN(codes)] };
            if (rand() % 50 == 0)
                lineedit_code(&le);
            lineedit_key(&le, &k);
            canvas_fill(cv, canvas_all(cv), STYLE_NORMAL);
            lineedit_draw(&le, cv, 0, 10, 9, true);
            int y, x;
            assert_true(canvas_cursor_at(cv, &y, &x) && x >= 10 && x < 19);
            for (int c = 0; c < 40; c++)
                assert_true((c >= 10 && c < 19) || canvas_row(cv, 0)[c].cp[0] == ' ');
            assert_true(lineedit_count(&le) <= 14 && le.at <= le.text.len && utf8_valid(buf_span(&le.text)));
            size_t at = 0;
            while (at < le.at)
                at += utf8_cluster((struct span){ le.text.p + at, le.text.len - at });
            assert_int_equal(at, le.at);
        }
        lineedit_done(&le);
        canvas_free(cv);
    }
}

static void test_scrolls_and_marks_what_is_hidden(void **state)
{
    (void)state;
    struct lineedit le;
    struct buf b = BUF_INIT;
    struct canvas *cv = canvas_new(1, 12, &WIDTH_NARROW, GLYPHS_UNICODE);
    lineedit_init(&le, EDIT_TEXT, 0);
    lineedit_set(&le, "一二三四五六七八九十");
    lineedit_draw(&le, cv, 0, 0, 12, true);
    canvas_row_text(cv, 0, &b);
    assert_string_equal(buf_str(&b), "<七八九十");
    buf_clear(&b);
    key(&le, K_HOME);
    lineedit_draw(&le, cv, 0, 0, 12, true);
    canvas_row_text(cv, 0, &b);
    assert_string_equal(buf_str(&b), "一二三四五>");
    buf_done(&b);
    canvas_free(cv);
    lineedit_done(&le);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_stay_as_typed),
        cmocka_unit_test(test_length_counts_characters),
        cmocka_unit_test(test_romaji_becomes_kana),
        cmocka_unit_test(test_unfinished_syllable_is_seen_not_stored),
        cmocka_unit_test(test_modes_filter),
        cmocka_unit_test(test_character_by_code),
        cmocka_unit_test(test_editing_keys),
        cmocka_unit_test(test_secret_is_not_drawn),
        cmocka_unit_test(test_random_keys_stay_in_place),
        cmocka_unit_test(test_scrolls_and_marks_what_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
