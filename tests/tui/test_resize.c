/*
 * The window changes its size in the middle of entry — from each of the three sizes and one that is too small to each
 * other — and nothing is lost: what is typed, half a character, letters not yet kana, the field, the row, the dialog.
 */
#include "check.h"
#include "world.h"

static struct world_programs programs;
static struct world *world;

static void failed(const char *text)
{
    fail_msg("%s", text);
}

static int begin(void **state)
{
    (void)state;
    world = world_new(&programs);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    world_free(world);
    return 0;
}

static const struct {
    int rows, cols;
} sizes[] = { { 24, 80 }, { 30, 100 }, { 43, 132 }, { 15, 60 } };

#define SMALL 3

/* Each size after each other one; begins and ends at 80 x 24. */
static const int course[] = { 1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3, 0 };

/* Sends the window through all sizes and looks at each that is large enough. */
static void through_all(struct tui *t, const char *screen, void (*look)(struct tui *))
{
    for (size_t i = 0; i < sizeof course / sizeof *course; i++) {
        int to = course[i];
        tui_resize(t, sizes[to].rows, sizes[to].cols);
        tui_expect_screen(t, to == SMALL ? "small" : screen);
        if (to == SMALL)
            tui_expect_seen(t, "画面が小さすぎます");
        else
            look(t);
    }
}

static void leave(struct tui *t)
{
    tui_key(t, K_F12);
    tui_settle(t);
    if (strncmp(tui_screen(t), "dialog", 6) == 0)
        tui_script(t, "<Right><Enter>");
    tui_script(t, "<@menu><F3><Enter><@login><F3>");
    tui_expect_exit(t, 0);
}

/* The cursor stands in the row of this label. */
static void cursor_at(struct tui *t, const char *label)
{
    char row[1024];
    int y, x;
    assert_true(tui_cursor(t, &y, &x));
    tui_row(t, y, row, sizeof row);
    if (!strstr(row, label))
        fail_msg("the cursor is not in the row of %s but in: %s", label, row);
}

static void look_at_conditions(struct tui *t)
{
    tui_expect_seen(t, "川田");
    tui_expect_seen(t, "カワダk"); /* one letter of a syllable */
    cursor_at(t, "カワダk");
}

static void test_text_and_letters(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "1<@search>川田<Enter>kawadak");
    through_all(t, "search", look_at_conditions);
    tui_type(t, "i");
    tui_expect_seen(t, "カワダキ");
    leave(t);
}

/* Two of the three bytes of a character, then all sizes, then the third. */
static void test_half_a_character(void **state)
{
    (void)state;
    static const char river[] = "川";
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "1<@search>");
    tui_bytes(t, river, 2);
    for (size_t i = 0; i < sizeof course / sizeof *course; i++) {
        tui_resize(t, sizes[course[i]].rows, sizes[course[i]].cols);
        tui_expect_resized(t);
    }
    tui_bytes(t, river + 2, 1);
    tui_expect_text(t, 3, 13, "川");
    leave(t);
}

static void look_at_entry(struct tui *t)
{
    tui_expect_seen(t, "R8.6."); /* typed, not yet left */
    cursor_at(t, "転居年月日");
}

static void look_at_row(struct tui *t)
{
    tui_expect_seen(t, "川田　次郎");
    cursor_at(t, "8番地");
}

static void test_entry(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "2<@kinds>2<@notice:tenkyo><PgDn>R8.6.");
    through_all(t, "notice:tenkyo", look_at_entry);
    tui_script(t, "28<Enter>川田花子<Enter>世帯主<Enter>川田次郎<Enter>子<Enter><Enter>1230005<Enter>");
    tui_script(t, "<Enter><Enter>8番地");
    through_all(t, "notice:tenkyo", look_at_row);
    tui_script(t, "3<Enter>");
    tui_expect_seen(t, "8番地3");
    tui_script(t, "<F8><@check>");
    tui_expect_seen(t, "川田　次郎");
    tui_script(t, "<F3><@notice:tenkyo><F9><Right><Enter><@kinds>");
    leave(t);
}

static void look_at_list(struct tui *t)
{
    tui_expect_seen(t, "3> 川田　次郎");
    cursor_at(t, "川田　次郎");
}

static void test_row_of_a_list(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "1<@search>川田<F5>3");
    through_all(t, "search", look_at_list);
    tui_script(t, "<Enter><@person>");
    tui_expect_seen(t, "川田　次郎");
    leave(t);
}

static void look_at_code(struct tui *t)
{
    tui_expect_seen(t, "20BB");
}

static void look_at_question(struct tui *t)
{
    tui_expect_seen(t, "停止の試験");
    tui_expect_seen(t, "kawagu");
    cursor_at(t, "kawagu");
}

/* A dialog with three fields, the second half typed; and a character that is being given by its code. */
static void test_dialog_and_code(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "yamamoto", failed);
    tui_script(t, "1<@search><F2>20bb");
    through_all(t, "search", look_at_code);
    tui_script(t, "7<Enter>");
    tui_expect_seen(t, "𠮷");
    tui_script(t, "<F12><@menu>7<@outage><F4><@dialog:check>1<Enter><@dialog:second>停止の試験<Enter>kawagu");
    through_all(t, "dialog:second", look_at_question);
    tui_script(t, "chi<Tab>x");
    tui_expect_seen(t, "kawaguchi");
    tui_script(t, "<Esc><@outage>");
    leave(t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_and_letters), cmocka_unit_test(test_half_a_character), cmocka_unit_test(test_entry),
        cmocka_unit_test(test_row_of_a_list),    cmocka_unit_test(test_dialog_and_code),
    };
    if (argc != 6)
        return 2;
    programs = (struct world_programs){ argv[1], argv[2], argv[3], argv[4], argv[5] };
    return cmocka_run_group_tests(tests, begin, finish);
}
