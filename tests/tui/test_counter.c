/* A day at the counter, on a real terminal with the real service. */
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

static void leave(struct tui *t)
{
    tui_key(t, K_F12);
    tui_expect_screen(t, "menu");
    tui_key(t, K_F3);
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "login");
    tui_key(t, K_F3);
    tui_expect_exit(t, 0);
}

static void test_login_and_menu(void **state)
{
    (void)state;
    struct tui *t = world_counter(world, 24, 80, failed);
    tui_expect_seen(t, "【試験】");
    tui_script(t, "kawaguchi<Enter>wrong-password<Enter>");
    tui_expect_screen(t, "login");
    tui_expect_seen(t, "！");
    tui_type(t, world_password("kawaguchi"));
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "menu");
    tui_expect_seen(t, "川口 みどり");
    tui_expect_seen(t, "10:4");
    leave(t);
}

static void test_search_and_person(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "1<@search>辺<F5>");
    tui_expect_seen(t, "該当する人はいません");
    tui_script(t, "<F4><Enter>kawada<F5>");
    tui_expect_seen(t, "川田　花子");
    tui_expect_seen(t, "4人が見つかりました。");
    tui_script(t, "<F4>吉崎<F5>"); /* variant characters are found, and come back as they are stored */
    tui_expect_seen(t, "𠮷﨑　髙志");
    tui_script(t, "<Enter><@person>");
    tui_expect_seen(t, "昭和45年7月7日");
    tui_script(t, "<PgDn>");
    tui_expect_seen(t, "(表示する権限がありません)");
    tui_script(t, "2");
    tui_expect_seen(t, "世帯番号 000000000000923");
    tui_script(t, "3");
    tui_expect_seen(t, "平成15年4月1日");
    leave(t);
}

static void test_variation_selector_survives_the_screen(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "1<@search>葛城<F5>");
    tui_expect_seen(t, "葛\xF3\xA0\x84\x82城　美和");
    leave(t);
}

/* 転居 of two of four: entered, checked, warnings acknowledged, provisional. */
static void test_notice_is_checked(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "2<@kinds>2<@notice:tenkyo>");
    tui_script(t, "<Enter>1<Enter>"); /* 届出人: 本人 */
    tui_script(t, "<Enter><Enter><Enter><Enter>12<Enter><Enter>1<Enter><Enter>");
    tui_expect_cursor(t, 13, 19);
    tui_script(t, "R8.6.28<Enter>川田花子<Enter>世帯主<Enter>川田次郎<Enter>子<Enter><Enter>");
    tui_script(t, "1230005<Enter>");
    tui_expect_seen(t, "梅町二丁目");
    tui_script(t, "<Enter><Enter>8番地3<Enter>サンコーポ201<Enter><F8><@check>");
    tui_expect_seen(t, "* 川田　花子");
    leave(t);
}

/* The program dies in the middle of an entry: what was typed is there again. */
/* A character that the keyboard does not have: by code point, by 面区点, by MJ number. */
static void test_characters_by_code(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "1<@search><F2>20bb7<Enter><F2>1-47-82<Enter><Ctrl-v>MJ000001<Enter>");
    tui_expect_seen(t, "𠮷﨑々");
    tui_script(t, "<BS><F5>");
    tui_expect_seen(t, "𠮷﨑　髙志");
    leave(t);
}

static void test_draft_survives_a_crash(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "2<@kinds>3<@notice:tenshutsu>");
    tui_script(t, "<PgDn>R8.7.10<Enter>");
    tui_expect_seen(t, "下書き 10:4");
    tui_hang_up(t);
    t = world_login(world, "kawaguchi", failed);
    tui_script(t, "6<@drafts>");
    tui_expect_seen(t, "転出届");
    tui_script(t, "<Enter><@notice:tenshutsu>");
    tui_expect_seen(t, "令和8年7月10日");
    tui_script(t, "<F9><Right><Enter><@drafts>");
    leave(t);
}

static void test_lock_and_unlock(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "<F10><@lock>");
    tui_expect_unseen(t, "業務メニュー");
    tui_script(t, "not-this-one<Enter>");
    tui_expect_screen(t, "lock");
    tui_type(t, world_password("kawaguchi"));
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "menu");
    leave(t);
}

static void test_certificate_is_previewed(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "4<@cert>1<Enter>1<Enter><Enter>鈴木<Enter><Enter>1<Enter>鈴木　明<Enter>12<Enter><F9>");
    tui_expect_screen(t, "preview");
    tui_expect_seen(t, "鈴木　明");
    leave(t);
}

static void test_daemon_is_started_by_the_counter(void **state)
{
    (void)state;
    world_stop_daemon(world);
    struct tui *t = world_login(world, "kawaguchi", failed);
    leave(t);
}

static void test_auditor_reads_the_log(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kansa", failed);
    tui_key(t, K_F5);
    tui_script(t, "1");
    tui_expect_seen(t, "この業務を使う権限がありません。");
    tui_script(t, "9<@reports>");
    tui_expect_unseen(t, "抑止・支援措置の一覧");
    tui_key(t, K_DOWN);
    tui_key(t, K_DOWN);
    tui_script(t, "<Enter><@log>");
    tui_expect_seen(t, "session.login");
    tui_script(t, "<F6>");
    tui_expect_seen(t, "つながりに異常はありません。");
    leave(t);
}

static void test_resize_anywhere_keeps_the_input(void **state)
{
    (void)state;
    static const int sizes[][2] = { { 30, 100 }, { 43, 132 }, { 20, 60 }, { 24, 80 } };
    struct tui *t = world_login(world, "kawaguchi", failed);
    tui_script(t, "1<@search>川");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        tui_resize(t, sizes[i][0], sizes[i][1]);
        tui_expect_screen(t, sizes[i][0] < 24 ? "small" : "search");
    }
    tui_expect_text(t, 3, 13, "川");
    leave(t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_and_menu),
        cmocka_unit_test(test_search_and_person),
        cmocka_unit_test(test_variation_selector_survives_the_screen),
        cmocka_unit_test(test_notice_is_checked),
        cmocka_unit_test(test_characters_by_code),
        cmocka_unit_test(test_draft_survives_a_crash),
        cmocka_unit_test(test_lock_and_unlock),
        cmocka_unit_test(test_certificate_is_previewed),
        cmocka_unit_test(test_auditor_reads_the_log),
        cmocka_unit_test(test_resize_anywhere_keeps_the_input),
        cmocka_unit_test(test_daemon_is_started_by_the_counter),
    };
    if (argc != 6)
        return 2;
    programs = (struct world_programs){ argv[1], argv[2], argv[3], argv[4], argv[5] };
    return cmocka_run_group_tests(tests, begin, finish);
}
