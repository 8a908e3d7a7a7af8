/* A stop from the first silence to the last signature, through the gate, with the real host at the other end. */
#include "check.h"
#include "city.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/notices.h"
#include "store/outbox_send.h"
#include "store/people.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static json_t *step(const char *reason, const char *approver)
{
    json_t *p = json_pack("{s:s,s:s}", "reason", reason, "password", CITY_PASSWORD);
    if (approver)
        json_object_set_new(p, "approver", json_string(approver));
    return p;
}

static json_t *with_types(json_t *p, const char *types)
{
    json_object_set_new(p, "types", json_string(types));
    return p;
}

static json_t *two(const char *approver)
{
    return json_pack("{s:s,s:s}", "approver", approver, "password", CITY_PASSWORD);
}

static bool can(const json_t *status, const char *method)
{
    size_t i;
    json_t *m;
    json_array_foreach (json_object_get(status, "can"), i, m)
        if (strcmp(json_string_value(m), method) == 0)
            return true;
    return false;
}

static int64_t count(const json_t *o, const char *list, const char *label)
{
    size_t i;
    json_t *row;
    json_array_foreach (json_object_get(o, list), i, row)
        if (strcmp(text(row, "label"), label) == 0)
            return json_integer_value(json_object_get(row, "value"));
    return -1;
}

static void silence(struct city *c, struct office *o)
{
    o->cut = true;
    city_run(c, 3 * MINUTE);
    assert_int_equal(service_counter_state(o->svc), COUNTER_SUSPECT);
}

static char *case_state(struct office *o, const char *no)
{
    struct case_row row;
    assert_int_equal(case_get(o->db, no, &row, NULL), OK);
    char *s = xstrdup(case_state_key(row.state));
    case_row_done(&row);
    return s;
}

static void assert_case(struct office *o, const char *no, const char *want)
{
    char *got = case_state(o, no);
    assert_string_equal(got, want);
    free(got);
}

static void test_a_decision_is_posted_while_the_clerk_waits(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 3);
    city_run(&c, 5 * MINUTE);
    char *no = office_notice(o, 4, "4-4");
    assert_case(o, no, "posted");
    assert_int_equal(office_rev(o, 4), 2);
    free(no);
    city_close(&c);
}

static void test_a_suspicion_is_read_only_and_cancelled_by_a_person(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 4);
    city_run(&c, 5 * MINUTE);
    silence(&c, o);
    struct session *sup = office_login(o, "sup1"), *clk = office_login(o, "clk1");
    json_t *s = office_ask(o, sup, "outage.status", NULL);
    assert_string_equal(text(s, "state"), "suspect");
    assert_string_equal(text(json_array_get(json_object_get(s, "phases"), 0), "who"), "自動");
    assert_true(*text(s, "ratify_due"));
    assert_true(can(s, "outage.declare") && can(s, "outage.ratify") && !can(s, "outage.cancel") &&
                !can(s, "outage.end"));
    json_decref(s);
    office_refused(o, clk, "notice.enter", json_pack("{s:s,s:[],s:[]}", "kind", "tenkyo", "values", "acks"), "S009");
    office_refused(o, clk, "outage.declare", with_types(step("回線が切れている", NULL), "L"), "S003");
    office_refused(o, sup, "outage.cancel", step("まちがいでした", NULL), "S504");
    o->cut = false;
    city_run(&c, 2 * MINUTE);
    office_refused(o, sup, "outage.cancel", json_pack("{s:s,s:s}", "reason", "まちがいでした", "password", "wrong"),
                   "S001");
    json_decref(office_ask(o, sup, "outage.cancel", step("一時的な切断だった", NULL)));
    assert_int_equal(service_counter_state(o->svc), COUNTER_NORMAL);
    city_run(&c, MINUTE);
    city_close(&c);
}

static void declare(struct office *o, const char *types)
{
    struct session *sup = office_login(o, "sup1");
    json_decref(office_ask(o, sup, "outage.declare", with_types(step("回線工事で切れている", NULL), types)));
    session_close(sup);
}

