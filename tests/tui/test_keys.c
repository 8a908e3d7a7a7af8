/*
 * How many keys a notice costs. A clerk who knows the counter enters a whole 転居届 from the menu to 仮登録; what has
 * to be typed because it is information (whom, when, where) is counted apart from everything else. The counts are
 * exact: the same keys every time.
 */
#include "check.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

#define KEYS_MOST 40 /* beyond the data, for a household of four */

static struct world_programs programs;
static struct world *world;

struct clerk {
    struct tui *t;
    int keys, data;
};

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

/* A script of keys: one for each name between brackets, one for each character; "<@…>" only waits. */
static int count(const char *script)
{
    int n = 0;
    for (const char *p = script; *p; p++) {
        if (*p == '<') {
            n += p[1] != '@';
            p = strchr(p, '>');
            assert_non_null(p);
        } else {
            n += ((unsigned char)*p & 0xC0) != 0x80;
        }
    }
    return n;
}

/* Keys that carry no information about the case. */
static void press(struct clerk *c, const char *script)
{
    c->keys += count(script);
    tui_script(c->t, script);
}

/* What stands on the paper. */
static void type(struct clerk *c, const char *text)
{
    c->data += count(text);
    tui_type(c->t, text);
}

static struct clerk at_the_menu(void)
{
    return (struct clerk){ .t = world_login(world, "kawaguchi", failed) };
}

static void told(const struct clerk *c, const char *what)
{
    printf("# %s: %d keystrokes beyond the data (%d characters of data)\n", what, c->keys, c->data);
    assert_true(c->keys <= KEYS_MOST);
}

static void leave(struct tui *t)
{
    tui_script(t, "<F12><@menu><F3><Enter><@login><F3>");
    tui_expect_exit(t, 0);
}

/* From the menu to the form with everybody in it. */
static void open_whole(struct clerk *c, const char *whom, const char *kind)
{
    press(c, "1<@search>");
    type(c, whom);
    press(c, "<F5><Enter><@person><F6><@kinds>");
    press(c, kind);
}

/* The person of the counter has a driving licence; everything else of the first part is as it is offered. */
static void identify(struct clerk *c)
{
    press(c, "<F7>12<F7>");
}

static void test_whole_household_moves(void **state)
{
    (void)state;
    struct clerk c = at_the_menu();
    open_whole(&c, "川田一郎", "2<@notice:tenkyo>");
    tui_expect_seen(c.t, "世帯の4人のうち4人を入れました");
    identify(&c);
    type(&c, "R8.6.28");
    press(&c, "<F7>");
    type(&c, "1230005");
    press(&c, "<F7>");
    tui_expect_seen(c.t, "梅町二丁目");
    tui_expect_seen(c.t, "川田　花子                転居先の続柄* 妻");
    type(&c, "8番地3");
    press(&c, "<Enter>");
    type(&c, "サンコーポ201");
    press(&c, "<F10>");
    tui_expect_screen(c.t, "kinds");
    tui_expect_seen(c.t, "仮登録しました。");
    told(&c, "転居, four of four");
    leave(c.t);
}

/* The head and one child move: the form asks who is head now, and how those who stay are related to her. */
static void test_part_moves_and_a_head_is_named(void **state)
{
    (void)state;
    struct clerk c = at_the_menu();
    press(&c, "1<@search>");
    type(&c, "森茂");
    press(&c, "<F5><Enter><@person><F4><@kinds>2<@notice:tenkyo>");
    identify(&c);
    type(&c, "R8.6.28");
    press(&c, "<F7>");
    type(&c, "世帯主");
    press(&c, "<Enter>");
    type(&c, "森健");
    press(&c, "<Enter>");
    type(&c, "子");
    press(&c, "<F7>");
    type(&c, "1230005");
    press(&c, "<F7>");
    type(&c, "8番地4");
    press(&c, "<PgDn><PgDn>");
    type(&c, "森直子");
    press(&c, "<Enter><F6>");
    tui_expect_seen(c.t, "続柄の案を入れました");
    press(&c, "<F7>"); /* a child of him need not be one of hers: that is asked, not proposed */
    type(&c, "子");
    press(&c, "<F10>");
    tui_expect_screen(c.t, "kinds");
    tui_expect_seen(c.t, "仮登録しました。");
    told(&c, "転居, two of four");
    leave(c.t);
}

/* A warning is never passed over: the one key stops there, it has to be acknowledged by its own. */
static void test_warning_stops_the_one_key(void **state)
{
    (void)state;
    struct clerk c = at_the_menu();
    open_whole(&c, "鈴木明", "2<@notice:tenkyo>");
    identify(&c);
    tui_script(c.t, "R8.6.1<F7>1230005<F7>8番地3<F10><@check>");
    tui_expect_seen(c.t, "W03");
    tui_script(c.t, "<F10><@check>");
    tui_expect_seen(c.t, "確認していない警告があります。");
    tui_script(c.t, "<F7><F10><@kinds>");
    tui_expect_seen(c.t, "仮登録しました。");
    leave(c.t);
}

/* One photograph is what is offered as the proof of identity; a card without one does not go through with it. */
static void test_offered_proof_fits_the_document(void **state)
{
    (void)state;
    struct clerk c = at_the_menu();
    open_whole(&c, "葛城美和", "2<@notice:tenkyo>");
    tui_script(c.t, "<F7>21<F7>R8.6.28<F7>1230005<F7>8番地3<F10><@check>");
    tui_expect_seen(c.t, "W16");
    tui_script(c.t, "<F3><@notice:tenkyo><F9><Right><Enter><@kinds>");
    leave(c.t);
}

/* The same key on a form that lacks something: nothing is entered, the cursor stands where it is lacking. */
static void test_what_is_missing_is_asked_for(void **state)
{
    (void)state;
    struct clerk c = at_the_menu();
    open_whole(&c, "葛城美和", "2<@notice:tenkyo>");
    tui_script(c.t, "<F7>12<F10>");
    tui_expect_screen(c.t, "notice:tenkyo");
    tui_expect_seen(c.t, "直すところが");
    tui_script(c.t, "R8.6.28<F7>");
    tui_expect_seen(c.t, "令和8年6月28日");
    tui_script(c.t, "<F9><Right><Enter><@kinds>");
    leave(c.t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_household_moves),        cmocka_unit_test(test_part_moves_and_a_head_is_named),
        cmocka_unit_test(test_warning_stops_the_one_key),    cmocka_unit_test(test_offered_proof_fits_the_document),
        cmocka_unit_test(test_what_is_missing_is_asked_for),
    };
    if (argc != 6)
        return 2;
    programs = (struct world_programs){ argv[1], argv[2], argv[3], argv[4], argv[5] };
    return cmocka_run_group_tests(tests, begin, finish);
}
