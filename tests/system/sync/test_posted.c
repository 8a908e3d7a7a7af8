/*
 * 反映済 means that the rows are in the copy: whatever came first, was lost or died. After each delivery every case
 * that reads so is compared with the rows the host says it made.
 */
#include "check.h"
#include "city.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "service/service.h"
#include "store/host_case.h"
#include "store/notices.h"
#include "store/outbox_send.h"
#include "store/people.h"
#include "store/replica.h"
#include "store/txn.h"

#include <jansson.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, MOVER = 3 };
#define FEED (1u << ASK_FEED)
#define OPS  (1u << ASK_OPS)

/* ---- what must hold ---- */

static void check_rows(void *arg, const struct case_event *ev)
{
    struct office *o = arg;
    json_t *detail = ev->step == STEP_POST ? json_loads(ev->detail, 0, NULL) : NULL, *row;
    size_t i;
    json_array_foreach (json_object_get(detail, "rows"), i, row) {
        struct resident *r = NULL;
        const char *id = json_string_value(json_object_get(row, "id"));
        int64_t rev = json_integer_value(json_object_get(row, "rev"));
        if (people_by_id(o->db, id, &r, NULL) != OK || r->rev < rev)
            fail_msg("%s: a case is posted and row %d of %s is not in the copy", o->name, (int)rev, id);
        resident_free(r);
    }
    json_decref(detail);
}

struct numbers {
    char no[CITY_PEOPLE][CASE_NO_MAX + 1];
    size_t n;
};

static void keep_number(void *arg, const struct case_row *r)
{
    struct numbers *all = arg;
    snprintf(all->no[all->n++], sizeof all->no[0], "%s", r->no);
}

static void look(struct office *o)
{
    struct numbers all = { .n = 0 };
    const struct case_filter posted = { CASE_POSTED, NULL, NULL, CITY_PEOPLE };
    assert_int_equal(case_list(o->db, &posted, keep_number, &all, NULL), OK);
    for (size_t i = 0; i < all.n; i++)
        assert_int_equal(case_events(o->db, all.no[i], check_rows, o, NULL), OK);
}

static bool reads(struct office *o, const char *no, const char *member, const char *wanted)
{
    char *text = office_case(o, no, member);
    bool same = strcmp(text, wanted) == 0;
    if (!same)
        print_message("# %s of %s is %s\n", member, no, text);
    free(text);
    return same;
}

static bool awaited(struct office *o, const char *no)
{
    bool yes = false;
    assert_int_equal(outbox_awaited(o->db, "notice.decide", no, &yes, NULL), OK);
    return yes;
}

static bool person_is_free(struct office *o)
{
    char no[CASE_NO_MAX + 1];
    assert_int_equal(case_of_person(o->db, person_id(MOVER), no, NULL), OK);
    return *no == '\0';
}

static void begin(struct city *c, unsigned seed)
{
    city_open(c, seed);
    c->look = look;
    city_run(c, 5 * MINUTE);
}

/* The host has it, and no row has come. */
static char *half_posted(struct city *c, struct office *o)
{
    o->lost = FEED;
    char *no = office_notice(o, MOVER, "9-9");
    city_run(c, MINUTE / 2);
    assert_true(awaited(o, no));
    assert_true(reads(o, no, "state", "decided"));
    assert_true(reads(o, no, "state_label", "本庁で登録済(副本待ち)"));
    assert_false(person_is_free(o)); /* a certificate says that there is a notice under way */
    assert_int_equal(office_rev(o, MOVER), 1);
    return no;
}

static void wholly_posted(struct city *c, struct office *o, const char *no)
{
    o->lost = o->mute = 0;
    office_calm(o);
    engine_round_now(o->engine);
    city_run(c, 5 * MINUTE);
    assert_false(awaited(o, no));
    assert_true(reads(o, no, "state", "posted"));
    assert_true(reads(o, no, "state_label", "反映済"));
    assert_true(person_is_free(o));
    assert_int_equal(office_rev(o, MOVER), 2);
}

/* ---- in which order it comes ---- */

/* The host's word that its store keeps what it applied may also come before the rows. */
static void test_durable_before_the_rows(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    struct outbox_head head;
    (void)state;
    begin(&c, 10);
    char *no = half_posted(&c, o);
    assert_int_equal(txn_begin(o->db, NULL), OK);
    assert_int_equal(outbox_head(o->db, &head, NULL), OK);
    assert_int_equal(outbox_durable(o->db, head.seq, NULL), OK);
    assert_int_equal(txn_commit(o->db, NULL), OK);
    assert_true(awaited(o, no));
    wholly_posted(&c, o, no);
    free(no);
    city_close(&c);
}

static void test_the_answer_comes_first(void **state)
{
    struct city c;
    (void)state;
    begin(&c, 1);
    char *no = half_posted(&c, &c.office[0]);
    wholly_posted(&c, &c.office[0], no);
    free(no);
    city_close(&c);
}

static void test_the_daemon_dies_between(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    begin(&c, 2);
    char *no = half_posted(&c, o);
    office_crash(o);
    office_open(&c, o);
    city_run(&c, SECOND);
    assert_true(reads(o, no, "state", "decided"));
    wholly_posted(&c, o, no);
    free(no);
    city_close(&c);
}

/* The feed no longer reaches back so far and stays silent: a full copy brings the rows. */
static void test_a_full_copy_brings_the_rows(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    struct replica before, after;
    (void)state;
    begin(&c, 3);
    char *no = half_posted(&c, o);
    city_run(&c, 2 * 60 * MINUTE); /* the host makes a new one by then */
    assert_true(awaited(o, no));
    assert_int_equal(replica_get(o->db, &before, NULL), OK);
    o->lost = 0;
    o->gone = FEED;
    city_run(&c, 5 * MINUTE);
    assert_int_equal(o->gone, 0);
    assert_int_equal(replica_get(o->db, &after, NULL), OK);
    assert_true(after.cursor > before.cursor);
    assert_true(reads(o, no, "state", "posted"));
    wholly_posted(&c, o, no);
    free(no);
    city_close(&c);
}

