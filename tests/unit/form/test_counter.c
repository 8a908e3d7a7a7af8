#include "desk.h"

#include "domain/fieldtype.h"
#include "domain/notice_calendar.h"

/* What a clerk may get wrong at the counter, form by form, and what the checks say to it. */

/* As the branch takes a value in: in the one way of writing of its field, in the calendar of the person. */
static void type(struct desk *d, const char *section, int row, const char *field, const char *typed)
{
    struct buf canonical = BUF_INIT;
    value_typed(section_field(kind_section(d->k, section), field), d->book, typed, &canonical);
    set(d, section, row, field, buf_str(&canonical));
    notice_calendar(d->k, d->book, d->n);
    buf_done(&canonical);
}

static void stored(const struct desk *d, const char *section, const char *field, const char *text)
{
    assert_string_equal(notice_get(d->n, section, 0, field), text);
}

static struct resident *resident(struct desk *d, const char *id)
{
    return resident_list_find(&d->w.people, id);
}

/* ---- plans ---- */

static void test_a_plan_is_not_overwritten(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2026-08-01");
    set(d, "persons", 0, "person", "201");
    check(d, "");
    apply(d);
    post(d);
    set(d, "leave", 0, "leave_on", "2026-08-20");
    check(d, "S236");
    assert_string_equal(finding(&d->f, "S236")->about, "鈴木　明");
}

static void test_far_away_and_nowhere(void **state)
{
    struct desk *d = *state;
    head_moves_out(d, "2036-08-01");
    set(d, "persons", 0, "person", "201");
    check(d, "W46");
    assert_string_equal(finding(&d->f, "W46")->about, "12");
    set(d, "leave", 0, "leave_on", "2027-07-01");
    check(d, "");
    set(d, "leave", 0, "planned_to", "　 　");
    check(d, "E42");
    type(d, "leave", 0, "planned_to", " まつ県　");
    stored(d, "leave", "planned_to", "まつ県");
    static const char *const here[] = { "梅里市", "千早県梅里市梅町一丁目" };
    for (size_t i = 0; i < ARRAY_LEN(here); i++) {
        set(d, "leave", 0, "planned_to", here[i]);
        check(d, "S232");
    }
    set(d, "leave", 0, "planned_to", "まつ県梅里市"); /* of the same name, elsewhere */
    check(d, "");
}

/* ---- calendars ---- */

static void test_birthdays_in_the_calendar_of_the_person(void **state)
{
    struct desk *d = *state;
    static const struct {
        const char *class, *typed, *stored;
    } days[] = { { "J", "19750101", "S50.01.01" },  { "J", "S500101", "S50.01.01" },
                 { "F", "S55.2.3", "1980.02.03" },  { "F", "19800203", "1980.02.03" },
                 { "J", "1989/1/8", "H01.01.08" },  { "F", "T15.12.25", "1926.12.25" },
                 { "J", "19120730", "1912.07.30" }, { "J", "M45.7.30", "M45.07.30" },
                 { "J", "1975/2/29", "S50.02.29" }, { "F", "1980/2/30", "1980.02.30" } };
    move_in(d, "2026-06-30");
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        type(d, "persons", 0, "class", days[i].class);
        type(d, "persons", 0, "birth_on", days[i].typed);
        stored(d, "persons", "birth_on", days[i].stored);
    }
    type(d, "persons", 0, "birth_on", "S55.2.3");
    stored(d, "persons", "birth_on", "1980.02.03");
    type(d, "persons", 0, "class", "J"); /* said later than the day */
    stored(d, "persons", "birth_on", "S55.02.03");
}

/* 暦にない日: old registers have such days, a finger slips more often. */
static void test_a_day_that_was_not_is_asked_about(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    type(d, "persons", 0, "birth_on", "S60.2.28");
    check(d, "");
    type(d, "persons", 0, "birth_on", "S60.2.29");
    check(d, "W17");
}

/* Two eras hold the day: only the paper says which. */
static void test_the_day_an_era_changed_is_asked(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    static const char *const days[] = { "19120730", "19261225" };
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        type(d, "persons", 0, "birth_on", days[i]);
        check(d, "S234");
    }
    static const char *const said[] = { "T15.12.25", "S1.12.25", "19890107", "昭和50年頃" };
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        type(d, "persons", 0, "birth_on", said[i]);
        check(d, "");
    }
}

static void test_other_days_are_kept_in_eras(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    type(d, "foreign", 0, "foreign_since", "20150401");
    stored(d, "foreign", "foreign_since", "H27.04.01");
}

static void test_words_with_the_letter_of_an_era(void **state)
{
    struct desk *d = *state;
    static const char *const words[][2] = { { "S50年頃", "?1975-01-01/昭和50年頃" },
                                            { "s50年2月頃", "?1975-02-01/昭和50年2月頃" },
                                            { "推定S50年3月3日", "?1975-03-03/推定昭和50年3月3日" },
                                            { "昭50年春", "?1975-04-01/昭和50年春" },
                                            { "Ｓ50年月日不詳", "?1975-01-01/昭和50年月日不詳" },
                                            { "H元年5月頃", "?1989-05-01/平成元年5月頃" } };
    move_in(d, "2026-06-30");
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        type(d, "persons", 0, "birth_on", words[i][0]);
        stored(d, "persons", "birth_on", words[i][1]);
        check(d, "");
    }
}

