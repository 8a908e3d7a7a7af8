/* The screens on the memory canvas, with recorded answers of the service. */
#include "check.h"

#include "answers.h"
#include "base/mem.h"
#include "fixture.h"
#include "ui/bars.h"
#include "ui/screens.h"

static void test_login(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(24, 80);
    fixture_refuse(f, "session.login", E_DENIED, "番号かパスワードが違います。", "入力し直してください。");
    fixture_answer(f, "session.login",
                   "{'operator':{'id':'kawaguchi','name':'川口','roles':['CLK']},'functions':"
                   "['resident.search','dashboard.get'],'must_change':false}");
    fixture_answer(f, "session.logout", "{}");
    fixture_answer(f, "dashboard.get", BOARD);
    ui_push(fixture_ui(f), &scr_login, NULL);
    fixture_expect_mark(f, "login");
    fixture_expect(f, "【試験】");
    fixture_expect(f, "東支所");
    fixture_answer(f, "manual.page", "{'title':'操作者の確認','lines':['IDは一人に一つです。']}");
    fixture_keys(f, "kawaguchi<F1>");
    fixture_expect_mark(f, "help");
    assert_string_equal(fixture_params(f, "manual.page"), "{\"screen\":\"login\"}");
    fixture_expect(f, "IDは一人に一つです。");
    fixture_expect(f, "窓口の画面を終える");
    fixture_expect_not(f, "メニューに戻る"); /* there is none yet */
    fixture_keys(f, "<F3>");
    fixture_expect_mark(f, "login");
    fixture_expect(f, "kawaguchi"); /* what was typed is still there */
    fixture_keys(f, "<Enter>mistaken<Enter>");
    fixture_expect_mark(f, "login");
    fixture_expect(f, "番号かパスワードが違います。 入力し直してください。");
    fixture_expect_not(f, "mistaken");
    fixture_keys(f, "right-one<Enter>");
    fixture_expect_mark(f, "menu");
    assert_string_equal(fixture_params(f, "session.login"), "{\"operator\":\"kawaguchi\",\"password\":\"right-one\"}");
    fixture_keys(f, "<F3>");
    fixture_expect_mark(f, "dialog:confirm");
    fixture_keys(f, "<Enter>");
    fixture_expect_mark(f, "login");
    assert_int_equal(fixture_calls(f, "session.logout"), 1);
    fixture_expect_not(f, "kawaguchi");
    fixture_free(f);
}

static void test_password_that_must_be_changed(void **state)
{
    (void)state;
    struct fixture *f = fixture_new(24, 80);
    fixture_answer(f, "session.login", "{'operator':{'id':'k','name':'川口'},'functions':[],'must_change':true}");
    fixture_answer(f, "session.password", "{}");
    fixture_answer(f, "session.logout", "{}");
    ui_push(fixture_ui(f), &scr_login, NULL);
    fixture_keys(f, "k<Enter>first<Enter>");
    fixture_expect_mark(f, "password");
    fixture_keys(f, "first<Enter>second-one<Enter>second-two<Enter>");
    fixture_expect(f, "二度目に入力したパスワードが違います");
    fixture_keys(f, "second-one<Enter>second-one<Enter>");
    assert_string_equal(fixture_params(f, "session.password"), "{\"new\":\"second-one\",\"old\":\"first\"}");
    fixture_expect_mark(f, "menu");
    fixture_free(f);
}

static void test_menu_shows_the_day(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_expect(f, "業務メニュー");
    fixture_expect(f, "令和8年7月1日");
    fixture_expect(f, "本庁 正常  副本 10:40 (2分前)  抑止表 10:41  未反映 0");
    fixture_expect(f, "仮登録");
    fixture_expect(f, "12  最古 2時間");
    fixture_expect(f, "転居届 4");
    fixture_expect(f, "証明書 3件 5通  手数料 1,500円");
    fixture_expect(f, "間近 作動停止訓練 1件");
    fixture_free(f);
}

static void test_menu_refuses_without_right(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    json_object_set_new(fixture_ui(f)->session, "functions", json_array());
    fixture_keys(f, "1");
    fixture_expect_mark(f, "menu");
    fixture_expect(f, "この業務を使う権限がありません。");
    fixture_free(f);
}