static json_t *received(const char *at, const char *approver, const char *password)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "kind", "tenkyo", "notifier", "試験 花子", "received_at", at,
                     "reason", "前日に預かった届書", "approver", approver, "password", password);
}

static json_t *filed(const char *day, const char *book)
{
    return json_pack("{s:s,s:s,s:[{s:s,s:i,s:s,s:s}]}", "kind", "tenkyo", "book", book, "values", "s", "filer", "r", 0,
                     "f", "filed_on", "v", day);
}

/* What came before the stop is not its business, and what came in it is filed on the day it came. */
static void test_a_day_of_receipt_is_not_invented(void **state)
{
    static const char before[] = "2026-06-30T10:00:00+09:00";
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 5);
    city_run(&c, 5 * MINUTE);
    silence(&c, o);
    declare(o, "L");
    struct session *clk = office_login(o, "clk1");
    office_refused(o, clk, "outage.receive", received(before, "", ""), "S551");
    office_refused(o, clk, "outage.receive", received(before, "sup1", "違う"), "S001");
    office_refused(o, clk, "outage.receive", received(before, "clk1", CITY_PASSWORD), "S004");
    office_refused(o, clk, "outage.receive", received(before, "clk2", CITY_PASSWORD), "S003");
    json_decref(office_ask(o, clk, "outage.receive", received(before, "sup1", CITY_PASSWORD)));
    json_t *r = office_ask(o, clk, "outage.receive", json_pack("{s:s,s:s}", "kind", "tenkyo", "notifier", "試験 花子"));
    office_refused(o, clk, "notice.enter", filed("2026-06-30", text(r, "no")), "S552");
    office_refused(o, clk, "notice.enter", filed("R8.6.30", text(r, "no")), "S552");
    json_decref(r);
    session_close(clk);
    city_close(&c);
}

