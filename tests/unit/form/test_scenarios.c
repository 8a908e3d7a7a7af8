#include "desk.h"

/* The acceptance scenarios of the register that concern the notices of forms/, in their pure part. */

static const struct relation_proposal *proposal(const struct relation_proposals *all, const char *id)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->p[i].id, id) == 0)
            return &all->p[i];
    fail_msg("no proposal for %s", id);
    return NULL;
}

/* ---- 1, 3: the head moves out ---- */

static void test_head_moves_out_and_two_are_left(void **state)
{
    struct desk *d = *state;
    struct relation_proposals all;
    struct errinfo e;
    head_moves_out(d, "2026-08-01");
    check(d, "W04 W31");
    assert_string_equal(finding(&d->f, "W04")->about, "3");

    set(d, "rest", 0, "head", "102");
    assert_int_equal(notice_proposals(d->k, d->n, &d->w, &d->ctx, &all, &e), OK);
    assert_int_equal(all.n, 4);
    assert_string_equal(all.others->id, "others");
    assert_true(proposal(&all, "102")->head);
    assert_string_equal(proposal(&all, "102")->option[0], "世帯主");
    const struct relation_proposal *son = proposal(&all, "103");
    assert_true(son->ask);
    assert_int_equal(son->n, 2);
    assert_string_equal(son->option[0], "子");
    assert_string_equal(son->option[1], "夫の子");
    assert_false(proposal(&all, "104")->ask);
    assert_string_equal(proposal(&all, "104")->option[0], "夫の母");
    assert_string_equal(proposal(&all, "101")->option[0], "夫");
    assert_true(proposal(&all, "101")->leaves);
    relation_proposals_done(&all);

    check(d, "E36 E36"); /* 次郎 and キヨ are not settled */
    set(d, "others", 0, "person", "103");
    set(d, "others", 0, "relation", "夫の子");
    set(d, "others", 1, "person", "104");
    set(d, "others", 1, "relation", "夫の母");
    check(d, "");

    apply(d); /* today: only the plan is recorded */
    assert_int_equal(d->made.rows.n, 1);
    assert_true(resident_living(row(d, "101")));
    is(row(d, "101"), ATTR_PLANNED_ON, "2026-08-01");
    is(row(d, "101"), ATTR_RELATION, "世帯主");
    post(d);

    d->ctx.today = (struct date){ 2026, 8, 1 };
    due(d);
    assert_int_equal(d->made.rows.n, 4);
    is(row(d, "101"), ATTR_STATUS, STATUS_MOVED);
    is(row(d, "101"), ATTR_REMOVED_ON, "R08.08.01");
    is(row(d, "101"), ATTR_REMOVED_REASON, "D01");
    is(row(d, "101"), ATTR_REMOVED_FILED_ON, "2026-07-01");
    is(row(d, "101"), ATTR_EV_REASON, "D01");
    assert_int_equal(row(d, "101")->rev, 3);
    is(row(d, "102"), ATTR_RELATION, "世帯主");
    is(row(d, "102"), ATTR_EV_REASON, "M13");
    is(row(d, "103"), ATTR_RELATION, "夫の子");
    is(row(d, "104"), ATTR_RELATION, "夫の母");
    is(row(d, "104"), ATTR_HEAD_NAME, "川田　花子");
    is(row(d, "104"), ATTR_EV_PROCESSED_ON, "2026-08-01");
    is(row(d, "104"), ATTR_EV_FILED_ON, "2026-07-01");
}

static void test_headless_on_purpose(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2026-06-30");
    check(d, "W04 W31"); /* alerts only: it may be decided so */
    apply(d);            /* the day has come: everything at once, in one row each */
    assert_int_equal(d->made.rows.n, 4);
    is(row(d, "101"), ATTR_STATUS, STATUS_MOVED);
    is(row(d, "101"), ATTR_PLANNED_ON, "2026-06-30");
    assert_int_equal(row(d, "101")->rev, 2);
    is(row(d, "102"), ATTR_HEAD_NAME, "");
    is(row(d, "102"), ATTR_RELATION, "妻"); /* what it was: the next proposals need it */
    is(row(d, "102"), ATTR_EV_FILED_AS, "2");
    is(row(d, "102"), ATTR_EV_FILED_ON, "");
}

