/* Certificates, stops, restrictions, lists and the log on the memory canvas, with recorded answers of the service. */
#include "check.h"

#include "answers.h"
#include "base/mem.h"
#include "fixture.h"
#include "ui/screens.h"

static struct fixture *open_request(void)
{
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "cert.kinds", CERT_KINDS);
    fixture_answer(f, "resident.search", FOUND_ONE);
    fixture_answer(f, "cert.preview", PREVIEW);
    fixture_keys(f, "4");
    fixture_expect_mark(f, "cert");
    fixture_keys(f, "1<Enter>2<Enter><Enter>花子<Enter><Enter>1<Enter>川田花子<Enter>12<Enter>");
    return f;
}

static void test_certificate_is_previewed_then_issued(void **state)
{
    (void)state;
    struct fixture *f = open_request();
    fixture_answer(f, "cert.request", "{'request':'E1-Q26-1','gate':{'ok':true},'fee':600}");
    fixture_answer(f, "cert.issue",
                   "{'issues':[{'no':'20260701 E1 11','copy':1,'check_code':'K7QF','state':'printed',"
                   "'state_label':'印刷済'}]}");
    fixture_keys(f, "<PgDn>");
    fixture_expect(f, "求められたときだけ載せる項目");
    fixture_expect(f, "本籍");
    fixture_keys(f, "<F9>");
    fixture_expect_mark(f, "preview");
    assert_string_equal(fixture_params(f, "cert.request"),
                        "{\"copies\":2,\"items\":[],\"kind\":\"juminhyo_kojin\",\"persons\":[\"000000000000023\"],"
                        "\"requester\":{\"class\":\"self\",\"document\":\"12\",\"name\":\"川田花子\"}}");
    fixture_expect(f, "住民票の写し見本");
    fixture_expect(f, "手数料 600円");
    fixture_keys(f, "<F3><F9>"); /* nothing changed: the same request */
    assert_int_equal(fixture_calls(f, "cert.request"), 1);
    fixture_keys(f, "<F10><Enter>");
    fixture_expect(f, "照合符号 K7QF  印刷済");
    fixture_keys(f, "<Enter>");
    fixture_expect_mark(f, "menu");
    fixture_free(f);
}

/* F2 where numbers are typed: no code of a character. */
static void test_a_number_has_no_candidates(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "cert.kinds", CERT_KINDS);
    fixture_keys(f, "41<Enter><F2>");
    fixture_expect(f, "この欄に候補はありません。");
    fixture_expect_not(f, "U+?");
    fixture_free(f);
}

static void test_items_follow_kind_and_requester(void **state)
{
    (void)state;
    struct fixture *f = open_request();
    fixture_answer(f, "cert.request", "{'request':'E1-Q26-1','gate':{'ok':true},'fee':600}");
    fixture_keys(f, "<PgDn>");
    fixture_expect(f, "個人番号");
    fixture_keys(f, "<PgUp>2<Enter>"); /* a third party */
    fixture_expect(f, "第三者");
    fixture_expect(f, "川田花子");
    fixture_keys(f, "<PgDn>");
    fixture_expect_not(f, "個人番号");
    fixture_keys(f, " <F9>");
    assert_non_null(strstr(fixture_params(f, "cert.request"), "\"items\":[\"domicile\"]"));
    fixture_free(f);
}

static void test_refusal_says_only_what_the_service_says(void **state)
{
    (void)state;
    struct fixture *f = open_request();
    fixture_answer(f, "cert.request",
                   "{'request':'E1-Q26-2','gate':{'ok':false,'msg':'E51','text':'ただ今は発行できません。',"
                   "'remedy':'責任者に引き継いでください。'}}");
    fixture_keys(f, "<F9>");
    fixture_expect_mark(f, "dialog:message");
    fixture_expect(f, "ただ今は発行できません。");
    fixture_expect_not(f, "E51");
    assert_int_equal(fixture_calls(f, "cert.preview"), 0);
    fixture_keys(f, "<Enter><F9>"); /* asked anew, because it may be judged anew */
    assert_int_equal(fixture_calls(f, "cert.request"), 2);
    fixture_free(f);
}