static void test_a_whole_stop(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 5);
    city_run(&c, 5 * MINUTE);
    silence(&c, o);
    declare(o, "L");
    int64_t received = c.wall_ms;
    char *first = office_enters(o, 11, "11-1", NULL), *clash = office_enters(o, 12, "12-1", NULL);
    struct session *sup = office_login(o, "sup1"), *rsp = office_login(o, "rsp1"), *clk = office_login(o, "clk1");
    json_decref(office_ask(o, clk, "outage.receive",
                           json_pack("{s:s,s:s,s:i}", "kind", "tennyu", "notifier", "試験 花子", "persons", 2)));
    json_t *s = office_ask(o, sup, "outage.status", NULL);
    assert_int_equal(count(s, "counts", "停止時受付"), 3);
    json_decref(s);

    /* meanwhile at another office */
    char *theirs = office_notice(&c.office[1], 12, "77-7");
    assert_case(&c.office[1], theirs, "posted");

    /* the line is back; it must hold first */
    o->cut = false;
    city_run(&c, MINUTE);
    office_refused(o, sup, "outage.end", step("回線が戻った", "bm1"), "S506");
    city_run(&c, 11 * MINUTE);
    assert_int_equal(service_counter_state(o->svc), COUNTER_OUTAGE);
    assert_int_equal(office_rev(o, 12), 2); /* the copy is brought up to date, nothing is pushed */
    office_refused(o, sup, "outage.end", step("回線が戻った", "sup1"), "S004");
    json_decref(office_ask(o, sup, "outage.end", step("回線が戻った", "bm1")));
    assert_int_equal(service_counter_state(o->svc), COUNTER_RECOVERING);

    /* the trial says what will happen, and changes nothing */
    json_t *plan = office_ask(o, sup, "replay.plan", NULL);
    const json_t *rows = json_object_get(plan, "rows");
    assert_int_equal(json_array_size(rows), 2);
    assert_string_equal(text(json_array_get(rows, 0), "no"), first);
    assert_string_equal(text(json_array_get(rows, 0), "verdict"), "ok");
    assert_string_equal(text(json_array_get(rows, 1), "verdict"), "conflict");
    assert_true(*text(json_array_get(rows, 1), "text"));
    json_decref(plan);
    office_refused(o, sup, "replay.commit", two("clk1"), "S003");
    office_refused(o, sup, "outage.reconcile", step("すべて合っている", "bm1"), "S508");
    json_decref(office_ask(o, sup, "replay.commit", two("bm1")));
    city_run(&c, 2 * MINUTE);
    office_decides(o, first);
    assert_case(o, first, "posted");
    assert_int_equal(office_rev(o, 11), 2);

    /* the day of receipt is the legal one */
    struct case_row row;
    assert_int_equal(case_get(o->db, first, &row, NULL), OK);
    assert_in_range(row.received_ms, received, received + 60 * SECOND);
    case_row_done(&row);
    city_run(&c, 2 * MINUTE);
    char *posted = office_body(&c.office[2], 11, 2);
    assert_non_null(strstr(posted, "2026-07-01"));
    free(posted);

    /* what changed meanwhile is looked at again before it is decided */
    struct session *sup2 = office_login(o, "sup2");
    office_refused(o, sup2, "notice.decide", json_pack("{s:s,s:s}", "no", clash, "password", CITY_PASSWORD), "E12");
    free(office_enters(o, 12, "12-1", clash));
    office_decides(o, clash);
    assert_case(o, clash, "posted");
    assert_int_equal(office_rev(o, 12), 3);

    /* the paper that was never typed in */
    office_refused(o, sup, "outage.reconcile", step("すべて合っている", "bm1"), "S508");
    json_t *book = office_ask(o, sup, "outage.book", NULL);
    assert_string_equal(text(json_array_get(json_object_get(book, "rows"), 0), "kind"), "tenkyo");
    json_t *paper = json_array_get(json_object_get(book, "rows"), 2);
    assert_string_equal(text(paper, "state"), "paper");
    json_decref(office_ask(
        o, sup, "outage.hand_over",
        json_pack("{s:s,s:s,s:s}", "no", text(paper, "no"), "reason", "本庁で入力する", "password", CITY_PASSWORD)));
    json_decref(
        office_ask(o, clk, "outage.host_no", json_pack("{s:s,s:s}", "no", text(paper, "no"), "host_no", "H-123")));
    json_decref(book);

    s = office_ask(o, sup, "outage.status", NULL);
    if (!can(s, "outage.reconcile"))
        fail_msg("%s", json_dumps(s, JSON_COMPACT));
    json_decref(s);
    json_decref(office_ask(o, sup, "outage.reconcile", step("すべて合っている", "bm1")));
    office_refused(o, sup, "outage.close", step("終わりました。", "bm1"), "S513");
    json_decref(office_ask(o, rsp, "outage.close", step("確認して認証する", "bm1")));
    assert_int_equal(service_counter_state(o->svc), COUNTER_NORMAL);
    free(first);
    free(clash);
    free(theirs);
    city_close(&c);
}

/* Two offices decide about one person within one gap of the line. */
static char *clash_of_two(struct city *c, struct session **ret_sup, json_int_t *ret_seq)
{
    struct office *o = &c->office[0];
    city_run(c, 5 * MINUTE);
    char *no = office_enters(o, 12, "12-1", NULL), *theirs = office_enters(&c->office[1], 12, "77-7", NULL);
    o->cut = true;
    office_decides(&c->office[1], theirs);
    office_decides(o, no);
    o->cut = false;
    city_run(c, 2 * MINUTE);
    assert_case(&c->office[1], theirs, "posted");
    assert_case(o, no, "conflict");
    *ret_sup = office_login(o, "sup1");
    json_t *list = office_ask(o, *ret_sup, "conflict.list", NULL);
    const json_t *row = json_array_get(json_object_get(list, "rows"), 0);
    assert_int_equal(json_array_size(json_object_get(list, "rows")), 1);
    assert_string_equal(text(row, "no"), no);
    assert_string_equal(text(row, "title"), "転居届");
    *ret_seq = json_integer_value(json_object_get(row, "seq"));
    json_decref(list);
    free(theirs);
    return no;
}

static json_t *decision(json_int_t seq, const char *what, const char *ground, const char *approver)
{
    return json_pack("{s:I,s:s,s:s,s:s,s:s}", "seq", seq, "decision", what, "ground", ground, "approver", approver,
                     "password", CITY_PASSWORD);
}

