/*
 * Every screen at 80×24, 100×30 and 132×43, compared with golden/screens/NAME-COLSxROWS.txt. The municipality is the
 * demonstration with a fixed seed and a clock that stands still, so that the pictures do not depend on the day.
 *   MADOGUCHI_GOLDEN=write meson test -C build tui-screens
 * makes them anew; look at the difference before it is committed.
 */
#include "check.h"

#include "base/mem.h"
#include "town.h"
#include "tui.h"

#define NOW "2026-07-01T10:42:00+09:00"

/* Heartbeats every second, a stop suspected after two that fail, no waiting for a stable line. */
static const char own[] = "HEARTBEAT_S = 1\nFAIL_N = 2\nSTABLE_OK_N = 1\nSTABLE_MIN = 0\nRETRY_MAX_S = 1\n"
                          "UI_STATUS_S = 1\n";

static const int sizes[][2] = { { 80, 24 }, { 100, 30 }, { 132, 43 } };

struct desk {
    const char *who;
    struct tui *t;
};

static struct tour {
    struct town town;
    struct desk desk[6];
    size_t n;
    struct tui *at;
    const char *state, *unposted; /* what the upper lines say when nothing more is to come by itself */
} tour;

struct stop {
    const char *who;  /* whose counter; NULL: the one before. It stays open */
    const char *keys; /* as tui_script */
    const char *name; /* of the picture; NULL: none */
};

/* The counter that failed is gone already, the others end with this program. */
static void failed(const char *text)
{
    tour.n = 0;
    fail_msg("%s", text);
}

static struct tui *open_counter(struct tour *g)
{
    char *share = xprintf("MADOGUCHI_SHARE=%s", getenv("MADOGUCHI_SHARE"));
    const char *const argv[] = { getenv("MADOGUCHI"), "--dir", g->town.dir, NULL }, *const env[] = { share, NULL };
    struct tui_opt opt = { .argv = argv, .env = env, .fail = failed };
    struct tui *t = tui_start(&opt);
    tui_expect_screen(t, "login");
    tui_golden_mask(t, "照合符号 ", 11); /* drawn at random */
    tui_golden_mask(t, "回線の応答 ", 120);
    tui_golden_mask(t, " 続けて", 1);
    free(share);
    return t;
}

static struct tui *sit_down(struct tour *g, const char *who)
{
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->desk[i].who, who) == 0)
            return g->desk[i].t;
    assert_true(g->n < ARRAY_LEN(g->desk));
    struct tui *t = open_counter(g);
    tui_type(t, who);
    tui_key(t, K_ENTER);
    tui_type(t, town_password(&g->town, who));
    tui_key(t, K_ENTER);
    tui_expect_screen(t, "menu");
    g->desk[g->n++] = (struct desk){ who, t };
    return t;
}

static void picture(struct tour *g, const char *name)
{
    struct tui *t = g->at;
    tui_expect_seen(t, g->state);
    tui_expect_seen(t, g->unposted);
    for (size_t i = ARRAY_LEN(sizes); i-- > 0;) { /* the smallest last: there the tour goes on */
        char file[96];
        snprintf(file, sizeof file, "screens/%s-%dx%d", name, sizes[i][0], sizes[i][1]);
        tui_resize(t, sizes[i][1], sizes[i][0]);
        tui_expect_golden(t, file);
    }
}

static void visit(struct tour *g, const struct stop *stops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (stops[i].who)
            g->at = sit_down(g, stops[i].who);
        tui_script(g->at, stops[i].keys);
        if (stops[i].name)
            picture(g, stops[i].name);
    }
}
#define VISIT(g, stops) visit((g), (stops), ARRAY_LEN(stops))

static int begin(void **state)
{
    struct tour *g = &tour;
    g->state = "│  通常";
    g->unposted = "未反映 0";
    *state = g;
    town_make_held(&g->town, own, 400, NOW);
    return 0;
}

static int end(void **state)
{
    struct tour *g = *state;
    for (size_t i = 0; i < g->n; i++)
        tui_hang_up(g->desk[i].t);
    town_gone(&g->town);
    return 0;
}

/* Before anybody is logged in. */
static void test_login(void **state)
{
    struct tour *g = *state;
    struct tui *t = g->at = open_counter(g);
    picture(g, "login");
    tui_script(t, "mado1<Enter>wrong-password<Enter>");
    tui_expect_seen(t, "！");
    picture(g, "login-refused");
    tui_script(t, "<F3>");
    tui_expect_exit(t, 0);
}

static void test_looking_up(void **state)
{
    static const struct stop stops[] = {
        { "mado1", "", "menu" },
        { NULL, "1<@search>", "search" },
        { NULL, "<Down><Down>梅町<F5>", "search-found" },
        { NULL, "<F4><Enter>nomura ken<F5><Enter><@person>", "person" },
        { NULL, "<F8>", "person-blanks" },
        { NULL, "<F8>2", "person-household" },
        { NULL, "3", "person-history" },
        { NULL, "<F1><@help>", "help" },
        { NULL, "<F3><@person><F12><@menu>", NULL },
    };
    VISIT((struct tour *)*state, stops);
}

