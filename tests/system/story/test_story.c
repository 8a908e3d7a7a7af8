/*
 * The story as clerks type it, on a real terminal: search, the move of two of four with the question who is 世帯主 now,
 * 仮登録, a certificate that still shows the old address, a first person who may not examine and a second who decides,
 * and a certificate from the printer with the new address. Then the stop: the silent host, the declaration, a 転入届
 * taken in on paper and typed in a day later, a certificate from the copy and two that are refused, and on the third
 * day the replay, the decision, the balance and the signature.
 */
#include "story_in.h"
#include "tui.h"

static void failed(const char *text)
{
    fail_msg("%s", text);
}

static struct tui *counter(struct story *s, enum teller who)
{
    char *share = xprintf("MADOGUCHI_SHARE=%s", getenv("MADOGUCHI_SHARE"));
    const char *const argv[] = { getenv("MADOGUCHI"), "--dir", s->town.dir, NULL }, *const env[] = { share, NULL };
    struct tui_opt opt = { .argv = argv, .env = env, .fail = failed, .rows = 30, .cols = 100 };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "login");
    tui_type(t, story_operator(who));
    tui_key(t, K_ENTER);
    tui_type(t, town_password(&s->town, story_operator(who)));
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "menu");
    free(share);
    return t;
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

/* What stands in a form is thrown away only when somebody says so. */
static void leave_form(struct tui *t)
{
    tui_script(t, "<F12><@dialog:confirm>y<@menu>");
}

static void looks_up(struct story *s)
{
    struct tui *t = counter(s, CLERK);
    tui_script(t, "1<@search>");
    tui_type(t, s->mover_name);
    tui_script(t, "<F5>");
    tui_expect_seen(t, s->mover_name);
    leave(t);
}

static void enters(struct story *s)
{
    struct tui *t = counter(s, FIRST);
    char *persons = xprintf("%s<Enter>世帯主<Enter>%s<Enter>子<Enter><Enter>", s->mover, s->child);
    char *rest = xprintf("%s<Enter>%s<Enter>子<Enter><Enter>", s->spouse, s->other);
    tui_script(t, "2<@kinds>2<@notice:tenkyo>");
    tui_script(t, "<Enter>1<Enter><Enter><Enter><Enter><Enter>12<Enter><Enter>1<Enter><Enter>");
    tui_script(t, "R8.6.28<Enter>");
    tui_script(t, persons);
    tui_script(t, "9990005<Enter>");
    tui_expect_seen(t, "桜台二丁目");
    tui_script(t, "<Enter><Enter>8番地3<Enter>サンコーポ201<Enter><Enter>");
    tui_script(t, "1<Enter><Enter>");
    tui_script(t, rest);
    tui_script(t, "<F8><@check>");
    tui_script(t, "<F10><@kinds>");
    tui_expect_seen(t, "仮登録しました。受付番号");
    leave(t);
    free(persons);
    free(rest);
}

/* Asks for a certificate of a person, with a document that has a photograph. */
static void request(struct tui *t, const char *person, const char *name)
{
    char *keys = xprintf("4<@cert>1<Enter>1<Enter><Enter>%s<Enter><Enter>1<Enter>%s<Enter>12<Enter><F9>", person, name);
    tui_script(t, keys);
    free(keys);
}

/* What comes out of the printer for the one who moves, of this clerk's hand. */
static void issues(struct story *s)
{
    struct tui *t = counter(s, CLERK);
    request(t, s->mover, s->mover_name);
    tui_script(t, "<@preview><F10><Enter>");
    tui_expect_seen(t, "発行しました");
    tui_script(t, "<Enter>");
    leave(t);
}

/* Five points of the checklist answered; what then happens depends on who does it. */
static struct tui *examines(struct story *s, enum teller who)
{
    struct tui *t = counter(s, who);
    tui_script(t, "3<@cases>");
    tui_expect_seen(t, "仮登録");
    tui_script(t, "<Enter><@case>311111<F7>");
    return t;
}