static void test_one_who_is_left_becomes_head(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2026-07-01");
    set(d, "persons", 1, "person", "103");
    set(d, "persons", 2, "person", "104");
    check(d, "");
    apply(d);
    is(row(d, "102"), ATTR_RELATION, "世帯主");
    is(row(d, "102"), ATTR_HEAD_NAME, "川田　花子");
    is(row(d, "102"), ATTR_EV_FILED_AS, "2");
    is(row(d, "102"), ATTR_EV_REASON, "M13");
}

/* The arrival elsewhere was earlier than the plan (scenario 9, its removal). */
static void test_removal_on_the_earlier_day(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2026-07-10");
    apply(d);
    post(d);
    resident_set(resident_list_find(&d->w.people, "101"), ATTR_FIXED_ON, "2026-07-06");
    d->ctx.today = (struct date){ 2026, 7, 8 };
    due(d);
    is(row(d, "101"), ATTR_REMOVED_ON, "R08.07.06");
    is(row(d, "101"), ATTR_EV_ON, "R08.07.06");
    is(row(d, "101"), ATTR_PLANNED_ON, "2026-07-10");
}

/* Somebody has come to the household since the plan was made: nobody settled his relation, so there is no head. */
static void test_plans_meet_a_changed_household(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2026-08-01");
    set(d, "rest", 0, "head", "102");
    set(d, "others", 0, "person", "103");
    set(d, "others", 0, "relation", "子");
    set(d, "others", 1, "person", "104");
    set(d, "others", 1, "relation", "夫の母");
    apply(d);
    post(d);
    add_person(&d->w, "105", "11", "川田　三郎", "1", "R08.07.10", "子");
    d->ctx.today = (struct date){ 2026, 8, 1 };
    due(d);
    is(row(d, "101"), ATTR_STATUS, STATUS_MOVED);
    is(row(d, "102"), ATTR_HEAD_NAME, "");
    is(row(d, "102"), ATTR_RELATION, "妻");
}

static void test_only_adult_left_is_suggested(void **state)
{
    struct desk *d = *state;
    struct relation_proposals all;
    struct errinfo e;
    resident_set(resident_list_find(&d->w.people, "103"), ATTR_BIRTH_ON, "H29.08.20");
    head_moves_out(d, "2026-08-01");
    set(d, "persons", 1, "person", "104");
    assert_int_equal(notice_proposals(d->k, d->n, &d->w, &d->ctx, &all, &e), OK);
    assert_true(all.suggested);
    assert_true(proposal(&all, "102")->head);
    relation_proposals_done(&all);
}

/* ---- 13: leap days ---- */

static void test_leap_day(void **state)
{
    struct desk *d = *state;
    resident_set(resident_list_find(&d->w.people, "103"), ATTR_BIRTH_ON, "R06.02.29");
    struct date born = birth_sort(resident_list_find(&d->w.people, "103"), &d->book->eras);
    assert_int_equal(date_age(born, (struct date){ 2027, 2, 28 }), 2);
    assert_int_equal(date_age(born, (struct date){ 2027, 3, 1 }), 3);

    start(d, "tenkyo", "2023-02-29");
    check(d, "E05 E04 E16 S201");
    assert_string_equal(finding(&d->f, "E05")->field, "filed_on");
    start(d, "tenkyo", "2026-07-01");
    set(d, "move", 0, "moved_on", "2023-02-29");
    check(d, "E05 E16 S201");
    assert_string_equal(finding(&d->f, "E05")->field, "moved_on");
}

/* ---- 15, 17: periods ---- */

static void test_period_over_new_year(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-12-17");
    set(d, "filer", 0, "filed_on", "2027-01-04");
    d->ctx.today = d->ctx.received = (struct date){ 2027, 1, 4 };
    check(d, "");
    d->ctx.today = d->ctx.received = (struct date){ 2027, 1, 5 };
    set(d, "filer", 0, "filed_on", "2027-01-05");
    check(d, "W03");
    assert_string_equal(finding(&d->f, "W03")->about, "令和9年1月4日");
    /* typed on the 6th, but the paper was taken in time: the day of filing decides (scenario 31) */
    d->ctx.today = d->ctx.received = (struct date){ 2027, 1, 6 };
    set(d, "filer", 0, "filed_on", "2027-01-04");
    check(d, "");
}