/* 転居 of two of four. */
static void test_notice(void **state)
{
    static const struct stop stops[] = {
        { "mado1", "2<@kinds>", "kinds" },
        { NULL, "2<@notice:tenkyo>", "notice" },
        { NULL, "<Enter>1<Enter><Enter><Enter><Enter><Enter>12<Enter><Enter>1<Enter><Enter>R8.13.40<Enter>",
          "notice-wrong" },
        { NULL, "<Esc>R8.6.28<Enter>野村<Enter>", "dialog-choose" },
        { NULL, "<Esc><F8><@notice:tenkyo>", "notice-unfinished" },
        { NULL, "<Esc>野村真由美<Enter>世帯主<Enter>野村結菜<Enter>", "notice-relation" },
        { NULL, "<F8><@check>", "check-errors" },
        { NULL, "<Enter><@notice:tenkyo>", "notice-finding" },
        { NULL, "<F12><@menu>6<@drafts>", "drafts" },
        { NULL, "<Enter><@notice:tenkyo><F9>", "dialog-confirm" },
        { NULL, "<Right><Enter><@drafts><F12><@menu>2<@kinds>2<@notice:tenkyo>", NULL },
        { NULL, "<Enter>1<Enter><Enter><Enter><Enter><Enter>12<Enter><Enter>1<Enter><Enter>R8.6.28<Enter>", NULL },
        { NULL, "野村真由美<Enter>世帯主<Enter>野村結菜<Enter>子<Enter><Enter>9990005<Enter><Enter><Enter>", NULL },
        { NULL, "8番地3<Enter>サンコーポ201<Enter><Enter>1<Enter><Enter>野村健一<Enter>野村蒼<Enter>子<Enter><Enter>",
          "notice-filled" },
        { NULL, "<F8><@check>", "check" },
        { NULL, "<F10><@kinds>", "kinds-entered" },
        { NULL, "<F12><@menu>", "menu-waiting" },
    };
    VISIT((struct tour *)*state, stops);
}

static void test_decision(void **state)
{
    static const struct stop stops[] = {
        { "shinsa1", "3<@cases>", "cases" },
        { NULL, "<Enter><@case>", "case" },
        { NULL, "2", "case-form" },
        { NULL, "3", "case-points" },
        { NULL, "111112", "case-answered" },
        { NULL, "<F7>", "dialog-reason" },
        { NULL, "<Esc>1<F7>", "case-examined" },
        { NULL, "<F3><@cases> ", "cases-marked" },
        { NULL, "<F8><@decide>", "decide" },
        { NULL, "<F3><@cases><Enter><@case>", NULL },
        { NULL, "<F10>", "dialog-password" },
        { NULL, "umesato-shinsa-1<Enter>", NULL },
    };
    struct tour *g = *state;
    VISIT(g, stops);
    tui_expect_seen(g->at, "本庁に反映されました。");
    tui_script(g->at, "<Tab>");
    picture(g, "case-events");
    tui_script(g->at, "<F12><@menu>");
}

static void test_paper(void **state)
{
    static const struct stop stops[] = {
        { "mado1", "4<@cert>", "cert" },
        { NULL, "1<Enter>1<Enter><Enter>野村健一<Enter><Enter>1<Enter>野村健一<Enter>12<Enter>", "cert-filled" },
        { NULL, "<F9><@preview>", "preview" },
        { NULL, "<F10>", "dialog-issue" },
        { NULL, "<Enter>", "preview-issued" },
        { NULL, "<Enter><F12><@menu>5<@jobs>", "jobs" },
        { NULL, "<F12><@menu>", "menu-busy" },
    };
    VISIT((struct tour *)*state, stops);
}

static void test_office(void **state)
{
    static const struct stop stops[] = {
        { "mado1", "8<@sync>", "sync" },
        { NULL, "<F12><@menu>7<@outage>", "outage-normal" },
        { NULL, "<F12><@menu>0<@password>", "password" },
        { NULL, "<F3><@menu><F3>", "dialog-end" },
        { NULL, "<Esc><F10><@lock>", "lock" },
        { NULL, "umesato-mado-1<Enter><@menu>", NULL },
        { "kansa", "9<@reports>", "reports-auditor" },
        { NULL, "<Down><Down><Enter><@log>", "log" },
        { NULL, "<F5><F10>", "log-entry" },
        { NULL, "<Esc><F3><@reports><Down><Enter>", "report-audit" },
        { NULL, "<F3><@reports><Down><Enter>", "report-check" },
        { "shinsa1", "8<@sync><F6><@conflicts>", "conflicts-none" },
        { NULL, "<F12><@menu>", NULL },
        { "shocho", "9<@reports>", "reports" },
        { NULL, "<Enter>", "report-due" },
        { NULL, "<F3><@reports><Down><Enter>", "report-statistics" },
        { NULL, "<F3><@reports><Down><Enter>", "held" },
        { NULL, "<F3><@reports><Down><Enter>", "report-stock" },
        { NULL, "<F4>", "stock" },
        { NULL, "<F12>", NULL },
    };
    VISIT((struct tour *)*state, stops);
}