static char *asked_text(struct office *o, struct session *s, json_t *params)
{
    json_t *answer = office_ask(o, s, "conflict.get", params);
    char *text = json_dumps(answer, JSON_COMPACT);
    json_decref(answer);
    return text;
}

/* 仮支援措置 of the person: the columns tell no place, but to 支援措置責任者 with a reason. */
static void is_withheld_once_protected(struct office *o, struct session *sup, json_int_t seq)
{
    json_t *p =
        json_pack("{s:s,s:s,s:s}", "person", person_id(12), "kind", "provisional", "reason", "本人からの申出による");
    json_decref(office_ask(o, sup, "restrict.set", p));
    struct session *rsp = office_login(o, "rsp1");
    static const char *const places[] = { "5012", "12-1", "77-7" };
    char *to_sup = asked_text(o, sup, json_pack("{s:I}", "seq", seq));
    char *no_reason = asked_text(o, rsp, json_pack("{s:I}", "seq", seq));
    p = json_pack("{s:I,s:s}", "seq", seq, "reason", "競合の内容の確認");
    char *to_rsp = asked_text(o, rsp, p);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        assert_null(strstr(to_sup, places[i]));
        assert_null(strstr(no_reason, places[i]));
        assert_non_null(strstr(to_rsp, places[i]));
    }
    free(to_sup);
    free(no_reason);
    free(to_rsp);
}

static void test_a_conflict_is_seen_in_three_columns_and_decided_by_two(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    struct session *sup;
    json_int_t seq;
    (void)state;
    city_open(&c, 6);
    char *no = clash_of_two(&c, &sup, &seq);
    json_t *one = office_ask(o, sup, "conflict.get", json_pack("{s:I}", "seq", seq));
    bool lot_seen = false;
    size_t i;
    json_t *item;
    json_array_foreach (json_object_get(one, "items"), i, item) {
        if (strcmp(text(item, "key"), "addr_lot") != 0)
            continue;
        lot_seen = true;
        assert_string_equal(text(item, "base"), "5012");
        assert_string_equal(text(item, "mine"), "12-1");
        assert_string_equal(text(item, "theirs"), "77-7");
        assert_true(json_is_true(json_object_get(item, "mine_changed")));
        assert_true(json_is_true(json_object_get(item, "theirs_changed")));
    }
    assert_true(lot_seen);
    assert_int_equal(json_array_size(json_object_get(one, "decisions")), 4);
    json_decref(one);
    is_withheld_once_protected(o, sup, seq);
    office_refused(o, sup, "conflict.resolve", decision(seq, "merge", "まぜてしまえばよい", "bm1"), "S547");
    office_refused(o, sup, "conflict.resolve", decision(seq, "keep", "本庁の内容が正しい", "sup1"), "S004");
    office_refused(o, sup, "conflict.resolve", decision(seq, "keep", "本庁の内容が正しい", "clk1"), "S003");
    json_decref(office_ask(o, sup, "conflict.resolve", decision(seq, "keep", "本庁の内容が正しい", "bm1")));
    office_refused(o, sup, "conflict.resolve", decision(seq, "resend", "考えなおした結果です", "bm1"), "S541");
    city_run(&c, 2 * MINUTE);
    assert_case(o, no, "withdrawn");
    assert_int_equal(office_rev(o, 12), 2); /* nothing was overwritten */
    char *kept = office_body(o, 12, 2);
    assert_non_null(strstr(kept, "77-7"));
    free(kept);
    struct outbox_counts n;
    assert_int_equal(outbox_count(o->db, NULL, &n, NULL), OK);
    assert_int_equal(n.n[OP_PENDING] + n.n[OP_HELD] + n.n[OP_CONFLICT] + n.n[OP_REJECTED], 0);
    free(no);
    city_close(&c);
}