static void test_too_small_says_so_and_keeps_everything(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "resident.search", FOUND);
    fixture_keys(f, "1川");
    fixture_resize(f, 23, 80);
    fixture_expect(f, "画面が小さすぎます(今 80桁×23行)。");
    fixture_expect_mark(f, "small");
    fixture_keys(f, "田<F12>");
    fixture_resize(f, 24, 80);
    fixture_expect_mark(f, "search");
    assert_non_null(strstr(fixture_row(f, 3), "川"));
    assert_null(strstr(fixture_row(f, 3), "川田"));
    fixture_free(f);
}

static void test_lock_hides_and_gives_back(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "session.lock", "{}");
    fixture_refuse(f, "session.unlock", E_DENIED, "パスワードが違います。", "");
    fixture_answer(f, "session.unlock", "{}");
    json_object_set_new(fixture_ui(f)->status, "logged_in", json_true());
    fixture_keys(f, "1川田");
    fixture_advance(f, 4 * 60000);
    fixture_expect_mark(f, "search");
    fixture_advance(f, 60000);
    fixture_expect_mark(f, "lock");
    fixture_expect_not(f, "川田");
    json_object_set_new(fixture_ui(f)->status, "logged_in", json_true());
    fixture_keys(f, "wrong<Enter>");
    fixture_expect(f, "パスワードが違います。");
    json_object_set_new(fixture_ui(f)->status, "logged_in", json_true());
    fixture_keys(f, "right<Enter>");
    fixture_expect_mark(f, "search");
    fixture_expect(f, "川田");
    fixture_free(f);
}

static void test_lock_by_the_service_is_followed(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "session.lock", "{}");
    fixture_answer(f, "session.unlock", "{}");
    fixture_answer(f, "status.get", "{'now':'2026-07-01T10:42:00+09:00','locked':true,'logged_in':true}");
    fixture_answer(f, "status.get", "{'now':'2026-07-01T10:42:00+09:00','locked':false,'logged_in':true}");
    fixture_keys(f, "1川田");
    fixture_advance(f, 16000);
    fixture_advance(f, 16000);
    fixture_expect_mark(f, "lock");
    fixture_keys(f, "right<Enter>");
    fixture_expect_mark(f, "search");
    fixture_expect(f, "川田");
    fixture_free(f);
}

static void test_search_and_person(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "resident.search", FOUND);
    fixture_answer(f, "resident.get", PERSON);
    fixture_answer(f, "resident.history", HISTORY);
    fixture_keys(f, "1");
    fixture_keys(f, "<F5>");
    fixture_expect(f, "条件を一つ以上入れてください。");
    fixture_keys(f, "<Enter>kawada<F5>");
    assert_string_equal(fixture_params(f, "resident.search"), "{\"kana\":\"カワダ\",\"limit\":50,\"offset\":0}");
    fixture_expect(f, "2人が見つかりました。");
    fixture_expect(f, "住民 抑 仮");
    fixture_keys(f, "2<Enter>");
    fixture_expect_mark(f, "person");
    fixture_expect(f, "(表示する権限がありません)");
    fixture_expect(f, "処理中の届出 1件");
    fixture_keys(f, "2");
    fixture_expect(f, "世帯番号 000000000000907");
    fixture_keys(f, "3");
    fixture_expect(f, "国内転入");
    fixture_expect(f, "8番地3");
    assert_int_equal(fixture_calls(f, "resident.history"), 1);
    fixture_keys(f, "<F3>");
    fixture_expect_mark(f, "search");
    fixture_expect(f, "川田　一郎");
    fixture_keys(f, "<F12>");
    fixture_expect_mark(f, "menu");
    fixture_free(f);
}

static void test_protected_person_needs_a_reason(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_refuse(f, "resident.get", E_INVALID, "照会の理由を入れてください。", "");
    fixture_answer(f, "resident.get", PERSON);
    fixture_item(f, "reason");
    assert_non_null(ui_push(fixture_ui(f), &scr_person, "000000000000023"));
    fixture_expect_mark(f, "dialog:line");
    fixture_keys(f, "短い<Enter>");
    fixture_expect(f, "理由を5文字以上で入力してください。");
    fixture_keys(f, "<Ctrl-u>本人の申出による<Enter>");
    fixture_expect_mark(f, "person");
    assert_string_equal(fixture_params(f, "resident.get"),
                        "{\"id\":\"000000000000023\",\"reason\":\"本人の申出による\"}");
    fixture_free(f);
}