/* ---- Japanese and foreign residents ---- */

static void foreigner(struct desk *d)
{
    move_in(d, "2026-06-30");
    set(d, "persons", 0, "class", "F");
    set(d, "persons", 0, "name", "");
    set(d, "persons", 0, "name_alpha", "SMITH JOHN");
    set(d, "persons", 0, "domicile", "");
    set(d, "persons", 0, "domicile_head", "");
    set(d, "persons", 0, "birth_on", "1985.01.02");
    set(d, "foreign", 0, "person", "新1");
    set(d, "foreign", 0, "nationality", "米国");
    set(d, "foreign", 0, "foreign_class", "01");
    set(d, "foreign", 0, "stay_status", "留学");
    set(d, "foreign", 0, "stay_period", "2年");
    set(d, "foreign", 0, "stay_until", "2027-04-01");
    set(d, "foreign", 0, "card_no", "AB12345678CD");
    set(d, "foreign", 0, "foreign_since", "H27.04.01");
}

static void test_items_of_the_other_group(void **state)
{
    struct desk *d = *state;
    foreigner(d);
    check(d, "");
    set(d, "foreign", 0, "stay_until", "");
    check(d, "E07");
    set(d, "foreign", 0, "stay_period", "");
    set(d, "foreign", 0, "stay_status", "永住者"); /* without end */
    check(d, "");
    set(d, "foreign", 0, "stay_until", "2026-06-30");
    check(d, "W15");
    set(d, "foreign", 0, "stay_until", "2026-07-01"); /* the last day */
    check(d, "");
    set(d, "persons", 0, "domicile", "千早県梅里市");
    set(d, "persons", 0, "domicile_head", "川田　一郎");
    set(d, "persons", 0, "old_surname", "川田");
    check(d, "S204 S204 S204");
    move_in(d, "2026-06-30");
    set(d, "persons", 0, "alias", "松田　次郎");
    set(d, "persons", 0, "name_alpha", "TAKAHASHI");
    check(d, "S204 S204");
}

static void test_a_japanese_person_has_no_nationality(void **state)
{
    struct desk *d = *state;
    foreigner(d);
    set(d, "persons", 0, "class", "J");
    set(d, "persons", 0, "name", "高橋　誠");
    set(d, "persons", 0, "name_alpha", "");
    set(d, "persons", 0, "domicile", "千早県梅里市");
    set(d, "persons", 0, "domicile_head", "高橋　誠");
    set(d, "persons", 0, "birth_on", "S60.01.02");
    check(d, "S233");
    assert_string_equal(finding(&d->f, "S233")->about, "高橋　誠");
}

/* What is missing is the row, not the name in it. */
static void test_the_missing_row_is_named(void **state)
{
    struct desk *d = *state;
    foreigner(d);
    static const char *const all[] = { "person",      "nationality", "foreign_class", "stay_status",
                                       "stay_period", "stay_until",  "card_no",       "foreign_since" };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        set(d, "foreign", 0, all[i], "");
    check(d, "E07");
    assert_string_equal(finding(&d->f, "E07")->section, "foreign");
    assert_string_equal(finding(&d->f, "E07")->field, "");
}

/* ---- days ---- */

static void test_late_by_the_day_of_filing(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-16");
    d->ctx.today = d->ctx.received = (struct date){ 2026, 7, 3 };
    set(d, "filer", 0, "filed_on", "2026-06-30");
    check(d, "");
    set(d, "filer", 0, "filed_on", "2026-07-01");
    check(d, "W03");
}

static void test_nothing_is_filed_before_it_happened(void **state)
{
    struct desk *d = *state;
    d->ctx.today = d->ctx.received = (struct date){ 2026, 7, 2 };
    move_within(d);
    set(d, "persons", 0, "person", "201");
    set(d, "persons", 0, "relation", "世帯主");
    set(d, "move", 0, "moved_on", "2026-07-02"); /* filed on the 1st */
    check(d, "E24");
    start(d, "setainushi", "2026-07-01");
    set(d, "change", 0, "changed_on", "2026-07-02");
    set(d, "change", 0, "household", "11");
    set(d, "change", 0, "head", "102");
    check(d, "E24 E36 E36 E36");
}

static void test_events_in_their_order(void **state)
{
    struct desk *d = *state;
    resident_set(resident(d, "201"), ATTR_EV_ON, "R08.06.29"); /* another head, say */
    move_within(d);
    set(d, "persons", 0, "person", "201");
    set(d, "persons", 0, "relation", "世帯主");
    check(d, "E17");
    set(d, "move", 0, "moved_on", "2026-06-29");
    check(d, "");
    resident_set(resident(d, "201"), ATTR_PLANNED_ON, "2026-07-20"); /* the last row is a plan */
    resident_set(resident(d, "201"), ATTR_EV_ON, "R08.07.20");
    check(d, "W32");
    resident_set(resident(d, "201"), ATTR_PLANNED_ON, "");
    resident_set(resident(d, "201"), ATTR_EV_ON, "R08.06.29");
    head_moves_out(d, "2026-06-28");
    set(d, "persons", 0, "person", "201");
    check(d, "E17");
}

