/*
 * The story as clerks type it, on a real terminal: search, the move of two of four with the question who is 世帯主 now,
 * 仮登録, a certificate that still shows the old address, a first person who may not examine and a second who decides,
 * and a certificate from the printer with the new address.
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

/* What comes out of the printer for the one who moves, of this clerk's hand. */
static void issues(struct story *s)
{
    struct tui *t = counter(s, CLERK);
    char *keys = xprintf("4<@cert>1<Enter>1<Enter><Enter>%s<Enter><Enter>1<Enter>%s<Enter><F9><@preview>", s->mover,
                         s->mover_name);
    tui_script(t, keys);
    tui_script(t, "<F10><Enter>");
    tui_expect_seen(t, "発行しました");
    tui_script(t, "<Enter>");
    leave(t);
    free(keys);
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

static void test_story(void **state)
{
    struct story *s = *state;
    story_find(s);
    looks_up(s);
    enters(s);
    issues(s);
    story_printed(s, s->mover_name, true);
    story_printed(s, "サンコーポ", false);
    first_is_refused(s);
    second_decides(s);
    issues(s);
    story_printed(s, "桜台二丁目", true);
    story_printed(s, "サンコーポ201", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_story, begin, end) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
