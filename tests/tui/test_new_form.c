/*
 * Adding a kind of notice is one file: with `chonai.form` beside the others, and nothing built anew, the kind is in the
 * menu, has its entry screen, its page of the manual and its row in the statistics.
 */
#include "base/fsx.h"
#include "base/mem.h"
#include "check.h"
#include "world.h"

#include <ftw.h>
#include <stdio.h>

static const char form[] = "form     1\n"
                           "title    町内会加入届\n"
                           "group    試験\n"
                           "menu     7\n"
                           "law      町内会条例\n"
                           "reason   M03\n"
                           "filing   request\n"
                           "event    entry.entered_on\n"
                           "outage   hold\n"
                           "section entry 加入\n"
                           "  entered_on date 加入年月日 required\n"
                           "    help \"町内会に入った日。\"\n"
                           "section members 加入する人 rows 1..5\n"
                           "  who    person 氏名 required\n"
                           "  remark text   役職 to remark\n"
                           "effect\n"
                           "  amend members\n"
                           "checklist\n"
                           "  \"加入の意思を確かめた\"\n";

static struct world_programs programs;

static void failed(const char *text)
{
    fail_msg("%s", text);
}

/* One entry of the delivered tree, copied to the same place in the own one: a daemon follows no link out of its tree.
 */
static const char *copy_to;
static int copy_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    struct buf text = BUF_INIT;
    struct errinfo e;
    char *to = fs_join(copy_to, path + strlen(programs.share) + 1);
    (void)at;
    enum err rc = type == FTW_D ? fs_mkdir_p(to, 0700, &e) : fs_read(path, (size_t)st->st_size + 1, &text, &e);
    FILE *f = type == FTW_F && rc == OK ? fopen(to, "w") : NULL;
    bool whole = type == FTW_D ? rc == OK : f && fwrite(buf_str(&text), 1, text.len, f) == text.len;
    if (f)
        fclose(f);
    buf_done(&text);
    free(to);
    return whole ? 0 : -1;
}

/* What an office has: data and forms as delivered, and one form more. */
static void make_share(const char *share)
{
    static const char *const trees[] = { "data", "forms" };
    struct errinfo why;
    copy_to = share;
    for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
        char *tree = fs_join(programs.share, trees[i]);
        assert_int_equal(nftw(tree, copy_one, 16, FTW_PHYS), 0);
        free(tree);
    }
    char *path = fs_join(share, "forms/chonai.form");
    assert_int_equal(fs_write_atomic(path, 0644, span_of(form), &why), OK);
    free(path);
}

static void leave(struct tui *t)
{
    tui_script(t, "<F12><@menu><F3><Enter><@login><F3>");
    tui_expect_exit(t, 0);
}

static void in_the_menu(struct tui *t)
{
    tui_script(t, "2<@kinds><Tab>");
    tui_expect_seen(t, "町内会加入届");
    tui_expect_seen(t, "町内会条例");
}

static void on_its_screen(struct tui *t)
{
    tui_script(t, "7<@notice:chonai>");
    tui_expect_seen(t, "町内会加入届 入力");
    tui_expect_seen(t, "加入年月日*");
    tui_expect_seen(t, "町内会に入った日。");
    tui_expect_seen(t, "役職");
}

static void in_the_manual(struct tui *t)
{
    tui_script(t, "<F1><@help>");
    tui_expect_seen(t, "┌ 町内会加入届 ─");
    tui_expect_seen(t, "根拠 町内会条例");
    tui_expect_seen(t, "・加入年月日(年月日、必須)");
    tui_script(t, "<F3><@notice:chonai>");
}

static void entered(struct tui *t)
{
    tui_script(t, "R8.6.28<Enter>川田花子<Enter>会計<Enter><F8><@check>");
    tui_expect_seen(t, "川田　花子");
    tui_script(t, "<F10><@kinds>");
    tui_expect_seen(t, "仮登録しました。");
}

static void in_the_statistics(struct tui *t)
{
    tui_script(t, "<F12><@menu>");
    tui_expect_seen(t, "町内会加入届 1");
    tui_script(t, "9<@reports><Down><Enter>");
    tui_expect_screen(t, "report:statistics");
    tui_script(t, "<F5>");
    tui_expect_seen(t, "町内会加入届");
    tui_expect_seen(t, "合計  受付 1");
}

static void in_the_examination(struct world *w)
{
    struct tui *t = world_login(w, "yamamoto", failed);
    tui_script(t, "3<@cases>");
    tui_expect_seen(t, "町内会加入届");
    tui_script(t, "<Enter><@case>3");
    tui_expect_seen(t, "加入の意思を確かめた");
    leave(t);
}

static void test_new_form(void **state)
{
    struct world_programs own = programs;
    own.share = *state;
    make_share(own.share);
    struct world *w = world_new(&own);
    struct tui *t = world_login(w, "kawaguchi", failed);
    in_the_menu(t);
    on_its_screen(t);
    in_the_manual(t);
    entered(t);
    in_the_statistics(t);
    leave(t);
    in_the_examination(w);
    world_free(w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_new_form, check_tmpdir,
                                                                        check_tmpdir_gone) };
    if (argc != 6)
        return 2;
    programs = (struct world_programs){ argv[1], argv[2], argv[3], argv[4], argv[5] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