static void test_approval_takes_a_second_person(void **state)
{
    (void)state;
    struct fixture *f = open_request();
    fixture_answer(f, "cert.request", "{'request':'E1-Q26-1','gate':{'ok':true},'fee':600}");
    fixture_answer(f, "cert.preview", "{'pages':[{'lines':['見本']}],'needs_approval':true,'needs_contact':true}");
    fixture_answer(f, "cert.issue", "{'issues':[]}");
    fixture_keys(f, "<F9><F3><F9>");
    fixture_expect(f, "承認が要ります");
    fixture_keys(f, "<F10>T-12<Enter>yamamoto<Enter>second-word<Enter>");
    assert_string_equal(
        fixture_params(f, "cert.issue"),
        "{\"approver\":\"yamamoto\",\"contact_no\":\"T-12\",\"password\":\"second-word\",\"request\":\"E1-Q26-1\"}");
    fixture_expect_not(f, "second-word");
    fixture_free(f);
}

static void test_unknown_print_is_answered(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "cert.jobs",
                   "{'rows':[{'job':3,'no':'20260701 E1 10','title':'住民票の写し','issued_at':"
                   "'2026-07-01T09:10:00+09:00','state':'unknown','state_label':'不明','copy':1,'pages':1,"
                   "'fee':300}],'open':[{'job':3,'no':'20260701 E1 10','must_answer':true}]}");
    fixture_answer(f, "cert.jobs", "{'rows':[],'open':[]}");
    fixture_answer(f, "cert.resolve", "{'no':'20260701 E1 10','state':'spoiled','state_label':'書損'}");
    fixture_keys(f, "5");
    fixture_expect(f, "印刷の結果が不明です。");
    fixture_keys(f, "<F7>2");
    assert_string_equal(fixture_params(f, "cert.resolve"), "{\"job\":3,\"outcome\":\"spoiled\"}");
    fixture_expect(f, "20260701 E1 10 を「書損」としました。");
    fixture_keys(f, "<F7>");
    fixture_expect(f, "今の状態ではこの操作はできません。");
    fixture_free(f);
}

static void test_wrong_issue_is_made_void(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "cert.jobs",
                   "{'rows':[{'job':3,'no':'20260701 E1 10','title':'住民票の写し','state':'printed',"
                   "'state_label':'印刷済','copy':1,'pages':1,'fee':300}],'open':[]}");
    fixture_answer(f, "cert.void", "{'no':'20260701 E1 10','fee_back':300}");
    fixture_keys(f, "5<F6>別の人のものを出した<Enter><Esc>");
    assert_int_equal(fixture_calls(f, "cert.void"), 0);
    fixture_keys(f, "<F6>別の人のものを出した<Enter>2");
    assert_string_equal(fixture_params(f, "cert.void"),
                        "{\"fee_back\":true,\"no\":\"20260701 E1 10\",\"reason\":\"別の人のものを出した\"}");
    fixture_free(f);
}

static void test_stop_offers_only_what_is_possible(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "outage.status", STOP);
    fixture_answer(f, "outage.ratify", "{'state':'outage','state_label':'作動停止中'}");
    fixture_keys(f, "7");
    fixture_expect_mark(f, "outage");
    fixture_expect(f, "作動停止中");
    fixture_expect(f, "E1-T26-001  回線停止");
    fixture_expect(f, "未  追認 承認者の追認がまだです。");
    fixture_expect(f, "F4種別変更");
    fixture_keys(f, "2");
    fixture_expect(f, "否  3 : 2  受付=反映");
    fixture_expect_not(f, "停止宣言 F5");
    fixture_expect_not(f, "復旧宣言");
    fixture_keys(f, "<F10>");
    fixture_expect(f, "今の状態ではこの操作はできません。");
    fixture_keys(f, "<F7>電話で確認した<Enter>yamamoto<Enter>second-word<Enter>");
    assert_string_equal(fixture_params(f, "outage.ratify"),
                        "{\"approver\":\"yamamoto\",\"password\":\"second-word\",\"reason\":\"電話で確認した\"}");
    fixture_expect(f, "停止を追認しました。");
    fixture_free(f);
}

