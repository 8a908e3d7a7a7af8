/* Terminal, keys and canvas on a real pseudo-terminal, and the harness itself. */
#include "check.h"

#include "tui.h"

static const char *program[2];

static void failed(const char *text)
{
    fail_msg("%s", text);
}

static struct tui *start(int rows, int cols, const char *term, const char *const *env)
{
    struct tui_opt opt = { .rows = rows, .cols = cols, .argv = program, .env = env, .term = term, .fail = failed };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "echo");
    return t;
}

static void end(struct tui *t)
{
    tui_key(t, K_F10);
    tui_expect_exit(t, 0);
}

static void test_types_and_draws(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_expect_text(t, 0, 0, "端末の試験 ○ 葛\xF3\xA0\x84\x80城");
    tui_expect_text(t, 23, 76, "右下");
    tui_type(t, "川田");
    tui_expect_text(t, 2, 2, "川田");
    tui_expect_cursor(t, 2, 6);
    tui_key(t, K_BACKSPACE);
    tui_expect_text(t, 2, 2, "川 ");
    tui_expect_cursor(t, 2, 4);
    end(t);
}

static void test_variation_selector_and_plane_2(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_type(t, "葛\xF3\xA0\x84\x80城𠮷");
    tui_expect_text(t, 2, 2, "葛\xF3\xA0\x84\x80城𠮷");
    tui_expect_cursor(t, 2, 8);
    tui_key(t, K_LEFT);
    tui_key(t, K_LEFT);
    tui_key(t, K_BACKSPACE);
    tui_expect_text(t, 2, 2, "城𠮷");
    end(t);
}

static void test_keys_by_name(void **state)
{
    (void)state;
    static const enum key_code codes[] = { K_ENTER,     K_TAB,  K_BACKTAB, K_ESC,  K_UP,   K_DOWN,   K_LEFT,
                                           K_RIGHT,     K_HOME, K_END,     K_PGUP, K_PGDN, K_DELETE, K_INSERT,
                                           K_BACKSPACE, K_F1,   K_F2,      K_F3,   K_F4,   K_F5,     K_F6,
                                           K_F7,        K_F8,   K_F11,     K_F12 };
    static const char *const terms[] = { "xterm-256color", "screen-256color", "tmux-256color", "linux", "vt220" };
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        struct tui *t = start(24, 80, terms[i], NULL);
        for (size_t k = 0; k < sizeof codes / sizeof *codes; k++) {
            char want[32] = "last ";
            tui_key(t, codes[k]);
            strcat(want, keycode_name(codes[k]));
            tui_expect_text(t, 5, 0, want);
        }
        end(t);
    }
}

static void test_alt_digit_is_function_key(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_script(t, "<Alt-1>");
    tui_expect_text(t, 5, 0, "last F1");
    tui_script(t, "<Alt-=>");
    tui_expect_text(t, 5, 0, "last F12");
    tui_script(t, "<Alt-0>");
    tui_expect_exit(t, 0);
}

static void test_bad_bytes_cost_one_key(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_bytes(t,
              "\xFF"
              "a\xE5\x8Cz\xF0\x9F",
              8);
    tui_type(t, "山");
    tui_expect_text(t, 2, 2, "az山");
    end(t);
}

static void test_paste_is_filtered(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_paste(t, "梅町\n一丁目\t\033x");
    tui_expect_text(t, 2, 2, "梅町一丁目x");
    tui_expect_text(t, 5, 0, "last paste");
    end(t);
}

static void test_resize_loses_nothing(void **state)
{
    (void)state;
    static const int sizes[][2] = { { 30, 100 }, { 43, 132 }, { 24, 80 }, { 10, 40 }, { 60, 200 }, { 24, 80 } };
    struct tui *t = start(24, 80, NULL, NULL);
    tui_type(t, "梅町");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char want[32];
        tui_resize(t, sizes[i][0], sizes[i][1]);
        tui_expect_screen(t, "echo");
        snprintf(want, sizeof want, "size %dx%d", sizes[i][1], sizes[i][0]);
        tui_expect_text(t, 4, 0, want);
        tui_expect_text(t, 2, 2, "梅町");
        tui_expect_text(t, sizes[i][0] - 1, sizes[i][1] - 4, "右下");
    }
    end(t);
}

/* Resizes close behind keys: the case in which a blocking program loses the resize (style P16). */
static void test_resize_between_keys(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    for (int i = 0; i < 40; i++) {
        char want[32];
        int cols = 80 + i % 7;
        tui_type(t, "a");
        tui_resize(t, 24, cols);
        snprintf(want, sizeof want, "size %dx24", cols);
        tui_expect_text(t, 4, 0, want);
    }
    end(t);
}

static void test_locale_falls_back_to_utf8(void **state)
{
    (void)state;
    struct tui_opt opt = { .argv = program, .lang = "POSIX", .fail = failed };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "echo");
    tui_type(t, "川田");
    tui_expect_text(t, 2, 2, "川田");
    end(t);
}

static void test_wide_ambiguous_uses_ascii_frames(void **state)
{
    (void)state;
    static const char *const env[] = { "MADOGUCHI_AMBIGUOUS=2", NULL };
    struct tui *t = start(24, 80, NULL, env);
    tui_expect_text(t, 1, 0, "+ 入力 ----");
    tui_expect_text(t, 2, 0, "|");
    end(t);
}

static void test_frames_are_lines(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_expect_text(t, 1, 0, "┌ 入力 ──");
    tui_expect_text(t, 2, 0, "│");
    tui_expect_text(t, 3, 0, "└──");
    end(t);
}

static void test_monochrome(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, "vt220", NULL);
    tui_expect_attr(t, 0, 0, TUI_REVERSE | TUI_BOLD);
    tui_expect_attr(t, 2, 2, TUI_REVERSE);
    tui_expect_attr(t, 5, 0, TUI_BOLD);
    end(t);
}

static void test_terminal_comes_back_after_death(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_key(t, K_F9);
    tui_hang_up(t);
}

static void test_hang_up(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_hang_up(t);
}

static void test_golden(void **state)
{
    (void)state;
    struct tui *t = start(24, 80, NULL, NULL);
    tui_type(t, "転居");
    tui_expect_text(t, 2, 2, "転居");
    tui_expect_golden(t, "harness-echo");
    end(t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_and_draws),
        cmocka_unit_test(test_variation_selector_and_plane_2),
        cmocka_unit_test(test_keys_by_name),
        cmocka_unit_test(test_alt_digit_is_function_key),
        cmocka_unit_test(test_bad_bytes_cost_one_key),
        cmocka_unit_test(test_paste_is_filtered),
        cmocka_unit_test(test_resize_loses_nothing),
        cmocka_unit_test(test_resize_between_keys),
        cmocka_unit_test(test_locale_falls_back_to_utf8),
        cmocka_unit_test(test_wide_ambiguous_uses_ascii_frames),
        cmocka_unit_test(test_frames_are_lines),
        cmocka_unit_test(test_monochrome),
        cmocka_unit_test(test_terminal_comes_back_after_death),
        cmocka_unit_test(test_hang_up),
        cmocka_unit_test(test_golden),
    };
    if (argc < 2)
        return 2;
    program[0] = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