static void test_a_conflict_is_entered_again_on_what_is_there_now(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    struct session *sup;
    json_int_t seq;
    (void)state;
    city_open(&c, 7);
    char *no = clash_of_two(&c, &sup, &seq);
    json_decref(office_ask(o, sup, "conflict.resolve", decision(seq, "resend", "届出人に確かめた。こちらが後", "bm1")));
    assert_case(o, no, "returned");
    free(office_enters(o, 12, "12-1", no));
    office_decides(o, no);
    city_run(&c, 2 * MINUTE);
    assert_case(o, no, "posted");
    assert_int_equal(office_rev(&c.office[2], 12), 3);
    char *body = office_body(&c.office[2], 12, 3);
    assert_non_null(strstr(body, "12-1"));
    free(body);
    json_t *list = office_ask(o, sup, "conflict.list", NULL);
    assert_int_equal(json_array_size(json_object_get(list, "rows")), 0);
    json_decref(list);
    list = office_ask(o, sup, "conflict.list", json_pack("{s:b}", "decided", 1));
    assert_string_equal(text(json_array_get(json_object_get(list, "rows"), 0), "decision"), "resend");
    json_decref(list);
    free(no);
    city_close(&c);
}

static void test_it_fails_again_while_it_is_replayed(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 7);
    city_run(&c, 5 * MINUTE);
    silence(&c, o);
    declare(o, "L");
    char *no = office_enters(o, 20, "20-1", NULL);
    o->cut = false;
    city_run(&c, 12 * MINUTE);
    struct session *sup = office_login(o, "sup1");
    json_decref(office_ask(o, sup, "outage.end", step("回線が戻った", "bm1")));
    o->cut = true;
    json_decref(office_ask(o, sup, "replay.commit", two("bm1")));
    office_crash(o); /* in the middle of it */
    office_open(&c, o);
    city_run(&c, 3 * MINUTE);
    assert_int_equal(service_counter_state(o->svc), COUNTER_OUTAGE); /* the same stop goes on */
    sup = office_login(o, "sup1");
    json_t *s = office_ask(o, sup, "outage.status", NULL);
    assert_string_equal(text(s, "no"), "E11-T26-000001");
    json_decref(s);
    o->cut = false;
    city_run(&c, 12 * MINUTE);
    json_decref(office_ask(o, sup, "outage.end", step("こんどは戻った", "bm1")));
    json_decref(office_ask(o, sup, "replay.resume", two("bm1")));
    city_run(&c, 2 * MINUTE);
    office_decides(o, no);
    assert_case(o, no, "posted");
    assert_int_equal(office_rev(o, 20), 2);
    json_decref(office_ask(o, sup, "outage.reconcile", step("すべて合っている", "bm1")));
    free(no);
    city_close(&c);
}

/* What a rule of the system says stands in the way as much as what a rule of the register says. */
static void test_the_trial_refuses_what_the_host_will_refuse(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 10);
    city_run(&c, 5 * MINUTE);
    silence(&c, o);
    declare(o, "L");
    char *no = office_enters(o, 20, "20-1", NULL);
    o->cut = false;
    city_run(&c, 12 * MINUTE);
    struct session *sup = office_login(o, "sup1");
    json_decref(office_ask(o, sup, "outage.end", step("回線が戻った", "bm1")));
    struct code_table *t = (struct code_table *)(uintptr_t)rulebook_table(c.book, "id_document");
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->c[i].code, "12") == 0)
            t->c[i].code[0] = 'x'; /* the new tables know the paper no more */
    json_t *plan = office_ask(o, sup, "replay.plan", NULL);
    const json_t *row = json_array_get(json_object_get(plan, "rows"), 0);
    assert_string_equal(text(row, "no"), no);
    assert_string_equal(text(row, "verdict"), "refused");
    assert_non_null(strstr(text(row, "text"), "に選べない値が入っています。"));
    json_decref(plan);
    free(no);
    city_close(&c);
}

/* 訓練: all the way to the host and back, and the register is as it was. */
static void test_a_drill_touches_no_register(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 9);
    city_run(&c, 5 * MINUTE);
    struct session *sup = office_login(o, "sup1");
    json_decref(office_ask(o, sup, "outage.declare", with_types(step("年に一度の訓練です", NULL), "D")));
    office_refused(o, sup, "outage.change", with_types(step("ほんとうの停止にする", NULL), "L"), "S501");
    char *no = office_enters(o, 20, "20-1", NULL);
    city_run(&c, 12 * MINUTE);
    json_decref(office_ask(o, sup, "outage.end", step("訓練を終える時刻です", "bm1")));
    json_decref(office_ask(o, sup, "replay.commit", two("bm1")));
    city_run(&c, 2 * MINUTE);
    office_decides(o, no);
    city_run(&c, 2 * MINUTE);
    assert_int_equal(office_rev(o, 20), 1);
    assert_case(o, no, "posted");
    free(no);
    city_close(&c);
}