/* What may be done with a line the service says; each has its door. */
static void test_lines_of_the_book_are_closed(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "outage.book",
                   "{'rows':[{'no':'E1-T26-001-001','kind':'tennyu','title':'転入届','state':'paper','state_label':"
                   "'未入力','persons':['川田 花子'],'can':['outage.note','outage.hand_over','outage.give_back']},"
                   "{'no':'E1-T26-001-002','kind':'tenkyo','title':'転居届','state':'host','state_label':'本庁代行',"
                   "'persons':[],'can':['outage.host_no']}],'certificates':[{'no':'E1-C26-7','found_label':'差異',"
                   "'can':['outage.settle']},{'no':'E1-C26-8','found_label':'一致','can':[]}]}");
    fixture_answer(f, "outage.note", "{}");
    fixture_answer(f, "outage.hand_over", "{}");
    fixture_answer(f, "outage.give_back", "{}");
    fixture_answer(f, "outage.host_no", "{}");
    fixture_answer(f, "outage.settle", "{}");
    assert_non_null(ui_push(fixture_ui(f), &scr_book, NULL));
    fixture_keys(f, "<F7>");
    fixture_expect(f, "今の状態ではこの操作はできません。");
    fixture_keys(f, "<F6>2<Enter>A-7<Enter><F10>");
    assert_string_equal(fixture_params(f, "outage.note"),
                        "{\"examined\":\"ask_host\",\"no\":\"E1-T26-001-001\",\"slip_no\":\"A-7\"}");
    fixture_keys(f, "<F8>1受理できない<Enter>");
    assert_string_equal(fixture_params(f, "outage.give_back"),
                        "{\"no\":\"E1-T26-001-001\",\"reason\":\"受理できない\",\"withdrawn\":false}");
    fixture_keys(f, "<F11>本庁で確認する<Enter>yamamoto<Enter>second-word<Enter>");
    assert_string_equal(fixture_params(f, "outage.hand_over"),
                        "{\"approver\":\"yamamoto\",\"no\":\"E1-T26-001-001\",\"password\":\"second-word\","
                        "\"reason\":\"本庁で確認する\"}");
    fixture_keys(f, "<Down><F11>H-12<Enter>");
    assert_string_equal(fixture_params(f, "outage.host_no"), "{\"host_no\":\"H-12\",\"no\":\"E1-T26-001-002\"}");
    fixture_keys(f, "<F9>");
    fixture_expect_mark(f, "recheck");
    fixture_keys(f, "<F10>回収して出し直した<Enter>yamamoto<Enter>second-word<Enter>");
    assert_string_equal(fixture_params(f, "outage.settle"),
                        "{\"approver\":\"yamamoto\",\"cert\":\"E1-C26-7\",\"password\":\"second-word\","
                        "\"reason\":\"回収して出し直した\"}");
    fixture_keys(f, "<Down><F10>");
    fixture_expect(f, "今の状態ではこの操作はできません。");
    fixture_free(f);
}

static void test_types_of_a_stop_are_ticked(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "outage.status", STOP);
    fixture_answer(f, "outage.change", "{}");
    fixture_keys(f, "7<F4>");
    fixture_expect_mark(f, "dialog:check");
    fixture_expect(f, "[*] 回線停止");
    fixture_keys(f, "12<Enter>停電もした<Enter>yamamoto<Enter>second-word<Enter>");
    assert_non_null(strstr(fixture_params(f, "outage.change"), "\"types\":\"H\""));
    fixture_keys(f, "<F4>1<Enter>");
    fixture_expect(f, "停止の種類を一つ以上選んでください。");
    fixture_free(f);
}

static void test_replay_shows_progress_and_then_the_result(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "replay.plan", PLAN);
    fixture_answer(f, "replay.commit", "{'started':true}");
    assert_non_null(ui_push(fixture_ui(f), &scr_replay, NULL));
    fixture_expect(f, "反映できる 0   競合 1");
    fixture_expect(f, "本庁で住所が変わっています。");
    fixture_answer(f, "status.get",
                   "{'state':'recovering','now':'2026-07-01T10:42:00+09:00','load':{'active':true,'done':30,"
                   "'total':120,'rate':10,'remaining_s':9}}");
    fixture_answer(f, "status.get", "{'state':'recovering','now':'2026-07-01T10:42:00+09:00','load':{'active':false}}");
    fixture_keys(f, "<F10>yamamoto<Enter>second-word<Enter>");
    fixture_advance(f, 1000);
    assert_int_equal(fixture_calls(f, "replay.plan"), 2);
    fixture_expect(f, "反映は動いていません。");
    fixture_free(f);
}