static void test_late_move_out(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2026-06-10");
    set(d, "persons", 0, "person", "201");
    d->ctx.today = d->ctx.received = (struct date){ 2026, 6, 24 };
    set(d, "filer", 0, "filed_on", "2026-06-24");
    check(d, "");
    d->ctx.today = d->ctx.received = (struct date){ 2026, 6, 26 };
    check(d, ""); /* filed on the 24th, entered later */
    set(d, "filer", 0, "filed_on", "2026-06-25");
    check(d, "E41");
}

/* ---- 25: four generations ---- */

static void test_four_generations(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    set(d, "dest", 0, "to", "2");
    set(d, "dest", 0, "household", "22");
    set(d, "address", 0, "addr_town", "");
    set(d, "address", 0, "addr_lot", "");
    set(d, "address", 0, "addr_code", "");
    set(d, "persons", 0, "birth_on", "R06.01.02");
    set(d, "persons", 0, "relation", "子の子の子の子");
    check(d, "");
    set(d, "persons", 0, "relation", "子の子の子の子の子");
    check(d, "W33");
    apply(d);
    is(row(d, "9001"), ATTR_RELATION, "縁故者");
    set(d, "persons", 0, "relation", "孫");
    check(d, "E11");
    assert_string_equal(finding(&d->f, "E11")->about, "孫");
}

/* ---- moving in ---- */

static void test_new_household(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    check(d, "");
    apply(d);
    assert_int_equal(d->made.rows.n, 1);
    const struct resident *r = row(d, "9001");
    assert_int_equal(r->rev, 1);
    is(r, ATTR_HOUSEHOLD, "8001");
    is(r, ATTR_STATUS, STATUS_LIVING);
    is(r, ATTR_RELATION, "世帯主");
    is(r, ATTR_HEAD_NAME, "高橋　誠");
    is(r, ATTR_RESIDENT_SINCE, "R08.06.30");
    is(r, ATTR_ADDR_SINCE, "R08.06.30");
    is(r, ATTR_FILED_ON, "2026-07-01");
    is(r, ATTR_ADDR_PREF, "千早県");
    is(r, ATTR_ADDR_CITY, "梅里市");
    is(r, ATTR_ADDR_TOWN, "梅町三丁目");
    is(r, ATTR_PREV_ADDR, "まつ県松市松町9番地");
    is(r, ATTR_MOVED_FROM, "");
    is(r, ATTR_RESIDENT_CODE, "24727059608");
    is(r, ATTR_EV_REASON, "K01");
    is(r, ATTR_EV_FILED_AS, "1");
    is(r, ATTR_EV_NOTICE_NO, "E1-2026-000001");
    is(r, ATTR_EV_OFFICE, "E");
    assert_int_equal(d->c.codes, 0);
}

static void test_joining_takes_the_address_of_the_household(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    set(d, "dest", 0, "to", "2");
    set(d, "dest", 0, "household", "22");
    set(d, "persons", 0, "relation", "弟");
    check(d, "E32"); /* another lot was typed */
    set(d, "address", 0, "addr_town", "");
    set(d, "address", 0, "addr_lot", "");
    set(d, "address", 0, "addr_code", "");
    check(d, "");
    apply(d);
    assert_int_equal(d->made.rows.n, 1);
    is(row(d, "9001"), ATTR_HOUSEHOLD, "22");
    is(row(d, "9001"), ATTR_ADDR_TOWN, "梅町一丁目");
    is(row(d, "9001"), ATTR_ADDR_LOT, "22");
    is(row(d, "9001"), ATTR_HEAD_NAME, "鈴木　明");
    set(d, "persons", 0, "relation", "世帯主");
    check(d, "E10");
    set(d, "dest", 0, "household", "99");
    check(d, "S211");
    set(d, "dest", 0, "household", "");
    check(d, "E16");
}