static void test_a_safety_stop_is_the_system_managers(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 8);
    city_run(&c, 5 * MINUTE);
    struct session *sup = office_login(o, "sup1"), *sys = office_login(o, "sys1");
    office_refused(o, sup, "outage.declare", with_types(step("不正利用の疑いがある", NULL), "S"), "S514");
    json_decref(office_ask(o, sys, "outage.declare", with_types(step("不正利用の疑いがある", NULL), "S")));
    office_refused(o, sup, "outage.cancel", step("もう大丈夫です。", NULL), "S514");
    json_decref(office_ask(o, sup, "outage.cancel", step("調査の結果、問題なし", "sys1")));
    assert_int_equal(service_counter_state(o->svc), COUNTER_NORMAL);
    city_close(&c);
}

static void test_status_tells_everybody(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 9);
    city_run(&c, 5 * MINUTE);
    struct session *clk = office_login(o, "clk1"), *sup = office_login(o, "sup1");
    json_t *s = office_ask(o, clk, "status.get", NULL);
    assert_string_equal(text(s, "host"), "ok");
    assert_true(*text(s, "copy_as_of") && *text(s, "restrict_as_of"));
    assert_int_equal(json_integer_value(json_object_get(s, "unposted")), 0);
    json_decref(s);
    silence(&c, o);
    declare(o, "LH");
    free(office_enters(o, 30, "30-1", NULL));
    s = office_ask(o, clk, "status.get", NULL);
    assert_string_equal(text(s, "state"), "outage");
    assert_string_equal(text(s, "types_label"), "回線停止・ホスト停止");
    assert_int_equal(json_array_size(json_object_get(s, "types")), 2);
    assert_int_equal(json_integer_value(json_object_get(s, "unposted")), 2);
    assert_true(json_integer_value(json_object_get(s, "copy_age_s")) > 100);
    json_decref(s);
    s = office_ask(o, sup, "sync.status", NULL);
    assert_string_equal(text(s, "host"), "down");
    assert_true(json_array_size(json_object_get(s, "sent")) > 0);
    json_decref(s);
    s = office_ask(o, sup, "dashboard.get", NULL);
    assert_int_equal(json_array_size(json_object_get(s, "link_history")), 2);
    json_decref(s);
    o->cut = false;
    s = office_ask(o, sup, "sync.now", NULL);
    assert_string_equal(text(s, "host"), "ok");
    json_decref(s);
    json_decref(office_ask(o, sup, "snapshot.pull", NULL));
    city_run(&c, MINUTE);
    s = office_ask(o, sup, "snapshot.status", NULL);
    assert_false(json_is_true(json_object_get(json_object_get(s, "load"), "active")));
    json_decref(s);
    city_close(&c);
}

int main(void)
{
    log_init("test-system-stop", getenv("LOUD") ? 2 : -1, LOG_INFO);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_decision_is_posted_while_the_clerk_waits),
        cmocka_unit_test(test_a_suspicion_is_read_only_and_cancelled_by_a_person),
        cmocka_unit_test(test_a_day_of_receipt_is_not_invented),
        cmocka_unit_test(test_a_whole_stop),
        cmocka_unit_test(test_a_conflict_is_seen_in_three_columns_and_decided_by_two),
        cmocka_unit_test(test_a_conflict_is_entered_again_on_what_is_there_now),
        cmocka_unit_test(test_it_fails_again_while_it_is_replayed),
        cmocka_unit_test(test_the_trial_refuses_what_the_host_will_refuse),
        cmocka_unit_test(test_a_drill_touches_no_register),
        cmocka_unit_test(test_a_safety_stop_is_the_system_managers),
        cmocka_unit_test(test_status_tells_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