static struct fixture *open_notice(void)
{
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "notice.kinds", KINDS);
    fixture_answer(f, "notice.form", FORM);
    fixture_answer(f, "draft.save", "{'id':'D7','saved_at':'2026-07-01T10:42:00+09:00'}");
    fixture_keys(f, "2");
    fixture_expect_mark(f, "kinds");
    fixture_expect(f, "法第23条");
    fixture_keys(f, "2");
    fixture_expect_mark(f, "notice:tenkyo");
    return f;
}

static void test_notice_is_saved_field_by_field(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_keys(f, "R8.6.28<Enter>");
    assert_string_equal(
        fixture_params(f, "draft.save"),
        "{\"kind\":\"tenkyo\",\"values\":[{\"f\":\"moved_on\",\"r\":0,\"s\":\"move\",\"v\":\"2026-06-28\"}]}");
    fixture_expect(f, "下書き 10:42");
    fixture_answer(f, "notice.candidates", "{'rows':[{'value':'000000000000023','label':'川田　花子','note':''}]}");
    fixture_keys(f, "川田<Enter>");
    assert_non_null(strstr(fixture_params(f, "draft.save"), "\"id\":\"D7\""));
    assert_non_null(strstr(fixture_params(f, "draft.save"), "000000000000023"));
    fixture_expect(f, "川田　花子");
    fixture_free(f);
}

static void test_candidates_are_chosen_by_number(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.candidates",
                   "{'rows':[{'value':'000000000000015','label':'川田　一郎','note':'昭50. 5.10'},"
                   "{'value':'000000000000023','label':'川田　花子','note':'昭53. 3. 2'}]}");
    fixture_keys(f, "R8.6.28<Enter>川田<F2>");
    fixture_expect_mark(f, "dialog:choose");
    fixture_expect(f, "昭53. 3. 2");
    fixture_keys(f, "2");
    fixture_expect_mark(f, "notice:tenkyo");
    fixture_expect(f, "川田　花子");
    fixture_keys(f, "<F2>"); /* the next field: 続柄 */
    assert_non_null(strstr(fixture_params(f, "notice.candidates"), "\"field\":\"relation\""));
    fixture_free(f);
}

static void test_postal_number_brings_the_town(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.candidates",
                   "{'rows':[{'value':'1230004','label':'うめ県梅市梅町一丁目','note':'','fill':["
                   "{'f':'addr_code','v':'99201001001'},{'f':'addr_town','v':'梅町一丁目'}]}]}");
    fixture_keys(f, "<PgDn><PgDn>1230004<Enter>");
    fixture_expect(f, "梅町一丁目");
    fixture_expect(f, "99201001001");
    assert_non_null(
        strstr(fixture_params(f, "notice.candidates"), "\"field\":\"addr_zip\",\"kind\":\"tenkyo\",\"row\":0"));
    assert_non_null(strstr(fixture_params(f, "draft.save"), "99201001001"));
    fixture_free(f);
}

static void test_relations_are_proposed(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.check",
                   "{'findings':[],'relations_section':'persons','relations':["
                   "{'id':'000000000000023','name':'川田　花子','was':'妻','proposal':['世帯主'],'ask':false,"
                   "'head':true,'leaves':false},"
                   "{'id':'000000000000031','name':'川田　次郎','was':'子','proposal':['子','夫の子'],"
                   "'ask':true,'head':false,'leaves':false},"
                   "{'id':'000000000000040','name':'川田　キヨ','was':'母','proposal':['夫の母'],'ask':false,"
                   "'head':false,'leaves':false}]}");
    fixture_keys(f, "R8.6.28<Enter><PgUp><F6>");
    fixture_expect(f, "2人の続柄の案を入れました");
    fixture_expect(f, "夫の母");
    fixture_expect(f, "川田　次郎");
    fixture_expect_not(f, "夫の子");
    fixture_keys(f, "<F6>");
    fixture_expect(f, "新しく入れる続柄の案はありません");
    fixture_free(f);
}

static void test_check_leads_to_the_field(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.check", "{'findings':[" ERROR "," WARNING "]," DIFFERENCE "}");
    fixture_keys(f, "<PgDn><F8>");
    fixture_expect_mark(f, "check");
    fixture_expect(f, "転居年月日が入力されていません。");
    fixture_keys(f, "<F10>");
    fixture_expect(f, "直していない誤りがあります");
    fixture_keys(f, "<Enter>");
    fixture_expect_mark(f, "notice:tenkyo");
    fixture_expect(f, "誤り E04 転居年月日が入力されていません。");
    fixture_free(f);
}