static void test_foreign_resident(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    set(d, "persons", 0, "class", "F");
    set(d, "persons", 0, "name", "");
    set(d, "persons", 0, "name_alpha", "SMITH JOHN");
    set(d, "persons", 0, "domicile", "");
    set(d, "persons", 0, "domicile_head", "");
    set(d, "persons", 0, "birth_on", "1985.01.02");
    check(d, "E07"); /* the items of 法30条45 */
    set(d, "foreign", 0, "person", "新1");
    set(d, "foreign", 0, "nationality", "米国");
    set(d, "foreign", 0, "foreign_class", "02");
    set(d, "foreign", 0, "card_no", "AB12345678C");
    check(d, "E19 E07"); /* 外国人住民となった年月日 is never made up */
    assert_string_equal(finding(&d->f, "E07")->field, "foreign_since");
    set(d, "foreign", 0, "card_no", "AB12345678CD");
    set(d, "foreign", 0, "foreign_since", "H27.04.01");
    check(d, "");
    apply(d);
    is(row(d, "9001"), ATTR_NATIONALITY, "米国");
    is(row(d, "9001"), ATTR_CARD_NO, "AB12345678CD");
    is(row(d, "9001"), ATTR_FOREIGN_SINCE, "H27.04.01");
    is(row(d, "9001"), ATTR_RESIDENT_SINCE, "");
    is(row(d, "9001"), ATTR_HEAD_NAME, "SMITH JOHN");
    set(d, "foreign", 0, "person", "新2");
    check(d, "S211 E07");
}

/* 11, its pure part: the number is known already. */
static void test_coming_back(void **state)
{
    struct desk *d = *state;
    struct identity *who;
    size_t n;
    struct errinfo e;
    struct resident *gone = add_person(&d->w, "301", "33", "高橋　誠", "1", "S60.01.02", "世帯主");
    resident_set(gone, ATTR_STATUS, STATUS_MOVED);
    resident_set(gone, ATTR_REMOVED_ON, "R05.05.01");
    resident_set(gone, ATTR_RESIDENT_CODE, "24727059608");
    resident_set(gone, ATTR_PLANNED_TO, "まつ県");
    resident_list_add(&d->w.similar, resident_copy(gone));
    move_in(d, "2026-06-30");
    assert_int_equal(notice_identities(d->k, d->n, &who, &n, &e), OK);
    assert_int_equal(n, 1);
    assert_string_equal(who[0].resident_code, "24727059608");
    free(who);
    check(d, "E22");
    set(d, "persons", 0, "resident_code", "");
    check(d, "W21");
    set(d, "persons", 0, "resident_code", "24727059608");
    set(d, "persons", 0, "again", "301");
    check(d, "");
    apply(d);
    const struct resident *r = row(d, "301");
    assert_int_equal(r->rev, 2);
    is(r, ATTR_STATUS, STATUS_LIVING);
    is(r, ATTR_HOUSEHOLD, "8001");
    is(r, ATTR_REMOVED_ON, "");
    is(r, ATTR_PLANNED_TO, "");
    is(r, ATTR_MOVED_FROM, "");
    is(r, ATTR_RESIDENT_SINCE, "R08.06.30");
    assert_int_equal(d->c.people, 0);
    resident_set(gone, ATTR_STATUS, STATUS_LIVING);
    check(d, "E20");
}

static void test_somebody_who_lives_here(void **state)
{
    struct desk *d = *state;
    struct resident *twin = resident_copy(resident_list_find(&d->w.people, "201"));
    resident_set(twin, ATTR_MY_NUMBER, "123456789018");
    resident_list_add(&d->w.similar, twin);
    move_in(d, "2026-06-30");
    set(d, "persons", 0, "my_number", "123456789018");
    check(d, "E21");
    assert_string_equal(finding(&d->f, "E21")->field, "my_number");
    set(d, "persons", 0, "my_number", "123456789019");
    check(d, "E09");
    set(d, "persons", 0, "my_number", "111111111118");
    check(d, "W13");
    set(d, "persons", 0, "my_number", "");
    set(d, "persons", 0, "name", "鈴木　明");
    set(d, "persons", 0, "birth_on", "S45.01.01");
    check(d, "W14");
}

