/*
 * Every form there is, without a word about any of them here: it can be opened from the menu, each label is on the
 * screen when the cursor is in its field, the cursor walks through all fields, and an empty one cannot be entered.
 */
#include "base/fsx.h"
#include "base/mem.h"
#include "check.h"
#include "form/catalog.h"
#include "world.h"

static struct world_programs programs;
static struct world *world;
static struct rulebook *book;

static void failed(const char *text)
{
    fail_msg("%s", text);
}

static int begin(void **state)
{
    struct errinfo e;
    char *forms = fs_join(programs.share, "forms"), *data = fs_join(programs.share, "data");
    (void)state;
    world = world_new(&programs);
    enum err rc = catalog_load(forms, data, NULL, &book, NULL, &e);
    free(forms);
    free(data);
    return rc == OK ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    rulebook_free(book);
    world_free(world);
    return 0;
}

static bool row_has(struct tui *t, int row, const char *text)
{
    char line[1024];
    tui_row(t, row, line, sizeof line);
    return strstr(line, text);
}

/* The group whose list holds the title. */
static void open_kind(struct tui *t, const struct kind *k)
{
    char screen[64];
    snprintf(screen, sizeof screen, "notice:%s", k->id);
    tui_script(t, "2<@kinds>");
    for (size_t tries = 0; tries <= book->kinds.n; tries++) {
        bool here = false;
        for (int row = 5; row < 22 && !here; row++)
            here = row_has(t, row, k->title);
        if (here)
            break;
        tui_key(t, K_TAB);
        tui_settle(t);
    }
    for (const char *p = k->menu_key; *p; p++) {
        char one[2] = { *p, '\0' };
        tui_type(t, one);
        tui_settle(t);
    }
    if (strcmp(tui_screen(t), "kinds") == 0) /* a longer number begins the same */
        tui_key(t, K_ENTER);
    tui_expect_screen(t, screen);
}

/* The label stands left of the cursor, in its row. */
static void expect_label(struct tui *t, const struct kind *k, const struct field *f)
{
    int y, x;
    tui_settle(t);
    assert_true(tui_cursor(t, &y, &x));
    if (!row_has(t, y, f->label))
        fail_msg("%s: the cursor is not beside the label %s", k->id, f->label);
}

static void walk(struct tui *t, const struct kind *k)
{
    for (size_t s = 0; s < k->n; s++)
        for (size_t i = 0; i < k->s[s].n; i++) {
            expect_label(t, k, &k->s[s].f[i]);
            if (k->s[s].max > 1 && i == 0)
                tui_type(t, "1"); /* a blank row would be passed over */
            if (k->s[s].max > 1 && i == k->s[s].n - 1)
                tui_key(t, K_PGDN); /* not to a further row */
            else
                tui_key(t, K_ENTER);
            tui_settle(t);
            if (strncmp(tui_screen(t), "dialog", 6) == 0)
                tui_key(t, K_ESC);
        }
}

static void test_each_form(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    assert_true(book->kinds.n > 0);
    for (size_t i = 0; i < book->kinds.n; i++) {
        const struct kind *k = book->kinds.k[i];
        open_kind(t, k);
        walk(t, k);
        tui_key(t, K_F12);
        tui_expect_screen(t, "menu");
    }
    tui_script(t, "<F3><Enter><@login><F3>");
    tui_expect_exit(t, 0);
}

static void test_empty_is_refused(void **state)
{
    (void)state;
    struct tui *t = world_login(world, "kawaguchi", failed);
    for (size_t i = 0; i < book->kinds.n; i++) {
        open_kind(t, book->kinds.k[i]);
        tui_script(t, "<F8><@check>");
        tui_expect_seen(t, "誤り");
        tui_script(t, "<F10>");
        tui_expect_seen(t, "直していない誤りがあります");
        tui_key(t, K_F12);
        tui_expect_screen(t, "menu");
    }
    tui_script(t, "<F3><Enter><@login><F3>");
    tui_expect_exit(t, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_form), cmocka_unit_test(test_empty_is_refused) };
    if (argc != 6)
        return 2;
    programs = (struct world_programs){ argv[1], argv[2], argv[3], argv[4], argv[5] };
    return cmocka_run_group_tests(tests, begin, finish);
}