static void test_warning_is_acknowledged_then_entered(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.check", "{'findings':[" WARNING "]," DIFFERENCE "}");
    fixture_answer(f, "notice.enter", "{'no':'E1-000123','state':'entered'}");
    fixture_keys(f, "R8.6.28<Enter><F8>");
    fixture_expect(f, "異動後");
    fixture_expect(f, "(新しい世帯)");
    fixture_keys(f, "<F10>");
    fixture_expect(f, "確認していない警告があります");
    fixture_keys(f, "<F7>");
    fixture_expect(f, "警告はすべて確認済みです。");
    fixture_keys(f, "<F10>");
    fixture_expect_mark(f, "kinds");
    fixture_expect(f, "仮登録しました。受付番号 E1-000123");
    assert_string_equal(
        fixture_params(f, "notice.enter"),
        "{\"acks\":[\"W04\"],\"draft\":\"D7\",\"kind\":\"tenkyo\",\"values\":[{\"f\":\"moved_on\",\"r\":0,"
        "\"s\":\"move\",\"v\":\"2026-06-28\"}]}");
    fixture_free(f);
}

/* Check and 仮登録 with one key, only where there is nothing to be read. */
static void test_one_key_enters_what_is_clean(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.check", "{'findings':[" ERROR "," WARNING "]," DIFFERENCE "}");
    fixture_answer(f, "notice.check", "{'findings':[" WARNING "]," DIFFERENCE "}");
    fixture_answer(f, "notice.check", "{'findings':[]," DIFFERENCE "}");
    fixture_answer(f, "notice.enter", "{'no':'E1-000123','state':'entered'}");
    fixture_keys(f, "<PgDn><F10>");
    fixture_expect_mark(f, "notice:tenkyo");
    fixture_expect(f, "誤り E04 転居年月日が入力されていません。");
    fixture_keys(f, "<F10>");
    fixture_expect_mark(f, "check");
    assert_int_equal(fixture_calls(f, "notice.enter"), 0);
    fixture_keys(f, "<F3>R8.6.28<F10>");
    fixture_expect_mark(f, "kinds");
    fixture_expect(f, "仮登録しました。受付番号 E1-000123");
    assert_non_null(strstr(fixture_params(f, "notice.enter"), "2026-06-28"));
    fixture_free(f);
}

/* Somebody is protected: who enters it sees that before. */
static void test_one_key_stops_at_the_protected(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.check", "{'hidden':true,'findings':[]}");
    fixture_answer(f, "notice.enter", "{'no':'E1-000123','state':'entered'}");
    fixture_keys(f, "R8.6.28<F10>");
    assert_int_equal(fixture_calls(f, "notice.enter"), 0);
    assert_int_not_equal(strcmp(fixture_mark(f), "kinds"), 0);
    fixture_free(f);
}

/* What was acknowledged was said about the value before, also when that is changed without Enter. */
static void test_typed_change_forgets_acknowledgement(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.check", "{'findings':[" WARNING "]," DIFFERENCE "}");
    fixture_keys(f, "R8.6.28<Enter><F8><F7><F3><PgUp>R8.6.27<F8><F10>");
    fixture_expect_mark(f, "check");
    fixture_expect(f, "確認していない警告があります");
    fixture_free(f);
}

static void test_next_field_that_is_needed(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.candidates", "{'rows':[{'value':'000000000000023','label':'川田　花子','note':''}]}");
    fixture_keys(f, "R8.6.28<F7>");
    fixture_keys(f, "川田<Enter>");
    assert_non_null(strstr(fixture_params(f, "notice.candidates"), "\"field\":\"person\""));
    fixture_keys(f, "妻<F7>");
    fixture_expect(f, "必須の欄はすべて入っています。");
    fixture_free(f);
}

/* A change after the acknowledgement makes check and acknowledgement old. */
static void test_change_forgets_acknowledgement(void **state)
{
    (void)state;
    struct fixture *f = open_notice();
    fixture_answer(f, "notice.check", "{'findings':[" WARNING "]," DIFFERENCE "}");
    fixture_keys(f, "R8.6.28<Enter><F8><F7><F3><BackTab>R8.6.27<Enter><F8><F10>");
    fixture_expect_mark(f, "check");
    fixture_expect(f, "確認していない警告があります");
    fixture_free(f);
}