static void test_alerts_of_moving_in(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    set(d, "move", 0, "prev_addr", "不明");
    set(d, "move", 0, "cert_again", "1");
    set(d, "persons", 0, "kana", "");
    set(d, "filer", 0, "id_result", "9");
    set(d, "filer", 0, "relation", "5");
    set(d, "filer", 0, "name", "代理　人");
    set(d, "filer", 0, "proxy", "9");
    set(d, "address", 0, "addr_code", "");
    set(d, "address", 0, "addr_town", "楢町");
    check(d, "W24 W23 W01 W08 W11 W10");
    set(d, "move", 0, "unregistered", "1");
    check(d, "W24 W23 W01 W08 W11 W10 W22 E07");
    set(d, "move", 0, "cert_on", "2025-12-01");
    set(d, "move", 0, "last_registered", "まつ県松市");
    set(d, "address", 0, "addr_code", "13101001000");
    check(d, "W24 W23 W23 W01 W08 W11 W10 W22 S206");
    set(d, "move", 0, "moved_on", "2026-07-02");
    check(d, "W24 W23 W23 W01 W08 W11 W10 W22 S206 E02 E24");
    set(d, "persons", 0, "birth_on", "R08.07.03");
    check(d, "W24 W23 W23 W01 W08 W11 W10 W22 S206 E02 E24 E18 W05");
}

static void test_values_out_of_place(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    notice_set(d->n, "nothing", 0, "x", "1");
    check(d, "S220");
    notice_set(d->n, "nothing", 0, "x", "");
    notice_set(d->n, "move", 1, "moved_on", "2026-06-30");
    check(d, "S220");
    notice_set(d->n, "move", 1, "moved_on", "");
    notice_set(d->n, "persons", 20, "name", "多すぎる");
    check(d, "S220 S210");
    notice_set(d->n, "persons", 20, "name", "");
    set(d, "persons", 0, "sex", "3");
    set(d, "address", 0, "addr_zip", "123456");
    set(d, "persons", 0, "name", "ﾊﾝｶｸ");
    check(d, "S209 S205 E19");
}

/* ---- moving within the city ---- */

static void test_part_of_a_household_moves(void **state)
{
    struct desk *d = *state;
    move_within(d);
    set(d, "persons", 0, "person", "102");
    set(d, "persons", 0, "relation", "世帯主");
    set(d, "persons", 1, "person", "103");
    set(d, "persons", 1, "relation", "子");
    check(d, "");
    apply(d);
    assert_int_equal(d->made.rows.n, 2);
    is(row(d, "102"), ATTR_HOUSEHOLD, "8001");
    is(row(d, "103"), ATTR_HOUSEHOLD, "8001");
    is(row(d, "103"), ATTR_HEAD_NAME, "川田　花子");
    is(row(d, "103"), ATTR_ADDR_SINCE, "R08.06.28");
    is(row(d, "103"), ATTR_RESIDENT_SINCE, "H20.04.01");
    is(row(d, "103"), ATTR_MOVED_FROM, "千早県梅里市梅町一丁目11");
    is(row(d, "103"), ATTR_REMARK, "備考はそのまま");
    is(row(d, "103"), ATTR_EV_NOTE, ""); /* belongs to the row before */
    set(d, "rest", 0, "head", "104");    /* but 一郎 stays head */
    check(d, "S228");
    set(d, "rest", 0, "head", "");
    set(d, "persons", 1, "relation", "母");
    check(d, "W02 W05"); /* a son: 母, and younger than the head */
}

static void test_head_moves_and_the_household_asks(void **state)
{
    struct desk *d = *state;
    move_within(d);
    set(d, "persons", 0, "person", "101");
    set(d, "persons", 0, "relation", "世帯主");
    check(d, "W04 W31");
    set(d, "rest", 0, "head", "101"); /* he goes */
    check(d, "E34");
    set(d, "rest", 0, "head", "103");
    set(d, "others", 0, "person", "102");
    set(d, "others", 0, "relation", "母");
    check(d, "E36");
    set(d, "others", 1, "person", "104");
    set(d, "others", 1, "relation", "父の母");
    check(d, "");
    set(d, "others", 1, "relation", "世帯主");
    check(d, "E10");
}