static void test_moving_leaves_the_day_of_filing_of_the_arrival(void **state)
{
    struct desk *d = *state;
    resident_set(resident(d, "201"), ATTR_FILED_ON, "2008-04-03");
    move_within(d);
    set(d, "persons", 0, "person", "201");
    set(d, "persons", 0, "relation", "世帯主");
    apply(d);
    is(row(d, "201"), ATTR_FILED_ON, "2008-04-03"); /* 法第7条第8号 */
    is(row(d, "201"), ATTR_EV_FILED_ON, "2026-07-01");
}

/* ---- somebody comes back ---- */

static struct resident *gone(struct desk *d)
{
    struct resident *r = add_person(&d->w, "301", "33", "高橋　誠", "1", "S60.01.02", "世帯主");
    resident_set(r, ATTR_STATUS, STATUS_MOVED);
    resident_set(r, ATTR_REMOVED_ON, "R05.05.01");
    resident_set(r, ATTR_RESIDENT_CODE, "24727059608");
    resident_set(r, ATTR_PREV_HEAD, "前の　世帯主");
    resident_set(r, ATTR_NATIONALITY, "米国");
    return r;
}

static void test_the_record_is_of_the_same_person(void **state)
{
    struct desk *d = *state;
    gone(d);
    move_in(d, "2026-06-30");
    set(d, "persons", 0, "again", "301");
    set(d, "persons", 0, "resident_code", "");
    check(d, "");
    set(d, "persons", 0, "name", "山田　誠");
    check(d, "W26"); /* names change */
    set(d, "persons", 0, "birth_on", "S60.01.03");
    set(d, "persons", 0, "sex", "2");
    check(d, "W26 E25 E25");
    set(d, "persons", 0, "resident_code", "24727059608");
    check(d, "W26 W26 W26"); /* the number says who it is */
    set(d, "persons", 0, "name", "高橋　誠");
    set(d, "persons", 0, "birth_on", "1985.01.02");
    set(d, "persons", 0, "sex", "1");
    check(d, "S234");
    set(d, "persons", 0, "birth_on", "S60.01.02");
    apply(d);
    is(row(d, "301"), ATTR_PREV_HEAD, "");
    is(row(d, "301"), ATTR_NATIONALITY, "");
    set(d, "move", 0, "moved_on", "2023-04-30");
    set(d, "filer", 0, "filed_on", "2023-05-01");
    check(d, "E17");
}

/* ---- towns ---- */

static void test_towns_are_looked_up(void **state)
{
    struct desk *d = *state;
    move_in(d, "2026-06-30");
    set(d, "address", 0, "addr_code", "");
    check(d, ""); /* typed exactly */
    apply(d);
    is(row(d, "9001"), ATTR_ADDR_CODE, "99201003000");
    set(d, "address", 0, "addr_code", "99201001000");
    check(d, "S237");
    set(d, "address", 0, "addr_code", "99201003000");
    set(d, "address", 0, "addr_town", "楢町");
    check(d, "W10");
    set(d, "address", 0, "addr_town", "梅町三");
    check(d, "W10");
}

/* ---- heads ---- */

static void test_joining_a_household_without_a_head(void **state)
{
    struct desk *d = *state;
    resident_set(resident(d, "201"), ATTR_RELATION, "兄");
    move_in(d, "2026-06-30");
    set(d, "dest", 0, "to", "2");
    set(d, "dest", 0, "household", "22");
    set(d, "address", 0, "addr_town", "");
    set(d, "address", 0, "addr_lot", "");
    set(d, "address", 0, "addr_code", "");
    set(d, "persons", 0, "relation", "弟");
    check(d, "W31");
    set(d, "persons", 0, "relation", "世帯主");
    check(d, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(test_a_plan_is_not_overwritten),
        SCENARIO(test_far_away_and_nowhere),
        SCENARIO(test_birthdays_in_the_calendar_of_the_person),
        SCENARIO(test_a_day_that_was_not_is_asked_about),
        SCENARIO(test_the_day_an_era_changed_is_asked),
        SCENARIO(test_other_days_are_kept_in_eras),
        SCENARIO(test_words_with_the_letter_of_an_era),
        SCENARIO(test_items_of_the_other_group),
        SCENARIO(test_a_japanese_person_has_no_nationality),
        SCENARIO(test_the_missing_row_is_named),
        SCENARIO(test_late_by_the_day_of_filing),
        SCENARIO(test_nothing_is_filed_before_it_happened),
        SCENARIO(test_events_in_their_order),
        SCENARIO(test_moving_leaves_the_day_of_filing_of_the_arrival),
        SCENARIO(test_the_record_is_of_the_same_person),
        SCENARIO(test_towns_are_looked_up),
        SCENARIO(test_joining_a_household_without_a_head),
    };
    return cmocka_run_group_tests_name("form-counter", tests, NULL, NULL);
}