static void test_draft_goes_on(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "draft.list",
                   "{'rows':[{'id':'D7','kind':'tenkyo','title':'転居届','no':'','age_s':720,"
                   "'saved_at':'2026-07-01T10:30:00+09:00'}]}");
    fixture_answer(f, "notice.form", FORM);
    fixture_answer(f, "draft.get",
                   "{'id':'D7','kind':'tenkyo','values':[{'s':'move','r':0,'f':'moved_on','v':'2026-06-28'},"
                   "{'s':'persons','r':0,'f':'person','v':'000000000000023'}]}");
    fixture_answer(f, "notice.candidates", "{'rows':[{'value':'000000000000023','label':'川田　花子','note':''}]}");
    fixture_keys(f, "6");
    fixture_expect(f, "12分");
    fixture_keys(f, "<Enter>");
    fixture_expect_mark(f, "notice:tenkyo");
    fixture_expect(f, "川田　花子");
    fixture_free(f);
}

static struct fixture *open_case(void)
{
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "notice.list",
                   "{'rows':[{'no':'E1-000123','kind':'tenkyo','title':'転居届','state':'entered',"
                   "'state_label':'仮登録','persons':['川田 花子'],'entered_by':'川口','age_s':300}]}");
    fixture_answer(f, "notice.get", CASE);
    fixture_answer(f, "notice.form", FORM);
    fixture_keys(f, "3<Enter>");
    fixture_expect_mark(f, "case");
    return f;
}

static void test_examination_needs_every_answer(void **state)
{
    (void)state;
    struct fixture *f = open_case();
    fixture_answer(f, "notice.examine", "{}");
    fixture_keys(f, "<F7>");
    fixture_expect(f, "審査の項目にすべて答えてください。");
    fixture_keys(f, "311<F7>");
    assert_string_equal(fixture_params(f, "notice.examine"),
                        "{\"answers\":[true,true],\"no\":\"E1-000123\",\"ok\":true}");
    fixture_free(f);
}

static void test_examination_not_ok_needs_reason(void **state)
{
    (void)state;
    struct fixture *f = open_case();
    fixture_answer(f, "notice.examine", "{}");
    fixture_keys(f, "312<F7>");
    fixture_expect_mark(f, "dialog:line");
    fixture_keys(f, "住所が届書と違う<Enter>");
    assert_string_equal(fixture_params(f, "notice.examine"),
                        "{\"answers\":[true,false],\"no\":\"E1-000123\",\"ok\":false,\"reason\":\"住所が届書と違う\"}");
    fixture_free(f);
}

static void test_decision_takes_a_password(void **state)
{
    (void)state;
    struct fixture *f = open_case();
    fixture_answer(f, "notice.decide", "{'state':'posted','rows':[]}");
    fixture_keys(f, "<F10>");
    fixture_expect_mark(f, "dialog:password");
    fixture_keys(f, "secret-word<Enter>");
    fixture_expect(f, "本庁に反映されました。");
    fixture_expect_not(f, "secret-word");
    assert_string_equal(fixture_params(f, "notice.decide"), "{\"no\":\"E1-000123\",\"password\":\"secret-word\"}");
    fixture_keys(f, "<F10><Esc>");
    assert_int_equal(fixture_calls(f, "notice.decide"), 1);
    fixture_free(f);
}

#define WAITING                                                                                                             \
    "{'rows':[{'no':'E1-N26-000001','title':'転居届','state':'examined','state_label':'審査済','persons':['川田']," \
    "'entered_by':'川口'},{'no':'E1-N26-000002','title':'転出届','state':'entered','state_label':'仮登録'},"        \
    "{'no':'E1-N26-000003','title':'転居届','state':'examined','state_label':'審査済','entered_by':'山本'}]}"