static void test_moves_that_are_none(void **state)
{
    struct desk *d = *state;
    move_within(d);
    set(d, "persons", 0, "person", "201");
    set(d, "persons", 0, "relation", "世帯主");
    set(d, "address", 0, "addr_code", "");
    set(d, "address", 0, "addr_town", "梅町一丁目");
    set(d, "address", 0, "addr_lot", "22");
    check(d, "E31");
    set(d, "address", 0, "other_house", "1");
    check(d, "");
    set(d, "address", 0, "other_house", "");
    set(d, "address", 0, "addr_building", "梅荘2号室");
    check(d, ""); /* another building is another address */
    set(d, "dest", 0, "to", "2");
    set(d, "dest", 0, "household", "22");
    check(d, "E33");
}

static void test_people_who_cannot_move(void **state)
{
    struct desk *d = *state;
    struct resident *gone = add_person(&d->w, "301", "22", "転出　済", "1", "S60.01.02", "弟");
    resident_set(gone, ATTR_STATUS, STATUS_MOVED);
    move_within(d);
    set(d, "persons", 0, "person", "201");
    set(d, "persons", 0, "relation", "世帯主");
    set(d, "persons", 1, "person", "301");
    set(d, "persons", 1, "relation", "弟");
    check(d, "E20");
    set(d, "persons", 1, "person", "201");
    check(d, "S203 W31");
    set(d, "persons", 1, "person", "103");
    set(d, "persons", 1, "relation", "同居人");
    check(d, "S207");
    set(d, "persons", 1, "person", "777");
    check(d, "S211");
    set(d, "persons", 1, "person", "");
    set(d, "persons", 1, "relation", "");
    resident_set(resident_list_find(&d->w.people, "201"), ATTR_PLANNED_ON, "2026-07-20");
    check(d, "W32");
    resident_set(resident_list_find(&d->w.people, "201"), ATTR_PLANNED_ON, "2026-06-20");
    check(d, "W32 S208");
    resident_set(resident_list_find(&d->w.people, "201"), ATTR_PLANNED_ON, "");
    resident_set(resident_list_find(&d->w.people, "201"), ATTR_ADDR_SINCE, "R08.06.29");
    check(d, "E17");
}

static void test_stored_order_goes_on(void **state)
{
    struct desk *d = *state;
    resident_set(resident_list_find(&d->w.people, "201"), ATTR_POSITION, "3");
    resident_set(resident_list_find(&d->w.people, "103"), ATTR_POSITION, "1");
    move_within(d);
    set(d, "dest", 0, "to", "2");
    set(d, "dest", 0, "household", "22");
    set(d, "address", 0, "addr_code", "");
    set(d, "address", 0, "addr_town", "");
    set(d, "address", 0, "addr_lot", "");
    set(d, "persons", 0, "person", "103");
    set(d, "persons", 0, "relation", "同居人");
    set(d, "persons", 1, "person", "104");
    set(d, "persons", 1, "relation", "同居人");
    check(d, "");
    apply(d);
    is(row(d, "103"), ATTR_POSITION, "4");
    is(row(d, "104"), ATTR_POSITION, "5");
    set(d, "dest", 0, "to", "1");
    check(d, "S204 E07 E07");
}

/* ---- moving out ---- */

static void test_alerts_of_moving_out(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2026-07-20");
    set(d, "persons", 0, "person", "201");
    resident_set(resident_list_find(&d->w.people, "201"), ATTR_CARD_HOLDER, "1");
    resident_set(resident_list_find(&d->w.people, "201"), ATTR_WARD, "1");
    check(d, "W41 W42");
    set(d, "leave", 0, "planned_to", "");
    check(d, "W41 W42 E42");
    set(d, "leave", 0, "planned_to", "まつ県");
    set(d, "leave", 0, "leave_on", "2008-03-31");
    check(d, "W41 W42 E43 E41 W12");
}

/* ---- another head ---- */

