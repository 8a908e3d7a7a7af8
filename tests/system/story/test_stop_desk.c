/*
 * A stop that does not come out even, ended on the screen: a line of the book is withdrawn, another one goes to the
 * host office and gets its number, a sheet of paper is missing, and who is responsible says why before it is signed.
 */
#include "check.h"

#include "base/mem.h"
#include "town.h"
#include "tui.h"

#define NOW "2026-07-01T10:42:00+09:00"

/* Heartbeats every second, a stop suspected after two that fail, no waiting for a stable line. */
static const char own[] = "HEARTBEAT_S = 1\nFAIL_N = 2\nSTABLE_OK_N = 1\nSTABLE_MIN = 0\nRETRY_MAX_S = 1\n"
                          "UI_STATUS_S = 1\n";

static void failed(const char *text)
{
    fail_msg("%s", text);
}

static struct tui *sit_down(struct town *town, const char *who)
{
    char *share = xprintf("MADOGUCHI_SHARE=%s", getenv("MADOGUCHI_SHARE"));
    const char *const argv[] = { getenv("MADOGUCHI"), "--dir", town->dir, NULL }, *const env[] = { share, NULL };
    struct tui_opt opt = { .argv = argv, .env = env, .fail = failed, .rows = 30, .cols = 120 };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "login");
    tui_type(t, who);
    tui_key(t, K_ENTER);
    tui_type(t, town_password(town, who));
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "menu");
    free(share);
    return t;
}

static void leave(struct tui *t)
{
    tui_script(t, "<F12><@menu><F3><Enter><@login><F3>");
    tui_expect_exit(t, 0);
}

/* The second person of a dialog, with the reason first where there is one. */
static void signs(struct tui *t, struct town *town, const char *reason, const char *who)
{
    tui_expect_screen(t, "dialog:second");
    if (reason) {
        tui_type(t, reason);
        tui_key(t, K_ENTER);
    }
    tui_type(t, who);
    tui_key(t, K_ENTER);
    tui_type(t, town_password(town, who));
    tui_key(t, K_ENTER);
}

static void declares(struct town *town)
{
    town_end(&town->host, SIGTERM);
    struct tui *t = sit_down(town, "shinsa1");
    tui_expect_seen(t, "障害疑い");
    tui_script(t, "7<@outage><F4><@dialog:check>2<Enter>");
    signs(t, town, "本庁のホストが応答しない", "shocho");
    tui_expect_seen(t, "作動停止を宣言しました。");
    leave(t);
}

static void receives(struct tui *t, const char *who)
{
    tui_script(t, "<F4><@receive>1<Enter><Enter><Enter>");
    tui_type(t, who);
    tui_script(t, "<Enter>本人<Enter>運転免許証<Enter><Enter>1<Enter>1<Enter><Enter><Enter><Enter><F10><@book>");
    tui_expect_seen(t, "預かりました。");
}

/* One is withdrawn, the other is the host office's from now on. */
static void keeps_the_book(struct town *town)
{
    struct tui *t = sit_down(town, "shinsa1");
    tui_script(t, "7<@outage><F9><@book>");
    receives(t, "取下　一郎");
    receives(t, "代行　花子");
    tui_script(t, "<F6><@book-note>1<Enter>A-7<Enter>封筒3<Enter><Enter><F10><@book>");
    tui_expect_seen(t, "一応審査");
    tui_expect_seen(t, "封筒3");
    tui_script(t, "<F8><@dialog:choose>2<@dialog:line>気が変わったため<Enter><@book>");
    tui_expect_seen(t, "を取下げとして閉じました。");
    tui_script(t, "<F8>");
    tui_expect_seen(t, "今の状態ではこの操作はできません。");
    tui_script(t, "<Down><F11>");
    signs(t, town, "本庁で確認がいるため", "shocho");
    tui_expect_seen(t, "を本庁に引き継ぎました。");
    tui_script(t, "<F11><@dialog:line>H-000123<Enter><@book>");
    tui_expect_seen(t, "に本庁の受付番号を付けました。");
    tui_expect_seen(t, "本庁代行");
    tui_expect_seen(t, "H-000123");
    tui_script(t, "<F9><@recheck>");
    tui_expect_seen(t, "停止中に交付した証明書はありません。");
    leave(t);
}

/* Ten sheets were put in, nine are there. */
static void counts_paper(struct town *town)
{
    struct tui *t = sit_down(town, "shocho");
    tui_script(t, "9<@reports><Down><Down><Down><Enter><F4><@stock>1<Enter>10<Enter><Enter><Enter><Enter>");
    signs(t, town, NULL, "shinsa1");
    tui_expect_seen(t, "残り 10枚");
    tui_script(t, "<F4><@stock>3<Enter>9<Enter><Enter><Enter>一枚足りません<Enter>");
    signs(t, town, NULL, "shinsa1");
    tui_expect_seen(t, "残り 9枚");
    leave(t);
}

/* The line that does not balance stops everything until somebody who may has said why. */
static void ends(struct town *town)
{
    struct tui *t = sit_down(town, "shinsa1");
    town_start_host(town);
    tui_script(t, "7<@outage>");
    tui_expect_seen(t, "F10復旧宣言");
    tui_key(t, K_F10);
    signs(t, town, "回線が戻ったため", "shocho");
    tui_expect_seen(t, "復旧処理に入りました。");
    tui_expect_seen(t, "否  1 : 0  用紙");
    tui_expect_seen(t, "済  すべて反映");
    tui_expect_unseen(t, "F11照合");
    tui_script(t, "<F8><@dialog:choose>1");
    signs(t, town, "刷り損じを捨てたため", "shocho");
    tui_expect_seen(t, "「差異の説明」は、住民記録責任者が行います。");
    tui_script(t, "<F8><@dialog:choose>1");
    signs(t, town, "刷り損じを捨てたため", "sekinin");
    tui_expect_seen(t, "差異の理由を記録しました。");
    tui_expect_seen(t, "(説明済)");
    tui_expect_seen(t, "F11照合");
    tui_key(t, K_F11);
    signs(t, town, "すべて確かめました", "shocho");
    tui_expect_seen(t, "照合済みにしました。");
    leave(t);
    t = sit_down(town, "sekinin");
    tui_script(t, "7<@outage><F11>");
    signs(t, town, "すべて確かめました", "shocho");
    tui_expect_seen(t, "停止を終結しました。");
    leave(t);
}

static int begin(void **state)
{
    static struct town town;
    *state = &town;
    town_make_held(&town, own, 60, NOW);
    return 0;
}

static int end(void **state)
{
    town_gone(*state);
    return 0;
}

static void test_a_stop_that_does_not_come_out_even(void **state)
{
    struct town *town = *state;
    declares(town);
    keeps_the_book(town);
    counts_paper(town);
    ends(town);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_stop_that_does_not_come_out_even) };
    return cmocka_run_group_tests(tests, begin, end);
}