static void first_is_refused(struct story *s)
{
    struct tui *t = examines(s, FIRST);
    tui_expect_seen(t, "入力した人は、審査・決裁をすることができません。");
    leave(t);
}

static void second_decides(struct story *s)
{
    struct tui *t = examines(s, SECOND);
    tui_expect_seen(t, "審査の結果(適)を登録しました。");
    tui_key(t, K_F10);
    tui_type(t, town_password(&s->town, story_operator(SECOND)));
    tui_key(t, K_ENTER);
    tui_expect_seen(t, "本庁に反映されました。");
    leave(t);
}

/* ---- the stop ---- */

/* Whose hands: somebody at the screen of the stop. */
static struct tui *at_the_stop(struct story *s, enum teller who)
{
    struct tui *t = counter(s, who);
    tui_script(t, "7<@outage>");
    return t;
}

static void second_signs(struct tui *t, struct story *s, const char *who)
{
    tui_expect_screen(t, "dialog:second");
    tui_type(t, who);
    tui_key(t, K_ENTER);
    tui_type(t, town_password(&s->town, who));
    tui_key(t, K_ENTER);
}

static void with_reason(struct tui *t, struct story *s, const char *who)
{
    tui_expect_screen(t, "dialog:second");
    tui_script(t, "本庁に電話で確かめました<Enter>");
    second_signs(t, s, who);
}

/* A clerk who sits there when the host falls silent sees it at the top of the screen, and can enter nothing. */
static void host_stops(struct story *s)
{
    struct tui *t = counter(s, CLERK);
    town_end(&s->town.host, SIGTERM);
    tui_expect_seen(t, "障害疑い");
    request(t, s->mover, s->mover_name);
    tui_expect_screen(t, "cert");
    tui_expect_seen(t, "いまの業務状態(障害疑い(暫定停止))では");
    leave_form(t);
    leave(t);
}

static void declares(struct story *s)
{
    struct tui *t = at_the_stop(s, FIRST);
    tui_script(t, "<F4><@dialog:check>2<Enter>");
    with_reason(t, s, "shocho");
    tui_expect_seen(t, "作動停止を宣言しました。");
    tui_expect_seen(t, "ホスト停止");
    leave(t);
}

static void receives(struct story *s)
{
    struct tui *t = at_the_stop(s, CLERK);
    tui_script(t,
               "<F9><@book><F4><@receive>1<Enter><Enter><Enter>" STORY_ARRIVES "<Enter>本人<Enter>運転免許証<Enter>");
    tui_script(t, "<Enter>1<Enter>2<Enter>除票の写し<Enter><Enter><Enter><F10><@book>");
    tui_expect_seen(t, "預かりました。受付簿の番号");
    tui_expect_seen(t, "未入力");
    leave(t);
}

/* The day that is offered is that of the reception; one person joins those who stayed behind. */
static void types_in(struct story *s)
{
    struct tui *t = at_the_stop(s, FIRST);
    char *dest = xprintf("2<Enter>%s<Enter>", s->household);
    tui_script(t, "<F9><@book><F7><@notice:tennyu>");
    tui_expect_seen(t, "R8.7.1");
    tui_script(t, "<Enter>1<Enter><Enter><Enter><Enter><Enter>12<Enter><Enter>1<Enter><Enter>");
    tui_script(t, "R8.6.25<Enter>試験県見本市本町一丁目1番地<Enter><Enter><Enter><Enter>3<Enter><Enter><Enter><Enter>");
    tui_script(t, "<Enter><Enter>" STORY_ARRIVES "<Enter><Enter>シケン　トウチャク<Enter><Enter><Enter>H2.4.1<Enter>");
    tui_script(t, "1<Enter>同居人<Enter>試験県見本市本町一丁目<Enter>" STORY_ARRIVES "<Enter><Enter><Enter><Enter>");
    tui_script(t, "<Enter><Enter><Enter><Enter><Enter><Enter><Enter><Enter>"); /* nobody more, said at 生年月日 */
    tui_script(t, "<Enter><Enter><Enter><Enter><Enter><Enter><Enter>");
    tui_script(t, dest);
    tui_script(t, "<F8><@check>");
    tui_expect_unseen(t, "誤り ");
    tui_script(t, "<F7><F7><F7><F10><@book>");
    tui_expect_seen(t, "仮登録しました。受付番号");
    tui_expect_unseen(t, "未入力");
    leave(t);
    free(dest);
}