static void test_change_of_head(void **state)
{
    struct desk *d = *state;
    start(d, "setainushi", "2026-07-01");
    set(d, "change", 0, "changed_on", "2026-06-25");
    set(d, "change", 0, "household", "11");
    set(d, "change", 0, "head", "201");
    check(d, "E34"); /* one cause, one finding */
    set(d, "change", 0, "head", "101");
    check(d, "S226 E36 E36 E36");
    set(d, "change", 0, "head", "102");
    check(d, "E36 E36 E36");
    static const char *const relations[][2] = { { "101", "夫" }, { "103", "夫の子" }, { "104", "夫の母" } };
    for (int i = 0; i < 3; i++) {
        set(d, "others", i, "person", relations[i][0]);
        set(d, "others", i, "relation", relations[i][1]);
    }
    check(d, "");
    apply(d);
    assert_int_equal(d->made.rows.n, 4);
    is(row(d, "101"), ATTR_RELATION, "夫");
    is(row(d, "102"), ATTR_RELATION, "世帯主");
    is(row(d, "103"), ATTR_HEAD_NAME, "川田　花子");
    is(row(d, "103"), ATTR_EV_REASON, "M13");
    is(row(d, "103"), ATTR_ADDR_SINCE, "H20.04.01");
    resident_set(resident_list_find(&d->w.people, "102"), ATTR_BIRTH_ON, "H25.01.01");
    set(d, "others", 1, "relation", "子"); /* older than the head now */
    check(d, "W05 W05");
}

/* ---- 49: the head's name changes ---- */

static const char NAME_FORM[] = "form 1\ntitle 氏の変更\ngroup 試験\nmenu 1\nlaw 法第8条\nreason M03\n"
                                "filing ex-officio\nevent a.on\noutage accept\n"
                                "section a 共通\n  on date 異動日 required\n  got date 通知日 to ev_filed_on\n"
                                "section p 人 rows 1..5\n  who person 氏名 required\n  name name 新しい氏名 to name\n"
                                "effect\n  amend p\n  copy-head-name p\nchecklist\n  確かめた\n";

static void test_name_of_the_head_goes_to_everybody(void **state)
{
    struct desk *d = *state;
    struct lines l;
    struct kind *k;
    struct catalog_report report = { 0 };
    struct errinfo e;
    assert_int_equal(lines_text(&l, "uji.form", span_of(NAME_FORM), &e), OK);
    assert_int_equal(form_read(&l, "uji", NULL, d->book, &k, &report, &e), OK);
    lines_close(&l);
    d->k = k;
    d->n = notice_new("uji");
    notice_set(d->n, "a", 0, "on", "2026-06-20");
    notice_set(d->n, "a", 0, "got", "2026-06-30");
    notice_set(d->n, "p", 0, "who", "101");
    notice_set(d->n, "p", 0, "name", "山田　一郎");
    check(d, "");
    apply(d);
    assert_int_equal(d->made.rows.n, 4);
    is(row(d, "101"), ATTR_NAME, "山田　一郎");
    for (size_t i = 0; i < d->made.rows.n; i++) {
        is(d->made.rows.r[i], ATTR_HEAD_NAME, "山田　一郎");
        is(d->made.rows.r[i], ATTR_EV_ON, "R08.06.20");
        is(d->made.rows.r[i], ATTR_EV_FILED_ON, "2026-06-30");
        is(d->made.rows.r[i], ATTR_EV_FILED_AS, "2");
        assert_int_equal(d->made.rows.r[i]->rev, 2);
    }
    kind_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(test_head_moves_out_and_two_are_left),
        SCENARIO(test_headless_on_purpose),
        SCENARIO(test_one_who_is_left_becomes_head),
        SCENARIO(test_removal_on_the_earlier_day),
        SCENARIO(test_plans_meet_a_changed_household),
        SCENARIO(test_only_adult_left_is_suggested),
        SCENARIO(test_leap_day),
        SCENARIO(test_period_over_new_year),
        SCENARIO(test_late_move_out),
        SCENARIO(test_four_generations),
        SCENARIO(test_new_household),
        SCENARIO(test_joining_takes_the_address_of_the_household),
        SCENARIO(test_foreign_resident),
        SCENARIO(test_coming_back),
        SCENARIO(test_somebody_who_lives_here),
        SCENARIO(test_alerts_of_moving_in),
        SCENARIO(test_values_out_of_place),
        SCENARIO(test_part_of_a_household_moves),
        SCENARIO(test_head_moves_and_the_household_asks),
        SCENARIO(test_moves_that_are_none),
        SCENARIO(test_people_who_cannot_move),
        SCENARIO(test_stored_order_goes_on),
        SCENARIO(test_alerts_of_moving_out),
        SCENARIO(test_change_of_head),
        SCENARIO(test_name_of_the_head_goes_to_everybody),
    };
    return cmocka_run_group_tests_name("form-scenarios", tests, NULL, NULL);
}