static void test_conflict_is_decided_by_two(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "sync.status", SYNC);
    fixture_answer(f, "conflict.list",
                   "{'rows':[{'seq':7,'no':'E1-000123','title':'転居届','persons':['川田 花子'],'category':"
                   "'C2','label':'同じ項目の変更','age_s':7200,'decider_label':'審査者'}]}");
    fixture_answer(f, "conflict.get", CONFLICT);
    fixture_answer(f, "conflict.resolve", "{'decision_label':'取下げ'}");
    fixture_keys(f, "8<F6><Enter>");
    fixture_expect_mark(f, "conflict");
    fixture_expect(f, "入力したとき");
    fixture_expect(f, "*8番地3");
    fixture_expect(f, "*9番地");
    fixture_keys(f, "<F10>2本庁に確認した<Enter>yamamoto<Enter>second-word<Enter>");
    assert_string_equal(
        fixture_params(f, "conflict.resolve"),
        "{\"approver\":\"yamamoto\",\"decision\":\"withdraw\",\"ground\":\"本庁に確認した\",\"password\":"
        "\"second-word\",\"seq\":7}");
    fixture_expect(f, "「取下げ」と決めました。");
    fixture_free(f);
}

static void test_sync_shows_how_far_the_load_is(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "sync.status", SYNC);
    fixture_answer(f, "sync.now", "{}");
    fixture_keys(f, "8");
    fixture_expect(f, "40%  4,000/10,000人  毎秒500人  残り12秒");
    fixture_expect(f, "副本    令8.7.1 10:40 (2分前)");
    fixture_expect(f, "抑止表  まだ受け取っていません");
    fixture_keys(f, "<F10>");
    fixture_expect(f, "同期を始めました。");
    fixture_free(f);
}

static void test_restriction_is_set_and_released(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    struct person_arg who = { .id = "000000000000023", .name = "川田　花子" };
    fixture_answer(f, "restrict.list", "{'rows':[]}");
    fixture_answer(f, "restrict.list",
                   "{'rows':[{'no':'E1-R26-1','person':'000000000000023','name':'川田　花子','kind':"
                   "'support','kind_label':'支援措置','from_show':'令和8年7月1日','until_show':"
                   "'令和9年6月30日','released':false,'temp_until':''}]}");
    fixture_answer(f, "restrict.set", "{'no':'E1-R26-1'}");
    fixture_answer(f, "restrict.release", "{}");
    assert_non_null(ui_push(fixture_ui(f), &scr_restrict, &who));
    fixture_expect(f, "抑止・支援措置はありません。");
    fixture_keys(f, "<F4>1<Enter><Enter><Enter>本人の申出<Enter><Enter><Enter>1<Enter><F10><Enter>");
    assert_string_equal(
        fixture_params(f, "restrict.set"),
        "{\"from\":\"2026-07-01\",\"kind\":\"support\",\"levels\":{\"certificate\":\"error\"},\"person\":"
        "\"000000000000023\",\"reason\":\"本人の申出\"}");
    fixture_expect_mark(f, "restrict");
    fixture_expect(f, "支援措置 有効");
    fixture_keys(f, "<F6>期間が終わった<Enter>yamamoto<Enter>second-word<Enter>");
    assert_string_equal(fixture_params(f, "restrict.release"),
                        "{\"approver\":\"yamamoto\",\"no\":\"E1-R26-1\",\"password\":\"second-word\",\"reason\":"
                        "\"期間が終わった\"}");
    fixture_free(f);
}

static void test_lists_are_rows_of_a_table(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "due.list",
                   "{'rows':[{'kind':'x','what':'作動停止訓練','ref':'','role_label':'支所長','due_show':"
                   "'令和8年6月30日','late_days':1,'level':'overdue','level_label':'超過'}]}");
    fixture_answer(f, "notice.statistics",
                   "{'rows':[{'group':'異動','title':'転居届','journal_label':'転居','received':4,"
                   "'posted':3,'withdrawn':1,'in_stop':0}]}");
    fixture_answer(f, "stock.get",
                   "{'printer':'プリンタ001','loaded':100,'used':12,'spoiled':1,'remaining':87,'rows':[]}");
    fixture_answer(f, "stock.add", "{'remaining':187}");
    fixture_answer(f, "audit.report",
                   "{'rows':[{'section':'3-2','title':'職権記録書','served':true,'log_rows':5,'overdue':0}]}");
    fixture_keys(f, "91");
    fixture_expect_mark(f, "report:due");
    fixture_expect(f, "1日超過 作動停止訓練");
    fixture_keys(f, "<Tab>30<F5>");
    assert_string_equal(fixture_params(f, "due.list"), "{\"days\":30}");
    fixture_keys(f, "<F3>2");
    fixture_expect(f, "合計  受付 4  反映 3  取下げ 1");
    fixture_keys(f, "<F3>4");
    fixture_expect(f, "残り 87枚");
    fixture_keys(f, "<F4>補充<Enter>100<Enter><Enter><Enter><Enter>yamamoto<Enter>second-word<Enter>");
    assert_string_equal(fixture_params(f, "stock.add"),
                        "{\"password\":\"second-word\",\"sheets\":100,\"what\":\"load\",\"witness\":\"yamamoto\"}");
    fixture_expect_mark(f, "report:stock");
    fixture_keys(f, "<F3>7");
    fixture_expect(f, "職権記録書");
    fixture_keys(f, "<F4>");
    fixture_expect(f, "今の状態ではこの操作はできません。");
    fixture_free(f);
}