static void test_several_are_decided_together(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "notice.list", WAITING);
    fixture_answer(f, "notice.decide_many",
                   "{'decided':1,'refused':1,'rows':[{'no':'E1-N26-000001','decided':true,'state':'decided'},"
                   "{'no':'E1-N26-000003','decided':false,'msg':'S231','text':'一件ずつ確かめる届出です。',"
                   "'remedy':'開いて確かめてください。'}]}");
    fixture_keys(f, "3<F8>");
    fixture_expect(f, "先にSpaceで届出を選んでください。");
    fixture_keys(f, " ");
    fixture_expect(f, "*E1-N26-000001");
    fixture_keys(f, " "); /* the next one is not examined */
    fixture_expect(f, "審査済の届出だけです。");
    fixture_expect_not(f, "*E1-N26-000002");
    fixture_keys(f, "<Down> <F5>"); /* read anew: the marks stay */
    fixture_expect(f, "*E1-N26-000001");
    fixture_expect(f, "*E1-N26-000003");
    fixture_keys(f, "<F8>");
    fixture_expect_mark(f, "decide");
    fixture_expect(f, "次の2件を本登録します。");
    fixture_expect_not(f, "E1-N26-000002");
    fixture_keys(f, "<F10><Esc>");
    assert_int_equal(fixture_calls(f, "notice.decide_many"), 0);
    fixture_keys(f, "<F10>secret-word<Enter>");
    assert_string_equal(fixture_params(f, "notice.decide_many"),
                        "{\"nos\":[\"E1-N26-000001\",\"E1-N26-000003\"],\"password\":\"secret-word\"}");
    fixture_expect(f, "1件を決裁しました。1件はできませんでした。");
    fixture_expect_not(f, "secret-word");
    fixture_expect(f, "決裁しました");
    fixture_keys(f, "<Down>");
    fixture_expect(f, "開いて確かめてください。");
    fixture_keys(f, "<F10>");
    fixture_expect(f, "今の状態ではこの操作はできません。"); /* once is enough */
    assert_int_equal(fixture_calls(f, "notice.decide_many"), 1);
    fixture_free(f);
}

static void test_all_that_wait_are_marked(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "notice.list", WAITING);
    fixture_keys(f, "3<F7> ");
    fixture_expect_not(f, "*E1-N26-000001"); /* Space takes it back */
    fixture_expect_not(f, "*E1-N26-000002");
    fixture_expect(f, "*E1-N26-000003");
    fixture_free(f);
}

static void test_case_shows_before_and_after(void **state)
{
    (void)state;
    struct fixture *f = open_case();
    fixture_expect(f, "* 川田　花子");
    fixture_expect(f, "W04");
    fixture_keys(f, "2");
    fixture_expect(f, "令和8年6月28日");
    fixture_keys(f, "4");
    fixture_expect(f, "川口");
    fixture_free(f);
}

static void test_returned_case_is_mended(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "notice.list",
                   "{'rows':[{'no':'E1-000123','kind':'tenkyo','title':'転居届','state':'returned',"
                   "'state_label':'差戻し','persons':[],'entered_by':'川口','age_s':300}]}");
    fixture_answer(f, "notice.get", RETURNED);
    fixture_answer(f, "notice.form", FORM);
    fixture_answer(f, "notice.candidates", "{'rows':[{'value':'000000000000023','label':'川田　花子','note':''}]}");
    fixture_answer(f, "notice.check", "{'findings':[]," DIFFERENCE "}");
    fixture_answer(f, "notice.enter", "{'no':'E1-000123','state':'entered'}");
    fixture_answer(f, "draft.save", "{'id':'D7','saved_at':'2026-07-01T10:42:00+09:00'}");
    fixture_keys(f, "3<Enter><F10>");
    fixture_expect(f, "今の状態ではこの操作はできません。");
    fixture_keys(f, "<F5>");
    fixture_expect_mark(f, "notice:tenkyo");
    fixture_keys(f, "R8.6.27<Enter><F8><F10>");
    fixture_expect_mark(f, "case");
    assert_non_null(strstr(fixture_params(f, "notice.check"), "\"no\":\"E1-000123\""));
    assert_non_null(strstr(fixture_params(f, "notice.enter"), "\"no\":\"E1-000123\""));
    fixture_free(f);
}

static void test_help_lists_the_keys_of_the_screen(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "manual.page", "{'title':'検索のしかた','lines':['氏名の一部で探せます。']}");
    fixture_keys(f, "1<F1>");
    fixture_expect_mark(f, "help");
    fixture_expect(f, "氏名の一部で探せます。");
    fixture_expect(f, "F5   入れた条件で探す");
    assert_string_equal(fixture_params(f, "manual.page"), "{\"screen\":\"search\"}");
    fixture_keys(f, "<Esc>");
    fixture_expect_mark(f, "search");
    fixture_free(f);
}