/* 抑止・支援措置: who is responsible sets one. */
static void test_protection(void **state)
{
    static const struct stop stops[] = {
        { "sekinin", "1<@search>石井修<F5><Enter><@person><F7><@restrict>", "restrict-none" },
        { NULL, "<F4>", "restrict-set" },
        { NULL, "<F12><@menu>", NULL },
    };
    VISIT((struct tour *)*state, stops);
}

static bool suspect(const json_t *status)
{
    return town_is(status, "suspect");
}

static void until(struct tour *g, bool (*holds)(const json_t *), const char *what)
{
    struct client *c = town_client(&g->town, NULL);
    town_until(c, holds, what);
    client_close(c);
}

static void test_stop(void **state)
{
    static const struct stop suspected[] = {
        { "mado1", "<F5>", "menu-suspect" },   { NULL, "7<@outage>", "outage-suspect" },
        { NULL, "<F12><@menu>", NULL },        { "shinsa1", "7<@outage><F4>", "dialog-check" },
        { NULL, "1<Enter>", "dialog-second" },
    };
    static const struct stop stopped[] = {
        { NULL, "本庁のホストが応答しない<Enter>shocho<Enter>umesato-shocho-1<Enter>", "outage" },
        { NULL, "2", "outage-figures" },
        { NULL, "3", "outage-phases" },
        { "mado1", "<F5>", "menu-outage" },
        { NULL, "2<@kinds>", "kinds-outage" },
        { NULL,
          "<F12><@menu>4<@cert>1<Enter>1<Enter><Enter>石井修<Enter><Enter>1<Enter>石井修<Enter>21<Enter><F9><@dialog:"
          "message>",
          "cert-outage" },
        { NULL, "<Enter><@cert><F12><Right><Enter><@menu>", NULL },
        { "shinsa1", "<F9><@book>", "book" },
        { NULL, "<F4>", "receive" },
        { NULL,
          "1<Enter><Enter><Enter>川田　花子<Enter>本人<Enter>運転免許証<Enter><Enter>1<Enter>2<Enter><F10><@book>",
          "book-received" },
        { NULL, "<F6>", "book-note" },
        { NULL, "<F3><@book><F8><@dialog:choose>", "dialog-give-back" },
        { NULL, "2<@dialog:line>", "dialog-withdrawn" },
        { NULL, "<Esc><@book><F11><@dialog:second>", "dialog-hand-over" },
        { NULL, "<Esc><@book><F9><@recheck>", "recheck" },
        { NULL, "<F3><@book><F8><@dialog:choose>2<@dialog:line>届出人の申出<Enter><@book>", "book-withdrawn" },
        { NULL, "<F3><@outage>", NULL },
    };
    struct tour *g = *state;
    town_end(&g->town.host, SIGTERM);
    until(g, suspect, "the suspicion of a stop");
    g->state = "│  障害疑い(暫定停止)";
    VISIT(g, suspected);
    g->state = "│  作動停止中";
    g->unposted = "未反映 1"; /* the declaration */
    VISIT(g, stopped);
}

/* A count finds a sheet less than there should be: a line of the balance that has to be explained. */
static void count_paper(struct tour *g)
{
    static const struct {
        const char *what;
        int sheets;
    } lines[] = { { "load", 10 }, { "count", 7 } };
    struct client *c = town_client(&g->town, "shocho");
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        json_decref(
            town_ask(c, "stock.add",
                     json_pack("{s:s, s:i, s:s, s:s, s:s}", "what", lines[i].what, "sheets", lines[i].sheets, "reason",
                               "数え直した", "witness", "shinsa1", "password", town_password(&g->town, "shinsa1"))));
    client_close(c);
}

static void test_recovery(void **state)
{
    static const struct stop stops[] = {
        { NULL, "<F10><@replay>", "replay" },
        { NULL, "<F3><@outage>2", "outage-uneven" },
        { NULL, "<F8><@dialog:choose>", "dialog-explain" },
        { NULL, "1<@dialog:second>", "dialog-explain-reason" },
        { NULL, "<Esc><@outage>", NULL },
    };
    struct tour *g = *state;
    count_paper(g);
    town_start_host(&g->town);
    g->at = sit_down(g, "shinsa1");
    tui_expect_seen(g->at, "F10復旧宣言");
    tui_script(g->at, "1");
    picture(g, "outage-answering");
    g->state = "│  復旧処理中";
    g->unposted = "未反映 0"; /* the host has both steps */
    tui_script(g->at, "<F10>すべて確かめた<Enter>shocho<Enter>umesato-shocho-1<Enter>");
    tui_expect_seen(g->at, "済  すべて反映");
    picture(g, "outage-recovering");
    VISIT(g, stops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login),      cmocka_unit_test(test_looking_up), cmocka_unit_test(test_notice),
        cmocka_unit_test(test_decision),   cmocka_unit_test(test_paper),      cmocka_unit_test(test_office),
        cmocka_unit_test(test_protection), cmocka_unit_test(test_stop),       cmocka_unit_test(test_recovery),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