/* The same sentence for who has a notice under way and for who is protected. */
static void is_refused(struct story *s, const char *person)
{
    struct tui *t = counter(s, CLERK);
    request(t, person, "請求 花子");
    tui_expect_screen(t, "dialog:message");
    tui_expect_seen(t, "作動停止中は、この証明書をこの請求者に発行できません。");
    tui_expect_unseen(t, "支援");
    tui_script(t, "<Enter>");
    leave_form(t);
    leave(t);
}

static void issues_from_the_copy(struct story *s)
{
    struct tui *t = counter(s, CLERK);
    request(t, s->mover, s->mover_name);
    tui_expect_screen(t, "preview");
    tui_key(t, K_F10);
    second_signs(t, s, story_operator(SECOND));
    tui_expect_seen(t, "発行しました");
    tui_script(t, "<Enter>");
    leave(t);
    assert_true(story_from_copy(s));
}

static void ends(struct story *s)
{
    struct tui *t = at_the_stop(s, FIRST);
    town_clock(&s->town, STORY_REPLAYED);
    town_start_host(&s->town);
    tui_expect_seen(t, "本庁は応答しています");
    tui_expect_seen(t, "抑止表 10:00"); /* what changed meanwhile is here */
    tui_expect_seen(t, "F10復旧宣言");
    tui_key(t, K_F10);
    with_reason(t, s, "shocho");
    tui_expect_seen(t, "復旧処理に入りました。");
    leave(t);
}

static void replays(struct story *s)
{
    struct tui *t = at_the_stop(s, SECOND);
    tui_script(t, "<F10><@replay>");
    tui_expect_seen(t, "転入届");
    tui_expect_seen(t, "反映できる");
    tui_key(t, K_F10);
    second_signs(t, s, "shocho");
    tui_expect_seen(t, "反映を始めました。");
    leave(t);
}

static void decides_the_arrival(struct story *s)
{
    struct tui *t = counter(s, SECOND);
    tui_script(t, "3<@cases><Enter><@case>3111111<F7>");
    tui_expect_seen(t, "審査の結果(適)を登録しました。");
    tui_key(t, K_F10);
    tui_type(t, town_password(&s->town, story_operator(SECOND)));
    tui_key(t, K_ENTER);
    tui_expect_seen(t, "本庁に反映されました。");
    leave(t);
}

static void balances_and_signs(struct story *s)
{
    struct tui *t = at_the_stop(s, SECOND);
    tui_key(t, K_F11);
    with_reason(t, s, "shocho");
    tui_expect_seen(t, "照合済みにしました。");
    leave(t);
    t = at_the_stop(s, RESPONSIBLE);
    tui_key(t, K_F11);
    with_reason(t, s, "shocho");
    tui_expect_seen(t, "停止を終結しました。");
    leave(t);
}

static int begin(void **state)
{
    struct story *s = xcalloc(1, sizeof *s);
    *state = s;
    story_open(s);
    return 0;
}

static int end(void **state)
{
    story_close(*state);
    free(*state);
    return 0;
}

/* What was typed has its number from the register and from the office; the checks ask for both. */
static void test_story(void **state)
{
    struct story *s = *state;
    story_find(s);
    looks_up(s);
    enters(s);
    issues(s);
    story_old_address(s);
    first_is_refused(s);
    second_decides(s);
    issues(s);
    story_new_address(s);
    host_stops(s);
    declares(s);
    receives(s);
    town_clock(&s->town, STORY_ENTERED);
    types_in(s);
    is_refused(s, s->spouse);
    is_refused(s, s->restricted);
    issues_from_the_copy(s);
    ends(s);
    replays(s);
    decides_the_arrival(s);
    balances_and_signs(s);
    story_learn(s);
    story_check(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_story, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