static void test_lost_service_keeps_the_work(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_keys(f, "1川田");
    fixture_ui(f)->client = NULL;
    fixture_refuse(f, "session.login", E_DENIED, "違います。", "");
    fixture_answer(f, "session.login", "{'operator':{'id':'kawaguchi','name':'川口'},'functions':['resident.search']}");
    fixture_down(f, true);
    fixture_advance(f, 20000);
    fixture_expect_mark(f, "lock");
    fixture_keys(f, "x<Enter>");
    fixture_expect(f, "窓口サービスにつながりません。");
    fixture_down(f, false);
    fixture_keys(f, "x<Enter>");
    fixture_expect(f, "違います。");
    fixture_keys(f, "y<Enter>");
    fixture_expect_mark(f, "search");
    fixture_expect(f, "川田");
    fixture_free(f);
}

/* Every screen's function bar fits the smallest screen, and every action says what it does. */
static void test_function_bars_fit(void **state)
{
    (void)state;
    static const struct screen_ops *const all[] = { &scr_login,  &scr_lock,   &scr_password, &scr_help,   &scr_menu,
                                                    &scr_search, &scr_person, &scr_kinds,    &scr_notice, &scr_drafts,
                                                    &scr_cases,  &scr_case,   &scr_decide };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        assert_true(bars_need(&WIDTH_NARROW, all[i]) <= UI_COLS_MIN);
        for (unsigned k = 0; k < all[i]->n_actions; k++)
            assert_true(!all[i]->actions[k].label || (all[i]->actions[k].help && all[i]->actions[k].run));
    }
}

/* Each screen in every size: nothing outside, and the cursor is somewhere. */
static void test_every_size(void **state)
{
    (void)state;
    static const int sizes[][2] = { { 24, 80 }, { 30, 100 }, { 43, 132 }, { 60, 220 }, { 24, 200 }, { 90, 80 } };
    struct fixture *f = open_case();
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        for (int tab = '1'; tab <= '4'; tab++) {
            int y, x;
            char key[2] = { (char)tab, 0 };
            fixture_resize(f, sizes[i][0], sizes[i][1]);
            fixture_keys(f, "<Tab>");
            fixture_keys(f, tab == '3' ? "" : key);
            assert_true(canvas_cursor_at(fixture_canvas(f), &y, &x));
            fixture_expect(f, "F12");
        }
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_password_that_must_be_changed),
        cmocka_unit_test(test_menu_shows_the_day),
        cmocka_unit_test(test_menu_refuses_without_right),
        cmocka_unit_test(test_too_small_says_so_and_keeps_everything),
        cmocka_unit_test(test_lock_hides_and_gives_back),
        cmocka_unit_test(test_lock_by_the_service_is_followed),
        cmocka_unit_test(test_search_and_person),
        cmocka_unit_test(test_protected_person_needs_a_reason),
        cmocka_unit_test(test_notice_is_saved_field_by_field),
        cmocka_unit_test(test_candidates_are_chosen_by_number),
        cmocka_unit_test(test_postal_number_brings_the_town),
        cmocka_unit_test(test_relations_are_proposed),
        cmocka_unit_test(test_check_leads_to_the_field),
        cmocka_unit_test(test_warning_is_acknowledged_then_entered),
        cmocka_unit_test(test_one_key_enters_what_is_clean),
        cmocka_unit_test(test_one_key_stops_at_the_protected),
        cmocka_unit_test(test_typed_change_forgets_acknowledgement),
        cmocka_unit_test(test_next_field_that_is_needed),
        cmocka_unit_test(test_change_forgets_acknowledgement),
        cmocka_unit_test(test_draft_goes_on),
        cmocka_unit_test(test_examination_needs_every_answer),
        cmocka_unit_test(test_examination_not_ok_needs_reason),
        cmocka_unit_test(test_decision_takes_a_password),
        cmocka_unit_test(test_several_are_decided_together),
        cmocka_unit_test(test_all_that_wait_are_marked),
        cmocka_unit_test(test_case_shows_before_and_after),
        cmocka_unit_test(test_returned_case_is_mended),
        cmocka_unit_test(test_help_lists_the_keys_of_the_screen),
        cmocka_unit_test(test_lost_service_keeps_the_work),
        cmocka_unit_test(test_function_bars_fit),
        cmocka_unit_test(test_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