static void test_held_request_is_issued(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "cert.held",
                   "{'rows':[{'request':'E1-Q26-9','made_at':'2026-07-01T09:10:00+09:00','title':'住民票の写し',"
                   "'name':'鈴木　明','copies':1,'held':true,'operator':'kawaguchi'}]}");
    fixture_answer(f, "cert.held", "{'rows':[]}");
    fixture_answer(f, "cert.preview", PREVIEW);
    fixture_answer(f, "cert.issue",
                   "{'issues':[{'no':'20260701 E1 12','copy':1,'check_code':'ABCD','state':'printed'}]}");
    fixture_keys(f, "93<Enter>");
    fixture_expect_mark(f, "preview");
    fixture_keys(f, "<F10><Enter>");
    assert_string_equal(fixture_params(f, "cert.issue"), "{\"request\":\"E1-Q26-9\"}");
    fixture_keys(f, "<Enter>");
    fixture_expect_mark(f, "held");
    fixture_expect(f, "預かっている請求はありません。");
    fixture_free(f);
}

static void test_log_is_read_and_checked(void **state)
{
    (void)state;
    struct fixture *f = fixture_menu(BOARD);
    fixture_answer(f, "log.list",
                   "{'rows':[{'seq':7,'at':'2026-07-01T10:30:00+09:00','operator':'kawaguchi','approver':'',"
                   "'terminal':'E1','function':'resident.get','action':'view','subjects':'000000000000023',"
                   "'reason':'','result':'ok','my_number':false}]}");
    fixture_answer(f, "log.verify", "{'done':false,'sound':false,'rows':4000}");
    fixture_answer(f, "log.verify", "{'done':true,'sound':true,'rows':7000}");
    fixture_keys(f, "9");
    fixture_expect_mark(f, "reports");
    fixture_keys(f, "6");
    fixture_expect_mark(f, "log");
    fixture_expect(f, "令8.7.1 10:30");
    fixture_keys(f, "<Enter>");
    fixture_expect_mark(f, "dialog:message");
    fixture_expect(f, "対象: 000000000000023");
    fixture_keys(f, "<Enter><F6>");
    fixture_expect(f, "操作記録 7000行のつながりに異常はありません。");
    assert_int_equal(fixture_calls(f, "log.verify"), 2);
    fixture_keys(f, "<Tab>kawaguchi<F5>");
    assert_string_equal(fixture_params(f, "log.list"), "{\"limit\":100,\"operator\":\"kawaguchi\"}");
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate_is_previewed_then_issued),
        cmocka_unit_test(test_a_number_has_no_candidates),
        cmocka_unit_test(test_items_follow_kind_and_requester),
        cmocka_unit_test(test_refusal_says_only_what_the_service_says),
        cmocka_unit_test(test_approval_takes_a_second_person),
        cmocka_unit_test(test_unknown_print_is_answered),
        cmocka_unit_test(test_wrong_issue_is_made_void),
        cmocka_unit_test(test_stop_offers_only_what_is_possible),
        cmocka_unit_test(test_types_of_a_stop_are_ticked),
        cmocka_unit_test(test_lines_of_the_book_are_closed),
        cmocka_unit_test(test_replay_shows_progress_and_then_the_result),
        cmocka_unit_test(test_conflict_is_decided_by_two),
        cmocka_unit_test(test_sync_shows_how_far_the_load_is),
        cmocka_unit_test(test_restriction_is_set_and_released),
        cmocka_unit_test(test_lists_are_rows_of_a_table),
        cmocka_unit_test(test_held_request_is_issued),
        cmocka_unit_test(test_log_is_read_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