/* What we did comes back with the feed before the answer to the batch does: in a suspected stop nothing is sent. */
static void test_the_rows_come_first(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    begin(&c, 4);
    o->mute = OPS;
    char *no = office_notice(o, MOVER, "9-9");
    o->mute = 0;
    o->cut = true;
    city_run(&c, 5 * MINUTE);
    assert_int_equal(service_counter_state(o->svc), COUNTER_SUSPECT);
    o->cut = false;
    city_run(&c, 5 * MINUTE);
    assert_int_equal(office_rev(o, MOVER), 2);
    assert_true(reads(o, no, "state", "decided"));
    assert_false(awaited(o, no));
    o->lost = FEED; /* nothing more is needed */
    office_calm(o);
    engine_round_now(o->engine);
    city_run(&c, SECOND);
    assert_true(reads(o, no, "state", "posted"));
    wholly_posted(&c, o, no);
    free(no);
    city_close(&c);
}

/* A conflict brings no rows: the person who has to look is told at once. */
static void test_a_conflict_is_told_at_once(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    begin(&c, 5);
    o->lost = FEED;
    office_moves(&c.office[1], MOVER, "1-1");
    city_run(&c, 2 * SECOND);
    char *no = office_notice(o, MOVER, "9-9");
    city_run(&c, SECOND);
    assert_true(reads(o, no, "state", "conflict"));
    free(no);
    city_close(&c);
}

/* The host forgets it while the rows are awaited: it is sent again, and posted once. */
static void test_the_host_goes_back_meanwhile(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    begin(&c, 6);
    host_keep(&c, "backup");
    char *no = half_posted(&c, o);
    host_put_back(&c, "backup", true);
    o->lost = FEED | OPS;
    engine_round_now(o->engine);
    city_run(&c, SECOND);
    assert_false(awaited(o, no));
    assert_true(reads(o, no, "state_label", "本登録(送信待)"));
    wholly_posted(&c, o, no);
    assert_int_equal(office_rev(&c.office[1], MOVER), 2);
    free(no);
    city_close(&c);
}

static void see(void *arg, const struct host_case *h)
{
    (void)h;
    ++*(int *)arg;
}

/* What another window is working on is known here until the host has posted it (W52 of a certificate). */
static void test_cases_of_other_branches_are_known(void **state)
{
    struct city c;
    int n = 0, after = 0;
    (void)state;
    begin(&c, 7);
    char *no = office_enters(&c.office[1], MOVER, "9-9", NULL);
    city_run(&c, 5 * MINUTE);
    assert_int_equal(host_case_of(c.office[0].db, person_id(MOVER), "E1", see, &n, NULL), OK);
    assert_int_equal(n, 1);
    office_decides(&c.office[1], no);
    city_run(&c, 5 * MINUTE);
    assert_int_equal(host_case_of(c.office[0].db, person_id(MOVER), "E1", see, &after, NULL), OK);
    assert_int_equal(after, 0);
    free(no);
    city_close(&c);
}

/* ---- whatever the line does ---- */

/* Typed while the line is down for a moment: what happens to it happens afterwards. */
static void one_more(struct city *c, int person)
{
    struct office *o = &c->office[person % CITY_BRANCHES];
    if (service_counter_state(o->svc) != COUNTER_NORMAL)
        return;
    int percent = c->mishap_percent;
    for (int i = 0; i < CITY_BRANCHES; i++)
        c->office[i].cut = true;
    c->mishap_percent = 0;
    free(office_notice(o, person, "7-7"));
    c->mishap_percent = percent;
    for (int i = 0; i < CITY_BRANCHES; i++)
        c->office[i].cut = false;
}

static void test_whatever_the_line_does(void **state)
{
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20260701;
    struct city c;
    (void)state;
    print_message("# seed %u\n", seed);
    begin(&c, seed);
    c.mishap_percent = 40;
    for (int person = 1; person <= 24; person++) {
        one_more(&c, person);
        city_run(&c, city_random(&c, 20) * SECOND);
    }
    c.mishap_percent = 0;
    for (int i = 0; i < CITY_BRANCHES; i++) {
        office_calm(&c.office[i]);
        engine_round_now(c.office[i].engine);
    }
    city_run(&c, 10 * MINUTE);
    for (int i = 0; i < CITY_BRANCHES; i++) {
        struct numbers left = { .n = 0 };
        const struct case_filter decided = { CASE_DECIDED, NULL, NULL, CITY_PEOPLE };
        assert_int_equal(case_list(c.office[i].db, &decided, keep_number, &left, NULL), OK);
        assert_int_equal(left.n, 0);
        struct outbox_counts n;
        assert_int_equal(outbox_count(c.office[i].db, NULL, &n, NULL), OK);
        assert_int_equal(n.awaits_copy, 0);
    }
    city_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_answer_comes_first),       cmocka_unit_test(test_durable_before_the_rows),
        cmocka_unit_test(test_the_daemon_dies_between),      cmocka_unit_test(test_a_full_copy_brings_the_rows),
        cmocka_unit_test(test_the_rows_come_first),          cmocka_unit_test(test_a_conflict_is_told_at_once),
        cmocka_unit_test(test_the_host_goes_back_meanwhile), cmocka_unit_test(test_cases_of_other_branches_are_known),
        cmocka_unit_test(test_whatever_the_line_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
