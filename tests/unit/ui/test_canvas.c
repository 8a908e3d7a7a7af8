#include "check.h"

#include "ui/canvas.h"

#include <time.h>

static void expect_row(const struct canvas *cv, int y, const char *want)
{
    struct buf b = BUF_INIT;
    canvas_row_text(cv, y, &b);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static struct canvas *narrow(int rows, int cols)
{
    return canvas_new(rows, cols, &WIDTH_NARROW, GLYPHS_UNICODE);
}

static void test_text_is_cut_at_whole_characters(void **state)
{
    (void)state;
    struct canvas *cv = narrow(4, 20);
    assert_int_equal(canvas_text(cv, 0, 0, 20, STYLE_NORMAL, "川田 花子"), 9);
    expect_row(cv, 0, "川田 花子");
    assert_int_equal(canvas_text(cv, 1, 0, 8, STYLE_NORMAL, "川田 花子"), 8);
    expect_row(cv, 1, "川田 花>");
    assert_int_equal(canvas_text(cv, 2, 0, 6, STYLE_NORMAL, "川田花子"), 5);
    expect_row(cv, 2, "川田>");
    assert_int_equal(canvas_text(cv, 3, 18, 10, STYLE_NORMAL, "川田"), 4);
    expect_row(cv, 3, "                  川");
    canvas_free(cv);
}

static void test_selector_stays_in_its_cell(void **state)
{
    (void)state;
    struct canvas *cv = narrow(1, 10);
    canvas_text(cv, 0, 0, 10, STYLE_NORMAL, "葛\xF3\xA0\x84\x80城");
    const struct cell *row = canvas_row(cv, 0);
    assert_int_equal(row[0].cp[0], 0x845B);
    assert_int_equal(row[0].cp[1], 0xE0100);
    assert_int_equal(row[0].width, 2);
    assert_int_equal(row[1].width, 0);
    assert_int_equal(row[2].cp[0], 0x57CE);
    canvas_free(cv);
}

static void test_control_characters_are_shown(void **state)
{
    (void)state;
    struct canvas *cv = narrow(1, 20);
    canvas_text(cv, 0, 0, 20, STYLE_NORMAL, "a\033[2Jb\xFF\xCC\x81");
    expect_row(cv, 0, "a?[2Jb??");
    canvas_free(cv);
}

static void test_half_characters_never_remain(void **state)
{
    (void)state;
    struct canvas *cv = narrow(1, 10);
    canvas_text(cv, 0, 0, 10, STYLE_NORMAL, "山川谷");
    canvas_text(cv, 0, 1, 1, STYLE_NORMAL, "x");
    expect_row(cv, 0, " x川谷");
    canvas_text(cv, 0, 2, 1, STYLE_NORMAL, "y");
    expect_row(cv, 0, " xy 谷");
    canvas_text(cv, 0, 3, 2, STYLE_NORMAL, "岡");
    expect_row(cv, 0, " xy岡");
    canvas_free(cv);
}

/* Whatever is drawn: each wide cell is followed by its right half, and no right half stands alone. */
static void test_random_drawing_keeps_halves_together(void **state)
{
    (void)state;
    static const char *const texts[] = { "a", "山", "葛\xF3\xA0\x84\x80", "ｱ", "𠮷", "山田花子", "○─" };
    unsigned seed = (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    struct canvas *cv = narrow(12, 37);
    for (int i = 0; i < 20000; i++) {
        int y = rand() % 14 - 1, x = rand() % 41 - 2, n = rand() % 12;
        enum style s = (enum style)(rand() % STYLE_COUNT);
        switch (rand() % 5) {
        case 0:
            canvas_fill(cv, (struct rect){ y, x, 2, n }, s);
            break;
        case 1:
            canvas_box(cv, (struct rect){ y, x, 3, n }, s, "題");
            break;
        default:
            canvas_text(cv, y, x, n, s, texts[(size_t)rand() % (sizeof texts / sizeof *texts)]);
        }
    }
    for (int y = 0; y < 12; y++) {
        const struct cell *row = canvas_row(cv, y);
        for (int x = 0; x < 37; x++) {
            assert_true(row[x].width <= 2);
            if (row[x].width == 2)
                assert_true(x + 1 < 37 && row[x + 1].width == 0);
            if (row[x].width == 0)
                assert_true(x > 0 && row[x - 1].width == 2);
        }
    }
    canvas_free(cv);
}

static void test_ambiguous_profile_counts_two(void **state)
{
    (void)state;
    static const struct width_profile two = { .ambiguous = 2 };
    struct canvas *cv = canvas_new(2, 10, &two, GLYPHS_ASCII);
    assert_int_equal(canvas_text(cv, 0, 0, 10, STYLE_NORMAL, "○x"), 3);
    canvas_glyph(cv, 1, 0, STYLE_FRAME, GLYPH_H);
    assert_int_equal(canvas_row(cv, 1)[0].width, 1);
    canvas_free(cv);
}

static void test_box_and_inside(void **state)
{
    (void)state;
    struct canvas *cv = narrow(4, 14);
    struct rect in = canvas_box(cv, (struct rect){ 0, 0, 3, 14 }, STYLE_FRAME, "届出");
    assert_int_equal(in.y, 1);
    assert_int_equal(in.w, 12);
    expect_row(cv, 0, "┌ 届出 ──────┐");
    expect_row(cv, 1, "│            │");
    expect_row(cv, 2, "└────────────┘");
    canvas_free(cv);
}

static void test_alignment_and_padding(void **state)
{
    (void)state;
    struct canvas *cv = narrow(3, 12);
    canvas_right(cv, 0, 0, 12, STYLE_NORMAL, "件数 12");
    expect_row(cv, 0, "     件数 12");
    canvas_center(cv, 1, 0, 12, STYLE_NORMAL, "中央");
    expect_row(cv, 1, "    中央");
    canvas_padded(cv, 2, 0, 12, STYLE_SELECT, "行");
    assert_int_equal(canvas_row(cv, 2)[11].style, STYLE_SELECT);
    canvas_free(cv);
}

static void test_wrap_counts_rows(void **state)
{
    (void)state;
    struct canvas *cv = narrow(5, 8);
    struct rect r = { 0, 0, 3, 8 };
    assert_int_equal(canvas_wrap(NULL, &WIDTH_NARROW, r, STYLE_NORMAL, "一二三四五六\n七"), 3);
    assert_int_equal(canvas_wrap(cv, &WIDTH_NARROW, r, STYLE_NORMAL, "一二三四五六\n七\n八"), 4);
    expect_row(cv, 0, "一二三四");
    expect_row(cv, 1, "五六");
    expect_row(cv, 2, "七");
    expect_row(cv, 3, "");
    canvas_free(cv);
}

static void test_cursor_outside_is_hidden(void **state)
{
    (void)state;
    struct canvas *cv = narrow(2, 4);
    int y, x;
    assert_false(canvas_cursor_at(cv, &y, &x));
    canvas_cursor(cv, 1, 3);
    assert_true(canvas_cursor_at(cv, &y, &x));
    assert_int_equal(x, 3);
    canvas_cursor(cv, 1, 4);
    assert_false(canvas_cursor_at(cv, &y, &x));
    canvas_free(cv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_cut_at_whole_characters),
        cmocka_unit_test(test_selector_stays_in_its_cell),
        cmocka_unit_test(test_control_characters_are_shown),
        cmocka_unit_test(test_half_characters_never_remain),
        cmocka_unit_test(test_random_drawing_keeps_halves_together),
        cmocka_unit_test(test_ambiguous_profile_counts_two),
        cmocka_unit_test(test_box_and_inside),
        cmocka_unit_test(test_alignment_and_padding),
        cmocka_unit_test(test_wrap_counts_rows),
        cmocka_unit_test(test_cursor_outside_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
